package db

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Effect is what a delivery does to a person.
type Effect struct {
	Provider, Sub string // nobody when Sub is empty
	Facts         []Fact
	EndBefore     time.Time // sessions that began before it end
	EndWhy        string
	Delete        bool // as of EndBefore, or else of when the event occurred
	DropTokens    bool // those that were stored by then, and what let the person be notified
	Create        bool // make the person when unknown
	RoleChange    bool // even a role that is the first we hear of is a change
}

// Apply carries out a pending delivery: its effect and its state in one
// transaction, so that a crash at any point applies it once. What is older
// than what is known is not applied, and when nothing else is left the state
// is superseded. It returns the new state. ErrNotPending when it was settled
// before, ErrHeld when an earlier one has to come first.
func (d *DB) Apply(ctx context.Context, v Delivery, e Effect) (state string, err error) {
	err = d.write(ctx, Durable, func(t *Tx) error {
		state = StateProcessed
		// The person comes first, or a deletion that empties this very row and we would wait for each other.
		if e.Sub != "" {
			if err := t.lockPerson(ctx, e.Provider, e.Sub); err != nil {
				return err
			}
		}
		if err := t.take(ctx, v.Key, d.now()); err != nil {
			return err
		}
		if err := t.late(ctx, v.Received); err != nil || e.Sub == "" {
			return err
		}
		a, err := t.effect(ctx, v, e)
		if err != nil {
			return fmt.Errorf("applying %s: %w", v.Event, err)
		}
		if a.forgotten || !a.worked {
			state = StateSuperseded
		}
		return t.close(ctx, v, a)
	})
	return state, err
}

// close notes what became of a delivery that is not applied in full.
func (t *Tx) close(ctx context.Context, v Delivery, a *application) error {
	notes := v.Notes
	if len(a.older) > 0 {
		notes = joinNotes(notes, "older than what is known: "+strings.Join(a.older, ", "))
	}
	switch {
	case a.forgotten:
		return t.settle(ctx, `UPDATE deliveries SET state = 'superseded', body = $2, notes = $3 WHERE key = $1`, v.Key, []byte{}, NoteForgotten)
	case !a.worked:
		return t.settle(ctx, `UPDATE deliveries SET state = 'superseded', notes = $2 WHERE key = $1`, v.Key, plain(notes))
	case notes != v.Notes:
		return t.settle(ctx, `UPDATE deliveries SET notes = $2 WHERE key = $1`, v.Key, plain(notes))
	}
	return nil
}

func joinNotes(have, more string) string {
	if have == "" {
		return more
	}
	return have + "; " + more
}

// application is an effect on its way into a person.
type application struct {
	effect    Effect
	who       person
	at        time.Time // when it happened
	now       time.Time // when it came
	worked    bool      // something of it was news
	forgotten bool      // it is about somebody deleted since
	older     []string  // fields of which something later is known
}

// effect applies it and tells what came of it.
func (t *Tx) effect(ctx context.Context, v Delivery, e Effect) (*application, error) {
	who, err := t.person(ctx, e.Provider, e.Sub)
	if err != nil {
		return nil, err
	}
	a := &application{effect: e, who: who, at: e.moment(v.Occurred), now: later(v.Received, v.Occurred)}
	switch {
	case !a.at.After(who.buried):
		a.forgotten = true
		return a, nil
	case e.Delete:
		a.worked = true
		return a, t.bury(ctx, a)
	case who.known():
		return a, t.applyTo(ctx, a)
	case !e.Create:
		a.worked = true // nobody to do it to
		return a, nil
	}
	return a, t.applyTo(ctx, a)
}

// moment is when the effect happened: what it says itself, or the event.
func (e *Effect) moment(occurred time.Time) time.Time {
	switch {
	case !e.EndBefore.IsZero():
		return e.EndBefore
	case len(e.Facts) > 0:
		return e.Facts[0].AsOf
	}
	return occurred
}

// timeless says whether nothing of the effect can come too late.
func (e *Effect) timeless() bool { return len(e.Facts) == 0 && e.EndBefore.IsZero() }

func (t *Tx) applyTo(ctx context.Context, a *application) error {
	u, fresh := &a.who.User, !a.who.known()
	// Facts from before a deletion were about somebody who is to be forgotten.
	facts := slices.DeleteFunc(slices.Clone(a.effect.Facts), func(f Fact) bool { return !f.AsOf.After(a.who.buried) })
	if _, err := t.learn(ctx, u, facts); err != nil {
		return err
	}
	a.note(facts)
	a.worked = a.worked || fresh || a.effect.timeless()
	if fresh {
		u.ID, u.Created = newID(), a.at
	}
	// The earliest that was ever told of a person, so that a deletion that
	// comes late tells who was meant by it whatever came first.
	first := a.at.Before(u.Created)
	u.Created = earlier(u.Created, a.at)
	if a.worked || first {
		if err := t.putUser(ctx, u); err != nil {
			return err
		}
	}
	if fresh && a.effect.RoleChange {
		if err := t.noteRole(ctx, u, ""); err != nil {
			return err
		}
	}
	return t.finish(ctx, a)
}

// finish ends sessions, erases tokens and tells the other processes.
func (t *Tx) finish(ctx context.Context, a *application) error {
	if err := t.applyEnd(ctx, a); err != nil {
		return err
	}
	if err := t.applyDrop(ctx, a); err != nil || !a.worked {
		return err
	}
	return t.changed(ctx, "user", a.who.ID, a.now)
}

// note says whether one of the facts was news, which were not, and when the
// role was confirmed.
func (a *application) note(facts []Fact) {
	u := &a.who.User
	for _, f := range facts {
		have := u.Facts.Of(f.Field)
		if have.Value != f.Value || !have.AsOf.Equal(f.AsOf.Truncate(time.Microsecond)) {
			a.older = append(a.older, f.Field)
			continue
		}
		a.worked = true
		if f.Field == FieldRole {
			u.RoleConfirmed = later(u.RoleConfirmed, f.AsOf)
		}
	}
}

func (t *Tx) applyEnd(ctx context.Context, a *application) error {
	if !a.effect.EndBefore.After(a.who.endedAfter) {
		return nil
	}
	a.worked = true
	_, err := t.endSessionsOf(ctx, a.who.ID, a.effect.EndBefore, a.effect.EndWhy, a.now)
	return err
}

func (t *Tx) applyDrop(ctx context.Context, a *application) error {
	if !a.effect.DropTokens {
		return nil
	}
	n, err := t.exec(ctx, `DELETE FROM tokens WHERE user_id = $1 AND updated <= $2`, a.who.ID, micros(a.at))
	if err != nil {
		return fmt.Errorf("erasing tokens: %w", err)
	}
	a.worked = a.worked || n > 0
	if _, err := t.ExecContext(ctx, `UPDATE notice_consents SET granted = 0 WHERE user_id = $1 AND granted <= $2`, a.who.ID, micros(a.at)); err != nil {
		return fmt.Errorf("forgetting that a person may be notified: %w", err)
	}
	return t.dropIDTokens(ctx, a.who.ID)
}

// dropIDTokens erases the sealed id_tokens that wait for a sign-out at the
// provider: in scs's data of sessions that ended, and those that are parked.
func (t *Tx) dropIDTokens(ctx context.Context, userID string) error {
	if _, err := t.ExecContext(ctx, `DELETE FROM sessions WHERE token IN (SELECT token_hash FROM user_sessions WHERE user_id = $1 AND ended > 0)`, userID); err != nil {
		return fmt.Errorf("erasing the data of ended sessions: %w", err)
	}
	if _, err := t.ExecContext(ctx, `DELETE FROM cache WHERE key LIKE $1`, parkedPrefix+userID+":%"); err != nil {
		return fmt.Errorf("erasing parked values: %w", err)
	}
	return nil
}
