package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portico/cmd/internal/portal"
)

// newWard is a rehearsal against a provider that answers as told.
func newWard(t *testing.T, provider http.HandlerFunc) (*ward, document) {
	t.Helper()
	s := httptest.NewServer(provider)
	t.Cleanup(s.Close)
	c := &portal.Config{AppURL: &url.URL{Scheme: "https", Host: "portal.example.edu"}}
	c.CampusOne = portal.CampusOne{ClientID: "app", ClientSecret: "hidden-secret", AuthMethod: "post", DiscoveryURL: s.URL + "/d", Scopes: []string{"openid", "email"}}
	w := &ward{config: c, envFile: "my.env", client: newClient(), now: time.Now, report: func(finding) {}}
	return w, document{Issuer: s.URL, Authorize: s.URL + "/authorize", Token: s.URL + "/token", Keys: s.URL + "/keys"}
}

// saw joins what was found, for a look at levels and words.
func (w *ward) saw() string {
	var lines []string
	for _, f := range w.findings {
		lines = append(lines, fmt.Sprintf("%s %s: %s -> %s", f.Level, f.Check, f.Seen, f.Fix))
	}
	return strings.Join(lines, "\n")
}

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

func TestDoctorClientSecret(t *testing.T) {
	for _, tt := range []struct {
		status int
		body   string
		want   string
	}{
		{401, `{"error":"invalid_grant"}`, "ok client secret: accepted, sent by post"},
		{400, `{"error":"invalid_client"}`, "failed client secret: Campus One refuses"},
		{401, `{"error":"unauthorized_client"}`, "failed client secret: Campus One refuses"},
		{429, `slow down`, `warning client secret: cannot be told: Campus One answered 429 ""`},
		{500, `{"error":"server_error"}`, `warning client secret: cannot be told: Campus One answered 500 "server_error"`},
	} {
		w, doc := newWard(t, says(tt.status, tt.body))
		w.clientSecret(t.Context(), doc)
		if got := w.saw(); !strings.HasPrefix(got, tt.want) || strings.Contains(got, "hidden-secret") {
			t.Errorf("%d %s: got %s, want %s", tt.status, tt.body, got, tt.want)
		}
	}
}

// The secret goes where the method says, and there alone.
func TestDoctorSendsSecret(t *testing.T) {
	for method, want := range map[string]string{"post": "form=true basic=false", "basic": "form=false basic=true"} {
		var got string
		w, doc := newWard(t, func(w http.ResponseWriter, r *http.Request) {
			_, _, basic := r.BasicAuth()
			got = fmt.Sprintf("form=%t basic=%t", r.PostFormValue("client_secret") == "hidden-secret", basic)
			fmt.Fprint(w, `{"error":"invalid_client"}`)
		})
		w.config.CampusOne.AuthMethod = method
		doc.AuthMethods = []string{map[string]string{"post": "client_secret_basic", "basic": "client_secret_post"}[method]}
		w.clientSecret(t.Context(), doc)
		other := map[string]string{"post": "basic", "basic": "post"}[method]
		if got != want || !strings.HasSuffix(w.saw(), "-> in my.env set CAMPUS_ONE_AUTH_METHOD="+other) {
			t.Errorf("%s: got %s, %s", method, got, w.saw())
		}
	}
}

func TestDoctorRedirect(t *testing.T) {
	back := "https://portal.example.edu/auth/callback?"
	for name, tt := range map[string]struct {
		status   int
		location string
		want     string
	}{
		"registered":    {302, back + "error=login_required", "ok redirect address: https://portal.example.edu/auth/callback is registered -> \nok granted scopes: not refused"},
		"scope":         {302, back + "error=invalid_scope", "failed granted scopes: Campus One refuses the scopes"},
		"strange":       {302, back + "error=server_error", `warning granted scopes: Campus One answered "server_error"`},
		"own page":      {302, "/sign-in?x=1", "warning redirect address: Campus One showed a page of its own"},
		"sibling":       {302, "https://portal.example.edu/auth/callback-not?error=x", "warning redirect address: Campus One showed a page of its own"},
		"shown at once": {200, "", "warning redirect address: Campus One showed a page of its own"},
		"refused":       {400, "", "failed redirect address: Campus One answered 400 and did not send back"},
		"busy":          {429, "", "warning redirect address: Campus One's sign-in answered 429"},
	} {
		w, doc := newWard(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("prompt") != "none" || r.URL.Query().Has("max_age") || r.URL.Query().Get("code_challenge_method") != "S256" {
				t.Errorf("%s: asked with %s", name, r.URL.RawQuery)
			}
			if tt.location != "" {
				w.Header().Set("Location", tt.location)
			}
			w.WriteHeader(tt.status)
		})
		w.redirect(t.Context(), doc)
		if got := w.saw(); !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
	}
}

func TestDoctorDiscovery(t *testing.T) {
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"not found": {says(404, "no"), "failed discovery"},
		"a page":    {says(200, "<html>"), "failed discovery"},
		"empty":     {says(200, "{}"), "failed discovery"},
		"good":      {says(200, `{"issuer":"x","authorization_endpoint":"a","token_endpoint":"b"}`), "ok discovery"},
		"a hop":     {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, "failed discovery"},
	} {
		w, _ := newWard(t, tt.answer)
		_, found := w.discovery(t.Context())
		if got := w.saw(); !strings.HasPrefix(got, tt.want) || found != strings.HasPrefix(tt.want, "ok") {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

func TestDoctorKeys(t *testing.T) {
	for body, want := range map[string]string{
		`{"keys":[{"kty":"OKP"},{"kty":"oct"}]}`: "ok keys: 1 at", `{"keys":[{"kty":"oct"}]}`: "failed keys", `{"keys":[]}`: "failed keys", `nonsense`: "failed keys",
	} {
		w, doc := newWard(t, says(200, body))
		w.keys(t.Context(), doc)
		if !strings.HasPrefix(w.saw(), want) {
			t.Errorf("%s: got %s, want %s", body, w.saw(), want)
		}
	}
}

func TestDoctorClock(t *testing.T) {
	now := time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	for apart, want := range map[time.Duration]level{0: ok, 30 * time.Second: ok, 31 * time.Second: warning, -2 * time.Minute: warning, 6 * time.Minute: failed, -6 * time.Minute: failed} {
		w, _ := newWard(t, says(200, ""))
		w.clock(now.Add(apart).Format(http.TimeFormat), now)
		if w.findings[0].Level != want {
			t.Errorf("%s: got %s", apart, w.saw())
		}
	}
	w, _ := newWard(t, says(200, ""))
	w.clock("", now)
	if w.findings[0].Level != warning {
		t.Errorf("no date: got %s", w.saw())
	}
}

func TestDoctorLists(t *testing.T) {
	w, _ := newWard(t, says(200, ""))
	w.algorithms(document{Algorithms: []string{"HS256", "PS512"}})
	w.algorithms(document{})
	w.algorithms(document{Algorithms: []string{"EdDSA"}})
	w.scopes(document{Scopes: []string{"openid"}})
	w.scopes(document{})
	want := []level{failed, warning, ok, warning, ok}
	for i, f := range w.findings {
		if f.Level != want[i] {
			t.Errorf("line %d is not %s: %s", i, want[i], w.saw())
		}
	}
	if !strings.Contains(w.saw(), "in my.env set CAMPUS_ONE_SCOPES='openid'") {
		t.Errorf("the line to change is missing: %s", w.saw())
	}
}

func TestDoctorNotices(t *testing.T) {
	for scopes, want := range map[string]string{
		"openid offline_access": "asked for notifications -> ", "openid notifications": "asked for offline_access -> ", "openid": "asked for notifications and offline_access -> ",
		"openid offline_access notifications": "",
	} {
		w, _ := newWard(t, says(200, ""))
		w.config.CampusOne.Scopes = strings.Fields(scopes)
		if w.notices(); w.saw() != "" {
			t.Errorf("%s, switched off: %s", scopes, w.saw())
		}
		w.config.Portico.Notifications = true
		w.notices()
		if got := w.saw(); (got == "") != (want == "") || !strings.Contains(got, want) || want != "" && !strings.HasPrefix(got, "warning notices in Campus One") {
			t.Errorf("%s: %s", scopes, got)
		}
	}
}

func TestDoctorRights(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for mode, want := range map[os.FileMode]level{0o600: ok, 0o400: ok, 0o640: warning, 0o644: failed, 0o602: failed} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		w, _ := newWard(t, says(200, ""))
		w.rights("file", path)
		if w.findings[0].Level != want {
			t.Errorf("%04o: got %s", mode, w.saw())
		}
	}
}

// What a server says can neither write lines nor show an address's query.
func TestDoctorForeignWords(t *testing.T) {
	if got := plainLine("a\nb\x1b[31m"); got != "a b [31m" {
		t.Errorf("got %q", got)
	}
	err := &url.Error{Op: "Get", URL: "https://x.example/?code=hidden", Err: errors.New("refused\nagain")}
	if got := unreachable(err); got != "refused; again" {
		t.Errorf("got %q", got)
	}
}
