package auth

import (
	"bufio"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
)

// pages stands for the route table: the pages of a small portal.
func pages() PageRoute {
	mux := http.NewServeMux()
	for _, p := range []string{"GET /{$}", "GET /dashboard", "GET /announcements/{slug}"} {
		mux.Handle(p, http.NotFoundHandler())
	}
	mux.Handle("GET /auth/callback", http.NotFoundHandler())
	mux.Handle("POST /dashboard/post", http.NotFoundHandler())
	return func(r *http.Request) bool {
		_, p := mux.Handler(r)
		return strings.HasPrefix(p, "GET ") && !strings.Contains(p, "/auth/")
	}
}

func TestReturnPathKeepsOwnPages(t *testing.T) {
	for _, good := range []string{"/", "/dashboard", "/dashboard?a=1&b=%2F%2Fx", "/announcements/exam-2026", "/?q=Ng%E1%BB%8Dzi"} {
		if got := ReturnPath(good, pages()); got != good {
			t.Errorf("ReturnPath(%q) = %q, it is a page of ours", good, got)
		}
	}
}

func TestReturnPathRefusesEveryPayload(t *testing.T) {
	f, err := os.Open("testdata/returnpaths.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		n++
		payload, err := unquote(line)
		if err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		if got := ReturnPath(payload, pages()); got != "/" {
			t.Errorf("ReturnPath(%q) = %q, want /", payload, got)
		}
	}
	if n < 300 {
		t.Errorf("the data file holds %d payloads, want at least 300", n)
	}
}

// unquote reads \xNN in a payload line, so that control bytes can be written.
func unquote(s string) (string, error) {
	var b strings.Builder
	for {
		i := strings.Index(s, `\x`)
		if i < 0 || len(s) < i+4 {
			b.WriteString(s)
			return b.String(), nil
		}
		raw, err := url.PathUnescape("%" + s[i+2:i+4])
		if err != nil {
			return "", err
		}
		b.WriteString(s[:i] + raw)
		s = s[i+4:]
	}
}

// FuzzReturnPath checks against how a browser reads a Location value (URL
// Standard): whatever comes out must stay on our origin and be a page.
func FuzzReturnPath(f *testing.F) {
	for _, seed := range []string{"/", "//evil.example", "/\\evil.example", "/%2f%2fevil.example", "/dashboard?x=1", "/x/../auth/login", "\t//evil.example"} {
		f.Add(seed)
	}
	isPage := pages()
	f.Fuzz(func(t *testing.T, raw string) {
		got := ReturnPath(raw, isPage)
		if host := browserHost("https://portal.example", got); host != "portal.example" {
			t.Fatalf("ReturnPath(%q) = %q leads a browser to %q", raw, got, host)
		}
		r, err := http.NewRequest(http.MethodGet, got, nil)
		if err != nil || !isPage(r) {
			t.Fatalf("ReturnPath(%q) = %q is no page", raw, got)
		}
		if again := ReturnPath(got, isPage); again != got {
			t.Fatalf("ReturnPath(%q) = %q, asked again %q", raw, got, again)
		}
	})
}

// browserHost is where a browser goes for a Location value: it drops tabs and
// line ends, trims control bytes and blanks, and reads \ as /.
func browserHost(base, location string) string {
	l := strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(location)
	l = strings.TrimFunc(l, func(r rune) bool { return r <= ' ' })
	path, query, _ := strings.Cut(l, "?")
	path = strings.ReplaceAll(path, `\`, "/")
	b, _ := url.Parse(base)
	u, err := b.Parse(path + "?" + query)
	if err != nil {
		return "unreadable"
	}
	return u.Hostname()
}
