package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"portico/db"
)

// backup tells how old the last backup is, and whether it is still there.
func (w *ward) backup(ctx context.Context, d *db.DB) {
	if isPostgres(w.config) {
		w.add(ok, "backup", "PostgreSQL's own business: have pg_dump run every day", "")
		return
	}
	last, err := d.LastBackup(ctx)
	if errors.Is(err, db.ErrNotFound) {
		w.neverBackedUp(ctx, d)
		return
	}
	if err != nil {
		w.add(warning, "backup", "when the last one was made cannot be read: "+databaseTrouble(err), "")
		return
	}
	age := w.now().Sub(last.At).Round(time.Hour)
	seen := fmt.Sprintf("the last one is of %s, %s, %s", last.At.In(w.config.Portico.Timezone).Format("Mon 2 Jan 2006 15:04"), megabytes(last.Bytes), last.File)
	_, gone := os.Stat(last.File)
	switch {
	case errors.Is(gone, fs.ErrNotExist):
		w.add(warning, "backup", seen+", but it is not there any more", w.backUpNow())
	case age > db.OldBackup:
		w.add(warning, "backup", fmt.Sprintf("%s: that is %d days ago", seen, age/(24*time.Hour)), w.backUpNow())
	default:
		w.add(ok, "backup", seen, "")
	}
}

func (w *ward) neverBackedUp(ctx context.Context, d *db.DB) {
	began, err := d.Began(ctx)
	switch {
	case err == nil && w.now().Sub(began) <= db.OldBackup && w.config.Portico.BackupDir != "":
		w.add(ok, "backup", "none yet: the portal makes the first one when it has run for a minute, in "+w.config.Portico.BackupDir, "")
	default:
		w.add(warning, "backup", "there was never one", w.backUpNow())
	}
}

// backUpNow is what to do without a good backup.
func (w *ward) backUpNow() string {
	if w.config.Portico.BackupDir == "" {
		return w.set("PORTICO_BACKUP_DIR= to a folder, or run portico backup FILE every day")
	}
	return "start the portal; if it runs, see why in its log, and whether " + w.config.Portico.BackupDir + " may be written and has room. At once: portico backup FILE"
}
