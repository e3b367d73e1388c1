package campusone

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// fake is a small OpenID provider on a loopback port whose every answer a test
// can change.
type fake struct {
	*httptest.Server

	mu       sync.Mutex
	now      time.Time
	keys     []jose.JSONWebKey // published
	signer   jose.SigningKey
	claims   map[string]any // of the id_token
	userinfo map[string]any
	document map[string]any
	forms    []url.Values // token requests, in order
	logins   []string     // their Basic user names
	calls    map[string]int
	instead  map[string]http.HandlerFunc // by path, answers in place of ours
}

const (
	testNonce  = "nonce-of-this-attempt"
	testCode   = "code-of-this-attempt"
	testAccess = "access-token-text"
)

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{now: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC), calls: map[string]int{}, instead: map[string]http.HandlerFunc{}}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	f.document = map[string]any{
		"issuer": f.URL, "authorization_endpoint": f.URL + "/authorize", "token_endpoint": f.URL + "/token",
		"userinfo_endpoint": f.URL + "/userinfo", "jwks_uri": f.URL + "/jwks", "end_session_endpoint": f.URL + "/end",
	}
	f.claims = map[string]any{
		"iss": f.URL, "sub": "clx8z2abc123", "aud": "portal", "nonce": testNonce,
		"iat": f.now.Unix(), "exp": f.now.Add(time.Hour).Unix(), "name": "Amina Yusuf", "role": "student",
	}
	f.userinfo = map[string]any{"sub": "clx8z2abc123"}
	f.sign(jose.EdDSA, "k1", edKey(t))
	return f
}

// sign makes key the one that signs, and publishes it alone.
func (f *fake) sign(alg jose.SignatureAlgorithm, kid string, key crypto.Signer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.signer = jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: key, KeyID: kid}}
	f.keys = []jose.JSONWebKey{{Key: key.Public(), KeyID: kid, Use: "sig", Algorithm: string(alg)}}
}

func edKey(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func rsaKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func ecKey(t *testing.T, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.calls[r.URL.Path]++
	w.Header().Set("Date", f.now.Format(http.TimeFormat))
	instead := f.instead[r.URL.Path]
	f.mu.Unlock()
	if r.URL.Path == "/token" {
		f.remember(r)
	}
	if instead != nil {
		instead(w, r)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch r.URL.Path {
	case "/discovery":
		writeJSON(w, 200, f.document)
	case "/jwks":
		writeJSON(w, 200, map[string]any{"keys": f.keys})
	case "/token":
		writeJSON(w, 200, map[string]any{
			"access_token": testAccess, "token_type": "bearer", "refresh_token": "refresh-2",
			"expires_in": 3600, "scope": "openid profile", "id_token": f.idToken(f.claims),
		})
	case "/userinfo":
		if r.Header.Get("Authorization") != "Bearer "+testAccess {
			writeJSON(w, 401, map[string]any{"error": "invalid_token"})
			return
		}
		writeJSON(w, 200, f.userinfo)
	default:
		http.NotFound(w, r)
	}
}

func (f *fake) remember(r *http.Request) {
	_ = r.ParseForm()
	user, _, _ := r.BasicAuth()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.forms, f.logins = append(f.forms, r.PostForm), append(f.logins, user)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// idToken signs claims as the provider does now.
func (f *fake) idToken(claims map[string]any) string {
	text, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	return signed(f.signer, string(text), nil)
}

func signed(key jose.SigningKey, payload string, extra map[jose.HeaderKey]any) string {
	signer, err := jose.NewSigner(key, &jose.SignerOptions{ExtraHeaders: extra})
	if err != nil {
		panic(err)
	}
	jws, err := signer.Sign([]byte(payload))
	if err != nil {
		panic(err)
	}
	token, err := jws.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return token
}

// answer makes a path answer with a status and a text from now on.
func (f *fake) answer(path string, status int, body string) {
	f.replace(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})
}

func (f *fake) replace(path string, h http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.instead[path] = h
}

func (f *fake) count(path string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[path]
}

func (f *fake) clock() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *fake) advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}

func (f *fake) config() Config {
	return Config{
		DiscoveryURL: f.URL + "/discovery", Issuers: []string{f.URL, f.URL + "/api/auth"},
		ClientID: "portal", ClientSecret: "the-client-secret", AuthMethod: "post",
		RedirectURL: "http://localhost:4000/auth/callback", Scopes: []string{"openid", "profile"},
		APIURL: f.URL + "/api/apps",
	}
}

func (f *fake) provider(cache Cache) *Provider {
	return New(f.config(), Options{Now: f.clock, Cache: cache})
}

func (f *fake) signIn(t *testing.T) (Identity, error) {
	t.Helper()
	return f.provider(nil).SignIn(t.Context(), testCode, "verifier", testNonce)
}

// with is claims with some replaced; a nil function value removes none, the
// value gone removes one.
func with(claims map[string]any, change map[string]any) map[string]any {
	out := maps.Clone(claims)
	for name, v := range change {
		if v == gone {
			delete(out, name)
			continue
		}
		out[name] = v
	}
	return out
}

type removal struct{}

var gone any = removal{}

// accessHash is at_hash for an EdDSA token.
func accessHash(access string) string {
	sum := sha512.Sum512([]byte(access))
	return base64.RawURLEncoding.EncodeToString(sum[:32])
}

// shelf is a Cache in memory.
type shelf struct {
	mu     sync.Mutex
	bodies map[string][]byte
	times  map[string]time.Time
}

func newShelf() *shelf { return &shelf{bodies: map[string][]byte{}, times: map[string]time.Time{}} }

func (s *shelf) Cached(_ context.Context, key string) ([]byte, time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if body, ok := s.bodies[key]; ok {
		return body, s.times[key], nil
	}
	return nil, time.Time{}, errors.New("not on the shelf")
}

func (s *shelf) Cache(_ context.Context, key string, body []byte, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bodies[key], s.times[key] = body, at
	return nil
}

// wantFailure checks the meaning and the reason of an error.
func wantFailure(t *testing.T, err, kind error, reason string) {
	t.Helper()
	if !errors.Is(err, kind) || Reason(err) != reason {
		t.Errorf("error = %v, want %v with the reason %q", err, kind, reason)
	}
}
