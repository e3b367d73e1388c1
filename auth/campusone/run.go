package campusone

import (
	"context"
	"time"
)

// Run probes the provider and re-reads discovery and keys hourly, until ctx
// ends. The probe is the discovery document itself, so a re-read costs no
// request of its own.
func (p *Provider) Run(ctx context.Context) {
	for ctx.Err() == nil {
		p.tick(ctx)
		select {
		case <-ctx.Done():
		case <-p.after(p.pause()):
		}
	}
}

// pause is the time to the next probe: shorter while nothing is known.
func (p *Provider) pause() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.meta == nil && p.failures > 0 {
		return backoff(p.failures)
	}
	return probeEvery
}

func (p *Provider) tick(ctx context.Context) {
	m, known := p.known(ctx)
	a, err := p.document(ctx)
	if ctx.Err() != nil {
		return // stopping is not the provider's fault
	}
	was := p.breaker.isOpen()
	p.breaker.probe(err == nil || a.status >= 400 && a.status < 500)
	if is := p.breaker.isOpen(); is != was {
		p.log.Warn("whether Campus One answers has changed", "away", is, "reason", Reason(err))
	}
	switch {
	case err != nil:
		p.discoveryFailed(err)
	case !known || p.now().Sub(m.At) >= rereadEvery:
		_, _ = p.adopt(ctx, a) // a refusal is noted there; the last good one stays
	default:
		p.answered()
	}
	p.keys.recall(ctx)
	if _, at := p.keys.state(); at.IsZero() || p.now().Sub(at) >= rereadEvery {
		_ = p.keys.fetch(ctx) // noted there; the last good keys stay
	}
}

// answered ends a row of failures.
func (p *Provider) answered() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failures = 0
}
