package dbtest

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"portico/db"
)

// Occupy takes every connection of these pools, or of all a database has, so
// that whoever reads has to wait. It ends with free, or with the test.
func Occupy(t testing.TB, d *db.DB, pools ...*sql.DB) (free func()) {
	t.Helper()
	if len(pools) == 0 {
		pools = []*sql.DB{d.Reader()}
		if d.Writer() != d.Reader() {
			pools = append(pools, d.Writer())
		}
	}
	var held []*sql.Conn
	free = func() {
		for _, c := range held {
			_ = c.Close() // gives it back
		}
		held = nil
	}
	t.Cleanup(free)
	for _, pool := range pools {
		for c := take(t, d, pool); c != nil; c = take(t, d, pool) {
			held = append(held, c)
		}
	}
	return free
}

// take waits for a connection, and long enough for somebody who has one for a
// moment. Nil says that there is none to be had: making one may take longer.
func take(t testing.TB, d *db.DB, pool *sql.DB) *sql.Conn {
	t.Helper()
	for t.Context().Err() == nil {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		c, err := pool.Conn(ctx)
		cancel()
		if err == nil {
			return c
		}
		if allTaken(d, pool) {
			return nil
		}
	}
	t.Fatal("the test ended before all connections were taken")
	return nil
}

func allTaken(d *db.DB, pool *sql.DB) bool {
	if d.Engine() == db.Postgres {
		s := d.Pool().Stat()
		return s.AcquiredConns() >= s.MaxConns()
	}
	s := pool.Stats()
	return s.InUse >= s.MaxOpenConnections
}
