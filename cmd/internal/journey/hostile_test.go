package journey

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
)

// canary stands in whatever a hostile provider says; no page of ours and no
// line of the log may repeat it.
const canary = "canary-7f3a"

// crime is one way in which a provider breaks the rules. Nobody may be signed
// in by it, and nobody may be left without a page.
type crime struct {
	name  string
	rule  string // the standard and its section
	wrong string // what the provider does
	alg   campusonetest.Alg
	quirk campusonetest.Quirks
	fault func(scene, *campusonetest.Fault)
	first func(*testing.T, *World) // after the start, before anybody comes

	silent      int  // where a silent attempt ends; 0 is as anonymous
	interactive int  // the status of the page that ends an interactive one
	lasting     bool // it is not mended at once when the provider is
	slow        bool // both attempts wait, so they are made at once
}

// Where a silent attempt ends when it is not at the page asked for, with
// c1_anon set; any other number is the status of a page of ours.
const (
	anonymous = 0
	served    = -1 // the page itself, without c1_anon: nothing was asked, or nothing heard
)

// scene is what a fault may point at.
type scene struct {
	portal string // the portal's address
	trap   string // another host, where no request may ever arrive
	jwks   func(key any)
}

// TestHostile commits every crime against a portal of its own.
func TestHostile(t *testing.T) {
	t.Parallel()
	crimes := slices.Concat(signatureCrimes(), claimCrimes(), metadataCrimes(), answerCrimes(), callbackCrimes())
	table := &outcomes{}
	t.Run("crimes", func(t *testing.T) {
		for _, c := range crimes {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				c.commit(t, table)
			})
		}
	})
	t.Logf("%d crimes\n%s", len(crimes), table)
	if len(crimes) < 60 {
		t.Errorf("only %d crimes are tried", len(crimes))
	}
}

func (c crime) commit(t *testing.T, table *outcomes) {
	s := newStage(t, c.alg, c.quirk, c.fault)
	if c.first != nil {
		c.first(t, s.world)
	}
	silent, interactive := s.suspect(t, campusonetest.SubAmina), s.suspect(t, campusonetest.SubIbrahim)
	table.add(c.name, c.rule, c.wrong, c.attempts(silent, interactive)...)
	if !c.lasting {
		s.world.Provider.ClearFaults()
		s.world.Provider.SetQuirks(func(q *campusonetest.Quirks) { *q = campusonetest.Quirks{ResponseIssuer: q.ResponseIssuer} })
		interactive.recovers()
	}
	s.quiet(t)
}

// attempts makes both attempts and tells how they went.
func (c crime) attempts(silent, interactive *suspect) []string {
	stories := make([]string, 2)
	var both sync.WaitGroup
	both.Go(func() {
		silent.visit("/")
		stories[0] = silent.story()
		silent.endsSilently(c.silent)
	})
	if !c.slow {
		both.Wait()
	}
	both.Go(func() {
		interactive.visit("/dashboard")
		stories[1] = interactive.story()
		interactive.endsOnPage(c.interactive)
	})
	both.Wait()
	return stories
}

// endsSilently: a visitor of a public page reads it, whatever happened.
func (s *suspect) endsSilently(want int) {
	s.t.Helper()
	s.decent()
	s.nobody()
	status := http.StatusOK
	if want > 0 {
		status = want
	}
	if s.Status != status || s.URL.Path != "/" && want <= 0 {
		s.t.Errorf("the silent attempt ended at %s with %d, want %d: %s", s.URL.Path, s.Status, status, s.Text())
	}
	if got := s.Cookie("c1_anon") != ""; got != (want == anonymous) {
		s.t.Errorf("c1_anon is set: %v after %s", got, s.story())
	}
	if want > 0 {
		s.hasReference()
	}
	if again := s.visitAgain("/"); again > 0 {
		s.t.Errorf("the next view of the page left for Campus One %d times", again)
	}
}

// endsOnPage: a person who wanted to sign in reads why they are not.
func (s *suspect) endsOnPage(want int) {
	s.t.Helper()
	s.decent()
	s.nobody()
	if s.where(s.URL) != "portal" || s.Status != want {
		s.t.Errorf("the interactive attempt ended at %s with %d, want %d: %s", s.URL.Path, s.Status, want, s.Text())
	}
	if want >= 400 {
		s.hasReference()
	}
}

// recovers: once the provider is honest again, the person's next try works.
func (s *suspect) recovers() {
	s.t.Helper()
	for range 40 { // discovery that failed is asked for again after a second
		s.visit("/auth/login?next=/dashboard")
		if s.Status != http.StatusServiceUnavailable {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if s.Status != http.StatusOK || s.URL.Path != "/dashboard" {
		s.t.Errorf("the provider is honest again, but the next sign-in ended at %s with %d: %s", s.URL.Path, s.Status, s.Text())
	}
}

// outcomes is the table that the test prints.
type outcomes struct {
	mu   sync.Mutex
	rows []string
}

func (o *outcomes) add(name, rule, wrong string, stories ...string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rows = append(o.rows, fmt.Sprintf("%-40s %-31s %-56s %s", name, rule, wrong, strings.Join(stories, "; ")))
}

func (o *outcomes) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	slices.Sort(o.rows)
	return strings.Join(o.rows, "\n")
}
