package reading

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"portico/db"
)

func zone(t testing.TB, name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func expand(e db.Event, z *time.Location, now, from, to time.Time) []Occurrence {
	c := calendar{Shown: Shown{Article: &Article{}}, event: &e, zone: z, now: now}
	return inOrder(c.between(from, to))
}

// lines writes occurrences as people would read them.
func lines(all []Occurrence, z *time.Location) (lines []string) {
	for _, o := range all {
		s := o.Start.In(z).Format("Mon 2 Jan 15:04") + "-" + o.End.In(z).Format("15:04") + " " + o.Place
		if o.Cancelled {
			s += " cancelled"
		}
		if !o.OldStart.IsZero() {
			s += " was " + o.OldStart.In(z).Format("Mon 2 Jan 15:04")
		}
		if o.OldPlace != "" {
			s += " from " + o.OldPlace
		}
		lines = append(lines, s)
	}
	return lines
}

func TestOccurrences(t *testing.T) {
	lagos, london := zone(t, "Africa/Lagos"), zone(t, "Europe/London")
	day := func(z *time.Location, d string) time.Time {
		at, err := time.ParseInLocation(time.DateOnly, d, z)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	weekly := db.Event{Starts: "2026-10-12T08:00", Ends: "2026-10-12T10:00", RepeatTo: "2026-11-09", Place: "B"}
	with := func(e db.Event, change func(*db.Event)) db.Event { change(&e); return e }
	now := day(lagos, "2026-10-20")
	tests := []struct {
		name     string
		event    db.Event
		zone     *time.Location
		from, to string
		want     []string
	}{
		{"all weeks", weekly, lagos, "2026-10-01", "2026-12-01", []string{"Mon 12 Oct 08:00-10:00 B", "Mon 19 Oct 08:00-10:00 B", "Mon 26 Oct 08:00-10:00 B", "Mon 2 Nov 08:00-10:00 B", "Mon 9 Nov 08:00-10:00 B"}},
		{"a window", weekly, lagos, "2026-10-26", "2026-10-27", []string{"Mon 26 Oct 08:00-10:00 B"}},
		{"the clocks change, the class does not", weekly, london, "2026-10-19", "2026-10-27", []string{"Mon 19 Oct 08:00-10:00 B", "Mon 26 Oct 08:00-10:00 B"}},
		{"once", with(weekly, func(e *db.Event) { e.RepeatTo = "" }), lagos, "2026-10-01", "2026-12-01", []string{"Mon 12 Oct 08:00-10:00 B"}},
		{"a deadline", db.Event{Starts: "2026-10-12T23:59"}, lagos, "2026-10-12", "2026-10-13", []string{"Mon 12 Oct 23:59-23:59 "}},
		{"not the day after a deadline", db.Event{Starts: "2026-10-12T23:59"}, lagos, "2026-10-13", "2026-10-14", nil},
		{"all day, three days", db.Event{Starts: "2026-10-12T00:00", Ends: "2026-10-14T00:00", AllDay: true}, lagos, "2026-10-14", "2026-10-15", []string{"Mon 12 Oct 00:00-00:00 "}},
		{"not the fourth day", db.Event{Starts: "2026-10-12T00:00", Ends: "2026-10-14T00:00", AllDay: true}, lagos, "2026-10-15", "2026-10-16", nil},
		{"one cancelled", with(weekly, func(e *db.Event) { e.Exceptions = []db.Exception{{Day: "2026-10-26", Cancelled: true}} }), lagos, "2026-10-20", "2026-11-03",
			[]string{"Mon 26 Oct 08:00-10:00 B cancelled", "Mon 2 Nov 08:00-10:00 B"}},
		{"one moved, seen where it was", with(weekly, func(e *db.Event) {
			e.Exceptions = []db.Exception{{Day: "2026-10-26", Starts: "2026-10-29T14:00", Ends: "2026-10-29T16:00", Place: "LT 2"}}
		}), lagos, "2026-10-26", "2026-10-27", []string{"Thu 29 Oct 14:00-16:00 LT 2 was Mon 26 Oct 08:00 from B"}},
		{"one moved, seen where it is", with(weekly, func(e *db.Event) {
			e.Exceptions = []db.Exception{{Day: "2026-10-26", Starts: "2026-12-24T14:00", Ends: "2026-12-24T16:00"}}
		}), lagos, "2026-12-24", "2026-12-25", []string{"Thu 24 Dec 14:00-16:00 B was Mon 26 Oct 08:00"}},
		{"only the room changed", with(weekly, func(e *db.Event) {
			e.Exceptions = []db.Exception{{Day: "2026-10-26", Starts: "2026-10-26T08:00", Ends: "2026-10-26T10:00", Place: "C"}}
		}), lagos, "2026-10-26", "2026-10-27", []string{"Mon 26 Oct 08:00-10:00 C from B"}},
		{"the whole repeat moved lately", with(weekly, func(e *db.Event) {
			e.Was = &db.Was{Starts: "2026-10-13T09:00", Ends: "2026-10-13T11:00", Place: "A", Changed: now.Add(-47 * time.Hour)}
		}), lagos, "2026-10-26", "2026-10-27", []string{"Mon 26 Oct 08:00-10:00 B was Tue 27 Oct 09:00 from A"}},
		{"the whole repeat moved lately, seen where it was", with(weekly, func(e *db.Event) {
			e.Was = &db.Was{Starts: "2026-10-13T09:00", Ends: "2026-10-13T11:00", Place: "B", Changed: now.Add(-47 * time.Hour)}
		}), lagos, "2026-10-27", "2026-10-28", []string{"Mon 26 Oct 08:00-10:00 B was Tue 27 Oct 09:00"}},
		{"moved long ago", with(weekly, func(e *db.Event) {
			e.Was = &db.Was{Starts: "2026-10-13T09:00", Ends: "2026-10-13T11:00", Changed: now.Add(-48 * time.Hour)}
		}), lagos, "2026-10-26", "2026-10-27", []string{"Mon 26 Oct 08:00-10:00 B"}},
		{"all cancelled", with(weekly, func(e *db.Event) { e.Cancelled = now.Add(-time.Hour) }), lagos, "2026-11-01", "2026-12-01", []string{"Mon 2 Nov 08:00-10:00 B cancelled", "Mon 9 Nov 08:00-10:00 B cancelled"}},
		{"over midnight", db.Event{Starts: "2026-10-12T22:00", Ends: "2026-10-13T02:00"}, lagos, "2026-10-13", "2026-10-14", []string{"Mon 12 Oct 22:00-02:00 "}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := lines(expand(test.event, test.zone, now, day(test.zone, test.from), day(test.zone, test.to)), test.zone)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// anyEvent is a possible event of the autumn of 2026.
func anyEvent(now time.Time) *rapid.Generator[db.Event] {
	return rapid.Custom(func(t *rapid.T) db.Event {
		wall := func(label string) db.Wall {
			return db.Wall("2026-09-01T00:00").Add(time.Duration(rapid.IntRange(0, 90*24*4).Draw(t, label)) * 15 * time.Minute)
		}
		long := func(from db.Wall, label string) db.Wall {
			if rapid.Bool().Draw(t, label+" has an end") {
				return from.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, label)) * time.Hour)
			}
			return ""
		}
		e := db.Event{Kind: db.EventClass, Place: "A", Starts: wall("starts"), AllDay: rapid.Bool().Draw(t, "all day")}
		e.Ends = long(e.Starts, "lasts")
		if rapid.Bool().Draw(t, "moved") {
			starts := wall("was")
			e.Was = &db.Was{Starts: starts, Ends: long(starts, "was"), Place: "A", Changed: now.Add(-time.Hour)}
		}
		if weeks := rapid.IntRange(-1, 20).Draw(t, "weeks"); weeks >= 0 {
			e.RepeatTo = e.Starts.Add(time.Duration(weeks) * db.Week).Day()
			for n := range weeks + 1 {
				x := db.Exception{Day: e.Starts.Add(time.Duration(n) * db.Week).Day(), Changed: now}
				switch rapid.IntRange(0, 9).Draw(t, "exception") {
				case 0:
					x.Cancelled = true
				case 1:
					x.Starts = wall("to")
					x.Ends = long(x.Starts, "to")
				default:
					continue
				}
				e.Exceptions = append(e.Exceptions, x)
			}
		}
		return e
	})
}

// TestOccurrencesWindows: each date of an event comes exactly once, and a
// window shows exactly what of the whole touches it.
func TestOccurrencesWindows(t *testing.T) {
	zones := []*time.Location{zone(t, "Africa/Lagos"), zone(t, "Europe/London"), zone(t, "America/St_Johns"), zone(t, "Pacific/Auckland")}
	now := time.Date(2026, 10, 20, 9, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		z, e := rapid.SampledFrom(zones).Draw(t, "zone"), anyEvent(now).Draw(t, "event")
		if err := e.Check(); err != nil {
			t.Fatal(err)
		}
		whole := expand(e, z, now, now.AddDate(-2, 0, 0), now.AddDate(2, 0, 0))
		if diff := cmp.Diff(dates(e), days(whole)); diff != "" {
			t.Fatal(diff)
		}
		for _, o := range whole {
			if o.Start.After(o.End) || o.End.After(lastEnd(&e, z)) && !o.Cancelled {
				t.Fatalf("%v until %v of an event that is over at %v", o.Start, o.End, lastEnd(&e, z))
			}
			exception := slices.IndexFunc(e.Exceptions, func(x db.Exception) bool { return x.Day == o.Day })
			if exception < 0 && !e.AllDay && o.Start.In(z).Format("15:04") != string(e.Starts[11:]) && !inGap(e.Starts, o.Day, z) {
				t.Fatalf("%s begins at %v", o.Day, o.Start.In(z))
			}
		}
		from := now.AddDate(0, 0, rapid.IntRange(-80, 120).Draw(t, "from"))
		to := from.Add(time.Duration(rapid.IntRange(1, 24*20).Draw(t, "hours")) * time.Hour)
		part := slices.DeleteFunc(slices.Clone(whole), func(o Occurrence) bool { return !o.touches(from, to) })
		if diff := cmp.Diff(days(part), days(expand(e, z, now, from, to))); diff != "" {
			t.Fatalf("window %v to %v: %s", from, to, diff)
		}
	})
}

// inGap says whether the wall's clock never shows the time on that day.
func inGap(starts db.Wall, day string, z *time.Location) bool {
	wall := db.Wall(day + string(starts[10:]))
	return db.WallAt(wall.In(z), z) != wall
}

// dates are those of an event, counted day by day.
func dates(e db.Event) []string {
	first, last := e.Starts.Day(), max(e.RepeatTo, e.Starts.Day())
	var all []string
	at, _ := time.Parse(time.DateOnly, first)
	for ; at.Format(time.DateOnly) <= last; at = at.AddDate(0, 0, 7) {
		all = append(all, at.Format(time.DateOnly))
	}
	return all
}

func days(all []Occurrence) []string {
	var days []string
	for _, o := range all {
		days = append(days, o.Day)
	}
	slices.Sort(days)
	return days
}

func TestFresh(t *testing.T) {
	o := Occurrence{Changed: began}
	if !o.Fresh(began.Add(48*time.Hour-1)) || o.Fresh(began.Add(48*time.Hour)) || (&Occurrence{}).Fresh(began) {
		t.Error("a change is not news for just 48 hours")
	}
}
