package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// hourCount is what is stored of an hour: silent sign-ins, interactive ones,
// and the people.
type hourCount [3]int

// dayCount is a day, counted from its rows.
type dayCount struct {
	day                 Day
	zone                *time.Location
	began, ended, upto  time.Time
	closed              bool
	asked               int // how often it had been asked for when this began
	silent, interactive int
	hours               []hourCount
	who                 bitset         // by number
	strangers           map[string]int // who has no number, under one of this count's own
	totals              map[string][]total
}

// total counts what a, b and c of its family say.
type total struct {
	day     Day
	a, b, c string
	n       int
}

// strangerIDs lists those without a number in one order.
func (c *dayCount) strangerIDs() []string { return slices.Sorted(maps.Keys(c.strangers)) }

// family is a kind of totals: where they are counted from, and how. The query
// counts from $1 to before $2.
type family struct {
	name, source, query string
}

// The families of totals.
const (
	familyAttempts   = "attempts"
	familyRoles      = "roles"
	familyDeliveries = "deliveries"
	familyDelays     = "delays"
	familyActions    = "actions"
	familyDrift      = "drift"
)

var families = [...]family{
	// An hour of UTC belongs to the day in which it begins.
	{familyAttempts, fromCounts, `SELECT kind, reason, '', CAST(sum(n) AS BIGINT) FROM counts WHERE hour >= $1 AND hour < $2 GROUP BY kind, reason`},
	{familyRoles, fromRoles, `SELECT old_role, new_role, source, count(*) FROM role_changes WHERE at >= $1 AND at < $2 GROUP BY old_role, new_role, source`},
	{familyDeliveries, fromDeliveries, `SELECT event, state, '', count(*) FROM deliveries WHERE received >= $1 AND received < $2 GROUP BY event, state`},
	{familyDelays, fromDeliveries, `SELECT '` + DelayArrival + `' AS delay, ` + bucketOf(`received - occurred`) + ` AS bucket, '', count(*) FROM deliveries WHERE received >= $1 AND received < $2 AND occurred > 0 GROUP BY bucket
		UNION ALL SELECT '` + DelayApplied + `' AS delay, ` + bucketOf(`applied - received`) + ` AS bucket, '', count(*) FROM deliveries WHERE received >= $1 AND received < $2 AND applied > 0 GROUP BY bucket`},
	{familyActions, fromAudit, `SELECT action, CASE WHEN actor LIKE 'command line%' THEN '` + ByCommandLine + `' WHEN EXISTS (SELECT 1 FROM users WHERE users.id = audit.actor) THEN '` + ByPerson + `' ELSE '` + ByPortal + `' END AS actors, '', count(*)
		FROM audit WHERE at >= $1 AND at < $2 GROUP BY action, actors`},
	{familyDrift, fromAudit, `SELECT actor, '', '', count(*) FROM audit WHERE action = '` + actionDrift + `' AND at >= $1 AND at < $2 GROUP BY actor`},
}

// bucketOf is the bucket of a delay in microseconds, as text.
func bucketOf(delay string) string {
	text := `CASE`
	for i, bound := range DelayBounds {
		text += fmt.Sprintf(` WHEN %s < %d THEN '%d'`, delay, bound.Microseconds(), i)
	}
	return text + fmt.Sprintf(` ELSE '%d' END`, len(DelayBounds))
}

func familyNamed(name string) family {
	i := slices.IndexFunc(families[:], func(f family) bool { return f.name == name })
	return families[i]
}

// count counts a family from one moment to before another.
func (f family) count(ctx context.Context, r reader, day Day, from, to time.Time) ([]total, error) {
	scan := func(row scanner) (t total, err error) {
		t.day = day
		return t, row.Scan(&t.a, &t.b, &t.c, &t.n)
	}
	all, err := collect(ctx, r, scan, f.query, micros(from), micros(to))
	if err != nil {
		return nil, fmt.Errorf("counting %s: %w", f.name, err)
	}
	return all, nil
}

// newDayCount is a day with nothing counted. Of one that is not over yet,
// sign-ins count up to now, and nothing else is stored.
func newDayCount(day Day, zone *time.Location, now time.Time) *dayCount {
	c := &dayCount{day: day, zone: zone, began: day.Begin(zone), ended: (day + 1).Begin(zone), totals: map[string][]total{}, strangers: map[string]int{}}
	c.closed = !now.Before(c.ended.Add(closesAfter))
	c.upto = later(c.began, earlier(c.ended, now))
	return c
}

// count counts everything about a day from its rows.
func (c *dayCount) count(ctx context.Context, r reader) error {
	err := r.QueryRowContext(ctx, `SELECT asked FROM rollup_days WHERE day = $1`, int(c.day)).Scan(&c.asked)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if err := c.countSignIns(ctx, r); err != nil || !c.closed {
		return err
	}
	for _, f := range families {
		if c.totals[f.name], err = f.count(ctx, r, c.day, c.began, c.ended); err != nil {
			return err
		}
	}
	return nil
}

// countSignIns counts the day's sign-ins hour by hour. A person without a
// number is counted under one of the count's own, below zero.
func (c *dayCount) countSignIns(ctx context.Context, r reader) error {
	return c.countFrom(ctx, r, c.began)
}

// hoursOf is how many hours there are from one moment to another.
func hoursOf(began, ended time.Time) int { return int((ended.Sub(began) + time.Hour - 1) / time.Hour) }

// countFrom counts only from a moment of the day on.
func (c *dayCount) countFrom(ctx context.Context, r reader, from time.Time) error {
	c.hours = make([]hourCount, hoursOf(c.began, c.ended))
	hour, inHour := -1, map[int]bool{}
	return eachSignIn(ctx, r, from, c.upto, func(s signInRow) {
		if h := int(s.at.Sub(c.began) / time.Hour); h != hour {
			hour = h
			clear(inHour)
		}
		this := &c.hours[hour]
		if s.silent {
			c.silent++
			this[0]++
		} else {
			c.interactive++
			this[1]++
		}
		if !s.living {
			return
		}
		n := s.number
		if n == 0 {
			n = c.stranger(s.userID)
		} else {
			c.who.add(n)
		}
		if !inHour[n] {
			inHour[n] = true
			this[2]++
		}
	})
}

func (c *dayCount) stranger(id string) int {
	n, met := c.strangers[id]
	if !met {
		n = -1 - len(c.strangers)
		c.strangers[id] = n
	}
	return n
}

// signInRow is a sign-in with its person's number, 0 for none. Who was
// deleted since is not living: their sign-ins count, they do not.
type signInRow struct {
	at             time.Time
	userID         string
	silent, living bool
	number         int
}

// eachSignIn goes through sign-ins from one moment to before another, the
// earliest first.
func eachSignIn(ctx context.Context, r reader, from, to time.Time, see func(signInRow)) error {
	rows, err := r.QueryContext(ctx, `SELECT s.at, s.user_id, s.silent, coalesce(n.number, 0), CASE WHEN n.number IS NOT NULL THEN 1
			WHEN EXISTS (SELECT 1 FROM users WHERE users.id = s.user_id AND users.deleted = 0) THEN 1 ELSE 0 END
		FROM sign_ins s LEFT JOIN rollup_numbers n ON n.user_id = s.user_id WHERE s.at >= $1 AND s.at < $2 ORDER BY s.at`, micros(from), micros(to))
	if err != nil {
		return fmt.Errorf("counting sign-ins: %w", err)
	}
	defer func() { _ = rows.Close() }() // rows.Err says all there is to say
	for rows.Next() {
		var s signInRow
		var living int
		if err := rows.Scan(moment{&s.at}, &s.userID, &s.silent, &s.number, &living); err != nil {
			return fmt.Errorf("counting sign-ins: %w", err)
		}
		s.living = living == 1
		see(s)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("counting sign-ins: %w", err)
	}
	return nil
}
