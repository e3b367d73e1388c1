package views

import "time"

// ReportModel is one report: figures first, then charts, then the table. All
// numbers come as the reader may see them: a view never sees an exact count
// that is not meant for them.
type ReportModel struct {
	Title  string
	Lead   string // which decision it supports, and how to read it
	Period string // "Sunday 25 October to Monday 23 November 2026"
	Note   string // which dates were taken and why, or ""
	AsOf   time.Time
	Spans  []Tab // the periods to choose from

	Find     ReportFind
	Problems []Problem

	KPIs   []KPI
	Charts []Chart
	Table  ReportTable
	First  string // address of the first page, or ""
	Next   string // address of the next page, or ""
	Beside []ReportTable

	Download ReportDownload
	Meanings []Term
	Empty    Empty
}

// ReportFind is what a report can be narrowed by, with what was typed.
type ReportFind struct {
	Action   string
	Hidden   []Field
	From, To string
	Choices  []Choice
	Open     bool   // one of the fields is filled
	Reset    string // the report without any filter, or ""
}

// Field is a hidden field of a form.
type Field struct{ Name, Value string }

// Choice is a list to choose one thing from.
type Choice struct {
	Name, Label string
	Options     []Option
}

// ReportDownload is the form that sends the rows as CSV; To "" leaves it out.
type ReportDownload struct {
	To     string
	Fields []Field
}

// ReportTable is a table of figures.
type ReportTable struct {
	ID    string
	Title string
	Heads []Head
	Rows  [][]ReportCell
}

// Head is the head of a column. Sorted is "ascending", "descending" or "".
type Head struct {
	Label, Href, Sorted string
	Number              bool
}

// ReportCell is one cell. Machine is its time for programs, or "". Bar is how
// much of a bar is filled, in per cent; below zero there is none.
type ReportCell struct {
	Text, Href, Machine string
	Number              bool
	Bar                 int
}

// Empty is what stands in place of a table without rows: what is so, and what then.
type Empty struct{ What, Then string }

// KPI is one number that matters, with its definition.
type KPI struct{ Value, Label, Note, Meaning string }

// ReportsModel is the overview of all reports.
type ReportsModel struct {
	ReportModel
	Ways []Way
}

// Way leads to a report, with the figure that matters most in it.
type Way struct{ Label, Href, Text, Figure, Means string }

// meanings are the definitions of all numbers on the page.
func (m ReportModel) meanings() (all []Term) {
	said := map[string]bool{}
	add := func(what, text string) {
		if text != "" && !said[what] {
			said[what] = true
			all = append(all, Term{What: what, Text: text})
		}
	}
	for _, k := range m.KPIs {
		add(capital(k.Label), k.Meaning)
	}
	for _, t := range m.Meanings {
		add(t.What, t.Text)
	}
	return all
}

func (h Head) sorted() string {
	if h.Sorted == "" {
		return "none"
	}
	return h.Sorted
}
