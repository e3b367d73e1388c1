package db

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func openFile(t testing.TB) *DB {
	t.Helper()
	d, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "portico.db"), Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// held keeps the writer busy until let go, so that what is written meanwhile
// gathers into one batch.
func held(t *testing.T, d *DB) (letGo func()) {
	t.Helper()
	began, release, done := make(chan bool), make(chan bool), make(chan error)
	go func() {
		done <- d.write(t.Context(), Relaxed, func(*Tx) error {
			close(began)
			<-release
			return nil
		})
	}()
	<-began
	return sync.OnceFunc(func() {
		close(release)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// gathered waits until n pieces of work wait behind the one under way.
func gathered(t *testing.T, d *DB, n int) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		d.queue.mu.Lock()
		waiting := len(d.queue.waiting)
		d.queue.mu.Unlock()
		if waiting == n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d pieces of work wait, want %d", waiting, n)
		}
	}
}

func put(key string) func(*Tx) error {
	return func(tx *Tx) error { return tx.setMeta(context.Background(), key, "x") }
}

func has(t *testing.T, d *DB, key string) bool {
	t.Helper()
	_, err := meta(t.Context(), d.read, key)
	if err != nil && !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

// TestFailureIsOnesOwn: in one transaction, work that fails or panics undoes
// itself and nothing else.
func TestFailureIsOnesOwn(t *testing.T) {
	d := openFile(t)
	letGo := held(t, d)
	defer letGo()
	refused := errors.New("refused")
	results := make([]error, 4)
	panicked := make(chan any, 1)
	var wg sync.WaitGroup
	queue := func(i int, work func(*Tx) error) {
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					panicked <- p
				}
			}()
			results[i] = d.write(t.Context(), Durable, work)
		})
		gathered(t, d, i+1)
	}
	queue(0, put("before"))
	queue(1, func(tx *Tx) error { return errors.Join(put("failing")(tx), refused) })
	queue(2, func(tx *Tx) error {
		if err := put("panicking")(tx); err != nil {
			return err
		}
		panic("broken work")
	})
	queue(3, put("after"))
	letGo()
	wg.Wait()
	if results[0] != nil || !errors.Is(results[1], refused) || results[3] != nil {
		t.Errorf("errors are %v", results)
	}
	if p := fmt.Sprint(<-panicked); !strings.Contains(p, "broken work") {
		t.Errorf("the caller saw the panic %q", p)
	}
	for key, want := range map[string]bool{"before": true, "failing": false, "panicking": false, "after": true} {
		if has(t, d, key) != want {
			t.Errorf("%s is stored: %v, want %v", key, !want, want)
		}
	}
}

// TestStatementErrorKeepsOthers: SQL that fails inside a batch, too.
func TestStatementErrorKeepsOthers(t *testing.T) {
	d := openFile(t)
	letGo := held(t, d)
	defer letGo()
	var wg sync.WaitGroup
	var good, bad error
	wg.Go(func() { good = d.write(t.Context(), Relaxed, put("good")) })
	gathered(t, d, 1)
	wg.Go(func() {
		bad = d.write(t.Context(), Relaxed, func(tx *Tx) error {
			_, err := tx.ExecContext(t.Context(), `INSERT INTO meta (key, value) VALUES ($1, $2)`, "bad", nil)
			return err
		})
	})
	gathered(t, d, 2)
	letGo()
	wg.Wait()
	if good != nil || bad == nil || !has(t, d, "good") || has(t, d, "bad") {
		t.Errorf("errors %v and %v; good stored: %v, bad stored: %v", good, bad, has(t, d, "good"), has(t, d, "bad"))
	}
}

// TestCancelled: work still waiting is taken out; work begun is finished and
// its answer is the true one.
func TestCancelled(t *testing.T) {
	d := openFile(t)
	letGo := held(t, d)
	defer letGo()
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error)
	go func() { waiting <- d.write(ctx, Durable, put("waiting")) }()
	gathered(t, d, 1)
	cancel()
	if err := <-waiting; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	letGo()
	ctx, cancel = context.WithCancel(t.Context())
	err := d.write(ctx, Durable, func(tx *Tx) error {
		cancel()
		return tx.setMeta(ctx, "begun", "x")
	})
	if err != nil || !has(t, d, "begun") || has(t, d, "waiting") {
		t.Errorf("error %v; begun stored: %v, waiting stored: %v", err, has(t, d, "begun"), has(t, d, "waiting"))
	}
}

// level reads the writer's PRAGMA synchronous: 1 is NORMAL, 2 is FULL.
func level(t *testing.T, tx *Tx) (n int) {
	t.Helper()
	if err := tx.tx.QueryRowContext(t.Context(), `PRAGMA synchronous`).Scan(&n); err != nil {
		t.Error(err)
	}
	return n
}

func TestDurability(t *testing.T) {
	d := openFile(t)
	for _, c := range []struct {
		durability Durability
		want       int
	}{{Relaxed, 1}, {Durable, 2}, {Relaxed, 1}} {
		var got int
		err := d.write(t.Context(), c.durability, func(tx *Tx) error {
			got = level(t, tx)
			return nil
		})
		if err != nil || got != c.want {
			t.Errorf("durability %d runs with synchronous %d, want %d (%v)", c.durability, got, c.want, err)
		}
	}
}

// TestLateDurability: relaxed work that asks for the disk on its way costs one
// more commit, and the level is back afterwards.
func TestLateDurability(t *testing.T) {
	d := openFile(t)
	frames := func() (n int) {
		var busy, moved int
		if err := d.wrote.QueryRow(`PRAGMA wal_checkpoint(NOOP)`).Scan(&busy, &n, &moved); err != nil {
			t.Fatal(err)
		}
		return n
	}
	grows := func(work func(*Tx) error) int {
		before := frames()
		if err := d.write(t.Context(), Relaxed, work); err != nil {
			t.Fatal(err)
		}
		return frames() - before
	}
	plain := grows(put("a"))
	asked := grows(func(tx *Tx) error { return errors.Join(put("b")(tx), tx.mustLast(t.Context())) })
	again := grows(put("c"))
	if asked != plain+1 || again != plain {
		t.Errorf("commits wrote %d, %d and %d pages; only the second has one more", plain, asked, again)
	}
}

func TestWriteAfterClose(t *testing.T) {
	d, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "portico.db"), Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.write(t.Context(), Relaxed, put("late")); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
}

// TestReadersCannotWrite holds what the read pool is for.
func TestReadersCannotWrite(t *testing.T) {
	d := openFile(t)
	if _, err := d.Reader().Exec(`DELETE FROM meta`); err == nil {
		t.Error("the read pool wrote")
	}
}

// BenchmarkStoreDelivery is the webhook's durable write under many callers.
func BenchmarkStoreDelivery(b *testing.B) {
	d := openFile(b)
	body := make([]byte, 400)
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := d.StoreDelivery(context.Background(), Delivery{Key: newID(), Event: "user.updated", Body: body}); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkSignIn is one person after another who signs in for the second time.
func BenchmarkSignIn(b *testing.B) {
	d := openFile(b)
	at := time.Now()
	var facts []Fact
	for _, f := range []string{FieldName, FieldEmail, FieldRole, FieldStudentID, FieldLevel, FieldFacultyID, FieldDepartmentID, FieldSemester} {
		facts = append(facts, Fact{f, "some value", at, SourceIDToken})
	}
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			in := SignIn{Provider: "https://id.example", Sub: newID(), Facts: facts, RoleSeen: true, Session: NewSession{
				TokenHash: newID(), StateHash: newID(), Began: at, Created: at, Expires: at.Add(time.Hour), Idle: time.Hour,
			}}
			if _, _, err := d.SignIn(context.Background(), in); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkSessionByToken is a page view whose session is not in memory.
func BenchmarkSessionByToken(b *testing.B) {
	d := openFile(b)
	at, hash := time.Now(), newID()
	in := SignIn{Provider: "https://id.example", Sub: newID(), Facts: []Fact{{FieldName, "A name", at, SourceIDToken}}, Session: NewSession{
		TokenHash: hash, StateHash: newID(), Began: at, Created: at, Expires: at.Add(time.Hour), Idle: time.Hour,
	}}
	if _, _, err := d.SignIn(context.Background(), in); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, _, err := d.SessionByToken(context.Background(), hash); err != nil {
			b.Fatal(err)
		}
	}
}
