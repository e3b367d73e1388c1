package handlers

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"portico/auth"
	"portico/views"
)

// A form that keeps its text loses none when its session ended by time. It is
// answered with a page that holds the text sealed for the person it was drawn
// for; once they have signed in, in another tab, they send it again. Nothing
// is ever sent again by itself. Any other refusal of such a form shows the
// text, to be copied.

const (
	fieldHeld = "held"
	fieldTag  = "tag"
)

// heldAddress is what a held form is bound to besides its person.
func heldAddress(v *visit) string { return eventOf(v.r).pattern + " " + v.r.URL.RequestURI() }

// hold answers a form that needs a person who is signed in no more.
func (s *Server) hold(w http.ResponseWriter, v *visit) error {
	if v.visitor.Blocked && wantsPage(v.r) {
		return s.answer(w, v, s.Flow.Require(v.r, &v.visitor))
	}
	if len(v.keeps) == 0 || v.drawnFor == "" || v.visitor.SignedOut || !wantsPage(v.r) {
		return problem(http.StatusUnauthorized, nil)
	}
	if err := s.unseal(v); err != nil {
		return err
	}
	fields := maps.Clone(v.r.PostForm)
	delete(fields, fieldTag)
	m := s.heldForm(v)
	var err error
	if m.Sealed, err = s.Flow.HoldForm(v.drawnFor, heldAddress(v), fields); errors.Is(err, auth.ErrTooLong) {
		m.Written = written(v)
	} else if err != nil {
		return err
	}
	eventOf(v.r).outcome = "held"
	s.render(w, v, http.StatusUnauthorized, views.HeldForm(s.page(v, "You were signed out"), m))
	return nil
}

// unseal puts back what a held form holds, as if it were posted now. It opens
// for the person it was drawn for only.
func (s *Server) unseal(v *visit) error {
	sealed := v.r.PostForm.Get(fieldHeld)
	if sealed == "" || len(v.keeps) == 0 {
		return nil
	}
	fields, err := s.Flow.HeldForm(v.drawnFor, heldAddress(v), sealed)
	if err != nil {
		return problem(http.StatusGone, fmt.Errorf("a held form: %w", err))
	}
	fields[fieldTag] = v.r.PostForm[fieldTag]
	v.r.PostForm = fields
	v.r.Form = maps.Clone(fields)
	for name, values := range v.r.URL.Query() {
		v.r.Form[name] = append(v.r.Form[name], values...)
	}
	return nil
}

// heldForm is the form that sends a held text again.
func (s *Server) heldForm(v *visit) views.HeldFormModel {
	return views.HeldFormModel{
		Action: v.r.URL.RequestURI(), Sealed: v.r.PostForm.Get(fieldHeld), Tag: v.r.PostForm.Get(fieldTag),
		SignInHref: "/auth/login?next=" + url.QueryEscape("/dashboard"),
	}
}

// written is what a person wrote in a form that was refused. What is sealed
// stays so.
func written(v *visit) []views.Written {
	var all []views.Written
	for _, name := range v.keeps {
		for _, text := range v.r.PostForm[name] {
			if strings.TrimSpace(text) != "" {
				all = append(all, views.Written{Label: capital(strings.ReplaceAll(name, "_", " ")), Text: text})
			}
		}
	}
	return all
}
