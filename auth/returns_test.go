package auth

import (
	"encoding/binary"
	"testing"
	"time"
)

func TestSilentChecksRestWhereFewComeBack(t *testing.T) {
	for _, c := range []struct {
		name        string
		left, back  int
		after       time.Duration
		rest        bool
		restedAfter time.Duration // and then no more
	}{
		{name: "too few to judge", left: 19, after: 30 * time.Second},
		{name: "nobody came back", left: 20, after: 30 * time.Second, rest: true, restedAfter: 5 * time.Minute},
		{name: "under half came back", left: 20, back: 9, after: 30 * time.Second, rest: true, restedAfter: 5 * time.Minute},
		{name: "half came back", left: 20, back: 10, after: 30 * time.Second},
		{name: "they may still be on the way", left: 40, after: 10 * time.Second},
		{name: "long ago", left: 40, after: 3 * time.Minute},
	} {
		now := time.Unix(1_800_000_000, 0)
		r := newReturns(func() time.Time { return now })
		for i := range c.left {
			r.left(numbered(i), "192.0.2.0/24")
		}
		for i := range c.back {
			r.back(numbered(i))
		}
		now = now.Add(c.after)
		if got := r.paused("192.0.2.0/24"); got != c.rest {
			t.Errorf("%s: rests %v, want %v", c.name, got, c.rest)
		}
		if r.paused("198.51.100.0/24") {
			t.Errorf("%s: another network rests too", c.name)
		}
		if c.rest {
			now = now.Add(c.restedAfter)
			if r.paused("192.0.2.0/24") {
				t.Errorf("%s: still resting after %v", c.name, c.restedAfter)
			}
		}
	}
}

// Nobody can fill the memory by asking from many networks.
func TestReturnsAreBounded(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	r := newReturns(func() time.Time { return now })
	for i := range 3 * maxNetworks {
		r.left(numbered(i), string(binary.BigEndian.AppendUint32(nil, uint32(i))))
	}
	for i := range 3 * maxDeparted {
		r.left(numbered(1<<24+i), "one")
	}
	if len(r.networks) > maxNetworks || len(r.byID) > maxNetworks+maxDeparted {
		t.Errorf("%d networks and %d departures are remembered", len(r.networks), len(r.byID))
	}
}

func numbered(i int) (id [16]byte) {
	binary.BigEndian.PutUint32(id[:], uint32(i))
	return id
}
