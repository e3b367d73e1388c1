package dbtest

import (
	"time"

	"portico/db"
)

var consentTests = map[string]func(suite){
	"a grant is noted once":                 testNoteGrant,
	"who declines is not asked again":       testDecline,
	"disconnecting takes the grant":         testDisconnectTakesGrant,
	"tokens that are kept to notify people": testNotifiableHolders,
}

func (s suite) consent(userID string) db.Consent {
	s.Helper()
	c, err := s.db.Consent(s.Context(), userID)
	s.must(err)
	return c
}

func (s suite) grant(userID string, granted bool, at int) db.Consent {
	s.Helper()
	c, err := s.db.NoteGrant(s.Context(), userID, granted, after(at))
	s.must(err)
	return c
}

func testNoteGrant(s suite) {
	u, _ := s.signIn(signIn("amina", after(1)))
	s.equal(s.grant(u.ID, false, 2), db.Consent{})
	s.equal(s.grant(u.ID, true, 3), db.Consent{Granted: after(3)})
	s.equal(s.grant(u.ID, true, 4), db.Consent{Granted: after(3)})
	s.equal(s.consent(u.ID), db.Consent{Granted: after(3)})
	s.equal(s.grant(u.ID, false, 5), db.Consent{})
	s.equal(s.consent(u.ID), db.Consent{})
	s.grant(u.ID, true, 6)
	s.must(s.db.ForgetGrants(s.Context()))
	s.equal(s.consent(u.ID), db.Consent{})
}

func testDecline(s suite) {
	ctx := s.Context()
	u, _ := s.signIn(signIn("amina", after(1)))
	save := func() {
		s.must(s.db.SaveToken(ctx, db.Token{UserID: u.ID, Kind: "refresh", Sealed: []byte("r"), Access: []byte("a"), AccessUntil: after(900), Stored: after(2)}))
	}
	save()
	s.grant(u.ID, true, 2)
	s.must(s.db.DeclineNotices(ctx, u.ID, "refresh", true, after(3)))
	got, err := s.db.Token(ctx, u.ID, "refresh")
	s.must(err)
	s.equal(got, db.Token{UserID: u.ID, Kind: "refresh", Sealed: []byte("r"), Stored: after(2)})
	// A renewal that was under way when they said no brings nothing back to notify with.
	replaced, err := s.db.ReplaceToken(ctx, []byte("r"), db.Token{UserID: u.ID, Kind: "refresh", Sealed: []byte("r2"), Access: []byte("a2"), AccessUntil: after(900), Stored: after(3)})
	s.must(err)
	got, err = s.db.Token(ctx, u.ID, "refresh")
	s.must(err)
	s.equal([]any{replaced, got}, []any{true, db.Token{UserID: u.ID, Kind: "refresh", Sealed: []byte("r2"), Stored: after(3)}})
	save()
	s.must(s.db.DeclineNotices(ctx, u.ID, "refresh", false, after(4)))
	s.equal(s.token(u.ID), "")
	c := s.grant(u.ID, true, 5)
	s.equal([]any{c, c.May()}, []any{db.Consent{Granted: after(2), Declined: after(4)}, false})
	s.must(s.db.AllowNotices(ctx, u.ID, after(6)))
	s.equal(s.consent(u.ID).May(), true)
	s.mustBe(s.db.AllowNotices(ctx, "nobody", after(6)), db.ErrNotFound)
	done, err := s.db.AuditBetween(ctx, after(0), after(99), 9)
	s.must(err)
	s.equal([]string{done[0].Action, done[1].Action, done[0].Object, done[0].Actor}, []string{"notice.allow", "notice.decline", u.ID, u.ID})
}

func testDisconnectTakesGrant(s suite) {
	u, _ := s.signIn(signIn("amina", after(1)))
	s.grant(u.ID, true, 10)
	s.deliver(after(9), db.Effect{Sub: "amina", EndBefore: after(9), DropTokens: true}) // it was granted again since
	s.equal(s.consent(u.ID), db.Consent{Granted: after(10)})
	s.deliver(after(20), db.Effect{Sub: "amina", EndBefore: after(20), DropTokens: true})
	s.equal(s.consent(u.ID), db.Consent{})
}

func testNotifiableHolders(s suite) {
	ctx := s.Context()
	for i, sub := range []string{"granted", "not", "declined", "blocked", "old"} {
		u, _ := s.signIn(signIn(sub, after(i)))
		stored := 100
		if sub == "old" {
			stored = 50
		}
		s.must(s.db.SaveToken(ctx, db.Token{UserID: u.ID, Kind: "refresh", Sealed: []byte(sub), Stored: after(stored)}))
		s.grant(u.ID, sub != "not", 1)
		if sub == "declined" {
			s.must(s.db.DeclineNotices(ctx, u.ID, "other", true, after(2)))
		}
		if sub == "blocked" {
			s.must(s.db.Block(ctx, provider, sub, "test", "", after(2)))
		}
	}
	holders := func(since time.Time) map[string]bool {
		got, err := s.db.TokenHolders(ctx, "refresh", since)
		s.must(err)
		all := map[string]bool{}
		for _, h := range got {
			all[string(h.Sealed)] = true
		}
		return all
	}
	s.equal(len(holders(time.Time{})), 5)
	s.equal(holders(after(50)), map[string]bool{"not": true, "declined": true, "blocked": true, "old": true})
}
