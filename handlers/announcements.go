package handlers

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"portico/auth/reading"
	"portico/db"
	"portico/views"
)

const (
	homeLatest = 6
	homeNext   = 6
)

// home is the public first page.
func (s *Server) home(w http.ResponseWriter, v *visit) error {
	shelf, err := s.shelf(v)
	if err != nil {
		return err
	}
	renderShelf(s, w, v, shelf, "Home", func(p views.Page) templ.Component { return views.Home(p, s.homeModel(shelf)) })
	return nil
}

func (s *Server) homeModel(shelf *reading.Shelf) views.HomeModel {
	pinned, others := shelf.Foremost()
	m := views.HomeModel{
		Lists: true, Pinned: notices(shelf, pinned), Latest: notices(shelf, others[:min(homeLatest, len(others))]),
		Next: s.next(shelf, homeNext),
	}
	for i := range m.Latest {
		m.Latest[i].Excerpt = "" // the titles alone: the whole is one step away
	}
	for _, l := range shelf.Links() {
		m.Links = append(m.Links, views.Link{Label: l.Title, Href: l.Link})
	}
	m.Reach = reach(shelf.Settings())
	return m
}

// announcements lists the current ones, of one category or of all.
func (s *Server) announcements(w http.ResponseWriter, v *visit) error {
	shelf, err := s.shelf(v)
	if err != nil {
		return err
	}
	q, own := v.r.URL.Query(), url.Values{}
	category := q.Get("category")
	name := shelf.Category(category)
	if category != "" {
		if name == "" {
			return problem(http.StatusNotFound, nil)
		}
		own.Set("category", category)
	}
	all := shelf.Announcements(category)
	page, err := sheetOf(len(all), announcementsPath, own, q)
	if err != nil {
		return err
	}
	renderShelf(s, w, v, shelf, "Announcements", func(p views.Page) templ.Component {
		return views.Notices(p, views.NoticesModel{
			Category: name, Tabs: categoryTabs(shelf, category), Rows: notices(shelf, all[page.from:page.to]), Newer: page.newer, Older: page.older, Number: page.number,
		})
	})
	return nil
}

// categoryTabs lead to the announcements of each category that has any.
func categoryTabs(shelf *reading.Shelf, chosen string) []views.Tab {
	count := func(id string) string { return strconv.Itoa(len(shelf.Announcements(id))) }
	tabs := []views.Tab{{Label: "All", Href: announcementsPath, Count: count(""), Current: chosen == ""}}
	for _, c := range shelf.Categories() {
		if n := count(c.ID); n != "0" || c.ID == chosen {
			tabs = append(tabs, views.Tab{Label: c.Name, Href: categoryAddress(c.ID), Count: n, Current: c.ID == chosen})
		}
	}
	if len(tabs) == 1 {
		return nil
	}
	return tabs
}

func categoryAddress(id string) string {
	return announcementsPath + "?" + url.Values{"category": {id}}.Encode()
}

// notices are announcements as lists show them.
func notices(shelf *reading.Shelf, all []reading.Shown) []views.Notice {
	rows := make([]views.Notice, len(all))
	for i, a := range all {
		rows[i] = views.Notice{
			Href: pathOf(a.Kind, a.Slug), Title: a.Title, Excerpt: a.Excerpt, Category: shelf.Category(a.Category), Owner: shelf.Owner(a),
			At: a.Publish, Until: a.Until, Why: a.Why,
		}
	}
	return rows
}

// announcement is one of them on its own page.
func (s *Server) announcement(w http.ResponseWriter, v *visit) error {
	shelf, a, err := s.find(w, v, db.Announcement)
	if a == nil || err != nil {
		return err
	}
	renderShelf(s, w, v, shelf, a.Title, func(p views.Page) templ.Component {
		p.Preview = s.itemPreview(v, &p, a.Article)
		return views.NoticePage(p, views.NoticeModel{
			About: s.about(shelf, a), Category: shelf.Category(a.Category), CategoryHref: categoryAddress(a.Category), At: a.Publish, Until: a.Until,
		})
	})
	return nil
}

// people lists who works in the department.
func (s *Server) people(w http.ResponseWriter, v *visit) error {
	shelf, err := s.shelf(v)
	if err != nil {
		return err
	}
	all := shelf.People()
	about := make([]string, len(all))
	for n, a := range all {
		about[n] = htmlFor(w, v, a.Article)
	}
	renderShelf(s, w, v, shelf, "People", func(p views.Page) templ.Component {
		var m views.PeopleModel
		for n, a := range all {
			e := a.Entry
			m.People = append(m.People, views.Contact{
				ID: a.Slug, Name: a.Title, Role: e.Role, Room: e.Room, Hours: e.Hours, Email: e.Email, Phone: e.Phone, Other: e.Contact,
				HTML: about[n], Files: fileLinks(a.Attached),
			})
		}
		return views.People(p, m)
	})
	return nil
}

// freePage is a page of the department's own making.
func (s *Server) freePage(w http.ResponseWriter, v *visit) error {
	shelf, a, err := s.find(w, v, db.FreePage)
	if a == nil || err != nil {
		return err
	}
	renderShelf(s, w, v, shelf, a.Title, func(p views.Page) templ.Component {
		p.Preview = s.itemPreview(v, &p, a.Article)
		return views.FreePage(p, s.about(shelf, a))
	})
	return nil
}
