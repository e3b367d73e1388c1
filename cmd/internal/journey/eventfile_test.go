package journey

import (
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"
	"github.com/emersion/go-ical"

	"portico/auth/campusone/campusonetest"
	"portico/db"
)

// Whoever may read an event can put it into a calendar: by a file, and by a
// plain link to Google's. Nobody else gets the file of what is not for
// everybody.
func TestAddToCalendar(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	open := w.Publish(t, db.EventItem, db.Content{Title: "Open day", Details: db.Details{Event: exam()}})
	ours := w.Publish(t, db.EventItem, db.Content{Title: "Exam of 300 level", Details: db.Details{Event: exam()}, Audience: ForStudents("300", campusonetest.DepartmentCS)})
	amina, chidi, nobody := signedIn(t, w, campusonetest.SubAmina), signedIn(t, w, campusonetest.SubChidi), asFetchPage(w.Person(true))
	for _, reads := range []struct {
		who  *Person
		item db.Item
	}{{nobody, open}, {chidi, open}, {amina, open}, {amina, ours}} {
		p := reads.who
		visit(t, p, "/events/"+reads.item.Slug, http.StatusOK)
		google := cascadia.Query(p.doc, cascadia.MustCompile(`a[href^="https://calendar.google.com/calendar/render?"]`))
		if google == nil {
			t.Fatalf("no link to Google's calendar: %s", p.Text())
		}
		q := mustURL(attr(google, "href")).Query()
		if q.Get("action") != "TEMPLATE" || q.Get("text") != reads.item.Title || q.Get("dates") != "20310303T140000/20310303T160000" || q.Get("ctz") != "Africa/Lagos" || q.Get("location") != reads.item.Event.Place || q.Get("details") != w.URL+"/events/"+reads.item.Slug {
			t.Errorf("Google is told %v", q)
		}
		must(t, p.Click("Add to calendar"))
		cal, err := ical.NewDecoder(strings.NewReader(p.Body)).Decode()
		if err != nil || p.Status != http.StatusOK || len(cal.Events()) != 1 {
			t.Fatalf("the file of %q: %d, %v: %s", reads.item.Title, p.Status, err, p.Body)
		}
		if title, _ := cal.Events()[0].Props.Text(ical.PropSummary); title != reads.item.Title {
			t.Errorf("the file of %q is of %q", reads.item.Title, title)
		}
		if cache := p.Answer.Get("Cache-Control"); (cache == "no-store") != (reads.item.ID == ours.ID) {
			t.Errorf("%q may be kept: %s", reads.item.Title, cache)
		}
	}
	w.Revise(t, ours, func(c *db.Content) { c.Slug = "exam-300" })
	visit(t, amina, "/dashboard/events/exam-of-300-level.ics", http.StatusOK)
	if amina.URL.Path != "/dashboard/events/exam-300.ics" {
		t.Errorf("the earlier address leads to %s", amina.URL)
	}
	for _, slug := range []string{"exam-300", "exam-of-300-level", "there-is-none"} {
		visit(t, chidi, "/dashboard/events/"+slug+".ics", http.StatusNotFound)
		visit(t, nobody, "/dashboard/events/"+slug+".ics", http.StatusUnauthorized)
		for _, p := range []*Person{amina, chidi, nobody} {
			visit(t, p, "/events/"+slug+".ics", http.StatusNotFound)
		}
	}
	w.Revise(t, open, func(c *db.Content) { c.Until = w.Now() })
	visit(t, amina, "/events/open-day", http.StatusOK)
	if amina.reads("Add to calendar") || !amina.reads("This event ended on") {
		t.Errorf("what ended: %s", amina.Text())
	}
}
