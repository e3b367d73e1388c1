package journey

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"portico/auth/campusone/campusonetest"
	"portico/db"
)

// fields are those of the form that holds an element, as a browser would send
// them without any button.
func (p *Person) fields(t testing.TB, selector string) url.Values {
	t.Helper()
	form := cascadia.Query(p.doc, cascadia.MustCompile(selector))
	for form != nil && form.Data != "form" {
		form = form.Parent
	}
	if form == nil {
		t.Fatalf("no form holds %s on %s: %s", selector, p.URL, p.Text())
	}
	values := url.Values{}
	for _, in := range cascadia.QueryAll(form, cascadia.MustCompile("input[name], textarea[name], select[name]")) {
		name := attr(in, "name")
		switch kind := attr(in, "type"); {
		case in.Data == "textarea":
			values.Add(name, content(in))
		case in.Data == "select":
			chosen := cascadia.Query(in, cascadia.MustCompile("option[selected]"))
			if chosen == nil {
				chosen = cascadia.Query(in, cascadia.MustCompile("option"))
			}
			values.Add(name, attr(chosen, "value"))
		case (kind == "checkbox" || kind == "radio") && !has(in, "checked"):
		default:
			values.Add(name, attr(in, "value"))
		}
	}
	return values
}

func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}

// content is what a text field holds; the parser has dropped its first break.
func content(n *html.Node) string {
	if n.FirstChild == nil {
		return ""
	}
	return n.FirstChild.Data
}

// write fills the editor's form and presses a button.
func (p *Person) write(t testing.TB, do string, status int, fill map[string]string) {
	t.Helper()
	form := p.fields(t, "#title")
	for name, text := range fill {
		form[name] = strings.Split(text, "|")
	}
	form.Set("do", do)
	p.must(t, p.Post(p.URL.Path, form), status)
}

func TestPublishingIsForThoseWhoMay(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		for sub, status := range map[string]int{
			campusonetest.SubAmina: http.StatusForbidden, campusonetest.SubIbrahim: http.StatusForbidden,
			campusonetest.SubFunke: http.StatusOK, campusonetest.SubGrace: http.StatusOK,
		} {
			p := signedIn(t, w, sub)
			if got := p.reads("Publish"); got != (status == http.StatusOK) {
				t.Errorf("%s: the way to the desk is shown: %v", sub, got)
			}
			for _, path := range []string{"/admin/publish", "/admin/publish/announcements", "/admin/publish/announcements/new", "/admin/publish/events/new", "/admin/publish/people/new", "/admin/publish/pages/new", "/admin/publish/links/new"} {
				p.must(t, p.Visit(path), status)
			}
		}
	})
}

// A quick link has no files, whatever is posted.
func TestAQuickLinkHasNoFiles(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := signedIn(t, w, campusonetest.SubFunke)
	i := w.Publish(t, db.QuickLink, db.Content{Title: "Library", Details: db.Details{Link: "https://library.example/"}})
	for _, to := range []string{i.ID, "new"} {
		p.must(t, p.Visit("/admin/publish/links/"+i.ID), http.StatusOK)
		body, kind := withFile(t, p.fields(t, "#title"), "list.pdf", []byte("%PDF-1.7\nstartxref\n0\n%%EOF\n"))
		res, _ := p.answerBody(t, "/admin/publish/links/"+to+"/files", body, http.Header{"Content-Type": {kind}, "Origin": {p.world.URL}})
		if res.StatusCode != http.StatusNotFound {
			t.Errorf("a file for a quick link is answered with %d", res.StatusCode)
		}
	}
	if all, err := w.App.DB.Items(t.Context(), db.ItemFilter{Kind: db.QuickLink}); err != nil || len(all) != 1 {
		t.Errorf("%d quick links, %v", len(all), err)
	}
}

func TestAnAnnouncementFromDraftToReaders(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		p := signedIn(t, w, campusonetest.SubFunke)
		p.must(t, p.Visit("/admin/publish/announcements/new"), http.StatusOK)
		p.write(t, "draft", http.StatusOK, map[string]string{"title": "Lab 3 is closed", "body": "Until **Monday**.", "to": "groups", "groups": "1", "group-0-level": "300", "group-0-department": campusonetest.DepartmentCS})
		p.sees(t, "Saved as a draft", "Nobody but those who write here")
		p.write(t, "preview", http.StatusOK, nil)
		p.sees(t, "Preview", "For: 300 level, student, Computer Science", "Nothing is saved yet")
		if cascadia.Query(p.doc, cascadia.MustCompile(".preview strong")) == nil {
			t.Error("the preview does not show how it looks")
		}
		for _, do := range []string{"preview", "publish"} { // it would take minutes to read
			p.write(t, do, http.StatusUnprocessableEntity, map[string]string{"body": "Until Monday.\n" + strings.Repeat("[](", 30_000)})
			p.sees(t, "“[]([](", "…” goes on for very long without a space")
		}
		p.write(t, "publish", http.StatusOK, map[string]string{"body": "Until **Monday**."})
		p.sees(t, "Published. Readers see it now.")
		p.must(t, p.Visit("/admin/publish"), http.StatusOK)
		p.sees(t, "Lab 3 is closed", "300 level, student, Computer Science")
	})
}

// A form that is sent twice, because its button was pressed twice or its answer
// was lost, makes one item. Back in the same form, other words make another.
func TestAFormThatIsSentTwiceMakesOneItem(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		p := signedIn(t, w, campusonetest.SubFunke)
		const page = "/admin/publish/announcements/new"
		p.must(t, p.Visit(page), http.StatusOK)
		form := p.fields(t, "#title")
		form.Set("title", "Lab 3 is closed")
		form.Set("to", "everybody")
		form.Set("do", "publish")
		var met []string
		for _, title := range []string{"Lab 3 is closed", "Lab 3 is closed", "Lab 4 is closed"} {
			form.Set("title", title)
			p.must(t, p.Post(page, form), http.StatusOK)
			p.sees(t, "Published. Readers see it now.", title)
			met = append(met, p.URL.Path)
		}
		all, err := w.App.DB.Items(t.Context(), db.ItemFilter{Kind: db.Announcement})
		must(t, err)
		if len(all) != 2 || met[0] != met[1] || met[1] == met[2] {
			t.Errorf("three times sent: %d items, led to %q", len(all), met)
		}
		w.wantAudits(t, "announcement.create", 2)

		p.must(t, p.Visit(page), http.StatusOK)
		form.Set("tag", p.fields(t, "#title").Get("tag"))
		p.must(t, p.Post(page, form), http.StatusOK)
		if all, err = w.App.DB.Items(t.Context(), db.ItemFilter{Kind: db.Announcement}); err != nil || len(all) != 3 {
			t.Errorf("with a form drawn anew there are %d items, %v", len(all), err)
		}
	})
}
