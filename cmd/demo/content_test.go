package main

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/auth/reading"
	"portico/db"
)

type noNames struct{}

func (noNames) Faculty(string) string    { return "" }
func (noNames) Department(string) string { return "" }

// TestSeed opens the demo on every day of a week: it is never empty.
func TestSeed(t *testing.T) {
	zone, err := time.LoadLocation("Africa/Lagos")
	if err != nil {
		t.Fatal(err)
	}
	for days := range 7 {
		now := time.Date(2026, 11, 23+days, 9, 30, 0, 0, zone)
		t.Run(now.Weekday().String(), func(t *testing.T) {
			d, err := db.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "portico.db"), db.Options{Create: true})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			for range 2 { // the second time changes nothing
				if err := (&seeder{db: d, zone: zone, now: now}).seed(t.Context(), "https://id.example"); err != nil {
					t.Fatal(err)
				}
			}
			checkSeed(t, d, zone, now)
		})
	}
}

func checkSeed(t *testing.T, d *db.DB, zone *time.Location, now time.Time) {
	library, err := reading.New(t.Context(), d, zone, noNames{}, slog.New(slog.DiscardHandler), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	nobody, err := library.For(t.Context(), reading.Nobody())
	if err != nil {
		t.Fatal(err)
	}
	if n, people, links, menu := len(nobody.Announcements("")), len(nobody.People()), len(nobody.Links()), len(nobody.Menu()); n < 5 || people != 12 || links < 2 || menu < 3 {
		t.Errorf("nobody sees %d announcements, %d people, %d links, %d menu items", n, people, links, menu)
	}
	files, pictures := 0, 0
	for _, a := range nobody.Announcements("") {
		files += len(a.Attached.Files())
		if a.ShowsPictures() {
			pictures++
		}
	}
	if files == 0 || pictures == 0 {
		t.Errorf("nobody sees %d files and %d pictures", files, pictures)
	}
	if pinned, _ := nobody.Foremost(); len(pinned) == 0 {
		t.Error("no announcement is pinned")
	}
	for _, level := range []string{"100", "200", "300", "400"} {
		checkLevel(t, library, level, now)
	}
	owner, err := d.UserBySub(t.Context(), "https://id.example", campusonetest.SubIbrahim)
	if err != nil {
		t.Fatal(err)
	}
	due, err := d.Items(t.Context(), db.ItemFilter{Owner: owner.ID, Review: now})
	if err != nil || len(due) == 0 {
		t.Errorf("nothing is to be reviewed: %v", err)
	}
	all, err := d.Items(t.Context(), db.ItemFilter{Kind: db.Announcement, Limit: 100})
	if err != nil || len(all) != len(notices) {
		t.Errorf("%d announcements of %d: %v", len(all), len(notices), err)
	}
}

// checkLevel: a student of each level has something today, something next and
// something that has just changed.
func checkLevel(t *testing.T, library *reading.Library, level string, now time.Time) {
	student := &db.User{ID: level}
	for field, value := range map[string]string{db.FieldRole: "student", db.FieldLevel: level, db.FieldDepartmentID: campusonetest.DepartmentCS} {
		student.Facts = student.Facts.With(db.Fact{Field: field, Value: value})
	}
	shelf, err := library.For(t.Context(), reading.Person(student))
	if err != nil {
		t.Fatal(err)
	}
	day := shelf.Today(now, 5)
	week := shelf.Occurrences(now, now.AddDate(0, 0, 7))
	if len(day.News) == 0 || len(day.Next) < 5 || len(week) < 6 {
		t.Errorf("level %s: %d changes, %d next, %d this week", level, len(day.News), len(day.Next), len(week))
	}
	if weekday := now.Weekday(); weekday != time.Saturday && weekday != time.Sunday && len(day.Today) == 0 {
		t.Errorf("level %s has nothing on a %s", level, weekday)
	}
}
