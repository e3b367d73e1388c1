// Package campusone speaks Campus One's language: OpenID Connect for signing
// in, signed webhooks, and the App API. Nothing else in the portal knows how
// Campus One spells anything.
//
// # What it defends
//
// An answer is believed only if it comes from the provider that the operator
// named. Discovery is read from one configured address; the issuer in it must
// be one of the configured ones, byte for byte; and every endpoint must live
// on the issuer's or the discovery's host, over https except on loopback. So
// neither a changed document nor a redirect can move the client's secret, a
// code or a token to another machine.
//
// An id_token is checked by go-oidc for its signature and by this package for
// everything else: go-oidc checks no nonce, azp or at_hash, allows five
// minutes on nbf, and encoding/json would take ROLE for role and the last of
// two equal names. Here names are exact and a repeated name refuses.
//
// # What it survives
//
// New never touches the network. The last good discovery and keys are kept
// through [Cache] and used, whatever their age, while the provider is away. A
// breaker, fed by a probe and by the token endpoint, says when sending people
// there would strand them.
//
// A code is exchanged once: the way of authenticating is configured, because
// guessing sends a second request when the first has already spent the code.
// The userinfo answer is welcome and never needed, since role claims have
// been missing from id_tokens for weeks at a time, and userinfo has been slow.
//
// # Errors
//
// Errors hold fixed words only, never an answer's text, an address with a
// query, a token or a code: they may be logged as they are. [Reason] gives
// the word for counting.
package campusone
