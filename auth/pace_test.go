package auth

import (
	"testing"
	"time"
)

// In any minute no more than the rate, and in the long run not less either.
func TestPaceHoldsInEveryMinute(t *testing.T) {
	for _, n := range []int{1, 2, 3, 10, 600} {
		limit, start := newPace(n, time.Minute), time.Now()
		var took []time.Time
		for at := time.Duration(0); at < 5*time.Minute; at += 20 * time.Millisecond {
			now := start.Add(at)
			may := !now.Before(limit.next(0))
			if limit.allow(now, 0) != may {
				t.Fatalf("a rate of %d: next is not when allow says yes", n)
			}
			if may {
				took = append(took, now)
			}
		}
		if len(took) < 5*n {
			t.Errorf("a rate of %d let %d through in five minutes", n, len(took))
		}
		for i := range len(took) - n {
			if within := took[i+n].Sub(took[i]); within < time.Minute {
				t.Fatalf("a rate of %d let %d through in %v", n, n+1, within)
			}
		}
	}
}

// What gives way leaves its share to the others, and what is taken without
// asking counts.
func TestPaceLeavesSomeToOthers(t *testing.T) {
	limit, now := newPace(10, time.Minute), time.Now()
	for range 8 {
		if !limit.allow(now, 2) {
			t.Fatal("no room for eight of ten")
		}
	}
	if limit.allow(now, 2) || !limit.allow(now, 0) || !limit.allow(now, 0) || limit.allow(now, 0) {
		t.Error("of ten, two are not left to others")
	}
	for range 30 {
		limit.take(now.Add(30 * time.Second))
	}
	if got := limit.next(0).Sub(now); got != 90*time.Second {
		t.Errorf("after thirty sign-ins the next is let through after %v", got)
	}
	if one := newPace(1, time.Minute); !one.allow(now, 0) || one.allow(now.Add(59*time.Second), 0) || !one.allow(now.Add(time.Minute), 0) {
		t.Error("a rate of one is not one a minute")
	}
}
