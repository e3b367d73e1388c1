package db

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// reachRow makes sure that an item has a row to be counted in.
const reachRow = `INSERT INTO rollup_reach (item_id, opened, marked, readers, gone_opened, gone_marked, gone_readers, asked, counted, counted_at, matching, matched_version, matched_at)
	SELECT id, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0 FROM items WHERE id = $1 ON CONFLICT (item_id) DO NOTHING`

// ReachDue lists the items whose readers have to be counted.
func (d *DB) ReachDue(ctx context.Context) ([]string, error) {
	scan := func(row scanner) (id string, err error) { return id, row.Scan(&id) }
	due, err := collect(ctx, d.read, scan, `SELECT items.id FROM items LEFT JOIN rollup_reach r ON r.item_id = items.id
		WHERE items.draft = 0 AND (r.item_id IS NULL OR r.asked > r.counted) ORDER BY items.id`)
	if err != nil {
		return nil, fmt.Errorf("reading whose readers are to be counted: %w", err)
	}
	return due, nil
}

// RollUpReaders counts an item's readers from their rows and stores it.
func (d *DB) RollUpReaders(ctx context.Context, itemID string, now time.Time) error {
	err := d.write(ctx, Relaxed, func(t *Tx) error {
		_, err := t.ExecContext(ctx, reachRow, itemID)
		return err
	})
	if err != nil {
		return fmt.Errorf("beginning to count who read item %s: %w", itemID, err)
	}
	var asked int
	var gone, c readCount
	err = d.snapshot(ctx, func(r reader) error {
		err := r.QueryRowContext(ctx, `SELECT asked, gone_opened, gone_marked, gone_readers FROM rollup_reach WHERE item_id = $1`, itemID).Scan(&asked, &gone.opened, &gone.marked, &gone.readers)
		if err != nil {
			return missing(err, "counting who read item %s", itemID)
		}
		c, err = countReads(ctx, r, itemID)
		return err
	})
	if err != nil {
		return err
	}
	return d.write(ctx, Relaxed, func(t *Tx) error {
		// Not if rows went meanwhile: they would count twice.
		_, err := t.ExecContext(ctx, `UPDATE rollup_reach SET opened = $2, marked = $3, readers = $4, counted = $5, counted_at = $6
			WHERE item_id = $1 AND gone_opened = $7 AND gone_marked = $8 AND gone_readers = $9`,
			itemID, c.opened, c.marked, c.readers, asked, micros(now), gone.opened, gone.marked, gone.readers)
		if err != nil {
			return fmt.Errorf("storing who read item %s: %w", itemID, err)
		}
		return nil
	})
}

// readMore asks for the readers of items to be counted anew, in one order for
// all who do so.
func (t *Tx) readMore(ctx context.Context, reads []Read) error {
	items := make([]string, 0, len(reads))
	for _, r := range reads {
		items = append(items, r.ItemID)
	}
	slices.Sort(items)
	for _, id := range slices.Compact(items) {
		if _, err := t.ExecContext(ctx, `UPDATE rollup_reach SET asked = asked + 1 WHERE item_id = $1`, id); err != nil {
			return fmt.Errorf("asking for the readers of item %s to be counted: %w", id, err)
		}
	}
	return nil
}

// goneRead is a read that was kept for long enough.
type goneRead struct {
	itemID string
	readCount
}

func scanGone(row scanner) (g goneRead, err error) {
	g.readers = 1
	return g, row.Scan(&g.itemID, &g.opened, &g.marked)
}

// leaveReads keeps the number of reads that were removed.
func (t *Tx) leaveReads(ctx context.Context, gone []goneRead) error {
	byItem := map[string]readCount{}
	for _, g := range gone {
		c := byItem[g.itemID]
		byItem[g.itemID] = readCount{c.opened + g.opened, c.marked + g.marked, c.readers + g.readers}
	}
	for _, id := range slices.Sorted(maps.Keys(byItem)) {
		c := byItem[id]
		if _, err := t.ExecContext(ctx, reachRow, id); err != nil {
			return fmt.Errorf("keeping the number of reads: %w", err)
		}
		_, err := t.ExecContext(ctx, `UPDATE rollup_reach SET gone_opened = gone_opened + $2, gone_marked = gone_marked + $3, gone_readers = gone_readers + $4,
			opened = opened - $2, marked = marked - $3, readers = readers - $4, asked = asked + 1 WHERE item_id = $1`, id, c.opened, c.marked, c.readers)
		if err != nil {
			return fmt.Errorf("keeping the number of reads: %w", err)
		}
	}
	return nil
}

// Matched is how many people an item is for.
type Matched struct {
	ItemID   string
	Version  int // of the item
	Matching int
}

// SaveMatched remembers how many people items are for, as of a moment.
func (d *DB) SaveMatched(ctx context.Context, all []Matched, at time.Time) error {
	all = slices.SortedFunc(slices.Values(all), func(a, b Matched) int { return strings.Compare(a.ItemID, b.ItemID) })
	for some := range slices.Chunk(all, numberStep) {
		err := d.write(ctx, Relaxed, func(t *Tx) error {
			for _, m := range some {
				if _, err := t.ExecContext(ctx, reachRow, m.ItemID); err != nil {
					return err
				}
				if _, err := t.ExecContext(ctx, `UPDATE rollup_reach SET matching = $2, matched_version = $3, matched_at = $4 WHERE item_id = $1`, m.ItemID, m.Matching, m.Version, micros(at)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("storing whom items are for: %w", err)
		}
	}
	return nil
}

// Unmatched says of how many items it is not known for how many people their
// present version is.
func (d *DB) Unmatched(ctx context.Context) (n int, err error) {
	err = d.read.QueryRowContext(ctx, `SELECT count(*) FROM items LEFT JOIN rollup_reach r ON r.item_id = items.id
		WHERE items.kind IN ('announcement', 'event') AND items.draft = 0 AND (r.item_id IS NULL OR r.matched_version <> items.version)`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("counting items that are to be matched: %w", err)
	}
	return n, nil
}

// Audiences lists whom all announcements and events are for that are no drafts.
func (d *DB) Audiences(ctx context.Context) ([]ItemAudience, error) {
	scan := func(row scanner) (a ItemAudience, err error) { return a, row.Scan(&a.ItemID, &a.Version, &a.Audience) }
	all, err := collect(ctx, d.read, scan, `SELECT id, version, audience FROM items WHERE kind IN ('announcement', 'event') AND draft = 0 ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("reading whom items are for: %w", err)
	}
	return all, nil
}

// ItemAudience is whom a version of an item is for.
type ItemAudience struct {
	ItemID   string
	Version  int
	Audience string // JSON of auth.Audience
}
