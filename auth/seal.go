package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// ErrNotOpen means a sealed value is absent for us: changed, expired, made
// for another purpose, or sealed under a secret we no longer hold.
var ErrNotOpen = errors.New("auth: sealed value does not open")

// Purpose names what a sealed value is for. Each purpose has a key of its
// own (HKDF, RFC 5869) and is also bound as associated data, so that a value
// made for one place never opens in another.
type Purpose string

// The purposes in use.
const (
	purposeState     Purpose = "state"
	purposeAttempt   Purpose = "attempt"
	purposeMarker    Purpose = "no-cookies"
	purposeFlash     Purpose = "flash"
	purposeOnce      Purpose = "once"
	purposeTag       Purpose = "form-tag"
	purposeForm      Purpose = "held-form"
	purposeStored    Purpose = "stored-secret"
	purposeAccess    Purpose = "stored-access"
	purposeRehearsal Purpose = "rehearsal"
)

// Sealer seals small values (AES-256-GCM with random nonces). Values sealed
// under a previous secret still open, so that the secret can be rotated.
type Sealer struct {
	now   func() time.Time
	rings atomic.Pointer[map[Purpose][]cipher.AEAD]
}

// NewSealer derives one key per purpose from each secret; the first secret
// seals, all of them open. A secret needs at least 32 bytes.
func NewSealer(now func() time.Time, secrets ...string) (*Sealer, error) {
	s := &Sealer{now: now}
	if err := s.Use(secrets...); err != nil {
		return nil, err
	}
	return s, nil
}

// Use replaces the secrets, from the next value on; after an error the old
// ones stay.
func (s *Sealer) Use(secrets ...string) error {
	rings := map[Purpose][]cipher.AEAD{}
	for _, secret := range secrets {
		if len(secret) < 32 {
			return fmt.Errorf("auth: a session secret has %d bytes, it needs at least 32", len(secret))
		}
		for _, p := range []Purpose{purposeState, purposeAttempt, purposeMarker, purposeFlash, purposeOnce, purposeTag, purposeForm, purposeStored, purposeAccess, purposeRehearsal} {
			aead, err := newAEAD(secret, p)
			if err != nil {
				return err
			}
			rings[p] = append(rings[p], aead)
		}
	}
	if len(rings) == 0 {
		return errors.New("auth: no session secret")
	}
	s.rings.Store(&rings)
	return nil
}

// ring is the keys of a purpose, the current one first.
func (s *Sealer) ring(p Purpose) []cipher.AEAD { return (*s.rings.Load())[p] }

func newAEAD(secret string, p Purpose) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(secret), nil, "portico "+string(p), 32)
	if err != nil {
		return nil, fmt.Errorf("deriving the key for %s: %w", p, err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("making the cipher for %s: %w", p, err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Fingerprint tells one session secret from another. Nothing about the secret
// can be found out from it but whether it is the one at hand (RFC 5869).
func Fingerprint(secret string) string {
	sum, err := hkdf.Key(sha256.New, []byte(secret), nil, "portico fingerprint", 8)
	if err != nil {
		return "" // only for a length that no hash can give
	}
	return hex.EncodeToString(sum)
}

// Seal returns plain sealed for purpose and bound to context, readable until
// now+life, as unpadded base64url text.
func (s *Sealer) Seal(p Purpose, context string, life time.Duration, plain []byte) string {
	buf := make([]byte, 4, 4+len(plain))
	binary.BigEndian.PutUint32(buf, uint32(s.now().Add(life).Unix()))
	buf = append(buf, plain...)
	return base64.RawURLEncoding.EncodeToString(s.ring(p)[0].Seal(nil, nil, buf, bound(p, context)))
}

// Open returns what Seal was given, or ErrNotOpen.
func (s *Sealer) Open(p Purpose, context, sealed string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return nil, ErrNotOpen
	}
	for _, aead := range s.ring(p) {
		plain, err := aead.Open(nil, nil, raw, bound(p, context))
		if err != nil {
			continue
		}
		if len(plain) < 4 || int64(binary.BigEndian.Uint32(plain)) < s.now().Unix() {
			return nil, ErrNotOpen
		}
		return plain[4:], nil
	}
	return nil, ErrNotOpen
}

func bound(p Purpose, context string) []byte { return []byte(string(p) + "\x00" + context) }
