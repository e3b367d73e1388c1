package auth

import (
	"context"
	"maps"
	"sync"
	"time"

	"portico/db"
)

// lastSeen holds when sessions were last used until the database knows it: a
// page view writes nothing, and what is not written yet still counts when a
// session must be read again.
type lastSeen struct {
	turn sync.Mutex // one flush at a time: who asks for one knows all is written after it

	mu      sync.Mutex
	waiting map[string]time.Time // by token hash
	writing map[string]time.Time
}

func newLastSeen() *lastSeen { return &lastSeen{waiting: map[string]time.Time{}} }

func (s *lastSeen) note(hash string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting[hash] = at
}

// of is the last use that the database may not know; the zero time when it
// knows all.
func (s *lastSeen) of(hash string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, ok := s.waiting[hash]; ok {
		return at
	}
	return s.writing[hash]
}

// flush writes what waits, and keeps it when that fails. It says how many
// sessions it was about.
func (s *lastSeen) flush(ctx context.Context, d *db.DB) (int, error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	s.mu.Lock()
	taken := s.waiting
	s.waiting, s.writing = map[string]time.Time{}, taken
	s.mu.Unlock()
	if len(taken) == 0 {
		return 0, nil
	}
	err := d.Touch(ctx, taken)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		maps.Copy(taken, s.waiting) // a later view counts
		s.waiting = taken
	}
	s.writing = nil
	return len(taken), err
}

// saw notes that a session was used; the database hears of it at most once a
// minute, off the request's path.
func (g *Guard) saw(hash string, e *entry) {
	now := g.now().UnixMicro()
	e.lastSeen.Store(now)
	written := e.written.Load()
	if now-written >= touchEvery.Microseconds() && e.written.CompareAndSwap(written, now) {
		g.seen.note(hash, time.UnixMicro(now))
	}
}

// flushLoop writes when sessions were last seen and removes old rows in small
// steps, until ctx ends; then it writes what is left.
func (g *Guard) flushLoop(ctx context.Context) {
	purge := g.now()
	for sleep(ctx, flushEvery) {
		g.flush(ctx)
		if g.now().Sub(purge) < time.Minute {
			continue
		}
		purge = g.now()
		if _, err := g.db.PurgeSessions(ctx, purge, 500); err != nil && ctx.Err() == nil {
			g.log.Error("removing old sessions failed; it is tried again in a minute", "error", err)
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	g.flush(last)
}

func (g *Guard) flush(ctx context.Context) {
	if n, err := g.seen.flush(ctx, g.db); err != nil && ctx.Err() == nil {
		g.log.Error("noting when sessions were last seen failed; it is tried again", "sessions", n, "error", err)
	}
}

// sleep waits for d and reports whether ctx still lives.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
