package dbtest

import (
	"time"

	"portico/db"
)

var orderTests = map[string]func(suite){
	"the earlier of two about a field first":    testHeld,
	"what ends sessions waits for nothing":      testEndsFirst,
	"what is older than known is said":          testOlder,
	"a changed role of somebody never met":      testFirstRoleChange,
	"all fields can be told apart":              testFieldBits,
	"a person is known since the first we hear": testKnownSince,
}

// due lists what a worker would take at a moment.
func (s suite) due(at int) (keys []string) {
	s.Helper()
	all, err := s.db.Due(s.Context(), after(at), 100)
	s.must(err)
	for _, v := range all {
		keys = append(keys, v.Key)
	}
	return keys
}

func testHeld(s suite) {
	first := s.news("role 1", "amina", "", 10, db.FieldRole, db.FieldName)
	second := s.news("role 2", "amina", "", 20, db.FieldRole)
	s.news("level", "amina", "", 15, db.FieldLevel)
	s.news("role of another", "obi", "", 5, db.FieldRole)
	s.equal(s.due(100), []string{"role of another", "role 1", "level"})

	effect := db.Effect{Provider: provider, Sub: "amina", Create: true, Facts: []db.Fact{told(db.FieldRole, "staff", after(20))}}
	_, err := s.db.Apply(s.Context(), second, effect)
	s.mustBe(err, db.ErrHeld)
	s.must(s.db.FailDelivery(s.Context(), first, "no", after(500), false))
	s.equal(s.due(100), []string{"role of another", "level"})
	// An earlier one that arrives meanwhile comes first too.
	s.news("role 0", "amina", "", 1, db.FieldRole)
	s.equal(s.due(500), []string{"role 0", "role of another", "level"})
	s.must(s.db.DropByHand(s.Context(), "role 0", "admin", "no such role", after(500)))

	// Once it is given up, nobody waits for it.
	first.Attempts = 1
	s.must(s.db.FailDelivery(s.Context(), first, "no", after(500), true))
	s.equal(s.due(100), []string{"role of another", "level", "role 2"})
	state, err := s.db.Apply(s.Context(), second, effect)
	s.must(err)
	s.equal(state, db.StateProcessed)
}

func testEndsFirst(s suite) {
	s.news("facts", "amina", "", 10, db.FieldRole)
	s.news("others", "obi", "", 5, db.FieldRole)
	end := s.news("end", "amina", "", 20)
	s.news("end of another", "obi", "", 19)
	s.equal(s.due(100), []string{"end of another", "end", "others", "facts"})
	s.signIn(signIn("amina", after(1)))
	state, err := s.db.Apply(s.Context(), end, db.Effect{Provider: provider, Sub: "amina", EndBefore: after(20), EndWhy: "x"})
	s.must(err)
	s.equal(state, db.StateProcessed)
}

func testOlder(s suite) {
	s.signIn(signIn("amina", after(1), fact(db.FieldName, "Amina", after(50)), fact(db.FieldRole, "student", after(50))))
	v := s.news("mixed", "amina", "", 30, db.FieldName, db.FieldLevel)
	state, err := s.db.Apply(s.Context(), v, db.Effect{Provider: provider, Sub: "amina", Facts: []db.Fact{told(db.FieldName, "Old", after(30)), told(db.FieldLevel, "300", after(30))}})
	s.must(err)
	got := s.stored("mixed")
	s.equal([]any{state, got.Notes, got.Applied.IsZero(), string(got.Body)}, []any{db.StateProcessed, "older than what is known: name", false, "Amina Yusuf"})
	u, err := s.db.UserBySub(s.Context(), provider, "amina")
	s.must(err)
	s.equal([]string{u.Name(), u.Get(db.FieldLevel)}, []string{"Amina", "300"})

	v = s.news("all old", "amina", "", 40, db.FieldRole)
	v.Notes = "said before"
	state, err = s.db.Apply(s.Context(), v, db.Effect{Provider: provider, Sub: "amina", Facts: []db.Fact{told(db.FieldRole, "staff", after(40))}})
	s.must(err)
	s.equal([]string{state, s.stored("all old").Notes}, []string{db.StateSuperseded, "said before; older than what is known: role"})
}

func testFirstRoleChange(s suite) {
	s.deliver(after(10), db.Effect{Sub: "amina", Create: true, RoleChange: true, Facts: []db.Fact{told(db.FieldRole, "staff", after(10))}})
	s.deliver(after(10), db.Effect{Sub: "obi", Create: true, Facts: []db.Fact{told(db.FieldRole, "staff", after(10))}})
	for sub, want := range map[string]int{"amina": 1, "obi": 0} {
		u, err := s.db.UserBySub(s.Context(), provider, sub)
		s.must(err)
		changes, err := s.db.RoleChanges(s.Context(), u.ID)
		s.must(err)
		s.equal(len(changes), want)
		if want == 1 {
			s.equal(changes[0], db.RoleChange{UserID: u.ID, At: after(10), New: "staff", Source: db.SourceWebhook})
		}
	}
}

// everyField lists the fields a person can have.
var everyField = []string{
	db.FieldName, db.FieldEmail, db.FieldEmailVerified, db.FieldPreferredUsername, db.FieldPhoneNumber, db.FieldPicture, db.FieldRole, db.FieldRoles, db.FieldCustomRoles,
	db.FieldStudentID, db.FieldStudyLevel, db.FieldLevel, db.FieldFinalYear, db.FieldFacultyID, db.FieldDepartmentID, db.FieldAcademicSession, db.FieldSemester,
}

func testFieldBits(s suite) {
	for i, field := range everyField {
		s.equal(s.stored(s.news(field, "amina", "", i, field).Key).Fields, []string{field})
	}
	s.equal(s.due(100), everyField)
	s.equal(s.stored(s.news("all", "amina", "", 100, everyField...).Key).Fields, everyField)
	s.equal(len(s.due(100)), len(everyField))
}

func testKnownSince(s suite) {
	u, _ := s.signIn(signIn("amina", after(30)))
	s.deliver(after(10), db.Effect{Sub: "amina", Facts: []db.Fact{told(db.FieldName, "Amina", after(10))}})
	s.equal(s.user(u.ID).Created, after(10))
	s.deliver(after(20), db.Effect{Sub: "amina", Delete: true})
	s.equal([]time.Time{s.user(u.ID).Created, s.user(u.ID).Deleted}, []time.Time{after(10), after(20)})
}
