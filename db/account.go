package db

import (
	"context"
	"fmt"
	"math"
	"time"
)

const (
	actionForget = "forget"
	everything   = math.MaxInt32 // as a limit
)

// EndOthers ends a person's sessions in all browsers but one: the session
// whose token has this hash goes on. The audit keeps it.
func (d *DB) EndOthers(ctx context.Context, userID, keep string, e Ending) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		scan := func(row scanner) (hash string, err error) { return hash, row.Scan(&hash) }
		others, err := collect(ctx, t, scan, `SELECT token_hash FROM user_sessions WHERE user_id = $1 AND token_hash <> $2 AND ended = 0 ORDER BY token_hash`+t.forUpdate(), userID, keep)
		if err != nil {
			return fmt.Errorf("reading the sessions of user %s: %w", userID, err)
		}
		for _, hash := range others {
			if err := t.endSession(ctx, hash, endedByHand, e.At); err != nil {
				return err
			}
		}
		return t.audit(ctx, AuditEntry{At: e.At, Actor: e.By, Action: "sessions.end", Object: userID, Detail: e.Reason})
	})
}

// ShareSession gives a living session the shorter life of one on a shared
// computer: idle and expires count where they are less than what it has.
func (d *DB) ShareSession(ctx context.Context, tokenHash string, idle time.Duration, expires, at time.Time) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		n, err := t.exec(ctx, `UPDATE user_sessions SET shared = $5, idle = CASE WHEN idle > $2 THEN $2 ELSE idle END, expires = CASE WHEN expires > $3 THEN $3 ELSE expires END
			WHERE token_hash = $1 AND ended = 0 AND expires > $4`, tokenHash, idle.Microseconds(), micros(expires), micros(at), true)
		if err != nil {
			return fmt.Errorf("shortening a session: %w", err)
		}
		if n == 0 {
			return fmt.Errorf("shortening a session: %w", ErrEnded)
		}
		return t.changed(ctx, "session", tokenHash, at)
	})
}

// Forget erases what the portal itself has noted of a person, at their own
// wish: reads, sign-ins, devices, calendar addresses, drafts, lines left over
// from a file they added, notices they were sent and what was kept to ask Campus One with. All their sessions end, and
// stay as the bare fact of it; so does that they want no notices.
// ErrNotFound when there is no such living person.
//
// The facts stay, for as long as Campus One has the account: without their
// as-of times a late and long untrue event would count again, and grant what
// was taken. So do blocks, grants and the audit, which names people by id.
func (d *DB) Forget(ctx context.Context, userID string, at time.Time) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		u, err := t.living(ctx, userID)
		if err != nil {
			return err
		}
		if _, err := t.endSessionsOf(ctx, u.ID, at, actionForget, at); err != nil {
			return err
		}
		if _, err := t.endLive(ctx, u.ID, math.MaxInt64, actionForget, at); err != nil {
			return err
		}
		if err := t.forget(ctx, u.ID, at); err != nil {
			return err
		}
		return t.audit(ctx, AuditEntry{At: at, Actor: u.ID, Action: actionForget, Object: u.ID})
	})
}

func (t *Tx) forget(ctx context.Context, userID string, at time.Time) error {
	if err := t.forgetRollups(ctx, userID); err != nil {
		return err
	}
	for _, query := range []string{
		`DELETE FROM reads`, `DELETE FROM sign_ins`, `DELETE FROM calendar_addresses`, `DELETE FROM drafts`, `DELETE FROM tokens`,
		`DELETE FROM notice_people`, `UPDATE notice_consents SET granted = 0`,
	} {
		if _, err := t.ExecContext(ctx, query+` WHERE user_id = $1`, userID); err != nil {
			return fmt.Errorf("forgetting user %s: %w", userID, err)
		}
	}
	_, err := t.ExecContext(ctx, `UPDATE user_sessions SET device = '', network = '', began = ended, created = ended, last_seen = ended WHERE user_id = $1 AND ended > 0`, userID)
	if err != nil {
		return fmt.Errorf("forgetting the devices of user %s: %w", userID, err)
	}
	if err := t.forgetImports(ctx, userID); err != nil {
		return err
	}
	if err := t.dropIDTokens(ctx, userID); err != nil {
		return err
	}
	return t.changed(ctx, changedReads, userID, at)
}

// living reads and locks a living person by id.
func (t *Tx) living(ctx context.Context, userID string) (User, error) {
	var provider, sub string
	err := t.QueryRowContext(ctx, `SELECT provider, sub FROM users WHERE id = $1 AND deleted = 0`, userID).Scan(&provider, &sub)
	if err != nil {
		return User{}, missing(err, "reading user %s", userID)
	}
	p, err := t.person(ctx, provider, sub)
	if err == nil && p.ID != userID { // deleted while we waited
		err = fmt.Errorf("reading user %s: %w", userID, ErrNotFound)
	}
	return p.User, err
}

// Holdings is everything that is kept on one person, but for secrets.
type Holdings struct {
	PersonRecord
	Done       []AuditEntry // what they did themselves, the latest first
	Reads      []Read
	Calendar   []CalendarAddress // revoked ones too
	Deliveries []Delivery        // what Campus One's events said of them, the oldest first
	Items      []HeldItem        // what they look after
	Drafts     []Draft           // what they wrote and did not save
	Imports    []Import          // what they added out of files, and the lines left over
	Standing   []HeldToken       // what is kept to ask Campus One about them with, or to notify them
	Consent    Consent           // whether they may be notified
	Notified   []Notified        // what they were to be notified of
	Written    []HeldVersion     // what they saved of items
	Settings   []HeldSetting     // what they saved last of the settings
	Given      []HeldGrant       // the permissions that they gave others
}

// HeldItem is an item that a person owns.
type HeldItem struct{ ID, Kind, Title string }

// HeldVersion is a version of an item that a person saved.
type HeldVersion struct {
	Item    string
	Version int
	Saved   time.Time
}

// HeldSetting is a setting of the portal that a person saved last.
type HeldSetting struct {
	Key   string
	Saved time.Time
}

// HeldGrant is a permission that a person gave somebody; not whom, for that is
// told to that person.
type HeldGrant struct {
	Permission string
	Given      time.Time
}

// HeldToken says that a secret of a person is kept, and since when; not the secret.
type HeldToken struct {
	Kind    string
	Updated time.Time
}

// Holdings reads everything about a person; ErrNotFound when there never was one.
func (d *DB) Holdings(ctx context.Context, userID string) (Holdings, error) {
	record, err := d.PersonRecord(ctx, userID, everything)
	if err != nil {
		return Holdings{}, err
	}
	h := Holdings{PersonRecord: record}
	steps := []func() error{
		func() (err error) { h.Done, err = d.auditWhere(ctx, `actor = $1`, everything, userID); return err },
		func() (err error) { h.Reads, err = d.ReadsOf(ctx, userID); return err },
		func() (err error) { h.Calendar, err = d.calendarsOf(ctx, userID); return err },
		func() (err error) { h.Deliveries, err = d.deliveriesAbout(ctx, record.Sub); return err },
		func() (err error) { h.Items, err = d.itemsOf(ctx, userID); return err },
		func() (err error) { h.Drafts, err = d.heldDrafts(ctx, userID); return err },
		func() (err error) { h.Imports, err = d.importsOf(ctx, userID); return err },
		func() (err error) { h.Standing, err = d.tokensOf(ctx, userID); return err },
		func() (err error) { h.Written, err = d.versionsBy(ctx, userID); return err },
		func() (err error) { h.Settings, err = d.settingsBy(ctx, userID); return err },
		func() (err error) { h.Given, err = d.grantsBy(ctx, userID); return err },
		func() (err error) { h.Consent, err = d.Consent(ctx, userID); return err },
		func() (err error) { h.Notified, err = d.notifiedOf(ctx, userID); return err },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return Holdings{}, fmt.Errorf("reading all about user %s: %w", userID, err)
		}
	}
	return h, nil
}

func (d *DB) calendarsOf(ctx context.Context, userID string) ([]CalendarAddress, error) {
	scan := func(row scanner) (a CalendarAddress, err error) {
		return a, row.Scan(&a.UserID, moment{&a.Created}, moment{&a.Revoked})
	}
	return collect(ctx, d.read, scan, `SELECT user_id, created, revoked FROM calendar_addresses WHERE user_id = $1 ORDER BY created`, userID)
}

func (d *DB) deliveriesAbout(ctx context.Context, sub string) ([]Delivery, error) {
	scan := func(row scanner) (v Delivery, err error) {
		return v, row.Scan(&v.Key, &v.Event, moment{&v.Occurred}, moment{&v.Received}, &v.State, &v.Body)
	}
	return collect(ctx, d.read, scan, `SELECT key, event, occurred, received, state, body FROM deliveries WHERE sub = $1 AND sub <> '' ORDER BY received, key`, plain(sub))
}

func (d *DB) itemsOf(ctx context.Context, userID string) ([]HeldItem, error) {
	scan := func(row scanner) (i HeldItem, err error) { return i, row.Scan(&i.ID, &i.Kind, &i.Title) }
	return collect(ctx, d.read, scan, `SELECT id, kind, title FROM items WHERE owner = $1 ORDER BY id`, userID)
}

func (d *DB) tokensOf(ctx context.Context, userID string) ([]HeldToken, error) {
	scan := func(row scanner) (h HeldToken, err error) { return h, row.Scan(&h.Kind, moment{&h.Updated}) }
	return collect(ctx, d.read, scan, `SELECT kind, updated FROM tokens WHERE user_id = $1 ORDER BY kind`, userID)
}

func (d *DB) versionsBy(ctx context.Context, userID string) ([]HeldVersion, error) {
	scan := func(row scanner) (v HeldVersion, err error) {
		return v, row.Scan(&v.Item, &v.Version, moment{&v.Saved})
	}
	return collect(ctx, d.read, scan, `SELECT item_id, version, saved FROM item_versions WHERE saved_by = $1 ORDER BY saved, item_id`, userID)
}

func (d *DB) settingsBy(ctx context.Context, userID string) ([]HeldSetting, error) {
	scan := func(row scanner) (h HeldSetting, err error) { return h, row.Scan(&h.Key, moment{&h.Saved}) }
	return collect(ctx, d.read, scan, `SELECT key, saved FROM settings WHERE saved_by = $1 ORDER BY key`, userID)
}

func (d *DB) grantsBy(ctx context.Context, userID string) ([]HeldGrant, error) {
	scan := func(row scanner) (h HeldGrant, err error) { return h, row.Scan(&h.Permission, moment{&h.Given}) }
	return collect(ctx, d.read, scan, `SELECT permission, granted_at FROM grants WHERE granted_by = $1 ORDER BY granted_at, permission`, userID)
}
