package journey

import (
	"bytes"
	"context"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/andybalholm/cascadia"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/portal"
	"portico/db"
	"portico/handlers"
	"portico/views"
)

const (
	amina = campusonetest.SubAmina
	chidi = campusonetest.SubChidi
)

// desk is a world with a form that keeps what people write, /notes, and one
// that does not, /settings. It notes what arrives.
type desk struct {
	*World
	mu    sync.Mutex
	taken []url.Values
}

func newDesk(t testing.TB, o Options) *desk {
	d := &desk{}
	form := func(path string, keeps ...string) handlers.TestForm {
		draw := func(p views.Page) templ.Component {
			return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
				_, err := io.WriteString(w, `<!DOCTYPE html><html lang="en"><title>Form</title><form method="post"><input type="hidden" name="tag" value="`+html.EscapeString(p.FormTag)+
					`"><input type="hidden" name="id" value="7"><label>Text<textarea name="text"></textarea></label><button>Post it</button></form>`)
				return err
			})
		}
		return handlers.TestForm{Path: path, Keeps: keeps, Draw: draw, Take: func(_ string, r *http.Request) {
			d.mu.Lock()
			defer d.mu.Unlock()
			fields := r.PostForm
			fields.Del("tag")
			d.taken = append(d.taken, fields)
		}}
	}
	o.Portal = portal.Options{TestForms: []handlers.TestForm{form("/notes", "text"), form("/settings")}}
	d.World = Start(t, o)
	return d
}

func (d *desk) arrived() []url.Values {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.taken)
}

// wantTaken says how often the text has arrived, whole and with what belongs to it.
func (d *desk) wantTaken(t testing.TB, text string, times int) {
	t.Helper()
	all := d.arrived()
	if len(all) != times {
		t.Fatalf("%d forms arrived, want %d: %v", len(all), times, all)
	}
	for _, f := range all {
		if len(f) != 2 || f.Get("text") != text || f.Get("id") != "7" {
			t.Errorf("what arrived is %v", f)
		}
	}
}

// expire lets a person's sessions end by time.
func (w *World) expire(t testing.TB, sub string) {
	t.Helper()
	const idle = `UPDATE user_sessions SET idle = 1 WHERE user_id = $1`
	if _, err := w.App.DB.Writer().ExecContext(context.Background(), idle, w.user(t, sub).ID); err != nil {
		t.Fatal(err)
	}
	if err := w.App.DB.Changed(context.Background(), db.Change{Kind: "all"}); err != nil {
		t.Fatal(err)
	}
}

func value(t testing.TB, p *Person, name string) string {
	t.Helper()
	in := cascadia.Query(p.doc, cascadia.MustCompile(`main input[name="`+name+`"], form:not([action]) input[name="`+name+`"]`))
	if in == nil {
		return ""
	}
	return attr(in, "value")
}

func post(t testing.TB, p *Person, path string, fields url.Values, status int) {
	t.Helper()
	if err := p.Post(path, fields); err != nil || p.Hops[0].Status != status {
		t.Fatalf("POST %s: %v, want %d (%v): %s", path, p.Hops, status, err, p.Text())
	}
}

// opened signs a person in and opens a form; it returns the form with a text.
func (d *desk) opened(t testing.TB, sub, path, text string) (*Person, url.Values) {
	t.Helper()
	p := d.Person(true)
	p.Meet(d.Provider.SessionCookie(sub))
	visit(t, p, "/dashboard", http.StatusOK)
	visit(t, p, path, http.StatusOK)
	tag := value(t, p, "tag")
	if tag == "" {
		t.Fatalf("the form has no tag: %s", p.Body)
	}
	return p, url.Values{"tag": {tag}, "id": {"7"}, "text": {text}}
}

// held is what the page that holds a form would send again.
func held(t testing.TB, p *Person, text string) url.Values {
	t.Helper()
	if !strings.Contains(p.Text(), "You were signed out") || value(t, p, "held") == "" {
		t.Fatalf("the form is not held: %d %s", p.Status, p.Text())
	}
	if strings.Contains(p.Body, text) || p.Answer.Get("Cache-Control") != "no-store" {
		t.Errorf("the page shows the text, or is kept: %s", p.Body)
	}
	return url.Values{"tag": {value(t, p, "tag")}, "held": {value(t, p, "held")}}
}

func TestFormOutlivesItsSession(t *testing.T) {
	t.Parallel()
	const text = "\nIt came twice: §∆ <b>\r\nand \"so on\" & on"
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			clock := NewClock()
			d := newDesk(t, Options{Database: e.fresh(t), Clock: clock})
			p, form := d.opened(t, amina, "/notes", text)
			clock.Advance(13 * time.Hour)
			p.Meet(d.Provider.SessionCookie(amina))
			post(t, p, "/notes", form, http.StatusUnauthorized)
			post(t, p, "/notes", held(t, p, "It came twice"), http.StatusUnauthorized) // before signing in
			again := held(t, p, "It came twice")
			d.wantTaken(t, text, 0)
			visit(t, p, "/auth/login?next=/dashboard", http.StatusOK) // the other tab
			d.wantTaken(t, text, 0)
			post(t, p, "/notes", again, http.StatusSeeOther)
			d.wantTaken(t, text, 1)
		})
	}
}

// The browser has dropped the cookie, and the portal the session's row.
func TestFormOutlivesItsCookie(t *testing.T) {
	t.Parallel()
	d := newDesk(t, Options{})
	p, form := d.opened(t, amina, "/notes", "all of it")
	if _, err := d.App.DB.Writer().Exec(`DELETE FROM user_sessions`); err != nil {
		t.Fatal(err)
	}
	p.DropCookie("session")
	if err := d.App.DB.Changed(context.Background(), db.Change{Kind: "all"}); err != nil {
		t.Fatal(err)
	}
	post(t, p, "/notes", form, http.StatusUnauthorized)
	again := held(t, p, "all of it")
	visit(t, p, "/auth/login?next=/dashboard", http.StatusOK)
	post(t, p, "/notes", again, http.StatusSeeOther)
	d.wantTaken(t, "all of it", 1)
}

// as signs another person in, in the same browser.
func (d *desk) as(t *testing.T, p *Person, sub string) {
	t.Helper()
	d.expire(t, amina)
	p.Meet(d.Provider.SessionCookie(sub))
	visit(t, p, "/auth/login?next=/dashboard", http.StatusOK)
	if !strings.Contains(p.Text(), nameOf(t, sub)) {
		t.Fatalf("not signed in as %s: %s", sub, p.Text())
	}
}

func TestFormUnderAnotherSession(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/notes", "/settings"} {
		t.Run(path, func(t *testing.T) {
			d := newDesk(t, Options{})
			p, form := d.opened(t, amina, path, "written by Amina")
			d.as(t, p, chidi)
			post(t, p, path, form, http.StatusConflict)
			if !strings.Contains(p.Text(), "You are now signed in as "+nameOf(t, chidi)) {
				t.Errorf("the page says %s", p.Text())
			}
			area := cascadia.Query(p.doc, cascadia.MustCompile("main textarea[readonly]"))
			if shown := area != nil && textOf(area) == "written by Amina"; shown != (path == "/notes") {
				t.Errorf("the text is shown: %v", shown)
			}
			d.wantTaken(t, "", 0)
		})
	}
}

// What was sealed for one person is neither sent nor shown for another; it
// waits for the first.
func TestHeldFormIsForOnePerson(t *testing.T) {
	t.Parallel()
	d := newDesk(t, Options{})
	p, form := d.opened(t, amina, "/notes", "written by Amina")
	d.expire(t, amina)
	post(t, p, "/notes", form, http.StatusUnauthorized)
	again := held(t, p, "written by Amina")
	d.as(t, p, chidi)
	visit(t, p, "/notes", http.StatusOK)
	stolen := url.Values{"held": again["held"], "tag": {value(t, p, "tag")}} // under Chidi's own tag
	post(t, p, "/notes", stolen, http.StatusGone)
	post(t, p, "/notes", again, http.StatusConflict)
	if text := p.Text(); !strings.Contains(text, "You are now signed in as "+nameOf(t, chidi)) || !strings.Contains(text, "Send again") || strings.Contains(p.Body, "written by Amina") {
		t.Errorf("the page says %s", text)
	}
	waits := url.Values{"tag": {value(t, p, "tag")}, "held": {value(t, p, "held")}}
	d.wantTaken(t, "", 0)
	d.expire(t, chidi)
	d.as(t, p, amina)
	post(t, p, "/notes", waits, http.StatusSeeOther)
	d.wantTaken(t, "written by Amina", 1)
}

func TestFormsNotHeld(t *testing.T) {
	t.Parallel()
	expired := func(t *testing.T, d *desk, _ *Person) { d.expire(t, amina) }
	for _, c := range []struct {
		name, path string
		before     func(*testing.T, *desk, *Person)
		status     int
		see        string
		shown      bool // the text comes back, to be copied
	}{
		{"a form that keeps nothing", "/settings", expired, 401, "Please sign in", false},
		{"ended by hand", "/notes", func(t *testing.T, d *desk, p *Person) {
			s, err := d.App.DB.SessionsOf(context.Background(), d.user(t, amina).ID)
			if err != nil {
				t.Fatal(err)
			}
			if err := d.App.DB.EndSession(context.Background(), s[0].TokenHash, "by hand", time.Now()); err != nil {
				t.Fatal(err)
			}
		}, 401, "Please sign in", true},
		{"from another site", "/notes", func(t *testing.T, d *desk, p *Person) {
			d.expire(t, amina)
			p.Header.Set("Sec-Fetch-Site", "cross-site")
		}, 403, "This did not come from our own page", false},
		{"asked by a script", "/notes", func(t *testing.T, d *desk, p *Person) {
			d.expire(t, amina)
			p.Header.Set("Accept", "application/json")
		}, 401, `{"error":"Not signed in"}`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, Options{})
			p, form := d.opened(t, amina, c.path, "a long story")
			c.before(t, d, p)
			post(t, p, c.path, form, c.status)
			if value(t, p, "held") != "" || !strings.Contains(p.Body, c.see) || strings.Contains(p.Body, "a long story") != c.shown {
				t.Errorf("the page says %s\n%s", p.Text(), p.Body)
			}
			d.wantTaken(t, "", 0)
		})
	}
}

func TestFormTooLongToHold(t *testing.T) {
	t.Parallel()
	d := newDesk(t, Options{})
	text := strings.Repeat("§", 40<<10) // 80 kB, 240 kB on its way
	p, form := d.opened(t, amina, "/notes", text)
	d.expire(t, amina)
	post(t, p, "/notes", form, http.StatusUnauthorized)
	area := cascadia.Query(p.doc, cascadia.MustCompile("main textarea[readonly]"))
	if area == nil || textOf(area) != text || value(t, p, "held") != "" || !strings.Contains(p.Text(), "too long for this page to keep") {
		t.Errorf("the page says %.300s", p.Text())
	}
	d.expire(t, amina)
	text = strings.Repeat("§", 32<<10)
	form.Set("text", text)
	post(t, p, "/notes", form, http.StatusUnauthorized)
	again := held(t, p, text)
	visit(t, p, "/auth/login?next=/dashboard", http.StatusOK)
	post(t, p, "/notes", again, http.StatusSeeOther)
	d.wantTaken(t, text, 1)
}

func TestHeldFormIsOver(t *testing.T) {
	t.Parallel()
	clock := NewClock()
	d := newDesk(t, Options{Clock: clock})
	p, form := d.opened(t, amina, "/notes", "written long ago")
	clock.Advance(13 * time.Hour)
	post(t, p, "/notes", form, http.StatusUnauthorized)
	first := held(t, p, "written long ago")
	clock.Advance(10 * time.Minute)
	post(t, p, "/notes", first, http.StatusUnauthorized) // waits 15 minutes more
	second := held(t, p, "written long ago")
	p.Meet(d.Provider.SessionCookie(amina))
	visit(t, p, "/auth/login?next=/dashboard", http.StatusOK)
	clock.Advance(6 * time.Minute)
	post(t, p, "/notes", first, http.StatusGone)
	if !strings.Contains(p.Text(), "That was kept for 15 minutes only") {
		t.Errorf("the page says %s", p.Text())
	}
	post(t, p, "/notes?id=8", second, http.StatusGone) // held for another address
	d.wantTaken(t, "", 0)
	clock.Advance(9 * time.Minute)
	post(t, p, "/notes", second, http.StatusSeeOther)
	d.wantTaken(t, "written long ago", 1)
}

// A form may come in parts, as one with files does; its tag counts all the same.
func TestFormInParts(t *testing.T) {
	t.Parallel()
	d := newDesk(t, Options{})
	p, form := d.opened(t, amina, "/settings", "x")
	send := func(tag, text string) int {
		var b bytes.Buffer
		parts := multipart.NewWriter(&b)
		for name, value := range map[string]string{"tag": tag, "id": "7", "text": text} {
			if err := parts.WriteField(name, value); err != nil {
				t.Fatal(err)
			}
		}
		if err := parts.Close(); err != nil {
			t.Fatal(err)
		}
		res, _ := p.answerBody(t, "/settings", b.String(), http.Header{"Content-Type": {parts.FormDataContentType()}, "Origin": {d.URL}})
		return res.StatusCode
	}
	for _, c := range []struct {
		tag, text string
		status    int
	}{{"", "x", http.StatusConflict}, {form.Get("tag"), strings.Repeat("x", 200<<10), http.StatusRequestEntityTooLarge}, {form.Get("tag"), "in parts", http.StatusSeeOther}} {
		if got := send(c.tag, c.text); got != c.status {
			t.Errorf("with the tag %.5q and %d bytes: %d, want %d", c.tag, len(c.text), got, c.status)
		}
	}
	d.wantTaken(t, "in parts", 1)
}
