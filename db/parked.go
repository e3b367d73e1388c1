package db

import (
	"context"
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
// for what was parked before stale. The name comes from a cookie that anybody
// may write: it is compared letter for letter, and a wrong one writes nothing.
func (d *DB) TakeParked(ctx context.Context, name string, stale time.Time) (body []byte, err error) {
	var key string
	err = d.read.QueryRowContext(ctx, `SELECT key FROM cache WHERE key LIKE $1 AND substr(key, length(key) - length($2) + 1) = $2 AND at >= $3`, parkedPrefix+"%", ":"+plain(name), micros(stale)).Scan(&key)
	if err != nil {
		return nil, missing(err, "looking for a parked value")
	}
	err = d.write(ctx, Relaxed, func(t *Tx) error {
		return t.QueryRowContext(ctx, `DELETE FROM cache WHERE key = $1 RETURNING body`, key).Scan(&body)
	})
	return body, missing(err, "taking a parked value")
}
