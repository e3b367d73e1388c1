package db

import (
	"fmt"
	"time"
)

// Day is a date of the department's calendar, counted from 1 January 1970.
type Day int

// DayOf is the date that a zone's calendar shows at a moment.
func DayOf(t time.Time, zone *time.Location) Day {
	y, m, d := t.In(zone).Date()
	return Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// ParseDay reads "2026-09-14".
func ParseDay(text string) (Day, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, fmt.Errorf("%q is not a date", text)
	}
	return DayOf(t, time.UTC), nil
}

// String is the date as "2026-09-14".
func (d Day) String() string { return d.Begin(time.UTC).Format(time.DateOnly) }

// Begin is the day's first moment in a zone, which need not be midnight nor 24
// hours before the next day's.
func (d Day) Begin(zone *time.Location) time.Time {
	return time.Date(1970, 1, 1+int(d), 0, 0, 0, 0, zone)
}

// Span is the whole days from First to Last, both included.
type Span struct {
	First, Last Day
	Zone        *time.Location
}

// Begin is the first moment of the span, End the first one after it.
func (s Span) Begin() time.Time { return s.First.Begin(s.Zone) }

// End is the first moment after the span.
func (s Span) End() time.Time { return (s.Last + 1).Begin(s.Zone) }

// Days is how many days the span has.
func (s Span) Days() int { return max(0, int(s.Last-s.First)+1) }

// Cover says what the figures of a report stand on. They are as of the asking;
// what is known of people (roles, levels) may be a minute old.
type Cover struct {
	PeopleSince Day // people are known from this day on: who signed in before is no longer kept
}
