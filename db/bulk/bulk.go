// Package bulk writes a past into a database: years of sign-ins, reads and
// webhooks in minutes. It is for measurements, tests and the demo. It goes
// past the rules of package db, so no server may contain it.
package bulk

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"portico/db"
)

// SignIn is a row of sign_ins.
type SignIn struct {
	At     time.Time
	UserID string
	Silent bool
}

// SignIns writes sign-ins; no two of a person at the same moment.
func SignIns(ctx context.Context, d *db.DB, all iter.Seq[SignIn]) error {
	return load(ctx, d, "sign_ins", "at user_id silent", all, func(s SignIn) []any { return []any{s.At.UnixMicro(), s.UserID, s.Silent} })
}

// Reads writes reads; no two of the same person and item.
func Reads(ctx context.Context, d *db.DB, all iter.Seq[db.Read]) error {
	return load(ctx, d, "reads", "user_id item_id first opened marked", all, func(r db.Read) []any {
		first := micros(r.Opened)
		if m := micros(r.Marked); first == 0 || m > 0 && m < first {
			first = m
		}
		return []any{r.UserID, r.ItemID, first, micros(r.Opened), micros(r.Marked)}
	})
}

// Deliveries writes deliveries as they are, Fields apart: none waits for
// another one.
func Deliveries(ctx context.Context, d *db.DB, all iter.Seq[db.Delivery]) error {
	columns := "key event occurred received body state sub fields attempts next_try applied error notes"
	return load(ctx, d, "deliveries", columns, all, func(v db.Delivery) []any {
		return []any{v.Key, v.Event, micros(v.Occurred), micros(v.Received), v.Body, v.State, v.User, int64(0), int64(v.Attempts), micros(v.NextTry), micros(v.Applied), v.Error, v.Notes}
	})
}

// Session is a session of somebody who is signed in, in both tables that know it.
type Session struct {
	Hash, UserID   string
	Began, Expires time.Time
	Idle           time.Duration
	Data           []byte // as scs encodes it
}

// Sessions writes sessions; no two with the same hash.
func Sessions(ctx context.Context, d *db.DB, all iter.Seq[Session]) error {
	err := load(ctx, d, "sessions", "token data expiry", all, func(s Session) []any {
		var expiry any = s.Expires
		if d.Engine() == db.SQLite {
			expiry = 2440587.5 + float64(s.Expires.UnixMicro())/(24*3600*1e6) // the Julian day
		}
		return []any{s.Hash, s.Data, expiry}
	})
	if err != nil {
		return err
	}
	columns := "token_hash id user_id began created last_seen expires confirmed asked idle ended ended_why shared silent state_hash device network"
	return load(ctx, d, "user_sessions", columns, all, func(s Session) []any {
		began := micros(s.Began)
		return []any{s.Hash, s.Hash, s.UserID, began, began, began, micros(s.Expires), began, int64(0), s.Idle.Microseconds(), int64(0), "", false, true, "", "Chrome on Android", "10.0.0.0/24"}
	})
}

// SessionData is what scs keeps of a session that there is.
func SessionData(ctx context.Context, d *db.DB, hash string) (data []byte, err error) {
	err = d.Reader().QueryRowContext(ctx, `SELECT data FROM sessions WHERE token = $1`, hash).Scan(&data)
	return data, err
}

// Counts writes counts of hours, none of which may be there already.
func Counts(ctx context.Context, d *db.DB, all iter.Seq[db.Count]) error {
	return load(ctx, d, "counts", "hour kind reason n", all, func(c db.Count) []any {
		return []any{micros(c.Hour.Truncate(time.Hour)), c.Kind, c.Reason, int64(c.N)}
	})
}

// Audit writes lines of audit.
func Audit(ctx context.Context, d *db.DB, all iter.Seq[db.AuditEntry]) error {
	return load(ctx, d, "audit", "at actor action object detail", all, func(e db.AuditEntry) []any {
		return []any{micros(e.At), e.Actor, e.Action, e.Object, e.Detail}
	})
}

// RoleChanges writes steps of people's role timelines.
func RoleChanges(ctx context.Context, d *db.DB, all iter.Seq[db.RoleChange]) error {
	return load(ctx, d, "role_changes", "user_id at old_role new_role source", all, func(c db.RoleChange) []any {
		return []any{c.UserID, micros(c.At), c.Old, c.New, c.Source}
	})
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// load writes rows and has every roll-up counted anew.
func load[T any](ctx context.Context, d *db.DB, table, columns string, all iter.Seq[T], row func(T) []any) error {
	names := strings.Fields(columns)
	rows := func(yield func([]any) bool) {
		for one := range all {
			if !yield(row(one)) {
				return
			}
		}
	}
	write := insert
	if d.Engine() == db.Postgres {
		write = copyIn
	}
	if err := write(ctx, d, table, names, rows); err != nil {
		return fmt.Errorf("writing into %s: %w", table, err)
	}
	return AskAll(ctx, d)
}

// AskAll has every day and the readers of every item counted anew.
func AskAll(ctx context.Context, d *db.DB) error {
	for _, query := range []string{`UPDATE rollup_days SET asked = asked + 1`, `UPDATE rollup_reach SET asked = asked + 1`} {
		if _, err := d.Writer().ExecContext(ctx, query); err != nil {
			return fmt.Errorf("asking for everything to be counted anew: %w", err)
		}
	}
	return nil
}

// copyIn uses PostgreSQL's COPY.
func copyIn(ctx context.Context, d *db.DB, table string, names []string, rows iter.Seq[[]any]) error {
	next, stop := iter.Pull(rows)
	defer stop()
	_, err := d.Pool().CopyFrom(ctx, pgx.Identifier{table}, names, pgx.CopyFromFunc(func() ([]any, error) {
		row, more := next()
		if !more {
			return nil, nil
		}
		return row, nil
	}))
	return err
}

const rowsAtOnce = 20_000

// insert writes into SQLite, many rows in one transaction.
func insert(ctx context.Context, d *db.DB, table string, names []string, rows iter.Seq[[]any]) error {
	if _, err := d.Writer().ExecContext(ctx, `PRAGMA cache_size=-400000`); err != nil { // indexes grow at random places
		return err
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(names)), ", ")
	query := `INSERT INTO ` + table + ` (` + strings.Join(names, ", ") + `) VALUES (` + marks + `)`
	w := &writer{db: d.Writer(), query: query}
	for row := range rows {
		if err := w.write(ctx, row); err != nil {
			return errors.Join(err, w.end(false))
		}
	}
	return w.end(true)
}

// writer keeps a transaction open for some thousand rows.
type writer struct {
	db    *sql.DB
	query string
	tx    *sql.Tx
	stmt  *sql.Stmt
	n     int
}

func (w *writer) write(ctx context.Context, row []any) (err error) {
	if w.tx == nil {
		if w.tx, err = w.db.BeginTx(ctx, nil); err != nil {
			return err
		}
		if w.stmt, err = w.tx.PrepareContext(ctx, w.query); err != nil {
			return err
		}
	}
	if _, err := w.stmt.ExecContext(ctx, row...); err != nil {
		return err
	}
	if w.n++; w.n%rowsAtOnce > 0 {
		return nil
	}
	return w.end(true)
}

func (w *writer) end(keep bool) error {
	if w.tx == nil {
		return nil
	}
	tx := w.tx
	w.tx = nil
	if keep {
		return tx.Commit()
	}
	return tx.Rollback()
}

// Settle does what PostgreSQL's autovacuum would have done by now.
func Settle(ctx context.Context, d *db.DB) error {
	if d.Engine() != db.Postgres {
		return nil
	}
	if _, err := d.Pool().Exec(ctx, `VACUUM ANALYZE`); err != nil {
		return fmt.Errorf("settling the database: %w", err)
	}
	return nil
}

// DistinctPeople is the plain query that reports are measured against.
func DistinctPeople(ctx context.Context, d *db.DB) (n int, err error) {
	err = d.Reader().QueryRowContext(ctx, `SELECT count(DISTINCT user_id) FROM sign_ins`).Scan(&n)
	return n, err
}

// Rows counts a table's rows.
func Rows(ctx context.Context, d *db.DB, table string) (n int, err error) {
	err = d.Reader().QueryRowContext(ctx, `SELECT count(*) FROM `+table).Scan(&n)
	return n, err
}

// NewDatabase makes an empty database on a PostgreSQL server; drop removes it.
func NewDatabase(ctx context.Context, server string) (address string, drop func() error, err error) {
	u, err := url.Parse(server)
	if err != nil {
		return "", nil, errors.New("the PostgreSQL address cannot be read")
	}
	name := "portico_bulk_" + strings.ToLower(rand.Text())
	if err := admin(ctx, server, `CREATE DATABASE `+name); err != nil {
		return "", nil, err
	}
	u.Path = "/" + name
	return u.String(), func() error { return admin(context.WithoutCancel(ctx), server, `DROP DATABASE `+name+` WITH (FORCE)`) }, nil
}

func admin(ctx context.Context, server, statement string) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return fmt.Errorf("reaching PostgreSQL: %w", err)
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}
