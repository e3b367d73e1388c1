package timetable

import (
	"fmt"
	"strings"
	"testing"

	"portico/db"
)

// weekly are events of three years in one hall, each at a time of its own.
func weekly(n int) (all []db.Item) {
	for i := range n {
		e := &db.Event{Kind: db.EventClass, Place: "Hall B", Starts: db.Wall(fmt.Sprintf("2026-09-%02dT08:00", 14+i%7)), RepeatTo: "2029-09-14"}
		all = append(all, db.Item{Content: db.Content{Title: fmt.Sprint("Course ", i), Details: db.Details{Event: e}}})
	}
	return all
}

// With more than can be compared nothing is said of rooms, also of those that
// were compared before it was too much; what is there already still is.
func TestRoomsAreComparedWithinBounds(t *testing.T) {
	for n, want := range map[int]bool{7: true, 1270: true, 1400: false, 20_000: false} {
		s, err := Read("title,date,from,to,place,weekly until\nCSC 301,2026-09-15,7:00,9:00,Hall B,\nCourse 0,2026-09-14,8:00,,Hall B,\nCSC 303,2026-09-16,7:00,9:00,Hall B,2029-09-14\n", options())
		if err != nil {
			t.Fatal(err)
		}
		s.Mark(weekly(n))
		warned := strings.Contains(strings.Join(s.Rows[0].Warnings, "\n"), "Hall B is taken on Tuesday 15 September 2026")
		noted := strings.Contains(strings.Join(s.Notes, "\n"), "Rooms were not compared")
		if warned != want || noted == want || s.Rows[1].There == "" {
			t.Errorf("beside %d events of three years: warned %v, noted %v, there %q", n, warned, noted, s.Rows[1].There)
		}
	}
}

func TestRoomsAreForgottenWhenTheFileIsTooMuch(t *testing.T) {
	var text strings.Builder
	text.WriteString("title,date,from,to,place,weekly until\nCSC 301,2026-09-15,7:00,9:00,Hall B,\n")
	for i := range 30 {
		text.WriteString(fmt.Sprintf("CSC %d,2026-09-17,12:00,13:00,Room %d,2029-09-14\n", 400+i, i))
	}
	s, err := Read(text.String(), options())
	if err != nil {
		t.Fatal(err)
	}
	s.Mark(weekly(1265))
	if len(s.Rows[0].Warnings) > 0 || len(s.Notes) == 0 {
		t.Errorf("warned of %q, with the notes %q", s.Rows[0].Warnings, s.Notes)
	}
}
