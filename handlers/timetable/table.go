package timetable

import (
	"encoding/csv"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// MostRows is how many events one file may hold.
	MostRows    = 1000
	headsWithin = 15 // lines: above the headings some write a title
	mostLines   = 30 // of one cell: a quotation mark that is never closed takes all that follows
)

// record is one line of the table; a cell in quotation marks may span several
// of the file.
type record struct {
	line   int // of the file, from 1
	cells  []string
	raw    string
	broken bool // its quotation marks do not fit together
}

// separators are what may stand between cells.
var separators = []rune{',', ';', '\t', '|'}

// separator finds what stands between the cells of a text: what Excel says in
// a line of its own, or else what lets the first lines name the most columns.
func separator(text string) (comma rune, said bool) {
	first, _, _ := strings.Cut(text, "\n")
	if name, ok := strings.CutPrefix(strings.ToLower(strings.Trim(first, "\" ")), "sep="); ok {
		if r, _ := utf8.DecodeRuneInString(name); slices.Contains(separators, r) {
			return r, true
		}
	}
	comma, most := ',', 0
	for _, r := range separators {
		known := 0
		for _, line := range firstLines(text, headsWithin) {
			known = max(known, len(findColumns(split(line, r))))
		}
		if known > most {
			comma, most = r, known
		}
	}
	return comma, false
}

func firstLines(text string, n int) []string {
	lines := strings.SplitN(text, "\n", n+1)
	return lines[:min(len(lines), n)]
}

// split is one line without regard to what follows it.
func split(line string, comma rune) []string {
	r := csv.NewReader(strings.NewReader(line))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = comma, true, -1
	cells, _ := r.Read() // a line that cannot be read has no cells
	return cells
}

// records takes a text apart. A line whose quotation marks are wrong is
// broken alone: reading goes on with the next one.
func records(text string, comma rune) (all []record) {
	for line := 1; len(all) <= MostRows+headsWithin; {
		bare := strings.TrimLeft(text, "\n")
		line += len(text) - len(bare)
		if text = bare; text == "" {
			return all
		}
		one, taken := next(text, comma)
		one.line, one.raw = line, strings.TrimRight(text[:taken], "\n")
		line += strings.Count(text[:taken], "\n")
		text = text[taken:]
		if one.broken || slices.ContainsFunc(one.cells, func(c string) bool { return strings.TrimSpace(c) != "" }) {
			all = append(all, one)
		}
	}
	return all
}

// next is the first record of a text, and how much of it that is.
func next(text string, comma rune) (one record, taken int) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.TrimLeadingSpace = comma, -1, comma != '\t'
	cells, err := r.Read()
	taken = int(r.InputOffset())
	if err == nil && strings.Count(text[:taken], "\n") <= mostLines {
		return record{cells: cells}, taken
	}
	if taken = strings.IndexByte(text, '\n') + 1; taken == 0 {
		taken = len(text)
	}
	return record{cells: split(text[:taken], comma), broken: true}, taken
}
