package reports

import (
	"context"
	"errors"
	"iter"

	"portico/db"
	"portico/handlers/sheet"
	"portico/handlers/words"
	"portico/views"
)

// people tells whom the portal reaches.
func people() report {
	return report{
		name: "people", title: "People",
		lead:    "Whom does the portal reach? A group with many people and few active ones does not know it yet, or has no use for it: tell them, or ask them.",
		text:    "How many use the portal, by role, level and department, and how many are new.",
		filters: peopleFilters,
		cuts:    peopleCuts,
		meanings: []views.Term{
			{What: "Role, level, department", Text: "What Campus One told of a person last. Nobody is counted under two."},
		},
	}
}

func peopleFilters(ctx context.Context, d *Desk) ([]filter, error) {
	departments, err := departmentFilter(ctx, d)
	return []filter{roleFilter("role", "Role", "All roles"), levelFilter(), departments}, err
}

var peopleEmpty = views.Empty{What: "Nobody fits", Then: "The portal has met nobody like that in this period. Choose other filters."}

func peopleCuts(*ask) []cut {
	by := func(name, label, title, head, order string, of func(*Desk, db.PeopleGroup) (key, label string)) cut {
		return cut{name: name, label: label, title: title, columns: groupColumns(head), order: order, empty: peopleEmpty, read: readGroups(of)}
	}
	return []cut{
		by("role", "By role", "People by role", "Role", "-active", func(_ *Desk, g db.PeopleGroup) (string, string) { return g.Role, words.RoleOrNone(g.Role) }),
		by("level", "By level", "People by level", "Level", "group", func(_ *Desk, g db.PeopleGroup) (string, string) { return g.Level, levelWord(g.Level) }),
		by("department", "By department", "People by department", "Department", "-active", func(d *Desk, g db.PeopleGroup) (string, string) {
			return g.DepartmentID, d.departmentName(g.DepartmentID)
		}),
		by("study", "By study level", "People by study level", "Study", "-active", func(_ *Desk, g db.PeopleGroup) (string, string) {
			return g.StudyLevel, told(words.Role(g.StudyLevel))
		}),
		{name: "day", label: "By day", title: "Active people by day", columns: activeColumns, order: "-at", empty: peopleEmpty, read: readActive},
		{
			name: "person", label: "By person", title: "People who signed in", columns: personColumns, order: "name", empty: peopleEmpty, read: readPersons, each: eachPerson,
			orders: []string{db.ByName, db.ByDays, db.ByLast, db.ByRole, db.ByLevel},
		},
	}
}

func told(label string) string {
	if label == "" {
		return "Not told"
	}
	return label
}

func levelWord(level string) string {
	if level == "" {
		return told("")
	}
	return level + " level"
}

// departmentName is never an id, which says nothing to anybody.
func (d *Desk) departmentName(id string) string {
	if id == "" {
		return told("")
	}
	if name := d.Names.Department(id); name != "" {
		return name
	}
	return "One whose name Campus One did not tell"
}

func groupColumns(head string) []sheet.Column {
	return []sheet.Column{
		{Name: "group", Label: head, Kind: sheet.Text},
		{Name: "met", Label: "Known", Kind: sheet.Count, Meaning: "People whom the portal has met by the end of the period, at a sign-in or through Campus One’s news, and who were not deleted."},
		{Name: "active", Label: "Active", Kind: sheet.Count, Among: "met", Meaning: "People who signed in on some day of the period. Who comes on ten days counts once."},
		{Name: "share", Label: "Active %", Kind: sheet.Share, Part: "active", Whole: "met", Bar: true, Meaning: "Active people in per cent of those known."},
		{Name: "new", Label: "New", Kind: sheet.Count, Among: "met", Meaning: "Active people whom the portal met for the first time in the period."},
		{Name: "returning", Label: "Returning", Kind: sheet.Count, Among: "met", Meaning: "Active people whom it knew before."},
	}
}

var activeColumns = []sheet.Column{
	{Name: "at", Label: "Day", Kind: sheet.Day},
	{Name: "active", Label: "Active", Kind: sheet.Count, Meaning: "Different people who signed in on the day."},
	{Name: "new", Label: "New that day", Kind: sheet.Count, Meaning: "Of them those whom the portal met on that day for the first time."},
}

func (a *ask) people(d *Desk) db.PeopleFilter {
	return db.PeopleFilter{Roles: a.values("role"), Levels: a.values("level"), Departments: a.departments(d)}
}

// readGroups counts people by what is known of them.
func readGroups(of func(*Desk, db.PeopleGroup) (key, label string)) func(context.Context, *Desk, *ask) (counted, error) {
	return func(ctx context.Context, d *Desk, a *ask) (counted, error) {
		r, err := d.DB.PeopleReport(ctx, a.span(), a.people(d))
		if err != nil {
			return counted{}, err
		}
		var groups tally[db.PeopleGroup]
		labels := map[string]string{}
		for _, g := range r.Groups {
			key, label := of(d, g)
			sum := groups.at(key)
			labels[key] = label
			sum.Met, sum.Active, sum.New, sum.Returning = sum.Met+g.Met, sum.Active+g.Active, sum.New+g.New, sum.Returning+g.Returning
		}
		c := counted{cover: r.Cover, kpis: peopleKPIs(&r)}
		for _, key := range groups.keys {
			g := groups.of[key]
			c.rows = append(c.rows, sheet.Row{Key: "g" + key, Values: []sheet.Value{text(labels[key]), count(g.Met), count(g.Active), share, count(g.New), count(g.Returning)}})
		}
		return c, nil
	}
}

func peopleKPIs(r *db.PeopleReport) []headline {
	return []headline{
		{label: "active people", n: r.Active, among: r.Met, note: "of %s known", noted: r.Met, meaning: "Different people of all rows who signed in on some day of the period."},
		{label: "active share", share: true, n: r.Active, of: r.Met, note: "of those known", meaning: "Active people in per cent of those known, over all rows."},
		{label: "new", n: r.New, among: r.Met, note: "met for the first time", meaning: "Active people whom the portal met for the first time in the period."},
		{label: "returning", n: r.Returning, among: r.Met, note: "known before", meaning: "Active people whom it knew before."},
	}
}

var tooFew = views.Empty{What: "Fewer than five people: not shown by day.", Then: "Days would tell when one of them signs in. Choose wider filters, or other rows."}

// readActive counts the active people of each day, unless they are so few that
// it would tell of one person.
func readActive(ctx context.Context, d *Desk, a *ask) (counted, error) {
	r, err := d.DB.PeopleReport(ctx, a.span(), a.people(d))
	if err != nil {
		return counted{}, err
	}
	c := counted{cover: r.Cover, kpis: peopleKPIs(&r)}
	if a.eye.Few(r.Met) {
		c.empty = tooFew
		return c, nil
	}
	for _, day := range r.Days {
		t := day.Day.Begin(a.now.Location())
		c.rows = append(c.rows, sheet.Row{Key: stepKey(t), Values: []sheet.Value{when(t), count(day.Active), count(day.New)}})
	}
	if r.Active > 0 {
		c.drawn = []drawing{{caption: "Active people by day", parts: []string{"active"}}}
	}
	return c, nil
}

var personColumns = []sheet.Column{
	{Name: db.ByName, Label: "Name", Kind: sheet.Text},
	{Name: db.ByRole, Label: "Role", Kind: sheet.Text},
	{Name: db.ByLevel, Label: "Level", Kind: sheet.Text},
	{Name: "department", Label: "Department", Kind: sheet.Text},
	{Name: "new", Label: "Met", Kind: sheet.Text, Meaning: "New: the portal met the person in the period for the first time. Returning: before."},
	{Name: db.ByDays, Label: "Days", Kind: sheet.Count, Meaning: "On how many days of the period the person signed in."},
	{Name: db.ByLast, Label: "Last", Kind: sheet.Day, Meaning: "The last of those days."},
}

func (a *ask) personOrder() db.PersonOrder {
	return db.PersonOrder{By: a.order.Column, Desc: a.order.Down, After: a.after, Limit: shown}
}

// readPersons lists one page of active people.
func readPersons(ctx context.Context, d *Desk, a *ask) (counted, error) {
	r, err := d.DB.PeopleReport(ctx, a.span(), a.people(d))
	if err != nil {
		return counted{}, err
	}
	c := counted{cover: r.Cover, kpis: peopleKPIs(&r)}
	page, more, err := d.DB.ActivePeople(ctx, a.span(), a.people(d), a.personOrder())
	if errors.Is(err, db.ErrNotFound) && a.after != "" { // whom the list went on after is gone: begin anew
		a.after = ""
		return readPersons(ctx, d, a)
	}
	for _, p := range page {
		c.lines = append(c.lines, a.eye.Line(a.cut.columns, a.person(d, p)))
	}
	if more {
		c.further = page[len(page)-1].ID
	}
	return c, err
}

func eachPerson(ctx context.Context, d *Desk, a *ask) iter.Seq2[sheet.Row, error] {
	return rowsOf(d.DB.EachActivePerson(ctx, a.span(), a.people(d), a.personOrder()), func(p db.ActivePerson) sheet.Row { return a.person(d, p) })
}

func (a *ask) person(d *Desk, p db.ActivePerson) sheet.Row {
	met := "Returning"
	if p.Fresh {
		met = "New"
	}
	name := p.Name()
	if name == "" {
		name = p.Sub
	}
	return sheet.Row{Key: p.ID, Values: []sheet.Value{
		link(name, managed+p.ID), text(words.RoleOrNone(p.Role())), text(p.Get(db.FieldLevel)), text(d.departmentName(p.Get(db.FieldDepartmentID))),
		text(met), count(p.Days), when(p.Last.Begin(a.now.Location())),
	}}
}

// managed is where the page of a person is.
const managed = "/admin/people/"

// rowsOf makes rows of what the database goes through.
func rowsOf[T any](all iter.Seq2[T, error], row func(T) sheet.Row) iter.Seq2[sheet.Row, error] {
	return func(yield func(sheet.Row, error) bool) {
		for one, err := range all {
			if err != nil {
				yield(sheet.Row{}, err)
				return
			}
			if !yield(row(one), nil) {
				return
			}
		}
	}
}
