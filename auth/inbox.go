package auth

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"portico/auth/campusone"
	"portico/db"
)

const (
	staleAfter   = 30 * 24 * time.Hour
	futureAfter  = 5 * time.Minute
	firstPause   = time.Second
	longestPause = time.Hour
	mostTries    = 10
)

// Inbox takes Campus One's webhooks: stored durably before they are answered,
// then applied by a worker. Campus One never sends an event again, so what
// carries a good signature is kept, whatever else is odd about it.
type Inbox struct {
	db       *db.DB
	provider string // scheme and host of the issuer
	secrets  atomic.Pointer[[]campusone.Secret]
	counts   *Counts
	log      *slog.Logger
	now      func() time.Time
	wake     chan struct{}
}

// NewInbox makes an inbox for events of one provider; without a secret every
// delivery is refused with 503.
func NewInbox(d *db.DB, provider string, secrets []campusone.Secret, counts *Counts, log *slog.Logger, now func() time.Time) *Inbox {
	in := &Inbox{db: d, provider: provider, counts: counts, log: log, now: now, wake: make(chan struct{}, 1)}
	in.Accept(secrets)
	return in
}

// Accept replaces the secrets that a delivery may be signed with.
func (in *Inbox) Accept(secrets []campusone.Secret) { in.secrets.Store(&secrets) }

// Received is one delivery as it came. The headers beside the signature are
// unsigned: they are noted, never believed.
type Received struct {
	Body                       []byte
	Signature, Event, Delivery string
}

// Receipt is the answer to a delivery.
type Receipt struct {
	Status        int
	Text, Outcome string
	Cause         error
}

// Receive verifies and stores a delivery and says what to answer.
func (in *Inbox) Receive(ctx context.Context, r Received) Receipt {
	secrets := *in.secrets.Load()
	if len(secrets) == 0 {
		return in.receipt(http.StatusServiceUnavailable, "No webhook secret is configured", "no_secret", nil)
	}
	if !campusone.VerifySignature(r.Body, r.Signature, secrets...) {
		return in.receipt(http.StatusUnauthorized, "Invalid signature", "bad_signature", nil)
	}
	event, err := campusone.ParseEvent(r.Body)
	d := in.delivery(event, r, err)
	fresh, storeErr := in.db.StoreDelivery(ctx, d)
	switch {
	case storeErr != nil:
		return in.receipt(http.StatusServiceUnavailable, "Cannot store this now", "not_stored", storeErr)
	case err != nil:
		return in.receipt(http.StatusBadRequest, "Not JSON", "unreadable", err)
	case !fresh:
		return in.receipt(http.StatusOK, "ok", "duplicate", nil)
	}
	in.nudge()
	return in.receipt(http.StatusOK, "ok", d.State, nil)
}

func (in *Inbox) receipt(status int, text, outcome string, cause error) Receipt {
	in.counts.Add("webhook", outcome)
	return Receipt{Status: status, Text: text, Outcome: outcome, Cause: cause}
}

// delivery is the row of an event: its state says whether the worker acts.
func (in *Inbox) delivery(e campusone.Event, r Received, parseErr error) db.Delivery {
	now := in.now()
	d := db.Delivery{Key: e.ID, Event: e.Event, Occurred: e.OccurredAt, Received: now, NextTry: now, Body: r.Body, User: e.UserID, State: "pending"}
	switch {
	case parseErr != nil:
		d.State = "unreadable"
	case !acts(e.Event) || e.UserID == "":
		d.State = "ignored"
	case !e.OccurredAt.IsZero() && now.Sub(e.OccurredAt) > staleAfter:
		d.State = "stale"
	case e.OccurredAt.IsZero() || e.OccurredAt.Sub(now) > futureAfter:
		d.Occurred, d.Notes = now, "future: applied with the time of arrival"
	}
	if parseErr == nil && (r.Event != "" && r.Event != e.Event || r.Delivery != "" && r.Delivery != e.ID) {
		d.Notes += " headers differ from the signed body"
		in.counts.Add("webhook", "header_mismatch")
	}
	return d
}

// acts reports whether an event changes anything here.
func acts(event string) bool {
	switch event {
	case "user.role_changed", "user.updated", "user.created", "user.deleted", "session.signed_out", "user.disconnected":
		return true
	}
	return false
}

func (in *Inbox) nudge() {
	select {
	case in.wake <- struct{}{}:
	default:
	}
}

// Run applies what is due until ctx ends.
func (in *Inbox) Run(ctx context.Context) {
	tick := time.NewTicker(time.Second)
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

// work applies a batch and reports whether there may be more.
func (in *Inbox) work(ctx context.Context) bool {
	due, err := in.db.Due(ctx, in.now(), 100)
	if err != nil {
		if ctx.Err() == nil {
			in.log.Error("reading the webhook inbox failed; tried again in a second", "error", err)
		}
		return false
	}
	for _, d := range due {
		in.apply(ctx, d)
	}
	return len(due) > 0 && ctx.Err() == nil
}

func (in *Inbox) apply(ctx context.Context, d db.Delivery) {
	effect, err := in.effect(d)
	if err == nil {
		err = in.db.Apply(ctx, d, effect)
	}
	if err == nil {
		in.log.Info("a webhook was applied", "event", d.Event, "delivery", d.Key)
		return
	}
	if ctx.Err() != nil {
		return
	}
	dead := d.Attempts+1 >= mostTries
	in.log.Error("applying a webhook failed", "event", d.Event, "delivery", d.Key, "attempt", d.Attempts+1, "given_up", dead, "error", err)
	if err := in.db.FailDelivery(ctx, d.Key, err.Error(), in.now().Add(pause(d.Attempts)), dead); err != nil {
		in.log.Error("noting a failed webhook failed", "delivery", d.Key, "error", err)
	}
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
	e := db.Effect{Provider: in.provider, Sub: d.User}
	switch d.Event {
	case "user.role_changed", "user.updated", "user.created":
		e.Create, e.Facts = true, in.facts(event, d.Occurred)
	case "session.signed_out":
		e.Create, e.EndBefore, e.EndWhy = true, d.Occurred, "signed out of Campus One"
	case "user.disconnected":
		e.Create, e.EndBefore, e.EndWhy, e.DropTokens = true, d.Occurred, "disconnected at Campus One", true
	case "user.deleted":
		e.Delete, e.DropTokens, e.EndBefore, e.EndWhy = true, true, d.Occurred, "deleted at Campus One"
	default:
		return e, errors.New("an event that does nothing")
	}
	return e, nil
}

// facts are the event's known fields, as of when it occurred.
func (in *Inbox) facts(event campusone.Event, occurred time.Time) []db.Fact {
	facts := event.Facts()
	for i := range facts {
		facts[i].AsOf, facts[i].Source = occurred, "webhook"
	}
	return facts
}
