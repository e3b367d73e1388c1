package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"portico/db"
	"portico/db/bulk"
)

// writing is how much is written a second, alone and beside the roll-ups.
type writing struct {
	What   string  `json:"what"`
	Alone  float64 `json:"alone_per_s"`
	Beside float64 `json:"beside_per_s"`
	Ratio  float64 `json:"ratio"` // the middle one of all turns
}

const (
	writers = 32
	turns   = 3
)

// writes measures sign-ins and webhooks, each alone and while all days are
// rolled up once more beside it as the portal does it, in turns.
func writes(ctx context.Context, o order, m *maker) ([]writing, error) {
	var all []writing
	for _, w := range []struct {
		what string
		do   func(context.Context, *maker, int) error
	}{{"sign-ins", signInOnce}, {"webhooks", hookOnce}} {
		one := writing{What: w.what}
		var alone, beside, ratios []float64
		for range turns {
			a, err := rate(ctx, o.writes, func(ctx context.Context, n int) error { return w.do(ctx, m, n) })
			if err != nil {
				return nil, err
			}
			stop := rollingUp(ctx, m)
			b, err := rate(ctx, o.writes, func(ctx context.Context, n int) error { return w.do(ctx, m, n) })
			if err := errors.Join(err, stop()); err != nil {
				return nil, err
			}
			alone, beside, ratios = append(alone, a), append(beside, b), append(ratios, b/a)
		}
		one.Alone, one.Beside, one.Ratio = middle(alone), middle(beside), middle(ratios)
		all = append(all, one)
	}
	return all, nil
}

// rate is how often something is done a second by some at a time.
func rate(ctx context.Context, long time.Duration, do func(context.Context, int) error) (float64, error) {
	ctx, stop := context.WithTimeout(ctx, long)
	defer stop()
	var n atomic.Int64
	errs := make(chan error, writers)
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for ctx.Err() == nil {
				if err := do(context.WithoutCancel(ctx), int(n.Add(1))); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	began := time.Now()
	wg.Wait()
	close(errs)
	return float64(n.Load()) / time.Since(began).Seconds(), <-errs
}

// rollingUp rolls up all days over and over, with the rests that the portal
// makes, until stop.
func rollingUp(ctx context.Context, m *maker) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() {
		var err error
		for err == nil {
			if err = bulk.AskAll(ctx, m.db); err == nil {
				err = m.db.RollUp(ctx, m.zone, time.Now(), resting())
			}
		}
		if ctx.Err() != nil {
			err = nil
		}
		done <- err
	}()
	return func() error {
		cancel()
		return <-done
	}
}

// signInOnce signs somebody in whom the portal knows.
func signInOnce(ctx context.Context, m *maker, n int) error {
	at, who := time.Now(), n*7919%m.People
	_, _, err := m.db.SignIn(ctx, db.SignIn{Provider: provider, Sub: fmt.Sprintf("sub-%d", who), Facts: facts(who, at), RoleSeen: true, Session: db.NewSession{
		TokenHash: rand.Text(), StateHash: rand.Text(), Began: at, Created: at, Expires: at.Add(time.Hour), Idle: time.Hour, Silent: true, Device: "Chrome on Android", Network: "10.0.0.0/24",
	}})
	return err
}

// hookOnce stores a webhook and applies it.
func hookOnce(ctx context.Context, m *maker, n int) error {
	at, sub := time.Now(), fmt.Sprintf("sub-%d", n*7907%m.People)
	fact := db.Fact{Field: db.FieldPhoneNumber, Value: rand.Text(), AsOf: at, Source: db.SourceWebhook}
	v := db.Delivery{Key: rand.Text(), Event: "user.updated", Occurred: at, Received: at, Body: []byte(`{"event":"user.updated"}`), User: sub, Fields: []string{db.FieldPhoneNumber}}
	if _, err := m.db.StoreDelivery(ctx, v); err != nil {
		return err
	}
	_, err := m.db.Apply(ctx, v, db.Effect{Provider: provider, Sub: sub, Facts: []db.Fact{fact}, Create: true})
	if errors.Is(err, db.ErrHeld) { // another writer has the same person in hand
		return nil
	}
	return err
}

// resting makes the worker's rest: four times as long as a step took.
func resting() func(context.Context) error {
	began := time.Now()
	return func(ctx context.Context) error {
		took := time.Since(began)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(slices.Max([]time.Duration{5 * time.Millisecond, 4 * took})):
		}
		began = time.Now()
		return nil
	}
}
