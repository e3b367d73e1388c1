package handlers

import (
	"bytes"
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"portico/auth/reading"
	"portico/db"
)

// calendarFile writes events as one iCalendar object (RFC 5545). Times are
// those of the department's clock with the rules of its zone beside them
// (sections 3.3.5 and 3.6.5), so that a class at eight stays at eight when the
// clocks change. The same events make the same bytes. A repeat is one event
// with a rule; what was moved or cancelled by itself stands beside it under
// the moment it had first (section 3.8.4.4).
func (s *Server) calendarFile(name string, events []reading.Shown) ([]byte, error) {
	cal := ics.NewCalendarFor("Portico")
	cal.SetProductId("-//Portico//" + strings.ReplaceAll(s.AppURL.Host, "/", "") + "//EN")
	cal.SetName(name)
	cal.SetXWRCalName(name) // what NAME (RFC 7986) was before it had a standard
	cal.SetRefreshInterval("PT1H")
	cal.SetXPublishedTTL("PT1H")
	cal.AddVTimezone(timezone(s.Zone, events))
	for _, e := range events {
		if e.Event == nil {
			continue
		}
		c := calendarEvent{Shown: e, zone: s.Zone, uid: e.ID + "@" + s.AppURL.Hostname(), address: s.AppURL.JoinPath("/events/", e.Slug).String()}
		cal.AddVEvent(c.whole())
		for _, x := range e.Event.Exceptions {
			cal.AddVEvent(c.exception(x))
		}
	}
	var b bytes.Buffer
	if err := cal.SerializeTo(&b, ics.WithNewLineWindows); err != nil {
		return nil, fmt.Errorf("writing a calendar: %w", err)
	}
	return b.Bytes(), nil
}

// calendarEvent is an event on its way into a file.
type calendarEvent struct {
	reading.Shown
	zone    *time.Location
	uid     string // stable: the item's id at this portal
	address string // of its page
}

// whole is the event as it was planned, with its repeat.
func (c *calendarEvent) whole() *ics.VEvent {
	e := c.Event
	v := c.written(e.Starts, e.Ends, e.Place, !e.Cancelled.IsZero())
	if e.RepeatTo != "" {
		v.SetProperty(ics.ComponentPropertyRrule, "FREQ=WEEKLY;UNTIL="+c.until())
	}
	return v
}

// until is the repeat's end in the form that DTSTART asks for (section 3.3.10).
func (c *calendarEvent) until() string {
	if c.Event.AllDay {
		return compact(db.Wall(c.Event.RepeatTo + "T00:00"))[:8]
	}
	return db.Wall(c.Event.RepeatTo + "T23:59").In(c.zone).UTC().Format("20060102T150405Z")
}

// exception is one time of a repeat that is not as the others.
func (c *calendarEvent) exception(x db.Exception) *ics.VEvent {
	e := c.Event
	_, clock, _ := strings.Cut(string(e.Starts), "T")
	planned := db.Wall(x.Day + "T" + clock)
	starts, ends, place := x.Starts, x.Ends, cmp.Or(x.Place, e.Place)
	if x.Cancelled {
		starts, ends, place = planned, e.Ends.Add(wallBetween(e.Starts, planned)), e.Place
	}
	v := c.written(starts, ends, place, x.Cancelled || !e.Cancelled.IsZero())
	c.at(v, ics.ComponentPropertyRecurrenceId, planned)
	return v
}

// written is what every entry of the event says.
func (c *calendarEvent) written(starts, ends db.Wall, place string, cancelled bool) *ics.VEvent {
	v := ics.NewEvent(c.uid)
	v.SetDtStampTime(c.Saved) // without METHOD it is the last change (section 3.8.7.2)
	v.SetModifiedAt(c.Saved)
	v.SetCreatedTime(c.Created)
	v.SetSequence(c.Event.Sequence)
	c.at(v, ics.ComponentPropertyDtStart, starts)
	switch {
	case c.Event.AllDay: // the end is the day after the last one (section 3.6.1)
		c.at(v, ics.ComponentPropertyDtEnd, cmp.Or(ends, starts).Add(24*time.Hour))
	case ends != "":
		c.at(v, ics.ComponentPropertyDtEnd, ends)
	}
	summary, status := c.Title, ics.ObjectStatusConfirmed
	if cancelled { // in words too, for calendars that show what is cancelled like all else
		summary, status = "Cancelled: "+c.Title, ics.ObjectStatusCancelled
	}
	v.SetSummary(plainLine(summary))
	v.SetStatus(status)
	if place != "" {
		v.SetLocation(plainLine(place))
	}
	if c.Excerpt != "" {
		v.SetDescription(plainLine(c.Excerpt))
	}
	v.SetURL(c.address)
	v.SetProperty(ics.ComponentPropertyCategories, c.Event.Kind)
	if c.Event.Kind == db.EventDeadline {
		v.SetTimeTransparency(ics.TransparencyTransparent) // it takes nobody's time
	}
	return v
}

// at writes a time of the department's clock, or the date of an all-day event.
func (c *calendarEvent) at(v *ics.VEvent, p ics.ComponentProperty, w db.Wall) {
	if c.Event.AllDay {
		v.SetProperty(p, compact(w)[:8], ics.WithValue("DATE"))
		return
	}
	v.SetProperty(p, compact(w), ics.WithTZID(c.zone.String()))
}

// compact is a time on the wall as iCalendar writes it (section 3.3.5).
func compact(w db.Wall) string {
	t, _ := w.Clock() // the database holds no other
	return t.Format("20060102T150405")
}

func wallBetween(from, to db.Wall) time.Duration {
	a, _ := from.Clock()
	b, _ := to.Clock()
	return b.Sub(a)
}

// plainLine takes out what no text of a calendar may hold (section 3.3.11).
func plainLine(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case r < ' ' || r == 0x7f:
			return -1
		}
		return r
	}, text)
}

// timezone writes the offsets that a zone has while the events take place,
// each from the moment it begins (section 3.6.5).
func timezone(zone *time.Location, events []reading.Shown) *ics.VTimezone {
	from, to := span(zone, events)
	v := ics.NewTimezone(zone.String())
	for {
		begins, ends := from.ZoneBounds()
		v.Components = append(v.Components, observance(from, begins))
		if ends.IsZero() || ends.After(to) {
			return v
		}
		from = ends
	}
}

// observance is one offset of a zone, in force since begins; zero is ever.
func observance(during, begins time.Time) ics.Component {
	name, offset := during.Zone()
	before, local := offset, time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	if !begins.IsZero() {
		_, before = begins.Add(-time.Second).Zone()
		local = begins.UTC().Add(time.Duration(before) * time.Second)
	}
	base := ics.ComponentBase{}
	base.SetProperty(ics.ComponentPropertyDtStart, local.Format("20060102T150405"))
	base.SetProperty("TZOFFSETFROM", utcOffset(before))
	base.SetProperty("TZOFFSETTO", utcOffset(offset))
	base.SetProperty("TZNAME", name)
	if during.IsDST() {
		return &ics.Daylight{ComponentBase: base}
	}
	return &ics.Standard{ComponentBase: base}
}

// utcOffset is an offset as section 3.3.14 writes it, "+0100".
func utcOffset(seconds int) string {
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	text := fmt.Sprintf("%s%02d%02d", sign, seconds/3600, seconds/60%60)
	if odd := seconds % 60; odd != 0 {
		text += strconv.Itoa(100 + odd)[1:]
	}
	return text
}

// span is from before the first to after the last time of all events.
func span(zone *time.Location, events []reading.Shown) (from, to time.Time) {
	add := func(w db.Wall) {
		at := w.In(zone)
		if at.IsZero() {
			return
		}
		if from.IsZero() || at.Before(from) {
			from = at
		}
		if at.After(to) {
			to = at
		}
	}
	for _, e := range events {
		if e.Event == nil {
			continue
		}
		add(e.Event.Starts)
		add(e.Event.Ends)
		add(db.Wall(e.Event.RepeatTo + "T23:59"))
		for _, x := range e.Event.Exceptions {
			add(x.Starts)
			add(x.Ends)
		}
	}
	if from.IsZero() {
		from = time.Date(1970, 1, 1, 0, 0, 0, 0, zone)
		to = from
	}
	return from.AddDate(0, 0, -1), to.AddDate(0, 0, 1)
}
