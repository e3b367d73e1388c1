package journey

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"portico/db"
)

// Three notices at most stand on top of the first page, each until its end;
// what else is pinned stands where its day puts it. The list of announcements
// is by date alone.
func TestPinnedNoticesAreFewAndEnd(t *testing.T) {
	t.Parallel()
	clock := NewClock()
	w := Start(t, Options{Clock: clock})
	hour := func(n int) time.Time { return w.Now().Add(time.Duration(n) * time.Hour) }
	for i, title := range []string{"Oldest, pinned", "Old, pinned", "Pinned for an hour", "Pinned", "New"} {
		c := db.Content{Title: title, Publish: hour(i - 10), Pinned: hour(100)}
		switch title {
		case "Pinned for an hour":
			c.Pinned = hour(1)
		case "New":
			c.Pinned = time.Time{}
		}
		w.Publish(t, db.Announcement, c)
	}
	p := asFetchPage(w.Person(true))
	look := func(pinned, others []string) {
		t.Helper()
		visit(t, p, "/", http.StatusOK)
		if got := p.lines("article.note a.t"); !slices.Equal(got, pinned) {
			t.Errorf("on top stands %q, want %q", got, pinned)
		}
		if got := p.lines("section[aria-labelledby=announcements] .list a.t"); !slices.Equal(got, others) {
			t.Errorf("below stands %q, want %q", got, others)
		}
		visit(t, p, "/announcements", http.StatusOK)
		if got, want := p.lines("main .list a.t"), []string{"New", "Pinned", "Pinned for an hour", "Old, pinned", "Oldest, pinned"}; !slices.Equal(got, want) {
			t.Errorf("the list is %q, want %q", got, want)
		}
	}
	look([]string{"Pinned", "Pinned for an hour", "Old, pinned"}, []string{"New", "Oldest, pinned"})
	clock.Advance(time.Hour)
	look([]string{"Pinned", "Old, pinned", "Oldest, pinned"}, []string{"New", "Pinned for an hour"})
	clock.Advance(100 * time.Hour)
	look(nil, []string{"New", "Pinned", "Pinned for an hour", "Old, pinned", "Oldest, pinned"})
}
