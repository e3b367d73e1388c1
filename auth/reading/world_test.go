package reading

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"portico/auth"
	"portico/db"
	"portico/db/dbtest"
)

var began = time.Date(2026, 9, 14, 8, 0, 0, 0, time.UTC) // a Monday

// world is a library over a database of its own, at a time of its own.
type world struct {
	testing.TB
	db  *db.DB
	lib *Library
	now time.Time
}

// onBothEngines runs a test on SQLite and, where there is one, PostgreSQL.
func onBothEngines(t *testing.T, test func(w *world)) {
	t.Run("SQLite", func(t *testing.T) { test(newWorld(t, dbtest.SQLite(t))) })
	t.Run("Postgres", func(t *testing.T) { test(newWorld(t, dbtest.Postgres(t))) })
}

func newWorld(t testing.TB, d *db.DB) *world {
	w := &world{TB: t, db: d, now: began}
	w.lib = w.another()
	return w
}

// another is the library of one more process.
func (w *world) another() *Library {
	w.Helper()
	l, err := New(w.Context(), w.db, time.UTC, names{}, slog.New(slog.DiscardHandler), func() time.Time { return w.now })
	w.must(err)
	return l
}

type names struct{}

func (names) Faculty(string) string { return "" }

func (names) Department(id string) string {
	return map[string]string{"dept_cs": "Computer Science"}[id]
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// content is something for everybody, published since the beginning.
func content(title string) db.Content {
	return db.Content{Slug: Slug(title), Title: title, Body: "Text.\n", Audience: auth.Audience{To: auth.Everybody}.Text(), Publish: began}
}

func (w *world) create(kind db.Kind, c db.Content) db.Item {
	w.Helper()
	i, err := w.db.CreateItem(w.Context(), kind, c, "editor", w.now)
	w.must(err)
	return i
}

func (w *world) shelf(r Reader) *Shelf {
	w.Helper()
	s, err := w.lib.For(w.Context(), r)
	w.must(err)
	return s
}

// student signs a student of a level in.
func (w *world) student(sub, level string) *db.User {
	w.Helper()
	var facts []db.Fact
	for field, value := range map[string]string{db.FieldRole: "student", db.FieldLevel: level, db.FieldDepartmentID: "dept_cs"} {
		facts = append(facts, db.Fact{Field: field, Value: value, AsOf: w.now, Source: db.SourceIDToken})
	}
	u, _, err := w.db.SignIn(w.Context(), db.SignIn{Provider: "https://id.example", Sub: sub, Facts: facts, Session: db.NewSession{
		TokenHash: sub, StateHash: sub, Began: w.now, Created: w.now, Expires: w.now.Add(time.Hour), Idle: time.Hour,
	}})
	w.must(err)
	return &u
}

func titles(all []Shown) (titles []string) {
	for _, a := range all {
		titles = append(titles, a.Title)
	}
	return titles
}

// watch lets the database be heard until the test ends.
func (w *world) watch() {
	w.Helper()
	ctx, stop := context.WithCancel(w.Context())
	done := make(chan error, 1)
	go func() { done <- w.db.Watch(ctx, func(db.Change) {}) }()
	w.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			w.Error(err)
		}
	})
	eventually(w, "trusted", w.db.Trusted)
}

func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never %s", what)
		}
	}
}
