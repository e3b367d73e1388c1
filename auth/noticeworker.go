package auth

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"portico/db"
)

// Run sends what is to be sent until ctx ends; then it finishes the person in
// hand. It reads the database when a notice is started or stopped, when
// somebody's turn has come, and else every 15 seconds.
func (n *Notices) Run(ctx context.Context) {
	for ctx.Err() == nil {
		if _, err := n.db.Alone(ctx, "notices", n.round); err != nil && ctx.Err() == nil {
			n.log.Error("sending notices failed; it is tried again within seconds", "error", err)
		}
		n.wait(ctx, lookEvery)
	}
}

// wait pauses until something was started or stopped, or the time is over.
func (n *Notices) wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-n.wake:
	case <-n.After(d):
	}
}

// round sends until nothing is on its way.
func (n *Notices) round(ctx context.Context) error {
	if err := n.tidy(ctx); err != nil {
		return err
	}
	for ctx.Err() == nil {
		until, open, err := n.turn(ctx)
		if err != nil || !open {
			return err
		}
		d := until.Sub(n.now())
		if d >= lookEvery {
			return nil // for a while nothing: another process may look as well
		}
		if d > 0 {
			n.wait(ctx, d)
		}
	}
	return nil
}

// tidy ends what was stopped for long enough, and stops what must not go on.
func (n *Notices) tidy(ctx context.Context) error {
	err := n.db.CloseNotices(ctx, n.now().Add(-noticesRest), n.now())
	if n.On {
		return err
	}
	open, e := n.db.OpenNotices(ctx)
	err = errors.Join(err, e)
	for _, one := range open {
		err = errors.Join(err, n.stop(ctx, one.ID, db.StoppedByOff))
	}
	return err
}

func (n *Notices) stop(ctx context.Context, id, why string) error {
	if err := n.db.StopNotice(ctx, id, why, "", n.now()); err != nil && !errors.Is(err, db.ErrNoticeOver) {
		return err
	}
	n.log.Warn("a notice in Campus One was stopped", "notice", id, "why", why)
	return nil
}

// turn gives each notice on its way one batch of its people. It says when the
// next can be, and whether anything is on its way at all.
func (n *Notices) turn(ctx context.Context) (until time.Time, open bool, err error) {
	all, err := n.db.OpenNotices(ctx)
	if err != nil || len(all) == 0 {
		return until, false, err
	}
	until = n.now().Add(lookEvery)
	for _, one := range n.inTurn(all) {
		next, e := n.advance(ctx, &one)
		if err = errors.Join(err, e); next.Before(until) {
			until = next
		}
	}
	return until, true, err
}

// inTurn begins with the notice after the one that had the last turn, so that
// a short one does not wait for the end of a long one.
func (n *Notices) inTurn(all []db.Notice) []db.Notice {
	at := slices.IndexFunc(all, func(o db.Notice) bool { return o.ID == n.last }) + 1
	return append(slices.Clone(all[at:]), all[:at]...)
}

// advance brings one notice further and says when its next step can be.
func (n *Notices) advance(ctx context.Context, one *db.Notice) (next time.Time, err error) {
	defer func() {
		if p := recover(); p != nil {
			n.log.Error("sending a notice panicked", "notice", one.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			next, err = n.now().Add(longestRest), errors.New("a fault in the program; the log has the details")
		}
	}()
	never := n.now().Add(lookEvery)
	i, err := n.db.Item(ctx, one.ItemID)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return never, nil // erased, and the notice with it
	case err != nil:
		return never, err
	}
	switch i.State(n.now()) {
	case db.StatePublished:
	case db.StateScheduled:
		return i.Publish, nil
	default:
		return never, n.stop(ctx, one.ID, db.StoppedByItem)
	}
	if one.State == db.NoticePreparing {
		if err := n.prepare(ctx, one, &i); err != nil {
			return never, over(err)
		}
	}
	return n.send(ctx, one)
}

// over says that a notice was stopped meanwhile by saying nothing.
func over(err error) error {
	if errors.Is(err, db.ErrNoticeOver) || errors.Is(err, db.ErrNotFound) {
		return nil
	}
	return err
}

// prepare finds the people of a notice. Done again after a crash, it goes on
// where it was.
func (n *Notices) prepare(ctx context.Context, one *db.Notice, i *db.Item) error {
	var people []db.NoticePerson
	more, err := n.eachFor(ctx, i, func(u *db.User, state string, _ db.Reachable) {
		people = append(people, db.NoticePerson{UserID: u.ID, State: state})
	})
	if err != nil {
		return err
	}
	if more {
		n.log.Error("a notice leaves people out: there are too many", "notice", one.ID, "people", mostCounted)
	}
	for part := range slices.Chunk(people, 200) {
		if err := n.db.EnrolPeople(ctx, one.ID, part, n.now()); err != nil {
			return err
		}
	}
	if err := n.db.BeginNotice(ctx, one.ID, n.now()); err != nil {
		return err
	}
	n.log.Info("a notice in Campus One begins", "notice", one.ID, "item", one.ItemID, "people", len(people))
	return nil
}

// send gives a batch of people their turn, and ends a notice that has none
// left. It says when the next turn can be.
func (n *Notices) send(ctx context.Context, one *db.Notice) (time.Time, error) {
	now := n.now()
	if until := n.held(); until.After(now) || ctx.Err() != nil {
		return until, nil
	}
	good := now.Add(accessMargin)
	waiting, unready, due, err := n.db.WaitingPeople(ctx, one.ID, kindRefresh, good)
	switch {
	case err != nil:
		return now, err
	case waiting == 0:
		n.last = one.ID
		delete(n.refusals, one.ID)
		return now, over(n.db.EndNotice(ctx, one.ID, now))
	case due.After(now):
		return due, nil
	}
	any := false
	if unready > 0 && !n.room().After(now) {
		any, err = n.batch(ctx, one, false, good)
	}
	if !any && unready < waiting && err == nil {
		any, err = n.batch(ctx, one, true, good)
	}
	switch {
	case err != nil || any && waiting > noticeBatch:
		return now, err
	case any:
		return n.send(ctx, one) // it may be over
	}
	return n.room(), nil
}

// room is when the next token can be renewed.
func (n *Notices) room() time.Time { return n.standing.limit.next(n.standing.roomForOthers()) }

// held is until when nobody is notified: as Campus One asked, or while it does
// not answer.
func (n *Notices) held() time.Time {
	until := n.paused()
	if n.provider.Away() {
		if look := n.now().Add(lookEvery); look.After(until) {
			until = look
		}
	}
	return until
}

// keepPace waits until the next notification may go out, which is soon.
func (n *Notices) keepPace(ctx context.Context) {
	for ctx.Err() == nil {
		d := n.pace.next(0).Sub(n.now())
		if d <= 0 {
			return
		}
		select {
		case <-ctx.Done():
		case <-n.After(d):
		}
	}
}

// batch gives people their turn until something makes the others wait: the
// pace, a pause, the notice's end. It says whether there was anybody.
func (n *Notices) batch(ctx context.Context, one *db.Notice, ready bool, good time.Time) (any bool, err error) {
	n.last = one.ID
	people, err := n.db.DuePeople(ctx, one.ID, kindRefresh, ready, n.now(), good, noticeBatch)
	if err != nil {
		return false, err
	}
	for _, p := range people {
		n.keepPace(ctx)
		if ctx.Err() != nil || n.held().After(n.now()) || !ready && n.room().After(n.now()) {
			break
		}
		if going, err := n.give(ctx, one, p); err != nil || !going {
			return true, over(err)
		}
	}
	return len(people) > 0, nil
}
