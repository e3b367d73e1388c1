package db

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestBitset(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) (b bitset, want map[int]bool) {
			want = map[int]bool{}
			for _, n := range rapid.SliceOf(rapid.IntRange(0, 300)).Draw(t, label) {
				b.add(n)
				want[n] = true
			}
			return decodeBits(b.encode()), want
		}
		a, inA := draw("a")
		b, inB := draw("b")
		common := 0
		for n := range inA {
			if inB[n] {
				common++
			}
		}
		if got := a.common(b); got != common {
			t.Fatalf("%d in common, want %d", got, common)
		}
		a.join(b)
		maps.Copy(inA, inB)
		if got := slices.Collect(a.all()); !slices.Equal(got, slices.Sorted(maps.Keys(inA))) || a.count() != len(inA) {
			t.Fatalf("joined: %d of them, %v", a.count(), got)
		}
		if n := rapid.IntRange(0, 400).Draw(t, "n"); a.has(n) != inA[n] {
			t.Fatalf("has %d: %v", n, a.has(n))
		}
	})
}

// What is packed is read again; what is not whole, or another version's, is
// refused, whatever it is.
func TestPacked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c crowd
		for i := range rapid.IntRange(0, 20).Draw(t, "people") {
			text := func(label string) string { return rapid.StringN(0, 3, -1).Draw(t, label) }
			c.place(rapid.IntRange(0, 30).Draw(t, "number"), traits{text("role"), text("study"), text("level"), text("faculty"), text("department")}, time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "met"), 0), i)
		}
		body := c.encode()
		again, err := decodeCrowd(body, c.at)
		if err != nil || !slices.Equal(again.groups, c.groups) || !slices.Equal(again.numbered, c.numbered) || !slices.Equal(again.others, c.others) {
			t.Fatalf("read again: %+v, %v; want %+v", again, err, c)
		}
		if cut := rapid.IntRange(0, len(body)-1).Draw(t, "cut"); cut < len(body) {
			if _, err := decodeCrowd(body[:cut], c.at); err == nil {
				t.Fatalf("%d of %d bytes were read as if they were whole", cut, len(body))
			}
		}
		garbage := rapid.SliceOf(rapid.Byte()).Draw(t, "garbage")
		_, _ = decodeCrowd(garbage, c.at)
		_, _ = decodeTotals(&packed{body: garbage}, 1, nil, nil)
	})
}
