package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"portico/cmd/internal/portal"
)

// level is how a check ended.
type level string

// The levels, from good to bad.
const (
	ok      level = "ok"
	warning level = "warning"
	failed  level = "failed"
)

// finding is what one check saw.
type finding struct {
	Level level  `json:"level"`
	Check string `json:"check"`
	Seen  string `json:"seen"`
	Fix   string `json:"fix,omitempty"` // the exact line to change, or the step to take
}

// ward is one rehearsal: the configuration and all that was found.
type ward struct {
	config   *portal.Config
	envFile  string
	client   *http.Client
	now      func() time.Time
	report   func(finding)
	findings []finding
}

func (w *ward) add(l level, check, seen, fix string) {
	f := finding{l, check, seen, fix}
	w.findings = append(w.findings, f)
	w.report(f)
}

// place says where a line of the configuration is changed.
func (w *ward) place() string {
	if w.envFile == "" {
		return "the environment"
	}
	return w.envFile
}

// set is the fix "write this line there".
func (w *ward) set(line string) string { return "in " + w.place() + " set " + line }

// doctor rehearses everything and says what to change.
func doctor(ctx context.Context, s *shell, args []string) error {
	f := s.flags("doctor")
	file := envFile(f)
	asJSON := f.Bool("json", false, "print JSON")
	if err := s.parse(f, args); err != nil {
		return err
	}
	w := &ward{envFile: *file, client: newClient(), now: time.Now, report: s.printFinding}
	if *asJSON {
		w.report = func(finding) {}
	}
	c, err := portal.Load(s.environ, *file)
	if err != nil {
		err = s.hintEnvFile(err, *file)
	}
	w.config = c
	w.configuration(err)
	w.files()
	w.database(ctx)
	w.provider(ctx)
	w.portal(ctx)
	if *asJSON {
		if err := s.json(w.findings); err != nil {
			return err
		}
	}
	return w.verdict()
}

// printFinding writes one line, and one more with what to do.
func (s *shell) printFinding(f finding) {
	fmt.Fprintf(s.stdout, "%-8s %s: %s\n", f.Level, f.Check, plainLine(f.Seen))
	if f.Fix != "" {
		fmt.Fprintf(s.stdout, "         -> %s\n", plainLine(f.Fix))
	}
}

// plainLine keeps what a server said from writing lines or colours of its own.
func plainLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}

func (w *ward) verdict() error {
	for _, f := range w.findings {
		if f.Level == failed {
			return errSaid
		}
	}
	return nil
}
