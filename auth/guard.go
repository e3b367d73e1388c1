package auth

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alexedwards/scs/pgxstore"
	"github.com/alexedwards/scs/sqlite3store"
	"github.com/alexedwards/scs/v2"

	"portico/auth/campusone"
	"portico/db"
)

// GuardConfig is how long sessions last.
type GuardConfig struct {
	Secure bool          // the site is on https
	Idle   time.Duration // PORTICO_SESSION_IDLE
	Max    time.Duration // PORTICO_SESSION_MAX
}

const (
	sharedIdle   = 20 * time.Minute
	sharedMax    = 4 * time.Hour
	touchEvery   = time.Minute
	flushEvery   = 5 * time.Second
	endTime      = 10 * time.Second // how long an ending may wait for the database
	maxSessions  = 10_000           // cached; others are read again
	tokenLetters = 43               // scs: 256 bits in base64url
	keyUser      = "user"

	endedNotStored = "not stored" // its data could not be written: it never was in a browser
)

// Guard decides who is signed in. scs keeps the session's data in its own
// table; the guard's table says whether the session lives at all, and both
// must agree. A commit for a token not minted in the same call is refused, so
// that no late write revives what was ended.
type Guard struct {
	cfg GuardConfig
	jar jar
	db  *db.DB
	scs *scs.SessionManager
	log *slog.Logger
	now func() time.Time

	sessions *cache[*entry]   // by token hash
	people   *cache[*db.User] // by user id

	seen *lastSeen
}

// Live is a session that lives, with the person it belongs to as the database
// knows them now. Both are shared between requests and must not be changed.
type Live struct {
	*entry
	User *db.User
}

// entry is a cached session.
type entry struct {
	Session  db.Session
	lastSeen atomic.Int64 // Unix microseconds
	written  atomic.Int64 // the last seen that the database has or will have
}

// newEntry is a session as read, seen later than its row says if it was seen
// here and that is not written yet.
func newEntry(s db.Session, seen time.Time) *entry {
	if s.LastSeen.After(seen) {
		seen = s.LastSeen
	}
	e := &entry{Session: s}
	e.lastSeen.Store(seen.UnixMicro())
	e.written.Store(seen.UnixMicro())
	return e
}

// NewGuard wires the guard to the database. Run must be running for cached
// sessions to be trusted.
func NewGuard(cfg GuardConfig, d *db.DB, log *slog.Logger, now func() time.Time) *Guard {
	g := &Guard{
		cfg: cfg, jar: jar{secure: cfg.Secure}, db: d, log: log, now: now,
		sessions: newCache[*entry](maxSessions), people: newCache[*db.User](maxSessions), seen: newLastSeen(),
	}
	g.scs = scs.New()
	g.scs.Store = &guardedStore{read: storeFor(d, false), write: storeFor(d, true), db: d}
	g.scs.HashTokenInStore = true
	g.scs.Lifetime = cfg.Max
	g.scs.Cookie.Secure = cfg.Secure
	g.scs.Cookie.Name = g.jar.name(cookieSession)
	d.OnChange(g.forget)
	return g
}

// storeFor is scs's own store of the engine. On SQLite reads go to the read
// pool and writes to the one write connection. The stores' clean-up is off.
func storeFor(d *db.DB, write bool) scs.Store {
	switch {
	case d.Engine() == db.Postgres:
		return pgxstore.NewWithCleanupInterval(d.Pool(), 0)
	case write:
		return sqlite3store.NewWithCleanupInterval(d.Writer(), 0)
	}
	return sqlite3store.NewWithCleanupInterval(d.Reader(), 0)
}

// guardedStore stands between scs and its store.
type guardedStore struct {
	read, write scs.Store
	db          *db.DB
}

type mintKey struct{}

// mint is the permission to store one new session, given by Guard.Begin.
type mint struct {
	signIn  db.SignIn
	used    bool
	user    db.User
	session db.Session
}

var errNotMinted = errors.New("auth: refusing to store a session that was not begun by this sign-in")

func (s *guardedStore) Find(hash string) ([]byte, bool, error) { return s.read.Find(hash) }
func (s *guardedStore) Delete(hash string) error               { return s.write.Delete(hash) }
func (s *guardedStore) Commit(string, []byte, time.Time) error { return errNotMinted }

// FindCtx, CommitCtx and DeleteCtx are how scs calls a store that wants the
// request's context.
func (s *guardedStore) FindCtx(_ context.Context, hash string) ([]byte, bool, error) {
	return s.Find(hash)
}

func (s *guardedStore) DeleteCtx(_ context.Context, hash string) error { return s.Delete(hash) }

func (s *guardedStore) CommitCtx(ctx context.Context, hash string, data []byte, expiry time.Time) error {
	m, ok := ctx.Value(mintKey{}).(*mint)
	if !ok || m.used {
		return errNotMinted
	}
	m.used = true
	m.signIn.Session.TokenHash = hash
	var err error
	if m.user, m.session, err = s.db.SignIn(ctx, m.signIn); err != nil {
		return fmt.Errorf("storing the sign-in: %w", err)
	}
	if err := s.write.Commit(hash, data, expiry); err != nil {
		return errors.Join(fmt.Errorf("storing the session: %w", err), s.db.EndSession(ctx, hash, endedNotStored, m.signIn.Session.Created))
	}
	return nil
}

// Begin is a proven identity that asks for a session.
type Begin struct {
	Identity        campusone.Identity
	Silent, Shared  bool
	StateHash       string
	Device, Network string
	Replaces        *Live  // the session this one takes the place of
	IDToken         string // sealed, to be kept with the session; "" keeps none
}

// Begin makes the session of a proven identity, with a token that never was
// in a browser before (session fixation), and returns its cookie.
func (g *Guard) Begin(ctx context.Context, b Begin) (*http.Cookie, error) {
	now := g.now()
	s := db.NewSession{
		Began: b.Identity.IssuedAt, Created: now, Idle: g.cfg.Idle, Expires: now.Add(g.cfg.Max), Silent: b.Silent, Shared: b.Shared,
		StateHash: b.StateHash, Device: cut(b.Device, 200), Network: shortNetwork(b.Network),
	}
	if b.Shared {
		s.Idle, s.Expires = min(s.Idle, sharedIdle), now.Add(min(g.cfg.Max, sharedMax))
	}
	if b.Replaces != nil {
		s.Replaces = b.Replaces.Session.TokenHash
	}
	m := &mint{signIn: db.SignIn{Provider: b.Identity.Provider, Sub: b.Identity.Sub, Facts: b.Identity.Facts, RoleSeen: b.Identity.RoleSeen, Session: s}}
	ctx, err := g.scs.Load(context.WithValue(ctx, mintKey{}, m), "")
	if err != nil {
		return nil, fmt.Errorf("beginning a session: %w", err)
	}
	g.scs.SetDeadline(ctx, s.Expires.UTC())
	g.scs.Put(ctx, keyUser, b.Identity.Sub)
	if b.IDToken != "" {
		g.scs.Put(ctx, keyIDToken, b.IDToken)
	}
	token, expires, err := g.scs.Commit(ctx)
	if err != nil {
		return nil, err
	}
	life := expires.Sub(now)
	if b.Shared {
		life = 0
	}
	return g.jar.set(cookieSession, token, life), nil
}

// Live returns the request's session, or nil when there is none. An error
// means the database could not be asked.
func (g *Guard) Live(r *http.Request) (*Live, error) {
	token := g.jar.get(r, cookieSession)
	if !wellFormed(token) {
		return nil, nil
	}
	hash := hashText(token)
	if live := g.cached(hash); live != nil {
		return live, nil
	}
	return g.load(r.Context(), token, hash)
}

// Known is Live without a look into the database: the session where it is in
// memory. Without a cookie that could be one of ours nobody is signed in, and
// there is nothing to look up: carries is false.
func (g *Guard) Known(r *http.Request) (live *Live, carries bool) {
	token := g.jar.get(r, cookieSession)
	if !wellFormed(token) {
		return nil, false
	}
	return g.cached(hashText(token)), true
}

func wellFormed(token string) bool {
	if len(token) != tokenLetters {
		return false
	}
	_, err := base64.RawURLEncoding.DecodeString(token)
	return err == nil
}

func (g *Guard) cached(hash string) *Live {
	if !g.db.Trusted() {
		return nil
	}
	e, ok := g.sessions.get(hash)
	if !ok {
		return nil
	}
	user, ok := g.people.get(e.Session.UserID)
	if !ok || !g.lives(e, user) {
		return nil // also when idle for too long: another process may have seen it
	}
	g.saw(hash, e)
	return &Live{entry: e, User: user}
}

// load reads the session from the database, where the guard's table and
// scs's must agree.
func (g *Guard) load(ctx context.Context, token, hash string) (*Live, error) {
	before, seen := g.reads(hash), g.seen.of(hash)
	session, user, err := g.db.SessionByToken(ctx, hash)
	if errors.Is(err, db.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a session: %w", err)
	}
	e := newEntry(session, seen)
	if !g.lives(e, &user) {
		g.lateToHear(e, hash)
		return nil, nil
	}
	scsCtx, err := g.scs.Load(ctx, token)
	if err != nil {
		return nil, fmt.Errorf("reading a session's data: %w", err)
	}
	if g.scs.GetString(scsCtx, keyUser) != user.Sub {
		return nil, nil
	}
	g.keep(e, &user, before)
	g.saw(hash, e)
	return &Live{entry: e, User: &user}, nil
}

// lateToHear forgets what would bring a session back to life that the database
// says is over. The person only where they would: anybody may ask with an old
// cookie, time and again, and each forgetting costs the people who are being
// read meanwhile their place in the cache.
func (g *Guard) lateToHear(e *entry, hash string) {
	g.sessions.forget(hash)
	if user, ok := g.people.get(e.Session.UserID); ok && g.lives(e, user) {
		g.people.forget(user.ID)
	}
}

// reading is what the caches had been told to forget when a read began.
type reading struct{ session, people uint64 }

func (g *Guard) reads(hash string) reading {
	return reading{session: g.sessions.generation(hash), people: g.people.told()}
}

// keep caches a session and its person as one read found them. Who the person
// is was not known before it, so any change of anybody drops the person.
func (g *Guard) keep(e *entry, u *db.User, before reading) {
	g.sessions.put(e.Session.TokenHash, e, before.session)
	g.people.putUnlessTold(u.ID, u, before.people)
}

func (g *Guard) lives(e *entry, u *db.User) bool {
	now := g.now()
	s := &e.Session
	switch {
	case !s.Ended.IsZero(), u.Blocked, !u.Deleted.IsZero():
		return false
	case !u.EndedBefore.IsZero() && !s.Began.After(u.EndedBefore):
		return false
	}
	return now.Before(s.Expires) && now.Sub(time.UnixMicro(e.lastSeen.Load())) < s.Idle
}

// End ends a session for good, also when the browser does not wait for it.
func (g *Guard) End(ctx context.Context, l *Live, why string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	if err := g.db.EndSession(ctx, l.Session.TokenHash, why, g.now()); err != nil {
		return fmt.Errorf("ending a session: %w", err)
	}
	return nil
}

// Cached counts the sessions kept in memory.
func (g *Guard) Cached() int { return g.sessions.size() }

// Run keeps the guard true to the database until ctx ends: it forgets what
// any process changed, writes when sessions were last seen and removes old
// rows in small steps.
func (g *Guard) Run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { g.watch(ctx) })
	wg.Go(func() { g.flushLoop(ctx) })
	wg.Wait()
}

func (g *Guard) watch(ctx context.Context) {
	for ctx.Err() == nil {
		err := g.db.Watch(ctx, func(db.Change) {}) // forget listens already
		if err != nil && ctx.Err() == nil {
			g.log.Error("changes made by other processes cannot be heard; reading everything anew", "error", err)
			sleep(ctx, time.Second)
		}
	}
}

// forget drops what a change makes out of date.
func (g *Guard) forget(c db.Change) {
	switch c.Kind {
	case "session":
		g.sessions.forget(c.Key)
	case "user":
		g.people.forget(c.Key)
	case "all":
		g.sessions.clear()
		g.people.clear()
	}
}
