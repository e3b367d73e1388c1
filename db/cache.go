package db

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Cached is what was last stored under a key, and when; ErrNotFound otherwise.
func (d *DB) Cached(ctx context.Context, key string) (body []byte, at time.Time, err error) {
	err = d.read.QueryRowContext(ctx, `SELECT body, at FROM cache WHERE key = $1`, key).Scan(&body, moment{&at})
	return body, at, missing(err, "reading the cached %s", key)
}

// Cache stores the last good answer to something asked of the provider.
func (d *DB) Cache(ctx context.Context, key string, body []byte, at time.Time) error {
	if body == nil {
		body = []byte{} // a nil slice would be NULL
	}
	return d.write(ctx, Relaxed, func(t *Tx) error {
		_, err := t.ExecContext(ctx, `INSERT INTO cache (key, body, at) VALUES ($1, $2, $3)
			ON CONFLICT (key) DO UPDATE SET body = excluded.body, at = excluded.at`, key, body, micros(at))
		if err != nil {
			return fmt.Errorf("caching %s: %w", key, err)
		}
		return nil
	})
}

// ErrOtherProvider says that the database belongs to another provider: its
// people would be mixed up with strangers of the same sub.
type ErrOtherProvider struct{ Have, Want string }

// Error implements error.
func (e ErrOtherProvider) Error() string {
	return fmt.Sprintf("this database belongs to the provider %s, not to %s", e.Have, e.Want)
}

const metaProvider = "provider"

// BindProvider remembers the provider at its first call and fails with
// ErrOtherProvider when it is called with another one later.
func (d *DB) BindProvider(ctx context.Context, provider string) error {
	if have, err := meta(ctx, d.read, metaProvider); err == nil && have == provider {
		return nil
	} else if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return d.write(ctx, Durable, func(t *Tx) error {
		_, err := t.ExecContext(ctx, `INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING`, metaProvider, provider)
		if err != nil {
			return fmt.Errorf("remembering the provider: %w", err)
		}
		have, err := meta(ctx, t, metaProvider)
		if err != nil {
			return err
		}
		if have != provider {
			return ErrOtherProvider{Have: have, Want: provider}
		}
		return nil
	})
}

func meta(ctx context.Context, r reader, key string) (value string, err error) {
	err = r.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = $1`, key).Scan(&value)
	return value, missing(err, "reading %s", key)
}

func (t *Tx) setMeta(ctx context.Context, key, value string) error {
	_, err := t.ExecContext(ctx, `INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
	if err != nil {
		return fmt.Errorf("storing %s: %w", key, err)
	}
	return nil
}
