package journey

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
)

// request sends one bare request without following redirects.
func (w *World) request(t testing.TB, method, path, host string, header map[string]string, body string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, w.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		req.Host = host
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	client := &http.Client{Transport: w.network, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(text)
}

var page = map[string]string{"Accept": "text/html"}

func TestOneAddress(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, "/dashboard?a=1", http.StatusTemporaryRedirect},
		{http.MethodPost, "/auth/logout", http.StatusMisdirectedRequest},
		{http.MethodGet, "/healthz", http.StatusOK},
		{http.MethodGet, "/auth/callback", http.StatusOK},
		{http.MethodHead, "/auth/callback", http.StatusOK},
		{http.MethodPost, "/webhooks/campus-one", http.StatusUnauthorized},
	} {
		res, _ := w.request(t, c.method, c.path, "planted.example", map[string]string{"Accept": "text/html", "X-Forwarded-Host": "planted.example"}, "")
		if res.StatusCode != c.status {
			t.Errorf("%s %s under another host: %d, want %d", c.method, c.path, res.StatusCode, c.status)
		}
		if len(res.Cookies()) > 0 {
			t.Errorf("%s %s under another host set a cookie", c.method, c.path)
		}
		if l := res.Header.Get("Location"); c.status == http.StatusTemporaryRedirect && l != w.URL+c.path {
			t.Errorf("it leads to %s, want %s", l, w.URL+c.path)
		}
	}
}

func TestForwardedHostIsNeverRead(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	res, _ := w.request(t, http.MethodGet, "/dashboard", "", map[string]string{"Accept": "text/html", "X-Forwarded-Host": "planted.example", "X-Forwarded-Proto": "https"}, "")
	if l := res.Header.Get("Location"); strings.Contains(l, "planted") {
		t.Errorf("it leads to %s", l)
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	for _, header := range []map[string]string{
		{"Origin": "https://evil.example", "Accept": "text/html"},
		{"Origin": "null", "Accept": "text/html"},
		{"Sec-Fetch-Site": "cross-site", "Accept": "text/html"},
		{"Sec-Fetch-Site": "same-site", "Accept": "text/html"},
	} {
		for _, path := range []string{"/auth/logout", "/auth/login", "/auth/shared", "/dashboard/check-role"} {
			res, text := w.request(t, http.MethodPost, path, "", header, "")
			if res.StatusCode != http.StatusForbidden || !strings.Contains(text, "did not come from our own page") {
				t.Errorf("%s with %v: %d", path, header, res.StatusCode)
			}
			if len(res.Cookies()) > 0 {
				t.Errorf("%s with %v set a cookie", path, header)
			}
		}
	}
}

func TestErrorsAreToldInTheirPlace(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	for _, c := range []struct {
		method, path string
		status       int
		words        string
	}{
		{http.MethodGet, "/nowhere", http.StatusNotFound, "There is no page here"},
		{http.MethodPost, "/", http.StatusMethodNotAllowed, "cannot be done here"},
		{http.MethodGet, "/auth/logout", http.StatusMethodNotAllowed, "cannot be done here"},
		{http.MethodGet, "/static/nothing.css", http.StatusNotFound, ""},
		{http.MethodGet, "/dashboard/", http.StatusNotFound, "There is no page here"},
		{http.MethodGet, "/admin", http.StatusNotFound, "There is no page here"},
		{http.MethodGet, "//dashboard", http.StatusNotFound, "There is no page here"},
		{http.MethodGet, "/x/../dashboard", http.StatusNotFound, "There is no page here"},
	} {
		res, text := w.request(t, c.method, c.path, "", page, "")
		if res.StatusCode != c.status || !strings.Contains(text, c.words) {
			t.Errorf("%s %s for people: %d, want %d with %q", c.method, c.path, res.StatusCode, c.status, c.words)
		}
		if c.words == "" {
			continue
		}
		if !strings.Contains(text, "Reference") {
			t.Errorf("%s %s: the page has no reference", c.method, c.path)
		}
		res, text = w.request(t, c.method, c.path, "", map[string]string{"Accept": "application/json"}, "")
		if res.StatusCode != c.status || !strings.HasPrefix(text, `{"error":`) || !strings.Contains(text, `"reference"`) {
			t.Errorf("%s %s for programs: %d %s", c.method, c.path, res.StatusCode, text)
		}
	}
}

// A person who is signed in stays so on a page that is not there.
func TestErrorPageKnowsThePerson(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := signedIn(t, w, campusonetest.SubAmina)
	if err := p.Visit("/nowhere"); err != nil || p.Status != http.StatusNotFound || !strings.Contains(p.Text(), "Amina Baobab") {
		t.Errorf("%d, %v: %s", p.Status, err, p.Text())
	}
}

func TestTooLargeAForm(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	header := map[string]string{"Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded"}
	res, text := w.request(t, http.MethodPost, "/auth/login", "", header, "next="+strings.Repeat("x", 200_000))
	if res.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(text, "too large") {
		t.Errorf("%d: %.200s", res.StatusCode, text)
	}
}

// A form drawn for one person and posted under another's session does nothing.
func TestFormOfSomebodyElse(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	amina, chidi := signedIn(t, w, campusonetest.SubAmina), signedIn(t, w, campusonetest.SubChidi)
	if err := chidi.Click("Sign out"); err != nil { // leaves Chidi's form's tag in hand
		t.Fatal(err)
	}
	chidi = signedIn(t, w, campusonetest.SubChidi)
	amina.doc = chidi.doc
	if err := amina.Click("Sign out"); err != nil {
		t.Fatal(err)
	}
	if amina.Status != http.StatusConflict || amina.Cookie("session") == "" {
		t.Errorf("status %d", amina.Status)
	}
	if err := amina.Visit("/dashboard"); err != nil || amina.Status != http.StatusOK {
		t.Errorf("Amina is no longer signed in: %d", amina.Status)
	}
}
