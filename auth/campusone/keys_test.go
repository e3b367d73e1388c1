package campusone

import (
	"crypto/elliptic"
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

func TestUnknownKidCausesOneFetchAMinute(t *testing.T) {
	f := newFake(t)
	p := f.provider(nil)
	try := func() error {
		_, err := p.SignIn(t.Context(), testCode, "v", testNonce)
		return err
	}
	if err := try(); err != nil {
		t.Fatal(err)
	}
	f.advance(surpriseEvery)
	old := f.keys
	f.sign(jose.EdDSA, "k2", edKey(t))
	f.mu.Lock()
	fresh := f.keys
	f.keys = old // signed with a key that is not published yet
	f.mu.Unlock()
	for range 5 {
		wantFailure(t, try(), ErrRefused, "kid")
	}
	if n := f.count("/jwks"); n != 2 {
		t.Errorf("keys were fetched %d times, want 2", n)
	}
	f.mu.Lock()
	f.keys = fresh
	f.mu.Unlock()
	wantFailure(t, try(), ErrRefused, "kid")
	f.advance(surpriseEvery)
	if err := try(); err != nil || f.count("/jwks") != 3 {
		t.Errorf("a minute later: %v, %d fetches", err, f.count("/jwks"))
	}
}

func TestConcurrentKeyFetchesAreJoined(t *testing.T) {
	f := newFake(t)
	keys := f.keys
	f.replace("/jwks", func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(100 * time.Millisecond)
		writeJSON(w, 200, map[string]any{"keys": keys})
	})
	p := f.provider(nil)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if _, err := p.SignIn(t.Context(), testCode, "v", testNonce); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := f.count("/jwks"); n != 1 {
		t.Errorf("keys were fetched %d times", n)
	}
}

func TestKeysSurviveAnOutage(t *testing.T) {
	f := newFake(t)
	p := f.provider(nil)
	if _, err := p.SignIn(t.Context(), testCode, "v", testNonce); err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{`boom`, `{}`, `{"keys":[]}`, `{"keys":[{"kty":"oct","k":"AAAA","use":"sig"}]}`} {
		f.answer("/jwks", 200, body)
		if err := p.keys.fetch(t.Context()); err == nil {
			t.Errorf("%s passed for keys", body)
		}
		if _, err := p.SignIn(t.Context(), testCode, "v", testNonce); err != nil {
			t.Errorf("after %s: %v", body, err)
		}
	}
}

func TestNoKeysAtAllIsBusy(t *testing.T) {
	f := newFake(t)
	f.answer("/jwks", 503, ``)
	_, err := f.signIn(t)
	wantFailure(t, err, ErrBusy, "keys_status")
}

func TestTokenWithoutKid(t *testing.T) {
	f := newFake(t)
	key := edKey(t)
	f.sign(jose.EdDSA, "", key)
	f.keys = append([]jose.JSONWebKey{{Key: edKey(t).Public(), KeyID: "other"}}, f.keys...)
	if _, err := f.signIn(t); err != nil {
		t.Error(err)
	}
}

func TestKeysThatAreIgnored(t *testing.T) {
	ed := jose.JSONWebKey{Key: edKey(t).Public(), KeyID: "k"}
	secret := jose.JSONWebKey{Key: edKey(t), KeyID: "k"}
	for name, c := range map[string]struct {
		key    jose.JSONWebKey
		change map[string]any
		want   int
	}{
		"plain":           {ed, nil, 1},
		"for signing":     {ed, map[string]any{"use": "sig", "key_ops": []string{"verify"}}, 1},
		"for encryption":  {ed, map[string]any{"use": "enc"}, 0},
		"null use":        {ed, map[string]any{"use": nil}, 0},
		"other operation": {ed, map[string]any{"key_ops": []string{"encrypt"}}, 0},
		"private":         {secret, nil, 0},
		"short":           {ed, map[string]any{"x": "AAAA"}, 0},
		"unknown type":    {ed, map[string]any{"kty": "XYZ"}, 0},
		"weak RSA":        {jose.JSONWebKey{Key: rsaKey(t, 1024).Public(), KeyID: "k"}, nil, 0},
		"P-384":           {jose.JSONWebKey{Key: ecKey(t, elliptic.P384()).Public(), KeyID: "k"}, nil, 0},
	} {
		text, err := c.key.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var raw map[string]any
		if err := json.Unmarshal(text, &raw); err != nil {
			t.Fatal(err)
		}
		body, _ := json.Marshal(map[string]any{"keys": []any{"odd", with(raw, c.change)}})
		if got := parseKeys(body); len(got) != c.want {
			t.Errorf("%s: %d keys, want %d", name, len(got), c.want)
		}
	}
}

func TestKeyServesItsOwnAlgorithmOnly(t *testing.T) {
	key := jose.JSONWebKey{Key: rsaKey(t, 2048).Public(), KeyID: "k", Algorithm: "RS512"}
	if fits(key, header{algRS256, "k"}) {
		t.Error("a key for RS512 served RS256")
	}
	key.Algorithm = ""
	if fits(key, header{algEdDSA, "k"}) || fits(key, header{algRS256, "K"}) || !fits(key, header{algRS256, "k"}) {
		t.Error("key type and kid do not decide")
	}
}
