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
	"/people", "/pages/courses", "/search", "/search?q=csc301", "/search?q=zzz", "/search?q=library",
}

// Every public page fits any window, down to 320 pixels, which is 400 % of a
// desk's; axe finds nothing in light or dark; the console is silent.
func TestPublicPagesInChromium(t *testing.T) {
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
				picture(t, tab, name+strings.NewReplacer("/", "-", "?", "-", "=", "-").Replace(path))
			}
			for _, path := range []string{"/", "/announcements", "/events", "/people"} {
				look(bare, path, "empty")
			}
			for _, path := range publicPages {
				look(w, path, "full")
			}
			signIn(t, w, tab, campusonetest.SubAmina, "/dashboard")
			for _, path := range []string{"/", "/announcements", "/announcements/300-level-laboratory-groups"} {
				look(w, path, "amina")
			}
			for _, e := range tab.ConsoleErrors() {
				t.Errorf("the console says: %s", e)
			}
		})
	}
}
