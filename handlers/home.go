package handlers

import (
	"net/http"

	"portico/views"
)

// home is the public first page.
func (s *Server) home(w http.ResponseWriter, v *visit) error {
	s.render(w, v, http.StatusOK, views.Home(s.page(v, "Home"), views.HomeModel{}))
	return nil
}
