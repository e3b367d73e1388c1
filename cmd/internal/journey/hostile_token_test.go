package journey

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
)

type (
	fault  = campusonetest.Fault
	claims = map[string]any
)

// signs is a fault of the signature alone.
func signs(how campusonetest.Signing) func(scene, *fault) {
	return func(_ scene, f *fault) { f.IDToken.Sign = how }
}

func header(edit func(s scene, h claims)) func(scene, *fault) {
	return func(s scene, f *fault) { f.IDToken.Header = func(h map[string]any) { edit(s, h) } }
}

func raw(idToken string) func(scene, *fault) {
	return func(_ scene, f *fault) { f.IDToken.Raw = &idToken }
}

// signatureCrimes are id_tokens that the provider did not sign as it must.
func signatureCrimes() []crime {
	const jws, core = "RFC 7515", "OIDC Core 3.1.3.7"
	all := []crime{
		{name: "alg none", rule: core + " (6), RFC 8725 3.1", wrong: "an unsigned id_token", fault: signs(campusonetest.SignNone)},
		{name: "alg HS256, public key", rule: "RFC 8725 2.1", wrong: "the public key taken for a shared secret", fault: signs(campusonetest.SignHMACPublic)},
		{name: "alg HS256, public RSA key", rule: "RFC 8725 2.1", wrong: "the same, of an RS256 provider", alg: campusonetest.RS256, fault: signs(campusonetest.SignHMACPublic)},
		{name: "alg HS256, client secret", rule: core + " (8)", wrong: "HMAC under the client secret", fault: signs(campusonetest.SignHMACSecret)},
		{name: "EdDSA, wrong key", rule: core + " (6)", wrong: "signed by another key under the true kid", fault: signs(campusonetest.SignForeign)},
		{name: "RS256, wrong key", rule: core + " (6)", wrong: "signed by another key under the true kid", alg: campusonetest.RS256, fault: signs(campusonetest.SignForeign)},
		{name: "ES256, wrong key", rule: core + " (6)", wrong: "signed by another key under the true kid", alg: campusonetest.ES256, fault: signs(campusonetest.SignForeign)},
		{name: "unknown kid", rule: "OIDC Core 10.1.1", wrong: "a kid that is published nowhere", fault: signs(campusonetest.SignForeignKid), lasting: true},
		{name: "broken signature", rule: jws + " 5.2", wrong: "one bit of the signature is wrong", fault: signs(campusonetest.SignBroken)},
		{name: "no signature", rule: jws + " 5.2", wrong: "the true header, an empty signature", fault: signs(campusonetest.SignStripped)},
		{name: "jwk in the header", rule: jws + " 4.1.3, RFC 8725 3.10", wrong: "the token brings its own key", fault: signs(campusonetest.SignEmbedded)},
		{name: "jku in the header", rule: jws + " 4.1.2, RFC 8725 3.10", wrong: "the token says where its key is", fault: withJKU},
		{name: "x5u in the header", rule: jws + " 4.1.5", wrong: "truly signed, with an address of a certificate", fault: header(func(s scene, h claims) { h["x5u"] = s.trap + "/cert" })},
		{name: "x5c in the header", rule: jws + " 4.1.6", wrong: "truly signed, with a certificate", fault: header(func(_ scene, h claims) { h["x5c"] = []string{"AAAA"} })},
		{name: "crit", rule: jws + " 4.1.11", wrong: "a critical extension nobody knows", fault: header(func(_ scene, h claims) { h["crit"], h[canary] = []string{canary}, true })},
		{name: "crit b64", rule: "RFC 7797 6", wrong: "the payload is said not to be base64url", fault: header(func(_ scene, h claims) { h["crit"], h["b64"] = []string{"b64"}, false })},
		{name: "zip in the header", rule: "RFC 7516 4.1.3", wrong: "the payload is said to be packed", fault: header(func(_ scene, h claims) { h["zip"] = "DEF" })},
		{name: "kid a number", rule: jws + " 4.1.4", wrong: "kid is not a string", fault: header(func(_ scene, h claims) { h["kid"] = 7 })},
		{name: "alg of another key type", rule: "RFC 8725 3.1", wrong: "alg says RS256, the key is Ed25519", fault: header(func(_ scene, h claims) { h["alg"] = "RS256" }), lasting: true},
		{name: "alg twice", rule: jws + " 4", wrong: "alg comes twice in the header", fault: func(_ scene, f *fault) { f.IDToken.HeaderText = prepend(`"alg":"none",`) }},
		{name: "garbage id_token", rule: "RFC 7519 7.2", wrong: "the id_token is no token", fault: raw(canary)},
		{name: "id_token of five parts", rule: "RFC 7516 3.1", wrong: "an encrypted token, unasked", fault: raw("eyJhbGciOiJkaXIifQ.." + canary + ".a.b")},
		{name: "id_token in JSON form", rule: "OIDC Core 2", wrong: "a JWS in JSON serialisation", fault: raw(`{"payload":"e30","protected":"eyJhbGciOiJFZERTQSJ9","signature":"AAAA"}`)},
		{name: "huge id_token", rule: "RFC 7519", wrong: "a signed token of 200 kB", fault: claim(func(_ scene, c claims) { c["pad"] = strings.Repeat(canary, 20_000) })},
	}
	return ending(all, 502)
}

// ending sets where interactive attempts end, unless the row says so itself.
func ending(all []crime, interactive int) []crime {
	for i := range all {
		if all[i].interactive == 0 {
			all[i].interactive = interactive
		}
	}
	return all
}

func withJKU(s scene, f *fault) {
	f.IDToken.Sign = campusonetest.SignEmbedded
	f.IDToken.Header = func(h map[string]any) {
		s.jwks(h["jwk"])
		delete(h, "jwk")
		h["jku"] = s.trap + "/jwks"
	}
}

// prepend puts text at the beginning of a JSON object.
func prepend(text string) func([]byte) []byte {
	return func(b []byte) []byte { return append([]byte("{"+text), b[1:]...) }
}

func claim(edit func(s scene, c claims)) func(scene, *fault) {
	return func(s scene, f *fault) { f.IDToken.Claims = func(c map[string]any) { edit(s, c) } }
}

func set(name string, value any) func(scene, *fault) {
	return claim(func(_ scene, c claims) { c[name] = value })
}

func without(name string) func(scene, *fault) {
	return claim(func(_ scene, c claims) { delete(c, name) })
}

func appended(name, suffix string) func(scene, *fault) {
	return claim(func(_ scene, c claims) { c[name] = c[name].(string) + suffix })
}

func timed(name string, ahead time.Duration) func(scene, *fault) {
	return claim(func(_ scene, c claims) { c[name] = time.Now().Add(ahead).Unix() })
}

func payload(edit func([]byte) []byte) func(scene, *fault) {
	return func(_ scene, f *fault) { f.IDToken.Payload = edit }
}

// claimCrimes are truly signed id_tokens that say what they must not.
func claimCrimes() []crime {
	const core, jwt = "OIDC Core 3.1.3.7", "RFC 7519"
	all := []crime{
		{name: "iss of another", rule: core + " (2)", wrong: "iss is another provider", fault: set("iss", "https://"+canary+".example")},
		{name: "iss missing", rule: "OIDC Core 2", wrong: "no iss", fault: without("iss")},
		{name: "iss with a slash", rule: core + " (2)", wrong: "iss has a / more at its end", fault: appended("iss", "/")},
		{name: "iss in capitals", rule: core + " (2)", wrong: "iss differs in case", fault: claim(func(_ scene, c claims) { c["iss"] = strings.ToUpper(c["iss"].(string)) })},
		{name: "iss of tomorrow", rule: core + " (2)", wrong: "an allowed issuer that discovery does not name", fault: appended("iss", "/api/auth")},
		{name: "aud missing", rule: core + " (3)", wrong: "no aud", fault: without("aud")},
		{name: "aud of another", rule: core + " (3)", wrong: "aud is another client", fault: set("aud", canary)},
		{name: "aud empty list", rule: core + " (3)", wrong: "aud is []", fault: set("aud", []string{})},
		{name: "aud a number", rule: jwt + " 4.1.3", wrong: "a list with a number beside the client id", fault: set("aud", []any{"portico-test", 7})},
		{name: "aud list without azp", rule: core + " (4)", wrong: "two audiences and no azp", fault: set("aud", []string{"portico-test", "other"})},
		{name: "aud list, wrong azp", rule: core + " (5)", wrong: "two audiences, azp is the other", fault: claim(func(_ scene, c claims) { c["aud"], c["azp"] = []string{"portico-test", "other"}, "other" })},
		{name: "azp of another", rule: core + " (5)", wrong: "one audience, azp is another client", fault: set("azp", "other")},
		{name: "exp missing", rule: core + " (9)", wrong: "no exp", fault: without("exp")},
		{name: "exp past", rule: core + " (9)", wrong: "expired two minutes ago", fault: timed("exp", -2*time.Minute)},
		{name: "exp a string", rule: jwt + " 2 (NumericDate)", wrong: "exp is text", fault: set("exp", "9999999999")},
		{name: "exp in milliseconds", rule: jwt + " 2 (NumericDate)", wrong: "exp is no number of seconds", fault: claim(func(_ scene, c claims) { c["exp"] = time.Now().UnixMilli() })},
		{name: "nbf future", rule: jwt + " 4.1.5", wrong: "valid in ten minutes", fault: timed("nbf", 10*time.Minute)},
		{name: "nbf a string", rule: jwt + " 4.1.5", wrong: "nbf is text", fault: set("nbf", "0")},
		{name: "iat missing", rule: "OIDC Core 2", wrong: "no iat", fault: without("iat")},
		{name: "iat future", rule: core + " (10)", wrong: "issued in ten minutes", fault: timed("iat", 10*time.Minute)},
		{name: "iat a string", rule: jwt + " 4.1.6", wrong: "iat is text", fault: set("iat", "today")},
		{name: "nonce missing", rule: core + " (11)", wrong: "no nonce", fault: without("nonce")},
		{name: "nonce of another", rule: core + " (11)", wrong: "another nonce", fault: set("nonce", canary)},
		{name: "nonce cut short", rule: core + " (11)", wrong: "the first half of the nonce", fault: claim(func(_ scene, c claims) { n := c["nonce"].(string); c["nonce"] = n[:len(n)/2] })},
		{name: "at_hash wrong", rule: "OIDC Core 3.1.3.8", wrong: "at_hash of another token", fault: set("at_hash", "AAAAAAAAAAAAAAAAAAAAAA")},
		{name: "at_hash empty", rule: "OIDC Core 3.1.3.8", wrong: "at_hash is empty", fault: set("at_hash", "")},
		{name: "sub missing", rule: "OIDC Core 2", wrong: "no sub", fault: without("sub")},
		{name: "sub empty", rule: "OIDC Core 2", wrong: "an empty sub", fault: set("sub", "")},
		{name: "sub a number", rule: "OIDC Core 2", wrong: "sub is a number", fault: set("sub", 12345)},
		{name: "sub of 256 bytes", rule: "OIDC Core 2", wrong: "sub is one byte too long", fault: set("sub", strings.Repeat("s", 256))},
		{name: "sub with a control byte", rule: "OIDC Core 2", wrong: "sub holds a NUL", fault: set("sub", "clx8z2grace00011\x00")},
		{name: "claims repeated: sub", rule: jwt + " 4", wrong: "sub comes twice", fault: payload(prepend(`"sub":"` + campusonetest.SubGrace + `",`))},
		{name: "claims repeated: role", rule: jwt + " 4", wrong: "role comes twice", fault: payload(prepend(`"role":"admin",`))},
		{name: "claims shadowed: SUB", rule: jwt + " 10.1.1", wrong: "SUB stands where sub should", fault: claim(func(_ scene, c claims) { c["SUB"] = c["sub"]; delete(c, "sub") })},
		{name: "claims shadowed: Nonce", rule: jwt + " 10.1.1", wrong: "Nonce stands where nonce should", fault: claim(func(_ scene, c claims) { c["Nonce"] = c["nonce"]; delete(c, "nonce") })},
		{name: "claims nested deep", rule: "RFC 8259 9", wrong: "ten thousand lists in each other", fault: payload(prepend(`"x":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `,`))},
		{name: "claims a list", rule: jwt + " 7.2", wrong: "the payload is no object", fault: payload(func([]byte) []byte { return []byte(`["` + canary + `"]`) })},
		{name: "claims with a tail", rule: jwt + " 7.2", wrong: "a second object behind the first", fault: payload(func(b []byte) []byte { return append(b, b...) })},
		{name: "claims not UTF-8", rule: jwt + " 7.2", wrong: "bytes that are no text", fault: payload(prepend("\"x\":\"\xff\xfe\","))},
		{name: "claims cut short", rule: jwt + " 7.2", wrong: "the payload ends in the middle", fault: payload(func(b []byte) []byte { return b[:bytes.LastIndexByte(b, ',')] })},
		{name: "nonce replayed", rule: core + " (11)", wrong: "the nonce of an earlier sign-in", first: replayNonce},
		{name: "id_token replayed", rule: "OIDC Core 16.9", wrong: "the whole id_token of another person", first: replayToken},
	}
	return ending(all, 502)
}

// replayNonce lets one person in and gives the nonce of that to all others.
func replayNonce(t *testing.T, w *World) {
	var nonce any
	w.Provider.SetFault(func(f *fault) { f.IDToken.Claims = func(c map[string]any) { nonce = c["nonce"] } })
	signedIn(t, w, campusonetest.SubChidi)
	w.Provider.SetFault(func(f *fault) { f.IDToken.Claims = func(c map[string]any) { c["nonce"] = nonce } })
}

func replayToken(t *testing.T, w *World) {
	var token any
	w.Provider.SetFault(func(f *fault) { f.Token.Edit = func(a map[string]any) { token = a["id_token"] } })
	signedIn(t, w, campusonetest.SubGrace)
	w.Provider.SetFault(func(f *fault) { f.Token.Edit = func(a map[string]any) { a["id_token"] = token } })
}
