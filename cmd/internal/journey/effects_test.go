package journey

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/db"
)

// TestEffects lets each thing happen at Campus One that it tells of, and looks
// at the next page of a browser that was signed in before.
func TestEffects(t *testing.T) {
	t.Parallel()
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			w := Start(t, Options{Database: e.fresh(t)})
			for name, walk := range map[string]func(*testing.T, *World){
				"a role": roleChanges, "an update": profileChanges, "a person not met": personNotMet, "a central sign-out": centralSignOut,
				"a disconnection": disconnection, "a deletion": deletion, "a deletion of a stranger": strangerDeleted, "a blocked person": blockedDeleted, "a lost event": lostEvent,
			} {
				t.Run(name, func(t *testing.T) { walk(t, w) })
			}
		})
	}
}

// newcomer makes a person at Campus One and signs them in.
func (w *World) newcomer(t *testing.T, sub, role string) *Person {
	t.Helper()
	w.Provider.Create(campusonetest.Person{Sub: sub, Name: "Ada " + sub, Email: sub + "@nile.example", EmailVerified: true, Role: role, StudentID: "001" + sub})
	w.settle(t)
	return signedIn(t, w, sub)
}

func wantPage(t *testing.T, p *Person, path string, status int, text string) {
	t.Helper()
	visit(t, p, path, status)
	if !strings.Contains(p.Text(), text) {
		t.Errorf("%s does not say %q: %s", path, text, p.Text())
	}
}

func roleChanges(t *testing.T, w *World) {
	p := w.newcomer(t, "role", "student")
	visit(t, p, "/admin/reports", http.StatusForbidden)
	w.Provider.SetRole("role", "staff")
	w.settle(t)
	visit(t, p, "/admin/reports", http.StatusOK)
	steps, err := w.App.DB.RoleChanges(context.Background(), w.user(t, "role").ID)
	if err != nil || len(steps) != 1 || steps[0].Old != "student" || steps[0].New != "staff" || steps[0].Source != db.SourceWebhook {
		t.Errorf("the timeline is %+v (%v)", steps, err)
	}
}

func profileChanges(t *testing.T, w *World) {
	p := w.newcomer(t, "update", "student")
	w.Provider.Update("update", func(p *campusonetest.Person) { p.Name = "Ngozi Obi" })
	w.settle(t)
	wantPage(t, p, "/dashboard", http.StatusOK, "Ngozi Obi")
}

// personNotMet: user.created makes them known, and signs nobody in.
func personNotMet(t *testing.T, w *World) {
	w.Provider.Create(campusonetest.Person{Sub: "early", Name: "Ada early", Role: "student"})
	w.settle(t)
	u := w.user(t, "early")
	sessions, err := w.App.DB.SessionsOf(context.Background(), u.ID)
	if err != nil || len(sessions) != 0 || u.Name() != "Ada early" {
		t.Errorf("%+v has %d sessions (%v)", u, len(sessions), err)
	}
	signedIn(t, w, "early")
	if w.user(t, "early").ID != u.ID {
		t.Error("the sign-in made another person")
	}
}

func centralSignOut(t *testing.T, w *World) {
	p := w.newcomer(t, "out", "student")
	w.forward(t, "out")
	w.Provider.SignOutCentrally("out")
	w.settle(t)
	wantPage(t, p, "/dashboard", http.StatusUnauthorized, "You are signed out in this browser")
}

// forward makes a person's sessions a minute older: a session begins in the
// second of its sign-in, and the event to come may be of the same.
func (w *World) forward(t *testing.T, sub string) {
	t.Helper()
	if _, err := w.App.DB.Writer().Exec(`UPDATE user_sessions SET began = began - 60000000 WHERE user_id = $1`, w.user(t, sub).ID); err != nil {
		t.Fatal(err)
	}
}

func disconnection(t *testing.T, w *World) {
	p := w.newcomer(t, "disconnected", "staff")
	w.forward(t, "disconnected")
	id := w.user(t, "disconnected").ID
	if !w.keepsToken(t, "disconnected") {
		t.Fatal("a member of staff has no refresh token: the test looks at nothing")
	}
	if _, err := w.App.DB.Writer().Exec(`UPDATE tokens SET updated = updated - 60000000 WHERE user_id = $1`, id); err != nil {
		t.Fatal(err)
	}
	w.Provider.Disconnect("disconnected", "portico-test")
	w.settle(t)
	wantPage(t, p, "/dashboard", http.StatusUnauthorized, "You are signed out in this browser")
	if w.keepsToken(t, "disconnected") {
		t.Error("the refresh token is still there")
	}
	if u := w.user(t, "disconnected"); u.Name() == "" {
		t.Error("the person is gone: they only took the portal's access back")
	}
}

func deletion(t *testing.T, w *World) {
	ctx := context.Background()
	p := w.newcomer(t, "gone", "staff")
	old := w.user(t, "gone")
	w.Provider.Delete("gone")
	w.settle(t)
	visit(t, p, "/dashboard", http.StatusUnauthorized)
	if strings.Contains(p.Text(), "Ada gone") {
		t.Error("the page still knows the name")
	}
	grave, err := w.App.DB.User(ctx, old.ID)
	if err != nil || grave.Deleted.IsZero() || len(grave.Facts) != 0 || grave.Sub != "gone" {
		t.Errorf("the tombstone is %+v (%v)", grave, err)
	}
	w.nothingSays(t, "Ada gone", "gone@nile.example", "001gone")
	_, err = w.App.DB.Token(ctx, old.ID, "refresh")
	if !errors.Is(err, db.ErrNotFound) {
		t.Errorf("the refresh token: %v", err)
	}
}

// nothingSays looks for words in all columns of all tables.
func (w *World) nothingSays(t *testing.T, words ...string) {
	t.Helper()
	for _, where := range w.says(t, words...) {
		t.Error(where)
	}
}

// says tells where in the database any of some words stands.
func (w *World) says(t *testing.T, words ...string) (found []string) {
	t.Helper()
	text := func(column string) string { return `CAST(` + column + ` AS TEXT)` }
	if w.App.DB.Engine() == db.Postgres {
		text = func(column string) string {
			return `CASE WHEN pg_typeof(` + column + `)::text = 'bytea' THEN encode(` + column + `::text::bytea, 'escape') ELSE ` + column + `::text END`
		}
	}
	for _, table := range w.tables(t) {
		for _, column := range w.columnsOf(t, table) {
			for _, value := range w.column(t, `SELECT coalesce(`+text(column)+`, '') FROM `+table) {
				for _, word := range words {
					if strings.Contains(value, word) {
						found = append(found, fmt.Sprintf("%s.%s says %q: %.200s", table, column, word, value))
					}
				}
			}
		}
	}
	return found
}

// tables are all of the database.
func (w *World) tables(t *testing.T) []string {
	t.Helper()
	if w.App.DB.Engine() == db.Postgres {
		return w.column(t, `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`)
	}
	return w.column(t, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
}

func (w *World) columnsOf(t *testing.T, table string) []string {
	t.Helper()
	if w.App.DB.Engine() == db.Postgres {
		return w.column(t, `SELECT column_name FROM information_schema.columns WHERE table_name = '`+table+`'`)
	}
	return w.column(t, `SELECT name FROM pragma_table_info('`+table+`')`)
}

func (w *World) column(t *testing.T, query string) (all []string) {
	t.Helper()
	rows, err := w.App.DB.Reader().Query(query)
	if err != nil {
		t.Fatal(query, err)
	}
	defer rows.Close()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			t.Fatal(query, err)
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// strangerDeleted: of somebody never met a tombstone is left, and no person.
func strangerDeleted(t *testing.T, w *World) {
	if status, err := w.Provider.SendWebhook(context.Background(), "user.deleted", map[string]any{"user_id": "stranger"}); status != 200 || err != nil {
		t.Fatal(status, err)
	}
	w.settle(t)
	if n := len(w.column(t, `SELECT id FROM users WHERE sub = 'stranger' AND deleted > 0`)); n != 1 {
		t.Errorf("%d tombstones, want 1", n)
	}
	if n := len(w.column(t, `SELECT id FROM users WHERE sub = 'stranger' AND deleted = 0`)); n != 0 {
		t.Errorf("%d people, want none", n)
	}
}

// blockedDeleted: a block survives; nobody who comes back is let in.
func blockedDeleted(t *testing.T, w *World) {
	ctx := context.Background()
	w.newcomer(t, "blocked", "student")
	if err := w.App.DB.Block(ctx, w.Provider.URL(), "blocked", "operator", "spam", w.user(t, "blocked").Created); err != nil {
		t.Fatal(err)
	}
	w.Provider.Delete("blocked")
	w.settle(t)
	w.Provider.Create(campusonetest.Person{Sub: "blocked", Name: "Ada again", Role: "student"})
	w.settle(t)
	again := w.user(t, "blocked")
	if !again.Blocked || again.Name() != "Ada again" {
		t.Errorf("the person who came back is %+v", again)
	}
	p := w.Person(true)
	p.Meet(w.Provider.SessionCookie("blocked"))
	visit(t, p, "/dashboard", http.StatusForbidden)
}

// lostEvent: Campus One sends once. What got lost is found at the next sign-in,
// repaired, counted and told.
func lostEvent(t *testing.T, w *World) {
	ctx := context.Background()
	w.newcomer(t, "lost", "student")
	w.Provider.SetFault(func(f *campusonetest.Fault) { f.Webhook.Lose = true })
	w.Provider.SetRole("lost", "staff")
	w.Provider.ClearFaults()
	w.settle(t)
	if u := w.user(t, "lost"); u.Role() != "student" {
		t.Fatalf("the role is %q: the event was not lost", u.Role())
	}
	before := w.drift(t, db.FieldRole)
	signedIn(t, w, "lost")
	u := w.user(t, "lost")
	if u.Role() != "staff" || w.drift(t, db.FieldRole) != before+1 {
		t.Errorf("the role is %q, drift was counted %d times more", u.Role(), w.drift(t, db.FieldRole)-before)
	}
	drifts, err := w.App.DB.Drifts(ctx, u.Created.AddDate(0, 0, -1), u.Created.AddDate(0, 0, 1), 1)
	if err != nil || len(drifts) != 1 || drifts[0].UserID != u.ID || drifts[0].Source != db.SourceSignIn || !slices.Contains(drifts[0].Fields, db.FieldRole) {
		t.Errorf("drifts %+v (%v)", drifts, err)
	}
	grace := signedIn(t, w, campusonetest.SubGrace)
	for _, page := range []string{"/admin/audit?q=" + u.ID, "/admin/reports/audit?by=entry"} {
		visit(t, grace, page, http.StatusOK)
		grace.sees(t, "Missed news found", "a sign-in", "Main role")
	}
	steps, err := w.App.DB.RoleChanges(ctx, u.ID)
	if last := len(steps) - 1; err != nil || last < 0 || steps[last].New != "staff" || steps[last].Source == db.SourceWebhook {
		t.Errorf("the timeline is %+v (%v)", steps, err)
	}
}

// drift is how often a field was repaired.
func (w *World) drift(t *testing.T, field string) (n int) {
	t.Helper()
	if err := w.App.DB.Reader().QueryRow(`SELECT coalesce(sum(n), 0) FROM counts WHERE kind = 'drift' AND reason = $1`, field).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
