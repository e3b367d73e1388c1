package auth

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"portico/auth/campusone"
)

// Somebody who sends made-up codes makes the portal ask Campus One in vain,
// until Campus One stops answering the portal at all. So exchanges are counted
// per client network. Where many failed and they outnumber the good ones,
// exchanges are not refused, since a whole campus may share the address: they
// wait for a pass. Passes come at a slow pace, and two with every good
// exchange, so that a crowd of people soon goes through as fast as ever, also
// while somebody beside them sends junk. Only who waits too long is told to
// try again.
const (
	junkWindow = time.Minute
	junkMany   = 20
	junkPace   = 5.0 // passes a second
	junkBurst  = 5
	junkCredit = 2 // passes for a good exchange
	junkWait   = 3 * time.Second
	junkLook   = 50 * time.Millisecond // between two looks for a pass, on average
	maxJunk    = 10_000                // networks
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
	passes    float64
	filled    time.Time
}

func newJunk(now func() time.Time) *junk {
	return &junk{now: now, networks: map[string]*exchanges{}}
}

// wait holds an exchange back where too many failed; ErrBusy when it would
// take too long.
func (j *junk) wait(ctx context.Context, from string) error {
	if j.pass(from) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, junkWait)
	defer cancel()
	// Were all to look in step, those of one beat could keep the passes among
	// themselves.
	for sleep(ctx, junkLook/2+rand.N(junkLook)) {
		if j.pass(from) {
			return nil
		}
	}
	return fmt.Errorf("too many failed sign-ins from this network: %w", campusone.ErrBusy)
}

// pass lets one exchange go, or tells it to wait.
func (j *junk) pass(from string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	e := j.networks[from]
	if e == nil || j.now().Sub(e.since) > junkWindow || e.bad < junkMany || e.bad <= e.good {
		return true
	}
	if more := j.now().Sub(e.filled).Seconds() * junkPace; e.passes < junkBurst {
		e.passes = min(junkBurst, e.passes+more)
	}
	e.filled = j.now()
	if e.passes < 1 {
		return false
	}
	e.passes--
	return true
}

// note counts how an exchange ended.
func (j *junk) note(from string, good bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	e := j.networks[from]
	if e == nil || j.now().Sub(e.since) > junkWindow {
		e = &exchanges{since: j.now(), passes: junkBurst, filled: j.now()}
		if len(j.networks) >= maxJunk {
			j.sweep()
		}
		j.networks[from] = e
	}
	if good {
		e.good++
		e.passes += junkCredit
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
