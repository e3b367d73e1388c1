package journey

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/auth/reading"
	"portico/db"
)

// department is a world with what a department publishes in a semester.
func department(t testing.TB, o Options) *World {
	t.Helper()
	w := Start(t, o)
	w.SaveSettings(t, departmentSettings())
	must(t, w.App.DB.SaveCategories(t.Context(), []db.Category{{ID: "exams", Name: "Exams"}, {ID: "projects", Name: "Projects"}, {ID: "clubs", Name: "Clubs"}}, Editor, w.Now()))
	w.publishNotices(t)
	w.publishEvents(t)
	w.publishOthers(t)
	return w
}

func departmentSettings() reading.Settings {
	return reading.Settings{
		Name: "Department of Computer Science", Short: "Computer Science", Contact: "cs@nile.example",
		Reach: []reading.Reach{
			{Label: "Department office, block C, room 12", Text: "Monday to Friday, 9:00 to 15:00", Link: "cs@nile.example"},
			{Label: "Examinations officer, Dr Musa Ibrahim", Text: "Tuesday and Thursday, 12:00 to 14:00, room 7"},
		},
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const examText = `The first draft of the harmattan examination timetable is out. Look for clashes and tell the examinations officer by **Friday**.

## What is new

- CSC 301 moves to the ICT annexe.
- CSC 405 is written on paper.
- Bring your student card; without it you cannot sit the exam.

| Course | Day | Time | Hall |
|---|---|---|---|
| CSC 301 | Monday 14 December | 09:00 | ICT annexe |
| CSC 405 | Tuesday 15 December | 12:00 | Hall B |

> No phone, no smart watch, no borrowed calculator.

Questions? Write to cs@nile.example.`

func (w *World) publishNotices(t testing.TB) {
	t.Helper()
	ago := func(d int) time.Time { return w.Now().AddDate(0, 0, -d) }
	owner := ""
	if people, err := w.App.DB.FindPerson(t.Context(), campusonetest.SubIbrahim); err == nil && len(people) > 0 {
		owner = people[0].ID
	}
	w.Publish(t, db.Announcement, db.Content{Title: "Lecture hall B is closed until Friday", Body: "CSC 301 and CSC 405 meet in the ICT annexe, ground floor.", Publish: ago(1), Until: ago(-4), Pinned: ago(-4), Owner: owner})
	w.Publish(t, db.Announcement, db.Content{Title: "Harmattan examination timetable, first draft", Body: examText, Category: "exams", Publish: ago(2), Until: ago(-19), Owner: owner})
	w.Publish(t, db.Announcement, db.Content{Title: "Final-year project topics: choose by Friday", Body: "The list hangs beside room 12. First come, first served.", Category: "projects", Publish: ago(4), Until: ago(-4), Owner: owner})
	w.Publish(t, db.Announcement, db.Content{Title: "Saturday Go workshop, open to every level", Body: "Bring a laptop. There is tea.", Category: "clubs", Publish: ago(5)})
	w.Publish(t, db.Announcement, db.Content{Title: "300 level: laboratory groups", Body: "Group A on Monday, group B on Wednesday.", Publish: ago(3), Audience: ForStudents("300", campusonetest.DepartmentCS), Owner: owner})
	w.Publish(t, db.Announcement, db.Content{Title: "Alumni evening: volunteers wanted", Body: "Ọbi and Zainab are looking for ten helpers.", Publish: ago(6)})
	w.Publish(t, db.Announcement, db.Content{Title: "Library hours during the strike", Body: "Opened from 10:00 to 14:00.", Publish: ago(40), Until: ago(9)})
	w.Publish(t, db.Announcement, db.Content{Title: "How to ask for a reference letter", Body: "Three weeks before you need it.", Publish: ago(250), Review: ago(65)})
}

func (w *World) publishEvents(t testing.TB) {
	t.Helper()
	at := func(days int, clock string) db.Wall {
		return db.Wall(w.Now().In(w.Config.Portico.Timezone).AddDate(0, 0, days).Format(time.DateOnly) + "T" + clock)
	}
	w.Publish(t, db.EventItem, db.Content{Title: "Guest lecture: databases at sea", Body: "With **Professor Adaeze Okafor** of the shipping register.", Details: db.Details{Event: &db.Event{Kind: db.EventOther, Place: "Auditorium 2", Starts: at(1, "14:00"), Ends: at(1, "16:00")}}})
	w.Publish(t, db.EventItem, db.Content{Title: "Project topics close", Details: db.Details{Event: &db.Event{Kind: db.EventDeadline, Starts: at(4, "17:00")}}})
	w.Publish(t, db.EventItem, db.Content{Title: "CSC 301 Operating systems", Details: db.Details{Event: &db.Event{Kind: db.EventClass, Place: "Hall B", Starts: at(-13, "08:00"), Ends: at(-13, "10:00"), RepeatTo: string(at(40, "00:00"))[:10]}}})
	w.Publish(t, db.EventItem, db.Content{Title: "Harmattan examinations", Details: db.Details{Event: &db.Event{Kind: db.EventExam, Starts: at(21, "00:00"), Ends: at(32, "00:00"), AllDay: true}}})
	moved := w.Publish(t, db.EventItem, db.Content{Title: "Staff and students forum", Details: db.Details{Event: &db.Event{Kind: db.EventOther, Place: "Hall B", Starts: at(2, "10:00"), Ends: at(2, "12:00")}}})
	w.Revise(t, moved, func(c *db.Content) {
		e := *c.Event
		e.Starts, e.Ends, e.Place = at(3, "11:00"), at(3, "13:00"), "Auditorium 1"
		c.Event = &e
	})
	off := w.Publish(t, db.EventItem, db.Content{Title: "Football: staff against finalists", Details: db.Details{Event: &db.Event{Kind: db.EventOther, Place: "Main field", Starts: at(5, "16:00"), Ends: at(5, "18:00")}}})
	w.Revise(t, off, func(c *db.Content) {
		e := *c.Event
		e.Cancelled = w.Now()
		c.Event = &e
	})
}

func (w *World) publishOthers(t testing.TB) {
	t.Helper()
	for i, e := range []db.Content{
		{Title: "Professor Ngozi Adeyemi", Details: db.Details{Entry: &db.Entry{Role: "Head of department", Room: "Block C, room 20", Hours: "By appointment", Email: "ngozi.adeyemi@nile.example"}}},
		{Title: "Dr Musa Ibrahim", Details: db.Details{Entry: &db.Entry{Role: "Senior lecturer, examinations officer", Room: "Block C, room 7", Hours: "Tuesday and Thursday, 12:00 to 14:00", Email: "musa.ibrahim@nile.example", Phone: "+234 800 000 0000"}}},
		{Title: "Grace Doum", Details: db.Details{Entry: &db.Entry{Role: "Departmental secretary", Room: "Block C, room 12", Hours: "Monday to Friday, 9:00 to 15:00", Email: "grace.doum@nile.example"}}},
	} {
		e.Rank = i
		w.Publish(t, db.PersonEntry, e)
	}
	w.Publish(t, db.FreePage, db.Content{Title: "Courses", Body: "The courses of each level, and what you need before you take them.\n\n### 300 level\n\n1. CSC 301 Operating systems\n2. CSC 303 Compilers\n", Details: db.Details{InMenu: true}})
	w.Publish(t, db.FreePage, db.Content{Title: "How to apply", Body: longText(800)})
	w.Publish(t, db.QuickLink, db.Content{Title: "Course registration", Details: db.Details{Link: "https://register.nile.example/"}})
	w.Publish(t, db.QuickLink, db.Content{Title: "Library catalogue", Details: db.Details{Link: "https://library.nile.example/"}})
}

// longText is prose of so many words, no two sentences alike.
func longText(words int) string {
	subjects := strings.Fields("applicant lecturer secretary library faculty examiner registry student adviser committee")
	verbs := strings.Fields("reads collects signs stamps copies returns checks explains orders keeps")
	objects := strings.Fields("certificates transcripts letters receipts forms photographs results references fees documents")
	var b strings.Builder
	for i := 0; len(strings.Fields(b.String())) < words; i++ {
		fmt.Fprintf(&b, "The %s %s the %s by week %d, before the %s %s them again. ", subjects[i%10], verbs[(i*3+i/10)%10], objects[(i*7+i/7)%10], i%15+1, subjects[(i*9+4)%10], verbs[(i+i/3)%10])
		if i%5 == 4 {
			b.WriteString("\n\n")
		}
	}
	return b.String()
}
