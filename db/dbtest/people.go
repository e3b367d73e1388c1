package dbtest

import (
	"sync"
	"time"

	"portico/db"
)

var peopleTests = map[string]func(suite){
	"a person is kept whole":            testPersonKept,
	"nobody is not found":               testNobody,
	"a later fact wins":                 testLaterFact,
	"the role timeline":                 testRoleTimeline,
	"text that PostgreSQL would refuse": testOddText,
}

func testPersonKept(s suite) {
	u, _ := s.signIn(signIn("amina", after(10), fact(db.FieldName, "Amina Yusuf", after(10)), fact(db.FieldLevel, "300", after(10)), fact(db.FieldRole, "student", after(10)),
		fact(db.FieldCustomRoles, `["editor","mentor"]`, after(10)), fact(db.FieldFinalYear, "false", after(10))))
	got := s.user(u.ID)
	s.equal(got, u)
	s.equal(got.Name(), "Amina Yusuf")
	s.equal(got.Role(), "student")
	s.equal(got.CustomRoles(), []string{"editor", "mentor"})
	s.equal(got.Roles(), []string(nil))
	level, known := got.Level()
	s.equal([]any{level, known}, []any{300, true})
	final, known := got.FinalYear()
	s.equal([]bool{final, known}, []bool{false, true})
	s.equal(got.Facts.Of(db.FieldName), fact(db.FieldName, "Amina Yusuf", after(10)))
	s.equal([]time.Time{got.Created, got.RoleConfirmed, got.Deleted, got.EndedBefore}, []time.Time{after(10), after(10), {}, {}})
	bySub, err := s.db.UserBySub(s.Context(), provider, "amina")
	s.must(err)
	s.equal(bySub, u)
}

func testNobody(s suite) {
	_, err := s.db.User(s.Context(), "nobody")
	s.mustBe(err, db.ErrNotFound)
	_, err = s.db.UserBySub(s.Context(), provider, "nobody")
	s.mustBe(err, db.ErrNotFound)
}

func testLaterFact(s suite) {
	u, _ := s.signIn(signIn("amina", after(10), fact(db.FieldName, "Amina", after(10)), fact(db.FieldEmail, "a@nile.example", after(10))))
	again := signIn("amina", after(20), fact(db.FieldName, "Amina Yusuf", after(20)), fact(db.FieldEmail, "old@nile.example", after(5)))
	again.RoleSeen = false
	second, _ := s.signIn(again)
	s.equal(second.ID, u.ID)
	got := s.user(u.ID)
	s.equal([]string{got.Name(), got.Email()}, []string{"Amina Yusuf", "a@nile.example"})
	s.equal(got.RoleConfirmed, after(10))
}

func testRoleTimeline(s suite) {
	u, _ := s.signIn(signIn("amina", after(10), fact(db.FieldRole, "student", after(10))))
	s.equal(s.deliver(after(30), db.Effect{Sub: "amina", Facts: []db.Fact{told(db.FieldRole, "staff", after(30))}}), db.StateProcessed)
	s.equal(s.deliver(after(20), db.Effect{Sub: "amina", Facts: []db.Fact{told(db.FieldRole, "mentor", after(20))}}), db.StateSuperseded)
	s.signIn(signIn("amina", after(40), fact(db.FieldRole, "", after(40))))
	got, err := s.db.RoleChanges(s.Context(), u.ID)
	s.must(err)
	s.equal(got, []db.RoleChange{
		{UserID: u.ID, At: after(30), Old: "student", New: "staff", Source: db.SourceWebhook},
		{UserID: u.ID, At: after(40), Old: "staff", New: "", Source: db.SourceIDToken},
	})
	now := s.user(u.ID)
	s.equal([]any{now.Role(), now.RoleConfirmed}, []any{"", after(40)})
}

func testOddText(s suite) {
	in := signIn("amina", after(10), fact(db.FieldName, "A\x00mina \u1ecc\u0300", after(10)), fact(db.FieldRole, "\x00", after(10)))
	in.Session.Device = "odd\x00\xff device"
	u, _ := s.signIn(in)
	now := s.user(u.ID)
	s.equal(now.Name(), "A\x00mina \u1ecc\u0300")
}

var signInTests = map[string]func(suite){
	"a state makes one session":          testStateOnce,
	"the same state at the same time":    testStateRace,
	"the first sign-in at the same time": testFirstRace,
	"a blocked person makes nothing":     testBlockedSignIn,
	"an ended moment makes no session":   testEndedSignIn,
	"a new session ends the old":         testReplaces,
	"a person's sign-ins":                testSignInsOf,
}

func testStateOnce(s suite) {
	in := signIn("amina", after(10), fact(db.FieldName, "Amina", after(10)))
	u, _ := s.signIn(in)
	again := signIn("amina", after(20), fact(db.FieldName, "Other", after(20)))
	again.Session.StateHash = in.Session.StateHash
	_, _, err := s.db.SignIn(s.Context(), again)
	s.mustBe(err, db.ErrStateUsed)
	now := s.user(u.ID)
	s.equal(now.Name(), "Amina")
	sessions, err := s.db.SessionsOf(s.Context(), u.ID)
	s.must(err)
	s.equal(len(sessions), 1)
}

// race runs a sign-in eight times at once and returns the errors.
func (s suite) race(in func(i int) db.SignIn) []error {
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, _, errs[i] = s.db.SignIn(s.Context(), in(i)) })
	}
	wg.Wait()
	return errs
}

func testStateRace(s suite) {
	shared := signIn("amina", after(10))
	good := 0
	for _, err := range s.race(func(int) db.SignIn {
		in := signIn("amina", after(10))
		in.Session.StateHash = shared.Session.StateHash
		return in
	}) {
		if err == nil {
			good++
			continue
		}
		s.mustBe(err, db.ErrStateUsed)
	}
	s.equal(good, 1)
}

func testFirstRace(s suite) {
	for _, err := range s.race(func(i int) db.SignIn { return signIn("amina", after(10+i)) }) {
		s.must(err)
	}
	people, err := s.db.CountPeople(s.Context(), db.PeopleQuery{})
	s.must(err)
	s.equal(people, 1)
}

func testBlockedSignIn(s suite) {
	s.must(s.db.Block(s.Context(), provider, "amina", "admin", "spam", after(5)))
	in := signIn("amina", after(10))
	_, _, err := s.db.SignIn(s.Context(), in)
	s.mustBe(err, db.ErrBlocked)
	_, _, err = s.db.SessionByToken(s.Context(), in.Session.TokenHash)
	s.mustBe(err, db.ErrNotFound)
	s.must(s.db.Unblock(s.Context(), provider, "amina", "admin", "", after(20)))
	s.signIn(signIn("amina", after(30)))
}

func testEndedSignIn(s suite) {
	u, _ := s.signIn(signIn("amina", after(10)))
	_, err := s.db.EndSessionsOf(s.Context(), u.ID, after(20), "all", after(20))
	s.must(err)
	for _, began := range []int{15, 20} {
		_, _, err = s.db.SignIn(s.Context(), signIn("amina", after(began)))
		s.mustBe(err, db.ErrEnded)
	}
	s.signIn(signIn("amina", after(21)))
	s.equal(s.user(u.ID).EndedBefore, after(20))
}

func testReplaces(s suite) {
	_, old := s.signIn(signIn("amina", after(10)))
	in := signIn("amina", after(20))
	in.Session.Replaces = old.TokenHash
	s.signIn(in)
	ended := s.session(old.TokenHash)
	s.equal([]any{ended.Ended, ended.EndedWhy}, []any{after(20), "replaced"})
	s.equal(s.session(in.Session.TokenHash).Ended, time.Time{})
}

func testSignInsOf(s suite) {
	var u db.User
	for i := range 4 {
		in := signIn("amina", after(10*i))
		in.Session.Silent = i == 3
		u, _ = s.signIn(in)
	}
	s.signIn(signIn("obi", after(5)))
	list := func(limit int) []db.PastSignIn {
		all, err := s.db.SignInsOf(s.Context(), u.ID, time.Time{}, limit)
		s.must(err)
		return all
	}
	s.equal(list(2), []db.PastSignIn{{At: after(30), Silent: true}, {At: after(20)}})
	n, err := s.db.PurgeSignIns(s.Context(), after(20), 2)
	s.must(err)
	again, err := s.db.PurgeSignIns(s.Context(), after(20), 2)
	s.must(err)
	s.equal([]int{n, again, len(list(10))}, []int{2, 1, 2})
}
