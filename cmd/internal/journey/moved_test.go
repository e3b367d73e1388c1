package journey

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"portico/auth/campusone/campusonetest"
	"portico/db"
)

// entry is what a calendar program reads of one line of a calendar.
type entry struct {
	uid, recurrence, status string
	starts                  time.Time
	sequence                int
}

// entries reads a calendar address as a phone does.
func (w *World) entries(t *testing.T, path string) (all []entry) {
	t.Helper()
	_, body := w.request(t, http.MethodGet, path, "", program, "")
	cal, err := ical.NewDecoder(strings.NewReader(body)).Decode()
	must(t, err)
	for _, e := range cal.Events() {
		one := entry{uid: e.Props.Get(ical.PropUID).Value, status: e.Props.Get(ical.PropStatus).Value}
		if r := e.Props.Get(ical.PropRecurrenceID); r != nil {
			one.recurrence = r.Value
		}
		one.starts, err = e.DateTimeStart(w.Config.Portico.Timezone)
		must(t, err)
		one.sequence, err = strconv.Atoi(e.Props.Get(ical.PropSequence).Value)
		must(t, err)
		all = append(all, one)
	}
	return all
}

// A class is moved and then does not take place: the student's day tells it on
// top for 48 hours, with the old time struck through, and their phone, which
// knows the class by its name, takes the change. When the address is ended it
// is not there any more.
func TestMovedClassReachesThePhone(t *testing.T) {
	t.Parallel()
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			clock := noon(t)
			w := Start(t, Options{Database: e.fresh(t), Clock: clock})
			starts := w.wall(1, "14:00")
			class := w.class(t, "CSC 301", db.Event{Place: "Hall B", Starts: starts, Ends: starts.Add(2 * time.Hour), RepeatTo: w.wall(60, "00:00").Day()}, ForStudents("300", campusonetest.DepartmentCS))
			p := signedIn(t, w, campusonetest.SubAmina)
			phone := p.makeCalendar(t, "Make my address")
			before := w.entries(t, phone)
			if len(before) != 1 || before[0].sequence != 0 || before[0].status != "CONFIRMED" || !before[0].starts.Equal(starts.In(w.Config.Portico.Timezone)) {
				t.Fatalf("at first the phone reads %+v", before)
			}
			change := func(x db.Exception) {
				t.Helper()
				x.Day = starts.Day()
				class = w.Revise(t, class, func(c *db.Content) {
					e := *c.Event
					e.Exceptions = []db.Exception{x}
					c.Event = &e
				})
			}
			look := func(first string, struck ...string) {
				t.Helper()
				visit(t, p, "/dashboard", http.StatusOK)
				all := p.lines(".slots li")
				if len(all) == 0 || !strings.Contains(all[0], first) {
					t.Errorf("on top stands not %q: %q", first, all)
				}
				for _, old := range struck {
					if got := p.lines(".slots li:first-child s"); !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, old) }) {
						t.Errorf("%q is not struck through: %q", old, got)
					}
				}
			}
			moved := starts.Add(-3 * time.Hour)
			change(db.Exception{Starts: moved, Ends: moved.Add(2 * time.Hour), Place: "ICT annexe"})
			look("CSC 301 Moved", "Hall B", "14:00 to 16:00")
			after := w.entries(t, phone)
			if len(after) != 2 || after[0].uid != before[0].uid || after[1].uid != before[0].uid || after[0].sequence <= before[0].sequence || after[1].sequence <= before[0].sequence ||
				!after[1].starts.Equal(moved.In(w.Config.Portico.Timezone)) || !strings.HasPrefix(after[1].recurrence, strings.ReplaceAll(starts.Day(), "-", "")+"T1400") {
				t.Errorf("moved, the phone reads %+v; before it was %+v", after, before)
			}
			change(db.Exception{Cancelled: true})
			look("CSC 301 Cancelled", "14:00")
			last := w.entries(t, phone)
			if len(last) != 2 || last[1].status != "CANCELLED" || last[0].status != "CONFIRMED" || last[1].sequence <= after[1].sequence {
				t.Errorf("cancelled, the phone reads %+v; before it was %+v", last, after)
			}
			w.class(t, "CSC 305", db.Event{Starts: w.wall(2, "16:00"), Ends: w.wall(2, "18:00")}, "")
			clock.Advance(48*time.Hour - time.Minute)
			visit(t, p, "/dashboard", http.StatusOK) // the class was yesterday, and its cancelling is not news of anything to come
			if strings.Contains(strings.Join(p.lines(".slots li"), " "), "Cancelled") {
				t.Errorf("what would be over is still told: %q", p.lines(".slots li"))
			}
			visit(t, p, "/dashboard/calendar", http.StatusOK)
			must(t, p.Click("End my address"))
			w.wantCalendar(t, phone, http.StatusNotFound, "")
		})
	}
}

// A change tops the list for 48 hours and no longer.
func TestChangesTopTheListFor48Hours(t *testing.T) {
	t.Parallel()
	clock := noon(t)
	w := Start(t, Options{Clock: clock, Env: []string{"PORTICO_SESSION_IDLE=4d"}})
	class := w.class(t, "CSC 301", db.Event{Place: "Hall B", Starts: w.wall(6, "14:00"), Ends: w.wall(6, "16:00")}, "")
	w.class(t, "CSC 305", db.Event{Starts: w.wall(3, "10:00"), Ends: w.wall(3, "12:00")}, "")
	p := signedIn(t, w, campusonetest.SubAmina)
	first := func() string {
		t.Helper()
		visit(t, p, "/dashboard", http.StatusOK)
		return p.lines(".slots li")[0]
	}
	if got := first(); !strings.Contains(got, "CSC 305") {
		t.Errorf("first stands %q", got)
	}
	w.Revise(t, class, func(c *db.Content) {
		e := *c.Event
		e.Starts, e.Ends = w.wall(5, "09:00"), w.wall(5, "11:00")
		c.Event = &e
	})
	for _, step := range []struct {
		wait time.Duration
		want string
	}{{0, "CSC 301 Moved"}, {48*time.Hour - time.Minute, "CSC 301 Moved"}, {2 * time.Minute, "CSC 305"}} {
		clock.Advance(step.wait)
		if got := first(); !strings.Contains(got, step.want) {
			t.Errorf("after %s more, first stands %q, want %q", step.wait, got, step.want)
		}
	}
}
