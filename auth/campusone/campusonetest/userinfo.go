package campusonetest

import (
	"net/http"
	"strings"
)

// userinfo answers with the person's claims as they are now, not as they
// were when the token was given.
func (s *Server) userinfo(w http.ResponseWriter, r *http.Request) {
	g, p, ok := s.bearer(r)
	if !ok {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		writeError(w, http.StatusUnauthorized, "invalid_token", "the access token is not good, or no longer")
		return
	}
	q := s.Quirks()
	claims := profileClaims(p, g, q, q.RoleClaims.inUserinfo())
	claims["sub"] = p.Sub
	if edit := s.fault().Userinfo.Claims; edit != nil {
		edit(claims)
	}
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusOK, claims)
}

// bearer finds the person behind the access token of a request.
func (s *Server) bearer(r *http.Request) (grant, Person, bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return grant{}, Person{}, false
	}
	g, ok := s.vault.accessGrant(strings.TrimSpace(token))
	if !ok {
		return grant{}, Person{}, false
	}
	p, ok := s.people.find(g.sub)
	return g, p, ok
}
