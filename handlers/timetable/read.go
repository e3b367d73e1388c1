package timetable

import (
	"fmt"
	"strings"
	"time"

	"portico/db"
)

// Options are what a file leaves open.
type Options struct {
	Kind     string // of a line that does not say
	FirstDay string // of classes, "2026-09-14", for lines that give a weekday alone; ""
	LastDay  string // of classes, likewise
	Today    string // what is over before it is said to be
	People   People
	Category func(name string) (id string, known bool)
	Slug     func(title string) string
	Unshown  func(text string) string // the first of it that readers would not see, or ""
}

// Sheet is a file as it was understood.
type Sheet struct {
	Head    string   // the line of the headings, as it stands in the file
	Used    []string // headings that were understood
	Unused  []string // those that were not
	Rows    []Row
	Notes   []string // what people should know of the whole file
	columns []column
}

// Row is one line of the table: an event, or what is wrong with it.
type Row struct {
	Line     int // of the file, from 1
	Raw      string
	Content  db.Content // of a good row; audience and category included
	Problems []Problem
	Warnings []string
	There    string // where the same event is already, "" when it is new
	days     []dated
	clashes  bool // its last warning is of a room that is taken
}

// dated is a date of a row as it was written, under its heading.
type dated struct {
	heading, text string
	day
}

// Problem is one thing wrong in a line.
type Problem struct {
	Heading string // of the column
	Value   string // as it was written
	Text    string // what is wrong, and what to do
}

// Good says whether the row can become an event.
func (r *Row) Good() bool { return len(r.Problems) == 0 }

// New says whether the row would be added.
func (r *Row) New() bool { return r.Good() && r.There == "" }

// Read reads a table. An error is an Unreadable: there is nothing to show.
func Read(text string, o Options) (*Sheet, error) {
	comma, said := separator(text)
	s := &Sheet{}
	all := records(text, comma)
	if said && len(all) > 0 {
		all = all[1:]
	}
	if len(all) == 0 {
		return nil, Unreadable("There is nothing in it. Choose a file, or paste the table with its headings.")
	}
	at := -1
	for i := range min(len(all), headsWithin) {
		if columns := findColumns(all[i].cells); isHead(columns) {
			at, s.columns = i, columns
			break
		}
	}
	if at < 0 {
		return nil, noHead(all[0])
	}
	s.Head = all[at].raw
	s.tellColumns(all[at].cells)
	rows := all[at+1:]
	if len(rows) > MostRows {
		return nil, Unreadable(fmt.Sprintf("It has more than %d lines. Send it in two parts.", MostRows))
	}
	for _, r := range rows {
		s.Rows = append(s.Rows, s.row(r, &o))
	}
	s.judgeDates()
	return s, nil
}

func noHead(first record) error {
	shown := strings.TrimSpace(first.raw)
	if r := []rune(shown); len(r) > 80 {
		shown = string(r[:80]) + "…"
	}
	return Unreadable("No line names the columns. Above the events there must be a line with headings, at least “title” and “date”. The first line says “" + shown + "”.")
}

// tellColumns notes which headings were understood.
func (s *Sheet) tellColumns(cells []string) {
	for i, cell := range cells {
		cell = strings.TrimSpace(cell)
		used := false
		for _, c := range s.columns {
			used = used || c.at == i
		}
		switch {
		case used:
			s.Used = append(s.Used, cell)
		case cell != "":
			s.Unused = append(s.Unused, cell)
		}
	}
}

// judgeDates looks at dates that can be read in two ways, and at the whole
// file for which way it was meant.
func (s *Sheet) judgeDates() {
	american := 0
	for i := range s.Rows {
		for _, p := range s.Rows[i].Problems {
			if strings.HasPrefix(p.Text, monthFirst) && american == 0 {
				american = s.Rows[i].Line
			}
		}
	}
	example := ""
	for i := range s.Rows {
		r := &s.Rows[i]
		for _, d := range r.days {
			switch {
			case !d.twoWays():
			case american > 0:
				r.Problems = append(r.Problems, Problem{d.heading, d.text, fmt.Sprintf("is it %s or %s? In line %d the month stands first. Write %s or %s.",
					d.t.Format("2 January"), d.other.Format("2 January"), american, d.t.Format(time.DateOnly), d.other.Format(time.DateOnly))})
			case example == "":
				example = fmt.Sprintf("“%s” in line %d is %s", d.text, r.Line, d.t.Format("Monday 2 January 2006"))
			}
		}
	}
	if example != "" {
		s.Notes = append(s.Notes, "Dates are read with the day first: "+example+".")
	}
}

func (s *Sheet) heading(fields ...Field) string {
	for _, f := range fields {
		for _, c := range s.columns {
			if c.field == f {
				return c.heading
			}
		}
	}
	return string(fields[0])
}

// Rest is the table of the rows that cannot be added as they are, to be
// corrected and sent again.
func (s *Sheet) Rest() string {
	var b strings.Builder
	for i := range s.Rows {
		if r := &s.Rows[i]; !r.Good() {
			b.WriteString(r.Raw + "\n")
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return s.Head + "\n" + b.String()
}

// New counts the rows that would be added.
func (s *Sheet) New() (n int) {
	for i := range s.Rows {
		if s.Rows[i].New() {
			n++
		}
	}
	return n
}
