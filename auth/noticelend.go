package auth

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"portico/auth/campusone"
	"portico/db"
)

// Why an access token cannot be lent. Whatever else comes of it is Campus
// One's own word.
var (
	errSignInFirst = errors.New("auth: the person has to sign in again first")
	errNotGranted  = errors.New("auth: the person may not be notified")
	errInUse       = errors.New("auth: the token is in use elsewhere")
	errNoRoom      = errors.New("auth: the minute's calls are used up")
)

const (
	accessMargin = 30 * time.Second // an access token that ends sooner is renewed first
	lendTime     = 40 * time.Second // within leaseTime
)

// lend lets use have a person's access token, under the same lease as a
// confirmation: nobody else spends or renews it meanwhile. One that is still
// good is lent as it is, and renewed once when it is refused after all.
func (s *Standing) lend(ctx context.Context, userID string, use func(access campusone.Secret) error) error {
	ctx, cancel := context.WithTimeout(ctx, lendTime)
	defer cancel()
	holder, now := rand.Text(), s.now()
	leased, err := s.db.LeaseToken(ctx, userID, kindRefresh, holder, now, now.Add(leaseTime))
	switch {
	case err != nil:
		return err
	case !leased:
		return s.notLeased(ctx, userID)
	}
	defer s.release(ctx, userID, holder)
	return s.lent(ctx, userID, use)
}

// notLeased tells a token that is not there from one that is in use.
func (s *Standing) notLeased(ctx context.Context, userID string) error {
	switch _, err := s.db.Token(ctx, userID, kindRefresh); {
	case errors.Is(err, db.ErrNotFound):
		return errSignInFirst
	case err != nil:
		return err
	}
	return errInUse
}

func (s *Standing) lent(ctx context.Context, userID string, use func(access campusone.Secret) error) error {
	k, err := s.db.Token(ctx, userID, kindRefresh)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return errSignInFirst
	case err != nil:
		return err
	case s.now().Sub(k.Stored) >= refreshLife:
		return errSignInFirst // Campus One would say so; the next sweep drops it
	}
	if access := s.access(k); access != "" {
		if err := use(access); !errors.Is(err, campusone.ErrUnauthorized) {
			return err
		}
		if err := s.db.DropAccess(ctx, userID, kindRefresh, k.Sealed); err != nil {
			return err
		}
	}
	access, sealed, err := s.renewed(ctx, k)
	if err != nil {
		return err
	}
	if err := use(access); !errors.Is(err, campusone.ErrUnauthorized) {
		return err
	}
	return errors.Join(errSignInFirst, s.db.DropAccess(ctx, userID, kindRefresh, sealed))
}

// access is the kept access token while it is good, or "".
func (s *Standing) access(k db.Token) campusone.Secret {
	if len(k.Access) == 0 || k.AccessUntil.Sub(s.now()) < accessMargin {
		return ""
	}
	plain, err := s.seal.Open(purposeAccess, k.UserID, string(k.Access))
	if err != nil {
		return ""
	}
	return campusone.Secret(plain)
}

// roomForOthers is how many of a minute's calls notices leave to confirmations
// and sign-ins.
func (s *Standing) roomForOthers() int { return s.limit.most / 5 }

// renewed spends a person's refresh token and returns the new access token,
// with what is stored now.
func (s *Standing) renewed(ctx context.Context, k db.Token) (access campusone.Secret, sealed []byte, err error) {
	u, err := s.db.User(ctx, k.UserID)
	if err != nil {
		return "", nil, err
	}
	plain, err := s.seal.Open(purposeStored, k.UserID, string(k.Sealed))
	if err != nil {
		return "", nil, errors.Join(errSignInFirst, s.db.DropToken(ctx, k.UserID, kindRefresh, k.Sealed))
	}
	if !s.limit.allow(s.now(), s.roomForOthers()) {
		return "", nil, errNoRoom
	}
	r := &renewal{user: &u, sealed: k.Sealed, asked: s.now()}
	tokens, err := s.provider.Refresh(ctx, campusone.Secret(plain))
	if errors.Is(err, campusone.ErrInvalidGrant) {
		return "", nil, s.denied(ctx, r)
	}
	if err != nil {
		return "", nil, err
	}
	kept, err := s.succeed(ctx, r, tokens)
	switch {
	case err != nil:
		return "", nil, fmt.Errorf("storing a renewed token: %w", err)
	case !kept:
		return "", nil, errInUse // a sign-in brought another, or the person left
	case tokens.Scope != "" && !slices.Contains(strings.Fields(tokens.Scope), ScopeNotifications):
		return "", nil, errNotGranted
	}
	return tokens.AccessToken, r.sealed, nil
}

// denied does what follows from a plain no to a token, and says what that
// means for whoever wanted it. Of those who are confirmed by their token, it is
// the same no as at a confirmation. Everybody else is confirmed by their
// browser, so nothing ends here but the token: very many can have signed out
// at Campus One within a week, and that must not look like an alarm.
func (s *Standing) denied(ctx context.Context, r *renewal) error {
	now, err := s.db.Token(ctx, r.user.ID, kindRefresh)
	switch {
	case err == nil && !bytes.Equal(now.Sealed, r.sealed):
		return errInUse // a sign-in brought another meanwhile
	case err != nil && !errors.Is(err, db.ErrNotFound):
		return err
	case s.holder(r.user):
		s.deny(ctx, r, false)
		return errSignInFirst
	}
	return errors.Join(errSignInFirst, s.db.DropToken(ctx, r.user.ID, kindRefresh, r.sealed))
}

// revoke notes that Campus One does not let us notify a person after all.
func (s *Standing) revoke(ctx context.Context, u *db.User) error {
	if _, err := s.db.NoteGrant(ctx, u.ID, false, s.now()); err != nil || s.holder(u) {
		return err
	}
	return s.dropKept(ctx, u.ID)
}

// Decline remembers that a person does not want to be notified, and drops
// their token unless they are confirmed by it.
func (s *Standing) Decline(ctx context.Context, u *db.User) error {
	return s.db.DeclineNotices(ctx, u.ID, kindRefresh, s.holder(u), s.now())
}
