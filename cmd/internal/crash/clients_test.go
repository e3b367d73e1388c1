package crash

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"sync"
	"time"

	"portico/auth/campusone/campusonetest"
)

const (
	senders  = 8 // of webhooks, at the same time
	browsers = 3
	walkers  = 6   // people who sign in again and again, and are ended from afar
	stayers  = 4   // people whose sessions only they themselves end
	leavers  = 200 // people who sign in once and are then deleted
)

// What a life can be killed right after.
const (
	answered  = "a webhook was answered"
	signedIn  = "a browser was given a session"
	signedOut = "a browser was told that it is signed out"
	toldToEnd = "a webhook that ends sessions was answered"
)

// session is one that a browser was given.
type session struct {
	token, sub string
	from, to   time.Time // between which the sign-in took place
	asked, out bool      // a sign-out was asked for, and answered
}

// signers are the people who sign in.
func signers() []campusonetest.Person {
	var all []campusonetest.Person
	add := func(sub string) {
		all = append(all, campusonetest.Person{Sub: sub, Name: "Person " + sub, Email: sub + "@nile.example", EmailVerified: true, Role: "student"})
	}
	for i := range walkers {
		add(fmt.Sprintf("walker%d", i))
	}
	for i := range stayers {
		add(fmt.Sprintf("stayer%d", i))
	}
	for i := range leavers {
		add(fmt.Sprintf("leaver%03d", i))
	}
	for i := range readers {
		add(reader(i))
	}
	return all
}

// send posts webhooks as fast as they are answered, until ctx ends or all are.
func (s *stage) send(ctx context.Context) {
	for s.awaitUp(ctx) && !s.author.finished() {
		d := s.author.next()
		if d == nil { // others still wait for their answers
			time.Sleep(time.Millisecond)
			continue
		}
		status, err := s.post(ctx, d)
		good := status == http.StatusOK || status == http.StatusUnauthorized
		if (status == http.StatusOK) == d.forged && err == nil {
			s.wrong("%s %s (forged: %t) was answered %d", d.event, d.key, d.forged, status)
		}
		s.author.answered(d, good)
		if good {
			s.saw(answered)
		}
		if good && d.ends {
			s.saw(toldToEnd)
		}
	}
}

func (s *stage) post(ctx context.Context, d *delivery) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+portal+"/webhooks/campus-one", bytes.NewReader(d.body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("X-Campus-One-Signature", d.signature)
	res, err := s.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode, err
}

// browse signs people in and out until ctx ends.
func (s *stage) browse(ctx context.Context, n int, seed uint64) {
	chance := rand.New(rand.NewPCG(seed, uint64(100+n)))
	leaver := n
	for s.awaitUp(ctx) {
		sub, walks, leaves := fmt.Sprintf("stayer%d", chance.IntN(stayers)), chance.IntN(2) == 0, chance.IntN(8) == 0 && leaver < leavers
		switch {
		case leaves:
			sub = fmt.Sprintf("leaver%03d", leaver)
			leaver += browsers // nobody else's
		case walks:
			sub = fmt.Sprintf("walker%d", chance.IntN(walkers))
		}
		v := s.signIn(ctx, sub)
		if v == nil {
			continue
		}
		s.saw(signedIn)
		switch {
		case leaves: // a millisecond later, for events are told in whole ones
			s.author.about(sub, "user.deleted", time.Now().Add(time.Millisecond))
		case chance.IntN(3) == 0:
			s.signOut(ctx, v)
		case walks:
			s.author.about(sub, "session.signed_out", time.Now())
		}
	}
}

// signIn walks a new browser to the dashboard; nil when it was given no session.
func (s *stage) signIn(ctx context.Context, sub string) *session {
	jar, _ := cookiejar.New(nil) // never fails
	there, _ := url.Parse(s.provider.URL())
	here := &url.URL{Scheme: "http", Host: portal, Path: "/"}
	jar.SetCookies(there, []*http.Cookie{s.provider.SessionCookie(sub)})
	client := s.newClient()
	defer client.CloseIdleConnections()
	client.Jar = jar
	v := &session{sub: sub, from: time.Now()}
	status, err := s.get(ctx, client, "/dashboard", "text/html")
	v.to = time.Now()
	if err == nil && status == http.StatusInternalServerError {
		s.wrong("signing %s in was answered %d", sub, status)
	}
	for _, c := range jar.Cookies(here) {
		if c.Name == "session" {
			v.token = c.Value
		}
	}
	if v.token == "" {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions = append(s.sessions, v)
	return v
}

func (s *stage) get(ctx context.Context, client *http.Client, path, accept string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+portal+path, http.NoBody)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Accept", accept)
	req.Header.Set("User-Agent", "Mozilla/5.0 (Linux; Android 13) Chrome/130 Mobile")
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode, err
}

func (s *stage) signOut(ctx context.Context, v *session) {
	v.asked = true
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+portal+"/auth/logout", http.NoBody)
	if err != nil {
		s.wrong("%v", err)
		return
	}
	req.Header.Set("Accept", "application/json")
	req.AddCookie(&http.Cookie{Name: "session", Value: v.token})
	res, err := s.client.Do(req)
	if err != nil {
		return
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return
	}
	if res.StatusCode != http.StatusOK {
		s.wrong("signing out was answered %d", res.StatusCode)
		return
	}
	v.out = true
	s.saw(signedOut)
}

// lives asks the portal whether a session is good.
func (s *stage) lives(ctx context.Context, token string) (bool, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+portal+"/auth/me", http.NoBody)
	if err != nil {
		return false, err
	}
	req.AddCookie(&http.Cookie{Name: "session", Value: token})
	res, err := s.client.Do(req)
	if err != nil {
		return false, err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode == http.StatusOK, err
}

// work sends and browses. The first function it returns ends the browsing, the
// second waits until every webhook is acknowledged.
func (s *stage) work(ctx context.Context, seed uint64) (stopBrowsing, finish func()) {
	browsing, cancel := context.WithCancel(ctx)
	var sending, surfing sync.WaitGroup
	for range senders {
		sending.Go(func() { s.send(ctx) })
	}
	for i := range browsers {
		surfing.Go(func() { s.browse(browsing, i, seed) })
	}
	return func() { cancel(); surfing.Wait() }, func() { s.author.finish(); sending.Wait() }
}
