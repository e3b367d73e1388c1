package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portico/auth/campusone"
	"portico/db"
	"portico/db/dbtest"
)

const (
	testIdle     = 12 * time.Hour
	testMax      = 7 * 24 * time.Hour
	testProvider = "https://campus.example"
	elsewhere    = 250 * time.Millisecond // until other processes know
	patience     = 5 * time.Second        // with a machine that is busy
)

func TestGuardSQLite(t *testing.T) {
	runGuardTests(t, func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "portico.db") })
}

func TestGuardPostgres(t *testing.T) {
	dbtest.PostgresURL(t) // one line when there is no server, not one a test
	runGuardTests(t, func(t *testing.T) string { return dbtest.PostgresURL(t) })
}

func runGuardTests(t *testing.T, address func(*testing.T) string) {
	for _, name := range slices.Sorted(maps.Keys(guardTests)) {
		t.Run(name, func(t *testing.T) {
			g := guardTest{T: t, address: address(t), clock: newTestClock()}
			g.here = g.process()
			guardTests[name](g)
		})
	}
}

var guardTests = map[string]func(guardTest){
	"begun and found":                       testBegun,
	"cookies on https":                      testSecureCookie,
	"malformed cookies cost nothing":        testMalformed,
	"a warm page view reads nothing":        testWarm,
	"nothing is believed unheard":           testUnheard,
	"a watcher that stopped is not trusted": testStoppedWatcher,
	"idle":                                  testIdleEnd,
	"in use elsewhere is not idle":          testIdleElsewhere,
	"absolute end":                          testAbsoluteEnd,
	"shared computers":                      testShared,
	"ending is for good":                    testEnd,
	"ended though the browser left":         testEndAfterLeaving,
	"ended during a request":                testEndInFlight,
	"ended in another process":              testEndElsewhere,
	"replaced":                              testReplaced,
	"a new role shows at once":              testRole,
	"blocked":                               testBlocked,
	"deleted":                               testDeleted,
	"ended before":                          testEndedBefore,
	"one sign-in, one session":              testStateOnce,
	"no commit without a mint":              testLateCommit,
	"both tables must agree":                testBothTables,
	"last seen":                             testLastSeen,
	"seen and not yet written":              testSeenNotWritten,
	"once seen ended":                       testOnceSeenEnded,
	"how it ended is not guessed":           testEndingUnread,
	"old cookies cost others nothing":       testOldCookies,
}

// testClock is a time that tests turn.
type testClock struct{ at atomic.Int64 }

// newTestClock begins now: scs's stores look at the real clock.
func newTestClock() *testClock {
	c := &testClock{}
	c.at.Store(time.Now().UnixMicro())
	return c
}

func (c *testClock) now() time.Time      { return time.UnixMicro(c.at.Load()).UTC() }
func (c *testClock) add(d time.Duration) { c.at.Add(d.Microseconds()) }

// process is one process of the portal: a database handle and a guard.
type process struct {
	*Guard
	listening bool
	stop      func() // ends Run
}

func openProcess(address string, c *testClock) (*process, error) {
	log := slog.New(slog.DiscardHandler)
	d, err := db.Open(context.Background(), address, db.Options{Create: true, Log: log, Now: c.now})
	if err != nil {
		return nil, err
	}
	guard := NewGuard(GuardConfig{Idle: testIdle, Max: testMax}, d, log, c.now)
	return &process{Guard: guard, stop: func() {}}, nil
}

// listen runs the guard and waits until its cache is trusted.
func (p *process) listen() {
	p.run()
	for !p.db.Trusted() {
		time.Sleep(time.Millisecond)
	}
}

// run runs the guard until stop.
func (p *process) run() {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { p.Run(ctx) })
	p.listening = true
	p.stop = func() {
		cancel()
		wg.Wait()
		p.listening, p.stop = false, func() {}
	}
}

func (p *process) close() error {
	p.stop()
	return p.db.Close()
}

// ask is a request that brings a session cookie.
func (p *process) ask(ctx context.Context, c *http.Cookie) (*Live, error) {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	return p.Live(r)
}

// guardTest is a test with one process, and more if it asks for them.
type guardTest struct {
	*testing.T
	address string
	clock   *testClock
	here    *process
}

func (g guardTest) silent() *process {
	g.Helper()
	p, err := openProcess(g.address, g.clock)
	g.must(err)
	g.Cleanup(func() { g.must(p.close()) })
	return p
}

func (g guardTest) process() *process {
	g.Helper()
	p := g.silent()
	p.listen()
	return p
}

func (g guardTest) must(err error) {
	g.Helper()
	if err != nil {
		g.Fatal(err)
	}
}

func (g guardTest) mustBe(err, want error) {
	g.Helper()
	if !errors.Is(err, want) {
		g.Fatalf("the error is %v, want %v", err, want)
	}
}

// identity is somebody whom Campus One named a second ago.
func identity(sub, role string, issued time.Time) campusone.Identity {
	return campusone.Identity{
		Provider: testProvider, Sub: sub, IssuedAt: issued, RoleSeen: true,
		Facts: []db.Fact{{Field: db.FieldName, Value: "Name of " + sub, AsOf: issued, Source: db.SourceIDToken}, {Field: db.FieldRole, Value: role, AsOf: issued, Source: db.SourceIDToken}},
	}
}

func (g guardTest) signIn() Begin {
	return Begin{Identity: identity("amina", "student", g.clock.now().Add(-time.Second)), StateHash: rand.Text(), Device: "Chrome", Network: "10.1.2.3:4567"}
}

func (g guardTest) begin(p *process, b Begin) *http.Cookie {
	g.Helper()
	c, err := p.Begin(g.Context(), b)
	g.must(err)
	return c
}

func (g guardTest) live(p *process, c *http.Cookie) *Live {
	g.Helper()
	live, err := p.ask(g.Context(), c)
	g.must(err)
	if live == nil {
		g.Fatal("there is no session")
	}
	return live
}

func (g guardTest) none(p *process, c *http.Cookie) {
	g.Helper()
	live, err := p.ask(g.Context(), c)
	g.must(err)
	if live != nil {
		g.Fatalf("the session lives: %+v", live.Session)
	}
}

// noneSoon waits until another process has heard that a session ended, and
// says how long that took.
func (g guardTest) noneSoon(p *process, c *http.Cookie) time.Duration {
	g.Helper()
	began := time.Now()
	if !soon(func() bool { live, err := p.ask(g.Context(), c); return err == nil && live == nil }) {
		g.Fatal("the session lives on in another process")
	}
	return time.Since(began)
}

// soon waits for what becomes true once another process has heard of it.
func soon(is func() bool) bool {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if is() {
			return true
		}
	}
	return is()
}

// starved is a request's time while all connections are taken.
func (g guardTest) starved() context.Context {
	ctx, cancel := context.WithTimeout(g.Context(), 300*time.Millisecond)
	g.Cleanup(cancel)
	return ctx
}

func testBegun(g guardTest) {
	c := g.begin(g.here, g.signIn())
	if c.Name != "session" || !c.HttpOnly || c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge != int(testMax.Seconds()) || len(c.Value) != tokenLetters {
		g.Errorf("the cookie is %v", c)
	}
	for range 2 { // from the database, then from the cache
		live := g.live(g.here, c)
		if live.User.Sub != "amina" || live.User.Role() != "student" || live.Session.TokenHash != hashText(c.Value) || live.Session.Network != "10.1.2.0/24" {
			g.Errorf("found %+v of %+v", live.Session, live.User)
		}
	}
	if again := g.begin(g.here, g.signIn()); again.Value == c.Value {
		g.Error("two sign-ins have one token")
	}
	g.none(g.here, &http.Cookie{Name: "session", Value: rand.Text() + rand.Text()[:tokenLetters-26]})
}

func testSecureCookie(g guardTest) {
	g.here.cfg.Secure, g.here.jar.secure = true, true
	c := g.begin(g.here, g.signIn())
	if c.Name != "__Host-session" || !c.Secure || c.Domain != "" {
		g.Errorf("the cookie is %v", c)
	}
	g.live(g.here, c)
	g.none(g.here, &http.Cookie{Name: "session", Value: c.Value})
}

func testMalformed(g guardTest) {
	c := g.begin(g.here, g.signIn())
	dbtest.Occupy(g, g.here.db)
	for _, bad := range []string{"", "x", c.Value[1:], c.Value + "A", "*" + c.Value[1:], c.Value[:42] + "=", c.Value[:21] + "." + c.Value[22:]} {
		live, err := g.here.ask(g.starved(), &http.Cookie{Name: c.Name, Value: bad})
		if live != nil || err != nil {
			g.Errorf("%q: %v, %v", bad, live, err)
		}
	}
	if live, err := g.here.ask(g.starved(), c); err == nil {
		g.Errorf("a well-formed one was not looked up: %v", live)
	}
}

func testWarm(g guardTest) {
	warm, cold := g.begin(g.here, g.signIn()), g.begin(g.here, g.signIn())
	time.Sleep(elsewhere) // the sign-ins themselves were heard
	g.live(g.here, warm)
	dbtest.Occupy(g, g.here.db)
	g.clock.add(2 * touchEvery) // a touch is due, too
	if live, err := g.here.ask(g.starved(), warm); live == nil || err != nil {
		g.Errorf("a warm view: %v, %v", live, err)
	}
	if _, err := g.here.ask(g.starved(), cold); err == nil {
		g.Error("a cold view did not read")
	}
}

func testUnheard(g guardTest) {
	p := g.silent()
	c := g.begin(p, g.signIn())
	g.live(p, c)
	g.must(g.here.End(g.Context(), g.live(g.here, c), "test"))
	g.none(p, c)
	other := g.begin(p, g.signIn())
	g.live(p, other)
	dbtest.Occupy(g, p.db)
	if _, err := p.ask(g.starved(), other); err == nil {
		g.Error("the cache was believed though nobody listens")
	}
}

func testStoppedWatcher(g guardTest) {
	p := g.process()
	c := g.begin(p, g.signIn())
	g.live(p, c)
	p.stop()
	if p.db.Trusted() {
		g.Error("trusted though nobody listens any more")
	}
	g.must(g.here.End(g.Context(), g.live(g.here, c), "test"))
	g.none(p, c)
}

func testIdleEnd(g guardTest) {
	c := g.begin(g.here, g.signIn())
	for range 3 {
		g.clock.add(testIdle - time.Microsecond)
		g.live(g.here, c)
	}
	g.here.flush(g.Context())
	g.clock.add(testIdle)
	g.none(g.here, c)
	g.none(g.process(), c)
}

func testIdleElsewhere(g guardTest) {
	c, other := g.begin(g.here, g.signIn()), g.process()
	g.live(other, c)
	for range 3 {
		g.clock.add(testIdle / 2)
		g.live(g.here, c)
		g.here.flush(g.Context())
	}
	g.live(other, c)
}

func testAbsoluteEnd(g guardTest) {
	c := g.begin(g.here, g.signIn())
	for range 14 {
		g.clock.add(testIdle - time.Second)
		g.live(g.here, c)
	}
	g.clock.add(14 * time.Second)
	g.none(g.here, c)
	g.none(g.process(), c)
}

func testShared(g guardTest) {
	b := g.signIn()
	b.Shared = true
	idle, used := g.begin(g.here, b), (*http.Cookie)(nil)
	b.StateHash = rand.Text()
	used = g.begin(g.here, b)
	if idle.MaxAge != 0 || !idle.Expires.IsZero() {
		g.Errorf("the cookie outlives the browser: %v", idle)
	}
	g.clock.add(sharedIdle - time.Second)
	g.live(g.here, used)
	g.clock.add(time.Second)
	g.none(g.here, idle)
	for g.clock.now().Before(g.live(g.here, used).Session.Created.Add(sharedMax - sharedIdle)) {
		g.clock.add(sharedIdle / 2)
	}
	g.live(g.here, used)
	g.clock.add(sharedIdle - time.Second)
	g.live(g.here, used)
	g.clock.add(time.Second)
	g.none(g.here, used)
	g.here.cfg.Idle, g.here.cfg.Max = 10*time.Minute, time.Hour
	b.StateHash = rand.Text()
	s := g.live(g.here, g.begin(g.here, b)).Session
	if s.Idle != 10*time.Minute || s.Expires.Sub(s.Created) != time.Hour {
		g.Errorf("a shared computer is kept longer than others: %v, %v", s.Idle, s.Expires.Sub(s.Created))
	}
}
