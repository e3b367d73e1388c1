package db

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Wall is a moment as a clock on the department's wall shows it,
// "2026-09-14T08:00": a class is at eight whatever becomes of the time zone.
// An all-day event uses midnight.
type Wall string

const (
	wallForm = "2006-01-02T15:04"
	// Week is how far apart the occurrences of a repeat are, on the wall.
	Week = 7 * 24 * time.Hour
)

// WallAt is what the wall's clock shows at a moment.
func WallAt(t time.Time, zone *time.Location) Wall { return Wall(t.In(zone).Format(wallForm)) }

// Clock is the wall's time as a time.Time in UTC, for counting days and hours
// on the wall; false when it is not one.
func (w Wall) Clock() (time.Time, bool) {
	t, err := time.Parse(wallForm, string(w))
	return t, err == nil
}

// In is the moment when the wall's clock shows this in a zone.
func (w Wall) In(zone *time.Location) time.Time {
	t, err := time.ParseInLocation(wallForm, string(w), zone)
	if err != nil {
		return time.Time{}
	}
	return t
}

// Day is the date, "2026-09-14".
func (w Wall) Day() string {
	day, _, _ := cutWall(w)
	return day
}

// Add moves the clock's hands.
func (w Wall) Add(d time.Duration) Wall {
	t, ok := w.Clock()
	if !ok {
		return w
	}
	return Wall(t.Add(d).Format(wallForm))
}

func cutWall(w Wall) (day, clock string, ok bool) {
	if len(w) != len(wallForm) || w[10] != 'T' {
		return "", "", false
	}
	return string(w[:10]), string(w[11:]), true
}

// The kinds of events.
const (
	EventClass    = "class"
	EventExam     = "exam"
	EventDeadline = "deadline"
	EventOther    = "event"
)

// Event is when and where something happens.
type Event struct {
	Kind       string      `json:"kind"`
	Place      string      `json:"place,omitempty"`
	Starts     Wall        `json:"starts"`
	Ends       Wall        `json:"ends,omitempty"` // "": at one moment, or for the one day
	AllDay     bool        `json:"all_day,omitempty"`
	RepeatTo   string      `json:"repeat_to,omitempty"` // weekly, the last possible date
	Exceptions []Exception `json:"exceptions,omitempty"`
	Cancelled  time.Time   `json:"cancelled,omitzero"` // the whole of it: STATUS of RFC 5545, section 3.8.1.11
	Was        *Was        `json:"was,omitempty"`
	Sequence   int         `json:"sequence,omitempty"` // RFC 5545, section 3.8.7.4; kept by the database
}

// Exception is one occurrence of a repeat that is not as the others.
type Exception struct {
	Day       string    `json:"day"` // when it would have been
	Cancelled bool      `json:"cancelled,omitempty"`
	Starts    Wall      `json:"starts,omitempty"` // moved to
	Ends      Wall      `json:"ends,omitempty"`
	Place     string    `json:"place,omitempty"` // "": where the others are
	Changed   time.Time `json:"changed"`
}

// Was is the time and place before the last change of the whole event; the
// database keeps it.
type Was struct {
	Starts  Wall      `json:"starts"`
	Ends    Wall      `json:"ends,omitempty"`
	Place   string    `json:"place,omitempty"`
	Changed time.Time `json:"changed"`
}

var errEvent = errors.New("this is not a possible event")

// Check says what is impossible in an event, in words for the editor.
func (e *Event) Check() error {
	wrong := func(form string, args ...any) error {
		return fmt.Errorf("%w: "+form, append([]any{errEvent}, args...)...)
	}
	starts, ok := e.Starts.Clock()
	if !ok {
		return wrong("%q is not a time", e.Starts)
	}
	if !slices.Contains([]string{EventClass, EventExam, EventDeadline, EventOther}, e.Kind) {
		return wrong("%q is not a kind of event", e.Kind)
	}
	if ends, ok := e.Ends.Clock(); e.Ends != "" && (!ok || ends.Before(starts)) {
		return wrong("it ends at %q and starts at %q", e.Ends, e.Starts)
	}
	last := starts
	if e.RepeatTo != "" {
		to, err := time.Parse(time.DateOnly, e.RepeatTo)
		if err != nil || to.Before(starts.Truncate(24*time.Hour)) || to.Sub(starts) > 3*366*24*time.Hour {
			return wrong("it repeats until %q and starts at %q", e.RepeatTo, e.Starts)
		}
		last = to.Add(24*time.Hour - time.Minute)
	}
	return e.checkExceptions(starts, last, wrong)
}

func (e *Event) checkExceptions(starts, last time.Time, wrong func(string, ...any) error) error {
	met := map[string]bool{}
	for _, x := range e.Exceptions {
		day, err := time.Parse(time.DateOnly, x.Day)
		first := starts.Truncate(24 * time.Hour)
		if err != nil || met[x.Day] || day.Before(first) || day.After(last) || day.Sub(first)%Week != 0 {
			return wrong("nothing happens on %q that could be moved or cancelled", x.Day)
		}
		met[x.Day] = true
		if x.Cancelled {
			continue
		}
		to, ok := x.Starts.Clock()
		if ends, good := x.Ends.Clock(); !ok || x.Ends != "" && (!good || ends.Before(to)) {
			return wrong("%q is moved to %q until %q", x.Day, x.Starts, x.Ends)
		}
	}
	return nil
}

// revise notes in an event what changed against the one before it, which
// people may have seen or not.
func (e *Event) revise(old *Event, seen bool, at time.Time) {
	e.Sequence, e.Was = old.Sequence, old.Was
	if !seen {
		return
	}
	moved := e.Starts != old.Starts || e.Ends != old.Ends || e.Place != old.Place || e.AllDay != old.AllDay
	if moved {
		e.Was = &Was{Starts: old.Starts, Ends: old.Ends, Place: old.Place, Changed: at}
	}
	switch {
	case e.Cancelled.IsZero():
	case old.Cancelled.IsZero():
		e.Cancelled = at
	default:
		e.Cancelled = old.Cancelled
	}
	e.reviseExceptions(old.Exceptions, at)
	if moved || e.RepeatTo != old.RepeatTo || e.Cancelled != old.Cancelled || !slices.Equal(e.Exceptions, old.Exceptions) {
		e.Sequence++
	}
}

// reviseExceptions keeps since when each exception stands.
func (e *Event) reviseExceptions(old []Exception, at time.Time) {
	before := map[string]Exception{}
	for _, x := range old {
		before[x.Day] = x
	}
	for i := range e.Exceptions {
		x := &e.Exceptions[i]
		have, known := before[x.Day]
		if x.Changed = have.Changed; !known || *x != have {
			x.Changed = at
		}
	}
}
