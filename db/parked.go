package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

const parkedPrefix = "parked:"

// Park keeps a sealed value of a person under a random name until TakeParked
// asks for it. What was parked before stale is removed.
func (d *DB) Park(ctx context.Context, userID, name string, body []byte, at, stale time.Time) error {
	return d.write(ctx, Relaxed, func(t *Tx) error {
		if _, err := t.ExecContext(ctx, `DELETE FROM cache WHERE key LIKE $1 AND at < $2`, parkedPrefix+"%", micros(stale)); err != nil {
			return fmt.Errorf("removing old parked values: %w", err)
		}
		if _, err := t.ExecContext(ctx, `INSERT INTO cache (key, body, at) VALUES ($1, $2, $3)`, parkedPrefix+userID+":"+name, body, micros(at)); err != nil {
			return fmt.Errorf("parking a value: %w", err)
		}
		return nil
	})
}

// TakeParked returns what waits under a name, once; ErrNotFound afterwards and
// for what was parked before stale.
func (d *DB) TakeParked(ctx context.Context, name string, stale time.Time) (body []byte, err error) {
	err = d.write(ctx, Relaxed, func(t *Tx) error {
		err := t.QueryRowContext(ctx, `DELETE FROM cache WHERE key LIKE $1 AND at >= $2 RETURNING body`, parkedPrefix+"%:"+name, micros(stale)).Scan(&body)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("taking a parked value: %w", err)
	}
	return body, nil
}
