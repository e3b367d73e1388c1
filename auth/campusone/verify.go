package campusone

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

const (
	leeway    = 60 * time.Second // on exp and nbf
	aheadMost = 5 * time.Minute  // of iat
	subLimit  = 255              // bytes
	lastYear  = 253402300799     // seconds; later is a time in milliseconds
)

// proof is a verified id_token.
type proof struct {
	issuer string
	sub    string
	issued time.Time
	claims object
}

// witness lends the key set to go-oidc for one token and keeps what go-oidc's
// errors would lose: the reason, and the payload as it was signed.
type witness struct {
	keys    *keySet
	payload []byte
	err     error
}

func (w *witness) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	w.payload, w.err = w.keys.VerifySignature(ctx, token)
	return w.payload, w.err
}

// verify checks an id_token that came from the token endpoint, in the order
// header, signature, content. nonce and access are what it must be bound to.
func (p *Provider) verify(ctx context.Context, m Metadata, token, nonce, access string) (proof, error) {
	if _, err := readHeader(token); err != nil {
		return proof{}, err // go-oidc would also take the JSON form
	}
	m = p.settleIssuer(ctx, m, claimedIssuer(token))
	w := &witness{keys: p.keys}
	v := oidc.NewVerifier(m.Issuer, w, &oidc.Config{
		SupportedSigningAlgs: algorithms(),
		// Checked below, with reasons and without go-oidc's own leeway.
		SkipClientIDCheck: true, SkipExpiryCheck: true, SkipIssuerCheck: true,
	})
	verified, err := v.Verify(ctx, token)
	if w.err != nil {
		return proof{}, w.err
	}
	claims, parseErr := parseObject(w.payload)
	if err != nil || parseErr != nil {
		return proof{}, refused("claims")
	}
	if err := p.checkClaims(claims, m.Issuer, nonce); err != nil {
		return proof{}, err
	}
	if err := checkHash(claims, verified, access); err != nil {
		return proof{}, err
	}
	return p.proven(claims)
}

// claimedIssuer peeks at an unverified token, only to know whether the
// provider may have moved to another of the allowed issuers.
func claimedIssuer(token string) string {
	_, rest, _ := strings.Cut(token, ".")
	middle, _, _ := strings.Cut(rest, ".")
	raw, err := base64url(middle)
	if err != nil {
		return ""
	}
	claims, err := parseObject(raw)
	if err != nil {
		return ""
	}
	iss, _ := claims.str("iss")
	return iss
}

// checkClaims applies OpenID Connect Core 3.1.3.7 to exact claim names.
func (p *Provider) checkClaims(c object, issuer, nonce string) error {
	if iss, ok := c.str("iss"); !ok || iss != issuer {
		return refused("iss")
	}
	if err := p.checkAudience(c); err != nil {
		return err
	}
	if err := p.checkTimes(c); err != nil {
		return err
	}
	got, ok := c.str("nonce")
	if !ok || nonce == "" || subtle.ConstantTimeCompare([]byte(got), []byte(nonce)) != 1 {
		return refused("nonce")
	}
	return nil
}

// checkAudience wants our client id among the audiences, and as the authorized
// party wherever there are several or a party is named.
func (p *Provider) checkAudience(c object) error {
	list := c.strs("aud")
	if all, isList := c["aud"].([]any); isList && len(all) != len(list) {
		return refused("aud")
	}
	if !slices.Contains(list, p.cfg.ClientID) {
		return refused("aud")
	}
	azp, named := c["azp"]
	if (named || len(list) > 1) && azp != p.cfg.ClientID {
		return refused("azp")
	}
	return nil
}

func (p *Provider) checkTimes(c object) error {
	now := p.now()
	if exp, ok := c.moment("exp"); !ok || !now.Before(exp.Add(leeway)) {
		return refused("exp")
	}
	if _, there := c["nbf"]; there {
		if nbf, ok := c.moment("nbf"); !ok || now.Add(leeway).Before(nbf) {
			return refused("nbf")
		}
	}
	if iat, ok := c.moment("iat"); !ok || iat.After(now.Add(aheadMost)) {
		return refused("iat")
	}
	return nil
}

// checkHash compares at_hash, where it is given, with the access token.
func checkHash(c object, verified *oidc.IDToken, access string) error {
	if _, there := c["at_hash"]; !there {
		return nil
	}
	if text, _ := c.str("at_hash"); text == "" || verified.VerifyAccessToken(access) != nil {
		return refused("at_hash")
	}
	return nil
}

func (p *Provider) proven(c object) (proof, error) {
	sub, ok := c.str("sub")
	if !ok || !goodSub(sub) {
		return proof{}, refused("sub")
	}
	iss, _ := c.str("iss")
	iat, _ := c.moment("iat")
	return proof{issuer: iss, sub: sub, issued: iat, claims: c}, nil
}

// goodSub accepts 1 to 255 bytes without control characters, which storage
// may not keep, and without the sign that stands for what was not UTF-8, under
// which two people could meet.
func goodSub(sub string) bool {
	return len(sub) >= 1 && len(sub) <= subLimit && !strings.ContainsFunc(sub, func(r rune) bool {
		return r < ' ' || r == 0x7f || r == '\uFFFD'
	})
}

// moment is a NumericDate, in whole seconds of a sane year.
func (o object) moment(name string) (time.Time, bool) {
	n, ok := o[name].(json.Number)
	if !ok {
		return time.Time{}, false
	}
	f, err := n.Float64()
	if err != nil || f < 1 || f > lastYear {
		return time.Time{}, false
	}
	return time.Unix(int64(f), 0).UTC(), true
}
