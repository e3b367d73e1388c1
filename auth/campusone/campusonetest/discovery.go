package campusonetest

import (
	"encoding/json"
	"fmt"
	"net/http"
)

const (
	endSessionPath    = "/api/auth/oauth2/endsession"
	newEndSessionPath = "/api/auth/oauth2/end-session"
)

// discovery answers with the provider's metadata.
func (s *Server) discovery(w http.ResponseWriter, _ *http.Request) {
	doc := s.document()
	if edit := s.fault().Discovery.Edit; edit != nil {
		edit(doc)
	}
	writeJSON(w, http.StatusOK, doc)
}

func (s *Server) document() map[string]any {
	q := s.Quirks()
	doc := map[string]any{
		"issuer":                                s.Issuer(),
		"authorization_endpoint":                s.base + "/api/auth/oauth2/authorize",
		"token_endpoint":                        s.base + "/api/auth/oauth2/token",
		"userinfo_endpoint":                     s.base + "/api/auth/oauth2/userinfo",
		"jwks_uri":                              s.base + "/api/auth/jwks",
		"end_session_endpoint":                  s.base + endSessionPath,
		"scopes_supported":                      []string{"openid", "profile", "email", "offline_access", "academic", "calendar", "notifications", "roles", "events"},
		"response_types_supported":              []string{"code"},
		"response_modes_supported":              []string{"query"},
		"grant_types_supported":                 []string{"authorization_code", "refresh_token"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{string(s.opt.Alg)},
		"token_endpoint_auth_methods_supported": []string{"client_secret_post"},
		"code_challenge_methods_supported":      []string{"S256"},
		"claims_supported": []string{
			"sub", "iss", "aud", "exp", "iat", "nonce", "name", "email", "email_verified", "picture",
			"role", "roles", "custom_roles", "student_id", "study_level", "level",
		},
	}
	if q.NewEndSession {
		doc["end_session_endpoint"] = s.base + newEndSessionPath
	}
	if q.BasicAllowed {
		doc["token_endpoint_auth_methods_supported"] = []string{"client_secret_post", "client_secret_basic"}
	}
	if q.ResponseIssuer {
		doc["authorization_response_iss_parameter_supported"] = true
	}
	return doc
}

// jwks answers with the public keys.
func (s *Server) jwks(w http.ResponseWriter, _ *http.Request) {
	set, err := s.keySet()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if edit := s.fault().JWKS.Edit; edit != nil {
		edit(set)
	}
	writeJSON(w, http.StatusOK, set)
}

func (s *Server) keySet() (map[string]any, error) {
	list := []any{}
	for _, k := range s.keys.published() {
		jwk := k.jwk()
		if s.fault().JWKS.Foreign {
			jwk.Key = s.keys.foreign.jwk().Key
		}
		text, err := json.Marshal(jwk)
		if err != nil {
			return nil, fmt.Errorf("writing a public key: %w", err)
		}
		var member map[string]any
		if err := json.Unmarshal(text, &member); err != nil {
			return nil, fmt.Errorf("reading a public key back: %w", err)
		}
		list = append(list, member)
	}
	return map[string]any{"keys": list}, nil
}
