package views_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"portico/static"
	"portico/views"

	"github.com/a-h/templ"
	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

func itoa(n int) string { return strconv.Itoa(n) }

// draw renders a page and parses what came out.
func draw(t *testing.T, c templ.Component) *html.Node {
	t.Helper()
	var b bytes.Buffer
	if err := views.Render(t.Context(), &b, c); err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// each runs a check over every sample page.
func each(t *testing.T, check func(t *testing.T, name string, doc *html.Node)) {
	t.Helper()
	for name, c := range samples() {
		t.Run(name, func(t *testing.T) { check(t, name, draw(t, c)) })
	}
}

func all(doc *html.Node, selector string) []*html.Node {
	return cascadia.QueryAll(doc, cascadia.MustCompile(selector))
}

// one finds the only element a selector fits.
func one(t *testing.T, doc *html.Node, selector string) *html.Node {
	t.Helper()
	found := all(doc, selector)
	if len(found) != 1 {
		t.Fatalf("%d elements fit %q, want one", len(found), selector)
	}
	return found[0]
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// text is what a reader reads, with single spaces.
func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestEveryPageHasItsLandmarks(t *testing.T) {
	each(t, func(t *testing.T, name string, doc *html.Node) {
		one(t, doc, "h1")
		one(t, doc, "main h1")
		if attr(one(t, doc, "html"), "lang") != "en" {
			t.Error("the page does not say its language")
		}
		if text(one(t, doc, "head > title")) == "" {
			t.Error("the page has no title")
		}
		if name == "probe" {
			if attr(one(t, doc, "a"), "href") != "/" {
				t.Error("the probe's link does not lead home")
			}
			return
		}
		if first := all(doc, "body a")[0]; attr(first, "href") != "#main" {
			t.Error("the first link is not the skip link")
		}
		one(t, doc, "main#main")
		one(t, doc, "body > header")
		one(t, doc, "body > footer")
		one(t, doc, `header a.mark[href="/"]`)
	})
}

// A browser that paints a page in parts moves what is read already. So each
// page has it wait for its very last element (HTML, link type "expect").
func TestEveryPageIsPaintedWhole(t *testing.T) {
	each(t, func(t *testing.T, name string, doc *html.Node) {
		if name == "probe" { // a line of text
			return
		}
		awaited := one(t, doc, `head > link[rel="expect"][blocking="render"]`)
		last := one(t, doc, "body "+attr(awaited, "href"))
		for n := last.NextSibling; n != nil; n = n.NextSibling {
			if n.Type == html.ElementNode {
				t.Errorf("<%s> comes after the element that is waited for", n.Data)
			}
		}
		if last.Parent.Data != "body" {
			t.Errorf("it stands in <%s>, which goes on after it", last.Parent.Data)
		}
	})
}

// A strict content security policy would break a page that needs any of these.
func TestNoPageHasInlineScriptOrStyle(t *testing.T) {
	each(t, func(t *testing.T, _ string, doc *html.Node) {
		for n := range doc.Descendants() {
			if n.Data == "style" || n.Data == "script" && n.FirstChild != nil {
				t.Errorf("inline %s", n.Data)
			}
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Val, "javascript:") || strings.HasPrefix(a.Val, "data:") {
					t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
				}
			}
		}
	})
}

func TestPagesSpeakPlainly(t *testing.T) {
	jargon := regexp.MustCompile(`(?i)\b(tokens?|OIDC|nonce|states?|null|undefined|nil|invalid_\w*|claims?)\b|%!|\{`)
	each(t, func(t *testing.T, _ string, doc *html.Node) {
		var words strings.Builder
		words.WriteString(text(one(t, doc, "body")) + " " + text(one(t, doc, "head > title")))
		for _, n := range all(doc, "[aria-label]") {
			words.WriteString(" " + attr(n, "aria-label"))
		}
		if found := jargon.FindString(words.String()); found != "" {
			t.Errorf("the page says %q: %s", found, words.String())
		}
	})
}

func TestReferencesInsideAPageHold(t *testing.T) {
	each(t, func(t *testing.T, _ string, doc *html.Node) {
		ids := map[string]int{}
		for _, n := range all(doc, "[id]") {
			ids[attr(n, "id")]++
		}
		for id, n := range ids {
			if n > 1 {
				t.Errorf("id %q stands %d times", id, n)
			}
		}
		for _, n := range all(doc, "[aria-labelledby], [aria-describedby]") {
			for id := range strings.FieldsSeq(attr(n, "aria-labelledby") + " " + attr(n, "aria-describedby")) {
				if ids[id] == 0 {
					t.Errorf("no element has the id %q", id)
				}
			}
		}
	})
}

func TestEverythingToPressOrEnterHasAName(t *testing.T) {
	each(t, func(t *testing.T, _ string, doc *html.Node) {
		for _, n := range all(doc, "a, button, summary, th, dt, label") {
			if text(n) == "" {
				t.Errorf("<%s> without words", n.Data)
			}
		}
		for _, n := range all(doc, "section:not([aria-labelledby]), nav:not([aria-label]), svg[role=img]:not([aria-label]):not([aria-labelledby]), [tabindex='0']:not([aria-label]):not([aria-labelledby])") {
			t.Errorf("<%s class=%q> without a label", n.Data, attr(n, "class"))
		}
		for _, n := range all(doc, "input:not([type=hidden]), select, textarea") {
			if len(all(doc, "label[for='"+attr(n, "id")+"']")) != 1 {
				t.Errorf("<%s name=%q> without a label of its own", n.Data, attr(n, "name"))
			}
		}
	})
}

func TestEveryListIsFull(t *testing.T) {
	each(t, func(t *testing.T, _ string, doc *html.Node) {
		for _, n := range all(doc, "ul, ol, dl, p, dd, nav, tbody") {
			if text(n) == "" {
				t.Errorf("an empty <%s class=%q>", n.Data, attr(n, "class"))
			}
		}
	})
}

func TestStaticAddressesAreServed(t *testing.T) {
	worn := map[string]*static.File{"accent.css": static.AccentFile(static.House()), "logo.png": static.LogoFile([]byte("x"))} // what dressed() wears
	h := static.HandlerWith(func(name string) *static.File { return worn[name] })
	each(t, func(t *testing.T, _ string, doc *html.Node) {
		for _, n := range all(doc, "link[rel=stylesheet], link[rel=icon], script[src]") {
			address := attr(n, "href") + attr(n, "src")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, address, nil))
			if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %d, %s", address, w.Code, w.Header().Get("Cache-Control"))
			}
		}
	})
}

// A page may link only to what its caller named, to sign-in and to itself.
func TestPagesLinkOnlyToWhatExists(t *testing.T) {
	for name, c := range map[string]templ.Component{
		"home":      views.Home(bare("/"), views.HomeModel{}),
		"dashboard": views.Dashboard(bare("/dashboard"), views.DashboardModel{NoRole: true}),
		"message":   views.Message(bare("/x"), views.MessageModel{Heading: "Not here"}),
		"signedout": views.SignedOut(bare("/x"), views.SignedOutModel{}),
	} {
		t.Run(name, func(t *testing.T) {
			for _, n := range all(draw(t, c), "a[href], form[action]") {
				switch where := attr(n, "href") + attr(n, "action"); where {
				case "#main", "/", "/auth/login", "/auth/shared":
				default:
					t.Errorf("a link to %s, which nobody named", where)
				}
			}
		})
	}
}

func TestHostileTextStaysText(t *testing.T) {
	const evil = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>`
	p := staff(evil, "/dashboard")
	p.Person.Name, p.Person.AccountHref, p.Site.Name, p.Site.Short, p.Banner, p.Flash = evil, "javascript:alert(1)", evil, evil, evil, evil
	doc := draw(t, views.Dashboard(p, views.DashboardModel{Role: evil, Department: evil}))
	if n := len(all(doc, "script:not([src]), img, [onerror]")); n != 0 {
		t.Errorf("%d elements were made of text", n)
	}
	if got := text(one(t, doc, "h1")); !strings.Contains(got, evil) {
		t.Errorf("the name is not shown whole: %s", got)
	}
	for _, n := range all(doc, "a.name") {
		if strings.HasPrefix(attr(n, "href"), "javascript:") {
			t.Errorf("a link runs script: %s", attr(n, "href"))
		}
	}
}
