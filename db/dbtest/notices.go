package dbtest

import (
	"encoding/json"
	"time"

	"portico/db"
)

var noticeTests = map[string]func(suite){
	"one notice of an item at a time":        testOneNotice,
	"what may be notified of":                testNoticeItem,
	"a notice stops and goes on":             testNoticeStops,
	"who is due, and in which order":         testDuePeople,
	"what came of a turn counts":             testSettle,
	"an erased item takes its notices along": testNoticeErased,
	"a forgotten person was not notified":    testNoticeForgotten,
	"counts outlive the names":               testNoticePurged,
	"notices that are stuck":                 testStuckNotices,
	"whom a notice can reach":                testReachable,
}

func (s suite) startNotice(itemID, last string, at int) (db.Notice, error) {
	return s.db.StartNotice(s.Context(), db.Notice{ItemID: itemID, Title: "Hall change", Body: "Now in B 12", Type: "info", By: "editor"}, last, after(at))
}

// begun is a notice on its way to these people.
func (s suite) begun(itemID string, at int, people ...string) db.Notice {
	s.Helper()
	n, err := s.startNotice(itemID, "", at)
	s.must(err)
	var rows []db.NoticePerson
	for _, id := range people {
		rows = append(rows, db.NoticePerson{UserID: id, State: db.SendWaiting})
	}
	s.must(s.db.EnrolPeople(s.Context(), n.ID, rows, after(at)))
	s.must(s.db.EnrolPeople(s.Context(), n.ID, rows, after(at))) // as after a crash
	s.must(s.db.BeginNotice(s.Context(), n.ID, after(at)))
	return s.noticeOf(n.ID)
}

func (s suite) noticeOf(id string) db.Notice {
	s.Helper()
	n, err := s.db.Notice(s.Context(), id)
	s.must(err)
	return n
}

func (s suite) crew(subs ...string) (ids []string) {
	s.Helper()
	for _, sub := range subs {
		u, _ := s.signIn(signIn(sub, after(1)))
		ids = append(ids, u.ID)
	}
	return ids
}

func testOneNotice(s suite) {
	i := s.create(db.Announcement, notice("Hall change"), after(1))
	first, err := s.startNotice(i.ID, "", 10)
	s.must(err)
	s.equal(s.noticeOf(first.ID), db.Notice{
		ID: first.ID, ItemID: i.ID, Title: "Hall change", Body: "Now in B 12", Type: "info", State: db.NoticePreparing, Started: after(10), By: "editor", Moved: after(10),
	})
	_, err = s.startNotice(i.ID, first.ID, 11)
	s.mustBe(err, db.ErrNoticeRunning)
	s.must(s.db.StopNotice(s.Context(), first.ID, db.StoppedByHand, "editor", after(12)))
	_, err = s.startNotice(i.ID, "", 13) // as from a page that was drawn before
	s.mustBe(err, db.ErrNoticeSince)
	second, err := s.startNotice(i.ID, first.ID, 14)
	s.must(err)
	s.mustBe(s.db.ResumeNotice(s.Context(), first.ID, "editor", after(15)), db.ErrNoticeRunning)
	all, err := s.db.NoticesOf(s.Context(), i.ID)
	s.must(err)
	s.equal([]string{all[0].ID, all[1].ID}, []string{second.ID, first.ID})
	open, err := s.db.OpenNotices(s.Context())
	s.must(err)
	s.equal([]any{len(open), open[0].ID}, []any{1, second.ID})
}

func testNoticeItem(s suite) {
	ctx := s.Context()
	try := func(id string, at int, want error) {
		s.Helper()
		_, err := s.startNotice(id, "", at)
		s.mustBe(err, want)
	}
	draft := notice("Not yet")
	draft.Draft = true
	try(s.create(db.Announcement, draft, after(1)).ID, 10, db.ErrNoticeItem)
	try(s.create(db.FreePage, notice("Handbook"), after(1)).ID, 10, db.ErrNoticeItem)
	over := notice("Over")
	over.Publish, over.Until = after(1), after(5)
	try(s.create(db.Announcement, over, after(1)).ID, 10, db.ErrNoticeItem)
	gone := s.create(db.Announcement, notice("Gone"), after(1))
	_, err := s.db.TurnItem(ctx, gone.ID, db.TurnWithdraw, "editor", after(2))
	s.must(err)
	try(gone.ID, 10, db.ErrNoticeItem)
	try("nothing", 10, db.ErrNotFound)
	ahead := notice("Ahead")
	ahead.Publish = after(500)
	_, err = s.startNotice(s.create(db.Announcement, ahead, after(1)).ID, "", 10)
	s.must(err)
}

func testNoticeStops(s suite) {
	ctx := s.Context()
	i := s.create(db.Announcement, notice("Hall change"), after(1))
	ids := s.crew("amina", "obi", "chidi")
	n := s.begun(i.ID, 10, ids...)
	s.equal(n.Counts, db.NoticeCounts{Waiting: 3})
	s.mustBe(s.db.EndNotice(ctx, n.ID, after(11)), db.ErrNoticeOver)
	heard := s.listen()
	s.must(s.db.StopNotice(ctx, n.ID, db.StoppedByHand, "editor", after(20)))
	heard.expect(time.Second, db.Change{Kind: "notice", Key: n.ID})
	s.mustBe(s.db.StopNotice(ctx, n.ID, db.StoppedByItem, "", after(21)), db.ErrNoticeOver)
	stopped := s.noticeOf(n.ID)
	s.equal([]any{stopped.State, stopped.Why, stopped.Ended, stopped.Counts}, []any{db.NoticeStopped, db.StoppedByHand, after(20), db.NoticeCounts{Stopped: 3}})
	s.mustBe(s.db.EnrolPeople(ctx, n.ID, nil, after(22)), db.ErrNoticeOver)
	s.mustBe(s.db.EndNotice(ctx, n.ID, after(23)), db.ErrNoticeOver) // whoever was sending it finds nobody left, and leaves it to go on
	s.must(s.db.ResumeNotice(ctx, n.ID, "editor", after(30)))
	again := s.noticeOf(n.ID)
	s.equal([]any{again.State, again.Ended, again.Counts}, []any{db.NoticePreparing, time.Time{}, db.NoticeCounts{Waiting: 3}})
	s.must(s.db.BeginNotice(ctx, n.ID, after(31)))
	for _, id := range ids {
		s.must(s.db.SettlePerson(ctx, db.NoticePerson{NoticeID: n.ID, UserID: id, State: db.SendSent, FirstTry: after(32)}, after(33)))
	}
	s.must(s.db.EndNotice(ctx, n.ID, after(40)))
	s.mustBe(s.db.ResumeNotice(ctx, n.ID, "editor", after(41)), db.ErrNoticeOver)
	done, err := s.db.AuditBetween(ctx, after(10), after(99), 9)
	s.must(err)
	var did []string
	for _, e := range done {
		did = append(did, e.Action+" by "+e.Actor)
		s.equal(e.Object, i.ID)
	}
	s.equal(did, []string{"notice.end by portal", "notice.resume by editor", "notice.stop by editor", "notice.start by editor"})
	s.equal(done[0].Detail, "notice "+n.ID+": sent 3, failed 0, not granted 0, expired 0, not meant any more 0, stopped 0")
}

func testDuePeople(s suite) {
	ctx := s.Context()
	i := s.create(db.Announcement, notice("Hall change"), after(1))
	ids := s.crew("none", "old", "new", "ready late", "ready soon")
	n := s.begun(i.ID, 10, ids...)
	for at, k := range map[string][2]int{ids[1]: {1, 0}, ids[2]: {5, 90}, ids[3]: {3, 900}, ids[4]: {4, 500}} {
		s.must(s.db.SaveToken(ctx, db.Token{UserID: at, Kind: "refresh", Sealed: []byte("t"), Access: []byte("a"), AccessUntil: after(k[1]), Stored: after(k[0])}))
	}
	due := func(ready bool, at int) (got []string) {
		all, err := s.db.DuePeople(ctx, n.ID, "refresh", ready, after(at), after(100), 9)
		s.must(err)
		for _, p := range all {
			got = append(got, p.UserID)
		}
		return got
	}
	s.equal(due(false, 10), []string{ids[0], ids[1], ids[2]})
	s.equal(due(true, 10), []string{ids[4], ids[3]})
	s.equal(len(due(true, 9)), 0)
	s.must(s.db.SettlePerson(ctx, db.NoticePerson{NoticeID: n.ID, UserID: ids[0], State: db.SendWaiting, Tries: 1, NextTry: after(50), Reason: "timeout"}, after(20)))
	s.must(s.db.SettlePerson(ctx, db.NoticePerson{NoticeID: n.ID, UserID: ids[4], State: db.SendWaiting, Tries: 1, NextTry: after(20), Reason: ""}, after(20)))
	s.equal(due(false, 49), []string{ids[1], ids[2]})
	s.equal(due(false, 50), []string{ids[1], ids[2], ids[0]})
	s.equal(due(true, 50), []string{ids[3], ids[4]})
	waiting, unready, first, err := s.db.WaitingPeople(ctx, n.ID, "refresh", after(100))
	s.must(err)
	s.equal([]any{waiting, unready, first}, []any{5, 3, after(10)})
}

func testSettle(s suite) {
	ctx := s.Context()
	i := s.create(db.Announcement, notice("Hall change"), after(1))
	ids := s.crew("amina", "obi", "chidi")
	n := s.begun(i.ID, 10, ids...)
	row := func(id, state string, tries int) db.NoticePerson {
		return db.NoticePerson{NoticeID: n.ID, UserID: id, State: state, Tries: tries, NextTry: after(30), Reason: "why"}
	}
	try := func(id string, at int) bool {
		ok, err := s.db.TryPerson(ctx, row(id, "", 0), after(at))
		s.must(err)
		return ok
	}
	s.equal(try(ids[0], 10), false) // nobody granted it
	s.grant(ids[0], true, 10)
	s.equal([]bool{try(ids[0], 11), try(ids[0], 12)}, []bool{true, true})
	s.must(s.db.DeclineNotices(ctx, ids[0], "refresh", true, after(12)))
	s.equal(try(ids[0], 12), false) // a no counts, however late it comes
	s.must(s.db.AllowNotices(ctx, ids[0], after(12)))
	due, err := s.db.DuePeople(ctx, n.ID, "refresh", false, after(20), after(20), 9)
	s.must(err)
	for _, p := range due {
		if p.UserID == ids[0] {
			s.equal(p.FirstTry, after(11))
		}
	}
	s.must(s.db.SettlePerson(ctx, row(ids[0], db.SendWaiting, 1), after(13)))
	s.equal([]any{s.noticeOf(n.ID).Trouble, s.noticeOf(n.ID).Moved}, []any{"why", after(10)})
	s.must(s.db.SettlePerson(ctx, row(ids[1], db.SendSent, 0), after(14)))
	s.equal([]any{s.noticeOf(n.ID).Trouble, s.noticeOf(n.ID).Moved}, []any{"", after(14)})

	// Two were in hand when the notice was stopped: what is known counts, and nobody waits again.
	s.must(s.db.StopNotice(ctx, n.ID, db.StoppedByHand, "editor", after(20)))
	s.must(s.db.SettlePerson(ctx, row(ids[0], db.SendWaiting, 2), after(21)))
	s.must(s.db.SettlePerson(ctx, row(ids[2], db.SendSent, 0), after(21)))
	s.must(s.db.SettlePerson(ctx, row(ids[1], db.SendFailed, 0), after(22))) // it was sent already
	s.equal(s.noticeOf(n.ID).Counts, db.NoticeCounts{Sent: 2, Stopped: 1})
	s.equal(try(ids[0], 23), false)
}

func testNoticeErased(s suite) {
	ctx := s.Context()
	i := s.create(db.Announcement, notice("Hall change"), after(1))
	n := s.begun(i.ID, 10, s.crew("amina")...)
	s.must(s.db.EraseItem(ctx, i.ID, "editor", after(20)))
	_, err := s.db.Notice(ctx, n.ID)
	s.mustBe(err, db.ErrNotFound)
	s.mustBe(s.db.BeginNotice(ctx, n.ID, after(21)), db.ErrNotFound)
}

func testNoticeForgotten(s suite) {
	ctx := s.Context()
	i := s.create(db.Announcement, notice("Hall change"), after(1))
	ids := s.crew("amina", "obi", "chidi")
	n := s.begun(i.ID, 10, ids...)
	s.equal(s.holdings(ids[0]).Notified, []db.Notified{{ItemID: i.ID, Title: "Hall change", State: db.SendWaiting}})
	s.must(s.db.Forget(ctx, ids[0], after(20)))
	s.deliver(after(21), db.Effect{Sub: "obi", Delete: true})
	s.must(s.db.SettlePerson(ctx, db.NoticePerson{NoticeID: n.ID, UserID: ids[0], State: db.SendSent}, after(22)))
	s.equal(s.noticeOf(n.ID).Counts, db.NoticeCounts{Waiting: 1})
	s.equal(len(s.holdings(ids[0]).Notified), 0)
}

func testNoticePurged(s suite) {
	ctx := s.Context()
	ids := s.crew("amina", "obi", "chidi")
	over := s.begun(s.create(db.Announcement, notice("Hall change"), after(1)).ID, 10, ids...)
	for _, id := range ids {
		s.must(s.db.SettlePerson(ctx, db.NoticePerson{NoticeID: over.ID, UserID: id, State: db.SendExpired}, after(11)))
	}
	s.must(s.db.EndNotice(ctx, over.ID, after(20)))
	stopped := s.begun(s.create(db.Announcement, notice("Lab"), after(1)).ID, 10, ids...)
	s.must(s.db.StopNotice(ctx, stopped.ID, db.StoppedByHand, "editor", after(20)))
	purge := func(before int) (all []int) {
		for {
			n, err := s.db.PurgeNotified(ctx, after(before), 2)
			s.must(err)
			if all = append(all, n); n < 2 {
				return all
			}
		}
	}
	s.equal(purge(20), []int{0})
	s.equal(purge(21), []int{2, 1})
	s.equal(s.noticeOf(over.ID).Counts, db.NoticeCounts{Expired: 3})
	s.must(s.db.CloseNotices(ctx, after(20), after(30)))
	s.equal(s.noticeOf(stopped.ID).State, db.NoticeStopped)
	s.must(s.db.CloseNotices(ctx, after(21), after(30)))
	closed := s.noticeOf(stopped.ID)
	s.equal([]any{closed.State, closed.Counts}, []any{db.NoticeDone, db.NoticeCounts{Stopped: 3}})
	s.equal(purge(31), []int{2, 1})
	latest := func(since int) int {
		all, err := s.db.LatestNotices(ctx, after(since), 9)
		s.must(err)
		return len(all)
	}
	s.equal([]int{latest(20), latest(21), latest(31)}, []int{2, 1, 0})
}

func testStuckNotices(s suite) {
	ctx := s.Context()
	ids := s.crew("amina")
	slow := s.begun(s.create(db.Announcement, notice("Hall change"), after(1)).ID, 100, ids...)
	ahead := notice("Ahead")
	ahead.Publish = after(500)
	later := s.begun(s.create(db.Announcement, ahead, after(1)).ID, 100, ids...)
	refused := s.begun(s.create(db.Announcement, notice("Lab"), after(1)).ID, 100, ids...)
	s.must(s.db.StopNotice(ctx, refused.ID, db.StoppedByRefusal, "", after(100)))
	byHand := s.begun(s.create(db.Announcement, notice("Exam"), after(1)).ID, 100, ids...)
	s.must(s.db.StopNotice(ctx, byHand.ID, db.StoppedByHand, "editor", after(100)))
	stuck := func(still, stopped int) map[string]bool {
		all, err := s.db.StuckNotices(ctx, after(still), after(stopped))
		s.must(err)
		got := map[string]bool{}
		for _, n := range all {
			got[n.ID] = true
		}
		return got
	}
	s.equal(stuck(100, 101), map[string]bool{})
	s.equal(stuck(101, 100), map[string]bool{slow.ID: true, refused.ID: true})
	s.equal(stuck(501, 101), map[string]bool{slow.ID: true, later.ID: true})
}

func testReachable(s suite) {
	ctx := s.Context()
	ids := s.crew("amina", "obi", "kept out")
	s.must(s.db.Block(ctx, provider, "kept out", "test", "", after(2)))
	s.must(s.db.SaveToken(ctx, db.Token{UserID: ids[0], Kind: "refresh", Sealed: []byte("t"), Access: []byte("a"), AccessUntil: after(90), Stored: after(5)}))
	s.grant(ids[0], true, 4)
	got := map[string]db.Reachable{}
	more, err := s.db.EachReachable(ctx, "refresh", 9, func(u *db.User, r db.Reachable) { got[u.Sub] = r })
	s.must(err)
	s.equal(got, map[string]db.Reachable{"amina": {Consent: db.Consent{Granted: after(4)}, Stored: after(5), AccessUntil: after(90)}, "obi": {}})
	s.equal(more, false)
	n := 0
	more, err = s.db.EachReachable(ctx, "refresh", 1, func(*db.User, db.Reachable) { n++ })
	s.must(err)
	s.equal([]any{more, n}, []any{true, 1})
	text, err := json.Marshal(db.NoticeCounts{Sent: 2})
	s.must(err)
	s.equal(string(text), `{"sent":2}`)
}
