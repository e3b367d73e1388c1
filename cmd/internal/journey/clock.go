package journey

import (
	"slices"
	"sync"
	"time"
)

// Clock is a clock that a test moves. The portal and its Campus One go by it;
// what they wait for on the network still takes real time.
type Clock struct {
	mu     sync.Mutex
	now    time.Time
	timers []timer
	armed  chan struct{} // holds one when a timer was set
}

type timer struct {
	at    time.Time
	fires chan time.Time
}

// NewClock is a clock that stands at the machine's time.
func NewClock() *Clock {
	return &Clock{now: time.Now().Truncate(time.Second), armed: make(chan struct{}, 1)}
}

// Now is what it shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// After sets a timer.
func (c *Clock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := timer{c.now.Add(d), make(chan time.Time, 1)}
	c.timers = append(c.timers, t)
	select {
	case c.armed <- struct{}{}:
	default:
	}
	return t.fires
}

// Ready waits until the first timer is set: the portal has looked at Campus
// One once.
func (c *Clock) Ready() { <-c.armed }

// Advance moves the clock. When that lets a timer fire, it waits until what
// waited for it has finished and waits again.
func (c *Clock) Advance(d time.Duration) {
	if c.advance(d) {
		<-c.armed
	}
}

func (c *Clock) advance(d time.Duration) (fired bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.timers = slices.DeleteFunc(c.timers, func(t timer) bool {
		if t.at.After(c.now) {
			return false
		}
		t.fires <- c.now
		fired = true
		return true
	})
	return fired
}
