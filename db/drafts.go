package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ErrTooManyDrafts says that an editor has as many unfinished texts as may be
// kept for one person.
var ErrTooManyDrafts = errors.New("no more drafts are kept for one person")

const (
	// DraftsKept is how long a draft stays after it was touched last.
	DraftsKept = 30 * 24 * time.Hour
	// MostDrafts is how many one person can have.
	MostDrafts = 20
	longDraft  = 1 << 20 // bytes of JSON: a form that is taken always fits
)

// Draft is what an editor has written and not saved: their own, seen by no
// reader and by no other editor, and no version of anything.
type Draft struct {
	ID      string
	UserID  string
	Kind    Kind
	ItemID  string // "" while the item is not there yet
	Version int    // of the item when they began
	Title   string // as it was typed
	Turn    int    // rises each time it is kept
	Saved   time.Time
	Fields  map[string][]string // the form; left out in lists
}

const draftColumns = `drafts.id, drafts.user_id, drafts.kind, drafts.item_id, drafts.version, drafts.title, drafts.turn, drafts.saved`

func (d *Draft) columns() []any {
	return []any{&d.ID, &d.UserID, &d.Kind, &d.ItemID, &d.Version, &d.Title, &d.Turn, moment{&d.Saved}}
}

// KeepDraft stores a draft and returns it with its id and turn. Only the
// window that kept a draft last overwrites it: where the id and the turn are
// not those of the stored one, it becomes a draft of its own beside it. So two
// windows, or one that was left open, never lose each other's text.
// ErrNotFound when the item or the person is gone.
func (d *DB) KeepDraft(ctx context.Context, draft Draft) (Draft, error) {
	fields, err := json.Marshal(draft.Fields)
	if err != nil {
		return Draft{}, fmt.Errorf("encoding a draft: %w", err)
	}
	if len(fields) > longDraft {
		return Draft{}, fmt.Errorf("%w: the draft is too long", ErrUnfit)
	}
	kept := draft
	err = d.write(ctx, Durable, func(t *Tx) error {
		kept = draft
		kept.Title, kept.Saved = plain(draft.Title), fromMicros(micros(draft.Saved))
		n, err := t.exec(ctx, `UPDATE drafts SET version = $6, title = $7, fields = $8, turn = turn + 1, saved = $9
			WHERE id = $1 AND user_id = $2 AND kind = $3 AND item_id = $4 AND turn = $5`,
			draft.ID, draft.UserID, string(draft.Kind), draft.ItemID, draft.Turn, draft.Version, kept.Title, string(fields), micros(kept.Saved))
		if err != nil {
			return fmt.Errorf("keeping a draft: %w", err)
		}
		if n == 1 {
			kept.Turn++
			return nil
		}
		kept.ID, kept.Turn = newID(), 1
		return t.beginDraft(ctx, &kept, string(fields))
	})
	return kept, err
}

// beginDraft stores a draft that was not there before.
func (t *Tx) beginDraft(ctx context.Context, d *Draft, fields string) error {
	if err := t.lockName(ctx, "drafts "+d.UserID); err != nil {
		return err
	}
	var have int
	if err := t.QueryRowContext(ctx, `SELECT count(*) FROM drafts WHERE user_id = $1`, d.UserID).Scan(&have); err != nil {
		return fmt.Errorf("counting drafts: %w", err)
	}
	if have >= MostDrafts {
		return ErrTooManyDrafts
	}
	if d.ItemID != "" {
		if _, err := t.lockItem(ctx, d.ItemID); err != nil {
			return err
		}
	}
	n, err := t.exec(ctx, `INSERT INTO drafts (id, user_id, kind, item_id, version, title, fields, turn, saved)
		SELECT $1, users.id, $3, $4, $5, $6, $7, $8, $9 FROM users WHERE users.id = $2 AND users.deleted = 0`,
		d.ID, d.UserID, string(d.Kind), d.ItemID, d.Version, d.Title, fields, d.Turn, micros(d.Saved))
	if err != nil {
		return fmt.Errorf("keeping a new draft: %w", err)
	}
	if n == 0 {
		return fmt.Errorf("keeping a draft of user %s: %w", d.UserID, ErrNotFound)
	}
	return t.audit(ctx, AuditEntry{At: d.Saved, Actor: d.UserID, Action: "draft.keep", Object: d.ID})
}

// Draft reads a person's own draft; ErrNotFound when there is none.
func (d *DB) Draft(ctx context.Context, userID, id string) (draft Draft, err error) {
	var fields string
	err = d.read.QueryRowContext(ctx, `SELECT `+draftColumns+`, drafts.fields FROM drafts WHERE id = $1 AND user_id = $2`, id, userID).
		Scan(append(draft.columns(), &fields)...)
	if err != nil {
		return Draft{}, missing(err, "reading draft %s", id)
	}
	if err := json.Unmarshal([]byte(fields), &draft.Fields); err != nil {
		return Draft{}, fmt.Errorf("reading draft %s: %w", id, err)
	}
	return draft, nil
}

// DraftsOf lists a person's drafts, the latest first, without their fields.
func (d *DB) DraftsOf(ctx context.Context, userID string) ([]Draft, error) {
	scan := func(row scanner) (draft Draft, err error) { return draft, row.Scan(draft.columns()...) }
	all, err := collect(ctx, d.read, scan, `SELECT `+draftColumns+` FROM drafts WHERE user_id = $1 ORDER BY saved DESC, id`, userID)
	if err != nil {
		return nil, fmt.Errorf("listing drafts: %w", err)
	}
	return all, nil
}

// heldDrafts are a person's drafts with all that is in them.
func (d *DB) heldDrafts(ctx context.Context, userID string) (all []Draft, err error) {
	list, err := d.DraftsOf(ctx, userID)
	if err != nil {
		return nil, err
	}
	for _, one := range list {
		draft, err := d.Draft(ctx, userID, one.ID)
		if errors.Is(err, ErrNotFound) { // saved or thrown away meanwhile
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, draft)
	}
	return all, nil
}

// SettleDraft removes a draft whose text was saved as an item, as it was kept
// in that turn. What another window has kept under it since stays.
func (d *DB) SettleDraft(ctx context.Context, userID, id string, turn int) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		_, err := t.dropDraft(ctx, `id = $1 AND user_id = $2 AND turn = $3`, id, userID, turn)
		return err
	})
}

// DropDraft throws a person's draft away; ErrNotFound when there is none.
func (d *DB) DropDraft(ctx context.Context, userID, id string, at time.Time) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		n, err := t.dropDraft(ctx, `id = $1 AND user_id = $2`, id, userID)
		if err == nil && n == 0 {
			err = fmt.Errorf("throwing draft %s away: %w", id, ErrNotFound)
		}
		if err != nil {
			return err
		}
		return t.audit(ctx, AuditEntry{At: at, Actor: userID, Action: "draft.drop", Object: id})
	})
}

func (t *Tx) dropDraft(ctx context.Context, where string, args ...any) (int, error) {
	n, err := t.exec(ctx, `DELETE FROM drafts WHERE `+where, args...)
	if err != nil {
		return 0, fmt.Errorf("removing a draft: %w", err)
	}
	return n, nil
}

// PurgeDrafts removes at most limit drafts that were touched last before a
// moment, and says how many went.
func (d *DB) PurgeDrafts(ctx context.Context, before time.Time, limit int) (n int, err error) {
	err = d.write(ctx, Relaxed, func(t *Tx) (err error) {
		n, err = t.dropDraft(ctx, `id IN (SELECT id FROM drafts WHERE saved < $1 ORDER BY saved LIMIT $2)`, micros(before), limit)
		return err
	})
	return n, err
}
