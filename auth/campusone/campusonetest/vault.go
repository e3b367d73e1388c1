package campusonetest

import (
	"crypto/rand"
	"slices"
	"sync"
	"time"
)

// Lifetimes as Campus One documents them.
const (
	codeLife    = 10 * time.Minute
	accessLife  = time.Hour
	refreshLife = 7 * 24 * time.Hour
	sessionLife = 7 * 24 * time.Hour
)

// session is a browser's session at the provider.
type session struct {
	sub     string
	began   time.Time
	expires time.Time
}

// grant is what one authorization gave: a code stands for it first, then an
// access token, then a line (family) of refresh tokens.
type grant struct {
	sub, client, redirect string
	scopes                []string
	challenge, nonce      string
	authTime              time.Time
	family                string
	expires               time.Time
	spent                 bool
}

func (g grant) has(scope string) bool { return slices.Contains(g.scopes, scope) }

type consentKey struct{ sub, client string }

// vault holds everything that was handed out. Each method takes the lock for
// a few map operations only.
type vault struct {
	mu       sync.Mutex
	now      func() time.Time
	puts     int
	sessions map[string]session
	codes    map[string]grant
	access   map[string]grant
	refresh  map[string]grant
	consents map[consentKey][]string
	refusals map[consentKey][]string // scopes a person has not granted with the others
	reused   int                     // lines of refresh tokens that a second use has ended
}

func newVault(now func() time.Time) *vault {
	return &vault{
		now: now, sessions: map[string]session{}, codes: map[string]grant{}, access: map[string]grant{},
		refresh: map[string]grant{}, consents: map[consentKey][]string{}, refusals: map[consentKey][]string{},
	}
}

// newToken is opaque, letters and digits only.
func newToken() string { return rand.Text() + rand.Text() }

func (v *vault) beginSession(sub string) string {
	token, now := newToken(), v.now()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sweep(now)
	v.sessions[token] = session{sub: sub, began: now, expires: now.Add(sessionLife)}
	return token
}

func (v *vault) session(token string) (session, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, ok := v.sessions[token]
	return s, ok && v.now().Before(s.expires)
}

func (v *vault) endSession(token string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.sessions, token)
}

func (v *vault) issueCode(g grant) string {
	code, now := newToken(), v.now()
	g.expires = now.Add(codeLife)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sweep(now)
	v.codes[code] = g
	return code
}

// takeCode burns the code, whatever comes of it.
func (v *vault) takeCode(code string) (grant, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	g, ok := v.codes[code]
	delete(v.codes, code)
	return g, ok && v.now().Before(g.expires)
}

// issueTokens gives an access token and, when asked, a refresh token.
func (v *vault) issueTokens(g grant, withRefresh bool) (access, refresh string) {
	now := v.now()
	access = newToken()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sweep(now)
	g.expires, g.spent = now.Add(accessLife), false
	v.access[access] = g
	if withRefresh {
		refresh = newToken()
		g.expires = now.Add(refreshLife)
		v.refresh[refresh] = g
	}
	return access, refresh
}

func (v *vault) accessGrant(token string) (grant, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	g, ok := v.access[token]
	return g, ok && v.now().Before(g.expires)
}

// spendRefresh marks the token used. A second use ends its whole family.
func (v *vault) spendRefresh(token, client string) (grant, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	g, ok := v.refresh[token]
	if !ok || g.client != client || !v.now().Before(g.expires) {
		return grant{}, false
	}
	if g.spent {
		v.reused++
		v.drop(func(o grant) bool { return o.family == g.family })
		return grant{}, false
	}
	g.spent = true
	v.refresh[token] = g
	return g, true
}

// endUser deletes the sessions, codes and tokens of one person.
func (v *vault) endUser(sub string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for token, s := range v.sessions {
		if s.sub == sub {
			delete(v.sessions, token)
		}
	}
	v.drop(func(g grant) bool { return g.sub == sub })
}

// disconnect deletes what one person gave to one client.
func (v *vault) disconnect(sub, client string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.consents, consentKey{sub, client})
	delete(v.refusals, consentKey{sub, client})
	v.drop(func(g grant) bool { return g.sub == sub && g.client == client })
}

// expireAccess ends every access token of one person; refresh tokens stay.
func (v *vault) expireAccess(sub string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	dropFrom(v.access, func(g grant) bool { return g.sub == sub })
}

func (v *vault) drop(which func(grant) bool) {
	dropFrom(v.codes, which)
	dropFrom(v.access, which)
	dropFrom(v.refresh, which)
}

func dropFrom(m map[string]grant, which func(grant) bool) {
	for token, g := range m {
		if which(g) {
			delete(m, token)
		}
	}
}

// sweep forgets what has expired, once in many additions.
func (v *vault) sweep(now time.Time) {
	if v.puts++; v.puts%8192 != 0 {
		return
	}
	v.drop(func(g grant) bool { return now.After(g.expires) })
	for token, s := range v.sessions {
		if now.After(s.expires) {
			delete(v.sessions, token)
		}
	}
}

func (v *vault) consent(sub, client string, scopes []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	key := consentKey{sub, client}
	v.consents[key] = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(v.consents[key]), scopes...))))
}

// refuse keeps scopes out of what one person grants a client from now on.
func (v *vault) refuse(sub, client string, scopes []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.refusals[consentKey{sub, client}] = scopes
}

// granted are those of the scopes asked for that the person grants.
func (v *vault) granted(sub, client string, scopes []string) []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	no := v.refusals[consentKey{sub, client}]
	return slices.DeleteFunc(slices.Clone(scopes), func(s string) bool { return slices.Contains(no, s) })
}

func (v *vault) consented(sub, client string, scopes []string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	given, ok := v.consents[consentKey{sub, client}]
	return ok && !slices.ContainsFunc(scopes, func(s string) bool { return !slices.Contains(given, s) })
}

// counts says how much of each kind one person holds now.
func (v *vault) counts(sub string) (sessions, tokens int) {
	now := v.now()
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, s := range v.sessions {
		if s.sub == sub && now.Before(s.expires) {
			sessions++
		}
	}
	for _, g := range v.access {
		if g.sub == sub && now.Before(g.expires) {
			tokens++
		}
	}
	return sessions, tokens
}
