package timetable

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"portico/db"
)

// Mark compares the rows with what is there already, and with each other: the
// same event is not new, and a room that is taken is said.
func (s *Sheet) Mark(there []db.Item) {
	met := map[string]string{}
	rooms := rooms{on: map[roomDay][]taken{}}
	wanted := s.places()
	for i := range there {
		e := there[i].Event
		met[sameKey(there[i].Title, e)] = "It is there already."
		if wanted[db.Fold(e.Place)] || len(e.Exceptions) > 0 {
			rooms.take(e, "“"+there[i].Title+"”")
		}
	}
	for i := range s.Rows {
		r := &s.Rows[i]
		if !r.Good() {
			continue
		}
		key := sameKey(r.Content.Title, r.Content.Event)
		if r.There = met[key]; r.There != "" {
			continue
		}
		met[key] = fmt.Sprintf("It is the same as line %d.", r.Line)
		rooms.clashes(r)
		rooms.take(r.Content.Event, fmt.Sprintf("“%s” of line %d", r.Content.Title, r.Line))
	}
	if rooms.full() {
		s.forgetClashes()
	}
}

// forgetClashes takes back what was said of rooms, for not all were compared.
func (s *Sheet) forgetClashes() {
	for i := range s.Rows {
		if r := &s.Rows[i]; r.clashes {
			r.Warnings, r.clashes = r.Warnings[:len(r.Warnings)-1], false
		}
	}
	s.Notes = append(s.Notes, "Rooms were not compared: there are too many events. See for yourself whether they are free.")
}

// places are those that the rows want.
func (s *Sheet) places() map[string]bool {
	all := map[string]bool{}
	for i := range s.Rows {
		if e := s.Rows[i].Content.Event; e != nil {
			all[db.Fold(e.Place)] = true
		}
	}
	return all
}

// sameKey is equal for events that are the same: title, beginning and place.
func sameKey(title string, e *db.Event) string {
	return db.Fold(title) + "|" + string(e.Starts) + "|" + db.Fold(e.Place)
}

// mostTaken is how many times of rooms are compared: those of ten thousand
// weekly classes of a semester. More would hold the portal up.
const mostTaken = 200_000

// rooms is who has a place, on each day.
type rooms struct {
	on map[roomDay][]taken
	n  int // of times
}

func (all *rooms) full() bool { return all.n >= mostTaken }

type roomDay struct{ place, day string }

// taken is a time of a day, as a clock on the wall shows it.
type taken struct{ from, to, who string }

// nowhere are places in which any number of events can be at once.
var nowhere = []string{"", "online", "virtual", "zoom", "google meet", "microsoft teams", "teams", "tba", "tbd", "to be announced", "to be arranged", "everywhere"}

// times are the days on which an event has its place, and when.
func times(e *db.Event, each func(roomDay, taken)) {
	add := func(starts, ends db.Wall, place string) {
		if slices.Contains(nowhere, place) || ends != "" && starts.Day() != ends.Day() {
			return
		}
		_, from, _ := strings.Cut(string(starts), "T")
		_, to, _ := strings.Cut(string(ends), "T")
		each(roomDay{place, starts.Day()}, taken{from: from, to: max(from, to)})
	}
	if e.AllDay || e.Kind == db.EventDeadline || !e.Cancelled.IsZero() {
		return
	}
	usual, apart := db.Fold(e.Place), map[string]bool{}
	for _, x := range e.Exceptions {
		apart[x.Day] = true
		if !x.Cancelled {
			add(x.Starts, x.Ends, cmp.Or(db.Fold(x.Place), usual))
		}
	}
	length := time.Duration(0)
	if from, ok := e.Starts.Clock(); ok && e.Ends != "" {
		to, _ := e.Ends.Clock()
		length = to.Sub(from)
	}
	for at := e.Starts; at == e.Starts || at.Day() <= e.RepeatTo; at = at.Add(db.Week) {
		ends := db.Wall("")
		if e.Ends != "" {
			ends = at.Add(length)
		}
		if !apart[at.Day()] {
			add(at, ends, usual)
		}
		if next := at.Add(db.Week); next <= at { // the last year that can be written
			return
		}
	}
}

func (all *rooms) take(e *db.Event, who string) {
	if all.full() {
		return
	}
	times(e, func(at roomDay, t taken) {
		t.who = who
		all.on[at] = append(all.on[at], t)
		all.n++
	})
}

// clashes warns a row of the first who has its place at one of its times.
func (all *rooms) clashes(r *Row) {
	if all.full() {
		return
	}
	who, first, more := "", "", 0
	times(r.Content.Event, func(at roomDay, t taken) {
		for _, other := range all.on[at] {
			if !t.meets(other) {
				continue
			}
			if who == "" {
				who, first = other.who, at.day
			} else {
				more++
			}
			return
		}
	})
	if who == "" {
		return
	}
	day, _ := time.Parse(time.DateOnly, first) // it was written by times
	when := "on " + day.Format("Monday 2 January 2006")
	if more == 1 {
		when += " and once more"
	} else if more > 1 {
		when += fmt.Sprintf(" and %d times more", more)
	}
	r.clashes = true
	r.Warnings = append(r.Warnings, fmt.Sprintf("%s is taken %s, by %s.", r.Content.Event.Place, when, who))
}

// meets says whether two times of a day overlap. What has no end takes a
// moment.
func (t taken) meets(o taken) bool {
	if t.from == o.from {
		return true
	}
	return t.from < o.to && o.from < t.to
}
