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

	"github.com/alexedwards/scs/v2"

	"portico/cmd/internal/process"
	"portico/db"
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
	r, err := b.signInAll(ctx, b.host, 0, active)
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
	tokens, err := b.store(ctx)
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
func (b *bench) store(ctx context.Context) ([]string, error) {
	d, err := b.open(ctx)
	if err != nil {
		return nil, err
	}
	tokens := make([]string, stored)
	for i := range tokens {
		var random [32]byte
		_, _ = rand.Read(random[:]) // never fails
		tokens[i] = base64.RawURLEncoding.EncodeToString(random[:])
	}
	users, err := b.users(ctx, d)
	if err == nil {
		err = bulk.Sessions(ctx, d, sessionsOf(tokens, users, time.Now()))
	}
	return tokens, errors.Join(err, d.Close())
}

// users are the people who were let in.
func (b *bench) users(ctx context.Context, d *db.DB) (all []db.User, err error) {
	for n := range active {
		u, err := d.UserBySub(ctx, b.provider.Issuer(), subOf(n))
		if err != nil {
			return nil, err
		}
		all = append(all, u)
	}
	return all, nil
}

func sessionsOf(tokens []string, users []db.User, began time.Time) iter.Seq[bulk.Session] {
	return func(yield func(bulk.Session) bool) {
		expires := began.Add(storedLife)
		for i, token := range tokens {
			u, hash := users[i%len(users)], sha256.Sum256([]byte(token))
			data, err := scs.GobCodec{}.Encode(expires, map[string]any{"user": u.Sub})
			if err != nil {
				panic(err) // a text is always encoded
			}
			s := bulk.Session{Hash: base64.RawURLEncoding.EncodeToString(hash[:]), UserID: u.ID, Began: began, Expires: expires, Idle: storedLife, Data: data}
			if !yield(s) {
				return
			}
		}
	}
}
