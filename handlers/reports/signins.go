package reports

import (
	"context"

	"portico/db"
	"portico/handlers/sheet"
	"portico/handlers/words"
	"portico/views"
)

// signIns tells how signing in goes.
func signIns() report {
	return report{
		name: "sign-ins", title: "Sign-ins",
		lead: "Are people recognised without doing anything? If the silent share falls or failures rise, Campus One or the network needs a look.",
		text: "Whether people are recognised without a click, and what keeps them out.",
		cuts: signInCuts,
		meanings: []views.Term{
			{What: "Attempts", Text: "Each time the portal sent a browser to Campus One, or had a reason not to. They name nobody and are counted by the hour in which they ended."},
		},
	}
}

// mostHours is over how many days hours are listed.
const mostHours = 14

// signInCuts are hours, days, weeks and months, the one that shows the period
// at a glance first.
func signInCuts(a *ask) (cuts []cut) {
	usual := a.period.Step()
	steps := []sheet.Step{usual}
	for _, s := range []sheet.Step{sheet.ByHour, sheet.ByDay, sheet.ByWeek, sheet.ByMonth} {
		if s != usual && (s != sheet.ByHour || a.period.Days() <= mostHours) {
			steps = append(steps, s)
		}
	}
	for _, s := range steps {
		cuts = append(cuts, cut{
			name: string(s), label: "By " + stepWords[s], title: "Sign-ins by " + stepWords[s], columns: signInColumns(s), step: s, order: "-at", read: readSignIns,
			empty: views.Empty{What: "No sign-ins in this period", Then: "The chart begins with the first person who signs in."},
		})
	}
	return cuts
}

// signInColumns leave out people by the week: that a person came on two days
// of it is not known.
func signInColumns(s sheet.Step) []sheet.Column {
	columns := []sheet.Column{
		overTime(s),
		{Name: "all", Label: "Sign-ins", Kind: sheet.Count, Meaning: "Every time a person was recognised and a new session began, silent and interactive ones together."},
		{Name: "silent", Label: "Silent", Kind: sheet.Count, Meaning: "Sign-ins in which the person did nothing: the portal recognised them through Campus One."},
		{Name: "interactive", Label: "Interactive", Kind: sheet.Count, Meaning: "Sign-ins after a press of the button, or on a page that needs one."},
		{Name: "share", Label: "Silent %", Kind: sheet.Share, Part: "silent", Whole: "all", Meaning: "The silent part of all sign-ins, in per cent."},
		{Name: "failed", Label: "Failed", Kind: sheet.Count, Meaning: "Attempts that ended in an error. A person may have tried several times."},
		{Name: "anonymous", Label: "Anonymous", Kind: sheet.Count, Meaning: "Silent checks of visitors whom Campus One did not know, or who have not agreed to this portal. They read the public pages."},
		{Name: "skipped", Label: "Skipped", Kind: sheet.Count, Meaning: "Visits for which the portal did not ask Campus One, for one of the reasons in “How attempts ended”."},
	}
	if s == sheet.ByHour || s == sheet.ByDay {
		columns = append(columns, sheet.Column{Name: "people", Label: "People", Kind: sheet.Count, Meaning: "Different people who signed in within the row’s time. One person in two rows counts in both."})
	}
	return columns
}

// signInSum is what one row counts.
type signInSum struct {
	silent, interactive, failed, anonymous, skipped, people int
}

func (c *signInSum) add(class string, n int) {
	switch class {
	case db.ClassFailed:
		c.failed += n
	case db.ClassAnonymous:
		c.anonymous += n
	case db.ClassSkipped:
		c.skipped += n
	}
}

func (c *signInSum) values() []sheet.Value {
	return []sheet.Value{count(c.silent + c.interactive), count(c.silent), count(c.interactive), share, count(c.failed), count(c.anonymous), count(c.skipped), count(c.people)}
}

func readSignIns(ctx context.Context, d *Desk, a *ask) (counted, error) {
	r, err := d.DB.SignInsReport(ctx, a.span())
	if err != nil {
		return counted{}, err
	}
	c := counted{cover: r.Cover, rows: signInRows(a, &r), kpis: signInKPIs(&r), beside: []side{{"How attempts ended", attemptColumns, attemptRows(r.Attempts), "-n"}}}
	if a.cut.step == sheet.ByHour {
		if c.rows, c.cover, err = d.hours(ctx, a); err != nil {
			return counted{}, err
		}
	}
	if len(c.rows) > 0 {
		c.drawn = []drawing{{caption: a.cut.title, parts: []string{"silent", "interactive"}}}
	}
	return c, nil
}

// signInRows adds up days into the steps of the period.
func signInRows(a *ask, r *db.SignInsReport) []sheet.Row {
	sums := stepsOf[signInSum](a)
	for _, day := range r.Days {
		if day.Silent+day.Interactive > 0 {
			sum := sums.at(day.Day)
			sum.silent, sum.interactive, sum.people = sum.silent+day.Silent, sum.interactive+day.Interactive, sum.people+day.People
		}
	}
	for _, t := range r.Attempts {
		if class := db.ClassOf(t.Kind, t.Reason); class != "" {
			sums.at(t.Day).add(class, t.N)
		}
	}
	return sums.rows(func(sum *signInSum) []sheet.Value { return sum.values()[:len(a.cut.columns)-1] })
}

// hours are the rows of each hour of the period.
func (d *Desk) hours(ctx context.Context, a *ask) (rows []sheet.Row, cover db.Cover, err error) {
	hours, cover, err := d.DB.SignInHours(ctx, a.span())
	for _, h := range hours {
		at := h.Start.In(a.now.Location())
		sum := signInSum{silent: h.Silent, interactive: h.Interactive, failed: h.Failed, anonymous: h.Anonymous, skipped: h.Skipped, people: h.People}
		rows = append(rows, sheet.Row{Key: stepKey(at), Values: append([]sheet.Value{when(at)}, sum.values()...)})
	}
	return rows, cover, err
}

func signInKPIs(r *db.SignInsReport) []headline {
	var all signInSum
	for _, day := range r.Days {
		all.silent, all.interactive = all.silent+day.Silent, all.interactive+day.Interactive
	}
	for _, t := range r.Attempts {
		all.add(db.ClassOf(t.Kind, t.Reason), t.N)
	}
	signedIn := all.silent + all.interactive
	return []headline{
		{label: "sign-ins", n: signedIn, note: "%s people", noted: r.People},
		{label: "silent share", share: true, n: all.silent, of: signedIn, note: "no click at all", meaning: "The silent part of all sign-ins of the period, in per cent."},
		{label: "failed share", share: true, n: all.failed, of: all.failed + signedIn, note: "%s attempts", noted: all.failed, meaning: "Attempts that ended in an error, in per cent of those that ended in a sign-in or an error. A person may have tried several times."},
		{label: "anonymous", n: all.anonymous, note: "checks of public pages"},
	}
}

var attemptColumns = []sheet.Column{
	{Name: "reason", Label: "Reason", Kind: sheet.Text},
	{Name: "kind", Label: "Attempt", Kind: sheet.Text},
	{Name: "class", Label: "Counts as", Kind: sheet.Text},
	{Name: "n", Label: "Attempts", Kind: sheet.Count},
}

var (
	attemptKinds = map[string]string{"silent": "Silent", "interactive": "Interactive", "skipped": "None made", "stop": "Stopped", "confirm": "Confirming a session"}
	classWords   = map[string]string{db.ClassAnonymous: "Anonymous", db.ClassFailed: "Failed", db.ClassSkipped: "Skipped", "": "Neither"}
)

// attemptRows are the attempts of the whole period by how they ended.
func attemptRows(all []db.Attempts) (rows []sheet.Row) {
	var sums tally[db.Attempts]
	for _, t := range all {
		sum := sums.at(t.Kind + " " + t.Reason)
		sum.Kind, sum.Reason = t.Kind, t.Reason
		sum.N += t.N
	}
	for _, key := range sums.keys {
		t := sums.of[key]
		rows = append(rows, sheet.Row{Key: key, Values: []sheet.Value{text(words.Reason(t.Reason)), text(attemptKinds[t.Kind]), text(classWords[db.ClassOf(t.Kind, t.Reason)]), count(t.N)}})
	}
	return rows
}
