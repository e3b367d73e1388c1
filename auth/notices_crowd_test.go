package auth

import (
	"context"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portico/auth/campusone"
	"portico/auth/campusone/campusonetest"
	"portico/db"
)

// faults is a Campus One on a bad day. What it has stored it may deny; a
// refresh token it has spent it also hands on, since one that is lost then is
// lost for anybody.
func faults(seed uint64) func(campusonetest.Endpoint, *http.Request) (campusonetest.Answer, bool) {
	var mu sync.Mutex
	random := mathrand.New(mathrand.NewPCG(seed, 1))
	return func(e campusonetest.Endpoint, _ *http.Request) (campusonetest.Answer, bool) {
		mu.Lock()
		n := random.IntN(1000)
		mu.Unlock()
		switch {
		case e != campusonetest.EndpointAppAPI && e != campusonetest.EndpointToken:
		case n < 20:
			return campusonetest.Busy(30), true
		case n < 40:
			return campusonetest.Refusal(503, "away"), true
		case n < 60:
			return campusonetest.Answer{Drop: true}, true
		case e == campusonetest.EndpointToken:
		case n < 90:
			return campusonetest.Answer{Status: 500}, true // stored
		case n < 120:
			return campusonetest.Answer{Lose: true}, true // stored
		case n < 125:
			return campusonetest.Answer{Hang: true}, true
		case n < 130:
			return campusonetest.Answer{Delay: 500 * time.Millisecond}, true // stored after we have left
		case n < 140:
			return campusonetest.Refusal(401, "invalid_token"), true
		}
		return campusonetest.Answer{}, false
	}
}

// crowdSize is how many people the bad day has: 400, or 2,000 with
// PORTICO_TEST_LONG=1.
func crowdSize() int {
	if os.Getenv("PORTICO_TEST_LONG") == "1" {
		return 2000
	}
	return 400
}

// TestNoticeToThousands is the whole of a bad day: very many people, every
// kind of trouble, and a process that is killed three times in the middle of
// it, one of them between Campus One's answer and its being noted.
func TestNoticeToThousands(t *testing.T) {
	all := crowdSize()
	granted, quiet, lacking, dead, old := all*85/100, all*5/100, all*2/100, all*3/100, all*5/100
	noticeEngines(t, all, func(s *noticeStage) {
		began := time.Now()
		s.gather(granted, quiet, lacking, dead, old)
		i := s.publish(s.time())
		forecast, err := s.Forecast(s.Context(), &i)
		if err != nil || forecast.Met != all || forecast.Reached != granted+lacking+dead || forecast.NotGranted != quiet || forecast.Expired != old {
			s.Fatalf("forecast %+v (%v)", forecast, err)
		}
		seeded := time.Since(began)
		s.home.SetFault(func(f *campusonetest.Fault) { f.Each = faults(7) })
		n, start := s.start(i), s.time()
		end := s.killed(n.ID, all*15/100, all*40/100, all*65/100)
		if end.State != db.NoticeDone || end.Counts.All() != all {
			s.Errorf("%s with %+v, want %d people", end.State, end.Counts, all)
		}
		c := end.Counts
		late := c.Expired - dead - old // a 401 for a new access token
		if c.NoGrant != quiet+lacking || late < 0 || late > all/50 || c.Sent+c.Failed+late != granted {
			s.Errorf("%+v", c)
		}
		if got := s.received(); s.doubled() > 0 || len(got) < c.Sent || len(got) > c.Sent+c.Failed+late {
			s.Errorf("%d people have it, %d of them twice; %d are said to", len(got), s.doubled(), c.Sent)
		}
		if s.home.Reused() > 0 {
			s.Errorf("%d lines of refresh tokens were revoked", s.home.Reused())
		}
		s.Logf("sent %d, failed %d, no grant %d, expired %d, doubled %d; %d notification calls, %d token calls; %v by the portal's clock, forecast %v; %v to seed, %v to send",
			c.Sent, c.Failed, c.NoGrant, c.Expired, s.doubled(), s.home.Count(campusonetest.EndpointAppAPI), s.home.Count(campusonetest.EndpointToken),
			end.Ended.Sub(start).Round(time.Minute), forecast.Takes.Round(time.Minute), seeded.Round(time.Millisecond), (time.Since(began) - seeded).Round(time.Millisecond))
	})
}

// gather has people sign in: those who granted it, half of them too long ago
// for their access token; those who did not; those of whom it was said and is
// not so; those who signed out at Campus One since; and those whose week is
// over.
func (s *noticeStage) gather(granted, quiet, lacking, dead, old int) {
	from := 0
	next := func(n int, arrive func(sub string)) {
		s.crowd(from, from+n, arrive)
		from += n
	}
	grants := func(sub string) { s.grants(sub) }
	next(old, grants)
	s.pass(refreshLife - 2*time.Hour)
	next(granted/2, grants)
	s.pass(2 * time.Hour)
	next(granted-granted/2, grants)
	next(quiet, func(sub string) { s.arrives(sub, "student", "openid offline_access", "openid", "offline_access") })
	next(lacking, func(sub string) { s.arrives(sub, "student", stageScopes, "openid", "offline_access") })
	next(dead, func(sub string) { s.grants(sub); s.home.EndSessionsSilently(sub) })
	s.standing.sweep(s.Context())
}

// killed lets a notice go to its end, the process killed when Campus One has
// taken so many notifications: before it is asked, once it has answered, and
// in the middle of a call.
func (s *noticeStage) killed(id string, at ...int) db.Notice {
	s.Helper()
	for k, taken := range at {
		d := s.db
		var once sync.Once
		kill := func(r *http.Request) {
			if isNotification(r) && len(s.home.Notifications("")) >= taken {
				once.Do(func() { _ = d.Close() })
			}
		}
		switch k % 3 {
		case 0:
			s.wire.set(nil, kill)
		case 1:
			s.wire.set(kill, nil)
		case 2:
			s.wire.set(func(r *http.Request) { go kill(r) }, nil)
		}
		for end := s.time().Add(48 * time.Hour); s.time().Before(end); s.pass(lookEvery) {
			if s.round(s.Context()) != nil {
				break
			}
		}
		s.wire.set(nil, nil)
		s.shut()
		s.open(true)
		if n := s.notice(id); n.State != db.NoticeRunning || n.Counts.Waiting == 0 {
			s.Fatalf("after kill %d: %s, %+v", k, n.State, n.Counts)
		}
	}
	return s.finish(id, 7)
}

// Confirmations and notices want the same tokens at the same time. One lease
// keeps them apart: no token is spent twice, no session ends, none is lost.
func TestNoticesAndConfirmationsShareTokens(t *testing.T) {
	const staff = 10
	noticeEngines(t, staff, func(s *noticeStage) {
		s.standing.limit = newPace(600, time.Minute)
		s.pace = newPace(600, time.Minute)
		s.run()
		s.home.SetFault(func(f *campusonetest.Fault) { f.Token.Delay = 5 * time.Millisecond })
		var people []db.User
		for i := range staff {
			s.home.SetRole(student(i), "staff")
			people = append(people, s.arrives(student(i), "staff", stageScopes, "openid", "offline_access", "notifications", "roles"))
		}
		s.pass(2 * time.Hour) // roles are to be confirmed, access tokens renewed
		n := s.start(s.publish(s.time()))
		var confirmed atomic.Int64
		stop := make(chan struct{})
		var all sync.WaitGroup
		all.Go(func() { // people who open page after page
			for {
				for _, u := range people {
					select {
					case <-stop:
						return
					default:
					}
					if s.standing.confirm(context.Background(), u.ID) == 0 {
						confirmed.Add(1)
					}
				}
				s.home.SetFault(func(f *campusonetest.Fault) { f.Token.Delay = time.Duration(mathrand.IntN(8)) * time.Millisecond })
			}
		})
		end := s.finish(n.ID, 1)
		close(stop)
		all.Wait()
		if end.Counts != (db.NoticeCounts{Sent: staff}) || s.doubled() > 0 || s.home.Reused() > 0 || confirmed.Load() == 0 {
			s.Errorf("%+v, %d doubled, %d lines revoked, %d confirmed", end.Counts, s.doubled(), s.home.Reused(), confirmed.Load())
		}
		for _, u := range people {
			k, err := s.db.Token(s.Context(), u.ID, kindRefresh)
			if err != nil {
				s.Fatalf("%s has lost the token: %v", u.Sub, err)
			}
			if plain, err := s.seal.Open(purposeStored, u.ID, string(k.Sealed)); err != nil || strings.TrimSpace(string(plain)) == "" {
				s.Errorf("%s: %v", u.Sub, err)
			}
			if err := s.standing.lend(s.Context(), u.ID, func(campusone.Secret) error { return nil }); err != nil {
				s.Errorf("%s: the token that is kept is no good: %v", u.Sub, err)
			}
		}
		if n, err := s.db.PeopleEnded(s.Context(), endedStanding, time.Time{}); err != nil || n > 0 {
			s.Errorf("sessions of %d people ended (%v)", n, err)
		}
	})
}

// A plain no to a refresh token ends the sessions of those who are confirmed by
// it, and of nobody else.
func TestNoticeEndsSessionsOfHoldersAlone(t *testing.T) {
	s := onStage(t, "sqlite:"+t.TempDir()+"/portico.db", 2)
	scopes := strings.Fields(stageScopes)
	holder, reader := s.arrives(student(0), "staff", stageScopes, scopes...), s.arrives(student(1), "student", stageScopes, scopes...)
	for _, u := range []db.User{holder, reader} {
		s.home.EndSessionsSilently(u.Sub)
	}
	s.pass(time.Minute)
	if end := s.finish(s.start(s.publish(s.time())).ID, 1); end.Counts != (db.NoticeCounts{Expired: 2}) {
		t.Errorf("%+v", end.Counts)
	}
	ended := func(u db.User) string {
		all, err := s.db.SessionsOf(t.Context(), u.ID)
		if err != nil || len(all) != 1 {
			t.Fatal(len(all), err)
		}
		return fmt.Sprint(!all[0].Ended.IsZero(), " ", all[0].EndedWhy)
	}
	if ended(holder) != "true "+endedStanding || ended(reader) != "false " {
		t.Errorf("of the holder: %s; of the reader: %s", ended(holder), ended(reader))
	}
}
