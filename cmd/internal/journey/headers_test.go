package journey

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httputil"
	"regexp"
	"slices"
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/handlers"
	"portico/static"
)

// asked is one request and what its answer must be like.
type asked struct {
	name, method, path, host string
	header                   map[string]string
	body                     string
	status                   int // 0 is any
	cache                    string
}

var browserHeader = map[string]string{"Accept": "text/html", "User-Agent": "Mozilla/5.0"}

// headed is a browser's headers and more.
func headed(pairs ...string) map[string]string {
	h := map[string]string{"Accept": "text/html", "User-Agent": "Mozilla/5.0"}
	for i := 0; i < len(pairs); i += 2 {
		h[pairs[i]] = pairs[i+1]
	}
	return h
}

// everyAnswer asks every route as everybody and by every method, and for all
// that can go wrong beside the routes.
func everyAnswer(t *testing.T, w *World) []asked {
	t.Helper()
	session := "__Host-session=" + signedIn(t, w, campusonetest.SubGrace).Cookie("__Host-session")
	var all []asked
	for _, pattern := range handlers.Patterns() {
		_, path, _ := strings.Cut(pattern, " ")
		path = regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(strings.TrimSuffix(path, "{$}"), "1")
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"} {
			for who, cookies := range map[string]string{"nobody": "", "anonymous": "c1_anon=1", "signed in": session} {
				if path == "/auth/logout" && method == "POST" && cookies == session {
					continue // it would end the session for all that follows
				}
				for _, accept := range []string{"text/html", "application/json"} {
					all = append(all, asked{name: method + " " + path + " " + who + " " + accept, method: method, path: path, header: headed("Cookie", cookies, "Accept", accept)})
				}
			}
		}
	}
	css := static.Path("app.css")
	return append(all,
		asked{name: "no page", method: "GET", path: "/nowhere", header: browserHeader, status: 404, cache: "no-store"},
		asked{name: "first page", method: "GET", path: "/", header: headed("Cookie", "c1_anon=1"), status: 200, cache: "private, no-cache"},
		asked{name: "first page, signed in", method: "GET", path: "/", header: headed("Cookie", session), status: 200, cache: "no-store"},
		asked{name: "first page, signed in, script", method: "GET", path: "/", header: headed("Cookie", session+"; __Host-c1_script=1"), status: 200, cache: "private, no-cache"},
		asked{name: "the same, shared computer", method: "GET", path: "/", header: headed("Cookie", session+"; __Host-c1_script=1; __Host-c1_shared=1"), status: 200, cache: "no-store"},
		asked{name: "private page", method: "GET", path: "/dashboard", header: headed("Cookie", session+"; __Host-c1_script=1"), status: 200, cache: "no-store"},
		asked{name: "silent check", method: "GET", path: "/", header: browserHeader, status: 303, cache: "no-store"},
		asked{name: "other host", method: "GET", path: "/", host: "other.example", header: browserHeader, status: 307, cache: "no-store"},
		asked{name: "form to another host", method: "POST", path: "/auth/logout", host: "other.example", header: browserHeader, status: 421, cache: "no-store"},
		asked{name: "other site", method: "POST", path: "/auth/login", header: headed("Origin", "https://evil.example"), status: 403, cache: "no-store"},
		asked{name: "large form", method: "POST", path: "/auth/login", header: headed("Content-Type", "application/x-www-form-urlencoded"), body: strings.Repeat("x", 600<<10), status: 413, cache: "no-store"},
		asked{name: "long address", method: "GET", path: "/?q=" + strings.Repeat("x", 9000), header: browserHeader, status: 414, cache: "no-store"},
		asked{name: "large head", method: "GET", path: "/", header: headed("Cookie", strings.Repeat("x", 70<<10)), status: 431, cache: "no-store"},
		asked{name: "static", method: "GET", path: css, status: 200, cache: "public, max-age=31536000, immutable"},
		asked{name: "static, HEAD", method: "HEAD", path: css, status: 200, cache: "public, max-age=31536000, immutable"},
		asked{name: "static, of another release", method: "GET", path: regexp.MustCompile(`-[0-9a-f]+`).ReplaceAllString(css, "-000000000000"), status: 200, cache: "no-store"},
		asked{name: "static, not there", method: "GET", path: "/static/nothing.css", status: 404, cache: "no-store"},
		asked{name: "static, POST", method: "POST", path: css, status: 405, cache: "no-store"},
		asked{name: "feed", method: "GET", path: "/feed.xml", header: headed("Cookie", session), status: 200, cache: "public, max-age=60"},
		asked{name: "sitemap", method: "GET", path: "/sitemap.xml", header: browserHeader, status: 200, cache: "public, max-age=60"},
		asked{name: "calendar", method: "GET", path: "/events.ics", header: browserHeader, status: 200, cache: "public, max-age=60"},
		asked{name: "calendar of no event", method: "GET", path: "/events/none.ics", header: browserHeader, status: 404, cache: "no-store"},
		asked{name: "robots", method: "GET", path: "/robots.txt", status: 200, cache: "public, max-age=86400"},
	)
}

func TestEveryAnswerCarriesItsHeaders(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{Scheme: Proxied, Env: []string{"CAMPUS_ONE_FORM_ORIGINS=https://campusone.example https://*.campusone.example"}})
	fixed := map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' " +
			w.Provider.URL() + " https://campusone.example https://*.campusone.example",
		"Strict-Transport-Security": "max-age=31536000", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy": "camera=(), microphone=()",
	}
	statuses := map[int]bool{}
	for _, a := range everyAnswer(t, w) {
		res, _ := w.request(t, a.method, a.path, a.host, a.header, a.body)
		statuses[res.StatusCode] = true
		if a.status != 0 && res.StatusCode != a.status {
			t.Errorf("%s: %d, want %d", a.name, res.StatusCode, a.status)
		}
		for name, want := range fixed {
			if got := res.Header.Values(name); len(got) != 1 || got[0] != want {
				t.Errorf("%s: %s is %q", a.name, name, got)
			}
		}
		if problem := wrongCache(a, res); problem != "" {
			t.Errorf("%s: %d with %s", a.name, res.StatusCode, problem)
		}
	}
	for _, status := range []int{200, 303, 307, 400, 401, 403, 404, 405, 409, 413, 414, 421, 431} {
		if !statuses[status] {
			t.Errorf("no request was answered with %d: this test no longer shows its headers", status)
		}
	}
}

// wrongCache tells what is wrong with how long an answer may be kept.
func wrongCache(a asked, res *http.Response) string {
	cache := res.Header.Get("Cache-Control")
	signedIn := strings.Contains(a.header["Cookie"], "session=")
	switch {
	case a.cache != "" && cache != a.cache:
		return "Cache-Control " + cache + ", want " + a.cache
	case cache == "private, no-cache" && !strings.Contains(strings.Join(res.Header.Values("Vary"), ","), "Cookie"):
		return "a page that may be kept and does not vary by cookie"
	case cache != "no-store" && (res.StatusCode >= 300 || len(res.Cookies()) > 0):
		return "Cache-Control " + cache
	case cache != "no-store" && signedIn && a.cache == "" && !strings.HasPrefix(cache, "public"):
		return "Cache-Control " + cache + " for a signed-in person"
	case strings.HasPrefix(cache, "public") && !strings.HasPrefix(a.path, "/static/") && !slices.Contains(sharedFiles, a.path):
		return "Cache-Control " + cache + ": only static and public files are shared"
	}
	return ""
}

// An unchanged public page costs a 304, anonymous and signed in; what changes
// is sent, and one person's page is never another's.
func TestUnchangedPageIsNotSentAgain(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{Scheme: Proxied, Env: []string{"CAMPUS_ONE_FORM_ORIGINS=https://campusone.com.ng https://*.campusone.com.ng"}})
	script := "; __Host-c1_script=1"
	amina := "__Host-session=" + signedIn(t, w, campusonetest.SubAmina).Cookie("__Host-session") + script
	chidi := "__Host-session=" + signedIn(t, w, campusonetest.SubChidi).Cookie("__Host-session") + script
	tags := map[string]string{}
	for name, cookies := range map[string]string{"anonymous": "c1_anon=1", "Amina": amina, "Chidi": chidi} {
		res, _ := w.request(t, http.MethodGet, "/", "", headed("Cookie", cookies), "")
		if tags[name] = res.Header.Get("ETag"); tags[name] == "" {
			t.Fatalf("%s: no entity tag", name)
		}
		res, text := w.request(t, http.MethodGet, "/", "", headed("Cookie", cookies, "If-None-Match", tags[name]), "")
		head, err := httputil.DumpResponse(res, false)
		if err != nil || res.StatusCode != http.StatusNotModified || text != "" || len(head) >= 600 {
			t.Errorf("%s: %d with %d bytes of headers, want a 304 under 600: %s%s", name, res.StatusCode, len(head), head, text)
		}
		for _, must := range []string{"Cache-Control", "Vary", "ETag", "Date", "Strict-Transport-Security", "X-Content-Type-Options"} {
			if res.Header.Get(must) == "" {
				t.Errorf("%s: the 304 lacks %s", name, must)
			}
		}
	}
	for name, cookies := range map[string]string{"Amina": "c1_anon=1", "Chidi": amina, "anonymous": chidi} {
		if res, _ := w.request(t, http.MethodGet, "/", "", headed("Cookie", cookies, "If-None-Match", tags[name]), ""); res.StatusCode != http.StatusOK {
			t.Errorf("the page of %s is taken for another's: %d", name, res.StatusCode)
		}
	}
	w.Provider.SetRole(campusonetest.SubAmina, "staff") // one more thing in her menu
	w.settle(t)
	if res, _ := w.request(t, http.MethodGet, "/", "", headed("Cookie", amina, "If-None-Match", tags["Amina"]), ""); res.StatusCode != http.StatusOK {
		t.Errorf("Amina's page changed and was not sent: %d", res.StatusCode)
	}
}

// Every status that a person can meet has a page with a code that the log
// holds too, and a short body for programs.
func TestErrorsCarryTheirReference(t *testing.T) {
	t.Parallel()
	var log logged
	w := Start(t, Options{Log: &log})
	code := regexp.MustCompile(`[a-z2-7]{10}`)
	for _, a := range []asked{
		{method: "GET", path: "/nowhere", status: 404},
		{method: "DELETE", path: "/", status: 405},
		{method: "POST", path: "/auth/shared", status: 400},
		{method: "POST", path: "/auth/logout", host: "other.example", status: 421},
		{method: "POST", path: "/auth/login", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, body: strings.Repeat("x", 600<<10), status: 413},
		{method: "GET", path: "/?q=" + strings.Repeat("x", 9000), status: 414},
		{method: "GET", path: "/", header: map[string]string{"X-Much": strings.Repeat("x", 70<<10)}, status: 431},
	} {
		for accept, find := range map[string]string{"text/html": `Reference[^a-z2-7]*(?:<[^>]*>\s*)*`, "application/json": `^{"error":"[^"]+","reference":"`} {
			header := map[string]string{"Accept": accept}
			maps.Copy(header, a.header)
			res, text := w.request(t, a.method, a.path, a.host, header, a.body)
			at := regexp.MustCompile(find).FindStringIndex(text)
			if res.StatusCode != a.status || at == nil {
				t.Errorf("%d: got %d without a reference: %.300s", a.status, res.StatusCode, text)
				continue
			}
			reference := code.FindString(text[at[1]:])
			if len(reference) != 10 || !log.holds(fmt.Sprintf("request=%s", reference), fmt.Sprintf("status=%d", a.status)) {
				t.Errorf("%d: the log does not hold %q", a.status, reference)
			}
		}
	}
}
