package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// collisions is how often work is run again after PostgreSQL broke a deadlock.
const collisions = 5

// openPostgres opens one pool for everything: scs's store and ours.
func (d *DB) openPostgres(ctx context.Context, url string) error {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return errors.New("the PostgreSQL address cannot be read") // its error repeats the address
	}
	config.ConnConfig.ConnectTimeout = 5 * time.Second
	// A watcher keeps a connection of its own; reports must not starve sign-ins.
	config.MaxConns = max(config.MaxConns, 8)
	d.address = url
	if d.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return fmt.Errorf("preparing the PostgreSQL pool: %w", err)
	}
	if err := d.pool.Ping(ctx); err != nil {
		d.pool.Close()
		return fmt.Errorf("reaching PostgreSQL: %w", err)
	}
	d.read = stdlib.OpenDBFromPool(d.pool)
	d.wrote = d.read
	return nil
}

func (d *DB) closePostgres() error {
	err := d.read.Close()
	d.pool.Close()
	return err
}

func (d *DB) writePostgres(ctx context.Context, durability Durability, work func(*Tx) error) error {
	for try := 1; ; try++ {
		err := d.transact(ctx, durability, work)
		if try == collisions || !collided(err) {
			return err
		}
	}
}

// collided says whether PostgreSQL undid the transaction only because of
// another one (serialization_failure, deadlock_detected).
func collided(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pg.Code == "40001" || pg.Code == "40P01")
}

func (d *DB) transact(ctx context.Context, durability Durability, work func(*Tx) error) error {
	inner, err := d.wrote.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning to write: %w", err)
	}
	defer func() { _ = inner.Rollback() }() // after a commit it does nothing; else the first error tells
	if durability == Relaxed {
		if _, err := inner.ExecContext(ctx, `SET LOCAL synchronous_commit = off`); err != nil {
			return fmt.Errorf("beginning to write: %w", err)
		}
	}
	if err := work(&Tx{engine: Postgres, tx: inner, now: d.now}); err != nil {
		return err
	}
	if err := inner.Commit(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return fmt.Errorf("writing to the database: %w", err)
	} else if err != nil {
		return fmt.Errorf("writing to the database: %w", context.Cause(ctx))
	}
	return nil
}
