package handlers

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"weak"

	"github.com/a-h/templ"

	"portico/auth/reading"
	"portico/db"
	"portico/views"
)

const listPage = 20

// The addresses of what people read.
const (
	announcementsPath = "/announcements"
	eventsPath        = "/events"
	peoplePath        = "/people"
	pagesPath         = "/pages"
	searchPath        = "/search"
)

// pathOf is where an item is read.
func pathOf(kind db.Kind, slug string) string {
	switch kind {
	case db.EventItem:
		return eventsPath + "/" + slug
	case db.PersonEntry:
		return peoplePath + "#" + slug
	case db.FreePage:
		return pagesPath + "/" + slug
	}
	return announcementsPath + "/" + slug
}

// renderShelf answers with a page that is made of a shelf and nothing else.
// While it is the same shelf in the same minute the page is not made again; a
// page with a query is, so that made-up queries push no drawing out.
func renderShelf(s *Server, w http.ResponseWriter, v *visit, shelf *reading.Shelf, title string, draw func(views.Page) templ.Component) {
	p := s.page(v, title)
	known := func(p views.Page, _ weak.Pointer[reading.Shelf]) templ.Component {
		p.Preview = s.preview(v, &p, p.Site.Motto)
		return draw(p)
	}
	if v.r.URL.RawQuery != "" {
		s.render(w, v, http.StatusOK, known(p, weak.Make(shelf)))
		return
	}
	renderKnown(s, w, v, known, equal, p, weak.Make(shelf))
}

// find finds the article of an address on the reader's shelf. One that is not
// there, and one that is not for this reader, have the same answer. An earlier
// address leads to the present one; a nil article says that it has.
func (s *Server) find(w http.ResponseWriter, v *visit, kind db.Kind) (*reading.Shelf, *found, error) {
	shelf, err := s.shelf(v)
	if err != nil {
		return nil, nil, err
	}
	slug := v.r.PathValue("slug")
	a, ended, ok := shelf.Find(kind, slug)
	if !ok {
		return nil, nil, problem(http.StatusNotFound, nil)
	}
	if a.Slug != slug {
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, v.r, pathOf(kind, a.Slug), http.StatusMovedPermanently)
		return shelf, nil, nil
	}
	if loads(v.r) {
		shelf.Opened(a, s.Now())
	}
	return shelf, &found{a, ended, htmlFor(w, v, a.Article)}, nil
}

// htmlFor is an article's text for who asks: whoever saves data (the header
// Save-Data, https://wicg.github.io/savedata/) loads no picture unasked.
func htmlFor(w http.ResponseWriter, v *visit, a *reading.Article) string {
	if !a.ShowsPictures() {
		return a.HTML
	}
	if h := w.Header(); !slices.Contains(h.Values("Vary"), "Save-Data") {
		h.Add("Vary", "Save-Data")
	}
	if !strings.EqualFold(v.r.Header.Get("Save-Data"), "on") {
		return a.HTML
	}
	v.sparing = true
	return a.Sparing(v.r.URL.Query()[reading.ShowPicture])
}

// loads says whether somebody loads a page to look at it: not a program that
// asks for its head, nor a browser that fetches it in case they may (the
// header Sec-Purpose; older browsers send Purpose or X-Moz).
func loads(r *http.Request) bool {
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Moz"} {
		if strings.Contains(r.Header.Get(name), "prefetch") {
			return false
		}
	}
	return r.Method == http.MethodGet
}

// found is an article with the moment at which it ended, if it has.
type found struct {
	reading.Shown
	ended time.Time
	html  string
}

// about is what the page of any item says.
func (s *Server) about(shelf *reading.Shelf, a *found) views.About {
	return views.About{
		Title: a.Title, HTML: a.html, Files: fileLinks(a.Attached), Owner: shelf.Owner(a.Shown), Why: a.Why, Ended: a.ended,
		NotReviewed: a.NotReviewedSince(s.Now()), Share: s.whatsApp(a.Shown),
	}
}

// whatsApp is where a page for everybody is passed on by WhatsApp, the campus's
// own channel.
func (s *Server) whatsApp(a reading.Shown) string {
	if !a.Public {
		return ""
	}
	return "https://wa.me/?text=" + url.QueryEscape(a.Title+"\n"+s.AppURL.JoinPath(pathOf(a.Kind, a.Slug)).String())
}

// sheet is one page of a list: which part of it, and the addresses of the
// pages beside it.
type sheet struct {
	from, to     int
	newer, older string
	number       int
}

// sheetOf is the page of a list that a query asks for with page=N. The
// addresses beside it keep the query's own. A page that is not there is 404.
func sheetOf(total int, path string, own, q url.Values) (sheet, error) {
	n := sheetNumber(q)
	if n < 1 || n > max(1, (total+listPage-1)/listPage) {
		return sheet{}, problem(http.StatusNotFound, nil)
	}
	sh := sheet{from: (n - 1) * listPage, to: min(n*listPage, total), number: n}
	if n > 1 {
		sh.newer = sheetAddress(path, own, n-1)
	}
	if sh.to < total {
		sh.older = sheetAddress(path, own, n+1)
	}
	return sh, nil
}

// sheetNumber is the page that a query asks for; 0 when that is no number.
func sheetNumber(q url.Values) int {
	n, _ := strconv.Atoi(cmp.Or(q.Get("page"), "1"))
	return n
}

// sheetAddress is a page of a list; the first one has no number.
func sheetAddress(path string, own url.Values, n int) string {
	q := maps.Clone(own)
	if n > 1 {
		q.Set("page", strconv.Itoa(n))
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
