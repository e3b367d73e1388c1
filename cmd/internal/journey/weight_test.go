package journey

import (
	"fmt"
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/browser"
	"portico/db"
)

// What comes over the wire, headers and the silent check's redirects included,
// must stay small enough for metered data: 14 kB first, 6 kB later.
func TestPagesAreLight(t *testing.T) {
	const first, later = 14_000, 6_000
	w := Start(t, Options{})
	tab := browser.New(t, browser.Options{Phone: true})
	weigh := func(what, path string, most int) {
		t.Helper()
		tab.Reset()
		tab.Go(w.URL + path)
		n := 0
		for _, r := range tab.Requests() {
			n += r.Bytes
			if !strings.HasPrefix(r.URL, w.URL) && !strings.HasPrefix(r.URL, w.Provider.URL()) {
				t.Errorf("%s asks a third party: %s", what, r.URL)
			}
		}
		t.Logf("%-32s %5d bytes, %d requests", what, n, len(tab.Requests()))
		if n > most {
			t.Errorf("%s: %d bytes, at most %d", what, n, most)
		}
	}
	w.SaveSettings(t, departmentSettings())
	w.publishNotices(t)
	w.publishEvents(t)
	w.publishOthers(t)
	for n := range 20 {
		w.Publish(t, db.Announcement, db.Content{Title: fmt.Sprintf("Notice %d: %s", n, longText(6)[:40]), Body: longText(30 + n)})
	}
	weigh("first visit to /", "/", first)
	for _, path := range []string{"/announcements", "/events", "/people", "/pages/how-to-apply", "/search?q=the", "/announcements/harmattan-examination-timetable-first-draft", "/events/csc-301-operating-systems"} {
		weigh(path+" later", path, later)
	}
	weigh("/ again", "/", later)
	signIn(t, w, tab, campusonetest.SubGrace, "/dashboard")
	weigh("/dashboard later", "/dashboard", later)
	weigh("/admin/reports later", "/admin/reports", later)
}
