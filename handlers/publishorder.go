package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"portico/db"
	"portico/views"
)

// orderedKinds are those whose order people choose.
var orderedKinds = []db.Kind{db.PersonEntry, db.FreePage, db.QuickLink}

func (k writing) order() string {
	if slices.Contains(orderedKinds, k.kind) {
		return k.list() + "/order"
	}
	return ""
}

// publishOrder shows the items of a kind in their order, to move them.
func (s *Server) publishOrder(w http.ResponseWriter, v *visit) error {
	k, err := writingOf(v)
	if err != nil {
		return err
	}
	if k.order() == "" {
		return problem(http.StatusNotFound, nil)
	}
	all, err := s.DB.Ordered(v.r.Context(), k.kind)
	if err != nil {
		return err
	}
	m := views.OrderModel{ListName: k.many, ListHref: k.list(), Action: k.order()}
	for _, i := range all {
		row := views.OrderRow{ID: i.ID, Href: k.address(i.ID), Title: i.Title, State: i.State(s.Now())}
		if i.Kind == db.FreePage && !i.InMenu {
			row.Note = "Not in the menu"
		}
		m.Rows = append(m.Rows, row)
	}
	return s.drawOrder(w, v, "Order of "+strings.ToLower(k.many), m)
}

// drawOrder draws rows that are moved one by one, ready for the next move of
// the one that was moved last.
func (s *Server) drawOrder(w http.ResponseWriter, v *visit, title string, m views.OrderModel) error {
	moved, way, _ := strings.Cut(v.r.URL.Query().Get("moved"), " ")
	for n := range m.Rows {
		row := &m.Rows[n]
		row.First, row.Last = n == 0, n == len(m.Rows)-1
		if row.ID == moved {
			row.Focus = focusOf(db.Way(way), row.First, row.Last)
		}
	}
	s.render(w, v, http.StatusOK, views.Order(s.page(v, title), m))
	return nil
}

// focusOf is the button to go on with after a move.
func focusOf(way db.Way, first, last bool) string {
	switch {
	case first:
		return string(db.WayDown)
	case last || way != db.WayDown:
		return string(db.WayUp)
	}
	return string(db.WayDown)
}

// publishMove moves an item among those of its kind.
func (s *Server) publishMove(w http.ResponseWriter, v *visit) error {
	k, err := writingOf(v)
	if err != nil {
		return err
	}
	if k.order() == "" {
		return problem(http.StatusNotFound, nil)
	}
	return s.move(w, v, k.order(), func(id string, way db.Way) error {
		return s.DB.MoveItem(v.r.Context(), k.kind, id, way, v.live.User.ID, s.Now())
	})
}

// move does what the pressed button of an order says.
func (s *Server) move(w http.ResponseWriter, v *visit, to string, do func(id string, way db.Way) error) error {
	way, id, _ := strings.Cut(v.r.PostForm.Get("move"), " ")
	err := do(id, db.Way(way))
	switch {
	case errors.Is(err, db.ErrNotFound):
		return s.back(w, v, to, "Nothing was moved: it was put away meanwhile.")
	case errors.Is(err, db.ErrUnfit):
		return problem(http.StatusBadRequest, err)
	case err != nil:
		return err
	}
	return s.back(w, v, to+"?moved="+id+"+"+way, "Moved. Readers see the new order.")
}

const categoryOrderPath = settingsPath + "/categories/order"

// categoryOrder shows the categories in their order, to move them.
func (s *Server) categoryOrder(w http.ResponseWriter, v *visit) error {
	all, err := s.DB.Categories(v.r.Context())
	if err != nil {
		return err
	}
	m := views.OrderModel{ListName: "Settings", ListHref: settingsPath + "#categories", Action: categoryOrderPath}
	for _, c := range all {
		m.Rows = append(m.Rows, views.OrderRow{ID: c.ID, Href: categoryAddress(c.ID), Title: c.Name, State: db.StatePublished})
	}
	return s.drawOrder(w, v, "Order of categories", m)
}

// categoryMove moves a category among the others.
func (s *Server) categoryMove(w http.ResponseWriter, v *visit) error {
	return s.move(w, v, categoryOrderPath, func(id string, way db.Way) error {
		return s.DB.MoveCategory(v.r.Context(), id, way, v.live.User.ID, s.Now())
	})
}
