package campusone

import (
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Metadata is what discovery says, as far as it concerns us, after checking.
type Metadata struct {
	Issuer         string
	Authorize      string
	Token          string
	Userinfo       string // "" when there is none
	Keys           string
	EndSession     string // "" when there is none
	ResponseIssuer bool   // each authorization response carries iss (RFC 9207)
	Scopes         []string
	AuthMethods    []string // how clients may authenticate at the token endpoint
	Algorithms     []string // how id_tokens may be signed
	At             time.Time
}

// parseMetadata reads a discovery document that came from address and accepts
// it only for one of the allowed issuers, with every endpoint at home.
func parseMetadata(body []byte, address string, issuers []string) (Metadata, error) {
	doc, err := parseObject(body)
	if err != nil {
		return Metadata{}, refused("discovery_json")
	}
	m := Metadata{
		ResponseIssuer: doc.flag("authorization_response_iss_parameter_supported"),
		Scopes:         doc.strs("scopes_supported"),
		AuthMethods:    doc.strs("token_endpoint_auth_methods_supported"),
		Algorithms:     doc.strs("id_token_signing_alg_values_supported"),
	}
	m.Issuer, _ = doc.str("issuer")
	if m.Issuer == "" || !slices.Contains(issuers, m.Issuer) {
		return Metadata{}, refused("issuer")
	}
	return m, m.takeEndpoints(doc, address)
}

func (m *Metadata) takeEndpoints(doc object, address string) error {
	homes := []string{hostOf(m.Issuer), hostOf(address)}
	for _, e := range []struct {
		name     string
		into     *string
		required bool
	}{
		{"authorization_endpoint", &m.Authorize, true},
		{"token_endpoint", &m.Token, true},
		{"jwks_uri", &m.Keys, true},
		{"userinfo_endpoint", &m.Userinfo, false},
		{"end_session_endpoint", &m.EndSession, false},
	} {
		text, _ := doc.str(e.name)
		if text == "" && !e.required {
			continue
		}
		if !safeAddress(text) || !slices.Contains(homes, hostOf(text)) {
			return refused("endpoint_host")
		}
		*e.into = text
	}
	return nil
}

// safeAddress accepts https, or http on this very machine.
func safeAddress(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// hostOf is an address's host and port, or "" if it has none.
func hostOf(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return authority(u)
}

// authority is host and port in lower case, the default port written out.
func authority(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// originOf is scheme and host of an issuer: the name under which its people
// are known, so that a change of the issuer's path loses nobody.
func originOf(issuer string) string {
	u, err := url.Parse(issuer)
	if err != nil {
		return issuer
	}
	return u.Scheme + "://" + u.Host
}
