package reading

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"portico/auth"
	"portico/db"
	"portico/db/dbtest"
)

// TestSearchGolden asks what testdata/search.txt asks.
func TestSearchGolden(t *testing.T) {
	text, err := os.ReadFile("testdata/search.txt")
	if err != nil {
		t.Fatal(err)
	}
	onBothEngines(t, func(w *world) {
		queries, query := 0, ""
		for line := range strings.Lines(string(text)) {
			verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			switch verb {
			case "doc":
				w.document(rest)
			case "query":
				query = rest
			case "find":
				queries++
				if got := found(w.shelf(Nobody()).Search(query, 20, 0)); got != rest {
					w.Errorf("query %q\n got %s\nwant %s", query, got, rest)
				}
			}
		}
		if queries < 30 {
			w.Errorf("only %d queries were asked", queries)
		}
	})
}

// document publishes a line of the golden file, each a minute after the other.
func (w *world) document(line string) {
	w.Helper()
	part := strings.Split(line, "|")
	for i := range part {
		part[i] = strings.TrimSpace(part[i])
	}
	part = append(part, "")
	c := content(part[2])
	w.now = w.now.Add(time.Minute)
	c.Slug, c.Body, c.Publish = part[1], part[3], w.now
	if part[4] == "ended" {
		c.Until = w.now
	}
	switch db.Kind(part[0]) {
	case db.EventItem:
		start, repeat, _ := strings.Cut(part[4], "..")
		c.Event = &db.Event{Kind: db.EventOther, Starts: db.Wall(start), RepeatTo: repeat}
	case db.PersonEntry:
		c.Entry = &db.Entry{Role: part[4]}
	case db.QuickLink:
		c.Link = "https://nile.example/"
	}
	w.create(db.Kind(part[0]), c)
}

// found writes what was found as the golden file does.
func found(f Found) string {
	var all []string
	for _, h := range f.Hits {
		s := string(h.Kind) + " " + h.Slug
		if marked := marked(h.Title, h.TitleMarks); marked != "" {
			s += " [" + marked + "]"
		}
		if !h.Ended.IsZero() {
			s += " ended"
		}
		all = append(all, s)
	}
	if len(all) == 0 {
		return "nothing"
	}
	return strings.Join(all, ", ")
}

func marked(text string, marks []Span) string {
	var all []string
	for _, m := range marks {
		all = append(all, text[m.From:m.To])
	}
	return strings.Join(all, " ")
}

func TestSearchSnippet(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	c := content("Long")
	c.Body = strings.Repeat("Many words stand before it. ", 20) + "Here is Ọ̀bí, the **needle**, at last. " + strings.Repeat("And many after it. ", 20)
	w.create(db.Announcement, c)
	h := w.shelf(Nobody()).Search("obi needle", 5, 0).Hits[0]
	if got := marked(h.Snippet, h.Marks); got != "Ọ̀bí needle" {
		t.Errorf("marked %q in %q", got, h.Snippet)
	}
	if len(h.Snippet) > 200 || !strings.HasPrefix(h.Snippet, "… ") || !strings.HasSuffix(h.Snippet, "…") {
		t.Errorf("the snippet is %q", h.Snippet)
	}
	if f := w.shelf(Nobody()).Search("needle", 5, 7); f.Total != 1 || len(f.Hits) != 0 {
		t.Errorf("behind the last page: %v", f)
	}
}

// TestSearchAnything: whatever is looked for in whatever text, spans are of
// whole letters and the text itself is found by its own words.
func TestSearchAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.StringMatching(`([A-Za-zọẹṣńàɗƙ0-9]{1,8}[ ,.\-]{1,3}){0,60}`), rapid.String()).Draw(t, "text")
		q := parseQuery(rapid.OneOf(rapid.Just(text), rapid.String()).Draw(t, "query"))
		if q.last == "" {
			return
		}
		snippet, marks := q.snippet(text)
		for _, m := range marks {
			if m.From < 0 || m.From >= m.To || m.To > len(snippet) || utf8.ValidString(text) && !utf8.ValidString(snippet[m.From:m.To]) {
				t.Fatalf("mark %v in %q", m, snippet)
			}
		}
		vocabulary := vocabulary(text)
		if q.in(vocabulary) != (len(marks) > 0) && q.in(vocabulary) && len(q.whole) == 0 {
			t.Fatalf("found, but not marked in %q", snippet)
		}
	})
}

// TestSearchSeesWhatTheReaderSees: nobody finds what is not for them.
func TestSearchSeesWhatTheReaderSees(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	c := content("Secret zebra list")
	c.Audience = auth.Audience{To: auth.Groups, Groups: []auth.Group{{auth.AboutLevel: {"300"}}}}.Text()
	w.create(db.Announcement, c)
	c.Until = began // expired ones too
	w.create(db.Announcement, c)
	for name, want := range map[string]int{"300": 2, "100": 0} {
		if got := w.shelf(Person(w.student(name, name))).Search("zebra", 5, 0).Total; got != want {
			t.Errorf("level %s finds %d, want %d", name, got, want)
		}
	}
	if got := w.shelf(Nobody()).Search("zebra", 5, 0).Total; got != 0 {
		t.Errorf("nobody finds %d", got)
	}
}

func BenchmarkSearch5000(b *testing.B) {
	s := &Shelf{at: began, zone: time.UTC}
	m := NewMarkdown()
	for n := range 5000 {
		c := content(fmt.Sprintf("Notice %d about CSC %d", n, 100+n%400))
		c.Body = strings.Repeat(fmt.Sprintf("Paragraph %d speaks of lectures, rooms and the registration of students. ", n), 8)
		a, err := newArticle(db.Item{ID: fmt.Sprint(n), Kind: db.Announcement, Content: c}, nil, m)
		if err != nil {
			b.Fatal(err)
		}
		s.announcements = append(s.announcements, Shown{Article: a})
	}
	for _, q := range []string{"csc 301", "registration students", "r", "nothing of it"} {
		b.Run(strings.ReplaceAll(q, " ", "-"), func(b *testing.B) {
			for b.Loop() {
				s.Search(q, 20, 0)
			}
		})
	}
}
