package views_test

import (
	"testing"
	"time"

	"portico/views"
)

// A chat finds the page's name, address and picture; what is missing is left
// out, and a page that is not for everybody says nothing at all.
func TestPreviewIsToldToChats(t *testing.T) {
	p := previewed("Privacy", "/privacy")
	doc := draw(t, views.Privacy(p, privacy()))
	for tag, want := range map[string]string{
		"og:title": "Privacy", "og:description": p.Preview.Text, "og:url": p.Preview.URL, "og:site_name": p.Site.Name, "og:type": "website",
		"og:image": p.Preview.Image, "og:image:type": "image/png", "og:image:width": "1200", "og:image:height": "630", "og:image:alt": p.Preview.Says,
	} {
		if got := attr(one(t, doc, `head > meta[property="`+tag+`"]`), "content"); got != want {
			t.Errorf("%s is %q, want %q", tag, got, want)
		}
	}
	for selector, want := range map[string][2]string{
		`meta[name="description"]`: {"content", p.Preview.Text}, `meta[name="twitter:card"]`: {"content", "summary_large_image"},
		`link[rel=canonical]`: {"href", p.Preview.URL}, `link[rel=alternate][type="application/atom+xml"]`: {"href", "/feed.xml"},
	} {
		if got := attr(one(t, doc, "head > "+selector), want[0]); got != want[1] {
			t.Errorf("%s is %q, want %q", selector, got, want[1])
		}
	}
	p.Preview.Text, p.Preview.Feed, p.Preview.Published = "", "", time.Date(2026, 9, 1, 9, 0, 0, 0, lagos)
	doc = draw(t, views.Privacy(p, privacy()))
	if n := len(all(doc, `meta[name="description"], meta[property="og:description"], link[rel=alternate]`)); n != 0 {
		t.Errorf("%d empty tags", n)
	}
	if got := attr(one(t, doc, `meta[property="article:published_time"]`), "content"); got != "2026-09-01T08:00:00Z" || attr(one(t, doc, `meta[property="og:type"]`), "content") != "article" {
		t.Errorf("published %s", got)
	}
	p.Preview = nil
	if n := len(all(draw(t, views.Privacy(p, privacy())), `meta[property], meta[name="description"], link[rel=canonical]`)); n != 0 {
		t.Errorf("%d tags of a page without a preview", n)
	}
}
