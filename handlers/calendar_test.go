package handlers

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"
	"github.com/google/go-cmp/cmp"

	"portico/auth"
	"portico/auth/reading"
	"portico/db"
	"portico/db/dbtest"
)

// calendarWorld is a library of events in some time zone.
type calendarWorld struct {
	*testing.T
	s   *Server
	db  *db.DB
	now time.Time
}

type noNames struct{}

func (noNames) Faculty(string) string    { return "" }
func (noNames) Department(string) string { return "" }

func newCalendarWorld(t *testing.T, zone string) *calendarWorld {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	w := &calendarWorld{T: t, db: dbtest.SQLite(t), now: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)}
	home, _ := url.Parse("https://portal.example.edu")
	w.s = &Server{Config: Config{AppURL: home, Zone: loc}}
	w.s.Library, err = reading.New(t.Context(), w.db, loc, noNames{}, slog.New(slog.DiscardHandler), func() time.Time { return w.now })
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *calendarWorld) event(title string, e db.Event) db.Item {
	w.Helper()
	c := db.Content{Slug: reading.Slug(title), Title: title, Body: "Bring a pen, please; and paper.\n", Audience: auth.Audience{To: auth.Everybody}.Text(), Publish: w.now, Details: db.Details{Event: &e}}
	i, err := w.db.CreateItem(w.Context(), db.EventItem, c, "editor", w.now)
	if err != nil {
		w.Fatal(err)
	}
	return i
}

func (w *calendarWorld) change(i db.Item, edit func(*db.Content)) db.Item {
	w.Helper()
	w.now = w.now.Add(time.Hour)
	c := i.Content
	event := *c.Event
	event.Exceptions = slices.Clone(event.Exceptions)
	c.Event = &event
	edit(&c)
	i, err := w.db.UpdateItem(w.Context(), i.ID, i.Version, c, "editor", w.now)
	if err != nil {
		w.Fatal(err)
	}
	return i
}

func (w *calendarWorld) shelf() *reading.Shelf {
	w.Helper()
	s, err := w.s.Library.For(context.Background(), reading.Nobody())
	if err != nil {
		w.Fatal(err)
	}
	return s
}

// file is the calendar as bytes and as another program reads it.
func (w *calendarWorld) file() (string, *ical.Calendar) {
	w.Helper()
	text, err := w.s.calendarFile("Computer Science", w.shelf().Events())
	if err != nil {
		w.Fatal(err)
	}
	cal, err := ical.NewDecoder(bytes.NewReader(text)).Decode()
	if err != nil {
		w.Fatalf("%v in\n%s", err, text)
	}
	if err := ical.NewEncoder(&bytes.Buffer{}).Encode(cal); err != nil { // it checks how often each property may be there
		w.Errorf("%v in\n%s", err, text)
	}
	return string(text), cal
}

// times are what a calendar program shows: "start/end place", those that are
// cancelled with a star.
func times(t *testing.T, cal *ical.Calendar, zone *time.Location) (all []string) {
	t.Helper()
	apart := map[string]bool{}
	line := func(e *ical.Event, start time.Time, length time.Duration) string {
		place, _ := e.Props.Text(ical.PropLocation)
		status, _ := e.Status()
		return timesLine(start, start.Add(length), place, status == ical.EventCancelled)
	}
	length := func(e *ical.Event, start time.Time) time.Duration {
		if e.Props.Get(ical.PropDateTimeEnd) == nil {
			return 0
		}
		end, err := e.DateTimeEnd(zone)
		if err != nil {
			t.Fatal(err)
		}
		return end.Sub(start)
	}
	for _, e := range cal.Events() {
		start, err := e.DateTimeStart(zone)
		if err != nil {
			t.Fatal(err)
		}
		if id := e.Props.Get(ical.PropRecurrenceID); id != nil {
			at, err := id.DateTime(zone)
			if err != nil {
				t.Fatal(err)
			}
			uid, _ := e.Props.Text(ical.PropUID)
			apart[uid+at.UTC().String()] = true
			all = append(all, line(&e, start, length(&e, start)))
		}
	}
	for _, e := range cal.Events() {
		start, _ := e.DateTimeStart(zone)
		uid, _ := e.Props.Text(ical.PropUID)
		if e.Props.Get(ical.PropRecurrenceID) != nil {
			continue
		}
		starts := []time.Time{start}
		set, err := e.RecurrenceSet(zone)
		if err != nil {
			t.Fatal(err)
		}
		if set != nil {
			starts = set.All()
		}
		for _, at := range starts {
			if !apart[uid+at.UTC().String()] {
				all = append(all, line(&e, at, length(&e, start)))
			}
		}
	}
	slices.Sort(all)
	return all
}

func timesLine(start, end time.Time, place string, cancelled bool) string {
	star := ""
	if cancelled {
		star = "*"
	}
	return fmt.Sprintf("%s/%s %s%s", start.UTC().Format(time.RFC3339), end.UTC().Format(time.RFC3339), place, star)
}

// A calendar program sees just what the pages show, whatever the zone and
// also when the clocks change in the middle of a semester.
func TestCalendarAgreesWithPages(t *testing.T) {
	for _, zone := range []string{"Africa/Lagos", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"} {
		t.Run(zone, func(t *testing.T) {
			w := newCalendarWorld(t, zone)
			class := w.event("CSC 301 Algorithms", db.Event{Kind: db.EventClass, Place: "Hall B", Starts: "2026-09-07T08:00", Ends: "2026-09-07T10:00", RepeatTo: "2026-12-18"})
			w.event("Lab report 4", db.Event{Kind: db.EventDeadline, Starts: "2026-10-30T17:00"})
			w.event("Open day", db.Event{Kind: db.EventOther, Starts: "2026-10-24T00:00", Ends: "2026-10-25T00:00", AllDay: true})
			w.event("Reading week", db.Event{Kind: db.EventOther, Starts: "2026-11-02T00:00", AllDay: true, RepeatTo: "2026-11-20"})
			exam := w.event("Exam", db.Event{Kind: db.EventExam, Place: "Hall A", Starts: "2026-12-21T09:00", Ends: "2026-12-21T12:00"})
			w.change(class, func(c *db.Content) {
				c.Event.Exceptions = []db.Exception{
					{Day: "2026-10-26", Starts: "2026-10-27T14:00", Ends: "2026-10-27T16:00", Place: "ICT annexe 3"}, {Day: "2026-11-09", Cancelled: true},
				}
			})
			w.change(exam, func(c *db.Content) { c.Event.Cancelled = w.now })
			text, cal := w.file()
			w.now = w.now.AddDate(0, 0, 3) // no change is news any more: the pages show only what is so
			var want []string
			for _, o := range w.shelf().Occurrences(w.now.AddDate(0, -1, 0), w.now.AddDate(1, 0, 0)) {
				want = append(want, timesLine(o.Start, o.End, o.Place, o.Cancelled))
			}
			slices.Sort(want)
			got := times(t, cal, w.s.Zone)
			if diff := cmp.Diff(want, got); diff != "" || len(want) < 18 {
				t.Errorf("(-pages +calendar):\n%s\n%s", diff, text)
			}
			wantOffsets(t, cal, w.s.Zone)
		})
	}
}

// wantOffsets reads the zone's rules as a program does that knows no zone by
// name, and compares them with the zone itself, hour by hour.
func wantOffsets(t *testing.T, cal *ical.Calendar, zone *time.Location) {
	t.Helper()
	type observance struct {
		since  time.Time // on the wall
		offset time.Duration
	}
	var rules []observance
	for _, c := range cal.Children {
		if c.Name != ical.CompTimezone {
			continue
		}
		if id, _ := c.Props.Text(ical.PropTimezoneID); id != zone.String() {
			t.Errorf("the zone is %q", id)
		}
		for _, o := range c.Children {
			since, err := time.Parse("20060102T150405", o.Props.Get(ical.PropDateTimeStart).Value)
			if err != nil {
				t.Fatal(err)
			}
			to, err := time.Parse("-0700", o.Props.Get(ical.PropTimezoneOffsetTo).Value)
			if err != nil {
				t.Fatal(err)
			}
			_, seconds := to.Zone()
			rules = append(rules, observance{since, time.Duration(seconds) * time.Second})
		}
	}
	for wall := time.Date(2026, 9, 7, 3, 30, 0, 0, time.UTC); wall.Year() < 2027; wall = wall.Add(5 * time.Hour) {
		var now observance
		for _, o := range rules {
			if !o.since.After(wall) && !o.since.Before(now.since) {
				now = o
			}
		}
		at := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), 0, 0, zone)
		if _, seconds := at.Zone(); now.offset != time.Duration(seconds)*time.Second {
			t.Fatalf("at %s the file says %s, the zone %ds", wall, now.offset, seconds)
		}
	}
}

// Calendars tell an entry from its earlier versions by UID and SEQUENCE.
func TestCalendarTellsChanges(t *testing.T) {
	w := newCalendarWorld(t, "Africa/Lagos")
	i := w.event("CSC 301", db.Event{Kind: db.EventClass, Place: "Hall B", Starts: "2026-09-07T08:00", Ends: "2026-09-07T10:00"})
	told := func() (uid, sequence, status, summary string) {
		_, cal := w.file()
		p := cal.Events()[0].Props
		return p.Get(ical.PropUID).Value, p.Get(ical.PropSequence).Value, p.Get(ical.PropStatus).Value, p.Get(ical.PropSummary).Value
	}
	uid, sequence, status, _ := told()
	if uid != i.ID+"@portal.example.edu" || sequence != "0" || status != "CONFIRMED" {
		t.Errorf("at first %s, %s, %s", uid, sequence, status)
	}
	first, _ := w.file()
	if again, _ := w.file(); again != first {
		t.Error("the same events made another file")
	}
	i = w.change(i, func(c *db.Content) { c.Event.Place = "Hall C" })
	if same, sequence, _, _ := told(); same != uid || sequence != "1" {
		t.Errorf("moved: %s, SEQUENCE %s", same, sequence)
	}
	w.change(i, func(c *db.Content) { c.Event.Cancelled = w.now })
	if same, sequence, status, summary := told(); same != uid || sequence != "2" || status != "CANCELLED" || summary != "Cancelled: CSC 301" {
		t.Errorf("cancelled: %s, SEQUENCE %s, STATUS %s, %s", same, sequence, status, summary)
	}
}

// Whatever stands in a title, the file stays a file: no line is longer than
// 75 bytes (RFC 5545, section 3.1) and the words arrive.
func TestCalendarHoldsAnyText(t *testing.T) {
	for _, title := range []string{
		"Ọjọ́ ìdánwò " + strings.Repeat("ẹ̀kọ́ ", 30), "a,b;c\\d\"e:f", strings.Repeat("x", 300), "END:VEVENT", "two\r\nBEGIN:VALARM", "日本語" + strings.Repeat("授業", 60),
	} {
		w := newCalendarWorld(t, "Africa/Lagos")
		i := w.event("Plain", db.Event{Kind: db.EventClass, Place: title, Starts: "2026-09-07T08:00"})
		w.change(i, func(c *db.Content) { c.Title = title })
		text, cal := w.file()
		for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
			if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
				t.Errorf("a line of %d bytes: %q", len(line), line)
			}
		}
		want := strings.TrimSpace(strings.NewReplacer("\r\n", "  ").Replace(title))
		p := cal.Events()[0].Props
		if got, err := p.Text(ical.PropSummary); err != nil || strings.TrimSpace(got) != want {
			t.Errorf("the title %q became %q (%v)", want, got, err)
		}
		if got, err := p.Text(ical.PropLocation); err != nil || strings.TrimSpace(got) != want {
			t.Errorf("the place %q became %q (%v)", want, got, err)
		}
	}
}

func TestEmptyCalendar(t *testing.T) {
	w := newCalendarWorld(t, "Africa/Lagos")
	if text, cal := w.file(); len(cal.Events()) != 0 || !strings.HasPrefix(text, "BEGIN:VCALENDAR\r\n") {
		t.Errorf("an empty calendar is %s", text)
	}
}
