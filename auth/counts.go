package auth

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"portico/db"
)

// Counts counts attempts in memory by hour, kind and fixed reason and writes
// the totals once a minute, so that nobody can fill the database by asking.
type Counts struct {
	mu  sync.Mutex
	n   map[countKey]int
	add func(kind, reason string) // told of each one; nil tells nobody
	db  *db.DB
	log *slog.Logger
	now func() time.Time
}

type countKey struct {
	hour         int64
	kind, reason string
}

// NewCounts makes an empty counter that writes to d.
func NewCounts(d *db.DB, log *slog.Logger, now func() time.Time) *Counts {
	return &Counts{n: map[countKey]int{}, db: d, log: log, now: now}
}

// OnAdd sets who is told of each one, before the first.
func (c *Counts) OnAdd(do func(kind, reason string)) { c.add = do }

// Add counts one. Kind and reason must be fixed names of ours.
func (c *Counts) Add(kind, reason string) {
	hour := c.now().Truncate(time.Hour).Unix()
	c.mu.Lock()
	c.n[countKey{hour, kind, reason}]++
	c.mu.Unlock()
	if c.add != nil {
		c.add(kind, reason)
	}
}

// Run writes the totals once a minute until ctx ends, and once more then.
func (c *Counts) Run(ctx context.Context) {
	for sleep(ctx, time.Minute) {
		c.Flush(ctx)
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	c.Flush(last)
}

// Flush writes what was counted since the last time. What cannot be written
// is kept for the next.
func (c *Counts) Flush(ctx context.Context) {
	c.mu.Lock()
	taken := c.n
	c.n = map[countKey]int{}
	c.mu.Unlock()
	if len(taken) == 0 {
		return
	}
	rows := make([]db.Count, 0, len(taken))
	for k, n := range taken {
		rows = append(rows, db.Count{Hour: time.Unix(k.hour, 0).UTC(), Kind: k.kind, Reason: k.reason, N: n})
	}
	if err := c.db.AddCounts(ctx, rows); err != nil {
		c.log.Error("writing the attempt counts failed; they are kept and written later", "error", err)
		c.giveBack(taken)
	}
}

func (c *Counts) giveBack(taken map[countKey]int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, n := range taken {
		c.n[k] += n
	}
}
