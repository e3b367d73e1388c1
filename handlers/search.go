package handlers

import (
	"net/http"
	"net/url"
	"strings"

	"portico/auth/reading"
	"portico/db"
	"portico/views"
)

// search looks for words in all that the reader may see.
func (s *Server) search(w http.ResponseWriter, v *visit) error {
	shelf, err := s.shelf(v)
	if err != nil {
		return err
	}
	q := v.r.URL.Query()
	text := strings.Join(strings.Fields(strings.ToValidUTF8(q.Get("q"), "")), " ")
	found := shelf.Search(text, listPage, (sheetNumber(q)-1)*listPage)
	page, err := sheetOf(found.Total, searchPath, url.Values{"q": {text}}, q)
	if err != nil {
		return err
	}
	m := views.SearchModel{Query: text, Total: found.Total, Before: page.newer, More: page.older}
	for _, h := range found.Hits {
		m.Hits = append(m.Hits, hit(&h))
	}
	p := s.page(v, "Search")
	p.Search = false // the page has its own
	s.render(w, v, http.StatusOK, views.Search(p, m))
	return nil
}

var kindWords = map[db.Kind]string{db.Announcement: "Announcement", db.EventItem: "Event", db.PersonEntry: "Person", db.FreePage: "Page"}

func hit(h *reading.Hit) views.Hit {
	return views.Hit{
		Href: pathOf(h.Kind, h.Slug), Kind: kindWords[h.Kind], Ended: h.Ended, Why: h.Why,
		Title: pieces(h.Title, h.TitleMarks), Snippet: pieces(h.Snippet, h.Marks),
	}
}

// pieces parts a text at its marks.
func pieces(text string, marks []reading.Span) []views.Piece {
	var all []views.Piece
	add := func(part string, marked bool) {
		if part != "" {
			all = append(all, views.Piece{Text: part, Marked: marked})
		}
	}
	at := 0
	for _, m := range marks {
		add(text[at:m.From], false)
		add(text[m.From:m.To], true)
		at = m.To
	}
	add(text[at:], false)
	return all
}
