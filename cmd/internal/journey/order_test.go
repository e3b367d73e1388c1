package journey

import (
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"

	"portico/auth/campusone/campusonetest"
	"portico/auth/reading"
	"portico/db"
)

// titlesOn are the titles of a page's list of things in their order.
func (p *Person) titlesOn(selector string) string {
	var all []string
	for _, n := range p.all(selector) {
		all = append(all, textOf(n))
	}
	return strings.Join(all, ", ")
}

// People, links and the menu are put into order with buttons alone, and
// readers meet them so at once.
func TestPeopleLinksAndMenuAreOrderedWithoutNumbers(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		for _, name := range []string{"Ada", "Bala", "Chioma"} {
			w.Publish(t, db.PersonEntry, db.Content{Title: name, Details: db.Details{Entry: &db.Entry{Role: "Lecturer"}}})
			w.Publish(t, db.FreePage, db.Content{Title: "About " + name, Details: db.Details{InMenu: name != "Bala"}})
			w.Publish(t, db.QuickLink, db.Content{Title: "Link " + name, Details: db.Details{Link: "https://example.edu/" + name}})
		}
		p, reader := signedIn(t, w, campusonetest.SubFunke), asFetch(w.Person(true))
		for _, c := range []struct{ list, prefix, page, selector, want string }{
			{"people", "", "/people", ".people h2", "Chioma, Bala, Ada"},
			{"links", "Link ", "/", ".links .t", "Link Chioma, Link Bala, Link Ada"},
			{"pages", "About ", "/", "header .wide a[href^='/pages/']", "About Chioma, About Ada"},
		} {
			p.must(t, p.Visit("/admin/publish/"+c.list), http.StatusOK)
			p.must(t, p.Click("Change their order"), http.StatusOK)
			if got := p.titlesOn(".order .t"); got != c.prefix+"Ada, "+c.prefix+"Bala, "+c.prefix+"Chioma" {
				t.Fatalf("%s begin as %s", c.list, got)
			}
			if c.list == "pages" {
				p.sees(t, "Not in the menu")
			}
			p.must(t, p.Click("Down : "+c.prefix+"Ada"), http.StatusOK)
			p.sees(t, "Moved. Readers see the new order.")
			if n := cascadia.Query(p.doc, cascadia.MustCompile("button[autofocus]")); n == nil || textOf(n) != "Down : "+c.prefix+"Ada" {
				t.Errorf("%s: after a move one does not go on where one was", c.list)
			}
			p.must(t, p.Click("First : "+c.prefix+"Chioma"), http.StatusOK)
			p.must(t, p.Click("Up : "+c.prefix+"Ada"), http.StatusOK)
			p.must(t, p.Click("Down : "+c.prefix+"Ada"), http.StatusOK)
			if got := p.titlesOn(".order .t"); got != c.prefix+"Chioma, "+c.prefix+"Bala, "+c.prefix+"Ada" {
				t.Errorf("%s are %s now", c.list, got)
			}
			reader.Header.Set("Accept", "text/html")
			reader.must(t, reader.Visit(c.page), http.StatusOK)
			if got := reader.titlesOn(c.selector); got != c.want {
				t.Errorf("readers meet %s as %s", c.list, got)
			}
		}
		p.must(t, p.Visit("/admin/publish/events/order"), http.StatusNotFound)
		w.wantAudits(t, "person.order", 4)
	})
}

// The lists of those who write are searched as readers search, in all states.
func TestTheListsOfThoseWhoWriteAreSearched(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	w.SaveSettings(t, reading.Settings{Name: "X"})
	p := signedIn(t, w, campusonetest.SubFunke)
	me := w.user(t, campusonetest.SubFunke).ID
	for n := range 25 {
		w.Publish(t, db.Announcement, db.Content{Title: "Notice " + strings.Repeat("i", n+1), Owner: me, Body: "About CSC301 and more."})
	}
	w.Publish(t, db.Announcement, db.Content{Title: "Mr Ọbí is away", Owner: me, Draft: true})
	w.Publish(t, db.FreePage, db.Content{Title: "The library", Owner: "somebody else"})
	for _, c := range []struct{ path, sees, not string }{
		{"/admin/publish?q=obi", "Mr Ọbí is away", "Notice i"},
		{"/admin/publish?q=obi&show=published", "Nothing found", "Mr Ọbí is away"},
		{"/admin/publish/announcements?q=csc+301", "All 25", "Mr Ọbí"},
		{"/admin/publish?q=library", "Nothing found", "The library"},
		{"/admin/publish/pages?q=libr", "The library", "Nothing found"},
		{"/admin/publish/announcements?q=zebra", "Nothing found", "Notice"},
	} {
		p.must(t, p.Visit(c.path), http.StatusOK)
		if !p.reads(c.sees) || p.reads(c.not) {
			t.Errorf("%s: %s", c.path, p.Text())
		}
	}
	p.must(t, p.Visit("/admin/publish/announcements?q=csc301"), http.StatusOK)
	seen := len(p.all("tbody tr"))
	p.must(t, p.Click("Older"), http.StatusOK)
	if more := len(p.all("tbody tr")); seen != 20 || more != 5 || !strings.Contains(p.URL.RawQuery, "q=csc301") {
		t.Errorf("pages of %d and %d at %s", seen, more, p.URL)
	}
	if got := p.fields(t, "#find").Get("q"); got != "csc301" {
		t.Errorf("what is looked for stands as %q", got)
	}
}
