package dbtest

import (
	"fmt"
	"slices"

	"portico/db"
)

var manageTests = map[string]func(suite){
	"a permission given to a person is theirs at once": testGrantPerson,
	"an address that proves nothing gets no grant":     testGrantUnproven,
	"the audit, found and in pages":                    testAuditLog,
	"the audit calls items by their titles":            testAuditNamesItems,
}

func testGrantPerson(s suite) {
	ctx := s.Context()
	u := s.signInAs("amina", "Amina@nile.example", 10)
	s.must(s.db.Grant(ctx, "publish", "amina@nile.example", "operator", after(11)))
	for range 2 {
		for _, permission := range []string{"publish", "manage"} {
			s.must(s.db.GrantPerson(ctx, u.ID, permission, "u1", after(12)))
		}
	}
	now := s.user(u.ID)
	slices.Sort(now.Grants)
	s.equal(now.Grants, []string{"manage", "publish"})
	held, err := s.db.GrantsOf(ctx, provider, "amina")
	s.must(err)
	s.equal(held, []db.Grant{
		{Permission: "manage", Email: "amina@nile.example", Provider: provider, Sub: "amina", By: "u1", At: after(12), Bound: after(12)},
		{Permission: "publish", Email: "amina@nile.example", Provider: provider, Sub: "amina", By: "operator", At: after(11), Bound: after(12)},
	})
	s.equal(len(s.audited()), 5)
	s.mustBe(s.db.Revoke(ctx, "manage", "amina@nile.example", "u1", after(13)), db.ErrLastManager)
	other := s.signInAs("obi", "amina@nile.example", 20)
	s.mustBe(s.db.GrantPerson(ctx, other.ID, "manage", "u1", after(21)), db.ErrHeldByAnother)
	s.mustBe(s.db.GrantPerson(ctx, "nobody", "manage", "u1", after(21)), db.ErrNotFound)
	s.equal(len(s.audited()), 5)
}

func testGrantUnproven(s suite) {
	yes := func(at int) db.Fact { return fact(db.FieldEmailVerified, "true", after(at)) }
	for name, facts := range map[string][]db.Fact{
		"none": {yes(10)}, "unverified": {fact(db.FieldEmail, "a@nile.example", after(10)), fact(db.FieldEmailVerified, "false", after(10))},
		"told apart": {told(db.FieldEmail, "b@nile.example", after(10)), yes(10)}, "at another time": {fact(db.FieldEmail, "c@nile.example", after(10)), yes(9)},
	} {
		u, _ := s.signIn(signIn(name, after(10), facts...))
		s.mustBe(s.db.GrantPerson(s.Context(), u.ID, "publish", "u1", after(12)), db.ErrUnverified)
	}
	s.equal(len(s.audited()), 0)
}

// An item is called as it is called now; of what was erased no title is left.
func testAuditNamesItems(s suite) {
	i := s.create(db.Announcement, notice("Grades by name"), after(1))
	c := i.Content
	c.Title = "Grades"
	_, err := s.db.UpdateItem(s.Context(), i.ID, 1, c, "u1", after(2))
	s.must(err)
	names := func() (all []string) {
		lines, err := s.db.AuditLog(s.Context(), db.AuditFilter{Limit: 10})
		s.must(err)
		for _, l := range lines {
			all = append(all, fmt.Sprintf("%s %s %q %t", l.Action, l.ItemKind, l.ItemTitle, l.Object == i.ID))
		}
		return all
	}
	s.equal(names(), []string{`announcement.update announcement "Grades" true`, `announcement.create announcement "Grades" true`})
	s.must(s.db.EraseItem(s.Context(), i.ID, "u1", after(3)))
	s.equal(names(), []string{`announcement.erase  "" true`, `announcement.update  "" true`, `announcement.create  "" true`})
}

func testAuditLog(s suite) {
	ctx := s.Context()
	s.must(s.db.BindProvider(ctx, provider))
	grace := s.met("grace", "Grace Doum", "grace@nile.example", "", 1)
	obi := s.met("obi", "Ọbí Eze", "obi@nile.example", "7", 2)
	s.must(s.db.Block(ctx, provider, "obi", grace.ID, "spam", after(10)))
	s.must(s.db.Grant(ctx, "publish", "obi@nile.example", "command line, user root", after(11)))
	s.must(s.db.Audit(ctx, db.AuditEntry{At: after(12), Actor: obi.ID, Action: "grant.bound", Object: "publish", Detail: obi.ID}))
	for range 3 { // all at one moment
		s.must(s.db.Audit(ctx, db.AuditEntry{At: after(13), Actor: grace.ID, Action: "settings.save", Detail: "motto"}))
	}
	log := func(f db.AuditFilter) (all []db.AuditLine) {
		f.Limit = 100
		all, err := s.db.AuditLog(ctx, f)
		s.must(err)
		return all
	}
	whole := log(db.AuditFilter{})
	s.equal(len(whole), 6)
	names := func(l db.AuditLine) []string {
		return []string{l.Action, l.ActorID, l.ActorName, l.SubjectID, l.SubjectName}
	}
	s.equal([][]string{names(whole[3]), names(whole[4]), names(whole[5])}, [][]string{
		{"grant.bound", obi.ID, "Ọbí Eze", obi.ID, "Ọbí Eze"}, {"grant", "", "", "", ""}, {"block", grace.ID, "Grace Doum", obi.ID, "Ọbí Eze"},
	})
	for f, want := range map[*db.AuditFilter]int{
		{Search: "obi eze"}: 3, {Search: obi.ID}: 3, {Search: "grace"}: 4, {Search: "Obi@nile.example"}: 3, {Search: grace.ID}: 4, {Search: "nobody"}: 0, {Search: "%"}: 0,
		{Search: "command line, user root"}: 1, {Action: "grant"}: 1, {From: after(11), To: after(13)}: 2, {Search: "grace", Action: "block"}: 1,
	} {
		if got := log(*f); len(got) != want {
			s.Errorf("%+v finds %d entries, want %d", f, len(got), want)
		}
	}
	var paged []db.AuditLine
	for f := (db.AuditFilter{Limit: 2}); len(paged) < len(whole); {
		page, err := s.db.AuditLog(ctx, f)
		s.must(err)
		s.equal(len(page), 2)
		paged = append(paged, page...)
		f.After = page[1].Mark()
	}
	s.equal(paged, whole)
	actions, err := s.db.AuditActions(ctx)
	s.must(err)
	s.equal(actions, []string{"block", "grant", "grant.bound", "settings.save"})
	s.deliver(after(50), db.Effect{Sub: "obi", Delete: true})
	s.equal(log(db.AuditFilter{To: after(11)})[0].SubjectName, "")
}
