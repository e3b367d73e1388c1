package auth

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// The cookies of ours. On https all but c1_anon carry the __Host- prefix
// (RFC 6265bis, section 4.1.3.2): siblings under the university's domain can
// plant a cookie of any other name.
const (
	cookieSession = "session"
	cookieKey     = "c1_key"
	cookieAttempt = "c1_try"
	cookieOut     = "c1_out"
	cookieShared  = "c1_shared"
	cookieFlash   = "c1_flash"
	cookieOnce    = "c1_once"
	cookieScript  = "c1_script" // set by static/app.js: it runs here and minds the Back button
	// CookieAnonymous tells that Campus One lately knew nobody here. It can
	// only switch a silent check off, never grant anything.
	CookieAnonymous = "c1_anon"
)

const (
	anonymousFor = 5 * time.Minute
	rememberFor  = 24 * time.Hour      // the attempt record
	keyFor       = 30 * 24 * time.Hour // the browser key, or each of many tabs restored next morning would make its own
	signedOutFor = 400 * 24 * time.Hour
)

// What the signed-out marker says: why, and after a "-" the random name of a
// waiting id_token.
const (
	outByHand  = "1"
	outByBlock = "blocked"
)

// jar names and makes our cookies; secure is whether the site is on https.
type jar struct{ secure bool }

func (j jar) name(base string) string {
	if j.secure && base != CookieAnonymous {
		return "__Host-" + base
	}
	return base
}

// get is a cookie's value, "" when there is none. A dozen are looked for at
// every request, so one that is not there, and one of plain letters as all of
// ours are, cost no memory.
func (j jar) get(r *http.Request, base string) string {
	name := j.name(base)
	for _, line := range r.Header["Cookie"] {
		if !strings.Contains(line, name) {
			continue
		}
		if value, ok := plainCookie(line, name); ok {
			return value
		}
		if c, err := r.Cookie(name); err == nil {
			return c.Value
		}
		break
	}
	return ""
}

// plainCookie finds the first cookie of a name in a line of the header; false
// when its value needs net/http's whole understanding, or when it is not there.
func plainCookie(line, name string) (string, bool) {
	for part := range strings.SplitSeq(line, ";") {
		if n, value, ok := strings.Cut(strings.Trim(part, " \t"), "="); ok && n == name {
			return value, value != "" && !strings.ContainsFunc(value, notPlain)
		}
	}
	return "", false
}

func notPlain(c rune) bool {
	return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' && c != '~'
}

// set makes a cookie that lives for life; zero means until the browser ends.
func (j jar) set(base, value string, life time.Duration) *http.Cookie {
	return &http.Cookie{
		Name: j.name(base), Value: value, Path: "/", MaxAge: int(life.Seconds()),
		HttpOnly: true, Secure: j.secure, SameSite: http.SameSiteLaxMode,
	}
}

func (j jar) drop(base string) *http.Cookie {
	c := j.set(base, "", 0)
	c.MaxAge = -1
	return c
}

// anyOf reports whether the browser sent any cookie of ours, which proves
// that it keeps cookies.
func (j jar) anyOf(r *http.Request) bool {
	for _, base := range []string{cookieSession, cookieKey, cookieAttempt, cookieOut, cookieShared, CookieAnonymous} {
		if j.get(r, base) != "" {
			return true
		}
	}
	return false
}

// Visitor is what a request's cookies and address tell of the browser before
// anybody is known.
type Visitor struct {
	Anonymous bool // c1_anon is there
	SignedOut bool // signed out here and not asked to be signed in since
	Blocked   bool // signed out because the person is blocked
	Shared    bool // this is a shared computer
	Script    bool // our script runs here
	Consent   bool // Campus One said the person has yet to approve this site
	LookAgain bool // another tab is about to sign in: the page is to look again in a moment

	key       []byte // the browser key, nil when there is none
	attempts  attempts
	parked    string // random name of a waiting id_token
	keeps     bool   // some cookie of ours came
	recorded  bool   // the attempt record came and opened
	looks     bool   // the page opened itself again, to look
	skipCheck bool   // the address carries a fresh no-cookies marker
	stopped   bool   // a silent check would have gone in circles; the record says so and is to be set
}

// Visitor reads the request's cookies. What does not open counts as absent.
func (f *Flow) Visitor(r *http.Request) Visitor {
	v := Visitor{
		Anonymous: f.jar.get(r, CookieAnonymous) == "1",
		Shared:    f.jar.get(r, cookieShared) == "1" || f.sharedNetwork(r),
		Script:    f.jar.get(r, cookieScript) == "1",
		keeps:     f.jar.anyOf(r),
	}
	if raw, err := base64.RawURLEncoding.DecodeString(f.jar.get(r, cookieKey)); err == nil && len(raw) == 32 {
		v.key = raw
	}
	if out := f.jar.get(r, cookieOut); out != "" {
		v.SignedOut, v.Blocked = true, out == outByBlock
		_, v.parked, _ = strings.Cut(out, "-")
	}
	if plain, err := f.seal.Open(purposeAttempt, "", f.jar.get(r, cookieAttempt)); err == nil {
		v.attempts, v.recorded = decodeAttempts(plain), true
	}
	v.Consent = v.attempts.consent
	if !strings.Contains(r.URL.RawQuery, MarkerParam) {
		return v
	}
	if m := r.URL.Query().Get(MarkerParam); m != "" {
		plain, err := f.seal.Open(purposeMarker, "", m)
		kind := marker(plain)
		v.skipCheck, v.LookAgain, v.looks = err == nil && kind != markerLooks, kind == markerWaits, kind == markerLooks
	}
	return v
}

// sharedNetwork reports whether the request comes from a place where every
// computer is shared, such as a laboratory.
func (f *Flow) sharedNetwork(r *http.Request) bool {
	if len(f.cfg.SharedNetworks) == 0 {
		return false
	}
	addr, err := netip.ParseAddr(r.RemoteAddr)
	return err == nil && slices.ContainsFunc(f.cfg.SharedNetworks, func(p netip.Prefix) bool { return p.Contains(addr.Unmap()) })
}

// newKey makes a browser key: 256 random bits.
func newKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // crypto/rand.Read never fails
	return key
}

func (f *Flow) keyCookie(key []byte) *http.Cookie {
	return f.jar.set(cookieKey, base64.RawURLEncoding.EncodeToString(key), keyFor)
}

func (f *Flow) attemptCookie(a attempts) *http.Cookie {
	return f.jar.set(cookieAttempt, f.seal.Seal(purposeAttempt, "", rememberFor, a.encode()), rememberFor)
}
