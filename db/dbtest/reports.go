package dbtest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"portico/db"
)

var reportTests = map[string]func(suite){
	"the figures of a few days":      testReportFigures,
	"a day ends at its own midnight": testMidnight,
	"rolled up or not, all the same": testReportsAgree,
	"today is live, yesterday too":   testTodayIsLive,
	"another time zone":              testZoneChange,
	"the clock moves back":           testClockBack,
	"who is forgotten leaves":        testForgottenLeave,
	"who is forgotten stays nobody":  testForgottenStayNobody,
	"reach tells nothing early":      testReachTellsNothingEarly,
	"totals outlive their rows":      testTotalsOutlive,
	"a recount finds what is wrong":  testRecountFinds,
	"people, page by page":           testPersonPages,
	"single lines, page by page":     testLinePages,
}

var lagos = must(time.LoadLocation("Africa/Lagos"))

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// day is a date of the suite's month.
func day(n int) db.Day { return db.DayOf(time.Date(2026, 9, n, 12, 0, 0, 0, time.UTC), time.UTC) }

// on is a moment of the suite's month in Lagos.
func on(n, hour, minute int) time.Time { return time.Date(2026, 9, n, hour, minute, 0, 0, lagos) }

// rollUp counts all that is to be counted.
func (s suite) rollUp(zone *time.Location, now time.Time) {
	s.Helper()
	s.must(s.db.RollUp(s.Context(), zone, now, func(context.Context) error { return nil }))
}

// figures are all reports of a span.
type figures struct {
	Overview db.Overview
	SignIns  db.SignInsReport
	Hours    []db.SignInHour
	People   db.PeopleReport
	Some     db.PeopleReport // students alone
	Persons  []string
	Reach    []string
	Roles    db.RolesReport
	Webhooks db.WebhooksReport
	Audit    []db.AuditCount
}

func (s suite) figures(span db.Span) (f figures) {
	s.Helper()
	ctx := s.Context()
	var err error
	f.Overview, err = s.db.Overview(ctx, span, db.PeopleFilter{})
	s.must(err)
	f.SignIns, err = s.db.SignInsReport(ctx, span)
	s.must(err)
	f.Hours, _, err = s.db.SignInHours(ctx, span)
	s.must(err)
	f.People, err = s.db.PeopleReport(ctx, span, db.PeopleFilter{})
	s.must(err)
	f.Some, err = s.db.PeopleReport(ctx, span, db.PeopleFilter{Roles: []string{"student"}})
	s.must(err)
	people, _, err := s.db.ActivePeople(ctx, span, db.PeopleFilter{}, db.PersonOrder{})
	s.must(err)
	for _, p := range people {
		f.Persons = append(f.Persons, fmt.Sprint(p.ID, p.Days, p.Last, p.Fresh))
	}
	slices.Sort(f.Persons)
	reach, err := s.db.ReachReport(ctx, span, span.End(), db.Announcement, db.EventItem)
	s.must(err)
	for _, i := range reach {
		f.Reach = append(f.Reach, fmt.Sprint(i.ID, i.Opened, i.Marked, i.Readers))
	}
	f.Roles, err = s.db.RolesReport(ctx, span)
	s.must(err)
	f.Webhooks, err = s.db.WebhooksReport(ctx, span)
	s.must(err)
	f.Audit, _, err = s.db.AuditReport(ctx, span)
	s.must(err)
	return f
}

// both checks figures from the rows, and again from the roll-ups.
func (s suite) both(now time.Time, check func()) {
	s.Helper()
	check()
	s.rollUp(lagos, now)
	check()
}

// student signs a student in.
func (s suite) student(sub string, at time.Time, level string) db.User {
	s.Helper()
	u, _ := s.signIn(signIn(sub, at, fact(db.FieldName, "Name of "+sub, at), fact(db.FieldRole, "student", at), fact(db.FieldLevel, level, at), fact(db.FieldDepartmentID, "cs", at)))
	return u
}

func (s suite) again(sub string, at time.Time, silent bool) {
	s.Helper()
	in := signIn(sub, at)
	in.Session.Silent = silent
	s.signIn(in)
}

func testReportFigures(s suite) {
	ctx := s.Context()
	amina := s.student("amina", on(14, 8, 0), "300")
	s.student("obi", on(14, 23, 59), "300")
	s.again("amina", on(14, 8, 30), true)
	s.again("amina", on(15, 0, 1), true)
	s.signIn(signIn("grace", on(16, 9, 0), fact(db.FieldRole, "staff", on(16, 9, 0))))
	s.again("amina", on(16, 9, 30), true)
	s.must(s.db.AddCounts(ctx, []db.Count{
		{Hour: on(14, 8, 0), Kind: "silent", Reason: "login_required", N: 7}, {Hour: on(15, 8, 0), Kind: "silent", Reason: "exchange", N: 1},
		{Hour: on(15, 8, 0), Kind: "interactive", Reason: "server_error", N: 2}, {Hour: on(16, 8, 0), Kind: "skipped", Reason: "bot", N: 4},
		{Hour: on(16, 8, 0), Kind: "webhook", Reason: "duplicate", N: 3},
	}))
	s.store(db.Delivery{Key: "k1", Event: "user.updated", Occurred: on(15, 7, 0), Received: on(15, 7, 0).Add(3 * time.Second), Applied: on(15, 7, 5), State: db.StateProcessed})
	s.store(db.Delivery{Key: "k2", Event: "user.updated", Occurred: on(13, 7, 0), Received: on(15, 8, 0), State: db.StateDead})
	s.must(s.db.Audit(ctx, db.AuditEntry{At: on(15, 12, 0), Actor: amina.ID, Action: "report.export"}))
	s.must(s.db.Audit(ctx, db.AuditEntry{At: on(15, 12, 0), Actor: "command line (root)", Action: "block"}))
	span := db.Span{First: day(15), Last: day(16), Zone: lagos}
	s.both(on(17, 9, 0), func() {
		s.Helper()
		f := s.figures(span)
		s.equal(f.SignIns.Days, []db.SignInDay{{Day: day(15), Silent: 1, People: 1}, {Day: day(16), Silent: 1, Interactive: 1, People: 2}})
		s.equal(f.SignIns.People, 2)
		s.equal(f.SignIns.PeopleSince, day(15)) // nothing was removed
		s.equal(f.SignIns.Attempts, []db.Attempts{{Day: day(15), Kind: "interactive", Reason: "server_error", N: 2}, {Day: day(15), Kind: "silent", Reason: "exchange", N: 1}, {Day: day(16), Kind: "skipped", Reason: "bot", N: 4}})
		s.equal(f.Hours[33], db.SignInHour{Start: on(16, 9, 0), Silent: 1, Interactive: 1, People: 2})
		s.equal([]int{len(f.Hours), f.Hours[8].Failed, f.Hours[32].Skipped}, []int{48, 3, 4})
		cs := db.PeopleGroup{Role: "student", Level: "300", DepartmentID: "cs", Met: 2, Active: 1, Returning: 1}
		s.equal(f.People.Groups, []db.PeopleGroup{{Role: "staff", Met: 1, Active: 1, New: 1}, cs})
		s.equal([]int{f.People.Met, f.People.Active, f.People.New, f.People.Returning}, []int{3, 2, 1, 1})
		s.equal(f.People.Days, []db.PeopleDay{{Day: day(15), Active: 1}, {Day: day(16), Active: 2, New: 1}})
		s.equal(f.Some.Groups, []db.PeopleGroup{cs})
		s.equal(f.Webhooks.Events, []db.WebhookCount{{Day: day(15), Event: "user.updated", State: "dead", N: 1}, {Day: day(15), Event: "user.updated", State: "processed", N: 1}})
		s.equal(f.Webhooks.Delays, []db.DelayCount{{Day: day(15), Delay: "applied", Bucket: 3, N: 1}, {Day: day(15), Delay: "arrival", Bucket: 1, N: 1}, {Day: day(15), Delay: "arrival", Bucket: 6, N: 1}})
		s.equal(f.Webhooks.Counts, []db.Attempts{{Day: day(16), Kind: "webhook", Reason: "duplicate", N: 3}})
		s.equal(f.Audit, []db.AuditCount{{Day: day(15), Action: "block", By: "command line", N: 1}, {Day: day(15), Action: "report.export", By: "person", N: 1}})
		o := f.Overview
		s.equal([]int{o.Silent, o.Interactive, o.Failed, o.Anonymous, o.Skipped, o.Active, o.Webhooks, o.WebhooksFailed, o.Actions, o.Exports}, []int{2, 1, 3, 0, 4, 2, 2, 1, 2, 1})
	})
	page, _, err := s.db.ActivePeople(ctx, db.Span{First: day(14), Last: day(16), Zone: lagos}, db.PeopleFilter{}, db.PersonOrder{By: db.ByDays, Desc: true, Limit: 1})
	s.must(err)
	s.equal([]any{page[0].ID, page[0].Name(), page[0].Days, page[0].Last}, []any{amina.ID, "Name of amina", 3, day(16)})
	actors, err := s.db.AuditActors(ctx, span)
	s.must(err)
	i := slices.IndexFunc(actors, func(a db.AuditActor) bool { return a.PersonID == amina.ID })
	s.equal(actors[i], db.AuditActor{Actor: amina.ID, PersonID: amina.ID, Name: "Name of amina", Action: "report.export", N: 1, Last: on(15, 12, 0).UTC()})
}

// testMidnight: a day begins and ends by the department's clock, also when it
// has 23 or 25 hours. Who was deleted is nobody, with a sign-in that counts.
func testMidnight(s suite) {
	berlin := must(time.LoadLocation("Europe/Berlin"))
	spring, autumn := time.Date(2026, 3, 29, 0, 0, 0, 0, berlin), time.Date(2026, 10, 25, 0, 0, 0, 0, berlin)
	for i, at := range []time.Time{spring.Add(-time.Microsecond), spring, spring.Add(23*time.Hour - time.Microsecond), spring.Add(23 * time.Hour), autumn, autumn.Add(25*time.Hour - time.Microsecond), autumn.Add(25 * time.Hour)} {
		s.again(numbered("p", i), at, i == 1)
	}
	s.deliver(autumn.Add(time.Hour), db.Effect{Sub: "p4", Delete: true})
	for first, want := range map[db.Day][]db.SignInDay{
		db.DayOf(spring, berlin): {{Silent: 1, Interactive: 1, People: 2}, {Interactive: 1, People: 1}},
		db.DayOf(autumn, berlin): {{Interactive: 2, People: 1}, {Interactive: 1, People: 1}},
	} {
		for i := range want {
			want[i].Day = first + db.Day(i)
		}
		for range 2 {
			report, err := s.db.SignInsReport(s.Context(), db.Span{First: first, Last: first + 1, Zone: berlin})
			s.must(err)
			s.equal(report.Days, want)
			hours, _, err := s.db.SignInHours(s.Context(), db.Span{First: first, Last: first, Zone: berlin})
			s.must(err)
			s.equal(len(hours), int((first+1).Begin(berlin).Sub(first.Begin(berlin))/time.Hour))
			s.rollUp(berlin, autumn.Add(50*time.Hour))
		}
	}
}
