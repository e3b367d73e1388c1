package handlers

import (
	"net/http"

	"portico/views"
)

// home is the public first page.
func (s *Server) home(w http.ResponseWriter, v *visit) error {
	renderKnown(s, w, v, views.Home, s.page(v, "Home"), views.HomeModel{})
	return nil
}
