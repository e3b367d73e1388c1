package campusone

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	mostKeys   = 32
	leastRSA   = 2048            // bits
	emptyRetry = 2 * time.Second // between fetches while there are no keys at all
	tokenLimit = 64 << 10        // bytes of a signed token
	mostTries  = 8               // keys tried for one token
	algEdDSA   = string(jose.EdDSA)
	algRS256   = string(jose.RS256)
	algES256   = string(jose.ES256)
)

// algorithms are those a provider of ours may sign with, whatever it lists.
func algorithms() []string { return []string{algEdDSA, algRS256, algES256} }

// keySet holds the provider's signing keys. It is go-oidc's KeySet with a
// limit that go-oidc's own lacks: a token with an unknown kid causes at most
// one fetch a minute, and keys survive an outage and a restart.
type keySet struct {
	p *Provider

	mu    sync.Mutex
	url   string
	keys  []jose.JSONWebKey
	at    time.Time // when the keys were fetched
	tried time.Time // when a fetch was last begun
	asked time.Time // when one was last begun because of an unknown kid

	recalled string // the address whose keys were looked for in the cache
}

// use names the address of the keys. At another address nothing has been
// tried yet; the old keys serve until new ones arrive.
func (s *keySet) use(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.url == address {
		return
	}
	s.url, s.tried, s.asked, s.at = address, time.Time{}, time.Time{}, time.Time{}
}

func (s *keySet) state() (int, time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.keys), s.at
}

// header is what a token says about its own signature.
type header struct {
	alg, kid string
}

// readHeader judges a compact token's protected header: an algorithm of ours,
// and no parameter that would bring a key along or demand an extension.
func readHeader(token string) (header, error) {
	if len(token) > tokenLimit || strings.Count(token, ".") != 2 {
		return header{}, refused("malformed")
	}
	first, _, _ := strings.Cut(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil {
		return header{}, refused("malformed")
	}
	h, err := parseObject(raw)
	if err != nil {
		return header{}, refused("malformed")
	}
	for _, name := range []string{"crit", "jwk", "jku", "x5u", "x5c", "b64", "zip"} {
		if _, there := h[name]; there {
			return header{}, refused("header")
		}
	}
	return chosen(h)
}

func chosen(h object) (header, error) {
	alg, _ := h.str("alg")
	if alg != algEdDSA && alg != algRS256 && alg != algES256 {
		return header{}, refused("alg")
	}
	kid, isText := h.str("kid")
	if _, there := h["kid"]; there && !isText {
		return header{}, refused("header")
	}
	return header{alg, kid}, nil
}

// VerifySignature returns the payload of a token that one of the provider's
// keys has signed. An unknown kid may cause one fetch.
func (s *keySet) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	h, err := readHeader(token)
	if err != nil {
		return nil, err
	}
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(h.alg)})
	if err != nil {
		return nil, refused("malformed")
	}
	fitting, err := s.fitting(ctx, h)
	if err != nil {
		return nil, err
	}
	for _, key := range fitting {
		if payload, err := jws.Verify(key); err == nil {
			return payload, nil
		}
	}
	return nil, refused("signature")
}

// fitting are the keys that may have signed under h.
func (s *keySet) fitting(ctx context.Context, h header) ([]jose.JSONWebKey, error) {
	s.recall(ctx)
	if keys := s.matching(h); len(keys) > 0 {
		return keys, nil
	}
	if err := s.surprised(ctx); err != nil {
		return nil, err
	}
	if keys := s.matching(h); len(keys) > 0 {
		return keys, nil
	}
	if n, _ := s.state(); n == 0 {
		return nil, busy("keys")
	}
	return nil, refused("kid")
}

func (s *keySet) matching(h header) []jose.JSONWebKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	var keys []jose.JSONWebKey
	for _, k := range s.keys {
		if fits(k, h) && len(keys) < mostTries {
			keys = append(keys, k)
		}
	}
	return keys
}

// fits asks for the token's kid where it has one, and for a key whose type,
// and alg where given, belong to the token's alg.
func fits(k jose.JSONWebKey, h header) bool {
	if h.kid != "" && k.KeyID != h.kid {
		return false
	}
	return algorithmOf(k) == h.alg && (k.Algorithm == "" || k.Algorithm == h.alg)
}

// algorithmOf is the one algorithm of ours that a key can verify, or "".
func algorithmOf(k jose.JSONWebKey) string {
	switch key := k.Key.(type) {
	case ed25519.PublicKey:
		return algEdDSA
	case *rsa.PublicKey:
		if key.N.BitLen() >= leastRSA {
			return algRS256
		}
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P256() {
			return algES256
		}
	}
	return ""
}

// surprised fetches because of a token with an unknown kid, unless that was
// done under a minute ago. A fetch by the clock does not count: keys may be
// changed right behind it.
func (s *keySet) surprised(ctx context.Context) error {
	return s.joined(ctx, func() bool {
		now := s.p.now()
		if len(s.keys) == 0 {
			return now.Sub(s.tried) >= emptyRetry
		}
		if now.Sub(s.asked) < surpriseEvery {
			return false
		}
		s.asked = now
		return true
	})
}

// fetch replaces the keys by what the provider publishes now.
func (s *keySet) fetch(ctx context.Context) error {
	return s.joined(ctx, func() bool { return true })
}

// joined fetches once for all who ask at the same time, if may, asked under
// the lock, agrees.
func (s *keySet) joined(ctx context.Context, may func() bool) error {
	_, err := joined(ctx, &s.p.flight, "keys", func(ctx context.Context) (struct{}, error) {
		s.mu.Lock()
		address, wanted := s.url, may()
		if wanted {
			s.tried = s.p.now()
		}
		s.mu.Unlock()
		if !wanted || address == "" {
			return struct{}{}, nil
		}
		return struct{}{}, s.load(ctx, address)
	})
	return err
}

// load fetches from address. An answer without a usable key is a failure: the
// keys of before stay.
func (s *keySet) load(ctx context.Context, address string) error {
	a, err := s.p.get(ctx, address, "")
	if err == nil && !a.ok() {
		err = busy("keys_status")
	}
	var keys []jose.JSONWebKey
	if err == nil {
		if keys = parseKeys(a.body); len(keys) == 0 {
			err = busy("keys")
		}
	}
	if err != nil {
		s.p.note(err)
		return err
	}
	at := s.p.now()
	s.replace(keys, at)
	s.p.save(ctx, keysKey(address), a.body, at)
	return nil
}

func (s *keySet) replace(keys []jose.JSONWebKey, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys, s.at = keys, at
}

// recall takes the keys of the last run from the cache while there are none.
func (s *keySet) recall(ctx context.Context) {
	s.mu.Lock()
	address, wanted := s.url, len(s.keys) == 0 && s.at.IsZero() && s.recalled != s.url
	s.recalled = s.url
	s.mu.Unlock()
	if !wanted || s.p.cache == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, cacheWait)
	defer cancel()
	body, at, err := s.p.cache.Cached(ctx, keysKey(address))
	if err != nil {
		return // the provider is asked instead
	}
	if keys := parseKeys(body); len(keys) > 0 {
		s.replace(keys, at)
	}
}

func keysKey(address string) string { return "keys " + address }

// parseKeys reads a JWK set and keeps the public signing keys that one of our
// algorithms can use; what it does not understand it passes over (RFC 7517,
// section 5).
func parseKeys(body []byte) []jose.JSONWebKey {
	set, err := parseObject(body)
	if err != nil {
		return nil
	}
	list, _ := set["keys"].([]any)
	var keys []jose.JSONWebKey
	for _, e := range list[:min(len(list), mostKeys)] {
		raw, isObject := e.(object)
		if !isObject || !forSigning(raw) {
			continue
		}
		if k, ok := parseKey(raw); ok {
			keys = append(keys, k)
		}
	}
	return keys
}

func parseKey(raw object) (jose.JSONWebKey, bool) {
	var k jose.JSONWebKey
	text, err := json.Marshal(raw)
	if err != nil || k.UnmarshalJSON(text) != nil {
		return k, false
	}
	return k, k.Valid() && k.IsPublic() && algorithmOf(k) != ""
}

// forSigning heeds use and key_ops, each only where it is given.
func forSigning(raw object) bool {
	if use, there := raw["use"]; there && use != "sig" {
		return false
	}
	_, there := raw["key_ops"]
	return !there || slices.Contains(raw.strs("key_ops"), "verify")
}
