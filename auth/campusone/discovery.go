package campusone

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	rereadEvery    = time.Hour   // discovery and keys, by Run
	surpriseEvery  = time.Minute // for an unexpected issuer or key
	longestBackoff = 30 * time.Second
	cacheWait      = time.Second
)

// Metadata is what is known of the provider: from memory, else the last good
// answer in the cache, else fetched. Concurrent fetches are one request.
func (p *Provider) Metadata(ctx context.Context) (Metadata, error) {
	if m, ok := p.known(ctx); ok {
		return m, nil
	}
	p.mu.Lock()
	wait := p.now().Before(p.nextTry)
	p.mu.Unlock()
	if wait {
		return Metadata{}, busy("discovery")
	}
	return p.discover(ctx)
}

// known is the metadata without the network.
func (p *Provider) known(ctx context.Context) (Metadata, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.meta == nil && !p.looked && p.cache != nil {
		p.looked = true
		p.meta = p.remembered(ctx)
	}
	if p.meta == nil {
		return Metadata{}, false
	}
	return *p.meta, true
}

// remembered reads the cache. What no longer fits the configuration counts as
// absent, and so does a cache that fails: the provider is asked instead.
func (p *Provider) remembered(ctx context.Context) *Metadata {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cacheWait)
	defer cancel()
	body, at, err := p.cache.Cached(ctx, p.discoveryKey())
	if err != nil {
		return nil
	}
	m, err := parseMetadata(body, p.cfg.DiscoveryURL, p.cfg.Issuers)
	if err != nil {
		return nil
	}
	m.At = at
	p.keys.use(m.Keys)
	return &m
}

func (p *Provider) discoveryKey() string { return "discovery " + p.cfg.DiscoveryURL }

// discover fetches and adopts the document. The fetch outlives an impatient
// caller, since others may be waiting for the same one.
func (p *Provider) discover(ctx context.Context) (Metadata, error) {
	return joined(ctx, &p.flight, "discovery", func(ctx context.Context) (Metadata, error) {
		a, err := p.document(ctx)
		if err != nil {
			p.discoveryFailed(err)
			return Metadata{}, err
		}
		return p.adopt(ctx, a)
	})
}

// joined runs fn once for all callers of the same key at the same time.
func joined[T any](ctx context.Context, g *singleflight.Group, key string, fn func(context.Context) (T, error)) (T, error) {
	done := g.DoChan(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestLimit)
		defer cancel()
		return fn(ctx)
	})
	select {
	case <-ctx.Done():
		var none T
		return none, troubled(ctx.Err())
	case r := <-done:
		v, _ := r.Val.(T)
		return v, r.Err
	}
}

// document fetches the discovery document; any answer but 2xx is an error.
func (p *Provider) document(ctx context.Context) (answer, error) {
	if !safeAddress(p.cfg.DiscoveryURL) {
		return answer{}, refused("address")
	}
	a, err := p.get(ctx, p.cfg.DiscoveryURL, "")
	switch {
	case err != nil:
		return a, err
	case a.status >= 500 || a.status == 429:
		return a, busy("discovery_status")
	case !a.ok():
		return a, refused("discovery_status")
	}
	return a, nil
}

// adopt makes a fetched document the one in use, if it is acceptable.
func (p *Provider) adopt(ctx context.Context, a answer) (Metadata, error) {
	m, err := parseMetadata(a.body, p.cfg.DiscoveryURL, p.cfg.Issuers)
	if err != nil {
		p.discoveryFailed(err)
		return Metadata{}, err
	}
	m.At = p.now()
	p.mu.Lock()
	p.meta, p.looked, p.failures = &m, true, 0
	p.mu.Unlock()
	p.keys.use(m.Keys)
	p.save(ctx, p.discoveryKey(), a.body, m.At)
	return m, nil
}

// save keeps a good answer. Failing to is no reason to refuse the answer.
func (p *Provider) save(ctx context.Context, key string, body []byte, at time.Time) {
	if p.cache == nil {
		return
	}
	if err := p.cache.Cache(ctx, key, body, at); err != nil {
		p.log.Warn("an answer of Campus One could not be kept for a restart", "error", err)
	}
}

func (p *Provider) discoveryFailed(err error) {
	p.note(err)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failures++
	p.nextTry = p.now().Add(backoff(p.failures))
	if p.failures == 1 {
		p.log.Warn("Campus One's discovery could not be read", "reason", Reason(err), "known", p.meta != nil)
	}
}

// backoff doubles from a second up to its limit.
func backoff(failures int) time.Duration {
	return min(time.Second<<min(failures-1, 10), longestBackoff)
}

// CheckResponseIssuer judges the iss parameter of an authorization response
// (RFC 9207). An allowed issuer other than the known one may mean that the
// provider has moved: discovery is re-read once, then it decides.
func (p *Provider) CheckResponseIssuer(ctx context.Context, iss string, present bool) error {
	m, err := p.Metadata(ctx)
	if err != nil {
		return err
	}
	if !present {
		if m.ResponseIssuer {
			return refused("iss")
		}
		return nil
	}
	if m = p.settleIssuer(ctx, m, iss); iss != m.Issuer {
		return refused("iss")
	}
	return nil
}

// AdvertisesIssuer reports whether discovery promises iss in each response.
func (p *Provider) AdvertisesIssuer() bool {
	m, ok := p.known(context.Background())
	return ok && m.ResponseIssuer
}

// settleIssuer returns the metadata to judge iss by: m, or what a re-read
// brings when iss is allowed and differs. At most one re-read a minute.
func (p *Provider) settleIssuer(ctx context.Context, m Metadata, iss string) Metadata {
	if iss == m.Issuer || !slices.Contains(p.cfg.Issuers, iss) {
		return m
	}
	fresh, err := joined(ctx, &p.flight, "reread", func(ctx context.Context) (Metadata, error) {
		p.mu.Lock()
		early := p.now().Sub(p.reread) < surpriseEvery
		if !early {
			p.reread = p.now()
		}
		p.mu.Unlock()
		if early {
			return p.Metadata(ctx)
		}
		return p.discover(ctx)
	})
	if err != nil {
		return m
	}
	return fresh
}
