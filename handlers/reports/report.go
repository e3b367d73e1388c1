package reports

import (
	"context"
	"iter"
	"strings"

	"portico/db"
	"portico/handlers/sheet"
	"portico/views"
)

// report is one of the reports.
type report struct {
	name, title string
	lead        string // which decision it supports, and how to read it
	text        string // what is behind its link on the overview
	filters     func(context.Context, *Desk) ([]filter, error)
	cuts        func(*ask) []cut // the first is taken when nobody chose; they may depend on the period
	meanings    []views.Term     // what its numbers mean besides those of columns
}

// path is the report's address; the overview has no name.
func (r report) path() string { return strings.TrimSuffix(Path+"/"+r.name, "/") }

// filter narrows a report by one of several values; the first is taken when
// nobody chose.
type filter struct {
	name, label string
	options     []views.Option
	narrows     bool // the first is less than everything, which is called everyone
}

// whole says whether a value lets everything through.
func (f filter) whole(value string) bool {
	if f.narrows {
		return value == everyone
	}
	return value == ""
}

// cut is one way to cut a report into rows.
type cut struct {
	name, label string
	title       string // over the table
	columns     []sheet.Column
	step        sheet.Step // for how long a row over time stands
	sparse      bool       // rows without any count are left out
	order       string     // in which rows are when nobody chose
	empty       views.Empty
	read        func(context.Context, *Desk, *ask) (counted, error)
	names       bool // its rows name people, and are few enough to be read whole

	// each goes through all rows of a cut that names people. Such rows are
	// many, so read gives one page of them, in the database's order, and only
	// the columns in orders can be sorted by.
	each   func(context.Context, *Desk, *ask) iter.Seq2[sheet.Row, error]
	orders []string
}

// people says whether the cut's rows name people.
func (c cut) people() bool { return c.names || c.paged() }

// paged says whether the database sorts and pages the cut's rows.
func (c cut) paged() bool { return c.each != nil }

// counted is what a report has found, exactly. Nothing of it reaches a page
// but through the reader's eye.
type counted struct {
	cover  db.Cover
	note   string      // what else is to be known of the figures
	empty  views.Empty // why there are no rows, when it is not for want of any
	rows   []sheet.Row
	kpis   []headline
	drawn  []drawing
	beside []side

	lines   []sheet.Line // of a cut that names people: one page
	further string       // and after which key the next one begins
}

// headline is a number that matters: a count, or a share of another.
type headline struct {
	label, note, meaning string // "%s" in the note is noted
	n, noted             int
	among                int // how many people n may be, or 0 when it does not count people of a choice
	share                bool
	of                   int
}

// drawing is a chart over time of one or two columns of the table.
type drawing struct {
	caption string
	parts   []string // names of columns
}

// side is a further table, of what the main one does not tell.
type side struct {
	title   string
	columns []sheet.Column
	rows    []sheet.Row
	order   string
}

// asFound keeps the rows of a side in the order in which they were read.
const asFound = ""
