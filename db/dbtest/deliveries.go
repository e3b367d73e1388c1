package dbtest

import (
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"portico/db"
)

var deliveryTests = map[string]func(suite){
	"stored once":                       testStoreOnce,
	"due in order":                      testDue,
	"failures, death and a second life": testFailDelivery,
	"the inbox":                         testInbox,
	"applied exactly once":              testApplyOnce,
	"an event makes an unknown person":  testApplyCreates,
	"sign-out at Campus One":            testApplyEnds,
	"disconnecting erases tokens":       testApplyDisconnect,
	"any order gives the same person":   testAnyOrder,
	"clean-up":                          testPurgeDeliveries,
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
	s.must(s.db.FailDelivery(ctx, db.Delivery{Key: "k"}, "database away", after(9), false))
	s.mustBe(s.db.FailDelivery(ctx, db.Delivery{Key: "k"}, "of another process", after(9), false), db.ErrNotPending)
	got, err := s.db.Delivery(ctx, "k")
	s.must(err)
	s.equal([]any{got.State, got.Attempts, got.Error, got.NextTry}, []any{db.StatePending, 1, "database away", after(9)})
	s.must(s.db.FailDelivery(ctx, got, "again", after(10), true))
	s.equal(s.state("k"), db.StateDead)
	s.mustBe(s.db.FailDelivery(ctx, db.Delivery{Key: "k", Attempts: 2}, "late", after(11), false), db.ErrNotPending)
	_, err = s.db.Apply(ctx, db.Delivery{Key: "k"}, db.Effect{})
	s.mustBe(err, db.ErrNotPending)
	s.must(s.db.RetryByHand(ctx, "k", "admin", after(12)))
	s.equal(s.due(12), []string{"k"})
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
			_, err := s.db.Apply(s.Context(), v, db.Effect{Provider: provider, Sub: "amina", Facts: []db.Fact{told(db.FieldRole, "staff", after(10))}})
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
	s.equal([]any{u.Name(), u.Created, u.Facts.Of(db.FieldName).Source}, []any{"Amina", after(10), db.SourceWebhook})
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
	s.must(s.db.SaveToken(s.Context(), db.Token{UserID: u.ID, Kind: "refresh", Sealed: []byte("old"), Stored: after(10)}))
	s.must(s.db.SaveToken(s.Context(), db.Token{UserID: u.ID, Kind: "newer", Sealed: []byte("new"), Stored: after(30)}))
	s.equal(s.deliver(after(20), db.Effect{Sub: "amina", EndBefore: after(20), EndWhy: "disconnected", DropTokens: true}), db.StateProcessed)
	s.equal(s.session(session.TokenHash).EndedWhy, "disconnected")
	_, err := s.db.Token(s.Context(), u.ID, "refresh")
	s.mustBe(err, db.ErrNotFound)
	_, err = s.db.Token(s.Context(), u.ID, "newer")
	s.must(err)
}

// testAnyOrder applies the same events in different orders, a deletion among
// them: what was before it is gone, what came after is somebody new.
func testAnyOrder(s suite) {
	events := []db.Effect{
		{Facts: []db.Fact{told(db.FieldName, "A", after(10)), told(db.FieldRole, "student", after(10))}},
		{Facts: []db.Fact{told(db.FieldRole, "staff", after(20))}},
		{Facts: []db.Fact{told(db.FieldName, "B", after(30)), told(db.FieldLevel, "300", after(30))}},
		{Facts: []db.Fact{told(db.FieldLevel, "200", after(25))}},
		{EndBefore: after(15), EndWhy: "x"},
		{EndBefore: after(22), EndWhy: "y"},
	}
	everything := s.shuffled("p", events)
	s.equal([]any{everything.End, everything.Confirmed, everything.Facts.Of(db.FieldLevel).Value}, []any{after(22), after(20), "300"})

	deletion := db.Effect{Delete: true, EndBefore: after(21), EndWhy: "z"}
	rest := s.shuffled("q", append(events, deletion))
	s.equal(rest, outcome{Created: after(22), End: after(22), Buried: after(21),
		Facts: db.Facts{told(db.FieldLevel, "300", after(30)), told(db.FieldName, "B", after(30))}})
}

// outcome is what is known of a sub in the end.
type outcome struct {
	Facts                           db.Facts
	Created, End, Confirmed, Buried time.Time
}

// shuffled applies events to several people, to each in another order, and
// returns what all of them became.
func (s suite) shuffled(name string, events []db.Effect) (want outcome) {
	s.Helper()
	for round := range 24 {
		sub := numbered(name, round)
		order := rand.New(rand.NewPCG(uint64(round), 1)).Perm(len(events))
		for _, i := range order {
			e := events[i]
			e.Sub, e.Create = sub, true
			s.deliver(after(100), e)
		}
		u, err := s.db.UserBySub(s.Context(), provider, sub)
		s.must(err)
		got := outcome{Facts: u.Facts, Created: u.Created, End: u.EndedBefore, Confirmed: u.RoleConfirmed}
		var buried int64
		s.must(s.db.Reader().QueryRowContext(s.Context(), `SELECT coalesce(max(deleted), 0) FROM users WHERE sub = $1`, sub).Scan(&buried))
		if buried > 0 {
			got.Buried = time.UnixMicro(buried).UTC()
		}
		if round == 0 {
			want = got
		}
		s.Log("order", order)
		s.equal(got, want)
	}
	return want
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
