package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	_ "modernc.org/sqlite" // the driver
)

// pragmas are set on every connection.
var pragmas = [...]string{
	"busy_timeout(10000)", // another process (a backup, a command) may hold the lock for a moment; first, for the next one may wait too
	"journal_mode(WAL)",   // readers never wait for the writer, nor the writer for them
	"synchronous(NORMAL)", // Relaxed: the log reaches the disk at checkpoints; write.go turns to FULL for Durable work
	"foreign_keys(1)",     // off by default in SQLite
	"secure_delete(1)",    // what is erased is overwritten: the file does not keep a list posted by mistake
	"temp_store(MEMORY)",  // sorting needs no files: the unit may have no writable /tmp
	"cache_size(-4096)",   // 4 MB a connection: reports reread the same pages
}

// openSQLite opens one connection that writes and a pool that only reads.
func (d *DB) openSQLite(ctx context.Context, path string, create bool) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("finding the database file: %w", err)
	}
	d.address = path
	if err := haveFile(path, create); err != nil {
		return err
	}
	// BEGIN IMMEDIATE takes the write lock at once; a transaction that begins
	// with a read and then writes can fail in spite of busy_timeout.
	if d.wrote, err = sql.Open("sqlite", dsn(path, "_txlock=immediate")); err != nil {
		return fmt.Errorf("opening the database for writing: %w", err)
	}
	d.wrote.SetMaxOpenConns(1)
	if err := d.wrote.PingContext(ctx); err != nil {
		return errors.Join(fmt.Errorf("opening the database %s: %w", path, err), d.wrote.Close())
	}
	if d.read, err = sql.Open("sqlite", dsn(path, "_pragma=query_only(1)")); err != nil {
		return errors.Join(fmt.Errorf("opening the database for reading: %w", err), d.wrote.Close())
	}
	readers := max(4, 2*runtime.NumCPU())
	d.read.SetMaxOpenConns(readers)
	d.read.SetMaxIdleConns(readers)
	d.queue = newQueue(d.wrote, d.now)
	return nil
}

// haveFile makes the file if it may, readable by its owner alone.
func haveFile(path string, create bool) error {
	_, err := os.Stat(path)
	if err == nil {
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("looking for the database: %w", err)
	}
	if !create {
		return fmt.Errorf("%w: %s", ErrNoDatabase, path)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("making the database: %w", err)
	}
	return f.Close()
}

// dsn is the driver's address of the file. It begins with "file:", or SQLite
// would take the query for a part of the name.
func dsn(path string, more string) string {
	u := url.URL{Scheme: "file", Path: slashed(path), RawQuery: more}
	for _, p := range pragmas {
		u.RawQuery += "&_pragma=" + p
	}
	return u.String()
}

// slashed is an absolute path as an address has it.
func slashed(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive letter
	}
	return path
}

func (d *DB) closeSQLite() error {
	d.queue.close()
	// Readers first: the log cannot be emptied under them.
	err := d.read.Close()
	// A failing checkpoint loses nothing, the log stays beside the file.
	var busy, logged, moved int
	if e := d.wrote.QueryRow(`PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &logged, &moved); e != nil && !errors.Is(e, sql.ErrConnDone) {
		d.log.Warn("the database's log was not emptied; the next start does it", "error", e)
	}
	return errors.Join(err, d.wrote.Close())
}
