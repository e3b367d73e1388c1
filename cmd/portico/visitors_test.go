package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/journey"
)

type visitorsKey struct{}

// visitors are the browsers of one script.
type visitors struct {
	world *journey.World
	all   map[string]*journey.Person
	now   *journey.Person
}

// browser takes up the browser of a seeded person, who is signed in at Campus
// One in it: browser NAME.
func browser(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: browser NAME")
	}
	v := ts.Value(visitorsKey{}).(*visitors)
	if v.all[args[0]] == nil {
		v.all[args[0]] = v.world.Person(true)
		sub := seededSub(ts, args[0])
		v.world.Provider.Consent(sub, clientID, "openid", "profile", "email", "academic", "roles", "offline_access")
		v.all[args[0]].Meet(v.world.Provider.SessionCookie(sub))
	}
	v.now = v.all[args[0]]
}

func seededSub(ts *testscript.TestScript, name string) string {
	for _, p := range campusonetest.Seeded() {
		if strings.Contains(p.Name, name) {
			return p.Sub
		}
	}
	ts.Fatalf("nobody at Campus One is called %q", name)
	return ""
}

// unverify makes Campus One say that somebody's address is not verified.
func unverify(ts *testscript.TestScript, _ bool, args []string) {
	ts.Value(visitorsKey{}).(*visitors).world.Provider.Update(seededSub(ts, args[0]), func(p *campusonetest.Person) { p.EmailVerified = false })
}

// expected is what a script wants of the last answer.
type expected struct {
	status int
	text   *regexp.Regexp
}

func expect(ts *testscript.TestScript, args []string) expected {
	if len(args) != 2 {
		ts.Fatalf("say which STATUS and REGEXP are expected")
	}
	status, err := strconv.Atoi(args[0])
	ts.Check(err)
	return expected{status, regexp.MustCompile(args[1])}
}

// unmet says how the page differs from what is expected; nil when it does not.
func (e expected) unmet(p *journey.Person) error {
	if p.Status == e.status && e.text.MatchString(p.Text()) {
		return nil
	}
	return fmt.Errorf("%s answers %d after %v, want %d and %q:\n%s", p.URL, p.Status, p.Hops, e.status, e.text, p.Text())
}

// visit opens a page once: visit PATH STATUS REGEXP.
func visit(ts *testscript.TestScript, _ bool, args []string) {
	v, e := ts.Value(visitorsKey{}).(*visitors), expect(ts, args[1:])
	ts.Check(v.now.Visit(args[0]))
	ts.Check(e.unmet(v.now))
}

// until opens a page until it is as expected: the running server hears of a
// command a moment later. A page that had come back for a moment, such as by
// a silent sign-in, would keep it from ever being so.
func until(ts *testscript.TestScript, _ bool, args []string) {
	v, e := ts.Value(visitorsKey{}).(*visitors), expect(ts, args[1:])
	retry(ts, func() error {
		ts.Check(v.now.Visit(args[0]))
		return e.unmet(v.now)
	})
}

// signIn presses "Sign in" until what comes of it is as expected. More than
// once, since Campus One dates a sign-in to the second, and one dated before
// all sessions were ended makes none: signin STATUS REGEXP.
func signIn(ts *testscript.TestScript, _ bool, args []string) {
	v, e := ts.Value(visitorsKey{}).(*visitors), expect(ts, args)
	retry(ts, func() error {
		ts.Check(v.now.Visit("/"))
		if err := v.now.Click("Sign in"); err != nil {
			return err
		}
		return e.unmet(v.now)
	})
}

func retry(ts *testscript.TestScript, try func() error) {
	var err error
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if err = try(); err == nil {
			return
		}
	}
	ts.Fatalf("tried for 20 s: %v", err)
}
