package campusone

import (
	"sync"
	"time"
)

const (
	probeEvery     = 30 * time.Second
	badProbes      = 3 // in a row, to open
	goodProbes     = 2 // in a row, to close
	tokenTroubles  = 5 // within tokenTroubleIn, to open
	tokenTroubleIn = 30 * time.Second
)

// breaker decides whether Campus One is away. Two voices feed it: a small
// probe, and the token endpoint. Only silence and 5xx count against the
// provider; a 4xx is an answer.
type breaker struct {
	mu       sync.Mutex
	open     bool
	bad      int // failed probes in a row
	good     int // good probes in a row
	troubles []time.Time
}

// probe takes the outcome of one probe.
func (b *breaker) probe(good bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !good {
		b.bad, b.good = b.bad+1, 0
		b.open = b.open || b.bad >= badProbes
		return
	}
	b.bad, b.good = 0, b.good+1
	if b.open && b.good >= goodProbes {
		b.open, b.troubles = false, nil
	}
}

// trouble takes one time-out or 5xx of the token endpoint.
func (b *breaker) trouble(at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.troubles = append(b.troubles, at)
	if len(b.troubles) < tokenTroubles {
		return
	}
	b.troubles = b.troubles[len(b.troubles)-tokenTroubles:]
	if !b.open && at.Sub(b.troubles[0]) <= tokenTroubleIn {
		b.open, b.good = true, 0
	}
}

func (b *breaker) isOpen() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.open
}
