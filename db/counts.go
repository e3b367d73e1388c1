package db

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Count is how often something happened in an hour.
type Count struct {
	Hour         time.Time
	Kind, Reason string
	N            int
}

// AddCounts adds to what is stored.
func (d *DB) AddCounts(ctx context.Context, counts []Count) error {
	// In one order, for two processes that add to the same rows can wait for each other.
	counts = slices.SortedFunc(slices.Values(counts), func(a, b Count) int {
		return cmp.Or(a.Hour.Compare(b.Hour), strings.Compare(a.Kind, b.Kind), strings.Compare(a.Reason, b.Reason))
	})
	return d.write(ctx, Relaxed, func(t *Tx) error {
		for _, c := range counts {
			if err := t.count(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *Tx) count(ctx context.Context, c Count) error {
	_, err := t.ExecContext(ctx, `INSERT INTO counts (hour, kind, reason, n) VALUES ($1, $2, $3, $4)
		ON CONFLICT (hour, kind, reason) DO UPDATE SET n = counts.n + excluded.n`, micros(c.Hour.Truncate(time.Hour)), c.Kind, c.Reason, c.N)
	if err != nil {
		return fmt.Errorf("adding to the count of %s: %w", c.Kind, err)
	}
	return t.late(ctx, c.Hour.Truncate(time.Hour).Add(time.Hour))
}

// CountsBetween lists the counts of the hours from one moment to before another.
func (d *DB) CountsBetween(ctx context.Context, from, to time.Time) ([]Count, error) {
	return countsBetween(ctx, d.read, from, to)
}

func countsBetween(ctx context.Context, r reader, from, to time.Time) ([]Count, error) {
	scan := func(row scanner) (c Count, err error) {
		err = row.Scan(moment{&c.Hour}, &c.Kind, &c.Reason, &c.N)
		return c, err
	}
	all, err := collect(ctx, r, scan, `SELECT hour, kind, reason, n FROM counts WHERE hour >= $1 AND hour < $2 ORDER BY hour, kind, reason`, micros(from), micros(to))
	if err != nil {
		return nil, fmt.Errorf("reading counts: %w", err)
	}
	return all, nil
}
