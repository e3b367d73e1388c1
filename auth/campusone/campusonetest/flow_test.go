package campusonetest

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

func TestCodeFlowWithEachAlgorithmAndIssuer(t *testing.T) {
	for _, alg := range []Alg{EdDSA, RS256, ES256} {
		for _, mode := range []IssuerMode{IssuerBare, IssuerWithPath} {
			r := start(t, Options{Alg: alg, Issuer: mode})
			id, info := r.claims(SubAmina)
			if id["iss"] != r.server.Issuer() || id["sub"] != SubAmina || id["nonce"] == nil {
				t.Errorf("%s: id_token says %v", alg, id)
			}
			if info["name"] != "Amina Baobab" || info["level"] != 300.0 || info["student_id"] != "256240001" {
				t.Errorf("%s: userinfo says %v", alg, info)
			}
		}
	}
}

func TestBareHostHasNoDiscovery(t *testing.T) {
	r := start(t, Options{})
	if got := r.get(r.server.URL() + "/.well-known/openid-configuration").StatusCode; got != http.StatusNotFound {
		t.Errorf("bare host answers %d", got)
	}
}

func TestPickingAPersonSignsIn(t *testing.T) {
	r := start(t, Options{})
	a := newAttempt()
	picker := r.get(r.authorizeURL(a)).Header.Get("Location")
	page := text(t, r.get(r.server.URL()+picker))
	for _, want := range []string{"This is a stand-in for Campus One, for trying Portico", "Amina Baobab", "Computer Science", "Grace Doum"} {
		if !strings.Contains(page, want) {
			t.Errorf("the login page lacks %q", want)
		}
	}
	_, query, _ := strings.Cut(picker, "?")
	next := r.post(r.server.URL()+"/login", url.Values{"sub": {SubAmina}, "authorize": {query}})
	q := r.arrival(r.get(r.server.URL() + next.Header.Get("Location")))
	if q.Get("code") == "" || q.Get("state") != a.state {
		t.Errorf("after picking: %v", q)
	}
}

func TestSessionCookieIsHttpOnlyAndLax(t *testing.T) {
	r := start(t, Options{})
	resp := r.post(r.server.URL()+"/login", url.Values{"sub": {SubAmina}})
	c := resp.Cookies()
	if len(c) != 1 || !c[0].HttpOnly || c[0].SameSite != http.SameSiteLaxMode {
		t.Errorf("login set %v", c)
	}
}

func TestPromptLoginForcesThePicker(t *testing.T) {
	r := start(t, Options{})
	r.signInAtProvider(SubAmina)
	resp := r.get(r.authorizeURL(newAttempt(), oauth2.SetAuthURLParam("prompt", "login")))
	to, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || to.Path != "/login" || to.Query().Has("prompt") {
		t.Errorf("prompt=login went to %v (%v)", to, err)
	}
}

func TestSilentRefusals(t *testing.T) {
	clients := testClients()
	clients[0].Trusted = false
	r := start(t, Options{Clients: clients})
	refused := func(want string) {
		t.Helper()
		q := r.silently(newAttempt())
		if q.Get("error") != want || q.Has("code") {
			t.Errorf("want %s, got %v", want, q)
		}
	}
	refused("login_required")
	r.signInAtProvider(SubAmina)
	refused("consent_required")
	r.server.Consent(SubAmina, testClient, r.oauth.Scopes...)
	if q := r.silently(newAttempt()); q.Get("code") == "" {
		t.Errorf("signed in and approved, but %v", q)
	}
	r.server.Update(SubAmina, func(p *Person) { p.NeedsInteraction = true })
	refused("interaction_required")
}

func TestConsentPage(t *testing.T) {
	clients := testClients()
	clients[0].Trusted = false
	r := start(t, Options{Clients: clients})
	r.signInAtProvider(SubAmina)
	page := r.get(r.authorizeURL(newAttempt())).Header.Get("Location")
	if !strings.Contains(text(t, r.get(r.server.URL()+page)), "Amina Baobab") {
		t.Error("the consent page does not say who is signed in")
	}
	_, query, _ := strings.Cut(page, "?")
	decide := func(how string) *http.Response {
		return r.post(r.server.URL()+"/consent", url.Values{"authorize": {query}, "decision": {how}})
	}
	if q := r.arrival(decide("cancel")); q.Get("error") != "access_denied" {
		t.Errorf("cancel gave %v", q)
	}
	if q := r.arrival(r.get(r.server.URL() + decide("allow").Header.Get("Location"))); q.Get("code") == "" {
		t.Errorf("allow gave %v", q)
	}
	if q := r.silently(newAttempt()); q.Get("code") == "" {
		t.Errorf("approved once, but asked again: %v", q)
	}
}

func TestConsentCannotApproveWhatAuthorizeRefuses(t *testing.T) {
	r := start(t, Options{})
	r.signInAtProvider(SubAmina)
	query := url.Values{"client_id": {testClient}, "redirect_uri": {testReturn}, "response_type": {"code"}, "scope": {"openid"}}
	resp := r.post(r.server.URL()+"/consent", url.Values{"authorize": {query.Encode()}, "decision": {"allow"}})
	if q := r.arrival(r.get(r.server.URL() + resp.Header.Get("Location"))); q.Get("error") != "invalid_request" {
		t.Errorf("a request without PKCE gave %v", q)
	}
}

func TestAuthorizeRefusals(t *testing.T) {
	r := start(t, Options{})
	r.signInAtProvider(SubAmina)
	for want, change := range map[string]oauth2.AuthCodeOption{
		"invalid_scope":             oauth2.SetAuthURLParam("scope", "openid events"),
		"unsupported_response_type": oauth2.SetAuthURLParam("response_type", "token"),
		"invalid_request":           oauth2.SetAuthURLParam("code_challenge", "plain"),
	} {
		target := r.oauth.AuthCodeURL("s", oauth2.S256ChallengeOption("v"), change)
		if want == "invalid_request" {
			target = strings.Replace(target, "S256", "plain", 1)
		}
		if q := r.arrival(r.get(target)); q.Get("error") != want {
			t.Errorf("want %s, got %v", want, q)
		}
	}
}

func TestWrongAddressOrClientStaysHere(t *testing.T) {
	r := start(t, Options{})
	for name, change := range map[string]oauth2.AuthCodeOption{
		"slash":  oauth2.SetAuthURLParam("redirect_uri", testReturn+"/"),
		"host":   oauth2.SetAuthURLParam("redirect_uri", strings.Replace(testReturn, "127.0.0.1", "localhost", 1)),
		"client": oauth2.SetAuthURLParam("client_id", "somebody"),
	} {
		resp := r.get(r.authorizeURL(newAttempt(), change))
		if resp.StatusCode != http.StatusBadRequest || resp.Header.Get("Location") != "" {
			t.Errorf("%s: %d to %q", name, resp.StatusCode, resp.Header.Get("Location"))
		}
	}
}

func TestErrorsCarryNoStateUnlessSwitched(t *testing.T) {
	r := start(t, Options{})
	a := newAttempt()
	if q := r.silently(a); q.Has("state") {
		t.Errorf("state came back on an error: %v", q)
	}
	raw := r.get(r.authorizeURL(a, oauth2.SetAuthURLParam("prompt", "none"))).Header.Get("Location")
	if strings.Contains(raw, "+") || strings.Contains(raw, " ") {
		t.Errorf("description is escaped as a form: %s", raw)
	}
	r.server.SetQuirks(func(q *Quirks) { q.StateInErrors, q.RawDescription = true, true })
	raw = r.get(r.authorizeURL(a, oauth2.SetAuthURLParam("prompt", "none"))).Header.Get("Location")
	if !strings.Contains(raw, "state="+a.state) || !strings.Contains(raw, "Authentication required but") {
		t.Errorf("with both quirks: %s", raw)
	}
}

func TestScriptsGetJSON(t *testing.T) {
	r := start(t, Options{})
	req, err := http.NewRequest(http.MethodGet, r.authorizeURL(newAttempt(), oauth2.SetAuthURLParam("prompt", "none")), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Mode", "cors")
	resp := r.do(req)
	var answer struct {
		Redirect bool   `json:"redirect"`
		URL      string `json:"url"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%d, %v", resp.StatusCode, err)
	}
	if !answer.Redirect || !strings.HasPrefix(answer.URL, testReturn+"?error=login_required") {
		t.Errorf("a script got %+v", answer)
	}
}

// refusal is the error code of a failed token request.
func refusal(t *testing.T, err error) string {
	t.Helper()
	var e *oauth2.RetrieveError
	if !errors.As(err, &e) {
		t.Fatalf("no refusal: %v", err)
	}
	return e.ErrorCode
}

func TestAnyFailureBurnsTheCode(t *testing.T) {
	for name, wrong := range map[string]struct {
		code  string
		spoil func(*oauth2.Config, *attempt)
	}{
		"verifier": {"invalid_request", func(_ *oauth2.Config, a *attempt) { a.verifier = oauth2.GenerateVerifier() }},
		"secret":   {"invalid_client", func(c *oauth2.Config, _ *attempt) { c.ClientSecret = "no" }},
		"address":  {"invalid_client", func(c *oauth2.Config, _ *attempt) { c.RedirectURL += "/" }},
		"basic":    {"invalid_client", func(c *oauth2.Config, _ *attempt) { c.Endpoint.AuthStyle = oauth2.AuthStyleInHeader }},
	} {
		r := start(t, Options{})
		r.signInAtProvider(SubAmina)
		a := newAttempt()
		code := r.silently(a).Get("code")
		good, b := r.oauth, a
		wrong.spoil(&r.oauth, &b)
		if _, err := r.exchange(t.Context(), code, b); refusal(t, err) != wrong.code {
			t.Errorf("%s: %v", name, err)
		}
		r.oauth = good
		if _, err := r.exchange(t.Context(), code, a); refusal(t, err) != "invalid_grant" {
			t.Errorf("%s: the code lived on: %v", name, err)
		}
	}
}

func TestCodesWorkOnceAndTenMinutes(t *testing.T) {
	var ahead atomic.Int64
	r := start(t, Options{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	r.signInAtProvider(SubAmina)
	a := newAttempt()
	code := r.silently(a).Get("code")
	if _, err := r.exchange(t.Context(), code, a); err != nil {
		t.Fatal(err)
	}
	if _, err := r.exchange(t.Context(), code, a); refusal(t, err) != "invalid_grant" {
		t.Errorf("used twice: %v", err)
	}
	code = r.silently(a).Get("code")
	ahead.Store(int64(codeLife + time.Second))
	if _, err := r.exchange(t.Context(), code, a); refusal(t, err) != "invalid_grant" {
		t.Errorf("after ten minutes: %v", err)
	}
}

func TestAccessTokensRunOut(t *testing.T) {
	var ahead atomic.Int64
	r := start(t, Options{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	token := r.tokensFor(SubAmina)
	if strings.Count(token.AccessToken, ".") != 0 {
		t.Error("the access token is not opaque")
	}
	r.userinfo(token)
	ahead.Store(int64(accessLife))
	if _, err := r.provider.UserInfo(t.Context(), tokenSource(token)); err == nil {
		t.Error("an hour later the access token is still good")
	}
}

func (r *rp) refresh(token string) (*oauth2.Token, error) {
	return r.oauth.TokenSource(r.t.Context(), &oauth2.Token{RefreshToken: token}).Token()
}

func TestRefreshRotatesAndReuseEndsTheFamily(t *testing.T) {
	r := start(t, Options{})
	first := r.tokensFor(SubAmina)
	other := r.tokensFor(SubAmina)
	second, err := r.refresh(first.RefreshToken)
	if err != nil || second.RefreshToken == first.RefreshToken || second.Extra("id_token") != nil {
		t.Fatalf("refresh: %v", err)
	}
	r.userinfo(second)
	if _, err := r.refresh(first.RefreshToken); refusal(t, err) != "invalid_grant" {
		t.Errorf("reuse: %v", err)
	}
	if _, err := r.refresh(second.RefreshToken); refusal(t, err) != "invalid_grant" {
		t.Errorf("the family lives on after reuse: %v", err)
	}
	if _, err := r.provider.UserInfo(t.Context(), tokenSource(second)); err == nil {
		t.Error("an access token of a dead family is still good")
	}
	if _, err := r.refresh(other.RefreshToken); err != nil {
		t.Errorf("another family died too: %v", err)
	}
}

func TestRefreshTokensOnlyWithOfflineAccess(t *testing.T) {
	r := start(t, Options{})
	r.oauth.Scopes = []string{"openid"}
	if token := r.tokensFor(SubAmina); token.RefreshToken != "" {
		t.Error("a refresh token nobody asked for")
	}
	r.oauth.Scopes = append(r.oauth.Scopes, "offline_access")
	r.server.SetQuirks(func(q *Quirks) { q.NoRefreshToken = true })
	if token := r.tokensFor(SubAmina); token.RefreshToken != "" {
		t.Error("a refresh token in spite of the quirk")
	}
	r.server.SetQuirks(func(q *Quirks) { q.NoRefreshToken, q.RefreshWithIDToken = false, true })
	again, err := r.refresh(r.tokensFor(SubAmina).RefreshToken)
	if err != nil || again.Extra("id_token") == nil {
		t.Errorf("refresh with an id_token: %v", err)
	}
}

func TestRotatedKeysStillVerify(t *testing.T) {
	r := start(t, Options{})
	old, before := r.tokensFor(SubAmina), r.server.KeyID()
	if err := r.server.RotateKeys(); err != nil {
		t.Fatal(err)
	}
	if r.server.KeyID() == before {
		t.Error("the key id stayed")
	}
	for _, token := range []*oauth2.Token{old, r.tokensFor(SubAmina)} {
		if _, err := r.verify(token); err != nil {
			t.Error(err)
		}
	}
}

func TestCountersAndLastAuthorize(t *testing.T) {
	r := start(t, Options{})
	if r.server.LastAuthorize() != nil {
		t.Error("an authorize request before the first")
	}
	r.claims(SubAmina)
	n := r.server.Requests()
	if n[EndpointAuthorize] != 1 || n[EndpointToken] != 1 || n[EndpointUserinfo] != 1 || n[EndpointDiscovery] != 1 || r.server.Count(EndpointJWKS) != 1 {
		t.Errorf("counted %v", n)
	}
	if got := r.server.LastAuthorize().Get("prompt"); got != "none" {
		t.Errorf("last prompt %q", got)
	}
}

func TestEndSession(t *testing.T) {
	hook := newReceiver(t, http.StatusOK)
	clients := testClients()
	clients[0].WebhookURL, clients[0].WebhookSecret = hook.URL, "s"
	r := start(t, Options{Clients: clients})
	token := r.tokensFor(SubAmina)
	hint, _ := token.Extra("id_token").(string)
	target := func(after string) string {
		return r.server.URL() + endSessionPath + "?" + url.Values{
			"id_token_hint": {hint}, "post_logout_redirect_uri": {after}, "state": {"s1"},
		}.Encode()
	}
	if got := r.get(target("http://evil.example/")).StatusCode; got != http.StatusBadRequest {
		t.Errorf("an unregistered address: %d", got)
	}
	if q := r.arrival(r.get(target(testReturn))); q.Get("state") != "s1" {
		t.Errorf("came back with %v", q)
	}
	if q := r.silently(newAttempt()); q.Get("error") != "login_required" {
		t.Errorf("still signed in: %v", q)
	}
	if got := <-hook.got; got.header.Get("X-Campus-One-Event") != "session.signed_out" {
		t.Errorf("sent %v", got.header)
	}
}

// BenchmarkSignIn is one whole silent sign-in: three requests, one signature.
func BenchmarkSignIn(b *testing.B) {
	r := start(b, Options{})
	for b.Loop() {
		r.userinfo(r.tokensFor(SubAmina))
	}
}
