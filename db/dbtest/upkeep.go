package dbtest

import (
	"context"
	"errors"
	"time"

	"portico/db"
)

var upkeepTests = map[string]func(suite){
	"the newest time":              testNewest,
	"old audit goes":               testPurgeAudit,
	"the secret is remembered":     testSecret,
	"the last backup is noted":     testBackupNote,
	"one process at a time":        testAlone,
	"age and size":                 testAgeAndSize,
	"a backup, where it is a file": testBackup,
}

func testNewest(s suite) {
	newest := func() time.Time {
		at, err := s.db.Newest(s.Context())
		s.must(err)
		return at
	}
	s.equal(newest(), time.Time{})
	s.signIn(signIn("amina", after(10)))
	s.equal(newest(), after(10))
	s.store(db.Delivery{Key: "k", Received: after(30), State: db.StateProcessed})
	s.equal(newest(), after(30))
	s.must(s.db.Audit(s.Context(), db.AuditEntry{At: after(20)}))
	s.equal(newest(), after(30))
	s.must(s.db.Audit(s.Context(), db.AuditEntry{At: after(40)}))
	s.equal(newest(), after(40))
}

func testPurgeAudit(s suite) {
	for i := range 5 {
		s.must(s.db.Audit(s.Context(), db.AuditEntry{At: after(i), Action: numbered("a", i)}))
	}
	purge := func() int {
		n, err := s.db.PurgeAudit(s.Context(), after(3), 2)
		s.must(err)
		return n
	}
	s.equal([]int{purge(), purge(), purge()}, []int{2, 1, 0})
	left, err := s.db.AuditBetween(s.Context(), start, after(100), 10)
	s.must(err)
	s.equal([]string{left[0].Action, left[1].Action}, []string{"a4", "a3"})
}

func testSecret(s suite) {
	for _, print := range []string{"", "one", "one", "two"} {
		if print != "" {
			s.must(s.db.RememberSecret(s.Context(), print))
		}
		got, err := s.db.SecretFingerprint(s.Context())
		s.must(err)
		s.equal(got, print)
	}
}

func testBackupNote(s suite) {
	_, err := s.db.LastBackup(s.Context())
	s.mustBe(err, db.ErrNotFound)
	for i := range 2 {
		want := db.BackupNote{At: after(i), File: numbered("/backups/", i), Bytes: 1 << 40}
		s.must(s.db.NoteBackup(s.Context(), want))
		got, err := s.db.LastBackup(s.Context())
		s.must(err)
		s.equal(got, want)
	}
}

// testAlone: while one is at it, no other process is; what comes after may,
// also when the work before failed. SQLite is one process's own.
func testAlone(s suite) {
	failure := errors.New("it failed")
	for range 2 {
		inner, other := false, false
		did, err := s.db.Alone(s.Context(), "work", func(ctx context.Context) error {
			var err error
			inner, err = s.db.Alone(ctx, "work", func(context.Context) error { return nil })
			s.must(err)
			other, err = s.db.Alone(ctx, "other work", func(context.Context) error { return nil })
			s.must(err)
			return failure
		})
		s.mustBe(err, failure)
		s.equal([]bool{did, inner, other}, []bool{true, s.db.Engine() == db.SQLite, true})
	}
}

func testAgeAndSize(s suite) {
	began, err := s.db.Began(s.Context())
	s.must(err)
	if age := time.Since(began); age < 0 || age > time.Hour {
		s.Errorf("the database was made %s ago", age)
	}
	n, err := s.db.Size(s.Context())
	s.must(err)
	if n < 50_000 || n > 100<<20 {
		s.Errorf("an empty database has %d bytes", n)
	}
}

func testBackup(s suite) {
	c, err := s.db.Backup(s.Context(), s.TempDir()+"/copy.db", false)
	if s.db.Engine() == db.Postgres {
		s.mustBe(err, db.ErrNoFile)
		return
	}
	s.must(err)
	if c.Schema == 0 || c.Rows["schema_version"] != c.Schema {
		s.Errorf("got %+v", c)
	}
}
