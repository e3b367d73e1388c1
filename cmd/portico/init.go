package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"portico/cmd/internal/portal"
	"portico/db"
)

// envFileName is how the env file is called where nobody says otherwise.
const envFileName = "portico.env"

// The places of a service under systemd.
const (
	systemFolder  = "/etc/portico"
	systemState   = "/var/lib/portico"
	systemUnit    = "/etc/systemd/system/portico.service"
	systemRunning = "/run/systemd/system"
)

// setup is what init is told, by flags or by answers.
type setup struct {
	appURL, clientID, clientSecretFile, hookFile string
	method, database, discovery, issuers         string
	envFile, unit                                string
	yes, force, systemd                          bool

	values map[string]string // what goes into the env file
}

// initialise writes the env file, makes the database and rehearses.
func initialise(ctx context.Context, s *shell, args []string) error {
	o, err := s.initFlags(args)
	if err != nil {
		return err
	}
	if err := o.place(s); err != nil {
		return err
	}
	if err := s.ask(o); err != nil {
		return err
	}
	if err := o.write(); err != nil {
		return err
	}
	c, err := portal.Load(fileOnly(s), o.envFile)
	if err != nil {
		return err
	}
	if err := makeDatabase(ctx, c); err != nil {
		return err
	}
	if err := s.service(o); err != nil {
		return err
	}
	s.next(o, c)
	return s.rehearse(ctx, o)
}

func (s *shell) initFlags(args []string) (*setup, error) {
	o := &setup{values: map[string]string{}}
	f := s.flags("init")
	f.StringVar(&o.appURL, "app-url", "", "the public `ADDRESS` of the portal")
	f.StringVar(&o.clientID, "client-id", "", "the client `ID` from Campus One's dashboard")
	f.StringVar(&o.clientSecretFile, "client-secret-file", "", "read the client secret from `FILE`")
	f.StringVar(&o.hookFile, "webhook-secret-file", "", "read the webhook secret from `FILE`")
	f.StringVar(&o.method, "auth-method", "", "how the client secret is sent: post or basic")
	f.StringVar(&o.database, "database-url", "", "`ADDRESS` of the database")
	f.StringVar(&o.discovery, "discovery-url", "", "`ADDRESS` of another Campus One's discovery")
	f.StringVar(&o.issuers, "issuer", "", "`LIST` of another Campus One's issuers")
	f.StringVar(&o.envFile, "env-file", "", "write `FILE` (default "+envFileName+" here, with --systemd "+systemFolder+"/"+envFileName+")")
	f.StringVar(&o.unit, "unit", systemUnit, "the `FILE` that --systemd writes")
	f.BoolVar(&o.systemd, "systemd", false, "write a unit for systemd")
	f.BoolVar(&o.yes, "yes", false, "ask nothing")
	f.BoolVar(&o.force, "force", false, "overwrite the env file and the unit")
	return o, s.parse(f, args)
}

// place settles where files go.
func (o *setup) place(s *shell) (err error) {
	folder, state := ".", portal.StateDirectory(s.getenv("STATE_DIRECTORY"))
	if o.systemd {
		folder, state = systemFolder, systemState
	}
	if o.envFile, err = filepath.Abs(cmp.Or(o.envFile, filepath.Join(folder, envFileName))); err != nil {
		return fmt.Errorf("finding the env file's folder: %w", err)
	}
	o.database = cmp.Or(o.database, "sqlite:"+filepath.Join(state, "portico.db"))
	if file, ok := strings.CutPrefix(o.database, "sqlite:"); ok {
		if file, err = filepath.Abs(file); err != nil {
			return fmt.Errorf("finding the database's folder: %w", err)
		}
		o.database = "sqlite:" + file
	}
	return o.clear()
}

// clear stops, before anything is asked, when a file is in the way.
func (o *setup) clear() error {
	inTheWay := []string{o.envFile}
	if o.systemd {
		inTheWay = append(inTheWay, o.unit)
	}
	for _, file := range inTheWay {
		if _, err := os.Lstat(file); err == nil && !o.force {
			return fmt.Errorf("%s is there already and was left as it is; `portico doctor --env-file %s` checks it, --force writes a new one", file, o.envFile)
		}
	}
	return nil
}

// question is one value that init needs.
type question struct {
	name, text string
	given      string // by a flag
	file       string // a flag that names a file
	optional   bool
	secret     bool // not shown while it is typed
}

// ask collects the values; with --yes only from flags. All that is missing or
// wrong is said together.
func (s *shell) ask(o *setup) error {
	in := bufio.NewReader(s.stdin)
	var wrong portal.Problems
	for _, q := range []question{
		{name: "APP_URL", text: "Public address of the portal, like https://portal.example.edu", given: o.appURL},
		{name: "CAMPUS_ONE_CLIENT_ID", text: "Client id from Campus One's dashboard", given: o.clientID},
		{name: "CAMPUS_ONE_CLIENT_SECRET", text: "Client secret from Campus One's dashboard", file: o.clientSecretFile, secret: true},
		{name: "CAMPUS_ONE_WEBHOOK_SECRET", text: "Webhook secret from Campus One's dashboard (Enter if there is none yet)", file: o.hookFile, optional: true, secret: true},
	} {
		value, err := s.answer(in, q, o.yes)
		if err != nil {
			wrong = append(wrong, portal.Problem{Name: q.name, Text: err.Error()})
		}
		o.values[q.name] = value
	}
	if wrong = append(wrong, o.rest()...); len(wrong) > 0 {
		return wrong
	}
	return nil
}

// rest takes the values nobody is asked for.
func (o *setup) rest() portal.Problems {
	var wrong portal.Problems
	for _, r := range []struct{ name, value string }{
		{"DATABASE_URL", o.database}, {"CAMPUS_ONE_DISCOVERY_URL", o.discovery}, {"CAMPUS_ONE_ISSUER", o.issuers}, {"CAMPUS_ONE_AUTH_METHOD", o.method},
	} {
		if r.value == "" {
			continue
		}
		if err := portal.Check(r.name, r.value); err != nil {
			wrong = append(wrong, portal.Problem{Name: r.name, Text: err.Error()})
		}
		o.values[r.name] = r.value
	}
	return wrong
}

// answer gets one value and checks it; a person may try again.
func (s *shell) answer(in *bufio.Reader, q question, yes bool) (string, error) {
	if q.file != "" {
		body, err := os.ReadFile(q.file)
		if err != nil {
			return "", fmt.Errorf("cannot be read: %w", err)
		}
		q.given = strings.TrimSpace(string(body))
	}
	if q.given != "" {
		return q.given, portal.Check(q.name, q.given)
	}
	if yes {
		if q.optional {
			return "", nil
		}
		return "", errors.New("is missing: give its flag, see `portico init --help`")
	}
	return s.dialogue(in, q)
}

func (s *shell) dialogue(in *bufio.Reader, q question) (string, error) {
	for {
		fmt.Fprintf(s.stdout, "%s: ", q.text)
		line, err := s.typed(in, q.secret)
		value := strings.TrimSpace(line)
		if value == "" && q.optional {
			return "", nil
		}
		if value != "" {
			wrong := portal.Check(q.name, value)
			if wrong == nil {
				return value, nil
			}
			fmt.Fprintf(s.stdout, "  That %s.\n", wrong)
		}
		if errors.Is(err, io.EOF) {
			return "", errors.New("is missing: the answers ended")
		}
		if err != nil {
			return "", fmt.Errorf("cannot be read: %w", err)
		}
	}
}

// typed reads one line. On a terminal a secret is not shown while it is typed.
func (s *shell) typed(in *bufio.Reader, secret bool) (string, error) {
	f, ok := s.stdin.(*os.File)
	if !secret || !ok || !term.IsTerminal(int(f.Fd())) || in.Buffered() > 0 {
		return in.ReadString('\n')
	}
	line, err := term.ReadPassword(int(f.Fd()))
	fmt.Fprintln(s.stdout) // the line break was not shown either
	return string(line), err
}

// fileOnly is the environment without our names: what init wrote must stand by
// itself.
func fileOnly(s *shell) []string {
	return []string{"STATE_DIRECTORY=" + s.getenv("STATE_DIRECTORY")}
}

// makeDatabase makes the database or brings an old one up to date.
func makeDatabase(ctx context.Context, c *portal.Config) error {
	if file, ok := strings.CutPrefix(c.DatabaseURL, "sqlite:"); ok {
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return fmt.Errorf("making the database's folder: %w", err)
		}
	}
	d, err := db.Open(ctx, c.DatabaseURL, db.Options{Create: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return inPlainWords(fmt.Errorf("making the database: %w", err), c)
	}
	return d.Close()
}

// next says what to paste where.
func (s *shell) next(o *setup, c *portal.Config) {
	fmt.Fprintf(s.stdout, `
Written: %s
Database: %s

Paste these into Campus One's dashboard, letter for letter:
  Redirect address:  %s
  Webhook address:   %s
`, o.envFile, shownDatabase(c), c.RedirectURL(), c.WebhookURL())
	if c.CampusOne.WebhookSecret == "" {
		fmt.Fprintf(s.stdout, "Then put the webhook secret it shows into %s:\n  CAMPUS_ONE_WEBHOOK_SECRET=...\n", o.envFile)
	}
	fmt.Fprintf(s.stdout, "\nStart the portal:\n  %s\n\n", o.start())
}

func (o *setup) start() string {
	if o.systemd {
		return "systemctl daemon-reload && systemctl enable --now portico"
	}
	return "portico serve --env-file " + o.envFile
}

func shownDatabase(c *portal.Config) string {
	for _, v := range c.Values() {
		if v.Name == "DATABASE_URL" {
			return v.Shown
		}
	}
	return ""
}

// rehearse runs doctor. What it finds does not undo the set-up, so it does not
// fail it either: most of it needs the dashboard first.
func (s *shell) rehearse(ctx context.Context, o *setup) error {
	fmt.Fprintln(s.stdout, "Rehearsing (again any time: portico doctor --env-file "+o.envFile+"):")
	own := *s
	own.environ = fileOnly(s)
	err := doctor(ctx, &own, []string{"--env-file", o.envFile})
	if errors.Is(err, errSaid) || errors.Is(err, flag.ErrHelp) {
		return nil
	}
	return err
}
