package journey

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
)

// counted is what a journey costs: redirects of ours, redirects of Campus
// One, and documents that people get to see, of either.
type counted struct{ ours, theirs, documents int }

func (c *counted) add(hops []Hop) {
	for _, h := range hops {
		switch {
		case h.Status < 300 || h.Status > 399:
			c.documents++
		case h.Where == "portal":
			c.ours++
		default:
			c.theirs++
		}
	}
}

// traveller is a person whose hops are counted from now on.
type traveller struct {
	*Person
	cost counted
}

func (p *traveller) does(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	p.cost.add(p.Hops)
}

func (p *traveller) visits(t *testing.T, path string) { t.Helper(); p.does(t, p.Visit(path)) }
func (p *traveller) clicks(t *testing.T, text string) { t.Helper(); p.does(t, p.Click(text)) }
func (p *traveller) forgets()                         { p.cost = counted{} }

// travels is one journey: what it does, what it costs and where it ends.
type travels struct {
	name   string
	world  Options
	do     func(t *testing.T, w *World, p *traveller)
	want   counted
	status int
	sees   string
}

func journeys() []travels {
	consent := Options{Provider: func(_ *campusonetest.Options, c *campusonetest.Client) { c.Trusted = false }}
	return []travels{
		{"anonymous, first view", Options{}, func(t *testing.T, w *World, p *traveller) { p.visits(t, "/") }, counted{2, 1, 1}, 200, "Sign in with Campus One"},
		{"anonymous, second view", Options{}, secondView, counted{0, 0, 1}, 200, "Sign in with Campus One"},
		{"recognised, first view", Options{}, known("/"), counted{2, 1, 1}, 200, "Amina Baobab"},
		{"recognised, second view", Options{}, recognisedAgain, counted{0, 0, 1}, 200, "Amina Baobab"},
		{"protected page, not signed in anywhere", Options{}, fromNowhere, counted{2, 3, 2}, 200, "Amina Baobab"},
		{"protected page, signed in at Campus One", Options{}, known("/dashboard"), counted{2, 1, 1}, 200, "Amina Baobab"},
		{"the sign-in button, signed in at Campus One meanwhile", Options{}, button, counted{2, 1, 1}, 200, "Amina Baobab"},
		{"after sign-out, the first page", Options{}, afterSignOut("/"), counted{0, 0, 1}, 200, "Sign in with Campus One"},
		{"after sign-out, a protected page", Options{}, afterSignOut("/dashboard"), counted{0, 0, 1}, 401, "Sign in with Campus One"},
		{"after sign-out, back by the button", Options{}, backByButton, counted{2, 1, 1}, 200, "Amina Baobab"},
		{"cookies off, the first page", Options{}, func(t *testing.T, w *World, p *traveller) { p.Person = w.Person(false); p.visits(t, "/") }, counted{2, 1, 1}, 200, "Sign in with Campus One"},
		{"Campus One away, the first page", Options{Absent: true}, whileAway("/"), counted{0, 0, 1}, 200, "not answering"},
		{"Campus One away, a protected page", Options{Absent: true}, whileAway("/dashboard"), counted{0, 0, 1}, 503, "not answering"},
		{"consent needed, the first page", consent, known("/"), counted{2, 1, 1}, 200, "Continue with Campus One"},
		{"consent needed, a protected page, given", consent, consents, counted{2, 3, 2}, 200, "Amina Baobab"},
		{"session ended by time, the first page", Options{}, expired("/"), counted{2, 1, 1}, 200, "Amina Baobab"},
		{"session ended by time, a protected page", Options{}, expired("/dashboard"), counted{2, 1, 1}, 200, "Amina Baobab"},
		{"blocked, the first page", Options{}, blocked("/"), counted{2, 1, 1}, 200, "Sign in with Campus One"},
		{"blocked, the first page again", Options{}, blockedAgain, counted{0, 0, 1}, 200, "Sign in with Campus One"},
		{"blocked, a protected page", Options{}, blocked("/dashboard"), counted{1, 1, 1}, 403, "stopped"},
		{"ten tabs at once, recognised", Options{}, tenTabs, counted{25, 15, 10}, 200, "Amina Baobab"},
	}
}

// TestRedirects counts, for each journey, the documents and the redirects
// that it takes.
func TestRedirects(t *testing.T) {
	t.Parallel()
	var table []string
	for _, j := range journeys() {
		t.Run(j.name, func(t *testing.T) {
			w := Start(t, j.world)
			p := &traveller{Person: w.Person(true)}
			j.do(t, w, p)
			if p.cost != j.want {
				t.Errorf("%+v, want %+v; last %v", p.cost, j.want, p.Hops)
			}
			if p.Status != j.status || !strings.Contains(p.Text(), j.sees) {
				t.Errorf("ends with %d, want %d with %q: %s", p.Status, j.status, j.sees, p.Text())
			}
			table = append(table, fmt.Sprintf("%-53s | %2d | %2d | %2d | %d", j.name, p.cost.documents, p.cost.ours, p.cost.theirs, p.Status))
		})
	}
	t.Logf("documents | redirects of ours | redirects of Campus One | last status\n%s", strings.Join(table, "\n"))
}

func known(path string) func(*testing.T, *World, *traveller) {
	return func(t *testing.T, w *World, p *traveller) {
		p.Meet(w.Provider.SessionCookie(campusonetest.SubAmina))
		p.visits(t, path)
	}
}

func secondView(t *testing.T, _ *World, p *traveller) {
	p.visits(t, "/")
	p.forgets()
	p.visits(t, "/")
}

func recognisedAgain(t *testing.T, w *World, p *traveller) {
	known("/")(t, w, p)
	p.forgets()
	p.visits(t, "/")
}

func fromNowhere(t *testing.T, _ *World, p *traveller) {
	p.visits(t, "/dashboard")
	p.clicks(t, "Amina")
}

func button(t *testing.T, w *World, p *traveller) {
	p.visits(t, "/")
	p.Meet(w.Provider.SessionCookie(campusonetest.SubAmina))
	p.forgets()
	p.clicks(t, "Sign in with Campus One")
}

func afterSignOut(path string) func(*testing.T, *World, *traveller) {
	return func(t *testing.T, w *World, p *traveller) {
		known("/")(t, w, p)
		p.clicks(t, "Sign out")
		p.forgets()
		p.visits(t, path)
	}
}

func backByButton(t *testing.T, w *World, p *traveller) {
	afterSignOut("/dashboard")(t, w, p)
	p.forgets()
	p.clicks(t, "Sign in with Campus One")
}

// whileAway waits until the portal has noticed.
func whileAway(path string) func(*testing.T, *World, *traveller) {
	return func(t *testing.T, w *World, p *traveller) {
		for end := time.Now().Add(time.Minute); !w.App.Provider.Away() && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		p.visits(t, path)
	}
}

func consents(t *testing.T, w *World, p *traveller) {
	known("/dashboard")(t, w, p)
	p.clicks(t, "Allow")
}

func expired(path string) func(*testing.T, *World, *traveller) {
	return func(t *testing.T, w *World, p *traveller) {
		known("/")(t, w, p)
		w.forgetSession(t, campusonetest.SubAmina)
		p.forgets()
		p.visits(t, path)
	}
}

func blocked(path string) func(*testing.T, *World, *traveller) {
	return func(t *testing.T, w *World, p *traveller) {
		if err := w.App.DB.Block(context.Background(), w.Provider.URL(), campusonetest.SubAmina, "the office", "a test", time.Now()); err != nil {
			t.Fatal(err)
		}
		known(path)(t, w, p)
	}
}

func blockedAgain(t *testing.T, w *World, p *traveller) {
	blocked("/")(t, w, p)
	p.forgets()
	p.visits(t, "/")
}

// tab is one page of several in a browser, and where it goes next.
type tab struct {
	*Person
	next *url.URL
}

// connections is how many requests a browser has on their way to one host.
const connections = 6

// tenTabs restores ten pages of one browser. Six requests at a time leave with
// the cookies of the same moment, and their answers come after that: each of
// the first six makes a browser key, and all but the last are sent once more.
func tenTabs(t *testing.T, w *World, p *traveller) {
	p.Meet(w.Provider.SessionCookie(campusonetest.SubAmina))
	jar := &lateJar{CookieJar: p.client.Jar}
	p.client.Jar = jar
	var tabs []*tab
	for i := range 10 {
		other := *p.Person // the same browser: one jar of cookies
		next, err := url.Parse(fmt.Sprintf("%s/?tab=%d", w.URL, i))
		if err != nil {
			t.Fatal(err)
		}
		tabs = append(tabs, &tab{&other, next})
	}
	for range mostHops {
		for some := range slices.Chunk(tabs, connections) {
			for _, tab := range some {
				tab.goOn(t)
			}
			jar.settle()
		}
	}
	for i, tab := range tabs {
		p.cost.add(tab.Hops)
		if want := fmt.Sprintf("tab=%d", i); tab.next != nil || tab.URL.RawQuery != want || !strings.Contains(tab.Text(), "Amina Baobab") {
			t.Errorf("%s ended at %s: %s", want, tab.URL, tab.Text())
		}
	}
	p.Person = tabs[0].Person
}

func (b *tab) goOn(t *testing.T) {
	t.Helper()
	if b.next == nil {
		return
	}
	var err error
	if b.next, err = b.step(http.MethodGet, b.next, nil); err != nil {
		t.Fatal(err)
	}
}

// lateJar takes cookies only when it is told to.
type lateJar struct {
	http.CookieJar
	waiting []func()
}

func (j *lateJar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	j.waiting = append(j.waiting, func() { j.CookieJar.SetCookies(u, cookies) })
}

func (j *lateJar) settle() {
	for _, set := range j.waiting {
		set()
	}
	j.waiting = nil
}
