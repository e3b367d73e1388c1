package db

import (
	"context"
	"fmt"
	"time"
)

// Token is what a sign-in or a refresh brought of a person, sealed.
type Token struct {
	UserID, Kind string
	Sealed       []byte
	Access       []byte    // the access token beside it; empty when it is not kept
	AccessUntil  time.Time // how long that is good
	Stored       time.Time
}

// SaveToken stores a person's token of a kind, in place of the last one.
func (d *DB) SaveToken(ctx context.Context, k Token) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		_, err := t.ExecContext(ctx, `INSERT INTO tokens (user_id, kind, sealed, access, access_until, updated, lease_holder, lease_until) VALUES ($1, $2, $3, $4, $5, $6, '', 0)
			ON CONFLICT (user_id, kind) DO UPDATE SET sealed = excluded.sealed, access = excluded.access, access_until = excluded.access_until, updated = excluded.updated`,
			k.UserID, k.Kind, k.Sealed, some(k.Access), micros(k.AccessUntil), micros(k.Stored))
		if err != nil {
			return fmt.Errorf("storing a token of user %s: %w", k.UserID, err)
		}
		return nil
	})
}

// some is bytes that are not NULL.
func some(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// Token reads a person's token; ErrNotFound when there is none.
func (d *DB) Token(ctx context.Context, userID, kind string) (Token, error) {
	k := Token{UserID: userID, Kind: kind}
	err := d.read.QueryRowContext(ctx, `SELECT sealed, access, access_until, updated FROM tokens WHERE user_id = $1 AND kind = $2`, userID, kind).
		Scan(&k.Sealed, &k.Access, moment{&k.AccessUntil}, moment{&k.Stored})
	return k, missing(err, "reading a token of user %s", userID)
}

// ReplaceToken stores the successor of a token. False when another one is
// stored by now, or none: then nothing changes.
func (d *DB) ReplaceToken(ctx context.Context, old []byte, k Token) (bool, error) {
	n := 0
	err := d.write(ctx, Durable, func(t *Tx) (err error) {
		n, err = t.exec(ctx, `UPDATE tokens SET sealed = $4, access = $5, access_until = $6, updated = $7 WHERE user_id = $1 AND kind = $2 AND sealed = $3`,
			k.UserID, k.Kind, old, k.Sealed, some(k.Access), micros(k.AccessUntil), micros(k.Stored))
		if err == nil && n == 1 && len(k.Access) > 0 { // who said no meanwhile is not notified
			_, err = t.ExecContext(ctx, `UPDATE tokens SET access = $3, access_until = 0 WHERE user_id = $1 AND kind = $2
				AND NOT EXISTS (SELECT 1 FROM notice_consents WHERE notice_consents.user_id = $1 AND notice_consents.granted > 0 AND notice_consents.declined = 0)`,
				k.UserID, k.Kind, []byte{})
		}
		if err != nil {
			return fmt.Errorf("replacing a token of user %s: %w", k.UserID, err)
		}
		return nil
	})
	return n == 1, err
}

// DropAccess erases an access token that is taken no more, and keeps the token
// beside it.
func (d *DB) DropAccess(ctx context.Context, userID, kind string, sealed []byte) error {
	return d.write(ctx, Relaxed, func(t *Tx) error {
		_, err := t.ExecContext(ctx, `UPDATE tokens SET access = $4, access_until = 0 WHERE user_id = $1 AND kind = $2 AND sealed = $3`, userID, kind, sealed, []byte{})
		if err != nil {
			return fmt.Errorf("erasing an access token of user %s: %w", userID, err)
		}
		return nil
	})
}

// DropToken erases this very token and leaves one that came since.
func (d *DB) DropToken(ctx context.Context, userID, kind string, sealed []byte) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		_, err := t.dropToken(ctx, userID, kind, sealed)
		return err
	})
}

func (t *Tx) dropToken(ctx context.Context, userID, kind string, sealed []byte) (bool, error) {
	n, err := t.exec(ctx, `DELETE FROM tokens WHERE user_id = $1 AND kind = $2 AND sealed = $3`, userID, kind, sealed)
	if err != nil {
		return false, fmt.Errorf("erasing a token of user %s: %w", userID, err)
	}
	return n == 1, nil
}

// DropTokens erases all tokens of a person.
func (d *DB) DropTokens(ctx context.Context, userID string) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		if _, err := t.ExecContext(ctx, `DELETE FROM tokens WHERE user_id = $1`, userID); err != nil {
			return fmt.Errorf("erasing the tokens of user %s: %w", userID, err)
		}
		return nil
	})
}

// LeaseToken lets one holder at a time, over all processes, use a token until
// a moment. False when another has it, or when there is no such token.
func (d *DB) LeaseToken(ctx context.Context, userID, kind, holder string, now, until time.Time) (bool, error) {
	n := 0
	err := d.write(ctx, Relaxed, func(t *Tx) (err error) {
		n, err = t.exec(ctx, `UPDATE tokens SET lease_holder = $3, lease_until = $5
			WHERE user_id = $1 AND kind = $2 AND (lease_holder = $3 OR lease_until <= $4)`, userID, kind, holder, micros(now), micros(until))
		if err != nil {
			return fmt.Errorf("leasing a token of user %s: %w", userID, err)
		}
		return nil
	})
	return n == 1, err
}

// ReleaseToken gives a lease back before its time.
func (d *DB) ReleaseToken(ctx context.Context, userID, kind, holder string) error {
	return d.write(ctx, Relaxed, func(t *Tx) error {
		_, err := t.ExecContext(ctx, `UPDATE tokens SET lease_holder = '', lease_until = 0 WHERE user_id = $1 AND kind = $2 AND lease_holder = $3`, userID, kind, holder)
		if err != nil {
			return fmt.Errorf("releasing a token of user %s: %w", userID, err)
		}
		return nil
	})
}

// TokenHolder is a person of whom a token is stored.
type TokenHolder struct {
	User   User
	Sealed []byte
}

// TokenHolders lists everybody of whom a token of a kind is stored. With a
// moment, those are left out whose token is kept to notify them and was stored
// after it.
func (d *DB) TokenHolders(ctx context.Context, kind string, notifiable time.Time) ([]TokenHolder, error) {
	scan := func(row scanner) (h TokenHolder, err error) {
		var u userRow
		if err = row.Scan(append(u.fields(), &h.Sealed)...); err != nil {
			return h, err
		}
		h.User, err = u.user()
		return h, err
	}
	all, err := collect(ctx, d.read, scan, `SELECT `+userColumns+`, tokens.sealed FROM tokens JOIN users ON users.id = tokens.user_id
		WHERE tokens.kind = $1 AND NOT (tokens.updated > $2 AND $2 > 0
			AND EXISTS (SELECT 1 FROM notice_consents c WHERE c.user_id = tokens.user_id AND c.granted > 0 AND c.declined = 0)
			AND NOT EXISTS (SELECT 1 FROM blocks WHERE blocks.provider = users.provider AND blocks.sub = users.sub)) ORDER BY users.id`, kind, micros(notifiable))
	if err != nil {
		return nil, fmt.Errorf("reading who holds tokens: %w", err)
	}
	return all, nil
}
