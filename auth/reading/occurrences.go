package reading

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"portico/db"
)

// Occurrence is one time that an event takes place, or would have.
type Occurrence struct {
	Shown
	Day        string // the date it had at first: with the article's ID its stable name
	Start, End time.Time
	AllDay     bool
	Place      string

	Cancelled        bool
	OldStart, OldEnd time.Time // before it was moved; zero when it was not
	OldPlace         string    // before it was moved to another place
	Changed          time.Time // when it was moved or cancelled
}

// freshFor is how long a change of an event is news.
const freshFor = 48 * time.Hour

// Fresh says whether it was moved or cancelled within the last 48 hours.
func (o *Occurrence) Fresh(now time.Time) bool {
	return !o.Changed.IsZero() && now.Sub(o.Changed) < freshFor
}

// touches says whether it takes place, or would have, in a window.
func (o *Occurrence) touches(from, to time.Time) bool {
	return overlaps(o.Start, o.End, from, to) || !o.OldStart.IsZero() && overlaps(o.OldStart, o.OldEnd, from, to)
}

func overlaps(start, end, from, to time.Time) bool {
	return start.Before(to) && (end.After(from) || !start.Before(from))
}

// calendar expands one event.
type calendar struct {
	Shown
	event *db.Event
	zone  *time.Location
	now   time.Time
}

// between lists what of an event touches a window.
func (c calendar) between(from, to time.Time) []Occurrence {
	var all []Occurrence
	add := func(o Occurrence) {
		if o.touches(from, to) {
			all = append(all, o)
		}
	}
	apart := map[string]bool{}
	for _, x := range c.event.Exceptions {
		apart[x.Day] = true
		add(c.exception(x))
	}
	for start := c.firstNear(from); c.repeats(start); start = start.Add(db.Week) {
		o := c.regular(start)
		if !o.Start.Before(to) && (o.OldStart.IsZero() || !o.OldStart.Before(to)) {
			break
		}
		if !apart[o.Day] {
			add(o)
		}
		if c.event.RepeatTo == "" {
			break
		}
	}
	return all
}

// firstNear is the first regular start that can matter to a window: on the
// wall, and early enough for what is long or was moved as a whole.
func (c calendar) firstNear(from time.Time) db.Wall {
	first, _ := c.event.Starts.Clock()
	near, _ := db.WallAt(from, c.zone).Clock()
	end, ok := c.event.Ends.Clock()
	if !ok {
		end = first
	}
	slack := end.Sub(first) + 2*24*time.Hour
	if was := c.event.Was; was != nil {
		if old, ok := was.Starts.Clock(); ok {
			slack += old.Sub(first).Abs() + db.Week
		}
	}
	weeks := near.Add(-slack).Sub(first) / db.Week
	return c.event.Starts.Add(max(0, weeks) * db.Week)
}

// repeats says whether the event takes place regularly at a start.
func (c calendar) repeats(start db.Wall) bool {
	if c.event.RepeatTo == "" {
		return start == c.event.Starts
	}
	return start.Day() <= c.event.RepeatTo
}

// regular is the occurrence that begins as planned.
func (c calendar) regular(start db.Wall) Occurrence {
	e := c.event
	shift := between(e.Starts, start)
	o := c.at(start, ended(e.Ends, shift), e.Place)
	o.Day = start.Day()
	if was := e.Was; was != nil && c.now.Sub(was.Changed) < freshFor {
		old := c.at(was.Starts.Add(shift), ended(was.Ends, shift), was.Place)
		o.OldStart, o.OldEnd, o.Changed = old.Start, old.End, was.Changed
		if old.Place != o.Place {
			o.OldPlace = old.Place
		}
		if old.Start.Equal(o.Start) && old.End.Equal(o.End) {
			o.OldStart, o.OldEnd = time.Time{}, time.Time{}
		}
	}
	if !e.Cancelled.IsZero() {
		o.Cancelled, o.Changed = true, e.Cancelled
	}
	return o
}

// exception is an occurrence that was moved or cancelled by itself.
func (c calendar) exception(x db.Exception) Occurrence {
	first, _, _ := strings.Cut(string(c.event.Starts), "T")
	shift := between(db.Wall(first+"T00:00"), db.Wall(x.Day+"T00:00"))
	planned := c.regular(c.event.Starts.Add(shift))
	if x.Cancelled || planned.Cancelled {
		planned.Cancelled, planned.Changed = true, later(x.Changed, planned.Changed)
		return planned
	}
	place := cmp.Or(x.Place, c.event.Place)
	o := c.at(x.Starts, x.Ends, place)
	o.Day, o.Changed = x.Day, x.Changed
	if !o.Start.Equal(planned.Start) || !o.End.Equal(planned.End) {
		o.OldStart, o.OldEnd = planned.Start, planned.End
	}
	if place != c.event.Place {
		o.OldPlace = c.event.Place
	}
	return o
}

// at is an occurrence between two times on the wall. An all-day one ends with
// its last day.
func (c calendar) at(start, end db.Wall, place string) Occurrence {
	o := Occurrence{Shown: c.Shown, Start: start.In(c.zone), AllDay: c.event.AllDay, Place: place}
	switch {
	case c.event.AllDay:
		last := cmp.Or(end, start)
		o.Start, o.End = db.Wall(start.Day()+"T00:00").In(c.zone), db.Wall(last.Day()+"T00:00").Add(24*time.Hour).In(c.zone)
	case end == "":
		o.End = o.Start
	default:
		o.End = end.In(c.zone)
	}
	return o
}

func between(from, to db.Wall) time.Duration {
	a, _ := from.Clock()
	b, _ := to.Clock()
	return b.Sub(a)
}

func ended(end db.Wall, shift time.Duration) db.Wall {
	if end == "" {
		return ""
	}
	return end.Add(shift)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// lastEnd is when an event is over for good.
func lastEnd(e *db.Event, zone *time.Location) time.Time {
	c := calendar{event: e, zone: zone}
	start := e.Starts
	if e.RepeatTo != "" {
		to, first := db.Wall(e.RepeatTo+"T23:59"), e.Starts
		start = first.Add(between(first, to) / db.Week * db.Week)
	}
	end := c.regular(start).End
	for _, x := range e.Exceptions {
		if !x.Cancelled {
			end = later(end, c.exception(x).End)
		}
	}
	return end
}

// inOrder sorts by time, then by title.
func inOrder(all []Occurrence) []Occurrence {
	slices.SortStableFunc(all, func(a, b Occurrence) int {
		return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End), strings.Compare(a.Title, b.Title), strings.Compare(a.ID, b.ID))
	})
	return all
}
