package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"time"
)

const (
	metaSecret = "session_secret"
	metaBackup = "backup"
)

// RememberSecret keeps a fingerprint of the secret that the portal is served
// with, so that a backup can tell which one it goes with.
func (d *DB) RememberSecret(ctx context.Context, fingerprint string) error {
	if have, err := d.SecretFingerprint(ctx); err != nil || have == fingerprint {
		return err
	}
	return d.write(ctx, Durable, func(t *Tx) error { return t.setMeta(ctx, metaSecret, fingerprint) })
}

// SecretFingerprint is what RememberSecret kept last, or "".
func (d *DB) SecretFingerprint(ctx context.Context) (string, error) {
	have, err := meta(ctx, d.read, metaSecret)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return have, err
}

// OldBackup is how old the last backup may be before somebody is told.
const OldBackup = 48 * time.Hour

// BackupNote is what the database remembers of its last backup.
type BackupNote struct {
	At    time.Time
	File  string
	Bytes int64
}

// NoteBackup remembers that a backup was made.
func (d *DB) NoteBackup(ctx context.Context, n BackupNote) error {
	text, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("noting the backup: %w", err)
	}
	return d.write(ctx, Relaxed, func(t *Tx) error { return t.setMeta(ctx, metaBackup, string(text)) })
}

// LastBackup is what NoteBackup noted last; ErrNotFound when none was.
func (d *DB) LastBackup(ctx context.Context) (n BackupNote, err error) {
	text, err := meta(ctx, d.read, metaBackup)
	if err != nil {
		return n, err
	}
	if err := json.Unmarshal([]byte(text), &n); err != nil {
		return n, fmt.Errorf("reading of the last backup: %w", err)
	}
	return n, nil
}

// Began is when the database was made.
func (d *DB) Began(ctx context.Context) (at time.Time, err error) {
	if err = d.read.QueryRowContext(ctx, `SELECT min(applied) FROM schema_version`).Scan(moment{&at}); err != nil {
		return at, fmt.Errorf("reading when the database was made: %w", err)
	}
	return at, nil
}

// Size is how many bytes the database takes on the disk.
func (d *DB) Size(ctx context.Context) (n int64, err error) {
	if d.engine == Postgres {
		if err = d.read.QueryRowContext(ctx, `SELECT pg_database_size(current_database())`).Scan(&n); err != nil {
			return 0, fmt.Errorf("reading the database's size: %w", err)
		}
		return n, nil
	}
	for _, suffix := range append([]string{""}, beside[:]...) {
		if info, err := os.Stat(d.address + suffix); err == nil { // never opened: see syncFile
			n += info.Size()
		}
	}
	return n, nil
}

// Newest is the latest moment that the portal wrote down when something
// happened: a sign-in, a delivery or a line of audit.
func (d *DB) Newest(ctx context.Context) (at time.Time, err error) {
	err = d.read.QueryRowContext(ctx, `SELECT coalesce(max(at), 0) FROM (SELECT max(at) AS at FROM sign_ins UNION ALL
		SELECT max(received) FROM deliveries UNION ALL SELECT max(at) FROM audit) AS newest`).Scan(moment{&at})
	if err != nil {
		return at, fmt.Errorf("reading the newest time: %w", err)
	}
	return at, nil
}

// Alone does work that one process at a time may do, and says whether it did:
// while another one is at it, nothing happens. SQLite has one process anyway.
func (d *DB) Alone(ctx context.Context, name string, work func(context.Context) error) (did bool, err error) {
	if d.engine == SQLite {
		return true, work(ctx)
	}
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return false, fmt.Errorf("asking whether another process is at it: %w", err)
	}
	defer conn.Release()
	h := fnv.New64a()
	_, _ = h.Write([]byte("portico " + name)) // never fails
	key := int64(h.Sum64())
	if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, key).Scan(&did); err != nil || !did {
		return false, err
	}
	defer func() {
		if _, e := conn.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, key); e != nil {
			err = errors.Join(err, e, conn.Conn().Close(context.WithoutCancel(ctx))) // the lock ends with its connection
		}
	}()
	return true, work(ctx)
}
