package views

import (
	"strconv"
	"time"
)

// Slot is one line of a person's day: something that takes place, or would
// have.
type Slot struct {
	Title, Href string // Href "" while events have no pages
	Kind, Place string
	Start, End  time.Time // an all-day one ends with its last day
	AllDay, Now bool
	Cancelled   bool
	OldStart    time.Time // before it was moved; zero when it was not
	OldEnd      time.Time
	OldPlace    string // before it was moved elsewhere
}

// Told is an announcement for a person.
type Told struct {
	ID, Title, Href string
	Why             string // "" for what everybody sees
	Category        string
	At              time.Time
	Read            bool
}

// Concern is something that needs the attention of who manages the portal,
// with the next step.
type Concern struct {
	Text, Next string
	Link       MenuItem // where the step is taken; without Href there is no page for it
}

// Step is one line of the list for a portal that was just set up.
type Step struct {
	Done       bool
	Text, Help string
	Link       MenuItem
}

// slotDay is the day of a slot as it is written beside others, or "" for today.
func (p Page) slotDay(s Slot) string {
	start := p.local(s.Start)
	if isoDay(start) == isoDay(p.local(p.Now)) {
		return ""
	}
	return shortDay(start)
}

// slotTime is when a slot begins.
func (p Page) slotTime(s Slot) string {
	if s.AllDay {
		return "All day"
	}
	return p.local(s.Start).Format("15:04")
}

// slotISO is the same for machines.
func (p Page) slotISO(s Slot) string {
	if s.AllDay {
		return isoDay(p.local(s.Start))
	}
	return p.local(s.Start).Format("2006-01-02T15:04Z07:00")
}

// slotUntil says when a slot ends, "until 10:00", or nothing.
func (p Page) slotUntil(s Slot) string {
	start, end := p.local(s.Start), p.local(s.End)
	switch {
	case s.Cancelled, !end.After(start):
		return ""
	case s.AllDay:
		if last := end.Add(-time.Minute); isoDay(last) != isoDay(start) {
			return "until " + shortDay(last)
		}
		return ""
	case isoDay(start) == isoDay(end):
		return "until " + end.Format("15:04")
	}
	return "until " + shortDay(end) + ", " + end.Format("15:04")
}

// slotWas is when a moved slot would have been, as short as it can be told.
func (p Page) slotWas(s Slot) string {
	if s.OldStart.IsZero() {
		return ""
	}
	old, end := p.local(s.OldStart), p.local(s.OldEnd)
	day := ""
	if isoDay(old) != isoDay(p.local(s.Start)) {
		day = shortDay(old)
		if isoDay(old) == isoDay(p.local(p.Now)) {
			day = "Today"
		}
	}
	if s.AllDay {
		return day
	}
	clock := old.Format("15:04")
	if end.After(old) && isoDay(end) == isoDay(old) {
		clock += " to " + end.Format("15:04")
	}
	if day == "" {
		return clock
	}
	return day + ", " + clock
}

// slotTag is the word that stands out beside a slot's title, and its colour.
func slotTag(s Slot) (word, class string) {
	switch {
	case s.Cancelled:
		return "Cancelled", "tag bad"
	case s.Now:
		return "Now", "tag calm"
	case !s.OldStart.IsZero(), s.OldPlace != "":
		return "Moved", "tag warn"
	case s.Kind == "exam":
		return "Exam", "tag calm"
	case s.Kind == "deadline":
		return "Deadline", "tag calm"
	}
	return "", ""
}

// unread counts what a person has not read.
func (m DashboardModel) unread() (n int) {
	for _, t := range m.ForYou {
		if !t.Read {
			n++
		}
	}
	return n + m.MoreUnread
}

// unreadWords says how many announcements are unread; "" for none.
func (m DashboardModel) unreadWords() string {
	if n := m.unread(); n > 0 {
		return strconv.Itoa(n) + " unread"
	}
	return ""
}

// why says for whom an announcement is.
func (t Told) why() string {
	if t.Why == "" {
		return "For everybody"
	}
	return "For " + t.Why
}

// byDay sorts what is in the order of time into days.
func (p Page) byDay(all []Slot) (days [][]Slot) {
	for i, s := range all {
		if i == 0 || !p.sameDay(s.Start, all[i-1].Start) {
			days = append(days, nil)
		}
		last := len(days) - 1
		days[last] = append(days[last], s)
	}
	return days
}

// dayAhead is a day to come as a heading: "Tomorrow, Wed 2 Dec".
func (p Page) dayAhead(t time.Time) string {
	if p.sameDay(t, p.local(p.Now).AddDate(0, 0, 1)) {
		return "Tomorrow, " + p.day(t)
	}
	return p.day(t)
}
