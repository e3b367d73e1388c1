package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"portico/auth/campusone"
	"portico/db"
)

// errNotWaiting says that the notice was stopped, or the person erased, before
// anything was sent.
var errNotWaiting = errors.New("auth: the person does not wait any more")

// Why a person's turn ended as it did, as far as it is not Campus One's word.
const (
	reasonItem   = "audience" // the item is not for them any more
	reasonGone   = "gone"     // blocked or deleted
	reasonUnsure = "unsure"   // it may have arrived, a day ago
)

// noticeKey is what Campus One knows one person's notification by.
func noticeKey(noticeID, userID string) string {
	sum := sha256.Sum256([]byte("notice\x00" + noticeID + "\x00" + userID))
	return hex.EncodeToString(sum[:16])
}

// give is one person's turn, from the question whether they are to be notified
// still to what came of it. False: the notice does not go on now.
func (n *Notices) give(ctx context.Context, one *db.Notice, p db.NoticePerson) (bool, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseTime)
	defer cancel()
	i, err := n.db.Item(ctx, one.ItemID)
	if err != nil {
		return false, err
	}
	if i.State(n.now()) != db.StatePublished {
		return false, n.stop(ctx, one.ID, db.StoppedByItem)
	}
	if p.State, p.Reason, err = n.still(ctx, &i, &p); err != nil {
		return false, err
	}
	if p.State != db.SendWaiting {
		return true, n.db.SettlePerson(ctx, p, n.now())
	}
	before := p.FirstTry
	err = n.standing.lend(ctx, p.UserID, func(access campusone.Secret) error { return n.post(ctx, one, &i, &p, access) })
	if errors.Is(err, errNotWaiting) {
		return false, nil
	}
	return n.settle(ctx, one, p, before, err)
}

// still says with what state a person's turn begins: waiting, when they are to
// be notified.
func (n *Notices) still(ctx context.Context, i *db.Item, p *db.NoticePerson) (state, reason string, err error) {
	u, err := n.db.User(ctx, p.UserID)
	if err != nil {
		return "", "", err
	}
	if u.Blocked || !u.Deleted.IsZero() {
		return db.SendLeft, reasonGone, nil
	}
	if !n.gate(i)(&u) {
		return db.SendLeft, reasonItem, nil
	}
	notify, err := n.standing.notifies(ctx, &u)
	switch {
	case err != nil:
		return "", "", err
	case !notify:
		return db.SendNoGrant, "", nil
	case !p.FirstTry.IsZero() && n.now().Sub(p.FirstTry) >= unsureAfter:
		return db.SendFailed, reasonUnsure, nil
	}
	return db.SendWaiting, "", nil
}

// post sends the notification, its time noted first.
func (n *Notices) post(ctx context.Context, one *db.Notice, i *db.Item, p *db.NoticePerson, access campusone.Secret) error {
	waits, err := n.db.TryPerson(ctx, *p, n.now())
	if err != nil {
		return err
	}
	if !waits {
		return errNotWaiting
	}
	if p.FirstTry.IsZero() {
		p.FirstTry = n.now()
	}
	n.pace.take(n.now())
	if n.Within > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, n.Within)
		defer cancel()
	}
	return n.provider.Notify(ctx, access, campusone.Notification{
		Title: one.Title, Body: one.Body, Type: one.Type, Target: n.Address(i.Kind, i.Slug),
	}, noticeKey(one.ID, p.UserID))
}

// settle stores what came of a person's turn. before is when, until this turn,
// the notification may first have arrived: a plain no changes nothing about it.
func (n *Notices) settle(ctx context.Context, one *db.Notice, p db.NoticePerson, before time.Time, cause error) (going bool, err error) {
	now := n.now()
	tried := p.FirstTry
	p.FirstTry, p.NextTry = before, now
	switch {
	case cause == nil:
		n.failures = 0
		delete(n.refusals, one.ID)
		p.State, p.FirstTry = db.SendSent, tried
	case errors.Is(cause, errSignInFirst):
		p.State = db.SendExpired
	case errors.Is(cause, errNotGranted), errors.Is(cause, campusone.ErrForbidden):
		p.State = db.SendNoGrant
		err = n.revoke(ctx, p.UserID)
	case errors.Is(cause, errNoRoom):
		p.NextTry = n.room()
	case errors.Is(cause, errInUse):
		p.NextTry = now.Add(pauseBusy)
	case errors.Is(cause, campusone.ErrBusy), errors.Is(cause, campusone.ErrRefused):
		p.FirstTry = doubtful(cause, tried, before)
		return n.trouble(ctx, one, p, cause)
	default:
		return false, cause // of the database: the person keeps their turn
	}
	return true, errors.Join(err, n.db.SettlePerson(ctx, p, now))
}

// doubtful is since when a notification may have arrived, after an answer that
// does not say so.
func doubtful(cause error, tried, before time.Time) time.Time {
	if errors.Is(cause, campusone.ErrRefused) || campusone.Reason(cause) == campusone.ReasonRateLimit {
		return before
	}
	return tried
}

func (n *Notices) revoke(ctx context.Context, userID string) error {
	u, err := n.db.User(ctx, userID)
	if err != nil {
		return err
	}
	return n.standing.revoke(ctx, &u)
}

// trouble gives a person another turn later, and has everybody wait for a
// while. What was asked too soon was not the person's fault, and costs no turn.
func (n *Notices) trouble(ctx context.Context, one *db.Notice, p db.NoticePerson, cause error) (going bool, err error) {
	now := n.now()
	p.Reason = campusone.Reason(cause)
	until := n.rest(cause)
	p.NextTry = until
	if p.Reason != campusone.ReasonRateLimit {
		p.Tries++
		p.NextTry = now.Add(pause(p.Tries))
	}
	if p.Tries >= noticeTries {
		p.State = db.SendFailed
	}
	n.log.Warn("a notification was not taken", "notice", one.ID, "try", p.Tries, "given_up", p.State == db.SendFailed, "rests", until.Sub(now).String(), "error", cause)
	if err := n.db.SettlePerson(ctx, p, now); err != nil {
		return false, err
	}
	if !errors.Is(cause, campusone.ErrRefused) {
		return true, nil
	}
	if n.refusals[one.ID]++; n.refusals[one.ID] < refusalsInARow {
		return true, nil
	}
	delete(n.refusals, one.ID)
	return false, n.stop(ctx, one.ID, db.StoppedByRefusal)
}

// rest has the worker leave Campus One alone, longer each time in a row.
func (n *Notices) rest(cause error) time.Time {
	until := n.now().Add(max(min(pause(n.failures), longestRest), campusone.RetryAfter(cause)))
	n.failures++
	n.mu.Lock()
	defer n.mu.Unlock()
	n.resumes = until
	return until
}
