package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"portico/cmd/internal/portal"
	"portico/db"
)

// copyJSON is a finished backup for scripts.
type copyJSON struct {
	File    string         `json:"file"`
	Bytes   int64          `json:"bytes"`
	Schema  int            `json:"schema"`
	Rows    map[string]int `json:"rows"`
	Seconds float64        `json:"seconds"`
}

// backup writes the database into one file, beside a server that may run.
func backup(ctx context.Context, s *shell, args []string) error {
	f := s.flags("backup FILE")
	file := envFile(f)
	asJSON := f.Bool("json", false, "print JSON")
	force := f.Bool("force", false, "replace a file of that name")
	target, err := s.oneFile(f, args)
	if err != nil {
		return err
	}
	c, err := s.configFor(*file, "DATABASE_URL", "DATABASE_URL_FILE")
	if err != nil {
		return err
	}
	if isPostgres(c) {
		return misuse{"this portal keeps its data in PostgreSQL, which makes its own backups; run: " + pgDump(c.DatabaseURL, target)}
	}
	d, err := db.Open(ctx, c.DatabaseURL, db.Options{NoMigrate: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return inPlainWords(err, c)
	}
	made, err := d.Backup(ctx, target, *force)
	if err == nil {
		err = d.NoteBackup(ctx, db.BackupNote{At: time.Now(), File: target, Bytes: made.Bytes})
	}
	if err := errors.Join(err, d.Close()); err != nil {
		return backupTrouble(err, target, *force)
	}
	if *asJSON {
		return s.json(copyJSON{made.File, made.Bytes, made.Schema, made.Rows, made.Took.Seconds()})
	}
	_, err = fmt.Fprintf(s.stdout, "%s: %s, %d rows in %d tables, made and checked in %.1f seconds.\nKeep it together with the settings file, on another machine.\n",
		target, megabytes(made.Bytes), made.Total(), len(made.Rows), made.Took.Seconds())
	return err
}

// oneFile reads flags and one path.
func (s *shell) oneFile(f *flag.FlagSet, args []string) (string, error) {
	words, err := s.mixed(f, args)
	switch {
	case err != nil:
		return "", err
	case len(words) == 0 || words[0] == "":
		return "", tooFew(f)
	case len(words) > 1:
		return "", tooMany(f, words[1])
	}
	return filepath.Abs(words[0])
}

// backupTrouble says what to do when there is no backup.
func backupTrouble(err error, target string, force bool) error {
	info, there := os.Stat(target)
	switch {
	case errors.Is(err, db.ErrExists) && there == nil && info.IsDir():
		return fmt.Errorf("%s is a folder; name a file in it, such as %s", target, filepath.Join(target, "portico-copy.db"))
	case errors.Is(err, db.ErrExists) && there == nil && !info.Mode().IsRegular():
		return fmt.Errorf("%s is no ordinary file; choose another name", target)
	case errors.Is(err, db.ErrExists) && force:
		return fmt.Errorf("%s is the database itself; choose another name", target)
	case errors.Is(err, db.ErrExists):
		return fmt.Errorf("%s is there already; choose another name, or replace it with --force", target)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no folder %s; make it first", filepath.Dir(target))
	case errors.Is(err, db.ErrDamaged):
		return fmt.Errorf("no backup was made: %w", err)
	}
	return fmt.Errorf("no backup was made; see that %s has room and may be written: %w", filepath.Dir(target), err)
}

func isPostgres(c *portal.Config) bool { return strings.HasPrefix(c.DatabaseURL, "postgres") }

// pgDump is the line that backs a PostgreSQL database up, without the password
// that its address may hold.
func pgDump(address, file string) string {
	name, flags := postgresFlags(address)
	return "pg_dump --format=custom" + flags + " --file=" + quoted(file) + " " + quoted(name)
}

// pgRestore is the line that restores what pgDump's wrote.
func pgRestore(address, file string) string {
	name, flags := postgresFlags(address)
	return "pg_restore --clean --if-exists --single-transaction" + flags + " --dbname=" + quoted(name) + " " + quoted(file)
}

// postgresFlags are the name of a database and the flags that lead to it.
func postgresFlags(address string) (name, flags string) {
	u, err := url.Parse(address)
	if err != nil {
		return "portico", ""
	}
	for _, one := range []struct{ flag, value string }{{" --host=", u.Hostname()}, {" --port=", u.Port()}, {" --username=", u.User.Username()}} {
		if one.value != "" {
			flags += one.flag + quoted(one.value)
		}
	}
	return strings.TrimPrefix(u.Path, "/"), flags
}

// megabytes is a size as people read it.
func megabytes(n int64) string {
	if n < 1_000_000 {
		return fmt.Sprintf("%d kB", (n+999)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
