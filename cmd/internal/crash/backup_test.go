package crash

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portico/cmd/internal/process"
	"portico/db"
)

// backup is what `portico backup --json` says.
type backup struct {
	Rows map[string]int `json:"rows"`
}

// run runs a command of the program beside the portal.
func (s *stage) run(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, s.program, args...)
	cmd.Env = s.env
	return cmd.Output()
}

// counts are the rows of some tables.
func counts(t *testing.T, d *db.DB) map[string]int {
	t.Helper()
	rows := map[string]int{}
	for _, table := range []string{"deliveries", "sign_ins", "user_sessions", "users"} {
		var n int
		if err := d.Reader().QueryRowContext(t.Context(), `SELECT count(*) FROM `+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		rows[table] = n
	}
	return rows
}

// TestBackupUnderLoad backs the portal up while webhooks arrive as fast as they
// are answered and people sign in, some of the backups killed half-way; then it
// restores one. What was there when the backup began is in it, nobody is signed
// in any more, and it takes up work.
func TestBackupUnderLoad(t *testing.T) {
	program, err := process.Build(t.Context(), t.TempDir(), "portico/cmd/portico")
	if err != nil {
		t.Fatal(err)
	}
	target, dir := filepath.Join(t.TempDir(), "portico.db"), t.TempDir()
	s := newStage(t, program, "sqlite:"+target, rand.Uint64())
	first := &life{}
	s.start(t, first)
	stopBrowsing, finish := s.work(t.Context(), rand.Uint64())
	d, err := db.Open(t.Context(), s.database, db.Options{NoMigrate: true})
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(started); counts(t, d)["deliveries"] < 300 || counts(t, d)["user_sessions"] < 5; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the load is too small: %v", counts(t, d))
		}
	}
	killed := s.killBackups(t, dir)

	before := counts(t, d)
	file := filepath.Join(dir, "copy.db")
	said, err := s.run(t.Context(), "backup", file, "--json")
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	after := counts(t, d)
	var made backup
	if err := json.Unmarshal(said, &made); err != nil {
		t.Fatal(err)
	}
	for table, n := range before {
		if made.Rows[table] < n || made.Rows[table] > after[table] {
			t.Errorf("%s: the backup has %d rows; there were %d before it and %d after", table, made.Rows[table], n, after[table])
		}
	}
	stopBrowsing()
	finish()
	settle(t, d)
	for _, sentence := range s.failed {
		t.Error(sentence)
	}
	if err := first.process.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil { // it has the database open too
		t.Fatal(err)
	}
	s.set(nil)
	if said, err := s.run(t.Context(), "restore", file); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	s.start(t, &life{})
	restored := open(t, s.database)
	settle(t, restored)
	if err := restored.Check(t.Context()); err != nil {
		t.Error(err)
	}
	for table, n := range counts(t, restored) {
		if n < made.Rows[table] {
			t.Errorf("%s: restored are %d rows of %d", table, n, made.Rows[table])
		}
	}
	s.nobodyIsSignedIn(t)
	if s.signIn(t.Context(), "stayer0") == nil {
		t.Error("nobody can sign in after the restore")
	}
	t.Logf("%d backups were killed; the one restored has %v", killed, made.Rows)
}

// killBackups ends backups at random points: none leaves a file under the name
// that it was to have, but a whole one.
func (s *stage) killBackups(t *testing.T, dir string) (killed int) {
	t.Helper()
	file := filepath.Join(dir, "killed.db")
	for range 25 {
		p := exec.Command(s.program, "backup", file)
		p.Env = s.env
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.IntN(200)) * time.Millisecond)
		_ = p.Process.Kill() // it may have ended
		if p.Wait() != nil {
			killed++
		}
		if _, err := os.Stat(file); err != nil {
			continue
		}
		d, err := db.Open(t.Context(), "sqlite:"+file, db.Options{NoMigrate: true})
		if err != nil {
			t.Fatalf("a killed backup left a file that does not open: %v", err)
		}
		if err := d.Check(t.Context()); err != nil || counts(t, d)["deliveries"] < 300 {
			t.Errorf("a killed backup left half a file: %v, %v", err, counts(t, d))
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	if killed == 0 {
		t.Error("no backup was killed on its way")
	}
	return killed
}

// nobodyIsSignedIn shows every cookie that was ever given.
func (s *stage) nobodyIsSignedIn(t *testing.T) {
	t.Helper()
	if len(s.sessions) == 0 {
		t.Error("nobody was signed in before")
	}
	for _, v := range s.sessions {
		alive, err := s.lives(t.Context(), v.token)
		if err != nil || alive {
			t.Errorf("a session of %s lives after the restore (%v)", strings.TrimSpace(v.sub), err)
		}
	}
}
