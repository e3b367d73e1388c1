package journey

import (
	_ "embed"
	"regexp"
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/browser"
	"portico/static"
)

//go:embed testdata/readable.js
var readableScript string

// wantReadable looks at a page as an old browser lays it out: all text of 14
// pixels or more, none over another, none at the window's edge, in the order
// of the document, with room between sections; links that can be told from
// text; no scrolling sideways.
func wantReadable(t *testing.T, tab *browser.Tab) {
	t.Helper()
	for _, problem := range browser.Eval[[]string](tab, "("+readableScript+")()") {
		t.Errorf("%s: %s", tab.URL(), problem)
	}
}

// variables are the declarations that browsers without custom properties do
// not understand; they leave out each of them.
var variables = regexp.MustCompile(`[-a-z]+:[^;{}]*var\([^;{}]*;?`)

// Browsers that know no layers (Opera Mini and its like) read the base of the
// stylesheet alone, and older ones not even its custom properties; they run no
// script. All that people do works there, and can be read.
func TestOldBrowsers(t *testing.T) {
	t.Parallel()
	base := static.Base()
	for name, sheet := range map[string][]byte{"without layers": base, "without layers and custom properties": variables.ReplaceAll(base, nil)} {
		t.Run(name, func(t *testing.T) {
			if strings.Contains(string(sheet), "@layer") || len(sheet) < 1000 {
				t.Fatalf("this is not the base: %s", sheet)
			}
			w := department(t, Options{Clock: noon(t)})
			w.fullDay(t)
			tab := browser.New(t, browser.Options{Phone: true, Width: 320, NoScript: true, Stylesheet: sheet})
			step := func(does, says string) {
				t.Helper()
				if does != "" {
					tab.Click(does)
				}
				wantText(t, tab, says)
				wantReadable(t, tab)
			}
			tab.Go(w.URL + "/")
			step("", "Lecture hall B is closed until Friday")
			step("Lecture hall B is closed until Friday", "meet in the ICT annexe")
			tab.Type("#seek", "csc301")
			step("Search", "CSC 301 Operating systems")
			step("CSC 301 Operating systems", "Every week until")
			for _, path := range []string{"/announcements", "/announcements/harmattan-examination-timetable-first-draft", "/events", "/people", "/pages/courses"} {
				tab.Go(w.URL + path)
				wantReadable(t, tab)
			}
			tab.Click("Sign in with Campus One")
			tab.Click(nameOf(t, campusonetest.SubAmina))
			tab.Go(w.URL + "/dashboard")
			step("", "Good afternoon, Amina Baobab")
			step(".unread button", "Marked as read.")
			tab.Go(w.URL + "/account")
			step("", "Student ID")
			step("Sign out", "You are signed out")
			for _, problem := range tab.ConsoleErrors() {
				t.Errorf("the console says: %s", problem)
			}
		})
	}
}
