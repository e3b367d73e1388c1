package campusonetest

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"time"
)

// idTokenLife is how long an id_token says it is good for.
const idTokenLife = time.Hour

// idToken makes the id_token for one token answer, with the faults in force.
func (s *Server) idToken(g grant, client Client, access string) (string, error) {
	f := s.fault().IDToken
	if f.Raw != nil {
		return *f.Raw, nil
	}
	key := s.keys.signing()
	claims := s.idClaims(g, client, key.leftHalf(access))
	if f.Claims != nil {
		f.Claims(claims)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("writing the claims: %w", err)
	}
	if f.Payload != nil {
		payload = f.Payload(payload)
	}
	return s.compose(key, client, f, payload)
}

// idClaims are the claims of an honest id_token.
func (s *Server) idClaims(g grant, client Client, atHash string) map[string]any {
	q, now := s.Quirks(), s.now()
	claims := map[string]any{}
	if p, ok := s.people.find(g.sub); ok && !q.SparseIDToken {
		maps.Copy(claims, profileClaims(p, g, q, q.RoleClaims.inIDToken()))
	}
	claims["iss"], claims["sub"], claims["aud"] = s.Issuer(), g.sub, client.ID
	claims["iat"], claims["exp"] = now.Unix(), now.Add(idTokenLife).Unix()
	claims["auth_time"] = g.authTime.Unix()
	if q.AuthTimeMillis {
		claims["auth_time"] = g.authTime.UnixMilli()
	}
	if g.nonce != "" {
		claims["nonce"] = g.nonce
	}
	if !q.NoATHash {
		claims["at_hash"] = atHash
	}
	return claims
}

// compose writes header, payload and signature, true or faked.
func (s *Server) compose(key *signer, client Client, f IDTokenFault, payload []byte) (string, error) {
	header := s.headerFor(key, f.Sign)
	if f.Header != nil {
		f.Header(header)
	}
	head, err := json.Marshal(header)
	if err != nil {
		return "", fmt.Errorf("writing the header: %w", err)
	}
	if f.HeaderText != nil {
		head = f.HeaderText(head)
	}
	input := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(payload)
	signature, err := s.signature(key, client, f.Sign, []byte(input))
	if err != nil {
		return "", err
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

func (s *Server) headerFor(key *signer, how Signing) map[string]any {
	header := map[string]any{"alg": string(key.alg), "kid": key.kid, "typ": "JWT"}
	switch how {
	case SignNone:
		header["alg"] = "none"
		delete(header, "kid")
	case SignHMACPublic, SignHMACSecret:
		header["alg"] = "HS256"
	case SignForeignKid:
		header["kid"] = rand.Text()
	case SignNoKid:
		delete(header, "kid")
	case SignEmbedded:
		delete(header, "kid")
		header["jwk"] = s.keys.foreign.jwk()
	}
	return header
}

func (s *Server) signature(key *signer, client Client, how Signing, input []byte) ([]byte, error) {
	switch how {
	case SignNone, SignStripped:
		return nil, nil
	case SignForeign, SignForeignKid, SignEmbedded:
		return s.keys.foreign.sign(input)
	case SignHMACPublic:
		return key.signHMAC(input)
	case SignHMACSecret:
		mac := hmac.New(sha256.New, []byte(client.Secret))
		mac.Write(input)
		return mac.Sum(nil), nil
	}
	signature, err := key.sign(input)
	if err == nil && how == SignBroken {
		signature[len(signature)/2] ^= 1
	}
	return signature, err
}
