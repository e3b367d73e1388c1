package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"portico/db"
	"portico/db/dbtest"
)

const (
	// modelLanes run beside each other, since the model mostly waits for one
	// process to hear of another.
	modelLanes = 5
	modelSteps = 40 // deeds in a run, about
)

// TestGuardModel plays random deeds in two processes on one database. After
// each, both must answer for every session ever begun as a plain model does:
// at once where the deed was done, soon in the other.
func TestGuardModel(t *testing.T) {
	runModel(t, modelRuns()*3/4, newFiles, playModel)
}

// TestGuardModelPostgres has a database for each lane, and people of its own
// for each run.
func TestGuardModelPostgres(t *testing.T) {
	dbtest.PostgresURL(t) // one line when there is no server, not one a lane
	runModel(t, modelRuns()/4, oneDatabase, playModel)
}

// newFiles gives each run a database file of its own.
func newFiles(t *testing.T) func() string {
	dir := t.TempDir()
	return func() string { return "sqlite:" + filepath.Join(dir, rand.Text()+".db") }
}

// oneDatabase gives all runs of a lane one database on PostgreSQL.
func oneDatabase(t *testing.T) func() string {
	address := dbtest.PostgresURL(t)
	return func() string { return address }
}

// modelRuns is how often a model is played, a quarter of it on PostgreSQL: 30,
// 200 with PORTICO_TEST_ALL=1, 20000 with PORTICO_TEST_LONG=1.
func modelRuns() int {
	switch {
	case os.Getenv("PORTICO_TEST_LONG") == "1":
		return 20_000
	case os.Getenv("PORTICO_TEST_ALL") == "1":
		return 200
	}
	return 30
}

func runModel(t *testing.T, runs int, database func(*testing.T) func() string, play func(*rapid.T, string)) {
	setFlag(t, "rapid.checks", max(1, runs/modelLanes))
	setFlag(t, "rapid.steps", modelSteps)
	t.Run("lanes", func(t *testing.T) {
		for lane := range modelLanes {
			t.Run(fmt.Sprint(lane), func(t *testing.T) {
				t.Parallel()
				address := database(t)
				rapid.Check(t, func(t *rapid.T) { play(t, address()) })
			})
		}
	})
}

// setFlag sets a flag of the test run until the test ends.
func setFlag(t *testing.T, name string, n int) {
	t.Helper()
	was := flag.Lookup(name).Value.String()
	if err := flag.Set(name, strconv.Itoa(n)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set(name, was) }) // its own value is always good
}

func playModel(t *rapid.T, address string) {
	m := &guardModel{address: address, clock: newTestClock(), people: map[string]*modelPerson{}}
	for range 3 {
		m.subs = append(m.subs, rand.Text())
		m.people[m.subs[len(m.subs)-1]] = &modelPerson{}
	}
	t.Cleanup(func() {
		for _, p := range m.processes {
			if err := p.close(); err != nil {
				t.Error(err)
			}
		}
	})
	for range 2 {
		p, err := openProcess(address, m.clock)
		if err != nil {
			t.Fatal(err)
		}
		p.listen()
		m.processes = append(m.processes, p)
	}
	t.Repeat(map[string]func(*rapid.T){
		// Three of a kind, or hardly anybody would be there to be ended.
		"begin": m.begin, "begin in another browser": m.begin, "begin once more": m.begin,
		"request": m.request, "end": m.end, "somebody else ends": m.office, "restart": m.restart, "stop or start listening": m.deafen, "time passes": m.pass,
		"a request reads": m.read, "a late commit": m.lateCommit, "a late read is kept": m.lateKeep, "": m.agree,
	})
	for i := range m.processes {
		for n := range m.tokens {
			m.agreeOn(t, i, n)
		}
	}
}

// guardModel is what should be, beside the processes that should do it.
type guardModel struct {
	address   string
	clock     *testClock
	processes []*process
	subs      []string
	people    map[string]*modelPerson // by sub
	tokens    []*modelToken
	underway  []underway
	actor     int // the process that did the last deed
	deeds     int
}

const nobody = -1

type modelPerson struct {
	id      string
	blocked bool
	endedBy time.Time // no session that began then or earlier lives
}

type modelToken struct {
	cookie                   *http.Cookie
	sub, state               string
	began, expires, lastSeen time.Time
	idle                     time.Duration
	ended                    bool
	agreed                   bool // both processes have said that it is over
}

// underway is a request that has read a session and not yet gone on.
type underway struct {
	process *process
	token   *modelToken
	ctx     context.Context // scs's data
	session db.Session
	user    db.User
	before  reading
	seen    time.Time
}

func (m *guardModel) process(t *rapid.T) *process {
	m.actor = rapid.IntRange(0, len(m.processes)-1).Draw(t, "process")
	return m.processes[m.actor]
}

func (m *guardModel) sub(t *rapid.T) string { return rapid.SampledFrom(m.subs).Draw(t, "sub") }

func (m *guardModel) token(t *rapid.T) *modelToken {
	if len(m.tokens) == 0 {
		t.Skip("nobody has signed in")
	}
	return m.tokens[rapid.IntRange(0, len(m.tokens)-1).Draw(t, "token")]
}

// lives is the whole law.
func (m *guardModel) lives(k *modelToken) bool {
	now := m.clock.now()
	return !k.ended && now.Before(k.expires) && now.Sub(k.lastSeen) < k.idle
}

func (m *guardModel) endWhere(which func(*modelToken) bool) {
	for _, k := range m.tokens {
		if which(k) {
			k.ended = true
		}
	}
}

func (m *guardModel) begin(t *rapid.T) {
	p, sub, now := m.process(t), m.sub(t), m.clock.now()
	b := Begin{
		Identity:  identity(sub, "student", now.Add(-rapid.SampledFrom([]time.Duration{0, time.Second, time.Minute, time.Hour}).Draw(t, "age of the id_token"))),
		Shared:    rapid.Bool().Draw(t, "shared"),
		StateHash: rand.Text(),
	}
	var want error
	if len(m.tokens) > 0 && rapid.IntRange(0, 4).Draw(t, "state used before") == 0 {
		if k := m.token(t); now.Before(k.expires) { // else its row may be gone
			b.StateHash, want = k.state, db.ErrStateUsed
		}
	}
	switch who := m.people[sub]; {
	case who.blocked:
		want = db.ErrBlocked
	case !b.Identity.IssuedAt.After(who.endedBy):
		want = db.ErrEnded
	}
	old := m.replaced(t, p, &b)
	c, err := p.Begin(t.Context(), b)
	if !errors.Is(err, want) || (want == nil) != (err == nil) {
		t.Fatalf("beginning a session: %v, want %v", err, want)
	}
	if want == nil {
		m.began(t, p, b, c, old)
	}
}

// replaced is the session that the sign-in's browser has already, or nil.
func (m *guardModel) replaced(t *rapid.T, p *process, b *Begin) *modelToken {
	if len(m.tokens) == 0 || !rapid.Bool().Draw(t, "replaces") {
		return nil
	}
	old := m.token(t)
	live, err := p.ask(t.Context(), old.cookie)
	if err != nil {
		t.Fatal(err)
	}
	if live == nil {
		return nil
	}
	b.Replaces = live
	return old
}

func (m *guardModel) began(t *rapid.T, p *process, b Begin, c *http.Cookie, old *modelToken) {
	now := m.clock.now()
	k := &modelToken{cookie: c, sub: b.Identity.Sub, state: b.StateHash, began: b.Identity.IssuedAt, expires: now.Add(testMax), lastSeen: now, idle: testIdle}
	if b.Shared {
		k.expires, k.idle = now.Add(sharedMax), sharedIdle
	}
	m.tokens = append(m.tokens, k)
	if old != nil {
		old.ended = true
	}
	u, err := p.db.UserBySub(t.Context(), testProvider, k.sub)
	if err != nil {
		t.Fatal(err)
	}
	m.people[k.sub].id = u.ID
}

func (m *guardModel) request(t *rapid.T) {
	p, k := m.process(t), m.token(t)
	if _, err := p.ask(t.Context(), k.cookie); err != nil {
		t.Fatal(err)
	}
}

func (m *guardModel) end(t *rapid.T) {
	p, k := m.process(t), m.token(t)
	live, err := p.ask(t.Context(), k.cookie)
	if err != nil {
		t.Fatal(err)
	}
	if live == nil {
		t.Skip("it ended before")
	}
	if err := p.End(t.Context(), live, "signed out"); err != nil {
		t.Fatal(err)
	}
	k.ended = true
}

// office is what others than the person do.
func (m *guardModel) office(t *rapid.T) {
	deeds := []func(*rapid.T){m.endAll, m.endAll, m.block, m.unblock, m.unblock, m.erase}
	deeds[rapid.IntRange(0, len(deeds)-1).Draw(t, "deed")](t)
}

func (m *guardModel) endAll(t *rapid.T) {
	p, sub := m.process(t), m.sub(t)
	who := m.people[sub]
	if who.id == "" {
		t.Skip("the portal does not know them")
	}
	by := m.clock.now()
	switch rapid.IntRange(0, 2).Draw(t, "moment") {
	case 1:
		by = by.Add(-time.Minute)
	case 2:
		by = m.token(t).began
	}
	if _, err := p.db.EndSessionsOf(t.Context(), who.id, by, "by hand", m.clock.now()); err != nil {
		t.Fatal(err)
	}
	m.endedBy(sub, by)
}

func (m *guardModel) endedBy(sub string, by time.Time) {
	if who := m.people[sub]; by.After(who.endedBy) {
		who.endedBy = by
	}
	m.endWhere(func(k *modelToken) bool { return k.sub == sub && !k.began.After(by) })
}

func (m *guardModel) block(t *rapid.T) {
	p, sub := m.process(t), m.sub(t)
	who := m.people[sub]
	if err := p.db.Block(t.Context(), testProvider, sub, "admin", "", m.clock.now()); err != nil {
		t.Fatal(err)
	}
	if who.id != "" && !who.blocked {
		m.endedBy(sub, m.clock.now())
	}
	who.blocked = true
}

func (m *guardModel) unblock(t *rapid.T) {
	p, sub := m.process(t), m.sub(t)
	if err := p.db.Unblock(t.Context(), testProvider, sub, "admin", "", m.clock.now()); err != nil {
		t.Fatal(err)
	}
	m.people[sub].blocked = false
}

func (m *guardModel) erase(t *rapid.T) {
	p, sub := m.process(t), m.sub(t)
	if err := erase(t.Context(), p.db, sub, m.clock.now()); err != nil {
		t.Fatal(err)
	}
	m.endedBy(sub, m.clock.now())
	m.people[sub].id = ""
}

func (m *guardModel) restart(t *rapid.T) {
	if err := m.process(t).close(); err != nil {
		t.Fatal(err)
	}
	p, err := openProcess(m.address, m.clock)
	if err != nil {
		t.Fatal(err)
	}
	if rapid.Bool().Draw(t, "listens") {
		p.run()
	}
	gone := m.processes[m.actor]
	m.processes[m.actor] = p
	var kept []underway
	for _, u := range m.underway {
		if u.process != gone {
			kept = append(kept, u)
		}
	}
	m.underway = kept
}

// deafen stops or starts a process's listening. One that hears nothing must
// believe nothing.
func (m *guardModel) deafen(t *rapid.T) {
	p := m.process(t)
	if p.listening {
		p.stop()
	} else {
		p.run()
	}
}

// pass lets time pass: never a span so close to an end that a touch, noted
// once a minute, decides.
func (m *guardModel) pass(t *rapid.T) {
	spans := []time.Duration{time.Microsecond, time.Second, time.Minute, 2 * time.Minute, 10 * time.Minute, sharedIdle, time.Hour, testIdle - 2*time.Minute}
	if rapid.IntRange(0, 4).Draw(t, "long") == 0 {
		spans = []time.Duration{testIdle, testIdle, testMax}
	}
	m.clock.add(rapid.SampledFrom(spans).Draw(t, "span"))
}

func (m *guardModel) read(t *rapid.T) {
	p, k := m.process(t), m.token(t)
	u := underway{process: p, token: k, before: p.reads(hashText(k.cookie.Value)), seen: p.seen.of(hashText(k.cookie.Value))}
	var err error
	if u.session, u.user, err = p.db.SessionByToken(t.Context(), hashText(k.cookie.Value)); errors.Is(err, db.ErrNotFound) {
		t.Skip("it was purged")
	}
	if err == nil {
		u.ctx, err = p.scs.Load(t.Context(), k.cookie.Value)
	}
	if err != nil {
		t.Fatal(err)
	}
	m.underway = append(m.underway, u)
}

func (m *guardModel) late(t *rapid.T) underway {
	if len(m.underway) == 0 {
		t.Skip("no request is under way")
	}
	return rapid.SampledFrom(m.underway).Draw(t, "request")
}

func (m *guardModel) lateCommit(t *rapid.T) {
	u := m.late(t)
	u.process.scs.Put(u.ctx, keyUser, u.token.sub)
	if _, _, err := u.process.scs.Commit(u.ctx); !errors.Is(err, errNotMinted) {
		t.Fatalf("a late commit: %v", err)
	}
}

// lateKeep puts what a request once read into the cache, and nothing must
// come of it if it is out of date.
func (m *guardModel) lateKeep(t *rapid.T) {
	u := m.late(t)
	m.actor = nobody // one that has not yet heard of an end may err for as long as hearing takes
	u.process.keep(newEntry(u.session, u.seen), &u.user, u.before)
}

// agree asks every process for every session: for those long over at every
// eighth deed, since each of these costs a read.
func (m *guardModel) agree(t *rapid.T) {
	m.deeds++
	for i, p := range m.processes {
		for n, k := range m.tokens {
			if !k.agreed || (m.deeds+n)%8 == 0 {
				m.agreeOn(t, i, n)
			}
		}
		p.flush(t.Context())
	}
	for _, k := range m.tokens {
		if m.lives(k) {
			k.lastSeen = m.clock.now()
		} else {
			k.ended, k.agreed = true, true
		}
	}
}

// agreeOn asks process i for session n.
func (m *guardModel) agreeOn(t *rapid.T, i, n int) {
	p, k := m.processes[i], m.tokens[n]
	want := m.lives(k)
	is := func() bool {
		live, err := p.ask(t.Context(), k.cookie)
		return err == nil && (live != nil) == want && (live == nil || live.User.Sub == k.sub)
	}
	if !is() && (i == m.actor || !soon(is)) {
		t.Fatalf("process %d (the deed was done in %d), session %d: alive must be %v", i, m.actor, n, want)
	}
}
