package db_test

import (
	"context"
	"testing"
	"time"

	"portico/db"
	"portico/db/dbtest"
)

// TestPostgresListenerLost: when the listening connection dies, Watch says so
// and trust runs out; watching again begins with "all".
func TestPostgresListenerLost(t *testing.T) {
	d := dbtest.Postgres(t)
	ended, heard := make(chan error, 1), make(chan db.Change, 10)
	watch := func(ctx context.Context) {
		go func() { ended <- d.Watch(ctx, func(c db.Change) { heard <- c }) }()
		if c := <-heard; c.Kind != "all" {
			t.Fatalf("the first change is %v", c)
		}
	}
	watch(t.Context())
	eventually(t, "trusted while it listens", d.Trusted)
	_, err := d.Pool().Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	if err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Fatal("Watch ended without an error")
	}
	eventually(t, "not trusted any more", func() bool { return !d.Trusted() })
	ctx, cancel := context.WithCancel(t.Context())
	watch(ctx)
	eventually(t, "trusted again", d.Trusted)
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never %s", what)
		}
	}
}

// TestPostgresTwoInstances: what one instance does, another hears of.
func TestPostgresTwoInstances(t *testing.T) {
	url := dbtest.PostgresURL(t)
	one, other := dbtest.Open(t, url), dbtest.Open(t, url)
	heard := make(chan db.Change, 10)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- other.Watch(ctx, func(c db.Change) { heard <- c }) }()
	<-heard
	for range 5 {
		if err := one.Changed(t.Context(), db.Change{Kind: "user", Key: "u"}); err != nil {
			t.Fatal(err)
		}
		select {
		case <-heard:
		case <-time.After(5 * time.Second):
			t.Fatal("not heard")
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
