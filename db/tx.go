package db

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Tx is the transaction that one piece of work runs in.
type Tx struct {
	engine  Engine
	tx      *sql.Tx
	asked   bool     // the work at hand turned out to need the disk
	durable bool     // some work of the transaction did
	told    []Change // what the work at hand announced
	now     func() time.Time

	// SQLite only: statements prepared earlier, those of them bound to this
	// transaction, and those met for the first time.
	known  map[string]*sql.Stmt
	used   map[string]*sql.Stmt
	wanted []string
}

// steady keeps a context's values and drops its end: SQLite answers an
// interrupted write by undoing the transaction, which is not one caller's alone.
func (t *Tx) steady(ctx context.Context) context.Context {
	if t.engine == SQLite {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

// prepared returns the statement compiled earlier, or nil.
func (t *Tx) prepared(ctx context.Context, query string) *sql.Stmt {
	if t.known == nil {
		return nil
	}
	if s, ok := t.used[query]; ok {
		return s
	}
	s := t.known[query]
	if s == nil {
		t.wanted = append(t.wanted, query)
	} else {
		s = t.tx.StmtContext(ctx, s)
	}
	t.used[query] = s
	return s
}

// ExecContext runs a statement that returns no rows.
func (t *Tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	ctx = t.steady(ctx)
	if s := t.prepared(ctx, query); s != nil {
		return s.ExecContext(ctx, args...)
	}
	return t.tx.ExecContext(ctx, query, args...)
}

// QueryContext runs a statement that returns rows.
func (t *Tx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx = t.steady(ctx)
	if s := t.prepared(ctx, query); s != nil {
		return s.QueryContext(ctx, args...)
	}
	return t.tx.QueryContext(ctx, query, args...)
}

// QueryRowContext runs a statement that returns at most one row.
func (t *Tx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	ctx = t.steady(ctx)
	if s := t.prepared(ctx, query); s != nil {
		return s.QueryRowContext(ctx, args...)
	}
	return t.tx.QueryRowContext(ctx, query, args...)
}

// exec runs a statement and says how many rows it changed.
func (t *Tx) exec(ctx context.Context, query string, args ...any) (int, error) {
	result, err := t.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// forUpdate ends a SELECT whose rows the transaction is going to change. On
// SQLite the transaction holds the only write lock already.
func (t *Tx) forUpdate() string {
	if t.engine == Postgres {
		return ` FOR UPDATE`
	}
	return ``
}

// mustLast makes the transaction durable after all: the work found out only
// on its way that it demotes somebody or ends a session.
func (t *Tx) mustLast(ctx context.Context) error {
	t.asked = true
	if t.engine == SQLite {
		return nil
	}
	if _, err := t.ExecContext(ctx, `SET LOCAL synchronous_commit = on`); err != nil {
		return fmt.Errorf("making the transaction durable: %w", err)
	}
	return nil
}

// reader is what a read needs: the pool or a transaction.
type reader interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// collect reads all rows of a query.
func collect[T any](ctx context.Context, r reader, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := r.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err says all there is to say
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// scanner is one row.
type scanner interface{ Scan(to ...any) error }
