package journey

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"portico/auth/campusone/campusonetest"
)

// whims is a provider that answers each request as it likes.
type whims struct {
	mu   sync.Mutex
	dice *rand.Rand
	told []string
}

func (w *whims) roll(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dice.IntN(n)
}

func (w *whims) note(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, what)
}

var anyError = []string{"login_required", "consent_required", "access_denied", "invalid_scope", "server_error", "temporarily_unavailable", canary}

// callback keeps, loses or spoils the state, or puts an error for the code.
func (w *whims) callback(p []campusonetest.Param) []campusonetest.Param {
	p = slices.Clone(p)
	if w.roll(2) == 0 {
		code := anyError[w.roll(len(anyError))]
		p[0] = campusonetest.Param{Name: "error", Value: code}
		w.note(code)
	}
	switch w.roll(4) {
	case 0:
		w.note("no state")
		return slices.DeleteFunc(p, func(p campusonetest.Param) bool { return p.Name == "state" })
	case 1:
		w.note("altered state")
		for i := range p {
			if p[i].Name == "state" {
				p[i].Value = "A" + p[i].Value
			}
		}
	}
	return p
}

// Whatever the provider answers and whichever cookies the browser keeps: no
// page asked for leaves more than twice (the first page, to which answers that
// belong nowhere lead, may leave once besides), and five redirects of ours in
// a row are never passed.
func TestNoCircleWhateverIsAnswered(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	for seed := range uint64(300) {
		fate := &whims{dice: rand.New(rand.NewPCG(seed, 7))}
		w.Provider.SetQuirks(func(q *campusonetest.Quirks) { q.StateInErrors = fate.roll(2) == 0 })
		w.Provider.SetFault(func(f *campusonetest.Fault) {
			*f = campusonetest.Fault{}
			f.Authorize.Callback = fate.callback
			if fate.roll(3) == 0 {
				f.Token.Error, f.Token.Times = "invalid_grant", 1
			}
		})
		p, keeps := w.Person(true), ""
		for _, name := range []string{"session", "c1_key", "c1_try", "c1_anon"} {
			if fate.roll(5) > 0 {
				keeps += name + " "
			}
		}
		p.client.Jar = someJar{p.client.Jar, w.URL, keeps}
		if fate.roll(4) > 0 {
			p.Meet(w.Provider.SessionCookie(campusonetest.SubAmina))
		}
		if fate.roll(3) == 0 {
			p.Header.Set("Referer", w.Provider.URL()+"/apps")
		}
		for range 3 {
			path := []string{"/", "/?a=1", "/dashboard", "/auth/login?next=/dashboard", "/auth/login?next=/&prompt=none"}[fate.roll(5)]
			if err := p.bounded(path); err != nil {
				t.Errorf("seed %d, keeps %q, told %v: %v", seed, keeps, fate.told, err)
			}
			fate.told = nil
		}
	}
}

// bounded opens a page and checks the way to where it ends.
func (p *Person) bounded(path string) error {
	err := p.Visit(path)
	left, ofPage, ours := 0, 0, 0
	for i, h := range p.Hops {
		if h.Where != "portal" || h.Status != http.StatusSeeOther {
			continue
		}
		if ours++; h.Path != "/auth/callback" {
			ofPage = 0
		}
		if i+1 < len(p.Hops) && p.Hops[i+1].Where == "campusone" {
			left, ofPage = left+1, ofPage+1
		}
		if ofPage > mostDepartures {
			return fmt.Errorf("%s left more than %d times: %s", h.Path, mostDepartures, p.route())
		}
	}
	public := strings.HasPrefix(path, "/?") || path == "/"
	switch {
	case err != nil:
		return err
	case left > mostDepartures+1 || ours > 5:
		return fmt.Errorf("%s: %d departures, %d redirects of ours: %s", path, left, ours, p.route())
	case public && p.where(p.URL) == "portal" && p.Status >= 500:
		return fmt.Errorf("%s: a visitor of a public page got %d: %s", path, p.Status, p.route())
	}
	return nil
}
