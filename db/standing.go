package db

import (
	"context"
	"fmt"
	"time"
)

// Confirmation is what the provider says of a person between two sign-ins.
type Confirmation struct {
	UserID, Provider, Sub string
	Facts                 []Fact
	RoleSeen              bool // some claim named the role, if only to say there is none
	At                    time.Time
}

// Confirm writes what a confirmation told and returns the person as they are
// then. ErrNotFound when that person was deleted meanwhile.
func (d *DB) Confirm(ctx context.Context, c Confirmation) (User, error) {
	var u User
	err := d.write(ctx, Durable, func(t *Tx) (err error) {
		u, err = t.confirm(ctx, c)
		return err
	})
	if err != nil {
		return User{}, fmt.Errorf("confirming user %s: %w", c.UserID, err)
	}
	return u, nil
}

func (t *Tx) confirm(ctx context.Context, c Confirmation) (User, error) {
	p, err := t.person(ctx, c.Provider, c.Sub)
	if err != nil {
		return User{}, err
	}
	if p.ID != c.UserID {
		return User{}, ErrNotFound
	}
	u := p.User
	if _, err := t.learn(ctx, &u, c.Facts); err != nil {
		return User{}, err
	}
	if c.RoleSeen {
		u.RoleConfirmed = later(u.RoleConfirmed, c.At)
	}
	if err := t.putUser(ctx, &u); err != nil {
		return User{}, err
	}
	return u, t.changed(ctx, "user", u.ID, c.At)
}

// DeadToken is a token that the provider takes no more, and what follows.
type DeadToken struct {
	UserID, Kind    string
	Sealed          []byte
	BeganBefore, At time.Time
	Why             string
}

// EndByToken erases a dead token and ends the sessions of its person that
// began before it was asked about. False when another token is stored by now,
// or none: then nothing changes.
func (d *DB) EndByToken(ctx context.Context, dead DeadToken) (bool, error) {
	held := false
	err := d.write(ctx, Durable, func(t *Tx) (err error) {
		if held, err = t.dropToken(ctx, dead.UserID, dead.Kind, dead.Sealed); err != nil || !held {
			return err
		}
		_, err = t.endSessionsOf(ctx, dead.UserID, dead.BeganBefore, dead.Why, dead.At)
		return err
	})
	return held && err == nil, err
}

// PeopleEnded counts the people of whom a session ended for a reason since a
// moment.
func (d *DB) PeopleEnded(ctx context.Context, why string, since time.Time) (int, error) {
	n := 0
	err := d.read.QueryRowContext(ctx, `SELECT count(DISTINCT user_id) FROM user_sessions WHERE ended > 0 AND ended >= $1 AND ended_why = $2`, micros(since), why).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("counting ended sessions: %w", err)
	}
	return n, nil
}
