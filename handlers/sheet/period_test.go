package sheet_test

import (
	"strings"
	"testing"
	"time"

	"portico/handlers/sheet"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func days(p sheet.Period) string {
	return p.First().Format(time.DateOnly) + " to " + p.Last().Format(time.DateOnly)
}

func TestSpansAreWholeDaysWithToday(t *testing.T) {
	now := time.Date(2026, 11, 23, 0, 30, 0, 0, zone(t, "Africa/Lagos")) // in UTC it is still the 22nd
	terms := sheet.Terms{Semester: sheet.Term{Name: "Harmattan 2026/2027", Began: time.Date(2026, 9, 14, 10, 0, 0, 0, time.UTC), Told: true}, Session: sheet.Usual(now).Session}
	for span, want := range map[sheet.Span]string{
		sheet.Today: "2026-11-23 to 2026-11-23", sheet.Week: "2026-11-17 to 2026-11-23", sheet.Month: "2026-10-25 to 2026-11-23",
		sheet.Semester: "2026-09-14 to 2026-11-23", sheet.Session: "2026-10-01 to 2026-11-23",
	} {
		p := sheet.Of(span, now, terms)
		if got := days(p); got != want {
			t.Errorf("%s is %s, want %s", span, got, want)
		}
		if p.From.Hour() != 0 || p.To.Hour() != 0 || p.From.Location() != now.Location() {
			t.Errorf("%s is from %v to %v", span, p.From, p.To)
		}
	}
	if note := sheet.Of(sheet.Semester, now, terms).Note; note != "This semester is Harmattan 2026/2027. It counts from Monday 14 September 2026, when Campus One first told it of people here." {
		t.Errorf("the semester says %q", note)
	}
	if note := sheet.Of(sheet.Session, now, terms).Note; !strings.Contains(note, "the usual calendar counts: from Thursday 1 October 2026") {
		t.Errorf("the session says %q", note)
	}
}

func TestBothEndsAreIncluded(t *testing.T) {
	lagos := zone(t, "Africa/Lagos")
	p := sheet.Between(time.Date(2026, 9, 1, 15, 0, 0, 0, lagos), time.Date(2026, 9, 30, 1, 0, 0, 0, lagos))
	if days(p) != "2026-09-01 to 2026-09-30" || p.Days() != 30 {
		t.Errorf("%s, %d days", days(p), p.Days())
	}
}

func TestUsualCalendar(t *testing.T) {
	for day, want := range map[string]string{
		"2026-10-01": "2026-10-01 2026-10-01", "2027-02-28": "2026-10-01 2026-10-01", "2027-03-01": "2027-03-01 2026-10-01",
		"2027-09-30": "2027-03-01 2026-10-01", "2027-01-01": "2026-10-01 2026-10-01",
	} {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		terms := sheet.Usual(at)
		if got := terms.Semester.Began.Format(time.DateOnly) + " " + terms.Session.Began.Format(time.DateOnly); got != want {
			t.Errorf("on %s semester and session began %s, want %s", day, got, want)
		}
	}
}

// Steps cover the period without gap or overlap, also where clocks change.
func TestStepsCoverThePeriod(t *testing.T) {
	for _, name := range []string{"Africa/Lagos", "Europe/Berlin", "Asia/Kathmandu"} {
		z := zone(t, name)
		p := sheet.Between(time.Date(2026, 10, 24, 0, 0, 0, 0, z), time.Date(2026, 11, 5, 0, 0, 0, 0, z))
		for step, want := range map[sheet.Step]int{sheet.ByDay: 13, sheet.ByWeek: 3, sheet.ByMonth: 2} {
			bins := p.Bins(step)
			if len(bins)-1 != want || !bins[0].Equal(p.From) || !bins[len(bins)-1].Equal(p.To) {
				t.Errorf("%s: %d times %s: %v", name, len(bins)-1, step, bins)
			}
		}
		hours := p.Bins(sheet.ByHour)
		for i := 1; i < len(hours); i++ {
			if d := hours[i].Sub(hours[i-1]); d != time.Hour {
				t.Errorf("%s: an hour of %v at %v", name, d, hours[i-1])
			}
		}
		if got := time.Duration(len(hours)-1) * time.Hour; got != p.To.Sub(p.From) {
			t.Errorf("%s: %v hours", name, got)
		}
	}
	if got := sheet.Between(time.Date(2026, 10, 24, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 5, 0, 0, 0, 0, time.UTC)).Bins(sheet.ByWeek)[1].Weekday(); got != time.Monday {
		t.Errorf("a week begins on %s", got)
	}
}

func TestStepFitsThePeriod(t *testing.T) {
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for n, want := range map[int]sheet.Step{1: sheet.ByHour, 2: sheet.ByDay, 62: sheet.ByDay, 63: sheet.ByWeek, 370: sheet.ByWeek, 371: sheet.ByMonth} {
		if got := sheet.Between(first, first.AddDate(0, 0, n-1)).Step(); got != want {
			t.Errorf("%d days are shown by %s, want %s", n, got, want)
		}
	}
}
