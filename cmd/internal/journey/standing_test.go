package journey

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/testlog"
	"portico/db"
)

const ibrahim = campusonetest.SubIbrahim

func (w *World) user(t testing.TB, sub string) db.User {
	t.Helper()
	u, err := w.App.DB.UserBySub(context.Background(), w.Provider.URL(), sub)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// age makes a person's role and sessions two hours older.
func (w *World) age(t testing.TB, sub string) {
	t.Helper()
	u, ctx := w.user(t, sub), context.Background()
	for _, query := range []string{
		`UPDATE users SET role_confirmed = role_confirmed - 7200000000 WHERE id = $1`,
		`UPDATE user_sessions SET began = began - 7200000000 WHERE user_id = $1`,
	} {
		if _, err := w.App.DB.Writer().ExecContext(ctx, query, u.ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.App.DB.Changed(ctx, db.Change{Kind: "all"}); err != nil {
		t.Fatal(err)
	}
}

// staff signs a new member of staff in and lets their role grow old.
func (w *World) staff(t *testing.T, sub string) *Person {
	t.Helper()
	w.Provider.Create(campusonetest.Person{Sub: sub, Name: "Staff " + sub, Email: sub + "@nile.example", EmailVerified: true, Role: "staff"})
	p := signedIn(t, w, sub)
	w.settle(t)
	w.age(t, sub)
	return p
}

// ended counts a person's sessions that ended for want of standing.
func (w *World) ended(t testing.TB, sub string) int {
	t.Helper()
	sessions, err := w.App.DB.SessionsOf(context.Background(), w.user(t, sub).ID)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, s := range sessions {
		if s.EndedWhy == "not confirmed by Campus One" {
			n++
		}
	}
	return n
}

func (w *World) keepsToken(t testing.TB, sub string) bool {
	t.Helper()
	_, err := w.App.DB.Token(context.Background(), w.user(t, sub).ID, "refresh")
	return err == nil
}

func visit(t testing.TB, p *Person, path string, status int) {
	t.Helper()
	if err := p.Visit(path); err != nil || p.Status != status {
		t.Fatalf("%s: status %d, want %d (%v)", path, p.Status, status, err)
	}
}

func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never %s", what)
		}
	}
}

// quiet waits until no token is under lease, which is when confirmations end.
func (w *World) quiet(t testing.TB) {
	t.Helper()
	time.Sleep(50 * time.Millisecond)
	until(t, "quiet", func() bool {
		var n int
		err := w.App.DB.Reader().QueryRow(`SELECT count(*) FROM tokens WHERE lease_until > 0`).Scan(&n)
		return err == nil && n == 0
	})
}

func (w *World) refreshes() int { return w.Provider.Count(campusonetest.EndpointToken) }

func TestConfirmedOffThePath(t *testing.T) {
	t.Parallel()
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			w := Start(t, Options{Database: e.fresh(t)})
			p, student := signedIn(t, w, ibrahim), signedIn(t, w, campusonetest.SubAmina)
			if !w.keepsToken(t, ibrahim) || w.keepsToken(t, campusonetest.SubAmina) {
				t.Error("want the token of staff kept and a student's dropped")
			}
			before := w.refreshes()
			visit(t, p, "/dashboard", http.StatusOK) // the role is young
			w.age(t, ibrahim)
			w.age(t, campusonetest.SubAmina)
			visit(t, student, "/dashboard", http.StatusOK)
			w.quiet(t)
			if got := w.refreshes(); got != before {
				t.Fatalf("%d refreshes for a young role and a student", got-before)
			}
			w.Provider.SetFault(func(f *campusonetest.Fault) { f.Webhook.Lose = true })
			w.Provider.SetRole(ibrahim, "student")
			visit(t, p, "/dashboard", http.StatusOK)
			until(t, "a student", func() bool { u := w.user(t, ibrahim); return u.Role() == "student" })
			u := w.user(t, ibrahim)
			if f := u.Facts.Of(db.FieldRole); f.Source != db.SourceConfirmation || time.Since(u.RoleConfirmed) > time.Minute {
				t.Errorf("the role is %+v, confirmed %v", f, u.RoleConfirmed)
			}
			until(t, "without a token", func() bool { return !w.keepsToken(t, ibrahim) })
			visit(t, p, "/admin/reports", http.StatusForbidden)
		})
	}
}

func TestStaffPageWaits(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p, slow := w.staff(t, "prompt"), w.staff(t, "slow")
	w.Provider.SetFault(func(f *campusonetest.Fault) { f.Webhook.Lose = true })
	w.Provider.SetRole("prompt", "student")
	visit(t, p, "/admin/reports", http.StatusForbidden)

	w.Provider.SetFault(func(f *campusonetest.Fault) { f.Webhook.Lose, f.Userinfo.Delay = true, 3*time.Second })
	w.Provider.SetRole("slow", "student")
	began := time.Now()
	visit(t, slow, "/admin/reports", http.StatusOK)
	if took := time.Since(began); took < 1900*time.Millisecond || took > 2700*time.Millisecond {
		t.Errorf("the page took %v, want two seconds at most", took)
	}
	until(t, "a student", func() bool { u := w.user(t, "slow"); return u.Role() == "student" })
	visit(t, slow, "/admin/reports", http.StatusForbidden)
}

func TestTokensTurnOver(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := w.staff(t, "hadiza")
	for range 3 { // each refresh needs the token the last one brought
		visit(t, p, "/admin/reports", http.StatusOK)
		if u := w.user(t, "hadiza"); time.Since(u.RoleConfirmed) > time.Minute {
			t.Fatalf("confirmed %v", u.RoleConfirmed)
		}
		w.quiet(t)
		w.age(t, "hadiza")
	}
}

func TestOneRefreshAtATime(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := w.staff(t, "hadiza")
	id, now := w.user(t, "hadiza").ID, time.Now()
	if ok, err := w.App.DB.LeaseToken(context.Background(), id, "refresh", "another process", now, now.Add(time.Minute)); err != nil || !ok {
		t.Fatal(ok, err)
	}
	before := w.refreshes()
	visit(t, p, "/admin/reports", http.StatusOK)
	if got := w.refreshes(); got != before {
		t.Fatalf("%d refreshes beside another process", got-before)
	}
	if err := w.App.DB.ReleaseToken(context.Background(), id, "refresh", "another process"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2100 * time.Millisecond)
	w.Provider.SetFault(func(f *campusonetest.Fault) { f.Token.Delay = 300 * time.Millisecond })
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			other := *p
			if err := other.Visit("/admin/reports"); err != nil || other.Status != http.StatusOK {
				t.Errorf("status %d (%v)", other.Status, err)
			}
		})
	}
	all.Wait()
	if got := w.refreshes(); got != before+1 {
		t.Errorf("%d refreshes for twelve requests, want 1", got-before)
	}
	if w.ended(t, "hadiza") != 0 {
		t.Error("the session ended")
	}
}

func TestPlainNoEnds(t *testing.T) {
	t.Parallel()
	for name, deed := range map[string]func(*campusonetest.Server, string){
		"signed out at Campus One, no event": (*campusonetest.Server).EndSessionsSilently,
		"disconnected, the event lost": func(s *campusonetest.Server, sub string) {
			s.SetFault(func(f *campusonetest.Fault) { f.Webhook.Lose = true })
			s.Disconnect(sub, "portico-test")
		},
		"userinfo says 401": func(s *campusonetest.Server, _ string) {
			s.SetFault(func(f *campusonetest.Fault) { f.Userinfo.Status = http.StatusUnauthorized })
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := Start(t, Options{})
			p := w.staff(t, "hadiza")
			signedIn(t, w, "hadiza") // a second browser
			w.age(t, "hadiza")
			deed(w.Provider, "hadiza")
			if err := p.Visit("/admin/reports"); err != nil {
				t.Fatal(err)
			}
			if first := p.Hops[0].Status; first != http.StatusSeeOther && first != http.StatusUnauthorized {
				t.Errorf("the page was answered with %d, want to be asked to sign in", first)
			}
			if n := w.ended(t, "hadiza"); n != 2 {
				t.Errorf("%d sessions ended, want both", n)
			}
		})
	}
}

// Whatever is no plain no keeps the session and what it opens.
func TestTroubleKeepsSessions(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{Env: []string{"CAMPUS_ONE_RATE=600"}})
	for i, c := range []struct {
		name string
		set  func(*campusonetest.Fault)
	}{
		{"token 500", func(f *campusonetest.Fault) { f.Token.Status = 500 }},
		{"token 429", func(f *campusonetest.Fault) {
			f.Token.Skip, f.Token.Status, f.Token.Body = true, 429, []byte("slow down")
		}},
		{"token gone silent", func(f *campusonetest.Fault) { f.Token.Skip, f.Token.Drop = true, true }},
		{"token says something else", func(f *campusonetest.Fault) { f.Token.ErrorOnRefresh = "invalid_client" }},
		{"userinfo 500", func(f *campusonetest.Fault) { f.Userinfo.Status = 500 }},
		{"userinfo 403", func(f *campusonetest.Fault) { f.Userinfo.Status = 403 }},
		{"userinfo about another", func(f *campusonetest.Fault) {
			f.Userinfo.Claims = func(c map[string]any) { c["sub"], c["role"] = "another", "student" }
		}},
		{"userinfo is nonsense", func(f *campusonetest.Fault) { f.Userinfo.Body = []byte("{") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			sub := fmt.Sprintf("keeps%d", i)
			p := w.staff(t, sub)
			before := w.refreshes()
			w.Provider.SetFault(c.set)
			defer w.Provider.ClearFaults()
			visit(t, p, "/admin/reports", http.StatusOK)
			w.quiet(t)
			if got := w.refreshes(); got != before+1 {
				t.Errorf("%d refreshes, want 1", got-before)
			}
			visit(t, p, "/admin/reports", http.StatusOK)
			if got := w.refreshes(); got != before+1 || w.ended(t, sub) != 0 || !w.keepsToken(t, sub) {
				t.Errorf("%d refreshes, %d sessions ended, token kept %v", got-before, w.ended(t, sub), w.keepsToken(t, sub))
			}
		})
	}
}

// A sign-in brings another token while the last one is being refused.
func TestNoToAnOldTokenMeansNothing(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := w.staff(t, "hadiza")
	before := w.refreshes()
	w.Provider.SetFault(func(f *campusonetest.Fault) {
		f.Token.Delay, f.Token.ErrorOnRefresh = 500*time.Millisecond, "invalid_grant"
	})
	visit(t, p, "/dashboard", http.StatusOK)
	until(t, "asked", func() bool { return w.refreshes() > before })
	if err := w.App.DB.SaveToken(context.Background(), db.Token{UserID: w.user(t, "hadiza").ID, Kind: "refresh", Sealed: []byte("another"), Stored: time.Now()}); err != nil {
		t.Fatal(err)
	}
	w.quiet(t)
	if w.ended(t, "hadiza") != 0 || !w.keepsToken(t, "hadiza") {
		t.Errorf("%d sessions ended, token kept %v", w.ended(t, "hadiza"), w.keepsToken(t, "hadiza"))
	}
}

func TestTooManyEndingsStopConfirmation(t *testing.T) {
	t.Parallel()
	var log testlog.Log
	w := Start(t, Options{Env: []string{"CAMPUS_ONE_RATE=600"}, Log: &log})
	people := map[string]*Person{}
	for i := range 23 {
		sub := fmt.Sprintf("many%02d", i)
		people[sub] = w.staff(t, sub)
	}
	w.Provider.SetFault(func(f *campusonetest.Fault) { f.Token.ErrorOnRefresh = "invalid_grant" })
	before, ended := w.refreshes(), 0
	for sub, p := range people {
		if err := p.Visit("/dashboard"); err != nil {
			t.Fatal(err)
		}
		w.quiet(t)
		ended += w.ended(t, sub)
	}
	if status := w.App.Standing.Status(); ended != 20 || !status.Stopped || status.Since.IsZero() {
		t.Errorf("%d people's sessions ended, status %+v", ended, status)
	}
	if got := w.refreshes() - before; got != 21 {
		t.Errorf("%d were asked about, want 21 and then none", got)
	}
	if n := strings.Count(log.String(), "confirmation is stopped"); n != 1 || !strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("the alarm was raised %d times", n)
	}
}

func TestRateOfConfirmations(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{Env: []string{"CAMPUS_ONE_RATE=1"}})
	p := w.staff(t, "hadiza") // whose sign-in took the minute's only one
	before := w.refreshes()
	visit(t, p, "/admin/reports", http.StatusOK)
	w.quiet(t)
	if got := w.refreshes(); got != before {
		t.Errorf("%d refreshes beyond the rate", got-before)
	}
}
