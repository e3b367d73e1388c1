package journey

import (
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/handlers"
)

var update = flag.Bool("update", false, "write testdata/matrix.golden anew; look at the difference before you commit it")

// TestMatrix asks every route as every kind of visitor. A change of any
// answer fails until a person has looked at it and run the test with -update.
func TestMatrix(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	kinds := []struct {
		name string
		open func() *Person
	}{
		{"anonymous document", func() *Person { return w.Person(true) }},
		{"anonymous fetch", func() *Person { return asFetch(w.Person(true)) }},
		{"student", func() *Person { return signedIn(t, w, campusonetest.SubAmina) }},
		{"staff", func() *Person { return signedIn(t, w, campusonetest.SubIbrahim) }},
		{"admin", func() *Person { return signedIn(t, w, campusonetest.SubGrace) }},
		{"external", func() *Person { return signedIn(t, w, campusonetest.SubPeter) }},
		{"no role", func() *Person { return signedIn(t, w, campusonetest.SubSani) }},
	}
	var b strings.Builder
	for _, pattern := range handlers.Patterns() {
		for _, k := range kinds {
			fmt.Fprintf(&b, "%-28s %-20s %s\n", pattern, k.name, ask(t, w, k.open(), pattern))
		}
	}
	const golden = "testdata/matrix.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != b.String() {
		t.Errorf("the answers of the routes are other than testdata/matrix.golden says:\n%s", difference(string(want), b.String()))
	}
}

// ask sends one request and tells the first answer: the status, and where a
// redirect leads.
func ask(t *testing.T, w *World, p *Person, pattern string) string {
	t.Helper()
	method, path, _ := strings.Cut(pattern, " ")
	path = strings.TrimSuffix(path, "{$}")
	u, err := url.Parse(w.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	next, err := p.step(method, u, url.Values{})
	if err != nil {
		t.Fatal(err)
	}
	if next == nil {
		return fmt.Sprint(p.Status)
	}
	where := next.Path
	if p.where(next) != "portal" {
		where = "Campus One, prompt=" + next.Query().Get("prompt")
	}
	return fmt.Sprintf("%d -> %s", p.Status, where)
}

func asFetch(p *Person) *Person {
	p.Header = http.Header{"Accept": {"application/json"}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Dest": {"empty"}}
	return p
}

func signedIn(t *testing.T, w *World, sub string) *Person {
	t.Helper()
	p := w.Person(true)
	p.Meet(w.Provider.SessionCookie(sub))
	if err := p.Visit("/dashboard"); err != nil || p.Status != http.StatusOK {
		t.Fatalf("%s was not signed in: status %d, %v: %s", sub, p.Status, err, p.Text())
	}
	return p
}

func difference(want, got string) string {
	var b strings.Builder
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		var a, c string
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			c = g[i]
		}
		if a != c {
			fmt.Fprintf(&b, "- %s\n+ %s\n", a, c)
		}
	}
	return b.String()
}
