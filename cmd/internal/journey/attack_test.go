package journey

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/portal"
	"portico/db"
)

// someJar keeps only some cookies of the portal, and all of Campus One.
type someJar struct {
	http.CookieJar
	portal string
	keep   string
}

func (j someJar) SetCookies(u *url.URL, all []*http.Cookie) {
	if "http://"+u.Host != j.portal {
		j.CookieJar.SetCookies(u, all)
		return
	}
	for _, c := range all {
		if strings.Contains(j.keep, c.Name+" ") {
			j.CookieJar.SetCookies(u, []*http.Cookie{c})
		}
	}
}

// allBut: every set of cookies the browser may keep must end within 5 of our redirects.
func TestAttackPartlyBlockedCookies(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	names := []string{"session", "c1_key", "c1_try", "c1_anon"}
	for set := range 16 {
		var keep strings.Builder
		for i, n := range names {
			if set>>i&1 == 1 {
				keep.WriteString(n + " ")
			}
		}
		for _, known := range []bool{false, true} {
			for _, path := range []string{"/", "/dashboard"} {
				for _, ref := range []string{"", w.Provider.URL() + "/"} {
					t.Run(fmt.Sprintf("keeps %q known=%v %s ref=%v", keep.String(), known, path, ref != ""), func(t *testing.T) {
						p := w.Person(true)
						p.client.Jar = someJar{p.client.Jar, w.URL, keep.String()}
						if ref != "" {
							p.Header.Set("Referer", ref)
						}
						if known {
							p.Meet(w.Provider.SessionCookie(campusonetest.SubAmina))
						}
						if err := p.bounded(path); err != nil {
							t.Error(err)
						}
					})
				}
			}
		}
	}
}

func sessionsOf(t *testing.T, w *World, sub string) (live []db.Session, id string) {
	t.Helper()
	u, err := w.App.DB.UserBySub(context.Background(), w.Provider.URL(), sub)
	if err != nil {
		t.Fatal(err)
	}
	all, err := w.App.DB.SessionsOf(context.Background(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.Ended.IsZero() {
			live = append(live, s)
		}
	}
	return live, u.ID
}

func TestAttackCheckRoleLeavesOldSession(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := signedIn(t, w, campusonetest.SubSani)
	if err := p.Click("Check again"); err != nil {
		t.Fatal(err)
	}
	if live, _ := sessionsOf(t, w, campusonetest.SubSani); len(live) != 1 {
		t.Errorf("%d sessions live after Check again, want 1: the old one is never ended", len(live))
	}
}

func TestAttackCheckRoleLosesSessionOnError(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := signedIn(t, w, campusonetest.SubSani)
	tag := ""
	_, after, _ := strings.Cut(p.Body, `name="tag" value="`)
	tag, _, _ = strings.Cut(after, `"`)
	u, _ := url.Parse(w.URL + "/dashboard/check-role")
	if _, err := p.step("POST", u, url.Values{"tag": {tag}}); err != nil {
		t.Fatal(err)
	}
	if p.Cookie("session") == "" {
		t.Error("Check again drops a living session before Campus One has answered: Back, Cancel or an error leave the person signed out")
	}
}

// A page opened while the sign-out is under way: its answer arrives after the sign-out's.
func TestAttackSilentDepartureOvertakesSignOut(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := signedIn(t, w, campusonetest.SubAmina)
	u, _ := url.Parse(w.URL)
	before := p.client.Jar.Cookies(u)
	if err := p.Click("Sign out"); err != nil {
		t.Fatal(err)
	}
	req, _ := http.NewRequest("GET", w.URL+"/", nil)
	req.Header = p.Header.Clone()
	for _, c := range before {
		req.AddCookie(c)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	p.client.Jar.SetCookies(u, res.Cookies())
	next, _ := u.Parse(res.Header.Get("Location"))
	if err := p.send("GET", next, nil); err != nil {
		t.Fatal(err)
	}
	if p.Cookie("session") != "" && p.Cookie("c1_out") != "" {
		t.Errorf("signed in silently although c1_out is set: %v", p.Hops)
	}
}

// A sign-in that replaces a session, while that session is ended by hand.
func TestAttackReplacementRevivesEndedSession(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := signedIn(t, w, campusonetest.SubSani)
	u, _ := url.Parse(w.URL)
	session := p.Cookie("session")
	_, after, _ := strings.Cut(p.Body, `name="tag" value="`)
	tag, _, _ := strings.Cut(after, `"`)
	next, err := p.step("POST", mustURL(w.URL+"/dashboard/check-role"), url.Values{"tag": {tag}})
	if err != nil {
		t.Fatal(err)
	}
	p.client.Jar.SetCookies(u, []*http.Cookie{{Name: "session", Value: session, Path: "/"}}) // as after mending the finding above
	back, err := p.step("GET", next, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Provider.SetFault(func(f *campusonetest.Fault) { f.Token.Delay = time.Second })
	done := make(chan error, 1)
	go func() { _, err := p.step("GET", back, nil); done <- err }()
	time.Sleep(300 * time.Millisecond)
	live, id := sessionsOf(t, w, campusonetest.SubSani)
	for _, s := range live {
		if err := w.App.DB.EndSessionByID(context.Background(), id, s.ID, db.Ending{By: "test", At: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if live, _ = sessionsOf(t, w, campusonetest.SubSani); len(live) > 0 {
		t.Errorf("the session was ended while its replacement was under way, and lives on in the new one (status %d)", p.Status)
	}
}

func mustURL(s string) *url.URL { u, _ := url.Parse(s); return u }

func TestAttackSharedComputerRestart(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := w.Person(true)
	if err := p.Visit("/"); err != nil {
		t.Fatal(err)
	}
	if err := p.Post("/auth/shared", url.Values{"shared": {"on"}}); err != nil {
		t.Fatal(err)
	}
	p.Meet(w.Provider.SessionCookie(campusonetest.SubAmina)) // left by the person before
	if err := p.Visit("/auth/callback?code=x&state=AAAA"); err != nil {
		t.Fatal(err)
	}
	if p.Cookie("session") != "" {
		t.Errorf("on a shared computer a stray callback signs in the person before, without prompt=login: %v", p.Hops)
	}
}

// A second process on the same database, whose reads fail.
func TestAttackDatabaseAway(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := signedIn(t, w, campusonetest.SubAmina)
	app, err := portal.New(context.Background(), w.Config, slog.New(slog.DiscardHandler), portal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_ = app.DB.Reader().Close()
	for _, c := range []struct {
		method, path, accept string
		want                 int
	}{
		{"GET", "/", "text/html", 200}, {"GET", "/dashboard", "text/html", 503}, {"GET", "/dashboard", "*/*", 503}, {"GET", "/readyz", "*/*", 503}, {"GET", "/healthz", "*/*", 200},
		{"GET", "/auth/me", "application/json", 503}, {"POST", "/auth/logout", "text/html", 503}, {"GET", "/auth/login?next=/dashboard", "text/html", 503},
	} {
		req := httptest.NewRequest(c.method, w.URL+c.path, nil)
		req.Header.Set("Accept", c.accept)
		req.Header.Set("User-Agent", "Mozilla/5.0")
		for _, k := range p.client.Jar.Cookies(mustURL(w.URL)) {
			req.AddCookie(k)
		}
		rec := httptest.NewRecorder()
		app.Handler.ServeHTTP(rec, req)
		if rec.Code != c.want {
			t.Errorf("%s %s: %d, want %d: %.60q %.90q", c.method, c.path, rec.Code, c.want, rec.Header().Get("Location"), rec.Header().Values("Set-Cookie"))
		}
	}
}

func TestAttackEndedByHandIsUndoneSilently(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := signedIn(t, w, campusonetest.SubAmina)
	live, id := sessionsOf(t, w, campusonetest.SubAmina)
	if err := w.App.DB.EndSessionByID(context.Background(), id, live[0].ID, db.Ending{By: "test", At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	if err := p.Visit("/"); err != nil {
		t.Fatal(err)
	}
	if live, _ := sessionsOf(t, w, campusonetest.SubAmina); len(live) > 0 {
		t.Errorf("a session ended by hand is back at the next page view: %v", p.Hops)
	}
}

func TestAttackBackThreeTimesIsNoLoop(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := w.Person(true)
	for i := range 3 {
		if err := p.Visit("/"); err != nil {
			t.Fatal(err)
		}
		if p.Status != 200 {
			t.Fatalf("/ %d", p.Status)
		}
		if err := p.Visit("/dashboard"); err != nil {
			t.Fatal(err)
		}
		if p.Status != 200 {
			t.Errorf("try %d, each after a page of ours was served: %d %s", i+1, p.Status, p.Text())
		}
	}
}

func TestAttackStatelessErrorClosesInteractiveAttempt(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := w.Person(true)
	if err := p.Visit("/dashboard"); err != nil {
		t.Fatal(err)
	}
	if err := p.Visit("/auth/callback?error=server_error"); err != nil { // a link from anywhere
		t.Fatal(err)
	}
	if err := p.Visit("/auth/callback?error=access_denied"); err != nil { // Cancel at Campus One
		t.Fatal(err)
	}
	if !strings.Contains(p.Text(), "cancelled") {
		t.Errorf("the open interactive attempt was closed by an error without state: %s %v", p.URL, p.Hops)
	}
}

func TestAttackDefaultPort(t *testing.T) {
	t.Parallel()
	env := []string{"APP_URL=https://portal.example.edu:443", "DATABASE_URL=sqlite:x.db", "SESSION_SECRET=" + strings.Repeat("abcdefgh", 8),
		"CAMPUS_ONE_CLIENT_ID=a", "CAMPUS_ONE_CLIENT_SECRET=bbbbbbbbbbbbbbbbbbbbbbbbbb"}
	c, err := portal.Load(env, "")
	if err != nil {
		t.Fatal(err)
	}
	if c.AppURL.Host != "portal.example.edu" {
		t.Errorf("AppURL.Host is %q: browsers send Host without the default port, so every GET is redirected to itself for ever", c.AppURL.Host)
	}
}

func TestAttackJunkCodesReachTokenEndpoint(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	before := w.Provider.Count(campusonetest.EndpointToken)
	const codes = 80
	send := func() {
		p := w.Person(true)
		next, err := p.step("GET", mustURL(w.URL+"/dashboard"), nil)
		if err != nil || next == nil || next.Query().Get("state") == "" {
			t.Errorf("no way to Campus One: %v, status %d", err, p.Status)
			return
		}
		_, _ = p.step("GET", mustURL(w.URL+"/auth/callback?code=junk&state="+url.QueryEscape(next.Query().Get("state"))), nil)
	}
	for range 25 { // enough to be noticed
		send()
	}
	var all sync.WaitGroup
	began := time.Now()
	for range codes {
		all.Go(send)
	}
	all.Wait()
	most := 25 + 5 + int(5*(time.Since(began)+time.Second).Seconds()) // what was noticed, a handful, and five a second
	if n := w.Provider.Count(campusonetest.EndpointToken) - before; n > most {
		t.Errorf("one address made the portal send %d token requests with %d junk codes, want %d at most", n, 25+codes, most)
	}
}

func TestAttackHangingProviderDelaysPublicPage(t *testing.T) {
	t.Parallel()
	w2 := startHanging(t)
	began := time.Now()
	p := w2.Person(true)
	if err := p.Visit("/"); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(began); d > 4500*time.Millisecond { // the request to Campus One itself may take 5
		t.Errorf("/ took %s while Campus One hangs at a cold start (status %d)", d.Round(time.Millisecond), p.Status)
	}
}

func startHanging(t *testing.T) *World {
	l, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, never answers
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return Start(t, Options{Env: []string{"CAMPUS_ONE_DISCOVERY_URL=http://" + l.Addr().String() + "/.well-known/openid-configuration"}})
}

func TestAttackRestartWhileAway(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := w.Person(true)
	if err := p.Visit("/"); err != nil {
		t.Fatal(err)
	}
	w.Provider.SetFault(func(f *campusonetest.Fault) { f.Token.Answer = campusonetest.Refusal(500, "x") })
	for range 6 { // opens the breaker
		q := w.Person(true)
		next, _ := q.step("GET", mustURL(w.URL+"/dashboard"), nil)
		if next != nil {
			_, _ = q.step("GET", mustURL(w.URL+"/auth/callback?code=junk&state="+url.QueryEscape(next.Query().Get("state"))), nil)
		}
	}
	if !w.App.Provider.Away() {
		t.Fatal("the breaker is closed")
	}
	next, err := p.step("GET", mustURL(w.URL+"/auth/callback?code=x&state=AAAA"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if next != nil {
		t.Errorf("sent to Campus One although the breaker is open: %d", p.Status)
	}
}

func TestAttackParallelCallback(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := w.Person(true)
	p.Meet(w.Provider.SessionCookie(campusonetest.SubAmina))
	next, _ := p.step("GET", mustURL(w.URL+"/"), nil)
	back, _ := p.step("GET", next, nil)
	var wg sync.WaitGroup
	u := mustURL(w.URL)
	cookies := p.client.Jar.Cookies(u)
	var mu sync.Mutex
	sessions, errs := 0, ""
	for range 20 {
		wg.Go(func() {
			req, _ := http.NewRequest("GET", back.String(), nil)
			req.Header = p.Header.Clone()
			for _, c := range cookies {
				req.AddCookie(c)
			}
			res, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				return
			}
			defer res.Body.Close()
			_, _ = io.ReadAll(res.Body)
			mu.Lock()
			defer mu.Unlock()
			if res.StatusCode != 303 {
				errs += fmt.Sprint(res.StatusCode, " ")
			}
			for _, c := range res.Cookies() {
				if c.Name == "session" && c.MaxAge > 0 {
					sessions++
				}
			}
		})
	}
	wg.Wait()
	if sessions != 1 || errs != "" {
		t.Errorf("sessions %d, odd statuses %s", sessions, errs)
	}
}

// Every read connection is busy or stuck: a public page must still come, a private one says 503.
func TestAttackDatabaseStalls(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := signedIn(t, w, campusonetest.SubAmina)
	app, err := portal.New(context.Background(), w.Config, slog.New(slog.DiscardHandler), portal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range app.DB.Reader().Stats().MaxOpenConnections {
		c, err := app.DB.Reader().Conn(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
	}
	for path, want := range map[string]int{"/": 200, "/dashboard": 503} {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		req := httptest.NewRequestWithContext(ctx, "GET", w.URL+path, nil)
		req.Header.Set("Accept", "text/html")
		req.Header.Set("User-Agent", "Mozilla/5.0")
		for _, c := range p.client.Jar.Cookies(mustURL(w.URL)) {
			req.AddCookie(c)
		}
		rec := httptest.NewRecorder()
		began := time.Now()
		app.Handler.ServeHTTP(rec, req)
		if d := time.Since(began); d > 12*time.Second || rec.Code != want {
			t.Errorf("%s: %d after %s, want %d within 12 s: identify waits for the database without a limit", path, rec.Code, d.Round(time.Second), want)
		}
	}
}

// One program on a network that never follows its redirects: everybody else there loses silent sign-in.
func TestAttackOnePersonPausesCampus(t *testing.T) {
	t.Parallel() // it waits
	w := Start(t, Options{})
	for range 30 {
		p := w.Person(true)
		if _, err := p.step("GET", mustURL(w.URL+"/"), nil); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(21 * time.Second)
	p := w.Person(true)
	p.Meet(w.Provider.SessionCookie(campusonetest.SubAmina))
	if err := p.Visit("/"); err != nil {
		t.Fatal(err)
	}
	if p.Cookie("session") == "" {
		t.Errorf("30 requests of one program end silent sign-in for its whole /24 for 5 minutes, again and again: %v", p.Hops)
	}
}
