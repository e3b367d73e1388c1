package journey

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/browser"
	"portico/db"
)

// What comes over the wire, headers and the silent check's redirects included,
// must stay small enough for metered data: 14 kB first, 6 kB later.
func TestPagesAreLight(t *testing.T) {
	t.Parallel()
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

// TestPageTable tells of each page what it costs: what comes over the wire at
// a first visit with nothing kept, and later; the requests of both; when it
// shows itself on a weak network, first and later; and what axe finds. Run it
// with -v to read the table. What it asserts is that later visits are light and
// axe finds nothing; the rest is asserted by TestPagesAreLight, TestWeakNetwork
// and the pages' own tests, which is why a single measure is enough here.
func TestPageTable(t *testing.T) {
	w := department(t, Options{})
	w.fullDay(t)
	tab := browser.New(t, browser.Options{Phone: true, Slow: true})
	measure := func(path string) (bytes, requests int, paint time.Duration) {
		t.Helper()
		tab.Reset()
		tab.Go(w.URL + path)
		for _, r := range tab.Requests() {
			if !r.Cached {
				requests++
			}
		}
		return tab.EncodedBytes(), requests, tab.FirstPaint().Round(time.Millisecond)
	}
	t.Logf("%-50s %8s %4s %7s | %8s %4s %7s | %s", "page", "first", "asks", "paint", "later", "asks", "paint", "axe")
	look := func(path string) {
		t.Helper()
		tab.ForgetCache()
		first, firstAsks, firstPaint := measure(path)
		later, laterAsks, laterPaint := measure(path)
		found := tab.AxeCount(t)
		t.Logf("%-50s %6d B %4d %7s | %6d B %4d %7s | %d", path, first, firstAsks, firstPaint, later, laterAsks, laterPaint, found)
		if later > 6000 || found > 0 {
			t.Errorf("%s: %d bytes later, at most 6000; axe finds %d things", path, later, found)
		}
	}
	for _, path := range []string{
		"/", "/announcements", "/announcements/harmattan-examination-timetable-first-draft", "/events", "/events/csc-301-operating-systems", "/people", "/pages/courses", "/search?q=csc301",
		"/privacy", "/accessibility",
	} {
		look(path)
	}
	signIn(t, w, tab, campusonetest.SubAmina, "/dashboard")
	for _, path := range []string{"/", "/dashboard", "/dashboard/calendar", "/account", "/announcements/300-level-laboratory-groups"} {
		look(path)
	}
}

// A public page that has not changed costs a 304 of less than 600 bytes,
// whether one is signed in or not, and what is under /static/ is fetched once
// and never again.
func TestUnchangedPagesCostLittle(t *testing.T) {
	t.Parallel()
	w := department(t, Options{})
	w.dress(t)
	for _, who := range []string{"", campusonetest.SubAmina} {
		t.Run(who, func(t *testing.T) {
			tab := browser.New(t, browser.Options{Phone: true})
			if who != "" {
				signIn(t, w, tab, who, "/dashboard")
			}
			for _, path := range publicPages {
				tab.Go(w.URL + path)
			}
			asked := map[string]int{}
			for _, r := range tab.Requests() {
				if strings.HasPrefix(r.URL, w.URL+"/static/") && r.Bytes > 0 {
					asked[r.URL]++
				}
			}
			for address, times := range asked {
				if times > 1 {
					t.Errorf("%s was fetched %d times", address, times)
				}
			}
			if len(asked) < 3 {
				t.Errorf("only these files were fetched: %v", asked)
			}
			for _, path := range publicPages {
				tab.Reset()
				tab.Go(w.URL + path)
				n := tab.EncodedBytes()
				if hops := tab.Redirects(); len(hops) != 1 || n == 0 || n >= 600 { // Chromium calls a 304 that it asked for itself 200
					t.Errorf("%s again: %v, %d bytes in all", path, hops, n)
				}
			}
		})
	}
}
