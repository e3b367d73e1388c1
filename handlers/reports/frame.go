package reports

import (
	"net/url"
	"slices"

	"portico/handlers/sheet"
	"portico/views"
)

// fields are what an address or a form has to say to repeat the report.
func (a *ask) fields() url.Values {
	q := url.Values{}
	set := func(name, value, usual string) {
		if value != usual {
			q.Set(name, value)
		}
	}
	if a.from == "" && a.to == "" {
		set("period", string(a.period.Span), string(sheet.Month))
	}
	set("from", a.from, "")
	set("to", a.to, "")
	for _, f := range a.filters {
		set(f.name, a.chosen[f.name], f.options[0].Value)
	}
	set("sort", a.order.String(), a.cut.order)
	set("after", a.after, "")
	return q
}

// address repeats the report with one thing changed; the list begins anew. An
// empty value is the usual one.
func (a *ask) address(name, value string) string {
	q := a.fields()
	q.Del("after")
	if name == "period" {
		q.Del("from")
		q.Del("to")
	}
	q.Del(name)
	if value != "" {
		q.Set(name, value)
	}
	if len(q) == 0 {
		return a.report.path()
	}
	return a.report.path() + "?" + q.Encode()
}

// sorting is where a column's head leads, and how lines are sorted by it now.
// Numbers and days begin with the highest.
func (a *ask) sorting(c sheet.Column) (href, sorted string) {
	if !a.sortable(c.Name) {
		return "", ""
	}
	to := sheet.Order{Column: c.Name, Down: c.Kind != sheet.Text}
	if a.order.Column == c.Name {
		sorted = "ascending"
		if a.order.Down {
			sorted = "descending"
		}
		to.Down = !a.order.Down
	}
	order := to.String()
	if order == a.cut.order {
		order = ""
	}
	return a.address("sort", order), sorted
}

// frame is a report's page without its figures.
func (a *ask) frame() views.ReportModel {
	m := views.ReportModel{
		Title: a.report.title, Lead: a.report.lead, AsOf: a.now, Note: a.period.Note, Problems: a.problems, Empty: a.cut.empty,
		Spans: a.spans(), Find: a.form(),
	}
	if !a.period.From.IsZero() {
		m.Period = between(a.period)
	}
	return m
}

// spans are the periods to choose from.
func (a *ask) spans() (tabs []views.Tab) {
	for _, span := range sheet.Spans() {
		value := string(span)
		if span == sheet.Month {
			value = ""
		}
		tabs = append(tabs, views.Tab{Label: spanWords[span], Href: a.address("period", value), Current: a.period.Span == span})
	}
	return tabs
}

var spanWords = map[sheet.Span]string{
	sheet.Today: "Today", sheet.Week: "7 days", sheet.Month: "30 days", sheet.Semester: "This semester", sheet.Session: "This session",
}

// form is what the report can be narrowed by.
func (a *ask) form() views.ReportFind {
	f := views.ReportFind{Action: a.report.path(), From: a.from, To: a.to, Open: a.from != "" || a.to != "" || len(a.problems) > 0}
	if a.period.Span != sheet.Custom && a.period.Span != sheet.Month {
		f.Hidden = append(f.Hidden, views.Field{Name: "period", Value: string(a.period.Span)})
	}
	for _, one := range a.filters {
		f.Choices = append(f.Choices, views.Choice{Name: one.name, Label: one.label, Options: one.options})
		f.Open = f.Open || a.chosen[one.name] != one.options[0].Value
	}
	if f.Open {
		f.Reset = a.report.path()
	}
	return f
}

// download is the form that sends all rows.
func (a *ask) download() views.ReportDownload {
	d := views.ReportDownload{To: a.report.path() + "/csv"}
	q := a.fields()
	q.Del("after")
	names := make([]string, 0, len(q))
	for name := range q {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		d.Fields = append(d.Fields, views.Field{Name: name, Value: q.Get(name)})
	}
	return d
}

// between writes a period's first and last day.
func between(p sheet.Period) string {
	const day = "Monday 2 January 2006"
	switch {
	case p.Days() == 1:
		return p.First().Format(day)
	case p.First().Year() == p.Last().Year():
		return p.First().Format("Monday 2 January") + " to " + p.Last().Format(day)
	}
	return p.First().Format(day) + " to " + p.Last().Format(day)
}
