package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"portico/db"
	"portico/db/dbtest"
)

func testEnd(g guardTest) {
	c := g.begin(g.here, g.signIn())
	live := g.live(g.here, c)
	g.must(g.here.End(g.Context(), live, "signed out"))
	g.none(g.here, c)
	g.must(g.here.End(g.Context(), live, "again"))
	g.here.saw(hashText(c.Value), live.entry)
	g.clock.add(2 * touchEvery)
	g.here.saw(hashText(c.Value), live.entry)
	g.here.flush(g.Context())
	g.none(g.here, c)
	g.must(g.here.close())
	g.none(g.process(), c)
}

func testEndAfterLeaving(g guardTest) {
	c := g.begin(g.here, g.signIn())
	gone, leave := context.WithCancel(g.Context())
	leave()
	g.must(g.here.End(gone, g.live(g.here, c), "signed out"))
	g.none(g.here, c)
}

// testEndInFlight puts what a request read before the end into the cache
// after it.
func testEndInFlight(g guardTest) {
	c, other := g.begin(g.here, g.signIn()), g.process()
	hash := hashText(c.Value)
	var late []func()
	for _, p := range []*process{g.here, other} {
		before := p.reads(hash)
		session, user, err := p.db.SessionByToken(g.Context(), hash)
		g.must(err)
		late = append(late, func() { p.keep(newEntry(session, time.Time{}), &user, before) })
	}
	g.must(g.here.End(g.Context(), g.live(g.here, c), "signed out"))
	for _, keep := range late {
		keep()
	}
	g.none(g.here, c)
	g.noneSoon(other, c)
	late[1]()
	g.none(other, c)
}

// testEndElsewhere takes the middle of some times: the machine may be busy,
// and the promise is about the portal.
func testEndElsewhere(g guardTest) {
	other := g.process()
	var took []time.Duration
	for range 7 {
		c := g.begin(g.here, g.signIn())
		live := g.live(other, c)
		g.live(g.here, c)
		g.must(other.End(g.Context(), live, "signed out"))
		took = append(took, g.noneSoon(g.here, c))
		g.none(other, c)
	}
	slices.Sort(took)
	if took[len(took)/2] > elsewhere {
		g.Errorf("another process heard after %v", took)
	}
}

func testReplaced(g guardTest) {
	old := g.begin(g.here, g.signIn())
	b := g.signIn()
	b.Replaces = g.live(g.here, old)
	c := g.begin(g.here, b)
	g.none(g.here, old)
	g.live(g.here, c)
}

func testRole(g guardTest) {
	other := g.process()
	c := g.begin(g.here, g.signIn())
	g.live(g.here, c)
	g.live(other, c)
	b := g.signIn()
	b.Identity = identity("amina", "staff", g.clock.now())
	g.begin(g.here, b)
	if role := g.live(g.here, c).User.Role(); role != "staff" {
		g.Errorf("the role is %q in an open session", role)
	}
	if !soon(func() bool { return g.live(other, c).User.Role() == "staff" }) {
		g.Error("the role is the old one in another process")
	}
}

func testBlocked(g guardTest) {
	other := g.process()
	c := g.begin(g.here, g.signIn())
	g.live(g.here, c)
	g.live(other, c)
	g.must(g.here.db.Block(g.Context(), testProvider, "amina", "admin", "", g.clock.now()))
	g.none(g.here, c)
	g.noneSoon(other, c)
	_, err := g.here.Begin(g.Context(), g.signIn())
	g.mustBe(err, db.ErrBlocked)
	g.must(g.here.db.Unblock(g.Context(), testProvider, "amina", "admin", "", g.clock.now()))
	g.none(g.here, c)
	g.clock.add(2 * time.Second)
	g.live(g.here, g.begin(g.here, g.signIn()))
}

// erase has a webhook delete somebody now.
func erase(ctx context.Context, d *db.DB, sub string, now time.Time) error {
	v := db.Delivery{Key: rand.Text(), Event: "user.deleted", Occurred: now, Received: now, User: sub}
	if _, err := d.StoreDelivery(ctx, v); err != nil {
		return err
	}
	_, err := d.Apply(ctx, v, db.Effect{Provider: testProvider, Sub: sub, EndBefore: now, EndWhy: "deleted", Delete: true})
	return err
}

func testDeleted(g guardTest) {
	other := g.process()
	c := g.begin(g.here, g.signIn())
	old := g.live(g.here, c).User.ID
	g.live(other, c)
	g.must(erase(g.Context(), g.here.db, "amina", g.clock.now()))
	g.none(g.here, c)
	g.noneSoon(other, c)
	_, err := g.here.Begin(g.Context(), g.signIn())
	g.mustBe(err, db.ErrEnded)
	g.clock.add(2 * time.Second)
	if g.live(g.here, g.begin(g.here, g.signIn())).User.ID == old {
		g.Error("who comes after a deletion is the deleted person")
	}
	g.none(g.here, c)
}

func testEndedBefore(g guardTest) {
	moment := g.clock.now()
	g.clock.add(time.Minute)
	issued := []time.Time{moment.Add(-time.Microsecond), moment, moment.Add(time.Microsecond)}
	var cookies []*http.Cookie
	for _, at := range issued {
		b := g.signIn()
		b.Identity.IssuedAt = at
		cookies = append(cookies, g.begin(g.here, b))
	}
	user := g.live(g.here, cookies[0]).User.ID
	n, err := g.here.db.EndSessionsOf(g.Context(), user, moment, "signed out at Campus One", g.clock.now())
	g.must(err)
	if n != 2 {
		g.Errorf("ended %d sessions, want 2", n)
	}
	g.none(g.here, cookies[0])
	g.none(g.here, cookies[1])
	g.live(g.here, cookies[2])
	for i, at := range issued {
		b := g.signIn()
		b.Identity.IssuedAt = at
		if _, err := g.here.Begin(g.Context(), b); (i < 2) != errors.Is(err, db.ErrEnded) {
			g.Errorf("a sign-in %v after the end: %v", at.Sub(moment), err)
		}
	}
}

func testStateOnce(g guardTest) {
	b := g.signIn()
	other := g.process()
	var won atomic.Int32
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			_, err := []*process{g.here, other}[i%2].Begin(g.Context(), b)
			switch {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, db.ErrStateUsed):
				g.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		g.Errorf("one sign-in made %d sessions", won.Load())
	}
}

func testLateCommit(g guardTest) {
	c := g.begin(g.here, g.signIn())
	ctx, err := g.here.scs.Load(g.Context(), c.Value)
	g.must(err)
	g.must(g.here.End(g.Context(), g.live(g.here, c), "signed out"))
	g.here.scs.Put(ctx, keyUser, "amina")
	_, _, err = g.here.scs.Commit(ctx)
	g.mustBe(err, errNotMinted)
	g.none(g.here, c)
	store := g.here.scs.Store.(*guardedStore)
	g.mustBe(store.Commit(hashText(c.Value), nil, g.clock.now().Add(time.Hour)), errNotMinted)
	used := context.WithValue(g.Context(), mintKey{}, &mint{used: true})
	g.mustBe(store.CommitCtx(used, hashText("another"), nil, g.clock.now().Add(time.Hour)), errNotMinted)
}

func testBothTables(g guardTest) {
	c := g.begin(g.here, g.signIn())
	g.must(g.here.scs.Store.Delete(hashText(c.Value)))
	g.none(g.here, c)
}

func testLastSeen(g guardTest) {
	c := g.begin(g.here, g.signIn())
	stored := func() time.Duration {
		s, _, err := g.here.db.SessionByToken(g.Context(), hashText(c.Value))
		g.must(err)
		return s.LastSeen.Sub(s.Created)
	}
	for i, want := range []time.Duration{0, 0, time.Minute, time.Minute, 2 * time.Minute, 2 * time.Minute} {
		g.live(g.here, c)
		g.here.flush(g.Context())
		if got := stored(); got != want {
			g.Errorf("after %d s last seen is %v, want %v", 30*i, got, want)
		}
		g.clock.add(30 * time.Second)
	}
	g.clock.add(time.Hour)
	g.live(g.here, c)
	g.here.stop() // what is not yet written is written at the end
	if got := stored(); got < time.Hour {
		g.Errorf("the last view before the stop was lost: %v", got)
	}
}

// testSeenNotWritten drops the cache before the database has heard of the
// last view, as an overloaded machine or a silent watcher does.
func testSeenNotWritten(g guardTest) {
	c := g.begin(g.here, g.signIn())
	cancelled, cancel := context.WithCancel(g.Context())
	cancel()
	for range 3 {
		g.clock.add(testIdle - time.Second)
		g.live(g.here, c)
		g.here.flush(cancelled) // fails, and loses nothing
		g.here.forget(db.Change{Kind: "all"})
	}
	g.here.flush(g.Context())
	g.clock.add(testIdle - time.Second)
	g.live(g.process(), c)
}

// testOnceSeenEnded reads an end that this process has not heard of yet, as a
// request does while the watcher is late.
func testOnceSeenEnded(g guardTest) {
	other := g.process()
	ends := map[string]func(*Live) error{
		"the session": func(l *Live) error { return other.End(g.Context(), l, "test") },
		"the person": func(l *Live) error {
			_, err := other.db.EndSessionsOf(g.Context(), l.User.ID, g.clock.now(), "by hand", g.clock.now())
			return err
		},
	}
	for what, end := range ends {
		c := g.begin(g.here, g.signIn())
		hash := hashText(c.Value)
		g.live(g.here, c)
		g.must(end(g.live(other, c)))
		live, err := g.here.load(g.Context(), c.Value, hash)
		g.must(err)
		if live != nil || g.here.cached(hash) != nil {
			g.Errorf("%s ended, was read as ended, and lives on in the cache", what)
		}
		g.clock.add(time.Minute)
	}
}

// Somebody who asks again and again with the cookie of a session that is over
// does not keep others out of the cache.
func testOldCookies(g guardTest) {
	ended, expired := g.begin(g.here, g.signIn()), g.begin(g.here, g.signIn())
	g.must(g.here.End(g.Context(), g.live(g.here, ended), "signed out"))
	g.live(g.here, expired)
	g.clock.add(testIdle + time.Second)
	other := g.begin(g.here, g.signIn())
	time.Sleep(elsewhere) // all that was heard
	told := g.here.people.told()
	for range 3 {
		g.none(g.here, ended)
		g.none(g.here, expired)
	}
	if now := g.here.people.told(); now != told {
		g.Errorf("old cookies made the cache of people forget %d times", now-told)
	}
	g.live(g.here, other)
}

// While it cannot be read how a session ended, it may have been by hand: that
// is said, and not taken for an end by time, after which people are recognised.
func testEndingUnread(g guardTest) {
	c := g.begin(g.here, g.signIn())
	g.must(g.here.End(g.Context(), g.live(g.here, c), "by hand"))
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(c)
	if how, err := g.here.Ending(r); how != EndedByHand || err != nil {
		g.Errorf("it ended by %v, %v", how, err)
	}
	dbtest.Occupy(g, g.here.db)
	if how, err := g.here.Ending(r.WithContext(g.starved())); err == nil {
		g.Errorf("unread, it ended by %v", how)
	}
}
