package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// The states of a notice.
const (
	NoticePreparing = "preparing" // its people are still to be found
	NoticeRunning   = "running"
	NoticeStopped   = "stopped" // by hand, or for the reason Why; it can go on
	NoticeDone      = "done"
)

// Why a notice was stopped.
const (
	StoppedByHand    = "hand"
	StoppedByItem    = "item"    // the item is not shown any more
	StoppedByRefusal = "refused" // Campus One would refuse it again and again
	StoppedByOff     = "off"     // notices were switched off
)

var (
	// ErrNoticeRunning says that a notice of the item is on its way already.
	ErrNoticeRunning = errors.New("a notice of this is on its way already")
	// ErrNoticeSince says that another notice of the item was started meanwhile.
	ErrNoticeSince = errors.New("another notice of this was started meanwhile")
	// ErrNoticeItem says that the item is not one to be notified of now.
	ErrNoticeItem = errors.New("this is not shown to readers, nor will it be")
	// ErrNoticeOver says that the notice is not in a state for this.
	ErrNoticeOver = errors.New("this notice is stopped or over")
)

// noticeActor is who ends a notice in the audit when no person does.
const noticeActor = "portal"

// Notice is one notification about an item, on its way to all people whom the
// item is for.
type Notice struct {
	ID, ItemID        string
	Title, Body, Type string
	State             string
	Why               string // why it was stopped
	Started           time.Time
	By                string    // id of the person who started it
	Moved             time.Time // when the last person was done with
	Trouble           string    // what has kept it from going on since; "" nothing
	Ended             time.Time // or stopped
	Counts            NoticeCounts
}

// Open says whether the notice is on its way.
func (n *Notice) Open() bool { return n.State == NoticePreparing || n.State == NoticeRunning }

// NoticeCounts is how many people are in each state.
type NoticeCounts struct {
	Waiting int `json:"waiting,omitempty"`
	Sent    int `json:"sent,omitempty"`
	Failed  int `json:"failed,omitempty"`
	NoGrant int `json:"no_grant,omitempty"`
	Expired int `json:"expired,omitempty"`
	Left    int `json:"left,omitempty"`
	Stopped int `json:"stopped,omitempty"`
}

// All is how many people there are.
func (c NoticeCounts) All() int {
	return c.Waiting + c.Sent + c.Failed + c.NoGrant + c.Expired + c.Left + c.Stopped
}

func (c *NoticeCounts) of(state string) *int {
	return map[string]*int{
		SendWaiting: &c.Waiting, SendSent: &c.Sent, SendFailed: &c.Failed, SendNoGrant: &c.NoGrant,
		SendExpired: &c.Expired, SendLeft: &c.Left, SendStopped: &c.Stopped,
	}[state]
}

const noticeColumns = `notices.id, notices.item_id, notices.title, notices.body, notices.type, notices.state, notices.why, notices.started, notices.started_by,
	notices.moved, notices.trouble, notices.ended, notices.counts`

func scanNotice(row scanner) (n Notice, err error) {
	var counts string
	err = row.Scan(&n.ID, &n.ItemID, &n.Title, &n.Body, &n.Type, &n.State, &n.Why, moment{&n.Started}, &n.By, moment{&n.Moved}, &n.Trouble, moment{&n.Ended}, &counts)
	if err == nil && counts != "" {
		err = json.Unmarshal([]byte(counts), &n.Counts)
	}
	return n, err
}

// StartNotice starts a notice of an item that readers see or will see. last is
// the id of the item's latest notice as far as whoever starts it knows, or "".
func (d *DB) StartNotice(ctx context.Context, n Notice, last string, at time.Time) (Notice, error) {
	n.ID, n.State, n.Why, n.Started, n.Moved = newID(), NoticePreparing, "", fromMicros(micros(at)), fromMicros(micros(at))
	n.Title, n.Body = plain(n.Title), plain(n.Body)
	err := d.write(ctx, Durable, func(t *Tx) error {
		if err := t.mayNotify(ctx, n.ItemID, last, at); err != nil {
			return err
		}
		_, err := t.ExecContext(ctx, `INSERT INTO notices (id, item_id, title, body, type, state, why, started, started_by, moved, trouble, ended, counts)
			VALUES ($1, $2, $3, $4, $5, $6, '', $7, $8, $7, '', 0, '')`, n.ID, n.ItemID, n.Title, n.Body, n.Type, n.State, micros(at), n.By)
		if err != nil {
			return fmt.Errorf("starting a notice of item %s: %w", n.ItemID, err)
		}
		if err := t.auditNotice(ctx, "start", &n, n.By, at); err != nil {
			return err
		}
		return t.changed(ctx, changedNotice, n.ID, at)
	})
	return n, err
}

// mayNotify says whether a notice of an item may begin. The item's row is
// locked, so that of two who begin one waits and then finds the other's.
func (t *Tx) mayNotify(ctx context.Context, itemID, last string, at time.Time) error {
	i, err := t.lockItem(ctx, itemID)
	if err != nil {
		return err
	}
	if state := i.State(at); state != StatePublished && state != StateScheduled || i.Kind != Announcement && i.Kind != EventItem {
		return ErrNoticeItem
	}
	have, err := collect(ctx, t, scanNotice, `SELECT `+noticeColumns+` FROM notices WHERE item_id = $1 ORDER BY started DESC, id DESC`, itemID)
	if err != nil {
		return fmt.Errorf("reading the notices of item %s: %w", itemID, err)
	}
	for i := range have {
		if have[i].Open() {
			return ErrNoticeRunning
		}
	}
	if len(have) > 0 && have[0].ID != last {
		return ErrNoticeSince
	}
	return nil
}

func (t *Tx) auditNotice(ctx context.Context, did string, n *Notice, by string, at time.Time) error {
	c := n.Counts
	detail := "notice " + n.ID
	if c.All() > 0 {
		detail += fmt.Sprintf(": sent %d, failed %d, not granted %d, expired %d, not meant any more %d, stopped %d", c.Sent, c.Failed, c.NoGrant, c.Expired, c.Left, c.Stopped+c.Waiting)
	}
	return t.audit(ctx, AuditEntry{At: at, Actor: by, Action: "notice." + did, Object: n.ItemID, Detail: detail})
}

// lockNotice reads a notice with its counts and keeps others from changing it.
func (t *Tx) lockNotice(ctx context.Context, id string) (Notice, error) {
	n, err := scanNotice(t.QueryRowContext(ctx, `SELECT `+noticeColumns+` FROM notices WHERE id = $1`+t.forUpdate(), id))
	if err != nil {
		return n, missing(err, "reading notice %s", id)
	}
	return n, countNotice(ctx, t, &n)
}

// countNotice counts the people of a notice that is not done: their rows are
// all there.
func countNotice(ctx context.Context, r reader, n *Notice) error {
	if n.State == NoticeDone {
		return nil
	}
	type one struct {
		state string
		n     int
	}
	scan := func(row scanner) (o one, err error) { return o, row.Scan(&o.state, &o.n) }
	all, err := collect(ctx, r, scan, `SELECT state, count(*) FROM notice_people WHERE notice_id = $1 GROUP BY state`, n.ID)
	if err != nil {
		return fmt.Errorf("counting the people of notice %s: %w", n.ID, err)
	}
	n.Counts = NoticeCounts{}
	for _, o := range all {
		if to := n.Counts.of(o.state); to != nil {
			*to = o.n
		}
	}
	return nil
}

// StopNotice stops a notice that is on its way; who waits is not notified.
// ErrNoticeOver when it is not on its way.
func (d *DB) StopNotice(ctx context.Context, id, why, by string, at time.Time) error {
	if by == "" {
		by = noticeActor
	}
	return d.turnNotice(ctx, id, at, func(t *Tx, n *Notice) error {
		if !n.Open() {
			return ErrNoticeOver
		}
		if err := t.moveAll(ctx, id, SendWaiting, SendStopped, at); err != nil {
			return err
		}
		n.State, n.Why, n.Ended = NoticeStopped, why, at
		return t.auditNotice(ctx, "stop", n, by, at)
	})
}

// ResumeNotice lets a stopped notice go on: to those it was stopped for, and
// to those who have come since.
func (d *DB) ResumeNotice(ctx context.Context, id, by string, at time.Time) error {
	return d.turnNotice(ctx, id, at, func(t *Tx, n *Notice) error {
		if n.State != NoticeStopped {
			return ErrNoticeOver
		}
		// The latest of its notices is allowed: it may be this one.
		last, err := t.lastNotice(ctx, n.ItemID)
		if err != nil {
			return err
		}
		if err := t.mayNotify(ctx, n.ItemID, last, at); err != nil {
			return err
		}
		if err := t.moveAll(ctx, id, SendStopped, SendWaiting, at); err != nil {
			return err
		}
		n.State, n.Why, n.Ended, n.Moved = NoticePreparing, "", time.Time{}, at
		return t.auditNotice(ctx, "resume", n, by, at)
	})
}

func (t *Tx) lastNotice(ctx context.Context, itemID string) (id string, err error) {
	err = t.QueryRowContext(ctx, `SELECT id FROM notices WHERE item_id = $1 ORDER BY started DESC, id DESC LIMIT 1`, itemID).Scan(&id)
	return id, missing(err, "reading the last notice of item %s", itemID)
}

// BeginNotice says that all people of a notice are found.
func (d *DB) BeginNotice(ctx context.Context, id string, at time.Time) error {
	return d.turnNotice(ctx, id, at, func(_ *Tx, n *Notice) error {
		if n.State != NoticePreparing {
			return ErrNoticeOver
		}
		n.State, n.Moved = NoticeRunning, at
		return nil
	})
}

// EndNotice ends a notice that is on its way and has nobody left who waits:
// else ErrNoticeOver. One that was stopped meanwhile can still go on.
func (d *DB) EndNotice(ctx context.Context, id string, at time.Time) error {
	return d.endNotice(ctx, id, at, func(n *Notice) bool { return n.State == NoticeRunning && n.Counts.Waiting == 0 })
}

func (d *DB) endNotice(ctx context.Context, id string, at time.Time, may func(*Notice) bool) error {
	return d.turnNotice(ctx, id, at, func(t *Tx, n *Notice) error {
		if !may(n) {
			return ErrNoticeOver
		}
		n.State, n.Ended = NoticeDone, at
		return t.auditNotice(ctx, "end", n, noticeActor, at)
	})
}

// turnNotice changes where a notice is in its life.
func (d *DB) turnNotice(ctx context.Context, id string, at time.Time, turn func(*Tx, *Notice) error) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		if err := t.turn(ctx, id, at, turn); err != nil {
			return err
		}
		return t.changed(ctx, changedNotice, id, at)
	})
}

func (t *Tx) turn(ctx context.Context, id string, at time.Time, turn func(*Tx, *Notice) error) error {
	n, err := t.lockNotice(ctx, id)
	if err != nil {
		return err
	}
	if err := turn(t, &n); err != nil {
		return err
	}
	counts := ""
	if n.State == NoticeDone {
		text, err := json.Marshal(n.Counts)
		if err != nil {
			return fmt.Errorf("ending notice %s: %w", id, err)
		}
		counts = string(text)
	}
	_, err = t.ExecContext(ctx, `UPDATE notices SET state = $2, why = $3, moved = $4, trouble = '', ended = $5, counts = $6 WHERE id = $1`,
		id, n.State, n.Why, micros(n.Moved), micros(n.Ended), counts)
	if err != nil {
		return fmt.Errorf("storing the state of notice %s: %w", id, err)
	}
	return nil
}

const changedNotice = "notice"

// Notice reads a notice with its counts; ErrNotFound when there is none.
func (d *DB) Notice(ctx context.Context, id string) (Notice, error) {
	n, err := scanNotice(d.read.QueryRowContext(ctx, `SELECT `+noticeColumns+` FROM notices WHERE id = $1`, id))
	if err != nil {
		return n, missing(err, "reading notice %s", id)
	}
	return n, countNotice(ctx, d.read, &n)
}

// NoticesOf are the notices of an item, the latest first.
func (d *DB) NoticesOf(ctx context.Context, itemID string) ([]Notice, error) {
	return d.notices(ctx, `item_id = $1 ORDER BY started DESC, id DESC`, itemID)
}

// OpenNotices are those on their way, the earliest first, uncounted.
func (d *DB) OpenNotices(ctx context.Context) ([]Notice, error) {
	all, err := collect(ctx, d.read, scanNotice, `SELECT `+noticeColumns+` FROM notices WHERE state IN ('preparing', 'running') ORDER BY started, id`)
	if err != nil {
		return nil, fmt.Errorf("reading the notices on their way: %w", err)
	}
	return all, nil
}

// LatestNotices are those that are not over, or were until a moment ago.
func (d *DB) LatestNotices(ctx context.Context, since time.Time, limit int) ([]Notice, error) {
	return d.notices(ctx, `state <> 'done' OR ended >= $1 ORDER BY started DESC, id DESC LIMIT $2`, micros(since), limit)
}

// StuckNotices are those on their way that have not moved since a moment,
// though their item was shown by then, and those stopped since another that
// nobody stopped by hand.
func (d *DB) StuckNotices(ctx context.Context, still, stopped time.Time) ([]Notice, error) {
	return d.notices(ctx, `state IN ('preparing', 'running') AND moved < $1 AND EXISTS (SELECT 1 FROM items WHERE items.id = notices.item_id AND items.publish_at < $1)
		OR state = 'stopped' AND why IN ('refused', 'off') AND ended >= $2 ORDER BY started, id`, micros(still), micros(stopped))
}

func (d *DB) notices(ctx context.Context, where string, args ...any) ([]Notice, error) {
	all, err := collect(ctx, d.read, scanNotice, `SELECT `+noticeColumns+` FROM notices WHERE `+where, args...)
	for i := range all {
		if err == nil {
			err = countNotice(ctx, d.read, &all[i])
		}
	}
	if err != nil {
		return nil, fmt.Errorf("reading notices: %w", err)
	}
	return all, nil
}

// CloseNotices ends those that were stopped before a moment, for good.
func (d *DB) CloseNotices(ctx context.Context, before, at time.Time) error {
	old, err := d.notices(ctx, `state = 'stopped' AND ended < $1`, micros(before))
	for _, n := range old {
		if e := d.endNotice(ctx, n.ID, at, func(n *Notice) bool { return n.State == NoticeStopped }); e != nil && !errors.Is(e, ErrNoticeOver) {
			err = errors.Join(err, e)
		}
	}
	return err
}
