package campusone

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// giveToken makes the token endpoint answer with this id_token.
func (f *fake) giveToken(token string) {
	body, _ := json.Marshal(map[string]any{"access_token": testAccess, "token_type": "Bearer", "id_token": token})
	f.answer("/token", 200, string(body))
}

func TestClaimsThatRefuse(t *testing.T) {
	now := newFake(t).now.Unix()
	for name, c := range map[string]struct {
		change map[string]any
		reason string
	}{
		"other issuer":            {map[string]any{"iss": "https://elsewhere.example"}, "iss"},
		"issuer with slash":       {map[string]any{"iss": "SELF/"}, "iss"},
		"allowed, not discovered": {map[string]any{"iss": "SELF/api/auth"}, "iss"},
		"no issuer":               {map[string]any{"iss": gone}, "iss"},
		"other audience":          {map[string]any{"aud": "another"}, "aud"},
		"audience in other case":  {map[string]any{"aud": "Portal"}, "aud"},
		"no audience":             {map[string]any{"aud": gone}, "aud"},
		"several without azp":     {map[string]any{"aud": []string{"portal", "another"}}, "azp"},
		"several, other azp":      {map[string]any{"aud": []string{"portal", "another"}, "azp": "another"}, "azp"},
		"one, other azp":          {map[string]any{"azp": "another"}, "azp"},
		"one, null azp":           {map[string]any{"azp": nil}, "azp"},
		"expired":                 {map[string]any{"exp": now - 60}, "exp"},
		"no exp":                  {map[string]any{"exp": gone}, "exp"},
		"exp in milliseconds":     {map[string]any{"exp": (now + 3600) * 1000}, "exp"},
		"not yet":                 {map[string]any{"nbf": now + 61}, "nbf"},
		"null nbf":                {map[string]any{"nbf": nil}, "nbf"},
		"no iat":                  {map[string]any{"iat": gone}, "iat"},
		"iat ahead":               {map[string]any{"iat": now + 301}, "iat"},
		"zero iat":                {map[string]any{"iat": 0}, "iat"},
		"other nonce":             {map[string]any{"nonce": "other"}, "nonce"},
		"no nonce":                {map[string]any{"nonce": gone}, "nonce"},
		"other at_hash":           {map[string]any{"at_hash": accessHash("other")}, "at_hash"},
		"empty at_hash":           {map[string]any{"at_hash": ""}, "at_hash"},
		"no sub":                  {map[string]any{"sub": gone}, "sub"},
		"empty sub":               {map[string]any{"sub": ""}, "sub"},
		"long sub":                {map[string]any{"sub": strings.Repeat("s", 256)}, "sub"},
		"sub with NUL":            {map[string]any{"sub": "a\x00b"}, "sub"},
		"sub in other case":       {map[string]any{"sub": gone, "SUB": "x"}, "sub"},
		"nonce in other case":     {map[string]any{"nonce": gone, "Nonce": testNonce}, "nonce"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.claims = with(f.claims, c.change)
			if iss, ok := f.claims["iss"].(string); ok {
				f.claims["iss"] = strings.Replace(iss, "SELF", f.URL, 1)
			}
			_, err := f.signIn(t)
			wantFailure(t, err, ErrRefused, c.reason)
			if n := f.count("/userinfo"); n != 0 {
				t.Error("a refused token's access token was used")
			}
		})
	}
}

func TestClaimsOfAWrongType(t *testing.T) {
	for _, c := range []struct {
		name  string
		value any
	}{
		{"iss", 5}, {"aud", 5}, {"aud", []any{"portal", 5}}, {"exp", true}, {"iat", "yesterday"}, {"nonce", 5}, {"sub", 5}, {"at_hash", 5},
	} {
		f := newFake(t)
		f.claims = with(f.claims, map[string]any{c.name: c.value})
		if _, err := f.signIn(t); err == nil || Reason(err) == "other" {
			t.Errorf("%s = %v: error %v", c.name, c.value, err)
		}
	}
}

func TestClaimsAtTheEdgePass(t *testing.T) {
	now := newFake(t).now.Unix()
	for name, change := range map[string]map[string]any{
		"just expired":   {"exp": now - 59},
		"almost valid":   {"nbf": now + 60},
		"clock ahead":    {"iat": now + 300},
		"several, azp":   {"aud": []string{"another", "portal"}, "azp": "portal"},
		"list of one":    {"aud": []string{"portal"}},
		"at_hash":        {"at_hash": accessHash(testAccess)},
		"long sub":       {"sub": strings.Repeat("s", 255)},
		"fraction":       {"exp": float64(now) + 0.5},
		"odd role":       {"role": 5, "updated_at": "2026-01-01", "level": map[string]any{}, "roles": 7},
		"other spelling": {"ROLE": "admin", "Sub": "x"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.claims = with(f.claims, change)
			if sub, ok := change["sub"]; ok {
				f.userinfo["sub"] = sub
			}
			id, err := f.signIn(t)
			if err != nil || factMap(id.Facts)["role"] == "admin <- id_token" {
				t.Errorf("identity %+v, error %v", id, err)
			}
		})
	}
}

func TestRepeatedAndDeepClaimsRefuse(t *testing.T) {
	f := newFake(t)
	text, _ := json.Marshal(f.claims)
	open := string(text[:len(text)-1])
	for name, payload := range map[string]string{
		"repeated":        open + `,"role":"admin"}`,
		"repeated deep":   open + `,"x":{"y":[{"a":1,"a":2}]}}`,
		"repeated escape": open + `,"r\u006fle":"admin"}`,
		"too deep":        open + `,"x":` + strings.Repeat("[", depthLimit) + strings.Repeat("]", depthLimit) + `}`,
		"not UTF-8":       open + ",\"x\":\"\xff\"}",
		"array":           `[]`,
		"empty":           ``,
	} {
		f.giveToken(signed(f.signer, payload, nil))
		if _, err := f.signIn(t); Reason(err) != "claims" {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestHeadersThatRefuse(t *testing.T) {
	f := newFake(t)
	payload, _ := json.Marshal(f.claims)
	good := f.idToken(f.claims)
	for _, c := range []struct {
		name, value, reason string
	}{
		{"crit", `["exp"]`, "header"}, {"jwk", `{"kty":"OKP"}`, "header"}, {"jku", `"https://evil.example/keys"`, "header"},
		{"x5u", `"https://evil.example/c"`, "header"}, {"x5c", `[]`, "header"}, {"kid", `5`, "header"},
		{"alg", `"none"`, "alg"}, {"alg", `"HS256"`, "alg"}, {"alg", `"PS256"`, "alg"}, {"alg", `"eddsa"`, "alg"}, {"alg", `5`, "alg"},
		{"ALG", `"EdDSA","alg":"none"`, "alg"}, {"alg", `"EdDSA","alg":"EdDSA"`, "malformed"},
	} {
		head := fmt.Sprintf(`{"kid":"k1","%s":%s}`, c.name, c.value)
		switch c.name {
		case "kid":
			head = fmt.Sprintf(`{"alg":"EdDSA","kid":%s}`, c.value)
		case "crit", "jwk", "jku", "x5u", "x5c":
			head = fmt.Sprintf(`{"alg":"EdDSA","kid":"k1","%s":%s}`, c.name, c.value)
		}
		enc := base64.RawURLEncoding.EncodeToString
		f.giveToken(enc([]byte(head)) + "." + enc(payload) + "." + good[strings.LastIndex(good, ".")+1:])
		_, err := f.signIn(t)
		wantFailure(t, err, ErrRefused, c.reason)
	}
}

func TestSignaturesThatRefuse(t *testing.T) {
	f := newFake(t)
	good := f.idToken(f.claims)
	parts := strings.Split(good, ".")
	forged, _ := json.Marshal(with(f.claims, map[string]any{"sub": "someone-else"}))
	other := jose.SigningKey{Algorithm: jose.EdDSA, Key: jose.JSONWebKey{Key: edKey(t), KeyID: "k1"}}
	unknown := jose.SigningKey{Algorithm: jose.EdDSA, Key: jose.JSONWebKey{Key: edKey(t), KeyID: "k2"}}
	wrongType := jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: rsaKey(t, 2048), KeyID: "k1"}}
	payload, _ := json.Marshal(f.claims)
	for name, c := range map[string]struct{ token, reason string }{
		"changed payload":     {parts[0] + "." + base64.RawURLEncoding.EncodeToString(forged) + "." + parts[2], "signature"},
		"no signature":        {parts[0] + "." + parts[1] + ".", "signature"},
		"other key, same kid": {signed(other, string(payload), nil), "signature"},
		"unknown kid":         {signed(unknown, string(payload), nil), "kid"},
		"key of another type": {signed(wrongType, string(payload), nil), "kid"},
		"two parts":           {parts[0] + "." + parts[1], "malformed"},
		"JSON form":           {`{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`, "malformed"},
		"not base64":          {"!!." + parts[1] + "." + parts[2], "malformed"},
		"padded":              {parts[0] + "=." + parts[1] + "." + parts[2], "malformed"},
		"huge":                {good + strings.Repeat("A", tokenLimit), "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			f.giveToken(c.token)
			_, err := f.signIn(t)
			wantFailure(t, err, ErrRefused, c.reason)
		})
	}
}

func TestEmptyNonceNeverPasses(t *testing.T) {
	f := newFake(t)
	f.claims["nonce"] = ""
	_, err := f.provider(nil).SignIn(t.Context(), testCode, "v", "")
	wantFailure(t, err, ErrRefused, "nonce")
}
