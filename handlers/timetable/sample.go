package timetable

import (
	"bytes"
	"encoding/csv"
	"time"
)

// Sample is a file to start from, with the days of a semester that begins
// with the week of a Monday. It begins with the mark that tells Excel that it
// is UTF-8.
func Sample(monday time.Time) []byte {
	day := func(n int) string { return monday.AddDate(0, 0, n).Format(time.DateOnly) }
	last := day(13*7 + 4)
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	_ = w.WriteAll([][]string{ // into memory
		{"title", "kind", "date", "from", "to", "weekly until", "place", "level", "department", "audience", "notes"},
		{"CSC 301 Algorithms", "class", day(0), "8:00", "10:00", last, "Hall B", "300", "", "", "Bring a laptop."},
		{"CSC 201 Data structures", "class", day(1), "2pm", "4pm", last, "Lab 3", "200", "", "", ""},
		{"CSC 301 Test", "exam", day(6*7 + 2), "12:00", "13:00", "", "Hall B", "300", "", "", "Student ID is needed."},
		{"Course registration ends", "deadline", day(18), "", "", "", "", "", "", "our students", ""},
		{"Welcome of new students", "event", day(4), "10:00", "12:00", "", "Main auditorium", "", "", "everybody", ""},
	})
	return b.Bytes()
}
