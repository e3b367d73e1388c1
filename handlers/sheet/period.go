package sheet

import (
	"fmt"
	"time"
)

// Span is what a period is called in addresses.
type Span string

// The spans that can be chosen. Custom is from one day to another.
const (
	Today    Span = "today"
	Week     Span = "7d"
	Month    Span = "30d"
	Semester Span = "semester"
	Session  Span = "session"
	Custom   Span = "custom"
)

// Spans are those that a link offers, in their order.
func Spans() []Span { return []Span{Today, Week, Month, Semester, Session} }

// Longest is how many days a report takes at most.
const Longest = 800

// Period is whole days of a zone: from the midnight that begins the first to
// the midnight that ends the last.
type Period struct {
	Span     Span
	From, To time.Time
	Note     string // which dates were taken and why, or ""
}

// First and Last are the days that the period begins and ends with.
func (p Period) First() time.Time { return p.From }

// Last is the day that the period ends with.
func (p Period) Last() time.Time { return p.To.AddDate(0, 0, -1) }

// Days is how many days the period has.
func (p Period) Days() int {
	y, m, d := p.From.Date()
	yy, mm, dd := p.To.Date()
	return int(time.Date(yy, mm, dd, 0, 0, 0, 0, time.UTC).Sub(time.Date(y, m, d, 0, 0, 0, 0, time.UTC)) / (24 * time.Hour))
}

// Term is a semester or session that is under way.
type Term struct {
	Name  string // "Harmattan 2026/2027", or "" where Campus One told none
	Began time.Time
	Told  bool // by what Campus One told of people; else the usual calendar counts
}

// Terms are those under way.
type Terms struct{ Semester, Session Term }

// Of is the period of a span, as of a moment. A term goes on until today.
func Of(span Span, now time.Time, terms Terms) Period {
	today := Midnight(now)
	p := Period{Span: span, From: today, To: next(today, 1)}
	switch span {
	case Week:
		p.From = next(today, -6)
	case Month:
		p.From = next(today, -29)
	case Semester:
		p.From, p.Note = terms.Semester.since("semester", now)
	case Session:
		p.From, p.Note = terms.Session.since("session", now)
	}
	return p
}

// Between is the period from one day to another, both included.
func Between(first, last time.Time) Period {
	return Period{Span: Custom, From: Midnight(first), To: next(Midnight(last), 1)}
}

func (t Term) since(what string, now time.Time) (time.Time, string) {
	began := Midnight(t.Began.In(now.Location()))
	day := began.Format("Monday 2 January 2006")
	if t.Told {
		return began, fmt.Sprintf("This %s is %s. It counts from %s, when Campus One first told it of people here.", what, t.Name, day)
	}
	return began, fmt.Sprintf("Campus One has not told when this %s began, so the usual calendar counts: from %s.", what, day)
}

// Usual are the terms by the usual Nigerian calendar: Harmattan from the first
// of October, rain from the first of March, a session from October on.
func Usual(now time.Time) Terms {
	y, m, _ := now.Date()
	began := func(year int, month time.Month) Term {
		return Term{Began: time.Date(year, month, 1, 0, 0, 0, 0, now.Location())}
	}
	switch {
	case m >= time.October:
		return Terms{began(y, time.October), began(y, time.October)}
	case m >= time.March:
		return Terms{began(y, time.March), began(y-1, time.October)}
	}
	return Terms{began(y-1, time.October), began(y-1, time.October)}
}

// Midnight is the beginning of a moment's day.
func Midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// next is midnight so many days later; days need not have 24 hours.
func next(t time.Time, days int) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d+days, 0, 0, 0, 0, t.Location())
}

// Step is for how long a row of a report over time stands.
type Step string

// The steps.
const (
	ByHour  Step = "hour"
	ByDay   Step = "day"
	ByWeek  Step = "week"
	ByMonth Step = "month"
)

// Step is the one that shows a period at a glance.
func (p Period) Step() Step {
	switch days := p.Days(); {
	case days <= 1:
		return ByHour
	case days <= 62:
		return ByDay
	case days <= 370:
		return ByWeek
	}
	return ByMonth
}

// Bins cuts the period into steps: the beginning of each, and its end at last.
// Weeks begin on Monday, months on the first; the first and the last may be
// cut short by the period.
func (p Period) Bins(s Step) []time.Time {
	all := []time.Time{p.From}
	for at := s.after(p.From); at.Before(p.To); at = s.after(at) {
		all = append(all, at)
	}
	return append(all, p.To)
}

// after is the beginning of the step after a moment's.
func (s Step) after(t time.Time) time.Time {
	switch s {
	case ByHour: // of a clock that is set back, the hour that comes twice counts twice
		return t.Add(time.Hour - time.Duration(t.Minute())*time.Minute - time.Duration(t.Second())*time.Second - time.Duration(t.Nanosecond()))
	case ByWeek:
		return next(t, 7-(int(t.Weekday())+6)%7)
	case ByMonth:
		y, m, _ := t.Date()
		return time.Date(y, m+1, 1, 0, 0, 0, 0, t.Location())
	}
	return next(t, 1)
}
