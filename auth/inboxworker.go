package auth

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"portico/auth/campusone"
	"portico/db"
)

const (
	firstPause   = time.Second
	longestPause = time.Hour
	mostTries    = 10

	batch      = 256              // deliveries read at once
	atOnce     = 8                // people worked on at the same time
	lookEvery  = 15 * time.Second // for what another process took and left behind
	stepWithin = 30 * time.Second // a step in hand is finished, but not waited for without end
)

// Wake has the worker look at once.
func (in *Inbox) Wake() {
	select {
	case in.wake <- struct{}{}:
	default:
	}
}

// hear has the worker look without delay at what was retried or given up by
// hand, in whatever process.
func (in *Inbox) hear(c db.Change) {
	if c.Kind == "delivery" || c.Kind == "all" {
		in.Wake()
	}
}

// Run applies what is due until ctx ends; then it finishes the step in hand.
// It reads the database when something arrives or a pause is over, and else
// every 15 seconds.
func (in *Inbox) Run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		for in.work(ctx) {
		}
		select {
		case <-ctx.Done():
			return
		case <-in.wake:
		case <-tick.C:
		}
	}
}

// work applies a batch and reports whether there may be more. A batch of which
// nothing could even be noted leaves the rest for later.
func (in *Inbox) work(ctx context.Context) bool {
	if ctx.Err() != nil {
		return false
	}
	due, err := in.db.Due(ctx, in.now(), batch)
	if err != nil {
		if ctx.Err() == nil {
			in.log.Error("reading the webhook inbox failed; it is read again within seconds", "error", err)
		}
		return false
	}
	return in.applyAll(ctx, due)
}

// applyAll works on several people at once and on the deliveries about one of
// them in order; it reports whether any came further.
func (in *Inbox) applyAll(ctx context.Context, due []db.Delivery) bool {
	var people []string
	about := map[string][]db.Delivery{}
	for _, d := range due {
		if _, met := about[d.User]; !met {
			people = append(people, d.User)
		}
		about[d.User] = append(about[d.User], d)
	}
	var wg sync.WaitGroup
	free, moved := make(chan struct{}, atOnce), make(chan struct{}, 1)
	for _, who := range people {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			for _, d := range about[who] {
				if ctx.Err() == nil && in.apply(ctx, d) {
					select {
					case moved <- struct{}{}:
					default:
					}
				}
			}
		})
	}
	wg.Wait()
	return len(moved) > 0
}

// apply takes one delivery a step further and reports whether it did.
func (in *Inbox) apply(ctx context.Context, d db.Delivery) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stepWithin)
	defer cancel()
	err := in.try(ctx, d)
	switch {
	case err == nil:
		return true
	case errors.Is(err, db.ErrNotPending):
		return true // another process was at it
	case errors.Is(err, db.ErrHeld):
		return false
	}
	return in.failed(ctx, d, err)
}

// try applies a delivery. What panics has failed, and must not stop the rest.
func (in *Inbox) try(ctx context.Context, d db.Delivery) (err error) {
	defer func() {
		if p := recover(); p != nil {
			in.log.Error("applying a webhook panicked", "delivery", d.Key, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = errors.New("a fault in the program; the log has the details")
		}
	}()
	effect, err := in.effect(d)
	if err != nil {
		return err
	}
	state, err := in.db.Apply(ctx, d, effect)
	if err != nil {
		return err
	}
	in.log.Info("a webhook was applied", "event", d.Event, "delivery", d.Key, "state", state)
	if state == db.StateSuperseded {
		in.counts.Add(CountWebhook, CountSuperseded)
	} else {
		in.counts.Add(CountWebhook, CountApplied)
	}
	return nil
}

// failed notes an attempt that failed and reports whether it could.
func (in *Inbox) failed(ctx context.Context, d db.Delivery, cause error) bool {
	wait, dead := pause(d.Attempts), d.Attempts+1 >= mostTries
	in.log.Error("applying a webhook failed", "event", d.Event, "delivery", d.Key, "attempt", d.Attempts+1, "given_up", dead, "error", cause)
	err := in.db.FailDelivery(ctx, d, cause.Error(), in.now().Add(wait), dead)
	switch {
	case errors.Is(err, db.ErrNotPending):
		return true
	case err != nil:
		in.log.Error("noting a failed webhook failed; it is tried again within seconds", "delivery", d.Key, "error", err)
		return false
	}
	in.counts.Add(CountWebhook, CountFailed)
	if dead {
		in.counts.Add(CountWebhook, CountDead)
	} else if wait < lookEvery {
		time.AfterFunc(wait, in.Wake) // a longer one ends at some look
	}
	return true
}

// pause grows from a second to an hour.
func pause(attempts int) time.Duration {
	p := firstPause
	for range attempts {
		p *= 3
	}
	return min(p, longestPause)
}

// effect is what an event does.
func (in *Inbox) effect(d db.Delivery) (db.Effect, error) {
	event, err := campusone.ParseEvent(d.Body)
	if err != nil {
		return db.Effect{}, err
	}
	e := db.Effect{Provider: in.provider, Sub: d.User, Create: true}
	switch d.Event {
	case campusone.EventRoleChanged, campusone.EventUserUpdated, campusone.EventUserCreated:
		e.RoleChange = d.Event == campusone.EventRoleChanged
		e.Facts = event.FactsAsOf(d.Occurred)
	case campusone.EventSignedOut:
		e.EndBefore, e.EndWhy = d.Occurred, "signed out of Campus One"
	case campusone.EventDisconnected:
		e.EndBefore, e.EndWhy, e.DropTokens = d.Occurred, "disconnected at Campus One", true
	case campusone.EventUserDeleted:
		e.Delete, e.EndBefore, e.EndWhy = true, d.Occurred, "deleted at Campus One"
	default:
		return e, fmt.Errorf("the event %q changes nothing here", d.Event)
	}
	return e, nil
}
