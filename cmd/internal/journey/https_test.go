package journey

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"portico/auth/campusone/campusonetest"
)

// answers keeps every answer of the portal on its way to a browser.
type answers struct {
	next   http.RoundTripper
	portal string
	mu     sync.Mutex
	all    []*http.Response
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := a.next.RoundTrip(r)
	if err == nil && strings.HasPrefix(r.URL.String(), a.portal) {
		a.mu.Lock()
		a.all = append(a.all, res)
		a.mu.Unlock()
	}
	return res, err
}

// onHTTPS runs a journey in both worlds that are on https.
func onHTTPS(t *testing.T, walk func(t *testing.T, w *World)) {
	t.Helper()
	t.Run("own certificate", func(t *testing.T) { walk(t, Start(t, Options{Scheme: HTTPS})) })
	t.Run("behind a proxy", func(t *testing.T) { walk(t, Start(t, Options{Scheme: Proxied})) })
}

// A whole life on https: a silent check, a sign-in, a changed role, a
// sign-out. Every cookie on the way is as it must be, and so is HSTS.
func TestJourneyOverHTTPS(t *testing.T) {
	t.Parallel()
	onHTTPS(t, func(t *testing.T, w *World) {
		p := w.Person(true)
		seen := &answers{next: w.network, portal: w.URL}
		p.client.Transport = seen
		steps := []struct {
			name string
			do   func() error
			path string
			says string
		}{
			{"anonymous", func() error { return p.Visit("/") }, "/", "Sign in"},
			{"sign in", func() error { p.Meet(w.Provider.SessionCookie(campusonetest.SubAmina)); return p.Visit("/dashboard") }, "/dashboard", "Amina Baobab"},
			{"webhook", func() error {
				w.Provider.SetRole(campusonetest.SubAmina, "staff")
				w.settle(t)
				return p.Visit("/admin/reports")
			}, "/admin/reports", "Sign-ins"},
			{"shared computer", func() error { return p.Post("/auth/shared", url.Values{"shared": {"off"}}) }, "/account", "Amina Baobab"},
			{"sign out", func() error { return p.Click("Sign out") }, "/auth/signed-out", "You are signed out"},
			{"it holds", func() error { return p.Visit("/") }, "/", "Sign in"},
			{"sign in again", func() error { return p.Click("Sign in") }, "/dashboard", "Amina Baobab"},
		}
		for _, s := range steps {
			if err := s.do(); err != nil || p.Status != http.StatusOK || p.URL.Path != s.path || !strings.Contains(p.Text(), s.says) {
				t.Fatalf("%s: %d at %s, %v after %v: %s", s.name, p.Status, p.URL, err, p.Hops, p.Text())
			}
		}
		seen.judge(t)
	})
}

func (a *answers) judge(t *testing.T) {
	t.Helper()
	names := map[string]bool{}
	for _, res := range a.all {
		if got := res.Header.Get("Strict-Transport-Security"); got != "max-age=31536000" {
			t.Errorf("%s: HSTS is %q", res.Request.URL.Path, got)
		}
		for _, c := range res.Cookies() {
			names[c.Name] = true
			if !strings.HasPrefix(c.Name, "__Host-") && c.Name != "c1_anon" {
				t.Errorf("%s sets %s: siblings can plant that name", res.Request.URL.Path, c.Name)
			}
			if !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode {
				t.Errorf("%s sets %s", res.Request.URL.Path, c.Raw)
			}
		}
	}
	for _, name := range []string{"__Host-session", "__Host-c1_key", "__Host-c1_try", "__Host-c1_out", "__Host-c1_shared", "c1_anon"} {
		if !names[name] {
			t.Errorf("the journey never met the cookie %s", name)
		}
	}
}

// A sibling under the university's domain can set any cookie without the
// prefix, also with a value that is good under the right name.
func TestPlantedCookiesAreIgnored(t *testing.T) {
	t.Parallel()
	onHTTPS(t, func(t *testing.T, w *World) {
		p := signedIn(t, w, campusonetest.SubAmina)
		good := p.Cookie("__Host-session")
		for name, tt := range map[string]struct {
			cookies string
			status  int
		}{
			"the right name":       {"__Host-session=" + good, http.StatusOK},
			"the plain name":       {"session=" + good, http.StatusUnauthorized},
			"another prefix":       {"__Secure-session=" + good, http.StatusUnauthorized},
			"other letters":        {"__HOST-session=" + good, http.StatusUnauthorized},
			"planted beside":       {"session=" + strings.Repeat("A", 43) + "; __Host-session=" + good, http.StatusOK},
			"planted beside, last": {"__Host-session=" + good + "; session=x; c1_key=x; c1_try=x; c1_out=1; c1_shared=1; c1_flash=x", http.StatusOK},
		} {
			res, text := w.request(t, http.MethodGet, "/auth/me", "", map[string]string{"Cookie": tt.cookies}, "")
			if res.StatusCode != tt.status {
				t.Errorf("%s: %d %s", name, res.StatusCode, text)
			}
		}
		// What would switch the silent check off under its right name.
		signedOut := signedIn(t, w, campusonetest.SubChidi)
		if err := signedOut.Click("Sign out"); err != nil {
			t.Fatal(err)
		}
		for cookies, status := range map[string]int{
			"c1_out=" + signedOut.Cookie("__Host-c1_out"): http.StatusSeeOther, "__Host-c1_out=" + signedOut.Cookie("__Host-c1_out"): http.StatusOK,
			"c1_shared=1": http.StatusSeeOther, "__Host-c1_shared=1": http.StatusOK, "c1_anon=1": http.StatusOK,
		} {
			res, _ := w.request(t, http.MethodGet, "/", "", map[string]string{"Accept": "text/html", "User-Agent": "Mozilla/5.0", "Cookie": cookies}, "")
			if res.StatusCode != status {
				t.Errorf("%s: %d, want %d", cookies, res.StatusCode, status)
			}
		}
	})
}

// From a lab of shared computers no silent check starts, so where a request
// is believed to come from shows in its answer.
func TestForwardedAddress(t *testing.T) {
	t.Parallel()
	const lab = "PORTICO_SHARED_NETWORKS=10.9.0.0/16,2001:db8:9::/48"
	for name, tt := range map[string]struct {
		trusted, header string
		status          int
	}{
		"trusted":                  {"127.0.0.0/8", "10.9.1.1", http.StatusOK},
		"trusted, IPv6":            {"127.0.0.0/8", "2001:db8:9::1", http.StatusOK},
		"trusted, two hops":        {"127.0.0.0/8,192.0.2.0/24", "10.9.1.1, 192.0.2.5", http.StatusOK},
		"forged before a hop":      {"127.0.0.0/8", "10.9.1.1, 203.0.113.5", http.StatusSeeOther},
		"no proxy is trusted":      {"", "10.9.1.1", http.StatusSeeOther},
		"another proxy is trusted": {"192.0.2.1/32", "10.9.1.1", http.StatusSeeOther},
	} {
		w := Start(t, Options{Env: []string{lab, "PORTICO_TRUSTED_PROXIES=" + tt.trusted}})
		res, _ := w.request(t, http.MethodGet, "/", "", map[string]string{"Accept": "text/html", "User-Agent": "Mozilla/5.0", "X-Forwarded-For": tt.header}, "")
		if res.StatusCode != tt.status {
			t.Errorf("%s: %d, want %d", name, res.StatusCode, tt.status)
		}
	}
}

// What comes by http to a portal on https is sent to https by the proxy's
// word, before a cookie is set; machines are let in as they come.
func TestForwardedScheme(t *testing.T) {
	t.Parallel()
	for name, trusted := range map[string]bool{"trusted": true, "forged": false} {
		env := []string{"APP_URL=https://portal.example", "PORTICO_TRUSTED_PROXIES=192.0.2.1/32"}
		if trusted {
			env[1] = "PORTICO_TRUSTED_PROXIES=127.0.0.1/32"
		}
		w := Start(t, Options{Env: env})
		for _, c := range []struct {
			method, path string
			told, silent int // the status when the proxy counts, and when not
		}{
			{http.MethodGet, "/dashboard?a=1", http.StatusTemporaryRedirect, http.StatusSeeOther},
			{http.MethodPost, "/auth/logout", http.StatusMisdirectedRequest, http.StatusSeeOther},
			{http.MethodGet, "/healthz", http.StatusOK, http.StatusOK},
			{http.MethodHead, "/auth/callback", http.StatusOK, http.StatusOK},
			{http.MethodPost, "/webhooks/campus-one", http.StatusUnauthorized, http.StatusUnauthorized},
		} {
			want := c.silent
			if trusted {
				want = c.told
			}
			header := map[string]string{"Accept": "text/html", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "planted.example"}
			res, _ := w.request(t, c.method, c.path, "portal.example", header, "")
			if res.StatusCode != want {
				t.Errorf("%s: %s %s: %d, want %d", name, c.method, c.path, res.StatusCode, want)
			}
			if want == c.told && want != c.silent && len(res.Cookies()) > 0 {
				t.Errorf("%s: %s %s set a cookie by http", name, c.method, c.path)
			}
			if l := res.Header.Get("Location"); want == http.StatusTemporaryRedirect && l != "https://portal.example/dashboard?a=1" || strings.Contains(l, "planted") {
				t.Errorf("%s: it leads to %s", name, l)
			}
		}
	}
}
