package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/portal"
	"portico/views"
)

const clientID = "computer-science"

// options are the demo's flags.
type options struct {
	listen, providerListen, keep string
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("portico-demo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.listen, "listen", "127.0.0.1:4000", "where the portal listens")
	flags.StringVar(&o.providerListen, "provider-listen", "127.0.0.1:4001", "where the stand-in for Campus One listens")
	flags.StringVar(&o.keep, "keep", "", "keep the database in this folder")
	err := flags.Parse(args)
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unexpected %q; see --help", flags.Arg(0))
	}
	return o, err
}

// run shows the demo until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	dir, clean, err := folder(o.keep)
	if err != nil {
		return err
	}
	defer clean()
	l, err := net.Listen("tcp", o.listen)
	if err != nil {
		return fmt.Errorf("the portal cannot listen on %s: %w. Choose another with --listen", o.listen, err)
	}
	appURL := "http://localhost:" + port(l)
	secret, webhook := rand.Text(), rand.Text()
	provider := campusonetest.New(campusonetest.Options{
		Listen: o.providerListen,
		Clients: []campusonetest.Client{{
			ID: clientID, Secret: secret, RedirectURIs: []string{appURL + "/auth/callback", appURL + "/auth/signed-out"}, Trusted: true,
			WebhookURL: "http://" + l.Addr().String() + "/webhooks/campus-one", WebhookSecret: webhook,
		}},
	})
	if err := provider.Start(); err != nil {
		return errors.Join(fmt.Errorf("the stand-in for Campus One cannot listen on %s: %w. Choose another with --provider-listen", o.providerListen, err), l.Close())
	}
	defer provider.Close()
	c, err := portal.Load(environment(appURL, dir, secret, webhook, provider), "")
	if err != nil {
		return errors.Join(err, l.Close())
	}
	app, err := portal.New(ctx, c, c.Log(stderr, nil), portal.Options{
		Create: true, Site: &views.Site{Name: "Department of Computer Science", Short: "Computer Science", Contact: "cs-office@nile.example"},
	})
	if err != nil {
		return errors.Join(err, l.Close())
	}
	if err := furnish(ctx, app, c.Portico.Timezone, provider.URL()); err != nil {
		return errors.Join(err, l.Close(), app.DB.Close())
	}
	tell(stdout, appURL, provider.URL(), dir, o.keep != "")
	return app.Serve(ctx, l)
}

// furnish makes the department and its past, and has reports counted.
func furnish(ctx context.Context, app *portal.App, zone *time.Location, provider string) error {
	s := &seeder{db: app.DB, zone: zone, now: time.Now()}
	if err := s.seed(ctx, provider); err != nil {
		return err
	}
	if err := s.past(ctx, provider); err != nil {
		return err
	}
	return app.Rollups.CatchUp(ctx)
}

// folder is where the database lives, and what removes it at the end.
func folder(keep string) (string, func(), error) {
	if keep != "" {
		abs, err := filepath.Abs(keep)
		if err == nil {
			err = os.MkdirAll(abs, 0o700)
		}
		return abs, func() {}, err
	}
	dir, err := os.MkdirTemp("", "portico-demo-")
	return dir, func() { _ = os.RemoveAll(dir) }, err // a temporary folder: the system clears what we cannot
}

func port(l net.Listener) string {
	_, p, _ := net.SplitHostPort(l.Addr().String())
	return p
}

// environment is the configuration of the demo's portal.
func environment(appURL, dir, secret, webhook string, p *campusonetest.Server) []string {
	database := url.URL{Path: filepath.Join(dir, "portico.db")}
	return []string{
		"APP_URL=" + appURL, "DATABASE_URL=sqlite:" + database.Path, "SESSION_SECRET=" + rand.Text() + rand.Text(),
		"CAMPUS_ONE_CLIENT_ID=" + clientID, "CAMPUS_ONE_CLIENT_SECRET=" + secret, "CAMPUS_ONE_WEBHOOK_SECRET=" + webhook,
		"CAMPUS_ONE_DISCOVERY_URL=" + p.DiscoveryURL(), "CAMPUS_ONE_ISSUER=" + p.URL() + "," + p.URL() + "/api/auth",
		"CAMPUS_ONE_API_URL=" + p.URL() + "/api/apps", "CAMPUS_ONE_FORM_ORIGINS=" + p.URL(), "PORTICO_LOG_LEVEL=warn",
		"PORTICO_BACKUP_DIR=off", "PORTICO_NOTIFICATIONS=on", "CAMPUS_ONE_SCOPES=openid profile email academic roles offline_access notifications",
	}
}

func tell(w io.Writer, portalURL, providerURL, dir string, kept bool) {
	where := "in a temporary folder, gone when you stop"
	if kept {
		where = "kept in " + dir
	}
	fmt.Fprintln(w, strings.TrimSpace(fmt.Sprintf(`
Portico is open:              %[1]s
A stand-in for Campus One:    %[2]s/control
The database is %[3]s.

Try this:
  1. Be recognised without a click: open %[2]s/login, pick Amina Baobab,
     then open %[1]s
  2. Press "Sign out" in the portal. It holds: nobody signs you in again until you ask.
  3. Open %[1]s/admin/reports as Amina, a student. Then, in a private window,
     as Dr Ibrahim Obeche, who is staff.
  4. At %[2]s/control change Amina's role, then press any link in the portal:
     it shows at once. "Take it down for a minute" shows what people see when Campus One is away.

Ctrl-C stops both.`, portalURL, providerURL, where)))
}
