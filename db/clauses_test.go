package db

import (
	"math"
	"testing"
	"time"
)

// TestAPageIsEnteredAtItsMark: a list that goes on from a mark names no bound
// that lies before the mark on its way. SQLite takes one bound of several to
// enter an index, and reads all rows between that and the mark for nothing.
func TestAPageIsEnteredAtItsMark(t *testing.T) {
	zone := time.FixedZone("WAT", 3600)
	days := Span{First: 20_000, Last: 20_030, Zone: zone}
	mark := days.Begin().Add(10 * 24 * time.Hour)
	for _, backwards := range []struct {
		list string
		of   *clauses
	}{
		{"audit", (&AuditFilter{From: days.Begin(), To: days.End(), After: AuditMark{mark, 7}}).clauses()},
		{"inbox", (&InboxFilter{From: days.Begin(), To: days.End(), After: InboxMark{mark, "key"}}).clauses()},
		{"roles", (&RoleFilter{After: (&RoleLine{RoleChange: RoleChange{At: mark, UserID: "u", New: "staff"}}).Mark()}).clauses(days)},
	} {
		marked := 0
		for _, value := range backwards.of.args {
			if at, is := value.(int64); is && at > micros(mark)+1 {
				t.Errorf("%s: a bound is %v after the mark", backwards.list, time.UnixMicro(at).Sub(mark))
			} else if is && at >= micros(mark) {
				marked++
			}
		}
		if marked != 2 { // the bound, and the place in the order
			t.Errorf("%s: %d values are at the mark, want 2", backwards.list, marked)
		}
	}
	forwards := (&InboxFilter{From: days.Begin(), To: days.End(), Before: InboxMark{mark, "key"}}).clauses()
	for _, value := range forwards.args {
		if at, is := value.(int64); is && at < micros(mark) {
			t.Errorf("inbox, forwards: a bound is %v before the mark", mark.Sub(time.UnixMicro(at)))
		}
	}
}

// TestAPageKeepsToItsPeriod: a mark outside the period, as an address may
// name one, opens nothing.
func TestAPageKeepsToItsPeriod(t *testing.T) {
	early := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	late := early.Add(time.Hour)
	for what, c := range map[string][2]time.Time{
		"no mark":               {upTo(late, time.Time{}), late},
		"no end":                {upTo(time.Time{}, early), early.Add(time.Microsecond)},
		"a mark after the end":  {upTo(early, late), early},
		"no mark, forwards":     {notBefore(early, time.Time{}), early},
		"no start":              {notBefore(time.Time{}, late), late},
		"a mark before a start": {notBefore(late, early), late},
		"no moment at all":      {upTo(time.Time{}, time.UnixMicro(math.MaxInt64)), time.Time{}},
	} {
		if !c[0].Equal(c[1]) {
			t.Errorf("%s: %v, want %v", what, c[0], c[1])
		}
	}
}
