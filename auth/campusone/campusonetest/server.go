package campusonetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Client is one registered application.
type Client struct {
	ID            string
	Secret        string
	RedirectURIs  []string
	Trusted       bool     // the consent page is skipped
	Scopes        []string // granted scopes; nil means the usual set and notifications
	WebhookURL    string
	WebhookSecret string
}

// usualScopes is what a client is granted that names none.
func usualScopes() []string {
	return []string{"openid", "profile", "email", "academic", "roles", "offline_access", "notifications"}
}

// IssuerMode says what the issuer looks like at first.
type IssuerMode int

// The two issuers Campus One has had.
const (
	IssuerBare     IssuerMode = iota // scheme and host alone
	IssuerWithPath                   // with /api/auth behind
)

// Options say what kind of provider to be. The zero value is Campus One as
// documented, on a free port of the loopback address, with nobody registered.
type Options struct {
	Listen  string // default 127.0.0.1:0
	Issuer  IssuerMode
	Alg     Alg // default EdDSA
	Clients []Client
	People  []Person // nil means Seeded
	Quirks  Quirks   // those at first
	Fault   Fault    // the one at first, for what is asked before anything else can be set
	Log     *slog.Logger
	Now     func() time.Time

	Transport http.RoundTripper // for webhooks and probes; nil is the usual one
}

// Server is the stand-in for Campus One.
type Server struct {
	opt  Options
	now  func() time.Time
	log  *slog.Logger
	keys *keyring

	people  *directory
	vault   *vault
	pages   *pages
	inbox   *inbox
	outbox  outbox
	clients atomic.Pointer[map[string]Client]

	conductMu sync.Mutex
	conduct   atomic.Pointer[conduct]
	downUntil atomic.Int64 // microseconds; 0 up, -1 until BringUp

	counters      counters
	lastAuthorize atomic.Pointer[url.Values]

	http       *http.Server
	base       string
	background sync.WaitGroup
}

// New prepares a server; nothing listens before Start.
func New(o Options) *Server {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.Alg == "" {
		o.Alg = EdDSA
	}
	if o.People == nil {
		o.People = Seeded()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{
		opt: o, now: o.Now, log: o.Log,
		people: newDirectory(o.People), vault: newVault(o.Now), pages: newPages(), inbox: newInbox(),
	}
	s.SetClients(o.Clients...)
	o.Quirks.IssuerWithPath = o.Quirks.IssuerWithPath || o.Issuer == IssuerWithPath
	s.conduct.Store(&conduct{quirks: o.Quirks, fault: o.Fault, hits: &hits{}})
	return s
}

// SetClients replaces the registered applications. A redirect address with a
// port of its own is known only once its server listens.
func (s *Server) SetClients(list ...Client) {
	all := make(map[string]Client, len(list))
	for _, c := range list {
		if c.Scopes == nil {
			c.Scopes = usualScopes()
		}
		all[c.ID] = c
	}
	s.clients.Store(&all)
}

func (s *Server) client(id string) (Client, bool) {
	c, ok := (*s.clients.Load())[id]
	return c, ok
}

// allClients lists the applications by id.
func (s *Server) allClients() []Client {
	return slices.SortedFunc(maps.Values(*s.clients.Load()), func(a, b Client) int {
		return strings.Compare(a.ID, b.ID)
	})
}

// Start makes the keys and listens.
func (s *Server) Start() error {
	keys, err := newKeyring(s.opt.Alg)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", s.opt.Listen)
	if err != nil {
		return fmt.Errorf("listening for the stand-in provider: %w", err)
	}
	s.keys = keys
	s.base = "http://" + publicAddress(s.opt.Listen, ln.Addr())
	s.http = &http.Server{Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)}
	s.background.Go(func() {
		if err := s.http.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("the stand-in provider stopped", "error", err)
		}
	})
	return nil
}

// publicAddress keeps the host as it was asked for, with the port it got.
func publicAddress(asked string, got net.Addr) string {
	host, _, err := net.SplitHostPort(asked)
	_, port, err2 := net.SplitHostPort(got.String())
	if err != nil || err2 != nil {
		return got.String()
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// Close stops listening, drops open connections and waits for what runs.
func (s *Server) Close() {
	if s.http == nil {
		return
	}
	_ = s.http.Close() // open connections are meant to break
	s.background.Wait()
}

// Shutdown stops listening and lets requests finish until ctx ends.
func (s *Server) Shutdown(ctx context.Context) error {
	if err := s.http.Shutdown(ctx); err != nil {
		return fmt.Errorf("stopping the stand-in provider: %w", err)
	}
	s.background.Wait()
	return nil
}

// URL is the server's origin: the provider's host.
func (s *Server) URL() string { return s.base }

// DiscoveryURL is the only address of the discovery document.
func (s *Server) DiscoveryURL() string {
	return s.base + "/api/auth/.well-known/openid-configuration"
}

// APIURL is the base of the App API.
func (s *Server) APIURL() string { return s.base + "/api/apps" }

// ControlURL is the page where a person operates the provider.
func (s *Server) ControlURL() string { return s.base + "/control" }

// Issuer is the issuer named at this moment.
func (s *Server) Issuer() string {
	if s.Quirks().IssuerWithPath {
		return s.base + "/api/auth"
	}
	return s.base
}

// TakeDown makes everything but the control page fail for d, or until
// BringUp when d is zero.
func (s *Server) TakeDown(d time.Duration) {
	if d <= 0 {
		s.downUntil.Store(-1)
		return
	}
	s.downUntil.Store(s.now().Add(d).UnixMicro())
}

// BringUp ends TakeDown.
func (s *Server) BringUp() { s.downUntil.Store(0) }

// IsDown tells whether TakeDown is in force.
func (s *Server) IsDown() bool {
	until := s.downUntil.Load()
	return until < 0 || s.now().UnixMicro() < until
}

// routes is the table of every address.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /api/auth/.well-known/openid-configuration", s.endpoint(EndpointDiscovery, s.discovery))
	mux.Handle("GET /api/auth/jwks", s.endpoint(EndpointJWKS, s.jwks))
	mux.Handle("GET /api/auth/oauth2/authorize", s.endpoint(EndpointAuthorize, s.authorizeRequest))
	mux.Handle("POST /api/auth/oauth2/token", s.endpoint(EndpointToken, s.token))
	mux.Handle("GET /api/auth/oauth2/userinfo", s.endpoint(EndpointUserinfo, s.userinfo))
	for _, path := range []string{endSessionPath, newEndSessionPath} {
		mux.Handle("GET "+path, s.endpoint(EndpointEndSession, s.endSession))
		mux.Handle("POST "+path, s.endpoint(EndpointEndSession, s.endSession))
	}
	mux.Handle("/api/apps/", s.endpoint(EndpointAppAPI, s.appAPI().ServeHTTP))
	mux.Handle("GET /login", s.endpoint(EndpointPages, s.loginPage))
	mux.Handle("POST /login", s.endpoint(EndpointPages, s.login))
	mux.Handle("GET /consent", s.endpoint(EndpointPages, s.consentPage))
	mux.Handle("POST /consent", s.endpoint(EndpointPages, s.decideConsent))
	s.controlRoutes(mux)
	protection := http.NewCrossOriginProtection()
	protection.AddInsecureBypassPattern("/api/") // called by other sites on purpose
	return protection.Handler(mux)
}
