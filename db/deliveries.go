package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// The states of a delivery.
const (
	StatePending    = "pending"    // stored, its effect not yet applied
	StateProcessed  = "processed"  // applied
	StateIgnored    = "ignored"    // nothing to apply: a test, an unknown event
	StateStale      = "stale"      // too old when it came
	StateUnreadable = "unreadable" // signed, but not JSON
	StateDead       = "dead"       // failed too often
	StateDropped    = "dropped"    // given up by hand
	StateSuperseded = "superseded" // something later was known already
)

var (
	// ErrNotPending says that a delivery was applied, dropped or given up before.
	ErrNotPending = errors.New("this delivery is not pending")
	// ErrHeld says that an earlier delivery about the same field of the same
	// person is still to be applied.
	ErrHeld = errors.New("an earlier delivery about the same field is still to be applied")
)

// Delivery is one webhook as it arrived, and what became of it.
type Delivery struct {
	Key, Event         string
	Occurred, Received time.Time
	Body               []byte
	State              string   // StatePending when empty
	User               string   // the sub it is about, or ""
	Fields             []string // what it sets of them; none when it ends sessions, and then it waits for nothing
	Attempts           int
	NextTry, Applied   time.Time // Applied is zero until its effect is in the database
	Error, Notes       string
}

const deliveryColumns = `key, event, occurred, received, body, state, sub, fields, attempts, next_try, applied, error, notes`

func scanDelivery(row scanner) (d Delivery, err error) {
	var fields int64
	err = row.Scan(&d.Key, &d.Event, moment{&d.Occurred}, moment{&d.Received}, &d.Body, &d.State, &d.User, &fields, &d.Attempts, moment{&d.NextTry}, moment{&d.Applied}, &d.Error, &d.Notes)
	d.Fields = fieldsOf(fields)
	return d, err
}

// StoreDelivery keeps a delivery for good; fresh is false when its key was
// stored before, and then nothing changes.
func (d *DB) StoreDelivery(ctx context.Context, v Delivery) (fresh bool, err error) {
	if v.State == "" {
		v.State = StatePending
	}
	if v.Body == nil {
		v.Body = []byte{} // a nil slice would be NULL
	}
	err = d.write(ctx, Durable, func(t *Tx) error {
		n, err := t.exec(ctx, `INSERT INTO deliveries (`+deliveryColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (key) DO NOTHING`,
			plain(v.Key), plain(v.Event), micros(v.Occurred), micros(v.Received), v.Body, v.State, plain(v.User), maskOf(v.Fields), v.Attempts, micros(v.NextTry), micros(v.Applied), plain(v.Error), plain(v.Notes))
		if err != nil {
			return fmt.Errorf("storing a delivery: %w", err)
		}
		if fresh = n == 1; fresh && v.State != StatePending {
			if err := t.forgetIfBuried(ctx, v); err != nil {
				return err
			}
		}
		return t.late(ctx, v.Received)
	})
	return fresh && err == nil, err
}

// unheld is true of a delivery that no earlier one about the same field of the
// same person is still pending before.
const unheld = `NOT EXISTS (SELECT 1 FROM deliveries earlier WHERE earlier.state = 'pending' AND earlier.sub = deliveries.sub AND (earlier.fields & deliveries.fields) <> 0
	AND (earlier.occurred, earlier.received, earlier.key) < (deliveries.occurred, deliveries.received, deliveries.key))`

// Due lists pending deliveries whose time has come and that nothing holds
// back: first those that end sessions, each kind in the order of what it tells
// of.
func (d *DB) Due(ctx context.Context, now time.Time, limit int) ([]Delivery, error) {
	all, err := collect(ctx, d.read, scanDelivery, `SELECT `+deliveryColumns+` FROM deliveries
		WHERE state = 'pending' AND next_try <= $1 AND `+unheld+` ORDER BY (fields <> 0), occurred, received, key LIMIT $2`, micros(now), limit)
	if err != nil {
		return nil, fmt.Errorf("reading due deliveries: %w", err)
	}
	return all, nil
}

// take claims a pending delivery for the transaction that applies it. Of two
// workers, in whatever processes, one waits for the other's transaction and
// then finds nothing to do; with a process that dies its claim is gone.
func (t *Tx) take(ctx context.Context, key string, at time.Time) error {
	n, err := t.exec(ctx, `UPDATE deliveries SET state = 'processed', attempts = attempts + 1, error = '', applied = $2 WHERE key = $1 AND state = 'pending' AND `+unheld, key, micros(at))
	if err != nil {
		return fmt.Errorf("claiming a delivery: %w", err)
	}
	if n == 1 {
		return nil
	}
	var state string
	err = t.QueryRowContext(ctx, `SELECT state FROM deliveries WHERE key = $1`, key).Scan(&state)
	switch {
	case err == nil && state == StatePending:
		return ErrHeld
	case err == nil, errors.Is(err, sql.ErrNoRows):
		return ErrNotPending
	}
	return fmt.Errorf("claiming a delivery: %w", err)
}

// Delivery reads one; ErrNotFound when there is none.
func (d *DB) Delivery(ctx context.Context, key string) (Delivery, error) {
	v, err := scanDelivery(d.read.QueryRowContext(ctx, `SELECT `+deliveryColumns+` FROM deliveries WHERE key = $1`, key))
	return v, missing(err, "reading a delivery")
}

// DeliveryFilter picks deliveries; empty fields match all.
type DeliveryFilter struct {
	State, Event, User string
	From, To           time.Time // received from one moment to before another
	Limit, Offset      int       // Limit 100 when zero
}

// Deliveries lists the inbox, the latest first.
func (d *DB) Deliveries(ctx context.Context, f DeliveryFilter) ([]Delivery, error) {
	if f.Limit == 0 {
		f.Limit = 100
	}
	all, err := collect(ctx, d.read, scanDelivery, `SELECT `+deliveryColumns+` FROM deliveries
		WHERE ($1 = '' OR state = $1) AND ($2 = '' OR event = $2) AND ($3 = '' OR sub = $3) AND received >= $4 AND (received < $5 OR $5 = 0)
		ORDER BY received DESC, key LIMIT $6 OFFSET $7`, f.State, f.Event, f.User, micros(f.From), micros(f.To), f.Limit, f.Offset)
	if err != nil {
		return nil, fmt.Errorf("reading deliveries: %w", err)
	}
	return all, nil
}

// DeliveryStates counts the deliveries in each state.
func (d *DB) DeliveryStates(ctx context.Context) (map[string]int, error) {
	type one struct {
		state string
		n     int
	}
	scan := func(row scanner) (o one, err error) { return o, row.Scan(&o.state, &o.n) }
	all, err := collect(ctx, d.read, scan, `SELECT state, count(*) FROM deliveries GROUP BY state`)
	if err != nil {
		return nil, fmt.Errorf("counting deliveries: %w", err)
	}
	states := make(map[string]int, len(all))
	for _, o := range all {
		states[o.state] = o.n
	}
	return states, nil
}

// FailDelivery notes a failed attempt at a delivery as it was read: tried
// again at next, or dead. ErrNotPending when it was settled meanwhile, or when
// another process has noted an attempt of its own.
func (d *DB) FailDelivery(ctx context.Context, v Delivery, errText string, next time.Time, dead bool) error {
	state := StatePending
	if dead {
		state = StateDead
	}
	return d.write(ctx, Relaxed, func(t *Tx) error {
		err := t.settle(ctx, `UPDATE deliveries SET state = $2, error = $3, next_try = $4, attempts = attempts + 1 WHERE key = $1 AND state = 'pending' AND attempts = $5`,
			v.Key, state, plain(errText), micros(next), v.Attempts)
		if err != nil {
			return err
		}
		return t.late(ctx, v.Received)
	})
}

// settle changes a delivery's state, if it still is what it was.
func (t *Tx) settle(ctx context.Context, query string, args ...any) error {
	n, err := t.exec(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("changing a delivery: %w", err)
	}
	if n == 0 {
		return ErrNotPending
	}
	return nil
}

// PurgeDeliveries removes up to limit deliveries received before a moment
// that wait for nothing, and says how many went.
func (d *DB) PurgeDeliveries(ctx context.Context, before time.Time, limit int) (n int, err error) {
	err = d.write(ctx, Relaxed, func(t *Tx) (err error) {
		n, err = t.exec(ctx, `DELETE FROM deliveries WHERE key IN (SELECT key FROM deliveries WHERE received < $1 AND state <> 'pending' LIMIT $2)`, micros(before), limit)
		if err != nil {
			return fmt.Errorf("removing old deliveries: %w", err)
		}
		return t.horizon(ctx, fromDeliveries, before)
	})
	return n, err
}
