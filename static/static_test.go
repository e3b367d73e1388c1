package static_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"portico/static"
)

func fetch(t *testing.T, method, address string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, address, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	static.Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, res *http.Response) []byte {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFilesAreKeptForGood(t *testing.T) {
	for name, kind := range map[string]string{"app.css": "text/css; charset=utf-8", "app.js": "text/javascript; charset=utf-8", "editor.js": "text/javascript; charset=utf-8", "mark.svg": "image/svg+xml"} {
		address := static.Path(name)
		if !regexp.MustCompile(`^/static/[a-z]+-[0-9a-f]{12}\.[a-z]+$`).MatchString(address) {
			t.Errorf("%s has the address %s", name, address)
		}
		res := fetch(t, "GET", address)
		want := map[string]string{
			"Cache-Control": "public, max-age=31536000, immutable", "Content-Type": kind,
			"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin", "Vary": "Accept-Encoding",
		}
		for header, value := range want {
			if got := res.Header.Get(header); got != value {
				t.Errorf("%s: %s is %q, want %q", name, header, got, value)
			}
		}
		if res.StatusCode != http.StatusOK || res.Header.Get("Set-Cookie") != "" || len(body(t, res)) == 0 {
			t.Errorf("%s: %d, cookie %q", name, res.StatusCode, res.Header.Get("Set-Cookie"))
		}
	}
}

func TestCompressedTwinIsTheSame(t *testing.T) {
	address := static.Path("app.css")
	plain := body(t, fetch(t, "GET", address))
	res := fetch(t, "GET", address, "Accept-Encoding", "br, gzip;q=0.8")
	if res.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("answered as %q", res.Header.Get("Content-Encoding"))
	}
	z, err := gzip.NewReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	unzipped, err := io.ReadAll(z)
	if err != nil || !bytes.Equal(unzipped, plain) {
		t.Errorf("the twin differs: %v", err)
	}
	for _, accept := range []string{"", "br", "gzip;q=0", "gzip; q=0.0", "xgzip"} {
		if got := fetch(t, "GET", address, "Accept-Encoding", accept).Header.Get("Content-Encoding"); got != "" {
			t.Errorf("to %q it answers %q", accept, got)
		}
	}
}

func TestUnchangedFilesCostNothing(t *testing.T) {
	address := static.Path("app.css")
	for _, accept := range []string{"", "gzip"} {
		tag := fetch(t, "GET", address, "Accept-Encoding", accept).Header.Get("ETag")
		res := fetch(t, "GET", address, "Accept-Encoding", accept, "If-None-Match", `"other", W/`+tag)
		if res.StatusCode != http.StatusNotModified || len(body(t, res)) != 0 || res.Header.Get("ETag") != tag {
			t.Errorf("%q: %d with tag %s", accept, res.StatusCode, res.Header.Get("ETag"))
		}
	}
	if fetch(t, "GET", address, "If-None-Match", `"other"`).StatusCode != http.StatusOK {
		t.Error("another tag is taken for this one")
	}
}

func TestHeadSendsNoBody(t *testing.T) {
	res := fetch(t, "HEAD", static.Path("app.css"))
	if res.StatusCode != http.StatusOK || len(body(t, res)) != 0 || res.Header.Get("Content-Length") == "" {
		t.Errorf("%d, length %q", res.StatusCode, res.Header.Get("Content-Length"))
	}
}

func TestAnotherReleasesAddressIsAnsweredButNotKept(t *testing.T) {
	res := fetch(t, "GET", "/static/app-000000000000.css")
	if res.StatusCode != http.StatusOK || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d, %s", res.StatusCode, res.Header.Get("Cache-Control"))
	}
}

func TestNothingElseIsServed(t *testing.T) {
	for _, address := range []string{"/static/", "/static/app.css", "/static/css/base.css", "/static/css/base-1.css", "/static/../static.go", "/static/none-1.css", static.Path("none.css")} {
		if res := fetch(t, "GET", address); res.StatusCode != http.StatusNotFound || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d, %s", address, res.StatusCode, res.Header.Get("Cache-Control"))
		}
	}
	if res := fetch(t, "POST", static.Path("app.css")); res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d", res.StatusCode)
	}
}

// What a first visit may weigh in all is measured in Chromium (the journeys'
// TestPagesAreLight: 14 kB); these are the shares of it.
func TestWeight(t *testing.T) {
	for name, most := range map[string]int{"app.css": 5250, "app.js": 4000, "editor.js": 12000, "mark.svg": 400} {
		n := len(body(t, fetch(t, "GET", static.Path(name), "Accept-Encoding", "gzip")))
		t.Logf("%s weighs %d bytes", name, n)
		if n > most {
			t.Errorf("%s weighs %d bytes compressed, at most %d", name, n, most)
		}
	}
}

// outsideLayers is the stylesheet as a browser without layers reads it.
func outsideLayers(css string) string {
	for {
		start := strings.Index(css, "@layer")
		if start < 0 {
			return css
		}
		end := start + strings.IndexAny(css[start:], ";{") + 1
		for depth := strings.Count(css[start:end], "{"); depth > 0; end++ {
			depth += strings.Count(css[end:end+1], "{") - strings.Count(css[end:end+1], "}")
		}
		css = css[:start] + css[end:]
	}
}

func TestOldBrowsersGetASmallWholeBase(t *testing.T) {
	base := outsideLayers(string(static.Stylesheet()))
	if base != string(static.Base()) {
		t.Errorf("outside the layers stands %s", base)
	}
	for _, needed := range []string{"body{", "font:", ".wrap{", "h1,", ".head{", ".btn{", "table{", ".sr{", ".fold,.tools{display:none}"} {
		if !strings.Contains(base, needed) {
			t.Errorf("the base lacks %s", needed)
		}
	}
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = w.Write([]byte(base))
	_ = w.Close()
	t.Logf("the base weighs %d bytes, %d compressed", len(base), z.Len())
	if z.Len() > 1024 {
		t.Errorf("the base weighs %d bytes compressed, at most 1024", z.Len())
	}
}

func TestStylesheetAsksForNothingElse(t *testing.T) {
	for _, call := range []string{"url(", "@import", "@font-face"} {
		if strings.Contains(string(static.Stylesheet()), call) {
			t.Errorf("the stylesheet uses %s", call)
		}
	}
}
