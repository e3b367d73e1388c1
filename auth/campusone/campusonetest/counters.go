package campusonetest

import (
	"maps"
	"net/url"
	"sync"
)

// counters count requests per endpoint.
type counters struct {
	mu sync.Mutex
	n  map[Endpoint]int
}

func (c *counters) add(e Endpoint) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = map[Endpoint]int{}
	}
	c.n[e]++
}

// Requests returns how many requests each endpoint has had.
func (s *Server) Requests() map[Endpoint]int {
	s.counters.mu.Lock()
	defer s.counters.mu.Unlock()
	return maps.Clone(s.counters.n)
}

// Count returns how many requests one endpoint has had.
func (s *Server) Count(e Endpoint) int { return s.Requests()[e] }

// LastAuthorize returns the parameters of the newest authorize request, or
// nil before the first.
func (s *Server) LastAuthorize() url.Values {
	if q := s.lastAuthorize.Load(); q != nil {
		return *q
	}
	return nil
}
