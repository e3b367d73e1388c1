package campusonetest

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// rp is a relying party made of go-oidc and x/oauth2, with a browser.
type rp struct {
	t        testing.TB
	server   *Server
	oauth    oauth2.Config
	provider *oidc.Provider
	browser  *http.Client
	jar      map[string]string
}

const (
	testClient = "portico-test"
	testSecret = "letters-and-digits-only-0123456789"
	testReturn = "http://127.0.0.1:9/auth/callback"
)

func testClients() []Client {
	return []Client{{ID: testClient, Secret: testSecret, RedirectURIs: []string{testReturn}, Trusted: true}}
}

// start runs a stand-in and a relying party of it.
func start(t testing.TB, o Options) *rp {
	t.Helper()
	if o.Clients == nil {
		o.Clients = testClients()
	}
	s := New(o)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return party(t, s)
}

func party(t testing.TB, s *Server) *rp {
	t.Helper()
	ctx := oidc.InsecureIssuerURLContext(t.Context(), s.Issuer())
	provider, err := oidc.NewProvider(ctx, s.URL()+"/api/auth")
	if err != nil {
		t.Fatalf("discovery: %v", err)
	}
	ep := provider.Endpoint()
	ep.AuthStyle = oauth2.AuthStyleInParams
	r := &rp{t: t, server: s, provider: provider, jar: map[string]string{}}
	r.oauth = oauth2.Config{
		ClientID: testClient, ClientSecret: testSecret, RedirectURL: testReturn, Endpoint: ep,
		Scopes: []string{"openid", "profile", "email", "academic", "roles", "offline_access"},
	}
	r.browser = (&Server{}).caller()
	return r
}

// attempt is one authorization request.
type attempt struct{ state, nonce, verifier string }

func newAttempt() attempt {
	return attempt{rand.Text(), rand.Text(), oauth2.GenerateVerifier()}
}

func (r *rp) authorizeURL(a attempt, more ...oauth2.AuthCodeOption) string {
	more = append(more, oidc.Nonce(a.nonce), oauth2.S256ChallengeOption(a.verifier))
	return r.oauth.AuthCodeURL(a.state, more...)
}

// get makes one browser request, without following redirects.
func (r *rp) get(target string) *http.Response {
	r.t.Helper()
	req, err := http.NewRequest(http.MethodGet, target, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return r.do(req)
}

func (r *rp) post(target string, form url.Values) *http.Response {
	r.t.Helper()
	req, err := http.NewRequest(http.MethodPost, target, strings.NewReader(form.Encode()))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r.do(req)
}

func (r *rp) do(req *http.Request) *http.Response {
	r.t.Helper()
	for name, value := range r.jar {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	resp, err := r.browser.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, c := range resp.Cookies() {
		r.jar[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(r.jar, c.Name)
		}
	}
	r.t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func (r *rp) signInAtProvider(sub string) {
	c := r.server.SessionCookie(sub)
	r.jar[c.Name] = c.Value
}

// arrival is what the callback gets.
func (r *rp) arrival(resp *http.Response) url.Values {
	r.t.Helper()
	target := resp.Header.Get("Location")
	if resp.StatusCode/100 != 3 || !strings.HasPrefix(target, testReturn+"?") {
		r.t.Fatalf("no redirect to the callback: %d %q: %s", resp.StatusCode, target, text(r.t, resp))
	}
	q, err := url.ParseQuery(strings.TrimPrefix(target, testReturn+"?"))
	if err != nil {
		r.t.Fatal(err)
	}
	return q
}

// silently makes a prompt=none round trip.
func (r *rp) silently(a attempt) url.Values {
	r.t.Helper()
	return r.arrival(r.get(r.authorizeURL(a, oauth2.SetAuthURLParam("prompt", "none"))))
}

func (r *rp) exchange(ctx context.Context, code string, a attempt) (*oauth2.Token, error) {
	return r.oauth.Exchange(ctx, code, oauth2.VerifierOption(a.verifier))
}

// verify checks the id_token as go-oidc does, with nonce and at_hash.
func (r *rp) verify(token *oauth2.Token) (*oidc.IDToken, error) {
	raw, _ := token.Extra("id_token").(string)
	v := r.provider.VerifierContext(r.t.Context(), &oidc.Config{
		ClientID: testClient, SupportedSigningAlgs: []string{"EdDSA", "RS256", "ES256"},
	})
	id, err := v.Verify(r.t.Context(), raw)
	if err != nil {
		return nil, err
	}
	if id.AccessTokenHash != "" {
		return id, id.VerifyAccessToken(token.AccessToken)
	}
	return id, nil
}

// tokensFor signs a person in silently, all the way.
func (r *rp) tokensFor(sub string) *oauth2.Token {
	r.t.Helper()
	r.signInAtProvider(sub)
	a := newAttempt()
	q := r.silently(a)
	if q.Get("state") != a.state {
		r.t.Fatalf("state came back as %q", q.Get("state"))
	}
	token, err := r.exchange(r.t.Context(), q.Get("code"), a)
	if err != nil {
		r.t.Fatalf("exchange: %v", err)
	}
	return token
}

// claims signs a person in and returns id_token and userinfo claims.
func (r *rp) claims(sub string) (id, info map[string]any) {
	r.t.Helper()
	token := r.tokensFor(sub)
	verified, err := r.verify(token)
	if err != nil {
		r.t.Fatalf("verify: %v", err)
	}
	if err := verified.Claims(&id); err != nil {
		r.t.Fatal(err)
	}
	return id, r.userinfo(token)
}

func (r *rp) userinfo(token *oauth2.Token) map[string]any {
	r.t.Helper()
	u, err := r.provider.UserInfo(r.t.Context(), tokenSource(token))
	if err != nil {
		r.t.Fatalf("userinfo: %v", err)
	}
	var claims map[string]any
	if err := u.Claims(&claims); err != nil {
		r.t.Fatal(err)
	}
	return claims
}

func text(t testing.TB, resp *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// receiver is an application's webhook address that keeps what it gets.
type receiver struct {
	*httptest.Server
	got chan received
}

type received struct {
	header http.Header
	body   []byte
}

func newReceiver(t *testing.T, status int) *receiver {
	r := &receiver{got: make(chan received, 50)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.got <- received{req.Header.Clone(), body}
		w.WriteHeader(status)
	}))
	t.Cleanup(r.Close)
	return r
}

func tokenSource(token *oauth2.Token) oauth2.TokenSource { return oauth2.StaticTokenSource(token) }
