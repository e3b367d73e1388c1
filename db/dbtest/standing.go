package dbtest

import (
	"time"

	"portico/db"
)

var standingTests = map[string]func(suite){
	"a confirmation changes role and time":   testConfirm,
	"a confirmation of somebody deleted":     testConfirmDeleted,
	"a token is replaced once":               testReplaceToken,
	"a dead token ends what began before it": testEndByToken,
	"those who hold tokens":                  testTokenHolders,
}

func confirmation(u db.User, role string, at time.Time) db.Confirmation {
	return db.Confirmation{UserID: u.ID, Provider: u.Provider, Sub: u.Sub, RoleSeen: true, At: at,
		Facts: []db.Fact{{Field: db.FieldRole, Value: role, AsOf: at, Source: db.SourceConfirmation}}}
}

func testConfirm(s suite) {
	u, _ := s.signIn(signIn("ibrahim", after(1), fact(db.FieldRole, "staff", after(1)), fact(db.FieldName, "Ibrahim", after(1))))
	heard := s.listen()
	got, err := s.db.Confirm(s.Context(), confirmation(u, "student", after(100)))
	s.must(err)
	heard.expect(time.Second, db.Change{Kind: "user", Key: u.ID})
	s.equal([]any{got.Role(), got.Name(), got.RoleConfirmed}, []any{"student", "Ibrahim", after(100)})
	s.equal(s.user(u.ID), got)
	timeline, err := s.db.RoleChanges(s.Context(), u.ID)
	s.must(err)
	s.equal(timeline[len(timeline)-1], db.RoleChange{UserID: u.ID, At: after(100), Old: "staff", New: "student", Source: "confirmation"})

	late := confirmation(u, "admin", after(50))
	late.RoleSeen = false
	got, err = s.db.Confirm(s.Context(), late)
	s.must(err)
	s.equal([]any{got.Role(), got.RoleConfirmed}, []any{"student", after(100)})
}

func testConfirmDeleted(s suite) {
	u, _ := s.signIn(signIn("ibrahim", after(1)))
	s.deliver(after(2), db.Effect{Provider: provider, Sub: "ibrahim", Delete: true, EndBefore: after(2)})
	_, err := s.db.Confirm(s.Context(), confirmation(u, "staff", after(3)))
	s.mustBe(err, db.ErrNotFound)
	again, _ := s.signIn(signIn("ibrahim", after(4)))
	_, err = s.db.Confirm(s.Context(), confirmation(u, "admin", after(5)))
	s.mustBe(err, db.ErrNotFound)
	now := s.user(again.ID)
	s.equal(now.Role(), "")
}

// token is the stored token of a person, "" for none.
func (s suite) token(userID string) string {
	s.Helper()
	k, err := s.db.Token(s.Context(), userID, "refresh")
	if err != nil {
		s.mustBe(err, db.ErrNotFound)
	}
	return string(k.Sealed)
}

func testReplaceToken(s suite) {
	u, _ := s.signIn(signIn("ibrahim", after(1)))
	s.must(s.db.SaveToken(s.Context(), db.Token{UserID: u.ID, Kind: "refresh", Sealed: []byte("one"), Stored: after(1)}))
	replace := func(old, sealed string) bool {
		ok, err := s.db.ReplaceToken(s.Context(), []byte(old), db.Token{UserID: u.ID, Kind: "refresh", Sealed: []byte(sealed), Stored: after(2)})
		s.must(err)
		return ok
	}
	s.equal([]bool{replace("one", "two"), replace("one", "three")}, []bool{true, false})
	s.equal(s.token(u.ID), "two")
	s.must(s.db.DropToken(s.Context(), u.ID, "refresh", []byte("one")))
	s.equal(s.token(u.ID), "two")
	s.must(s.db.DropToken(s.Context(), u.ID, "refresh", []byte("two")))
	s.equal([]any{s.token(u.ID), replace("two", "three")}, []any{"", false})
}

func testEndByToken(s suite) {
	old, young := signIn("ibrahim", after(1)), signIn("ibrahim", after(100))
	u, _ := s.signIn(old)
	s.signIn(young)
	s.must(s.db.SaveToken(s.Context(), db.Token{UserID: u.ID, Kind: "refresh", Sealed: []byte("new"), Stored: after(1)}))
	end := func(sealed string) bool {
		held, err := s.db.EndByToken(s.Context(), db.DeadToken{UserID: u.ID, Kind: "refresh", Sealed: []byte(sealed), BeganBefore: after(50), At: after(60), Why: "dead"})
		s.must(err)
		return held
	}
	ended := func() (both [2]bool) {
		for i, in := range []db.SignIn{old, young} {
			both[i] = !s.session(in.Session.TokenHash).Ended.IsZero()
		}
		return both
	}
	people := func(since int) int {
		n, err := s.db.PeopleEnded(s.Context(), "dead", after(since))
		s.must(err)
		return n
	}
	s.equal([]any{end("old"), ended(), s.token(u.ID), people(0)}, []any{false, [2]bool{}, "new", 0})
	s.equal([]any{end("new"), ended(), s.token(u.ID)}, []any{true, [2]bool{true, false}, ""})
	s.equal([]int{people(60), people(61)}, []int{1, 0})
	s.equal(end("new"), false)
}

func testTokenHolders(s suite) {
	u, _ := s.signIn(signIn("ibrahim", after(1), fact(db.FieldRole, "staff", after(1))))
	s.signIn(signIn("amina", after(1)))
	s.must(s.db.SaveToken(s.Context(), db.Token{UserID: u.ID, Kind: "refresh", Sealed: []byte("one"), Stored: after(1)}))
	got, err := s.db.TokenHolders(s.Context(), "refresh", time.Time{})
	s.must(err)
	s.equal(got, []db.TokenHolder{{User: s.user(u.ID), Sealed: []byte("one")}})
	got, err = s.db.TokenHolders(s.Context(), "other", time.Time{})
	s.must(err)
	s.equal(len(got), 0)
}
