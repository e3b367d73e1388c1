package db

import (
	"encoding/binary"
	"iter"
	"math/bits"
)

// bitset is a set of small numbers, one bit each. Twenty thousand people who
// signed in on a day are 2.5 kB, and who did on any of 365 days is found by
// joining as many sets.
type bitset []uint64

func (b *bitset) add(n int) {
	for n/64 >= len(*b) {
		*b = append(*b, 0)
	}
	(*b)[n/64] |= 1 << (n % 64)
}

func (b bitset) has(n int) bool { return n/64 < len(b) && b[n/64]&(1<<(n%64)) != 0 }

// above is a number that is above all in the set.
func (b bitset) above() int { return len(b) * 64 }

// join adds all of another set.
func (b *bitset) join(other bitset) {
	for len(*b) < len(other) {
		*b = append(*b, 0)
	}
	for i, w := range other {
		(*b)[i] |= w
	}
}

func (b bitset) count() (n int) {
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// common is how many numbers two sets have in common.
func (b bitset) common(other bitset) (n int) {
	for i := range min(len(b), len(other)) {
		n += bits.OnesCount64(b[i] & other[i])
	}
	return n
}

func (b bitset) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, w := range b {
			for ; w != 0; w &= w - 1 {
				if !yield(i*64 + bits.TrailingZeros64(w)) {
					return
				}
			}
		}
	}
}

// encode is the set as it is stored.
func (b bitset) encode() []byte {
	out := make([]byte, 0, len(b)*8)
	for _, w := range b {
		out = binary.LittleEndian.AppendUint64(out, w)
	}
	return out
}

func decodeBits(stored []byte) bitset {
	b := make(bitset, len(stored)/8)
	for i := range b {
		b[i] = binary.LittleEndian.Uint64(stored[i*8:])
	}
	return b
}
