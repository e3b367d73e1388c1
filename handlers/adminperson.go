package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"portico/auth"
	"portico/db"
	"portico/views"
)

// personOf is the living person whom the address names.
func (s *Server) personOf(v *visit) (db.User, error) {
	u, err := s.DB.User(v.r.Context(), v.r.PathValue("id"))
	if errors.Is(err, db.ErrNotFound) || err == nil && !u.Deleted.IsZero() {
		return u, problem(http.StatusNotFound, nil)
	}
	return u, err
}

// by is who does something by hand, and when.
func (s *Server) by(v *visit) db.Ending { return db.Ending{By: v.live.User.ID, At: s.Now()} }

// endSession ends one session of a person.
func (s *Server) endSession(w http.ResponseWriter, v *visit) error {
	u, err := s.personOf(v)
	if err != nil {
		return err
	}
	err = s.DB.EndSessionByID(v.r.Context(), u.ID, v.r.PathValue("session"), s.by(v))
	if errors.Is(err, db.ErrNotFound) {
		return problem(http.StatusNotFound, err)
	}
	return s.personDone(w, v, &u, err, "Signed out there. It counts at that device’s next click.")
}

// endSessions ends all sessions of a person.
func (s *Server) endSessions(w http.ResponseWriter, v *visit) error {
	u, err := s.personOf(v)
	if err == nil {
		_, err = s.DB.EndPerson(v.r.Context(), u.ID, s.by(v))
	}
	return s.personDone(w, v, &u, err, "Signed out everywhere. Nobody is signed in again there unasked.")
}

// blockPerson keeps a person out, for a reason.
func (s *Server) blockPerson(w http.ResponseWriter, v *visit) error {
	u, err := s.personOf(v)
	if err != nil {
		return err
	}
	typed := v.r.PostForm.Get("reason")
	reason := strings.Join(strings.Fields(typed), " ")
	why := poorReason(reason, "you block them")
	if u.ID == v.live.User.ID {
		why = "You cannot block yourself."
	}
	if why == "" {
		err = s.DB.Block(v.r.Context(), u.Provider, u.Sub, v.live.User.ID, reason, s.Now())
		if errors.Is(err, db.ErrLastManager) {
			why = lastManager(&u)
		}
	}
	if why != "" {
		return s.drawPerson(w, v, http.StatusUnprocessableEntity, typed, []views.Problem{{Field: "reason", Text: why}})
	}
	return s.personDone(w, v, &u, err, "Blocked, and signed out everywhere.")
}

// unblockPerson lets a person sign in again, for a reason.
func (s *Server) unblockPerson(w http.ResponseWriter, v *visit) error {
	u, err := s.personOf(v)
	if err != nil {
		return err
	}
	typed := v.r.PostForm.Get("reason")
	reason := strings.Join(strings.Fields(typed), " ")
	if why := poorReason(reason, "they are let in again"); why != "" {
		return s.drawPerson(w, v, http.StatusUnprocessableEntity, typed, []views.Problem{{Field: "reason", Text: why}})
	}
	err = s.DB.Unblock(v.r.Context(), u.Provider, u.Sub, v.live.User.ID, reason, s.Now())
	return s.personDone(w, v, &u, err, "They may sign in again.")
}

// grantPerson gives a permission by name.
func (s *Server) grantPerson(w http.ResponseWriter, v *visit) error {
	u, err := s.personOf(v)
	if err != nil {
		return err
	}
	p := auth.Permission(v.r.PostForm.Get("permission"))
	if !slices.Contains(grantable, p) {
		return problem(http.StatusBadRequest, fmt.Errorf("permission is %q, it must be manage, publish or reports", p))
	}
	why := ""
	err = s.DB.GrantPerson(v.r.Context(), u.ID, string(p), v.live.User.ID, s.Now())
	switch {
	case errors.Is(err, db.ErrUnverified):
		why = "Campus One has not confirmed an e-mail address of theirs, and a permission is kept under one. Ask them to confirm it there and to sign in again."
	case errors.Is(err, db.ErrHeldByAnother):
		why = "Somebody else holds this permission by the address " + u.Email() + ". Take it back from them first."
	}
	if why != "" {
		return s.drawPerson(w, v, http.StatusUnprocessableEntity, "", []views.Problem{{Field: "permission", Text: why}})
	}
	return s.personDone(w, v, &u, err, "Given. It acts at their next click.")
}

// revokePerson takes a permission back that was given by name to this person.
func (s *Server) revokePerson(w http.ResponseWriter, v *visit) error {
	u, err := s.personOf(v)
	if err != nil {
		return err
	}
	permission, email := v.r.PostForm.Get("permission"), v.r.PostForm.Get("email")
	held, err := s.DB.GrantsOf(v.r.Context(), u.Provider, u.Sub)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(held, func(g db.Grant) bool { return g.Permission == permission && g.Email == email }) {
		return s.personDone(w, v, &u, nil, "Nothing was done: they do not hold it any more.")
	}
	err = s.DB.Revoke(v.r.Context(), permission, email, v.live.User.ID, s.Now())
	if errors.Is(err, db.ErrLastManager) {
		return s.drawPerson(w, v, http.StatusUnprocessableEntity, "", []views.Problem{{Field: "may", Text: lastManager(&u)}})
	}
	return s.personDone(w, v, &u, err, "Taken back. It acts at their next click.")
}

// lastManager says what to do before the last manager may go.
func lastManager(u *db.User) string {
	return nameOf(u) + " is the last person who may manage the portal by name. Give that to somebody else first."
}

// personDone shows the person again, with a word on what was done.
func (s *Server) personDone(w http.ResponseWriter, v *visit, u *db.User, err error, word string) error {
	if err != nil {
		return err
	}
	return s.done(w, v, managePath+"/"+u.ID, word)
}
