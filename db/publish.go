package db

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	// ErrVersion says that somebody else has saved the item meanwhile.
	ErrVersion = errors.New("somebody else has changed this meanwhile")
	// ErrSlugTaken says that another item has, or had, the address.
	ErrSlugTaken = errors.New("another item has this address already")
	// ErrMade says that what is to be made was made before, of the same form.
	ErrMade = errors.New("this was made already")
	// ErrUnfit says that the content cannot be stored as it is.
	ErrUnfit = errors.New("this cannot be stored")
)

const (
	changedContent = "content"
	// ReviewAfter is how long "Still correct" lasts.
	ReviewAfter = 6 * 30 * 24 * time.Hour
)

// check refuses what no page could show.
func (c *Content) check(kind Kind) error {
	switch {
	case strings.TrimSpace(c.Title) == "":
		return fmt.Errorf("%w: it has no title", ErrUnfit)
	case !slugFit(c.Slug):
		return fmt.Errorf("%w: the address %q may have small letters, digits and hyphens only", ErrUnfit, c.Slug)
	case (kind == EventItem) != (c.Event != nil), (kind == PersonEntry) != (c.Entry != nil), (kind == QuickLink) != (c.Link != ""), c.InMenu && kind != FreePage:
		return fmt.Errorf("%w: the details are not those of kind %q", ErrUnfit, kind)
	case c.Event == nil:
		return nil
	}
	if err := c.Event.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrUnfit, err)
	}
	return nil
}

// asStored is the content as reading it back will give it. Nothing of it is
// shared with the caller's.
func (c Content) asStored() Content {
	for _, at := range []*time.Time{&c.Publish, &c.Until, &c.Pinned, &c.Review} {
		*at = fromMicros(micros(*at))
	}
	for _, text := range []*string{&c.Title, &c.Body, &c.Category, &c.Audience} {
		*text = plain(*text)
	}
	if c.Event != nil {
		event := *c.Event
		event.Cancelled = fromMicros(micros(event.Cancelled))
		event.Exceptions = slices.Clone(event.Exceptions)
		c.Event = &event
	}
	return c
}

func slugFit(slug string) bool {
	for _, r := range slug {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return slug != "" && len(slug) <= 100
}

// CreateItem stores a new item. When its address is taken, a number is added
// to it.
func (d *DB) CreateItem(ctx context.Context, kind Kind, c Content, by string, at time.Time) (Item, error) {
	var i Item
	err := d.write(ctx, Durable, func(t *Tx) (err error) {
		i, err = t.createItem(ctx, newID(), kind, c, by, at)
		return err
	})
	return i, err
}

// CreateItemOnce is CreateItem of a form that may be sent twice, which once
// names: when its words are those of an item that was made of it and is as it
// was made, that item is returned with ErrMade.
func (d *DB) CreateItemOnce(ctx context.Context, once string, kind Kind, c Content, by string, at time.Time) (Item, error) {
	sum := sha256.Sum256([]byte(by + "\x00" + once))
	id := base32.StdEncoding.EncodeToString(sum[:])[:len(newID())]
	var i Item
	err := d.write(ctx, Durable, func(t *Tx) (err error) {
		if err := t.lockName(ctx, "item "+id); err != nil {
			return err
		}
		i, err = t.lockItem(ctx, id)
		if err == nil && i.Version == 1 && i.Kind == kind && i.sameWords(c) {
			return ErrMade
		}
		free := errors.Is(err, ErrNotFound)
		if err != nil && !free {
			return err
		}
		as := newID() // other words: another item
		if free {
			as = id
		}
		i, err = t.createItem(ctx, as, kind, c, by, at)
		return err
	})
	return i, err
}

// sameWords says whether an item is what content would make of it, but for the
// moment from which it is shown and its address.
func (i *Item) sameWords(c Content) bool {
	have, want := i.Content, c.asStored()
	have.Publish, have.Slug, have.Rank = want.Publish, want.Slug, want.Rank
	a, err := json.Marshal(have)
	b, wrong := json.Marshal(want)
	return err == nil && wrong == nil && bytes.Equal(a, b)
}

func (t *Tx) createItem(ctx context.Context, id string, kind Kind, c Content, by string, at time.Time) (Item, error) {
	if err := c.check(kind); err != nil {
		return Item{}, err
	}
	c, at = c.asStored(), fromMicros(micros(at))
	i := Item{ID: id, Kind: kind, Content: c, Reviewed: at, Version: 1, Created: at, Saved: at, SavedBy: by}
	slug, err := t.freeSlug(ctx, kind, c.Slug)
	if err != nil {
		return i, err
	}
	i.Slug = slug
	if i.Rank == 0 {
		if i.Rank, err = t.lastRank(ctx, kind); err != nil {
			return i, err
		}
	}
	if err := t.putItem(ctx, &i); err != nil {
		return i, err
	}
	if err := t.claimSlug(ctx, &i); err != nil {
		return i, err
	}
	return i, t.noteAct(ctx, &i, "create", by, at)
}

// UpdateItem stores a new version of an item whose version is still the given
// one; otherwise ErrVersion, with the item as it is now.
func (d *DB) UpdateItem(ctx context.Context, id string, version int, c Content, by string, at time.Time) (Item, error) {
	c, at = c.asStored(), fromMicros(micros(at))
	var now Item
	err := d.write(ctx, Durable, func(t *Tx) error {
		var err error
		if now, err = t.lockItem(ctx, id); err != nil {
			return err
		}
		if now.Version != version {
			return ErrVersion
		}
		if err := c.check(now.Kind); err != nil {
			return err
		}
		next := now
		next.Content, next.Version, next.Saved, next.SavedBy = c, version+1, at, by
		next.Rank = now.Rank // a place is no part of a version: it may have been moved since c was read
		if c.Event != nil {
			seen := now.State(at)
			next.Event.revise(now.Event, seen != StateDraft && seen != StateScheduled, at)
		}
		if c.Slug != now.Slug {
			if err := t.claimSlug(ctx, &next); err != nil {
				return err
			}
		}
		if err := t.putItem(ctx, &next); err != nil {
			return err
		}
		now = next
		return t.noteAct(ctx, &next, "update", by, at)
	})
	return now, err
}

// Turn is a step in an item's life that leaves its content as it is.
type Turn string

// The turns.
const (
	TurnWithdraw  Turn = "withdraw"
	TurnArchive   Turn = "archive"
	TurnReinstate Turn = "reinstate" // undoes withdrawing and archiving
	TurnReviewed  Turn = "review"    // "Still correct"
)

// TurnItem takes an item through a turn.
func (d *DB) TurnItem(ctx context.Context, id string, turn Turn, by string, at time.Time) (Item, error) {
	var i Item
	err := d.write(ctx, Durable, func(t *Tx) error {
		var err error
		if i, err = t.lockItem(ctx, id); err != nil {
			return err
		}
		return t.turnItem(ctx, &i, turn, by, fromMicros(micros(at)))
	})
	return i, err
}

func (t *Tx) turnItem(ctx context.Context, i *Item, turn Turn, by string, at time.Time) error {
	switch turn {
	case TurnWithdraw:
		i.Withdrawn = at
	case TurnArchive:
		i.Archived = at
	case TurnReinstate:
		i.Withdrawn, i.Archived = time.Time{}, time.Time{}
	case TurnReviewed:
		i.Reviewed, i.Review = at, at.Add(ReviewAfter)
	default:
		return fmt.Errorf("%w: there is no turn %q", ErrUnfit, turn)
	}
	_, err := t.ExecContext(ctx, `UPDATE items SET withdrawn = $2, archived = $3, reviewed = $4, review_at = $5 WHERE id = $1`,
		i.ID, micros(i.Withdrawn), micros(i.Archived), micros(i.Reviewed), micros(i.Review))
	if err != nil {
		return fmt.Errorf("storing the turn of item %s: %w", i.ID, err)
	}
	return t.noteAct(ctx, i, string(turn), by, at)
}

// EraseItem removes an item with its versions, files, addresses, reads, drafts
// and notices.
func (d *DB) EraseItem(ctx context.Context, id, by string, at time.Time) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		i, err := t.lockItem(ctx, id)
		if err != nil {
			return err
		}
		return t.eraseItem(ctx, &i, by, at)
	})
}

func (t *Tx) eraseItem(ctx context.Context, i *Item, by string, at time.Time) error {
	files, err := t.eraseAttachments(ctx, i.ID)
	if err != nil {
		return err
	}
	for _, query := range []string{
		`DELETE FROM slugs WHERE item_id = $1`, `DELETE FROM item_versions WHERE item_id = $1`,
		`DELETE FROM reads WHERE item_id = $1`, `DELETE FROM rollup_reach WHERE item_id = $1`, `DELETE FROM drafts WHERE item_id = $1`,
		`DELETE FROM notice_people WHERE notice_id IN (SELECT id FROM notices WHERE item_id = $1)`, `DELETE FROM notices WHERE item_id = $1`,
		`DELETE FROM items WHERE id = $1`,
	} {
		if _, err := t.ExecContext(ctx, query, i.ID); err != nil {
			return fmt.Errorf("erasing item %s: %w", i.ID, err)
		}
	}
	return t.noteActWith(ctx, i, "erase", files, by, at)
}

func (t *Tx) lockItem(ctx context.Context, id string) (Item, error) {
	i, err := scanItem(t.QueryRowContext(ctx, `SELECT `+itemColumns+` FROM items WHERE id = $1`+t.forUpdate(), id))
	return i, missing(err, "reading item %s", id)
}

func (t *Tx) putItem(ctx context.Context, i *Item) error {
	details, err := json.Marshal(i.Details)
	if err != nil {
		return fmt.Errorf("encoding the details of item %s: %w", i.ID, err)
	}
	_, err = t.ExecContext(ctx, `INSERT INTO items (id, kind, slug, title, body, category, audience, owner, rank, details, draft,
			publish_at, valid_until, pinned_until, withdrawn, archived, reviewed, review_at, version, created, saved, saved_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
		ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, title = excluded.title, body = excluded.body, category = excluded.category,
			audience = excluded.audience, owner = excluded.owner, rank = excluded.rank, details = excluded.details, draft = excluded.draft,
			publish_at = excluded.publish_at, valid_until = excluded.valid_until, pinned_until = excluded.pinned_until,
			review_at = excluded.review_at, version = excluded.version, saved = excluded.saved, saved_by = excluded.saved_by`,
		i.ID, string(i.Kind), i.Slug, i.Title, i.Body, i.Category, i.Audience, i.Owner, i.Rank, string(details), bit(i.Draft),
		micros(i.Publish), micros(i.Until), micros(i.Pinned), micros(i.Withdrawn), micros(i.Archived), micros(i.Reviewed), micros(i.Review),
		i.Version, micros(i.Created), micros(i.Saved), i.SavedBy)
	if err != nil {
		return fmt.Errorf("storing item %s: %w", i.ID, err)
	}
	content, err := json.Marshal(i.Content)
	if err == nil {
		_, err = t.ExecContext(ctx, `INSERT INTO item_versions (item_id, version, saved, saved_by, content) VALUES ($1, $2, $3, $4, $5)`,
			i.ID, i.Version, micros(i.Saved), i.SavedBy, string(content))
	}
	if err != nil {
		return fmt.Errorf("keeping version %d of item %s: %w", i.Version, i.ID, err)
	}
	return nil
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// slugsAtOnce is how many addresses are asked for in one query.
const slugsAtOnce = 32

// freeSlug is the wished address or, when it is taken, the same with a number.
// Addresses are compared as equal or not, and never by their order, which is
// another one in each database.
func (t *Tx) freeSlug(ctx context.Context, kind Kind, wish string) (string, error) {
	if err := t.lockName(ctx, "slugs "+string(kind)); err != nil {
		return "", err
	}
	scan := func(row scanner) (s string, err error) { return s, row.Scan(&s) }
	for from := 1; ; from += slugsAtOnce {
		all := numberedSlugs(wish, from)
		list, args := listed(all)
		taken, err := collect(ctx, t, scan, `SELECT slug FROM slugs WHERE slug IN (`+list+`) AND kind = $`+strconv.Itoa(len(args)+1), append(args, string(kind))...)
		if err != nil {
			return "", fmt.Errorf("looking for a free address: %w", err)
		}
		for _, slug := range all {
			if !slices.Contains(taken, slug) {
				return slug, nil
			}
		}
	}
}

// numberedSlugs are a wished address and the same with numbers, from one on.
func numberedSlugs(wish string, from int) []string {
	all := make([]string, slugsAtOnce)
	for i := range all {
		all[i] = wish[:min(len(wish), 95)] + "-" + strconv.Itoa(from+i)
	}
	if from == 1 {
		all[0] = wish
	}
	return all
}

// claimSlug makes an item's address its own for good.
func (t *Tx) claimSlug(ctx context.Context, i *Item) error {
	n, err := t.exec(ctx, `INSERT INTO slugs (kind, slug, item_id, since) VALUES ($1, $2, $3, $4)
		ON CONFLICT (kind, slug) DO UPDATE SET since = excluded.since WHERE slugs.item_id = excluded.item_id`, string(i.Kind), i.Slug, i.ID, micros(i.Saved))
	if err != nil {
		return fmt.Errorf("storing the address of item %s: %w", i.ID, err)
	}
	if n == 0 {
		return ErrSlugTaken
	}
	return nil
}

// noteAct puts into the audit what was done to an item, without its words,
// and tells those who hold it in memory.
func (t *Tx) noteAct(ctx context.Context, i *Item, action, by string, at time.Time) error {
	return t.noteActWith(ctx, i, action, "", by, at)
}

// noteActWith is noteAct with what else there is to say.
func (t *Tx) noteActWith(ctx context.Context, i *Item, action, more, by string, at time.Time) error {
	e := AuditEntry{At: at, Actor: by, Action: string(i.Kind) + "." + action, Object: i.ID, Detail: "version " + strconv.Itoa(i.Version) + more}
	if err := t.audit(ctx, e); err != nil {
		return err
	}
	return t.changed(ctx, changedContent, i.ID, at)
}

// Version is an item as it was saved once.
type Version struct {
	Number int
	Saved  time.Time
	By     string
	Content
}

// Versions are all versions of an item, the latest first. To restore one,
// save its content again.
func (d *DB) Versions(ctx context.Context, id string) ([]Version, error) {
	scan := func(row scanner) (v Version, err error) {
		var content string
		if err := row.Scan(&v.Number, moment{&v.Saved}, &v.By, &content); err != nil {
			return v, err
		}
		return v, json.Unmarshal([]byte(content), &v.Content)
	}
	all, err := collect(ctx, d.read, scan, `SELECT version, saved, saved_by, content FROM item_versions WHERE item_id = $1 ORDER BY version DESC`, id)
	if err != nil {
		return nil, fmt.Errorf("reading the versions of item %s: %w", id, err)
	}
	return all, nil
}
