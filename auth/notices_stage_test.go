package auth

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"portico/auth/campusone"
	"portico/auth/campusone/campusonetest"
	"portico/db"
	"portico/db/dbtest"
)

// noticeStage is the real worker with a real database and a Campus One on its
// own port. Its clock jumps to where the worker wants to wait for, so that
// hours of pauses pass at once.
type noticeStage struct {
	*testing.T
	address string
	home    *campusonetest.Server
	wire    *wire
	seal    *Sealer
	rules   *Rules

	mu    sync.Mutex
	clock time.Time
	runs  time.Time // since when the clock runs by itself; zero: it stands

	*Notices
	db *db.DB
}

const stageClient = "portico"

// wire carries what goes to Campus One; a test may cut in before and after.
type wire struct {
	mu     sync.Mutex
	before func(*http.Request)
	after  func(*http.Request)
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	before, after := w.before, w.after
	w.mu.Unlock()
	if before != nil {
		before(r)
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if after != nil && err == nil {
		after(r)
	}
	return res, err
}

func (w *wire) set(before, after func(*http.Request)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.before, w.after = before, after
}

func (s *noticeStage) time() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.runs.IsZero() {
		return s.clock.Add(time.Since(s.runs))
	}
	return s.clock
}

// run has the clock go by itself from now on, and the worker wait as long as it
// says: for what must not depend on a clock that jumps, such as leases.
func (s *noticeStage) run() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs, s.After = time.Now(), time.After
}

func (s *noticeStage) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = s.clock.Add(d)
}

// jump is the worker's own waiting: it is over at once, and later.
func (s *noticeStage) jump(d time.Duration) <-chan time.Time {
	s.pass(d)
	c := make(chan time.Time, 1)
	c <- s.time()
	return c
}

// onStage opens the stage on a database. People who are not named exist at
// Campus One as student-0, student-1 and so on.
func onStage(t *testing.T, address string, people int) *noticeStage {
	t.Helper()
	s := &noticeStage{T: t, address: address, wire: &wire{}, clock: time.Now().Truncate(time.Second)}
	var all []campusonetest.Person
	for i := range people {
		all = append(all, campusonetest.Person{Sub: student(i), Name: student(i), Role: "student", Level: 300})
	}
	s.home = campusonetest.New(campusonetest.Options{Now: s.time, People: all, Clients: []campusonetest.Client{{ID: stageClient, Secret: "secret", Trusted: true, RedirectURIs: []string{"http://localhost/"}}}})
	if err := s.home.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.home.Close)
	var err error
	if s.seal, err = NewSealer(s.time, rand.Text()+rand.Text()); err != nil {
		t.Fatal(err)
	}
	s.rules = NewRules(Policy{Roles: map[Permission][]RolePair{Reports: {{Name: "staff"}}}, RoleMaxAge: 7 * 24 * time.Hour})
	s.open(true)
	t.Cleanup(s.shut)
	return s
}

func student(i int) string { return fmt.Sprintf("student-%d", i) }

// open is a start of the process: nothing is known but what the database holds.
func (s *noticeStage) open(on bool) {
	s.Helper()
	d, err := db.Open(context.Background(), s.address, db.Options{Create: true, Now: s.time})
	if err != nil {
		s.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	provider := campusone.New(campusone.Config{
		DiscoveryURL: s.home.DiscoveryURL(), Issuers: []string{s.home.Issuer()}, ClientID: stageClient, ClientSecret: "secret", AuthMethod: "post",
		RedirectURL: "http://localhost/", APIURL: s.home.APIURL(),
	}, campusone.Options{Log: log, Now: s.time, Transport: s.wire})
	standing := NewStanding(StandingConfig{After: time.Hour, Rate: 10, Notices: on}, s.seal, provider, s.rules, d, log, s.time)
	s.db = d
	s.Notices = NewNotices(NoticesConfig{
		On: on, After: s.jump, Within: 400 * time.Millisecond, Address: func(kind db.Kind, slug string) string { return "https://portal.example/" + string(kind) + "s/" + slug },
	}, standing, provider, openTo, d, log, s.time)
}

// openTo asks an item's audience.
func openTo(i *db.Item) func(*db.User) bool {
	a, err := ParseAudience(i.Audience)
	return func(u *db.User) bool {
		shown, _ := a.Shown(u, noNames{})
		return err == nil && shown
	}
}

type noNames struct{}

func (noNames) Faculty(string) string    { return "" }
func (noNames) Department(string) string { return "" }

// shut closes the database. Whatever is being done with it fails, as at a kill.
func (s *noticeStage) shut() {
	_ = s.db.Close() // also a second time
}

// arrives is a sign-in with the scopes; what is said of them may differ.
func (s *noticeStage) arrives(sub, role, said string, scopes ...string) db.User {
	s.Helper()
	now := s.time()
	u, _, err := s.db.SignIn(s.Context(), db.SignIn{
		Provider: s.home.URL(), Sub: sub, RoleSeen: true, Facts: []db.Fact{
			{Field: db.FieldRole, Value: role, AsOf: now, Source: db.SourceIDToken}, {Field: db.FieldLevel, Value: "300", AsOf: now, Source: db.SourceIDToken},
		},
		Session: db.NewSession{TokenHash: rand.Text(), StateHash: rand.Text(), Began: now, Created: now, Expires: now.Add(24 * time.Hour), Idle: 24 * time.Hour},
	})
	if err != nil {
		s.Error(err)
		return u
	}
	access, refresh, expires := s.home.Tokens(sub, stageClient, scopes...)
	s.standing.SignedIn(s.Context(), campusone.Identity{
		Provider: s.home.URL(), Sub: sub, AccessToken: campusone.Secret(access), RefreshToken: campusone.Secret(refresh), Expires: expires, Scope: said,
	})
	return u
}

const stageScopes = "openid offline_access notifications"

// grants is a sign-in by somebody who may be notified.
func (s *noticeStage) grants(sub string) db.User {
	s.Helper()
	return s.arrives(sub, "student", stageScopes, "openid", "offline_access", "notifications")
}

// crowd has people numbered from one to another sign in, many at once.
func (s *noticeStage) crowd(from, to int, arrive func(sub string)) {
	var all sync.WaitGroup
	free := make(chan struct{}, 16)
	for i := from; i < to; i++ {
		free <- struct{}{}
		all.Go(func() {
			defer func() { <-free }()
			arrive(student(i))
		})
	}
	all.Wait()
}

// publish makes an announcement for all of the 300 level.
func (s *noticeStage) publish(at time.Time) db.Item {
	s.Helper()
	i, err := s.db.CreateItem(s.Context(), db.Announcement, db.Content{
		Slug: "hall-change", Title: "Hall change", Audience: Audience{To: Groups, Groups: []Group{{AboutLevel: {"300"}}}}.Text(), Publish: at, Until: at.Add(30 * 24 * time.Hour),
	}, "editor", s.time())
	if err != nil {
		s.Fatal(err)
	}
	return i
}

func (s *noticeStage) start(i db.Item) db.Notice {
	s.Helper()
	n, err := s.db.StartNotice(s.Context(), db.Notice{ItemID: i.ID, Title: "Hall change", Body: "Now in B 12", Type: "info", By: "editor"}, "", s.time())
	if err != nil {
		s.Fatal(err)
	}
	return n
}

// notice reads a notice anew.
func (s *noticeStage) notice(id string) db.Notice {
	s.Helper()
	n, err := s.db.Notice(s.Context(), id)
	if err != nil {
		s.Fatal(err)
	}
	return n
}

// finish lets the worker go on until a notice is over, stopped or has passed
// so many days.
func (s *noticeStage) finish(id string, days int) db.Notice {
	s.Helper()
	for end := s.time().Add(time.Duration(days) * 24 * time.Hour); s.time().Before(end); s.pass(lookEvery) {
		if err := s.round(s.Context()); err != nil {
			s.Fatal(err)
		}
		if n := s.notice(id); !n.Open() {
			return n
		}
	}
	return s.notice(id)
}

// received counts what each person was sent, as Campus One has it.
func (s *noticeStage) received() map[string]int {
	got := map[string]int{}
	for _, n := range s.home.Notifications("") {
		got[n.UserID]++
	}
	return got
}

func (s *noticeStage) doubled() (n int) {
	for _, times := range s.received() {
		if times > 1 {
			n++
		}
	}
	return n
}

// noticeEngines runs a test on both engines.
func noticeEngines(t *testing.T, people int, test func(*noticeStage)) {
	for name, address := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + t.TempDir() + "/portico.db" },
		"postgres": func(t *testing.T) string { return dbtest.PostgresURL(t) },
	} {
		t.Run(name, func(t *testing.T) { test(onStage(t, address(t), people)) })
	}
}
