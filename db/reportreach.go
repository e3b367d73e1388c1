package db

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// ReachItem is how many people an item was for and how many read it, ever.
// Who is matching is counted in the background: MatchedAt says when.
type ReachItem struct {
	Item                              // without its body
	Opened, Marked, Readers int       // people who opened it, who marked it as read, who did either
	Matching                int       // whom its audience contains
	MatchedAt               time.Time // zero: not counted yet
	CountedAt               time.Time // zero: as of the asking
}

// bodiless are the columns of an item with an empty body.
var bodiless = strings.Replace(itemColumns, "items.body", "''", 1)

// ReachReport lists the items of these kinds that readers could see on some
// day of the span up to now, the latest published first. What is scheduled is
// not told before its time, nor what was taken back before it.
func (d *DB) ReachReport(ctx context.Context, s Span, now time.Time, kinds ...Kind) ([]ReachItem, error) {
	list, args := listed(kinds)
	for i, kind := range args {
		args[i] = string(kind.(Kind))
	}
	args = append(args, micros(s.Begin()), micros(s.End()), micros(now))
	at := func(fromEnd int) string { return fmt.Sprintf("$%d", len(args)-fromEnd) }
	stillOn := func(column string) string {
		return `(items.` + column + ` = 0 OR items.` + column + ` > ` + at(2) + ` AND items.` + column + ` > items.publish_at)`
	}
	var all []ReachItem
	err := d.snapshot(ctx, func(r reader) (err error) {
		all, err = collect(ctx, r, scanReach, `SELECT `+bodiless+`, coalesce(r.opened + r.gone_opened, 0), coalesce(r.marked + r.gone_marked, 0), coalesce(r.readers + r.gone_readers, 0),
			coalesce(r.matching, 0), coalesce(r.matched_at, 0), coalesce(r.counted_at, 0)
			FROM items LEFT JOIN rollup_reach r ON r.item_id = items.id WHERE items.kind IN (`+list+`) AND items.draft = 0 AND items.publish_at < `+at(1)+` AND items.publish_at <= `+at(0)+`
			AND `+stillOn("valid_until")+` AND `+stillOn("withdrawn")+` AND `+stillOn("archived")+` ORDER BY items.publish_at DESC, items.id DESC`, args...)
		if err != nil {
			return fmt.Errorf("reading whom items reached: %w", err)
		}
		return countReaders(ctx, r, all)
	})
	return all, err
}

func scanReach(row scanner) (i ReachItem, err error) {
	i.Item, err = scanItem(followed{row, []any{&i.Opened, &i.Marked, &i.Readers, &i.Matching, moment{&i.MatchedAt}, moment{&i.CountedAt}}})
	return i, err
}

// followed is a row whose last columns are scanned into more.
type followed struct {
	scanner
	more []any
}

// Scan implements scanner.
func (f followed) Scan(to ...any) error { return f.scanner.Scan(append(to, f.more...)...) }

// countReaders counts those that are in no roll-up yet.
func countReaders(ctx context.Context, r reader, all []ReachItem) error {
	for n := range all {
		i := &all[n]
		if !i.CountedAt.IsZero() {
			continue
		}
		c, err := countReads(ctx, r, i.ID)
		if err != nil {
			return err
		}
		i.Opened, i.Marked, i.Readers = i.Opened+c.opened, i.Marked+c.marked, i.Readers+c.readers
	}
	return nil
}

// readCount is how many opened an item, marked it, or did either.
type readCount struct{ opened, marked, readers int }

func countReads(ctx context.Context, r reader, itemID string) (c readCount, err error) {
	err = r.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE opened > 0), count(*) FILTER (WHERE marked > 0), count(*) FROM reads WHERE item_id = $1`, itemID).Scan(&c.opened, &c.marked, &c.readers)
	if err != nil {
		return c, fmt.Errorf("counting who read item %s: %w", itemID, err)
	}
	return c, nil
}
