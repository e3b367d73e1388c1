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
	moved, way, _ := strings.Cut(v.r.URL.Query().Get("moved"), " ")
	m := views.OrderModel{ListName: k.many, ListHref: k.list(), Action: k.order()}
	for n, i := range all {
		row := views.OrderRow{ID: i.ID, Href: k.address(i.ID), Title: i.Title, State: i.State(s.Now()), First: n == 0, Last: n == len(all)-1}
		if i.Kind == db.FreePage && !i.InMenu {
			row.Note = "Not in the menu"
		}
		if i.ID == moved {
			row.Focus = focusOf(db.Way(way), row.First, row.Last)
		}
		m.Rows = append(m.Rows, row)
	}
	s.render(w, v, http.StatusOK, views.Order(s.page(v, "Order of "+strings.ToLower(k.many)), m))
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
	way, id, _ := strings.Cut(v.r.PostForm.Get("move"), " ")
	if k.order() == "" {
		return problem(http.StatusNotFound, nil)
	}
	err = s.DB.MoveItem(v.r.Context(), k.kind, id, db.Way(way), v.live.User.ID, s.Now())
	switch {
	case errors.Is(err, db.ErrNotFound):
		return s.back(w, v, k.order(), "Nothing was moved: it was put away meanwhile.")
	case errors.Is(err, db.ErrUnfit):
		return problem(http.StatusBadRequest, err)
	case err != nil:
		return err
	}
	return s.back(w, v, k.order()+"?moved="+id+"+"+way, "Moved. Readers see the new order.")
}
