package journey

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/sample"
)

// patient is an answer that notes whether its request was given more time.
type patient struct {
	*httptest.ResponseRecorder
	given bool
}

func (p *patient) SetReadDeadline(time.Time) error  { p.given = true; return nil }
func (p *patient) SetWriteDeadline(time.Time) error { return nil }

// arriving is a form on its way: it says when the portal begins to read it, and
// its rest comes when it is let.
type arriving struct {
	io.Reader
	once      sync.Once
	read, let chan struct{}
}

func (a *arriving) Read(b []byte) (int, error) {
	a.once.Do(func() { close(a.read) })
	<-a.let
	return a.Reader.Read(b)
}

// sent is a form with a file of a person, given to the portal as a server does.
func (p *Person) sent(t testing.TB, body io.Reader, kind string) *http.Request {
	t.Helper()
	at := p.world.URL + "/admin/publish/announcements/new/files"
	req := httptest.NewRequest(http.MethodPost, at, body)
	req.Header = p.Header.Clone()
	req.Header.Set("Accept", "text/html")
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Origin", p.world.URL)
	for _, c := range p.client.Jar.Cookies(mustURL(at)) {
		req.AddCookie(c)
	}
	return req
}

// One form with a file of a person is taken, and the next is told to wait: its
// file is dropped and what was typed is shown again. When the first has come,
// the next may come too.
func TestUploadsTakeTurns(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := signedIn(t, w, campusonetest.SubFunke)
	p.must(t, p.Visit("/admin/publish/announcements/new"), http.StatusOK)
	form := p.fields(t, "#title")
	form.Set("to", "everybody")
	form.Set("body", "Until Friday.")
	for n, want := range []int{http.StatusServiceUnavailable, http.StatusSeeOther} {
		form.Set("title", fmt.Sprint("Hall ", n))
		body, kind := withFile(t, form, "a.pdf", sample.PDF(fmt.Sprint(n)))
		first := &arriving{Reader: strings.NewReader(body), read: make(chan struct{}), let: make(chan struct{})}
		answer, done := &patient{ResponseRecorder: httptest.NewRecorder()}, make(chan struct{})
		go func() {
			defer close(done)
			w.App.Handler.ServeHTTP(answer, p.sent(t, first, kind))
		}()
		select {
		case <-first.read:
		case <-done:
			t.Fatalf("the first was not read: %d, %s", answer.Code, answer.Body)
		}
		if n == 1 {
			close(first.let)
			<-done
		}
		next := &patient{ResponseRecorder: httptest.NewRecorder()}
		w.App.Handler.ServeHTTP(next, p.sent(t, strings.NewReader(body), kind))
		if next.Code != want {
			t.Errorf("the next is answered with %d, want %d: %s", next.Code, want, next.Body)
		}
		if n == 0 {
			text := next.Body.String()
			if next.Header().Get("Retry-After") == "" || !strings.Contains(text, "another one of yours is still on its way") || !strings.Contains(text, `value="Hall 0"`) || !strings.Contains(text, ">\nUntil Friday.</textarea>") {
				t.Errorf("%v, %s", next.Header(), text)
			}
			close(first.let)
		}
		if <-done; answer.Code != http.StatusSeeOther {
			t.Errorf("the first is answered with %d: %s", answer.Code, answer.Body)
		}
	}
}

// Only who may send a file is given the time to.
func TestOnlyPublishersGetMoreTimeToSend(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	for sub, may := range map[string]bool{campusonetest.SubFunke: true, campusonetest.SubAmina: false} {
		p := signedIn(t, w, sub)
		body, kind := withFile(t, url.Values{"tag": {p.tag(t)}}, "a.pdf", sample.PDF("x"))
		answer := &patient{ResponseRecorder: httptest.NewRecorder()}
		w.App.Handler.ServeHTTP(answer, p.sent(t, strings.NewReader(body), kind))
		if answer.given != may || (answer.Code == http.StatusForbidden) == may {
			t.Errorf("%s: given time: %t, answered with %d", sub, answer.given, answer.Code)
		}
	}
}

// Names and parts count like text: a form of nothing else is too large as well.
func TestNamesOfFieldsCount(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := signedIn(t, w, campusonetest.SubFunke)
	for what, form := range map[string]url.Values{
		"many parts": {"tag": {p.tag(t)}, "x": make([]string, 9000)}, "a long name": {"tag": {p.tag(t)}, strings.Repeat("x", 600<<10): {""}},
	} {
		body, kind := withFile(t, form, "a.pdf", sample.PDF("x"))
		answer := &patient{ResponseRecorder: httptest.NewRecorder()}
		w.App.Handler.ServeHTTP(answer, p.sent(t, strings.NewReader(body), kind))
		if answer.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: answered with %d", what, answer.Code)
		}
	}
}
