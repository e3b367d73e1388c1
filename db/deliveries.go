package db

import (
	"context"
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

// ErrNotPending says that a delivery was applied, dropped or given up before.
var ErrNotPending = errors.New("this delivery is not pending")

// Delivery is one webhook as it arrived, and what became of it.
type Delivery struct {
	Key, Event         string
	Occurred, Received time.Time
	Body               []byte
	State              string // StatePending when empty
	User               string // the sub it is about, or ""
	Attempts           int
	NextTry            time.Time
	Error, Notes       string
}

const deliveryColumns = `key, event, occurred, received, body, state, sub, attempts, next_try, error, notes`

func scanDelivery(row scanner) (d Delivery, err error) {
	err = row.Scan(&d.Key, &d.Event, moment{&d.Occurred}, moment{&d.Received}, &d.Body, &d.State, &d.User, &d.Attempts, moment{&d.NextTry}, &d.Error, &d.Notes)
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
		n, err := t.exec(ctx, `INSERT INTO deliveries (`+deliveryColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (key) DO NOTHING`,
			plain(v.Key), plain(v.Event), micros(v.Occurred), micros(v.Received), v.Body, v.State, plain(v.User), v.Attempts, micros(v.NextTry), plain(v.Error), plain(v.Notes))
		if err != nil {
			return fmt.Errorf("storing a delivery: %w", err)
		}
		fresh = n == 1
		return nil
	})
	return fresh && err == nil, err
}

// Due lists pending deliveries whose time has come, in the order of what they
// tell of.
func (d *DB) Due(ctx context.Context, now time.Time, limit int) ([]Delivery, error) {
	all, err := collect(ctx, d.read, scanDelivery, `SELECT `+deliveryColumns+` FROM deliveries WHERE state = 'pending' AND next_try <= $1 ORDER BY occurred, received, key LIMIT $2`, micros(now), limit)
	if err != nil {
		return nil, fmt.Errorf("reading due deliveries: %w", err)
	}
	return all, nil
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

// FailDelivery notes a failed attempt: tried again at next, or dead.
// ErrNotPending when another process has settled it.
func (d *DB) FailDelivery(ctx context.Context, key, errText string, next time.Time, dead bool) error {
	state := StatePending
	if dead {
		state = StateDead
	}
	return d.settle(ctx, Relaxed, `UPDATE deliveries SET state = $2, error = $3, next_try = $4, attempts = attempts + 1 WHERE key = $1 AND state = 'pending'`,
		key, state, plain(errText), micros(next))
}

// RetryDelivery makes a dead or dropped delivery pending again.
func (d *DB) RetryDelivery(ctx context.Context, key, by string, at time.Time) error {
	return d.settleByHand(ctx, AuditEntry{At: at, Actor: by, Action: "delivery.retry", Object: key},
		`UPDATE deliveries SET state = 'pending', attempts = 0, next_try = $2 WHERE key = $1 AND state IN ('dead', 'dropped')`, key, micros(at))
}

// DropDelivery gives a pending or dead delivery up, and says why.
func (d *DB) DropDelivery(ctx context.Context, key, by, reason string, at time.Time) error {
	return d.settleByHand(ctx, AuditEntry{At: at, Actor: by, Action: "delivery.drop", Object: key, Detail: reason},
		`UPDATE deliveries SET state = 'dropped', notes = $2 WHERE key = $1 AND state IN ('pending', 'dead')`, key, plain(reason))
}

func (d *DB) settle(ctx context.Context, durability Durability, query string, args ...any) error {
	return d.write(ctx, durability, func(t *Tx) error { return t.settle(ctx, query, args...) })
}

func (d *DB) settleByHand(ctx context.Context, entry AuditEntry, query string, args ...any) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		if err := t.settle(ctx, query, args...); err != nil {
			return err
		}
		return t.audit(ctx, entry)
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
		return nil
	})
	return n, err
}
