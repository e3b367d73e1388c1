package views

import (
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// Notice is an announcement in a list.
type Notice struct {
	Href, Title, Excerpt string
	Category, Owner      string // by name; "" when there is none
	At, Until            time.Time
	Why                  string // why this reader sees it; "" for what everybody sees
}

// NoticesModel is one page of the announcements.
type NoticesModel struct {
	Category     string // the chosen one, by name
	Tabs         []Tab
	Rows         []Notice
	Newer, Older string
	Number       int // of this page of the list
}

// About is what the page of any item says beside what is its kind's own.
type About struct {
	Title       string
	HTML        string // safe to be put into a page as it is
	Files       []Link // that belong to it
	Owner, Why  string
	Ended       time.Time // it is over; zero: it is current
	NotReviewed time.Time // since when nobody has confirmed it, when readers must be told
	Share       string    // where it is passed on; "" for what is not for everybody
}

// NoticeModel is one announcement.
type NoticeModel struct {
	About
	Category, CategoryHref string
	At, Until              time.Time
}

// Happening is one time that an event takes place, or would have.
type Happening struct {
	Href, Title, Kind, Place string
	Start, End               time.Time // an all-day one ends with its last day
	AllDay                   bool
	Weekly                   time.Time // it is so every week until that day
	Cancelled                bool
	OldStart, OldEnd         time.Time // before it was moved
	OldPlace                 string
	Why                      string
}

// Month is a part of the calendar.
type Month struct {
	First time.Time
	Rows  []Happening
}

// EventsModel is a page of the calendar.
type EventsModel struct {
	Months         []Month
	Earlier, Later string
	From           time.Time // the first month; zero: what is to come from today
	File           string    // a calendar follows all public events there, or ""
}

// EventModel is one event.
type EventModel struct {
	About
	Happening             // the next time, or the last one
	Past      bool        // it is over
	More      []Happening // the times after that, and those that were changed
	Google    string      // adds it to a Google calendar
	File      string      // adds it to any other; "" when it is over
}

// Contact is a person of the department.
type Contact struct {
	ID, Name, Role, Room, Hours, Email, Phone, Other string
	HTML                                             string // safe to be put into a page as it is
	Files                                            []Link
}

// PeopleModel is the list of the department's people.
type PeopleModel struct{ People []Contact }

// Link is a quick link that staff chose.
type Link struct{ Label, Href string }

// Piece is a part of a text; marked, it is what was looked for.
type Piece struct {
	Text   string
	Marked bool
}

// Hit is something that was found.
type Hit struct {
	Href, Kind     string
	Title, Snippet []Piece
	Ended          time.Time // zero: it is current
	Why            string
}

// SearchModel is one page of what was found.
type SearchModel struct {
	Query        string
	Total        int
	Hits         []Hit
	Before, More string
}

// day is a date as people read it, with the year where it is another one.
func (p Page) day(t time.Time) string {
	t = p.local(t)
	if t.Year() != p.local(p.Now).Year() {
		return t.Format("Mon 2 Jan 2006")
	}
	return shortDay(t)
}

// sameDay says whether two moments are of one day at the place.
func (p Page) sameDay(a, b time.Time) bool { return isoDay(p.local(a)) == isoDay(p.local(b)) }

// month is the head of a part of the calendar.
func (p Page) month(t time.Time) string { return p.local(t).Format("January 2006") }

// span says when something takes place.
func (p Page) span(start, end time.Time, allDay bool) string {
	start, end = p.local(start), p.local(end)
	if allDay {
		if last := end.Add(-time.Nanosecond); isoDay(last) > isoDay(start) {
			return p.day(start) + " to " + p.day(last)
		}
		return p.day(start)
	}
	return p.day(start) + ", " + p.hours(start, end)
}

// hours is the part of a span after its first date.
func (p Page) hours(start, end time.Time) string {
	text := start.Format("15:04")
	switch {
	case !end.After(start):
		return text
	case isoDay(start) == isoDay(end):
		return text + " to " + end.Format("15:04")
	}
	return text + " to " + p.day(end) + ", " + end.Format("15:04")
}

// beside is the time next to a date that is shown already.
func (p Page) beside(h Happening) string {
	start, end := p.local(h.Start), p.local(h.End)
	if !h.AllDay {
		return p.hours(start, end)
	}
	if last := end.Add(-time.Nanosecond); isoDay(last) > isoDay(start) {
		return "All day, until " + p.day(last)
	}
	return "All day"
}

func (p Page) when(h Happening) string { return p.span(h.Start, h.End, h.AllDay) }

func (p Page) was(h Happening) string { return p.span(h.OldStart, h.OldEnd, h.AllDay) }

// iso is a moment of an event for machines.
func (p Page) iso(t time.Time, allDay bool) string {
	if allDay {
		return isoDay(p.local(t))
	}
	return p.local(t).Format("2006-01-02T15:04Z07:00")
}

func (h Happening) moved() bool { return !h.OldStart.IsZero() || h.OldPlace != "" }

// dayParts are what stands large beside an event.
func (p Page) dayParts(t time.Time) (weekday, day, month string) {
	t = p.local(t)
	return t.Format("Mon"), t.Format("2"), t.Format("Jan")
}

// pieces writes a text in which what was looked for is marked. It adds no
// space of its own.
func pieces(all []Piece) templ.Component {
	var b strings.Builder
	for _, one := range all {
		text := templ.EscapeString(one.Text)
		if one.Marked {
			text = "<mark>" + text + "</mark>"
		}
		b.WriteString(text)
	}
	return templ.Raw(b.String())
}

// found says how many there are.
func found(n int) string {
	if n == 1 {
		return "One found"
	}
	return strconv.Itoa(n) + " found"
}

// eventKind is a kind of event as people read it.
func eventKind(kind string) string { return capital(kind) }

// phoneLink is where a telephone number is called; spaces and brackets in it
// are for reading only (RFC 3966, section 3).
func phoneLink(number string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, number)
	return "tel:" + digits
}

// dotted sets words apart in one line.
func dotted(words ...string) string {
	text := ""
	for _, w := range words {
		if w == "" {
			continue
		}
		if text != "" {
			text += " · "
		}
		text += w
	}
	return text
}
