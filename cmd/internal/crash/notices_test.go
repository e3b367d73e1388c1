package crash

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"portico/auth"
	"portico/auth/campusone/campusonetest"
	"portico/db"
)

const (
	readers     = 30 // people who are to be notified
	noticeKills = 6  // while one of them is, by turns at each of the moments below
)

// What a life can be killed right after, besides: a notification is on its way
// and gets lost; one has arrived, and the portal may not have noted that yet.
const (
	asked    = "a person is to be notified"
	notified = "a person was notified"
)

func reader(n int) string { return fmt.Sprintf("reader%02d", n) }

// notify signs readers in, starts a notice to them, and kills the portal again
// and again while it is on its way. It returns the notice's id.
func (s *stage) notify(t *testing.T, d *db.DB, chance *rand.Rand) string {
	t.Helper()
	l := &life{}
	l.waitFor(notified, 1+chance.IntN(4))
	s.start(t, l)
	group := auth.Group{}
	for n := range readers {
		if s.signIn(t.Context(), reader(n)) == nil {
			t.Fatalf("%s cannot sign in", reader(n))
		}
		u, err := d.UserBySub(t.Context(), s.provider.URL(), reader(n))
		if err != nil {
			t.Fatal(err)
		}
		group[auth.AboutPerson] = append(group[auth.AboutPerson], u.ID)
	}
	now := time.Now()
	i, err := d.CreateItem(t.Context(), db.Announcement, db.Content{Title: "Hall change", Slug: "hall-change", Audience: auth.Audience{To: auth.Groups, Groups: []auth.Group{group}}.Text(), Publish: now.Add(-time.Minute)}, "crash", now)
	if err != nil {
		t.Fatal(err)
	}
	defer s.provider.ClearFaults()
	stop := s.watch()
	defer stop()
	one, err := d.StartNotice(t.Context(), db.Notice{ItemID: i.ID, Title: "Hall change", Body: "Now in B 12.", Type: "info", By: "crash"}, "", now)
	if err != nil {
		t.Fatal(err)
	}
	for k := range noticeKills {
		if k > 0 {
			l = &life{}
			l.waitFor(notified, 1+chance.IntN(4))
			if k%2 == 1 {
				l.waitFor(asked, 1)
			}
			s.provider.SetFault(func(f *campusonetest.Fault) { f.AppAPI.Drop = k%2 == 1 })
			s.start(t, l)
		}
		select {
		case <-l.process.Exited():
		case <-time.After(2 * started):
			t.Fatalf("after %d kills nobody is notified any more", k)
		}
		s.set(nil)
	}
	return one.ID
}

// watch sees each notification on its way into Campus One, and then in it.
func (s *stage) watch() (stop func()) {
	end, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		coming, seen := s.provider.Count(campusonetest.EndpointAppAPI), 0
		for ; ; time.Sleep(time.Millisecond / 2) {
			for now := s.provider.Count(campusonetest.EndpointAppAPI); coming < now; coming++ {
				s.saw(asked)
			}
			for now := len(s.provider.Notifications("")); seen < now; seen++ {
				s.saw(notified)
			}
			select {
			case <-end:
				return
			default:
			}
		}
	}()
	return func() { close(end); <-over }
}

// judgeNotices lets the notice go to its end and looks whom it has reached. Who
// was in hand at a kill waits a minute for their turn; the test does not.
func (s *stage) judgeNotices(t *testing.T, d *db.DB, id string, n *tally) {
	t.Helper()
	for _, query := range []string{`UPDATE tokens SET lease_until = 0`, `UPDATE notice_people SET next_try = 0 WHERE state = 'waiting'`} {
		if _, err := d.Writer().ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Changed(t.Context(), db.Change{Kind: "all"}); err != nil {
		t.Fatal(err)
	}
	one, err := d.Notice(t.Context(), id)
	for end := time.Now().Add(started); err == nil && one.State != db.NoticeDone && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		one, err = d.Notice(t.Context(), id)
	}
	if err != nil || one.State != db.NoticeDone || one.Counts != (db.NoticeCounts{Sent: readers}) {
		t.Errorf("the notice is %s with %+v, want done with all %d sent (%v)", one.State, one.Counts, readers, err)
	}
	for k := range readers {
		if got := len(s.provider.Notifications(reader(k))); got != 1 {
			t.Errorf("%s was notified %d times", reader(k), got)
		} else {
			n.notified++
		}
	}
}
