package db

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

const changedSettings = "settings"

// Settings are all settings of the portal by key.
func (d *DB) Settings(ctx context.Context) (map[string][]byte, error) {
	return settingsIn(ctx, d.read)
}

func settingsIn(ctx context.Context, r reader) (map[string][]byte, error) {
	type one struct {
		key   string
		value []byte
	}
	scan := func(row scanner) (o one, err error) { return o, row.Scan(&o.key, &o.value) }
	all, err := collect(ctx, r, scan, `SELECT key, value FROM settings`)
	if err != nil {
		return nil, fmt.Errorf("reading settings: %w", err)
	}
	settings := make(map[string][]byte, len(all))
	for _, o := range all {
		settings[o.key] = o.value
	}
	return settings, nil
}

// SettingWords says in words what a stored setting holds: of a list each part.
// What has none is told together with another one.
type SettingWords func(key string, value []byte) []string

// SaveSettings stores settings; those not named stay, empty ones are removed.
// The audit says of each that changed what it was and what it is. What is as
// it was is no change.
func (d *DB) SaveSettings(ctx context.Context, settings map[string][]byte, words SettingWords, by string, at time.Time) error {
	keys := slices.Sorted(maps.Keys(settings))
	return d.write(ctx, Durable, func(t *Tx) error {
		if err := t.lockName(ctx, changedSettings); err != nil {
			return err
		}
		stored, err := settingsIn(ctx, t)
		if err != nil {
			return err
		}
		changed := slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return bytes.Equal(stored[key], settings[key]) })
		for _, key := range changed {
			if err := t.saveSetting(ctx, key, settings[key], by, at); err != nil {
				return fmt.Errorf("storing the setting %s: %w", key, err)
			}
			if err := t.auditSetting(ctx, key, words(key, stored[key]), words(key, settings[key]), by, at); err != nil {
				return err
			}
		}
		if len(changed) == 0 {
			return nil
		}
		return t.changed(ctx, changedSettings, "saved", at)
	})
}

// auditSetting notes each part of a setting that changed. What reads as it did
// and yet is another, such as a picture, has a line, too.
func (t *Tx) auditSetting(ctx context.Context, key string, before, after []string, by string, at time.Time) error {
	all := changesOf(before, after)
	if all == nil && after != nil {
		all = []AuditChange{{inShort(before), inShort(after)}}
	}
	for _, c := range all {
		if err := t.audit(ctx, AuditEntry{At: at, Actor: by, Action: "settings.save", Object: key, Detail: c.detail()}); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) saveSetting(ctx context.Context, key string, value []byte, by string, at time.Time) error {
	if len(value) == 0 {
		_, err := t.ExecContext(ctx, `DELETE FROM settings WHERE key = $1`, key)
		return err
	}
	_, err := t.ExecContext(ctx, `INSERT INTO settings (key, value, saved, saved_by) VALUES ($1, $2, $3, $4)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value, saved = excluded.saved, saved_by = excluded.saved_by`, key, value, micros(at), by)
	return err
}

// Category is what announcements are sorted by. Its id stays when its name
// changes.
type Category struct{ ID, Name string }

const listCategories = `SELECT id, name FROM categories ORDER BY rank, id`

func scanCategory(row scanner) (c Category, err error) { return c, row.Scan(&c.ID, &c.Name) }

// Categories lists the categories in the order that staff gave them.
func (d *DB) Categories(ctx context.Context) ([]Category, error) {
	all, err := collect(ctx, d.read, scanCategory, listCategories)
	if err != nil {
		return nil, fmt.Errorf("reading categories: %w", err)
	}
	return all, nil
}

// ErrCategoryUsed says that an item is in a category that was to go.
var ErrCategoryUsed = errors.New("an item is in this category")

// CategoryUse counts the items of each category, in whatever state they are.
func (d *DB) CategoryUse(ctx context.Context) (map[string]int, error) {
	return categoryUse(ctx, d.read)
}

func categoryUse(ctx context.Context, q reader) (map[string]int, error) {
	type one struct {
		id string
		n  int
	}
	scan := func(row scanner) (o one, err error) { return o, row.Scan(&o.id, &o.n) }
	all, err := collect(ctx, q, scan, `SELECT category, count(*) FROM items WHERE category <> '' GROUP BY category`)
	if err != nil {
		return nil, fmt.Errorf("counting the items of categories: %w", err)
	}
	use := make(map[string]int, len(all))
	for _, o := range all {
		use[o.id] = o.n
	}
	return use, nil
}

// keepUsed refuses to lose a category that has items.
func (t *Tx) keepUsed(ctx context.Context, old, next []Category) error {
	use, err := categoryUse(ctx, t)
	if err != nil {
		return err
	}
	for _, c := range old {
		stays := slices.ContainsFunc(next, func(n Category) bool { return n.ID == c.ID })
		if n := use[c.ID]; n > 0 && !stays {
			return fmt.Errorf("%w: %s has %d", ErrCategoryUsed, c.Name, n)
		}
	}
	return nil
}

// SaveCategories replaces the categories by these, in this order. One that has
// items cannot go. The audit says of each that changed what it was and what it
// is.
func (d *DB) SaveCategories(ctx context.Context, categories []Category, by string, at time.Time) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		old, err := t.lockCategories(ctx)
		if err != nil {
			return err
		}
		return t.saveCategories(ctx, old, categories, by, at)
	})
}

// MoveCategory moves a category among the others.
func (d *DB) MoveCategory(ctx context.Context, id string, way Way, by string, at time.Time) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		old, err := t.lockCategories(ctx)
		if err != nil {
			return err
		}
		next, err := moved(old, slices.IndexFunc(old, func(c Category) bool { return c.ID == id }), way)
		if err != nil {
			return fmt.Errorf("moving the category %s: %w", id, err)
		}
		return t.saveCategories(ctx, old, next, by, at)
	})
}

// lockCategories reads the categories and keeps others from changing them.
func (t *Tx) lockCategories(ctx context.Context) ([]Category, error) {
	if err := t.lockName(ctx, "categories"); err != nil {
		return nil, err
	}
	all, err := collect(ctx, t, scanCategory, listCategories)
	if err != nil {
		return nil, fmt.Errorf("reading categories: %w", err)
	}
	return all, nil
}

func (t *Tx) saveCategories(ctx context.Context, old, next []Category, by string, at time.Time) error {
	if slices.Equal(old, next) {
		return nil
	}
	if err := t.keepUsed(ctx, old, next); err != nil {
		return err
	}
	if _, err := t.ExecContext(ctx, `DELETE FROM categories`); err != nil {
		return fmt.Errorf("replacing categories: %w", err)
	}
	for rank, c := range next {
		if !slugFit(c.ID) || strings.TrimSpace(c.Name) == "" {
			return fmt.Errorf("%w: the category %q with the name %q", ErrUnfit, c.ID, c.Name)
		}
		if _, err := t.ExecContext(ctx, `INSERT INTO categories (id, name, rank) VALUES ($1, $2, $3)`, c.ID, plain(c.Name), rank); err != nil {
			return fmt.Errorf("storing the category %s: %w", c.ID, err)
		}
	}
	for _, c := range changesOf(categoryNames(old), categoryNames(next)) {
		if err := t.audit(ctx, AuditEntry{At: at, Actor: by, Action: "categories.save", Object: "categories", Detail: c.detail()}); err != nil {
			return err
		}
	}
	return t.changed(ctx, changedSettings, "categories", at)
}

func categoryNames(all []Category) []string {
	names := make([]string, len(all))
	for n, c := range all {
		names[n] = c.Name
	}
	return names
}
