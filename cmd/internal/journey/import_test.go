package journey

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"os"
	"path"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"portico/auth/campusone/campusonetest"
	"portico/auth/reading"
	"portico/db"
)

const importPage = "/admin/publish/events/import"

// semester is a timetable of 42 events as Excel saves one, and three bad
// lines, of which one is bad in three ways. It is written for the semester of
// September 2026 and moved by whole weeks to begin a week from a moment.
type semester struct {
	file  []byte
	shift int // days
}

var writtenDate = regexp.MustCompile(`\d\d/\d\d/\d{4}`)

func newSemester(t testing.TB, now time.Time) semester {
	t.Helper()
	file, err := os.ReadFile("testdata/timetable.csv")
	if err != nil {
		t.Fatal(err)
	}
	s := semester{shift: (int(now.Sub(time.Date(2026, 9, 14, 0, 0, 0, 0, time.UTC)).Hours())/24/7 + 2) * 7}
	s.file = writtenDate.ReplaceAllFunc(file, func(date []byte) []byte {
		day, err := time.Parse("02/01/2006", string(date))
		if err != nil {
			return date // one that is not there
		}
		return day.AddDate(0, 0, s.shift).AppendFormat(nil, "02/01/2006")
	})
	return s
}

// day is a day of the file, which says "2026-09-14", as the portal tells it.
func (s semester) day(written string) string {
	day, err := time.Parse(time.DateOnly, written)
	if err != nil {
		panic(err) // the tests' own
	}
	return day.AddDate(0, 0, s.shift).Format("Mon 2 Jan 2006")
}

func ours(t testing.TB, w *World) {
	t.Helper()
	w.SaveSettings(t, reading.Settings{Name: "Department of Computer Science", Departments: []string{campusonetest.DepartmentCS}})
}

// sendFile chooses a file on the page and presses a button.
func (p *Person) sendFile(t testing.TB, file []byte, do string, status int) {
	t.Helper()
	var b bytes.Buffer
	parts := multipart.NewWriter(&b)
	form := p.fields(t, "#file")
	form.Del("file")
	form.Set("do", do)
	for field := range form {
		_ = parts.WriteField(field, form.Get(field)) // into memory
	}
	part, _ := parts.CreateFormFile("file", "timetable.csv")
	_, _ = part.Write(file)
	_ = parts.Close()
	res, text := p.answerBody(t, importPage, b.String(), http.Header{"Content-Type": {parts.FormDataContentType()}, "Origin": {p.world.URL}})
	p.Status, p.Body = res.StatusCode, text
	p.doc, _ = html.Parse(strings.NewReader(text))
	p.must(t, nil, status)
}

// press sends the import's form as it stands with some of its fields changed.
func (p *Person) press(t testing.TB, do string, status int, fill map[string]string) {
	t.Helper()
	form := p.fields(t, "#file")
	form.Del("file")
	form.Set("do", do)
	for name, text := range fill {
		form.Set(name, text)
	}
	p.must(t, p.Post(importPage, form), status)
}

// events are the titles of all events there are, with their states.
func (w *World) events(t testing.TB) map[string]string {
	t.Helper()
	all, err := w.App.DB.Items(t.Context(), db.ItemFilter{Kind: db.EventItem, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	titles := map[string]string{}
	for _, i := range all {
		titles[i.Title] = i.State(w.Now())
	}
	return titles
}

// wantAudits counts the lines of an action in the audit.
func (w *World) wantAudits(t testing.TB, action string, want int) {
	t.Helper()
	all, err := w.App.DB.AuditBetween(t.Context(), w.Now().Add(-time.Hour), w.Now().Add(time.Hour), 1000)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range all {
		if e.Action == action {
			n++
		}
	}
	if n != want {
		t.Errorf("%d lines of audit say %s, want %d", n, action, want)
	}
}

func TestASemestersTimetableIsAddedFromAFile(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		ours(t, w)
		sem, p := newSemester(t, w.Now()), signedIn(t, w, campusonetest.SubFunke)
		p.must(t, p.Visit("/admin/publish/events"), http.StatusOK)
		p.must(t, p.Click("Add a timetable from a file"), http.StatusOK)
		p.sees(t, "Download the sample", "weekly until", "Only a title and a date are needed")
		p.sendFile(t, sem.file, "look", http.StatusOK)
		p.sees(t, "42 events can be added, 3 lines need correcting.", "Line 9, Start date: “31/09/2026”: there is no such day.", "Line 22, Level: “forty”: this is not a level.",
			"Line 35, Course: it has no title.", "“quarter past eight”: this is not a time.", "“three”: this is not a level", "Add 42 events",
			sem.day("2026-09-14")+", 08:00 to 10:00, every week until "+sem.day("2026-12-18"), "300 level, student, Computer Science")
		if got := w.events(t); len(got) != 0 {
			t.Fatalf("a look adds %v", got)
		}
		p.press(t, "add", http.StatusOK, map[string]string{"as": "draft"})
		p.sees(t, "Added 42 events as drafts. No reader sees them yet.", "3 lines were not added", "CSC 311 Ethics")
		if got := w.events(t); len(got) != 42 || got["CSC 301 Algorithms"] != db.StateDraft {
			t.Fatalf("added: %v", got)
		}
		imported := p.URL.Path
		w.wantAudit(t, path.Base(imported), "events.import", campusonetest.SubFunke, "42 events")
		w.wantAudits(t, "event.create", 42)

		fixed := strings.NewReplacer("31/09/2026", "30/09/2026", ";forty;", ";400;").Replace(p.fields(t, "#text").Get("text"))
		form := p.fields(t, "#text")
		form.Set("text", fixed)
		form.Set("do", "look")
		p.must(t, p.Post(importPage, form), http.StatusOK)
		p.sees(t, "2 events can be added, 1 line needs correcting.")
		p.press(t, "add", http.StatusOK, map[string]string{"as": "publish"})
		p.sees(t, "Added 2 events. Readers see them now.", "1 line was not added", "CSC 409 Cloud systems")
		amina := signedIn(t, w, campusonetest.SubAmina)
		amina.must(t, amina.Visit("/search?q=ethics"), http.StatusOK)
		amina.sees(t, "CSC 311 Ethics")

		p.must(t, p.Visit(importPage), http.StatusOK)
		p.sendFile(t, sem.file, "look", http.StatusOK)
		p.sees(t, "0 events can be added, 3 lines need correcting, 42 are there already.", "There is nothing to add")

		p.must(t, p.Visit(imported), http.StatusOK)
		p.must(t, p.Click("Take all of them back"), http.StatusOK)
		p.sees(t, "Undone: 42 events erased.", "Taken back", "None is left")
		if got := w.events(t); len(got) != 2 {
			t.Errorf("left: %v", got)
		}
		w.wantAudit(t, path.Base(imported), "events.import.undo", campusonetest.SubFunke, "42 erased, 0 withdrawn, 0 left")
	})
}

// What is added is what was shown, to the letter.
func TestNothingIsAddedThatWasNotShown(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	ours(t, w)
	p := signedIn(t, w, campusonetest.SubFunke)
	day := w.Now().AddDate(0, 1, 0).Format(time.DateOnly)
	table := "title,date,from,to,place\nCSC 301,DAY,8:00,10:00,Hall B\nCSC 303,DAY,9:00,11:00,hall b\n"
	table = strings.ReplaceAll(table, "DAY", day)
	p.must(t, p.Visit(importPage), http.StatusOK)
	p.press(t, "add", http.StatusConflict, map[string]string{"text": table}) // never shown
	p.sees(t, "Nothing is added yet", "2 events can be added.", "hall b is taken on", "by “CSC 301” of line 2")
	p.press(t, "add", http.StatusConflict, map[string]string{"text": table + "CSC 305," + day + ",12:00,,\n"})
	p.sees(t, "Nothing is added yet", "3 events can be added.")
	p.press(t, "add", http.StatusConflict, map[string]string{"to": "everybody"})
	p.sees(t, "Nothing is added yet")
	start := db.Wall(day + "T08:00")
	w.Publish(t, db.EventItem, db.Content{Title: "csc 301", Details: db.Details{Event: &db.Event{Kind: db.EventClass, Place: "Hall B", Starts: start}}})
	p.press(t, "add", http.StatusConflict, nil)
	p.sees(t, "Nothing is added yet", "2 events can be added, 1 is there already.")
	p.press(t, "add", http.StatusOK, nil)
	p.sees(t, "Added 2 events")
	if got := w.events(t); len(got) != 3 {
		t.Errorf("there are %v", got)
	}

	lost := strings.ReplaceAll("title,date,notes\nTalk,DAY,![a map](https://maps.example/1.png)\nWalk,DAY,Bring <b>boots</b>\nRun,DAY,Ask <run@unity.example>\n", "DAY", day)
	p.must(t, p.Visit(importPage), http.StatusOK)
	p.press(t, "look", http.StatusOK, map[string]string{"text": lost})
	p.sees(t, "1 event can be added, 2 lines need correcting.", "Line 2, notes: “https://maps.example/1.png”: this is a picture or code", "Line 3, notes: “<b>”: this is a picture or code")
}

// Whoever presses "Add" twice, or again on a slow line, has added once.
func TestATimetableIsAddedOnce(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		ours(t, w)
		sem, p := newSemester(t, w.Now()), signedIn(t, w, campusonetest.SubFunke)
		p.must(t, p.Visit(importPage), http.StatusOK)
		p.sendFile(t, sem.file, "look", http.StatusOK)
		form := p.fields(t, "#file")
		form.Del("file")
		form.Set("do", "add")
		header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {w.URL}}
		var led [3]string
		press := func(n int) {
			res, text := p.answerBody(t, importPage, form.Encode(), header)
			if led[n] = res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || led[n] == "" {
				t.Errorf("press %d is answered %d: %.300s", n, res.StatusCode, text)
			}
		}
		var both sync.WaitGroup
		both.Go(func() { press(0) })
		both.Go(func() { press(1) })
		both.Wait()
		press(2)
		if led[0] != led[1] || led[0] != led[2] {
			t.Errorf("three presses lead to %q", led)
		}
		all, err := w.App.DB.Items(t.Context(), db.ItemFilter{Kind: db.EventItem, Limit: 1000})
		if err != nil || len(all) != 42 {
			t.Errorf("there are %d events, %v, want 42", len(all), err)
		}
		w.wantAudits(t, "events.import", 1)
	})
}

// Who may see an event is part of what was shown: when the settings change in
// between, it is shown again.
func TestAnImportIsForThoseWhoWereShown(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	ours(t, w)
	p := signedIn(t, w, campusonetest.SubFunke)
	table := "title,date\nCSC 301," + w.Now().AddDate(0, 1, 0).Format(time.DateOnly) + "\n"
	p.must(t, p.Visit(importPage), http.StatusOK)
	p.press(t, "look", http.StatusOK, map[string]string{"text": table})
	w.SaveSettings(t, reading.Settings{Name: "Department of Computer Science", Departments: []string{campusonetest.DepartmentCS, "another"}})
	p.press(t, "add", http.StatusConflict, nil)
	p.sees(t, "Nothing is added yet", "1 event can be added.")
	p.press(t, "add", http.StatusOK, nil)
	p.sees(t, "Added 1 event as drafts.")
}

// What cannot be read is refused in words, and what was typed stays.
func TestAnImportLosesNothingThatWasTyped(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := signedIn(t, w, campusonetest.SubFunke)
	p.must(t, p.Visit(importPage), http.StatusOK)
	p.press(t, "look", http.StatusUnprocessableEntity, nil)
	p.sees(t, "There is nothing in it.")
	p.press(t, "look", http.StatusUnprocessableEntity, map[string]string{"text": "\nCSC 301, tomorrow\n", "first_day": "soon", "last_day": "2026-01-01", "kind": "exam", "to": "everybody"})
	p.sees(t, "Classes begin on: “soon” is not a day.")
	if form := p.fields(t, "#file"); form.Get("text") != "\nCSC 301, tomorrow\n" || form.Get("first_day") != "soon" || form.Get("kind") != "exam" || form.Get("to") != "everybody" {
		t.Errorf("what was typed is lost: %v", form)
	}
	p.press(t, "look", http.StatusUnprocessableEntity, map[string]string{"first_day": "2027-01-01", "last_day": "2026-01-01"})
	p.sees(t, "Last day of classes: it is before the day on which they begin.")
	p.press(t, "look", http.StatusUnprocessableEntity, map[string]string{"first_day": "", "last_day": ""})
	p.sees(t, "No line names the columns.", "The first line says “CSC 301, tomorrow”")
	p.sendFile(t, []byte("PK\x03\x04 a workbook"), "look", http.StatusUnprocessableEntity)
	p.sees(t, "This is a workbook, not a CSV file.")
	if got := p.fields(t, "#file").Get("text"); got != "\nCSC 301, tomorrow\n" {
		t.Errorf("what was typed is lost: %q", got)
	}
	p.sendFile(t, bytes.Repeat([]byte("title,date\n"), 26_000), "look", http.StatusUnprocessableEntity)
	p.sees(t, "The file is larger than 256 kB.")
	p.press(t, "look", http.StatusOK, map[string]string{"text": "title,day\n<b>CSC</b> 301,Monday\n", "first_day": "2027-01-04", "last_day": "2027-01-01"[:8] + "29"})
	p.sees(t, "<b>CSC</b> 301", "1 event can be added.", "Mon 4 Jan 2027, all day, every week until Fri 29 Jan 2027")
	p.must(t, p.Visit(importPage+"/timetable-sample.csv"), http.StatusOK)
	if p.Answer.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.Contains(p.Answer.Get("Content-Disposition"), "attachment") {
		t.Errorf("the sample is sent as %v", p.Answer)
	}
}
