package campusonetest

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"strings"
)

// token is the token endpoint. Its statuses are Better Auth's: 401 where
// RFC 6749 says 400.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		writeError(w, http.StatusBadRequest, "invalid_request", "the body is not a form")
		return
	}
	if code := s.fault().Token.refusal(r.PostForm.Get("grant_type")); code != "" {
		s.vault.takeCode(r.PostForm.Get("code"))
		writeError(w, http.StatusBadRequest, code, "a switched fault")
		return
	}
	switch r.PostForm.Get("grant_type") {
	case "authorization_code":
		s.exchange(w, r)
	case "refresh_token":
		s.refresh(w, r)
	default:
		writeError(w, http.StatusBadRequest, "unsupported_grant_type", "unsupported grant type")
	}
}

func (f TokenFault) refusal(grantType string) string {
	if f.ErrorOnRefresh != "" && grantType == "refresh_token" {
		return f.ErrorOnRefresh
	}
	return f.Error
}

// exchange turns a code into tokens. The code is burnt first: no failure
// leaves it usable.
func (s *Server) exchange(w http.ResponseWriter, r *http.Request) {
	g, ok := s.vault.takeCode(r.PostForm.Get("code"))
	client, known := s.authenticate(r)
	_, alive := s.people.find(g.sub)
	switch {
	case !known:
		writeError(w, http.StatusUnauthorized, "invalid_client", "invalid client_id or client_secret")
	case !ok || !alive || g.client != client.ID:
		writeError(w, http.StatusUnauthorized, "invalid_grant", "invalid code")
	case g.redirect != r.PostForm.Get("redirect_uri"):
		writeError(w, http.StatusUnauthorized, "invalid_client", "invalid redirect_uri")
	case !s.fault().Token.AnyVerifier && !verifies(r.PostForm.Get("code_verifier"), g.challenge):
		writeError(w, http.StatusUnauthorized, "invalid_request", "code verification failed")
	default:
		g.family = rand.Text()
		s.answerTokens(w, g, client, g.has("openid"))
	}
}

func (s *Server) refresh(w http.ResponseWriter, r *http.Request) {
	client, known := s.authenticate(r)
	if !known {
		writeError(w, http.StatusUnauthorized, "invalid_client", "invalid client_id or client_secret")
		return
	}
	g, ok := s.vault.spendRefresh(r.PostForm.Get("refresh_token"), client.ID)
	if _, alive := s.people.find(g.sub); !ok || !alive {
		writeError(w, http.StatusUnauthorized, "invalid_grant", "invalid refresh token")
		return
	}
	s.answerTokens(w, g, client, s.Quirks().RefreshWithIDToken)
}

// authenticate takes the secret from the form; from the Authorization header
// only where the quirk allows it.
func (s *Server) authenticate(r *http.Request) (Client, bool) {
	id, secret := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	if user, password, basic := r.BasicAuth(); basic {
		if !s.Quirks().BasicAllowed {
			return Client{}, false
		}
		id, secret = user, password
	}
	client, ok := s.client(id)
	return client, ok && subtle.ConstantTimeCompare([]byte(client.Secret), []byte(secret)) == 1
}

func verifies(verifier, challenge string) bool {
	sum := sha256.Sum256([]byte(verifier))
	return verifier != "" && base64.RawURLEncoding.EncodeToString(sum[:]) == challenge
}

func (s *Server) answerTokens(w http.ResponseWriter, g grant, client Client, withIDToken bool) {
	access, refresh := s.vault.issueTokens(g, g.has("offline_access") && !s.Quirks().NoRefreshToken)
	answer := map[string]any{
		"access_token": access, "token_type": "Bearer", "expires_in": int(accessLife.Seconds()),
		"scope": strings.Join(g.scopes, " "),
	}
	if refresh != "" {
		answer["refresh_token"] = refresh
	}
	if withIDToken {
		idToken, err := s.idToken(g, client, access)
		if err != nil {
			writeError(w, http.StatusInternalServerError, "server_error", err.Error())
			return
		}
		answer["id_token"] = idToken
	}
	if edit := s.fault().Token.Edit; edit != nil {
		edit(answer)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Pragma", "no-cache")
	writeJSON(w, http.StatusOK, answer)
}
