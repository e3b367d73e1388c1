package dbtest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"portico/db"
)

// The days of the model lie well in the past, whatever day it is: what is
// written of them comes late. One of them has 25 hours in Berlin.
var (
	modelFirst = db.DayOf(time.Date(2024, 10, 22, 0, 0, 0, 0, time.UTC), time.UTC)
	modelZones = []*time.Location{lagos, must(time.LoadLocation("Europe/Berlin")), must(time.LoadLocation("Asia/Kolkata"))}
)

const modelDays = 9

// reportModel plays a department's days at random and rolls them up at random
// moments, in whole or in part, by different zones. In the end its reports must
// be those of a database that never rolled anything up, and every past day must
// stand a recount.
type reportModel struct {
	suite
	items []db.Item
	n     int
	zone  *time.Location
}

func testReportsAgree(s suite) {
	setFlag(s.T, "rapid.checks", modelChecks())
	rapid.Check(s.T, func(t *rapid.T) {
		s.wipe(t, "rollup_reach", "rollup_days", "rollup_totals", "rollup_people", "rollup_numbers", "rollup_crowd", "rollup_horizons", "reads", "item_versions", "slugs", "items",
			"sign_ins", "role_changes", "tokens", "calendar_addresses", "user_sessions", "deliveries", "counts", "audit", "users")
		m := &reportModel{suite: s, zone: lagos}
		m.play(t)
		m.judge(t)
	})
}

// modelChecks is how often the model is played.
func modelChecks() int {
	switch {
	case os.Getenv("PORTICO_TEST_LONG") == "1":
		return 1000
	case os.Getenv("PORTICO_TEST_ALL") == "1":
		return 25
	}
	return 8
}

func setFlag(t *testing.T, name string, n int) {
	t.Helper()
	was := flag.Lookup(name).Value.String()
	if err := flag.Set(name, strconv.Itoa(n)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set(name, was) }) // its own value is always good
}

func (s suite) wipe(t rapid.TB, tables ...string) {
	for _, table := range tables {
		if _, err := s.db.Writer().ExecContext(s.Context(), `DELETE FROM `+table); err != nil {
			t.Fatalf("emptying %s: %v", table, err)
		}
	}
}

func (m *reportModel) at(t *rapid.T) time.Time {
	return modelFirst.Begin(time.UTC).Add(time.Duration(rapid.IntRange(1, modelDays*24*60-1).Draw(t, "minute")) * time.Minute)
}

func (m *reportModel) sub(t *rapid.T) string {
	return rapid.SampledFrom([]string{"amina", "obi", "grace", "musa"}).Draw(t, "who")
}

func (m *reportModel) play(t *rapid.T) {
	for i := range 2 {
		c := notice(fmt.Sprintf("Notice %d", i))
		c.Publish, c.Until = modelFirst.Begin(time.UTC), time.Time{}
		item, err := m.db.CreateItem(m.Context(), db.Announcement, c, "u1", c.Publish)
		m.good(t, err)
		m.items = append(m.items, item)
	}
	acts := map[string]func(*rapid.T){
		"sign in": m.signsIn, "sign in once more": m.signsIn, "count": m.counted, "receive": m.received, "change a role": m.roleChanges, "act": m.acted, "read": m.reads,
		"forget": m.forgotten, "delete": m.deleted, "roll up": m.rollsUp, "roll up a day": m.rollsUpADay,
	}
	names := []string{"sign in", "sign in once more", "count", "receive", "change a role", "act", "read", "forget", "delete", "roll up", "roll up", "roll up a day"}
	for range rapid.IntRange(5, 30).Draw(t, "acts") {
		acts[rapid.SampledFrom(names).Draw(t, "act")](t)
	}
}

func (m *reportModel) good(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

func (m *reportModel) signsIn(t *rapid.T) {
	at := m.at(t)
	in := signIn(m.sub(t), at, fact(db.FieldRole, rapid.SampledFrom([]string{"student", "staff", ""}).Draw(t, "role"), at), fact(db.FieldLevel, rapid.SampledFrom([]string{"100", "300"}).Draw(t, "level"), at))
	in.Session.Silent = rapid.Bool().Draw(t, "silent")
	if _, _, err := m.db.SignIn(m.Context(), in); !errors.Is(err, db.ErrEnded) {
		m.good(t, err)
	}
}

func (m *reportModel) counted(t *rapid.T) {
	kind := rapid.SampledFrom([]string{"silent", "interactive", "skipped", "webhook", "drift"}).Draw(t, "kind")
	reason := rapid.SampledFrom([]string{"login_required", "exchange", "bot"}).Draw(t, "reason")
	m.good(t, m.db.AddCounts(m.Context(), []db.Count{{Hour: m.at(t), Kind: kind, Reason: reason, N: rapid.IntRange(1, 9).Draw(t, "n")}}))
}

// received stores a webhook, and perhaps something becomes of it later.
func (m *reportModel) received(t *rapid.T) {
	m.n++
	ctx, at := m.Context(), m.at(t)
	v := db.Delivery{Key: strconv.Itoa(m.n), Event: "user.updated", Received: at, Occurred: at.Add(-time.Duration(rapid.IntRange(0, 9000).Draw(t, "delay")) * time.Second), User: m.sub(t)}
	_, err := m.db.StoreDelivery(ctx, v)
	m.good(t, err)
	if rapid.Bool().Draw(t, "first rolled up") {
		m.rollsUp(t)
	}
	switch rapid.IntRange(0, 3).Draw(t, "becomes") {
	case 0:
		m.good(t, m.db.FailDelivery(ctx, v, "it failed", at, true))
	case 1:
		m.good(t, m.db.DropByHand(ctx, v.Key, "u1", "of no use", m.at(t)))
	case 2:
		_, err := m.db.Apply(ctx, v, db.Effect{Provider: provider, Sub: v.User, Create: true, Facts: []db.Fact{told(db.FieldLevel, "400", v.Occurred)}})
		m.good(t, err)
	}
}

func (m *reportModel) apply(t *rapid.T, event string, at time.Time, e db.Effect) {
	m.n++
	v := db.Delivery{Key: strconv.Itoa(m.n), Event: event, Occurred: at, Received: m.at(t), User: e.Sub}
	_, err := m.db.StoreDelivery(m.Context(), v)
	m.good(t, err)
	e.Provider = provider
	_, err = m.db.Apply(m.Context(), v, e)
	m.good(t, err)
}

func (m *reportModel) roleChanges(t *rapid.T) {
	at := m.at(t)
	role := rapid.SampledFrom([]string{"student", "staff", "alumni"}).Draw(t, "role")
	m.apply(t, "user.role_changed", at, db.Effect{Sub: m.sub(t), Create: true, RoleChange: true, Facts: []db.Fact{told(db.FieldRole, role, at)}})
}

func (m *reportModel) deleted(t *rapid.T) {
	m.apply(t, "user.deleted", m.at(t), db.Effect{Sub: m.sub(t), Delete: true, EndWhy: "deleted"})
}

func (m *reportModel) acted(t *rapid.T) {
	actor := rapid.SampledFrom([]string{"u1", "command line (root)", db.SourceSignIn}).Draw(t, "actor")
	m.good(t, m.db.Audit(m.Context(), db.AuditEntry{At: m.at(t), Actor: actor, Action: rapid.SampledFrom([]string{"block", "report.export", "drift"}).Draw(t, "action")}))
}

func (m *reportModel) reads(t *rapid.T) {
	u, err := m.db.UserBySub(m.Context(), provider, m.sub(t))
	if errors.Is(err, db.ErrNotFound) {
		return
	}
	m.good(t, err)
	r := db.Read{UserID: u.ID, ItemID: rapid.SampledFrom(m.items).Draw(t, "item").ID}
	if rapid.Bool().Draw(t, "opened") {
		r.Opened = m.at(t)
	} else {
		r.Marked = m.at(t)
	}
	m.good(t, m.db.SaveReads(m.Context(), []db.Read{r}))
}

func (m *reportModel) forgotten(t *rapid.T) {
	u, err := m.db.UserBySub(m.Context(), provider, m.sub(t))
	if err == nil {
		err = m.db.Forget(m.Context(), u.ID, m.at(t))
	}
	if !errors.Is(err, db.ErrNotFound) {
		m.good(t, err)
	}
}

var errStopped = errors.New("stopped in the middle")

// rollsUp counts what is due, as of some day, unless it is stopped before.
func (m *reportModel) rollsUp(t *rapid.T) {
	steps := rapid.IntRange(0, 20).Draw(t, "steps")
	m.zone = rapid.SampledFrom(modelZones).Draw(t, "zone")
	err := m.db.RollUp(m.Context(), m.zone, m.at(t).Add(48*time.Hour), func(context.Context) error {
		if steps--; steps < 0 {
			return errStopped
		}
		return nil
	})
	if !errors.Is(err, errStopped) {
		m.good(t, err)
	}
}

func (m *reportModel) rollsUpADay(t *rapid.T) {
	m.good(t, m.db.RollUpDay(m.Context(), modelFirst+db.Day(rapid.IntRange(0, modelDays).Draw(t, "day")), m.zone, m.at(t)))
}

// judge compares reports before and after the last roll-up, and without any.
func (m *reportModel) judge(t *rapid.T) {
	zone := rapid.SampledFrom(modelZones).Draw(t, "last zone")
	first := rapid.IntRange(-1, modelDays).Draw(t, "from")
	span := db.Span{First: modelFirst + db.Day(first), Last: modelFirst + db.Day(rapid.IntRange(first, modelDays+1).Draw(t, "to")), Zone: zone}
	end := (modelFirst + modelDays + 2).Begin(zone).Add(time.Hour)
	m.good(t, m.db.RollUp(m.Context(), zone, end, func(context.Context) error { return nil }))
	rolled := m.figures(span)
	m.recounts(t, zone, end)
	due, err := m.db.RollupDue(m.Context(), zone, end)
	m.good(t, err)
	if len(due) != 1 {
		t.Fatalf("after everything is rolled up, %d days are due", len(due))
	}
	m.wipe(t, "rollup_reach", "rollup_days", "rollup_totals", "rollup_people", "rollup_numbers", "rollup_crowd")
	if diff := cmp.Diff(m.figures(span), rolled, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("-counted from the rows, +rolled up\n%s", diff)
	}
}

// recounts counts each past day once more.
func (m *reportModel) recounts(t *rapid.T, zone *time.Location, now time.Time) {
	for i := range modelDays {
		day := modelFirst + db.Day(i)
		check, err := m.db.Recount(m.Context(), day, zone, now)
		if errors.Is(err, db.ErrNotCounted) { // before the first of anything
			continue
		}
		m.good(t, err)
		if len(check.Differs) > 0 {
			t.Fatalf("of %s differ: %q", day, check.Differs)
		}
	}
}
