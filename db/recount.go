package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

const metaRecount = "recount"

// Recount is a past day counted once more from its rows.
type Recount struct {
	Day     Day
	At      time.Time // zero: none was made yet
	Differs []string  // which figures differ, in words; none when all agree
}

// ErrNotCounted says that a day has no roll-up that could be checked: it is
// not over, not counted yet, to be counted anew, or its rows are gone.
var ErrNotCounted = errors.New("there is nothing to check this day against")

// Recount counts a past day from its rows and compares it with its roll-up.
// What differs is to be counted anew; what differed is remembered until the
// next check.
func (d *DB) Recount(ctx context.Context, day Day, zone *time.Location, now time.Time) (Recount, error) {
	check := Recount{Day: day, At: now}
	err := d.snapshot(ctx, func(r reader) (err error) {
		check.Differs, err = recount(ctx, r, day, zone, now)
		return err
	})
	if err != nil {
		return check, fmt.Errorf("counting %s once more: %w", day, err)
	}
	text, err := json.Marshal(check)
	if err != nil {
		return check, fmt.Errorf("noting a check: %w", err)
	}
	return check, d.write(ctx, Relaxed, func(t *Tx) error {
		again := 0
		if len(check.Differs) > 0 {
			again = 1
		}
		if _, err := t.ExecContext(ctx, `UPDATE rollup_days SET checked = $2, asked = asked + $3 WHERE day = $1`, int(day), micros(now), again); err != nil {
			return fmt.Errorf("noting a check: %w", err)
		}
		return t.setMeta(ctx, metaRecount, string(text))
	})
}

// RecountDays are the days to check next: the one whose check is longest ago,
// and the latest that was never checked, in most cases yesterday. None when
// nothing can be checked.
func (d *DB) RecountDays(ctx context.Context, zone *time.Location, now time.Time) (days []Day, err error) {
	err = d.snapshot(ctx, func(r reader) error {
		gone, err := readHorizons(ctx, r)
		if err != nil {
			return err
		}
		for _, order := range []string{`checked, day`, `checked, day DESC`} {
			var day Day
			err := r.QueryRowContext(ctx, `SELECT day FROM rollup_days WHERE closed = 1 AND asked = counted AND zone = $1 AND began >= $2 AND ended <= $3 ORDER BY `+order+` LIMIT 1`,
				madeBy(zone), micros(gone[fromSignIns]), micros(now)).Scan(&day)
			if errors.Is(err, sql.ErrNoRows) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("choosing a day to check: %w", err)
			}
			if !slices.Contains(days, day) {
				days = append(days, day)
			}
		}
		return nil
	})
	return days, err
}

// LastRecount is the last check; a zero one when none was made.
func (d *DB) LastRecount(ctx context.Context) (check Recount, err error) {
	text, err := meta(ctx, d.read, metaRecount)
	if errors.Is(err, ErrNotFound) {
		return check, nil
	}
	if err != nil {
		return check, err
	}
	if err := json.Unmarshal([]byte(text), &check); err != nil {
		return check, fmt.Errorf("reading of the last check: %w", err)
	}
	return check, nil
}

// recount names what differs between a day's rows and its roll-up.
func recount(ctx context.Context, r reader, day Day, zone *time.Location, now time.Time) (differs []string, err error) {
	f, err := newSpanReader(ctx, r, Span{day, day, zone})
	if err != nil {
		return nil, err
	}
	stored, made := f.rolled[day]
	if !made || !stored.closed || stored.asked > stored.counted || stored.zone != madeBy(zone) || f.gone.frozen(fromSignIns, stored.began) {
		return nil, ErrNotCounted
	}
	c := newDayCount(day, zone, now)
	if err := c.count(ctx, r); err != nil {
		return nil, err
	}
	if differs, err = f.signInsDiffer(ctx, &stored, c); err != nil {
		return nil, err
	}
	for _, family := range families {
		if f.gone.frozen(family.source, stored.began) {
			continue
		}
		have, err := f.totals(ctx, family.name, nil)
		if err != nil {
			return nil, err
		}
		if want := sorted(c.totals[family.name]); !slices.Equal(have, want) {
			differs = append(differs, fmt.Sprintf("%s: %s stored, %s counted", family.name, summed(have), summed(want)))
		}
	}
	return differs, nil
}

func summed(all []total) string {
	n := 0
	for _, t := range all {
		n += t.n
	}
	return fmt.Sprintf("%d in %d lines", n, len(all))
}

// signInsDiffer compares sign-ins, hours and people.
func (f *spanReader) signInsDiffer(ctx context.Context, stored *rolledDay, c *dayCount) (differs []string, err error) {
	s := &signIns{days: make([]daySignIns, 1)}
	if err := f.storedPeople(ctx, s); err != nil {
		return nil, err
	}
	hours, err := json.Marshal(c.hours)
	if err != nil {
		return nil, err
	}
	if stored.Silent != c.silent || stored.Interactive != c.interactive {
		differs = append(differs, fmt.Sprintf("sign-ins: %d silent and %d interactive stored, %d and %d counted", stored.Silent, stored.Interactive, c.silent, c.interactive))
	}
	var storedHours string
	if err := f.r.QueryRowContext(ctx, `SELECT hours FROM rollup_days WHERE day = $1`, int(c.day)).Scan(&storedHours); err != nil {
		return nil, err
	}
	if storedHours != string(hours) {
		differs = append(differs, "sign-ins by the hour")
	}
	who := s.days[0].who
	if n := c.who.count() + len(c.strangers); stored.People != n || who.count() != n || who.common(c.who) != n {
		differs = append(differs, fmt.Sprintf("people: %d stored, %d counted", stored.People, n))
	}
	return differs, nil
}
