package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Import is what was added in one go out of a file.
type Import struct {
	ID     string
	At     time.Time
	By     string
	Items  []string  // ids, as they stood in the file
	Rest   string    // what of the file was not added, to be corrected
	Undone time.Time // zero: it was not
}

// Undone is what became of an import's items when it was undone.
type Undone struct {
	Erased    int // drafts, which no reader ever saw
	Withdrawn int
	Kept      int // changed since, and left alone
}

// ImportEvents stores events, all of them or none, and remembers that they
// came together, under the id of what is asked: who asks twice gets the first
// answer, and nothing is added. What of their file was not added is kept with
// them.
func (d *DB) ImportEvents(ctx context.Context, ask Import, all []Content) (m Import, err error) {
	err = d.write(ctx, Durable, func(t *Tx) error {
		if err := t.lockName(ctx, "import "+ask.ID); err != nil {
			return err
		}
		var err error
		if m, err = t.importOf(ctx, ask.ID); !errors.Is(err, ErrNotFound) {
			return err
		}
		m = Import{ID: ask.ID, At: fromMicros(micros(ask.At)), By: ask.By, Rest: plain(ask.Rest)}
		for n := range all {
			i, err := t.createItem(ctx, newID(), EventItem, all[n], m.By, m.At)
			if err != nil {
				return fmt.Errorf("adding event %d of %d: %w", n+1, len(all), err)
			}
			m.Items = append(m.Items, i.ID)
		}
		return t.putImport(ctx, &m)
	})
	return m, err
}

func (t *Tx) importOf(ctx context.Context, id string) (Import, error) {
	m, err := scanImport(t.QueryRowContext(ctx, `SELECT `+importColumns+` FROM imports WHERE id = $1`+t.forUpdate(), id))
	return m, missing(err, "reading import %s", id)
}

func (t *Tx) putImport(ctx context.Context, m *Import) error {
	items, err := json.Marshal(m.Items)
	if err == nil {
		_, err = t.ExecContext(ctx, `INSERT INTO imports (id, at, by_user, items, rest, undone) VALUES ($1, $2, $3, $4, $5, 0)`,
			m.ID, micros(m.At), m.By, string(items), m.Rest)
	}
	if err != nil {
		return fmt.Errorf("remembering an import: %w", err)
	}
	return t.audit(ctx, AuditEntry{At: m.At, Actor: m.By, Action: "events.import", Object: m.ID, Detail: strconv.Itoa(len(m.Items)) + " events"})
}

const importColumns = `id, at, by_user, items, rest, undone`

func scanImport(row scanner) (m Import, err error) {
	var items string
	if err := row.Scan(&m.ID, moment{&m.At}, &m.By, &items, &m.Rest, moment{&m.Undone}); err != nil {
		return m, err
	}
	return m, json.Unmarshal([]byte(items), &m.Items)
}

// Import reads one import; ErrNotFound when there is none, or none any more.
func (d *DB) Import(ctx context.Context, id string) (Import, error) {
	m, err := scanImport(d.read.QueryRowContext(ctx, `SELECT `+importColumns+` FROM imports WHERE id = $1`, id))
	return m, missing(err, "reading import %s", id)
}

// LastImport is the latest import of a person; ErrNotFound when there is none.
func (d *DB) LastImport(ctx context.Context, by string) (Import, error) {
	m, err := scanImport(d.read.QueryRowContext(ctx, `SELECT `+importColumns+` FROM imports WHERE by_user = $1 ORDER BY at DESC, id DESC LIMIT 1`, by))
	return m, missing(err, "reading the last import of %s", by)
}

// importsOf are all imports of a person, the oldest first.
func (d *DB) importsOf(ctx context.Context, userID string) ([]Import, error) {
	return collect(ctx, d.read, scanImport, `SELECT `+importColumns+` FROM imports WHERE by_user = $1 ORDER BY at, id`, userID)
}

// forgetImports empties what a person typed and did not add.
func (t *Tx) forgetImports(ctx context.Context, userID string) error {
	if _, err := t.ExecContext(ctx, `UPDATE imports SET rest = '' WHERE by_user = $1`, userID); err != nil {
		return fmt.Errorf("forgetting the imports of user %s: %w", userID, err)
	}
	return nil
}

// UndoImport takes back what an import added, as far as nobody has touched it
// since: drafts are erased, all else is withdrawn. An import is undone once.
func (d *DB) UndoImport(ctx context.Context, id, by string, at time.Time) (u Undone, err error) {
	at = fromMicros(micros(at))
	err = d.write(ctx, Durable, func(t *Tx) error {
		u = Undone{}
		m, err := t.importOf(ctx, id)
		if err != nil {
			return err
		}
		if !m.Undone.IsZero() {
			return nil
		}
		for _, item := range m.Items {
			if err := t.takeBack(ctx, item, &u, by, at); err != nil {
				return err
			}
		}
		if _, err := t.ExecContext(ctx, `UPDATE imports SET undone = $2 WHERE id = $1`, id, micros(at)); err != nil {
			return fmt.Errorf("noting that import %s is undone: %w", id, err)
		}
		detail := fmt.Sprintf("%d erased, %d withdrawn, %d left", u.Erased, u.Withdrawn, u.Kept)
		return t.audit(ctx, AuditEntry{At: at, Actor: by, Action: "events.import.undo", Object: id, Detail: detail})
	})
	return u, err
}

// takeBack undoes one item of an import.
func (t *Tx) takeBack(ctx context.Context, id string, u *Undone, by string, at time.Time) error {
	i, err := t.lockItem(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return nil // erased meanwhile
	}
	if err != nil {
		return err
	}
	switch touched, err := t.touched(ctx, &i); {
	case err != nil:
		return err
	case touched:
		u.Kept++
		return nil
	case i.Draft:
		u.Erased++
		return t.eraseItem(ctx, &i, by, at)
	}
	u.Withdrawn++
	return t.turnItem(ctx, &i, TurnWithdraw, by, at)
}

// touched says whether anybody has worked on an item since it was added: files,
// unsaved changes and notices leave its version as it was.
func (t *Tx) touched(ctx context.Context, i *Item) (bool, error) {
	if i.Version != 1 || !i.Withdrawn.IsZero() || !i.Archived.IsZero() {
		return true, nil
	}
	var n int
	err := t.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM attachments WHERE item_id = $1) + (SELECT count(*) FROM drafts WHERE item_id = $1)
		+ (SELECT count(*) FROM notices WHERE item_id = $1)`, i.ID).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("asking whether item %s was worked on: %w", i.ID, err)
	}
	return n > 0, nil
}

// PurgeImports forgets up to limit imports from before a moment, and says how
// many went. Their events stay.
func (d *DB) PurgeImports(ctx context.Context, before time.Time, limit int) (n int, err error) {
	err = d.write(ctx, Relaxed, func(t *Tx) (err error) {
		n, err = t.exec(ctx, `DELETE FROM imports WHERE id IN (SELECT id FROM imports WHERE at < $1 ORDER BY at LIMIT $2)`, micros(before), limit)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("removing old imports: %w", err)
	}
	return n, nil
}
