package handlers

import (
	"net/http"

	"portico/views"
)

// home is the public first page.
func (s *Server) home(w http.ResponseWriter, v *visit) error {
	if v.live == nil && len(w.Header().Values("Set-Cookie")) == 0 {
		w.Header().Set("Cache-Control", "private, no-cache")
	}
	s.render(w, v, http.StatusOK, views.Home(s.page(v, "Home"), views.HomeModel{}))
	return nil
}
