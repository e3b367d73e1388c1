package campusone

import (
	"context"
	"crypto"
	"crypto/elliptic"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"portico/db"
)

func factMap(facts []db.Fact) map[string]string {
	m := map[string]string{}
	for _, f := range facts {
		m[f.Field] = f.Value + " <- " + f.Source
	}
	return m
}

func TestSignInWithEachAlgorithm(t *testing.T) {
	for alg, key := range map[jose.SignatureAlgorithm]crypto.Signer{
		jose.EdDSA: edKey(t), jose.RS256: rsaKey(t, 2048), jose.ES256: ecKey(t, elliptic.P256()),
	} {
		t.Run(string(alg), func(t *testing.T) {
			f := newFake(t)
			f.sign(alg, "k", key)
			id, err := f.signIn(t)
			if err != nil {
				t.Fatal(err)
			}
			if id.Provider != f.URL || id.Issuer != f.URL || id.Sub != "clx8z2abc123" || !id.IssuedAt.Equal(f.now) || !id.RoleSeen || id.NotHeard {
				t.Errorf("identity = %+v", id)
			}
			if id.AccessToken.Reveal() != testAccess || id.RefreshToken.Reveal() != "refresh-2" || id.Scope != "openid profile" || id.IDToken == "" {
				t.Errorf("tokens of %+v", id)
			}
		})
	}
}

func TestTokenRequest(t *testing.T) {
	for method, wantUser := range map[string]string{"post": "", "basic": "portal"} {
		t.Run(method, func(t *testing.T) {
			f := newFake(t)
			cfg := f.config()
			cfg.AuthMethod = method
			if _, err := New(cfg, Options{Now: f.clock}).SignIn(t.Context(), testCode, "verifier", testNonce); err != nil {
				t.Fatal(err)
			}
			want := url.Values{
				"grant_type": {"authorization_code"}, "code": {testCode}, "code_verifier": {"verifier"},
				"redirect_uri": {cfg.RedirectURL},
			}
			if method == "post" {
				want.Set("client_id", "portal")
				want.Set("client_secret", "the-client-secret")
			}
			if diff := cmp.Diff([]url.Values{want}, f.forms); diff != "" || f.logins[0] != wantUser {
				t.Errorf("token requests by %q, want %q (-want +got):\n%s", f.logins, wantUser, diff)
			}
		})
	}
}

func TestUserinfoWinsForProfileClaimsOnly(t *testing.T) {
	f := newFake(t)
	f.claims = with(f.claims, map[string]any{"email": "a@nile.edu.ng", "email_verified": true, "level": 200})
	f.userinfo = map[string]any{
		"sub": "clx8z2abc123", "iss": "https://elsewhere.example", "aud": "another", "exp": 1, "nonce": "other",
		"role": "staff", "email": "b@nile.edu.ng", "roles": "[\"staff\"]",
	}
	id, err := f.signIn(t)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"name": "Amina Yusuf <- id_token", "level": "200 <- id_token", "role": "staff <- userinfo",
		"email": "b@nile.edu.ng <- userinfo", "email_verified": "false <- userinfo", "roles": `["staff"] <- userinfo`,
	}
	if diff := cmp.Diff(want, factMap(id.Facts)); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	if id.Issuer != f.URL {
		t.Errorf("issuer = %q", id.Issuer)
	}
}

func TestAsOfTimes(t *testing.T) {
	f := newFake(t)
	began := f.now
	f.userinfo["role"] = "staff"
	f.advance(20 * time.Second)
	id, err := f.signIn(t)
	if err != nil {
		t.Fatal(err)
	}
	for _, fact := range id.Facts {
		want := map[string]time.Time{"id_token": began, "userinfo": began.Add(20 * time.Second)}[fact.Source]
		if !fact.AsOf.Equal(want) {
			t.Errorf("%s is as of %s, want %s", fact.Field, fact.AsOf, want)
		}
	}
}

func TestVerifiedEmailStaysWithItsOwnAddress(t *testing.T) {
	f := newFake(t)
	f.claims = with(f.claims, map[string]any{"email": "a@nile.edu.ng", "email_verified": true})
	f.userinfo["email"] = "a@nile.edu.ng"
	id, err := f.signIn(t)
	if got := factMap(id.Facts)["email_verified"]; err != nil || got != "true <- id_token" {
		t.Errorf("email_verified = %q, %v", got, err)
	}
}

func TestUserinfoIsNeverNeeded(t *testing.T) {
	for name, answer := range map[string]struct {
		status int
		body   string
	}{
		"500": {500, `{"sub":"clx8z2abc123","role":"admin"}`}, "401": {401, `{}`}, "429": {429, ``},
		"no sub": {200, `{"role":"admin"}`}, "null sub": {200, `{"sub":null,"role":"admin"}`},
		"sub in other case": {200, `{"SUB":"clx8z2abc123","role":"admin"}`}, "html": {200, `<html>`},
		"array": {200, `["sub"]`}, "number sub": {200, `{"sub":5,"role":"admin"}`}, "too large": {200, `{"sub":"` + strings.Repeat("x", answerLimit) + `"}`},
		"two documents": {200, `{"sub":"clx8z2abc123","role":"admin"}{}`}, "redirect": {302, ``},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.answer("/userinfo", answer.status, answer.body)
			id, err := f.signIn(t)
			if err != nil || !id.NotHeard || factMap(id.Facts)["role"] != "student <- id_token" {
				t.Errorf("identity = %+v, error %v", id, err)
			}
			if n := f.count("/userinfo"); n != 1 {
				t.Errorf("userinfo was asked %d times", n)
			}
		})
	}
}

func TestUserinfoOfAnotherPersonRefuses(t *testing.T) {
	for body, reason := range map[string]string{
		`{"sub":"someone-else"}`:                                 "userinfo_sub",
		`{"sub":"CLX8Z2ABC123"}`:                                 "userinfo_sub",
		`{"sub":"clx8z2abc123","sub":"clx8z2abc123"}`:            "userinfo_repeated",
		`{"sub":"clx8z2abc123","role":"student","role":"admin"}`: "userinfo_repeated",
	} {
		f := newFake(t)
		f.answer("/userinfo", 200, body)
		_, err := f.signIn(t)
		wantFailure(t, err, ErrRefused, reason)
	}
}

func TestTokenErrorsAreReadByTheirField(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		kind   error
		reason string
	}{
		"invalid_grant 400":      {400, `{"error":"invalid_grant"}`, ErrInvalidGrant, "invalid_grant"},
		"invalid_grant 401":      {401, `{"error":"invalid_grant","error_description":"` + testCode + `"}`, ErrInvalidGrant, "invalid_grant"},
		"invalid_grant 500":      {500, `{"error":"invalid_grant"}`, ErrInvalidGrant, "invalid_grant"},
		"invalid_grant 200":      {200, `{"error":"invalid_grant"}`, ErrInvalidGrant, "invalid_grant"},
		"invalid_client":         {401, `{"error":"invalid_client"}`, ErrRefused, "invalid_client"},
		"bad verifier":           {401, `{"error":"invalid_request"}`, ErrRefused, "invalid_request"},
		"429":                    {429, `{"message":"slow down"}`, ErrBusy, "rate_limit"},
		"500":                    {500, `boom`, ErrBusy, "token_status"},
		"503 html":               {503, `<html>`, ErrBusy, "token_status"},
		"server_error in 400":    {400, `{"error":"server_error"}`, ErrBusy, "server_error"},
		"unknown code":           {400, `{"error":"` + testCode + `"}`, ErrRefused, "token_answer"},
		"403 html":               {403, `<html>`, ErrRefused, "token_answer"},
		"200 html":               {200, `<html>`, ErrRefused, "token_answer"},
		"no access token":        {200, `{"token_type":"bearer"}`, ErrRefused, "token_answer"},
		"no id_token":            {200, `{"token_type":"bearer","access_token":"a"}`, ErrRefused, "id_token"},
		"id_token in other case": {200, `{"token_type":"bearer","access_token":"a","ID_TOKEN":"a.b.c"}`, ErrRefused, "id_token"},
		"no token_type":          {200, `{"access_token":"a","id_token":"a.b.c"}`, ErrRefused, "token_type"},
		"mac token":              {200, `{"access_token":"a","token_type":"mac","id_token":"a.b.c"}`, ErrRefused, "token_type"},
		"too large":              {200, `{"access_token":"` + strings.Repeat("a", answerLimit) + `"}`, ErrRefused, "size"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.answer("/token", c.status, c.body)
			_, err := f.signIn(t)
			wantFailure(t, err, c.kind, c.reason)
			if n := f.count("/token"); n != 1 {
				t.Errorf("%d token requests for one code", n)
			}
			if err != nil && strings.Contains(err.Error(), testCode) {
				t.Errorf("the error tells the code: %v", err)
			}
		})
	}
}

func TestTokenErrorUnderAnotherContentType(t *testing.T) {
	f := newFake(t)
	f.replace("/token", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(401)
		_, _ = w.Write([]byte(`{"error":"invalid_grant"}`))
	})
	_, err := f.signIn(t)
	wantFailure(t, err, ErrInvalidGrant, "invalid_grant")
}

func TestTokenRequestFollowsNoRedirect(t *testing.T) {
	f := newFake(t)
	f.replace("/token", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/token2", http.StatusTemporaryRedirect)
	})
	_, err := f.signIn(t)
	wantFailure(t, err, ErrRefused, "redirect")
	if n := f.count("/token2"); n != 0 {
		t.Error("the code was sent on")
	}
}

// hang makes a path wait for the client to give up.
func (f *fake) hang(t *testing.T, path string) {
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop) })
	f.replace(path, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-stop:
		}
	})
}

func TestSlowTokenEndpointOpensTheBreaker(t *testing.T) {
	f := newFake(t)
	f.hang(t, "/token")
	p := f.provider(nil)
	if _, err := p.Metadata(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range tokenTroubles {
		if p.Away() {
			t.Fatalf("away after %d time-outs", i)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		_, err := p.SignIn(ctx, testCode, "verifier", testNonce)
		cancel()
		wantFailure(t, err, ErrBusy, "timeout")
	}
	if !p.Away() {
		t.Error("not away after five time-outs")
	}
}

func TestCallerWhoLeavesIsNotTheProvidersFault(t *testing.T) {
	f := newFake(t)
	f.hang(t, "/token")
	p := f.provider(nil)
	for range tokenTroubles {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(30*time.Millisecond, cancel)
		_, err := p.SignIn(ctx, testCode, "verifier", testNonce)
		wantFailure(t, err, ErrBusy, "cancelled")
	}
	if p.Away() {
		t.Error("away because callers left")
	}
}

func TestTokenRefusalsNeverOpenTheBreaker(t *testing.T) {
	f := newFake(t)
	f.answer("/token", 429, `{}`)
	p := f.provider(nil)
	for range 2 * tokenTroubles {
		if _, err := p.SignIn(t.Context(), testCode, "v", testNonce); !errors.Is(err, ErrBusy) {
			t.Fatal(err)
		}
	}
	if p.Away() {
		t.Error("away because of 4xx")
	}
}

func TestRefresh(t *testing.T) {
	f := newFake(t)
	p := f.provider(nil)
	tokens, err := p.Refresh(t.Context(), "refresh-1")
	if err != nil || tokens.AccessToken.Reveal() != testAccess || tokens.RefreshToken.Reveal() != "refresh-2" || tokens.Expires.IsZero() {
		t.Errorf("tokens = %+v, %v", tokens, err)
	}
	if got := f.forms[0].Get("refresh_token"); got != "refresh-1" || f.forms[0].Get("client_secret") == "" {
		t.Errorf("form = %v", f.forms[0])
	}
	f.answer("/token", 200, `{"access_token":"a2","token_type":"Bearer"}`)
	if tokens, err = p.Refresh(t.Context(), "refresh-2"); err != nil || tokens.RefreshToken.Reveal() != "refresh-2" {
		t.Errorf("without a new refresh token the old one serves on: %+v, %v", tokens, err)
	}
	f.answer("/token", 401, `{"error":"invalid_grant"}`)
	_, err = p.Refresh(t.Context(), "refresh-2")
	wantFailure(t, err, ErrInvalidGrant, "invalid_grant")
	f.answer("/token", 502, ``)
	_, err = p.Refresh(t.Context(), "refresh-2")
	wantFailure(t, err, ErrBusy, "token_status")
}

func TestUserinfo(t *testing.T) {
	f := newFake(t)
	f.userinfo["role"] = ""
	p := f.provider(nil)
	who, err := p.Userinfo(t.Context(), testAccess)
	if err != nil || who.Sub != "clx8z2abc123" || !who.RoleSeen || len(who.Facts) != 1 || who.Facts[0].Value != "" {
		t.Errorf("profile = %+v, %v", who, err)
	}
	_, err = p.Userinfo(t.Context(), "another")
	wantFailure(t, err, ErrUnauthorized, "userinfo")
	f.answer("/userinfo", 503, ``)
	_, err = p.Userinfo(t.Context(), testAccess)
	wantFailure(t, err, ErrBusy, "userinfo_status")
}
