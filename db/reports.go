package db

import (
	"context"
	"fmt"
	"math"
	"time"
)

// DaySignIns counts the sign-ins of one day.
type DaySignIns struct {
	Day                         string // 2006-01-02
	Silent, Interactive, People int
}

// SignInsPerDay counts sign-ins from one moment to before another, by the
// days of a time zone. Days without any are listed too.
func (d *DB) SignInsPerDay(ctx context.Context, from, to time.Time, zone *time.Location) ([]DaySignIns, error) {
	var days []DaySignIns
	for start := from; start.Before(to); {
		next := midnightAfter(start, zone)
		day := DaySignIns{Day: start.In(zone).Format(time.DateOnly)}
		// A day a query, so that no engine has to know time zones.
		err := d.read.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE silent), count(*) FILTER (WHERE NOT silent), count(DISTINCT user_id)
			FROM sign_ins WHERE at >= $1 AND at < $2`, micros(start), micros(earlier(next, to))).Scan(&day.Silent, &day.Interactive, &day.People)
		if err != nil {
			return nil, fmt.Errorf("counting the sign-ins of %s: %w", day.Day, err)
		}
		days = append(days, day)
		start = next
	}
	return days, nil
}

// midnightAfter is the start of the next day, which need not be 24 hours away.
func midnightAfter(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, zone)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// RoleCount is how many people have a role; "" is none.
type RoleCount struct {
	Role   string
	People int
}

// PeopleByRole counts living people by primary role.
func (d *DB) PeopleByRole(ctx context.Context) ([]RoleCount, error) {
	scan := func(row scanner) (c RoleCount, err error) { return c, row.Scan(&c.Role, &c.People) }
	all, err := collect(ctx, d.read, scan, `SELECT role, count(*) FROM users WHERE deleted = 0 GROUP BY role ORDER BY role`)
	if err != nil {
		return nil, fmt.Errorf("counting people by role: %w", err)
	}
	return all, nil
}

// PastSignIn is one line of a person's sign-in history.
type PastSignIn struct {
	At     time.Time
	Silent bool
}

// SignInsOf lists a person's sign-ins from before a moment, or all when it is
// zero, the latest first, limit at most.
func (d *DB) SignInsOf(ctx context.Context, userID string, before time.Time, limit int) ([]PastSignIn, error) {
	until := int64(math.MaxInt64)
	if !before.IsZero() {
		until = micros(before)
	}
	scan := func(row scanner) (p PastSignIn, err error) { return p, row.Scan(moment{&p.At}, &p.Silent) }
	all, err := collect(ctx, d.read, scan, `SELECT at, silent FROM sign_ins WHERE user_id = $1 AND at < $2 ORDER BY at DESC LIMIT $3`, userID, until, limit)
	if err != nil {
		return nil, fmt.Errorf("reading the sign-ins of user %s: %w", userID, err)
	}
	return all, nil
}

// PurgeSignIns removes up to limit sign-ins from before a moment, and says
// how many went.
func (d *DB) PurgeSignIns(ctx context.Context, before time.Time, limit int) (n int, err error) {
	err = d.write(ctx, Relaxed, func(t *Tx) (err error) {
		n, err = t.exec(ctx, `DELETE FROM sign_ins WHERE (at, user_id) IN (SELECT at, user_id FROM sign_ins WHERE at < $1 LIMIT $2)`, micros(before), limit)
		if err != nil {
			return fmt.Errorf("removing old sign-ins: %w", err)
		}
		return t.horizon(ctx, fromSignIns, before)
	})
	return n, err
}
