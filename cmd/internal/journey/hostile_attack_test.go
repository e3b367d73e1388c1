package journey

import (
	"net/http"
	"net/url"
	"sync"
	"testing"

	"portico/auth/campusone/campusonetest"
)

// attack is what somebody tries with a browser of their own and a link that
// the victim opens. The provider is honest unless the fault says otherwise.
type attack struct {
	name  string
	rule  string
	what  string
	quirk campusonetest.Quirks
	fault func(scene, *fault)
	do    func(*testing.T, *hostileStage) *suspect // returns the browser whose story is told
}

// TestAttacks plays every attack; nobody becomes somebody else by it.
func TestAttacks(t *testing.T) {
	t.Parallel()
	table := &outcomes{}
	all := attacks()
	t.Run("attacks", func(t *testing.T) {
		for _, a := range all {
			t.Run(a.name, func(t *testing.T) {
				t.Parallel()
				s := newStage(t, campusonetest.EdDSA, a.quirk, a.fault)
				p := a.do(t, s)
				p.decent()
				table.add(a.name, a.rule, a.what, p.story())
				s.quiet(t)
			})
		}
	})
	t.Logf("%d attacks\n%s", len(all), table)
}

func attacks() []attack {
	const oauth, bcp = "RFC 6749", "RFC 9700"
	lax := func(_ scene, f *fault) { f.Token.AnyVerifier = true }
	return []attack{
		{name: "code injection", rule: bcp + " 4.5", what: "another's code with the victim's state", do: injection("/dashboard")},
		{name: "code injection, no PKCE", rule: bcp + " 4.5.3.2", what: "the same, and the provider checks no verifier", do: injection("/dashboard"), fault: lax},
		{name: "code injection, silent", rule: bcp + " 4.5", what: "the same into a silent attempt", do: injection("/")},
		{name: "code injection, silent, no PKCE", rule: bcp + " 4.5.3.2", what: "the same, and the provider checks no verifier", do: injection("/"), fault: lax},
		{name: "two tabs swap codes", rule: bcp + " 4.5", what: "one browser, the code of the other tab", do: swappedTabs},
		{name: "two tabs swap codes, no PKCE", rule: bcp + " 4.5.3.2", what: "the same, and the provider checks no verifier", do: swappedTabs, fault: lax},
		{name: "login CSRF", rule: oauth + " 10.12", what: "another's whole callback, no cookies of ours", do: loginCSRF(false)},
		{name: "login CSRF, known browser", rule: oauth + " 10.12", what: "another's whole callback, cookies of ours", do: loginCSRF(true)},
		{name: "login CSRF into a session", rule: oauth + " 10.12", what: "another's whole callback while signed in", do: csrfIntoSession},
		{name: "stolen callback", rule: bcp + " 4.2.4", what: "the victim's callback in another browser", do: stolenCallback},
		{name: "stateless code", rule: oauth + " 4.1.2", what: "a good code without state", do: statelessCode},
		{name: "callback replayed", rule: oauth + " 4.1.2", what: "the same callback again, after the session", do: replayedCallback},
		{name: "callback twice at once", rule: oauth + " 4.1.2", what: "eight arrivals of one callback", do: doubleCallback},
		{name: "planted cancel", rule: oauth + " 4.1.2.1", what: "access_denied without state amid a sign-in", do: plantedError("access_denied")},
		{name: "planted login_required", rule: oauth + " 4.1.2.1", what: "login_required without state amid a sign-in", do: plantedError("login_required")},
		{name: "planted error, iss advertised", rule: "RFC 9207 2.4", what: "an error without state and iss", do: plantedError("access_denied"), quirk: campusonetest.Quirks{ResponseIssuer: true}},
		{name: "flood of unknown kids", rule: "OIDC Core 10.1.1", what: "eight tokens whose kids nobody knows", do: kidFlood, fault: signs(campusonetest.SignForeignKid)},
		{name: "circle past the callback", rule: oauth + " 4.1.2", what: "the provider sends back to the page", do: circle, fault: func(s scene, f *fault) { f.Authorize.RedirectTo = s.portal + "/dashboard" }},
		{name: "issuer moves, tokens elsewhere", rule: "RFC 8414 6.2", what: "an allowed issuer brings another host's endpoint", do: movedTokens},
		{name: "prompt=none shows a page", rule: "OIDC Core 3.1.2.1", what: "the silent visitor is kept at the login page", do: keptAtLogin, quirk: campusonetest.Quirks{PageAtNone: true}},
		{name: "nobody there, no state", rule: "OIDC Core 3.1.2.6", what: "login_required without state, then by hand", do: nobodyThere},
		{name: "nobody there, iss advertised", rule: "RFC 9207 2.4", what: "the same with iss but without state", do: nobodyThere, quirk: campusonetest.Quirks{ResponseIssuer: true}},
	}
}

// upToCallback opens a page and stops before the callback is opened.
func (s *suspect) upToCallback(path string) *url.URL {
	s.t.Helper()
	u, err := url.Parse(s.stage.world.URL + path)
	for range mostHops {
		if err != nil || u == nil {
			break
		}
		if u.Path == "/auth/callback" {
			return u
		}
		u, err = s.step(http.MethodGet, u, nil)
	}
	s.t.Fatalf("%s did not lead to the callback: %v, %s", path, err, s.story())
	return nil
}

// open follows a link.
func (s *suspect) open(u *url.URL) {
	s.t.Helper()
	s.seen.departures, s.seen.redirects = 0, 0
	if err := s.send(http.MethodGet, u, nil); err != nil {
		s.t.Errorf("opening %s: %v", u.Path, err)
	}
}

// with is the address with the parameter of another one.
func with(u *url.URL, name string, from *url.URL) *url.URL {
	out, q := *u, u.Query()
	q.Set(name, from.Query().Get(name))
	out.RawQuery = q.Encode()
	return &out
}

// is: the portal takes the browser for this person.
func (s *suspect) is(sub string) {
	s.t.Helper()
	if status, body := s.me(); status != http.StatusOK || s.whoami().Sub != sub {
		s.t.Errorf("/auth/me answers %d %s, want %s", status, body, sub)
	}
}

// injection puts the code of one person into the attempt of another.
func injection(path string) func(*testing.T, *hostileStage) *suspect {
	return func(t *testing.T, s *hostileStage) *suspect {
		mallory := s.suspect(t, campusonetest.SubPeter).upToCallback("/dashboard")
		victim := s.suspect(t, campusonetest.SubAmina)
		victim.open(with(victim.upToCallback(path), "code", mallory))
		if path == "/" {
			victim.endsSilently(anonymous)
		} else {
			victim.endsOnPage(http.StatusBadGateway)
		}
		return victim
	}
}

func swappedTabs(t *testing.T, s *hostileStage) *suspect {
	p := s.suspect(t, campusonetest.SubAmina)
	one, two := p.upToCallback("/dashboard?tab=1"), p.upToCallback("/dashboard?tab=2")
	p.open(with(one, "code", two))
	p.endsOnPage(http.StatusBadGateway)
	p.open(with(two, "code", one))
	p.endsOnPage(http.StatusBadGateway)
	return p
}

// loginCSRF makes a victim open the callback that was meant for somebody else.
func loginCSRF(cookies bool) func(*testing.T, *hostileStage) *suspect {
	return func(t *testing.T, s *hostileStage) *suspect {
		mallory := s.suspect(t, campusonetest.SubPeter).upToCallback("/dashboard")
		victim := s.suspect(t, "")
		if cookies {
			victim.visit("/")
		}
		victim.open(mallory)
		victim.nobody()
		if cookies && victim.where(victim.URL) != "campusone" {
			t.Errorf("the victim was not asked who they are: %s", victim.story())
		}
		if !cookies {
			victim.endsOnPage(http.StatusBadRequest)
		}
		return victim
	}
}

func csrfIntoSession(t *testing.T, s *hostileStage) *suspect {
	mallory := s.suspect(t, campusonetest.SubPeter)
	victim := s.suspect(t, campusonetest.SubAmina)
	victim.visit("/dashboard")
	for _, path := range []string{"/dashboard", "/"} {
		victim.open(mallory.upToCallback(path))
		victim.is(campusonetest.SubAmina)
	}
	return victim
}

// stolenCallback: what leaked is of no use elsewhere, and does the victim no harm.
func stolenCallback(t *testing.T, s *hostileStage) *suspect {
	victim := s.suspect(t, campusonetest.SubGrace)
	link := victim.upToCallback("/dashboard")
	stranger, mallory := s.suspect(t, ""), s.suspect(t, campusonetest.SubPeter)
	stranger.open(link)
	stranger.endsOnPage(http.StatusBadRequest)
	mallory.visit("/dashboard")
	mallory.open(link)
	mallory.is(campusonetest.SubPeter)
	victim.open(link)
	victim.is(campusonetest.SubGrace)
	return victim
}

func statelessCode(t *testing.T, s *hostileStage) *suspect {
	link := s.suspect(t, campusonetest.SubPeter).upToCallback("/dashboard")
	q := link.Query()
	q.Del("state")
	link.RawQuery = q.Encode()
	fresh, known, amina := s.suspect(t, ""), s.suspect(t, ""), s.suspect(t, campusonetest.SubAmina)
	known.visit("/dashboard")
	amina.visit("/dashboard")
	for _, p := range []*suspect{fresh, known} {
		p.open(link)
		p.endsOnPage(http.StatusBadRequest)
	}
	amina.open(link)
	amina.is(campusonetest.SubAmina)
	if n := s.world.Provider.Count(campusonetest.EndpointToken); n != 1 {
		t.Errorf("%d token requests, want Amina's alone", n)
	}
	return known
}

func replayedCallback(t *testing.T, s *hostileStage) *suspect {
	p := s.suspect(t, campusonetest.SubAmina)
	link := p.upToCallback("/dashboard")
	p.open(link)
	p.is(campusonetest.SubAmina)
	p.open(link)
	p.is(campusonetest.SubAmina)
	p.DropCookie("session")
	s.world.Provider.EndSessionsSilently(campusonetest.SubAmina)
	p.open(link)
	p.nobody()
	if n := s.world.Provider.Count(campusonetest.EndpointToken); n != 1 {
		t.Errorf("%d token requests for one code", n)
	}
	return p
}

func doubleCallback(t *testing.T, s *hostileStage) *suspect {
	p := s.suspect(t, campusonetest.SubAmina)
	link := p.upToCallback("/dashboard")
	var all sync.WaitGroup
	bare := &http.Client{Jar: p.client.Jar, CheckRedirect: p.client.CheckRedirect}
	for range 8 {
		all.Go(func() {
			res, err := bare.Get(link.String())
			if err != nil {
				t.Error(err)
				return
			}
			_ = res.Body.Close() // only the request matters
		})
	}
	all.Wait()
	if n := s.world.Provider.Count(campusonetest.EndpointToken); n != 1 {
		t.Errorf("%d token requests for one code", n)
	}
	p.visit("/dashboard")
	p.is(campusonetest.SubAmina)
	return p
}

// plantedError: an error that anybody can plant neither ends a sign-in that is
// under way nor makes a session.
func plantedError(code string) func(*testing.T, *hostileStage) *suspect {
	return func(t *testing.T, s *hostileStage) *suspect {
		p := s.suspect(t, campusonetest.SubAmina)
		link := p.upToCallback("/dashboard")
		planted := *link
		planted.RawQuery = url.Values{"error": {code}, "error_description": {canary}}.Encode()
		p.open(&planted)
		p.decent()
		if code == "access_denied" {
			p.nobody() // the other one is ignored, and the first page knows Amina
		}
		p.open(link)
		p.is(campusonetest.SubAmina)
		return p
	}
}

func kidFlood(t *testing.T, s *hostileStage) *suspect {
	p := s.suspect(t, campusonetest.SubAmina)
	for range 8 {
		p.visit("/auth/login?next=/dashboard")
		p.endsOnPage(http.StatusBadGateway)
	}
	if n := s.world.Provider.Count(campusonetest.EndpointJWKS); n > 2 {
		t.Errorf("the keys were asked for %d times", n)
	}
	return p
}

// circle: to us the third lap looks like a third tab, so the page says both.
func circle(t *testing.T, s *hostileStage) *suspect {
	p := s.suspect(t, campusonetest.SubAmina)
	for range 5 { // as often as the page looks again by itself
		p.visit("/dashboard")
		p.endsOnPage(http.StatusUnauthorized)
	}
	if n := s.world.Provider.Count(campusonetest.EndpointAuthorize); n != mostDepartures || !p.reads("Finish signing in") {
		t.Errorf("left %d times: %s", n, p.Text())
	}
	return p
}

func movedTokens(t *testing.T, s *hostileStage) *suspect {
	signedIn(t, s.world, campusonetest.SubChidi)
	s.world.Provider.SetQuirks(func(q *campusonetest.Quirks) { q.IssuerWithPath = true })
	s.world.Provider.SetFault(func(f *fault) {
		f.Discovery.Edit = func(d map[string]any) { d["token_endpoint"], d["jwks_uri"] = s.trap.URL+"/token", s.trap.URL+"/jwks" }
	})
	p := s.suspect(t, campusonetest.SubAmina)
	p.visit("/")
	p.endsSilently(anonymous)
	p.visit("/dashboard")
	p.endsOnPage(http.StatusBadGateway)
	return p
}

func keptAtLogin(t *testing.T, s *hostileStage) *suspect {
	p := s.suspect(t, "")
	p.visit("/")
	if p.where(p.URL) != "campusone" {
		t.Errorf("the login page was not shown: %s", p.story())
	}
	p.visit("/")
	if p.seen.departures != 0 || p.Status != http.StatusOK {
		t.Errorf("the page was not served after Back: %s", p.story())
	}
	return p
}

// nobodyThere: a visitor reads the page, then signs in by hand.
func nobodyThere(t *testing.T, s *hostileStage) *suspect {
	p := s.suspect(t, "")
	p.visit("/")
	want := anonymous
	if s.world.Provider.Quirks().ResponseIssuer {
		want = served // an error without state is not believed where iss is promised
	}
	p.endsSilently(want)
	p.visit("/dashboard")
	if err := p.Click("Amina"); err != nil {
		t.Error(err)
	}
	p.is(campusonetest.SubAmina)
	return p
}
