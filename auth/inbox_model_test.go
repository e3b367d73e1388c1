package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"portico/auth/campusone"
	"portico/db"
	"portico/db/dbtest"
)

// TestInboxModel lets random events arrive in any order, some of them twice,
// in two processes that stop and start again, on a database that refuses some
// of them for a while or for good. In the end people and sessions must be as a
// plain model says, and every delivery in one final state.
func TestInboxModel(t *testing.T) { runModel(t, modelRuns()*3/4, newFiles, playInbox) }

// TestInboxModelPostgres is the same on PostgreSQL.
func TestInboxModelPostgres(t *testing.T) {
	dbtest.PostgresURL(t) // one line when there is no server, not one a lane
	runModel(t, modelRuns()/4, oneDatabase, playInbox)
}

// happening is one thing that Campus One tells of.
type happening struct {
	key, sub, event string
	at              time.Time
	facts           map[string]string
	refusals        int // how often the database refuses to apply it
	body            []byte
}

func (h *happening) ends() bool {
	return h.event == "session.signed_out" || h.event == "user.disconnected"
}

// lost says whether it is never applied: the tenth refusal is the last.
func (h *happening) lost() bool { return h.refusals >= mostTries }

// inboxModel is what happened, and the processes that are told of it.
type inboxModel struct {
	address  string
	clock    *testClock
	start    time.Time
	workers  []*mailroom
	subs     []string
	claims   map[string][]db.Fact // by sub: what a sign-in told
	sessions map[string]time.Time // by token hash: when it began
	owner    map[string]string    // by token hash: the sub
	all      []*happening
}

// mailroom is one process: a database handle and an inbox whose worker runs.
type mailroom struct {
	*Inbox
	stop func()
}

func (m *inboxModel) open() (*mailroom, error) {
	log := slog.New(slog.DiscardHandler)
	d, err := db.Open(context.Background(), m.address, db.Options{Create: true, Log: log, Now: m.clock.now})
	if err != nil {
		return nil, err
	}
	in := NewInbox(d, testProvider, []campusone.Secret{hookSecret}, NewCounts(d, log, m.clock.now), log, m.clock.now)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); in.Run(ctx) }()
	return &mailroom{in, func() { cancel(); <-done }}, nil
}

func (r *mailroom) close() error {
	r.stop()
	return r.db.Close()
}

func playInbox(t *rapid.T, address string) {
	m := &inboxModel{address: address, clock: newTestClock(), claims: map[string][]db.Fact{}, sessions: map[string]time.Time{}, owner: map[string]string{}}
	m.start = m.clock.now().Truncate(time.Second).Add(-2 * time.Hour)
	t.Cleanup(func() {
		for _, w := range m.workers {
			if err := w.close(); err != nil {
				t.Error(err)
			}
		}
	})
	for range 2 {
		w, err := m.open()
		if err != nil {
			t.Fatal(err)
		}
		m.workers = append(m.workers, w)
	}
	m.prepare(t)
	m.deliver(t)
	m.settle(t)
	m.judge(t)
}

// when draws a moment that nothing else of the person has.
func (m *inboxModel) when(t *rapid.T, taken map[int]bool) time.Time {
	n := rapid.IntRange(1, 7000).Filter(func(n int) bool { return !taken[n] }).Draw(t, "second")
	taken[n] = true
	return m.start.Add(time.Duration(n) * time.Second)
}

// prepare signs people in and thinks of what is to happen to them.
func (m *inboxModel) prepare(t *rapid.T) {
	m.sabotage(t)
	for range 3 {
		sub := rand.Text()
		m.subs = append(m.subs, sub)
		taken := map[int]bool{}
		for range rapid.IntRange(0, 3).Draw(t, "sign-ins") {
			m.signIn(t, sub, m.when(t, taken))
		}
		for range rapid.IntRange(1, 10).Draw(t, "events") {
			m.happens(t, sub, m.when(t, taken))
		}
	}
}

func (m *inboxModel) signIn(t *rapid.T, sub string, at time.Time) {
	in := db.SignIn{Provider: testProvider, Sub: sub, Session: db.NewSession{TokenHash: rand.Text(), StateHash: rand.Text(), Began: at, Created: at, Expires: m.clock.now().Add(testMax), Idle: testIdle}}
	for field, value := range drawFacts(t) {
		in.Facts = append(in.Facts, db.Fact{Field: field, Value: value, AsOf: at, Source: db.SourceIDToken})
	}
	if _, _, err := m.workers[0].db.SignIn(context.Background(), in); err != nil {
		t.Fatal(err)
	}
	m.claims[sub] = append(m.claims[sub], in.Facts...)
	m.sessions[in.Session.TokenHash], m.owner[in.Session.TokenHash] = at, sub
}

func drawFacts(t *rapid.T) map[string]string {
	return rapid.MapOfN(rapid.SampledFrom([]string{"name", "role", "level", "student_id"}), rapid.StringMatching(`[1-9]`), 1, 3).Draw(t, "facts")
}

func (m *inboxModel) happens(t *rapid.T, sub string, at time.Time) {
	h := &happening{key: rand.Text(), sub: sub, at: at}
	h.event = rapid.SampledFrom([]string{
		"user.role_changed", "user.role_changed", "user.updated", "user.updated", "user.updated", "user.created", "session.signed_out", "user.disconnected", "user.deleted",
	}).Draw(t, "event")
	h.refusals = rapid.SampledFrom([]int{0, 0, 0, 0, 0, 1, 2, mostTries}).Draw(t, "refusals")
	data := map[string]any{"user_id": sub}
	envelope := map[string]any{"id": h.key, "event": h.event, "occurredAt": at.Format("2006-01-02T15:04:05.000Z"), "data": data}
	switch h.event {
	case "user.role_changed":
		h.facts = map[string]string{"role": rapid.StringMatching(`[1-9]`).Draw(t, "role")}
		data["new_role"] = h.facts["role"]
	case "user.updated", "user.created":
		h.facts = drawFacts(t)
		for field, value := range h.facts {
			data[field] = value
		}
	case "user.disconnected":
		envelope = map[string]any{"event": h.event, "timestamp": at.Format(time.RFC3339), "data": map[string]any{"userId": sub}}
	}
	h.body, _ = json.Marshal(envelope) // strings always fit
	if h.event == "user.disconnected" {
		sum := sha256.Sum256(h.body)
		h.key = hex.EncodeToString(sum[:])
	}
	if _, err := m.workers[0].db.Writer().Exec(`INSERT INTO trouble (key, n) VALUES ($1, $2)`, h.key, h.refusals); err != nil {
		t.Fatal(err)
	}
	m.all = append(m.all, h)
}

// sabotage has the database refuse to apply a delivery so many times as the
// table trouble says.
func (m *inboxModel) sabotage(t *rapid.T) {
	d := m.workers[0].db
	statements := []string{
		`CREATE TABLE IF NOT EXISTS trouble (key TEXT PRIMARY KEY, n INTEGER NOT NULL)`,
		`CREATE TRIGGER IF NOT EXISTS refuse BEFORE UPDATE OF state ON deliveries WHEN NEW.state = 'processed' AND OLD.attempts < (SELECT n FROM trouble WHERE key = OLD.key) BEGIN SELECT RAISE(ABORT, 'refused'); END`,
	}
	if d.Engine() == db.Postgres {
		statements[1] = `CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF OLD.attempts < (SELECT n FROM trouble WHERE key = OLD.key) THEN RAISE EXCEPTION 'refused'; END IF; RETURN NEW; END $$`
		statements = append(statements, `CREATE OR REPLACE TRIGGER refuse BEFORE UPDATE OF state ON deliveries FOR EACH ROW WHEN (NEW.state = 'processed') EXECUTE FUNCTION refuse()`)
	}
	for _, s := range statements {
		if _, err := d.Writer().Exec(s); err != nil {
			t.Fatal(s, err)
		}
	}
}

// deliver posts everything in any order, some of it twice, to whichever
// process; time passes and processes are stopped and started between.
func (m *inboxModel) deliver(t *rapid.T) {
	posts := rapid.Permutation(m.all).Draw(t, "order")
	for range len(m.all) / 3 {
		i := rapid.IntRange(0, len(posts)).Draw(t, "place")
		again := rapid.SampledFrom(m.all).Draw(t, "again")
		posts = append(posts[:i:i], append([]*happening{again}, posts[i:]...)...)
	}
	for _, h := range posts {
		switch which := rapid.IntRange(0, 1).Draw(t, "process"); rapid.IntRange(0, 9).Draw(t, "meanwhile") {
		case 0:
			m.restart(t, which)
		case 1:
			m.clock.add(time.Duration(rapid.IntRange(0, 60).Draw(t, "seconds")) * time.Second)
		}
		to := m.workers[rapid.IntRange(0, 1).Draw(t, "to")]
		got := to.Receive(context.Background(), Received{Body: h.body, Signature: campusone.Sign(h.body, hookSecret)})
		if got.Status != 200 {
			t.Fatalf("%s: %+v", h.body, got)
		}
	}
}

func (m *inboxModel) restart(t *rapid.T, which int) {
	if err := m.workers[which].close(); err != nil {
		t.Fatal(err)
	}
	w, err := m.open()
	if err != nil {
		t.Fatal(err)
	}
	m.workers[which] = w
}

// settle lets time pass until nothing is pending.
func (m *inboxModel) settle(t *rapid.T) {
	for until := time.Now().Add(patient); ; time.Sleep(2 * time.Millisecond) {
		states, err := m.workers[0].db.DeliveryStates(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if states[db.StatePending] == 0 {
			return
		}
		if time.Now().After(until) {
			t.Fatalf("still to be applied: %v", states)
		}
		m.clock.add(10 * time.Minute)
		for _, w := range m.workers {
			w.Wake()
		}
	}
}

func (m *inboxModel) judge(t *rapid.T) {
	for _, h := range m.all {
		v, err := m.workers[0].db.Delivery(context.Background(), h.key)
		if err != nil {
			t.Fatalf("%s was acknowledged and is lost: %v", h.body, err)
		}
		switch {
		case v.State == db.StateDead && h.lost(), v.State == db.StateSuperseded:
		case v.State == db.StateProcessed && !h.lost() && !v.Applied.IsZero():
		default:
			t.Fatalf("%s is %s after %d tries, with %d refusals", h.body, v.State, v.Attempts, h.refusals)
		}
	}
	for _, sub := range m.subs {
		m.judgePerson(t, sub)
	}
	for hash, began := range m.sessions {
		m.judgeSession(t, hash, began)
	}
}

// law is what follows from all that happened to a person and was not lost.
func (m *inboxModel) law(sub string) (facts map[string]string, deleted, ended time.Time) {
	newest := map[string]time.Time{}
	facts = map[string]string{}
	for _, h := range m.all {
		if h.sub == sub && !h.lost() && h.event == "user.deleted" && h.at.After(deleted) {
			deleted = h.at
		}
	}
	ended = deleted
	learn := func(field, value string, at time.Time) {
		if at.After(deleted) && at.After(newest[field]) {
			newest[field], facts[field] = at, value
		}
	}
	for _, f := range m.claims[sub] {
		learn(f.Field, f.Value, f.AsOf)
	}
	for _, h := range m.all {
		if h.sub != sub || h.lost() {
			continue
		}
		for field, value := range h.facts {
			learn(field, value, h.at)
		}
		if h.ends() && h.at.After(ended) {
			ended = h.at
		}
	}
	return facts, deleted, ended
}

// stored is what the database says of a person, whatever rows it takes.
func (m *inboxModel) stored(t *rapid.T, sub string) (facts map[string]string, deleted, ended time.Time) {
	d := m.workers[0].db
	var buried, before int64
	err := d.Reader().QueryRow(`SELECT coalesce(max(deleted), 0), coalesce(max(ended_before), 0) FROM users WHERE provider = $1 AND sub = $2`, testProvider, sub).Scan(&buried, &before)
	if err != nil {
		t.Fatal(err)
	}
	facts = map[string]string{}
	if u, err := d.UserBySub(context.Background(), testProvider, sub); err == nil {
		for _, f := range u.Facts {
			facts[f.Field] = f.Value
		}
		m.judgeTimeline(t, &u)
	}
	moment := func(n int64) time.Time {
		if n == 0 {
			return time.Time{}
		}
		return time.UnixMicro(n).UTC()
	}
	return facts, moment(buried), moment(before)
}

func (m *inboxModel) judgePerson(t *rapid.T, sub string) {
	type outcome struct {
		Facts          map[string]string
		Deleted, Ended time.Time
	}
	var want, got outcome
	want.Facts, want.Deleted, want.Ended = m.law(sub)
	got.Facts, got.Deleted, got.Ended = m.stored(t, sub)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (-law +stored):\n%s", sub, diff)
	}
}

// judgeTimeline: no step twice, and the last of them is the role.
func (m *inboxModel) judgeTimeline(t *rapid.T, u *db.User) {
	steps, err := m.workers[0].db.RoleChanges(context.Background(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	met := map[time.Time]bool{}
	for i, s := range steps {
		if met[s.At] || i > 0 && s.Old != steps[i-1].New {
			t.Fatalf("the timeline is %+v", steps)
		}
		met[s.At] = true
	}
	if len(steps) > 0 && steps[len(steps)-1].New != u.Role() {
		t.Fatalf("the role is %q, the timeline %+v", u.Role(), steps)
	}
}

// judgeSession: it is over when an end or a deletion came after it began. One
// that began after a deletion is over only if the person was known before.
func (m *inboxModel) judgeSession(t *rapid.T, hash string, began time.Time) {
	s, _, err := m.workers[0].db.SessionByToken(context.Background(), hash)
	if err != nil {
		t.Fatal(err)
	}
	_, deleted, ended := m.law(m.owner[hash])
	over := !s.Ended.IsZero()
	if !began.After(ended) && !over || began.After(ended) && deleted.IsZero() && over {
		t.Fatalf("a session that began at %s has ended: %t (%s); the law says %s, deleted %s", began, over, s.EndedWhy, ended, deleted)
	}
}
