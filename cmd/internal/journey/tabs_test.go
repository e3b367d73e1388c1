package journey

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"portico/auth"
	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/testlog"
)

// tabs opens pages in one browser, all at the same moment, and waits for them.
func (p *Person) tabs(paths ...string) ([]*Person, error) {
	all, failed, start := make([]*Person, len(paths)), make(chan error, len(paths)), make(chan struct{})
	for i, path := range paths {
		tab := *p // the same browser: one jar of cookies
		tab.waits = true
		all[i] = &tab
		go func() { <-start; failed <- tab.Visit(path) }()
	}
	close(start)
	var err error
	for range paths {
		if e := <-failed; e != nil {
			err = e
		}
	}
	return all, err
}

// arrived: the tab shows its own page, after few redirects. It may have been
// told to skip the silent check, since another tab was at it.
func (p *Person) arrived(path string) error {
	own := auth.OwnPath(&http.Request{URL: p.URL})
	ours, left := 0, 0
	for i, h := range p.Hops[:len(p.Hops)-1] {
		if h.Where != "portal" || h.Status != http.StatusSeeOther {
			continue
		}
		ours++
		if p.Hops[i+1].Where == "campusone" {
			left++
		}
	}
	if strings.Contains(p.URL.RawQuery, auth.MarkerParam) {
		return fmt.Errorf("%s: signed in at %s, not at the address that was asked for", path, p.URL.RequestURI())
	}
	if p.Status != http.StatusOK || own != path || ours > 5 || left > mostDepartures {
		return fmt.Errorf("%s: %d at %s, %d redirects of ours, %d departures, %v: %s", path, p.Status, p.URL.RequestURI(), ours, left, p.Hops, p.Text())
	}
	return nil
}

func same(path string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = path
	}
	return all
}

func different(format string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(format, i)
	}
	return all
}

// The marker of ours leaves the address of who is signed in, and nothing else
// of the query does, even what looks like it.
func TestAMarkerLeavesTheAddress(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := w.Person(true)
	p.Meet(w.Provider.SessionCookie(campusonetest.SubAmina))
	visit(t, p, "/dashboard", http.StatusOK)
	for address, want := range map[string]struct {
		at   string
		hops int
	}{
		"/?a=1&c1_skip=old&b=2": {"/?a=1&b=2", 2}, "/announcements?c1_skip=old": {"/announcements", 2},
		"/?xc1_skip=1": {"/?xc1_skip=1", 1}, "/?a=1": {"/?a=1", 1},
	} {
		visit(t, p, address, http.StatusOK)
		if at := p.URL.RequestURI(); at != want.at || len(p.Hops) != want.hops {
			t.Errorf("%s ends at %s by %v, want %s", address, at, p.Hops, want.at)
		}
	}
}

// Each tab goes its own way to Campus One and back, however many there are:
// one's departures never count against another.
func TestTabsOpenedAtOnce(t *testing.T) {
	t.Parallel()
	var log testlog.Log
	w := Start(t, Options{Log: &log})
	for _, c := range []struct {
		name  string
		paths []string
		warm  bool // the browser was here before, anonymous
	}{
		{"three tabs of one page", same("/dashboard", 3), false},
		{"ten tabs of one page", same("/dashboard", 10), false},
		{"ten tabs of one page, browser known", same("/dashboard", 10), true},
		{"ten protected pages", different("/dashboard?tab=%d", 10), false},
		{"ten protected pages, browser known", different("/dashboard?tab=%d", 10), true},
		{"ten restored public pages", different("/?tab=%d", 10), false},
		{"ten restored public pages, browser known", different("/?tab=%d", 10), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			for range 5 { // what happens first differs
				log.Take()
				p := w.Person(true)
				if c.warm {
					visit(t, p, "/", http.StatusOK)
					p.DropCookie("c1_anon") // its five minutes are over
				}
				p.Meet(w.Provider.SessionCookie(campusonetest.SubAmina))
				all, err := p.tabs(c.paths...)
				if err != nil {
					t.Fatal(err)
				}
				for i, tab := range all {
					if err := tab.arrived(c.paths[i]); err != nil {
						t.Error(err)
					}
					if tab.Text() != "" && !tab.reads("Amina Baobab") {
						t.Errorf("%s is shown to a stranger after %v", c.paths[i], tab.Hops)
					}
				}
				if t.Failed() {
					t.Fatalf("the portal's log:\n%s", log.String())
				}
			}
		})
	}
}
