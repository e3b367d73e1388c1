package auth

import (
	"crypto/sha256"
	"encoding/base64"
	"sync"
	"time"
)

// spentStates remembers the states whose exchange began, for at least the ten
// minutes a transaction lives, in two bounded generations. A state forgotten
// early is still refused by the unique index of the session row and by the
// provider, whose codes work once (RFC 6749, section 4.1.2).
type spentStates struct {
	mu       sync.Mutex
	now      func() time.Time
	turned   time.Time
	new, old map[[16]byte]struct{}
}

const maxSpent = 500_000 // a generation; about 20 MB

func newSpentStates(now func() time.Time) *spentStates {
	return &spentStates{now: now, turned: now(), new: map[[16]byte]struct{}{}}
}

// spend marks a state and reports whether it was unspent until now.
func (s *spentStates) spend(id [16]byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.now(); now.Sub(s.turned) > transactionLife || len(s.new) >= maxSpent {
		s.old, s.new, s.turned = s.new, map[[16]byte]struct{}{}, now
	}
	_, inNew := s.new[id]
	_, inOld := s.old[id]
	s.new[id] = struct{}{}
	return !inNew && !inOld
}

// hashText is how a secret text is stored: SHA-256, base64url.
func hashText(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
