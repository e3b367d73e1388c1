package campusone

import (
	"context"

	"golang.org/x/oauth2"
)

// Refresh spends a refresh token, in one request. The caller makes sure that
// no other process spends the same one, and stores RefreshToken before it uses
// the rest. ErrInvalidGrant means that the token is dead.
//
// A new id_token, if one comes, is left aside: it may carry roles as they were
// at the sign-in, while Userinfo tells those of today.
func (p *Provider) Refresh(ctx context.Context, refresh Secret) (Tokens, error) {
	m, err := p.Metadata(ctx)
	if err != nil {
		return Tokens{}, err
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, p.http)
	old := &oauth2.Token{RefreshToken: refresh.Reveal()}
	token, err := p.granted(p.oauth(m).TokenSource(ctx, old).Token())
	if err != nil {
		return Tokens{}, err
	}
	scope, _ := token.Extra("scope").(string)
	return Tokens{
		AccessToken: Secret(token.AccessToken), RefreshToken: Secret(token.RefreshToken),
		Scope: scope, Expires: p.expires(token),
	}, nil
}
