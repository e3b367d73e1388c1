package crash

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"portico/cmd/internal/process"
	"portico/db"
	"portico/db/dbtest"
)

// kills is 5, 25 with PORTICO_TEST_ALL=1, 500 with PORTICO_TEST_LONG=1.
func kills() int {
	switch {
	case os.Getenv("PORTICO_TEST_LONG") == "1":
		return 500
	case os.Getenv("PORTICO_TEST_ALL") == "1":
		return 25
	}
	return 5
}

// TestKilled kills the portal again and again and then compares what is there
// with what was acknowledged. The seed is logged, since a failure depends on
// it, though on the machine's timing too.
func TestKilled(t *testing.T) {
	program, err := process.Build(t.Context(), t.TempDir(), "portico/cmd/portico")
	if err != nil {
		t.Fatal(err)
	}
	for _, engine := range []struct {
		name  string
		fresh func(testing.TB) string
	}{
		{"sqlite", func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "portico.db") }},
		{"postgres", dbtest.PostgresURL},
	} {
		t.Run(engine.name, func(t *testing.T) {
			killAgainAndAgain(t, newStage(t, program, engine.fresh(t), rand.Uint64()), engine.name)
		})
	}
}

func killAgainAndAgain(t *testing.T, s *stage, engine string) {
	seed := rand.Uint64()
	chance := rand.New(rand.NewPCG(seed, 0))
	n := &tally{engine: engine, kills: kills() + noticeKills, starts: kills() + noticeKills + 1}
	stopBrowsing, finish := s.work(t.Context(), seed)
	for range kills() {
		s.kill(t, chance)
	}
	d := open(t, s.database)
	notice := s.notify(t, d, chance)
	last := &life{}
	s.start(t, last)
	stopBrowsing()
	finish()
	settle(t, d)
	s.judge(t, d, n)
	s.judgeNotices(t, d, notice, n)
	for _, sentence := range s.failed {
		t.Error(sentence)
	}
	if err := last.process.Stop(); err != nil {
		t.Error(err)
	}
	if err := d.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if n.applied == 0 || n.kept == 0 || n.ended == 0 || n.refused == 0 {
		t.Error("the run is about nothing")
	}
	t.Logf("%s (seed %d)", n, seed)
}

// open opens the database beside the portal.
func open(t testing.TB, address string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), address, db.Options{NoMigrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// settle waits until the portal has applied what waits, and gives up when it
// makes no headway for a minute.
func settle(t testing.TB, d *db.DB) {
	t.Helper()
	left, since := -1, time.Now()
	for time.Since(since) < started {
		states, err := d.DeliveryStates(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if states[db.StatePending] == 0 {
			return
		}
		if states[db.StatePending] != left {
			left, since = states[db.StatePending], time.Now()
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%d deliveries are still pending", left)
}
