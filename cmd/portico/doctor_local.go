package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"

	"portico/auth"
	"portico/cmd/internal/portal"
	"portico/db"
)

// configuration reports what Load found, one line a problem.
func (w *ward) configuration(err error) {
	problems, _ := errors.AsType[portal.Problems](err)
	for _, p := range problems {
		fix := ""
		if p.Name != "" {
			fix = "change " + p.Name + " in " + w.place()
		}
		w.add(failed, "configuration", p.String(), fix)
	}
	if len(problems) == 0 {
		w.add(ok, "configuration", fmt.Sprintf("%d values, all of them possible", len(w.config.Values())), "")
	}
	w.notices()
	if w.config.CampusOne.WebhookSecret == "" {
		w.add(warning, "webhook secret", "not set: every delivery is refused, so role changes arrive only with the next sign-in",
			w.set("CAMPUS_ONE_WEBHOOK_SECRET= to what Campus One's dashboard shows"))
	} else {
		w.add(ok, "webhook secret", "set", "")
	}
}

// files looks at who may read what is secret.
func (w *ward) files() {
	if w.envFile != "" {
		w.rights("env file", w.envFile)
	}
	for _, v := range w.config.Values() {
		if v.Path != "" {
			w.rights(v.Name+"_FILE", v.Path)
		}
	}
	if w.config.Portico.TLS.Mode == portal.TLSFiles {
		w.rights("key for https", w.config.Portico.TLS.KeyFile)
	}
	if file, sqlite := strings.CutPrefix(w.config.DatabaseURL, "sqlite:"); sqlite {
		w.rights("database file", file)
	}
}

// rights checks one file. What is not there is told by the check that needs it.
func (w *ward) rights(check, path string) {
	info, err := os.Stat(path)
	if err != nil {
		return
	}
	mode := info.Mode().Perm()
	switch {
	case mode&0o007 != 0:
		w.add(failed, check, fmt.Sprintf("%s has mode %04o: everybody on this machine may read it", path, mode), "run chmod 600 "+path)
	case mode&0o070 != 0:
		w.add(warning, check, fmt.Sprintf("%s has mode %04o: its group may read it", path, mode), "run chmod 600 "+path+" unless the group is meant to")
	default:
		w.add(ok, check, fmt.Sprintf("%s has mode %04o", path, mode), "")
	}
}

// database opens it as it is: a rehearsal changes no schema.
func (w *ward) database(ctx context.Context) {
	if w.config.DatabaseURL == "" {
		return
	}
	d, err := w.open(ctx)
	if err != nil {
		w.add(failed, "database", "it does not open: "+databaseTrouble(err), "check DATABASE_URL in "+w.place()+"; `portico init` or `portico serve --create` makes a new one")
		return
	}
	w.schema(ctx, d)
	if err := d.Close(); err != nil {
		w.add(warning, "database", "it does not close cleanly: "+databaseTrouble(err), "")
	}
}

func (w *ward) open(ctx context.Context) (*db.DB, error) {
	return db.Open(ctx, w.config.DatabaseURL, db.Options{NoMigrate: true, Log: slog.New(slog.DiscardHandler), Now: w.now})
}

func (w *ward) schema(ctx context.Context, d *db.DB) {
	steps, err := d.Migrations(ctx)
	if err == nil {
		err = d.Check(ctx)
	}
	if err != nil {
		w.add(failed, "database", "it cannot be read: "+databaseTrouble(err), "restore a backup, or set another DATABASE_URL in "+w.place())
		return
	}
	missing := 0
	for _, step := range steps {
		if !step.Applied {
			missing++
		}
	}
	if missing > 0 && !w.config.Portico.AutoMigrate {
		w.add(failed, "database", fmt.Sprintf("it opens; %d of %d steps are missing", missing, len(steps)), "run portico migrate up")
		return
	}
	w.add(ok, "database", fmt.Sprintf("it opens and is whole; %d of %d steps are done", len(steps)-missing, len(steps)), "")
	if missing == 0 {
		w.inbox(ctx, d)
		w.backup(ctx, d)
	}
}

// databaseTrouble is the cause in a few words, without an address that may
// hold a password.
func databaseTrouble(err error) string {
	switch {
	case errors.Is(err, db.ErrNoDatabase):
		return err.Error()
	case errors.Is(err, db.ErrDamaged):
		return "it is damaged"
	case errors.Is(err, db.ErrNewer):
		return "a newer version of Portico made it"
	case errors.Is(err, fs.ErrPermission):
		return "this user may not read it"
	}
	return portal.Scrub(oneLine(err))
}

// notices looks whether people can be notified where that is wanted.
func (w *ward) notices() {
	asked := w.config.CampusOne.Scopes
	missing := slices.DeleteFunc([]string{auth.ScopeNotifications, "offline_access"}, func(s string) bool { return slices.Contains(asked, s) })
	if !w.config.Portico.Notifications || len(missing) == 0 {
		return
	}
	w.add(warning, "notices in Campus One", "PORTICO_NOTIFICATIONS is on, but nobody can be notified: Campus One is not asked for "+strings.Join(missing, " and "),
		"have the scope granted in Campus One's dashboard, then "+w.set("CAMPUS_ONE_SCOPES='"+strings.Join(append(slices.Clone(asked), missing...), " ")+"'"))
}
