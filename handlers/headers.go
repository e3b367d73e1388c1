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
	return headerSet{
		policy: "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action " + strings.Join(forms, " "),
		https:  c.AppURL.Scheme == "https",
	}
}

func (s *Server) withHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", s.header.policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		if s.header.https {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// keptWithThePage are the headers that belong to a stored page. A 304 leaves
// them as they are stored (RFC 9110, section 15.4.5; RFC 9111, section 3.2),
// so repeating them would only make it three times as heavy.
var keptWithThePage = []string{
	"Content-Security-Policy", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Permissions-Policy",
}
