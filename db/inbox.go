package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// InboxRow is a delivery with the living person it is about, if the portal
// knows one. In lists it comes without its body.
type InboxRow struct {
	Delivery
	UserID, Name string
	HeldBy       string // the id of an earlier delivery that it waits for; in lists it is empty
}

// InboxMark is a place in the inbox: that of one delivery.
type InboxMark struct {
	Received time.Time
	Key      string
}

// Mark is the row's place.
func (r *InboxRow) Mark() InboxMark { return InboxMark{r.Received, r.Key} }

// InboxFilter picks deliveries; empty fields match all.
type InboxFilter struct {
	State, Event string
	Search       string    // a delivery's id, or a person: id, sub, or beginnings of words of name, e-mail address and student id
	From, To     time.Time // received from one moment to before another
	After        InboxMark // only what came before this one
	Before       InboxMark // only what came after this one: those nearest to it
	Limit        int       // 100 when zero
}

// search takes deliveries with this id, or about people whom the words find.
func (c *clauses) search(text string) {
	this := c.arg(plain(text))
	people := `users.id = ` + this
	if words := searchWords(text); len(words) > 0 {
		var all []string
		for _, w := range words {
			all = append(all, `users.search LIKE `+c.arg("% "+w+"%")) // a word has no sign that LIKE reads
		}
		people += ` OR ` + strings.Join(all, ` AND `)
	}
	// A union of three, for each has an index of its own.
	about := ` UNION SELECT key FROM deliveries WHERE sub <> '' AND sub `
	c.all = append(c.all, `d.key IN (SELECT key FROM deliveries WHERE key = `+this+about+`= `+this+about+`IN (SELECT users.sub FROM users WHERE users.deleted = 0 AND (`+people+`)))`)
}

func (f *InboxFilter) clauses() *clauses {
	c := new(clauses)
	if f.State != "" {
		c.add(`d.state = ?`, plain(f.State))
	}
	if f.Event != "" {
		c.add(`d.event = ?`, plain(f.Event))
	}
	if f.Search != "" {
		c.search(f.Search)
	}
	c.between(`d.received`, notBefore(f.From, f.Before.Received), upTo(f.To, f.After.Received))
	if f.After.Key != "" {
		c.placed(`d.received, d.key`, "<", micros(f.After.Received), plain(f.After.Key))
	}
	if f.Before.Key != "" {
		c.placed(`d.received, d.key`, ">", micros(f.Before.Received), plain(f.Before.Key))
	}
	return c
}

const inboxColumns = `d.key, d.event, d.occurred, d.received, d.state, d.sub, d.attempts, d.next_try, d.applied, d.error, d.notes`

// inbox reads deliveries, called d, from a table or a query, and whom they are about.
func inbox(from string) string {
	return `SELECT ` + inboxColumns + `, coalesce(u.id, ''), coalesce(u.name, '')
	FROM ` + from + ` d LEFT JOIN users u ON u.provider = (SELECT value FROM meta WHERE key = '` + metaProvider + `') AND u.sub = d.sub AND u.deleted = 0`
}

func scanInboxRow(row scanner) (r InboxRow, err error) {
	err = row.Scan(&r.Key, &r.Event, moment{&r.Occurred}, moment{&r.Received}, &r.State, &r.User, &r.Attempts, moment{&r.NextTry}, moment{&r.Applied}, &r.Error, &r.Notes, &r.UserID, &r.Name)
	return r, err
}

// Inbox lists deliveries, the latest first.
func (d *DB) Inbox(ctx context.Context, f InboxFilter) ([]InboxRow, error) {
	c, order := f.clauses(), `d.received DESC, d.key DESC`
	if f.Before.Key != "" {
		order = `d.received, d.key`
	}
	if f.Limit == 0 {
		f.Limit = 100
	}
	page := c.page(inboxColumns, `deliveries d`, order, f.Limit)
	rows, err := collect(ctx, d.read, scanInboxRow, inbox(page)+` ORDER BY `+order, c.args...)
	if err != nil {
		return nil, fmt.Errorf("reading the inbox: %w", err)
	}
	if f.Before.Key != "" {
		slices.Reverse(rows)
	}
	return rows, nil
}

// InboxDelivery reads one delivery, body included; ErrNotFound when there is none.
func (d *DB) InboxDelivery(ctx context.Context, key string) (InboxRow, error) {
	v, err := d.Delivery(ctx, plain(key))
	if err != nil {
		return InboxRow{}, err
	}
	r, err := scanInboxRow(d.read.QueryRowContext(ctx, inbox(`deliveries`)+` WHERE d.key = $1`, v.Key))
	if err != nil {
		return InboxRow{}, missing(err, "reading a delivery")
	}
	r.Body, r.Fields = v.Body, v.Fields
	r.HeldBy, err = d.heldBy(ctx, v)
	return r, err
}

// heldBy is the delivery that a pending one waits for, as Due sees it.
func (d *DB) heldBy(ctx context.Context, v Delivery) (key string, err error) {
	if v.State != StatePending || len(v.Fields) == 0 {
		return "", nil
	}
	err = d.read.QueryRowContext(ctx, `SELECT key FROM deliveries WHERE state = 'pending' AND sub = $1 AND (fields & $2) <> 0 AND (occurred, received, key) < ($3, $4, $5)
		ORDER BY occurred, received, key LIMIT 1`, v.User, maskOf(v.Fields), micros(v.Occurred), micros(v.Received), v.Key).Scan(&key)
	if err = missing(err, "looking for what a delivery waits for"); errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return key, err
}

// ErrHand says that a delivery is in no state for what was asked by hand.
type ErrHand struct{ State string }

// Error implements error.
func (e ErrHand) Error() string { return "this delivery is " + e.State }

// CanRetry says whether a delivery may be tried again by hand: it failed, for
// good or for now, or was dropped. What is stale stays so: it may be an old
// delivery that somebody sends once more.
func (v *Delivery) CanRetry() bool {
	return v.State == StateDead || v.State == StateDropped || v.State == StatePending && v.Attempts > 0
}

// CanDrop says whether a delivery may be given up by hand.
func (v *Delivery) CanDrop() bool { return v.State == StateDead || v.State == StatePending }

// RetryByHand makes a delivery due at once, with all its tries before it. It
// gives ErrNotFound, or ErrHand where CanRetry is false.
func (d *DB) RetryByHand(ctx context.Context, key, by string, at time.Time) error {
	return d.byHand(ctx, key, (*Delivery).CanRetry, AuditEntry{At: at, Actor: by, Action: ActionRetry}, "",
		`UPDATE deliveries SET state = 'pending', attempts = 0, next_try = $2 WHERE key = $1`, plain(key), micros(at))
}

// DropByHand gives a delivery up and says why. It gives ErrNotFound, or
// ErrHand where CanDrop is false.
func (d *DB) DropByHand(ctx context.Context, key, by, reason string, at time.Time) error {
	return d.byHand(ctx, key, (*Delivery).CanDrop, AuditEntry{At: at, Actor: by, Action: ActionDrop}, reason,
		`UPDATE deliveries SET state = 'dropped' WHERE key = $1`, plain(key))
}

// What the audit calls these deeds.
const (
	ActionRetry = "delivery.retry"
	ActionDrop  = "delivery.drop"
)

// byHand changes a delivery and notes who did it, to whom, and what it was
// before, in one transaction. The change is announced, so that a worker in
// whatever process need not wait for its next look.
func (d *DB) byHand(ctx context.Context, key string, may func(*Delivery) bool, entry AuditEntry, reason, query string, args ...any) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		before, err := t.progress(ctx, key, t.forUpdate())
		if err != nil {
			return err
		}
		if !may(&before) {
			return ErrHand{before.State}
		}
		if _, err := t.ExecContext(ctx, query, args...); err != nil {
			return fmt.Errorf("changing a delivery by hand: %w", err)
		}
		after, err := t.progress(ctx, key, "")
		if err != nil {
			return err
		}
		entry.Object, entry.Detail = before.Key, handDetail(before, after, reason)
		if err := t.audit(ctx, entry); err != nil {
			return err
		}
		if err := t.late(ctx, before.Received); err != nil {
			return err
		}
		return t.changed(ctx, "delivery", before.Key, entry.At)
	})
}

// progress is how far a delivery has come.
func (t *Tx) progress(ctx context.Context, key, lock string) (v Delivery, err error) {
	err = t.QueryRowContext(ctx, `SELECT key, state, sub, attempts, received FROM deliveries WHERE key = $1`+lock, plain(key)).Scan(&v.Key, &v.State, &v.User, &v.Attempts, moment{&v.Received})
	return v, missing(err, "reading a delivery")
}

const becauseOf = " Reason: "

// handDetail writes what the audit keeps: no field of a person but the sub.
func handDetail(before, after Delivery, reason string) string {
	detail := fmt.Sprintf("%s after %d tries, then %s after %d.", before.State, before.Attempts, after.State, after.Attempts)
	if before.User != "" {
		detail = "About " + before.User + ": " + detail
	}
	if reason != "" {
		detail += becauseOf + reason
	}
	return detail
}

// Hand is something done to a delivery by hand.
type Hand struct {
	At             time.Time
	Action         string // ActionRetry or ActionDrop
	By, Name       string // who, and the name if that is a person the portal knows
	Reason, Detail string
}

// Hands lists what was done to a delivery by hand, the latest first.
func (d *DB) Hands(ctx context.Context, key string) ([]Hand, error) {
	scan := func(row scanner) (h Hand, err error) {
		err = row.Scan(moment{&h.At}, &h.Action, &h.By, &h.Detail, &h.Name)
		_, h.Reason, _ = strings.Cut(h.Detail, becauseOf)
		return h, err
	}
	all, err := collect(ctx, d.read, scan, `SELECT a.at, a.action, a.actor, a.detail, coalesce(u.name, '') FROM audit a LEFT JOIN users u ON u.id = a.actor
		WHERE a.object = $1 AND a.action IN ('`+ActionRetry+`', '`+ActionDrop+`') ORDER BY a.at DESC, a.id DESC LIMIT 50`, plain(key))
	if err != nil {
		return nil, fmt.Errorf("reading what was done to a delivery: %w", err)
	}
	return all, nil
}
