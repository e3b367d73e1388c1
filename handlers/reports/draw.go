package reports

import (
	"strconv"
	"strings"
	"time"

	"portico/handlers/sheet"
	"portico/handlers/words"
	"portico/views"
)

// headlines are the numbers that matter, as the reader may see them.
func headlines(eye sheet.Eye, all []headline) (kpis []views.KPI) {
	for _, h := range all {
		k := views.KPI{Label: h.label, Meaning: h.meaning, Value: words.Thousands(eye.Among(h.n, h.among).Text)}
		if h.share {
			k.Value = percent(eye.Share(eye.Count(h.n), eye.Count(h.of)))
		}
		k.Note = noted(h.note, words.Thousands(eye.Count(h.noted).Text))
		kpis = append(kpis, k)
	}
	return kpis
}

// noted puts a number into a note, whose word follows it.
func noted(note, number string) string {
	if number == "1" {
		note = strings.NewReplacer("people", "person", "sign-ins", "sign-in", "attempts", "attempt", "changes", "change", "webhooks", "webhook", "deeds", "deed").Replace(note)
	}
	return strings.Replace(note, "%s", number, 1)
}

func percent(share sheet.Figure) string {
	if share.Text == "" {
		return "no figure"
	}
	return share.Text + " %"
}

// charts draws columns over time, of rows in the order of time.
func (a *ask) charts(all []drawing, rows []sheet.Row) (drawn []views.Chart) {
	for i, d := range all {
		of := a.cut.columns
		c := views.Chart{ID: "chart" + strconv.Itoa(i+1), Caption: d.caption, Table: "the table below"}
		for _, name := range d.parts {
			c.Parts = append(c.Parts, of[sheet.At(of, name)].Label)
		}
		for _, l := range a.eye.Lines(of, rows) {
			c.Bars = append(c.Bars, a.bar(of, l, d.parts))
		}
		drawn = append(drawn, c)
	}
	return drawn
}

// bar draws one row of a table.
func (a *ask) bar(columns []sheet.Column, l sheet.Line, parts []string) views.ChartBar {
	b := views.ChartBar{Label: columns[0].Screen(l.Cells[0], a.now), Short: l.Cells[0].At.Format("2 Jan")}
	if columns[0].Kind == sheet.Hour {
		b.Short = l.Cells[0].At.Format("15:04")
	}
	for part, name := range parts {
		cell := l.Cells[sheet.At(columns, name)]
		b.Values[part], b.Texts[part] = cell.Value, words.Thousands(cell.Text)
	}
	return b
}

// table is the main table; its heads put it in order.
func (a *ask) table(lines []sheet.Line) views.ReportTable {
	t := a.draw("rows", a.cut.title, a.cut.columns, lines)
	for i, c := range a.cut.columns {
		t.Heads[i].Href, t.Heads[i].Sorted = a.sorting(c)
	}
	return t
}

// beside are the further tables. They are short and whole.
func (a *ask) beside(sides []side) (tables []views.ReportTable) {
	for i, s := range sides {
		lines := a.eye.Lines(s.columns, s.rows)
		if s.order != asFound {
			sheet.Sort(s.columns, lines, sheet.ParseOrder(s.order))
		}
		tables = append(tables, a.draw("beside"+strconv.Itoa(i+1), s.title, s.columns, lines))
	}
	return tables
}

// draw makes a table of lines.
func (a *ask) draw(id, title string, columns []sheet.Column, lines []sheet.Line) views.ReportTable {
	t := views.ReportTable{ID: id, Title: title}
	for _, c := range columns {
		t.Heads = append(t.Heads, views.Head{Label: c.Label, Number: c.Number()})
	}
	for _, l := range lines {
		row := make([]views.ReportCell, len(columns))
		for i, c := range columns {
			row[i] = a.cell(c, l.Cells[i])
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (a *ask) cell(c sheet.Column, from sheet.Cell) views.ReportCell {
	to := views.ReportCell{Text: c.Screen(from, a.now), Href: from.Href, Number: c.Number(), Bar: -1}
	if !from.At.IsZero() {
		to.Machine = from.At.Format(time.RFC3339)
		if c.Kind == sheet.Day {
			to.Machine = c.Plain(from)
		}
	}
	if c.Bar && from.Value >= 0 {
		to.Bar = min(100, from.Value/10)
	}
	return to
}

var rounding = views.Term{What: "Rounding", Text: "You see counts to the nearest 5; 1 to 4 is written as “under 5”, and so is what any of 1 to 4 people did. Totals are rounded from the true total, so rows may not add up to them. Shares are made of rounded counts. Who manages the portal sees exact ones."}

// meanings are the definitions of all columns, and what else is to be known.
func (a *ask) meanings(sides []side) []views.Term {
	terms := columnTerms(a.cut.columns)
	for _, s := range sides {
		terms = append(terms, columnTerms(s.columns)...)
	}
	terms = append(terms, a.report.meanings...)
	if !a.eye.Exact {
		terms = append(terms, rounding)
	}
	return terms
}

func columnTerms(columns []sheet.Column) (terms []views.Term) {
	for _, c := range columns {
		if c.Meaning != "" {
			terms = append(terms, views.Term{What: c.Label, Text: c.Meaning})
		}
	}
	return terms
}
