package reading

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"portico/db"
)

// index is what search knows of an article: the words of its title, and all
// its words, each sorted and once.
type index struct{ title, all []string }

func newIndex(a *Article) index {
	title := vocabulary(a.Title)
	parts := []string{a.Title, a.Text}
	switch {
	case a.Event != nil:
		parts = append(parts, a.Event.Place, a.Event.Kind)
	case a.Entry != nil:
		parts = append(parts, a.Entry.Role, a.Entry.Room, a.Entry.Email)
	}
	for _, file := range a.Attached.Files() {
		parts = append(parts, file.Label)
	}
	return index{title: title, all: vocabulary(parts...)}
}

func vocabulary(texts ...string) []string {
	var all []string
	for _, text := range texts {
		for _, w := range words(text) {
			all = append(all, w.text)
		}
	}
	slices.Sort(all)
	return slices.Clip(slices.Compact(all))
}

// query is what somebody looks for: whole words, and the beginning of the last.
type query struct {
	whole []string
	last  string
}

const (
	queryLength = 200
	queryWords  = 12
)

func parseQuery(text string) query {
	if len(text) > queryLength {
		text = text[:queryLength]
	}
	found := words(strings.ToValidUTF8(text, " "))
	if len(found) == 0 {
		return query{}
	}
	found = found[:min(len(found), queryWords)]
	var q query
	for _, w := range found[:len(found)-1] {
		q.whole = append(q.whole, w.text)
	}
	q.last = found[len(found)-1].text
	return q
}

// in says whether all of the query is among the words.
func (q query) in(sorted []string) bool {
	at, _ := slices.BinarySearch(sorted, q.last)
	if at == len(sorted) || !strings.HasPrefix(sorted[at], q.last) {
		return false
	}
	for _, w := range q.whole {
		if _, found := slices.BinarySearch(sorted, w); !found {
			return false
		}
	}
	return true
}

// is says whether one word is what the query looks for.
func (q query) is(w string) bool { return slices.Contains(q.whole, w) || strings.HasPrefix(w, q.last) }

// Span is a part of a text, from one byte to before another.
type Span struct{ From, To int }

// Hit is something found. The spans mark the words that were looked for.
type Hit struct {
	Shown
	TitleMarks []Span
	Snippet    string    // of the text, around the first word found
	Marks      []Span    // in Snippet
	Ended      time.Time // when it expired or the event was over; zero: it is current
}

// Found is one page of what was found.
type Found struct {
	Total int
	Hits  []Hit
}

// Search looks for all words of a text among announcements, events, people
// and pages: those with all of them in the title first, what has ended last.
func (s *Shelf) Search(text string, limit, offset int) Found {
	q := parseQuery(text)
	if q.last == "" {
		return Found{}
	}
	all := s.matches(q)
	found := Found{Total: len(all)}
	offset = min(max(offset, 0), len(all))
	for _, m := range all[offset:min(offset+max(limit, 0), len(all))] {
		h := Hit{Shown: m.Shown, Ended: m.ended, TitleMarks: q.marks(m.Title)}
		h.Snippet, h.Marks = q.snippet(m.Text)
		found.Hits = append(found.Hits, h)
	}
	return found
}

type match struct {
	Shown
	ended time.Time
}

// matches are all that a query finds, in order.
func (s *Shelf) matches(q query) []match {
	var current, ended [2][]match // with all words in the title, and others
	for _, list := range [][]Shown{s.people, s.pages, s.events, s.announcements, s.ended} {
		for _, a := range list {
			if !q.in(a.index.all) {
				continue
			}
			m, where := match{a, s.endOf(a.Article)}, 1
			if q.in(a.index.title) {
				where = 0
			}
			if m.ended.IsZero() {
				current[where] = append(current[where], m)
			} else {
				ended[where] = append(ended[where], m)
			}
		}
	}
	for _, some := range ended {
		slices.SortStableFunc(some, func(a, b match) int { return b.ended.Compare(a.ended) })
	}
	return slices.Concat(current[0], current[1], ended[0], ended[1])
}

// endOf is when an article stopped being current; zero while it is.
func (s *Shelf) endOf(a *Article) time.Time {
	if a.State(s.at) == db.StateExpired {
		return a.Until
	}
	if a.Event == nil {
		return time.Time{}
	}
	if end := lastEnd(a.Event, s.zone); !end.After(s.at) {
		return end
	}
	return time.Time{}
}

func (q query) marks(text string) []Span {
	var all []Span
	for _, w := range words(text) {
		if q.is(w.text) {
			all = append(all, Span{w.start, w.end})
		}
	}
	return all
}

const (
	snippetLength = 180
	snippetBefore = 60
)

// snippet is the part of a text around the first word found.
func (q query) snippet(text string) (string, []Span) {
	marks := q.marks(text)
	from := 0
	if len(marks) > 0 && marks[0].From > snippetBefore {
		from = marks[0].From - snippetBefore
		if at := strings.IndexByte(text[from:marks[0].From], ' '); at >= 0 {
			from += at + 1
		}
		for !utf8.RuneStart(text[from]) {
			from++
		}
	}
	part, lead := shorten(text[from:], snippetLength), ""
	if from > 0 {
		lead = "… "
	}
	kept := len(strings.TrimSuffix(part, "…"))
	var inside []Span
	for _, m := range marks {
		if m.From >= from && m.To <= from+kept {
			inside = append(inside, Span{m.From - from + len(lead), m.To - from + len(lead)})
		}
	}
	return lead + part, inside
}
