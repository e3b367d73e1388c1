package auth

import (
	"slices"
	"sync"
	"time"
)

// pace lets at most so many things happen in any stretch of time of a length,
// all of them at once if nobody needed it before. A bucket that fills evenly
// could promise the same only by letting half as many through in the long run.
type pace struct {
	most int
	in   time.Duration

	mu   sync.Mutex
	took []time.Time // the latest, at most most of them
}

func newPace(most int, in time.Duration) *pace { return &pace{most: max(1, most), in: in} }

// take counts something that happens whatever the pace.
func (p *pace) take(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.add(now)
}

func (p *pace) add(now time.Time) {
	if len(p.took) == p.most {
		p.took = slices.Delete(p.took, 0, 1)
	}
	p.took = append(p.took, now)
}

// allow counts something if it may happen now and still leave so many to
// others within that time.
func (p *pace) allow(now time.Time, leave int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Before(p.from(leave)) {
		return false
	}
	p.add(now)
	return true
}

// next is the first moment at which allow says yes.
func (p *pace) next(leave int) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.from(leave)
}

func (p *pace) from(leave int) time.Time {
	may := max(1, p.most-leave)
	if len(p.took) < may {
		return time.Time{}
	}
	return p.took[len(p.took)-may].Add(p.in)
}
