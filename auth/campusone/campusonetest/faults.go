package campusonetest

import (
	"net/http"
	"sync/atomic"
	"time"
)

// Endpoint names one of the provider's addresses, for counters and faults.
type Endpoint string

// The endpoints.
const (
	EndpointDiscovery  Endpoint = "discovery"
	EndpointAuthorize  Endpoint = "authorize"
	EndpointToken      Endpoint = "token"
	EndpointUserinfo   Endpoint = "userinfo"
	EndpointJWKS       Endpoint = "jwks"
	EndpointEndSession Endpoint = "endsession"
	EndpointAppAPI     Endpoint = "apps"
	EndpointPages      Endpoint = "pages"
)

// Fault is everything a broken or hostile provider may do. The zero value
// does nothing. Functions are called once per request, from many goroutines.
type Fault struct {
	// Down says how the provider fails while TakeDown is in force.
	Down Down
	// Each picks the Answer of one request in place of its endpoint's; with
	// false the endpoint's own counts.
	Each func(Endpoint, *http.Request) (Answer, bool)

	Discovery  DiscoveryFault
	JWKS       JWKSFault
	Authorize  AuthorizeFault
	Token      TokenFault
	IDToken    IDTokenFault
	Userinfo   UserinfoFault
	EndSession EndSessionFault
	AppAPI     AppAPIFault
	Webhook    WebhookFault
}

// Down is a way of being away.
type Down int

// The ways of being away.
const (
	DownAnswers503 Down = iota
	DownCloses          // the connection is closed without a byte
	DownHangs           // nothing is answered until the caller leaves
)

// Answer alters what goes out on the wire after the endpoint did its work
// (a code presented to the token endpoint is used up all the same).
type Answer struct {
	// Times limits the fault to the first so many requests; 0 means all.
	Times int
	// Delay waits before the work begins.
	Delay time.Duration
	// Skip leaves the endpoint's own work undone.
	Skip bool
	// Hang never answers; it ends when the caller leaves.
	Hang bool
	// Drop closes the connection without a byte, the work undone.
	Drop bool
	// Lose does the work, then closes the connection without a byte.
	Lose bool
	// Status replaces the status.
	Status int
	// Header is set over the endpoint's own; an empty list removes one.
	Header http.Header
	// Body replaces the body when it is not nil.
	Body []byte
	// RedirectTo answers 302 to that address.
	RedirectTo string
	// Pad appends so many spaces to the body.
	Pad int64
	// Truncate announces the whole body, sends all but so many bytes of its
	// end, then closes the connection.
	Truncate int
	// Drip waits so long between single bytes.
	Drip time.Duration
}

// DiscoveryFault alters the discovery document.
type DiscoveryFault struct {
	Answer
	// Edit changes the document before it is written.
	Edit func(doc map[string]any)
}

// JWKSFault alters the published keys.
type JWKSFault struct {
	Answer
	// Edit changes the key set ({"keys": [{...}]}) before it is written.
	Edit func(set map[string]any)
	// Foreign publishes an unrelated key under the true key's id.
	Foreign bool
}

// AuthorizeFault alters the authorize endpoint and its redirects.
type AuthorizeFault struct {
	Answer
	// Error answers every request of a known client with this error code.
	Error string
	// SilentError does so for prompt=none only.
	SilentError string
	// Description replaces error_description.
	Description string
	// State says what happens to the state on the way back.
	State StateFault
	// Callback changes the callback's parameters last of all; they may be
	// doubled, reordered, dropped or added.
	Callback func([]Param) []Param
}

// Param is one parameter of a callback.
type Param struct{ Name, Value string }

// StateFault is a way of losing or spoiling the state.
type StateFault int

// The state faults.
const (
	StateKept StateFault = iota
	StateDropped
	StateAltered
	StateDoubled
	StateEmpty
	StateUndefined // the text "undefined"
	StateForced    // sent back on errors too, whatever the quirk says
)

// TokenFault alters the token endpoint.
type TokenFault struct {
	Answer
	// Error refuses every request with this error code and status 400, or
	// Status of the answer.
	Error string
	// ErrorOnRefresh does so for refreshes only.
	ErrorOnRefresh string
	// AnyVerifier takes every code without a look at its PKCE verifier.
	AnyVerifier bool
	// Edit changes a good answer's members: token_type, id_token, scope ...
	Edit func(answer map[string]any)
}

// IDTokenFault alters the id_token.
type IDTokenFault struct {
	// Claims changes the claims before they are signed.
	Claims func(claims map[string]any)
	// Payload changes the encoded claims, for names that come twice.
	Payload func(payload []byte) []byte
	// Header changes the JOSE header.
	Header func(header map[string]any)
	// HeaderText changes the encoded header, for names that come twice.
	HeaderText func(header []byte) []byte
	// Sign says how the signature is made.
	Sign Signing
	// Raw replaces the whole id_token when it is not nil.
	Raw *string
}

// Signing is a way of making, or faking, a signature.
type Signing int

// The ways of signing.
const (
	SignTrue       Signing = iota
	SignForeign            // by a key that is not published, under the true key id
	SignForeignKid         // the same, under a key id of its own
	SignNone               // alg none, no signature
	SignHMACPublic         // alg HS256, the public key (PEM) as the secret
	SignHMACSecret         // alg HS256, the client secret as the secret
	SignBroken             // one bit of the true signature is wrong
	SignStripped           // the true header, an empty signature
	SignNoKid              // truly signed, without a key id in the header
	SignEmbedded           // by a key that the header itself brings along (jwk)
)

// UserinfoFault alters the userinfo endpoint.
type UserinfoFault struct {
	Answer
	// Claims changes the claims before they are written.
	Claims func(claims map[string]any)
}

// EndSessionFault alters the end session endpoint.
type EndSessionFault struct{ Answer }

// AppAPIFault alters every call of the App API.
type AppAPIFault struct{ Answer }

// WebhookFault alters webhooks on their way out.
type WebhookFault struct {
	// Lose sends nothing.
	Lose bool
	// Twice sends each delivery two times.
	Twice bool
	// Body changes the bytes after they were signed.
	Body func([]byte) []byte
	// Request changes the request last of all.
	Request func(*http.Request)
}

// conduct is what is in force at one moment; it is replaced, never changed.
type conduct struct {
	quirks Quirks
	fault  Fault
	hits   *hits
}

// hits counts how often each endpoint's fault has struck since it was set.
type hits struct {
	discovery, jwks, authorize, token, userinfo, endSession, appAPI atomic.Int64
}

func (s *Server) update(edit func(*conduct)) {
	s.conductMu.Lock()
	defer s.conductMu.Unlock()
	next := *s.conduct.Load()
	edit(&next)
	s.conduct.Store(&next)
}

// SetFault changes the faults for every request from now on. Counts towards
// Answer.Times begin again.
func (s *Server) SetFault(edit func(*Fault)) {
	s.update(func(c *conduct) {
		edit(&c.fault)
		c.hits = &hits{}
	})
}

// ClearFaults makes the provider honest again; quirks stay.
func (s *Server) ClearFaults() {
	s.SetFault(func(f *Fault) { *f = Fault{} })
}

func (s *Server) fault() *Fault { return &s.conduct.Load().fault }

// answerFor picks the endpoint's Answer and its counter.
func (c *conduct) answerFor(e Endpoint) (Answer, *atomic.Int64) {
	switch e {
	case EndpointDiscovery:
		return c.fault.Discovery.Answer, &c.hits.discovery
	case EndpointJWKS:
		return c.fault.JWKS.Answer, &c.hits.jwks
	case EndpointAuthorize:
		return c.fault.Authorize.Answer, &c.hits.authorize
	case EndpointToken:
		return c.fault.Token.Answer, &c.hits.token
	case EndpointUserinfo:
		return c.fault.Userinfo.Answer, &c.hits.userinfo
	case EndpointEndSession:
		return c.fault.EndSession.Answer, &c.hits.endSession
	case EndpointAppAPI:
		return c.fault.AppAPI.Answer, &c.hits.appAPI
	}
	return Answer{}, new(atomic.Int64)
}

// strike returns the Answer for this request: none once Times are used up.
func (c *conduct) strike(e Endpoint, r *http.Request) Answer {
	if c.fault.Each != nil {
		if a, ok := c.fault.Each(e, r); ok {
			return a
		}
	}
	a, count := c.answerFor(e)
	if a.Times > 0 && count.Add(1) > int64(a.Times) {
		return Answer{}
	}
	return a
}
