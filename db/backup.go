package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
)

var (
	// ErrExists says that a file of that name is there and was not to be replaced.
	ErrExists = errors.New("a file of this name is there already")
	// ErrNoFile says that PostgreSQL has no file to copy.
	ErrNoFile = errors.New("PostgreSQL looks after its own backups")
)

const (
	stepPages = 256 // 1 MB
	stepRest  = 2 * time.Millisecond
)

// Copy is a backup that was written and checked.
type Copy struct {
	File   string
	Bytes  int64
	Schema int            // the last step done of those that Migrations lists
	Rows   map[string]int // by table
	Took   time.Duration
}

// Total is the number of rows in all tables.
func (c Copy) Total() (n int) {
	for _, rows := range c.Rows {
		n += rows
	}
	return n
}

// Backup writes the SQLite database into one file, while it is in use: all as
// it was at one moment. Before the file has its name it is read again: it must
// be whole, with as many rows in each table as there were at that moment. A
// file that is there already is replaced only by force.
func (d *DB) Backup(ctx context.Context, file string, force bool) (Copy, error) {
	if d.engine == Postgres {
		return Copy{}, ErrNoFile
	}
	began := time.Now()
	if err := d.mayReplace(file, force); err != nil {
		return Copy{}, err
	}
	draft, err := newDraft(file)
	if err != nil {
		return Copy{}, fmt.Errorf("making the backup: %w", err)
	}
	defer func() { _ = os.Remove(draft) }() // gone already when all went well
	source, err := d.copyTo(ctx, draft)
	if err != nil {
		return Copy{}, fmt.Errorf("writing the backup: %w", err)
	}
	c, err := readCopy(ctx, draft)
	if err != nil {
		return Copy{}, fmt.Errorf("reading the backup again: %w", err)
	}
	if c.Schema != source.Schema || !maps.Equal(c.Rows, source.Rows) {
		return Copy{}, fmt.Errorf("%w: the backup has other rows than the database", ErrDamaged)
	}
	if err := settle(draft, file, force); err != nil {
		return Copy{}, fmt.Errorf("naming the backup: %w", err)
	}
	c.File, c.Took = file, time.Since(began)
	return c, nil
}

// mayReplace refuses a name that is taken; always the database's own, and what
// is no file, such as a device, which would be gone.
func (d *DB) mayReplace(file string, force bool) error {
	there, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking for %s: %w", file, err)
	}
	own, err := os.Stat(d.address)
	if err != nil {
		return fmt.Errorf("looking for the database: %w", err)
	}
	if !force || !there.Mode().IsRegular() || os.SameFile(there, own) {
		return fmt.Errorf("%w: %s", ErrExists, file)
	}
	return nil
}

// newDraft makes an empty file beside the one to come, for its owner alone.
func newDraft(file string) (string, error) {
	dir, base := filepath.Split(file)
	draft := filepath.Join(dir, "."+base+"."+rand.Text()+".part")
	f, err := os.OpenFile(draft, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	return draft, f.Close()
}

// copyTo copies the database page by page, as one reader sees it, and tells
// what that reader counted. Writers go on meanwhile.
func (d *DB) copyTo(ctx context.Context, draft string) (c Copy, err error) {
	conn, err := d.read.Conn(ctx)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, `BEGIN`); err != nil {
		return c, err
	}
	defer func() {
		_, e := conn.ExecContext(context.WithoutCancel(ctx), `ROLLBACK`)
		err = errors.Join(err, e)
	}()
	if c.Schema, err = d.schemaVersion(ctx, conn); err != nil { // from this first read on the moment stands
		return c, err
	}
	if c.Rows, err = countRows(ctx, conn); err != nil {
		return c, err
	}
	return c, conn.Raw(func(driver any) error { return copyPages(ctx, driver, draft) })
}

// copyPages hands all pages to the draft, with a rest after each megabyte: what
// people wait for goes first. The draft needs no journal, since a broken one is
// thrown away.
func copyPages(ctx context.Context, driver any, draft string) error {
	source, ok := driver.(interface {
		NewBackup(to string) (*sqlite.Backup, error)
	})
	if !ok {
		return fmt.Errorf("the driver %T makes no backups", driver)
	}
	b, err := source.NewBackup(fileAddress(draft, "_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)"))
	if err != nil {
		return err
	}
	for more := true; more && err == nil; {
		if more, err = b.Step(stepPages); err == nil && more {
			err = rest(ctx, stepRest)
		}
	}
	return errors.Join(err, b.Finish())
}

// rest waits, unless ctx ends.
func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// countRows counts the rows of every table.
func countRows(ctx context.Context, r reader) (map[string]int, error) {
	scan := func(row scanner) (name string, err error) { return name, row.Scan(&name) }
	names, err := collect(ctx, r, scan, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'`)
	if err != nil {
		return nil, fmt.Errorf("listing the tables: %w", err)
	}
	rows := make(map[string]int, len(names))
	for _, name := range names {
		var n int
		if err := r.QueryRowContext(ctx, `SELECT count(*) FROM "`+name+`"`).Scan(&n); err != nil {
			return nil, fmt.Errorf("counting %s: %w", name, err)
		}
		rows[name] = n
	}
	return rows, nil
}

// readCopy makes a copy one file without a log beside it, checks it and counts
// what is in it.
func readCopy(ctx context.Context, file string) (c Copy, err error) {
	pool, err := sql.Open("sqlite", fileAddress(file, "_pragma=journal_mode(DELETE)"))
	if err != nil {
		return c, err
	}
	pool.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, pool.Close()) }()
	d := &DB{engine: SQLite, read: pool}
	if err := d.Check(ctx); err != nil {
		return c, err
	}
	if c.Schema, err = d.schemaVersion(ctx, pool); err != nil {
		return c, err
	}
	if c.Rows, err = countRows(ctx, pool); err != nil {
		return c, err
	}
	info, err := os.Stat(file)
	if err == nil {
		c.Bytes = info.Size()
	}
	return c, err
}

// fileAddress is the driver's address of a file, with these settings alone.
func fileAddress(file, settings string) string {
	abs, err := filepath.Abs(file)
	if err != nil {
		abs = file
	}
	return (&url.URL{Scheme: "file", Path: slashed(abs), RawQuery: settings}).String()
}

// settle brings a finished draft to the disk and gives it its name.
func settle(draft, file string, force bool) error {
	if err := syncFile(draft); err != nil {
		return err
	}
	if !force {
		// A link, other than a rename, never takes a name that is taken.
		err := os.Link(draft, file)
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%w: %s", ErrExists, file)
		}
		if err == nil {
			return errors.Join(os.Remove(draft), syncFile(filepath.Dir(file)))
		}
	}
	if err := os.Rename(draft, file); err != nil { // by force, or where there are no links
		return err
	}
	return syncFile(filepath.Dir(file))
}

// syncFile brings a file or the names in a folder to the disk. It must never
// be given a database that is open: closing any file of it drops SQLite's locks.
func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(ignoreUnsupported(f.Sync()), f.Close())
}

// ignoreUnsupported lets be what file systems without sync for folders answer.
func ignoreUnsupported(err error) error {
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrInvalid) {
		return nil
	}
	return err
}
