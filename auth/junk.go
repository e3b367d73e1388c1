package auth

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"portico/auth/campusone"
)

// Somebody who sends made-up codes makes the portal ask Campus One in vain,
// until Campus One stops answering the portal at all. So failed exchanges are
// counted per client network. Where they are many and outnumber the good ones,
// exchanges are not refused, since a whole campus may share the address: they
// queue at a slow pace, and only who would wait too long is told to try again.
const (
	junkWindow = time.Minute
	junkMany   = 20
	junkPace   = 500 * time.Millisecond
	junkBurst  = 3
	junkWait   = 3 * time.Second
	maxJunk    = 10_000 // networks
)

type junk struct {
	mu       sync.Mutex
	now      func() time.Time
	networks map[string]*exchanges
}

// exchanges counts a network's exchanges of the present window.
type exchanges struct {
	since     time.Time
	good, bad int
	slow      *rate.Limiter
}

func newJunk(now func() time.Time) *junk {
	return &junk{now: now, networks: map[string]*exchanges{}}
}

// wait holds an exchange back where too many failed; ErrBusy when it would
// take too long.
func (j *junk) wait(ctx context.Context, from string) error {
	slow := j.limiter(from)
	if slow == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, junkWait)
	defer cancel()
	if err := slow.Wait(ctx); err != nil {
		return fmt.Errorf("too many failed sign-ins from this network: %w", campusone.ErrBusy)
	}
	return nil
}

func (j *junk) limiter(from string) *rate.Limiter {
	j.mu.Lock()
	defer j.mu.Unlock()
	e := j.networks[from]
	if e == nil || j.now().Sub(e.since) > junkWindow || e.bad < junkMany || e.bad <= e.good {
		return nil
	}
	return e.slow
}

// note counts how an exchange ended.
func (j *junk) note(from string, good bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	e := j.networks[from]
	if e == nil || j.now().Sub(e.since) > junkWindow {
		e = &exchanges{since: j.now(), slow: rate.NewLimiter(rate.Every(junkPace), junkBurst)}
		if len(j.networks) >= maxJunk {
			j.sweep()
		}
		j.networks[from] = e
	}
	if good {
		e.good++
	} else {
		e.bad++
	}
}

// sweep forgets old windows, and when all are new, everything: the counts are
// a brake, not a wall.
func (j *junk) sweep() {
	for key, e := range j.networks {
		if j.now().Sub(e.since) > junkWindow {
			delete(j.networks, key)
		}
	}
	if len(j.networks) >= maxJunk {
		clear(j.networks)
	}
}
