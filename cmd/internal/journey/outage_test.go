package journey

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"

	"portico/auth/campusone/campusonetest"
)

// The moments of an outage, in seconds. The portal probes every 30.
const (
	dies     = 10
	opens    = 90 // the third probe that fails: 30, 60, 90
	returns  = 100
	closes   = 150 // the second that is good: 120, 150
	watching = 160
)

// ways are the manners in which a provider is away.
var ways = map[string]campusonetest.Down{
	"closes connections": campusonetest.DownCloses,
	"hangs":              campusonetest.DownHangs,
	"answers 503":        campusonetest.DownAnswers503,
}

// What people meet.
const (
	anonymously = "page"
	byName      = "page, by name"
	bannered    = ", one banner"
	stranded    = "sent to Campus One, no answer"
	strandBack  = stranded + "; Back: page"
	itsSignIn   = "Campus One's sign-in"
	inWords     = "503 in words, try again in 60 s"
)

// audience is who watches the outage, each at a page of their own.
type audience struct {
	w       *World
	student *Person  // signed in before, goes on reading
	reader  *Person  // asked once before, nobody
	early   *Person  // signed in at Campus One, first comes while it is away
	seen    []string // the second before
	breaker bool     // Campus One is taken as away
}

// TestOutage watches, second by second, what each person meets while Campus
// One dies and returns. The clock is the test's.
func TestOutage(t *testing.T) {
	t.Parallel()
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := NewClock()
			w := Start(t, Options{Clock: clock})
			clock.Ready()
			w.Provider.SetFault(func(f *campusonetest.Fault) { f.Down = way })
			a := &audience{w: w, student: w.Person(true), reader: w.Person(true), early: w.Person(true)}
			a.student.Meet(w.Provider.SessionCookie(campusonetest.SubAmina))
			a.early.Meet(w.Provider.SessionCookie(campusonetest.SubChidi))
			var table []string
			for second := range watching {
				if second > 0 {
					clock.Advance(time.Second)
				}
				note := a.happens(second)
				row := a.watch(t, second)
				if changed := !slices.Equal(row, a.seen); changed || note != "" {
					table = append(table, fmt.Sprintf("%4d s | %-22s | %s", second, note, strings.Join(row, " | ")))
				}
				a.seen = row
			}
			t.Logf("Campus One %s. What each meets from that second on:\n  time | what happens | signed in, /dashboard | anonymous, / | first visit, / | first visit, known at Campus One, / | first visit, /dashboard | first came while away, /\n%s", name, strings.Join(table, "\n"))
		})
	}
}

// happens lets the outage take its course and names what happened.
func (a *audience) happens(second int) string {
	was := a.breaker
	a.breaker = a.w.App.Provider.Status().BreakerOpen
	switch {
	case second == dies:
		a.w.Provider.TakeDown(time.Hour)
		return "Campus One dies"
	case second == returns:
		a.w.Provider.BringUp()
		return "Campus One returns"
	case a.breaker && !was:
		return "third failed probe"
	case was && !a.breaker:
		return "second good probe"
	}
	return ""
}

// watch opens everybody's page and holds it against the rules.
func (a *audience) watch(t *testing.T, second int) []string {
	t.Helper()
	down := second >= dies && second < returns
	if want := second >= opens && second < closes; a.breaker != want {
		t.Errorf("%d s: taken as away is %t, want %t", second, a.breaker, want)
	}
	known := a.w.Person(true)
	known.Meet(a.w.Provider.SessionCookie(campusonetest.SubAmina))
	row := []string{a.meet(t, a.student, "/dashboard"), a.meet(t, a.reader, "/"), a.meet(t, a.w.Person(true), "/"), a.meet(t, known, "/"), a.meet(t, a.w.Person(true), "/dashboard"), ""}
	want := []string{byName, anonymously, anonymously, byName, itsSignIn, ""}
	switch {
	case a.breaker:
		want = []string{byName + bannered, anonymously + bannered, anonymously + bannered, anonymously + bannered, inWords + bannered, ""}
	case down: // not known yet: who comes for the first time is sent, and is not kept when they come back
		want = []string{byName, anonymously, strandBack, strandBack, stranded, ""}
	}
	if second >= opens {
		row[5], want[5] = a.meet(t, a.early, "/"), anonymously+bannered
	}
	if second >= closes {
		want[5] = byName
	}
	for i := range row {
		if row[i] != want[i] {
			t.Errorf("%d s, column %d: %q, want %q", second, i+1, row[i], want[i])
		}
	}
	return row
}

// meet opens a page and tells what is met, in words.
func (a *audience) meet(t *testing.T, p *Person, path string) string {
	t.Helper()
	met, err := p.meets(path)
	if err == nil && met == stranded && path == "/" {
		var again string
		again, err = p.meets(path) // as the Back button would
		met += "; Back: " + again
	}
	if err != nil {
		t.Fatal(err)
	}
	return met
}

// meets follows a page's redirects up to a Campus One that does not answer.
func (p *Person) meets(path string) (string, error) {
	p.Hops = nil
	next, err := url.Parse(p.world.URL + path)
	for err == nil && next != nil {
		if p.where(next) == "campusone" && p.world.Provider.IsDown() {
			return stranded, nil
		}
		if len(p.Hops) > mostHops {
			return "", fmt.Errorf("circles: %v", p.Hops)
		}
		next, err = p.step(http.MethodGet, next, nil)
	}
	if err != nil {
		return "", err
	}
	return p.inWords(), nil
}

func (p *Person) inWords() string {
	if p.where(p.URL) == "campusone" {
		return itsSignIn
	}
	words := fmt.Sprintf("%d: %s", p.Status, p.Text())
	switch {
	case p.Status == http.StatusServiceUnavailable && strings.Contains(p.Text(), "signing in needs Campus One"):
		words = "503 in words, try again in " + p.Answer.Get("Retry-After") + " s"
	case p.Status == http.StatusOK && cascadia.Query(p.doc, cascadia.MustCompile(`form[action="/auth/logout"]`)) != nil:
		words = byName
	case p.Status == http.StatusOK:
		words = anonymously
	}
	switch n := len(cascadia.QueryAll(p.doc, cascadia.MustCompile(".banner"))); n {
	case 0:
	case 1:
		words += bannered
	default:
		words += fmt.Sprintf(", %d banners", n)
	}
	return words
}

// TestCallbackInHand: Campus One dies while a person is on the way back from
// it. The callback ends in time, in plain words or, of a silent check, with
// the page that was asked for.
func TestCallbackInHand(t *testing.T) {
	t.Parallel()
	for name, way := range ways {
		for _, c := range []struct{ path, meets string }{{"/", anonymously}, {"/dashboard", "503: "}} {
			t.Run(name+" "+c.path, func(t *testing.T) {
				t.Parallel()
				w := Start(t, Options{})
				w.Provider.SetFault(func(f *campusonetest.Fault) { f.Down = way })
				p := w.Person(true)
				p.Meet(w.Provider.SessionCookie(campusonetest.SubAmina))
				next := p.upToCallback(t, c.path)
				w.Provider.TakeDown(time.Hour)
				began := time.Now()
				next, err := p.step(http.MethodGet, next, nil)
				took := time.Since(began)
				for err == nil && next != nil {
					next, err = p.step(http.MethodGet, next, nil)
				}
				if err != nil {
					t.Fatal(err)
				}
				if took > callbackTime+time.Second/2 {
					t.Errorf("the callback took %s", took)
				}
				if got := p.inWords(); !strings.HasPrefix(got, c.meets) || p.Status == http.StatusServiceUnavailable && p.Answer.Get("Retry-After") == "" {
					t.Errorf("met %q (Retry-After %q), want %q", got, p.Answer.Get("Retry-After"), c.meets)
				}
				t.Logf("the callback ended after %s with %d: %s", took.Round(time.Millisecond), p.Status, p.inWords())
			})
		}
	}
}

// upToCallback walks to Campus One and stops before the callback is opened.
func (p *Person) upToCallback(t *testing.T, path string) *url.URL {
	t.Helper()
	next, err := url.Parse(p.world.URL + path)
	for err == nil && next != nil && next.Path != "/auth/callback" {
		next, err = p.step(http.MethodGet, next, nil)
	}
	if err != nil || next == nil {
		t.Fatalf("no callback: %v, %v", err, p.Hops)
	}
	return next
}
