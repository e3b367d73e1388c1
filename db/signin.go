package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

var (
	// ErrBlocked says that this person may not sign in.
	ErrBlocked = errors.New("this person is blocked")
	// ErrEnded says that the sessions of that time were ended meanwhile.
	ErrEnded = errors.New("sessions that began then were ended")
	// ErrStateUsed says that this sign-in has made a session before.
	ErrStateUsed = errors.New("this sign-in was used already")
)

// NewSession is a session to be stored.
type NewSession struct {
	TokenHash               string
	Began, Created, Expires time.Time // Began is the id_token's iat, by the provider's clock
	Idle                    time.Duration
	Shared, Silent          bool
	StateHash               string // of the transaction, which makes one session at most
	Device, Network         string
	Replaces                string // the token hash of the session this one ends, or ""
}

// SignIn is a proven identity and the session it asks for.
type SignIn struct {
	Provider, Sub string
	Facts         []Fact
	RoleSeen      bool // some claim named the role, if only to say there is none
	Session       NewSession
}

// SignIn stores a sign-in in one transaction: the person with all facts, the
// session, the grants that waited for this e-mail address. It fails with
// ErrBlocked, ErrEnded or ErrStateUsed and then changes nothing.
func (d *DB) SignIn(ctx context.Context, in SignIn) (User, Session, error) {
	durability := Relaxed
	if in.Session.Replaces != "" {
		durability = Durable
	}
	var user User
	var session Session
	err := d.write(ctx, durability, func(t *Tx) (err error) {
		user, err = t.signIn(ctx, in)
		if err == nil {
			session, err = t.begin(ctx, user.ID, in.Session)
		}
		return err
	})
	if err != nil {
		return User{}, Session{}, fmt.Errorf("signing in: %w", err)
	}
	return user, session, nil
}

// signIn finds or makes the person and writes what was learnt.
func (t *Tx) signIn(ctx context.Context, in SignIn) (User, error) {
	p, err := t.person(ctx, in.Provider, in.Sub)
	switch {
	case err != nil:
		return User{}, err
	case p.Blocked:
		return User{}, ErrBlocked
	case !in.Session.Began.After(p.endedAfter):
		return User{}, ErrEnded
	}
	u, known, at := p.User, p.known(), in.Session.Created
	changed, err := t.learn(ctx, &u, in.Facts)
	if err != nil {
		return User{}, err
	}
	if !known {
		u.ID, u.Created = newID(), at
	}
	if in.RoleSeen {
		u.RoleConfirmed = later(u.RoleConfirmed, at)
	}
	if err := t.putUser(ctx, &u); err != nil {
		return User{}, err
	}
	bound, err := t.bindGrants(ctx, &u, in.Facts, at)
	if err != nil {
		return User{}, err
	}
	if known && (in.RoleSeen || bound || len(changed) > 0) {
		err = t.changed(ctx, "user", u.ID, at)
	}
	return u, err
}

// begin stores the session and the fact that somebody signed in.
func (t *Tx) begin(ctx context.Context, userID string, n NewSession) (Session, error) {
	s := Session{
		ID: newID(), TokenHash: n.TokenHash, UserID: userID, Began: n.Began, Created: n.Created, LastSeen: n.Created, Expires: n.Expires, Confirmed: n.Created,
		Idle: n.Idle, Shared: n.Shared, Silent: n.Silent, Device: plain(n.Device), Network: plain(n.Network),
	}
	// A conflict can only be the state's hash: the token is new and random.
	stored, err := t.exec(ctx, `INSERT INTO user_sessions (token_hash, id, user_id, began, created, last_seen, expires, confirmed, asked, idle, ended, ended_why, shared, silent, state_hash, device, network)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $5, 0, $8, 0, '', $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING`,
		s.TokenHash, s.ID, s.UserID, micros(s.Began), micros(s.Created), micros(s.LastSeen), micros(s.Expires), s.Idle.Microseconds(), s.Shared, s.Silent, n.StateHash, s.Device, s.Network)
	if err != nil {
		return Session{}, fmt.Errorf("storing the session: %w", err)
	}
	if stored == 0 {
		return Session{}, ErrStateUsed
	}
	_, err = t.ExecContext(ctx, `INSERT INTO sign_ins (at, user_id, silent) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, micros(s.Created), userID, s.Silent)
	if err != nil {
		return Session{}, fmt.Errorf("noting the sign-in: %w", err)
	}
	if err := t.late(ctx, s.Created); err != nil {
		return Session{}, err
	}
	if n.Replaces == "" {
		return s, nil
	}
	return s, t.replace(ctx, n)
}

// replace ends the session that a new one takes the place of; when that one is
// over already, so is what it wanted: ErrEnded.
func (t *Tx) replace(ctx context.Context, n NewSession) error {
	var ended int64
	err := t.QueryRowContext(ctx, `SELECT ended FROM user_sessions WHERE token_hash = $1`, n.Replaces).Scan(&ended)
	if err != nil {
		return missing(err, "reading the session to replace")
	}
	if ended != 0 {
		return ErrEnded
	}
	return t.endSession(ctx, n.Replaces, "replaced", n.Created)
}

// bindGrants gives a person the grants that waited for their address, and
// says whether there were any.
func (t *Tx) bindGrants(ctx context.Context, u *User, seen []Fact, at time.Time) (bool, error) {
	if !verified(u, seen) {
		return false, nil
	}
	email := foldEmail(u.Email())
	scan := func(row scanner) (p string, err error) { return p, row.Scan(&p) }
	granted, err := collect(ctx, t, scan, `UPDATE grants SET provider = $1, sub = $2, bound_at = $3 WHERE email = $4 AND sub = '' RETURNING permission`, u.Provider, u.Sub, micros(at), email)
	if err != nil {
		return false, fmt.Errorf("binding grants: %w", err)
	}
	for _, permission := range granted {
		if err := t.audit(ctx, AuditEntry{At: at, Actor: u.ID, Action: "grant.bound", Object: permission, Detail: u.ID}); err != nil {
			return false, err
		}
	}
	if len(granted) == 0 {
		return false, nil
	}
	u.Grants = unique(append(slices.Clone(u.Grants), granted...))
	return true, t.mustLast(ctx)
}

// verified says whether one source of this very sign-in called the person's
// present address verified. An address and a verification that came by
// different ways prove nothing together.
func verified(u *User, seen []Fact) bool {
	if u.Get(FieldEmailVerified) != "true" || u.Email() == "" {
		return false
	}
	says := func(source, field, value string) bool {
		return slices.ContainsFunc(seen, func(f Fact) bool {
			return f.Source == source && f.Field == field && strings.EqualFold(f.Value, value)
		})
	}
	return slices.ContainsFunc(seen, func(f Fact) bool {
		return f.Field == FieldEmail && strings.EqualFold(f.Value, u.Email()) && says(f.Source, FieldEmailVerified, "true")
	})
}

// foldEmail is an address as grants hold it.
func foldEmail(email string) string { return strings.ToLower(strings.TrimSpace(plain(email))) }
