package auth

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/db"
)

func TestNoticeReachesEachOnce(t *testing.T) {
	noticeEngines(t, 6, func(s *noticeStage) {
		s.grants(student(0))
		s.grants(student(1))
		s.arrives(student(2), "student", "openid", "openid", "offline_access")
		declines := s.grants(student(3))
		if err := s.db.DeclineNotices(t.Context(), declines.ID, kindRefresh, false, s.time()); err != nil {
			s.Fatal(err)
		}
		lacks := s.arrives(student(4), "student", stageScopes, "openid", "offline_access") // the answer said so, the token cannot
		dead := s.grants(student(5))
		s.home.EndSessionsSilently(student(5))
		i := s.publish(s.time())
		f, err := s.Forecast(s.Context(), &i)
		if err != nil || f.Met != 6 || f.Reached != 4 || f.NotGranted != 2 || f.Expired != 0 {
			s.Errorf("forecast %+v (%v)", f, err)
		}
		n := s.finish(s.start(i).ID, 1)
		if want := (db.NoticeCounts{Sent: 2, NoGrant: 3, Expired: 1}); n.State != db.NoticeDone || n.Counts != want {
			s.Errorf("%s with %+v, want done with %+v", n.State, n.Counts, want)
		}
		got := s.home.Notifications(student(0))
		if len(got) != 1 || got[0].Title != "Hall change" || got[0].Body != "Now in B 12" || got[0].Type != "info" || got[0].TargetURL != "https://portal.example/announcements/hall-change" {
			s.Errorf("received %+v", got)
		}
		for _, u := range []db.User{lacks, dead} {
			if _, err := s.db.Token(s.Context(), u.ID, kindRefresh); !errors.Is(err, db.ErrNotFound) {
				s.Errorf("a token of %s that is of no use is kept (%v)", u.Sub, err)
			}
		}
		if f, err := s.Forecast(s.Context(), &i); err != nil || f.NotGranted != 3 || f.Expired != 1 || f.Reached != 2 {
			s.Errorf("afterwards the forecast is %+v (%v)", f, err)
		}
		s.audited("notice.end notice.start")
	})
}

// audited compares what was done about notices, the latest first.
func (s *noticeStage) audited(want string) {
	s.Helper()
	all, err := s.db.AuditBetween(s.Context(), time.Time{}, s.time().Add(time.Hour), 1000)
	if err != nil {
		s.Fatal(err)
	}
	var got []string
	for _, e := range all {
		if strings.HasPrefix(e.Action, "notice.") && e.Action != "notice.decline" {
			got = append(got, e.Action)
		}
	}
	if strings.Join(got, " ") != want {
		s.Errorf("the audit has %v, want %s", got, want)
	}
}

// An access token that is good is not renewed; one that was refused after all
// is, once.
func TestNoticeRenewsOnlyWhatItMust(t *testing.T) {
	s := onStage(t, "sqlite:"+t.TempDir()+"/portico.db", 3)
	s.grants(student(0)) // will be too old
	s.pass(accessLifeHere)
	s.grants(student(1))
	s.grants(student(2))
	s.home.ExpireAccess(student(2))
	n := s.finish(s.start(s.publish(s.time())).ID, 1)
	if n.Counts != (db.NoticeCounts{Sent: 3}) {
		t.Errorf("%+v", n.Counts)
	}
	if got := s.home.Count(campusonetest.EndpointToken); got != 2 {
		t.Errorf("%d tokens were renewed, want that of the two others", got)
	}
	if got := s.home.Count(campusonetest.EndpointAppAPI); got != 4 {
		t.Errorf("%d calls, want one each and one more after a 401", got)
	}
}

const accessLifeHere = time.Hour

// Who is blocked, deleted or not meant any more by the time of their turn gets
// nothing, and neither does who declines meanwhile.
func TestNoticeAsksAgainForEach(t *testing.T) {
	s := onStage(t, "sqlite:"+t.TempDir()+"/portico.db", 6)
	var people []db.User
	for i := range 5 {
		people = append(people, s.grants(student(i)))
	}
	n := s.start(s.publish(s.time()))
	one := s.notice(n.ID)
	i, err := s.db.Item(t.Context(), n.ItemID)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.prepare(t.Context(), &one, &i); err != nil {
		t.Fatal(err)
	}
	now := s.time()
	moved := db.Confirmation{UserID: people[2].ID, Provider: people[2].Provider, Sub: people[2].Sub, At: now, Facts: []db.Fact{{Field: db.FieldLevel, Value: "400", AsOf: now.Add(time.Second), Source: db.SourceWebhook}}}
	_, err = s.db.Confirm(t.Context(), moved)
	for _, err := range []error{
		err, s.db.Block(t.Context(), people[1].Provider, people[1].Sub, "test", "", now), s.db.Forget(t.Context(), people[3].ID, now),
		s.db.DeclineNotices(t.Context(), people[4].ID, kindRefresh, false, now),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	end := s.finish(n.ID, 1)
	if want := (db.NoticeCounts{Sent: 1, Left: 2, NoGrant: 1}); end.Counts != want || len(s.received()) != 1 || s.received()[student(0)] != 1 {
		t.Errorf("%+v, want %+v; received %v", end.Counts, want, s.received())
	}
}

// A notice of what is scheduled begins when readers see it, and then finds who
// has come by then; one of what is taken back stops, and goes on with it.
func TestNoticeFollowsItsItem(t *testing.T) {
	noticeEngines(t, 40, func(s *noticeStage) {
		s.crowd(0, 20, func(sub string) { s.grants(sub) })
		i := s.publish(s.time().Add(2 * time.Hour))
		n := s.start(i)
		if got := s.finish(n.ID, 0); got.State != db.NoticePreparing || len(s.received()) > 0 {
			s.Errorf("before it is shown: %s, %d received", got.State, len(s.received()))
		}
		s.pass(2 * time.Hour)
		s.crowd(20, 40, func(sub string) { s.grants(sub) })
		s.until(10, func() {
			if _, err := s.db.TurnItem(context.Background(), i.ID, db.TurnWithdraw, "editor", s.time()); err != nil {
				s.Error(err)
			}
		})
		stopped := s.finish(n.ID, 1)
		if stopped.State != db.NoticeStopped || stopped.Why != db.StoppedByItem || len(s.received()) != 10 || stopped.Counts.Stopped+stopped.Counts.Sent != 40 {
			s.Errorf("withdrawn: %s (%s), %d received, %+v", stopped.State, stopped.Why, len(s.received()), stopped.Counts)
		}
		if err := s.db.ResumeNotice(s.Context(), n.ID, "editor", s.time()); !errors.Is(err, db.ErrNoticeItem) {
			s.Errorf("it goes on though the item is withdrawn: %v", err)
		}
		if _, err := s.db.TurnItem(s.Context(), i.ID, db.TurnReinstate, "editor", s.time()); err != nil {
			s.Fatal(err)
		}
		if err := s.db.ResumeNotice(s.Context(), n.ID, "editor", s.time()); err != nil {
			s.Fatal(err)
		}
		if end := s.finish(n.ID, 1); end.Counts != (db.NoticeCounts{Sent: 40}) || s.doubled() > 0 {
			s.Errorf("put back: %+v, %d doubled", end.Counts, s.doubled())
		}
	})
}

// until does something in the moment after so many notifications have arrived.
func (s *noticeStage) until(n int, do func()) {
	s.wire.set(nil, func(r *http.Request) {
		if isNotification(r) && len(s.home.Notifications("")) == n {
			s.wire.set(nil, nil)
			do()
		}
	})
}

func isNotification(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/notifications") }

func TestNoticeStopsAndGoesOn(t *testing.T) {
	noticeEngines(t, 30, func(s *noticeStage) {
		s.crowd(0, 30, func(sub string) { s.grants(sub) })
		i := s.publish(s.time())
		n := s.start(i)
		s.until(7, func() {
			if err := s.db.StopNotice(context.Background(), n.ID, db.StoppedByHand, "editor", s.time()); err != nil {
				s.Error(err)
			}
		})
		stopped := s.finish(n.ID, 1)
		if want := (db.NoticeCounts{Sent: 7, Stopped: 23}); stopped.State != db.NoticeStopped || stopped.Counts != want || len(s.received()) != 7 {
			s.Errorf("stopped: %s, %+v, %d received", stopped.State, stopped.Counts, len(s.received()))
		}
		if err := s.round(s.Context()); err != nil || len(s.received()) != 7 {
			s.Errorf("a stopped notice went on (%v)", err)
		}
		if err := s.db.ResumeNotice(s.Context(), n.ID, "editor", s.time()); err != nil {
			s.Fatal(err)
		}
		if end := s.finish(n.ID, 1); end.State != db.NoticeDone || end.Counts != (db.NoticeCounts{Sent: 30}) || s.doubled() > 0 {
			s.Errorf("went on: %s, %+v, %d doubled", end.State, end.Counts, s.doubled())
		}
		s.audited("notice.end notice.resume notice.stop notice.start")
		if err := s.db.StopNotice(s.Context(), n.ID, db.StoppedByHand, "editor", s.time()); !errors.Is(err, db.ErrNoticeOver) {
			s.Errorf("a notice that is over was stopped: %v", err)
		}
	})
}

// While Campus One answers with nothing but trouble, nobody's turns are used
// up; the pauses grow, and Retry-After is heeded.
func TestNoticeWaitsOutTrouble(t *testing.T) {
	for name, c := range map[string]struct {
		answer campusonetest.Answer
		most   int // calls in three hours
	}{
		"429 with Retry-After": {campusonetest.Busy(600), 19},
		"503":                  {campusonetest.Refusal(503, "away"), 30},
		"no answer":            {campusonetest.Answer{Drop: true}, 60}, // the transport tries once more by itself
	} {
		t.Run(name, func(t *testing.T) {
			s := onStage(t, "sqlite:"+t.TempDir()+"/portico.db", 20)
			s.crowd(0, 20, func(sub string) { s.grants(sub) })
			s.home.SetFault(func(f *campusonetest.Fault) { f.AppAPI.Answer = c.answer })
			n := s.start(s.publish(s.time()))
			for end := s.time().Add(3 * time.Hour); s.time().Before(end); s.pass(lookEvery) {
				if err := s.round(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if got := s.home.Count(campusonetest.EndpointAppAPI); got > c.most || got < 6 {
				t.Errorf("%d calls in three hours, want 6 to %d", got, c.most)
			}
			stuck, err := s.Stuck(t.Context())
			if err != nil || len(stuck) != 1 || stuck[0].Trouble == "" {
				t.Errorf("stuck: %+v (%v)", stuck, err)
			}
			s.home.ClearFaults()
			end := s.finish(n.ID, 1)
			if end.Counts != (db.NoticeCounts{Sent: 20}) || s.doubled() > 0 {
				t.Errorf("afterwards %+v, %d doubled", end.Counts, s.doubled())
			}
		})
	}
}

// What may have arrived over a day ago is not sent again: Campus One may have
// forgotten the key.
func TestNoticeIsNotSentAgainAfterADay(t *testing.T) {
	s := onStage(t, "sqlite:"+t.TempDir()+"/portico.db", 2)
	s.grants(student(0))
	n := s.start(s.publish(s.time()))
	s.home.SetFault(func(f *campusonetest.Fault) { f.AppAPI.Status, f.AppAPI.Times = 500, 1 }) // stored, and told otherwise
	s.until(1, func() {
		if err := s.db.StopNotice(context.Background(), n.ID, db.StoppedByHand, "editor", s.time()); err != nil {
			t.Error(err)
		}
	})
	s.finish(n.ID, 1)
	s.pass(25 * time.Hour)
	if err := s.db.ResumeNotice(t.Context(), n.ID, "editor", s.time()); err != nil {
		t.Fatal(err)
	}
	if end := s.finish(n.ID, 1); end.Counts != (db.NoticeCounts{Failed: 1}) || len(s.home.Notifications("")) != 1 {
		t.Errorf("%+v, %d received", end.Counts, len(s.home.Notifications("")))
	}
}

// What Campus One refuses of one after the other it would refuse of all: the
// notice stops, and nobody is lost to it.
func TestNoticeStopsWhenRefused(t *testing.T) {
	s := onStage(t, "sqlite:"+t.TempDir()+"/portico.db", 12)
	s.crowd(0, 12, func(sub string) { s.grants(sub) })
	s.home.SetFault(func(f *campusonetest.Fault) { f.AppAPI.Answer = campusonetest.Refusal(400, "validation") })
	n := s.start(s.publish(s.time()))
	stopped := s.finish(n.ID, 1)
	if stopped.State != db.NoticeStopped || stopped.Why != db.StoppedByRefusal || stopped.Counts != (db.NoticeCounts{Stopped: 12}) {
		t.Errorf("%s (%s) %+v", stopped.State, stopped.Why, stopped.Counts)
	}
	if got := s.home.Count(campusonetest.EndpointAppAPI); got != refusalsInARow {
		t.Errorf("%d calls, want %d", got, refusalsInARow)
	}
	if stuck, err := s.Stuck(t.Context()); err != nil || len(stuck) != 1 {
		t.Errorf("stuck: %+v (%v)", stuck, err)
	}
	s.home.ClearFaults()
	if err := s.db.ResumeNotice(t.Context(), n.ID, "editor", s.time()); err != nil {
		t.Fatal(err)
	}
	if end := s.finish(n.ID, 1); end.Counts != (db.NoticeCounts{Sent: 12}) {
		t.Errorf("mended: %+v", end.Counts)
	}
}

// Switched off, what is on its way stops, and nothing is sent.
func TestNoticesSwitchedOffStop(t *testing.T) {
	s := onStage(t, "sqlite:"+t.TempDir()+"/portico.db", 3)
	s.crowd(0, 3, func(sub string) { s.grants(sub) })
	n := s.start(s.publish(s.time()))
	s.shut()
	s.open(false)
	if got := s.finish(n.ID, 1); got.State != db.NoticeStopped || got.Why != db.StoppedByOff || len(s.received()) > 0 {
		t.Errorf("%s (%s), %d received", got.State, got.Why, len(s.received()))
	}
}

// A short notice does not wait for the end of a long one.
func TestNoticesTakeTurns(t *testing.T) {
	s := onStage(t, "sqlite:"+t.TempDir()+"/portico.db", 101)
	s.crowd(0, 100, func(sub string) { s.grants(sub) })
	long := s.start(s.publish(s.time()))
	lecturer := s.grants(student(100))
	i, err := s.db.CreateItem(t.Context(), db.Announcement, db.Content{Slug: "short", Title: "Short", Publish: s.time(), Audience: Audience{To: Groups, Groups: []Group{{AboutPerson: {lecturer.ID}}}}.Text()}, "editor", s.time())
	if err != nil {
		t.Fatal(err)
	}
	short := s.start(i)
	got := s.finish(short.ID, 1)
	if took := got.Ended.Sub(got.Started); got.Counts.Sent != 1 || took > 10*time.Second {
		t.Errorf("the short one took %v, %+v", took, got.Counts)
	}
	if took := s.notice(long.ID).Ended.Sub(long.Started); took < 100*time.Second {
		t.Errorf("the long one took %v", took)
	}
}
