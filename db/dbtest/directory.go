package dbtest

import (
	"slices"
	"time"

	"portico/db"
)

var directoryTests = map[string]func(suite){
	"a search finds people as they are typed":     testPeopleSearch,
	"pages of people by name":                     testPeopleByName,
	"pages of people, the newest first":           testPeopleNewest,
	"a list says what lives and who is kept out":  testPeopleLines,
	"one person is found by id, sub or address":   testFindPerson,
	"all people are gone through":                 testEachPerson,
	"the record of a person":                      testPersonRecord,
	"the record of an erased person":              testErasedRecord,
	"what was done about a person":                testAuditAbout,
	"sessions that live, in pages":                testLiveSessions,
	"chosen sessions end, all or none":            testEndChosen,
	"all sessions of a person end, and who asked": testEndPerson,
	"everybody's sessions end":                    testEndEverybody,
}

// met signs somebody in with a name, an address and a student id.
func (s suite) met(sub, name, email, id string, at int) db.User {
	s.Helper()
	u, _ := s.signIn(signIn(sub, after(at), fact(db.FieldName, name, after(at)), fact(db.FieldEmail, email, after(at)), fact(db.FieldStudentID, id, after(at))))
	return u
}

func (s suite) people(q db.PeopleQuery) ([]db.PersonLine, bool) {
	s.Helper()
	page, more, err := s.db.People(s.Context(), q)
	s.must(err)
	return page, more
}

// testEachPerson: the erased and those kept out are nobody's readers.
func testEachPerson(s suite) {
	for _, sub := range []string{"obi", "musa", "gone", "kept out", "pat"} {
		s.met(sub, sub, "", "", 1)
	}
	s.deliver(after(50), db.Effect{Sub: "gone", Delete: true})
	s.must(s.db.Block(s.Context(), provider, "kept out", "admin", "", after(50)))
	for most, want := range map[int]int{0: 0, 2: 2, 3: 3, 4: 3} {
		met := map[string]bool{}
		more, err := s.db.EachPerson(s.Context(), most, func(u *db.User) { met[u.Sub] = true })
		s.must(err)
		s.equal([]any{len(met), more, met["gone"] || met["kept out"]}, []any{want, most < 3, false})
	}
}

// subs lists whom a query chooses, and checks their number.
func (s suite) subs(q db.PeopleQuery) []string {
	s.Helper()
	q.Limit = 100
	page, _ := s.people(q)
	var subs []string
	for _, l := range page {
		subs = append(subs, l.Sub)
	}
	n, err := s.db.CountPeople(s.Context(), q)
	s.must(err)
	s.equal(n, len(subs))
	return subs
}

func testPeopleSearch(s suite) {
	s.met("obi", "Ọbí Nwáńkwọ", "obi.n@nile.example", "NU/2023/0007", 1)
	s.met("musa", "Musa Ɗanladi", "musa@nile.example", "00264017", 2)
	s.met("pat", "Pat O’Brien_100%", "pat@elsewhere.example", "", 3)
	s.met("gone", "Obi Gone", "gone@nile.example", "1", 4)
	s.deliver(after(50), db.Effect{Sub: "gone", Delete: true})
	for search, want := range map[string][]string{
		"":                   {"musa", "obi", "pat"},
		"  ":                 {"musa", "obi", "pat"},
		"obi":                {"obi"},
		"ỌBI nwan":           {"obi"},
		"nwankwo Obi":        {"obi"},
		"NWÁŃKWO\u0323":      {"obi"},
		"bi":                 nil, // not the beginning of a word
		"danladi":            {"musa"},
		"Ɗan":                {"musa"},
		"o'brien":            {"pat"},
		"OBrien":             {"pat"},
		"obi.n@nile.example": {"obi"},
		"nile":               {"musa", "obi"},
		"nu20230007":         {"obi"},
		"NU/2023/0007":       {"obi"},
		"0026":               {"musa"},
		"264017":             nil, // leading zeros belong to the id
		"%":                  nil,
		"_":                  nil,
		"100%":               {"pat"},
		"obi musa":           nil,
		"pat\x00":            {"pat"},
		"clx":                nil,
	} {
		if got := s.subs(db.PeopleQuery{Search: search}); !slices.Equal(got, want) {
			s.Errorf("searching %q found %v, want %v", search, got, want)
		}
	}
	s.met("obi", "Ọbí Eze", "obi.n@nile.example", "NU/2023/0007", 60)
	s.equal([][]string{s.subs(db.PeopleQuery{Search: "eze"}), s.subs(db.PeopleQuery{Search: "nwankwo"})}, [][]string{{"obi"}, nil})
}

// walk reads all pages of a query, three people each.
func (s suite) walk(q db.PeopleQuery) [][]string {
	s.Helper()
	q.Limit = 3
	var pages [][]string
	for range 10 {
		page, more := s.people(q)
		var subs []string
		for _, l := range page {
			subs, q.After = append(subs, l.Sub), l.ID
		}
		pages = append(pages, subs)
		if !more {
			return pages
		}
	}
	s.Fatalf("the pages do not end: %v", pages)
	return nil
}

func testPeopleByName(s suite) {
	// Capitals, diacritics and a space sort as people read them, on both engines.
	for i, name := range []string{"zainab", "Ámina Yusuf", "amina Bello", "Obi", "Ọbi", "bola", "Amin Zaki"} {
		s.met(numbered("p", i), name, numbered("a", i)+"@nile.example", "", 10-i)
	}
	s.equal(s.walk(db.PeopleQuery{}), [][]string{{"p6", "p2", "p1"}, {"p5", "p3", "p4"}, {"p0"}})
	s.equal(s.walk(db.PeopleQuery{Search: "a"}), [][]string{{"p6", "p2", "p1"}, {"p5", "p3", "p4"}, {"p0"}}) // each address begins with a
	_, _, err := s.db.People(s.Context(), db.PeopleQuery{After: "nobody", Limit: 3})
	s.mustBe(err, db.ErrNotFound)
}

func testPeopleNewest(s suite) {
	for i := range 6 {
		s.met(numbered("p", i), "Same Name", "same@nile.example", "", i/2)
	}
	var met []string
	last := after(100)
	q, more := db.PeopleQuery{Newest: true, Limit: 1}, true
	for more && len(met) < 7 {
		var page []db.PersonLine
		page, more = s.people(q)
		if page[0].Created.After(last) {
			s.Errorf("%s, met %s, comes after one met %s", page[0].Sub, page[0].Created, last)
		}
		met, last, q.After = append(met, page[0].Sub), page[0].Created, page[0].ID
	}
	slices.Sort(met)
	s.equal(met, []string{"p0", "p1", "p2", "p3", "p4", "p5"})
}

// soon is a moment from which sessions live by the real clock, which lists go by.
func soon() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

func testPeopleLines(s suite) {
	now := soon()
	for _, sub := range []string{"amina", "amina", "obi"} {
		s.signIn(signIn(sub, now, fact(db.FieldName, sub, now)))
		now = now.Add(time.Millisecond)
	}
	s.signIn(signIn("amina", now.Add(-13*time.Hour))) // idle for too long
	s.must(s.db.Block(s.Context(), provider, "obi", "admin", "spam", now))
	page, _ := s.people(db.PeopleQuery{Limit: 10})
	s.equal(len(page), 2)
	s.equal([]any{page[0].Sub, page[0].Sessions, page[0].LastSignIn, page[0].Blocked}, []any{"amina", 2, now.Add(-2 * time.Millisecond), false})
	s.equal([]any{page[1].Sub, page[1].Sessions, page[1].LastSignIn, page[1].Blocked}, []any{"obi", 0, now.Add(-time.Millisecond), true})
	s.equal(s.subs(db.PeopleQuery{Blocked: true}), []string{"obi"})
	s.equal(s.subs(db.PeopleQuery{Blocked: true, Search: "amina"}), []string(nil))
	s.must(s.db.Grant(s.Context(), "publish", "ada@nile.example", "admin", now)) // waits
	s.equal(s.subs(db.PeopleQuery{Granted: true}), []string(nil))
	s.signIn(signIn("ada", now, fact(db.FieldName, "ada", now), fact(db.FieldEmail, "ada@nile.example", now), fact(db.FieldEmailVerified, "true", now)))
	s.equal(s.subs(db.PeopleQuery{Granted: true}), []string{"ada"})
	s.equal(s.subs(db.PeopleQuery{Granted: true, Search: "obi"}), []string(nil))
}

func testFindPerson(s suite) {
	one := s.met("sub-1", "Amina", "Amina@Nile.example", "", 1)
	two := s.met("sub-2", "Other", "amina@nile.example", "", 2)
	s.met("sub-3", "Near", "amina@nile.example.org", "", 3)
	find := func(key string) []string {
		found, err := s.db.FindPerson(s.Context(), key)
		s.must(err)
		var ids []string
		for _, u := range found {
			ids = append(ids, u.ID)
		}
		return ids
	}
	s.equal([][]string{find(one.ID), find("sub-2"), find("AMINA@nile.EXAMPLE")}, [][]string{{one.ID}, {two.ID}, {one.ID, two.ID}})
	for _, key := range []string{"", "sub", "nobody@nile.example", "Amina", "%", "@"} {
		_, err := s.db.FindPerson(s.Context(), key)
		s.mustBe(err, db.ErrNotFound)
	}
	// A tombstone is found by its sub until somebody comes again.
	s.deliver(after(50), db.Effect{Sub: "sub-2", Delete: true})
	s.equal(find("sub-2"), []string{two.ID})
	again := s.met("sub-2", "Other", "other@nile.example", "", 60)
	s.equal(find("sub-2"), []string{again.ID})
	s.equal(find(two.ID), []string{two.ID})
}

func testPersonRecord(s suite) {
	ctx := s.Context()
	s.must(s.db.Grant(ctx, "publish", "amina@nile.example", "operator", after(1)))
	u, first := s.signIn(signIn("amina", after(10), fact(db.FieldRole, "student", after(10)), fact(db.FieldEmail, "amina@nile.example", after(10)), fact(db.FieldEmailVerified, "true", after(10))))
	s.deliver(after(20), db.Effect{Sub: "amina", Facts: []db.Fact{told(db.FieldRole, "staff", after(20))}})
	_, second := s.signIn(signIn("amina", after(30), fact(db.FieldRole, "", after(30))))
	s.signIn(signIn("obi", after(31)))
	s.must(s.db.Block(ctx, provider, "amina", "admin", "spam", after(40)))
	p, err := s.db.PersonRecord(ctx, u.ID, 100)
	s.must(err)
	s.equal(p.User, s.user(u.ID))
	s.equal(p.Block, &db.BlockedPerson{Provider: provider, Sub: "amina", By: "admin", Reason: "spam", At: after(40)})
	s.equal(p.Named, []db.Grant{{Permission: "publish", Email: "amina@nile.example", Provider: provider, Sub: "amina", By: "operator", At: after(1), Bound: after(10)}})
	s.equal(p.Timeline, []db.RoleStep{
		{Role: "", Since: after(30), Source: db.SourceIDToken}, {Role: "staff", Since: after(20), Source: db.SourceWebhook}, {Role: "student", Since: after(10)},
	})
	s.equal([]string{p.Sessions[0].ID, p.Sessions[1].ID}, []string{second.ID, first.ID})
	s.equal(p.SignIns, []db.PastSignIn{{At: after(30)}, {At: after(10)}})
	s.equal(len(p.Audit), 4) // the grant, its binding, a role that no webhook told, the block
	p, err = s.db.PersonRecord(ctx, u.ID, 1)
	s.must(err)
	s.equal([]int{len(p.SignIns), len(p.Audit)}, []int{1, 1})
	older, err := s.db.SignInsOf(ctx, u.ID, after(30), 10)
	s.must(err)
	s.equal(older, []db.PastSignIn{{At: after(10)}})
	_, err = s.db.PersonRecord(ctx, "nobody", 1)
	s.mustBe(err, db.ErrNotFound)
}

func testErasedRecord(s suite) {
	u := s.met("amina", "Amina", "amina@nile.example", "1", 10)
	s.deliver(after(50), db.Effect{Sub: "amina", Delete: true})
	p, err := s.db.PersonRecord(s.Context(), u.ID, 100)
	s.must(err)
	s.equal([]any{p.Name(), p.Deleted, len(p.Timeline), p.Block == nil}, []any{"", after(50), 0, true})
}

func testAuditAbout(s suite) {
	ctx := s.Context()
	s.must(s.db.Grant(ctx, "manage", "amina@nile.example", "operator", after(1)))
	s.must(s.db.Grant(ctx, "publish", "obi@nile.example", "operator", after(2)))
	amina, obi := s.signInAs("amina", "amina@nile.example", 10), s.signInAs("obi", "obi@nile.example", 11)
	s.must(s.db.Block(ctx, provider, "obi", "operator", "spam", after(20)))
	s.must(s.db.Unblock(ctx, provider, "obi", "operator", "", after(21)))
	s.must(s.db.Audit(ctx, db.AuditEntry{At: after(22), Actor: "u1", Action: "export", Object: "people", Detail: "amina@nile.example"}))
	s.must(s.db.Revoke(ctx, "publish", "obi@nile.example", "operator", after(23)))
	about := func(u db.User) []string {
		all, err := s.db.AuditAbout(ctx, &u, 100)
		s.must(err)
		var did []string
		for _, e := range all {
			did = append(did, e.Action+" "+e.Actor)
		}
		return did
	}
	s.equal(about(amina), []string{"grant.bound " + amina.ID, "grant operator"})
	s.equal(about(obi), []string{"revoke operator", "unblock operator", "block operator", "grant.bound " + obi.ID, "grant operator"})
	// Under a new address the grant that made them manager is still theirs.
	s.equal(about(s.signInAs("amina", "new@nile.example", 30)), []string{"drift sign-in", "grant.bound " + amina.ID, "grant operator"})
}

func testLiveSessions(s suite) {
	now := soon()
	var ids []string
	for i := range 5 {
		_, session := s.signIn(signIn([]string{"amina", "obi"}[i%2], now.Add(time.Duration(i)*time.Millisecond)))
		ids = append(ids, session.ID)
	}
	s.signIn(signIn("amina", now.Add(-8*24*time.Hour))) // expired
	s.signIn(signIn("amina", now.Add(-13*time.Hour)))   // idle for too long
	_, ended := s.signIn(signIn("amina", now.Add(time.Second)))
	s.must(s.db.EndSession(s.Context(), ended.TokenHash, "signed out", now))
	list := func(q db.SessionQuery) (got []string, more bool) {
		page, more, err := s.db.LiveSessions(s.Context(), q)
		s.must(err)
		for _, l := range page {
			s.equal(l.Session.UserID, l.User.ID)
			got = append(got, l.Session.ID)
		}
		return got, more
	}
	first, more := list(db.SessionQuery{Limit: 3})
	s.equal([]any{first, more}, []any{[]string{ids[4], ids[3], ids[2]}, true})
	second, more := list(db.SessionQuery{Limit: 3, After: ids[2]})
	s.equal([]any{second, more}, []any{[]string{ids[1], ids[0]}, false})
	obi, err := s.db.UserBySub(s.Context(), provider, "obi")
	s.must(err)
	his, _ := list(db.SessionQuery{Limit: 3, UserID: obi.ID})
	s.equal(his, []string{ids[3], ids[1]})
	_, _, err = s.db.LiveSessions(s.Context(), db.SessionQuery{Limit: 3, After: "none"})
	s.mustBe(err, db.ErrNotFound)
}

func testEndChosen(s suite) {
	ctx := s.Context()
	u, one := s.signIn(signIn("amina", after(10)))
	_, two := s.signIn(signIn("obi", after(11)))
	end := db.Ending{By: "operator", Reason: "lost phone", At: after(20)}
	_, err := s.db.EndChosen(ctx, []string{one.ID, "none"}, end)
	s.mustBe(err, db.ErrNoSession{ID: "none"})
	s.equal(s.session(one.TokenHash).Ended, time.Time{})
	n, err := s.db.EndChosen(ctx, []string{one.ID, one.ID}, end)
	s.must(err)
	s.equal([]any{n, s.session(one.TokenHash).Ended, s.session(one.TokenHash).EndedWhy, s.session(two.TokenHash).Ended}, []any{1, after(20), "by hand", time.Time{}})
	n, err = s.db.EndChosen(ctx, []string{one.ID}, end)
	s.must(err)
	s.equal(n, 0)
	s.equal(s.audited(), []db.AuditEntry{{At: after(20), Actor: "operator", Action: "session.end", Object: u.ID, Detail: "lost phone"}})
	s.signIn(signIn("amina", after(15))) // others of that time may go on
}

func (s suite) audited() []db.AuditEntry {
	s.Helper()
	all, err := s.db.AuditBetween(s.Context(), start, after(1000), 100)
	s.must(err)
	return all
}

func testEndPerson(s suite) {
	ctx := s.Context()
	u, one := s.signIn(signIn("amina", after(10)))
	_, ahead := s.signIn(signIn("amina", after(100)))
	_, others := s.signIn(signIn("obi", after(10)))
	n, err := s.db.EndPerson(ctx, u.ID, db.Ending{By: "operator", Reason: "lost phone", At: after(20)})
	s.must(err)
	s.equal(n, 2)
	s.equal([]time.Time{s.session(one.TokenHash).Ended, s.session(ahead.TokenHash).Ended, s.session(others.TokenHash).Ended}, []time.Time{after(20), after(20), {}})
	s.equal(s.audited(), []db.AuditEntry{{At: after(20), Actor: "operator", Action: "sessions.end", Object: u.ID, Detail: "lost phone"}})
	_, _, err = s.db.SignIn(ctx, signIn("amina", after(20)))
	s.mustBe(err, db.ErrEnded)
	s.signIn(signIn("amina", after(21)))
}

func testEndEverybody(s suite) {
	ctx := s.Context()
	u, one := s.signIn(signIn("amina", after(10)))
	_, ahead := s.signIn(signIn("obi", after(100)))
	heard := make(chan db.Change, 100)
	s.db.OnChange(func(c db.Change) { heard <- c })
	n, err := s.db.EndEverybody(ctx, db.Ending{By: "operator", At: after(20)})
	s.must(err)
	s.equal(n, 2)
	s.equal(<-heard, db.Change{Kind: "all"})
	s.equal([]time.Time{s.session(one.TokenHash).Ended, s.session(ahead.TokenHash).Ended, s.user(u.ID).EndedBefore}, []time.Time{after(20), after(20), after(20)})
	_, _, err = s.db.SignIn(ctx, signIn("amina", after(20)))
	s.mustBe(err, db.ErrEnded)
	s.equal(s.audited(), []db.AuditEntry{{At: after(20), Actor: "operator", Action: "sessions.end", Object: "everybody"}})
}
