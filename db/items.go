package db

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Kind is what an item is.
type Kind string

// The kinds of items.
const (
	Announcement Kind = "announcement"
	EventItem    Kind = "event"
	PersonEntry  Kind = "person" // of the department, whether or not they ever sign in
	FreePage     Kind = "page"
	QuickLink    Kind = "link"
)

// Content is what an editor writes of an item; each version keeps it whole.
type Content struct {
	Slug     string    `json:"slug"`  // its address; kept when the title changes
	Title    string    `json:"title"` // of a person the name, of a link its label
	Body     string    `json:"body"`  // Markdown as it was typed
	Category string    `json:"category"`
	Audience string    `json:"audience"` // JSON of auth.Audience; "" is shown to nobody
	Owner    string    `json:"owner"`    // id of the person who answers for it
	Rank     int       `json:"rank"`     // order among its kind, where people chose one
	Draft    bool      `json:"draft"`
	Publish  time.Time `json:"publish"` // not shown before
	Until    time.Time `json:"until"`   // valid until; zero: without end
	Pinned   time.Time `json:"pinned"`  // until when it stays on top
	Review   time.Time `json:"review"`  // when its owner is asked whether it is still correct
	Details
}

// Details are what only one kind of item has.
type Details struct {
	Event  *Event `json:"event,omitempty"`
	Entry  *Entry `json:"entry,omitempty"`
	InMenu bool   `json:"in_menu,omitempty"` // of a page
	Link   string `json:"link,omitempty"`    // of a quick link: where it leads
}

// Entry is what is said of a person of the department beside the name.
type Entry struct {
	Role    string `json:"role"`
	Room    string `json:"room,omitempty"`
	Hours   string `json:"hours,omitempty"`
	Email   string `json:"email,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Contact string `json:"contact,omitempty"` // any other way, in words
}

// Item is one thing people read, and where it is in its life.
type Item struct {
	ID   string
	Kind Kind
	Content
	Withdrawn time.Time // taken back, at once and everywhere
	Archived  time.Time // put away: no longer listed anywhere
	Reviewed  time.Time // when somebody last said that it is correct
	Version   int       // rises with each saved change
	Created   time.Time
	Saved     time.Time
	SavedBy   string
}

// The states of an item.
const (
	StateDraft     = "draft"
	StateScheduled = "scheduled"
	StatePublished = "published"
	StateExpired   = "expired"
	StateWithdrawn = "withdrawn"
	StateArchived  = "archived"
)

// State is where an item is in its life at a moment. Nothing is written when
// a scheduled item appears or an old one expires.
func (i *Item) State(now time.Time) string {
	switch {
	case !i.Archived.IsZero():
		return StateArchived
	case !i.Withdrawn.IsZero():
		return StateWithdrawn
	case i.Draft:
		return StateDraft
	case now.Before(i.Publish):
		return StateScheduled
	case !i.Until.IsZero() && !now.Before(i.Until):
		return StateExpired
	}
	return StatePublished
}

const itemColumns = `items.id, items.kind, items.slug, items.title, items.body, items.category, items.audience, items.owner, items.rank, items.details,
	items.draft, items.publish_at, items.valid_until, items.pinned_until, items.withdrawn, items.archived, items.reviewed, items.review_at,
	items.version, items.created, items.saved, items.saved_by`

func scanItem(row scanner) (i Item, err error) {
	var details string
	var draft int
	err = row.Scan(&i.ID, &i.Kind, &i.Slug, &i.Title, &i.Body, &i.Category, &i.Audience, &i.Owner, &i.Rank, &details,
		&draft, moment{&i.Publish}, moment{&i.Until}, moment{&i.Pinned}, moment{&i.Withdrawn}, moment{&i.Archived}, moment{&i.Reviewed}, moment{&i.Review},
		&i.Version, moment{&i.Created}, moment{&i.Saved}, &i.SavedBy)
	if err != nil {
		return Item{}, err
	}
	i.Draft = draft == 1
	if err := json.Unmarshal([]byte(details), &i.Details); err != nil {
		return Item{}, fmt.Errorf("reading the details of item %s: %w", i.ID, err)
	}
	return i, nil
}

// Item reads one item in whatever state; ErrNotFound when there is none.
func (d *DB) Item(ctx context.Context, id string) (Item, error) {
	i, err := scanItem(d.read.QueryRowContext(ctx, `SELECT `+itemColumns+` FROM items WHERE id = $1`, id))
	return i, missing(err, "reading item %s", id)
}

// ItemBySlug finds an item by its address or by one it had before.
func (d *DB) ItemBySlug(ctx context.Context, kind Kind, slug string) (Item, error) {
	i, err := scanItem(d.read.QueryRowContext(ctx, `SELECT `+itemColumns+` FROM slugs JOIN items ON items.id = slugs.item_id
		WHERE slugs.kind = $1 AND slugs.slug = $2`, kind, slug))
	return i, missing(err, "reading the %s %q", kind, slug)
}

// LiveItems are those that are not drafts, withdrawn or archived, the
// scheduled and the expired included; of more than limit the latest.
func (d *DB) LiveItems(ctx context.Context, limit int) ([]Item, error) {
	all, err := collect(ctx, d.read, scanItem, `SELECT `+itemColumns+` FROM items
		WHERE draft = 0 AND withdrawn = 0 AND archived = 0 ORDER BY publish_at DESC, id DESC LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("reading what is published: %w", err)
	}
	return all, nil
}

// ItemFilter says which items staff want to see. Empty fields ask for all.
type ItemFilter struct {
	Kind   Kind
	Owner  string
	State  string // at Now
	Now    time.Time
	Review time.Time // only those to be reviewed by then
	After  Place     // the last item of the page before
	Limit  int       // 0: 50
}

// Place is where a list goes on: after the item saved at that moment.
type Place struct {
	Saved time.Time
	ID    string
}

// stateSQL is Item.State in SQL; $4 is the moment.
const stateSQL = `CASE WHEN archived > 0 THEN 'archived' WHEN withdrawn > 0 THEN 'withdrawn' WHEN draft = 1 THEN 'draft' WHEN publish_at > $4 THEN 'scheduled'
	WHEN valid_until > 0 AND valid_until <= $4 THEN 'expired' ELSE 'published' END`

// Items lists items for those who write them, the latest saved first.
func (d *DB) Items(ctx context.Context, f ItemFilter) ([]Item, error) {
	if f.Limit == 0 {
		f.Limit = 50
	}
	all, err := collect(ctx, d.read, scanItem, `SELECT `+itemColumns+` FROM items
		WHERE ($1 = '' OR kind = $1) AND ($2 = '' OR owner = $2)
		AND ((review_at <= $3 AND review_at > 0 AND draft = 0 AND withdrawn = 0 AND archived = 0) OR $3 = 0)
		AND ($5 = '' OR `+stateSQL+` = $5)
		AND (saved < $6 OR saved = $6 AND id < $7 OR $6 = 0) ORDER BY saved DESC, id DESC LIMIT $8`,
		string(f.Kind), f.Owner, micros(f.Review), micros(f.Now), f.State, micros(f.After.Saved), f.After.ID, f.Limit)
	if err != nil {
		return nil, fmt.Errorf("listing items: %w", err)
	}
	return all, nil
}

// ItemCounts says how many items of a filter's kind and owner are in each
// state at its moment.
func (d *DB) ItemCounts(ctx context.Context, f ItemFilter) (map[string]int, error) {
	type one struct {
		state string
		n     int
	}
	scan := func(row scanner) (o one, err error) { return o, row.Scan(&o.state, &o.n) }
	all, err := collect(ctx, d.read, scan, `SELECT `+strings.ReplaceAll(stateSQL, "$4", "$3")+` AS state, count(*) FROM items
		WHERE ($1 = '' OR kind = $1) AND ($2 = '' OR owner = $2) GROUP BY state`, string(f.Kind), f.Owner, micros(f.Now))
	if err != nil {
		return nil, fmt.Errorf("counting items: %w", err)
	}
	counts := map[string]int{}
	for _, o := range all {
		counts[o.state] = o.n
	}
	return counts, nil
}

// OldSlugs are the addresses that items had before, each with the item's id.
func (d *DB) OldSlugs(ctx context.Context) (map[Kind]map[string]string, error) {
	type one struct {
		kind     Kind
		slug, id string
	}
	scan := func(row scanner) (o one, err error) { return o, row.Scan(&o.kind, &o.slug, &o.id) }
	all, err := collect(ctx, d.read, scan, `SELECT slugs.kind, slugs.slug, slugs.item_id FROM slugs JOIN items ON items.id = slugs.item_id WHERE items.slug <> slugs.slug`)
	if err != nil {
		return nil, fmt.Errorf("reading old addresses: %w", err)
	}
	old := map[Kind]map[string]string{}
	for _, o := range all {
		if old[o.kind] == nil {
			old[o.kind] = map[string]string{}
		}
		old[o.kind][o.slug] = o.id
	}
	return old, nil
}

// Owners are the names of those who answer for items, by id. Who was deleted
// has none.
func (d *DB) Owners(ctx context.Context) (map[string]string, error) {
	type one struct{ id, name string }
	scan := func(row scanner) (o one, err error) { return o, row.Scan(&o.id, &o.name) }
	all, err := collect(ctx, d.read, scan, `SELECT users.id, users.name FROM users
		WHERE users.deleted = 0 AND users.id IN (SELECT items.owner FROM items)`)
	if err != nil {
		return nil, fmt.Errorf("reading who answers for items: %w", err)
	}
	owners := make(map[string]string, len(all))
	for _, o := range all {
		owners[o.id] = o.name
	}
	return owners, nil
}
