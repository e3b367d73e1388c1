package handlers

import (
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"portico/auth/reading"
	"portico/db"
	"portico/views"
)

const (
	longTitle  = 200     // letters
	longText   = 100_000 // letters of a body
	clockForm  = "2006-01-02T15:04"
	validFor   = 30 // days an announcement is valid when nobody says otherwise
	hourMinute = "15:04"
)

// kept are the fields of an item's form that must not be lost when it is
// refused.
func kept() []string {
	return []string{"title", "body", "place", "role", "room", "hours", "email", "phone", "contact", "link", "address"}
}

// texts are the form's plain fields by their names.
func texts(f *views.ItemForm) map[string]*string {
	return map[string]*string{
		"title": &f.Title, "body": &f.Body, "address": &f.Address, "category": &f.Category,
		"publish": &f.Publish, "until": &f.Until, "pinned": &f.Pinned, "review": &f.Review, "to": &f.To,
		"event_kind": &f.EventKind, "place": &f.Place, "day": &f.Day, "starts": &f.Starts, "ends": &f.Ends, "last_day": &f.LastDay, "repeat_to": &f.RepeatTo,
		"role": &f.Role, "room": &f.Room, "hours": &f.Hours, "email": &f.Email, "phone": &f.Phone, "contact": &f.Contact, "owner": &f.Owner, "link": &f.Link,
	}
}

// postedForm is what was typed, as it was typed.
func postedForm(form url.Values) views.ItemForm {
	f := views.ItemForm{AllDay: form.Get("all_day") != "", InMenu: form.Get("in_menu") != ""}
	for name, text := range texts(&f) {
		*text = strings.ReplaceAll(form.Get(name), "\r\n", "\n")
	}
	return f
}

// formOf is the form of what is stored.
func (s *Server) formOf(c *db.Content) views.ItemForm {
	f := views.ItemForm{
		Title: c.Title, Body: c.Body, Address: c.Slug, Category: c.Category, InMenu: c.InMenu, Owner: c.Owner, Link: c.Link,
		Publish: s.clockText(c.Publish), Until: s.lastDayText(c.Until), Pinned: s.lastDayText(c.Pinned), Review: s.dayText(c.Review),
	}
	if e := c.Entry; e != nil {
		f.Role, f.Room, f.Hours, f.Email, f.Phone, f.Contact = e.Role, e.Room, e.Hours, e.Email, e.Phone, e.Contact
	}
	if e := c.Event; e != nil {
		f.EventKind, f.Place, f.AllDay, f.RepeatTo, f.Day = e.Kind, e.Place, e.AllDay, e.RepeatTo, e.Starts.Day()
		if e.Ends.Day() != e.Starts.Day() {
			f.LastDay = e.Ends.Day()
		}
		if !e.AllDay {
			f.Starts, f.Ends = hands(e.Starts), hands(e.Ends)
		}
	}
	return f
}

// hands is the hour and minute of a wall's clock.
func hands(w db.Wall) string {
	if t, ok := w.Clock(); ok {
		return t.Format(hourMinute)
	}
	return ""
}

// newForm is where a new item starts from.
func (s *Server) newForm(kind db.Kind) views.ItemForm {
	f := views.ItemForm{EventKind: db.EventClass}
	switch kind {
	case db.Announcement:
		f.Until = s.dayText(s.Now().AddDate(0, 0, validFor))
	case db.FreePage, db.PersonEntry, db.QuickLink:
		f.Review = s.dayText(s.Now().Add(db.ReviewAfter))
	}
	return f
}

func (s *Server) clockText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(s.Zone).Format(clockForm)
}

func (s *Server) dayText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(s.Zone).Format(time.DateOnly)
}

// lastDayText is the last day before a moment.
func (s *Server) lastDayText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return s.dayText(t.Add(-time.Second))
}

// reader turns what was typed into content and notes what is wrong with it.
type reader struct {
	s        *Server
	f        *views.ItemForm
	old      *db.Item // nil: a new one
	publish  bool
	problems []views.Problem
}

func (r *reader) wrong(field, text string, args ...any) {
	r.problems = append(r.problems, views.Problem{Field: field, Text: fmt.Sprintf(text, args...)})
}

// content reads the whole form.
func (r *reader) content(kind db.Kind, owner string) db.Content {
	c := db.Content{Owner: owner}
	if r.old != nil {
		c.Owner, c.Event = r.old.Owner, r.old.Event
	}
	r.words(&c, kind)
	r.markup(c.Body)
	switch kind {
	case db.EventItem:
		c.Event = r.event(c.Event)
	case db.PersonEntry:
		c.Entry = r.entry()
	case db.QuickLink:
		c.Link = r.link()
	case db.FreePage:
		c.InMenu = r.f.InMenu
	}
	r.life(&c)
	return c
}

func (r *reader) words(c *db.Content, kind db.Kind) {
	c.Title, c.Body, c.Category, c.Slug = strings.Join(strings.Fields(r.f.Title), " "), r.f.Body, r.f.Category, strings.TrimSpace(r.f.Address)
	switch n := utf8.RuneCountInString(c.Title); {
	case n == 0 && kind == db.PersonEntry:
		r.wrong("title", "Write the person's name.")
	case n == 0:
		r.wrong("title", "Give it a title.")
	case n > longTitle:
		r.wrong("title", "The title has %d letters. Write at most %d.", n, longTitle)
	}
	if n := utf8.RuneCountInString(c.Body); n > longText {
		r.wrong("body", "The text has %s letters. Write at most %s.", thousands(n), thousands(longText))
	} else if tangle := reading.Tangle(c.Body); tangle != "" {
		r.wrong("body", "“%s” goes on for very long without a space, or stands very deep in lists and quotes. Part it, or take it out.", shortened(tangle))
	}
	switch {
	case c.Slug == "" && r.old != nil:
		c.Slug = r.old.Slug
	case c.Slug == "":
		c.Slug = reading.Slug(c.Title)
	case strings.Trim(c.Slug, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || len(c.Slug) > 100:
		r.wrong("address", "The address %q may have small letters, digits and hyphens only, at most 100.", c.Slug)
	}
}

func (r *reader) entry() *db.Entry {
	f := r.f
	if f.Email != "" {
		if a, err := mail.ParseAddress(f.Email); err != nil || a.Address != f.Email {
			r.wrong("email", "The e-mail address is %q. Write it as office@example.edu.ng.", f.Email)
		}
	}
	return &db.Entry{Role: f.Role, Room: f.Room, Hours: f.Hours, Email: f.Email, Phone: f.Phone, Contact: f.Contact}
}

// link is where a quick link leads: a web address, or a page of the portal.
func (r *reader) link() string {
	text := strings.TrimSpace(r.f.Link)
	u, err := url.Parse(text)
	web := err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
	own := err == nil && u.Scheme == "" && u.Host == "" && strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//") && !strings.Contains(text, `\`)
	if !web && !own {
		r.wrong("link", "The link leads to %q. Write an address that begins with https:// or, for a page of this portal, with /.", text)
	}
	return text
}

// day reads a date; "" is none.
func (r *reader) day(field, what, text string) (time.Time, bool) {
	if text == "" {
		return time.Time{}, false
	}
	t, err := time.ParseInLocation(time.DateOnly, text, r.s.Zone)
	if err != nil {
		r.wrong(field, "%s: %q is not a day. Write it as %s.", what, text, r.s.Now().In(r.s.Zone).Format(time.DateOnly))
		return time.Time{}, false
	}
	return t, true
}

// lastDay reads a date that is itself included. What was not touched stays
// exactly as it was.
func (r *reader) lastDay(field, what, text string, was time.Time) time.Time {
	if text != "" && text == r.s.lastDayText(was) {
		return was
	}
	t, ok := r.day(field, what, text)
	if !ok {
		return time.Time{}
	}
	t = t.AddDate(0, 0, 1)
	if !t.After(r.s.Now()) {
		r.wrong(field, "%s: this day is over.", what)
		return time.Time{}
	}
	return t
}

// life reads when the item is shown.
func (r *reader) life(c *db.Content) {
	var old db.Content
	if r.old != nil {
		old = r.old.Content
	}
	c.Draft = !r.publish
	c.Until = r.lastDay("until", "Valid until", r.f.Until, old.Until)
	c.Pinned = r.lastDay("pinned", "Kept on top until", r.f.Pinned, old.Pinned)
	if r.f.Review == r.s.dayText(old.Review) {
		c.Review = old.Review
	} else {
		c.Review, _ = r.day("review", "Review", r.f.Review)
	}
	switch {
	case r.f.Publish != "" && r.f.Publish == r.s.clockText(old.Publish):
		c.Publish = old.Publish
	case r.f.Publish != "":
		t, err := time.ParseInLocation(clockForm, r.f.Publish, r.s.Zone)
		if err != nil {
			r.wrong("publish", "Shown from: %q is not a day and a time. Write it as %s.", r.f.Publish, r.s.clockText(r.s.Now()))
		}
		c.Publish = t
	case r.publish:
		c.Publish = r.s.Now()
	}
	if !c.Until.IsZero() && !c.Publish.IsZero() && !c.Publish.Before(c.Until) {
		r.wrong("until", "Valid until: this is before it would be shown.")
	}
}

// event reads when and where; what was done to single dates stays.
func (r *reader) event(old *db.Event) *db.Event {
	f := r.f
	e := &db.Event{Kind: f.EventKind, Place: strings.TrimSpace(f.Place), AllDay: f.AllDay}
	if old != nil {
		e.Exceptions, e.Cancelled = old.Exceptions, old.Cancelled
	}
	before := len(r.problems)
	if f.Day == "" {
		r.wrong("day", "Say on which day it is.")
	}
	day, _ := r.day("day", "Day", f.Day)
	last := day
	if t, ok := r.day("last_day", "Last day", f.LastDay); ok {
		last = t
	}
	starts, ends := r.clock("starts", "From", f.Starts), r.clock("ends", "To", f.Ends)
	if f.Starts == "" && !f.AllDay {
		r.wrong("starts", "Say when it begins, or tick “All day”.")
	}
	repeat, repeats := r.day("repeat_to", "Every week until", f.RepeatTo)
	if len(r.problems) > before {
		return e
	}
	e.Starts = db.Wall(day.Format(time.DateOnly) + "T" + starts)
	switch {
	case f.AllDay:
		e.Starts = db.Wall(day.Format(time.DateOnly) + "T00:00")
		if f.LastDay != "" {
			e.Ends = db.Wall(last.Format(time.DateOnly) + "T00:00")
		}
	case f.Ends != "":
		e.Ends = db.Wall(last.Format(time.DateOnly) + "T" + ends)
	case f.LastDay != "":
		r.wrong("ends", "Say at what time it ends on its last day.")
	}
	if repeats {
		e.RepeatTo = repeat.Format(time.DateOnly)
	}
	r.possible(e, f)
	return e
}

// possible finds what the database would refuse, and says it beside its field.
func (r *reader) possible(e *db.Event, f *views.ItemForm) {
	bare := *e
	bare.Exceptions = nil
	switch {
	case e.Ends != "" && e.Ends < e.Starts && f.LastDay != "" && f.LastDay < f.Day:
		r.wrong("last_day", "Last day: it is before the first one.")
	case e.Ends != "" && e.Ends < e.Starts:
		r.wrong("ends", "To: it would end before it begins.")
	case e.RepeatTo != "" && e.RepeatTo < f.Day:
		r.wrong("repeat_to", "Every week until: this day is before the first one.")
	case bare.Check() != nil:
		r.wrong("repeat_to", "Every week until: at most three years after the first day.")
	case e.Check() != nil:
		r.wrong("day", "Single dates of it were moved or cancelled, and do not fit any more. Set those to “as planned” first, below.")
	}
}

func (r *reader) clock(field, what, text string) string {
	if text == "" || r.f.AllDay {
		return ""
	}
	t, err := time.Parse(hourMinute, text)
	if err != nil {
		r.wrong(field, "%s: %q is not a time. Write it as 08:00.", what, text)
		return ""
	}
	return t.Format(hourMinute)
}
