package dbtest

import (
	"math"
	"slices"
	"time"

	"portico/db"
)

var accountTests = map[string]func(suite){
	"a session ended from a list is noted":      testEndNoted,
	"all other sessions end":                    testEndOthers,
	"a session of a shared computer is shorter": testShareSession,
	"a person is forgotten":                     testForget,
	"a read that waited is forgotten too":       testForgetWaitingRead,
	"everything about a person":                 testHoldings,
}

func testEndNoted(s suite) {
	u, session := s.signIn(signIn("amina", after(10)))
	e := db.Ending{By: u.ID, Reason: "lost phone", At: after(20)}
	for range 2 { // the second time changes nothing
		s.must(s.db.EndSessionByID(s.Context(), u.ID, session.ID, e))
	}
	s.equal(s.session(session.TokenHash).EndedWhy, "by hand")
	s.equal(s.audited(), []db.AuditEntry{{At: after(20), Actor: u.ID, Action: "session.end", Object: u.ID, Detail: "lost phone"}})
}

func testEndOthers(s suite) {
	u, here := s.signIn(signIn("amina", after(10)))
	_, there := s.signIn(signIn("amina", after(11)))
	_, ahead := s.signIn(signIn("amina", after(99)))
	_, obi := s.signIn(signIn("obi", after(10)))
	s.must(s.db.EndOthers(s.Context(), u.ID, here.TokenHash, db.Ending{By: u.ID, At: after(20)}))
	ended := func(session db.Session) time.Time { return s.session(session.TokenHash).Ended }
	s.equal([]time.Time{ended(here), ended(there), ended(ahead), ended(obi)}, []time.Time{{}, after(20), after(20), {}})
	s.equal(s.audited(), []db.AuditEntry{{At: after(20), Actor: u.ID, Action: "sessions.end", Object: u.ID}})
}

func testShareSession(s suite) {
	_, session := s.signIn(signIn("amina", after(10)))
	s.must(s.db.ShareSession(s.Context(), session.TokenHash, time.Minute, after(3600), after(20)))
	s.must(s.db.ShareSession(s.Context(), session.TokenHash, time.Hour, after(9000), after(30))) // longer is not given
	got := s.session(session.TokenHash)
	s.equal([]any{got.Shared, got.Idle, got.Expires, got.Ended}, []any{true, time.Minute, after(3600), time.Time{}})
	s.must(s.db.EndSession(s.Context(), session.TokenHash, "x", after(40)))
	s.mustBe(s.db.ShareSession(s.Context(), session.TokenHash, time.Second, after(50), after(41)), db.ErrEnded)
	s.equal(s.session(session.TokenHash).Idle, time.Minute)
}

// known signs somebody in of whom everything is kept that can be.
func (s suite) known(sub string, item db.Item) (db.User, db.Session) {
	s.Helper()
	ctx := s.Context()
	u := s.met(sub, "Amina Yusuf", sub+"@nile.example", "256240001", 10)
	_, session := s.signIn(signIn(sub, after(12)))
	s.must(s.db.SaveReads(ctx, []db.Read{{UserID: u.ID, ItemID: item.ID, Opened: after(13)}}))
	s.must(s.db.NewCalendarAddress(ctx, u.ID, "hash of "+sub, after(14)))
	s.must(s.db.SaveToken(ctx, db.Token{UserID: u.ID, Kind: "refresh", Sealed: []byte("sealed"), Stored: after(15)}))
	_, err := s.db.NoteGrant(ctx, u.ID, true, after(15))
	s.must(err)
	s.must(s.db.Park(ctx, u.ID, sub, []byte("sealed"), after(15), after(0)))
	return u, session
}

func (s suite) holdings(userID string) db.Holdings {
	s.Helper()
	h, err := s.db.Holdings(s.Context(), userID)
	s.must(err)
	return h
}

func testForget(s suite) {
	ctx := s.Context()
	item := s.create(db.Announcement, notice("Hall change"), after(1))
	u, session := s.known("amina", item)
	other, others := s.known("obi", item)
	_, ahead := s.signIn(signIn("amina", after(99)))
	s.must(s.db.AllowNotices(ctx, other.ID, after(16)))
	s.must(s.db.DeclineNotices(ctx, u.ID, "other", false, after(16)))
	s.must(s.db.Forget(ctx, u.ID, after(20)))
	s.equal([]db.Consent{s.consent(u.ID), s.consent(other.ID)}, []db.Consent{{Declined: after(16)}, {Granted: after(15)}})

	for _, one := range []db.Session{session, ahead} {
		got := s.session(one.TokenHash)
		s.equal([]any{got.Device, got.Network, got.Created, got.LastSeen, got.Began, got.Ended}, []any{"", "", after(20), after(20), after(20), after(20)})
	}
	h := s.holdings(u.ID)
	s.equal([]int{len(h.Reads), len(h.SignIns), len(h.Calendar), len(h.Standing)}, []int{0, 0, 0, 0})
	s.equal([]string{h.Name(), h.StudentID()}, []string{"Amina Yusuf", "256240001"}) // Campus One's to tell
	s.equal(h.Audit[0], db.AuditEntry{At: after(20), Actor: u.ID, Action: "forget", Object: u.ID})
	_, err := s.db.TakeParked(ctx, "amina", after(0))
	s.mustBe(err, db.ErrNotFound)
	_, err = s.db.CalendarPerson(ctx, "hash of amina")
	s.mustBe(err, db.ErrNotFound)
	_, _, err = s.db.SignIn(ctx, signIn("amina", after(20)))
	s.mustBe(err, db.ErrEnded)

	kept := s.holdings(other.ID)
	s.equal([]int{len(kept.Reads), len(kept.SignIns), len(kept.Calendar), len(kept.Standing)}, []int{1, 2, 1, 1})
	s.equal(s.session(others.TokenHash).Ended, time.Time{})
	again, _ := s.signIn(signIn("amina", after(30)))
	s.equal(again.ID, u.ID)
	s.mustBe(s.db.Forget(ctx, "nobody", after(40)), db.ErrNotFound)
	s.deliver(after(50), db.Effect{Sub: "amina", Delete: true})
	s.mustBe(s.db.Forget(ctx, u.ID, after(60)), db.ErrNotFound)
}

func testForgetWaitingRead(s suite) {
	item := s.create(db.Announcement, notice("Hall change"), after(1))
	u, _ := s.signIn(signIn("amina", after(10)))
	s.must(s.db.Forget(s.Context(), u.ID, after(20)))
	for opened, want := range map[int]int{19: 0, 20: 0} {
		s.must(s.db.SaveReads(s.Context(), []db.Read{{UserID: u.ID, ItemID: item.ID, Opened: after(opened)}}))
		s.equal(len(s.holdings(u.ID).Reads), want)
	}
	s.must(s.db.SaveReads(s.Context(), []db.Read{{UserID: u.ID, ItemID: item.ID, Opened: after(21)}}))
	s.equal(len(s.holdings(u.ID).Reads), 1)
}

func testHoldings(s suite) {
	ctx := s.Context()
	item := s.create(db.Announcement, notice("Hall change"), after(1))
	u, session := s.known("amina", item)
	s.known("obi", item)
	s.must(s.db.Grant(ctx, "publish", "amina@nile.example", "operator", after(16)))
	s.deliver(after(17), db.Effect{Sub: "amina", Facts: []db.Fact{told(db.FieldRole, "staff", after(17))}})
	s.must(s.db.Block(ctx, provider, "obi", u.ID, "spam", after(18)))
	written, err := s.db.UpdateItem(ctx, item.ID, item.Version, item.Content, u.ID, after(18))
	s.must(err)
	s.must(s.db.SaveSettings(ctx, map[string][]byte{"motto": []byte("All that grows.")}, asText, u.ID, after(18)))
	s.must(s.db.Grant(ctx, "reports", "obi@nile.example", u.ID, after(18)))
	h := s.holdings(u.ID)
	s.equal(h.Written, []db.HeldVersion{{Item: item.ID, Version: written.Version, Saved: after(18)}})
	s.equal(h.Settings, []db.HeldSetting{{Key: "motto", Saved: after(18)}})
	s.equal(h.Given, []db.HeldGrant{{Permission: "reports", Given: after(18)}})
	s.equal(h.Reads, []db.Read{{UserID: u.ID, ItemID: item.ID, Opened: after(13)}})
	s.equal(h.Calendar, []db.CalendarAddress{{UserID: u.ID, Created: after(14)}})
	s.equal(h.Standing, []db.HeldToken{{Kind: "refresh", Updated: after(15)}})
	s.equal([]int{len(h.SignIns), len(h.Sessions), len(h.Timeline)}, []int{2, 2, 2})
	s.equal(h.Sessions[0].ID, session.ID)
	s.equal([]any{len(h.Deliveries), string(h.Deliveries[0].Body), h.Deliveries[0].State}, []any{1, "{}", db.StateProcessed})
	s.equal(slices.Contains(h.Done, db.AuditEntry{At: after(18), Actor: u.ID, Action: "block", Object: "obi", Detail: "spam"}), true)
	mine := func(e []db.AuditEntry, action string) (n int) {
		for _, one := range e {
			if one.Action == action {
				n++
			}
		}
		return n
	}
	s.equal([]int{mine(h.Audit, "grant"), mine(h.Audit, "block"), mine(h.Audit, "calendar.create")}, []int{1, 0, 1})
	first := u.OrderedFacts()
	s.equal([]string{first[0].Field, first[1].Field, first[2].Field}, []string{db.FieldName, db.FieldEmail, db.FieldStudentID})
	_, err = s.db.Holdings(ctx, "nobody")
	s.mustBe(err, db.ErrNotFound)
	all, err := s.db.SignInsOf(ctx, u.ID, time.Time{}, math.MaxInt32)
	s.must(err)
	s.equal(len(all), 2)
}
