package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Change is something that caches must forget.
type Change struct {
	Kind string // "session" (token hash), "user" (user id), "content" (item id), "reads" (user id), "settings", "notice" (its id), "provider", or "all"
	Key  string
}

const (
	pollEvery    = 100 * time.Millisecond // SQLite: how often a watcher looks
	proveEvery   = 500 * time.Millisecond // PostgreSQL: how often a silent connection must answer
	trustFor     = 2 * time.Second
	changesKept  = 10 * time.Minute // a watcher that slept longer hears "all"
	purgeChanges = 1000             // rows in one step
	channel      = "portico_changes"
)

// changed tells all watchers, once the transaction is committed.
func (t *Tx) changed(ctx context.Context, kind, key string, at time.Time) error {
	var err error
	t.told = append(t.told, Change{kind, key})
	if t.engine == Postgres {
		_, err = t.ExecContext(ctx, `SELECT pg_notify('`+channel+`', $1)`, kind+" "+key)
	} else {
		_, err = t.ExecContext(ctx, `INSERT INTO changes (at, kind, key) VALUES ($1, $2, $3)`, micros(at), kind, key)
	}
	if err != nil {
		return fmt.Errorf("announcing the change of %s: %w", kind, err)
	}
	return nil
}

// OnChange calls on for each change that this process commits, before the
// write returns: what a caller changed counts for its very next read. While
// Watch runs, on also hears what any process commits, its own once more.
func (d *DB) OnChange(on func(Change)) {
	d.listening.Lock()
	defer d.listening.Unlock()
	var all []func(Change)
	if have := d.listeners.Load(); have != nil {
		all = slices.Clone(*have)
	}
	all = append(all, on)
	d.listeners.Store(&all)
}

// tell hands a change to all who listen.
func (d *DB) tell(c Change) {
	if all := d.listeners.Load(); all != nil {
		for _, on := range *all {
			on(c)
		}
	}
}

// Changed announces a change that is not part of another write.
func (d *DB) Changed(ctx context.Context, c Change) error {
	return d.write(ctx, Relaxed, func(t *Tx) error { return t.changed(ctx, c.Kind, c.Key, d.now()) })
}

// Trusted says whether a watcher has heard from the database within two
// seconds. While it has not, what is cached may be out of date.
func (d *DB) Trusted() bool {
	heard := d.heard.Load()
	return heard != 0 && time.Since(d.opened)-time.Duration(heard) < trustFor
}

// hear notes that nothing committed before since can have been missed.
func (d *DB) hear(since time.Time) { d.heard.Store(int64(since.Sub(d.opened))) }

// Watch calls on, and all whom OnChange named, for each change that any
// process commits, its own included, within 250 ms. It begins with a change of kind "all", and repeats it when
// something may have been missed. It returns nil when ctx ends and an error
// when the database cannot be heard; call it again after a pause.
func (d *DB) Watch(ctx context.Context, on func(Change)) error {
	hear := d.poll
	if d.engine == Postgres {
		hear = d.listen
	}
	err := hear(ctx, func(c Change) {
		d.tell(c)
		on(c)
	})
	d.heard.Store(0) // from here on something may be missed
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("watching the database: %w", err)
}

// poll looks for new rows on a connection of its own: a report that holds all
// the others must not make the caches untrusted.
func (d *DB) poll(ctx context.Context, on func(Change)) error {
	conn, err := d.read.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // it only read
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	last, purged := int64(-1), time.Now()
	for {
		began := time.Now()
		if last, err = news(ctx, conn, last, on); err != nil {
			return err
		}
		d.hear(began)
		if time.Since(purged) > time.Minute {
			purged = time.Now()
			d.purgeOldChanges(ctx)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// news reports what came after the change numbered last. Numbers have no
// gaps, since one writer at a time gives them; a gap means purged rows.
func news(ctx context.Context, conn *sql.Conn, last int64, on func(Change)) (int64, error) {
	newest := int64(0)
	err := conn.QueryRowContext(ctx, `SELECT seq FROM sqlite_sequence WHERE name = 'changes'`).Scan(&newest)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return last, err
	}
	if newest == last {
		return last, nil
	}
	if last < 0 || newest < last {
		on(Change{Kind: "all"})
		return newest, nil
	}
	rows, err := collect(ctx, conn, scanNumbered, `SELECT seq, kind, key FROM changes WHERE seq > $1 ORDER BY seq`, last)
	if err != nil {
		return last, err
	}
	if len(rows) == 0 || rows[0].seq != last+1 {
		on(Change{Kind: "all"})
		return max(newest, last), nil
	}
	for _, r := range rows {
		on(r.Change)
	}
	return rows[len(rows)-1].seq, nil
}

type numbered struct {
	Change
	seq int64
}

func scanNumbered(row scanner) (n numbered, err error) {
	err = row.Scan(&n.seq, &n.Kind, &n.Key)
	return n, err
}

func (d *DB) purgeOldChanges(ctx context.Context) {
	err := d.write(ctx, Relaxed, func(t *Tx) error {
		_, err := t.ExecContext(ctx, `DELETE FROM changes WHERE seq IN (SELECT seq FROM changes WHERE at < $1 ORDER BY seq LIMIT $2)`,
			micros(d.now().Add(-changesKept)), purgeChanges)
		return err
	})
	if err != nil && ctx.Err() == nil {
		d.log.Warn("old change records were not removed; tried again in a minute", "error", err)
	}
}

// listen waits for PostgreSQL's notifications on a connection outside the pool.
func (d *DB) listen(ctx context.Context, on func(Change)) error {
	conn, err := pgx.ConnectConfig(ctx, d.pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer func() {
		bye, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(bye) // nothing is lost with it
	}()
	if _, err := conn.Exec(ctx, `LISTEN `+channel); err != nil {
		return err
	}
	on(Change{Kind: "all"})
	for {
		began := time.Now()
		if err := prove(ctx, conn); err != nil {
			return err
		}
		if err := deliver(ctx, conn, on); err != nil {
			return err
		}
		d.hear(began)
	}
}

// prove asks the connection for an answer: a dead peer is silent like a quiet one.
func prove(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, trustFor)
	defer cancel()
	_, err := conn.Exec(ctx, `SELECT 1`)
	return err
}

// deliver hands over notifications as they come until it is time for a proof.
func deliver(ctx context.Context, conn *pgx.Conn, on func(Change)) error {
	turn, cancel := context.WithTimeout(ctx, proveEvery)
	defer cancel()
	for {
		n, err := conn.WaitForNotification(turn)
		if err != nil && ctx.Err() == nil && pgconn.Timeout(err) && !conn.IsClosed() {
			return nil
		}
		if err != nil {
			return err
		}
		kind, key, _ := strings.Cut(n.Payload, " ")
		on(Change{Kind: kind, Key: key})
	}
}
