package dbtest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"portico/db"
)

var inboxTests = map[string]func(suite){
	"filters":                         testInboxFilters,
	"pages meet and miss nothing":     testInboxPages,
	"one delivery with its person":    testInboxDelivery,
	"by hand, from every state":       testByHand,
	"by hand, noted in the audit":     testByHandAudit,
	"by hand, announced":              testByHandAnnounced,
	"what one waits for":              testInboxHeld,
	"one of many who retry":           testRetryOnce,
	"what was tried by hand is taken": testRetryApplies,
}

// arrive stores deliveries one second apart, about one person.
func (s suite) arrive(n int, change func(i int, v *db.Delivery)) {
	s.Helper()
	s.must(s.db.BindProvider(s.Context(), provider))
	for i := range n {
		v := db.Delivery{Key: fmt.Sprintf("k%02d", i), Event: "user.updated", User: "amina", Occurred: after(i), Received: after(i), NextTry: after(i), Body: []byte(`{"id":"k"}`)}
		change(i, &v)
		s.store(v)
	}
}

func (s suite) inbox(f db.InboxFilter) (keys []string) {
	s.Helper()
	rows, err := s.db.Inbox(s.Context(), f)
	s.must(err)
	for _, r := range rows {
		keys = append(keys, r.Key)
	}
	return keys
}

func testInboxFilters(s suite) {
	u := s.signInAs("amina", "amina@nile.example", 1)
	s.signIn(signIn("obi", after(1), fact(db.FieldStudentID, "0042", after(1)), fact(db.FieldName, "Ọbí Nwosu", after(1))))
	s.arrive(6, func(i int, v *db.Delivery) {
		v.Event = []string{"user.updated", "session.signed_out"}[i%2]
		v.User = []string{"amina", "obi", ""}[i%3]
		if i == 5 {
			v.State = db.StateDead
		}
	})
	for _, c := range []struct {
		name string
		f    db.InboxFilter
		want string
	}{
		{"all", db.InboxFilter{}, "k05 k04 k03 k02 k01 k00"},
		{"state", db.InboxFilter{State: db.StateDead}, "k05"},
		{"event", db.InboxFilter{Event: "session.signed_out"}, "k05 k03 k01"},
		{"delivery", db.InboxFilter{Search: "k02"}, "k02"},
		{"sub", db.InboxFilter{Search: "obi"}, "k04 k01"},
		{"person", db.InboxFilter{Search: u.ID}, "k03 k00"},
		{"address", db.InboxFilter{Search: "Amina@Nile.example"}, "k03 k00"},
		{"student id", db.InboxFilter{Search: "0042"}, "k04 k01"},
		{"name", db.InboxFilter{Search: "nwo OBI"}, "k04 k01"},
		{"not all words", db.InboxFilter{Search: "obi amina"}, ""},
		{"nobody", db.InboxFilter{Search: "o'b\x00i%"}, ""},
		{"time", db.InboxFilter{From: after(1), To: after(3)}, "k02 k01"},
		{"together", db.InboxFilter{Event: "session.signed_out", Search: "amina", State: db.StatePending, To: after(9)}, "k03"},
		{"limit", db.InboxFilter{Limit: 2}, "k05 k04"},
	} {
		if got := strings.Join(s.inbox(c.f), " "); got != c.want {
			s.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// testInboxPages walks down and up again; several came in the same moment.
func testInboxPages(s suite) {
	s.arrive(10, func(i int, v *db.Delivery) { v.Received = after(i / 4) })
	whole := s.inbox(db.InboxFilter{})
	for i, key := range whole {
		rows, err := s.db.Inbox(s.Context(), db.InboxFilter{Search: key})
		s.must(err)
		mark := rows[0].Mark()
		below := whole[i+1:]
		s.equal(s.inbox(db.InboxFilter{After: mark}), below)
		s.equal(s.inbox(db.InboxFilter{After: mark, Limit: 3}), below[:min(3, len(below))])
		above := whole[:i]
		s.equal(s.inbox(db.InboxFilter{Before: mark}), above)
		s.equal(s.inbox(db.InboxFilter{Before: mark, Limit: 3}), above[max(0, len(above)-3):])
	}
	if !slices.IsSortedFunc(whole, func(a, b string) int { return strings.Compare(b, a) }) {
		s.Errorf("not the latest first: %v", whole)
	}
}

func testInboxDelivery(s suite) {
	u, _ := s.signIn(signIn("amina", after(1), fact(db.FieldName, "Amina Yusuf", after(1))))
	s.arrive(1, func(_ int, v *db.Delivery) { v.Error, v.Notes, v.Attempts = "away", "note", 3 })
	got, err := s.db.InboxDelivery(s.Context(), "k00")
	s.must(err)
	s.equal(got, db.InboxRow{UserID: u.ID, Name: "Amina Yusuf", Delivery: db.Delivery{
		Key: "k00", Event: "user.updated", User: "amina", State: db.StatePending, Occurred: after(0), Received: after(0), NextTry: after(0),
		Body: []byte(`{"id":"k"}`), Attempts: 3, Error: "away", Notes: "note",
	}})
	_, err = s.db.InboxDelivery(s.Context(), "k\x0001")
	s.mustBe(err, db.ErrNotFound)
	s.deliver(after(20), db.Effect{Sub: "amina", Delete: true})
	got, err = s.db.InboxDelivery(s.Context(), "k00")
	s.must(err)
	s.equal([]string{got.UserID, got.Name}, []string{"", ""})
}

func testInboxHeld(s suite) {
	s.arrive(4, func(i int, v *db.Delivery) {
		v.Fields = [][]string{{db.FieldRole}, {db.FieldName}, {db.FieldName, db.FieldRole}, nil}[i]
	})
	held := func() (keys string) {
		for i := range 4 {
			r, err := s.db.InboxDelivery(s.Context(), fmt.Sprintf("k%02d", i))
			s.must(err)
			keys += r.HeldBy + ","
		}
		return keys
	}
	s.equal(held(), ",,k00,,")
	s.must(s.db.DropByHand(s.Context(), "k00", "grace", "why", after(9)))
	s.equal(held(), ",,k01,,")
	s.must(s.db.DropByHand(s.Context(), "k01", "grace", "why", after(9)))
	s.equal(held(), ",,,,")
}

func testByHand(s suite) {
	states := []string{db.StatePending, db.StateProcessed, db.StateIgnored, db.StateStale, db.StateUnreadable, db.StateDead, db.StateDropped, db.StateSuperseded}
	for _, state := range states {
		for tries, retries := range map[int]bool{0: state == db.StateDead || state == db.StateDropped, 4: state == db.StateDead || state == db.StateDropped || state == db.StatePending} {
			v := db.Delivery{Key: fmt.Sprint(state, tries), Received: after(1), NextTry: after(3600), State: state, Attempts: tries, Error: "away", Notes: "note"}
			drops := state == db.StateDead || state == db.StatePending
			s.store(v)
			s.equal([]bool{v.CanRetry(), v.CanDrop()}, []bool{retries, drops})

			err := s.db.RetryByHand(s.Context(), v.Key, "grace", after(30))
			s.hand(v, err, retries, []any{db.StatePending, 0, after(30), "away", "note"})

			v.Key += " too"
			s.store(v)
			err = s.db.DropByHand(s.Context(), v.Key, "grace", "no such person", after(30))
			s.hand(v, err, drops, []any{db.StateDropped, tries, after(3600), "away", "note"})
		}
	}
	s.mustBe(s.db.RetryByHand(s.Context(), "nowhere", "grace", after(30)), db.ErrNotFound)
	s.mustBe(s.db.DropByHand(s.Context(), "nowhere", "grace", "why", after(30)), db.ErrNotFound)
}

// hand checks that a deed was done, or refused without a trace.
func (s suite) hand(v db.Delivery, err error, done bool, want []any) {
	s.Helper()
	hands, readErr := s.db.Hands(s.Context(), v.Key)
	s.must(readErr)
	if !done {
		s.mustBe(err, db.ErrHand{State: v.State})
		want = []any{v.State, v.Attempts, v.NextTry, v.Error, v.Notes}
		s.equal(len(hands), 0)
	} else {
		s.must(err)
		s.equal(len(hands), 1)
	}
	now, err := s.db.Delivery(s.Context(), v.Key)
	s.must(err)
	s.equal([]any{now.State, now.Attempts, now.NextTry, now.Error, now.Notes}, want)
}

func testByHandAudit(s suite) {
	grace, _ := s.signIn(signIn("grace", after(1), fact(db.FieldName, "Grace Okoro", after(1))))
	s.arrive(1, func(_ int, v *db.Delivery) { v.State, v.Attempts = db.StateDead, 10 })
	s.must(s.db.RetryByHand(s.Context(), "k00", grace.ID, after(30)))
	s.must(s.db.DropByHand(s.Context(), "k00", "command line", "She left. Reason: asked to.", after(40)))
	s.must(s.db.Audit(s.Context(), db.AuditEntry{At: after(50), Actor: "x", Action: "delivery.read", Object: "k00"}))
	hands, err := s.db.Hands(s.Context(), "k00")
	s.must(err)
	s.equal(hands, []db.Hand{
		{At: after(40), Action: db.ActionDrop, By: "command line", Reason: "She left. Reason: asked to.",
			Detail: "About amina: pending after 0 tries, then dropped after 0. Reason: She left. Reason: asked to."},
		{At: after(30), Action: db.ActionRetry, By: grace.ID, Name: "Grace Okoro", Detail: "About amina: dead after 10 tries, then pending after 0."},
	})
}

func testByHandAnnounced(s suite) {
	var mu sync.Mutex
	var heard []db.Change
	s.db.OnChange(func(c db.Change) {
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, c)
	})
	s.arrive(1, func(_ int, v *db.Delivery) { v.State = db.StateDead })
	s.must(s.db.RetryByHand(s.Context(), "k00", "grace", after(30)))
	mu.Lock()
	defer mu.Unlock()
	s.equal(heard, []db.Change{{Kind: "delivery", Key: "k00"}})
}

// testRetryOnce: of many who press the button one has done it.
func testRetryOnce(s suite) {
	s.arrive(1, func(_ int, v *db.Delivery) { v.State = db.StateDead })
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() { errs[i] = s.db.RetryByHand(s.Context(), "k00", numbered("p", i), after(30)) })
	}
	wg.Wait()
	hands, err := s.db.Hands(s.Context(), "k00")
	s.must(err)
	s.equal(len(hands), 1)
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
			continue
		}
		s.mustBe(err, db.ErrHand{State: db.StatePending})
	}
	s.equal(done, 1)
}

func testRetryApplies(s suite) {
	s.arrive(1, func(_ int, v *db.Delivery) { v.State, v.NextTry = db.StateDead, time.Time{} })
	s.must(s.db.RetryByHand(s.Context(), "k00", "grace", after(30)))
	due, err := s.db.Due(s.Context(), after(30), 10)
	s.must(err)
	s.equal(len(due), 1)
	_, err = s.db.Apply(s.Context(), due[0], db.Effect{Provider: provider, Sub: "amina", Create: true, Facts: []db.Fact{told(db.FieldName, "Amina", after(0))}})
	s.must(err)
	s.equal(s.state("k00"), db.StateProcessed)
	s.mustBe(s.db.DropByHand(s.Context(), "k00", "grace", "too late", after(31)), db.ErrHand{State: db.StateProcessed})
}
