package handlers

import (
	"fmt"
	"net/http"

	"portico/auth"
	"portico/views"
)

// login starts a sign-in by address: silently with prompt=none, as the
// original design had it.
func (s *Server) login(w http.ResponseWriter, v *visit) error {
	q := v.r.URL.Query()
	next := auth.ReturnPath(q.Get("next"), s.isPage)
	if v.live != nil {
		s.redirect(w, v, auth.Outcome{Location: next, Reason: "already"})
		return nil
	}
	if !auth.IsDocument(v.r) {
		return problem(http.StatusUnauthorized, nil)
	}
	if q.Get("prompt") != "none" {
		return s.answer(w, v, s.Flow.Interactive(v.r, &v.visitor, nil, next))
	}
	out, gone := s.Flow.CheckSilentlyFor(v.r, &v.visitor, next)
	if !gone {
		out = auth.Outcome{Location: next, Reason: "skipped"}
	}
	s.redirect(w, v, out)
	return nil
}

// begin answers the sign-in button.
func (s *Server) begin(w http.ResponseWriter, v *visit) error {
	next := v.r.PostForm.Get("next")
	if v.live != nil {
		s.redirect(w, v, auth.Outcome{Location: auth.ReturnPath(next, s.isPage), Reason: "already"})
		return nil
	}
	if !wantsPage(v.r) { // a script's request would only get lost on the way
		return problem(http.StatusUnauthorized, nil)
	}
	return s.answer(w, v, s.Flow.Begin(v.r, &v.visitor, nil, next))
}

func (s *Server) callback(w http.ResponseWriter, v *visit) error {
	return s.answer(w, v, s.Flow.Callback(v.r, &v.visitor, v.live))
}

// whoami is the JSON of /auth/me; absent values are null.
type whoami struct {
	Sub       string   `json:"sub"`
	Email     *string  `json:"email"`
	Name      *string  `json:"name"`
	Role      *string  `json:"role"`
	Roles     []string `json:"roles"`
	StudentID *string  `json:"student_id"`
}

func (s *Server) me(w http.ResponseWriter, v *visit) error {
	if v.live == nil {
		writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "Not signed in"})
		return nil
	}
	u := v.live.User
	writeJSON(w, http.StatusOK, whoami{
		Sub: u.Sub, Email: orNull(u.Email()), Name: orNull(u.Name()), Role: orNull(u.Role()), Roles: u.Roles(), StudentID: orNull(u.Get("student_id")),
	})
	return nil
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// logout ends the session here, first and always.
func (s *Server) logout(w http.ResponseWriter, v *visit) error {
	parked := ""
	if v.live != nil {
		parked = s.Flow.ParkIDToken(v.r, v.live)
		if err := s.Guard.End(v.r.Context(), v.live, "signed out"); err != nil {
			return problem(http.StatusServiceUnavailable, err)
		}
	}
	for _, c := range s.Flow.SignOut(parked) {
		http.SetCookie(w, c)
	}
	if !wantsPage(v.r) {
		writeJSON(w, http.StatusOK, map[string]bool{"ok": true})
		return nil
	}
	s.redirect(w, v, auth.Outcome{Location: "/auth/signed-out", Reason: "signed_out"})
	return nil
}

func (s *Server) signedOut(w http.ResponseWriter, v *visit) error {
	if v.live != nil {
		s.redirect(w, v, auth.Outcome{Location: "/dashboard", Reason: "already"})
		return nil
	}
	var taken *http.Cookie
	if v.flash, taken = s.Flow.TakeFlash(v.r); taken != nil {
		http.SetCookie(w, taken)
	}
	m := views.SignedOutModel{Shared: v.visitor.Shared, Next: "/dashboard"}
	if s.ProviderLogout && s.Flow.CanLeaveProvider(&v.visitor) {
		m.ProviderLogout = "/auth/logout/campus-one"
	}
	s.render(w, v, http.StatusOK, views.SignedOut(s.page(v, "You are signed out"), m))
	return nil
}

// leaveProvider sends the browser to sign out of Campus One too. It comes in
// a tab of its own, since some providers answer with bare JSON.
func (s *Server) leaveProvider(w http.ResponseWriter, v *visit) error {
	location, ok := s.Flow.LeaveProvider(v.r.Context(), &v.visitor)
	if !ok {
		location = "/auth/signed-out"
	}
	s.redirect(w, v, auth.Outcome{Location: location, Reason: "leave_provider"})
	return nil
}

// shared remembers whether many people use this computer.
func (s *Server) shared(w http.ResponseWriter, v *visit) error {
	value := v.r.PostForm.Get("shared")
	if value != "on" && value != "off" {
		return problem(http.StatusBadRequest, fmt.Errorf("shared is %q, it must be on or off", value))
	}
	location := "/auth/signed-out"
	if v.live != nil {
		location = accountPath
		if err := s.shareSession(w, v, value == "on"); err != nil {
			return err
		}
	}
	http.SetCookie(w, s.Flow.SharedComputer(value == "on"))
	s.redirect(w, v, auth.Outcome{Location: location, Reason: "shared_" + value})
	return nil
}

// shareSession makes the switch count for the session that lives already. One
// that was shortened stays so: it began on a computer called shared.
func (s *Server) shareSession(w http.ResponseWriter, v *visit, on bool) error {
	if !on {
		http.SetCookie(w, s.Flow.Flash("This browser is your own again. That counts from your next sign-in on."))
		return nil
	}
	cookie, err := s.Guard.Share(v.r, v.live)
	if err != nil {
		return err
	}
	http.SetCookie(w, cookie)
	http.SetCookie(w, s.Flow.Flash("This browser is marked as a shared computer. You are signed out here after 20 minutes without use."))
	return nil
}

// signInMessage is what people read when a sign-in ends on a page.
func (s *Server) signInMessage(out auth.Outcome) views.MessageModel {
	again := views.Action{Label: "Try again", Href: "/auth/login", Primary: true, Post: true, Next: out.Next}
	without := views.Action{Label: "Continue without signing in", Href: "/"}
	switch out.Page {
	case auth.PageElsewhere:
		return views.MessageModel{
			Heading: "Start again here", Text: "This sign-in began in another app or browser, or cookies are blocked here.",
			Actions: []views.Action{{Label: "Start again here", Href: "/auth/login", Primary: true, Post: true, Next: out.Next}},
		}
	case auth.PageLoop:
		return views.MessageModel{
			Heading: "Signing in is going in circles", Text: "Campus One sent you back several times, but this browser did not keep the sign-in. It may be blocking cookies.",
			Steps: []string{"Allow cookies for this site.", "Close private windows and try in a normal one.", "Then try again."}, Actions: []views.Action{again, without},
		}
	case auth.PageUnderWay:
		return views.MessageModel{
			Heading: "Finish signing in", Text: "Signing in to this page has begun and is not done yet. If it is open in another tab, finish it there: this page then opens by itself. Otherwise try again here.",
			Actions: []views.Action{again, without},
		}
	case auth.PageCancelled:
		return views.MessageModel{Heading: "Sign-in was cancelled", Text: "You are not signed in. Public pages are open to you all the same.", Actions: []views.Action{again, without}}
	case auth.PageBusy:
		return views.MessageModel{Heading: "Signing in is busy just now", Text: "It did not finish. Wait half a minute, then try again.", Actions: []views.Action{again, without}}
	case auth.PageAway:
		return views.MessageModel{Heading: "Campus One is not answering", Text: "This page needs you to be signed in, and signing in needs Campus One. You can read public pages; try again in a minute.", Actions: []views.Action{again, without}}
	case auth.PageBlocked:
		again.Primary = false
		return views.MessageModel{
			Heading: "You cannot sign in here", Text: "Access to this portal has been stopped for the account that was used in this browser. Public pages stay open to you.",
			Mistake: true, Actions: []views.Action{{Label: home.Label, Href: home.Href, Primary: true}, again},
		}
	case auth.PageBadRequest:
		return views.MessageModel{Heading: "This link cannot be used", Text: "It is old or incomplete. Start from the first page.", Actions: []views.Action{home}}
	}
	return views.MessageModel{Heading: "Signing in did not work", Text: "Try again. If it happens twice, give the department office the code below.", Actions: []views.Action{again, without}}
}
