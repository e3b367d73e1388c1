package db

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

var (
	// ErrInUse says that a process has the database open.
	ErrInUse = errors.New("the database is in use")
	// ErrNotOurs says that a file is no database of this program.
	ErrNotOurs = errors.New("this is no database of this program")
)

const endedRestored = "the database was restored"

// Restored is what Restore did.
type Restored struct {
	Copy          // what is there now
	Ended  int    // sessions that were open in the backup
	Secret string // Fingerprint of the session secret it was last served with, or ""
	Aside  string // where the database from before is kept; "" when there was none
}

// Restore puts a backup in the place of the SQLite database at target, which
// no process may have open. The backup is checked first, and in a copy of it
// every session is ended and every token erased: those that a provider has
// replaced since would look stolen. What stood there is kept beside it.
func Restore(ctx context.Context, file, target, by string, at time.Time) (r Restored, err error) {
	for _, path := range []string{file, target} {
		if err := free(path); err != nil && (path == file || !errors.Is(err, fs.ErrNotExist)) {
			return r, err
		}
	}
	draft, err := newDraft(target)
	if err != nil {
		return r, fmt.Errorf("making a copy of the backup: %w", err)
	}
	defer removeDatabase(draft)
	if err := copyDatabase(file, draft); err != nil {
		return r, fmt.Errorf("copying the backup: %w", err)
	}
	if err := r.prepare(ctx, draft, filepath.Base(file), by, at); err != nil {
		return r, err
	}
	if r.Copy, err = readCopy(ctx, draft); err != nil {
		return r, fmt.Errorf("reading the copy again: %w", err)
	}
	if err := giveTo(filepath.Dir(target), draft); err != nil {
		return r, fmt.Errorf("giving the copy to the portal: %w", err)
	}
	if r.Aside, err = putAside(ctx, target, at); err != nil {
		return r, fmt.Errorf("keeping the database from before: %w", err)
	}
	if err := settle(draft, target, true); err != nil {
		return r, fmt.Errorf("putting the backup in its place: %w", err)
	}
	r.File = target
	return r, nil
}

// free says that nobody has a database open.
func free(path string) error {
	busy, err := inUse(path)
	if err == nil && busy {
		err = fmt.Errorf("%w: %s", ErrInUse, path)
	}
	return err
}

// prepare checks the copy of a backup and takes out of it what must not live again.
func (r *Restored) prepare(ctx context.Context, draft, name, by string, at time.Time) (err error) {
	d, err := Open(ctx, "sqlite:"+draft, Options{NoMigrate: true, Log: slog.New(slog.DiscardHandler)})
	if errors.Is(err, ErrNewer) {
		return err
	}
	if err != nil {
		return fmt.Errorf("%w (%w)", ErrNotOurs, err)
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.Check(ctx); err != nil {
		return err
	}
	if version, err := d.schemaVersion(ctx, d.read); err != nil || version == 0 {
		return errors.Join(ErrNotOurs, err)
	}
	if r.Secret, err = d.SecretFingerprint(ctx); err != nil {
		return err
	}
	return d.write(ctx, Durable, func(t *Tx) (err error) {
		if r.Ended, err = t.endEverything(ctx, at); err != nil {
			return fmt.Errorf("ending the sessions: %w", err)
		}
		return t.audit(ctx, AuditEntry{At: at, Actor: by, Action: "restore", Object: name, Detail: "sessions ended: " + strconv.Itoa(r.Ended)})
	})
}

// endEverything ends all sessions and erases what could act in their name.
func (t *Tx) endEverything(ctx context.Context, at time.Time) (int, error) {
	n, err := t.exec(ctx, `UPDATE user_sessions SET ended = $1, ended_why = $2 WHERE ended = 0`, micros(at), endedRestored)
	for _, gone := range []string{`DELETE FROM sessions`, `DELETE FROM tokens`, `DELETE FROM cache WHERE key LIKE '` + parkedPrefix + `%'`} {
		if err == nil {
			_, err = t.ExecContext(ctx, gone)
		}
	}
	if err != nil {
		return n, err
	}
	return n, t.abandonNotices(ctx, at)
}

// abandonNotices ends for good what is on its way in a backup: whom it reached
// after the backup was made, nobody knows.
func (t *Tx) abandonNotices(ctx context.Context, at time.Time) error {
	tables := 0 // a backup may be older than they are
	err := t.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'notices'`).Scan(&tables)
	if err != nil || tables == 0 {
		return err
	}
	open, err := collect(ctx, t, scanNotice, `SELECT `+noticeColumns+` FROM notices WHERE state <> 'done'`)
	for i := range open {
		if err == nil {
			err = t.moveAll(ctx, open[i].ID, SendWaiting, SendStopped, at)
		}
		if err == nil {
			err = t.turn(ctx, open[i].ID, at, func(_ *Tx, n *Notice) error {
				n.State, n.Ended = NoticeDone, at
				return nil
			})
		}
	}
	return err
}

// beside are the files that SQLite may keep beside a database.
var beside = [...]string{"-wal", "-shm"}

// copyDatabase copies a database and, if there is one, its log, without which
// the file alone may be old.
func copyDatabase(from, to string) error {
	if err := copyFile(from, to); err != nil {
		return err
	}
	err := copyFile(from+beside[0], to+beside[0])
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // it was only read
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

func removeDatabase(file string) {
	for _, suffix := range append([]string{""}, beside[:]...) {
		_ = os.Remove(file + suffix) // mostly gone already
	}
}

// putAside keeps the database at target under another name and returns it. The
// target stays until another file takes its name, so that there is a database
// at every moment; its log goes, or it would be taken for the next one's.
func putAside(ctx context.Context, target string, at time.Time) (string, error) {
	if _, err := os.Stat(target); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	first := target + ".before-restore-" + at.Format("20060102-150405")
	aside, err := first, error(nil)
	for n := 2; ; n++ {
		if err = os.Link(target, aside); !errors.Is(err, fs.ErrExist) {
			break
		}
		aside = first + "-" + strconv.Itoa(n)
	}
	if err != nil {
		return "", err
	}
	if err := foldLog(ctx, target, aside+beside[0]); err != nil {
		return "", err
	}
	for _, suffix := range beside {
		if err := os.Remove(target + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return aside, free(aside) // once more: somebody may have started meanwhile
}

// foldLog empties a database's log into it, which opening and closing does. The
// log of a database that cannot be opened is kept as kept.
func foldLog(ctx context.Context, target, kept string) error {
	log := target + beside[0]
	if err := copyFile(log, kept); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	d, err := Open(ctx, "sqlite:"+target, Options{NoMigrate: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil // it is kept
	}
	if err := d.Close(); err != nil {
		return nil
	}
	if _, err := os.Stat(log); errors.Is(err, fs.ErrNotExist) {
		return os.Remove(kept)
	}
	return nil
}
