package auth

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"portico/auth/campusone"
	"portico/db"
)

const (
	staleAfter  = 30 * 24 * time.Hour
	futureAfter = 5 * time.Minute
	storeWithin = 4 * time.Second // Campus One waits 5 s for an answer
)

// What is counted of webhooks, under the kind CountWebhook. Every delivery
// with a good signature and a new id is received, whatever it is besides.
const (
	CountWebhook      = "webhook"
	CountReceived     = "received"
	CountDuplicate    = "duplicate"       // the id is stored already
	CountIgnored      = "ignored"         // unknown, empty, or a test
	CountStale        = "stale"           // over 30 days old
	CountFuture       = "future"          // over 5 minutes ahead: applied as of its arrival
	CountUnreadable   = "unreadable"      // good signature, not JSON
	CountMismatch     = "header_mismatch" // the unsigned headers name another event or id
	CountBadSignature = "bad_signature"   // refused and not stored, as are the next three
	CountNoSecret     = "no_secret"
	CountTooLarge     = "too_large"
	CountNotStored    = "not_stored" // the database could not
	CountApplied      = "applied"
	CountSuperseded   = "superseded" // something later was known already
	CountFailed       = "failed"     // one attempt to apply it
	CountDead         = "dead"       // the last attempt failed too
)

// CountEvent is the kind that counts what was received by the event's name,
// "other" for a name that is not known.
const CountEvent = "webhook_event"

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
	d.OnChange(in.hear)
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

// Receive verifies and stores a delivery and says what to answer. A sender who
// has hung up meanwhile will not come again, so what arrived is stored all the
// same.
func (in *Inbox) Receive(ctx context.Context, r Received) Receipt {
	secrets := *in.secrets.Load()
	if len(secrets) == 0 {
		return in.receipt(http.StatusServiceUnavailable, "No webhook secret is configured", CountNoSecret, nil)
	}
	if !campusone.VerifySignature(r.Body, r.Signature, secrets...) {
		return in.receipt(http.StatusUnauthorized, "Invalid signature", CountBadSignature, nil)
	}
	event, parseErr := campusone.ParseEvent(r.Body)
	a := in.arrive(event, r, parseErr)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeWithin)
	defer cancel()
	fresh, err := in.db.StoreDelivery(ctx, a.row)
	switch {
	case err != nil:
		return in.receipt(http.StatusServiceUnavailable, "Cannot store this now", CountNotStored, err)
	case !fresh:
		a.counted, a.outcome = nil, CountDuplicate
		in.counts.Add(CountWebhook, CountDuplicate)
	case a.row.State == db.StatePending:
		in.Wake()
	}
	for _, reason := range a.counted {
		in.counts.Add(CountWebhook, reason)
	}
	if fresh {
		in.counts.Add(CountEvent, a.name)
	}
	if parseErr != nil {
		return Receipt{Status: http.StatusBadRequest, Text: "Not JSON", Outcome: a.outcome, Cause: parseErr}
	}
	return Receipt{Status: http.StatusOK, Text: "ok", Outcome: a.outcome}
}

// Oversized counts a delivery that was refused for its size, unread.
func (in *Inbox) Oversized() { in.counts.Add(CountWebhook, CountTooLarge) }

func (in *Inbox) receipt(status int, text, outcome string, cause error) Receipt {
	in.counts.Add(CountWebhook, outcome)
	return Receipt{Status: status, Text: text, Outcome: outcome, Cause: cause}
}

// incoming is a delivery with what is counted of it once it is stored.
type incoming struct {
	row     db.Delivery
	name    string   // of the event, or "other"
	outcome string   // for the request's log
	counted []string // fixed reasons
}

func (a *incoming) count(reason string) {
	a.outcome = reason
	a.counted = append(a.counted, reason)
}

// arrive judges an event: the row's state says whether the worker acts.
func (in *Inbox) arrive(e campusone.Event, r Received, parseErr error) incoming {
	now := in.now()
	a := incoming{name: "other", row: db.Delivery{
		Key: e.ID, Event: e.Event, Occurred: e.OccurredAt, Received: now, NextTry: now, Body: r.Body, User: e.UserID, State: db.StatePending,
	}}
	if e.Known() {
		a.name = e.Event
	}
	a.count(CountReceived)
	switch {
	case parseErr != nil:
		a.settle(db.StateUnreadable, CountUnreadable)
	case !e.Known() || e.UserID == "":
		a.settle(db.StateIgnored, CountIgnored)
	case !e.OccurredAt.IsZero() && now.Sub(e.OccurredAt) > staleAfter:
		a.settle(db.StateStale, CountStale)
	case e.Event == campusone.EventSignedIn:
		a.settle(db.StateProcessed, CountApplied) // it is counted and changes nothing
		a.row.Applied = now
	default:
		a.wait(e, now)
	}
	if parseErr == nil && e.Differs(r.Event, r.Delivery) {
		a.counted = append(a.counted, CountMismatch)
		a.note("the headers differ from the signed body")
	}
	return a
}

func (a *incoming) settle(state, reason string) {
	a.row.State = state
	a.count(reason)
}

// wait prepares a delivery for the worker.
func (a *incoming) wait(e campusone.Event, now time.Time) {
	for _, f := range e.Facts() {
		a.row.Fields = append(a.row.Fields, f.Field)
	}
	switch {
	case e.OccurredAt.IsZero():
		a.row.Occurred = now
		a.note("no time given: applied with the time of arrival")
	case e.OccurredAt.Sub(now) > futureAfter:
		a.row.Occurred = now
		a.note("future: said to be of " + e.OccurredAt.Format(time.RFC3339) + ", applied with the time of arrival")
		a.count(CountFuture)
	}
}

func (a *incoming) note(text string) {
	if a.row.Notes != "" {
		text = a.row.Notes + "; " + text
	}
	a.row.Notes = text
}
