package db

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
)

// endedByHand is why a session ended that somebody chose to end.
const endedByHand = "by hand"

// liveAt is the condition of a session that lives at the time in a parameter.
func liveAt(parameter int) string {
	now := `$` + strconv.Itoa(parameter)
	return `user_sessions.ended = 0 AND user_sessions.expires > ` + now + ` AND user_sessions.last_seen + user_sessions.idle > ` + now
}

// SessionQuery chooses living sessions and a page of them.
type SessionQuery struct {
	UserID string // "" is everybody
	After  string // the id of the last session of the page before
	Limit  int
}

// SessionLine is a session with its person.
type SessionLine struct {
	Session
	User User
}

// LiveSessions lists who is signed in, the newest session first. More says
// that another page follows. ErrNotFound when the session of After is gone.
func (d *DB) LiveSessions(ctx context.Context, q SessionQuery) (page []SessionLine, more bool, err error) {
	args := []any{micros(d.now()), q.UserID}
	after := ``
	if q.After != "" {
		var created int64
		err = d.read.QueryRowContext(ctx, `SELECT created FROM user_sessions WHERE id = $1`, q.After).Scan(&created)
		if err != nil {
			return nil, false, missing(err, "finding where the list goes on")
		}
		args = append(args, created, q.After)
		after = ` AND (user_sessions.created, user_sessions.id) < ($3, $4)`
	}
	args = append(args, q.Limit+1)
	all, err := collect(ctx, d.read, scanSessionLine, `SELECT `+sessionColumns+`, `+userColumns+`
		FROM user_sessions JOIN users ON users.id = user_sessions.user_id
		WHERE `+liveAt(1)+` AND ($2 = '' OR user_sessions.user_id = $2)`+after+fmt.Sprintf(`
		ORDER BY user_sessions.created DESC, user_sessions.id DESC LIMIT $%d`, len(args)), args...)
	if err != nil {
		return nil, false, fmt.Errorf("listing sessions: %w", err)
	}
	return all[:min(len(all), q.Limit)], len(all) > q.Limit, nil
}

func scanSessionLine(row scanner) (SessionLine, error) {
	var s sessionRow
	var u userRow
	if err := row.Scan(append(s.fields(), u.fields()...)...); err != nil {
		return SessionLine{}, err
	}
	user, err := u.user()
	return SessionLine{Session: s.session(), User: user}, err
}

// Ending is who ended sessions, why and when. The audit keeps it.
type Ending struct {
	By, Reason string
	At         time.Time
}

// ErrNoSession says which session there is not.
type ErrNoSession struct{ ID string }

// Error implements error.
func (e ErrNoSession) Error() string { return "there is no session " + e.ID }

// EndChosen ends sessions by id, all or, when one of them does not exist,
// none (ErrNoSession). It says how many lived until now.
func (d *DB) EndChosen(ctx context.Context, ids []string, e Ending) (n int, err error) {
	err = d.write(ctx, Durable, func(t *Tx) (err error) {
		n, err = t.endChosen(ctx, unique(ids), e)
		return err
	})
	return n, err
}

func (t *Tx) endChosen(ctx context.Context, ids []string, e Ending) (n int, err error) {
	for _, id := range ids {
		var hash, user string
		var ended int64
		err := t.QueryRowContext(ctx, `SELECT token_hash, user_id, ended FROM user_sessions WHERE id = $1`+t.forUpdate(), id).Scan(&hash, &user, &ended)
		if err = missing(err, "reading session %s", id); errors.Is(err, ErrNotFound) {
			return 0, ErrNoSession{id}
		} else if err != nil {
			return 0, err
		}
		if ended != 0 {
			continue
		}
		n++
		if err := t.endSession(ctx, hash, endedByHand, e.At); err != nil {
			return 0, err
		}
		if err := t.audit(ctx, AuditEntry{At: e.At, Actor: e.By, Action: "session.end", Object: user, Detail: e.Reason}); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// EndPerson ends all sessions of a person, whenever they began by the
// provider's clock, and the sign-ins under way. It says how many lived.
func (d *DB) EndPerson(ctx context.Context, userID string, e Ending) (n int, err error) {
	err = d.write(ctx, Durable, func(t *Tx) (err error) {
		if n, err = t.endSessionsOf(ctx, userID, e.At, endedByHand, e.At); err != nil {
			return err
		}
		ahead, err := t.endLive(ctx, userID, math.MaxInt64, endedByHand, e.At)
		if err != nil {
			return err
		}
		n += ahead
		return t.audit(ctx, AuditEntry{At: e.At, Actor: e.By, Action: "sessions.end", Object: userID, Detail: e.Reason})
	})
	return n, err
}

// EndEverybody ends all sessions, and the sign-ins under way of people met
// before. It says how many sessions had not been ended before.
func (d *DB) EndEverybody(ctx context.Context, e Ending) (n int, err error) {
	err = d.write(ctx, Durable, func(t *Tx) (err error) {
		if _, err = t.ExecContext(ctx, `UPDATE users SET ended_before = $1 WHERE ended_before < $1`, micros(e.At)); err != nil {
			return fmt.Errorf("ending everybody's sessions: %w", err)
		}
		n, err = t.exec(ctx, `UPDATE user_sessions SET ended = $1, ended_why = $2 WHERE ended = 0`, micros(e.At), endedByHand)
		if err != nil {
			return fmt.Errorf("ending everybody's sessions: %w", err)
		}
		if err = t.audit(ctx, AuditEntry{At: e.At, Actor: e.By, Action: "sessions.end", Object: "everybody", Detail: e.Reason}); err != nil {
			return err
		}
		return t.changed(ctx, "all", "", e.At)
	})
	return n, err
}
