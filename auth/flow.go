package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"portico/auth/campusone"
)

// MarkerParam is the query parameter of the sealed marker by which a browser
// without cookies is served a page at once, and of nothing else.
const MarkerParam = "c1_skip"

const (
	transactionLife = 10 * time.Minute
	markerLife      = time.Minute
	silentWait      = 2 * time.Second // for what is known of Campus One, before a silent check is left out
)

// Provider is what a sign-in needs of Campus One; *campusone.Provider is it.
type Provider interface {
	Away() bool
	AuthorizeURL(ctx context.Context, a campusone.AuthorizeRequest) (string, error)
	CheckResponseIssuer(ctx context.Context, iss string, present bool) error
	SignIn(ctx context.Context, code, verifier, nonce string) (campusone.Identity, error)
	AdvertisesIssuer() bool
	EndSessionURL(ctx context.Context, idTokenHint campusone.Secret, postLogout, state string) (string, bool)
}

// FlowConfig is what the operator decides about signing in.
type FlowConfig struct {
	Origin          string         // scheme and host of APP_URL; decides the cookies' names
	Silent          bool           // PORTICO_SILENT
	Scopes          []string       // asked of Campus One
	ProviderOrigins []string       // origins that count as "arrives from Campus One"
	ProviderLogout  bool           // PORTICO_PROVIDER_LOGOUT
	SharedNetworks  []netip.Prefix // where every computer is a shared one
}

// Flow runs sign-ins: it sends a browser to Campus One, takes it back at the
// callback and hands a proven identity to the session guard. It keeps nothing
// per visitor; everything travels in the state value and two small cookies.
type Flow struct {
	cfg      FlowConfig
	jar      jar
	seal     *Sealer
	provider Provider
	guard    *Guard
	onSignIn func(context.Context, campusone.Identity)
	counts   *Counts
	spent    *spentStates
	returns  *returns
	junk     *junk
	isPage   PageRoute
	log      *slog.Logger
	now      func() time.Time
}

// NewFlow wires a flow; isPage is the route table's word on return paths.
func NewFlow(cfg FlowConfig, seal *Sealer, p Provider, g *Guard, counts *Counts, isPage PageRoute, log *slog.Logger, now func() time.Time) *Flow {
	return &Flow{
		cfg: cfg, jar: jar{secure: strings.HasPrefix(cfg.Origin, "https://")}, seal: seal, provider: p, guard: g,
		counts: counts, spent: newSpentStates(now), returns: newReturns(now), junk: newJunk(now), isPage: isPage,
		log: log, now: now,
	}
}

// OwnPath is the request's path and query without our own marker: the address
// a person asked for.
func OwnPath(r *http.Request) string {
	if !strings.Contains(r.URL.RawQuery, MarkerParam+"=") {
		return r.URL.RequestURI()
	}
	u := *r.URL
	kept := make([]string, 0, 4)
	for part := range strings.SplitSeq(u.RawQuery, "&") {
		if !strings.HasPrefix(part, MarkerParam+"=") {
			kept = append(kept, part)
		}
	}
	u.RawQuery = strings.Join(kept, "&")
	return u.RequestURI()
}

// OnSignIn sets what else happens when an identity was proven and its session
// stored. It runs before the answer and must be quick.
func (f *Flow) OnSignIn(do func(context.Context, campusone.Identity)) { f.onSignIn = do }

// transaction is what state carries: one attempt, sealed, so that any number
// of tabs cost no cookie each.
type transaction struct {
	random     [16]byte
	browser    [16]byte // hash of the browser key
	silent     bool
	confirm    bool // silent, and to confirm a session that lives
	over       bool // interactive, to replace a session that lives
	narrow     bool // asks for less than configured, since a scope was refused
	started    time.Time
	departures uint8 // of this tab, for this page
	redirects  uint8 // of ours in a row, this tab's
	path       string
}

// What a transaction is for, as state holds it.
const (
	forInteractive = iota
	forSilent
	forConfirm
	forReplacing

	narrowed = 0x80 // beside it
)

const transactionHead = 16 + 16 + 1 + 1 + 1 + 8

func browserHash(key []byte) (h [16]byte) {
	sum := sha256.Sum256(append([]byte("browser\x00"), key...))
	copy(h[:], sum[:])
	return h
}

func (t transaction) purpose() byte {
	if t.narrow {
		t.narrow = false
		return t.purpose() | narrowed
	}
	switch {
	case t.confirm:
		return forConfirm
	case t.silent:
		return forSilent
	case t.over:
		return forReplacing
	}
	return forInteractive
}

func (t transaction) encode() []byte {
	b := make([]byte, 0, transactionHead+len(t.path))
	b = append(b, t.random[:]...)
	b = append(b, t.browser[:]...)
	b = append(b, t.purpose(), t.departures, t.redirects)
	b = binary.BigEndian.AppendUint64(b, uint64(t.started.UnixMicro()))
	return append(b, t.path...)
}

// openState reads a state value. expired reports that it was ours but its ten
// minutes are over: the path in it is still good to go back to.
func (f *Flow) openState(state string) (t transaction, known, expired bool) {
	// Sealed for longer than a transaction lives, so that an old one still
	// tells where to go back to.
	b, err := f.seal.Open(purposeState, "", state)
	if err != nil || len(b) < transactionHead {
		return t, false, false
	}
	copy(t.random[:], b)
	copy(t.browser[:], b[16:])
	t.narrow = b[32]&narrowed != 0
	purpose := b[32] &^ narrowed
	t.silent, t.confirm, t.over = purpose == forSilent || purpose == forConfirm, purpose == forConfirm, purpose == forReplacing
	t.departures, t.redirects = b[33], b[34]
	t.started = time.UnixMicro(int64(binary.BigEndian.Uint64(b[35:])))
	t.path = ReturnPath(string(b[transactionHead:]), f.isPage)
	return t, true, f.now().Sub(t.started) > transactionLife
}

// derived is an HMAC of the state under the browser key: the nonce and the
// PKCE verifier (RFC 7636, section 4.1), kept nowhere.
func derived(key []byte, purpose, state string) string {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(purpose + "\x00" + state))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// departure is one wish to go to Campus One.
type departure struct {
	path    string
	silent  bool
	confirm bool         // silent, for a session that lives
	over    bool         // interactive, to replace a session that lives
	chain   *transaction // the same tab's attempt before, as its state tells
	before  uint8        // departures already made for this page, where no state tells
	prompt  string
	scopes  []string
	network string         // the client's, of a silent departure
	cookies []*http.Cookie // set besides
}

// depart sends the browser to Campus One, the attempt recorded before it
// leaves. It never leaves more than twice for one page.
func (f *Flow) depart(ctx context.Context, v *Visitor, d departure) Outcome {
	if !d.silent && f.provider.Away() {
		return f.away(d, errBreakerOpen)
	}
	n := f.tally(v, d)
	if out := f.bounded(v, d, n); out != nil {
		return *out
	}
	known := v.key != nil
	if !known {
		v.key = newKey()
	}
	if v.Shared && !d.silent {
		d.prompt = "login" // whoever sat here before is not to be taken for this person
	}
	t := transaction{browser: browserHash(v.key), silent: d.silent, confirm: d.confirm, over: d.over, narrow: len(d.scopes) > 0, started: f.now(), departures: n.departures + 1, redirects: n.redirects + 1, path: d.path}
	_, _ = rand.Read(t.random[:]) // never fails
	state := f.seal.Seal(purposeState, "", 24*time.Hour, t.encode())
	if d.silent { // a page that waits for nobody must not wait for Campus One
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, silentWait)
		defer cancel()
	}
	location, err := f.provider.AuthorizeURL(ctx, campusone.AuthorizeRequest{
		State: state, Nonce: derived(v.key, "nonce", state), Challenge: challenge(derived(v.key, "pkce", state)),
		Prompt: d.prompt, Scopes: d.scopes,
	})
	if err != nil {
		return f.away(d, err)
	}
	v.attempts.depart(d.path, attempt{left: f.now().Unix(), departures: t.departures, silent: d.silent, confirm: d.confirm})
	if d.comesBack() && !d.foreign(v) {
		v.attempts.redirects = t.redirects
	}
	cookies := append(d.cookies, f.keyCookie(v.key), f.attemptCookie(v.attempts))
	f.counts.Add(kindOf(d.silent), "departed")
	if d.silent && known { // one program without cookies must not speak for its network
		f.returns.left(t.random, d.network)
	}
	return Outcome{Status: http.StatusSeeOther, Location: location, Cookies: cookies, Reason: "departed"}
}

func (f *Flow) away(d departure, err error) Outcome {
	f.log.Warn("Campus One cannot be asked", "silent", d.silent, "error", err)
	f.counts.Add(kindOf(d.silent), string(ReasonProviderDown))
	return Outcome{Page: PageAway, Status: http.StatusServiceUnavailable, Next: d.path, RetryAfter: 60, Cookies: d.cookies, Reason: string(ReasonProviderDown)}
}

func kindOf(silent bool) string {
	if silent {
		return "silent"
	}
	return "interactive"
}

// forget is the cookie that empties the attempt record, so that a stop page
// is no trap: the next try starts fresh.
func (f *Flow) forget(v *Visitor) []*http.Cookie {
	v.attempts.pages, v.attempts.path, v.attempts.unanswered, v.attempts.redirects = nil, "", 0, 0
	return []*http.Cookie{f.attemptCookie(v.attempts)}
}

var errBreakerOpen = errors.New("auth: Campus One is taken as away")

// CheckSilently sends a public page's visitor to Campus One with prompt=none,
// or reports false: the page is to be served.
func (f *Flow) CheckSilently(r *http.Request, v *Visitor) (Outcome, bool) {
	return f.CheckSilentlyFor(r, v, OwnPath(r))
}

// CheckSilentlyFor is CheckSilently for a visitor who is to come back to next.
func (f *Flow) CheckSilentlyFor(r *http.Request, v *Visitor, next string) (Outcome, bool) {
	if reason := f.ShouldCheck(r, v, next); reason != ReasonCheck {
		v.LookAgain = v.LookAgain || reason == ReasonAttemptOpen && f.stillLooks(v, next)
		f.counts.Add("skipped", string(reason))
		return Outcome{}, false
	}
	path := ReturnPath(next, f.isPage)
	out := f.depart(r.Context(), v, departure{path: path, silent: true, prompt: "none", network: shortNetwork(r.RemoteAddr), cookies: f.deadSession(r)})
	return out, out.Location != ""
}

// deadSession drops a session cookie that no longer means anybody, which
// keeps our cookies small.
func (f *Flow) deadSession(r *http.Request) []*http.Cookie {
	if f.jar.get(r, cookieSession) == "" {
		return nil
	}
	return []*http.Cookie{f.jar.drop(cookieSession)}
}

// Require sends a protected page's visitor to Campus One, or answers with the
// gate page after a sign-out by hand.
func (f *Flow) Require(r *http.Request, v *Visitor) Outcome {
	return f.Interactive(r, v, nil, OwnPath(r))
}

// Interactive starts a sign-in that may show Campus One's pages. live is the
// session it is to replace, which goes on until then; nil when there is none.
func (f *Flow) Interactive(r *http.Request, v *Visitor, live *Live, next string, cookies ...*http.Cookie) Outcome {
	path := ReturnPath(next, f.isPage)
	if v.SignedOut {
		return gate(v, path, string(ReasonSignedOut))
	}
	if live == nil {
		cookies = append(cookies, f.deadSession(r)...)
	}
	return f.depart(r.Context(), v, departure{path: path, over: live != nil, cookies: cookies})
}

// Begin answers the sign-in button: it lifts the signed-out marker and leaves
// at once.
func (f *Flow) Begin(r *http.Request, v *Visitor, live *Live, next string) Outcome {
	v.SignedOut, v.attempts.unanswered, v.attempts.redirects = false, 0, 0
	if p := v.attempts.find(ReturnPath(next, f.isPage)); p != nil {
		p.departures = 0 // a person's own click is a new beginning
	}
	return f.Interactive(r, v, live, next, f.jar.drop(cookieOut))
}

// Served returns the cookies to set when a page is shown: the loop counters
// end here. Nothing is set when nothing changes.
func (f *Flow) Served(r *http.Request, v *Visitor, live bool) []*http.Cookie {
	if live {
		if f.jar.get(r, cookieAttempt) == "" || v.attempts.confirming(f.now()) {
			return nil
		}
		return []*http.Cookie{f.jar.drop(cookieAttempt)}
	}
	if !v.attempts.served() && !v.stopped {
		return nil
	}
	return []*http.Cookie{f.attemptCookie(v.attempts)}
}

// marker is what the sealed marker in an address tells.
type marker string

const (
	markerNoCookies marker = ""  // this browser keeps none: the page is served at once
	markerWaits     marker = "w" // so it is, and looks again by itself
	markerLooks     marker = "l" // it does so now
)

// withMarker adds the sealed marker to a path of ours.
func (f *Flow) withMarker(path string, m marker) string {
	u, err := url.Parse(path)
	if err != nil {
		return "/"
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += MarkerParam + "=" + f.seal.Seal(purposeMarker, "", markerLife, []byte(m))
	return u.String()
}
