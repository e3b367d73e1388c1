package reports

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"portico/handlers/sheet"
	"portico/views"
)

// ask is what a report was asked for.
type ask struct {
	report report
	cuts   []cut
	cut    cut
	eye    sheet.Eye
	now    time.Time
	period sheet.Period
	terms  sheet.Terms

	filters  []filter
	chosen   map[string]string // by the filter's name
	from, to string            // as they were typed
	order    sheet.Order
	after    string
	whole    bool // all rows are wanted, as of now
	problems []views.Problem
}

// asked reads what was asked for. What is wrong with it becomes a problem that
// the page tells, beside what was typed; only rows about people are refused.
func (d *Desk) asked(ctx context.Context, r report, q url.Values) (*ask, error) {
	a := &ask{report: r, eye: sheet.Eye{Exact: d.Exact}, now: d.Now, chosen: map[string]string{}, after: q.Get("after")}
	var err error
	if a.terms, err = d.terms(ctx); err != nil {
		return nil, err
	}
	a.readPeriod(q)
	if r.filters != nil {
		if a.filters, err = r.filters(ctx, d); err != nil {
			return nil, err
		}
	}
	if err := a.readCut(q.Get("by")); err != nil {
		return nil, err
	}
	if f := a.cutFilter(); len(f.options) > 1 {
		a.filters = append(a.filters, f)
	}
	a.readFilters(q)
	a.readOrder(q.Get("sort"))
	return a, nil
}

// earliest is the year before which no report begins.
const earliest = 2000

// readPeriod reads the days. Typed ones win over a preset.
func (a *ask) readPeriod(q url.Values) {
	a.from, a.to = strings.TrimSpace(q.Get("from")), strings.TrimSpace(q.Get("to"))
	if a.from != "" || a.to != "" {
		a.readDays()
		return
	}
	span := sheet.Span(q.Get("period"))
	if span == "" {
		span = sheet.Month
	}
	if !slices.Contains(sheet.Spans(), span) {
		a.wrong("from", "Period: there is none called %q. Choose one, or write its first and last day.", string(span))
		span = sheet.Month
	}
	a.period = sheet.Of(span, a.now, a.terms)
}

// readDays reads the first and the last day; without a last one it is today.
func (a *ask) readDays() {
	a.period = sheet.Period{Span: sheet.Custom}
	first, last := a.day("from", "First day", a.from), a.now
	if a.to != "" {
		last = a.day("to", "Last day", a.to)
	}
	switch {
	case a.from == "":
		a.wrong("from", "First day: write with which day to begin, as %s.", a.now.AddDate(0, 0, -29).Format(time.DateOnly))
	case first.IsZero() || last.IsZero():
	case last.After(a.now):
		a.wrong("to", "Last day: %s is after today, %s. Choose today at the latest.", last.Format(time.DateOnly), a.now.Format(time.DateOnly))
	case last.Before(first):
		a.wrong("to", "Last day: %s is before the first day, %s.", last.Format(time.DateOnly), a.from)
	default:
		if a.period = sheet.Between(first, last); a.period.Days() > sheet.Longest {
			a.wrong("from", "First day: this is a period of %d days. Choose %d at most.", a.period.Days(), sheet.Longest)
		}
	}
}

func (a *ask) day(field, label, text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	t, err := time.ParseInLocation(time.DateOnly, text, a.now.Location())
	if err == nil && t.Year() < earliest {
		a.wrong(field, label+": %s is too long ago. Begin with %d-01-01 at the earliest.", text, earliest)
		return time.Time{}
	}
	if err != nil {
		a.wrong(field, label+": %q is not a day. Write it as %s.", text, a.now.Format(time.DateOnly))
		return time.Time{}
	}
	return t
}

func (a *ask) wrong(field, text string, args ...any) {
	a.problems = append(a.problems, views.Problem{Field: field, Text: fmt.Sprintf(text, args...)})
}

// readCut finds how to cut. Rows that name people are refused to whoever may
// not see them, whatever else was asked.
func (a *ask) readCut(name string) error {
	a.cuts = a.report.cuts(a)
	a.cut = a.cuts[0]
	for _, c := range a.cuts {
		if c.name != name {
			continue
		}
		if c.people() && !a.eye.Exact {
			return ErrNames
		}
		a.cut = c
	}
	return nil
}

// cutFilter offers the ways to cut the report into rows.
func (a *ask) cutFilter() filter {
	f := filter{name: "by", label: "Rows"}
	for _, c := range a.cuts {
		if a.eye.Exact || !c.people() {
			f.options = append(f.options, views.Option{Value: c.name, Label: c.label})
		}
	}
	return f
}

// readFilters reads the filters. A value that is none stays chosen in the form.
func (a *ask) readFilters(q url.Values) {
	for i, f := range a.filters {
		value := q.Get(f.name)
		if value == "" {
			value = f.options[0].Value
		}
		options := slices.Clone(f.options)
		if !slices.ContainsFunc(options, func(o views.Option) bool { return o.Value == value }) {
			a.wrong(f.name, f.label+": there is none called %q. Choose one of the list.", value)
			options = append(options, views.Option{Value: value, Label: value})
		}
		for at := range options {
			options[at].On = options[at].Value == value
		}
		a.filters[i].options, a.chosen[f.name] = options, value
	}
}

func (a *ask) readOrder(text string) {
	a.order = sheet.ParseOrder(a.cut.order)
	if text == "" {
		return
	}
	order := sheet.ParseOrder(text)
	if !a.sortable(order.Column) {
		a.wrong("from", "Order: these rows cannot be sorted by %q. Choose a column by its head.", order.Column)
		return
	}
	a.order = order
}

func (a *ask) sortable(column string) bool {
	if a.cut.paged() {
		return slices.Contains(a.cut.orders, column)
	}
	return sheet.At(a.cut.columns, column) >= 0
}

// is says whether a filter lets a value through: "" is all.
func (a *ask) is(filter, value string) bool {
	return a.chosen[filter] == "" || a.chosen[filter] == value
}
