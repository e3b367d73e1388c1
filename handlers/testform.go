package handlers

import (
	"net/http"

	"github.com/a-h/templ"

	"portico/auth"
	"portico/views"
)

// TestForm is a page with a form that a test adds to the portal's routes, to
// prove in the real router what holds for every form. No program sets one.
type TestForm struct {
	Path  string
	Keeps []string // as in the route table
	Draw  func(views.Page) templ.Component
	Take  func(userID string, r *http.Request)
}

func (f TestForm) routes() []route {
	show := func(s *Server, w http.ResponseWriter, v *visit) error {
		s.render(w, v, http.StatusOK, f.Draw(s.page(v, "Test form")))
		return nil
	}
	take := func(s *Server, w http.ResponseWriter, v *visit) error {
		f.Take(v.live.User.ID, v.r)
		s.redirect(w, v, auth.Outcome{Location: f.Path, Reason: "taken"})
		return nil
	}
	return []route{
		{pattern: "GET " + f.Path, gate: signedIn, page: true, do: show},
		{pattern: "POST " + f.Path, gate: signedIn, do: take, keeps: f.Keeps},
	}
}
