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
// the people; attempts that were anonymous, failed or skipped.
type hourCount [6]int

// addAttempts adds what is counted by hours of UTC to the hours of a day that
// they begin in.
func addAttempts(hours []hourCount, began time.Time, counts []Count) {
	for _, c := range counts {
		h := int(c.Hour.Sub(began) / time.Hour)
		switch ClassOf(c.Kind, c.Reason) {
		case ClassAnonymous:
			hours[h][3] += c.N
		case ClassFailed:
			hours[h][4] += c.N
		case ClassSkipped:
			hours[h][5] += c.N
		}
	}
}

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

// strangerIDs lists those without a number in one order.
func (c *dayCount) strangerIDs() []string { return slices.Sorted(maps.Keys(c.strangers)) }

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
	attempts, err := countsBetween(ctx, r, c.began, c.ended)
	if err != nil {
		return err
	}
	addAttempts(c.hours, c.began, attempts)
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
