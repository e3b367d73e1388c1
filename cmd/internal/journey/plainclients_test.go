package journey

import (
	"net/http"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/db"
)

// A browser of old phones says little of itself: it sends no Sec-Fetch headers
// and runs no script. It is recognised, signs in, reads, marks as read and
// signs out like any other.
func TestOldPhones(t *testing.T) {
	t.Parallel()
	w := department(t, Options{})
	w.Publish(t, db.Announcement, db.Content{Title: "For signed-in people", Body: "Text.", Audience: ForSignedIn()})
	p := w.Person(true)
	p.Header = http.Header{
		"User-Agent": {"Opera/9.80 (J2ME/MIDP; Opera Mini/7.1.32052/191.308; U; en) Presto/2.12.423 Version/12.16"},
		"Accept":     {"text/html, application/xml;q=0.9, application/xhtml+xml, image/png, image/webp, image/jpeg, image/gif, image/x-xbitmap, */*;q=0.1"},
	}
	visit(t, p, "/", http.StatusOK)
	if got := len(p.Hops); got > 4 {
		t.Errorf("the first page takes %d answers: %v", got, p.Hops)
	}
	visit(t, p, "/", http.StatusOK)
	if len(p.Hops) != 1 {
		t.Errorf("the next view takes %v", p.Hops)
	}
	visit(t, p, "/search?q=csc301", http.StatusOK)
	p.Meet(w.Provider.SessionCookie(campusonetest.SubAmina))
	must(t, p.Click("Sign in with Campus One"))
	visit(t, p, "/dashboard", http.StatusOK)
	p.sees(t, "Amina Baobab", "For signed-in people")
	must(t, p.Click("Mark all as read"))
	p.sees(t, "All announcements are marked as read.")
	must(t, p.Click("Sign out"))
	p.sees(t, "You are signed out")
	visit(t, p, "/", http.StatusOK)
	if p.reads("Amina") || len(p.Hops) != 1 {
		t.Errorf("after the sign-out, by %v: %s", p.Hops, p.Text())
	}
}

// Whoever asks for the head of a page alone is told just what its reader would
// be; another spelling of an address is none.
func TestHeadsAndAddresses(t *testing.T) {
	t.Parallel()
	w := department(t, Options{})
	p := asFetchPage(w.Person(true))
	for _, path := range publicPages {
		visit(t, p, path, http.StatusOK)
		whole := p.Answer
		if _, err := p.step(http.MethodHead, mustURL(w.URL+path), nil); err != nil || p.Status != http.StatusOK || p.Body != "" {
			t.Errorf("HEAD %s: %d, %d bytes, %v", path, p.Status, len(p.Body), err)
		}
		for _, name := range []string{"ETag", "Content-Type", "Cache-Control", "Content-Security-Policy", "Vary"} {
			if got, want := p.Answer.Get(name), whole.Get(name); got != want || want == "" {
				t.Errorf("HEAD %s: %s is %q, of the page it is %q", path, name, got, want)
			}
		}
	}
	for _, path := range []string{"/announcements/", "//announcements", "/Announcements", "/events/./guest-lecture-databases-at-sea", "/events/guest-lecture-databases-at-sea/", "/people/nobody", "/feed.xml/"} {
		u := mustURL(w.URL)
		u.Path = path
		if _, err := p.step(http.MethodGet, u, nil); err != nil || p.Status != http.StatusNotFound {
			t.Errorf("%s: %d, %v", path, p.Status, err)
		}
	}
}
