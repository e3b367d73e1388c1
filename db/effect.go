package db

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"
)

// Effect is what a delivery does to a person.
type Effect struct {
	Provider, Sub string // nobody when Sub is empty
	Facts         []Fact
	EndBefore     time.Time // sessions that began before it end
	EndWhy        string
	Delete        bool // as of EndBefore, or else of when the event occurred
	DropTokens    bool // those that were stored by then
	Create        bool // make the person when unknown
}

// Apply carries out a pending delivery: its effect and its state in one
// transaction, so that a crash at any point applies it once. What is older
// than what is known is not applied, and when nothing else is left the state
// is superseded. ErrNotPending when it was settled before.
func (d *DB) Apply(ctx context.Context, v Delivery, e Effect) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		// The guard comes first: of two workers one waits here and then finds nothing to do.
		err := t.settle(ctx, `UPDATE deliveries SET state = 'processed', attempts = attempts + 1, error = '' WHERE key = $1 AND state = 'pending'`, v.Key)
		if err != nil || e.Sub == "" {
			return err
		}
		worked, err := t.effect(ctx, v, e)
		if err != nil {
			return fmt.Errorf("applying %s: %w", v.Event, err)
		}
		if worked {
			return nil
		}
		return t.settle(ctx, `UPDATE deliveries SET state = 'superseded' WHERE key = $1`, v.Key)
	})
}

// application is an effect on its way into a person.
type application struct {
	effect Effect
	who    person
	at     time.Time // when it happened
	now    time.Time // when it came
	worked bool      // something of it was news
}

// effect applies it and says whether anything was left to do.
func (t *Tx) effect(ctx context.Context, v Delivery, e Effect) (bool, error) {
	who, err := t.person(ctx, e.Provider, e.Sub)
	if err != nil {
		return false, err
	}
	a := &application{effect: e, who: who, at: e.moment(v.Occurred), now: later(v.Received, v.Occurred)}
	switch {
	case e.Delete:
		return t.bury(ctx, a)
	case who.known():
		return t.applyTo(ctx, a)
	case !e.Create:
		return true, nil // nobody to do it to
	case !a.at.After(who.buried):
		return false, nil // about somebody deleted since
	}
	return t.applyTo(ctx, a)
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

func (t *Tx) applyTo(ctx context.Context, a *application) (bool, error) {
	u, fresh := &a.who.User, !a.who.known()
	// Facts from before a deletion were about somebody who is to be forgotten.
	facts := slices.DeleteFunc(slices.Clone(a.effect.Facts), func(f Fact) bool { return !f.AsOf.After(a.who.buried) })
	if _, err := t.learn(ctx, u, facts); err != nil {
		return false, err
	}
	if fresh {
		u.ID, u.Created = newID(), a.at
	}
	a.worked = fresh || a.effect.timeless()
	a.note(facts)
	if a.worked {
		if err := t.putUser(ctx, u); err != nil {
			return false, err
		}
	}
	if err := t.applyEnd(ctx, a); err != nil {
		return false, err
	}
	if err := t.applyDrop(ctx, a); err != nil || !a.worked {
		return false, err
	}
	return true, t.changed(ctx, "user", u.ID, a.now)
}

// note says whether one of the facts was news, and when the role was confirmed.
func (a *application) note(facts []Fact) {
	u := &a.who.User
	for _, f := range facts {
		have := u.Facts[f.Field]
		if have.Value != f.Value || !have.AsOf.Equal(f.AsOf.Truncate(time.Microsecond)) {
			continue
		}
		a.worked = true
		if f.Field == FieldRole {
			u.RoleConfirmed = later(u.RoleConfirmed, f.AsOf)
		}
	}
}

func (t *Tx) applyEnd(ctx context.Context, a *application) error {
	if !a.effect.EndBefore.After(a.who.EndedBefore) {
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
	return nil
}

// bury turns a person into a tombstone, or leaves one for a person never met.
// Whoever came after the deletion is another person and stays.
func (t *Tx) bury(ctx context.Context, a *application) (bool, error) {
	grave := User{ID: a.who.ID, Provider: a.effect.Provider, Sub: a.effect.Sub, Created: a.at, EndedBefore: later(a.who.EndedBefore, a.at), Deleted: a.at}
	switch {
	case !a.at.After(a.who.buried), a.who.known() && a.who.Created.After(a.at):
		return false, nil
	case !a.who.known():
		grave.ID = newID()
		return true, t.putUser(ctx, &grave)
	}
	if err := t.eraseTraces(ctx, grave.Provider, grave.Sub, foldEmail(a.who.Email())); err != nil {
		return false, err
	}
	return true, t.erase(ctx, &grave, a.effect.EndWhy, a.now)
}

// erase ends all sessions of a person, whenever they began, and removes all
// that is personal. A block stays.
func (t *Tx) erase(ctx context.Context, grave *User, why string, now time.Time) error {
	if _, err := t.endLive(ctx, grave.ID, math.MaxInt64, why, now); err != nil {
		return err
	}
	if err := t.putUser(ctx, grave); err != nil {
		return err
	}
	for _, query := range []string{
		`DELETE FROM tokens WHERE user_id = $1`,
		`DELETE FROM role_changes WHERE user_id = $1`,
		`DELETE FROM reads WHERE user_id = $1`,
		`DELETE FROM calendar_addresses WHERE user_id = $1`,
		`UPDATE user_sessions SET device = '', network = '' WHERE user_id = $1`,
	} {
		if _, err := t.ExecContext(ctx, query, grave.ID); err != nil {
			return fmt.Errorf("erasing user %s: %w", grave.ID, err)
		}
	}
	return t.changed(ctx, "user", grave.ID, now)
}

// eraseTraces removes what other tables hold of a person: grants, their
// address in the audit, and what earlier webhooks said.
func (t *Tx) eraseTraces(ctx context.Context, provider, sub, email string) error {
	steps := []struct {
		query string
		args  []any
	}{
		{`UPDATE audit SET detail = '' WHERE action IN ('grant', 'revoke') AND (detail = $3 OR detail IN (SELECT email FROM grants WHERE provider = $1 AND sub = $2))`, []any{provider, sub, email}},
		{`DELETE FROM grants WHERE provider = $1 AND sub = $2`, []any{provider, sub}},
		{`UPDATE deliveries SET body = $2 WHERE sub = $1 AND sub <> '' AND state <> 'pending'`, []any{sub, []byte{}}},
	}
	for _, s := range steps {
		if _, err := t.ExecContext(ctx, s.query, s.args...); err != nil {
			return fmt.Errorf("erasing the traces of a person: %w", err)
		}
	}
	return nil
}
