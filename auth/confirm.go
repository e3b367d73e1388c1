package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"portico/auth/campusone"
	"portico/db"
)

// confirm takes the lease of a person's token, uses it and says how long to
// pause before the next try.
func (s *Standing) confirm(ctx context.Context, userID string) time.Duration {
	_, err := s.db.Token(ctx, userID, kindRefresh)
	if errors.Is(err, db.ErrNotFound) {
		return pauseTrouble // the next sign-in may bring one
	}
	holder, now := rand.Text(), s.now()
	leased := false
	if err == nil {
		leased, err = s.db.LeaseToken(ctx, userID, kindRefresh, holder, now, now.Add(leaseTime))
	}
	switch {
	case err != nil:
		return s.trouble("leasing", userID, err)
	case !leased:
		return pauseBusy
	}
	defer s.release(ctx, userID, holder)
	return s.leased(ctx, userID)
}

func (s *Standing) release(ctx context.Context, userID, holder string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := s.db.ReleaseToken(ctx, userID, kindRefresh, holder); err != nil {
		s.trouble("releasing", userID, err)
	}
}

// trouble notes what kept a confirmation from saying anything; sessions stay.
func (s *Standing) trouble(step, userID string, err error) time.Duration {
	s.log.Warn("a person with a permission could not be confirmed; tried again in a minute", "step", step, "user", userID, "error", err)
	return pauseTrouble
}

// leased looks again at what another process may have done before us.
func (s *Standing) leased(ctx context.Context, userID string) time.Duration {
	u, err := s.db.User(ctx, userID)
	switch {
	case err != nil:
		return s.trouble("reading", userID, err)
	case !s.due(&u):
		return 0
	case !s.limit.allow(s.now(), 0):
		return pauseBusy
	}
	stored, err := s.db.Token(ctx, userID, kindRefresh)
	if err != nil {
		return s.trouble("reading", userID, err)
	}
	plain, err := s.seal.Open(purposeStored, userID, string(stored.Sealed))
	if err != nil {
		return s.trouble("opening", userID, errors.Join(err, s.db.DropToken(ctx, userID, kindRefresh, stored.Sealed)))
	}
	return s.renew(ctx, &renewal{user: &u, sealed: stored.Sealed, asked: s.now()}, campusone.Secret(plain))
}

// renewal is one use of a refresh token.
type renewal struct {
	user   *db.User
	sealed []byte // the token as it is stored now
	asked  time.Time
}

// renew spends the token, stores its successor and only then goes on.
func (s *Standing) renew(ctx context.Context, r *renewal, refresh campusone.Secret) time.Duration {
	tokens, err := s.provider.Refresh(ctx, refresh)
	switch {
	case errors.Is(err, campusone.ErrInvalidGrant):
		return s.deny(ctx, r, false)
	case err != nil:
		return s.trouble("refreshing", r.user.ID, err)
	}
	kept, err := s.succeed(ctx, r, tokens)
	switch {
	case err != nil:
		return s.trouble("storing", r.user.ID, err)
	case !kept:
		return pauseBusy // a sign-in brought another, or the person left
	}
	return s.ask(ctx, r, tokens.AccessToken)
}

// succeed stores the token that follows a spent one, with patience: without it
// the next confirmation would be a no. What it says of scopes is noted.
func (s *Standing) succeed(ctx context.Context, r *renewal, tokens campusone.Tokens) (kept bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), confirmTime)
	defer cancel()
	for range 3 {
		if kept, err = s.replace(ctx, r, tokens); err == nil || !sleep(ctx, time.Second) {
			break
		}
	}
	return kept, err
}

func (s *Standing) replace(ctx context.Context, r *renewal, tokens campusone.Tokens) (bool, error) {
	notify, err := s.stillNotifies(ctx, r.user, tokens.Scope)
	fresh := s.sealed(r.user.ID, tokens, notify)
	kept, stored := s.db.ReplaceToken(ctx, r.sealed, fresh)
	if stored == nil && kept {
		r.sealed = fresh.Sealed
	}
	if stored == nil && err != nil {
		s.trouble("scopes", r.user.ID, err)
	}
	return kept, stored
}

// stillNotifies notes what a refresh says of scopes; nothing means that they
// are as they were (RFC 6749, section 5.1).
func (s *Standing) stillNotifies(ctx context.Context, u *db.User, scope string) (bool, error) {
	if scope == "" {
		return s.notifies(ctx, u)
	}
	return s.noteScope(ctx, u, scope)
}

// ask reads how the person stands today.
func (s *Standing) ask(ctx context.Context, r *renewal, access campusone.Secret) time.Duration {
	asked := s.now()
	profile, err := s.provider.Userinfo(ctx, access)
	switch {
	case errors.Is(err, campusone.ErrUnauthorized) && s.now().Sub(r.asked) < freshToken:
		return s.deny(ctx, r, true)
	case err != nil:
		return s.trouble("userinfo", r.user.ID, err)
	case profile.Sub != r.user.Sub:
		return s.trouble("userinfo", r.user.ID, errors.New("the answer is about somebody else"))
	}
	return s.learn(ctx, r, profile, asked)
}

func (s *Standing) learn(ctx context.Context, r *renewal, profile campusone.Profile, asked time.Time) time.Duration {
	for i := range profile.Facts {
		profile.Facts[i].Source = db.SourceConfirmation
	}
	u, err := s.db.Confirm(ctx, db.Confirmation{
		UserID: r.user.ID, Provider: r.user.Provider, Sub: r.user.Sub, Facts: profile.Facts, RoleSeen: profile.RoleSeen, At: asked,
	})
	if err == nil {
		err = s.dropUnlessKept(ctx, &u, r.sealed)
	}
	switch {
	case err != nil:
		return s.trouble("storing", r.user.ID, err)
	case !profile.RoleSeen:
		return s.after // it was heard, and says nothing of a role: no use in asking at each request
	}
	return 0
}

// dropUnlessKept erases a token that is not to be kept any more.
func (s *Standing) dropUnlessKept(ctx context.Context, u *db.User, sealed []byte) error {
	keep, err := s.keeps(ctx, u)
	if err != nil || keep {
		return err
	}
	return s.db.DropToken(ctx, u.ID, kindRefresh, sealed)
}

// deny ends the sessions that began before a plain no. A no to a token that
// is stored no more means nothing; one to a new access token counts at once.
func (s *Standing) deny(ctx context.Context, r *renewal, surely bool) time.Duration {
	stored, err := s.db.Token(ctx, r.user.ID, kindRefresh)
	switch {
	case err != nil && !errors.Is(err, db.ErrNotFound):
		return s.trouble("reading", r.user.ID, err)
	case !surely && string(stored.Sealed) != string(r.sealed):
		return pauseBusy
	}
	if allowed, err := s.mayEnd(ctx); err != nil || !allowed {
		if err != nil {
			return s.trouble("counting", r.user.ID, err)
		}
		return pauseTrouble
	}
	if err := s.end(ctx, r, surely); err != nil {
		return s.trouble("ending", r.user.ID, err)
	}
	s.log.Info("a person with a permission stands no more at Campus One; their sessions ended", "user", r.user.ID)
	return pauseTrouble
}

// end spares what began in the very second of the asking: an id_token's iat
// has no more than seconds, and the person may be back at once.
func (s *Standing) end(ctx context.Context, r *renewal, surely bool) error {
	before, now := r.asked.Truncate(time.Second).Add(-time.Microsecond), s.now()
	held, err := s.db.EndByToken(ctx, db.DeadToken{
		UserID: r.user.ID, Kind: kindRefresh, Sealed: r.sealed, BeganBefore: before, At: now, Why: endedStanding,
	})
	if err == nil && !held && surely {
		_, err = s.db.EndSessionsOf(ctx, r.user.ID, before, endedStanding, now)
	}
	return err
}

// mayEnd stops all confirmation when one more ending, over all processes,
// would be one too many.
func (s *Standing) mayEnd(ctx context.Context) (bool, error) {
	now := s.now()
	n, err := s.db.PeopleEnded(ctx, endedStanding, now.Add(-endingsWithin))
	if err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n >= mostEndings && s.stopped.IsZero() {
		s.stopped = now
		s.log.Error("confirmation is stopped: Campus One disowned too many people at once. Sessions go on. See how this portal is registered there, then start the portal again",
			"people", n+1, "minutes", endingsWithin.Minutes())
	}
	return s.stopped.IsZero(), nil
}
