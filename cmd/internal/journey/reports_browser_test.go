package journey

import (
	"fmt"
	"strings"
	"testing"

	"portico/auth"
	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/browser"
	"portico/db"
)

// pages are the reports in their shapes: rounded, exact, with names, wrong.
func reportPages(exact bool) []string {
	pages := []string{"", "/sign-ins", "/people", "/people?by=day", "/reach", "/roles?by=change", "/webhooks", "/audit", "/reach?from=soon&category=moon", "/webhooks?from=2020-01-01&to=2020-01-02"}
	if exact {
		pages = append(pages, "/people?by=person", "/webhooks?by=delivery", "/audit?by=entry")
	}
	return pages
}

func TestReportsInChromium(t *testing.T) {
	t.Parallel()
	inChromium(t, func(t *testing.T, w *World, tab *browser.Tab) {
		w.Seed(t, month())
		w.Publish(t, db.Announcement, db.Content{Title: "Rules: " + strings.Repeat("how a long title gives way to the figures beside it, ", 3)})
		signIn(t, w, tab, campusonetest.SubIbrahim, "/admin/reports")
		wantText(t, tab, "silent share")
		for i, path := range reportPages(false) {
			tab.Go(w.URL + "/admin/reports" + path)
			wantNarrow(t, tab)
			wantWhole(t, tab)
			if strings.Contains(tab.Text(), "Person 0") {
				t.Errorf("%s names somebody to a lecturer", path)
			}
			picture(t, tab, fmt.Sprintf("lecturer-%d", i))
		}
		tab.Go(w.URL + "/admin/reports/sign-ins")
		tab.Click("Dates and filters")
		picture(t, tab, "filters")
		tab.Type("#from", "")
		tab.Click("This semester")
		wantText(t, tab, "the usual calendar counts")
		tab.Click("Interactive")
		if got := browser.Eval[string](tab, `document.querySelector("th[aria-sort=descending]").innerText`); !strings.HasPrefix(got, "Interactive") {
			t.Errorf("sorted by %q", got)
		}
		if !browser.Eval[bool](tab, `[...document.querySelectorAll(".scroll")].every(s => s.tabIndex == 0 && s.getAttribute("aria-label") && getComputedStyle(s).overflowX == "auto")`) {
			t.Error("a table does not scroll in a labelled region that takes the focus")
		}
		if small := browser.Eval[string](tab, `[...document.querySelectorAll("main a, main button, main summary, main select")].filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 44).map(e => e.innerText).join("|")`); small != "" {
			t.Errorf("too small to touch: %s", small)
		}
	})
}

func TestReportsOfAnAdministratorInChromium(t *testing.T) {
	t.Parallel()
	inChromium(t, func(t *testing.T, w *World, tab *browser.Tab) {
		w.Seed(t, month())
		signIn(t, w, tab, campusonetest.SubGrace, "/admin/reports")
		for i, path := range reportPages(true) {
			tab.Go(w.URL + "/admin/reports" + path)
			wantNarrow(t, tab)
			picture(t, tab, fmt.Sprintf("administrator-%d", i))
		}
		tab.Go(w.URL + "/admin/reports/people?by=person")
		wantText(t, tab, "Person 0001")
	})
}

func TestReportsAtFourHundredPercent(t *testing.T) {
	t.Parallel()
	for _, dark := range []bool{false, true} {
		t.Run(fmt.Sprintf("dark=%v", dark), func(t *testing.T) {
			w := Start(t, Options{})
			w.Seed(t, month())
			tab := browser.New(t, browser.Options{Width: 320, Dark: dark})
			signIn(t, w, tab, campusonetest.SubGrace, "/admin/reports")
			for i, path := range reportPages(true) {
				tab.Go(w.URL + "/admin/reports" + path)
				wantNarrow(t, tab)
				picture(t, tab, fmt.Sprint(i))
			}
		})
	}
}

// On a sheet of A4 between margins of a centimetre no report loses a column,
// its figures, dates and definitions stand there, and nothing to press does.
func TestReportsOnPaper(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	w.Seed(t, month())
	ours := auth.Audience{To: auth.Groups, Groups: []auth.Group{{auth.AboutRole: {"global:student"}, auth.AboutLevel: {"300"}, auth.AboutDepartment: {campusonetest.DepartmentCS}}}}
	w.Publish(t, db.Announcement, db.Content{Title: "Interdisciplinary examination arrangements", Category: "opportunities", Audience: ours.Text()})
	tab := browser.New(t, browser.Options{Print: true, Width: 718})
	signIn(t, w, tab, campusonetest.SubGrace, "/admin/reports")
	for _, path := range append(reportPages(true)[:8], "/people?by=person", "/roles?by=person", "/webhooks?by=delivery", "/audit?by=entry", "/audit?by=person") {
		tab.Go(w.URL + "/admin/reports" + path)
		wantNarrow(t, tab)
		wantText(t, tab, "As of ")
		wantText(t, tab, "What the numbers mean")
		if pressed := browser.Eval[string](tab, `[...document.querySelectorAll("button, input, select, summary, .tabs, .pager")].filter((e) => e.checkVisibility()).map((e) => e.outerHTML).join()`); pressed != "" || !browser.Eval[bool](tab, `document.querySelector("tbody").checkVisibility()`) {
			t.Errorf("%s is printed without figures, or with what can only be pressed: %s", path, pressed)
		}
	}
}

// A full page of twenty rows with its chart stays within 6 kB.
func TestReportsAreLight(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := month()
	p.Opened = []int{31, 12, 3, 0, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25}
	w.Seed(t, p)
	tab := browser.New(t, browser.Options{Phone: true})
	signIn(t, w, tab, campusonetest.SubGrace, "/dashboard")
	var pages []string
	for _, path := range append(reportPages(true), "/sign-ins?period=semester", "/sign-ins?from=2025-12-01&by=day", "/roles?by=person") {
		pages = append(pages, "/admin/reports"+path)
	}
	wantLight(t, w, tab, pages...)
}
