package dbtest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"portico/db"
)

// past is a moment of a month that is long over, in Lagos: whatever is written
// of it comes late.
func past(n, hour, minute int) time.Time { return time.Date(2024, 9, n, hour, minute, 0, 0, lagos) }

func pastDay(n int) db.Day { return db.DayOf(past(n, 12, 0), lagos) }

func pastSpan(from, to int) db.Span {
	return db.Span{First: pastDay(from), Last: pastDay(to), Zone: lagos}
}

func pastNotice() db.Content {
	c := notice("Hall change")
	c.Publish, c.Until = past(1, 8, 0), past(30, 8, 0)
	return c
}

// signInTotals are silent and interactive sign-ins and people of some days.
func (s suite) signInTotals(from, to int) (all [][3]int) {
	s.Helper()
	report, err := s.db.SignInsReport(s.Context(), pastSpan(from, to))
	s.must(err)
	for _, d := range report.Days {
		all = append(all, [3]int{d.Silent, d.Interactive, d.People})
	}
	return all
}

// testTodayIsLive: what happens after a day was rolled up for the last time
// counts at once, and what comes after midnight of the day before too.
func testTodayIsLive(s suite) {
	s.student("amina", past(10, 8, 0), "300")
	s.rollUp(lagos, past(10, 9, 0))
	s.student("obi", past(10, 9, 30), "300")
	s.again("amina", past(10, 10, 0), true)
	s.equal(s.signInTotals(10, 10), [][3]int{{1, 2, 2}})
	people, err := s.db.PeopleReport(s.Context(), pastSpan(10, 10), db.PeopleFilter{})
	s.must(err)
	s.equal([]int{people.Met, people.Active, people.New}, []int{2, 2, 2})
	hours, _, err := s.db.SignInHours(s.Context(), pastSpan(10, 10))
	s.must(err)
	s.equal([]db.SignInHour{hours[8], hours[9], hours[10]}, []db.SignInHour{{Start: past(10, 8, 0), Interactive: 1, People: 1}, {Start: past(10, 9, 0), Interactive: 1, People: 1}, {Start: past(10, 10, 0), Silent: 1, People: 1}})

	s.rollUp(lagos, past(11, 0, 1)) // the day is over, and not closed yet
	s.again("amina", past(10, 23, 59), true)
	s.rollUp(lagos, past(11, 0, 3))
	s.equal(s.signInTotals(10, 11), [][3]int{{2, 2, 2}, {}})
	s.again("obi", past(10, 23, 58), true) // far too late: the day is counted anew
	due, err := s.db.RollupDue(s.Context(), lagos, past(11, 9, 0))
	s.must(err)
	s.equal(due, []db.Day{pastDay(11), pastDay(10)})
	s.rollUp(lagos, past(11, 9, 0))
	s.equal(s.signInTotals(10, 11), [][3]int{{3, 2, 2}, {}})
}

// testClockBack: the clock was wrong by days and is put right; what is counted
// of days to come is counted anew when they come.
func testClockBack(s suite) {
	s.student("amina", past(12, 8, 0), "300")
	s.rollUp(lagos, past(20, 9, 0))
	s.again("amina", past(12, 9, 0), true)
	s.rollUp(lagos, past(12, 10, 0))
	s.equal(s.signInTotals(12, 13), [][3]int{{1, 1, 1}, {}})
	s.again("amina", past(13, 9, 0), true)
	s.rollUp(lagos, past(13, 10, 0))
	s.rollUp(lagos, past(14, 10, 0))
	s.equal(s.signInTotals(12, 14), [][3]int{{1, 1, 1}, {1, 0, 1}, {}})
}

// rows counts rows that a condition chooses.
func (s suite) rows(table, condition string, args ...any) (n int) {
	s.Helper()
	s.must(s.db.Reader().QueryRowContext(s.Context(), `SELECT count(*) FROM `+table+` WHERE `+condition, args...).Scan(&n))
	return n
}

// leftOf says what in the roll-ups leads to a person.
func (s suite) leftOf(userID string) int {
	s.Helper()
	n := s.rows("rollup_numbers", "user_id = $1", userID)
	for _, column := range []string{"rollup_days.hours", "rollup_days.zone", "rollup_reach.item_id", "rollup_totals.family"} {
		table, _, _ := strings.Cut(column, ".")
		n += s.rows(table, column+" LIKE $1", "%"+userID+"%")
	}
	return n
}

// testForgottenLeave: of who is forgotten nothing in the roll-ups leads to
// them, at once; then the figures are those of all others.
func testForgottenLeave(s suite) {
	ctx := s.Context()
	item := s.create(db.Announcement, pastNotice(), past(1, 8, 0))
	amina, obi := s.student("amina", past(10, 8, 0), "300"), s.student("obi", past(10, 9, 0), "300")
	s.student("grace", past(10, 9, 30), "300")
	s.again("amina", past(11, 8, 0), true)
	s.must(s.db.SaveReads(ctx, []db.Read{{UserID: amina.ID, ItemID: item.ID, Opened: past(10, 9, 0)}, {UserID: obi.ID, ItemID: item.ID, Marked: past(10, 9, 0)}}))
	s.deliver(past(12, 12, 0), db.Effect{Sub: "obi", RoleChange: true, Facts: []db.Fact{told(db.FieldRole, "staff", past(12, 12, 0))}})
	s.store(db.Delivery{Key: "dead", Event: "user.updated", Occurred: past(13, 7, 0), Received: past(13, 7, 0), User: "obi", State: db.StateDead})
	now := past(15, 9, 0)
	s.rollUp(lagos, now)
	s.equal([]int{s.leftOf(amina.ID), s.leftOf(obi.ID)}, []int{1, 1})
	f := s.figures(pastSpan(12, 13))
	s.equal([]any{len(f.Roles.Changes), f.Overview.WebhooksFailed}, []any{1, 1})
	s.must(s.db.Forget(ctx, amina.ID, past(14, 8, 0)))
	s.deliver(past(14, 9, 0), db.Effect{Sub: "obi", Delete: true, EndWhy: "deleted"})
	s.equal([]int{s.leftOf(amina.ID), s.leftOf(obi.ID)}, []int{0, 0})
	s.both(now, func() {
		s.Helper()
		page, _, err := s.db.ActivePeople(ctx, pastSpan(10, 11), db.PeopleFilter{}, db.PersonOrder{})
		s.must(err)
		s.equal(len(page), 1)
	})
	f = s.figures(pastSpan(12, 13))
	s.equal([]any{len(f.Roles.Changes), f.Overview.WebhooksFailed}, []any{0, 0})
	s.equal(s.signInTotals(10, 11), [][3]int{{0, 2, 1}, {}}) // who was deleted leaves the bare times of their sign-ins
	reach, err := s.db.ReachReport(ctx, pastSpan(1, 30), pastSpan(1, 30).End(), db.Announcement)
	s.must(err)
	s.equal([]int{len(reach), reach[0].Opened, reach[0].Marked, reach[0].Readers}, []int{1, 0, 0, 0})
	again := s.student("amina", past(16, 8, 0), "300")
	s.rollUp(lagos, past(20, 9, 0))
	s.equal([]any{again.ID, s.leftOf(amina.ID)}, []any{amina.ID, 1})
	s.equal(s.signInTotals(10, 11), [][3]int{{0, 2, 1}, {}})
}

// testForgottenStayNobody: who comes before the days of somebody forgotten are
// counted anew is not taken for them, though theirs was the latest number.
func testForgottenStayNobody(s suite) {
	s.student("amina", past(10, 8, 0), "300")
	s.rollUp(lagos, past(11, 9, 0))
	obi := s.student("obi", past(11, 10, 0), "300")
	s.again("obi", past(12, 10, 0), true)
	s.rollUp(lagos, past(13, 9, 0))
	s.must(s.db.Forget(s.Context(), obi.ID, past(13, 10, 0)))
	grace := s.student("grace", past(13, 11, 0), "300")
	check := func() {
		s.Helper()
		page, _, err := s.db.ActivePeople(s.Context(), pastSpan(10, 13), db.PeopleFilter{}, db.PersonOrder{By: db.ByLast, Desc: true})
		s.must(err)
		s.equal([]any{len(page), page[0].ID, page[0].Days, page[0].Last}, []any{2, grace.ID, 1, pastDay(13)})
	}
	s.both(past(13, 12, 0), check)
}

// testReachTellsNothingEarly: what is scheduled is not told before its time,
// whatever span is asked for, and what was taken back before it never.
func testReachTellsNothingEarly(s suite) {
	later := pastNotice()
	later.Publish = past(10, 18, 0)
	s.create(db.Announcement, later, past(9, 8, 0))
	taken := s.create(db.Announcement, later, past(9, 8, 0))
	_, err := s.db.TurnItem(s.Context(), taken.ID, db.TurnWithdraw, "u1", past(10, 9, 0))
	s.must(err)
	for _, at := range []struct {
		now  time.Time
		span db.Span
		seen int
	}{
		{past(10, 17, 59), pastSpan(10, 10), 0}, {past(10, 17, 59), pastSpan(1, 30), 0}, {past(9, 9, 0), pastSpan(11, 12), 0},
		{past(10, 18, 0), pastSpan(10, 10), 1}, {past(20, 9, 0), pastSpan(10, 10), 1}, {past(20, 9, 0), pastSpan(1, 9), 0},
	} {
		reach, err := s.db.ReachReport(s.Context(), at.span, at.now, db.Announcement)
		s.must(err)
		s.equal([]any{at.now, at.span.First, len(reach)}, []any{at.now, at.span.First, at.seen})
	}
}

// testTotalsOutlive: when rows were kept for long enough, who they were of goes
// from the roll-ups with them; totals stay, whatever is asked for later.
func testTotalsOutlive(s suite) {
	ctx := s.Context()
	item := s.create(db.Announcement, pastNotice(), past(1, 8, 0))
	amina := s.student("amina", past(10, 8, 0), "300")
	obi := s.student("obi", past(12, 8, 0), "300")
	s.must(s.db.SaveReads(ctx, []db.Read{{UserID: amina.ID, ItemID: item.ID, Opened: past(10, 9, 0)}, {UserID: obi.ID, ItemID: item.ID, Opened: past(12, 9, 0), Marked: past(12, 9, 1)}}))
	s.store(db.Delivery{Key: "k1", Event: "user.updated", Received: past(10, 9, 0), State: db.StateProcessed})
	s.must(s.db.Audit(ctx, db.AuditEntry{At: past(10, 9, 0), Actor: amina.ID, Action: "block"}))
	now := past(20, 9, 0)
	s.rollUp(lagos, now)
	before := s.figures(pastSpan(9, 13))
	for what, purge := range map[string]func() (int, error){
		"sign-ins":   func() (int, error) { return s.db.PurgeSignIns(ctx, past(11, 12, 0), 100) },
		"deliveries": func() (int, error) { return s.db.PurgeDeliveries(ctx, past(11, 12, 0), 100) },
		"audit":      func() (int, error) { return s.db.PurgeAudit(ctx, past(11, 12, 0), 100) },
		"reads":      func() (int, error) { return s.db.PurgeReads(ctx, past(11, 12, 0), 100) },
	} {
		n, err := purge()
		s.must(err)
		if n == 0 {
			s.Errorf("no %s were removed", what)
		}
	}
	n, err := s.db.PurgeNumbers(ctx, 100)
	s.must(err)
	s.equal([]int{n, s.leftOf(amina.ID), s.leftOf(obi.ID)}, []int{1, 0, 1})
	s.equal(s.rows("rollup_people", "day <= $1", int(pastDay(11))), 0)
	for _, zone := range []*time.Location{lagos, time.UTC, lagos} {
		_, err := s.db.Writer().ExecContext(ctx, `UPDATE rollup_days SET asked = asked + 1`)
		s.must(err)
		s.must(s.db.RollUpDay(ctx, pastDay(10), zone, now))
		s.rollUp(zone, now)
		after := s.figures(db.Span{First: pastDay(9), Last: pastDay(13), Zone: zone})
		s.equal(after.SignIns.Days, before.SignIns.Days)
		s.equal(after.Hours[24:48], hoursIn(before.Hours[24:48], after.Hours[24].Start))
		s.equal(after.Webhooks.Events, before.Webhooks.Events)
		s.equal(after.Audit, before.Audit)
		s.equal(after.Reach, before.Reach)
		s.equal([]any{after.People.Active, after.People.PeopleSince, after.SignIns.People}, []any{1, pastDay(12), 1})
	}
	_, err = s.db.Recount(ctx, pastDay(10), lagos, now)
	s.mustBe(err, db.ErrNotCounted)
	s.recountsAll(now)
}

// hoursIn are hours as they are told when the day begins at another moment.
func hoursIn(hours []db.SignInHour, began time.Time) []db.SignInHour {
	moved := slices.Clone(hours)
	for i := range moved {
		moved[i].Start = began.Add(time.Duration(i) * time.Hour)
	}
	return moved
}

// recountsAll checks every day that can be, until all are.
func (s suite) recountsAll(now time.Time) (days []db.Day) {
	s.Helper()
	for fresh := true; fresh; {
		next, err := s.db.RecountDays(s.Context(), lagos, now)
		s.must(err)
		fresh = false
		for _, day := range next {
			now = now.Add(time.Second)
			check, err := s.db.Recount(s.Context(), day, lagos, now)
			s.must(err)
			if len(check.Differs) > 0 {
				s.Fatalf("of %s differ: %q", day, check.Differs)
			}
			if !slices.Contains(days, day) {
				days, fresh = append(days, day), true
			}
		}
	}
	return days
}

// testRecountFinds: a roll-up that is not what the rows say is found, told, and
// put right by the next round.
func testRecountFinds(s suite) {
	ctx := s.Context()
	s.student("amina", past(10, 8, 0), "300")
	s.must(s.db.AddCounts(ctx, []db.Count{{Hour: past(10, 8, 0), Kind: "silent", Reason: "exchange", N: 2}}))
	s.must(s.db.Audit(ctx, db.AuditEntry{At: past(10, 9, 0), Action: "drift", Actor: db.SourceSignIn}))
	s.store(db.Delivery{Key: "k1", Event: "user.updated", Received: past(10, 9, 0), Occurred: past(10, 8, 0), Applied: past(10, 9, 1), State: db.StateProcessed})
	s.deliver(past(10, 10, 0), db.Effect{Sub: "amina", Facts: []db.Fact{told(db.FieldRole, "staff", past(10, 10, 0))}, RoleChange: true})
	now := past(13, 9, 0)
	s.equal(s.recountsAll(now), []db.Day(nil))
	s.rollUp(lagos, now)
	s.equal(s.recountsAll(now), []db.Day{pastDay(10), pastDay(12), pastDay(11)}) // the oldest, and yesterday
	for tamper, args := range map[string][]any{
		`UPDATE rollup_days SET silent = silent + 1 WHERE day = $1`:                   nil,
		`UPDATE rollup_days SET people = people + 1 WHERE day = $1`:                   nil,
		`UPDATE rollup_days SET hours = '[]' WHERE day = $1`:                          nil,
		`UPDATE rollup_people SET bits = $2 WHERE day = $1`:                           {[]byte{255, 0, 0, 0, 0, 0, 0, 0}},
		`UPDATE rollup_totals SET body = $2 WHERE family = 'attempts' AND day = $1`:   {[]byte{}},
		`UPDATE rollup_totals SET body = $2 WHERE family = 'drift' AND day = $1`:      {[]byte{}},
		`UPDATE rollup_totals SET body = $2 WHERE family = 'deliveries' AND day = $1`: {[]byte{}},
		`UPDATE rollup_totals SET body = $2 WHERE family = 'delays' AND day = $1`:     {[]byte{}},
		`UPDATE rollup_totals SET body = $2 WHERE family = 'roles' AND day = $1`:      {[]byte{}},
		`UPDATE rollup_totals SET body = $2 WHERE family = 'actions' AND day = $1`:    {[]byte{}},
	} {
		_, err := s.db.Writer().ExecContext(ctx, tamper, append([]any{int(pastDay(10))}, args...)...)
		s.must(err)
		check, err := s.db.Recount(ctx, pastDay(10), lagos, now)
		s.must(err)
		last, err := s.db.LastRecount(ctx)
		s.must(err)
		status, err := s.db.RollupStatus(ctx, lagos, now)
		s.must(err)
		s.equal([]any{fmt.Sprint(last.Differs), last.Day, fmt.Sprint(status.Recount.Differs), status.Behind}, []any{fmt.Sprint(check.Differs), pastDay(10), fmt.Sprint(check.Differs), 1})
		if len(check.Differs) == 0 {
			s.Errorf("nothing differs after %s", tamper)
		}
		_, err = s.db.Recount(ctx, pastDay(10), lagos, now)
		s.mustBe(err, db.ErrNotCounted) // it is to be counted anew
		s.rollUp(lagos, now)
		check, err = s.db.Recount(ctx, pastDay(10), lagos, now)
		s.must(err)
		s.equal(check.Differs, []string(nil))
	}
}

// testZoneChange: days are those of one time zone; by another one all are
// counted anew, and until then from their rows.
func testZoneChange(s suite) {
	kolkata := must(time.LoadLocation("Asia/Kolkata"))
	s.student("amina", past(10, 22, 0), "300") // the 11th there
	now := past(13, 9, 0)
	s.rollUp(lagos, now)
	of := func(zone *time.Location) int {
		report, err := s.db.SignInsReport(s.Context(), db.Span{First: pastDay(10), Last: pastDay(10), Zone: zone})
		s.must(err)
		return report.Days[0].Interactive
	}
	s.equal([]int{of(lagos), of(kolkata)}, []int{1, 0})
	due, err := s.db.RollupDue(s.Context(), kolkata, now)
	s.must(err)
	s.equal(due, []db.Day{pastDay(13), pastDay(12), pastDay(11)})
	s.rollUp(kolkata, now)
	s.equal(s.rows("rollup_days", "day >= $1 AND zone LIKE '%Kolkata'", int(pastDay(11))), 3)
	s.equal([]int{of(lagos), of(kolkata)}, []int{1, 0})
}
