package auth

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"portico/auth/campusone"
	"portico/db"
)

// Gate says to whom an item is shown, as far as that depends on the person;
// reading.Library.Gate is one.
type Gate func(i *db.Item) (shown func(*db.User) bool)

// Notifier sends one notification; *campusone.Provider is it.
type Notifier interface {
	Away() bool
	Notify(ctx context.Context, access campusone.Secret, n campusone.Notification, key string) error
}

// NoticesConfig is how notices are sent.
type NoticesConfig struct {
	On      bool                                          // people may be notified at all
	Address func(kind db.Kind, slug string) (page string) // where an item is read, whole; "" leads nowhere

	// After is the worker's own clock, for tests that move it; nil is time.After.
	After func(time.Duration) <-chan time.Time
	// Within bounds one notification; 0 is as long as any call to Campus One.
	Within time.Duration
}

// Notices tells people of an item in Campus One, each with their own access
// token, since there is no other: only who has granted it, and has signed in
// lately, can be reached.
//
// A notice is a queue in the database, one row for each person. One worker at a
// time, over all processes, takes one person after the other. It asks again
// whether the item is shown and is for this person, borrows their token under
// the lease that confirmations use too, and sends. Calls for tokens share the
// minute's confirmations and leave a fifth of them to sign-ins and
// confirmations; notifications have a pace of their own, six times that, and an
// access token that is still good is not renewed, so that both go on side by
// side.
//
// # Nobody twice
//
// Each person's key (noticeKey) is the same at every try, in whatever process,
// and Campus One sends one key once within a day. Before the first try its time
// is on the disk. So a crash at any point, an answer that got lost and a try by
// two processes at once all end in one notification; and what may have arrived
// is not tried again after that day.
//
// # Trouble
//
// A person whose turn failed gets another, after growing pauses, twelve in all within about five hours.
// Whatever fails also makes the worker itself pause, longer each time in a row,
// or as long as Campus One asks to (Retry-After): while it is away people do not
// use up their turns. What Campus One refuses of five people in a row it would
// refuse of all, so the notice stops and somebody has to look.
type Notices struct {
	NoticesConfig
	standing *Standing
	provider Notifier
	gate     Gate
	db       *db.DB
	log      *slog.Logger
	now      func() time.Time
	pace     *pace
	wake     chan struct{}

	mu      sync.Mutex
	resumes time.Time // Campus One is left alone until then

	// The worker's own.
	failures int            // in a row
	refusals map[string]int // in a row, by notice
	last     string         // the notice that had the last turn
}

// NotifiedKept is how long it is kept, after a notice is over, whom it was for.
const NotifiedKept = 7 * 24 * time.Hour

const (
	noticeTries     = 12
	refusalsInARow  = 5
	sendsPerRefresh = 6 // notifications for each confirmation that a minute allows
	noticeBatch     = 8 // of one notice before it is the next one's turn
	longestRest     = 10 * time.Minute
	unsureAfter     = campusone.KeyLife - time.Hour // then Campus One may have forgotten the key
	noticesRest     = 7 * 24 * time.Hour            // a stopped notice can go on so long
	stuckAfter      = time.Hour
)

// NewNotices wires notices. Without Run nothing is sent.
func NewNotices(c NoticesConfig, standing *Standing, p Notifier, gate Gate, d *db.DB, log *slog.Logger, now func() time.Time) *Notices {
	if c.After == nil {
		c.After = time.After
	}
	n := &Notices{
		NoticesConfig: c, standing: standing, provider: p, gate: gate, db: d, log: log, now: now,
		pace: newPace(1, time.Minute/time.Duration(standing.limit.most*sendsPerRefresh)), wake: make(chan struct{}, 1), refusals: map[string]int{},
	}
	d.OnChange(n.hear)
	return n
}

// hear has the worker look without delay at what was started or stopped.
func (n *Notices) hear(c db.Change) {
	if c.Kind == "notice" || c.Kind == "content" || c.Kind == "all" {
		select {
		case n.wake <- struct{}{}:
		default:
		}
	}
}

// Forecast is what can be said of a notice before it is sent.
type Forecast struct {
	Met        int // people the portal has met whom the item is for
	Reached    int // of them can be notified now
	NotGranted int // may not be: they have not granted it, or do not want it
	Expired    int // have not signed in for a week
	Takes      time.Duration
	More       bool // there are more people than one count goes through
}

// Forecast counts whom a notice of an item would reach now.
func (n *Notices) Forecast(ctx context.Context, i *db.Item) (f Forecast, err error) {
	unready := 0
	f.More, err = n.eachFor(ctx, i, func(_ *db.User, state string, r db.Reachable) {
		f.Met++
		switch state {
		case db.SendNoGrant:
			f.NotGranted++
		case db.SendExpired:
			f.Expired++
		default:
			f.Reached++
			if r.AccessUntil.Sub(n.now()) < accessMargin {
				unready++
			}
		}
	})
	f.Takes = n.takes(f.Reached, unready)
	return f, err
}

// eachFor goes through the people an item is for and tells with what state
// each would begin.
func (n *Notices) eachFor(ctx context.Context, i *db.Item, see func(u *db.User, state string, r db.Reachable)) (more bool, err error) {
	shown := n.gate(i)
	return n.db.EachReachable(ctx, kindRefresh, mostCounted, func(u *db.User, r db.Reachable) {
		if shown(u) {
			see(u, n.begins(r), r)
		}
	})
}

func (n *Notices) begins(r db.Reachable) string {
	switch {
	case !r.May():
		return db.SendNoGrant
	case r.Stored.IsZero() || n.now().Sub(r.Stored) >= refreshLife:
		return db.SendExpired
	}
	return db.SendWaiting
}

// takes is how long so many notifications take, for so many of which a token
// has to be renewed first.
func (n *Notices) takes(all, unready int) time.Duration {
	refreshes := n.standing.limit.most - n.standing.roomForOthers()
	return max(time.Duration(unready)*time.Minute/time.Duration(max(1, refreshes)), time.Duration(all)*n.pace.in)
}

// Remaining is how long a notice will still take, and until when the worker
// pauses because Campus One asked it to or does not answer; zero: it does not.
func (n *Notices) Remaining(ctx context.Context, id string) (left time.Duration, pausedUntil time.Time, err error) {
	waiting, unready, _, err := n.db.WaitingPeople(ctx, id, kindRefresh, n.now().Add(accessMargin))
	if paused := n.paused(); paused.After(n.now()) {
		pausedUntil = paused
	}
	return n.takes(waiting, unready), pausedUntil, err
}

func (n *Notices) paused() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.resumes
}

// Stuck are the notices that somebody should look at.
func (n *Notices) Stuck(ctx context.Context) ([]db.Notice, error) {
	return n.db.StuckNotices(ctx, n.now().Add(-stuckAfter), n.now().Add(-noticesRest))
}
