package campusone

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// signInLimit is the time for a whole sign-in behind the callback.
const signInLimit = 8 * time.Second

// SignIn exchanges a code, once, verifies the id_token and asks userinfo once.
// verifier and nonce are those the transaction began with.
func (p *Provider) SignIn(ctx context.Context, code, verifier, nonce string) (Identity, error) {
	ctx, cancel := context.WithTimeout(ctx, signInLimit)
	defer cancel()
	m, err := p.Metadata(ctx)
	if err != nil {
		return Identity{}, err
	}
	token, err := p.exchange(ctx, m, code, verifier)
	if err != nil {
		return Identity{}, err
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return Identity{}, refused("id_token")
	}
	proven, err := p.verify(ctx, m, raw, nonce, token.AccessToken)
	if err != nil {
		return Identity{}, err
	}
	id := Identity{
		Provider: originOf(proven.issuer), Issuer: proven.issuer, Sub: proven.sub, IssuedAt: proven.issued,
		IDToken: Secret(raw), AccessToken: Secret(token.AccessToken), RefreshToken: Secret(token.RefreshToken),
		Expires: p.expires(token),
	}
	id.Scope, _ = token.Extra("scope").(string)
	return p.enrich(ctx, id, proven)
}

// enrich adds the profile: the id_token's, bettered by userinfo's.
func (p *Provider) enrich(ctx context.Context, id Identity, proven proof) (Identity, error) {
	told := readProfile(proven.claims, proven.issued, "id_token")
	asked := p.now()
	claims, err := p.userinfo(ctx, id.AccessToken)
	switch {
	case errors.Is(err, ErrRefused):
		return Identity{}, err
	case err != nil:
		id.NotHeard = true
	default:
		if sub, _ := claims.str("sub"); sub != id.Sub {
			return Identity{}, refused("userinfo_sub")
		}
		told = told.bettered(readProfile(claims, asked, "userinfo"))
	}
	id.Facts, id.RoleSeen = told.sealed().facts, told.roleSeen()
	return id, nil
}

// exchange sends the one token request that a code is good for.
func (p *Provider) exchange(ctx context.Context, m Metadata, code, verifier string) (*oauth2.Token, error) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, p.http)
	token, err := p.oauth(m).Exchange(ctx, code, oauth2.VerifierOption(verifier))
	return p.granted(token, err)
}

// granted judges the token endpoint's answer and tells the breaker.
func (p *Provider) granted(token *oauth2.Token, err error) (*oauth2.Token, error) {
	if err != nil {
		return nil, p.denied(err)
	}
	// The library would also read Token_Type; only Extra keeps to exact names.
	if kind, _ := token.Extra("token_type").(string); !strings.EqualFold(kind, "Bearer") {
		return nil, refused("token_type")
	}
	if access, _ := token.Extra("access_token").(string); access != token.AccessToken {
		return nil, refused("access_token")
	}
	return token, nil
}

// expires is when an access token ends, by the portal's own clock; zero when
// that was not said.
func (p *Provider) expires(token *oauth2.Token) time.Time {
	if token.ExpiresIn <= 0 {
		return time.Time{}
	}
	return p.now().Add(time.Duration(token.ExpiresIn) * time.Second)
}

// denied reads the error field before the status: providers answer
// invalid_grant with 400, 401 and worse.
func (p *Provider) denied(err error) error {
	answered, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return p.unanswered(err)
	}
	status := answered.Response.StatusCode
	if status >= http.StatusInternalServerError {
		p.breaker.trouble(p.now())
	}
	switch code := errorField(answered); {
	case code == "invalid_grant":
		return &failure{kind: ErrInvalidGrant, reason: "invalid_grant"}
	case status == http.StatusTooManyRequests:
		return &failure{kind: ErrBusy, reason: ReasonRateLimit, after: retryAfter(answered.Response.Header, p.now())}
	case status >= http.StatusInternalServerError:
		return busy("token_status")
	case code == "temporarily_unavailable" || code == "server_error" || code == "slow_down":
		return busy(code)
	case code == "invalid_client" || code == "unauthorized_client" || code == "invalid_request" ||
		code == "invalid_scope" || code == "unsupported_grant_type":
		return refused(code)
	}
	return refused("token_answer")
}

// errorField is the OAuth error code, also where a JSON answer came under
// another content type, which the library does not look into.
func errorField(e *oauth2.RetrieveError) string {
	if e.ErrorCode != "" {
		return e.ErrorCode
	}
	body, err := parseObject(e.Body)
	if err != nil {
		return ""
	}
	code, _ := body.str("error")
	return code
}

// unanswered is a request without a usable answer: the network's trouble
// counts for the breaker, a caller who left or an odd answer does not.
func (p *Provider) unanswered(err error) error {
	if _, sent := errors.AsType[*url.Error](err); !sent {
		return refused("token_answer")
	}
	out := troubled(err)
	if Reason(out) == "timeout" || Reason(out) == "network" {
		p.breaker.trouble(p.now())
	}
	return out
}

func base64url(text string) ([]byte, error) { return base64.RawURLEncoding.DecodeString(text) }
