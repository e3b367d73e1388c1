// Package journey walks through the portal as people do: over plain HTTP with
// scripts of text (testdata/*.txtar) and in Chromium. It starts the real
// portal and the stand-in for Campus One, each on a port of its own.
//
// A journey shares nothing with another, so all run beside each other
// (t.Parallel), but for those that measure time or the machine.
package journey

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/portal"
)

// World is a running portal with its Campus One.
type World struct {
	URL      string // the portal's address
	App      *portal.App
	Config   *portal.Config
	Provider *campusonetest.Server

	Now func() time.Time // the portal's clock

	env     []string          // what Config was read from
	close   func(testing.TB)  // stops the portal
	again   func(testing.TB)  // stops the portal and starts that of Config
	network http.RoundTripper // trusts the world's authority
}

// Scheme is how a world is reached.
type Scheme int

// The schemes.
const (
	HTTP    Scheme = iota // plain, on this machine
	HTTPS                 // the portal speaks https itself, with a certificate from files
	Proxied               // a proxy in front of it ends https
)

// Options shape a world.
type Options struct {
	Database string                                              // "" is a new SQLite file
	Provider func(*campusonetest.Options, *campusonetest.Client) // changes to the stand-in
	Env      []string                                            // more configuration
	Log      io.Writer                                           // nil drops the portal's log
	Absent   bool                                                // Campus One is not there at all
	Scheme   Scheme
	Portal   portal.Options // a site, test forms
	Clock    *Clock         // nil: the machine's
}

// Start runs a world until the test ends.
func Start(t testing.TB, o Options) *World {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	w := &World{URL: "http://localhost:" + port, network: http.DefaultTransport, Now: time.Now}
	if o.Clock != nil {
		w.Now = o.Clock.Now
	}
	if o.Scheme != HTTP {
		o.Env = append(w.secure(t, l, o.Scheme), o.Env...)
	}
	secret, hook := rand.Text(), rand.Text()
	w.Provider = startProvider(t, w, secret, hook, o)
	w.Config = configure(t, w, o, secret, hook)
	w.open(t, l, o)
	t.Cleanup(func() { w.close(t) })
	return w
}

// open starts the portal of w.Config on a listener.
func (w *World) open(t testing.TB, l net.Listener, o Options) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	if o.Log != nil {
		log = slog.New(slog.NewTextHandler(o.Log, nil))
	}
	ctx, stop := context.WithCancel(context.Background())
	o.Portal.Create = true
	if o.Clock != nil {
		o.Portal.Now, o.Portal.After = o.Clock.Now, o.Clock.After
	}
	app, err := portal.New(ctx, w.Config, log, o.Portal)
	if err != nil {
		stop()
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- app.Serve(ctx, l) }()
	w.App = app
	w.close = func(t testing.TB) {
		stop()
		if err := <-done; err != nil {
			t.Errorf("the portal did not stop cleanly: %v", err)
		}
	}
	w.again = func(t testing.TB) {
		w.close(t)
		l, err := net.Listen("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		w.open(t, l, o)
	}
}

func startProvider(t testing.TB, w *World, secret, hook string, o Options) *campusonetest.Server {
	t.Helper()
	client := campusonetest.Client{
		ID: "portico-test", Secret: secret, RedirectURIs: []string{w.URL + "/auth/callback", w.URL + "/auth/signed-out"}, Trusted: true,
		WebhookURL: w.URL + "/webhooks/campus-one", WebhookSecret: hook,
	}
	po := campusonetest.Options{Listen: "127.0.0.1:0", Transport: w.network}
	if o.Clock != nil {
		po.Now = o.Clock.Now
	}
	if o.Provider != nil {
		o.Provider(&po, &client)
	}
	po.Clients = []campusonetest.Client{client}
	p := campusonetest.New(po)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	if o.Absent {
		p.Close()
	}
	return p
}

func configure(t testing.TB, w *World, o Options, secret, hook string) *portal.Config {
	t.Helper()
	database := o.Database
	if database == "" {
		database = "sqlite:" + filepath.Join(t.TempDir(), "portico.db")
	}
	p := w.Provider
	env := []string{
		"APP_URL=" + w.URL, "DATABASE_URL=" + database, "SESSION_SECRET=" + rand.Text() + rand.Text(),
		"CAMPUS_ONE_CLIENT_ID=portico-test", "CAMPUS_ONE_CLIENT_SECRET=" + secret, "CAMPUS_ONE_WEBHOOK_SECRET=" + hook,
		"CAMPUS_ONE_DISCOVERY_URL=" + p.DiscoveryURL(), "CAMPUS_ONE_ISSUER=" + p.URL() + "," + p.URL() + "/api/auth",
		"CAMPUS_ONE_API_URL=" + p.URL() + "/api/apps", "CAMPUS_ONE_FORM_ORIGINS=" + p.URL(),
		"PORTICO_BACKUP_DIR=off",
	}
	w.env = append(env, o.Env...)
	c, err := portal.Load(w.env, "")
	if err != nil {
		t.Fatal(fmt.Errorf("the test's configuration: %w", err))
	}
	return c
}
