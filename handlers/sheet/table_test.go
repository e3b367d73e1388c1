package sheet_test

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"portico/handlers/sheet"

	"pgregory.net/rapid"
)

var columns = []sheet.Column{
	{Name: "role", Label: "Role", Kind: sheet.Text},
	{Name: "met", Label: "Met", Kind: sheet.Count},
	{Name: "active", Label: "Active", Kind: sheet.Count},
	{Name: "share", Label: "Active %", Kind: sheet.Share, Part: "active", Whole: "met"},
}

func row(role string, met, active int) sheet.Row {
	return sheet.Row{Key: role, Values: []sheet.Value{{Text: role}, {N: met}, {N: active}, {}}}
}

// look is all that a reader gets of rows: the lines of every page.
func look(eye sheet.Eye, rows []sheet.Row, by sheet.Order) (pages [][]sheet.Line) {
	lines := eye.Lines(columns, rows)
	sheet.Sort(columns, lines, by)
	for after := ""; ; {
		page, further := sheet.Page(lines, after, 3)
		pages = append(pages, page)
		if after = further; further == "" {
			return pages
		}
	}
}

func order(lines []sheet.Line) string {
	var keys []string
	for _, l := range lines {
		keys = append(keys, l.Key)
	}
	return strings.Join(keys, " ")
}

// Exact counts would put c before b and a before d.
func TestOrderIsThatOfWhatIsSeen(t *testing.T) {
	rows := []sheet.Row{row("d", 11, 1), row("c", 12, 2), row("b", 9, 4), row("a", 12, 3), row("e", 0, 0)}
	lines := rounded.Lines(columns, rows)
	for by, want := range map[string]string{"-met": "a b c d e", "met": "e a b c d", "-active": "a b c d e", "role": "a b c d e", "-role": "e d c b a", "-share": "a b c d e"} {
		sheet.Sort(columns, lines, sheet.ParseOrder(by))
		if got := order(lines); got != want {
			t.Errorf("sorted by %s: %s, want %s", by, got, want)
		}
	}
	lines = exact.Lines(columns, rows)
	sheet.Sort(columns, lines, sheet.ParseOrder("-met"))
	if got := order(lines); got != "a c d b e" {
		t.Errorf("whoever manages the portal sees %s", got)
	}
}

// Two sets of figures with equal rounded counts cannot be told apart, whatever
// is sorted and on whatever page; it fails as soon as anything exact is left.
func TestEqualRoundedCountsLookTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 9).Draw(t, "rows")
		var one, other []sheet.Row
		for i := range n {
			name := string(rune('a' + i))
			met := rapid.IntRange(0, 40).Draw(t, name+" met")
			active := rapid.IntRange(0, met).Draw(t, name+" active")
			one = append(one, row(name, met, active))
			other = append(other, row(name, like(t, met), like(t, active)))
		}
		by := sheet.ParseOrder(rapid.SampledFrom([]string{"role", "-role", "met", "-met", "active", "-active", "share", "-share"}).Draw(t, "by"))
		if a, b := look(rounded, one, by), look(rounded, other, by); !reflect.DeepEqual(a, b) {
			t.Fatalf("by %v:\n%v\n%v", by, a, b)
		}
	})
}

// like draws a count that is rounded to the same.
func like(t *rapid.T, n int) int {
	switch {
	case n == 0:
		return 0
	case n < 5:
		return rapid.IntRange(1, 4).Draw(t, "like")
	}
	middle := (n + 2) / 5 * 5
	return max(5, middle+rapid.IntRange(-2, 2).Draw(t, "like"))
}

func TestPagesHoldEveryLineOnce(t *testing.T) {
	var rows []sheet.Row
	for i := range 10 {
		rows = append(rows, row(strconv.Itoa(i), 5, 0))
	}
	pages := look(exact, rows, sheet.Order{Column: "role"})
	var seen []string
	for _, p := range pages {
		seen = append(seen, order(p))
	}
	if got := strings.Join(seen, " | "); got != "0 1 2 | 3 4 5 | 6 7 8 | 9" {
		t.Errorf("pages %s", got)
	}
	if page, _ := sheet.Page(exact.Lines(columns, rows), "gone", 3); order(page) != "0 1 2" {
		t.Error("after a line that is gone the list does not begin anew")
	}
}

func TestCellsOnScreenAndForPrograms(t *testing.T) {
	at := time.Date(2026, 9, 7, 8, 5, 9, 0, time.UTC)
	cell := sheet.Cell{Figure: sheet.Figure{Text: "12480", Value: 12480}, At: at}
	for kind, want := range map[sheet.Kind][2]string{
		sheet.Text: {"12480", "12480"}, sheet.Count: {"12,480", "12480"}, sheet.Day: {"Mon 7 Sep", "2026-09-07"},
		sheet.Hour: {"Mon 7 Sep, 08:05", "2026-09-07 08:05"}, sheet.Moment: {"Mon 7 Sep, 08:05", "2026-09-07 08:05:09"},
	} {
		c := sheet.Column{Kind: kind}
		if got := [2]string{c.Screen(cell, at), c.Plain(cell)}; got != want {
			t.Errorf("kind %d: %q, want %q", kind, got, want)
		}
	}
	if got := (sheet.Column{Kind: sheet.Day}).Screen(cell, at.AddDate(1, 0, 0)); got != "Mon 7 Sep 2026" {
		t.Errorf("a day of last year is %q", got)
	}
	for _, c := range []sheet.Column{{Kind: sheet.Day}, {Kind: sheet.Moment}} {
		if got := c.Screen(sheet.Cell{}, at) + c.Plain(sheet.Cell{}); got != "" {
			t.Errorf("no time at all is %q", got)
		}
	}
}
