package db

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrLastManager says that nobody else could manage the portal afterwards.
var ErrLastManager = errors.New("this is the last person with the permission to manage")

// PermissionManage is the permission whose last holder stays.
const PermissionManage = "manage"

// Grant is a permission given to an e-mail address, and by its first verified
// sign-in to a person.
type Grant struct {
	Permission, Email string
	Provider, Sub     string // empty while it waits for the first sign-in
	By                string
	At, Bound         time.Time
}

// Grant gives a permission to an address. Giving it again changes nothing.
func (d *DB) Grant(ctx context.Context, permission, email, by string, at time.Time) error {
	email = foldEmail(email)
	return d.write(ctx, Durable, func(t *Tx) error {
		n, err := t.exec(ctx, `INSERT INTO grants (permission, email, provider, sub, granted_at, granted_by, bound_at)
			VALUES ($1, $2, '', '', $3, $4, 0) ON CONFLICT (permission, email) DO NOTHING`, permission, email, micros(at), plain(by))
		if err != nil {
			return fmt.Errorf("granting %s: %w", permission, err)
		}
		if n == 0 {
			return nil
		}
		return t.audit(ctx, AuditEntry{At: at, Actor: by, Action: "grant", Object: permission, Detail: email})
	})
}

// Revoke takes a permission back; ErrNotFound when it was not given,
// ErrLastManager when nobody else who has signed in holds manage by grant. A
// grant that still waits for its person can always be taken back.
func (d *DB) Revoke(ctx context.Context, permission, email, by string, at time.Time) error {
	email = foldEmail(email)
	return d.write(ctx, Durable, func(t *Tx) error {
		managers, err := t.managers(ctx)
		if err != nil {
			return err
		}
		var provider, sub string
		err = t.QueryRowContext(ctx, `DELETE FROM grants WHERE permission = $1 AND email = $2 RETURNING provider, sub`, permission, email).Scan(&provider, &sub)
		if err != nil {
			return missing(err, "revoking %s", permission)
		}
		if permission == PermissionManage && sub != "" && managers.last(provider, sub) {
			return ErrLastManager
		}
		if err := t.audit(ctx, AuditEntry{At: at, Actor: by, Action: "revoke", Object: permission, Detail: email}); err != nil {
			return err
		}
		return t.changedPerson(ctx, provider, sub, at)
	})
}

// Grants lists all grants.
func (d *DB) Grants(ctx context.Context) ([]Grant, error) {
	return d.grants(ctx, ``)
}

// GrantsOf lists the grants that a person holds.
func (d *DB) GrantsOf(ctx context.Context, provider, sub string) ([]Grant, error) {
	return d.grants(ctx, `WHERE provider = $1 AND sub = $2 AND sub <> ''`, provider, sub)
}

func (d *DB) grants(ctx context.Context, where string, args ...any) ([]Grant, error) {
	scan := func(row scanner) (g Grant, err error) {
		err = row.Scan(&g.Permission, &g.Email, &g.Provider, &g.Sub, &g.By, moment{&g.At}, moment{&g.Bound})
		return g, err
	}
	all, err := collect(ctx, d.read, scan, `SELECT permission, email, provider, sub, granted_by, granted_at, bound_at FROM grants `+where+` ORDER BY permission, email`, args...)
	if err != nil {
		return nil, fmt.Errorf("reading grants: %w", err)
	}
	return all, nil
}

// identity names a person independently of their row.
type identity struct{ provider, sub string }

// managerSet are the people who hold manage by grant and are not blocked.
type managerSet map[identity]bool

// last says whether this person is a manager and the only one.
func (m managerSet) last(provider, sub string) bool {
	return m[identity{provider, sub}] && len(m) == 1
}

// managers reads and locks the grants of manage: two who remove each other at
// the same moment must not both succeed.
func (t *Tx) managers(ctx context.Context) (managerSet, error) {
	scan := func(row scanner) (i identity, err error) { return i, row.Scan(&i.provider, &i.sub) }
	held, err := collect(ctx, t, scan, `SELECT provider, sub FROM grants WHERE permission = $1 AND sub <> '' ORDER BY email`+t.forUpdate(), PermissionManage)
	if err != nil {
		return nil, fmt.Errorf("reading who may manage: %w", err)
	}
	set := managerSet{}
	for _, who := range held {
		blocked, err := t.blocked(ctx, who.provider, who.sub)
		if err != nil {
			return nil, err
		}
		if !blocked {
			set[who] = true
		}
	}
	return set, nil
}

// changedPerson announces a change of the living person of a (provider, sub).
func (t *Tx) changedPerson(ctx context.Context, provider, sub string, at time.Time) error {
	var id string
	err := t.QueryRowContext(ctx, `SELECT id FROM users WHERE provider = $1 AND sub = $2 AND deleted = 0`, provider, sub).Scan(&id)
	if err := missing(err, "looking for a person"); errors.Is(err, ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	return t.changed(ctx, "user", id, at)
}
