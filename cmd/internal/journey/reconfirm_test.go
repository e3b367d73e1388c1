package journey

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/db"
)

const byCampusOne = "303 portal /dashboard, 302 campusone /api/auth/oauth2/authorize, 303 portal /auth/callback, "

// later moves the clock of a person's sessions: they began, were confirmed and
// asked about so much earlier.
func (w *World) later(t testing.TB, sub string, by time.Duration) {
	t.Helper()
	ctx := context.Background()
	_, err := w.App.DB.Writer().ExecContext(ctx, `UPDATE user_sessions SET began = began - $2, created = created - $2, confirmed = confirmed - $2,
		asked = CASE WHEN asked = 0 THEN 0 ELSE asked - $2 END WHERE user_id = $1`, w.user(t, sub).ID, by.Microseconds())
	if err == nil {
		err = w.App.DB.Changed(ctx, db.Change{Kind: "all"})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// old signs a person in whose session was confirmed 25 hours ago.
func (w *World) old(t *testing.T, sub string) *Person {
	t.Helper()
	p := signedIn(t, w, sub)
	w.settle(t)
	w.later(t, sub, 25*time.Hour)
	return p
}

func (w *World) only(t testing.TB, sub string) db.Session {
	t.Helper()
	all, err := w.App.DB.SessionsOf(context.Background(), w.user(t, sub).ID)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d sessions, %v", len(all), err)
	}
	return all[0]
}

func (p *Person) route() string {
	var all []string
	for _, h := range p.Hops {
		all = append(all, fmt.Sprintf("%d %s %s", h.Status, h.Where, h.Path))
	}
	return strings.Join(all, ", ")
}

// goes opens a page and compares the way with the one wanted.
func goes(t testing.TB, p *Person, path, want string) {
	t.Helper()
	if err := p.Visit(path); err != nil {
		t.Fatal(err)
	}
	if got := p.route(); got != want {
		t.Errorf("%s\n got %s\nwant %s", path, got, want)
	}
}

func (w *World) left() int { return w.Provider.Count(campusonetest.EndpointAuthorize) }

func TestConfirmedByTheBrowser(t *testing.T) {
	t.Parallel()
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			w := Start(t, Options{Database: e.fresh(t)})
			p := signedIn(t, w, amina)
			w.settle(t)
			w.later(t, amina, 23*time.Hour)
			goes(t, p, "/dashboard", "200 portal /dashboard")
			w.later(t, amina, 2*time.Hour)
			was, cookie := w.only(t, amina), p.Cookie("session")
			w.Provider.SetFault(func(f *campusonetest.Fault) { f.Webhook.Lose = true })
			w.Provider.SetRole(amina, "staff")
			goes(t, p, "/dashboard?week=48", byCampusOne+"200 portal /dashboard")
			if p.URL.RequestURI() != "/dashboard?week=48" || p.Cookie("session") != cookie || !p.reads("Staff") {
				t.Errorf("at %s, same token %v: %s", p.URL, p.Cookie("session") == cookie, p.Text())
			}
			now := w.only(t, amina)
			if now.ID != was.ID || !now.Began.Equal(was.Began) || !now.Expires.Equal(was.Expires) || time.Since(now.Confirmed) > time.Minute {
				t.Errorf("was %+v, is %+v", was, now)
			}
			if u := w.user(t, amina); u.Role() != "staff" || time.Since(u.RoleConfirmed) > time.Minute || !w.keepsToken(t, amina) {
				t.Errorf("role %q confirmed %v, token kept %v", u.Role(), u.RoleConfirmed, w.keepsToken(t, amina))
			}
			goes(t, p, "/dashboard", "200 portal /dashboard")
			goes(t, p, "/admin/reports", "200 portal /admin/reports")
		})
	}
}

// Nobody is signed in at Campus One any more, said with the state or without.
func TestUnconfirmedSessionEnds(t *testing.T) {
	t.Parallel()
	for _, state := range []bool{false, true} {
		for _, e := range engines() {
			t.Run(fmt.Sprintf("%s state %v", e.name, state), func(t *testing.T) {
				w := Start(t, Options{Database: e.fresh(t)})
				w.Provider.SetQuirks(func(q *campusonetest.Quirks) { q.StateInErrors = state })
				p := w.old(t, amina)
				w.Provider.EndSessionsSilently(amina)
				goes(t, p, "/?a=1", strings.ReplaceAll(byCampusOne, "/dashboard", "/")+"200 portal /")
				if p.URL.RequestURI() != "/?a=1" || p.Cookie("session") != "" || p.Cookie("c1_anon") == "" || p.Cookie("c1_out") != "" {
					t.Errorf("at %s with cookies %v", p.URL, p.client.Jar.Cookies(mustURL(w.URL)))
				}
				if s := w.only(t, amina); s.Ended.IsZero() || s.EndedWhy != "no longer signed in at Campus One" {
					t.Errorf("the session is %+v", s)
				}
				goes(t, p, "/", "200 portal /")

				p = w.Person(true)
				p.Meet(w.Provider.SessionCookie(chidi))
				visit(t, p, "/dashboard", http.StatusOK)
				w.later(t, chidi, 25*time.Hour)
				w.Provider.EndSessionsSilently(chidi)
				goes(t, p, "/dashboard", byCampusOne+"303 portal /dashboard, 302 campusone /api/auth/oauth2/authorize, 200 campusone /login")
			})
		}
	}
}

// Whatever is no plain answer changes nothing, and the person is left alone
// for six hours.
func TestOtherAnswersChangeNothing(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := w.old(t, amina)
	for i, c := range []struct {
		name  string
		fault func(*campusonetest.Fault)
		quirk campusonetest.Quirks
	}{
		{"interaction_required", answering("interaction_required"), campusonetest.Quirks{}},
		{"consent_required", answering("consent_required"), campusonetest.Quirks{StateInErrors: true}},
		{"account_selection_required", answering("account_selection_required"), campusonetest.Quirks{}},
		{"access_denied", answering("access_denied"), campusonetest.Quirks{}},
		{"server_error", answering("server_error"), campusonetest.Quirks{StateInErrors: true}},
		{"invalid_scope", answering("invalid_scope"), campusonetest.Quirks{}},
		{"no tokens", func(f *campusonetest.Fault) { f.Token.Error = "invalid_grant" }, campusonetest.Quirks{}},
		{"the state is lost", func(f *campusonetest.Fault) { f.Authorize.State = campusonetest.StateAltered }, campusonetest.Quirks{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.Provider.SetFault(c.fault)
			defer w.Provider.ClearFaults()
			w.Provider.SetQuirks(func(q *campusonetest.Quirks) { *q = c.quirk })
			if i > 0 {
				w.later(t, amina, 5*time.Hour)
				goes(t, p, "/dashboard", "200 portal /dashboard")
				w.later(t, amina, 2*time.Hour)
			}
			was, cookie := w.only(t, amina), p.Cookie("session")
			goes(t, p, "/dashboard", byCampusOne+"200 portal /dashboard")
			if now := w.only(t, amina); !now.Confirmed.Equal(was.Confirmed) || !now.Ended.IsZero() || p.Cookie("session") != cookie || p.Cookie("c1_anon") != "" {
				t.Errorf("the session was %+v, is %+v, c1_anon %q", was, now, p.Cookie("c1_anon"))
			}
			goes(t, p, "/", "200 portal /")
			goes(t, p, "/dashboard?a=1", "200 portal /dashboard")
		})
	}
}

// Where iss is promised, an error without state is not heard (RFC 9207).
func TestUnsignedNoIsNotHeard(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{Provider: func(o *campusonetest.Options, _ *campusonetest.Client) { o.Quirks.ResponseIssuer = true }})
	p := w.old(t, amina)
	w.Provider.EndSessionsSilently(amina)
	goes(t, p, "/dashboard", byCampusOne+"200 portal /dashboard")
	if s := w.only(t, amina); !s.Ended.IsZero() {
		t.Error("the session ended")
	}
}

func answering(code string) func(*campusonetest.Fault) {
	return func(f *campusonetest.Fault) { f.Authorize.SilentError = code }
}

func TestAnotherPersonAtCampusOneChangesNothing(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := w.old(t, amina)
	was := w.only(t, amina)
	p.Meet(w.Provider.SessionCookie(chidi))
	goes(t, p, "/dashboard", byCampusOne+"200 portal /dashboard")
	if err := p.is(amina); err != nil {
		t.Error(err)
	}
	if now := w.only(t, amina); !now.Confirmed.Equal(was.Confirmed) || !now.Ended.IsZero() {
		t.Errorf("the session was %+v, is %+v", was, now)
	}
	if _, err := w.App.DB.UserBySub(context.Background(), w.Provider.URL(), chidi); err == nil {
		t.Error("the other person was stored")
	}
	goes(t, p, "/dashboard", "200 portal /dashboard")
}

func TestWhoIsNotSentToBeConfirmed(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{Env: []string{"CAMPUS_ONE_RATE=600"}})
	staff, p := w.old(t, ibrahim), w.old(t, amina)
	goes(t, staff, "/dashboard", "200 portal /dashboard") // confirmed by refresh
	before := w.left()
	for name, header := range map[string][2]string{
		"a script": {"Sec-Fetch-Mode", "cors"}, "a prefetch": {"Sec-Purpose", "prefetch"}, "not for a person": {"Accept", "application/json"},
		"a previewer": {"User-Agent", "WhatsApp/2"}, "a frame": {"Sec-Fetch-Dest", "iframe"},
	} {
		other := *p
		other.Header = p.Header.Clone()
		other.Header.Set(header[0], header[1])
		visit(t, &other, "/dashboard", http.StatusOK)
		if w.left() != before {
			t.Fatalf("%s was sent to Campus One", name)
		}
	}
	for _, path := range []string{"/auth/me", "/auth/login?next=/dashboard&prompt=none", "/auth/signed-out", "/nowhere"} {
		if err := p.Visit(path); err != nil || w.left() != before && path != "/auth/login?next=/dashboard&prompt=none" {
			t.Errorf("%s was sent to Campus One: %s, %v", path, p.route(), err)
		}
		before = w.left()
		w.later(t, amina, 7*time.Hour) // the redirects to the dashboard had it confirmed
	}

	off := Start(t, Options{Env: []string{"PORTICO_SILENT=off"}})
	goes(t, off.old(t, amina), "/dashboard", "200 portal /dashboard")
	room := Start(t, Options{Env: []string{"PORTICO_SHARED_NETWORKS=127.0.0.0/8"}})
	p = room.Person(true)
	visit(t, p, "/dashboard", http.StatusOK)
	if err := p.Click("Amina"); err != nil {
		t.Fatal(err)
	}
	room.later(t, amina, 25*time.Hour)
	goes(t, p, "/dashboard", "200 portal /dashboard")
}

// Of ten tabs one goes, and all show their page.
func TestOneTabIsConfirmed(t *testing.T) {
	t.Parallel()
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			w := Start(t, Options{Database: e.fresh(t)})
			p := w.old(t, amina)
			before := w.left()
			all, err := p.tabs(different("/dashboard?tab=%d", 10)...)
			if err != nil {
				t.Fatal(err)
			}
			for i, tab := range all {
				if err := tab.arrived(fmt.Sprintf("/dashboard?tab=%d", i)); err != nil {
					t.Error(err)
				}
			}
			if got := w.left() - before; got != 1 {
				t.Errorf("%d tabs went to Campus One, want 1", got)
			}
		})
	}
}

// A provider that keeps people at its login page holds a signed-in person up
// once, not at every page; and a browser that keeps nothing but its session
// does not go in circles.
func TestConfirmationNeverHoldsUp(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := w.old(t, amina)
	w.Provider.SetQuirks(func(q *campusonetest.Quirks) { q.PageAtNone = true })
	w.Provider.EndSessionsSilently(amina)
	goes(t, p, "/dashboard", "303 portal /dashboard, 302 campusone /api/auth/oauth2/authorize, 200 campusone /login")
	for _, path := range []string{"/dashboard", "/", "/dashboard?a=1"} {
		goes(t, p, path, "200 portal "+strings.TrimSuffix(path, "?a=1"))
	}
	if s := w.only(t, amina); !s.Ended.IsZero() {
		t.Error("the session ended")
	}

	w = Start(t, Options{})
	p = w.old(t, amina)
	p.client.Jar = someJar{p.client.Jar, w.URL, "session "}
	w.Provider.SetFault(answering("interaction_required"))
	if err := p.Visit("/dashboard"); err != nil || p.Status != http.StatusOK {
		t.Errorf("%v, %s", err, p.route())
	}
	goes(t, p, "/dashboard", "200 portal /dashboard")
}

// While Campus One is away nobody is held up, and the session goes on.
func TestNoConfirmationWhileAway(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := w.old(t, amina)
	w.Provider.SetFault(func(f *campusonetest.Fault) { f.Token.Answer = campusonetest.Refusal(500, "x") })
	for range 6 { // opens the breaker
		q := w.Person(true)
		if next, err := q.step("GET", mustURL(w.URL+"/dashboard"), nil); err == nil && next != nil {
			_, _ = q.step("GET", mustURL(w.URL+"/auth/callback?code=junk&state="+url.QueryEscape(next.Query().Get("state"))), nil)
		}
	}
	if !w.App.Provider.Away() {
		t.Fatal("the breaker is closed")
	}
	goes(t, p, "/dashboard", "200 portal /dashboard")
	if s := w.only(t, amina); !s.Asked.IsZero() {
		t.Error("it counts as asked")
	}
}

// A plain no ends the session it was asked about, and no other.
func TestPlantedNoEndsNothing(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	w.Provider.SetQuirks(func(q *campusonetest.Quirks) { q.StateInErrors = true })
	victim, mallory := signedIn(t, w, amina), w.old(t, chidi)
	w.Provider.EndSessionsSilently(chidi)
	next, err := mallory.step("GET", mustURL(w.URL+"/dashboard"), nil)
	if err != nil || next == nil {
		t.Fatal(err)
	}
	answer, err := mallory.step("GET", next, nil)
	if err != nil || answer == nil || answer.Query().Get("state") == "" || answer.Query().Get("error") != "login_required" {
		t.Fatal(answer, err)
	}
	for _, link := range []string{answer.RequestURI(), "/auth/callback?error=login_required", "/auth/callback?error=login_required&state=x"} {
		if err := victim.Visit(link); err != nil || victim.Cookie("session") == "" || victim.Cookie("c1_anon") != "" {
			t.Errorf("%s: %v, %s", link, err, victim.route())
		}
		if s := w.only(t, amina); !s.Ended.IsZero() {
			t.Fatalf("%s ended the session: %s", link, s.EndedWhy)
		}
	}
	// Mallory signs in anew before the no arrives: it was not about this session.
	w.Provider.SetQuirks(func(q *campusonetest.Quirks) { *q = campusonetest.Quirks{StateInErrors: true} })
	mallory.DropCookie("session")
	mallory.Meet(w.Provider.SessionCookie(chidi))
	visit(t, mallory, "/dashboard", http.StatusOK)
	was := mallory.Cookie("session")
	if err := mallory.Visit(answer.RequestURI()); err != nil || mallory.Cookie("session") != was {
		t.Errorf("%v: the new session ended too: %s", err, mallory.route())
	}
}

// Ended by hand while the browser is on its way: it is not signed in again.
func TestEndedWhileConfirming(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := w.old(t, amina)
	next, err := p.step("GET", mustURL(w.URL+"/dashboard"), nil)
	if err != nil || next == nil {
		t.Fatal(err)
	}
	back, err := p.step("GET", next, nil)
	if err != nil || back == nil {
		t.Fatal(err)
	}
	s := w.only(t, amina)
	if err := w.App.DB.EndSessionByID(context.Background(), s.UserID, s.ID, db.Ending{By: "test", At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if err := p.send("GET", back, nil); err != nil {
		t.Fatal(err)
	}
	if live, _ := sessionsOf(t, w, amina); len(live) != 0 || p.Cookie("c1_out") == "" {
		t.Errorf("%d sessions live, %s", len(live), p.route())
	}
}
