package campusone

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"
)

// Config is what the operator says about Campus One.
type Config struct {
	DiscoveryURL string
	Issuers      []string // the only issuers that discovery may name
	ClientID     string
	ClientSecret Secret
	AuthMethod   string // "post" or "basic"
	RedirectURL  string
	Scopes       []string
	APIURL       string
}

// Cache keeps the last good answers across restarts; *db.DB is one.
type Cache interface {
	Cached(ctx context.Context, key string) (body []byte, at time.Time, err error)
	Cache(ctx context.Context, key string, body []byte, at time.Time) error
}

// Options are what a Provider borrows from its surroundings; all may be zero.
type Options struct {
	Cache     Cache
	Log       *slog.Logger
	Now       func() time.Time
	After     func(time.Duration) <-chan time.Time // when to probe again; a test's own clock
	Transport http.RoundTripper
}

// Provider is Campus One as seen from here. It is safe for concurrent use.
type Provider struct {
	cfg     Config
	secret  atomic.Pointer[Secret]
	cache   Cache
	log     *slog.Logger
	now     func() time.Time
	after   func(time.Duration) <-chan time.Time
	http    *http.Client
	clock   *clock
	keys    *keySet
	breaker breaker
	flight  singleflight.Group

	mu       sync.Mutex
	meta     *Metadata // nil while nothing is known
	looked   bool      // the cache was asked
	failures int       // of discovery, in a row
	nextTry  time.Time // not before, while nothing is known
	reread   time.Time // the last one for the sake of an unexpected issuer
	trouble  Trouble
}

// New makes a Provider; it never touches the network.
func New(cfg Config, o Options) *Provider {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.After == nil {
		o.After = time.After
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &clock{now: o.Now}
	p := &Provider{cfg: cfg, cache: o.Cache, log: o.Log, now: o.Now, after: o.After, clock: c, http: newClient(o.Transport, c)}
	p.UseSecret(cfg.ClientSecret)
	p.keys = &keySet{p: p}
	return p
}

// UseSecret replaces the client secret, from the next request on.
func (p *Provider) UseSecret(s Secret) { p.secret.Store(&s) }

// oauth is the OAuth client of this configuration. Its way of authenticating
// is fixed: a guess would cost the code.
func (p *Provider) oauth(m Metadata) *oauth2.Config {
	style := oauth2.AuthStyleInParams
	if p.cfg.AuthMethod == "basic" {
		style = oauth2.AuthStyleInHeader
	}
	return &oauth2.Config{
		ClientID:     p.cfg.ClientID,
		ClientSecret: p.secret.Load().Reveal(),
		RedirectURL:  p.cfg.RedirectURL,
		Scopes:       p.cfg.Scopes,
		Endpoint:     oauth2.Endpoint{AuthURL: m.Authorize, TokenURL: m.Token, AuthStyle: style},
	}
}

// AuthorizeRequest is what varies from one sign-in to the next.
type AuthorizeRequest struct {
	State     string
	Nonce     string
	Challenge string   // S256 of the PKCE verifier
	Prompt    string   // "" sends none
	Scopes    []string // empty: the configured ones
}

// AuthorizeURL is where to send the browser.
func (p *Provider) AuthorizeURL(ctx context.Context, r AuthorizeRequest) (string, error) {
	m, err := p.Metadata(ctx)
	if err != nil {
		return "", err
	}
	c := p.oauth(m)
	if len(r.Scopes) > 0 {
		c.Scopes = r.Scopes
	}
	options := []oauth2.AuthCodeOption{
		oauth2.SetAuthURLParam("nonce", r.Nonce),
		oauth2.SetAuthURLParam("code_challenge", r.Challenge),
		oauth2.SetAuthURLParam("code_challenge_method", "S256"),
	}
	if r.Prompt != "" {
		options = append(options, oauth2.SetAuthURLParam("prompt", r.Prompt))
	}
	return c.AuthCodeURL(r.State, options...), nil
}

// Away reports that sending a person to Campus One now would strand them: the
// breaker is open, or nothing is known of it and the last try failed.
func (p *Provider) Away() bool {
	if p.breaker.isOpen() {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.meta == nil && p.failures > 0
}

// Trouble is the last thing that went wrong, in fixed words.
type Trouble struct {
	Reason string
	At     time.Time
}

// Status is the provider's state for readyz, doctor and the health page.
type Status struct {
	Known       bool // discovery was read, now or in the past
	Issuer      string
	Away        bool
	BreakerOpen bool
	DiscoveryAt time.Time
	KeysAt      time.Time
	Keys        int
	LastTrouble Trouble
	ClockKnown  bool
	ClockOff    time.Duration // the provider's clock minus ours
}

// Status tells the state without asking anybody.
func (p *Provider) Status() Status {
	s := Status{Away: p.Away(), BreakerOpen: p.breaker.isOpen()}
	s.Keys, s.KeysAt = p.keys.state()
	if d := p.clock.diff.Load(); d != nil {
		s.ClockKnown, s.ClockOff = true, *d
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	s.LastTrouble = p.trouble
	if p.meta != nil {
		s.Known, s.Issuer, s.DiscoveryAt = true, p.meta.Issuer, p.meta.At
	}
	return s
}

// note remembers what went wrong last, for Status.
func (p *Provider) note(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trouble = Trouble{Reason: Reason(err), At: p.now()}
}
