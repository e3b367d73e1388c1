package journey

import (
	"net/http"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/db"
)

// Who loads the own page of an item has opened it: it counts as read at once,
// is written within five seconds, and once. Lists, programs that ask for the
// head alone, and browsers that fetch ahead open nothing.
func TestLoadingAPageOpensIt(t *testing.T) {
	t.Parallel()
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			w := Start(t, Options{Database: e.fresh(t)})
			item := w.Publish(t, db.Announcement, db.Content{Title: "Hall change", Body: "To hall B."})
			w.Publish(t, db.Announcement, db.Content{Title: "Another", Body: "Text."})
			p, phone := signedIn(t, w, campusonetest.SubAmina), signedIn(t, w, campusonetest.SubAmina)
			user := w.user(t, campusonetest.SubAmina).ID
			reads := func() []db.Read {
				t.Helper()
				all, err := w.App.DB.ReadsOf(t.Context(), user)
				must(t, err)
				return all
			}
			for _, path := range []string{"/", "/announcements", "/search?q=hall", "/dashboard"} {
				visit(t, p, path, http.StatusOK)
			}
			visit(t, w.Person(false), "/announcements/hall-change", http.StatusOK) // nobody in particular
			for name, value := range map[string]string{"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch", "X-Moz": "prefetch"} {
				p.Header.Set(name, value)
				visit(t, p, "/announcements/hall-change", http.StatusOK)
				p.Header.Del(name)
			}
			if _, err := p.step(http.MethodHead, mustURL(w.URL+"/announcements/hall-change"), nil); err != nil || p.Status != http.StatusOK {
				t.Fatalf("HEAD: %d, %v", p.Status, err)
			}
			if visit(t, phone, "/dashboard", http.StatusOK); !phone.reads("2 unread") {
				t.Errorf("something counts as read that nobody opened: %s", phone.Text())
			}
			began := time.Now()
			visit(t, p, "/announcements/hall-change", http.StatusOK)
			if visit(t, phone, "/dashboard", http.StatusOK); !phone.reads("1 unread") {
				t.Errorf("what was opened here is unread there: %s", phone.Text())
			}
			until(t, "written within five seconds", func() bool { return len(reads()) == 1 })
			first := reads()[0]
			if first.ItemID != item.ID || first.Opened.Before(began.Add(-time.Second)) || !first.Marked.IsZero() {
				t.Errorf("stored: %+v", first)
			}
			visit(t, p, "/announcements/hall-change", http.StatusOK)
			visit(t, p, "/announcements/another", http.StatusOK)
			until(t, "the second item written", func() bool { return len(reads()) == 2 })
			for _, r := range reads() {
				if r.ItemID == item.ID && r != first {
					t.Errorf("it was %+v, opened again it is %+v", first, r)
				}
			}
		})
	}
}
