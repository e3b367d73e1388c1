package db

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestOpenNeedsAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portico.db")
	if _, err := Open(t.Context(), "sqlite:"+path, Options{}); !errors.Is(err, ErrNoDatabase) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a database was made all the same")
	}
}

func TestOpenRefusesOtherAddresses(t *testing.T) {
	for _, address := range []string{"", "mysql://u:hunter2@host/x", "postgres://u:hunter2@host:port/x", "portico.db"} {
		_, err := Open(t.Context(), address, Options{Create: true})
		if err == nil {
			t.Errorf("%s was opened", address)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error repeats the password: %v", err)
		}
	}
}

// TestOddPaths: what means something in an address is a plain letter in a path.
func TestOddPaths(t *testing.T) {
	for _, name := range []string{"with space.db", "a?b.db", "a#b.db", "100%41.db", "a&_pragma=x.db", "ọbi.db"} {
		path := filepath.Join(t.TempDir(), name)
		d, err := Open(t.Context(), "sqlite:"+path, Options{Create: true})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := errors.Join(d.Ping(t.Context()), d.Close()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if info, err := os.Stat(path); err != nil || info.Size() == 0 || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: the file is %v (%v), want one for its owner alone", name, info, err)
		}
	}
}

// TestCloseLeavesOneFile: a copy of the file alone is the whole database.
func TestCloseLeavesOneFile(t *testing.T) {
	dir := t.TempDir()
	d, err := Open(t.Context(), "sqlite:"+filepath.Join(dir, "portico.db"), Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(d.Cache(t.Context(), "keys", []byte("x"), time.Now()), d.Close()); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Errorf("after Close there are %v (%v)", files, err)
	}
}

func TestPragmas(t *testing.T) {
	d := openFile(t)
	for pragma, want := range map[string]string{"journal_mode": "wal", "foreign_keys": "1", "busy_timeout": "10000", "query_only": "1", "secure_delete": "1"} {
		var got string
		if err := d.read.QueryRow(`PRAGMA ` + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s of a reader is %s, want %s (%v)", pragma, got, want, err)
		}
	}
	var readOnly int
	if err := d.wrote.QueryRow(`PRAGMA query_only`).Scan(&readOnly); err != nil || readOnly != 0 {
		t.Errorf("the writer is read-only: %d (%v)", readOnly, err)
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	path := "sqlite:" + filepath.Join(t.TempDir(), "portico.db")
	d, err := Open(t.Context(), path, Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.wrote.Exec(`INSERT INTO schema_version (version, applied) VALUES (9999, 0)`)
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	for _, noMigrate := range []bool{false, true} {
		if _, err := Open(t.Context(), path, Options{NoMigrate: noMigrate}); !errors.Is(err, ErrNewer) {
			t.Errorf("NoMigrate %v: got %v", noMigrate, err)
		}
	}
}

func TestNoMigrateLeavesTheSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portico.db")
	d, err := Open(t.Context(), "sqlite:"+path, Options{Create: true, NoMigrate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}()
	applied := func() bool {
		steps, err := d.Migrations(t.Context())
		if err != nil || len(steps) == 0 {
			t.Fatal(steps, err)
		}
		return steps[0].Applied
	}
	if applied() {
		t.Error("migrated without being asked")
	}
	if err := d.Migrate(t.Context()); err != nil || !applied() {
		t.Errorf("not migrated when asked: %v", err)
	}
}

// TestBrokenMigrationLeavesNothing: a step is done whole or not at all.
func TestBrokenMigrationLeavesNothing(t *testing.T) {
	d := openFile(t)
	step := Migration{Version: 9999, Name: "broken", text: `CREATE TABLE half (a TEXT); CREATE TABLE half (a TEXT);`}
	if err := d.apply(t.Context(), step); err == nil {
		t.Fatal("the broken step was applied")
	}
	var n int
	if err := d.read.QueryRow(`SELECT count(*) FROM sqlite_master WHERE name = 'half'`).Scan(&n); err != nil || n != 0 {
		t.Errorf("half of the step is left: %d (%v)", n, err)
	}
	if version, err := d.schemaVersion(t.Context(), d.read); err != nil || version >= step.Version {
		t.Errorf("the schema's version is %d (%v)", version, err)
	}
}

// TestIndexes: what a sign-in, a page view and a clean-up look for is found
// by an index, however many rows there are.
func TestIndexes(t *testing.T) {
	d := openFile(t)
	for _, query := range []string{
		`SELECT ` + userColumns + ` FROM users WHERE users.provider = $1 AND users.sub = $2`,
		`SELECT ` + userColumns + ` FROM users WHERE users.provider = $1 AND users.sub = $2 AND users.deleted = 0`,
		`SELECT ` + sessionColumns + `, ` + userColumns + ` FROM user_sessions JOIN users ON users.id = user_sessions.user_id WHERE user_sessions.token_hash = $1`,
		`SELECT token_hash FROM user_sessions WHERE user_id = $1 AND ended = 0 AND began < $2 ORDER BY token_hash`,
		`SELECT token_hash FROM user_sessions WHERE ended = 0 AND expires <= $1 LIMIT 1`,
		`SELECT token_hash FROM user_sessions WHERE ended > 0 AND ended <= $1 LIMIT 1`,
		`SELECT token FROM sessions WHERE expiry <= $1 LIMIT 1`,
		`UPDATE grants SET bound_at = $1 WHERE email = $1 AND sub = ''`,
		`SELECT ` + deliveryColumns + ` FROM deliveries WHERE state = 'pending' AND next_try <= $1 AND ` + unheld + ` ORDER BY (fields <> 0), occurred, received, key LIMIT 1`,
		`SELECT count(DISTINCT user_id) FROM sign_ins WHERE at >= $1 AND at < $1`,
		`UPDATE deliveries SET body = '' WHERE sub = $1 AND sub <> '' AND occurred <= $1`,
	} {
		scan := func(row scanner) (detail string, err error) {
			var id, parent, unused int
			return detail, row.Scan(&id, &parent, &unused, &detail)
		}
		plan, err := collect(t.Context(), d.read, scan, `EXPLAIN QUERY PLAN `+query, 1, 1)
		if err != nil {
			t.Fatal(query, err)
		}
		for _, step := range plan {
			if strings.HasPrefix(step, "SCAN") || strings.HasPrefix(step, "USE TEMP B-TREE FOR ORDER BY") {
				t.Errorf("%s\n%s", query, strings.Join(plan, "\n"))
			}
		}
	}
}

// TestTwoProcesses: what one process ends, the other hears of and then reads.
func TestTwoProcesses(t *testing.T) {
	path := "sqlite:" + filepath.Join(t.TempDir(), "portico.db")
	open := func() *DB {
		d, err := Open(t.Context(), path, Options{Create: true})
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
	one, other := open(), open()
	at := time.Now()
	_, session, err := one.SignIn(t.Context(), SignIn{Provider: "p", Sub: "amina", Session: NewSession{TokenHash: "h", StateHash: "s", Began: at, Created: at, Expires: at.Add(time.Hour)}})
	if err != nil {
		t.Fatal(err)
	}
	heard := watch(t, other)
	if err := one.EndSession(t.Context(), session.TokenHash, "by hand", at); err != nil {
		t.Fatal(err)
	}
	select {
	case c := <-heard:
		if c != (Change{"session", "h"}) {
			t.Errorf("heard %v", c)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("heard nothing")
	}
	if s, _, err := other.SessionByToken(t.Context(), "h"); err != nil || s.Ended.IsZero() {
		t.Errorf("the other process reads %v (%v)", s, err)
	}
}

// watch starts watching and swallows the first "all".
func watch(t *testing.T, d *DB) <-chan Change {
	t.Helper()
	heard := make(chan Change, 100)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := d.Watch(t.Context(), func(c Change) { heard <- c }); err != nil {
			t.Log(err)
		}
	}()
	t.Cleanup(func() { <-ended })
	select {
	case c := <-heard:
		if c.Kind != "all" {
			t.Fatalf("the first change is %v", c)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("not watching")
	}
	return heard
}

// TestMissedChangesAreAll: a watcher that slept while rows were purged, or
// whose database went back in time, must forget everything.
func TestMissedChangesAreAll(t *testing.T) {
	d := openFile(t)
	conn, err := d.read.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	for range 3 {
		if err := d.Changed(t.Context(), Change{"user", "u"}); err != nil {
			t.Fatal(err)
		}
	}
	hear := func(last int64) (heard []Change, now int64) {
		now, err := news(t.Context(), conn, last, func(c Change) { heard = append(heard, c) })
		if err != nil {
			t.Fatal(err)
		}
		return heard, now
	}
	if got, now := hear(1); len(got) != 2 || got[0].Kind != "user" || now != 3 {
		t.Errorf("two changes are heard as %v, now at %d", got, now)
	}
	if got, now := hear(3); len(got) != 0 || now != 3 {
		t.Errorf("nothing new is heard as %v, now at %d", got, now)
	}
	d.now = func() time.Time { return time.Now().Add(time.Hour) }
	d.purgeOldChanges(t.Context())
	for _, last := range []int64{-1, 1, 17} {
		if got, now := hear(last); len(got) != 1 || got[0].Kind != "all" || now != 3 {
			t.Errorf("after %d, heard %v, now at %d", last, got, now)
		}
	}
}

// TestTrustRunsOut: without a watcher trust ends by itself.
func TestTrustRunsOut(t *testing.T) {
	d := openFile(t)
	d.hear(time.Now())
	if !d.Trusted() {
		t.Error("just heard, not trusted")
	}
	d.hear(time.Now().Add(-trustFor))
	if d.Trusted() {
		t.Error("not heard for two seconds, still trusted")
	}
}

// TestBusyReadersDoNotDeafen: a watcher keeps its own connection.
func TestBusyReadersDoNotDeafen(t *testing.T) {
	d := openFile(t)
	heard := watch(t, d)
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	for { // take all the connections there are
		conn, err := d.read.Conn(ctx)
		if err != nil {
			break
		}
		defer func() { _ = conn.Close() }()
	}
	if err := d.Changed(t.Context(), Change{"user", "u"}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-heard:
	case <-time.After(5 * time.Second):
		t.Error("heard nothing while the readers were busy")
	}
}
