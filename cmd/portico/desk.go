package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/user"
	"slices"
	"strconv"
	"time"

	"portico/cmd/internal/portal"
	"portico/db"
)

// desk is where a command works on the database of a portal that may be
// running: what it changes, the running server hears of at once.
type desk struct {
	*shell
	config *portal.Config
	db     *db.DB
	zone   *time.Location
	json   bool // --json was given
}

// work says what a command does at the desk with its words.
type work func(ctx context.Context, d *desk, words []string) error

// atDesk reads flags and words in any order, opens the database and does the
// work. From least to most words must be given.
func (s *shell) atDesk(ctx context.Context, f *flag.FlagSet, args []string, least, most int, do work) error {
	file := envFile(f)
	asJSON := f.Bool("json", false, "print JSON")
	words, err := s.mixed(f, args)
	if err != nil {
		return err
	}
	if len(words) < least {
		return tooFew(f)
	}
	if len(words) > most {
		return tooMany(f, words[most])
	}
	c, err := s.configFor(*file, "DATABASE_URL", "DATABASE_URL_FILE", "PORTICO_TIMEZONE", "PORTICO_REPORTS_ROLES", "PORTICO_PUBLISH_ROLES", "PORTICO_MANAGE_ROLES", "PORTICO_ROLE_MAX_AGE")
	if err != nil {
		return err
	}
	store, err := openCurrent(ctx, c)
	if err != nil {
		return err
	}
	d := &desk{shell: s, config: c, db: store, zone: c.Portico.Timezone, json: *asJSON}
	return errors.Join(do(ctx, d, words), store.Close())
}

// mixed reads flags that may come before, between and after the words. After
// `--` everything is a word.
func (s *shell) mixed(f *flag.FlagSet, args []string) (words []string, err error) {
	args, after := cutAt(args, "--")
	for {
		if err := s.parseWords(f, args); err != nil {
			return nil, err
		}
		if f.NArg() == 0 {
			return append(words, after...), nil
		}
		words, args = append(words, f.Arg(0)), f.Args()[1:]
	}
}

func cutAt(args []string, mark string) (before, after []string) {
	if i := slices.Index(args, mark); i >= 0 {
		return args[:i], args[i+1:]
	}
	return args, nil
}

// openCurrent opens the database as it is. It changes no schema: that is the
// server's to do, after a backup.
func openCurrent(ctx context.Context, c *portal.Config) (*db.DB, error) {
	store, err := db.Open(ctx, c.DatabaseURL, db.Options{NoMigrate: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, inPlainWords(err, c)
	}
	steps, err := store.Migrations(ctx)
	if err == nil && slices.ContainsFunc(steps, func(m db.Migration) bool { return !m.Applied }) {
		err = errors.New("the database was made by an older version of Portico. Start the server, or run `portico migrate up`")
	}
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return store, nil
}

// operator says for the audit who typed the command.
func (s *shell) operator() string {
	name := "user " + strconv.Itoa(os.Getuid())
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if by := s.getenv("SUDO_USER"); by != "" && by != name {
		name += ", sudo by " + by
	}
	return "command line (" + name + ")"
}

// person finds the one person that a word names.
func (d *desk) person(ctx context.Context, key string) (db.User, error) {
	found, err := d.db.FindPerson(ctx, key)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return db.User{}, unknownPerson{key}
	case err != nil:
		return db.User{}, err
	case len(found) > 1:
		return db.User{}, fmt.Errorf("%d people have the address %q; name one by id, as `portico people list --search %s` shows it", len(found), key, key)
	}
	return found[0], nil
}

// unknownPerson says that a word names nobody.
type unknownPerson struct{ key string }

func (u unknownPerson) Error() string {
	return fmt.Sprintf("nobody here has the id, e-mail address or Campus One id %q; `portico people list --search NAME` finds people", u.key)
}

// say prints one sentence, or the value when JSON was asked for.
func (d *desk) say(value any, sentence string, args ...any) error {
	if d.json {
		return d.shell.json(value)
	}
	_, err := fmt.Fprintf(d.stdout, sentence+"\n", args...)
	return err
}
