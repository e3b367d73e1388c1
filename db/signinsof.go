package db

import (
	"context"
	"fmt"
	"math"
	"time"
)

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// PastSignIn is one line of a person's sign-in history.
type PastSignIn struct {
	At     time.Time
	Silent bool
}

// SignInsOf lists a person's sign-ins from before a moment, or all when it is
// zero, the latest first, limit at most.
func (d *DB) SignInsOf(ctx context.Context, userID string, before time.Time, limit int) ([]PastSignIn, error) {
	until := int64(math.MaxInt64)
	if !before.IsZero() {
		until = micros(before)
	}
	scan := func(row scanner) (p PastSignIn, err error) { return p, row.Scan(moment{&p.At}, &p.Silent) }
	all, err := collect(ctx, d.read, scan, `SELECT at, silent FROM sign_ins WHERE user_id = $1 AND at < $2 ORDER BY at DESC LIMIT $3`, userID, until, limit)
	if err != nil {
		return nil, fmt.Errorf("reading the sign-ins of user %s: %w", userID, err)
	}
	return all, nil
}

// PurgeSignIns removes up to limit sign-ins from before a moment, and says
// how many went.
func (d *DB) PurgeSignIns(ctx context.Context, before time.Time, limit int) (n int, err error) {
	err = d.write(ctx, Relaxed, func(t *Tx) (err error) {
		n, err = t.exec(ctx, `DELETE FROM sign_ins WHERE (at, user_id) IN (SELECT at, user_id FROM sign_ins WHERE at < $1 LIMIT $2)`, micros(before), limit)
		if err != nil {
			return fmt.Errorf("removing old sign-ins: %w", err)
		}
		return t.horizon(ctx, fromSignIns, before)
	})
	return n, err
}
