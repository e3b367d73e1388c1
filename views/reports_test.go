package views_test

import (
	"slices"
	"strings"
	"testing"

	"portico/views"

	"golang.org/x/net/html"
)

func reportPage(t *testing.T, m views.ReportModel) *html.Node {
	t.Helper()
	return draw(t, views.Report(staff("Sign-ins", "/admin/reports/sign-ins"), m))
}

func TestReportSaysWhenItWasMadeAndForWhichDays(t *testing.T) {
	doc := reportPage(t, report(30))
	if got := text(one(t, doc, ".opening time")); got != "Mon 23 Nov 2026, 09:15" {
		t.Errorf("as of %q", got)
	}
	if got := attr(one(t, doc, ".opening time"), "datetime"); got != "2026-11-23T09:15+01:00" {
		t.Errorf("datetime %q", got)
	}
	if got := text(one(t, doc, ".opening")); !strings.Contains(got, "Sunday 25 October to Monday 23 November 2026.") || !strings.Contains(got, "The usual calendar counts.") {
		t.Errorf("the opening says %q", got)
	}
}

func TestEveryFigureHasItsMeaning(t *testing.T) {
	for name, doc := range map[string]*html.Node{"report": reportPage(t, report(30)), "overview": draw(t, views.Reports(staff("Reports", "/admin/reports"), reports()))} {
		terms := texts(doc, ".terms dt")
		for _, label := range append(texts(doc, ".kpi dt"), texts(doc, "thead th.n")...) {
			if !slices.ContainsFunc(terms, func(term string) bool { return strings.EqualFold(term, label) }) {
				t.Errorf("%s: %q is not explained", name, label)
			}
		}
		if slices.Sort(terms); len(slices.Compact(slices.Clone(terms))) != len(terms) {
			t.Errorf("%s: something is explained twice: %q", name, terms)
		}
	}
}

// The drawing has a title and a description, and names the table that has all
// of it; its parts are told apart by being filled or hollow.
func TestChartIsToldInWords(t *testing.T) {
	doc := reportPage(t, report(30))
	svg := one(t, doc, ".chart svg[role=img]")
	title, desc, _ := strings.Cut(attr(svg, "aria-labelledby"), " ")
	if got := text(one(t, svg, "#"+title)); got != "Sign-ins by day" {
		t.Errorf("the title is %q", got)
	}
	want := "30 bars, from Sun 25 Oct 2026 to Mon 23 Nov 2026. The highest is Wed 4 Nov 2026: 650 silent, 40 interactive. The table below has every figure."
	if got := text(one(t, svg, "#"+desc)); got != want {
		t.Errorf("the description is %q", got)
	}
	one(t, svg, "path.silent:not([fill])")
	one(t, svg, "path.interactive[fill=none]")
}

func TestBarsStandOnTheFloorInsideTheDrawing(t *testing.T) {
	c := views.Chart{ID: "c", Caption: "c", Parts: []string{"Low", "High"}, Bars: []views.ChartBar{{Values: [2]int{50, 50}}, {Values: [2]int{25, 0}}, {}}}
	doc := reportPage(t, views.ReportModel{Charts: []views.Chart{c}})
	if got := attr(one(t, doc, ".chart path.silent"), "d"); got != "M4 160v-80h16v80zM28 160v-40h16v40z" {
		t.Errorf("the lower part is %q", got)
	}
	if got := attr(one(t, doc, ".chart path.interactive"), "d"); got != "M4 80v-80h16v80z" {
		t.Errorf("the upper part is %q", got)
	}
	if got := attr(one(t, doc, ".chart svg"), "viewbox") + attr(one(t, doc, ".chart svg"), "viewBox"); got != "0 0 72 160" {
		t.Errorf("viewBox %q", got)
	}
}

func TestTopOfTheChartIsRound(t *testing.T) {
	for high, want := range map[int]string{0: "10", 10: "10", 11: "15", 655: "800", 801: "1,000", 12480: "15,000", 1_000_001: "1,500,000"} {
		c := views.Chart{ID: "c", Caption: "c", Parts: []string{"All"}, Bars: []views.ChartBar{{Values: [2]int{high, 0}}}}
		doc := reportPage(t, views.ReportModel{Charts: []views.Chart{c}})
		if got := text(one(t, doc, ".over > span")); got != want {
			t.Errorf("for %d the chart ends at %q, want %q", high, got, want)
		}
	}
}

func TestTableIsSortedByItsHeads(t *testing.T) {
	doc := reportPage(t, report(3))
	heads := all(doc, "section[aria-labelledby=rows] thead th")
	if len(heads) != 4 || attr(heads[0], "aria-sort") != "descending" || attr(heads[1], "aria-sort") != "none" {
		t.Fatalf("%d heads, sorted %q and %q", len(heads), attr(heads[0], "aria-sort"), attr(heads[1], "aria-sort"))
	}
	if attr(heads[3], "aria-sort") != "" || len(all(heads[3], "a")) != 0 {
		t.Error("a column that cannot be sorted says that it can")
	}
	if got := attr(one(t, heads[1], "a"), "href"); got != "/admin/reports/sign-ins?sort=-silent" {
		t.Errorf("the head leads to %q", got)
	}
	bars := all(doc, "td.n svg[aria-hidden=true] rect.silent")
	if len(bars) != 3 || attr(bars[0], "width") != "94%" {
		t.Errorf("%d bars beside figures", len(bars))
	}
}

// A download is noted in the audit, so nothing but a posted form causes one.
func TestDownloadIsAPostedForm(t *testing.T) {
	doc := reportPage(t, report(3))
	form := one(t, doc, "form[method=post][action='/admin/reports/sign-ins/csv']")
	if attr(one(t, form, "input[name=tag]"), "value") != "5d1c0a" || attr(one(t, form, "input[name=by]"), "value") != "day" {
		t.Error("the form does not say for whom and of what it is")
	}
	if n := len(all(doc, "a[href*=csv]")); n != 0 {
		t.Errorf("%d links lead to a download", n)
	}
}

func TestWrongFiltersKeepWhatWasTyped(t *testing.T) {
	doc := reportPage(t, wrongReport())
	if got := attr(one(t, doc, "#from"), "value"); got != "x" {
		t.Errorf("the first day is %q", got)
	}
	if got := attr(one(t, doc, "#category option[selected]"), "value"); got != "y" {
		t.Errorf("the category is %q", got)
	}
	for _, id := range []string{"from", "category"} {
		field := one(t, doc, "#"+id+"[aria-invalid=true]")
		if got := text(one(t, doc, "#"+attr(field, "aria-describedby"))); got == "" {
			t.Errorf("%s is wrong without a word", id)
		}
		one(t, doc, ".problems a[href='#"+id+"']")
	}
	if n := len(all(doc, "main table, main svg, .kpi, form[method=post][action*=csv]")); n != 0 {
		t.Error("figures are shown for a filter that is wrong")
	}
}

func TestEmptyReportIsDesigned(t *testing.T) {
	doc := reportPage(t, views.ReportModel{Title: "Reach", Empty: views.Empty{What: "Nothing", Then: "Choose other dates."}})
	if n := len(all(doc, "main svg, main table, main form[method=post]")); n != 0 {
		t.Error("a chart, table or download of nothing")
	}
	one(t, doc, ".empty")
}
