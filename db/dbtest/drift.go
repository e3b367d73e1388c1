package dbtest

import (
	"time"

	"portico/db"
)

var driftTests = map[string]func(suite){
	"of every field":                      testDriftOfEveryField,
	"a webhook that never came":           testDriftMissing,
	"found by a confirmation":             testDriftConfirmation,
	"not where nothing was known":         testNoDrift,
	"an address that nobody called false": testDriftUnverified,
}

func (s suite) driftCounts() map[string]int {
	s.Helper()
	all, err := s.db.CountsBetween(s.Context(), start.Add(-time.Hour), start.Add(time.Hour))
	s.must(err)
	counts := map[string]int{}
	for _, c := range all {
		s.equal(c.Kind, "drift")
		counts[c.Reason] += c.N
	}
	return counts
}

func (s suite) drifts() []db.Drift {
	s.Helper()
	all, err := s.db.Drifts(s.Context(), start, after(1000), 100)
	s.must(err)
	return all
}

// testDriftOfEveryField: webhooks told one thing, a later sign-in finds another.
func testDriftOfEveryField(s suite) {
	var told1, seen []db.Fact
	want := map[string]int{}
	for _, field := range everyField {
		told1 = append(told1, told(field, "true", after(10)))
		seen = append(seen, fact(field, "other", after(20)))
		want[field] = 1
	}
	s.deliver(after(10), db.Effect{Sub: "amina", Create: true, Facts: told1})
	s.signIn(signIn("amina", after(15), told1...))
	s.equal(s.driftCounts(), map[string]int{})
	u, _ := s.signIn(signIn("amina", after(20), seen...))
	s.equal(s.driftCounts(), want)
	s.equal(s.drifts(), []db.Drift{{At: after(20), UserID: u.ID, Source: db.SourceSignIn, Fields: everyField}})
	for _, field := range everyField {
		s.equal(u.Get(field), "other")
	}
	s.signIn(signIn("amina", after(30), seen...))
	s.equal(s.driftCounts(), want)
	changes, err := s.db.RoleChanges(s.Context(), u.ID)
	s.must(err)
	s.equal(changes, []db.RoleChange{{UserID: u.ID, At: after(20), Old: "true", New: "other", Source: db.SourceIDToken}})
}

// testDriftMissing: one sign-in after another, and no word between them of what
// has changed.
func testDriftMissing(s suite) {
	s.signIn(signIn("amina", after(10), fact(db.FieldRole, "student", after(10)), fact(db.FieldName, "Amina", after(10))))
	u, _ := s.signIn(signIn("amina", after(20), fact(db.FieldRole, "staff", after(20)), fact(db.FieldName, "Amina", after(20))))
	s.equal(s.driftCounts(), map[string]int{db.FieldRole: 1})
	s.equal(s.drifts(), []db.Drift{{At: after(20), UserID: u.ID, Source: db.SourceSignIn, Fields: []string{db.FieldRole}}})
	// A webhook that tells of a change is how it should be.
	s.deliver(after(30), db.Effect{Sub: "amina", Facts: []db.Fact{told(db.FieldRole, "admin", after(30))}})
	s.signIn(signIn("amina", after(40), fact(db.FieldRole, "admin", after(40))))
	s.equal(s.driftCounts(), map[string]int{db.FieldRole: 1})
}

func testDriftConfirmation(s suite) {
	u, _ := s.signIn(signIn("ibrahim", after(10), fact(db.FieldRole, "staff", after(10))))
	s.deliver(after(20), db.Effect{Sub: "ibrahim", Facts: []db.Fact{told(db.FieldRole, "admin", after(20))}})
	_, err := s.db.Confirm(s.Context(), confirmation(u, "student", after(30)))
	s.must(err)
	s.equal(s.driftCounts(), map[string]int{db.FieldRole: 1})
	s.equal(s.drifts(), []db.Drift{{At: after(30), UserID: u.ID, Source: db.SourceConfirmation, Fields: []string{db.FieldRole}}})
	changes, err := s.db.RoleChanges(s.Context(), u.ID)
	s.must(err)
	s.equal(changes[1], db.RoleChange{UserID: u.ID, At: after(30), Old: "admin", New: "student", Source: db.SourceConfirmation})
	// What is older than the webhook repairs nothing.
	_, err = s.db.Confirm(s.Context(), confirmation(u, "staff", after(25)))
	s.must(err)
	s.equal(s.driftCounts(), map[string]int{db.FieldRole: 1})
}

func testNoDrift(s suite) {
	s.deliver(after(10), db.Effect{Sub: "amina", Create: true, Facts: []db.Fact{told(db.FieldName, "Amina", after(10))}})
	s.signIn(signIn("amina", after(20), fact(db.FieldName, "Amina", after(20)), fact(db.FieldRole, "student", after(20))))
	s.signIn(signIn("amina", after(30))) // nothing said is nothing changed
	s.equal([]any{s.driftCounts(), s.drifts()}, []any{map[string]int{}, []db.Drift(nil)})
}

func testDriftUnverified(s suite) {
	s.deliver(after(10), db.Effect{Sub: "amina", Create: true, Facts: []db.Fact{told(db.FieldEmail, "a@b.c", after(10)), told(db.FieldEmailVerified, "false", after(10))}})
	s.signIn(signIn("amina", after(20), fact(db.FieldEmail, "a@b.c", after(20)), fact(db.FieldEmailVerified, "true", after(20))))
	s.equal(s.driftCounts(), map[string]int{})
	s.signIn(signIn("amina", after(30), fact(db.FieldEmailVerified, "false", after(30))))
	s.equal(s.driftCounts(), map[string]int{db.FieldEmailVerified: 1})
}
