package reports

import (
	"context"
	"net/url"

	"portico/db"
	"portico/handlers/words"
	"portico/views"
)

// overview is asked for as reports are, by period alone.
func overview() report {
	return report{
		title: "Reports",
		lead:  "How is the portal doing? Many active people, a high silent share and no loss mean that it does its work. Each report says more.",
		cuts: func(a *ask) []cut {
			step := a.dayOrMore()
			return []cut{{title: "Sign-ins by " + stepWords[step], columns: signInColumns(step)[:5], step: step, order: "-at"}}
		},
	}
}

// Overview is the figures that matter, and the way to the reports.
func (d *Desk) Overview(ctx context.Context, q url.Values) (views.ReportsModel, error) {
	a, err := d.asked(ctx, overview(), url.Values{"period": q["period"], "from": q["from"], "to": q["to"]})
	if err != nil {
		return views.ReportsModel{}, err
	}
	m := views.ReportsModel{ReportModel: a.frame()}
	if len(a.problems) > 0 {
		return m, nil
	}
	own, whose := d.Settings.Departments, ""
	if len(own) > 0 {
		whose = " in our departments"
	}
	o, err := d.DB.Overview(ctx, a.span(), db.PeopleFilter{Departments: own})
	if err != nil {
		return m, err
	}
	signIns := o.Silent + o.Interactive
	m.KPIs = headlines(a.eye, []headline{
		{label: "active people", n: o.Active, among: o.Met, note: "of %s known" + whose, noted: o.Met, meaning: "People" + whose + " who signed in on some day of the period. Who comes on ten days counts once."},
		{label: "silent share", share: true, n: o.Silent, of: signIns, note: "of %s sign-ins", noted: signIns, meaning: "Sign-ins in which the person did nothing, in per cent of all."},
		{label: "failed share", share: true, n: o.Failed, of: o.Failed + signIns, note: "%s attempts", noted: o.Failed, meaning: "Attempts that ended in an error, in per cent of those that ended in a sign-in or an error."},
		{label: "loss detected", n: o.Drift, note: "put right since", meaning: "Facts that a sign-in or a confirmation had to put right, since no webhook had told of them."},
	})
	rows := signInRows(a, &db.SignInsReport{Days: o.Days})
	lines := a.lines(rows)
	m.Table, m.Charts = a.draw("rows", a.cut.title, a.cut.columns, lines), a.charts([]drawing{{caption: a.cut.title, parts: []string{"silent", "interactive"}}}, rows)
	m.Ways, m.Meanings = a.ways(&o, whose), a.meanings(nil)
	a.stand(&m.ReportModel, &counted{cover: o.Cover})
	return m, nil
}

// ways lead to the reports, of the same period, with a figure of each that
// stands there too.
func (a *ask) ways(o *db.Overview, whose string) (ways []views.Way) {
	figures := map[string]headline{
		"sign-ins": {n: o.Silent + o.Interactive, note: "sign-ins"},
		"people":   {n: o.New, among: o.Met, note: "people" + whose + " for the first time"},
		"roles":    {n: o.RoleChanges, note: "changes of roles"},
		"webhooks": {n: o.Webhooks, note: "webhooks received"},
		"audit":    {n: o.Actions, note: "deeds"},
	}
	for _, r := range all() {
		a.report.name = r.name
		w := views.Way{Label: r.title, Href: a.address("after", ""), Text: r.text}
		if f, ok := figures[r.name]; ok {
			w.Figure = words.Thousands(a.eye.Among(f.n, f.among).Text)
			w.Means = noted(f.note, w.Figure)
		}
		ways = append(ways, w)
	}
	return ways
}
