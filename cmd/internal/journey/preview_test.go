package journey

import (
	"image"
	_ "image/png"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"portico/auth/campusone/campusonetest"
	"portico/auth/reading"
	"portico/db"
)

// chat is how WhatsApp asks for a link that somebody sent.
var chat = map[string]string{"Accept": "*/*", "User-Agent": "WhatsApp/2.23.20.0"}

// told reads the Open Graph tags of a page.
func told(t *testing.T, page string) map[string]string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	tags := map[string]string{}
	for n := range doc.Descendants() {
		attrs := map[string]string{}
		for _, a := range n.Attr {
			attrs[a.Key] = a.Val
		}
		if name := attrs["property"] + attrs["name"]; n.Data == "meta" && strings.Contains(name, ":") {
			tags[name] = attrs["content"]
		}
	}
	return tags
}

// Whoever sends a link to a public page sends its name and a picture with it.
func TestChatsShowPreviews(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	w.SaveSettings(t, reading.Settings{Name: "Ẹ̀ka of Botany", Motto: "All that grows.", Accent: "#2f7a4d"})
	notice := w.Publish(t, db.Announcement, db.Content{Title: `Ọjọ́ "ìdánwò" & <more>`, Body: "Bring **your** cards."})
	event := w.Publish(t, db.EventItem, db.Content{Title: "Exam", Details: db.Details{Event: exam()}})
	fees := w.Publish(t, db.FreePage, db.Content{Title: "Fees", Body: "₦5,000"})
	pictures := map[string]string{}
	for path, want := range map[string][2]string{
		"/": {"Ẹ̀ka of Botany", "All that grows."}, "/announcements": {"Announcements", "All that grows."}, "/events": {"Events", "All that grows."},
		"/people": {"People", "All that grows."}, "/privacy": {"Privacy", "What the portal knows"}, "/accessibility": {"Accessibility", "How the portal"},
		"/announcements/" + notice.Slug: {notice.Title, "Bring your cards."}, "/events/" + event.Slug: {"Exam", "Exam · Monday 3 March 2031, 14:00 · Hall <A>, & B"},
		"/pages/" + fees.Slug: {"Fees", "₦5,000"},
	} {
		res, text := w.request(t, http.MethodGet, path, "", chat, "")
		tags := told(t, text)
		if res.StatusCode != http.StatusOK || tags["og:title"] != want[0] || !strings.HasPrefix(tags["og:description"], want[1]) || tags["og:url"] != w.URL+path || tags["og:site_name"] != "Ẹ̀ka of Botany" || tags["twitter:card"] == "" {
			t.Errorf("%s: %d, %q", path, res.StatusCode, tags)
		}
		address, ours := strings.CutPrefix(tags["og:image"], w.URL)
		if !ours {
			t.Fatalf("%s: its picture is at %q", path, tags["og:image"])
		}
		pictures[address] = path
		wantPicture(t, w, address, "public, max-age=31536000, immutable")
	}
	if len(pictures) != 4 {
		t.Errorf("the portal and three items have these pictures: %v", pictures)
	}
	clear(pictures)
	w.Revise(t, notice, func(c *db.Content) { c.Title = "Another title" })
	_, text := w.request(t, http.MethodGet, "/announcements/"+notice.Slug, "", chat, "")
	address := strings.TrimPrefix(told(t, text)["og:image"], w.URL)
	wantPicture(t, w, address, "public, max-age=31536000, immutable")
	wantPicture(t, w, address[:strings.LastIndexByte(address, '/')]+"/00112233445566778899.png", "public, max-age=60")
	for _, path := range []string{"/preview/nothing.gif", "/preview/people/1/00.png", "/preview/links/" + notice.Slug + "/00.png", "/preview/announcements/" + notice.Slug + "/00"} {
		if res, _ := w.request(t, http.MethodGet, path, "", chat, ""); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}

// wantPicture asks for a preview's picture and looks whether a chat takes it.
func wantPicture(t *testing.T, w *World, path, cache string) {
	t.Helper()
	res, body := w.request(t, http.MethodGet, path, "", chat, "")
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "image/png" || res.Header.Get("Cache-Control") != cache || len(res.Cookies()) > 0 {
		t.Errorf("%s: %d, %v", path, res.StatusCode, res.Header)
		return
	}
	about, kind, err := image.DecodeConfig(strings.NewReader(body))
	if err != nil || kind != "png" || about.Width < 300 || about.Height < 300 || len(body) >= 300_000 {
		t.Errorf("%s: %s of %d by %d in %d bytes: %v", path, kind, about.Width, about.Height, len(body), err)
	}
	if res, _ := w.request(t, http.MethodGet, path, "", map[string]string{"If-None-Match": res.Header.Get("ETag")}, ""); res.StatusCode != http.StatusNotModified {
		t.Errorf("%s: unchanged, it answers %d", path, res.StatusCode)
	}
	if res, body := w.request(t, http.MethodHead, path, "", chat, ""); res.StatusCode != http.StatusOK || body != "" {
		t.Errorf("HEAD %s: %d", path, res.StatusCode)
	}
}

// What is not for everybody, or not now, has no preview: no picture for
// anybody, and no tag on the page of those who may read it.
func TestRestrictedItemsHaveNoPreview(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	amina := "session=" + signedIn(t, w, campusonetest.SubAmina).Cookie("session")
	for _, kind := range []db.Kind{db.Announcement, db.EventItem, db.FreePage} {
		for name, audience := range audiences() {
			for state, put := range statesOfItems(w) {
				c := db.Content{Title: "A secret " + name + " " + state, Audience: audience}
				if kind == db.EventItem {
					c.Event = exam()
				}
				item := put(t, kind, c)
				path := "/" + folderOf(kind) + "/" + item.Slug
				public := name == "everybody" && (state == db.StatePublished || state == db.StateExpired)
				for _, cookie := range []string{"", amina} {
					want := map[bool]int{true: http.StatusOK, false: http.StatusNotFound}[public]
					if res, _ := w.request(t, http.MethodGet, "/preview"+path+"/00.png", "", headed("Cookie", cookie), ""); res.StatusCode != want {
						t.Errorf("the picture of a %s %s for %s answers %d, want %d", state, kind, name, res.StatusCode, want)
					}
					_, text := w.request(t, http.MethodGet, path, "", headed("Cookie", cookie, "User-Agent", "WhatsApp/2"), "")
					if tags := told(t, text); !public && len(tags) > 0 {
						t.Errorf("the page of a %s %s for %s tells %q", state, kind, name, tags)
					}
				}
			}
		}
	}
	if res, text := w.request(t, http.MethodGet, "/announcements/a-secret-signed-in-published", "", headed("Cookie", amina), ""); res.StatusCode != http.StatusOK || len(told(t, text)) > 0 {
		t.Errorf("who may read it is told %d, %q", res.StatusCode, told(t, text))
	}
}
