package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"iter"
	"time"

	"portico/cmd/internal/process"
	"portico/db/bulk"
)

const (
	active     = 1_000 // people whose pages are asked for
	stored     = 1_000_000
	wandering  = 50_000 // of those stored, asked for once each: more than the portal keeps in memory
	storedLife = 24 * time.Hour
)

// manySessions asks for pages of a thousand people before and after a million
// sessions more are stored, each time beside the bare server. Then it asks for
// pages of far more people than the portal keeps in memory.
func manySessions(ctx context.Context, b *bench) error {
	r, err := b.letIn(ctx, active)
	if err != nil {
		return err
	}
	if r.Failed > 0 {
		return fmt.Errorf("%d of %d did not come in: %s", r.Failed, active, r.First)
	}
	few, err := b.dashboards(ctx, r.Sessions)
	if err != nil {
		return err
	}
	tokens, err := b.store(ctx, r.Sessions)
	if err != nil {
		return err
	}
	many, err := b.dashboards(ctx, r.Sessions)
	if err != nil {
		return err
	}
	b.report.atLeast("page views, 1,000,000 sessions stored", many/few, 0.9, "of those at 1,000", fmt.Sprintf("%.2f and %.2f of bare", many, few))
	order := viewsOrder{Address: b.host, Requests: b.asking(tokens[:wandering]), Connections: busy, Once: true}
	if _, err := client[viewsOrder, viewsResult](ctx, b, "views", order); err != nil {
		return err
	}
	rss, err := process.Memory(b.portal.Pid(), "VmRSS")
	b.report.atMost("resident memory, 1,000,000 sessions stored", rss, 200, "MB", fmt.Sprintf("after %d of them had asked for a page", wandering))
	return err
}

// asking are the requests of these sessions for their dashboards.
func (b *bench) asking(sessions []string) (all []string) {
	for _, s := range sessions {
		all = append(all, string(wire(b.request("/dashboard", map[string]string{"Cookie": "session=" + s}))))
	}
	return all
}

// dashboards is the rate of these people's pages beside the bare server's, the
// middle of all rounds.
func (b *bench) dashboards(ctx context.Context, sessions []string) (float64, error) {
	s, err := b.sample("/dashboard", map[string]string{"Cookie": "session=" + sessions[0]})
	if err != nil {
		return 0, err
	}
	bare, address, err := b.bareWith(ctx, map[string]sample{"/dashboard": s})
	if err != nil {
		return 0, err
	}
	defer bare.Kill()
	order := viewsOrder{Requests: b.asking(sessions), Connections: busy, For: b.each}
	var ratios []float64
	var ours, theirs spent
	for range b.rounds + 1 { // in the first one the portal reads them
		mine, err := b.rate(ctx, order, b.host, b.portal, &ours)
		if err != nil {
			return 0, err
		}
		its, err := b.rate(ctx, order, address, bare, &theirs)
		if err != nil {
			return 0, err
		}
		ratios = append(ratios, mine/its)
	}
	return middle(ratios[1:]), nil
}

// store puts a million sessions of the same people beside those there are and
// returns their cookies.
func (b *bench) store(ctx context.Context, there []string) (tokens []string, err error) {
	d, err := b.open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	var people []bulk.Session
	for n, token := range there {
		u, err := d.UserBySub(ctx, b.provider.Issuer(), subOf(n))
		if err != nil {
			return nil, err
		}
		data, err := bulk.SessionData(ctx, d, hashOf(token))
		if err != nil {
			return nil, err
		}
		people = append(people, bulk.Session{UserID: u.ID, Data: data})
	}
	for range stored {
		var random [32]byte
		_, _ = rand.Read(random[:]) // never fails
		tokens = append(tokens, base64.RawURLEncoding.EncodeToString(random[:]))
	}
	return tokens, bulk.Sessions(ctx, d, sessionsOf(tokens, people, time.Now()))
}

// hashOf is how the database knows a session.
func hashOf(token string) string {
	hash := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(hash[:])
}

// sessionsOf shares tokens out among people.
func sessionsOf(tokens []string, people []bulk.Session, began time.Time) iter.Seq[bulk.Session] {
	return func(yield func(bulk.Session) bool) {
		for i, token := range tokens {
			s := people[i%len(people)]
			s.Hash, s.Began, s.Expires, s.Idle = hashOf(token), began, began.Add(storedLife), storedLife
			if !yield(s) {
				return
			}
		}
	}
}
