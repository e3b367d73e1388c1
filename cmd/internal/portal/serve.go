package portal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"portico/auth"
	"portico/auth/campusone"
	"portico/auth/reading"
	"portico/db"
	"portico/handlers"
	"portico/views"
)

const finishWithin = 10 * time.Second

// App is the portal, wired and ready to answer.
type App struct {
	Handler  http.Handler
	DB       *db.DB
	Provider *campusone.Provider
	Guard    *auth.Guard
	Counts   *auth.Counts
	Inbox    *auth.Inbox
	Standing *auth.Standing
	Notices  *auth.Notices
	Library  *reading.Library
	Keeper   *Keeper
	Rollups  *Rollups
	config   *Config
	seal     *auth.Sealer
	rules    *auth.Rules
	certs    *certificates
	metrics  *metrics // nil: nobody wants them
	log      *slog.Logger
}

// Options are what a program decides besides the configuration.
type Options struct {
	Create bool        // make the database when there is none
	Site   *views.Site // nil: a department without a name yet

	TestForms []handlers.TestForm // for tests only

	// Now and After are the clock, for tests that move it: After says when to
	// look at Campus One again. Nil are those of package time.
	Now   func() time.Time
	After func(time.Duration) <-chan time.Time
}

// New opens the database and wires the portal. It never waits for Campus One.
func New(ctx context.Context, c *Config, log *slog.Logger, o Options) (*App, error) {
	d, err := db.Open(ctx, c.DatabaseURL, db.Options{
		Create: o.Create, NoMigrate: !c.Portico.AutoMigrate, Log: log, Now: time.Now, BeforeMigrate: BeforeMigrate(c, log, time.Now),
	})
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	app, err := wire(ctx, c, d, log, o)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return app, nil
}

func wire(ctx context.Context, c *Config, d *db.DB, log *slog.Logger, o Options) (*App, error) {
	providerOrigin := origin(c.CampusOne.Issuers[0])
	if err := d.BindProvider(ctx, providerOrigin); err != nil {
		return nil, fmt.Errorf("checking whose people the database holds: %w", err)
	}
	certs, err := newCertificates(c)
	if err != nil {
		return nil, err
	}
	seal, err := auth.NewSealer(o.Now, secrets(c.SessionSecret, c.SessionSecretPrevious)...)
	if err != nil {
		return nil, err
	}
	provider := campusone.New(campusone.Config{
		DiscoveryURL: c.CampusOne.DiscoveryURL, Issuers: c.CampusOne.Issuers, ClientID: c.CampusOne.ClientID, ClientSecret: c.CampusOne.ClientSecret, AuthMethod: c.CampusOne.AuthMethod,
		RedirectURL: c.RedirectURL(), Scopes: c.CampusOne.Scopes, APIURL: c.CampusOne.APIURL,
	}, campusone.Options{Cache: d, Log: log, Now: o.Now, After: o.After})
	counts := auth.NewCounts(d, log, o.Now)
	var told *metrics
	var observe func(string, int, time.Duration)
	if c.Portico.MetricsListen != "" {
		told = newMetrics()
		observe = told.request
		counts.OnAdd(told.attempt)
	}
	guard := auth.NewGuard(auth.GuardConfig{Secure: c.Secure(), Idle: c.Portico.SessionIdle, Max: c.Portico.SessionMax}, d, log, o.Now)
	flow := auth.NewFlow(FlowConfig(c), seal, provider, guard, counts, handlers.PageRoute(), log, o.Now)
	catalogue := auth.NewCatalogue(ctx, provider, d, log, o.Now)
	rules := auth.NewRules(Policy(c))
	standing := auth.NewStanding(auth.StandingConfig{After: c.Portico.ConfirmAfter, Rate: c.CampusOne.Rate, Notices: c.Notifies()}, seal, provider, rules, d, log, o.Now)
	flow.OnSignIn(func(ctx context.Context, id campusone.Identity) {
		standing.SignedIn(ctx, id)
		catalogue.Refresh(ctx, id.AccessToken)
	})
	inbox := auth.NewInbox(d, providerOrigin, nonEmpty(c.CampusOne.WebhookSecret, c.CampusOne.WebhookSecretPrevious), counts, log, o.Now)
	library, err := reading.New(ctx, d, c.Portico.Timezone, catalogue, log, o.Now)
	if err != nil {
		return nil, err
	}
	if err := d.RememberSecret(ctx, auth.Fingerprint(c.SessionSecret.Reveal())); err != nil {
		return nil, fmt.Errorf("remembering which session secret it is: %w", err)
	}
	rollups := &Rollups{db: d, names: catalogue, zone: c.Portico.Timezone, log: log, now: o.Now}
	notices := auth.NewNotices(auth.NoticesConfig{On: c.Notifies(), Address: handlers.ItemAddress(c.AppURL)}, standing, provider, library.Gate, d, log, o.Now)
	keeper := &Keeper{config: c, db: d, provider: provider, rollups: rollups, counts: counts, log: log, now: o.Now}
	handler := handlers.New(handlers.Config{
		AppURL: c.AppURL, Site: site(c, o.Site), Zone: c.Portico.Timezone, ProviderOrigin: origin(c.CampusOne.DiscoveryURL), FormOrigins: c.CampusOne.FormOrigins,
		ProviderLogout: c.Portico.ProviderLogout, Silent: c.Portico.Silent, Scopes: c.CampusOne.Scopes, Kept: kept(c),
		TrustedProxies: c.Portico.TrustedProxies, Version: version(), TestForms: o.TestForms,
	}, handlers.Deps{
		DB: d, Guard: guard, Flow: flow, Standing: standing, Policy: rules, Provider: provider, Catalogue: catalogue, Inbox: inbox, Library: library, Notices: notices, Calendars: auth.NewCalendars(d, o.Now), Machine: machine(c, certs), Upkeep: keeper.Status, Log: log, Now: o.Now, Observe: observe,
	})
	app := &App{
		Handler: handler, DB: d, Provider: provider, Guard: guard, Counts: counts, Inbox: inbox, Standing: standing, Notices: notices, Library: library, Keeper: keeper, Rollups: rollups,
		config: c, seal: seal, rules: rules, certs: certs, metrics: told, log: log,
	}
	if told != nil {
		told.watch(app)
	}
	return app, nil
}

// kept is what the configuration says about how long things are kept.
func kept(c *Config) handlers.Kept {
	p := c.Portico
	return handlers.Kept{
		SignIns: p.RetainSignIns, Deliveries: p.RetainDeliveries, Audit: p.RetainAudit, Reads: p.RetainReads,
		SessionIdle: p.SessionIdle, SessionMax: p.SessionMax, Backups: p.BackupDir != "",
	}
}

// FlowConfig is what the configuration says about signing in.
func FlowConfig(c *Config) auth.FlowConfig {
	return auth.FlowConfig{
		Origin: origin(c.AppURL.String()), Silent: c.Portico.Silent, Scopes: c.CampusOne.Scopes,
		ProviderOrigins: append([]string{origin(c.CampusOne.Issuers[0]), origin(c.CampusOne.DiscoveryURL)}, c.CampusOne.DirectoryOrigins...),
		ProviderLogout:  c.Portico.ProviderLogout, SharedNetworks: c.Portico.SharedNetworks,
	}
}

// site is what the pages call the department.
func site(c *Config, given *views.Site) views.Site {
	s := views.Site{Name: "Department portal", Short: "Department"}
	if given != nil {
		s = *given
	}
	s.URL, s.University = c.AppURL.String(), "Nile University of Nigeria"
	s.Motto = "Notices, timetables and people of the department, in one place. Sign in to see what is meant for you."
	return s
}

// Policy is what the configuration says about who may do what.
func Policy(c *Config) auth.Policy {
	return auth.Policy{
		RoleMaxAge: c.Portico.RoleMaxAge,
		Roles: map[auth.Permission][]auth.RolePair{
			auth.Reports: pairs(c.Portico.ReportsRoles), auth.Publish: pairs(c.Portico.PublishRoles), auth.Manage: pairs(c.Portico.ManageRoles),
		},
	}
}

func pairs(roles []Role) []auth.RolePair {
	out := make([]auth.RolePair, len(roles))
	for i, r := range roles {
		out[i] = auth.RolePair(r)
	}
	return out
}

func secrets(all ...campusone.Secret) []string {
	var out []string
	for _, s := range nonEmpty(all...) {
		out = append(out, s.Reveal())
	}
	return out
}

func nonEmpty(all ...campusone.Secret) []campusone.Secret {
	return slices.DeleteFunc(slices.Clone(all), func(s campusone.Secret) bool { return s == "" })
}

// origin is the scheme and host of an address.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Scheme + "://" + u.Host)
}

// Run keeps the portal's own work going until ctx ends, then returns when the
// step in hand is finished.
func (a *App) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, work := range []func(context.Context){a.Provider.Run, a.Guard.Run, a.Counts.Run, a.Inbox.Run, a.Standing.Run, a.Notices.Run, a.Library.Run, a.Keeper.Run, a.Rollups.Run} {
		wg.Go(func() { work(ctx) })
	}
	wg.Wait()
}

// Serve answers requests on a listener, by https where the configuration says
// so, until ctx ends: then it takes no new ones, finishes those in hand within ten seconds and closes the database.
func (a *App) Serve(ctx context.Context, l net.Listener) error {
	stopMetrics, err := a.serveMetrics()
	if err != nil {
		return errors.Join(err, l.Close(), a.DB.Close())
	}
	defer stopMetrics()
	server := &http.Server{
		Handler: a.Handler, MaxHeaderBytes: handlers.MaxServerHead, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute,
		WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelWarn),
	}
	workCtx, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	worked := make(chan struct{})
	go func() { defer close(worked); a.Run(workCtx) }()
	served := make(chan error, 1)
	go func() { served <- server.Serve(a.certs.secure(l)) }()
	select {
	case err = <-served:
	case <-ctx.Done():
		a.log.Info("stopping: finishing the requests in hand")
		finish, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishWithin)
		defer cancel()
		err = server.Shutdown(finish)
	}
	stopWork()
	<-worked
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, a.DB.Close())
}

// Running is how a program runs the portal besides its configuration.
type Running struct {
	Create bool                    // make the database when there is none
	Ready  func(addr string)       // told the address it listens on
	Hangup <-chan os.Signal        // each one has the configuration read again
	Load   func() (*Config, error) // reads it
}

// Serve runs the portal of a configuration until ctx ends.
func Serve(ctx context.Context, c *Config, log *slog.Logger, run Running) error {
	app, err := New(ctx, c, log, Options{Create: run.Create})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return errors.Join(fmt.Errorf("listening on %s: %w", c.Listen, err), app.DB.Close())
	}
	defer app.certs.plainDoor(c, log)()
	log.Info("the portal is open", "address", c.AppURL.String(), "listen", l.Addr().String(), "database", c.DatabaseURL)
	if len(nonEmpty(c.CampusOne.WebhookSecret)) == 0 {
		log.Warn("CAMPUS_ONE_WEBHOOK_SECRET is not set: every webhook is refused with 503, so role changes arrive only with the next sign-in")
	}
	go app.reloadOn(ctx, run.Hangup, run.Load)
	run.Ready(l.Addr().String())
	return app.Serve(ctx, l)
}

// version is what the program was built from.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "unknown"
}
