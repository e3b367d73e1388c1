package auth

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portico/db"
	"portico/db/dbtest"
)

// patient is how long a test waits for what must come.
const patient = 30 * time.Second

// eventually waits until something is so.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for until := time.Now().Add(patient); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("not within %s: %s", patient, what)
		}
	}
}

// start runs the worker; stop ends it and waits until it has.
func (m *mailbox) start() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); m.Inbox.Run(ctx) }()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	m.Cleanup(stop)
	return stop
}

// drain works until nothing more is due.
func (m *mailbox) drain() {
	for m.work(m.Context()) {
	}
}

func (m *mailbox) states(keys ...string) string {
	m.Helper()
	var all []string
	for _, key := range keys {
		all = append(all, m.row(key).State)
	}
	return strings.Join(all, " ")
}

func (m *mailbox) person(sub string) db.User {
	m.Helper()
	u, err := m.db.UserBySub(m.Context(), testProvider, sub)
	if err != nil {
		m.Fatal(err)
	}
	return u
}

// TestAppliedAtOnce: the worker hears of what arrives, and while nothing does
// it leaves the database alone.
func TestAppliedAtOnce(t *testing.T) {
	m := newMailbox(t, dbtest.SQLite(t), hookSecret)
	var looks atomic.Int32
	m.Inbox.now = func() time.Time { looks.Add(1); return m.clock.now() }
	m.start()
	began := time.Now()
	for i := range 5 {
		key := fmt.Sprint(i)
		m.tell(key, "user.updated", `"user_id":"amina","name":"Amina `+key+`"`, m.clock.now())
		m.clock.add(time.Second)
		eventually(t, key+" is applied", func() bool { return m.row(key).State == db.StateProcessed })
	}
	// Every look that finds something is followed by one that finds nothing.
	time.Sleep(200 * time.Millisecond)
	busy, since := looks.Load(), time.Now()
	time.Sleep(3 * time.Second)
	if n := looks.Load() - busy; n > int32(time.Since(since)/lookEvery)+1 {
		t.Errorf("the idle worker read the database %d times within %s", n, time.Since(since))
	}
	if took := time.Since(began); took > 3*lookEvery {
		t.Errorf("5 deliveries one after the other took %s: the worker does not hear of them", took)
	}
}

// TestFailing follows a delivery that the database refuses, to its end: the
// pauses grow from a second to an hour, the tenth failure is the last, and
// nobody waits for it but later news of the same field.
func TestFailing(t *testing.T) {
	onEngines(t, func(t *testing.T, address string) {
		m := newMailbox(t, dbtest.Open(t, address), hookSecret)
		at := m.clock.now().Add(-time.Hour)
		minute := func(n int) time.Time { return at.Add(time.Duration(n) * time.Minute) }
		m.tell("known", "user.created", `"user_id":"amina","name":"Amina","role":"student"`, at)
		m.drain()
		m.breaks(t, "role_changes", "INSERT", "")
		m.tell("role", "user.role_changed", `"user_id":"amina","new_role":"staff"`, minute(1))
		m.tell("name", "user.updated", `"user_id":"amina","name":"Amina Yusuf"`, minute(2))
		m.tell("name and role", "user.updated", `"user_id":"amina","name":"Amina Y.","role":"admin"`, minute(3))
		m.tell("level", "user.updated", `"user_id":"amina","level":300`, minute(4))
		m.tell("out", "session.signed_out", `"user_id":"amina"`, minute(5))
		m.tell("of another", "user.created", `"user_id":"obi","role":"student"`, minute(5))
		m.drain()
		if got := m.states("known", "role", "name", "name and role", "level", "out", "of another"); got != "processed pending processed pending processed processed processed" {
			t.Fatalf("the states are %s", got)
		}
		if u := m.person("amina"); u.Role() != "student" || u.Name() != "Amina Yusuf" || u.Get(db.FieldLevel) != "300" || !u.EndedBefore.Equal(minute(5).Truncate(time.Millisecond)) {
			t.Errorf("the person is %+v", u)
		}
		pauses := []time.Duration{time.Second, 3 * time.Second, 9 * time.Second, 27 * time.Second, 81 * time.Second, 243 * time.Second, 729 * time.Second, 2187 * time.Second, time.Hour}
		for i, want := range pauses {
			v := m.row("role")
			if v.State != db.StatePending || v.Attempts != i+1 || v.NextTry.Sub(m.clock.now()) != want || !strings.Contains(v.Error, "the disk is full") {
				t.Fatalf("after %d failures: %+v, want a pause of %s", i+1, v, want)
			}
			m.clock.add(want - time.Microsecond)
			m.drain()
			if m.row("role").Attempts != i+1 {
				t.Fatalf("tried before the pause of %s was over", want)
			}
			m.clock.add(time.Microsecond)
			m.drain()
		}
		// Those that waited are tried as soon as it is given up; they fail in their turn.
		if v, next := m.row("role"), m.row("name and role"); v.State != db.StateDead || v.Attempts != mostTries || next.Attempts != 1 {
			t.Fatalf("after %d failures: %+v; the next: %+v", mostTries, v, next)
		}
		want := map[string]int{"webhook received": 7, "webhook applied": 5, "webhook failed": 11, "webhook dead": 1}
		got := m.counted()
		for reason, n := range want {
			if got[reason] != n {
				t.Errorf("%s was counted %d times, want %d", reason, got[reason], n)
			}
		}
		m.mend(t, "role_changes")
		m.clock.add(time.Second)
		m.drain()
		if err := m.db.RetryByHand(t.Context(), "role", "grace", m.clock.now()); err != nil {
			t.Fatal(err)
		}
		m.drain()
		if u := m.person("amina"); m.states("name and role", "role") != "processed superseded" || u.Role() != "admin" {
			t.Errorf("%s, and the role is %s", m.states("name and role", "role"), u.Role())
		}
	})
}

// TestRetriedInTime: nobody wakes the worker for a pause that is over.
func TestRetriedInTime(t *testing.T) {
	m := newMailbox(t, dbtest.SQLite(t), hookSecret)
	m.Inbox.now = time.Now
	m.breaks(t, "users", "INSERT", "")
	m.start()
	began := time.Now()
	m.tell("a", "user.created", `"user_id":"amina","name":"Amina"`, began)
	eventually(t, "it fails twice", func() bool { return m.row("a").Attempts >= 2 })
	m.mend(t, "users")
	eventually(t, "it is applied", func() bool { return m.row("a").State == db.StateProcessed })
	if took := time.Since(began); took > 2*lookEvery-time.Second {
		t.Errorf("three tries took %s: only the look now and then tells that a pause is over", took)
	}
}

// TestHandWakesTheWorker: what is retried by hand in one process is applied by
// the worker of another that listens.
func TestHandWakesTheWorker(t *testing.T) {
	onEngines(t, func(t *testing.T, address string) {
		m, hand := newMailbox(t, dbtest.Open(t, address), hookSecret), dbtest.Open(t, address)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { _ = m.db.Watch(ctx, func(db.Change) {}) }()
		m.tell("a", "user.created", `"user_id":"amina","name":"Amina"`, m.clock.now())
		if err := m.db.FailDelivery(ctx, m.row("a"), "no", m.clock.now(), true); err != nil {
			t.Fatal(err)
		}
		eventually(t, "it listens", m.db.Trusted)
		m.start()
		time.Sleep(100 * time.Millisecond) // the worker has looked and found nothing
		began := time.Now()
		if err := hand.RetryByHand(ctx, "a", "grace", m.clock.now()); err != nil {
			t.Fatal(err)
		}
		eventually(t, "it is applied", func() bool { return m.row("a").State == db.StateProcessed })
		if took := time.Since(began); took > lookEvery-3*time.Second {
			t.Errorf("it took %s: the worker heard nothing", took)
		}
	})
}

// TestPanicIsAFailure: what blows up is tried again, and the others go on.
func TestPanicIsAFailure(t *testing.T) {
	var broken atomic.Bool
	clock := newTestClock()
	d, err := db.Open(t.Context(), "sqlite:"+t.TempDir()+"/portico.db", db.Options{Create: true, Now: func() time.Time {
		if broken.CompareAndSwap(true, false) {
			panic("boom")
		}
		return clock.now()
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	m := newMailbox(t, d, hookSecret)
	m.tell("a", "user.created", `"user_id":"amina","name":"Amina"`, m.clock.now())
	broken.Store(true)
	m.drain()
	if v := m.row("a"); v.State != db.StatePending || v.Attempts != 1 || strings.Contains(v.Error, "boom") {
		t.Errorf("%+v", v)
	}
	if broken.Load() {
		t.Error("nothing blew up")
	}
	m.clock.add(time.Second)
	m.drain()
	if m.states("a") != "processed" {
		t.Error("it was not tried again")
	}
}

// TestStepInHand: a worker that is told to stop finishes what it has begun.
func TestStepInHand(t *testing.T) {
	onEngines(t, func(t *testing.T, address string) {
		m := newMailbox(t, dbtest.Open(t, address), hookSecret)
		m.tell("a", "user.created", `"user_id":"amina","name":"Amina"`, m.clock.now())
		free := holdRows(t, dbtest.Open(t, address))
		looked := make(chan struct{}, 100)
		m.Inbox.now = func() time.Time { looked <- struct{}{}; return m.clock.now() }
		stop := m.start()
		<-looked
		time.Sleep(time.Second) // the step is begun, and waits
		stopped := make(chan struct{})
		go func() { defer close(stopped); stop() }()
		select {
		case <-stopped:
			t.Fatal("the worker left its step unfinished")
		case <-time.After(300 * time.Millisecond):
		}
		free()
		<-stopped
		if m.states("a") != "processed" {
			t.Error("the step in hand was not finished")
		}
	})
}

// holdRows is another process in the middle of applying everything. When it
// is let go it dies, and all it did is undone.
func holdRows(t *testing.T, d *db.DB) (die func()) {
	t.Helper()
	tx, err := d.Writer().BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(`UPDATE deliveries SET state = 'processed' WHERE state = 'pending'`); err != nil {
		t.Fatal(err)
	}
	die = sync.OnceFunc(func() { _ = tx.Rollback() })
	t.Cleanup(die)
	return die
}

// TestAnotherDies: what a process had in hand when it died is left to the
// others, at once.
func TestAnotherDies(t *testing.T) {
	onEngines(t, func(t *testing.T, address string) {
		m := newMailbox(t, dbtest.Open(t, address), hookSecret)
		m.tell("a", "user.role_changed", `"user_id":"amina","new_role":"staff"`, m.clock.now())
		die := holdRows(t, dbtest.Open(t, address))
		m.start()
		time.Sleep(300 * time.Millisecond)
		if m.states("a") != "pending" {
			t.Fatal("applied while another process was at it")
		}
		die()
		eventually(t, "it is applied", func() bool { return m.row("a").State == db.StateProcessed })
		changes, err := m.db.RoleChanges(t.Context(), m.person("amina").ID)
		if err != nil || len(changes) != 1 {
			t.Errorf("the timeline is %v (%v)", changes, err)
		}
	})
}

// TestTwoWorkersKeepTheOrder: however two processes share the work, one
// person's roles change in order and each of them once.
func TestTwoWorkersKeepTheOrder(t *testing.T) {
	onEngines(t, func(t *testing.T, address string) {
		one := newMailbox(t, dbtest.Open(t, address), hookSecret)
		two := newMailbox(t, dbtest.Open(t, address), hookSecret)
		const people, steps = 4, 25
		at := one.clock.now().Add(-time.Hour)
		for step := range steps {
			for p := range people {
				one.tell(fmt.Sprintf("%d-%d", p, step), "user.role_changed", fmt.Sprintf(`"user_id":"p%d","new_role":"r%d"`, p, step), at.Add(time.Duration(step)*time.Second))
			}
		}
		one.start()
		two.start()
		eventually(t, "all are applied", func() bool {
			one.Wake()
			two.Wake()
			states, err := one.db.DeliveryStates(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return states[db.StatePending] == 0
		})
		for p := range people {
			changes, err := one.db.RoleChanges(t.Context(), one.person(fmt.Sprintf("p%d", p)).ID)
			if err != nil || len(changes) != steps {
				t.Fatalf("%d steps, want %d (%v)", len(changes), steps, err)
			}
			for i, c := range changes[1:] {
				if c.Old != fmt.Sprintf("r%d", i) || c.New != fmt.Sprintf("r%d", i+1) {
					t.Fatalf("step %d is %+v", i+1, c)
				}
			}
		}
	})
}
