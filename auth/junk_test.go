package auth

import (
	"context"
	"errors"
	"testing"
	"time"

	"portico/auth/campusone"
)

func TestJunkIsSlowedAndOthersAreNot(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	j := newJunk(func() time.Time { return now })
	for range junkMany {
		j.note("192.0.2.0/24", false)
	}
	if j.limiter("192.0.2.0/24") == nil {
		t.Error("twenty failures and no good one are not slowed")
	}
	if j.limiter("198.51.100.0/24") != nil {
		t.Error("another network is slowed too")
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := j.wait(ended, "192.0.2.0/24"); !errors.Is(err, campusone.ErrBusy) {
		t.Errorf("no time to wait: %v", err)
	}
	for range junkMany {
		j.note("192.0.2.0/24", true)
	}
	if j.limiter("192.0.2.0/24") != nil {
		t.Error("a campus where most succeed is slowed")
	}
	now = now.Add(2 * junkWindow)
	j.note("192.0.2.0/24", false)
	if j.limiter("192.0.2.0/24") != nil {
		t.Error("slowed after the minute is over")
	}
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
