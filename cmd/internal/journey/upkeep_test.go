package journey

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/portal"
	"portico/cmd/internal/testlog"
	"portico/db"
)

const day = 24 * time.Hour

// files are the names in a folder.
func files(t testing.TB, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

// One backup a day, of which 14 are kept. What is not of our name stays.
func TestDailyBackup(t *testing.T) {
	t.Parallel()
	dir, clock := filepath.Join(t.TempDir(), "backups"), NewClock()
	clock.now = time.Date(2026, 10, 1, 22, 30, 0, 0, time.UTC) // 23:30 in Lagos
	w := Start(t, Options{Clock: clock, Env: []string{"PORTICO_BACKUP_DIR=" + dir}})
	round := func() { w.App.Keeper.Round(t.Context()) }
	round()
	if got := files(t, dir); got != "portico-2026-10-01.db" {
		t.Fatalf("the first day: %s", got)
	}
	if info, err := os.Stat(filepath.Join(dir, "portico-2026-10-01.db")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
	note, err := w.App.DB.LastBackup(t.Context())
	if err != nil || note.File != filepath.Join(dir, "portico-2026-10-01.db") || !note.At.Equal(clock.Now()) || note.Bytes == 0 {
		t.Errorf("noted is %+v (%v)", note, err)
	}
	others := []string{"portico-2026-01-01.db.bak", "my-portico-2026-01-01.db", "portico-2025-01-01.db.gz", "notes.txt", ".portico-2026-09-30.db.part"}
	ours := []string{".portico-2026-09-30.db." + rand.Text() + ".part", "portico-2026-09-30-before-0002.db"}
	for _, name := range append(others, ours...) {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 40 { // a quarter of an hour past midnight, then twice a day
		clock.Advance(45 * time.Minute)
		round()
		clock.Advance(12*time.Hour - 45*time.Minute)
		round()
	}
	got := files(t, dir)
	for _, name := range others {
		if !strings.Contains(got, name) {
			t.Errorf("%s is gone", name)
		}
	}
	if strings.Contains(got, ours[0]) || !strings.Contains(got, ours[1]) {
		t.Errorf("the half-written one should go, the one before a migration stay: %s", got)
	}
	all, err := filepath.Glob(filepath.Join(dir, "portico-2026-1?-??.db"))
	if err != nil || len(all) != 14 || filepath.Base(all[0]) != "portico-2026-10-08.db" || filepath.Base(all[13]) != "portico-2026-10-21.db" {
		t.Errorf("kept are %v (%v)", all, err)
	}
}

// A backup that fails is said, counted and tried again in an hour; the portal
// goes on.
func TestBackupFails(t *testing.T) {
	t.Parallel()
	dir, clock := filepath.Join(t.TempDir(), "a file"), NewClock()
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var log testlog.Log
	w := Start(t, Options{Clock: clock, Log: &log, Env: []string{"PORTICO_BACKUP_DIR=" + dir}})
	failures := func() int { return strings.Count(log.String(), "the daily backup failed") }
	for range 3 {
		w.App.Keeper.Round(t.Context())
	}
	if failures() != 1 || !w.App.Keeper.Status().BackupFailed.Equal(clock.Now()) {
		t.Errorf("said %d times: %s", failures(), &log)
	}
	clock.Advance(time.Hour)
	w.App.Keeper.Round(t.Context())
	if failures() != 2 {
		t.Errorf("not tried again in an hour: %s", &log)
	}
	w.App.Counts.Flush(t.Context())
	counts, err := w.App.DB.CountsBetween(t.Context(), clock.Now().Add(-day), clock.Now().Add(day))
	n := 0
	for _, c := range counts {
		if c.Kind == "backup" && c.Reason == "failed" {
			n += c.N
		}
	}
	if err != nil || n != 2 {
		t.Errorf("counted are %d of %v (%v)", n, counts, err)
	}
	if p := w.Person(true); p.Visit("/") != nil || p.Status != 200 {
		t.Errorf("the portal answers %d", p.Status)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Hour)
	w.App.Keeper.Round(t.Context())
	if s := w.App.Keeper.Status(); !s.BackupFailed.IsZero() || files(t, dir) == "" {
		t.Errorf("with the cause gone: %+v, %q", s, files(t, dir))
	}
}

// What is older than PORTICO_RETAIN_* goes, in steps and to the last row; what
// waits to be applied stays, and so does all while the clock is behind.
func TestRetention(t *testing.T) {
	t.Parallel()
	for _, engine := range engines() {
		t.Run(engine.name, func(t *testing.T) {
			clock := NewClock()
			w := Start(t, Options{Database: engine.fresh(t), Clock: clock, Env: []string{
				"PORTICO_RETAIN_SIGNINS=10d", "PORTICO_RETAIN_DELIVERIES=40d", "PORTICO_RETAIN_AUDIT=60d", "PORTICO_RETAIN_READS=20d",
			}})
			u := w.signedInUser(t)
			item := w.Publish(t, db.Announcement, db.Content{Title: "One", Slug: "one", Body: "One."})
			now := clock.Now()
			w.oldRows(t, u, item.ID, now)
			left := func() string {
				var all []string
				for _, query := range []string{`SELECT count(*) FROM sign_ins`, `SELECT count(*) FROM deliveries`, `SELECT count(*) FROM audit WHERE action = 'old'`, `SELECT count(*) FROM reads`, `SELECT count(*) FROM drafts`} {
					all = append(all, w.column(t, query)...)
				}
				return strings.Join(all, " ")
			}
			if got := left(); got != "703 4 602 2 2" {
				t.Fatalf("before: %s", got)
			}
			// A day behind: what is too old by either clock stays too.
			clock.advance(-day)
			w.App.Keeper.Round(t.Context())
			if got := left(); got != "703 4 602 2 2" || !w.App.Keeper.Status().CleaningWaits {
				t.Errorf("with the clock set back: %s, %+v", got, w.App.Keeper.Status())
			}
			clock.advance(day)
			other := w.second(t)
			done := make(chan bool)
			go func() { defer close(done); other.Keeper.Round(t.Context()) }()
			w.App.Keeper.Round(t.Context())
			<-done
			clock.Advance(time.Hour) // whichever was first has an hour's rest
			w.App.Keeper.Round(t.Context())
			if got := left(); got != "2 3 1 1 1" || w.App.Keeper.Status().CleaningWaits {
				t.Errorf("after: %s, %+v", got, w.App.Keeper.Status())
			}
			if got := w.delivery(t, "old-pending").State; got != db.StatePending {
				t.Errorf("the delivery that waits is %s", got)
			}
		})
	}
}

// A clock that ran away, as that of Campus One shows, removes nothing.
func TestRetentionAsksAnotherClock(t *testing.T) {
	t.Parallel()
	clock := NewClock()
	w := Start(t, Options{Clock: clock, Provider: func(o *campusonetest.Options, _ *campusonetest.Client) { o.Now = time.Now }})
	clock.Ready()
	if err := w.App.DB.Audit(t.Context(), db.AuditEntry{At: clock.Now(), Action: "old"}); err != nil {
		t.Fatal(err)
	}
	clock.Advance(1000 * day)
	w.App.Keeper.Round(t.Context())
	if got := w.column(t, `SELECT count(*) FROM audit WHERE action = 'old'`); got[0] != "1" || !w.App.Keeper.Status().CleaningWaits {
		t.Errorf("left are %s, %+v", got, w.App.Keeper.Status())
	}
}

// signedInUser is Amina, signed in now.
func (w *World) signedInUser(t *testing.T) db.User {
	t.Helper()
	signedIn(t, w, campusonetest.SubAmina)
	return w.user(t, campusonetest.SubAmina)
}

// oldRows stores what is too old, and beside each what is just not.
func (w *World) oldRows(t *testing.T, u db.User, item string, now time.Time) {
	t.Helper()
	d := w.App.DB
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := d.Writer().ExecContext(t.Context(), query, args...); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 701 {
		exec(`INSERT INTO sign_ins (at, user_id, silent) VALUES ($1, $2, $3)`, now.Add(-10*day-time.Duration(i+1)*time.Second).UnixMicro(), u.ID, d.Engine() == db.Postgres)
	}
	exec(`INSERT INTO sign_ins (at, user_id, silent) VALUES ($1, $2, $3)`, now.Add(-9*day).UnixMicro(), u.ID, d.Engine() == db.Postgres)
	for i := range 601 {
		exec(`INSERT INTO audit (at, actor, action, object, detail) VALUES ($1, '', 'old', '', '')`, now.Add(-60*day-time.Duration(i+1)*time.Second).UnixMicro())
	}
	exec(`INSERT INTO audit (at, actor, action, object, detail) VALUES ($1, '', 'old', '', '')`, now.Add(-59*day).UnixMicro())
	for key, v := range map[string]struct {
		age   time.Duration
		state string
	}{
		"old": {41 * day, db.StateProcessed}, "young": {39 * day, db.StateProcessed}, "dead": {39 * day, db.StateDead}, "old-pending": {41 * day, db.StatePending},
	} {
		w.store(t, db.Delivery{Key: key, Event: "test", Occurred: now.Add(-v.age), Received: now.Add(-v.age), Body: []byte("{}"), State: v.state, NextTry: now.Add(1000 * day)})
	}
	for _, age := range []time.Duration{31 * day, 29 * day} {
		_, err := d.KeepDraft(t.Context(), db.Draft{UserID: u.ID, Kind: db.Announcement, Saved: now.Add(-age)})
		must(t, err)
	}
	second := w.Publish(t, db.Announcement, db.Content{Title: "Two", Slug: "two", Body: "Two."})
	if err := d.SaveReads(t.Context(), []db.Read{{UserID: u.ID, ItemID: item, Opened: now.Add(-21 * day)}, {UserID: u.ID, ItemID: second.ID, Opened: now.Add(-19 * day)}}); err != nil {
		t.Fatal(err)
	}
}

// second is another process on the same database.
func (w *World) second(t *testing.T) *portal.App {
	t.Helper()
	app, err := portal.New(t.Context(), w.Config, w.Config.Log(t.Output(), nil), portal.Options{Now: w.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := app.DB.Close(); err != nil {
			t.Error(err)
		}
	})
	return app
}

// The database of an older version is backed up before it is brought up to
// date; where that fails it stays as it is.
func TestBackupBeforeMigration(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	c := *w.Config
	c.DatabaseURL = "sqlite:" + filepath.Join(t.TempDir(), "old.db")
	older(t, c.DatabaseURL)
	dir := t.TempDir()
	c.Portico.BackupDir = filepath.Join(dir, "a file")
	if err := os.WriteFile(c.Portico.BackupDir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	open := func() error {
		app, err := portal.New(t.Context(), &c, c.Log(t.Output(), nil), portal.Options{})
		if err == nil {
			err = app.DB.Close()
		}
		return err
	}
	if err := open(); err == nil || !strings.Contains(err.Error(), "set PORTICO_BACKUP_DIR=off") || schema(t, c.DatabaseURL) != 1 {
		t.Errorf("without a backup: %v, schema %d", err, schema(t, c.DatabaseURL))
	}
	c.Portico.BackupDir = filepath.Join(dir, "backups")
	if err := open(); err != nil || schema(t, c.DatabaseURL) < 2 {
		t.Errorf("with a backup: %v, schema %d", err, schema(t, c.DatabaseURL))
	}
	name := fmt.Sprintf("portico-%s-before-0002.db", time.Now().In(c.Portico.Timezone).Format(time.DateOnly))
	if got := files(t, c.Portico.BackupDir); got != name {
		t.Fatalf("backups: %q, want %q", got, name)
	}
	if got := schema(t, "sqlite:"+filepath.Join(c.Portico.BackupDir, name)); got != 1 {
		t.Errorf("the backup has schema %d", got)
	}

	// An older database that takes its place on the same day has its own.
	c.DatabaseURL = "sqlite:" + filepath.Join(t.TempDir(), "other.db")
	older(t, c.DatabaseURL)
	d, err := db.Open(t.Context(), c.DatabaseURL, db.Options{NoMigrate: true})
	must(t, err)
	must(t, errors.Join(d.RememberSecret(t.Context(), "the other"), d.Close()))
	if err := open(); err != nil || files(t, c.Portico.BackupDir) != name {
		t.Fatalf("again on the same day: %v, backups %q", err, files(t, c.Portico.BackupDir))
	}
	d, err = db.Open(t.Context(), "sqlite:"+filepath.Join(c.Portico.BackupDir, name), db.Options{NoMigrate: true})
	must(t, err)
	if secret, err := d.SecretFingerprint(t.Context()); err != nil || secret != "the other" {
		t.Errorf("the backup is of another database: %q, %v", secret, err)
	}
	must(t, d.Close())
}

// older makes a database as the first version of the schema had it.
func older(t *testing.T, address string) {
	t.Helper()
	d, err := db.Open(t.Context(), address, db.Options{Create: true, NoMigrate: true})
	if err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile("../../../db/migrations/sqlite/0001_start.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []string{string(first), `INSERT INTO schema_version (version, applied) VALUES (1, 1)`} {
		if _, err := d.Writer().Exec(step); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// schema is how many steps of the schema are done.
func schema(t *testing.T, address string) (n int) {
	t.Helper()
	d, err := db.Open(t.Context(), address, db.Options{NoMigrate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	steps, err := d.Migrations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		if s.Applied {
			n++
		}
	}
	return n
}
