package db

import (
	"context"
	"fmt"
	"time"
)

// SaveToken stores a person's sealed token of a kind, in place of the last one.
func (d *DB) SaveToken(ctx context.Context, userID, kind string, sealed []byte, at time.Time) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		_, err := t.ExecContext(ctx, `INSERT INTO tokens (user_id, kind, sealed, updated, lease_holder, lease_until) VALUES ($1, $2, $3, $4, '', 0)
			ON CONFLICT (user_id, kind) DO UPDATE SET sealed = excluded.sealed, updated = excluded.updated`, userID, kind, sealed, micros(at))
		if err != nil {
			return fmt.Errorf("storing a token of user %s: %w", userID, err)
		}
		return nil
	})
}

// Token reads a person's sealed token and when it was stored; ErrNotFound
// when there is none.
func (d *DB) Token(ctx context.Context, userID, kind string) (sealed []byte, at time.Time, err error) {
	err = d.read.QueryRowContext(ctx, `SELECT sealed, updated FROM tokens WHERE user_id = $1 AND kind = $2`, userID, kind).Scan(&sealed, moment{&at})
	return sealed, at, missing(err, "reading a token of user %s", userID)
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
