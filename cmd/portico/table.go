package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

// table prints rows under their headings, aligned. An empty cell shows a dash.
func (s *shell) table(headings []string, rows [][]string) error {
	w := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(headings, "\t"))
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = shown(c)
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	return w.Flush()
}

// shown is text from elsewhere as a terminal may print it: names can hold line
// breaks and the codes that move a cursor.
func shown(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return '\uFFFD'
		}
		return r
	}, text)
	if text = strings.TrimSpace(text); text == "" {
		return "-"
	}
	return text
}

// when is a moment as people read it, in the portal's time zone.
func (d *desk) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(d.zone).Format("Mon 2 Jan 2006 15:04")
}

// zoneNote says once which clock the times go by.
func (d *desk) zoneNote() error {
	_, err := fmt.Fprintf(d.stdout, "\nTimes are those of %s.\n", d.zone)
	return err
}
