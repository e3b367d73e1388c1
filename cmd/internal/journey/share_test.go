package journey

import (
	"net/http"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/db"
)

// What is for everybody can be passed on by WhatsApp, with a plain link that
// says title and address; what is not for everybody cannot, by anybody.
func TestPassedOnByWhatsApp(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	amina, nobody := signedIn(t, w, campusonetest.SubAmina), asFetchPage(w.Person(true))
	for _, kind := range []db.Kind{db.Announcement, db.EventItem, db.FreePage} {
		for name, audience := range map[string]string{"everybody": ForEverybody(), "signed in": ForSignedIn(), "300 level": ForStudents("300", "")} {
			c := db.Content{Title: "Fees & “forms” " + name, Audience: audience}
			if kind == db.EventItem {
				c.Event = exam()
			}
			path := "/" + folderOf(kind) + "/" + w.Publish(t, kind, c).Slug
			for who, p := range map[string]*Person{"Amina": amina, "nobody": nobody} {
				must(t, p.Visit(path))
				links := p.all(`a[href^="https://wa.me/"]`)
				public := name == "everybody"
				if public != (len(links) == 1) || public && p.Status != http.StatusOK {
					t.Errorf("%s for %s has %d links to WhatsApp for %s (%d)", path, name, len(links), who, p.Status)
					continue
				}
				if public {
					u := mustURL(attr(links[0], "href"))
					if u.Path != "/" || len(u.Query()) != 1 || u.Query().Get("text") != c.Title+"\n"+w.URL+path {
						t.Errorf("%s is passed on as %s", path, u)
					}
				}
			}
		}
	}
}
