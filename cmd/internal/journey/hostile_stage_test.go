package journey

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/testlog"
)

const (
	callbackTime   = 8 * time.Second
	mostDepartures = 2
)

// hostileStage is a world whose provider is not to be trusted, with the log
// kept and a host beside it that nobody should call.
type hostileStage struct {
	world *World
	log   *testlog.Log
	trap  *trap
}

// newStage starts a world in which the fault is there from the first request.
func newStage(t *testing.T, alg campusonetest.Alg, q campusonetest.Quirks, fault func(scene, *campusonetest.Fault), env ...string) *hostileStage {
	t.Helper()
	s := &hostileStage{log: &testlog.Log{}, trap: newTrap(t)}
	s.world = Start(t, Options{Log: s.log, Env: env, Provider: func(o *campusonetest.Options, c *campusonetest.Client) {
		o.Alg, o.Quirks = alg, q
		if fault != nil {
			portal := strings.TrimSuffix(c.RedirectURIs[0], "/auth/callback")
			fault(scene{portal: portal, trap: s.trap.URL, jwks: s.trap.publish}, &o.Fault)
		}
	}})
	return s
}

// quiet: the log repeats nothing of the provider's, no secret of anybody's,
// and the other host has had no request.
func (s *hostileStage) quiet(t *testing.T) {
	t.Helper()
	text := s.log.String()
	for name, secret := range s.secrets() {
		if strings.Contains(text, secret) {
			t.Errorf("the log holds %s:\n%s", name, text)
		}
	}
	if strings.Contains(text, "panicked") {
		t.Errorf("something panicked:\n%s", text)
	}
	if n := s.trap.hits.Load(); n > 0 {
		t.Errorf("another host was asked %d times", n)
	}
}

func (s *hostileStage) secrets() map[string]string {
	c := s.world.Config
	return map[string]string{
		"the provider's words": canary, "the client secret": c.CampusOne.ClientSecret.Reveal(), "the session secret": c.SessionSecret.Reveal(),
	}
}

// trap is a host that must never be asked. It would answer as an attacker
// hopes: with keys, or with the tokens it was sent for.
type trap struct {
	*httptest.Server
	hits atomic.Int64
	key  atomic.Value
}

func newTrap(t *testing.T) *trap {
	t.Helper()
	tr := &trap{}
	tr.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		tr.hits.Add(1)
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{tr.key.Load()}, "token_type": "Bearer", "access_token": canary})
	}))
	t.Cleanup(tr.Close)
	return tr
}

func (tr *trap) publish(key any) { tr.key.Store(key) }

// suspect is a person whose every answer from the portal is looked through.
type suspect struct {
	*Person
	t     *testing.T
	stage *hostileStage
	seen  *witness
}

// suspect opens a browser that Campus One knows; an empty sub is nobody.
func (s *hostileStage) suspect(t *testing.T, sub string) *suspect {
	t.Helper()
	p := s.world.Person(true)
	if sub != "" {
		p.Meet(s.world.Provider.SessionCookie(sub))
	}
	w := &witness{portal: strings.TrimPrefix(s.world.URL, "http://"), secrets: s.secrets()}
	p.client.Transport = w
	return &suspect{Person: p, t: t, stage: s, seen: w}
}

func (s *suspect) visit(path string) {
	s.t.Helper()
	s.seen.departures, s.seen.redirects = 0, 0
	if err := s.Visit(path); err != nil {
		s.t.Errorf("visiting %s: %v", path, err)
	}
}

// visitAgain opens a page once more and tells how often that left.
func (s *suspect) visitAgain(path string) int {
	s.t.Helper()
	before := *s.Person
	s.visit(path)
	left := s.seen.departures
	*s.Person = before
	return left
}

// decent: few departures, no loop, in time, and no word too many.
func (s *suspect) decent() {
	s.t.Helper()
	if s.seen.departures > mostDepartures || s.seen.redirects > 5 {
		s.t.Errorf("%d departures and %d redirects of ours: %v", s.seen.departures, s.seen.redirects, s.Hops)
	}
	for _, p := range s.seen.problems {
		s.t.Error(p)
	}
	s.seen.problems = nil
}

// nobody: no session cookie was set and no session is there.
func (s *suspect) nobody() {
	s.t.Helper()
	if s.Cookie("session") != "" {
		s.t.Error("a session cookie was set")
	}
	if status, body := s.me(); status != http.StatusUnauthorized {
		s.t.Errorf("/auth/me answers %d: %s", status, body)
	}
}

// me asks who the portal thinks this is.
func (s *suspect) me() (int, string) {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodGet, s.stage.world.URL+"/auth/me", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	res, err := s.client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func (s *suspect) hasReference() {
	s.t.Helper()
	if !regexp.MustCompile(`Reference [a-z0-9]{10}`).MatchString(s.Text()) {
		s.t.Errorf("the page shows no reference: %s", s.Text())
	}
}

// story is how it went, in a few words.
func (s *suspect) story() string {
	text := fmt.Sprintf("left %d times, %d at %s", s.seen.departures, s.Status, s.URL.Path)
	if s.Cookie("c1_anon") != "" {
		text += " with c1_anon"
	}
	return text
}

// witness is the network of a suspect's browser. It counts what leads to
// Campus One and reads every answer of the portal.
type witness struct {
	portal     string
	secrets    map[string]string
	departures int
	redirects  int
	problems   []string
	passed     []string // codes that went by
}

func (w *witness) RoundTrip(req *http.Request) (*http.Response, error) {
	began := time.Now()
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if req.URL.Host != w.portal {
		w.remember(res.Header.Get("Location"))
		return res, nil
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	_ = res.Body.Close() // read to its end
	res.Body = io.NopCloser(bytes.NewReader(body))
	if took := time.Since(began); took > callbackTime+time.Second/2 {
		w.problems = append(w.problems, fmt.Sprintf("%s took %s", req.URL.Path, took))
	}
	w.count(res.Header.Get("Location"))
	w.read(req.URL.Path, res.Header, string(body))
	return res, nil
}

// remember keeps a code on its way to the portal.
func (w *witness) remember(location string) {
	u, err := url.Parse(location)
	if err == nil && len(u.Query().Get("code")) > 8 {
		w.passed = append(w.passed, u.Query().Get("code"))
	}
}

func (w *witness) count(location string) {
	if location == "" {
		return
	}
	w.redirects++
	if u, err := url.Parse(location); err == nil && u.Host != "" && u.Host != w.portal {
		w.departures++
	}
}

// read looks for what no answer of the portal may hold.
func (w *witness) read(path string, h http.Header, body string) {
	whole := fmt.Sprint(h) + body
	for name, secret := range w.secrets {
		if strings.Contains(whole, secret) {
			w.problems = append(w.problems, path+" shows "+name)
		}
	}
	for _, code := range w.passed {
		if strings.Contains(whole, code) {
			w.problems = append(w.problems, path+" shows the code")
		}
	}
	for _, sign := range []string{"goroutine ", ".go:", "panic"} {
		if strings.Contains(body, sign) {
			w.problems = append(w.problems, path+" shows a stack: "+sign)
		}
	}
}
