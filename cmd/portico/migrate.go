package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"portico/cmd/internal/portal"
	"portico/db"
)

// migrate shows the steps of the schema or applies those that are missing.
func migrate(ctx context.Context, s *shell, args []string) error {
	if len(args) == 0 || args[0] != "status" && args[0] != "up" && !isHelp(args[0]) {
		return misuse{"write `portico migrate status` or `portico migrate up`"}
	}
	f := s.flags("migrate status|up")
	file := envFile(f)
	rest := args[1:]
	if isHelp(args[0]) {
		rest = args
	}
	if err := s.parse(f, rest); err != nil {
		return err
	}
	c, err := s.configFor(*file, "DATABASE_URL", "PORTICO_BACKUP_DIR", "PORTICO_TIMEZONE")
	if err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	d, err := db.Open(ctx, c.DatabaseURL, db.Options{NoMigrate: true, Log: log, BeforeMigrate: portal.BeforeMigrate(c, log, time.Now)})
	if err != nil {
		return inPlainWords(err, c)
	}
	return errors.Join(s.migrate(ctx, d, args[0] == "up"), d.Close())
}

func (s *shell) migrate(ctx context.Context, d *db.DB, up bool) error {
	if up {
		if err := d.Migrate(ctx); err != nil {
			return fmt.Errorf("applying the steps: %w", err)
		}
	}
	steps, err := d.Migrations(ctx)
	if err != nil {
		return fmt.Errorf("reading which steps are done: %w", err)
	}
	for _, step := range steps {
		state := "missing"
		if step.Applied {
			state = "done"
		}
		fmt.Fprintf(s.stdout, "%04d  %-8s %s\n", step.Version, state, step.Name)
	}
	return nil
}

func isHelp(arg string) bool { return arg == "--help" || arg == "-help" || arg == "-h" }

// configFor loads a configuration of which only some names matter: what is
// wrong with the others is none of this command's business.
func (s *shell) configFor(file string, names ...string) (*portal.Config, error) {
	c, err := portal.Load(s.environ, file)
	problems, _ := errors.AsType[portal.Problems](err)
	if mine := problems.About(names...); len(mine) > 0 {
		return nil, s.hintEnvFile(mine, file)
	}
	return c, nil
}
