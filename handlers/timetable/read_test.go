package timetable

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portico/auth"
	"portico/auth/reading"
	"portico/db"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew; look at the difference before you commit it")

func options() Options {
	return Options{
		Kind: db.EventClass, FirstDay: "2026-09-14", LastDay: "2026-12-18", Today: "2026-09-01", Slug: reading.Slug,
		People: People{
			Departments: []db.Department{{ID: "dept_cs", Name: "Computer Science"}, {ID: "dept_ce", Name: "Department of Civil Engineering"}},
			Own:         []string{"dept_cs"}, OwnNames: []string{"The Department"}, Default: auth.Audience{To: auth.SignedIn},
		},
		Unshown:  func(string) string { return "" },
		Category: func(name string) (string, bool) { return "exams", db.Fold(name) == "examinations" },
	}
}

// there is what is published already when the golden files are read.
func there() []db.Item {
	one := db.Item{Content: db.Content{Title: "There  already", Details: db.Details{Event: &db.Event{Kind: db.EventClass, Place: "hall C", Starts: "2026-09-15T08:00", Ends: "2026-09-15T10:00"}}}}
	moved := db.Item{Content: db.Content{Title: "Moved", Details: db.Details{Event: &db.Event{
		Kind: db.EventClass, Place: "Hall D", Starts: "2026-09-15T14:00", Ends: "2026-09-15T16:00", RepeatTo: "2026-12-18",
		Exceptions: []db.Exception{{Day: "2026-09-22", Starts: "2026-09-23T14:00", Ends: "2026-09-23T16:00", Place: "Hall E"}},
	}}}}
	return []db.Item{one, moved}
}

// told is a sheet as text, for the golden files.
func told(s *Sheet) string {
	var b strings.Builder
	fmt.Fprintf(&b, "used: %s\nunused: %s\n", strings.Join(s.Used, " | "), strings.Join(s.Unused, " | "))
	for _, n := range s.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	for _, r := range s.Rows {
		if e := r.Content.Event; r.Good() {
			when := strings.TrimSuffix(fmt.Sprintf("%s to %s", e.Starts, e.Ends), " to ")
			if e.AllDay {
				when += ", all day"
			}
			if e.RepeatTo != "" {
				when += ", weekly until " + e.RepeatTo
			}
			fmt.Fprintf(&b, "\nline %d: %s %q\n  %s\n", r.Line, e.Kind, r.Content.Title, when)
			fmt.Fprintf(&b, "  at %q for %s\n", e.Place, r.Content.Audience)
			if r.Content.Body+r.Content.Category != "" {
				fmt.Fprintf(&b, "  category %q, text %q\n", r.Content.Category, r.Content.Body)
			}
		} else {
			fmt.Fprintf(&b, "\nline %d is wrong: %q\n", r.Line, r.Content.Title)
		}
		for _, p := range r.Problems {
			fmt.Fprintf(&b, "  ! %s: “%s”: %s\n", p.Heading, p.Value, p.Text)
		}
		for _, w := range r.Warnings {
			fmt.Fprintf(&b, "  ? %s\n", w)
		}
		if r.There != "" {
			fmt.Fprintf(&b, "  = %s\n", r.There)
		}
	}
	fmt.Fprintf(&b, "\n%d new\n", s.New())
	if rest := s.Rest(); rest != "" {
		fmt.Fprintf(&b, "-- rest --\n%s", rest)
	}
	return b.String()
}

// TestRead reads the files of testdata, each of a kind met in real life.
func TestRead(t *testing.T) {
	files, err := filepath.Glob("testdata/*.csv")
	if err != nil || len(files) < 15 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".csv"), func(t *testing.T) {
			file, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			text, err := Text(file)
			if err == nil {
				var s *Sheet
				if s, err = Read(text, options()); err == nil {
					s.Mark(there())
					got = told(s)
				}
			}
			if err != nil {
				got = "unreadable: " + err.Error() + "\n"
			}
			golden := strings.TrimSuffix(name, ".csv") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("read otherwise than %s says:\n%s", golden, got)
			}
		})
	}
}

func TestWhatIsNoTimetableIsRefusedInWords(t *testing.T) {
	many := "title,date\n" + strings.Repeat("CSC 301,2026-09-14\n", MostRows+1)
	for name, c := range map[string]struct{ file, want string }{
		"nothing":         {"", "nothing in it"},
		"blank":           {"\n\n , \n", "nothing in it"},
		"a workbook":      {"PK\x03\x04rest", "a workbook, not a CSV file"},
		"an old workbook": {"\xd0\xcf\x11\xe0rest", "old Excel workbook"},
		"a PDF":           {"%PDF-1.7", "a PDF"},
		"a picture":       {"\x89PNG\r\n", "a picture"},
		"a web page":      {"\n<!DOCTYPE html><p>", "a web page"},
		"a program":       {"\x7fELF\x02\x00\x00\x00\x01", "no text that can be read"},
		"no headings":     {"CSC 301;14/09/2026;8:00\n", "“CSC 301;14/09/2026;8:00”"},
		"too long":        {many, "more than 1000 lines"},
		"too large":       {"title,date\n" + strings.Repeat("x", MostBytes), "larger than 256 kB"},
	} {
		text, err := Text([]byte(c.file))
		if err == nil {
			_, err = Read(text, options())
		}
		var u Unreadable
		if !errors.As(err, &u) || !strings.Contains(string(u), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What a file leaves open must be said, and is said where.
func TestWeekdaysNeedABeginningAndAnEnd(t *testing.T) {
	o := options()
	o.FirstDay, o.LastDay = "", ""
	s, err := Read("title,day,from\nCSC 301,Mon,8:00\n", o)
	if err != nil || s.New() != 0 || !strings.Contains(s.Rows[0].Problems[0].Text, "on which day classes begin") {
		t.Errorf("without a beginning: %+v, %v", s, err)
	}
	o.FirstDay = "2026-09-16" // a Wednesday: the first Monday is the one after it
	s, err = Read("title,day,from\nCSC 301,Mon,8:00\nCSC 302,Wed,8:00\n", o)
	if err != nil || s.New() != 0 || !strings.Contains(s.Rows[0].Problems[0].Text, "which is the last day of classes") {
		t.Errorf("without an end: %+v, %v", s, err)
	}
	o.LastDay = "2026-12-18"
	s, err = Read("title,day,from,first week\nCSC 301,Mon,8:00,\nCSC 302,Wed,8:00,\nCSC 303,Fri,8:00,2026-10-05\n", o)
	if err != nil || s.New() != 3 {
		t.Fatalf("%+v, %v", s, err)
	}
	for i, want := range []db.Wall{"2026-09-21T08:00", "2026-09-16T08:00", "2026-10-09T08:00"} {
		if got := s.Rows[i].Content.Event.Starts; got != want {
			t.Errorf("line %d begins at %s, want %s", s.Rows[i].Line, got, want)
		}
	}
}

// The sample is a file that the reader itself takes whole.
func TestTheSampleIsGood(t *testing.T) {
	text, err := Text(Sample(time.Date(2026, 9, 14, 0, 0, 0, 0, time.UTC)))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Read(text, options())
	if err != nil || s.New() != 5 || len(s.Unused) != 0 || s.Rest() != "" {
		t.Fatalf("%s %v", told(s), err)
	}
	for _, r := range s.Rows {
		if len(r.Warnings) > 0 {
			t.Errorf("line %d: %q", r.Line, r.Warnings)
		}
	}
	for _, c := range Columns() {
		for _, name := range append([]string{string(c.Field)}, c.Also...) {
			if got := findColumns([]string{strings.ToUpper(name) + " (of it)"}); len(got) != 1 || got[0].field != c.Field {
				t.Errorf("the heading %q, which people are told of, is read as %v", name, got)
			}
		}
	}
}

// FuzzRead reads anything: what is called good can be stored, every line that
// is not says why, and no line is lost.
func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.csv")
	for _, name := range files {
		file, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		text, err := Text(file)
		if err != nil {
			if !errors.As(err, new(Unreadable)) {
				t.Fatalf("refused without words: %v", err)
			}
			return
		}
		s, err := Read(text, options())
		if err != nil {
			if !errors.As(err, new(Unreadable)) {
				t.Fatalf("refused without words: %v", err)
			}
			return
		}
		s.Mark(there())
		line := 0
		for _, r := range s.Rows {
			if r.Line <= line || r.Line > strings.Count(text, "\n")+1 {
				t.Fatalf("line %d follows line %d of %d", r.Line, line, strings.Count(text, "\n")+1)
			}
			line = r.Line
			if !r.Good() {
				continue
			}
			c := r.Content
			if c.Title == "" || c.Slug == "" || c.Event.Check() != nil {
				t.Fatalf("line %d is called good: %+v, %v", r.Line, c, c.Event.Check())
			}
			if _, err := auth.ParseAudience(c.Audience); err != nil {
				t.Fatalf("line %d: %v", r.Line, err)
			}
		}
		if rest := s.Rest(); rest != "" {
			if _, err := Read(rest, options()); err != nil {
				t.Fatalf("what is left cannot be read again: %v\n%s", err, rest)
			}
		}
	})
}
