package reports

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"portico/auth"
	"portico/auth/reading"
	"portico/db"
	"portico/handlers/sheet"
	"portico/views"
)

// Path is where the overview is; the reports are below it.
const Path = "/admin/reports"

// shown is how many rows a page has.
const shown = 20

var (
	// ErrNames says that rows were asked for that name people, which those who
	// do not manage the portal may not see.
	ErrNames = errors.New("these rows name people")
	// ErrFilter says that a filter is wrong; the page says which.
	ErrFilter = errors.New("a filter is wrong")
)

// Desk is where one person reads reports.
type Desk struct {
	DB         *db.DB
	Names      auth.Names
	Settings   *reading.Settings
	Categories []db.Category
	Now        time.Time // in the portal's zone
	Exact      bool      // the person may see exact counts and names
}

// all is every report, in the order of the overview.
func all() []report {
	return []report{signIns(), people(), reach(), roles(), webhooks(), audit()}
}

// find is the report of a name; the routes name only those there are.
func find(name string) report {
	every := all()
	return every[slices.IndexFunc(every, func(r report) bool { return r.name == name })]
}

// Page is a report as an address asks for it.
func (d *Desk) Page(ctx context.Context, name string, q url.Values) (views.ReportModel, error) {
	a, err := d.asked(ctx, find(name), q)
	if err != nil {
		return views.ReportModel{}, err
	}
	m := a.frame()
	if len(a.problems) == 0 {
		err = d.fill(ctx, a, &m)
	}
	return m, err
}

// fill reads the figures and draws them as the reader may see them.
func (d *Desk) fill(ctx context.Context, a *ask, m *views.ReportModel) error {
	found, err := a.cut.read(ctx, d, a)
	if err == nil && a.cut.paged() && len(found.lines) == 0 && a.after != "" { // nothing is after that place: begin anew
		a.after = ""
		found, err = a.cut.read(ctx, d, a)
	}
	if err != nil {
		return err
	}
	lines, further := found.lines, found.further
	if !a.cut.paged() {
		all := a.lines(found.rows)
		if !slices.ContainsFunc(all, func(l sheet.Line) bool { return l.Key == a.after }) {
			a.after = ""
		}
		lines, further = sheet.Page(all, a.after, shown)
	}
	m.Table = a.table(lines)
	if found.empty.What != "" {
		m.Empty = found.empty
	}
	if a.after != "" {
		m.First = a.address("after", "")
	}
	if further != "" {
		m.Next = a.address("after", further)
	}
	if len(lines) > 0 {
		m.Download = a.download()
	}
	m.KPIs = headlines(a.eye, found.kpis)
	m.Charts, m.Beside = a.charts(found.drawn, found.rows), a.beside(found.beside)
	m.Meanings = a.meanings(found.beside)
	a.stand(m, &found)
	return nil
}

// lines are all rows of a cut, in order, as the reader may see them.
func (a *ask) lines(rows []sheet.Row) []sheet.Line {
	lines := a.eye.Lines(a.cut.columns, rows)
	if a.cut.sparse {
		lines = slices.DeleteFunc(lines, func(l sheet.Line) bool { return l.Nothing(a.cut.columns) })
	}
	sheet.Sort(a.cut.columns, lines, a.order)
	return lines
}

// span is the period as the database counts it.
func (a *ask) span() db.Span {
	zone := a.now.Location()
	return db.Span{First: db.DayOf(a.period.From, zone), Last: db.DayOf(a.period.Last(), zone), Zone: zone}
}

// stand says what the figures stand on.
func (a *ask) stand(m *views.ReportModel, found *counted) {
	notes := []string{m.Note, found.note, a.narrowed()}
	if since := found.cover.PeopleSince.Begin(a.now.Location()); found.cover.PeopleSince > 0 && since.After(a.period.From) {
		notes = append(notes, "People are counted from "+since.Format("Monday 2 January 2006")+" on: who signed in before is no longer kept.")
	}
	m.Note = strings.Join(slices.DeleteFunc(notes, func(note string) bool { return note == "" }), " ")
}

// narrowed says what is counted when it is not all; on paper there is no form.
func (a *ask) narrowed() string {
	var chosen []string
	for _, f := range a.filters {
		for _, o := range f.options {
			if o.On && f.name != "by" && !f.whole(o.Value) {
				chosen = append(chosen, strings.ToLower(f.label)+" “"+o.Label+"”")
			}
		}
	}
	if len(chosen) == 0 {
		return ""
	}
	return "Narrowed to " + strings.Join(chosen, ", ") + "."
}
