package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

var (
	// ErrUnverified says that a person has no address that Campus One calls
	// verified, which a grant is kept under.
	ErrUnverified = errors.New("this person has no verified e-mail address")
	// ErrHeldByAnother says that the same address made the permission somebody else's.
	ErrHeldByAnother = errors.New("somebody else holds this permission by the same address")
)

// GrantPerson gives a permission to a person the portal knows. It is theirs at
// once, under their verified address; one that waited for that address is
// theirs too. Giving it again changes nothing.
func (d *DB) GrantPerson(ctx context.Context, userID, permission, by string, at time.Time) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		u, err := t.living(ctx, userID)
		if err != nil || slices.Contains(u.Grants, permission) {
			return err
		}
		if !u.provenEmail() {
			return ErrUnverified
		}
		n, err := t.exec(ctx, `INSERT INTO grants (permission, email, provider, sub, granted_at, granted_by, bound_at) VALUES ($1, $2, $3, $4, $5, $6, $5)
			ON CONFLICT (permission, email) DO UPDATE SET provider = excluded.provider, sub = excluded.sub, bound_at = excluded.bound_at WHERE grants.sub = ''`,
			permission, foldEmail(u.Email()), u.Provider, u.Sub, micros(at), plain(by))
		if err != nil {
			return fmt.Errorf("granting %s to user %s: %w", permission, userID, err)
		}
		if n == 0 {
			return ErrHeldByAnother
		}
		for _, e := range []AuditEntry{
			{At: at, Actor: by, Action: "grant", Object: permission, Detail: foldEmail(u.Email())}, {At: at, Actor: by, Action: "grant.bound", Object: permission, Detail: u.ID},
		} {
			if err := t.audit(ctx, e); err != nil {
				return err
			}
		}
		return t.changed(ctx, "user", u.ID, at)
	})
}

// provenEmail says whether the source that told the address also called it
// verified, at that same time.
func (u *User) provenEmail() bool {
	email, verified := u.Facts.Of(FieldEmail), u.Facts.Of(FieldEmailVerified)
	return email.Value != "" && verified.Value == "true" && email.Source == verified.Source && email.AsOf.Equal(verified.AsOf)
}
