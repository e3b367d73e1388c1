package db

import (
	"context"
	"fmt"
	"time"
)

// RollupStatus is how the roll-ups that reports are made from are doing.
type RollupStatus struct {
	AsOf    time.Time // when some day was last counted; zero: none was yet
	Behind  int       // past days that are still to be counted, or counted anew
	Recount Recount   // the last check of a past day
}

// RollupStatus reads it.
func (d *DB) RollupStatus(ctx context.Context, zone *time.Location, now time.Time) (s RollupStatus, err error) {
	due, err := d.RollupDue(ctx, zone, now)
	if err != nil {
		return s, err
	}
	s.Behind = len(due) - 1
	if err = d.read.QueryRowContext(ctx, `SELECT coalesce(max(made), 0) FROM rollup_days`).Scan(moment{&s.AsOf}); err != nil {
		return s, fmt.Errorf("reading when days were counted: %w", err)
	}
	s.Recount, err = d.LastRecount(ctx)
	return s, err
}
