package db

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Read says that a person has read an item. Opened is when they loaded its
// own page, Marked when they said so; zero is never. The first time counts.
type Read struct {
	UserID, ItemID string
	Opened, Marked time.Time
}

const changedReads = "reads"

// SaveReads adds to what people have read. Reads of items or people that are
// gone meanwhile are left out, and those that waited while their person asked
// to be forgotten.
func (d *DB) SaveReads(ctx context.Context, reads []Read) error {
	// In one order, for two processes that write the same rows can wait for each other.
	reads = slices.SortedFunc(slices.Values(reads), func(a, b Read) int {
		return cmp.Or(strings.Compare(a.UserID, b.UserID), strings.Compare(a.ItemID, b.ItemID))
	})
	return d.write(ctx, Relaxed, func(t *Tx) error {
		for i, r := range reads {
			if err := t.saveRead(ctx, r); err != nil {
				return fmt.Errorf("noting what was read: %w", err)
			}
			if i+1 < len(reads) && reads[i+1].UserID == r.UserID {
				continue
			}
			if err := t.changed(ctx, changedReads, r.UserID, later(r.Opened, r.Marked)); err != nil {
				return err
			}
		}
		return t.readMore(ctx, reads)
	})
}

func (t *Tx) saveRead(ctx context.Context, r Read) error {
	first := r.Opened
	if first.IsZero() || !r.Marked.IsZero() && r.Marked.Before(first) {
		first = r.Marked
	}
	_, err := t.ExecContext(ctx, `INSERT INTO reads (user_id, item_id, first, opened, marked)
		SELECT users.id, items.id, $3, $4, $5 FROM users, items WHERE users.id = $1 AND users.deleted = 0 AND items.id = $2
			AND NOT EXISTS (SELECT 1 FROM audit WHERE audit.object = users.id AND audit.action = '`+actionForget+`' AND audit.at >= $3)
		ON CONFLICT (user_id, item_id) DO UPDATE SET opened = CASE WHEN reads.opened = 0 THEN excluded.opened ELSE reads.opened END,
			marked = CASE WHEN reads.marked = 0 THEN excluded.marked ELSE reads.marked END`,
		r.UserID, r.ItemID, micros(first), micros(r.Opened), micros(r.Marked))
	return err
}

// ReadsOf is what a person has read.
func (d *DB) ReadsOf(ctx context.Context, userID string) ([]Read, error) {
	scan := func(row scanner) (r Read, err error) {
		err = row.Scan(&r.UserID, &r.ItemID, moment{&r.Opened}, moment{&r.Marked})
		return r, err
	}
	all, err := collect(ctx, d.read, scan, `SELECT user_id, item_id, opened, marked FROM reads WHERE user_id = $1 ORDER BY item_id`, userID)
	if err != nil {
		return nil, fmt.Errorf("reading what user %s has read: %w", userID, err)
	}
	return all, nil
}

// PurgeReads removes at most limit reads from before a moment and returns how
// many it removed.
func (d *DB) PurgeReads(ctx context.Context, before time.Time, limit int) (n int, err error) {
	err = d.write(ctx, Relaxed, func(t *Tx) error {
		gone, err := collect(ctx, t, scanGone, `DELETE FROM reads WHERE (user_id, item_id) IN (SELECT user_id, item_id FROM reads WHERE first < $1 ORDER BY first LIMIT $2)
			RETURNING item_id, CASE WHEN opened > 0 THEN 1 ELSE 0 END, CASE WHEN marked > 0 THEN 1 ELSE 0 END`, micros(before), limit)
		if err != nil {
			return err
		}
		n = len(gone)
		return t.leaveReads(ctx, gone)
	})
	if err != nil {
		return 0, fmt.Errorf("removing old reads: %w", err)
	}
	return n, nil
}

// CalendarAddress is when a person's calendar address was made; the address
// itself is known only to the person.
type CalendarAddress struct {
	UserID           string
	Created, Revoked time.Time
}

// NewCalendarAddress stores the hash of a new secret. The one before it, if
// any, ends.
func (d *DB) NewCalendarAddress(ctx context.Context, userID, secretHash string, at time.Time) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		if err := t.revokeCalendar(ctx, userID, at); err != nil {
			return err
		}
		_, err := t.ExecContext(ctx, `INSERT INTO calendar_addresses (secret_hash, user_id, created, revoked) VALUES ($1, $2, $3, 0)`, secretHash, userID, micros(at))
		if err != nil {
			return fmt.Errorf("storing a calendar address: %w", err)
		}
		return t.audit(ctx, AuditEntry{At: at, Actor: userID, Action: "calendar.create", Object: userID})
	})
}

// RevokeCalendarAddress ends a person's calendar address, if there is one.
func (d *DB) RevokeCalendarAddress(ctx context.Context, userID, by string, at time.Time) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		if err := t.revokeCalendar(ctx, userID, at); err != nil {
			return err
		}
		return t.audit(ctx, AuditEntry{At: at, Actor: by, Action: "calendar.revoke", Object: userID})
	})
}

func (t *Tx) revokeCalendar(ctx context.Context, userID string, at time.Time) error {
	if _, err := t.ExecContext(ctx, `UPDATE calendar_addresses SET revoked = $2 WHERE user_id = $1 AND revoked = 0`, userID, micros(at)); err != nil {
		return fmt.Errorf("ending a calendar address: %w", err)
	}
	return t.changed(ctx, "user", userID, at)
}

// CalendarAddressOf is a person's living calendar address; ErrNotFound when
// there is none.
func (d *DB) CalendarAddressOf(ctx context.Context, userID string) (CalendarAddress, error) {
	a := CalendarAddress{UserID: userID}
	err := d.read.QueryRowContext(ctx, `SELECT created, revoked FROM calendar_addresses WHERE user_id = $1 AND revoked = 0`, userID).Scan(moment{&a.Created}, moment{&a.Revoked})
	return a, missing(err, "reading the calendar address of user %s", userID)
}

// CalendarPerson is whose calendar address it is; ErrNotFound when it was
// revoked or its person is deleted or blocked.
func (d *DB) CalendarPerson(ctx context.Context, secretHash string) (User, error) {
	u, err := scanUser(d.read.QueryRowContext(ctx, `SELECT `+userColumns+` FROM calendar_addresses JOIN users ON users.id = calendar_addresses.user_id
		WHERE secret_hash = $1 AND revoked = 0 AND users.deleted = 0`, secretHash))
	if err == nil && u.Blocked {
		return User{}, fmt.Errorf("reading a calendar address: %w", ErrNotFound)
	}
	return u, missing(err, "reading a calendar address")
}
