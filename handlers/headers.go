package handlers

import (
	"net/http"
	"slices"
	"strings"
)

// headerSet is what every answer carries, made once.
type headerSet struct {
	policy string
	https  bool
	values []headerValue
}

// headerValue is a header as net/http keeps it: all answers share the list,
// which is replaced when an answer needs another value, and never changed.
type headerValue struct {
	name string
	list []string
}

// newHeaderSet builds the Content-Security-Policy: nothing but our own style,
// script, pictures and forms. Forms may also lead to Campus One, since
// Chromium applies form-action to the redirects that follow a form.
func newHeaderSet(c Config) headerSet {
	forms := []string{"'self'"}
	for _, o := range append([]string{c.ProviderOrigin}, c.FormOrigins...) {
		if !slices.Contains(forms, o) {
			forms = append(forms, o)
		}
	}
	set := headerSet{
		policy: "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action " + strings.Join(forms, " "),
		https:  c.AppURL.Scheme == "https",
	}
	for _, h := range [][2]string{
		{"Content-Security-Policy", set.policy},
		{"X-Content-Type-Options", "nosniff"},
		{"Referrer-Policy", "same-origin"},
		{"Cross-Origin-Opener-Policy", "same-origin"},
		{"Cross-Origin-Resource-Policy", "same-origin"},
		{"Permissions-Policy", "camera=(), microphone=()"},
		{"Cache-Control", "no-store"},
	} {
		set.values = append(set.values, headerValue{h[0], []string{h[1]}})
	}
	if set.https {
		set.values = append(set.values, headerValue{"Strict-Transport-Security", []string{"max-age=31536000"}})
	}
	return set
}

func (s *Server) withHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for _, v := range s.header.values {
			h[v.name] = v.list[:1:1] // an added value gets a list of its own
		}
		next.ServeHTTP(w, r)
	})
}

// keptWithThePage are the headers that belong to a stored page. A 304 leaves
// them as they are stored (RFC 9110, section 15.4.5; RFC 9111, section 3.2),
// so repeating them would only make it three times as heavy.
var keptWithThePage = []string{
	"Content-Security-Policy", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Permissions-Policy",
}
