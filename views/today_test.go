package views_test

import (
	"slices"
	"testing"

	"portico/views"
)

// What was moved or cancelled stands above the day, in a place of its own.
func TestWhatChangedStandsFirst(t *testing.T) {
	doc := draw(t, views.Dashboard(signedIn("Today", "/dashboard"), busy()))
	if got := text(one(t, doc, "section:has(#today) .head + .news h3")); got != "Moved or cancelled" {
		t.Errorf("it is called %q", got)
	}
	if got, want := texts(doc, ".news .tag"), []string{"Moved", "Cancelled"}; !slices.Equal(got, want) {
		t.Errorf("it is marked %q, want %q", got, want)
	}
	if got, want := texts(doc, ".news s"), []string{"Hall B", "Before: Today, 10:00 to 12:00", "13:00"}; !slices.Equal(got, want) {
		t.Errorf("struck through: %q, want %q", got, want)
	}
	if got := text(one(t, doc, ".now")); got != "09:00 CSC 311 Now Hall A · until 11:00" {
		t.Errorf("what takes place now reads %q", got)
	}
}

// What comes after today stands under its day, so that a row says the hour alone.
func TestWhatComesNextStandsUnderItsDay(t *testing.T) {
	m := busy()
	m.Next[0].Start = now.AddDate(0, 0, 1)
	doc := draw(t, views.Dashboard(signedIn("Today", "/dashboard"), m))
	if got, want := texts(doc, ".news ~ h3"), []string{"Tomorrow, Tue 24 Nov", "Thu 26 Nov"}; !slices.Equal(got, want) {
		t.Errorf("the days ahead: %q, want %q", got, want)
	}
	if n := len(all(doc, "h3 + .slots small")); n != 1 { // of what was moved to another day
		t.Errorf("%d rows say their day", n)
	}
}

// A student is told by number, and what belongs together stands together.
func TestFactsAreFew(t *testing.T) {
	m := student()
	m.Role = "Student" // as pages are given it
	doc := draw(t, views.Dashboard(signedIn("Today", "/dashboard"), m))
	want := []string{"Student 256240001", "Level 300", "Department Computer Science, Faculty of Computing", "Session 2026/2027, Harmattan"}
	if got := texts(doc, ".brief div"); !slices.Equal(got, want) {
		t.Errorf("facts: %q, want %q", got, want)
	}
}

// The menu of those who look after the portal is apart from everybody's.
func TestToolsStandApart(t *testing.T) {
	p := staff("Today", "/dashboard")
	p.Tools = []views.MenuItem{{Label: "Audit", Href: "/admin/audit"}}
	doc := draw(t, views.Dashboard(p, lecturer()))
	for _, nav := range []string{"header nav.main", "header details nav"} {
		if got := texts(one(t, doc, nav), ".duties a"); !slices.Equal(got, []string{"Audit"}) {
			t.Errorf("%s: the tools are %q", nav, got)
		}
	}
	if n := len(all(draw(t, views.Dashboard(signedIn("Today", "/dashboard"), student())), ".duties")); n != 0 {
		t.Error("tools are drawn for somebody who has none")
	}
}
