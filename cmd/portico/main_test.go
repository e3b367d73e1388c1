package main

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/journey"
	"portico/db/dbtest"
)

// TestMain lets the scripts in testdata run this very program as `portico`.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"portico": main})
}

const clientID = "the-app"

// TestScripts runs testdata/*.txtar. Each script has a stand-in for Campus One
// at $PROVIDER that knows a portal at $APP and its secrets, in the files
// client-secret and hook-secret.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", Setup: prepare, RequireExplicitExec: true, Cmds: scriptCommands()})
}

// TestScriptsOnPostgres runs those scripts again that work on the database of
// a running portal.
func TestScriptsOnPostgres(t *testing.T) {
	dbtest.PostgresURL(t) // skips here, not in each script
	testscript.Run(t, testscript.Params{
		Files: []string{"testdata/webhook.txtar"}, RequireExplicitExec: true, Cmds: scriptCommands(),
		Setup: func(e *testscript.Env) error {
			e.Setenv("DATABASE_URL", dbtest.PostgresURL(t))
			return prepare(e)
		},
	})
}

func scriptCommands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"browser":   browser,
		"visit":     visit,
		"until":     until,
		"signin":    signIn,
		"unverify":  unverify,
		"mode":      mode,
		"answers":   answers,
		"unanswers": unanswers,
		"terminate": terminate,
		"failed":    failedDelivery,
	}
}

func prepare(e *testscript.Env) error {
	address, err := freeAddress()
	if err != nil {
		return err
	}
	app := "http://" + address
	p := campusonetest.New(campusonetest.Options{Clients: []campusonetest.Client{{
		ID: clientID, Secret: "right-secret", RedirectURIs: []string{app + "/auth/callback"}, WebhookURL: app + "/webhooks/campus-one", WebhookSecret: "hook-secret",
	}}})
	if err := p.Start(); err != nil {
		return fmt.Errorf("starting the stand-in: %w", err)
	}
	e.Defer(p.Close)
	for name, text := range map[string]string{"client-secret": "right-secret\n", "hook-secret": "hook-secret\n"} {
		if err := os.WriteFile(e.Cd+"/"+name, []byte(text), 0o600); err != nil {
			return err
		}
	}
	e.Values[visitorsKey{}] = &visitors{world: &journey.World{URL: app, Provider: p}, all: map[string]*journey.Person{}}
	e.Setenv("APP", app)
	e.Setenv("ADDRESS", address)
	e.Setenv("PROVIDER", p.URL())
	e.Setenv("DISCOVERY", p.DiscoveryURL())
	return nil
}

// freeAddress is one that nobody listened on a moment ago.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// mode checks a file's rights: mode 0600 FILE.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode 0600 FILE")
	}
	want, err := strconv.ParseUint(args[0], 8, 32)
	ts.Check(err)
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if info.Mode().Perm() != os.FileMode(want) {
		ts.Fatalf("%s has mode %04o, want %04o", args[1], info.Mode().Perm(), want)
	}
}

// terminate sends SIGTERM to what runs in the background.
func terminate(ts *testscript.TestScript, _ bool, _ []string) {
	for _, c := range ts.BackgroundCmds() {
		ts.Check(c.Process.Signal(syscall.SIGTERM))
	}
}

// answers waits until somebody listens on an address.
func answers(ts *testscript.TestScript, _ bool, args []string) {
	waitFor(ts, args, func(open bool) bool { return open })
}

// unanswers waits until nobody does.
func unanswers(ts *testscript.TestScript, _ bool, args []string) {
	waitFor(ts, args, func(open bool) bool { return !open })
}

func waitFor(ts *testscript.TestScript, args []string, done func(bool) bool) {
	if len(args) != 1 {
		ts.Fatalf("usage: answers ADDRESS")
	}
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		c, err := net.Dial("tcp", args[0])
		if err == nil {
			_ = c.Close() // only whether it opened matters
		}
		if done(err == nil) {
			return
		}
	}
	ts.Fatalf("waited 20 s for %s in vain", args[0])
}
