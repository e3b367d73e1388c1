package db

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"
)

// NoteForgotten is the note on a delivery whose body was erased with the
// person it was about.
const NoteForgotten = "emptied: the person was deleted"

// bury turns a person into a tombstone, or leaves one for a person never met.
// What is known from after the deletion belongs to a new person, so that the
// outcome is the same whichever came first. All sessions of a person who was
// known by then end, even those that seem to have begun later: they sign in
// again and are somebody new.
func (t *Tx) bury(ctx context.Context, a *application) error {
	grave := User{ID: a.who.ID, Provider: a.effect.Provider, Sub: a.effect.Sub, Created: a.who.Created, EndedBefore: later(a.who.endedAfter, a.at), Deleted: a.at}
	if err := t.eraseDeliveries(ctx, a); err != nil {
		return err
	}
	heir := a.who.heir(a.at)
	switch {
	case !a.who.known():
		grave.ID, grave.Created = newID(), a.at
		return t.putUser(ctx, &grave)
	case a.who.Created.After(a.at):
		return t.buryPredecessor(ctx, a, &grave, &heir)
	}
	if err := t.eraseGrants(ctx, grave.Provider, grave.Sub, foldEmail(a.who.Email())); err != nil {
		return err
	}
	if err := t.leave(ctx, &grave, &heir, a); err != nil {
		return err
	}
	return t.erase(ctx, &grave, a.effect.EndWhy, a.now)
}

// heir is the new person that is left when facts up to a moment are erased.
func (p *person) heir(deleted time.Time) User {
	u := User{ID: p.ID, Provider: p.Provider, Sub: p.Sub, Facts: slices.Clone(p.Facts), Created: p.Created, EndedBefore: p.EndedBefore}
	u.Facts = slices.DeleteFunc(u.Facts, func(f Fact) bool { return !f.AsOf.After(deleted) })
	if _, known := u.Facts.Find(FieldRole); known {
		u.RoleConfirmed = p.RoleConfirmed
	}
	return u
}

// leave makes the heir, if anything has happened since the deletion, and
// hands over what of the role timeline is theirs.
func (t *Tx) leave(ctx context.Context, grave, heir *User, a *application) error {
	if len(heir.Facts) == 0 && !heir.EndedBefore.After(a.at) {
		return nil
	}
	heir.ID, heir.Created = newID(), heir.EndedBefore
	for _, f := range heir.Facts {
		if !heir.Created.After(a.at) || f.AsOf.Before(heir.Created) {
			heir.Created = f.AsOf
		}
	}
	// The tombstone first: of one sub there is one living person.
	if err := t.putUser(ctx, grave); err != nil {
		return err
	}
	if err := t.putUser(ctx, heir); err != nil {
		return err
	}
	return t.handOver(ctx, grave.ID, heir.ID, a.at)
}

// handOver gives the heir the steps of the role timeline that came after a
// deletion; the first of them tells nothing of the role before.
func (t *Tx) handOver(ctx context.Context, from, heir string, deleted time.Time) error {
	if err := t.recountDaysOf(ctx, fromRoles, "role_changes.at", "role_changes.user_id = $1", from); err != nil {
		return err
	}
	for _, query := range []string{
		`DELETE FROM role_changes WHERE user_id IN ($1, $2) AND at <= $3`,
		`UPDATE role_changes SET user_id = $2, old_role = CASE WHEN at = (SELECT min(r.at) FROM role_changes r WHERE r.user_id = $1 AND r.at > $3) THEN '' ELSE old_role END WHERE user_id = $1 AND at > $3`,
	} {
		if _, err := t.ExecContext(ctx, query, from, heir, micros(deleted)); err != nil {
			return fmt.Errorf("handing over a role timeline: %w", err)
		}
	}
	return nil
}

// buryPredecessor leaves a tombstone beside a person who came only after the
// deletion, and takes from them what had been said of the one before.
func (t *Tx) buryPredecessor(ctx context.Context, a *application, grave, heir *User) error {
	grave.ID, grave.Created = newID(), a.at
	if err := t.putUser(ctx, grave); err != nil {
		return err
	}
	if err := t.putUser(ctx, heir); err != nil {
		return err
	}
	if err := t.handOver(ctx, heir.ID, heir.ID, a.at); err != nil {
		return err
	}
	_, err := t.endSessionsOf(ctx, heir.ID, a.at, a.effect.EndWhy, a.now)
	return err
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
	if err := t.forgetRollups(ctx, grave.ID); err != nil {
		return err
	}
	if err := t.recountDaysOf(ctx, fromRoles, "role_changes.at", "role_changes.user_id = $1", grave.ID); err != nil {
		return err
	}
	for _, query := range []string{
		`DELETE FROM tokens WHERE user_id = $1`,
		`DELETE FROM notice_consents WHERE user_id = $1`,
		`DELETE FROM notice_people WHERE user_id = $1`,
		`DELETE FROM role_changes WHERE user_id = $1`,
		`DELETE FROM reads WHERE user_id = $1`,
		`DELETE FROM calendar_addresses WHERE user_id = $1`,
		`DELETE FROM drafts WHERE user_id = $1`,
		`UPDATE user_sessions SET device = '', network = '' WHERE user_id = $1`,
	} {
		if _, err := t.ExecContext(ctx, query, grave.ID); err != nil {
			return fmt.Errorf("erasing user %s: %w", grave.ID, err)
		}
	}
	if err := t.forgetImports(ctx, grave.ID); err != nil {
		return err
	}
	if err := t.dropIDTokens(ctx, grave.ID); err != nil {
		return err
	}
	return t.changed(ctx, "user", grave.ID, now)
}

// eraseGrants removes a person's grants, and their address from the audit.
func (t *Tx) eraseGrants(ctx context.Context, provider, sub, email string) error {
	steps := []struct {
		query string
		args  []any
	}{
		{`UPDATE audit SET detail = '' WHERE action IN ('grant', 'revoke') AND (detail = $3 OR detail IN (SELECT email FROM grants WHERE provider = $1 AND sub = $2))`, []any{provider, sub, email}},
		{`DELETE FROM grants WHERE provider = $1 AND sub = $2`, []any{provider, sub}},
	}
	for _, s := range steps {
		if _, err := t.ExecContext(ctx, s.query, s.args...); err != nil {
			return fmt.Errorf("erasing the grants of a person: %w", err)
		}
	}
	return nil
}

// eraseDeliveries empties what webhooks said of a person up to their deletion,
// that of the deletion included. Those that waited have nothing to do any more.
// Key, event, times and sub stay, so that none of them is taken a second time.
func (t *Tx) eraseDeliveries(ctx context.Context, a *application) error {
	waiting := `deliveries.sub = $1 AND deliveries.sub <> '' AND deliveries.state IN ('pending', 'dead', 'dropped')`
	if err := t.recountDaysOf(ctx, fromDeliveries, "deliveries.received", waiting, a.effect.Sub); err != nil {
		return err
	}
	_, err := t.ExecContext(ctx, `UPDATE deliveries SET body = $2, notes = $4, error = '', state = CASE WHEN state IN ('pending', 'dead', 'dropped') THEN 'superseded' ELSE state END
		WHERE sub = $1 AND sub <> '' AND occurred <= $3`, a.effect.Sub, []byte{}, micros(a.at), NoteForgotten)
	if err != nil {
		return fmt.Errorf("emptying the deliveries about a person: %w", err)
	}
	return nil
}

// forgetIfBuried empties a delivery that came too late to be applied and is
// about somebody deleted since.
func (t *Tx) forgetIfBuried(ctx context.Context, v Delivery) error {
	_, err := t.ExecContext(ctx, `UPDATE deliveries SET body = $2, notes = $3 WHERE key = $1 AND sub <> '' AND EXISTS (
		SELECT 1 FROM users WHERE users.provider = (SELECT value FROM meta WHERE key = '`+metaProvider+`') AND users.sub = deliveries.sub AND users.deleted > 0 AND users.deleted >= deliveries.occurred)`,
		plain(v.Key), []byte{}, NoteForgotten)
	if err != nil {
		return fmt.Errorf("emptying a delivery about somebody deleted: %w", err)
	}
	return nil
}
