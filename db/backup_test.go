package db

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestBackupWhileWriting: a backup is one moment of a database that people
// write to, and opens as one.
func TestBackupWhileWriting(t *testing.T) {
	d := openFile(t)
	for range 2000 { // some megabytes, so that the copy takes several steps
		if err := d.Audit(t.Context(), AuditEntry{At: time.Now(), Actor: "a", Action: "b", Detail: strings.Repeat("x", 2000)}); err != nil {
			t.Fatal(err)
		}
	}
	writing, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for range 4 {
		writers.Go(func() {
			for writing.Err() == nil {
				if err := d.Audit(context.Background(), AuditEntry{At: time.Now(), Actor: "a", Action: "b"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	file := filepath.Join(t.TempDir(), "copy.db")
	c, err := d.Backup(t.Context(), file, false)
	stop()
	writers.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 || info.Size() != c.Bytes || c.Bytes < 2000*2000 {
		t.Errorf("the backup is %v (%v), said to have %d bytes", info, err, c.Bytes)
	}
	if files, err := os.ReadDir(filepath.Dir(file)); err != nil || len(files) != 1 {
		t.Errorf("beside the backup there are %v (%v)", files, err)
	}
	copied, err := Open(t.Context(), "sqlite:"+file, Options{NoMigrate: true})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := countRows(t.Context(), copied.read)
	if err := errors.Join(err, copied.Check(t.Context()), copied.Close()); err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(rows, c.Rows) || rows["audit"] < 2000 || c.Total() < 2000 {
		t.Errorf("the backup holds %v, said to hold %v", rows, c.Rows)
	}
}

// TestBackupReplacesNothing but by force, and the database itself never.
func TestBackupReplacesNothing(t *testing.T) {
	d := openFile(t)
	file := filepath.Join(t.TempDir(), "copy.db")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Backup(t.Context(), file, false); !errors.Is(err, ErrExists) {
		t.Errorf("got %v", err)
	}
	if err := settle(d.address, file, false); !errors.Is(err, ErrExists) { // made while the backup was written
		t.Errorf("got %v", err)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != "precious" {
		t.Errorf("the file is now %q (%v)", got, err)
	}
	if _, err := d.Backup(t.Context(), file, true); err != nil {
		t.Error(err)
	}
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(d.address, link); err != nil {
		t.Fatal(err)
	}
	for _, own := range []string{d.address, link} {
		if _, err := d.Backup(t.Context(), own, true); !errors.Is(err, ErrExists) {
			t.Errorf("onto itself: got %v", err)
		}
	}
	if err := d.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestBackupGivenUp stops between two megabytes, and leaves no file at all.
func TestBackupGivenUp(t *testing.T) {
	d := openFile(t)
	if err := d.Audit(t.Context(), AuditEntry{At: time.Now(), Detail: strings.Repeat("x", 3*stepPages*4096)}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	givenUp, giveUp := context.WithCancel(t.Context())
	giveUp()
	conn, err := d.read.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = conn.Raw(func(driver any) error { return copyPages(givenUp, driver, filepath.Join(t.TempDir(), "part.db")) })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the pages: got %v", err)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	if _, err := d.Backup(givenUp, filepath.Join(dir, "copy.db"), false); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("left are %v (%v)", files, err)
	}
	if err := d.Audit(t.Context(), AuditEntry{At: time.Now()}); err != nil {
		t.Errorf("the database is not well afterwards: %v", err)
	}
}

// restorable is a database with one open session, its backup, and what was
// written after that.
func restorable(t *testing.T) (target, file string, s Session) {
	t.Helper()
	dir := t.TempDir()
	target, file = filepath.Join(dir, "portico.db"), filepath.Join(dir, "copy.db")
	d, err := Open(t.Context(), "sqlite:"+target, Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	u, s, err := d.SignIn(t.Context(), SignIn{Provider: "https://id.example", Sub: "amina", Session: NewSession{
		TokenHash: "hash", StateHash: "state", Began: now, Created: now, Expires: now.Add(time.Hour), Idle: time.Hour,
	}})
	err = errors.Join(err, d.RememberSecret(t.Context(), "the fingerprint"), d.SaveToken(t.Context(), Token{UserID: u.ID, Kind: "refresh", Sealed: []byte("sealed"), Stored: now}),
		d.Park(t.Context(), u.ID, "name", []byte("sealed"), now, now))
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Backup(t.Context(), file, false)
	if err := errors.Join(err, d.Audit(t.Context(), AuditEntry{At: now, Action: "later"}), d.Close()); err != nil {
		t.Fatal(err)
	}
	return target, file, s
}

func TestRestore(t *testing.T) {
	target, file, s := restorable(t)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Restore(t.Context(), file, target, "me", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if r.Ended != 1 || r.Secret != "the fingerprint" || r.File != target || r.Rows["users"] != 1 {
		t.Errorf("got %+v", r)
	}
	if after, err := os.ReadFile(file); err != nil || string(after) != string(before) {
		t.Errorf("the backup itself was changed (%v)", err)
	}
	check := func(path string, open bool, audit ...string) {
		t.Helper()
		d, err := Open(t.Context(), "sqlite:"+path, Options{NoMigrate: true})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		got, _, err := d.SessionByToken(t.Context(), s.TokenHash)
		if err != nil || got.Ended.IsZero() != open {
			t.Errorf("%s: the session is %+v (%v)", path, got, err)
		}
		_, tokens := d.Token(t.Context(), s.UserID, "refresh")
		_, parked := d.TakeParked(t.Context(), "name", time.Unix(0, 0))
		if open != (tokens == nil && parked == nil) {
			t.Errorf("%s: tokens are there: %v, %v", path, tokens, parked)
		}
		entries, err := d.AuditBetween(t.Context(), time.Unix(0, 0), time.Now().Add(time.Hour), 10)
		if err != nil {
			t.Fatal(err)
		}
		var actions []string
		for _, e := range entries {
			actions = append(actions, e.Action)
		}
		if strings.Join(actions, " ") != strings.Join(audit, " ") {
			t.Errorf("%s: the audit says %q, want %q", path, actions, audit)
		}
	}
	check(target, false, "restore")
	check(r.Aside, true, "later")
	left, err := filepath.Glob(filepath.Join(filepath.Dir(target), ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left is %v (%v)", left, err)
	}
}

// TestRestoreRefuses what is no backup, and touches nothing then.
func TestRestoreRefuses(t *testing.T) {
	target, file, _ := restorable(t)
	newer := filepath.Join(t.TempDir(), "newer.db")
	if err := copyFile(file, newer); err != nil {
		t.Fatal(err)
	}
	d, err := Open(t.Context(), "sqlite:"+newer, Options{NoMigrate: true})
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.wrote.Exec(`INSERT INTO schema_version (version, applied) VALUES (9999, 0)`)
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	write := func(name string, body []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	torn := strings.Repeat("\xff", 8192)
	before, err := os.ReadFile(target)
	if err != nil {
		t.Fatal(err)
	}
	for name, one := range map[string]struct {
		file string
		want error
	}{
		"newer":   {newer, ErrNewer},
		"text":    {write("notes.txt", []byte(strings.Repeat("My notes. ", 1000))), ErrNotOurs},
		"empty":   {write("empty.db", nil), ErrNotOurs},
		"cut":     {write("cut.db", whole[:len(whole)/2]), ErrNotOurs},
		"damaged": {write("torn.db", []byte(string(whole[:40960])+torn+string(whole[40960+len(torn):]))), ErrDamaged},
		"missing": {filepath.Join(t.TempDir(), "nothing.db"), os.ErrNotExist},
	} {
		_, err := Restore(t.Context(), one.file, target, "me", time.Now())
		if !errors.Is(err, one.want) && !(one.want == ErrNotOurs && errors.Is(err, ErrDamaged)) {
			t.Errorf("%s: got %v, want %v", name, err, one.want)
		}
	}
	if after, err := os.ReadFile(target); err != nil || string(after) != string(before) {
		t.Errorf("the database was changed (%v)", err)
	}
	if files, err := os.ReadDir(filepath.Dir(target)); err != nil || len(files) != 2 {
		t.Errorf("left are %v (%v)", files, err)
	}
}

// TestRestoreOverWreckage: the database that needs it most cannot be opened.
func TestRestoreOverWreckage(t *testing.T) {
	target, file, _ := restorable(t)
	for path, body := range map[string]string{target: "rubbish", target + "-wal": "more rubbish"} {
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Restore(t.Context(), file, target, "me", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{r.Aside: "rubbish", r.Aside + "-wal": "more rubbish"} {
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s is %q (%v)", path, got, err)
		}
	}
	d, err := Open(t.Context(), "sqlite:"+target, Options{NoMigrate: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(d.Check(t.Context()), d.Close()); err != nil {
		t.Error(err)
	}
}
