package handlers

import (
	"cmp"
	"context"
	"net/http"

	"portico/auth/reading"
	"portico/db"
	"portico/views"
)

// shelf is all that the visitor may read now. It is taken once for a request,
// and all of a page is taken from it.
func (s *Server) shelf(v *visit) (*reading.Shelf, error) {
	if v.shelf != nil {
		return v.shelf, nil
	}
	var who *db.User
	if v.live != nil {
		who = v.live.User
	}
	shelf, err := s.Library.For(v.r.Context(), reading.Person(who))
	if err != nil {
		return nil, problem(http.StatusServiceUnavailable, err)
	}
	v.shelf = shelf
	return shelf, nil
}

// frame is the shelf for what stands around a page's content, error pages
// included: when the person's own cannot be read, that of nobody, which
// always can.
func (s *Server) frame(v *visit) *reading.Shelf {
	if shelf, err := s.shelf(v); err == nil {
		return shelf
	}
	gone, cancel := context.WithCancel(v.r.Context())
	cancel()                                          // what is there already is enough
	shelf, _ := s.Library.For(gone, reading.Nobody()) // gives an error to a person only
	return shelf
}

// site is what the pages call the department: as staff have set it, else as
// the program was started; and what it wears.
func (s *Server) site(set *reading.Settings) views.Site {
	site := s.Site
	if set.Name != "" {
		site.Name, site.Short = set.Name, set.Short
	}
	site.Short = cmp.Or(set.Short, site.Short)
	site.Motto = cmp.Or(set.Motto, site.Motto)
	site.University = cmp.Or(set.University, site.University)
	site.Contact = cmp.Or(set.Contact, site.Contact)
	d := s.wearing(set)
	site.Logo = d.size
	if d.accent != nil {
		site.Accent = d.accent.Address()
	}
	return site
}

// menu leads to what everybody has, and to the pages that staff put there.
func menu(shelf *reading.Shelf, signedIn bool) []views.MenuItem {
	own := shelf.Menu()
	items := make([]views.MenuItem, 0, len(own)+8) // with room for what only some may open
	items = append(items, views.MenuItem{Label: "Home", Href: "/"})
	if signedIn {
		items = append(items, views.MenuItem{Label: "Today", Href: "/dashboard"})
	}
	items = append(items,
		views.MenuItem{Label: "Announcements", Href: announcementsPath}, views.MenuItem{Label: "Events", Href: eventsPath}, views.MenuItem{Label: "People", Href: peoplePath},
	)
	for _, p := range own {
		items = append(items, views.MenuItem{Label: p.Title, Href: pathOf(p.Kind, p.Slug)})
	}
	return items
}
