package main

import (
	"path/filepath"
	"testing"
	"time"

	"portico/db"
)

// TestPast: every report has something to tell of this semester and the last.
func TestPast(t *testing.T) {
	zone, err := time.LoadLocation("Africa/Lagos")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 25, 16, 30, 0, 0, zone)
	d, err := db.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "portico.db"), db.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	s := &seeder{db: d, zone: zone, now: now}
	if err := s.seed(t.Context(), "https://id.example"); err != nil {
		t.Fatal(err)
	}
	var met int
	for range 2 { // the second time changes nothing
		if err := s.past(t.Context(), "https://id.example"); err != nil {
			t.Fatal(err)
		}
		n, err := d.CountPeople(t.Context(), db.PeopleQuery{})
		if err != nil || met > 0 && n != met {
			t.Fatalf("%d people, then %d: %v", met, n, err)
		}
		met = n
	}
	for _, began := range []int{semesterBegan, lastSemester} {
		first := db.DayOf(s.monday(began), zone)
		o, err := d.Overview(t.Context(), db.Span{First: first, Last: first + 30, Zone: zone}, db.PeopleFilter{})
		if err != nil {
			t.Fatal(err)
		}
		if o.Silent < 1000 || o.Interactive < 50 || o.Anonymous < 1000 || o.Failed < 5 || o.Active < 200 || o.RoleChanges < 5 || o.Drift < 2 || o.Webhooks < 300 || o.Actions < 30 {
			t.Errorf("the month from %s: %+v", first, o)
		}
	}
	after := map[string]string{} // the role that somebody has next
	for l, err := range d.EachRoleLine(t.Context(), db.Span{First: db.DayOf(now, zone) - 400, Last: db.DayOf(now, zone), Zone: zone}, db.RoleFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if after[l.UserID] == "" {
			u, err := d.User(t.Context(), l.UserID)
			if err != nil {
				t.Fatal(err)
			}
			after[l.UserID] = u.Role()
		}
		if l.New != after[l.UserID] || l.Old == l.New || l.Old == "" {
			t.Errorf("%s was %q, became %q, and then was %q", l.Name, l.Old, l.New, after[l.UserID])
		}
		after[l.UserID] = l.Old
	}
	for id := range after { // whoever tries the demo can give them something
		if err := d.GrantPerson(t.Context(), id, "publish", "somebody", now); err != nil {
			t.Error(err)
		}
	}
	reach, err := d.ReachReport(t.Context(), db.Span{First: db.DayOf(now, zone) - 30, Last: db.DayOf(now, zone), Zone: zone}, now, db.Announcement)
	if err != nil {
		t.Fatal(err)
	}
	opened := 0
	for _, i := range reach {
		opened += i.Opened
	}
	if len(reach) < 10 || opened < 300 {
		t.Errorf("%d announcements were opened %d times", len(reach), opened)
	}
}
