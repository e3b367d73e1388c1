package reports

import (
	"context"
	"iter"
	"strconv"
	"strings"
	"time"

	"portico/db"
	"portico/handlers/sheet"
	"portico/handlers/words"
	"portico/views"
)

// audit tells what is done here.
func audit() report {
	return report{
		name: "audit", title: "Audit",
		lead: "Is what was done what you expect? Look at permissions, blocks and downloads that nobody told you of, and whether one person does all the publishing.",
		text: "What was done in publishing and administration, downloads of reports included.",
		filters: func(context.Context, *Desk) ([]filter, error) {
			f := filter{name: "what", label: "What", options: []views.Option{option("", "Everything")}}
			for _, one := range words.Families() {
				f.options = append(f.options, option(one.Name, one.Label))
			}
			return []filter{f, {name: "who", label: "Done by", options: []views.Option{
				option("", "Anybody"), option(db.ByPerson, "People"), option(db.ByCommandLine, "The command line"), option(db.ByPortal, "The portal"),
			}}}, nil
		},
		cuts: func(a *ask) []cut {
			empty := views.Empty{What: "Nothing was done in this period", Then: "What staff do here is noted from the first time on. Choose other dates or other deeds."}
			return []cut{
				{name: "action", label: "By deed", title: "Deeds", columns: deedColumns, order: "-n", empty: empty, read: readAudit},
				a.stepCut("Deeds", auditCounts, empty, readAudit),
				{name: "person", label: "By person", title: "Who did what", columns: actorColumns, order: "-n", empty: empty, read: readActors, names: true},
				{name: "entry", label: "One by one", title: "Single deeds", columns: entryColumns, order: "-at", empty: empty, read: readEntries, each: eachEntry},
			}
		},
	}
}

var auditCounts = []sheet.Column{
	{Name: "n", Label: "Times", Kind: sheet.Count, Meaning: "How often it was done."},
	{Name: "people", Label: "By people", Kind: sheet.Count, Meaning: "Done by somebody who was signed in."},
	{Name: "shell", Label: "Command line", Kind: sheet.Count, Meaning: "Done on the server, by whoever runs it."},
	{Name: "portal", Label: "The portal", Kind: sheet.Count, Meaning: "Done by itself, or because Campus One said so."},
}

var deedColumns = append([]sheet.Column{{Name: "deed", Label: "Deed", Kind: sheet.Text}, {Name: "family", Label: "What", Kind: sheet.Text}}, auditCounts...)

// auditSum is what one row counts.
type auditSum struct{ people, shell, portal int }

func (c *auditSum) add(by string, n int) {
	switch by {
	case db.ByPerson:
		c.people += n
	case db.ByCommandLine:
		c.shell += n
	default:
		c.portal += n
	}
}

func (c *auditSum) values() []sheet.Value {
	return []sheet.Value{count(c.people + c.shell + c.portal), count(c.people), count(c.shell), count(c.portal)}
}

func readAudit(ctx context.Context, d *Desk, a *ask) (counted, error) {
	all, cover, err := d.DB.AuditReport(ctx, a.span())
	if err != nil {
		return counted{}, err
	}
	c := a.auditFrame(all, cover)
	if a.cut.name == "action" {
		c.rows = a.auditDeeds(all)
		return c, nil
	}
	if c.rows = a.auditOverTime(all); len(c.rows) > 0 {
		c.drawn = []drawing{{caption: a.cut.title, parts: []string{"people", "shell"}}}
	}
	return c, nil
}

// auditFrame is what every cut of the report has.
func (a *ask) auditFrame(all []db.AuditCount, cover db.Cover) counted {
	var sum auditSum
	families := map[string]int{}
	for _, one := range all {
		if a.asks(one.Action, one.By) {
			sum.add(one.By, one.N)
			families[words.FamilyOf(one.Action).Name] += one.N
		}
	}
	return counted{cover: cover, kpis: []headline{
		{label: "deeds", n: sum.people + sum.shell + sum.portal, note: "%s by people", noted: sum.people, meaning: "Whatever changed something here for others: publishing, permissions, blocks, sign-outs by hand, settings, downloads. Reading a page is none."},
		{label: "publishing", n: families["publishing"], meaning: "Announcements, events, people, pages and links that were written, changed, withdrawn, archived or erased."},
		{label: "permissions", n: families["permissions"], note: "given or taken back", meaning: "Permissions that were given by name, took hold or were taken back."},
		{label: "downloads", n: families["exports"], note: "of reports", meaning: "Reports that were downloaded as CSV."},
	}}
}

// asks says whether a deed is one that was asked for.
func (a *ask) asks(action, by string) bool {
	return a.is("what", words.FamilyOf(action).Name) && a.is("who", by)
}

func (a *ask) auditDeeds(all []db.AuditCount) (rows []sheet.Row) {
	var sums tally[auditSum]
	for _, one := range all {
		if a.asks(one.Action, one.By) {
			sums.at(one.Action).add(one.By, one.N)
		}
	}
	for _, action := range sums.keys {
		rows = append(rows, sheet.Row{Key: action, Values: append([]sheet.Value{text(words.Deed(action)), text(words.FamilyOf(action).Label)}, sums.of[action].values()...)})
	}
	return rows
}

func (a *ask) auditOverTime(all []db.AuditCount) []sheet.Row {
	sums := stepsOf[auditSum](a)
	for _, one := range all {
		if a.asks(one.Action, one.By) {
			sums.at(one.Day).add(one.By, one.N)
		}
	}
	return sums.rows((*auditSum).values)
}

var actorColumns = []sheet.Column{
	{Name: "who", Label: "By", Kind: sheet.Text},
	{Name: "deed", Label: "Deed", Kind: sheet.Text},
	{Name: "n", Label: "Times", Kind: sheet.Count, Meaning: "How often it was done."},
	{Name: "last", Label: "Last", Kind: sheet.Moment},
}

// readActors counts who did how much of what.
func readActors(ctx context.Context, d *Desk, a *ask) (counted, error) {
	all, cover, err := d.DB.AuditReport(ctx, a.span())
	if err != nil {
		return counted{}, err
	}
	c := a.auditFrame(all, cover)
	actors, err := d.DB.AuditActors(ctx, a.span())
	for _, one := range actors {
		if a.asks(one.Action, actorKind(&one)) {
			c.rows = append(c.rows, sheet.Row{Key: one.Actor + " " + one.Action, Values: []sheet.Value{
				actor(one.PersonID, one.Name, one.Actor), text(words.Deed(one.Action)), count(one.N), when(one.Last.In(a.now.Location())),
			}})
		}
	}
	return c, err
}

func actorKind(one *db.AuditActor) string {
	switch {
	case one.PersonID != "":
		return db.ByPerson
	case strings.HasPrefix(one.Actor, db.ByCommandLine):
		return db.ByCommandLine
	}
	return db.ByPortal
}

// actor is who did something: a person, or what the audit calls it.
func actor(id, name, said string) sheet.Value {
	switch {
	case name != "":
		said = name
	case words.Doer(said) != "":
		said = words.Doer(said)
	}
	if id == "" {
		return text(said)
	}
	return link(said, managed+id)
}

var entryColumns = []sheet.Column{
	{Name: "at", Label: "When", Kind: sheet.Moment},
	{Name: "deed", Label: "Deed", Kind: sheet.Text},
	{Name: "who", Label: "By", Kind: sheet.Text},
	{Name: "whom", Label: "To", Kind: sheet.Text},
	{Name: "detail", Label: "Noted", Kind: sheet.Text, Meaning: "A reason, a version, or what else was noted. An item is called by its present title; what was erased, and a person whom nobody knows any more, by an id."},
}

func (a *ask) auditFilter() db.AuditFilter {
	f := db.AuditFilter{From: a.span().Begin(), To: a.end(), By: a.chosen["who"], Limit: shown + 1}
	for _, one := range words.Families() {
		if one.Name == a.chosen["what"] {
			f.Actions = one.Actions
		}
	}
	at, id, _ := strings.Cut(a.after, "-")
	micros, err1 := strconv.ParseInt(at, 10, 64)
	n, err2 := strconv.ParseInt(id, 10, 64)
	if err1 == nil && err2 == nil {
		f.After = db.AuditMark{At: time.UnixMicro(micros), ID: n}
	}
	return f
}

// end is where the rows end: with the period, and of a download with the moment
// at which it began, or it would hold the line that notes itself.
func (a *ask) end() time.Time {
	if end := a.span().End(); !a.whole || end.Before(a.now) {
		return end
	}
	return a.now
}

// readEntries lists one page of single deeds.
func readEntries(ctx context.Context, d *Desk, a *ask) (counted, error) {
	all, cover, err := d.DB.AuditReport(ctx, a.span())
	if err != nil {
		return counted{}, err
	}
	c := a.auditFrame(all, cover)
	page, err := d.DB.AuditLog(ctx, a.auditFilter())
	if len(page) > shown {
		page = page[:shown]
		last := page[shown-1].Mark()
		c.further = strconv.FormatInt(last.At.UnixMicro(), 10) + "-" + strconv.FormatInt(last.ID, 10)
	}
	for _, one := range page {
		c.lines = append(c.lines, a.eye.Line(a.cut.columns, a.entry(one)))
	}
	return c, err
}

func eachEntry(ctx context.Context, d *Desk, a *ask) iter.Seq2[sheet.Row, error] {
	return rowsOf(d.DB.EachAuditLine(ctx, a.auditFilter()), a.entry)
}

func (a *ask) entry(l db.AuditLine) sheet.Row {
	whom := text(words.About(&l))
	if l.SubjectID != "" {
		whom.Href = managed + l.SubjectID
	}
	if words.Erased(&l) != "" {
		whom.Text += ", " + l.Object // or rows about one could not be told from those about another
	}
	return sheet.Row{Values: []sheet.Value{when(l.At.In(a.now.Location())), text(words.Deed(l.Action)), actor(l.ActorID, l.ActorName, l.Actor), whom, text(words.Noted(&l))}}
}
