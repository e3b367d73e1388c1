package journey

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"github.com/emersion/go-ical"

	"portico/auth/campusone/campusonetest"
	"portico/db"
	"portico/db/dbtest"
)

// calendarOf makes a person's calendar address on their page and returns its
// path.
func (p *Person) makeCalendar(t *testing.T, button string) string {
	t.Helper()
	visit(t, p, "/dashboard/calendar", http.StatusOK)
	if err := p.Click(button); err != nil || p.Status != http.StatusOK {
		t.Fatalf("%d, %v: %s", p.Status, err, p.Text())
	}
	address := ""
	if field := cascadia.Query(p.doc, cascadia.MustCompile("input#ics[readonly]")); field != nil {
		address = attr(field, "value")
	}
	path, ours := strings.CutPrefix(address, p.world.URL+"/calendar/")
	if !ours || len(path) < 26 || !strings.Contains(p.Body, `href="webcal://`+strings.TrimPrefix(address, "http://")+`"`) {
		t.Fatalf("the page shows %q: %s", address, p.Text())
	}
	return "/calendar/" + path
}

// subscribed is what a phone gets from a calendar address; the titles as
// another program reads them.
func (w *World) subscribed(t *testing.T, path, tag string) (res *http.Response, titles string) {
	t.Helper()
	header := map[string]string{"User-Agent": "Google-Calendar-Importer"}
	if tag != "" {
		header["If-None-Match"] = tag
	}
	res, body := w.request(t, http.MethodGet, path, "", header, "")
	if len(res.Cookies()) != 0 {
		t.Errorf("%s sets cookies: %v", res.Status, res.Cookies())
	}
	if res.StatusCode != http.StatusOK {
		return res, ""
	}
	cal, err := ical.NewDecoder(strings.NewReader(body)).Decode()
	if err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	var all []string
	for _, e := range cal.Events() {
		title, err := e.Props.Text(ical.PropSummary)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, title)
	}
	return res, strings.Join(all, ", ")
}

func (w *World) wantCalendar(t *testing.T, path string, status int, titles string) string {
	t.Helper()
	res, got := w.subscribed(t, path, "")
	if res.StatusCode != status || got != titles {
		t.Errorf("the calendar answers %d with %q, want %d with %q", res.StatusCode, got, status, titles)
	}
	return res.Header.Get("ETag")
}

// A person's calendar holds what they may see, as long as they want it.
func TestPersonalCalendar(t *testing.T) {
	t.Parallel()
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			log := &logged{}
			w := Start(t, Options{Database: e.fresh(t), Log: log})
			ours := w.class(t, "CSC 301", db.Event{Starts: w.wall(1, "09:00")}, ForStudents("300", campusonetest.DepartmentCS))
			w.class(t, "CVE 201", db.Event{Starts: w.wall(1, "09:00")}, ForStudents("200", campusonetest.DepartmentCivil))
			w.class(t, "Open day", db.Event{Kind: db.EventOther, Starts: w.wall(2, "00:00"), AllDay: true}, "")
			amina := signedIn(t, w, campusonetest.SubAmina)
			if err := amina.Click("Put this in my phone’s calendar"); err != nil || !amina.reads("You have no calendar address yet") {
				t.Fatalf("%v: %s", err, amina.Text())
			}
			first := amina.makeCalendar(t, "Make my address")
			w.wantCalendar(t, first, http.StatusOK, "CSC 301, Open day")
			civil := signedIn(t, w, campusonetest.SubTunde).makeCalendar(t, "Make my address")
			w.wantCalendar(t, civil, http.StatusOK, "CVE 201, Open day")

			visit(t, amina, "/dashboard/calendar", http.StatusOK)
			if strings.Contains(amina.Body, strings.TrimPrefix(first, "/calendar/")) || !amina.reads("You have a calendar address") {
				t.Errorf("the address is shown again: %s", amina.Text())
			}
			tag := w.wantCalendar(t, first, http.StatusOK, "CSC 301, Open day")
			if res, _ := w.subscribed(t, first, tag); tag == "" || res.StatusCode != http.StatusNotModified {
				t.Errorf("unchanged it answers %d to %q", res.StatusCode, tag)
			}
			w.Revise(t, ours, func(c *db.Content) { c.Title = "CSC 301 Algorithms" })
			if res, titles := w.subscribed(t, first, tag); res.StatusCode != http.StatusOK || titles != "CSC 301 Algorithms, Open day" {
				t.Errorf("changed it answers %d with %q", res.StatusCode, titles)
			}

			second := amina.makeCalendar(t, "Make a new address")
			w.wantCalendar(t, first, http.StatusNotFound, "")
			w.wantCalendar(t, second, http.StatusOK, "CSC 301 Algorithms, Open day")
			visit(t, amina, "/dashboard/calendar", http.StatusOK)
			if err := amina.Click("End my address"); err != nil || !amina.reads("does not work any more") || !amina.reads("You have no calendar address yet") {
				t.Errorf("%v: %s", err, amina.Text())
			}
			w.wantCalendar(t, second, http.StatusNotFound, "")
			for _, made := range []string{"/calendar/x.ics", "/calendar/ABCDEFGHIJKLMNOPQRSTUVWXYZ.ics", strings.TrimSuffix(civil, ".ics"), "/calendar/" + strings.ToLower(strings.TrimPrefix(civil, "/calendar/"))} {
				w.wantCalendar(t, made, http.StatusNotFound, "")
			}
			third := amina.makeCalendar(t, "Make my address")
			for _, path := range []string{first, second, third, civil} {
				secret := strings.TrimSuffix(strings.TrimPrefix(path, "/calendar/"), ".ics")
				if log.line([]string{secret}) {
					t.Errorf("the log holds the secret %s", secret)
				}
				w.nothingSays(t, secret)
			}
			if !log.line([]string{"/calendar/{secret}.ics"}) {
				t.Error("the log does not tell of calendars at all: the test looks at nothing")
			}
		})
	}
}

// A calendar ends with its person's block and deletion, and follows what
// Campus One tells of them, at the next request.
func TestCalendarEndsWithThePerson(t *testing.T) {
	t.Parallel()
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			w := Start(t, Options{Database: e.fresh(t)})
			w.class(t, "CSC 301", db.Event{Starts: w.wall(1, "09:00")}, ForStudents("300", campusonetest.DepartmentCS))
			amina, chidi := signedIn(t, w, campusonetest.SubAmina).makeCalendar(t, "Make my address"), signedIn(t, w, campusonetest.SubChidi).makeCalendar(t, "Make my address")
			w.wantCalendar(t, amina, http.StatusOK, "CSC 301")
			w.wantCalendar(t, chidi, http.StatusOK, "")
			w.Provider.Update(campusonetest.SubChidi, func(p *campusonetest.Person) { p.Level = 300 })
			w.settle(t)
			w.wantCalendar(t, chidi, http.StatusOK, "CSC 301")
			w.block(t, campusonetest.SubAmina)
			w.wantCalendar(t, amina, http.StatusNotFound, "")
			if err := w.App.DB.Unblock(t.Context(), w.Provider.URL(), campusonetest.SubAmina, "operator", "", time.Now()); err != nil {
				t.Fatal(err)
			}
			w.wantCalendar(t, amina, http.StatusOK, "CSC 301")
			w.Provider.Delete(campusonetest.SubChidi)
			w.settle(t)
			w.wantCalendar(t, chidi, http.StatusNotFound, "")
		})
	}
}

// The address that is shown once is for the person it was made for.
func TestCalendarAddressIsForOnePerson(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	amina, chidi := signedIn(t, w, campusonetest.SubAmina), signedIn(t, w, campusonetest.SubChidi)
	chidi.makeCalendar(t, "Make my address")
	visit(t, amina, "/dashboard/calendar", http.StatusOK)
	form := map[string][]string{"tag": {tagOf(t, amina)}}
	res, _ := amina.answer(t, "/dashboard/calendar", form, http.Header{"Origin": {w.URL}})
	var once *http.Cookie
	for _, c := range res.Cookies() {
		if c.Name == "c1_once" {
			once = c
		}
	}
	if once == nil || res.StatusCode != http.StatusSeeOther {
		t.Fatalf("%d, %v", res.StatusCode, res.Cookies())
	}
	chidi.client.Jar.SetCookies(mustURL(w.URL), []*http.Cookie{once})
	visit(t, chidi, "/dashboard/calendar", http.StatusOK)
	if strings.Contains(chidi.Body, w.URL+"/calendar/") {
		t.Errorf("Chidi is shown Amina's address: %s", chidi.Text())
	}
}

// A phone that asks again, and a page that is looked at again, read nothing
// from the database.
func TestWarmPagesReadNothing(t *testing.T) {
	t.Parallel()
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			w := Start(t, Options{Database: e.fresh(t)})
			for _, title := range []string{"One", "Two", "Three"} {
				w.Publish(t, db.Announcement, db.Content{Title: title, Body: "Text.\n"})
				w.class(t, "Class "+title, db.Event{Starts: w.wall(0, "09:00"), RepeatTo: w.wall(90, "00:00").Day()}, "")
			}
			p := signedIn(t, w, campusonetest.SubAmina)
			path := p.makeCalendar(t, "Make my address")
			cold := signedIn(t, w, campusonetest.SubChidi)
			w.evict(t, campusonetest.SubChidi)
			w.echoes(t)
			tag := w.wantCalendar(t, path, http.StatusOK, "Class One, Class Three, Class Two")
			visit(t, p, "/dashboard", http.StatusOK)
			dbtest.Occupy(t, w.App.DB, w.App.DB.Reader())
			if res, _ := w.subscribed(t, path, tag); res.StatusCode != http.StatusNotModified {
				t.Errorf("the calendar answers %d", res.StatusCode)
			}
			if err := p.Visit("/dashboard"); err != nil || p.Status != http.StatusOK || !p.reads("3 unread") {
				t.Errorf("the dashboard answers %d (%v): %s", p.Status, err, p.Text())
			}
			if err := cold.Visit("/dashboard"); err != nil || cold.Status != http.StatusServiceUnavailable {
				t.Errorf("a cold dashboard answers %d (%v): the test looks at nothing", cold.Status, err)
			}
		})
	}
}

// echoes waits until the portal has heard of all changes so far, its own for
// the second time included.
func (w *World) echoes(t *testing.T) {
	t.Helper()
	mark := db.Change{Kind: "user", Key: "nobody-" + t.Name()}
	var heard atomic.Int32
	w.App.DB.OnChange(func(c db.Change) {
		if c == mark {
			heard.Add(1)
		}
	})
	if err := w.App.DB.Changed(t.Context(), mark); err != nil {
		t.Fatal(err)
	}
	until(t, "heard", func() bool { return heard.Load() >= 2 && w.App.DB.Trusted() })
}

// evict has every cache forget a person.
func (w *World) evict(t *testing.T, sub string) {
	t.Helper()
	if err := w.App.DB.Changed(t.Context(), db.Change{Kind: "user", Key: w.user(t, sub).ID}); err != nil {
		t.Fatal(err)
	}
}
