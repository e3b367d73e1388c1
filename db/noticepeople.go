package db

import (
	"context"
	"fmt"
	"time"
)

// The states of one person in a notice. All but waiting and stopped are final.
const (
	SendWaiting = "waiting"
	SendSent    = "sent"
	SendFailed  = "failed"
	SendNoGrant = "no_grant" // may not be notified
	SendExpired = "expired"  // has to sign in again first
	SendLeft    = "left"     // the item is not for them any more
	SendStopped = "stopped"  // the notice was, before their turn came
)

// NoticePerson is one person to be notified.
type NoticePerson struct {
	NoticeID, UserID string
	State            string
	Tries            int
	FirstTry         time.Time // when it may first have reached Campus One; zero: it cannot have
	NextTry          time.Time
	Settled          time.Time
	Reason           string // of the state, a fixed word
}

// EnrolPeople puts people into a notice that is being prepared; who is in it
// already stays as they are. ErrNoticeOver when it is not being prepared.
func (d *DB) EnrolPeople(ctx context.Context, id string, people []NoticePerson, at time.Time) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		n, err := scanNotice(t.QueryRowContext(ctx, `SELECT `+noticeColumns+` FROM notices WHERE id = $1`+t.forUpdate(), id))
		if err != nil {
			return missing(err, "reading notice %s", id)
		}
		if n.State != NoticePreparing {
			return ErrNoticeOver
		}
		for _, p := range people {
			// A person erased meanwhile has a tombstone, so the row can be made; it finds nobody to send to.
			_, err := t.ExecContext(ctx, `INSERT INTO notice_people (notice_id, user_id, state, tries, first_try, next_try, settled, reason) VALUES ($1, $2, $3, 0, 0, $4, 0, $5)
				ON CONFLICT (notice_id, user_id) DO NOTHING`, id, p.UserID, p.State, micros(at), p.Reason)
			if err != nil {
				return fmt.Errorf("putting people into notice %s: %w", id, err)
			}
		}
		return nil
	})
}

// DuePeople are those whose turn has come. With ready they are people of whom
// an access token is kept that is good until a moment, the one that ends first
// in front; without, all others, the one whose token is the oldest in front.
// Whoever had fewer turns comes before that.
func (d *DB) DuePeople(ctx context.Context, id, kind string, ready bool, now, until time.Time, limit int) ([]NoticePerson, error) {
	scan := func(row scanner) (p NoticePerson, err error) {
		p.NoticeID, p.State = id, SendWaiting
		return p, row.Scan(&p.UserID, &p.Tries, moment{&p.FirstTry}, moment{&p.NextTry}, &p.Reason)
	}
	which, order := `coalesce(t.access_until, 0) <= $4`, `coalesce(t.updated, 0)`
	if ready {
		which, order = `t.access_until > $4`, `t.access_until`
	}
	all, err := collect(ctx, d.read, scan, `SELECT p.user_id, p.tries, p.first_try, p.next_try, p.reason
		FROM notice_people p LEFT JOIN tokens t ON t.user_id = p.user_id AND t.kind = $2
		WHERE p.notice_id = $1 AND p.state = 'waiting' AND p.next_try <= $3 AND `+which+` ORDER BY p.tries, `+order+`, p.user_id LIMIT $5`, id, kind, micros(now), micros(until), limit)
	if err != nil {
		return nil, fmt.Errorf("reading whom notice %s is to reach next: %w", id, err)
	}
	return all, nil
}

// WaitingPeople says how many people of a notice wait, how many of them have
// no access token that is good until a moment, and when the first is due.
func (d *DB) WaitingPeople(ctx context.Context, id, kind string, until time.Time) (waiting, unready int, due time.Time, err error) {
	err = d.read.QueryRowContext(ctx, `SELECT count(*), coalesce(sum(CASE WHEN coalesce(t.access_until, 0) <= $3 THEN 1 ELSE 0 END), 0), coalesce(min(p.next_try), 0)
		FROM notice_people p LEFT JOIN tokens t ON t.user_id = p.user_id AND t.kind = $2 WHERE p.notice_id = $1 AND p.state = 'waiting'`, id, kind, micros(until)).
		Scan(&waiting, &unready, moment{&due})
	if err != nil {
		err = fmt.Errorf("counting who waits in notice %s: %w", id, err)
	}
	return waiting, unready, due, err
}

// TryPerson notes, before it happens, that a notification is about to be sent
// to somebody who waits. False when they do not wait any more.
func (d *DB) TryPerson(ctx context.Context, p NoticePerson, at time.Time) (bool, error) {
	n := 0
	err := d.write(ctx, Durable, func(t *Tx) (err error) {
		n, err = t.exec(ctx, `UPDATE notice_people SET first_try = CASE WHEN first_try = 0 THEN $3 ELSE first_try END WHERE notice_id = $1 AND user_id = $2 AND state = 'waiting'
			AND EXISTS (SELECT 1 FROM notice_consents WHERE notice_consents.user_id = $2 AND notice_consents.granted > 0 AND notice_consents.declined = 0)`,
			p.NoticeID, p.UserID, micros(at))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("noting a try of notice %s: %w", p.NoticeID, err)
	}
	return n == 1, nil
}

// SettlePerson stores what came of a person's turn. What was found out counts
// even when the notice was stopped meanwhile; only to wait again needs it to be
// on its way.
func (d *DB) SettlePerson(ctx context.Context, p NoticePerson, at time.Time) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		n, err := t.exec(ctx, `UPDATE notice_people SET state = $3, tries = $4, first_try = $5, next_try = $6, settled = $7, reason = $8
			WHERE notice_id = $1 AND user_id = $2 AND (state = 'waiting' OR state = 'stopped' AND $3 <> 'waiting')`,
			p.NoticeID, p.UserID, p.State, p.Tries, micros(p.FirstTry), micros(p.NextTry), micros(at), p.Reason)
		switch {
		case err != nil:
		case n == 0: // erased meanwhile, or stopped
		case p.State == SendWaiting:
			_, err = t.ExecContext(ctx, `UPDATE notices SET trouble = $2 WHERE id = $1`, p.NoticeID, p.Reason)
		default:
			_, err = t.ExecContext(ctx, `UPDATE notices SET moved = $2, trouble = '' WHERE id = $1`, p.NoticeID, micros(at))
		}
		if err != nil {
			return fmt.Errorf("storing what came of notice %s: %w", p.NoticeID, err)
		}
		return nil
	})
}

// moveAll puts everybody of a notice who is in one state into another.
func (t *Tx) moveAll(ctx context.Context, id, from, to string, at time.Time) error {
	_, err := t.ExecContext(ctx, `UPDATE notice_people SET state = $3, next_try = $4, settled = $4 WHERE notice_id = $1 AND state = $2`, id, from, to, micros(at))
	if err != nil {
		return fmt.Errorf("changing the people of notice %s: %w", id, err)
	}
	return nil
}

// Notified is what a person was sent, for themselves.
type Notified struct {
	ItemID, Title, State string
	Settled              time.Time
}

func (d *DB) notifiedOf(ctx context.Context, userID string) ([]Notified, error) {
	scan := func(row scanner) (n Notified, err error) {
		return n, row.Scan(&n.ItemID, &n.Title, &n.State, moment{&n.Settled})
	}
	return collect(ctx, d.read, scan, `SELECT notices.item_id, notices.title, p.state, p.settled FROM notice_people p JOIN notices ON notices.id = p.notice_id
		WHERE p.user_id = $1 ORDER BY notices.started, notices.id`, userID)
}

// Reachable is what decides whether a person can be notified.
type Reachable struct {
	Consent
	Stored      time.Time // when their token was; zero: there is none
	AccessUntil time.Time
}

// EachReachable is EachPerson with what decides whether each can be notified.
func (d *DB) EachReachable(ctx context.Context, kind string, most int, see func(*User, Reachable)) (more bool, err error) {
	rows, err := d.read.QueryContext(ctx, `SELECT `+userColumns+`, coalesce(c.granted, 0), coalesce(c.declined, 0), coalesce(t.updated, 0), coalesce(t.access_until, 0)
		FROM users LEFT JOIN notice_consents c ON c.user_id = users.id LEFT JOIN tokens t ON t.user_id = users.id AND t.kind = $1
		WHERE users.deleted = 0 AND NOT EXISTS (SELECT 1 FROM blocks WHERE blocks.provider = users.provider AND blocks.sub = users.sub) LIMIT $2`, kind, most+1)
	if err != nil {
		return false, fmt.Errorf("going through all people: %w", err)
	}
	defer func() { _ = rows.Close() }() // rows.Err says all there is to say
	for n := 0; rows.Next(); n++ {
		if n == most {
			return true, nil
		}
		var u userRow
		var r Reachable
		if err := rows.Scan(append(u.fields(), moment{&r.Granted}, moment{&r.Declined}, moment{&r.Stored}, moment{&r.AccessUntil})...); err != nil {
			return false, err
		}
		one, err := u.user()
		if err != nil {
			return false, err
		}
		see(&one, r)
	}
	if err := rows.Err(); err != nil {
		return false, fmt.Errorf("going through all people: %w", err)
	}
	return false, nil
}

// PurgeNotified removes up to limit rows that say who was to be notified, of
// notices that ended before a moment, and says how many went. The counts stay.
func (d *DB) PurgeNotified(ctx context.Context, before time.Time, limit int) (n int, err error) {
	err = d.write(ctx, Relaxed, func(t *Tx) (err error) {
		n, err = t.exec(ctx, `DELETE FROM notice_people WHERE (notice_id, user_id) IN (SELECT p.notice_id, p.user_id FROM notice_people p
			JOIN notices ON notices.id = p.notice_id WHERE notices.state = 'done' AND notices.ended < $1 LIMIT $2)`, micros(before), limit)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("removing who was notified: %w", err)
	}
	return n, nil
}
