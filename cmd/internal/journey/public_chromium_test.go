package journey

import (
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/browser"
)

// publicPages are all pages of what people read, full and empty.
var publicPages = []string{
	"/", "/announcements", "/announcements?category=exams", "/announcements/harmattan-examination-timetable-first-draft", "/announcements/library-hours-during-the-strike",
	"/announcements/how-to-ask-for-a-reference-letter",
	"/events", "/events/guest-lecture-databases-at-sea", "/events/csc-301-operating-systems", "/events/staff-and-students-forum", "/events/football-staff-against-finalists",
	"/people", "/pages/courses", "/search", "/search?q=csc301", "/search?q=zzz", "/search?q=library", "/privacy", "/accessibility",
}

// personalPages are the pages of a signed-in person that are theirs alone, and
// those that show them more than everybody.
var personalPages = []string{
	"/", "/announcements", "/announcements/300-level-laboratory-groups", "/events", "/dashboard", "/dashboard/calendar", "/account", "/account/forget",
}

// Every public page fits any window, down to 320 pixels, which is 400 % of a
// desk's; axe finds nothing in light or dark; the console is silent.
func TestPublicPagesInChromium(t *testing.T) {
	t.Parallel()
	for _, win := range []window{
		{"phone", browser.Options{Phone: true}}, {"phone dark", browser.Options{Phone: true, Dark: true}},
		{"desk", browser.Options{}}, {"desk dark", browser.Options{Dark: true}}, {"narrow", browser.Options{Width: 320}},
	} {
		t.Run(win.name, func(t *testing.T) {
			w, bare := department(t, Options{}), Start(t, Options{})
			tab := browser.New(t, win.o)
			look := func(w *World, path, name string) {
				t.Helper()
				tab.Go(w.URL + path)
				if over := browser.Eval[int](tab, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
					t.Errorf("%s is %d pixels too wide", path, over)
				}
				if win.name != "narrow" { // axe finds there what it finds on a phone
					picture(t, tab, name+strings.NewReplacer("/", "-", "?", "-", "=", "-").Replace(path))
				}
			}
			for _, path := range []string{"/", "/announcements", "/events", "/people"} {
				look(bare, path, "empty")
			}
			for _, path := range publicPages {
				look(w, path, "full")
			}
			signIn(t, w, tab, campusonetest.SubAmina, "/dashboard")
			for _, path := range personalPages {
				look(w, path, "amina")
			}
			for _, e := range tab.ConsoleErrors() {
				t.Errorf("the console says: %s", e)
			}
		})
	}
}

// A search form whose answer is our redirect to Campus One arrives, though
// Chromium applies form-action to what follows a form: with nobody known yet,
// and with a session that has ended. What was looked for is not lost.
func TestSearchLeadsOverCampusOne(t *testing.T) {
	t.Parallel()
	w := department(t, Options{})
	tab := browser.New(t, browser.Options{})
	look := func(words, want string) {
		t.Helper()
		tab.Type("#seek", words)
		tab.Reset()
		tab.Click("Search")
		tab.WaitText(want)
		if got := way(w, tab); !strings.HasPrefix(got, "303 portal /search, 302 campusone /api/auth/oauth2/authorize") || !strings.HasSuffix(got, "200 portal /search") {
			t.Errorf("the way: %s; console: %q", got, tab.ConsoleErrors())
		}
		if !strings.HasPrefix(tab.URL(), w.URL+"/search?q=") {
			t.Errorf("the search ends at %s", tab.URL())
		}
	}
	tab.Go(w.URL + "/people")
	tab.Forget("c1_anon")
	look("csc301", "CSC 301 Operating systems")
	signIn(t, w, tab, campusonetest.SubAmina, "/dashboard")
	tab.Go(w.URL + "/people")
	w.forgetSession(t, campusonetest.SubAmina)
	look("laboratory", "300 level: laboratory groups")
}
