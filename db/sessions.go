package db

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"
)

// EndedKept is how long an ended session can still be told of.
const EndedKept = 30 * 24 * time.Hour

const touchBatch = 200 // rows in one piece of work

// Session is one signed-in browser.
type Session struct {
	ID                                       string // random, for lists and forms
	TokenHash, UserID                        string
	Began, Created, LastSeen, Expires, Ended time.Time
	Confirmed                                time.Time // when the provider last said who this is
	Asked                                    time.Time // when it was last asked since; never is zero
	Idle                                     time.Duration
	Shared, Silent                           bool
	EndedWhy, Device, Network                string
}

const sessionColumns = `user_sessions.id, user_sessions.token_hash, user_sessions.user_id, user_sessions.began, user_sessions.created, user_sessions.last_seen,
	user_sessions.expires, user_sessions.confirmed, user_sessions.asked, user_sessions.ended, user_sessions.idle, user_sessions.shared, user_sessions.silent, user_sessions.ended_why, user_sessions.device, user_sessions.network`

// sessionRow scans sessionColumns.
type sessionRow struct {
	Session
	idle int64
}

func (r *sessionRow) fields() []any {
	return []any{&r.ID, &r.TokenHash, &r.UserID, moment{&r.Began}, moment{&r.Created}, moment{&r.LastSeen},
		moment{&r.Expires}, moment{&r.Confirmed}, moment{&r.Asked}, moment{&r.Ended}, &r.idle, &r.Shared, &r.Silent, &r.EndedWhy, &r.Device, &r.Network}
}

func (r *sessionRow) session() Session {
	r.Idle = time.Duration(r.idle) * time.Microsecond
	return r.Session
}

// SessionByToken reads a session and its person by the token's hash, ended
// sessions too.
func (d *DB) SessionByToken(ctx context.Context, tokenHash string) (Session, User, error) {
	var s sessionRow
	var u userRow
	stmt, err := d.sessionStatement(ctx)
	if err != nil {
		return Session{}, User{}, fmt.Errorf("reading a session: %w", err)
	}
	if err := stmt.QueryRowContext(ctx, tokenHash).Scan(append(s.fields(), u.fields()...)...); err != nil {
		return Session{}, User{}, missing(err, "reading a session")
	}
	user, err := u.user()
	return s.session(), user, err
}

// sessionStatement is SessionByToken's query, compiled once a connection:
// compiling takes several times as long as asking.
func (d *DB) sessionStatement(ctx context.Context) (*sql.Stmt, error) {
	if stmt := d.session.Load(); stmt != nil {
		return stmt, nil
	}
	stmt, err := d.read.PrepareContext(ctx, `SELECT `+sessionColumns+`, `+userColumns+`
		FROM user_sessions JOIN users ON users.id = user_sessions.user_id WHERE user_sessions.token_hash = $1`)
	if err != nil {
		return nil, err
	}
	if d.session.CompareAndSwap(nil, stmt) {
		return stmt, nil
	}
	_ = stmt.Close() // another request was first; nothing hangs on this one
	return d.session.Load(), nil
}

// SessionsOf lists a person's sessions, the newest first, ended ones included
// for as long as they are kept.
func (d *DB) SessionsOf(ctx context.Context, userID string) ([]Session, error) {
	scan := func(row scanner) (Session, error) {
		var s sessionRow
		err := row.Scan(s.fields()...)
		return s.session(), err
	}
	all, err := collect(ctx, d.read, scan, `SELECT `+sessionColumns+` FROM user_sessions WHERE user_sessions.user_id = $1 ORDER BY user_sessions.created DESC, user_sessions.id`, userID)
	if err != nil {
		return nil, fmt.Errorf("reading the sessions of user %s: %w", userID, err)
	}
	return all, nil
}

// EndSession ends a session for good. Ending it again changes nothing.
func (d *DB) EndSession(ctx context.Context, tokenHash, why string, at time.Time) error {
	return d.write(ctx, Durable, func(t *Tx) error { return t.endSession(ctx, tokenHash, why, at) })
}

func (t *Tx) endSession(ctx context.Context, tokenHash, why string, at time.Time) error {
	n, err := t.exec(ctx, `UPDATE user_sessions SET ended = $2, ended_why = $3 WHERE token_hash = $1 AND ended = 0`, tokenHash, micros(at), why)
	if err != nil {
		return fmt.Errorf("ending a session: %w", err)
	}
	if n == 0 {
		return nil
	}
	return t.changed(ctx, "session", tokenHash, at)
}

// EndSessionByID ends a session that a person, or who acts for them, chose
// from a list, and notes who did it. ErrNotFound when that person has no such
// session. Ending it again changes nothing.
func (d *DB) EndSessionByID(ctx context.Context, userID, id string, e Ending) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		var hash string
		var ended int64
		err := t.QueryRowContext(ctx, `SELECT token_hash, ended FROM user_sessions WHERE user_id = $1 AND id = $2`+t.forUpdate(), userID, id).Scan(&hash, &ended)
		if err != nil || ended != 0 {
			return missing(err, "ending a session of user %s", userID)
		}
		if err := t.endSession(ctx, hash, endedByHand, e.At); err != nil {
			return err
		}
		return t.audit(ctx, AuditEntry{At: e.At, Actor: e.By, Action: "session.end", Object: userID, Detail: e.Reason})
	})
}

// EndSessionsOf ends a person's sessions that began at a moment or before and
// lets none begin any more that did. It says how many it ended.
func (d *DB) EndSessionsOf(ctx context.Context, userID string, beganBy time.Time, why string, at time.Time) (int, error) {
	n := 0
	err := d.write(ctx, Durable, func(t *Tx) (err error) {
		n, err = t.endSessionsOf(ctx, userID, beganBy, why, at)
		return err
	})
	return n, err
}

func (t *Tx) endSessionsOf(ctx context.Context, userID string, beganBy time.Time, why string, at time.Time) (int, error) {
	// The person first: a sign-in under way holds that row or sees this.
	_, err := t.ExecContext(ctx, `UPDATE users SET ended_before = CASE WHEN ended_before < $2 THEN $2 ELSE ended_before END WHERE id = $1`, userID, micros(beganBy))
	if err != nil {
		return 0, fmt.Errorf("ending the sessions of user %s: %w", userID, err)
	}
	n, err := t.endLive(ctx, userID, micros(beganBy), why, at)
	if err != nil {
		return 0, err
	}
	return n, t.changed(ctx, "user", userID, at)
}

// endLive ends the living sessions of a person that began at a moment or before.
func (t *Tx) endLive(ctx context.Context, userID string, beganBy int64, why string, at time.Time) (int, error) {
	scan := func(row scanner) (hash string, err error) { return hash, row.Scan(&hash) }
	hashes, err := collect(ctx, t, scan, `SELECT token_hash FROM user_sessions WHERE user_id = $1 AND ended = 0 AND began <= $2 ORDER BY token_hash`+t.forUpdate(), userID, beganBy)
	if err != nil {
		return 0, fmt.Errorf("reading the sessions of user %s: %w", userID, err)
	}
	for _, hash := range hashes {
		if err := t.endSession(ctx, hash, why, at); err != nil {
			return 0, err
		}
	}
	return len(hashes), nil
}

// AskSession notes that the provider is about to be asked about a living
// session, unless it was since a moment: of many who want to, one may.
func (d *DB) AskSession(ctx context.Context, tokenHash string, at, since time.Time) (bool, error) {
	n := 0
	err := d.write(ctx, Relaxed, func(t *Tx) (err error) {
		n, err = t.exec(ctx, `UPDATE user_sessions SET asked = $2 WHERE token_hash = $1 AND ended = 0 AND asked <= $3`, tokenHash, micros(at), micros(since))
		if err != nil || n == 0 {
			return err
		}
		return t.changed(ctx, "session", tokenHash, at)
	})
	if err != nil {
		return false, fmt.Errorf("noting that a session is asked about: %w", err)
	}
	return n == 1, nil
}

// RenewSession writes what a confirmation told of the person of a living
// session, as a sign-in would, and that it is confirmed. ErrEnded when
// that person has no such session that lives, ErrNotFound when there is no
// such person; then nothing changes.
func (d *DB) RenewSession(ctx context.Context, tokenHash string, c Confirmation) error {
	err := d.write(ctx, Durable, func(t *Tx) error {
		u, err := t.confirm(ctx, c)
		if err != nil {
			return err
		}
		if _, err := t.bindGrants(ctx, &u, c.Facts, c.At); err != nil {
			return err
		}
		n, err := t.exec(ctx, `UPDATE user_sessions SET confirmed = $3 WHERE token_hash = $1 AND user_id = $2 AND ended = 0`, tokenHash, c.UserID, micros(c.At))
		switch {
		case err != nil:
			return err
		case n == 0:
			return ErrEnded
		}
		return t.changed(ctx, "session", tokenHash, c.At)
	})
	if err != nil {
		return fmt.Errorf("renewing a session of user %s: %w", c.UserID, err)
	}
	return nil
}

// Touch notes when sessions were last seen, by token hash. It changes living
// sessions only and never turns a time back.
func (d *DB) Touch(ctx context.Context, seen map[string]time.Time) error {
	// Sorted, for two processes that take rows in different orders can wait for each other.
	for hashes := range slices.Chunk(slices.Sorted(maps.Keys(seen)), touchBatch) {
		err := d.write(ctx, Relaxed, func(t *Tx) error { return t.touch(ctx, hashes, seen) })
		if err != nil {
			return fmt.Errorf("noting when sessions were seen: %w", err)
		}
	}
	return nil
}

func (t *Tx) touch(ctx context.Context, hashes []string, seen map[string]time.Time) error {
	for _, hash := range hashes {
		_, err := t.ExecContext(ctx, `UPDATE user_sessions SET last_seen = $2 WHERE token_hash = $1 AND ended = 0 AND last_seen < $2 AND expires > $2`, hash, micros(seen[hash]))
		if err != nil {
			return err
		}
	}
	return nil
}

// PurgeSessions removes up to limit sessions each that have expired or that
// ended 30 days ago, and as many expired rows of scs. It says how many rows
// went; call it again while it is limit or more.
func (d *DB) PurgeSessions(ctx context.Context, now time.Time, limit int) (int, error) {
	total := 0
	err := d.write(ctx, Relaxed, func(t *Tx) error {
		total = 0
		steps := []struct {
			query string
			until any
		}{
			{`DELETE FROM user_sessions WHERE token_hash IN (SELECT token_hash FROM user_sessions WHERE ended = 0 AND expires <= $1 LIMIT $2)`, micros(now)},
			{`DELETE FROM user_sessions WHERE token_hash IN (SELECT token_hash FROM user_sessions WHERE ended > 0 AND ended <= $1 LIMIT $2)`, micros(now.Add(-EndedKept))},
			{`DELETE FROM sessions WHERE token IN (SELECT token FROM sessions WHERE expiry <= $1 LIMIT $2)`, t.scsTime(now)},
		}
		for _, s := range steps {
			n, err := t.exec(ctx, s.query, s.until, limit)
			if err != nil {
				return fmt.Errorf("removing old sessions: %w", err)
			}
			total += n
		}
		return nil
	})
	return total, err
}

// scsTime is a time as scs stores it: a Julian day on SQLite.
func (t *Tx) scsTime(at time.Time) any {
	if t.engine == Postgres {
		return at
	}
	const unixEpoch, dayMicros = 2440587.5, 86400e6
	return unixEpoch + float64(at.UnixMicro())/dayMicros
}
