package campusonetest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// endSession signs the person out of the provider: sessions and tokens go,
// the webhook is sent, and the browser goes on to a registered address.
func (s *Server) endSession(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		s.pages.problem(w, http.StatusBadRequest, "The request cannot be read.")
		return
	}
	client, known := s.client(clientOf(r.Form))
	after := r.Form.Get("post_logout_redirect_uri")
	if after != "" && (!known || !slices.Contains(client.RedirectURIs, after)) {
		s.pages.problem(w, http.StatusBadRequest, "The post_logout_redirect_uri is not one that the application has registered.")
		return
	}
	s.signOutHere(w, r)
	if after == "" {
		s.pages.notice(w, "Signed out", "You are signed out of the stand-in for Campus One.")
		return
	}
	leave(w, r, withState(after, r.Form.Get("state")))
}

// signOutHere ends the session that the browser carries.
func (s *Server) signOutHere(w http.ResponseWriter, r *http.Request) {
	if here, _, ok := s.visitor(r); ok {
		s.vault.endUser(here.sub)
		s.tell("session.signed_out", map[string]any{"user_id": here.sub})
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// clientOf takes the client from client_id or from the hint's audience. The
// hint's signature does not matter here: it grants nothing.
func clientOf(form url.Values) string {
	if id := form.Get("client_id"); id != "" {
		return id
	}
	parts := strings.Split(form.Get("id_token_hint"), ".")
	if len(parts) != 3 {
		return ""
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var claims struct {
		Audience string `json:"aud"`
	}
	if json.Unmarshal(payload, &claims) != nil {
		return ""
	}
	return claims.Audience
}

func withState(target, state string) string {
	if state == "" {
		return target
	}
	sep := "?"
	if strings.Contains(target, "?") {
		sep = "&"
	}
	return target + sep + url.Values{"state": {state}}.Encode()
}
