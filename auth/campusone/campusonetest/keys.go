package campusonetest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"sync"

	"github.com/go-jose/go-jose/v4"
)

// Alg is a signature algorithm for id_tokens.
type Alg string

// The algorithms the provider can sign with.
const (
	EdDSA Alg = "EdDSA"
	RS256 Alg = "RS256"
	ES256 Alg = "ES256"
)

// signer is one key pair under its key id.
type signer struct {
	kid     string
	alg     Alg
	private crypto.Signer
}

func newSigner(alg Alg) (*signer, error) {
	var key crypto.Signer
	var err error
	switch alg {
	case EdDSA:
		_, key, err = ed25519.GenerateKey(rand.Reader)
	case RS256:
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	case ES256:
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	default:
		return nil, fmt.Errorf("campusonetest: no such algorithm: %q", alg)
	}
	if err != nil {
		return nil, fmt.Errorf("making a %s key: %w", alg, err)
	}
	return &signer{kid: rand.Text(), alg: alg, private: key}, nil
}

// sign returns the JWS signature over input.
func (k *signer) sign(input []byte) ([]byte, error) {
	if k.alg == EdDSA {
		return k.private.Sign(rand.Reader, input, crypto.Hash(0))
	}
	digest := sha256.Sum256(input)
	if key, ok := k.private.(*ecdsa.PrivateKey); ok {
		return signES256(key, digest[:])
	}
	return k.private.Sign(rand.Reader, digest[:], crypto.SHA256)
}

// signES256 gives r and s side by side, 32 bytes each (RFC 7518, 3.4).
func signES256(key *ecdsa.PrivateKey, digest []byte) ([]byte, error) {
	r, s, err := ecdsa.Sign(rand.Reader, key, digest)
	if err != nil {
		return nil, fmt.Errorf("signing with ES256: %w", err)
	}
	out := make([]byte, 64)
	r.FillBytes(out[:32])
	s.FillBytes(out[32:])
	return out, nil
}

// signHMAC is what an attacker does who hopes that the relying party takes
// the public key for a shared secret.
func (k *signer) signHMAC(input []byte) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(k.private.Public())
	if err != nil {
		return nil, fmt.Errorf("encoding the public key: %w", err)
	}
	mac := hmac.New(sha256.New, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	mac.Write(input)
	return mac.Sum(nil), nil
}

// leftHalf is the hash of at_hash (OpenID Connect Core, 3.1.3.6).
func (k *signer) leftHalf(token string) string {
	if k.alg == EdDSA {
		sum := sha512.Sum512([]byte(token))
		return base64.RawURLEncoding.EncodeToString(sum[:32])
	}
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

func (k *signer) jwk() jose.JSONWebKey {
	return jose.JSONWebKey{Key: k.private.Public(), KeyID: k.kid, Algorithm: string(k.alg), Use: "sig"}
}

// keyring holds the key that signs, the one before it (still published, as
// an honest provider does), and a foreign key that is never published.
type keyring struct {
	mu                         sync.RWMutex
	current, previous, foreign *signer
}

func newKeyring(alg Alg) (*keyring, error) {
	current, err := newSigner(alg)
	if err != nil {
		return nil, err
	}
	foreign, err := newSigner(alg)
	if err != nil {
		return nil, err
	}
	return &keyring{current: current, foreign: foreign}, nil
}

func (r *keyring) rotate() error {
	next, err := newSigner(r.signing().alg)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.previous, r.current = r.current, next
	return nil
}

func (r *keyring) signing() *signer {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.current
}

// published lists the keys relying parties may see, the newest first.
func (r *keyring) published() []*signer {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.previous == nil {
		return []*signer{r.current}
	}
	return []*signer{r.current, r.previous}
}

// RotateKeys makes a new signing key. The one before it stays published; a
// token signed from now on carries a key id nobody has seen yet.
func (s *Server) RotateKeys() error {
	if err := s.keys.rotate(); err != nil {
		return fmt.Errorf("rotating the keys: %w", err)
	}
	return nil
}

// KeyID returns the id of the key that signs now.
func (s *Server) KeyID() string { return s.keys.signing().kid }
