package views_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"portico/views"

	"golang.org/x/net/html"
)

func reportPage(t *testing.T, m views.ReportsModel) *html.Node {
	t.Helper()
	return draw(t, views.Reports(staff("Reports", "/admin/reports"), m))
}

func TestReportSaysWhenItWasMade(t *testing.T) {
	doc := reportPage(t, report(30))
	if got := text(one(t, doc, ".opening time")); got != "Mon 23 Nov 2026, 09:15" {
		t.Errorf("as of %q", got)
	}
	if got := attr(one(t, doc, ".opening time"), "datetime"); got != "2026-11-23T09:15+01:00" {
		t.Errorf("datetime %q", got)
	}
}

func TestEveryFigureHasItsMeaning(t *testing.T) {
	doc := reportPage(t, report(30))
	terms := texts(doc, ".terms dt")
	for _, label := range append(texts(doc, ".kpi dt"), texts(doc, "thead th")...) {
		known := slices.ContainsFunc(terms, func(term string) bool { return strings.EqualFold(term, label) })
		if !known && label != "Day" && label != "Role" {
			t.Errorf("%q is not explained", label)
		}
	}
}

func TestChartAndTableTellTheSame(t *testing.T) {
	m := report(30)
	doc := reportPage(t, m)
	rows := all(doc, "[aria-label='Table: sign-ins per day'] tbody tr")
	titles := texts(doc, ".chart g title")
	if len(rows) != 30 || len(titles) != 30 {
		t.Fatalf("%d rows and %d bars for 30 days", len(rows), len(titles))
	}
	for i, d := range m.Days {
		row := text(rows[len(rows)-1-i]) // the table has the newest first
		want := d.Day.Format("Mon 2 Jan") + " " + d.Silent.Text + " " + d.Interactive.Text + " " + d.People.Text
		if row != want {
			t.Errorf("row %q, want %q", row, want)
		}
		if !strings.HasSuffix(titles[i], ": "+d.Silent.Text+" silent, "+d.Interactive.Text+" interactive") {
			t.Errorf("bar %q for %q", titles[i], want)
		}
	}
}

// number reads one length of the drawing.
func number(t *testing.T, n *html.Node, name string) int {
	t.Helper()
	v, err := strconv.Atoi(attr(n, name))
	if err != nil {
		t.Fatalf("%s=%q: %v", name, attr(n, name), err)
	}
	return v
}

func TestBarsStandOnTheFloorInsideTheDrawing(t *testing.T) {
	m := views.ReportsModel{Days: []views.DayRow{
		{Day: now, Silent: figure(50), Interactive: figure(50)},
		{Day: now.Add(24 * time.Hour), Silent: figure(25)},
		{Day: now.Add(48 * time.Hour)},
	}}
	doc := reportPage(t, m)
	silent, clicked := all(doc, ".chart rect.silent"), all(doc, ".chart rect.interactive")
	if len(silent) != 3 || len(clicked) != 1 {
		t.Fatalf("%d and %d bars", len(silent), len(clicked))
	}
	for i, want := range []int{80, 40, 0} {
		if h, y := number(t, silent[i], "height"), number(t, silent[i], "y"); h != want || y+h != 160 {
			t.Errorf("bar %d is %d high from %d, want %d high down to 160", i, h, y, want)
		}
	}
	if y, h := number(t, clicked[0], "y"), number(t, clicked[0], "height"); y != 0 || h != 80 {
		t.Errorf("the upper bar is %d high from %d", h, y)
	}
	if got := attr(one(t, doc, ".chart svg"), "viewbox") + attr(one(t, doc, ".chart svg"), "viewBox"); got != "0 0 72 160" {
		t.Errorf("viewBox %q", got)
	}
}

func TestTopOfTheChartIsRound(t *testing.T) {
	for high, want := range map[int]string{0: "10", 10: "10", 11: "15", 655: "800", 801: "1,000", 12480: "15,000", 1_000_001: "1,500,000"} {
		doc := reportPage(t, views.ReportsModel{Days: []views.DayRow{{Day: now, Silent: figure(high)}}})
		if got := text(one(t, doc, ".over > span")); got != want {
			t.Errorf("for %d the chart ends at %q, want %q", high, got, want)
		}
	}
}

func TestRolesAreDrawnToScale(t *testing.T) {
	doc := reportPage(t, report(1))
	var widths []string
	for _, n := range all(doc, ".roles rect") {
		widths = append(widths, attr(n, "width"))
	}
	if want := []string{"100%", "8%", "2%", "0%"}; !slices.Equal(widths, want) {
		t.Errorf("widths %q, want %q", widths, want)
	}
	if got := texts(doc, ".roles tbody th"); !slices.Equal(got, []string{"Student", "Staff", "Alumni", "No role"}) {
		t.Errorf("roles %q", got)
	}
}

func TestEmptyReportIsDesigned(t *testing.T) {
	doc := reportPage(t, views.ReportsModel{AsOf: now})
	if n := len(all(doc, "svg:not(.arch), table")); n != 0 {
		t.Error("a chart or table of nothing")
	}
	if n := len(all(doc, ".empty")); n != 2 {
		t.Errorf("%d empty states", n)
	}
}
