package campusonetest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

func TestEverySignatureFaultIsRefused(t *testing.T) {
	for _, alg := range []Alg{EdDSA, RS256, ES256} {
		r := start(t, Options{Alg: alg})
		for _, how := range []Signing{SignForeign, SignForeignKid, SignNone, SignHMACPublic, SignHMACSecret, SignBroken, SignStripped} {
			r.server.SetFault(func(f *Fault) { f.IDToken.Sign = how })
			if _, err := r.verify(r.tokensFor(SubAmina)); err == nil {
				t.Errorf("%s: go-oidc takes signature fault %d", alg, how)
			}
		}
		r.server.SetFault(func(f *Fault) { f.IDToken.Sign = SignNoKid })
		if _, err := r.verify(r.tokensFor(SubAmina)); err != nil {
			t.Errorf("%s: a true signature without a key id: %v", alg, err)
		}
		r.server.ClearFaults()
		if _, err := r.verify(r.tokensFor(SubAmina)); err != nil {
			t.Errorf("%s: after ClearFaults: %v", alg, err)
		}
	}
}

func TestIDTokenCanBeRewritten(t *testing.T) {
	r := start(t, Options{})
	r.server.SetFault(func(f *Fault) {
		f.IDToken.Claims = func(c map[string]any) { c["azp"] = "another"; delete(c, "name") }
		f.IDToken.Payload = func(b []byte) []byte { return append(b[:len(b)-1], `,"ROLE":"admin"}`...) }
		f.IDToken.Header = func(h map[string]any) { h["typ"] = "at+jwt" }
	})
	id, _ := r.claims(SubAmina)
	if id["azp"] != "another" || id["name"] != nil || id["ROLE"] != "admin" {
		t.Errorf("claims are %v", id)
	}
	raw := "not.a.token"
	r.server.SetFault(func(f *Fault) { f.IDToken.Raw = &raw })
	if got := r.tokensFor(SubAmina).Extra("id_token"); got != raw {
		t.Errorf("the raw id_token is %v", got)
	}
}

func TestTokenAnswerCanBeRewritten(t *testing.T) {
	r := start(t, Options{})
	r.server.SetFault(func(f *Fault) {
		f.Token.Edit = func(a map[string]any) { delete(a, "id_token"); a["token_type"] = "mac"; a["expires_at"] = 1 }
	})
	token := r.tokensFor(SubAmina)
	if token.TokenType != "mac" || token.Extra("id_token") != nil || token.Extra("expires_at") == nil {
		t.Errorf("the answer is %+v", token)
	}
}

func TestTokenErrorBurnsTheCode(t *testing.T) {
	r := start(t, Options{})
	r.signInAtProvider(SubAmina)
	a := newAttempt()
	code := r.silently(a).Get("code")
	r.server.SetFault(func(f *Fault) { f.Token.Error, f.Token.Status = "server_error", http.StatusInternalServerError })
	if _, err := r.exchange(t.Context(), code, a); refusal(t, err) != "server_error" {
		t.Error(err)
	}
	r.server.ClearFaults()
	if _, err := r.exchange(t.Context(), code, a); refusal(t, err) != "invalid_grant" {
		t.Errorf("the code lived on: %v", err)
	}
	refreshToken := r.tokensFor(SubAmina).RefreshToken
	r.server.SetFault(func(f *Fault) { f.Token.ErrorOnRefresh = "invalid_grant" })
	if _, err := r.refresh(refreshToken); refusal(t, err) != "invalid_grant" {
		t.Error(err)
	}
	r.tokensFor(SubAmina)
}

func TestAuthorizeFaults(t *testing.T) {
	r := start(t, Options{})
	r.signInAtProvider(SubAmina)
	a := newAttempt()
	for fault, want := range map[StateFault]string{
		StateDropped: "", StateAltered: "state=" + altered(a.state), StateEmpty: "state=",
		StateUndefined: "state=undefined", StateDoubled: "state=" + a.state + "&state=" + a.state,
	} {
		r.server.SetFault(func(f *Fault) { f.Authorize.State = fault })
		to := r.get(r.authorizeURL(a)).Header.Get("Location")
		_, after, _ := strings.Cut(strings.TrimPrefix(to, testReturn), "&")
		if after != want || altered(a.state) == a.state {
			t.Errorf("state fault %d: %s", fault, to)
		}
	}
	r.server.SetFault(func(f *Fault) {
		f.Authorize = AuthorizeFault{SilentError: "account_selection_required", State: StateForced}
	})
	if q := r.silently(a); q.Get("error") != "account_selection_required" || q.Get("state") != a.state {
		t.Errorf("silent error: %v", q)
	}
	r.server.SetFault(func(f *Fault) {
		f.Authorize = AuthorizeFault{
			Error: "server_error", Description: "100% & more",
			Callback: func(p []Param) []Param { return append(p, Param{"code", "x"}) },
		}
	})
	q := r.arrival(r.get(r.authorizeURL(a)))
	if q.Get("error") != "server_error" || q.Get("code") != "x" || q.Get("error_description") != "100% & more" {
		t.Errorf("rewritten callback: %v", q)
	}
}

func TestDiscoveryAndKeysCanBeRewritten(t *testing.T) {
	r := start(t, Options{})
	r.server.SetFault(func(f *Fault) {
		f.Discovery.Edit = func(d map[string]any) { d["issuer"] = "https://evil.example" }
		f.JWKS.Edit = func(s map[string]any) { s["keys"] = []any{} }
	})
	if got := text(t, r.get(r.server.DiscoveryURL())); !strings.Contains(got, `"issuer":"https://evil.example"`) {
		t.Errorf("discovery: %s", got)
	}
	if got := text(t, r.get(r.server.URL()+"/api/auth/jwks")); got != `{"keys":[]}` {
		t.Errorf("keys: %s", got)
	}
	r.server.SetFault(func(f *Fault) { f.JWKS = JWKSFault{Foreign: true} })
	if _, err := r.verify(r.tokensFor(SubAmina)); err == nil {
		t.Error("a foreign key under the true id verifies")
	}
}

func TestUserinfoCanBeRewritten(t *testing.T) {
	r := start(t, Options{})
	token := r.tokensFor(SubAmina)
	r.server.SetFault(func(f *Fault) {
		f.Userinfo.Claims = func(c map[string]any) { c["sub"] = "somebody else"; c["level"] = "three hundred" }
	})
	if got := r.userinfo(token); got["sub"] != "somebody else" || got["level"] != "three hundred" {
		t.Errorf("userinfo: %v", got)
	}
}

// wire asks discovery under one Answer.
func wire(t *testing.T, r *rp, a Answer, timeout time.Duration) (*http.Response, string, error) {
	t.Helper()
	r.server.SetFault(func(f *Fault) { f.Discovery.Answer = a })
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.server.DiscoveryURL(), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := r.browser.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), err
}

func TestAnswersOnTheWire(t *testing.T) {
	r := start(t, Options{})
	resp, body, err := wire(t, r, Answer{Status: 429, Header: http.Header{"retry-after": {"7"}, "Content-Type": {}}, Body: []byte("slow down")}, time.Minute)
	if err != nil || resp.StatusCode != 429 || body != "slow down" || resp.Header.Get("Retry-After") != "7" {
		t.Errorf("status: %v %q %v", resp, body, err)
	}
	resp, _, err = wire(t, r, Answer{RedirectTo: "http://evil.example/"}, time.Minute)
	if err != nil || resp.StatusCode != http.StatusFound || resp.Header.Get("Location") != "http://evil.example/" {
		t.Errorf("redirect: %v %v", resp, err)
	}
	if _, body, err = wire(t, r, Answer{Pad: 3 << 20}, time.Minute); err != nil || len(body) < 3<<20 || !json.Valid([]byte(body)) {
		t.Errorf("pad: %d bytes, %v", len(body), err)
	}
	if _, body, err = wire(t, r, Answer{Truncate: 20}, time.Minute); !errors.Is(err, io.ErrUnexpectedEOF) || body == "" {
		t.Errorf("truncate: %q, %v", body, err)
	}
	if _, body, err = wire(t, r, Answer{Body: []byte{}}, time.Minute); err != nil || body != "" {
		t.Errorf("empty: %q, %v", body, err)
	}
}

func TestAnswersThatDoNotCome(t *testing.T) {
	r := start(t, Options{})
	if _, _, err := wire(t, r, Answer{Drop: true}, time.Minute); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("drop: %v", err)
	}
	for name, a := range map[string]Answer{"hang": {Hang: true}, "delay": {Delay: time.Hour}, "drip": {Drip: 20 * time.Millisecond}} {
		if _, _, err := wire(t, r, a, 100*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := wire(t, r, Answer{Delay: time.Millisecond}, time.Minute); err != nil {
		t.Errorf("a short delay: %v", err)
	}
}

func TestTimesLimitsAFault(t *testing.T) {
	r := start(t, Options{})
	refused := Refusal(http.StatusServiceUnavailable, "temporarily_unavailable")
	refused.Times = 2
	r.server.SetFault(func(f *Fault) { f.Discovery.Answer = refused })
	var got []int
	for range 3 {
		got = append(got, r.get(r.server.DiscoveryURL()).StatusCode)
	}
	if got[0] != 503 || got[1] != 503 || got[2] != 200 {
		t.Errorf("statuses %v", got)
	}
}

func TestSkipLeavesTheCodeUsable(t *testing.T) {
	r := start(t, Options{})
	r.signInAtProvider(SubAmina)
	a := newAttempt()
	code := r.silently(a).Get("code")
	r.server.SetFault(func(f *Fault) { f.Token.Answer = Refusal(http.StatusTooManyRequests, "slow_down") })
	if _, err := r.exchange(t.Context(), code, a); refusal(t, err) != "slow_down" {
		t.Error(err)
	}
	r.server.ClearFaults()
	if _, err := r.exchange(t.Context(), code, a); err != nil {
		t.Error(err)
	}
}

func TestDownInThreeWays(t *testing.T) {
	r := start(t, Options{})
	r.server.TakeDown(0)
	if got := r.get(r.authorizeURL(newAttempt())).StatusCode; got != http.StatusServiceUnavailable {
		t.Errorf("down answers %d", got)
	}
	if got := r.get(r.server.ControlURL()).StatusCode; got != http.StatusOK {
		t.Errorf("the control page answers %d", got)
	}
	r.server.SetFault(func(f *Fault) { f.Down = DownCloses })
	if resp, err := r.browser.Get(r.server.DiscoveryURL()); err == nil {
		resp.Body.Close()
		t.Errorf("closing answers %d", resp.StatusCode)
	}
	r.server.SetFault(func(f *Fault) { f.Down = DownHangs })
	if _, _, err := wire(t, r, Answer{}, 50*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("hanging: %v", err)
	}
	r.server.BringUp()
	if got := r.get(r.server.DiscoveryURL()).StatusCode; got != http.StatusOK {
		t.Errorf("up again answers %d", got)
	}
	r.server.TakeDown(time.Millisecond)
	time.Sleep(2 * time.Millisecond)
	if r.server.IsDown() {
		t.Error("the time is over, but it is down")
	}
}

func TestRefreshesAtOnceLeaveOneWinner(t *testing.T) {
	r := start(t, Options{})
	token := r.tokensFor(SubAmina).RefreshToken
	won := make(chan bool, 8)
	for range cap(won) {
		go func() {
			resp, err := http.PostForm(r.oauth.Endpoint.TokenURL, url.Values{
				"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {testClient}, "client_secret": {testSecret},
			})
			if err != nil {
				won <- false
				return
			}
			resp.Body.Close()
			won <- resp.StatusCode == http.StatusOK
		}()
	}
	winners := 0
	for range cap(won) {
		if <-won {
			winners++
		}
	}
	if winners != 1 {
		t.Errorf("%d refreshes won", winners)
	}
	var e *oauth2.RetrieveError
	if _, err := r.refresh(token); !errors.As(err, &e) {
		t.Errorf("afterwards: %v", err)
	}
}
