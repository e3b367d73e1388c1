package dbtest

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"portico/db"
)

var deliveryTests = map[string]func(suite){
	"stored once":                           testStoreOnce,
	"due in order":                          testDue,
	"failures, death and a second life":     testFailDelivery,
	"the inbox":                             testInbox,
	"applied exactly once":                  testApplyOnce,
	"an event makes an unknown person":      testApplyCreates,
	"sign-out at Campus One":                testApplyEnds,
	"disconnecting erases tokens":           testApplyDisconnect,
	"any order gives the same person":       testAnyOrder,
	"deletion leaves a tombstone":           testDelete,
	"deletion of a person never met":        testDeleteUnknown,
	"late news does not bring anybody back": testLateNews,
	"clean-up":                              testPurgeDeliveries,
}

func (s suite) store(v db.Delivery) bool {
	s.Helper()
	fresh, err := s.db.StoreDelivery(s.Context(), v)
	s.must(err)
	return fresh
}

func testStoreOnce(s suite) {
	v := db.Delivery{Key: "k1", Event: "user.updated", Occurred: after(1), Received: after(2), Body: []byte(`{"a":"\u0000"}`), User: "amina", Notes: "header differs"}
	s.equal(s.store(v), true)
	again := v
	again.Body = []byte("other")
	s.equal(s.store(again), false)
	got, err := s.db.Delivery(s.Context(), "k1")
	s.must(err)
	v.State = db.StatePending
	s.equal(got, v)
	s.equal(s.store(db.Delivery{Key: "empty", Event: "x", Received: after(3), State: db.StateIgnored}), true)
}

func testDue(s suite) {
	s.store(db.Delivery{Key: "later", Occurred: after(20), Received: after(20)})
	s.store(db.Delivery{Key: "sooner", Occurred: after(10), Received: after(21)})
	s.store(db.Delivery{Key: "not yet", Occurred: after(5), Received: after(5), NextTry: after(60)})
	s.store(db.Delivery{Key: "ignored", Received: after(5), State: db.StateIgnored})
	due := func(now, limit int) (keys []string) {
		all, err := s.db.Due(s.Context(), after(now), limit)
		s.must(err)
		for _, v := range all {
			keys = append(keys, v.Key)
		}
		return keys
	}
	s.equal(due(30, 10), []string{"sooner", "later"})
	s.equal(due(30, 1), []string{"sooner"})
	s.equal(due(60, 10), []string{"not yet", "sooner", "later"})
}

func testFailDelivery(s suite) {
	ctx := s.Context()
	s.store(db.Delivery{Key: "k", Received: after(1)})
	s.must(s.db.FailDelivery(ctx, "k", "database away", after(9), false))
	got, err := s.db.Delivery(ctx, "k")
	s.must(err)
	s.equal([]any{got.State, got.Attempts, got.Error, got.NextTry}, []any{db.StatePending, 1, "database away", after(9)})
	s.must(s.db.FailDelivery(ctx, "k", "again", after(10), true))
	s.equal(s.state("k"), db.StateDead)
	s.mustBe(s.db.FailDelivery(ctx, "k", "late", after(11), false), db.ErrNotPending)
	s.mustBe(s.db.Apply(ctx, db.Delivery{Key: "k"}, db.Effect{}), db.ErrNotPending)
	s.must(s.db.RetryDelivery(ctx, "k", "admin", after(12)))
	s.mustBe(s.db.RetryDelivery(ctx, "k", "admin", after(12)), db.ErrNotPending)
	s.equal(s.state("k"), db.StatePending)
	s.must(s.db.DropDelivery(ctx, "k", "admin", "nonsense", after(13)))
	got, err = s.db.Delivery(ctx, "k")
	s.must(err)
	s.equal([]any{got.State, got.Notes}, []any{db.StateDropped, "nonsense"})
	audit, err := s.db.AuditBetween(ctx, start, after(60), 10)
	s.must(err)
	s.equal(len(audit), 2)
}

func testInbox(s suite) {
	for i := range 5 {
		v := db.Delivery{Key: numbered("k", i), Event: numbered("e", i%2), User: "amina", Received: after(i)}
		if i == 4 {
			v.State = db.StateDead
		}
		s.store(v)
	}
	keys := func(f db.DeliveryFilter) (out []string) {
		all, err := s.db.Deliveries(s.Context(), f)
		s.must(err)
		for _, v := range all {
			out = append(out, v.Key)
		}
		return out
	}
	s.equal(keys(db.DeliveryFilter{}), []string{"k4", "k3", "k2", "k1", "k0"})
	s.equal(keys(db.DeliveryFilter{State: db.StatePending, Event: "e1"}), []string{"k3", "k1"})
	s.equal(keys(db.DeliveryFilter{From: after(1), To: after(3)}), []string{"k2", "k1"})
	s.equal(keys(db.DeliveryFilter{User: "amina", Limit: 2, Offset: 1}), []string{"k3", "k2"})
	s.equal(keys(db.DeliveryFilter{User: "obi"}), []string(nil))
	states, err := s.db.DeliveryStates(s.Context())
	s.must(err)
	s.equal(states, map[string]int{db.StatePending: 4, db.StateDead: 1})
}

func testApplyOnce(s suite) {
	u, _ := s.signIn(signIn("amina", after(1), fact(db.FieldRole, "student", after(1))))
	v := db.Delivery{Key: "k", Event: "user.role_changed", Occurred: after(10), Received: after(10), User: "amina"}
	s.store(v)
	var applied atomic.Int32
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			err := s.db.Apply(s.Context(), v, db.Effect{Provider: provider, Sub: "amina", Facts: []db.Fact{told(db.FieldRole, "staff", after(10))}})
			if err == nil {
				applied.Add(1)
			} else if !errors.Is(err, db.ErrNotPending) {
				s.Error(err)
			}
		})
	}
	wg.Wait()
	s.equal([]any{int(applied.Load()), s.state("k")}, []any{1, db.StateProcessed})
	changes, err := s.db.RoleChanges(s.Context(), u.ID)
	s.must(err)
	s.equal(len(changes), 1)
	now := s.user(u.ID)
	s.equal([]any{now.Role(), now.RoleConfirmed}, []any{"staff", after(10)})
}

func testApplyCreates(s suite) {
	s.equal(s.deliver(after(5), db.Effect{Sub: "amina", Facts: []db.Fact{told(db.FieldName, "Amina", after(5))}}), db.StateProcessed)
	_, err := s.db.UserBySub(s.Context(), provider, "amina")
	s.mustBe(err, db.ErrNotFound)
	s.equal(s.deliver(after(10), db.Effect{Sub: "amina", Create: true, Facts: []db.Fact{told(db.FieldName, "Amina", after(10))}}), db.StateProcessed)
	u, err := s.db.UserBySub(s.Context(), provider, "amina")
	s.must(err)
	s.equal([]any{u.Name(), u.Created, u.Facts[db.FieldName].Source}, []any{"Amina", after(10), db.SourceWebhook})
	same, _ := s.signIn(signIn("amina", after(20)))
	s.equal(same.ID, u.ID)
	s.equal(s.deliver(after(30), db.Effect{}), db.StateProcessed) // counted only
}

func testApplyEnds(s suite) {
	u, before := s.signIn(signIn("amina", after(10)))
	_, afterwards := s.signIn(signIn("amina", after(30)))
	s.equal(s.deliver(after(20), db.Effect{Sub: "amina", EndBefore: after(20), EndWhy: "signed out"}), db.StateProcessed)
	s.equal([]time.Time{s.session(before.TokenHash).Ended, s.session(afterwards.TokenHash).Ended}, []time.Time{after(20), {}})
	s.equal(s.deliver(after(15), db.Effect{Sub: "amina", EndBefore: after(15), EndWhy: "signed out"}), db.StateSuperseded)
	s.equal(s.user(u.ID).EndedBefore, after(20))
	// Of a person never met: whoever signs in must have done so afterwards.
	s.equal(s.deliver(after(40), db.Effect{Sub: "obi", Create: true, EndBefore: after(40), EndWhy: "signed out"}), db.StateProcessed)
	_, _, err := s.db.SignIn(s.Context(), signIn("obi", after(35)))
	s.mustBe(err, db.ErrEnded)
}

func testApplyDisconnect(s suite) {
	u, session := s.signIn(signIn("amina", after(10)))
	s.must(s.db.SaveToken(s.Context(), u.ID, "refresh", []byte("old"), after(10)))
	s.must(s.db.SaveToken(s.Context(), u.ID, "newer", []byte("new"), after(30)))
	s.equal(s.deliver(after(20), db.Effect{Sub: "amina", EndBefore: after(20), EndWhy: "disconnected", DropTokens: true}), db.StateProcessed)
	s.equal(s.session(session.TokenHash).EndedWhy, "disconnected")
	_, _, err := s.db.Token(s.Context(), u.ID, "refresh")
	s.mustBe(err, db.ErrNotFound)
	_, _, err = s.db.Token(s.Context(), u.ID, "newer")
	s.must(err)
}

// testAnyOrder applies the same events in different orders.
func testAnyOrder(s suite) {
	events := []db.Effect{
		{Facts: []db.Fact{told(db.FieldName, "A", after(10)), told(db.FieldRole, "student", after(10))}},
		{Facts: []db.Fact{told(db.FieldRole, "staff", after(20))}},
		{Facts: []db.Fact{told(db.FieldName, "B", after(30)), told(db.FieldLevel, "300", after(30))}},
		{Facts: []db.Fact{told(db.FieldLevel, "200", after(25))}},
		{EndBefore: after(15), EndWhy: "x"},
		{EndBefore: after(22), EndWhy: "y"},
	}
	type outcome struct {
		Facts          map[string]db.Fact
		End, Confirmed time.Time
	}
	var want *outcome
	for round := range 12 {
		sub := numbered("p", round)
		r := rand.New(rand.NewPCG(uint64(round), 1))
		order := r.Perm(len(events))
		for _, i := range order {
			e := events[i]
			e.Sub, e.Create = sub, true
			s.deliver(after(100), e)
		}
		u, err := s.db.UserBySub(s.Context(), provider, sub)
		s.must(err)
		got := outcome{u.Facts, u.EndedBefore, u.RoleConfirmed}
		if want == nil {
			want = &got
		}
		s.Log("order", order)
		s.equal(got, *want)
	}
	s.equal([]any{want.End, want.Confirmed, want.Facts[db.FieldLevel].Value}, []any{after(22), after(20), "300"})
}

func testDelete(s suite) {
	ctx := s.Context()
	s.must(s.db.Grant(ctx, "publish", "amina@nile.example", "operator", after(1)))
	s.deliver(after(5), db.Effect{Sub: "amina", Create: true, Facts: []db.Fact{told(db.FieldName, "Amina", after(5))}})
	u := s.signInAs("amina", "amina@nile.example", 10)
	_, ahead := s.signIn(signIn("amina", after(60)))
	s.must(s.db.SaveToken(ctx, u.ID, "refresh", []byte("t"), after(10)))
	s.equal(s.deliver(after(20), db.Effect{Sub: "amina", Delete: true, EndWhy: "deleted"}), db.StateProcessed)

	grave := s.user(u.ID)
	s.equal(grave, db.User{ID: u.ID, Provider: provider, Sub: "amina", Created: u.Created, Deleted: after(20), EndedBefore: after(20), Facts: map[string]db.Fact{}})
	ended := s.session(ahead.TokenHash)
	s.equal([]any{ended.EndedWhy, ended.Device, ended.Network}, []any{"deleted", "", ""})
	_, _, err := s.db.Token(ctx, u.ID, "refresh")
	s.mustBe(err, db.ErrNotFound)
	s.traceless("Amina", "amina@nile.example")

	_, _, err = s.db.SignIn(ctx, signIn("amina", after(20)))
	s.mustBe(err, db.ErrEnded)
	other := s.signInAs("amina", "amina@nile.example", 30)
	if other.ID == u.ID || len(other.Grants) > 0 {
		s.Fatalf("the new person %v is the old one", other)
	}
	s.equal(s.deliver(after(20), db.Effect{Sub: "amina", Delete: true}), db.StateSuperseded)
	s.equal(s.user(other.ID).Deleted, time.Time{})
}

// traceless looks for personal words where they could have been left.
func (s suite) traceless(words ...string) {
	s.Helper()
	for _, query := range []string{
		`SELECT facts || name || email || student_id FROM users`, `SELECT email FROM grants`, `SELECT detail || object FROM audit`, `SELECT error || notes FROM deliveries`,
	} {
		rows, err := s.db.Reader().QueryContext(s.Context(), query)
		s.must(err)
		for rows.Next() {
			var text string
			s.must(rows.Scan(&text))
			if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) }) {
				s.Errorf("%s still has %q", query, text)
			}
		}
		s.must(rows.Err())
		s.must(rows.Close())
	}
}

func testDeleteUnknown(s suite) {
	s.equal(s.deliver(after(20), db.Effect{Sub: "amina", Delete: true, Create: true}), db.StateProcessed)
	_, err := s.db.UserBySub(s.Context(), provider, "amina")
	s.mustBe(err, db.ErrNotFound)
	_, _, err = s.db.SignIn(s.Context(), signIn("amina", after(15)))
	s.mustBe(err, db.ErrEnded)
	s.equal(s.deliver(after(10), db.Effect{Sub: "amina", Delete: true}), db.StateSuperseded)
}

func testLateNews(s suite) {
	s.signIn(signIn("amina", after(10)))
	s.deliver(after(20), db.Effect{Sub: "amina", Delete: true})
	late := db.Effect{Sub: "amina", Create: true, Facts: []db.Fact{told(db.FieldName, "Amina", after(15))}}
	s.equal(s.deliver(after(15), late), db.StateSuperseded)
	_, err := s.db.UserBySub(s.Context(), provider, "amina")
	s.mustBe(err, db.ErrNotFound)
	u, _ := s.signIn(signIn("amina", after(30)))
	s.equal(s.deliver(after(15), late), db.StateSuperseded)
	now := s.user(u.ID)
	s.equal(now.Name(), "")
}

func testPurgeDeliveries(s suite) {
	for i, state := range []string{db.StateProcessed, db.StatePending, db.StateIgnored, db.StateProcessed} {
		s.store(db.Delivery{Key: numbered("k", i), Received: after(i), State: state})
	}
	purge := func() int {
		n, err := s.db.PurgeDeliveries(s.Context(), after(3), 1)
		s.must(err)
		return n
	}
	s.equal([]int{purge(), purge(), purge()}, []int{1, 1, 0})
	s.equal([]string{s.state("k1"), s.state("k3")}, []string{db.StatePending, db.StateProcessed})
}
