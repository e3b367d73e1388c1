package auth

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"portico/auth/campusone"
	"portico/db"
)

const (
	kindRefresh = "refresh"
	// ScopeNotifications lets the portal notify those who granted it.
	ScopeNotifications = "notifications"

	keptFor       = 30 * 24 * time.Hour // a refresh token nobody used for so long is forgotten
	confirmTime   = 15 * time.Second    // for one confirmation as a whole
	leaseTime     = time.Minute         // outlasts confirmTime
	pageWaits     = 2 * time.Second     // how long a staff page waits for a confirmation
	freshToken    = time.Minute         // a 401 for an access token of that age means signed out
	pauseTrouble  = time.Minute         // after an answer that says nothing
	pauseBusy     = 2 * time.Second     // while another process is at it, or the rate is used up
	sweepEvery    = 10 * time.Second
	refreshLife   = 7 * 24 * time.Hour // of a refresh token at Campus One
	mostEndings   = 20
	endingsWithin = 10 * time.Minute
	endedStanding = "not confirmed by Campus One"
)

// Confirmer is what a confirmation needs of Campus One; *campusone.Provider
// is it.
type Confirmer interface {
	Away() bool
	Refresh(ctx context.Context, refresh campusone.Secret) (campusone.Tokens, error)
	Userinfo(ctx context.Context, access campusone.Secret) (campusone.Profile, error)
}

// StandingConfig is what the operator decides about confirmations.
type StandingConfig struct {
	After   time.Duration // PORTICO_CONFIRM_AFTER
	Rate    int           // CAMPUS_ONE_RATE, a minute
	Notices bool          // people may be notified in Campus One
}

// Standing confirms from time to time that those who hold a permission still
// stand at Campus One as they did when they signed in. For them it keeps the
// refresh token, sealed and bound to the person; besides only for those whom
// the portal may notify in Campus One (db.Consent), where it does so at all,
// and for as long as Campus One would take it. Everybody else's is dropped at
// once.
//
// A token is spent by one process at a time, under a lease in the database,
// and its successor is stored before it is used: two who spend one token make
// some providers revoke everything. Silence never ends a session; only a plain
// no does. When very many get a no at once, it is more likely that something
// is wrong with our own registration than with all of them, and confirmation
// stops until the process is started again.
type Standing struct {
	after    time.Duration
	rules    *Rules
	seal     *Sealer
	provider Confirmer
	db       *db.DB
	notices  bool
	limit    *pace
	log      *slog.Logger
	now      func() time.Time

	mu      sync.Mutex
	running map[string]chan struct{} // by user id, closed when done
	next    map[string]time.Time     // not to be tried before
	closing bool
	stopped time.Time
	work    sync.WaitGroup
}

// NewStanding wires confirmations. Run must be running for tokens of those
// who lost their permission to go.
func NewStanding(c StandingConfig, seal *Sealer, p Confirmer, rules *Rules, d *db.DB, log *slog.Logger, now func() time.Time) *Standing {
	return &Standing{
		after: c.After, rules: rules, seal: seal, provider: p, db: d, notices: c.Notices, limit: newPace(c.Rate, time.Minute), log: log, now: now,
		running: map[string]chan struct{}{}, next: map[string]time.Time{},
	}
}

// StandingStatus says whether people are being confirmed.
type StandingStatus struct {
	Stopped bool
	Since   time.Time // when it stopped
}

// Status tells whether confirmation was stopped by too many endings.
func (s *Standing) Status() StandingStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	return StandingStatus{Stopped: !s.stopped.IsZero(), Since: s.stopped}
}

// holder reports whether a person holds any permission.
func (s *Standing) holder(u *db.User) bool {
	if u.Blocked || !u.Deleted.IsZero() {
		return false
	}
	return slices.ContainsFunc([]Permission{Reports, Publish, Manage}, func(p Permission) bool { return s.rules.MayOnceConfirmed(u, p, s.now()) })
}

// Confirms reports whether a person is confirmed by refreshing the token of
// their sign-in, and not by their browser.
func (s *Standing) Confirms(u *db.User) bool { return s.holder(u) }

func (s *Standing) due(u *db.User) bool {
	return s.now().Sub(u.RoleConfirmed) > s.after && s.holder(u)
}

// SignedIn keeps the refresh token of a sign-in for a person who holds a
// permission or may be notified, and drops what is kept of anybody else.
// Sign-ins come first: each takes one of the minute's confirmations.
func (s *Standing) SignedIn(ctx context.Context, id campusone.Identity) {
	s.limit.take(s.now())
	u, err := s.db.UserBySub(ctx, id.Provider, id.Sub)
	if err == nil {
		err = s.keep(ctx, &u, id)
	}
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		s.log.Error("what a sign-in brought for later use cannot be kept or dropped", "error", err)
	}
}

func (s *Standing) keep(ctx context.Context, u *db.User, id campusone.Identity) error {
	notify, err := s.noteScope(ctx, u, id.Scope)
	if err != nil {
		return err
	}
	if !s.holder(u) && !notify {
		return s.dropKept(ctx, u.ID)
	}
	if id.RefreshToken == "" {
		return nil // an earlier one may still be good
	}
	return s.db.SaveToken(ctx, s.sealed(u.ID, campusone.Tokens{AccessToken: id.AccessToken, RefreshToken: id.RefreshToken, Expires: id.Expires}, notify))
}

// noteScope notes whether the scopes a person granted let us notify them, and
// says whether that is to be done.
func (s *Standing) noteScope(ctx context.Context, u *db.User, scope string) (bool, error) {
	if !s.notices || u.Blocked {
		return false, nil
	}
	c, err := s.db.NoteGrant(ctx, u.ID, slices.Contains(strings.Fields(scope), ScopeNotifications), s.now())
	return c.May(), err
}

// keeps reports whether the token of a person is to be kept.
func (s *Standing) keeps(ctx context.Context, u *db.User) (bool, error) {
	if s.holder(u) {
		return true, nil
	}
	notify, err := s.notifies(ctx, u)
	return notify, err
}

// notifies reports whether a person is to be notified at all.
func (s *Standing) notifies(ctx context.Context, u *db.User) (bool, error) {
	if !s.notices || u.Blocked || !u.Deleted.IsZero() {
		return false, nil
	}
	c, err := s.db.Consent(ctx, u.ID)
	return c.May(), err
}

// dropKept erases a person's tokens. Most people have none, and then nothing
// is written.
func (s *Standing) dropKept(ctx context.Context, userID string) error {
	if _, err := s.db.Token(ctx, userID, kindRefresh); err != nil {
		return err
	}
	return s.db.DropTokens(ctx, userID)
}

// sealed is what Campus One has given, as it is stored. The access token is
// kept only to notify with, for as long as it is good.
func (s *Standing) sealed(userID string, t campusone.Tokens, notify bool) db.Token {
	k := db.Token{UserID: userID, Kind: kindRefresh, Stored: s.now(), Sealed: []byte(s.seal.Seal(purposeStored, userID, keptFor, []byte(t.RefreshToken.Reveal())))}
	if life := t.Expires.Sub(s.now()); notify && life > 0 && life < keptFor {
		k.Access = []byte(s.seal.Seal(purposeAccess, userID, life, []byte(t.AccessToken.Reveal())))
		k.AccessUntil = t.Expires
	}
	return k
}

// Notice is told of every request by a signed-in person, after it, and has a
// role that has grown old confirmed off the request's path.
func (s *Standing) Notice(live *Live) {
	if s.due(live.User) {
		s.start(live.User.ID)
	}
}

// Confirm has a role that has grown old confirmed now, for a page of staff,
// and waits two seconds at most. True means that it was tried and came to an
// end: the session is to be looked up anew.
func (s *Standing) Confirm(ctx context.Context, live *Live) bool {
	if !s.due(live.User) {
		return false
	}
	done := s.start(live.User.ID)
	if done == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, pageWaits)
	defer cancel()
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}

// start begins a person's confirmation, or joins the one under way. Nil means
// that none is to be made now.
func (s *Standing) start(userID string) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if done, ok := s.running[userID]; ok {
		return done
	}
	if s.closing || !s.stopped.IsZero() || s.now().Before(s.next[userID]) || s.provider.Away() {
		return nil
	}
	done := make(chan struct{})
	s.running[userID] = done
	s.work.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), confirmTime)
		defer cancel()
		s.finish(userID, s.confirm(ctx, userID))
	})
	return done
}

// finish lets those who wait go on, and the next try begin after a pause.
func (s *Standing) finish(userID string, pause time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for id, next := range s.next {
		if !now.Before(next) {
			delete(s.next, id)
		}
	}
	if pause > 0 {
		s.next[userID] = now.Add(pause)
	}
	close(s.running[userID])
	delete(s.running, userID)
}

// Run drops the tokens of those who lost their permission until ctx ends, then
// waits for the confirmations under way: a token that was spent must not be
// lost.
func (s *Standing) Run(ctx context.Context) {
	s.sweep(ctx)
	for sleep(ctx, sweepEvery) {
		s.sweep(ctx)
	}
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.work.Wait()
}

func (s *Standing) sweep(ctx context.Context) {
	var since time.Time
	var err error
	if s.notices {
		since = s.now().Add(-refreshLife)
	} else {
		err = s.db.ForgetGrants(ctx)
	}
	others, e := s.db.TokenHolders(ctx, kindRefresh, since)
	err = errors.Join(err, e)
	for _, h := range others {
		if !s.holder(&h.User) {
			err = errors.Join(err, s.db.DropToken(ctx, h.User.ID, kindRefresh, h.Sealed))
		}
	}
	if err != nil && ctx.Err() == nil {
		s.log.Error("tokens that are not to be kept cannot be dropped; tried again in ten seconds", "error", err)
	}
}
