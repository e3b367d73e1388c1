package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Durability says what a finished write survives.
type Durability int

const (
	// Relaxed work survives the process, but may be lost with the power.
	Relaxed Durability = iota
	// Durable work is on the disk before its caller goes on.
	Durable
)

// batchSize bounds how long one transaction keeps other processes waiting.
const batchSize = 256

// write runs work in a transaction. Work must do all it does through the Tx,
// and may be run again on PostgreSQL when transactions collide.
func (d *DB) write(ctx context.Context, durability Durability, work func(*Tx) error) error {
	var told []Change
	do := d.queue.do
	if d.engine == Postgres {
		do = d.writePostgres
	}
	err := do(ctx, durability, func(t *Tx) error {
		t.told = nil
		err := work(t)
		told = t.told
		return err
	})
	if err == nil {
		for _, c := range told {
			d.tell(c)
		}
	}
	return err
}

// job is one piece of work on its way through the queue.
type job struct {
	ctx      context.Context
	durable  bool
	work     func(*Tx) error
	claimed  atomic.Bool // by the writer, or by a caller who went away
	err      error
	panicked any
	done     chan struct{}
}

// queue gathers the writes of a process and commits them in groups: one wait
// for the disk serves all who wait.
type queue struct {
	db    *sql.DB
	now   func() time.Time
	stmts map[string]*sql.Stmt // the writer's own: prepared once, by text

	mu      sync.Mutex
	arrived sync.Cond
	waiting []*job
	closed  bool
	stopped chan struct{}
}

func newQueue(db *sql.DB, now func() time.Time) *queue {
	q := &queue{db: db, now: now, stmts: map[string]*sql.Stmt{}, stopped: make(chan struct{})}
	q.arrived.L = &q.mu
	go q.run()
	return q
}

func (q *queue) do(ctx context.Context, durability Durability, work func(*Tx) error) error {
	j := &job{ctx: ctx, durable: durability == Durable, work: work, done: make(chan struct{})}
	if err := q.add(j); err != nil {
		return err
	}
	select {
	case <-j.done:
	case <-ctx.Done():
		if j.claimed.CompareAndSwap(false, true) {
			return fmt.Errorf("waiting to write: %w", ctx.Err())
		}
		<-j.done // begun: the answer must be the true one
	}
	if j.panicked != nil {
		panic(j.panicked)
	}
	return j.err
}

func (q *queue) add(j *job) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	q.waiting = append(q.waiting, j)
	q.arrived.Signal()
	return nil
}

// close finishes what waits and stops the writer.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.arrived.Signal()
	q.mu.Unlock()
	<-q.stopped
}

func (q *queue) run() {
	defer close(q.stopped)
	for batch := q.take(); batch != nil; batch = q.take() {
		wanted := q.commit(batch)
		q.prepare(wanted)
	}
	for _, s := range q.stmts {
		_ = s.Close() // the connection itself is closed next
	}
}

// take waits for work; nil when the queue is closed and empty.
func (q *queue) take() []*job {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 && !q.closed {
		q.arrived.Wait()
	}
	if len(q.waiting) == 0 {
		return nil
	}
	n := min(batchSize, len(q.waiting))
	batch := q.waiting[:n:n]
	q.waiting = q.waiting[n:]
	return batch
}

// commit runs a batch in one transaction, answers its callers and returns the
// statements worth preparing.
func (q *queue) commit(batch []*job) []string {
	wanted, err := q.transact(context.Background(), batch)
	for _, j := range batch {
		if j.err == nil && err != nil {
			j.err = fmt.Errorf("writing to the database: %w", err)
		}
		close(j.done)
	}
	return wanted
}

func (q *queue) transact(ctx context.Context, batch []*job) (wanted []string, err error) {
	conn, err := q.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	full := false
	for _, j := range batch {
		full = full || j.durable
	}
	if full {
		// The setting cannot be changed inside a transaction.
		if err := synchronous(ctx, conn, "FULL"); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, synchronous(ctx, conn, "NORMAL")) }()
	}
	inner, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	t := &Tx{engine: SQLite, tx: inner, now: q.now, known: q.stmts, used: map[string]*sql.Stmt{}}
	for _, j := range batch {
		if err := t.savepoint(ctx, j); err != nil {
			return t.wanted, errors.Join(err, inner.Rollback())
		}
	}
	if err := inner.Commit(); err != nil {
		return t.wanted, errors.Join(err, rollback(inner))
	}
	if t.durable && !full {
		return t.wanted, flush(ctx, conn)
	}
	return t.wanted, nil
}

// rollback undoes what a failed commit left open.
func rollback(tx *sql.Tx) error {
	if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	return nil
}

func synchronous(ctx context.Context, conn *sql.Conn, level string) error {
	if _, err := conn.ExecContext(ctx, `PRAGMA synchronous=`+level); err != nil {
		return fmt.Errorf("setting synchronous to %s: %w", level, err)
	}
	return nil
}

// flush brings transactions that were committed relaxed to the disk: it
// commits one more page with FULL, which syncs all of the log. The value has
// to change, since SQLite writes no page that stays the same.
func flush(ctx context.Context, conn *sql.Conn) (err error) {
	if err := synchronous(ctx, conn, "FULL"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, synchronous(ctx, conn, "NORMAL")) }()
	if _, err := conn.ExecContext(ctx, `INSERT INTO meta (key, value) VALUES ('flushed', '0')
		ON CONFLICT (key) DO UPDATE SET value = CASE value WHEN '0' THEN '1' ELSE '0' END`); err != nil {
		return fmt.Errorf("flushing the log: %w", err)
	}
	return nil
}

// prepare compiles statements for the next batches, between transactions:
// while one is open, it holds the only connection.
func (q *queue) prepare(wanted []string) {
	for _, text := range wanted {
		if s, err := q.db.Prepare(text); err == nil { // it ran before; if not now, then unprepared again
			q.stmts[text] = s
		}
	}
}

// savepoint runs one job so that its failure undoes its own work only. An
// error of savepoint itself means that the whole transaction is lost.
func (t *Tx) savepoint(ctx context.Context, j *job) error {
	if !j.claimed.CompareAndSwap(false, true) {
		return nil
	}
	if _, err := t.ExecContext(ctx, `SAVEPOINT job`); err != nil {
		return err
	}
	t.attempt(j)
	if j.err != nil || j.panicked != nil {
		if _, err := t.ExecContext(ctx, `ROLLBACK TO job`); err != nil {
			return err
		}
	} else if t.asked {
		t.durable = true
	}
	_, err := t.ExecContext(ctx, `RELEASE job`)
	return err
}

// attempt keeps a panic for the caller whose work it is.
func (t *Tx) attempt(j *job) {
	defer func() {
		if p := recover(); p != nil {
			j.panicked = fmt.Sprintf("%v\n\n%s", p, debug.Stack())
		}
	}()
	t.asked = false
	j.err = j.work(t)
}
