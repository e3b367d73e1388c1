package auth

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"portico/auth/campusone"
)

func TestJunkIsSlowedAndOthersAreNot(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	j := newJunk(func() time.Time { return now })
	fails := func(from string, times int) {
		for range times {
			j.note(from, false)
		}
	}
	passes := func(from string) (n int) {
		for n < 1000 && j.pass(from) {
			n++
		}
		return n
	}
	fails("192.0.2.0/24", junkMany)
	if n := passes("192.0.2.0/24"); n != junkBurst {
		t.Errorf("after twenty failures and no good one %d exchanges pass at once", n)
	}
	if n := passes("198.51.100.0/24"); n != 1000 {
		t.Errorf("another network is slowed too, after %d", n)
	}
	now = now.Add(time.Second)
	if n := passes("192.0.2.0/24"); n != junkPace {
		t.Errorf("%d exchanges pass a second later", n)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := j.wait(ended, "192.0.2.0/24"); !errors.Is(err, campusone.ErrBusy) {
		t.Errorf("no time to wait: %v", err)
	}
	for range junkMany {
		j.note("192.0.2.0/24", true)
	}
	if n := passes("192.0.2.0/24"); n != 1000 {
		t.Error("a campus where most succeed is slowed")
	}
	now = now.Add(2 * junkWindow)
	fails("192.0.2.0/24", 1)
	if n := passes("192.0.2.0/24"); n != 1000 {
		t.Error("slowed after the minute is over")
	}
}

// A campus behind one address: somebody sends junk, before the crowd comes and
// all the while. Nobody of the crowd fails, and alone the junk is slow.
func TestJunkBesideACrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const campus, people = "192.0.2.0/24", 2000
		j := newJunk(time.Now)
		exchange := func(good bool) bool {
			if j.wait(t.Context(), campus) != nil {
				return false
			}
			time.Sleep(50 * time.Millisecond) // Campus One's answer
			j.note(campus, good)
			return true
		}
		stop := make(chan struct{})
		var sent, asked atomic.Int32
		for range 20 { // each as fast as it is answered, at most 20 a second
			go func() {
				for {
					select {
					case <-stop:
						return
					case <-time.After(50 * time.Millisecond):
					}
					sent.Add(1)
					if exchange(false) {
						asked.Add(1)
					}
				}
			}()
		}
		time.Sleep(20 * time.Second)
		if n := asked.Load(); n > junkMany+20+junkBurst+20*junkPace {
			t.Errorf("junk made %d requests in 20 s", n)
		}
		var refused atomic.Int32
		var crowd sync.WaitGroup
		for i := range people {
			crowd.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				if !exchange(true) {
					refused.Add(1)
				}
			})
		}
		crowd.Wait()
		close(stop)
		if n := refused.Load(); n > 0 {
			t.Errorf("%d of %d people were refused, %d of %d junk went through", n, people, asked.Load(), sent.Load())
		}
		time.Sleep(time.Minute)
	})
}

func TestJunkIsBounded(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	j := newJunk(func() time.Time { return now })
	for i := range 2*maxJunk + 1 {
		id := numbered(i)
		j.note(string(id[:4]), false)
	}
	if len(j.networks) > maxJunk {
		t.Errorf("%d networks are remembered", len(j.networks))
	}
}
