package db

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// hours are a span's hours, as they are stored where the day is closed.
func (f *spanReader) hours(ctx context.Context) ([]SignInHour, error) {
	stored, err := f.storedHours(ctx)
	if err != nil {
		return nil, err
	}
	var all []SignInHour
	for day := f.First; day <= f.Last; day++ {
		began, ended := day.Begin(f.Zone), (day + 1).Begin(f.Zone)
		hours := stored[day]
		if r, ok := f.usable(day, fromSignIns); !ok || !r.closed {
			if hours, err = f.openHours(ctx, day, hours, ok, r.upto); err != nil {
				return nil, err
			}
		}
		for i := range hoursOf(began, ended) {
			h := SignInHour{Start: began.Add(time.Duration(i) * time.Hour)}
			if i < len(hours) {
				n := hours[i]
				h.Silent, h.Interactive, h.People, h.Anonymous, h.Failed, h.Skipped = n[0], n[1], n[2], n[3], n[4], n[5]
			}
			all = append(all, h)
		}
	}
	return all, nil
}

func (f *spanReader) storedHours(ctx context.Context) (map[Day][]hourCount, error) {
	type one struct {
		day   Day
		hours string
	}
	scan := func(row scanner) (o one, err error) { return o, row.Scan(&o.day, &o.hours) }
	rows, err := collect(ctx, f.r, scan, `SELECT day, hours FROM rollup_days WHERE day >= $1 AND day <= $2`, int(f.First), int(f.Last))
	if err != nil {
		return nil, fmt.Errorf("reading hours: %w", err)
	}
	stored := make(map[Day][]hourCount, len(rows))
	for _, o := range rows {
		var hours []hourCount
		if err := json.Unmarshal([]byte(o.hours), &hours); err != nil {
			return nil, fmt.Errorf("reading the hours of %s: %w", o.day, err)
		}
		stored[o.day] = hours
	}
	return stored, nil
}

// openHours are the hours of a day that is not closed. The hour up to which
// its sign-ins are rolled up is counted whole, or people would count twice in
// it.
func (f *spanReader) openHours(ctx context.Context, day Day, stored []hourCount, made bool, upto time.Time) ([]hourCount, error) {
	c := newDayCount(day, f.Zone, (day + 2).Begin(f.Zone))
	whole := 0
	if made {
		whole = min(len(stored), int(upto.Sub(c.began)/time.Hour))
	}
	if day < f.from || day > f.to {
		return stored[:whole], nil
	}
	if err := c.countFrom(ctx, f.r, c.began.Add(time.Duration(whole)*time.Hour)); err != nil {
		return nil, err
	}
	copy(c.hours, stored[:whole])
	counts, err := countsBetween(ctx, f.r, c.began, c.ended)
	if err != nil {
		return nil, err
	}
	addAttempts(c.hours, c.began, counts)
	return c.hours, nil
}
