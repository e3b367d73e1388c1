package auth

import (
	"sync"
	"time"
)

// Some trouble only browsers see: a campus behind one address may get Campus
// One's rate-limit page, and nobody comes back. So silent departures and
// returns are counted in memory per client network.
const (
	returnsWindow = 2 * time.Minute
	returnsGrace  = 20 * time.Second // younger departures may still be on the way
	returnsLeast  = 20               // departures before a judgement
	returnsPause  = 5 * time.Minute
	maxNetworks   = 10_000
	maxDeparted   = 500    // remembered a network
	maxRemembered = 50_000 // in all
)

// returns judges whether people of a network come back from Campus One.
type returns struct {
	mu       sync.Mutex
	now      func() time.Time
	networks map[string]*network
	byID     map[[16]byte]string
}

// network is what was seen of one network lately.
type network struct {
	departed []departed
	pause    time.Time // no silent check before
}

type departed struct {
	id   [16]byte
	at   time.Time
	back bool
}

func newReturns(now func() time.Time) *returns {
	return &returns{now: now, networks: map[string]*network{}, byID: map[[16]byte]string{}}
}

// left notes a silent departure.
func (r *returns) left(id [16]byte, from string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.networks[from]
	if n == nil {
		if len(r.networks) >= maxNetworks {
			r.forget()
		}
		n = &network{}
		r.networks[from] = n
	}
	r.trim(n)
	if len(n.departed) < maxDeparted && len(r.byID) < maxRemembered {
		n.departed = append(n.departed, departed{id: id, at: r.now()})
		r.byID[id] = from
	}
}

// back notes the return of a departure.
func (r *returns) back(id [16]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := r.networks[r.byID[id]]; n != nil {
		for i := range n.departed {
			if n.departed[i].id == id {
				n.departed[i].back = true
			}
		}
	}
	delete(r.byID, id)
}

// backTo notes a return that does not say whose it is: the oldest of its
// network counts as back.
func (r *returns) backTo(to string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.networks[to]
	if n == nil {
		return
	}
	for i := range n.departed {
		if !n.departed[i].back {
			n.departed[i].back = true
			return
		}
	}
}

// paused reports whether silent checks rest for a network: of at least twenty
// departures in two minutes, each older than twenty seconds, under half came
// back.
func (r *returns) paused(from string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.networks[from]
	if n == nil {
		return false
	}
	now := r.now()
	if now.Before(n.pause) {
		return true
	}
	r.trim(n)
	old, back := 0, 0
	for _, d := range n.departed {
		if now.Sub(d.at) < returnsGrace {
			continue
		}
		old++
		if d.back {
			back++
		}
	}
	if old < returnsLeast || back*2 >= old {
		return false
	}
	n.pause = now.Add(returnsPause)
	r.drop(n)
	return true
}

// trim forgets what is older than the window.
func (r *returns) trim(n *network) {
	limit := r.now().Add(-returnsWindow)
	i := 0
	for i < len(n.departed) && n.departed[i].at.Before(limit) {
		delete(r.byID, n.departed[i].id)
		i++
	}
	n.departed = n.departed[i:]
}

func (r *returns) drop(n *network) {
	for _, d := range n.departed {
		delete(r.byID, d.id)
	}
	n.departed = nil
}

// forget makes room for many at once: networks without a recent departure and
// without a pause go, and when too many are busy, any of them.
func (r *returns) forget() {
	for key, n := range r.networks {
		if r.trim(n); len(n.departed) == 0 && r.now().After(n.pause) {
			delete(r.networks, key)
		}
	}
	for key, n := range r.networks {
		if len(r.networks) < maxNetworks*3/4 {
			return
		}
		r.drop(n)
		delete(r.networks, key)
	}
}
