package db

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// DueItems are what readers see and whose review date had come by a moment,
// the longest overdue first.
func (d *DB) DueItems(ctx context.Context, now, by time.Time, limit int) ([]Item, error) {
	all, err := collect(ctx, d.read, scanItem, `SELECT `+itemColumns+` FROM items WHERE review_at > 0 AND review_at <= $1
		AND draft = 0 AND withdrawn = 0 AND archived = 0 AND publish_at <= $2 AND (valid_until = 0 OR valid_until > $2)
		ORDER BY review_at, id LIMIT $3`, micros(by), micros(now), limit)
	if err != nil {
		return nil, fmt.Errorf("listing what is to be reviewed: %w", err)
	}
	return all, nil
}

// PinnedItems are the announcements that are kept on top at a moment, whoever
// may see them, the newest first.
func (d *DB) PinnedItems(ctx context.Context, at time.Time) ([]Item, error) {
	all, err := collect(ctx, d.read, scanItem, `SELECT `+itemColumns+` FROM items WHERE kind = $1 AND pinned_until > $2
		AND draft = 0 AND withdrawn = 0 AND archived = 0 AND publish_at <= $2 AND (valid_until = 0 OR valid_until > $2)
		ORDER BY publish_at DESC, id DESC`, string(Announcement), micros(at))
	if err != nil {
		return nil, fmt.Errorf("listing what is kept on top: %w", err)
	}
	return all, nil
}

// PeopleWith are living people who have one of these permissions by name, or
// perhaps by one of these roles, the custom ones included: their roles are to
// be looked at more closely. They come in the order of their names.
func (d *DB) PeopleWith(ctx context.Context, permissions, roles []string) ([]User, error) {
	var args []any
	arg := func(value any) string {
		args = append(args, value)
		return fmt.Sprintf("$%d", len(args))
	}
	var any []string
	for _, p := range permissions {
		any = append(any, `EXISTS (SELECT 1 FROM grants WHERE grants.provider = users.provider AND grants.sub = users.sub AND grants.permission = `+arg(p)+`)`)
	}
	for _, r := range roles {
		quoted, err := json.Marshal(r)
		if err != nil {
			return nil, fmt.Errorf("writing the role %q: %w", r, err)
		}
		any = append(any, `users.role = `+arg(r), `users.facts LIKE `+arg("%"+strings.Trim(string(quoted), `"`)+"%"))
	}
	if any == nil {
		return nil, nil
	}
	all, err := collect(ctx, d.read, scanUser, `SELECT `+userColumns+` FROM users WHERE users.deleted = 0 AND (`+strings.Join(any, " OR ")+`) ORDER BY users.search, users.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("listing who has a permission: %w", err)
	}
	return all, nil
}

// Ordered are the items of a kind that are not put away, in the order that
// people chose for them.
func (d *DB) Ordered(ctx context.Context, kind Kind) ([]Item, error) {
	return ordered(ctx, d.read, kind)
}

func ordered(ctx context.Context, r reader, kind Kind) ([]Item, error) {
	all, err := collect(ctx, r, scanItem, `SELECT `+itemColumns+` FROM items WHERE kind = $1 AND withdrawn = 0 AND archived = 0`, string(kind))
	if err != nil {
		return nil, fmt.Errorf("listing %s items in their order: %w", kind, err)
	}
	slices.SortFunc(all, func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.Rank, b.Rank), strings.Compare(a.Title, b.Title), strings.Compare(a.ID, b.ID))
	})
	return all, nil
}

// Way is where an item moves to among those of its kind.
type Way string

// The ways.
const (
	WayUp    Way = "up"
	WayDown  Way = "down"
	WayFirst Way = "first"
)

// MoveItem moves an item among those of its kind. It is no new version: what
// the item says stays as it is.
func (d *DB) MoveItem(ctx context.Context, kind Kind, id string, way Way, by string, at time.Time) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		if err := t.lockName(ctx, "order "+string(kind)); err != nil {
			return err
		}
		all, err := ordered(ctx, t, kind)
		if err != nil {
			return err
		}
		from := slices.IndexFunc(all, func(i Item) bool { return i.ID == id })
		next, err := moved(all, from, way)
		if err != nil {
			return fmt.Errorf("moving item %s: %w", id, err)
		}
		if next[from].ID == id {
			return nil
		}
		if err := t.rank(ctx, next, at); err != nil {
			return err
		}
		return t.audit(ctx, AuditEntry{At: at, Actor: by, Action: string(kind) + ".order", Object: id, Detail: string(way)})
	})
}

// moved is a list with the part that stands at from moved; a part that is not
// there cannot be.
func moved[T any](all []T, from int, way Way) ([]T, error) {
	to, known := map[Way]int{WayUp: max(from-1, 0), WayDown: min(from+1, len(all)-1), WayFirst: 0}[way]
	switch {
	case from < 0:
		return nil, ErrNotFound
	case !known:
		return nil, fmt.Errorf("%w: there is no way %q", ErrUnfit, way)
	}
	one := all[from]
	return slices.Insert(slices.Delete(slices.Clone(all), from, from+1), to, one), nil
}

// rank numbers items in their order.
func (t *Tx) rank(ctx context.Context, all []Item, at time.Time) error {
	for n := range all {
		if all[n].Rank == n+1 {
			continue
		}
		if _, err := t.ExecContext(ctx, `UPDATE items SET rank = $2 WHERE id = $1`, all[n].ID, n+1); err != nil {
			return fmt.Errorf("storing the place of item %s: %w", all[n].ID, err)
		}
		if err := t.changed(ctx, changedContent, all[n].ID, at); err != nil {
			return err
		}
	}
	return nil
}

// lastRank is the place after all others of a kind, 0 where nobody has put
// them into an order.
func (t *Tx) lastRank(ctx context.Context, kind Kind) (n int, err error) {
	if kind != PersonEntry && kind != FreePage && kind != QuickLink {
		return 0, nil
	}
	err = t.QueryRowContext(ctx, `SELECT coalesce(max(rank), 0) FROM items WHERE kind = $1 AND withdrawn = 0 AND archived = 0`, string(kind)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("looking for the last place: %w", err)
	}
	if n > 0 {
		n++
	}
	return n, nil
}
