package portal

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portico/db"
	"portico/db/bulk"
	"portico/db/dbtest"
)

// portals opens two portals of one database at a moment that the test moves.
func portals(t *testing.T, address string, now *time.Time, log *bytes.Buffer) (one, other *App) {
	t.Helper()
	c, err := Load(good("DATABASE_URL="+address, "PORTICO_BACKUP_DIR=off", "PORTICO_RETAIN_SIGNINS=30d", "STATE_DIRECTORY="+t.TempDir()), "")
	if err != nil {
		t.Fatal(err)
	}
	open := func() *App {
		app, err := New(t.Context(), c, slog.New(slog.NewTextHandler(log, nil)), Options{Create: true, Now: func() time.Time { return *now }})
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
	one = open()
	if c.DatabaseURL[:6] == "sqlite" {
		return one, one
	}
	return one, open()
}

// TestRollups: a round counts all days, whichever process does it; before rows
// go they are counted; two past days a day are checked, and what differs is told
// and put right.
func TestRollups(t *testing.T) {
	for engine, address := range map[string]func(*testing.T) string{
		"SQLite":     func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "portico.db") },
		"PostgreSQL": func(t *testing.T) string { return dbtest.PostgresURL(t) },
	} {
		t.Run(engine, func(t *testing.T) {
			ctx, now, log := t.Context(), time.Date(2024, 9, 20, 9, 0, 0, 0, time.UTC), new(bytes.Buffer)
			one, other := portals(t, address(t), &now, log)
			d, zone := one.DB, one.config.Portico.Timezone
			day := func(n int) db.Day { return db.DayOf(now, zone) - db.Day(n) }
			signIns(t, d, day(40).Begin(zone), 40)
			one.Rollups.Round(ctx)
			status := func() db.RollupStatus {
				t.Helper()
				s, err := d.RollupStatus(ctx, zone, now)
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
			if s := status(); s.Behind != 0 || !s.AsOf.Equal(now) {
				t.Errorf("after a round: %+v", s)
			}

			now = now.Add(24 * time.Hour)
			other.Keeper.Round(ctx) // it counts the day before first, for older rows go
			if s := status(); s.Behind != 0 || s.Recount.Day != day(1) || len(s.Recount.Differs) > 0 || !s.Recount.At.Equal(now) {
				t.Errorf("after the keeper's round: %+v", s)
			}
			report, err := d.SignInsReport(ctx, db.Span{First: day(41), Last: day(1), Zone: zone})
			if err != nil {
				t.Fatal(err)
			}
			var days int
			for _, r := range report.Days {
				days += r.Interactive
			}
			if days != 40 || report.PeopleSince != day(29) {
				t.Errorf("%d sign-ins are counted, people since %s", days, report.PeopleSince)
			}

			told := func() int { return strings.Count(log.String(), "the figures of a past day were not what its rows say") }
			spoil := func() {
				t.Helper()
				if _, err := d.Writer().ExecContext(ctx, `UPDATE rollup_days SET silent = 7 WHERE checked = 0 AND closed = 1`); err != nil {
					t.Fatal(err)
				}
			}
			if spoil(); told() != 0 {
				t.Errorf("told before any check:\n%s", log)
			}
			now = now.Add(23 * time.Hour)
			if one.Keeper.Round(ctx); told() != 0 {
				t.Errorf("checked before a day had passed:\n%s", log)
			}
			now = now.Add(time.Hour)
			spoil()
			one.Rollups.Round(ctx)
			if one.Keeper.Round(ctx); told() != 1 {
				t.Fatalf("a wrong day was told %d times:\n%s", told(), log)
			}
			if s := status(); len(s.Recount.Differs) == 0 {
				t.Errorf("what differed is not told: %+v", s)
			}
			one.Rollups.Round(ctx)
			if _, err := d.Recount(ctx, status().Recount.Day, zone, now); err != nil {
				t.Error(err)
			}
			if s := status(); len(s.Recount.Differs) > 0 || s.Behind != 0 {
				t.Errorf("it was not put right: %+v", s)
			}
		})
	}
}

// signIns makes a person who signs in once a day.
func signIns(t *testing.T, d *db.DB, from time.Time, days int) {
	t.Helper()
	u, _, err := d.SignIn(t.Context(), db.SignIn{Provider: "https://id.example", Sub: "amina", Session: db.NewSession{
		TokenHash: "t", StateHash: "s", Began: from, Created: from.Add(time.Hour), Expires: from.Add(2 * time.Hour), Idle: time.Hour,
	}})
	if err != nil {
		t.Fatal(err)
	}
	err = bulk.SignIns(t.Context(), d, func(yield func(bulk.SignIn) bool) {
		for n := 1; n < days; n++ {
			if !yield(bulk.SignIn{At: from.Add(time.Duration(n*24+9) * time.Hour), UserID: u.ID}) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRestIsLonger: after a step the worker rests for longer than the step took.
func TestRestIsLonger(t *testing.T) {
	rest := resting()
	began := time.Now()
	for time.Since(began) < 20*time.Millisecond { // a step
	}
	if err := rest(t.Context()); err != nil || time.Since(began) < 20*time.Millisecond*(1+restShare) {
		t.Errorf("it rested until %s: %v", time.Since(began), err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := rest(ctx); err == nil {
		t.Error("a rest goes on though everything ends")
	}
}
