package journey

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/db"
)

// nowhere takes an answer and keeps only its status.
type nowhere struct {
	header http.Header
	status int
}

func (w *nowhere) Header() http.Header         { return w.header }
func (w *nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (w *nowhere) WriteHeader(status int)      { w.status = status }

// BenchmarkDashboard is the whole handler of a signed-in person's page when
// everything it needs is in memory, 20 announcements and 5 classes on it: the
// budget is 60 allocations.
func BenchmarkDashboard(b *testing.B) {
	w := Start(b, Options{})
	for i := range 20 {
		w.Publish(b, db.Announcement, db.Content{Title: fmt.Sprintf("Announcement %d", i), Body: "Text.\n"})
	}
	for i := range 5 {
		w.class(b, fmt.Sprintf("Class %d", i), db.Event{Starts: w.wall(i, "08:00"), Ends: w.wall(i, "10:00")}, "")
	}
	p := w.Person(true)
	p.Meet(w.Provider.SessionCookie(campusonetest.SubAmina))
	if err := p.Visit("/dashboard"); err != nil || p.Status != http.StatusOK {
		b.Fatalf("not signed in: %d, %v", p.Status, err)
	}
	home, err := url.Parse(w.URL)
	if err != nil {
		b.Fatal(err)
	}
	req := httptest.NewRequest(http.MethodGet, w.URL+"/dashboard", http.NoBody)
	req.Header = p.Header
	for _, c := range p.client.Jar.Cookies(home) {
		if c.Name == "session" {
			req.AddCookie(c)
		}
	}
	remote := req.RemoteAddr
	answer := &nowhere{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(answer.header)
		req.RemoteAddr = remote
		w.App.Handler.ServeHTTP(answer, req)
		if answer.status != http.StatusOK {
			b.Fatal(answer.status)
		}
	}
}

// BenchmarkHome is the whole handler of the first page for a visitor whom
// Campus One lately did not know.
func BenchmarkHome(b *testing.B) {
	w := Start(b, Options{})
	for i := range 20 {
		w.Publish(b, db.Announcement, db.Content{Title: fmt.Sprintf("Announcement %d", i), Body: "Text.\n"})
	}
	req := httptest.NewRequest(http.MethodGet, w.URL+"/", http.NoBody)
	req.Header.Set("Accept", "text/html")
	req.Header.Set("Cookie", "c1_anon=1")
	remote := req.RemoteAddr
	answer := &nowhere{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(answer.header)
		req.RemoteAddr = remote
		w.App.Handler.ServeHTTP(answer, req)
		if answer.status != http.StatusOK {
			b.Fatal(answer.status)
		}
	}
}
