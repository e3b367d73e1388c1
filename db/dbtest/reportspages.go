package dbtest

import (
	"fmt"
	"iter"
	"slices"

	"portico/db"
)

// walk reads a list page by page while add adds to it, and returns the ids in
// the order they were met.
func walk[T any](s suite, page func(after string) ([]T, bool), id, mark func(*T) string, add func()) (ids []string) {
	s.Helper()
	after, more := "", true
	for more {
		var rows []T
		rows, more = page(after)
		for i := range rows {
			ids = append(ids, id(&rows[i]))
			after = mark(&rows[i])
		}
		add()
	}
	return ids
}

// once checks that all of these are there once, in this order.
func (s suite) once(what string, got, want []string) {
	s.Helper()
	got = slices.DeleteFunc(got, func(id string) bool { return !slices.Contains(want, id) }) // what was added on the way
	if !slices.Equal(got, want) {
		s.Errorf("%s: pages give %q, the whole list was %q", what, got, want)
	}
}

func all[T any](s suite, rows iter.Seq2[T, error], id func(*T) string) (ids []string) {
	s.Helper()
	for row, err := range rows {
		s.must(err)
		ids = append(ids, id(&row))
	}
	return ids
}

// testPersonPages: by every column, up and down, pages give everybody once
// and in order, though people sign in on the way.
func testPersonPages(s suite) {
	ctx, span := s.Context(), pastSpan(10, 20)
	for i := range 12 {
		at := past(10+i%5, 8, i)
		s.signIn(signIn(numbered("p", i), at, fact(db.FieldName, fmt.Sprintf("Name %c %d", 'A'+i*7%12, i%3), at), fact(db.FieldRole, []string{"student", "staff", ""}[i%3], at),
			fact(db.FieldLevel, []string{"100", "1000", "300"}[i%3], at), fact(db.FieldStudyLevel, []string{"b", "a"}[i%2], at), fact(db.FieldDepartmentID, numbered("d", i%4), at)))
		for n := range i % 4 {
			s.again(numbered("p", i), past(15+n, 9, i), true)
		}
	}
	id := func(p *db.ActivePerson) string { return p.ID }
	added := 0
	for _, by := range []string{"", db.ByName, db.ByDays, db.ByLast, db.ByRole, db.ByStudyLevel, db.ByLevel, db.ByDepartment} {
		for _, desc := range []bool{false, true} {
			s.rollUp(lagos, past(25, 9, 0))
			o := db.PersonOrder{By: by, Desc: desc}
			whole := all(s, s.db.EachActivePerson(ctx, span, db.PeopleFilter{}, o), id)
			o.Limit = 5
			got := walk(s, func(after string) ([]db.ActivePerson, bool) {
				o.After = after
				page, more, err := s.db.ActivePeople(ctx, span, db.PeopleFilter{}, o)
				s.must(err)
				return page, more
			}, id, id, func() {
				added++
				s.student(numbered("added", added), past(20, 10, added%60), "300")
			})
			s.once("people by "+by, got, whole)
			s.inOrder(by, desc, span)
		}
	}
	_, _, err := s.db.ActivePeople(ctx, span, db.PeopleFilter{}, db.PersonOrder{After: "nobody"})
	s.mustBe(err, db.ErrNotFound)
}

// inOrder looks whether a list of people is in its order.
func (s suite) inOrder(by string, desc bool, span db.Span) {
	s.Helper()
	people, _, err := s.db.ActivePeople(s.Context(), span, db.PeopleFilter{}, db.PersonOrder{By: by, Desc: desc})
	s.must(err)
	key := map[string]func(*db.ActivePerson) string{
		"": func(p *db.ActivePerson) string { return db.Fold(p.Name()) }, db.ByName: func(p *db.ActivePerson) string { return db.Fold(p.Name()) },
		db.ByDays: func(p *db.ActivePerson) string { return fmt.Sprintf("%4d", p.Days) }, db.ByLast: func(p *db.ActivePerson) string { return p.Last.String() },
		db.ByRole: func(p *db.ActivePerson) string { return p.Role() }, db.ByStudyLevel: func(p *db.ActivePerson) string { return p.Get(db.FieldStudyLevel) },
		db.ByLevel: func(p *db.ActivePerson) string { return fmt.Sprintf("%6s", p.Get(db.FieldLevel)) }, db.ByDepartment: func(p *db.ActivePerson) string { return p.Get(db.FieldDepartmentID) },
	}[by]
	sorted := slices.IsSortedFunc(people, func(a, b db.ActivePerson) int {
		if desc {
			a, b = b, a
		}
		switch ka, kb := key(&a), key(&b); {
		case ka < kb:
			return -1
		case ka > kb:
			return 1
		}
		return 0
	})
	if !sorted {
		s.Errorf("people by %s, down %v, are in another order", by, desc)
	}
}

// testLinePages: the lists of single changes, deliveries and deeds.
func testLinePages(s suite) {
	ctx, span := s.Context(), pastSpan(1, 30)
	var sources = []string{db.SourceWebhook, db.SourceUserinfo, db.SourceIDToken, db.SourceConfirmation}
	for i := range 12 {
		at := past(10, 8, i/3) // several at a moment
		s.store(db.Delivery{Key: numbered("k", i), Received: at, State: db.StateProcessed})
		s.must(s.db.Audit(ctx, db.AuditEntry{At: at, Actor: []string{"u1", "command line (root)"}[i%2], Action: []string{"block", "event.create", "event.update", "events.import"}[i%4], Object: numbered("o", i)}))
		s.signIn(signIn(numbered("p", i), past(9, 8, i), fact(db.FieldRole, "student", past(9, 8, i))))
		f := told(db.FieldRole, "staff", at)
		f.Source = sources[i%4]
		s.deliver(at, db.Effect{Sub: numbered("p", i), RoleChange: true, Facts: []db.Fact{f}})
	}
	roleID := func(l *db.RoleLine) string { return l.UserID + l.New + l.At.String() }
	whole := all(s, s.db.EachRoleLine(ctx, span, db.RoleFilter{}), roleID)
	s.equal(len(whole), 12)
	for f, want := range map[db.RoleFilter]int{{Source: db.SourceSignIn, To: "staff"}: 6, {Source: db.SourceConfirmation}: 3, {From: "student", To: "staff"}: 12, {NoFrom: true}: 0} {
		s.equal(len(all(s, s.db.EachRoleLine(ctx, span, f), roleID)), want)
	}
	f := db.RoleFilter{Limit: 5}
	s.once("roles", walk(s, func(after string) ([]db.RoleLine, bool) {
		f.After = after
		page, more, err := s.db.RoleLines(ctx, span, f)
		s.must(err)
		return page, more
	}, roleID, (*db.RoleLine).Mark, func() {
		s.deliver(past(11, 8, len(f.After)%60), db.Effect{Sub: "p1", RoleChange: true, Facts: []db.Fact{told(db.FieldRole, f.After, past(11, 8, len(f.After)%60))}})
	}), whole)
	s.equal(len(all(s, s.db.EachInboxRow(ctx, db.InboxFilter{To: past(11, 0, 0)}), func(r *db.InboxRow) string { return r.Key })), 24)
	auditID := func(l *db.AuditLine) string { return fmt.Sprint(l.ID) }
	for f, want := range map[*db.AuditFilter]int{
		{}: 21, {By: db.ByCommandLine}: 6, {By: db.ByPortal}: 15, {Actions: []string{"drift"}}: 9, {By: db.ByPerson}: 0, {Actions: []string{"event."}}: 6, {Actions: []string{"event.", "block"}}: 9, {Actions: []string{"block"}, By: db.ByCommandLine}: 0,
	} {
		f.To = past(10, 20, 0)
		got := all(s, s.db.EachAuditLine(ctx, *f), auditID)
		if len(slices.Compact(slices.Sorted(slices.Values(got)))) != want || len(got) != want {
			s.Errorf("%+v goes through %d deeds, want %d", *f, len(got), want)
		}
	}
}
