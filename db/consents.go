package db

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Consent is whether a person may be notified in Campus One.
type Consent struct {
	Granted  time.Time // since when Campus One lets the portal do it; zero: it does not
	Declined time.Time // when they said here that they do not want it; zero: they did not
}

// May says whether the person may be notified.
func (c Consent) May() bool { return !c.Granted.IsZero() && c.Declined.IsZero() }

const consentOf = `SELECT granted, declined FROM notice_consents WHERE user_id = $1`

// Consent reads whether a person may be notified. Of most people nothing is
// stored: they may not.
func (d *DB) Consent(ctx context.Context, userID string) (Consent, error) {
	return consent(ctx, d.read, consentOf, userID)
}

func consent(ctx context.Context, r reader, query, userID string) (c Consent, err error) {
	err = missing(r.QueryRowContext(ctx, query, userID).Scan(moment{&c.Granted}, moment{&c.Declined}), "reading whether user %s may be notified", userID)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return c, err
}

// NoteGrant notes whether Campus One lets the portal notify a person, and
// returns what holds now. Nothing is written when nothing changes.
func (d *DB) NoteGrant(ctx context.Context, userID string, granted bool, at time.Time) (Consent, error) {
	c, err := d.Consent(ctx, userID)
	if err != nil || granted == !c.Granted.IsZero() {
		return c, err
	}
	if c.Granted = (time.Time{}); granted {
		c.Granted = fromMicros(micros(at))
	}
	err = d.write(ctx, Durable, func(t *Tx) error { return t.setConsent(ctx, userID, "granted", c.Granted) })
	return c, err
}

func (t *Tx) setConsent(ctx context.Context, userID, what string, at time.Time) error {
	_, err := t.ExecContext(ctx, `INSERT INTO notice_consents (user_id, granted, declined) VALUES ($1, 0, 0) ON CONFLICT (user_id) DO NOTHING`, userID)
	if err == nil {
		_, err = t.ExecContext(ctx, `UPDATE notice_consents SET `+what+` = $2 WHERE user_id = $1`, userID, micros(at))
	}
	if err != nil {
		return fmt.Errorf("noting whether user %s may be notified: %w", userID, err)
	}
	return nil
}

// DeclineNotices remembers that a person does not want to be notified. With
// keep their token stays, because it has another use as well.
func (d *DB) DeclineNotices(ctx context.Context, userID, kind string, keep bool, at time.Time) error {
	return d.choose(ctx, userID, "notice.decline", at, func(t *Tx) error {
		if !keep {
			_, err := t.ExecContext(ctx, `DELETE FROM tokens WHERE user_id = $1 AND kind = $2`, userID, kind)
			return err
		}
		_, err := t.ExecContext(ctx, `UPDATE tokens SET access = $3, access_until = 0 WHERE user_id = $1 AND kind = $2`, userID, kind, []byte{})
		return err
	}, at)
}

// AllowNotices takes DeclineNotices back.
func (d *DB) AllowNotices(ctx context.Context, userID string, at time.Time) error {
	return d.choose(ctx, userID, "notice.allow", at, func(*Tx) error { return nil }, time.Time{})
}

// choose is a person's choice, with what follows from it.
func (d *DB) choose(ctx context.Context, userID, action string, at time.Time, then func(*Tx) error, declined time.Time) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		u, err := t.living(ctx, userID)
		if err != nil {
			return err
		}
		if err := t.setConsent(ctx, u.ID, "declined", declined); err != nil {
			return err
		}
		if err := then(t); err != nil {
			return fmt.Errorf("noting a choice of user %s: %w", userID, err)
		}
		return t.audit(ctx, AuditEntry{At: at, Actor: u.ID, Action: action, Object: u.ID})
	})
}

// ForgetGrants forgets that Campus One lets the portal notify people, for when
// it does not do so any more. What people declined stays.
func (d *DB) ForgetGrants(ctx context.Context) error {
	var n int
	err := d.read.QueryRowContext(ctx, `SELECT count(*) FROM notice_consents WHERE granted > 0`).Scan(&n)
	if err == nil && n > 0 {
		err = d.write(ctx, Durable, func(t *Tx) error {
			_, err := t.ExecContext(ctx, `UPDATE notice_consents SET granted = 0 WHERE granted > 0`)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("forgetting who may be notified: %w", err)
	}
	return nil
}
