package sheet

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"portico/handlers/words"
)

// Kind is how a column's cells are read, written and put in order.
type Kind int

// The kinds of columns.
const (
	Text   Kind = iota
	Count       // how many; rounded for whom exact counts are not meant
	Share       // per cent, of two other columns
	Day         // a date, or the first of the days that a row stands for
	Hour        // a full hour
	Moment      // to the second
)

// Column is one column of a report.
type Column struct {
	Name    string // in addresses
	Label   string
	Meaning string // the definition of its numbers, or ""
	Kind    Kind
	Part    string // of a Share: the names of the columns it is made of
	Whole   string
	Among   string // of a Count of people: the name of the column that holds how many they may be
	Bar     bool   // a bar is drawn beside the figure
}

// Number says whether the column holds numbers.
func (c Column) Number() bool { return c.Kind == Count || c.Kind == Share }

func (c Column) timed() bool { return c.Kind == Day || c.Kind == Hour || c.Kind == Moment }

// Value is one exact cell: a text, a count or a time, as its column says.
type Value struct {
	Text string
	N    int
	At   time.Time
	Href string // where the cell leads, or ""
}

// Row is one exact row. No two rows have the same key.
type Row struct {
	Key    string
	Values []Value
}

// Cell is what a reader may see of a value.
type Cell struct {
	Figure
	At   time.Time
	Href string
}

// Line is what a reader may see of a row.
type Line struct {
	Key   string
	Cells []Cell
}

// Lines makes what a reader may see of rows.
func (e Eye) Lines(columns []Column, rows []Row) []Line {
	lines := make([]Line, len(rows))
	for i, r := range rows {
		lines[i] = e.Line(columns, r)
	}
	return lines
}

// Line makes what a reader may see of one row.
func (e Eye) Line(columns []Column, r Row) Line {
	l := Line{Key: r.Key, Cells: make([]Cell, len(columns))}
	for i, v := range r.Values {
		l.Cells[i] = Cell{Figure: Figure{Text: v.Text}, At: v.At, Href: v.Href}
		if columns[i].Kind == Count {
			l.Cells[i].Figure = e.Count(v.N)
			if columns[i].Among != "" {
				l.Cells[i].Figure = e.Among(v.N, r.Values[At(columns, columns[i].Among)].N)
			}
		}
	}
	for i, c := range columns {
		if c.Kind == Share {
			l.Cells[i].Figure = e.Share(l.Cells[At(columns, c.Part)].Figure, l.Cells[At(columns, c.Whole)].Figure)
		}
	}
	return l
}

// At is where a column stands, or -1.
func At(columns []Column, name string) int {
	return slices.IndexFunc(columns, func(c Column) bool { return c.Name == name })
}

// Order is by which column lines are sorted.
type Order struct {
	Column string
	Down   bool // the highest first
}

// ParseOrder reads an order as addresses hold it: "people", or "-people" for
// the highest first.
func ParseOrder(text string) Order {
	name, down := strings.CutPrefix(text, "-")
	return Order{name, down}
}

// String is the order as addresses hold it.
func (o Order) String() string {
	if o.Down {
		return "-" + o.Column
	}
	return o.Column
}

// Sort puts lines in order: by what is seen in the column, then by the first
// cell, then by the key.
func Sort(columns []Column, lines []Line, by Order) {
	at := max(0, At(columns, by.Column))
	slices.SortFunc(lines, func(a, b Line) int {
		first := compare(columns[at], a.Cells[at], b.Cells[at])
		if by.Down {
			first = -first
		}
		return cmp.Or(first, compare(columns[0], a.Cells[0], b.Cells[0]), strings.Compare(a.Key, b.Key))
	})
}

func compare(c Column, a, b Cell) int {
	switch c.Kind {
	case Count, Share:
		return a.Value - b.Value
	case Day, Hour, Moment:
		return a.At.Compare(b.At)
	}
	return cmp.Or(strings.Compare(strings.ToLower(a.Text), strings.ToLower(b.Text)), strings.Compare(a.Text, b.Text))
}

// Page is the lines after the one with a key, so many at most; "" is the
// beginning. further is the key to go on after, or "". A key that is gone is
// the beginning.
func Page(lines []Line, after string, size int) (page []Line, further string) {
	if after != "" {
		lines = lines[slices.IndexFunc(lines, func(l Line) bool { return l.Key == after })+1:]
	}
	if len(lines) <= size {
		return lines, ""
	}
	return lines[:size], lines[size-1].Key
}

// Plain is a cell as the CSV has it; numbers and dates are for programs.
func (c Column) Plain(cell Cell) string {
	if cell.At.IsZero() && c.timed() {
		return ""
	}
	switch c.Kind {
	case Day:
		return cell.At.Format(time.DateOnly)
	case Hour:
		return cell.At.Format("2006-01-02 15:04")
	case Moment:
		return cell.At.Format(time.DateTime)
	}
	return cell.Text
}

// Screen is a cell as a page has it; the year is left out while it is this one.
func (c Column) Screen(cell Cell, now time.Time) string {
	if cell.At.IsZero() && c.timed() {
		return ""
	}
	switch c.Kind {
	case Count:
		return words.Thousands(cell.Text)
	case Day:
		return day(cell.At, now)
	case Hour, Moment:
		return day(cell.At, now) + cell.At.Format(", 15:04")
	}
	return cell.Text
}

func day(t, now time.Time) string {
	if t.Year() == now.Year() {
		return t.Format("Mon 2 Jan")
	}
	return t.Format("Mon 2 Jan 2006")
}

// Nothing says whether all counts of a line are zero.
func (l Line) Nothing(columns []Column) bool {
	for i, c := range columns {
		if c.Kind == Count && l.Cells[i].Value != 0 {
			return false
		}
	}
	return true
}
