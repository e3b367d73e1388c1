package portal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"time"

	"portico/auth"
	"portico/auth/campusone"
	"portico/db"
	"portico/handlers"
)

const (
	keeperFirst = 30 * time.Second // what people wait for at a start goes first
	keeperEvery = 5 * time.Minute
	cleanEvery  = time.Hour
	retryAfter  = time.Hour
	keptDaily   = 14
	keptBefore  = 5 // of those made before the schema was changed
	purgeStep   = 500
	purgeRest   = 50 * time.Millisecond // in which others write
	clockWrong  = time.Hour

	recountEvery = 24 * time.Hour
)

// Keeper looks after the data: a backup a day, and an end for what was kept
// for long enough. Nothing it does is waited for by people, and nothing that
// fails stops the portal.
type Keeper struct {
	config   *Config
	db       *db.DB
	provider *campusone.Provider
	rollups  *Rollups
	counts   *auth.Counts
	log      *slog.Logger
	now      func() time.Time

	round       sync.Mutex // held for a round
	retry, next time.Time  // when to back up again after a failure, and to clean again

	mu     sync.Mutex
	status handlers.Upkeep
}

// Status tells how the last backup and the last cleaning went.
func (k *Keeper) Status() handlers.Upkeep {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.status
}

func (k *Keeper) note(change func(*handlers.Upkeep)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	change(&k.status)
}

// Run does what is due, every few minutes, until ctx ends.
func (k *Keeper) Run(ctx context.Context) {
	for wait := keeperFirst; ; wait = keeperEvery {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		k.Round(ctx)
	}
}

// Round does what is due now, in one process at a time.
func (k *Keeper) Round(ctx context.Context) {
	k.round.Lock()
	defer k.round.Unlock()
	_, err := k.db.Alone(ctx, "upkeep", func(ctx context.Context) error {
		k.daily(ctx)
		if now := k.now(); !now.Before(k.next) || k.next.Sub(now) > cleanEvery {
			k.next = now.Add(cleanEvery)
			k.clean(ctx)
			k.recount(ctx)
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		k.log.Error("looking after the data failed; it is tried again in some minutes", "error", err)
	}
}

// backups names the files of the keeper's own. It deletes nothing else.
var (
	dailyName  = regexp.MustCompile(`^portico-\d{4}-\d\d-\d\d\.db$`)
	beforeName = regexp.MustCompile(`^portico-\d{4}-\d\d-\d\d-before-\d{4}\.db$`)
	brokenName = regexp.MustCompile(`^\.portico-\d{4}-\d\d-\d\d(-before-\d{4})?\.db\.[A-Z2-7]{26}\.part$`)
)

// daily makes the backup of the day, unless there is one.
func (k *Keeper) daily(ctx context.Context) {
	dir, now := k.config.Portico.BackupDir, k.now()
	if dir == "" || k.db.Engine() != db.SQLite || now.Before(k.retry) && k.retry.Sub(now) <= retryAfter {
		return
	}
	name := "portico-" + now.In(k.config.Portico.Timezone).Format(time.DateOnly) + ".db"
	if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
		return
	}
	c, err := backupInto(ctx, k.db, dir, name, now, false)
	switch {
	case ctx.Err() != nil: // the portal stops; the next start does it
		return
	case err != nil:
		k.retry = now.Add(retryAfter)
		k.counts.Add("backup", "failed")
		k.note(func(u *handlers.Upkeep) { u.BackupFailed = now })
		k.log.Error("the daily backup failed; it is tried again in an hour", "folder", dir, "error", err)
		return
	}
	k.counts.Add("backup", "done")
	k.note(func(u *handlers.Upkeep) { u.BackupFailed = time.Time{} })
	k.log.Info("the daily backup was made and checked", "file", c.File, "bytes", c.Bytes, "rows", c.Total(), "seconds", c.Took.Seconds())
	if err := k.prune(dir, name); err != nil {
		k.log.Warn("old backups were not removed", "folder", dir, "error", err)
	}
}

// backupInto makes a backup in a folder of ours and notes it. Anew takes the
// place of one of that name.
func backupInto(ctx context.Context, d *db.DB, dir, name string, now time.Time, anew bool) (db.Copy, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return db.Copy{}, fmt.Errorf("making the folder: %w", err)
	}
	c, err := d.Backup(ctx, filepath.Join(dir, name), anew)
	if err == nil {
		err = d.NoteBackup(ctx, db.BackupNote{At: now, File: c.File, Bytes: c.Bytes})
	}
	return c, err
}

// prune keeps the latest backups and removes our own older ones, and what a
// killed process left half-written. The one just made stays whatever its date.
func (k *Keeper) prune(dir, made string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var daily, before, gone []string
	for _, e := range entries {
		switch name := e.Name(); {
		case !e.Type().IsRegular():
		case dailyName.MatchString(name):
			daily = append(daily, name)
		case beforeName.MatchString(name):
			before = append(before, name)
		case brokenName.MatchString(name):
			gone = append(gone, name)
		}
	}
	gone = append(gone, allButLast(daily, keptDaily)...)
	gone = append(gone, allButLast(before, keptBefore)...)
	for _, name := range gone {
		if name != made {
			err = errors.Join(err, os.Remove(filepath.Join(dir, name)))
		}
	}
	return err
}

// allButLast are the first of some names, which begin with their date.
func allButLast(names []string, n int) []string {
	slices.Sort(names)
	return names[:max(0, len(names)-n)]
}

// clean removes what was kept for long enough, in small steps.
func (k *Keeper) clean(ctx context.Context) {
	if why := k.clockDoubt(ctx); why != "" {
		k.note(func(u *handlers.Upkeep) { u.CleaningWaits = true })
		k.log.Warn("nothing old is removed until the clock is right: " + why)
		return
	}
	// Once the rows are gone, nobody can count them.
	if err := k.rollups.CatchUp(ctx); err != nil && ctx.Err() == nil {
		k.log.Error("days that lose their rows could not be counted for reports before", "error", err)
	}
	now, p := k.now(), k.config.Portico
	removed := 0
	for _, one := range []struct {
		what  string
		keep  time.Duration
		purge func(context.Context, time.Time, int) (int, error)
	}{
		{"sign-ins", p.RetainSignIns, k.db.PurgeSignIns},
		{"deliveries", p.RetainDeliveries, k.db.PurgeDeliveries},
		{"audit", p.RetainAudit, k.db.PurgeAudit},
		{"reads", p.RetainReads, k.db.PurgeReads},
		{"numbers in roll-ups", p.RetainSignIns, func(ctx context.Context, _ time.Time, limit int) (int, error) { return k.db.PurgeNumbers(ctx, limit) }},
		{"who was notified", auth.NotifiedKept, k.db.PurgeNotified},
		{"drafts", db.DraftsKept, k.db.PurgeDrafts},
		{"imports", handlers.ImportKept, k.db.PurgeImports},
	} {
		n, err := inSteps(ctx, now.Add(-one.keep), one.purge)
		removed += n
		if err != nil && ctx.Err() == nil {
			k.log.Error("removing what is old failed; it is tried again in an hour", "what", one.what, "removed", n, "error", err)
		}
		if n > 0 {
			k.log.Info("what was kept for long enough is removed", "what", one.what, "rows", n, "older_than", one.keep.String())
		}
	}
	k.note(func(u *handlers.Upkeep) { u.Cleaned, u.Removed, u.CleaningWaits = now, removed, false })
}

// recount checks two past days a day: is what reports say of them what their
// rows say? The database remembers the answer, whichever process it was.
func (k *Keeper) recount(ctx context.Context) {
	last, err := k.db.LastRecount(ctx)
	now, zone := k.now(), k.config.Portico.Timezone
	if age := now.Sub(last.At); err == nil && age >= 0 && age < recountEvery {
		return
	}
	days, err := k.db.RecountDays(ctx, zone, now)
	if err != nil && ctx.Err() == nil {
		k.log.Error("no past day could be chosen to check; it is tried again in an hour", "error", err)
	}
	for _, day := range days {
		if !k.agrees(ctx, day) {
			return // this is what is remembered for a day
		}
	}
}

// agrees checks one past day.
func (k *Keeper) agrees(ctx context.Context, day db.Day) bool {
	check, err := k.db.Recount(ctx, day, k.config.Portico.Timezone, k.now())
	switch {
	case errors.Is(err, db.ErrNotCounted) || ctx.Err() != nil: // something of that day was written meanwhile
	case err != nil:
		k.log.Error("checking the figures of a past day failed; it is tried again in an hour", "day", day.String(), "error", err)
	case len(check.Differs) > 0:
		k.counts.Add("recount", "differs")
		k.log.Warn("the figures of a past day were not what its rows say; they are counted anew", "day", day.String(), "differs", check.Differs)
		return false
	default:
		k.counts.Add("recount", "agrees")
	}
	return true
}

// inSteps purges until nothing is left to, and lets others write in between.
func inSteps(ctx context.Context, before time.Time, purge func(context.Context, time.Time, int) (int, error)) (removed int, err error) {
	for {
		n, err := purge(ctx, before, purgeStep)
		removed += n
		if err != nil || n < purgeStep {
			return removed, err
		}
		select {
		case <-ctx.Done():
			return removed, ctx.Err()
		case <-time.After(purgeRest):
		}
	}
}

// clockDoubt says why the clock cannot be trusted with deleting; "" when it can.
func (k *Keeper) clockDoubt(ctx context.Context) string {
	newest, err := k.db.Newest(ctx)
	if err != nil {
		return err.Error()
	}
	now := k.now()
	if now.Before(newest) {
		return fmt.Sprintf("it says %s, but the newest entry in the database is of %s", now.UTC().Format(time.DateTime), newest.Format(time.DateTime))
	}
	if s := k.provider.Status(); s.ClockKnown && s.ClockOff.Abs() > clockWrong {
		return fmt.Sprintf("it differs by %s from that of Campus One", s.ClockOff.Abs().Round(time.Minute))
	}
	return ""
}

// BeforeMigrate makes a checked backup of a database whose schema is about to
// change. Without one it is not changed, unless PORTICO_BACKUP_DIR is off.
func BeforeMigrate(c *Config, log *slog.Logger, now func() time.Time) func(context.Context, *db.DB, int) error {
	return func(ctx context.Context, d *db.DB, from int) error {
		dir := c.Portico.BackupDir
		if dir == "" || d.Engine() != db.SQLite {
			return nil
		}
		name := fmt.Sprintf("portico-%s-before-%04d.db", now().In(c.Portico.Timezone).Format(time.DateOnly), from+1)
		// One of that name was made today before a try that failed, or of another
		// database that stood here. It gives way: a portal that starts over and over
		// must not fill the disk.
		copied, err := backupInto(ctx, d, dir, name, now(), true)
		if err != nil {
			return fmt.Errorf("no backup could be made in %s; make room or set PORTICO_BACKUP_DIR=off to go on without: %w", dir, err)
		}
		log.Info("a backup was made and checked before the database is brought up to date", "file", copied.File, "bytes", copied.Bytes)
		return nil
	}
}
