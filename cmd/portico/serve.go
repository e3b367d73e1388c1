package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"portico/cmd/internal/portal"
	"portico/db"
)

// serve runs the server until it is told to stop. SIGHUP has it read secrets,
// role lists and certificates again.
func serve(ctx context.Context, s *shell, args []string) error {
	f := s.flags("serve")
	file := envFile(f)
	create := f.Bool("create", false, "make the database when there is none")
	if err := s.parse(f, args); err != nil {
		return err
	}
	c, err := portal.Load(s.environ, *file)
	if err != nil {
		return s.hintEnvFile(err, *file)
	}
	n := newNotifier(s.getenv)
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	buffer := portal.NewLogBuffer(s.stderr)
	defer buffer.Flush()
	err = portal.Serve(ctx, c, c.Log(buffer, nil), portal.Running{
		Create: *create, Ready: func(string) { n.ready(ctx) }, Hangup: hangup,
		Load: func() (*portal.Config, error) { return portal.Load(s.environ, *file) },
	})
	n.stopping()
	return inPlainWords(err, c)
}

// hintEnvFile points to an env file that lies here unread.
func (s *shell) hintEnvFile(err error, given string) error {
	problems, ok := errors.AsType[portal.Problems](err)
	if _, lies := os.Stat(envFileName); !ok || given != "" || lies != nil {
		return err
	}
	hint := portal.Problem{Text: fmt.Sprintf("There is a file %[1]s here that was not read: add --env-file %[1]s", envFileName)}
	return append(problems, hint)
}

// inPlainWords says what to do about the errors a person can mend.
func inPlainWords(err error, c *portal.Config) error {
	other, strange := errors.AsType[db.ErrOtherProvider](err)
	switch {
	case errors.Is(err, db.ErrNoDatabase):
		return fmt.Errorf("there is no database at %s. Set DATABASE_URL to where it is, or name the settings file with --env-file; `portico init` sets a portal up, `portico serve --create` makes an empty database",
			strings.TrimPrefix(c.DatabaseURL, "sqlite:"))
	case errors.Is(err, db.ErrNewer):
		return errors.New("the database was made by a newer version of Portico. Install that version, or restore an older backup")
	case strange:
		return fmt.Errorf("the database holds the people of %s, but CAMPUS_ONE_ISSUER names %s. Use the issuer it was made with, or another DATABASE_URL", other.Have, other.Want)
	}
	return err
}
