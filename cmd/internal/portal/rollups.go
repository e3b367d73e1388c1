package portal

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"portico/auth"
	"portico/db"
)

const (
	rollupFirst = 2 * time.Second // what people wait for at a start goes first
	rollupEvery = time.Minute
	matchEvery  = 10 * time.Minute

	// After each step the worker rests for this many times as long as the step
	// took, so that it takes a fifth of one core at most.
	restShare = 4
	restLeast = 5 * time.Millisecond
	restMost  = time.Second
)

// Rollups keeps the figures of reports counted, in one process at a time and
// off every path that somebody waits on. A report is right without it, since
// what is not rolled up is counted from its rows; it is fast with it.
type Rollups struct {
	db    *db.DB
	names auth.Names
	zone  *time.Location
	log   *slog.Logger
	now   func() time.Time

	round   sync.Mutex // held for a round
	matched time.Time  // when it was last counted for whom items are
}

// Run counts what is to be counted, every minute, until ctx ends.
func (r *Rollups) Run(ctx context.Context) {
	for wait := rollupFirst; ; wait = rollupEvery {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		r.Round(ctx)
	}
}

// Round counts what is to be counted now, unless another process is at it.
func (r *Rollups) Round(ctx context.Context) {
	r.round.Lock()
	defer r.round.Unlock()
	_, err := r.db.Alone(ctx, "rollups", func(ctx context.Context) error {
		if err := r.db.RollUp(ctx, r.zone, r.now(), resting()); err != nil {
			return err
		}
		return r.match(ctx)
	})
	if err != nil && ctx.Err() == nil {
		r.log.Error("counting for reports failed; it is tried again in a minute, and reports count by themselves until then", "error", err)
	}
}

// CatchUp counts all that is to be counted, without a rest.
func (r *Rollups) CatchUp(ctx context.Context) error {
	r.round.Lock()
	defer r.round.Unlock()
	if err := r.db.RollUp(ctx, r.zone, r.now(), func(ctx context.Context) error { return ctx.Err() }); err != nil {
		return err
	}
	r.matched = time.Time{}
	return r.match(ctx)
}

// match counts for whom items are: at once for those that changed, for all
// every ten minutes, since people change too.
func (r *Rollups) match(ctx context.Context) error {
	now := r.now()
	if age := now.Sub(r.matched); age >= 0 && age < matchEvery {
		n, err := r.db.Unmatched(ctx)
		if err != nil || n == 0 {
			return err
		}
	}
	if err := auth.MatchAll(ctx, r.db, r.names, now); err != nil {
		return err
	}
	r.matched = now
	return nil
}

// resting makes the rest between steps: longer after longer ones.
func resting() func(context.Context) error {
	began := time.Now()
	return func(ctx context.Context) error {
		took := time.Since(began)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(restMost, max(restLeast, restShare*took))):
		}
		began = time.Now()
		return nil
	}
}
