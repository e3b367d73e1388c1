package dbtest

import (
	"context"
	"slices"
	"strings"
	"time"

	"portico/db"
)

var smallTests = map[string]func(suite){
	"it answers":                 testPing,
	"counts add up":              testCounts,
	"the cache":                  testCache,
	"the provider is remembered": testBindProvider,
	"the catalogue is replaced":  testCatalogue,
	"the audit":                  testAudit,
	"tokens and their lease":     testTokens,
	"what is parked":             testParked,
	"migrations are done":        testMigrations,
}

func testPing(s suite) { s.must(s.db.Ping(s.Context())) }

func testCounts(s suite) {
	s.must(s.db.AddCounts(s.Context(), []db.Count{{Hour: after(10), Kind: "silent", Reason: "bot", N: 2}, {Hour: after(10), Kind: "silent", Reason: "budget", N: 1}}))
	s.must(s.db.AddCounts(s.Context(), []db.Count{{Hour: start, Kind: "silent", Reason: "bot", N: 3}, {Hour: start.Add(time.Hour), Kind: "silent", Reason: "bot", N: 7}}))
	got, err := s.db.CountsBetween(s.Context(), start, start.Add(time.Hour))
	s.must(err)
	s.equal(got, []db.Count{{Hour: start, Kind: "silent", Reason: "bot", N: 5}, {Hour: start, Kind: "silent", Reason: "budget", N: 1}})
}

func testCache(s suite) {
	_, _, err := s.db.Cached(s.Context(), "keys")
	s.mustBe(err, db.ErrNotFound)
	for i, body := range []string{"one", "two", ""} {
		s.must(s.db.Cache(s.Context(), "keys", []byte(body), after(i)))
		got, at, err := s.db.Cached(s.Context(), "keys")
		s.must(err)
		s.equal([]any{string(got), at}, []any{body, after(i)})
	}
	s.must(s.db.Cache(s.Context(), "nothing", nil, after(1)))
}

func testBindProvider(s suite) {
	s.must(s.db.BindProvider(s.Context(), provider))
	s.must(s.db.BindProvider(s.Context(), provider))
	s.mustBe(s.db.BindProvider(s.Context(), "https://other.example"), db.ErrOtherProvider{Have: provider, Want: "https://other.example"})
	s.must(s.db.BindProvider(s.Context(), provider))
}

func testCatalogue(s suite) {
	empty, err := s.db.Catalogue(s.Context())
	s.must(err)
	s.equal(empty, db.Catalogue{})
	s.must(s.db.SaveCatalogue(s.Context(), []db.Faculty{{ID: "f1", Name: "Law"}}, []db.Department{{ID: "d9", Name: "Old", FacultyID: "f1"}}, after(1)))
	faculties := []db.Faculty{{ID: "fac_eng", Name: "Engineering"}, {ID: "fac_sci", Name: "Science"}}
	departments := []db.Department{{ID: "dept_cs", Name: "Computer Science", FacultyID: "fac_sci"}}
	s.must(s.db.SaveCatalogue(s.Context(), faculties, append(departments, departments...), after(2)))
	got, err := s.db.Catalogue(s.Context())
	s.must(err)
	s.equal(got, db.Catalogue{Faculties: faculties, Departments: departments, At: after(2)})
}

func testAudit(s suite) {
	entries := []db.AuditEntry{
		{At: after(20), Actor: "u1", Action: "export", Object: "reach", Detail: "csv"},
		{At: after(10), Actor: "u2", Action: "settings"},
	}
	for _, e := range entries {
		s.must(s.db.Audit(s.Context(), e))
	}
	got, err := s.db.AuditBetween(s.Context(), after(10), after(21), 10)
	s.must(err)
	s.equal(got, entries)
	got, err = s.db.AuditBetween(s.Context(), after(10), after(20), 10)
	s.must(err)
	s.equal(got, entries[1:])
}

func testTokens(s suite) {
	u, _ := s.signIn(signIn("amina", after(1)))
	ctx := s.Context()
	_, err := s.db.Token(ctx, u.ID, "refresh")
	s.mustBe(err, db.ErrNotFound)
	for i, sealed := range []string{"first", "second"} {
		s.must(s.db.SaveToken(ctx, db.Token{UserID: u.ID, Kind: "refresh", Sealed: []byte(sealed), Stored: after(i)}))
		got, err := s.db.Token(ctx, u.ID, "refresh")
		s.must(err)
		s.equal([]any{string(got.Sealed), got.Stored}, []any{sealed, after(i)})
	}
	lease := func(holder string, now, until int) bool {
		ok, err := s.db.LeaseToken(ctx, u.ID, "refresh", holder, after(now), after(until))
		s.must(err)
		return ok
	}
	s.equal([]bool{lease("a", 10, 20), lease("b", 15, 25), lease("a", 15, 25), lease("b", 25, 35)}, []bool{true, false, true, true})
	s.must(s.db.ReleaseToken(ctx, u.ID, "refresh", "a")) // not the holder any more
	s.equal(lease("a", 26, 30), false)
	s.must(s.db.ReleaseToken(ctx, u.ID, "refresh", "b"))
	s.equal(lease("a", 27, 30), true)
	s.must(s.db.DropTokens(ctx, u.ID))
	s.equal(lease("a", 28, 30), false)
}

func testParked(s suite) {
	ctx := s.Context()
	s.must(s.db.Park(ctx, "u1", "aaaa", []byte("one"), after(10), after(0)))
	s.must(s.db.Park(ctx, "u2", "bbbb", []byte("two"), after(10), after(0)))
	busy, err := s.db.Writer().BeginTx(ctx, nil) // a name that anybody may send must not have to wait for it
	s.must(err)
	soon, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for _, name := range []string{"", "%", "____", "aaa_", "u1:%", "a", ":aaaa", "1:aaaa", strings.Repeat("a", 100)} {
		_, err := s.db.TakeParked(soon, name, after(0))
		s.mustBe(err, db.ErrNotFound)
	}
	s.must(busy.Rollback())
	got, err := s.db.TakeParked(ctx, "aaaa", after(0))
	s.must(err)
	s.equal(string(got), "one")
	_, err = s.db.TakeParked(ctx, "aaaa", after(0))
	s.mustBe(err, db.ErrNotFound)
	_, err = s.db.TakeParked(ctx, "bbbb", after(11))
	s.mustBe(err, db.ErrNotFound)
}

func testMigrations(s suite) {
	steps, err := s.db.Migrations(s.Context())
	s.must(err)
	if len(steps) == 0 {
		s.Fatal("no migrations")
	}
	for i, step := range steps {
		s.equal([]any{step.Version, step.Applied}, []any{i + 1, true})
	}
	s.must(s.db.Migrate(s.Context()))
}

var grantTests = map[string]func(suite){
	"a grant waits for its verified address": testGrantBinds,
	"an unverified address binds nothing":    testGrantUnverified,
	"the last manager stays":                 testLastManager,
	"two managers do not remove each other":  testManagersRace,
	"a block ends sessions for good":         testBlockEnds,
	"a block outlives deletion":              testBlockOutlives,
}

func (s suite) signInAs(sub, email string, at int) db.User {
	s.Helper()
	u, _ := s.signIn(signIn(sub, after(at), fact(db.FieldEmail, email, after(at)), fact(db.FieldEmailVerified, "true", after(at))))
	return u
}

func testGrantBinds(s suite) {
	ctx := s.Context()
	s.must(s.db.Grant(ctx, db.PermissionManage, " Amina@Nile.example", "operator", after(1)))
	s.must(s.db.Grant(ctx, db.PermissionManage, "amina@nile.example", "operator", after(2)))
	u := s.signInAs("amina", "AMINA@nile.example", 10)
	s.equal(u.Grants, []string{db.PermissionManage})
	s.equal(s.user(u.ID).Grants, []string{db.PermissionManage})
	got, err := s.db.Grants(ctx)
	s.must(err)
	s.equal(got, []db.Grant{{Permission: db.PermissionManage, Email: "amina@nile.example", Provider: provider, Sub: "amina", By: "operator", At: after(1), Bound: after(10)}})
	// The person keeps it under a new address, and nobody else gets it with the old one.
	s.equal(s.signInAs("amina", "new@nile.example", 20).Grants, []string{db.PermissionManage})
	s.equal(len(s.signInAs("obi", "amina@nile.example", 30).Grants), 0)
	audit, err := s.db.AuditBetween(ctx, start, after(100), 10)
	s.must(err)
	granted := slices.DeleteFunc(audit, func(e db.AuditEntry) bool { return !strings.HasPrefix(e.Action, "grant") })
	s.equal(len(granted), 2)
	s.mustBe(s.db.Revoke(ctx, "publish", "amina@nile.example", "operator", after(40)), db.ErrNotFound)
}

func testGrantUnverified(s suite) {
	s.must(s.db.Grant(s.Context(), "publish", "amina@nile.example", "operator", after(1)))
	other := fact(db.FieldEmail, "amina@nile.example", after(13))
	other.Source = db.SourceUserinfo
	for name, facts := range map[string][]db.Fact{
		"not verified":                  {fact(db.FieldEmail, "amina@nile.example", after(10)), fact(db.FieldEmailVerified, "false", after(10))},
		"nothing said":                  {fact(db.FieldEmail, "amina@nile.example", after(11))},
		"verified, but another address": {fact(db.FieldEmail, "x@nile.example", after(12)), fact(db.FieldEmailVerified, "true", after(12)), other},
	} {
		u, _ := s.signIn(signIn(name, after(20), facts...))
		if len(u.Grants) > 0 {
			s.Errorf("%s: granted %v", name, u.Grants)
		}
	}
	// Verified at one sign-in, another address by webhook afterwards.
	s.signInAs("obi", "obi@nile.example", 30)
	s.deliver(after(40), db.Effect{Sub: "obi", Facts: []db.Fact{told(db.FieldEmail, "amina@nile.example", after(40))}})
	u, _ := s.signIn(signIn("obi", after(50)))
	s.equal(len(u.Grants), 0)
}

func testLastManager(s suite) {
	ctx := s.Context()
	for i, who := range []string{"amina", "obi", "typo"} {
		s.must(s.db.Grant(ctx, db.PermissionManage, who+"@nile.example", "operator", after(i)))
	}
	s.signInAs("amina", "amina@nile.example", 10)
	s.mustBe(s.db.Revoke(ctx, db.PermissionManage, "amina@nile.example", "operator", after(11)), db.ErrLastManager)
	s.mustBe(s.db.Block(ctx, provider, "amina", "operator", "", after(11)), db.ErrLastManager)
	s.must(s.db.Revoke(ctx, db.PermissionManage, "typo@nile.example", "operator", after(12)))
	obi := s.signInAs("obi", "obi@nile.example", 20)
	s.must(s.db.Revoke(ctx, db.PermissionManage, "amina@nile.example", "operator", after(21)))
	s.mustBe(s.db.Revoke(ctx, db.PermissionManage, "obi@nile.example", "operator", after(22)), db.ErrLastManager)
	s.equal(s.user(obi.ID).Grants, []string{db.PermissionManage})
}

func testManagersRace(s suite) {
	ctx := s.Context()
	for round := range 5 {
		names := []string{numbered("a", round), numbered("b", round)}
		for _, who := range names {
			s.must(s.db.Grant(ctx, db.PermissionManage, who+"@nile.example", "operator", after(1)))
			s.signInAs(who, who+"@nile.example", 10)
		}
		done := make(chan error, 2)
		for _, who := range names {
			go func() { done <- s.db.Revoke(ctx, db.PermissionManage, who+"@nile.example", "operator", after(20)) }()
		}
		first, second := <-done, <-done
		if round == 0 { // later rounds have the survivor of this one
			if (first == nil) == (second == nil) {
				s.Fatalf("errors %v and %v: exactly one must be refused", first, second)
			}
		}
	}
	grants, err := s.db.Grants(ctx)
	s.must(err)
	if len(grants) == 0 {
		s.Fatal("nobody may manage any more")
	}
}

func testBlockEnds(s suite) {
	_, session := s.signIn(signIn("amina", after(10)))
	_, ahead := s.signIn(signIn("amina", after(100))) // by a provider's clock that is ahead
	s.must(s.db.Block(s.Context(), provider, "amina", "admin", "spam", after(20)))
	u, err := s.db.UserBySub(s.Context(), provider, "amina")
	s.must(err)
	s.equal(u.Blocked, true)
	blocks, err := s.db.Blocks(s.Context())
	s.must(err)
	s.equal(blocks, []db.BlockedPerson{{Provider: provider, Sub: "amina", By: "admin", Reason: "spam", At: after(20)}})
	s.must(s.db.Unblock(s.Context(), provider, "amina", "admin", "", after(30)))
	for _, old := range []db.Session{session, ahead} {
		s.equal(s.session(old.TokenHash).Ended, after(20))
	}
	s.equal(s.user(u.ID).Blocked, false)
}

func testBlockOutlives(s suite) {
	s.signIn(signIn("amina", after(10)))
	s.must(s.db.Block(s.Context(), provider, "amina", "admin", "spam", after(20)))
	s.deliver(after(30), db.Effect{Sub: "amina", Delete: true})
	_, _, err := s.db.SignIn(s.Context(), signIn("amina", after(40)))
	s.mustBe(err, db.ErrBlocked)
	s.deliver(after(50), db.Effect{Sub: "amina", Create: true, Facts: []db.Fact{told(db.FieldName, "Amina", after(50))}})
	u, err := s.db.UserBySub(s.Context(), provider, "amina")
	s.must(err)
	s.equal(u.Blocked, true)
}
