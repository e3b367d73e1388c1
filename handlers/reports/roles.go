package reports

import (
	"context"
	"iter"
	"slices"

	"portico/db"
	"portico/handlers/sheet"
	"portico/handlers/words"
	"portico/views"
)

// roles tells how roles change, and how the portal hears of it.
func roles() report {
	return report{
		name: "roles", title: "Roles",
		lead: "Does the portal hear of changed roles in time? Changes that only a sign-in or a confirmation found came late. If their share grows, news from Campus One gets lost.",
		text: "How roles changed, who told of it, and what had to be put right.",
		filters: func(context.Context, *Desk) ([]filter, error) {
			return []filter{roleFilter("was", "From", "From any role"), roleFilter("is", "To", "To any role"), {name: "source", label: "Told by", options: []views.Option{
				option("", "Anybody"), option(db.SourceWebhook, "A webhook"), option(db.SourceSignIn, "A sign-in"), option(db.SourceConfirmation, "A confirmation"),
			}}}, nil
		},
		cuts: func(a *ask) []cut {
			empty := views.Empty{What: "No role changed in this period", Then: "A change is listed as soon as Campus One tells of it. Choose other dates or roles."}
			return []cut{
				a.stepCut("Changes", roleTimeCounts, empty, readRoles),
				{name: "change", label: "By change", title: "Changes from role to role", columns: roleColumns, order: "-n", empty: empty, read: readRoles},
				{name: "person", label: "By person", title: "Single changes", columns: roleLineColumns, order: "-at", empty: empty, read: readRoleLines, each: eachRoleLine},
			}
		},
		meanings: []views.Term{
			{What: "Drift", Text: "A sign-in or a confirmation found another fact than the stored one, and no webhook had told of the change. It was put right at once. Every fact counts, not roles alone."},
		},
	}
}

var roleCounts = []sheet.Column{
	{Name: "n", Label: "Changes", Kind: sheet.Count, Meaning: "How often somebody’s main role became another one. The first role of a person is none."},
	{Name: "webhook", Label: "By webhook", Kind: sheet.Count, Meaning: "Changes that Campus One told at once."},
	{Name: "signin", Label: "By sign-in", Kind: sheet.Count, Meaning: "Changes that the person’s next sign-in brought."},
	{Name: "confirmation", Label: "By confirmation", Kind: sheet.Count, Meaning: "Changes that came out when the portal asked Campus One again about somebody who holds a permission."},
}

var (
	roleTimeCounts = append(slices.Clone(roleCounts), sheet.Column{Name: "drift", Label: "Drift", Kind: sheet.Count, Meaning: "Repairs at sign-ins and confirmations, of any fact and whatever role was chosen above."})
	roleColumns    = append([]sheet.Column{{Name: "from", Label: "From", Kind: sheet.Text}, {Name: "to", Label: "To", Kind: sheet.Text}}, roleCounts...)
)

// roleSum is what one row counts.
type roleSum struct{ webhook, signIn, confirmation, drift int }

func (c *roleSum) add(source string, n int) {
	switch source {
	case db.SourceWebhook:
		c.webhook += n
	case db.SourceConfirmation:
		c.confirmation += n
	default:
		c.signIn += n
	}
}

func (c *roleSum) values() []sheet.Value {
	return []sheet.Value{count(c.webhook + c.signIn + c.confirmation), count(c.webhook), count(c.signIn), count(c.confirmation)}
}

// fits says whether a change is one that was asked for.
func (a *ask) fits(from, to, source string) bool {
	if source == db.SourceIDToken || source == db.SourceUserinfo {
		source = db.SourceSignIn
	}
	return a.isRole("was", from) && a.isRole("is", to) && a.is("source", source)
}

func (a *ask) isRole(filter, role string) bool {
	if role == "" {
		role = none
	}
	return a.is(filter, role)
}

func readRoles(ctx context.Context, d *Desk, a *ask) (counted, error) {
	r, err := d.DB.RolesReport(ctx, a.span())
	if err != nil {
		return counted{}, err
	}
	c := a.roleFrame(&r)
	if a.cut.name == "change" {
		c.rows = a.roleChanges(r.Changes)
		return c, nil
	}
	if c.rows = a.rolesOverTime(&r); len(c.rows) > 0 {
		c.drawn = []drawing{{caption: "Changes of roles by " + stepWords[a.cut.step], parts: []string{"n"}}}
	}
	return c, nil
}

// roleFrame is what every cut of the report has.
func (a *ask) roleFrame(r *db.RolesReport) counted {
	var all roleSum
	for _, one := range r.Changes {
		if a.fits(one.From, one.To, one.Source) {
			all.add(one.Source, one.N)
		}
	}
	for _, one := range r.Drift {
		all.drift += one.N
	}
	n := all.webhook + all.signIn + all.confirmation
	return counted{
		cover: r.Cover,
		kpis: []headline{
			{label: "changes", n: n},
			{label: "told at once", share: true, n: all.webhook, of: n, note: "by a webhook", meaning: "Changes that a webhook told, in per cent of all."},
			{label: "drift repaired", n: all.drift, note: "at sign-ins and confirmations", meaning: "How often a sign-in or a confirmation had to put something right."},
		},
		beside: []side{{"Drift by what had changed", driftColumns, driftRows(r.Fields), "-n"}},
	}
}

func (a *ask) rolesOverTime(r *db.RolesReport) []sheet.Row {
	sums := stepsOf[roleSum](a)
	for _, one := range r.Changes {
		if a.fits(one.From, one.To, one.Source) {
			sums.at(one.Day).add(one.Source, one.N)
		}
	}
	for _, one := range r.Drift {
		sums.at(one.Day).drift += one.N
	}
	return sums.rows(func(sum *roleSum) []sheet.Value { return append(sum.values(), count(sum.drift)) })
}

// roleChanges has a row for each pair of roles.
func (a *ask) roleChanges(all []db.RoleChangeCount) (rows []sheet.Row) {
	var sums tally[roleSum]
	pairs := map[string][2]string{}
	for _, one := range all {
		if a.fits(one.From, one.To, one.Source) {
			key := one.From + ">" + one.To
			pairs[key] = [2]string{one.From, one.To}
			sums.at(key).add(one.Source, one.N)
		}
	}
	for _, key := range sums.keys {
		pair := pairs[key]
		rows = append(rows, sheet.Row{Key: key, Values: append([]sheet.Value{text(words.RoleOrNone(pair[0])), text(words.RoleOrNone(pair[1]))}, sums.of[key].values()...)})
	}
	return rows
}

var driftColumns = []sheet.Column{
	{Name: "field", Label: "Fact", Kind: sheet.Text},
	{Name: "n", Label: "Repairs", Kind: sheet.Count, Meaning: "How often this fact of a person had drifted. One sign-in may repair several."},
}

func driftRows(all []db.DriftField) (rows []sheet.Row) {
	var sums tally[int]
	for _, one := range all {
		*sums.at(one.Field) += one.N
	}
	for _, field := range sums.keys {
		rows = append(rows, sheet.Row{Key: field, Values: []sheet.Value{text(words.Field(field)), count(*sums.of[field])}})
	}
	return rows
}

var roleLineColumns = []sheet.Column{
	{Name: "at", Label: "When", Kind: sheet.Moment},
	{Name: "person", Label: "Person", Kind: sheet.Text},
	{Name: "from", Label: "From", Kind: sheet.Text},
	{Name: "to", Label: "To", Kind: sheet.Text},
	{Name: "source", Label: "Told", Kind: sheet.Text},
}

func (a *ask) roleFilter() db.RoleFilter {
	was, is := a.chosen["was"], a.chosen["is"]
	f := db.RoleFilter{From: was, To: is, NoFrom: was == none, NoTo: is == none, Source: a.chosen["source"], After: a.after, Limit: shown}
	if f.NoFrom {
		f.From = ""
	}
	if f.NoTo {
		f.To = ""
	}
	return f
}

// readRoleLines lists one page of single changes.
func readRoleLines(ctx context.Context, d *Desk, a *ask) (counted, error) {
	r, err := d.DB.RolesReport(ctx, a.span())
	if err != nil {
		return counted{}, err
	}
	c := a.roleFrame(&r)
	page, more, err := d.DB.RoleLines(ctx, a.span(), a.roleFilter())
	for _, l := range page {
		c.lines = append(c.lines, a.eye.Line(a.cut.columns, a.roleLine(l)))
	}
	if more {
		c.further = page[len(page)-1].Mark()
	}
	return c, err
}

func eachRoleLine(ctx context.Context, d *Desk, a *ask) iter.Seq2[sheet.Row, error] {
	return rowsOf(d.DB.EachRoleLine(ctx, a.span(), a.roleFilter()), a.roleLine)
}

func (a *ask) roleLine(l db.RoleLine) sheet.Row {
	name := l.Name
	if name == "" {
		name = "Somebody without a name"
	}
	return sheet.Row{Values: []sheet.Value{
		when(l.At.In(a.now.Location())), link(name, managed+l.UserID), text(words.RoleOrNone(l.Old)), text(words.RoleOrNone(l.New)), text(words.Source(l.Source)),
	}}
}
