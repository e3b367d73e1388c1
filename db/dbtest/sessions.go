package dbtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"portico/db"
)

var sessionTests = map[string]func(suite){
	"a session is kept whole":                   testSessionKept,
	"ending is for good":                        testEndForGood,
	"a chosen session ends, of its owner only":  testEndByID,
	"ending those that began before":            testEndSessionsOf,
	"no session survives being ended meanwhile": testEndRace,
	"of many who ask about a session one may":   testAskSession,
	"a session is renewed, while it lives":      testRenewSession,
	"last seen":                                 testTouch,
	"clean-up":                                  testPurgeSessions,
	"clean-up of scs's rows":                    testPurgeStore,
}

func testSessionKept(s suite) {
	in := signIn("amina", after(10))
	in.Session.Shared, in.Session.Silent = true, true
	u, created := s.signIn(in)
	session, user, err := s.db.SessionByToken(s.Context(), in.Session.TokenHash)
	s.must(err)
	s.equal(session, created)
	s.equal(user, u)
	s.equal(session, db.Session{
		ID: session.ID, TokenHash: in.Session.TokenHash, UserID: u.ID, Began: after(10), Created: after(10), LastSeen: after(10), Expires: in.Session.Expires, Confirmed: after(10),
		Idle: 12 * time.Hour, Shared: true, Silent: true, Device: "Chrome on Android", Network: "10.0.0.0/24",
	})
	_, _, err = s.db.SessionByToken(s.Context(), "unknown")
	s.mustBe(err, db.ErrNotFound)
}

func testEndForGood(s suite) {
	_, session := s.signIn(signIn("amina", after(10)))
	s.must(s.db.EndSession(s.Context(), session.TokenHash, "signed out", after(20)))
	ended := s.session(session.TokenHash)
	s.equal([]any{ended.Ended, ended.EndedWhy}, []any{after(20), "signed out"})
	s.must(s.db.EndSession(s.Context(), session.TokenHash, "again", after(30)))
	s.must(s.db.EndSession(s.Context(), "unknown", "never was", after(30)))
	s.must(s.db.Touch(s.Context(), map[string]time.Time{session.TokenHash: after(40)}))
	s.equal(s.session(session.TokenHash), ended)
}

func testEndByID(s suite) {
	u, session := s.signIn(signIn("amina", after(10)))
	other, _ := s.signIn(signIn("obi", after(10)))
	s.mustBe(s.db.EndSessionByID(s.Context(), other.ID, session.ID, db.Ending{By: "u1", At: after(20)}), db.ErrNotFound)
	s.equal(s.session(session.TokenHash).Ended, time.Time{})
	s.must(s.db.EndSessionByID(s.Context(), u.ID, session.ID, db.Ending{By: "u1", At: after(20)}))
	s.equal(s.session(session.TokenHash).Ended, after(20))
}

func testEndSessionsOf(s suite) {
	u, first := s.signIn(signIn("amina", after(10)))
	_, second := s.signIn(signIn("amina", after(30)))
	_, others := s.signIn(signIn("obi", after(10)))
	n, err := s.db.EndSessionsOf(s.Context(), u.ID, after(20), "signed out at Campus One", after(40))
	s.must(err)
	s.equal(n, 1)
	s.equal([]time.Time{s.session(first.TokenHash).Ended, s.session(second.TokenHash).Ended, s.session(others.TokenHash).Ended}, []time.Time{after(40), {}, {}})
	_, err = s.db.EndSessionsOf(s.Context(), u.ID, after(5), "older news", after(50))
	s.must(err)
	s.equal(s.user(u.ID).EndedBefore, after(20))
	sessions, err := s.db.SessionsOf(s.Context(), u.ID)
	s.must(err)
	s.equal([]string{sessions[0].ID, sessions[1].ID}, []string{second.ID, first.ID})
}

// testEndRace lets sign-ins that began before an ending race with it: none
// may be alive afterwards, whichever came first.
func testEndRace(s suite) {
	u, _ := s.signIn(signIn("amina", after(1)))
	for round := range 10 {
		moment := after(10 * (round + 1))
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				_, _, err := s.db.SignIn(s.Context(), signIn("amina", moment.Add(-time.Duration(i+1)*time.Millisecond)))
				if err != nil && !errors.Is(err, db.ErrEnded) {
					s.Error(err)
				}
			})
		}
		wg.Go(func() {
			if _, err := s.db.EndSessionsOf(s.Context(), u.ID, moment, "all", moment); err != nil {
				s.Error(err)
			}
		})
		wg.Wait()
		sessions, err := s.db.SessionsOf(s.Context(), u.ID)
		s.must(err)
		for _, session := range sessions {
			if session.Ended.IsZero() {
				s.Fatalf("round %d: a session that began at %v lives after %v", round, session.Began, moment)
			}
		}
	}
}

func testAskSession(s suite) {
	_, session := s.signIn(signIn("amina", after(10)))
	heard := s.listen()
	ask := func(at, since int) bool {
		may, err := s.db.AskSession(s.Context(), session.TokenHash, after(at), after(since))
		s.must(err)
		return may
	}
	s.equal(ask(100, 40), true)
	heard.expect(time.Second, db.Change{Kind: "session", Key: session.TokenHash})
	s.equal(s.session(session.TokenHash).Asked, after(100))
	s.equal([]bool{ask(110, 50), ask(160, 100), ask(170, 110)}, []bool{false, true, false})

	var all sync.WaitGroup
	may := make(chan bool, 8)
	for range cap(may) {
		all.Go(func() {
			one, err := s.db.AskSession(s.Context(), session.TokenHash, after(300), after(240))
			if err != nil {
				s.Error(err)
			}
			may <- one
		})
	}
	all.Wait()
	close(may)
	n := 0
	for one := range may {
		if one {
			n++
		}
	}
	s.equal(n, 1)
	s.must(s.db.EndSession(s.Context(), session.TokenHash, "signed out", after(400)))
	s.equal(ask(500, 440), false)
	s.equal(s.session(session.TokenHash).Asked, after(300))
}

func testRenewSession(s suite) {
	u, session := s.signIn(signIn("amina", after(10), fact(db.FieldRole, "student", after(10))))
	other, _ := s.signIn(signIn("obi", after(10)))
	heard := s.listen()
	s.must(s.db.RenewSession(s.Context(), session.TokenHash, confirmation(u, "staff", after(100))))
	heard.expect(time.Second, db.Change{Kind: "user", Key: u.ID}, db.Change{Kind: "session", Key: session.TokenHash})
	want := session
	want.Confirmed = after(100)
	s.equal(s.session(session.TokenHash), want)
	now := s.user(u.ID)
	s.equal([]any{now.Role(), now.RoleConfirmed}, []any{"staff", after(100)})

	s.mustBe(s.db.RenewSession(s.Context(), session.TokenHash, confirmation(other, "admin", after(110))), db.ErrEnded)
	wrong := confirmation(u, "admin", after(110))
	wrong.Sub = "obi"
	s.mustBe(s.db.RenewSession(s.Context(), session.TokenHash, wrong), db.ErrNotFound)
	s.must(s.db.EndSession(s.Context(), session.TokenHash, "signed out", after(120)))
	ended := s.session(session.TokenHash)
	s.mustBe(s.db.RenewSession(s.Context(), session.TokenHash, confirmation(u, "admin", after(130))), db.ErrEnded)
	s.equal(s.session(session.TokenHash), ended)
	for _, id := range []string{u.ID, other.ID} {
		if p := s.user(id); p.Role() == "admin" {
			s.Errorf("%s is %s by a renewal that failed", id, p.Role())
		}
	}
}

func testTouch(s suite) {
	_, session := s.signIn(signIn("amina", after(10)))
	seen := map[string]time.Time{session.TokenHash: after(70)}
	for i := range 450 { // more than one piece of work
		seen[fmt.Sprint("unknown", i)] = after(70)
	}
	s.must(s.db.Touch(s.Context(), seen))
	s.equal(s.session(session.TokenHash).LastSeen, after(70))
	for _, at := range []time.Time{after(60), session.Expires.Add(time.Second)} {
		s.must(s.db.Touch(s.Context(), map[string]time.Time{session.TokenHash: at}))
		s.equal(s.session(session.TokenHash).LastSeen, after(70))
	}
}

func testPurgeSessions(s suite) {
	const day = 24 * time.Hour
	_, ended := s.signIn(signIn("amina", after(1)))
	s.must(s.db.EndSession(s.Context(), ended.TokenHash, "by hand", after(2)))
	var expired []db.Session
	for i := range 3 {
		_, e := s.signIn(signIn("amina", after(10+i)))
		expired = append(expired, e)
	}
	late := signIn("amina", start.Add(6*day))
	s.signIn(late)
	purge := func(now time.Time, limit int) int {
		n, err := s.db.PurgeSessions(s.Context(), now, limit)
		s.must(err)
		return n
	}
	now := start.Add(7*day + time.Minute)
	s.equal([]int{purge(expired[0].Expires.Add(-time.Second), 10), purge(now, 2), purge(now, 2), purge(now, 2)}, []int{0, 2, 1, 0})
	s.equal(s.session(ended.TokenHash).EndedWhy, "by hand")
	s.equal(s.session(late.Session.TokenHash).Ended, time.Time{})
	s.equal(purge(start.Add(31*day), 10), 2)
	_, _, err := s.db.SessionByToken(s.Context(), ended.TokenHash)
	s.mustBe(err, db.ErrNotFound)
}

// testPurgeStore writes rows as scs's stores do.
func testPurgeStore(s suite) {
	insert := func(token string, expiry time.Time) {
		var err error
		if s.db.Engine() == db.Postgres {
			_, err = s.db.Pool().Exec(s.Context(), `INSERT INTO sessions (token, data, expiry) VALUES ($1, $2, $3)`, token, []byte("x"), expiry)
		} else {
			_, err = s.db.Writer().ExecContext(s.Context(), `REPLACE INTO sessions (token, data, expiry) VALUES ($1, $2, julianday($3))`, token, []byte("x"), expiry.UTC().Format("2006-01-02T15:04:05.999"))
		}
		s.must(err)
	}
	insert("gone", after(10))
	insert("alive", after(30))
	n, err := s.db.PurgeSessions(s.Context(), after(20), 10)
	s.must(err)
	s.equal(n, 1)
	var left string
	s.must(s.db.Reader().QueryRowContext(s.Context(), `SELECT token FROM sessions`).Scan(&left))
	s.equal(left, "alive")
}

// changeTests are about what other processes hear.
var changeTests = map[string]func(suite){
	"a change is heard":              testWatch,
	"what is cached is told":         testChangesTold,
	"trust needs a listener":         testTrusted,
	"watching ends with its context": testWatchEnds,
}

// listener gathers what a watcher hears.
type listener struct {
	suite
	heard chan db.Change
}

func (s suite) listen() listener {
	l := listener{s, make(chan db.Change, 100)}
	var wg sync.WaitGroup
	s.Cleanup(wg.Wait)
	wg.Go(func() {
		if err := s.db.Watch(s.Context(), func(c db.Change) { l.heard <- c }); err != nil {
			s.Error(err)
		}
	})
	l.expect(5*time.Second, db.Change{Kind: "all"})
	return l
}

func (l listener) expect(within time.Duration, want ...db.Change) {
	l.Helper()
	deadline := time.After(within)
	for _, w := range want {
		select {
		case got := <-l.heard:
			l.equal(got, w)
		case <-deadline:
			l.Fatalf("%v was not heard within %v", w, within)
		}
	}
}

// testWatch takes the middle of some times: the machine may be busy, and the
// promise is about the database.
func testWatch(s suite) {
	l := s.listen()
	var took []time.Duration
	for i := range 7 {
		c := db.Change{Kind: "settings", Key: fmt.Sprint("accent ", i)}
		s.must(s.db.Changed(s.Context(), c))
		began := time.Now()
		l.expect(5*time.Second, c)
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	if took[len(took)/2] > 250*time.Millisecond {
		s.Errorf("changes were heard after %v", took)
	}
}

func testChangesTold(s suite) {
	u, session := s.signIn(signIn("amina", after(10)))
	l := s.listen()
	user, ended := db.Change{Kind: "user", Key: u.ID}, db.Change{Kind: "session", Key: session.TokenHash}
	in := signIn("amina", after(20))
	in.Session.Replaces = session.TokenHash
	s.signIn(in)
	l.expect(5*time.Second, user, ended)
	_, err := s.db.EndSessionsOf(s.Context(), u.ID, after(30), "all", after(30))
	s.must(err)
	l.expect(5*time.Second, db.Change{Kind: "session", Key: in.Session.TokenHash}, user)
	s.deliver(after(40), db.Effect{Sub: "amina", Facts: []db.Fact{told(db.FieldRole, "staff", after(40))}})
	l.expect(5*time.Second, user)
	s.must(s.db.Block(s.Context(), provider, "amina", "admin", "", after(50)))
	l.expect(5*time.Second, user)
	s.must(s.db.Unblock(s.Context(), provider, "amina", "admin", "", after(60)))
	l.expect(5*time.Second, user)
	s.must(s.db.Grant(s.Context(), "publish", "amina@nile.example", "admin", after(60)))
	s.signIn(signIn("amina", after(70), fact(db.FieldEmail, "amina@nile.example", after(70)), fact(db.FieldEmailVerified, "true", after(70))))
	l.expect(5*time.Second, user)
	s.must(s.db.Revoke(s.Context(), "publish", "amina@nile.example", "admin", after(80)))
	l.expect(5*time.Second, user)
	select {
	case c := <-l.heard:
		s.Fatalf("heard %v, which nobody told", c)
	case <-time.After(200 * time.Millisecond):
	}
}

func testTrusted(s suite) {
	if s.db.Trusted() {
		s.Fatal("trusted before anybody listened")
	}
	s.listen()
	deadline := time.Now().Add(3 * time.Second)
	for !s.db.Trusted() {
		if time.Now().After(deadline) {
			s.Fatal("not trusted though a watcher listens")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func testWatchEnds(s suite) {
	ctx, cancel := context.WithCancel(s.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- s.db.Watch(ctx, func(db.Change) { cancel() })
	}()
	select {
	case err := <-ended:
		s.must(err)
	case <-time.After(5 * time.Second):
		s.Fatal("still watching")
	}
}
