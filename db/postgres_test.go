package db_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"portico/db"
	"portico/db/bulk"
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

// TestPostgresPagesReadWhatTheyHold: who goes through a long list page by page
// reads each row about once, also by the plan for a page of any size that
// PostgreSQL keeps once it was asked some times.
func TestPostgresPagesReadWhatTheyHold(t *testing.T) {
	const rows, people = 50_000, 300
	url := dbtest.PostgresURL(t)
	d, err := db.Open(t.Context(), url, db.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Date(2026, 9, 14, 8, 0, 0, 0, time.UTC)
	at := func(n int) time.Time { return began.Add(time.Duration(n) * time.Second) }
	var users []db.User
	for n := range people {
		key := fmt.Sprint(n)
		u, _, err := d.SignIn(t.Context(), db.SignIn{Provider: "https://id.example", Sub: key, RoleSeen: true, Session: db.NewSession{TokenHash: key, StateHash: key, Began: at(n), Created: at(n), Expires: at(n + 1), Idle: time.Hour}})
		if err != nil {
			t.Fatal(err)
		}
		users = append(users, u)
	}
	err = errors.Join(
		d.BindProvider(t.Context(), "https://id.example"),
		bulk.Audit(t.Context(), d, each(rows, func(n int) db.AuditEntry {
			return db.AuditEntry{At: at(n), Actor: users[n%people].ID, Action: "block", Object: users[n*7%people].ID}
		})),
		bulk.Deliveries(t.Context(), d, each(rows, func(n int) db.Delivery {
			return db.Delivery{Key: fmt.Sprint(n), Event: "user.updated", Received: at(n), State: db.StateProcessed, User: users[n%people].Sub, Body: []byte(`{}`)}
		})),
		bulk.RoleChanges(t.Context(), d, each(rows, func(n int) db.RoleChange {
			return db.RoleChange{UserID: users[n%people].ID, At: at(n), Old: "student", New: "staff", Source: db.SourceWebhook}
		})),
		bulk.Settle(t.Context(), d), d.Close(),
	)
	if err != nil {
		t.Fatal(err)
	}
	span := db.Span{First: db.DayOf(began, time.UTC), Last: db.DayOf(at(rows), time.UTC), Zone: time.UTC}
	for table, read := range map[string]func(d *db.DB) int{
		"audit": func(d *db.DB) int {
			return length(t, d.EachAuditLine(t.Context(), db.AuditFilter{From: span.Begin(), To: span.End()}))
		},
		"deliveries": func(d *db.DB) int {
			return length(t, d.EachInboxRow(t.Context(), db.InboxFilter{From: span.Begin(), To: span.End()}))
		},
		"role_changes": func(d *db.DB) int { return length(t, d.EachRoleLine(t.Context(), span, db.RoleFilter{})) },
	} {
		before := readRows(t, url, table, 0)
		d, err := db.Open(t.Context(), url+"&plan_cache_mode=force_generic_plan", db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if n := read(d); n != rows {
			t.Errorf("%s: %d rows, want %d", table, n, rows)
		}
		if err := d.Close(); err != nil { // a connection that ends tells what it read
			t.Fatal(err)
		}
		if n := readRows(t, url, table, before+rows) - before; n > rows+rows/10 {
			t.Errorf("%s: %d rows are read for a list of %d", table, n, rows)
		}
	}
}

func each[T any](n int, one func(n int) T) iter.Seq[T] {
	return func(yield func(T) bool) {
		for i := range n {
			if !yield(one(i)) {
				return
			}
		}
	}
}

func length[T any](t *testing.T, all iter.Seq2[T, error]) (n int) {
	for _, err := range all {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

// readRows is how many rows of a table were ever read, once that many are known.
func readRows(t *testing.T, url, table string, known int) (n int) {
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }() // nothing was written
	eventually(t, "told what was read", func() bool {
		err := conn.QueryRow(t.Context(), `SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = $1`, table).Scan(&n)
		return err == nil && n >= known
	})
	return n
}
