package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"portico/cmd/internal/portal"
)

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitMisuse = 2
)

// shell is what a command sees of the outside.
type shell struct {
	environ []string
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
}

// getenv gives the last value of a variable.
func (s *shell) getenv(name string) string {
	var value string
	for _, e := range s.environ {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			value = v
		}
	}
	return value
}

// command is one word after `portico`.
type command struct {
	name string
	args string // what may follow it, for the help
	help string // one sentence
	run  func(ctx context.Context, s *shell, args []string) error
}

func commands() []command {
	return []command{
		{"serve", "", "run the server (also without any command)", serve},
		{"init", "", "set up: ask for addresses and secrets, write the env file, make the database", initialise},
		{"doctor", "", "rehearse everything and say what to change", doctor},
		{"explain", "PATH", "tell what the silent check would do with a request, and why", explain},
		{"config", "", "show the effective configuration and where each value came from", config},
		{"grant", "PERMISSION EMAIL", "give manage, publish or reports to an e-mail address; `grant list` shows all", grant},
		{"revoke", "PERMISSION EMAIL", "take such a permission back", revoke},
		{"people", "list|show|...", "find people, see what is stored about one, block and unblock", people},
		{"sessions", "list|end", "see who is signed in, and end sessions", sessions},
		{"migrate", "status|up", "show the steps of the database's schema, or apply them", migrate},
		{"backup", "FILE", "write the database into one file, checked, while the server runs", backup},
		{"restore", "FILE", "put a backup in the place of the database; the server must be stopped", restore},
		{"webhook", "send|list|...", "send a sample event; see what came, try it again, drop it", webhook},
		{"version", "", "show version, commit, Go and dependencies", version},
	}
}

// misuse is an error of the person who typed the command.
type misuse struct{ text string }

func (m misuse) Error() string { return m.text }

// errSaid is a failure whose words were printed already.
var errSaid = errors.New("said already")

// run does what the arguments ask and gives the exit code.
func run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) int {
	s := &shell{environ, stdin, stdout, stderr}
	err := dispatch(ctx, s, args)
	var problems portal.Problems
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errSaid):
		return exitFailed
	case errors.As(err, &problems):
		s.problems(problems)
		return exitMisuse
	}
	fmt.Fprintf(stderr, "portico: %s\n", oneLine(err))
	if errors.As(err, new(misuse)) {
		return exitMisuse
	}
	return exitFailed
}

func dispatch(ctx context.Context, s *shell, args []string) error {
	if len(args) > 0 && (args[0] == "help" || args[0] == "--help" || args[0] == "-h" || args[0] == "-help") {
		return s.usage()
	}
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		args = append([]string{"serve"}, args...)
	}
	for _, c := range commands() {
		if c.name != args[0] {
			continue
		}
		if err := c.run(ctx, s, args[1:]); !errors.Is(err, flag.ErrHelp) {
			return err
		}
		return nil
	}
	return misuse{fmt.Sprintf("there is no command %q; `portico --help` lists them", args[0])}
}

func (s *shell) usage() error {
	fmt.Fprint(s.stdout, "Portico, the portal of a department.\n\nUsage: portico COMMAND [flags]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(s.stdout, "  %-24s %s\n", strings.TrimSpace(c.name+" "+c.args), c.help)
	}
	_, err := fmt.Fprint(s.stdout, "\n`portico COMMAND --help` lists a command's flags. Begin with `portico init`.\n")
	return err
}

// problems prints all that is wrong with the configuration.
func (s *shell) problems(ps portal.Problems) {
	fmt.Fprintln(s.stderr, "portico: the configuration is not right yet:")
	for _, p := range ps {
		fmt.Fprintf(s.stderr, "  %s\n", oneLine(errors.New(p.String())))
	}
}

// oneLine joins the lines of an error.
func oneLine(err error) string {
	return strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}

// flags begins the flags of a command.
func (s *shell) flags(usage string) *flag.FlagSet {
	f := flag.NewFlagSet(usage, flag.ContinueOnError)
	f.SetOutput(io.Discard) // parse prints, to the right stream
	return f
}

// parse reads the flags and refuses what is left over.
func (s *shell) parse(f *flag.FlagSet, args []string) error {
	err := s.parseWords(f, args)
	if err == nil && f.NArg() > 0 {
		return tooMany(f, f.Arg(0))
	}
	return err
}

// parseWords is parse for a command that takes words besides its flags.
func (s *shell) parseWords(f *flag.FlagSet, args []string) error {
	err := f.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		s.flagHelp(f)
		return err
	case err != nil:
		return misuse{fmt.Sprintf("%s; see `portico %s --help`", err, asWritten(f))}
	}
	return nil
}

// tooFew says what to write when something is missing.
func tooFew(f *flag.FlagSet) error {
	return misuse{fmt.Sprintf("write `portico %s`", strings.ReplaceAll(f.Name(), ", or: ", "` or `"))}
}

// tooMany says which word is one too many.
func tooMany(f *flag.FlagSet, word string) error {
	return misuse{fmt.Sprintf("unexpected %q; see `portico %s --help`", word, asWritten(f))}
}

// asWritten is the part of a usage that is written as it stands.
func asWritten(f *flag.FlagSet) string {
	words := strings.Fields(f.Name())
	for i, w := range words {
		if strings.ContainsAny(w, "|.-") || w != strings.ToLower(w) {
			return strings.Join(words[:i], " ")
		}
	}
	return f.Name()
}

func (s *shell) flagHelp(f *flag.FlagSet) {
	fmt.Fprintf(s.stdout, "Usage: portico %s [flags]\n\n", f.Name())
	f.VisitAll(func(one *flag.Flag) {
		value, help := flag.UnquoteUsage(one)
		line := strings.TrimSpace("--" + one.Name + " " + value)
		if one.DefValue != "" && one.DefValue != "false" {
			help += " (default " + one.DefValue + ")"
		}
		fmt.Fprintf(s.stdout, "  %-28s %s\n", line, help)
	})
}

// envFile adds the flag that every command with a configuration has.
func envFile(f *flag.FlagSet) *string {
	return f.String("env-file", "", "read variables from `FILE` too; the environment wins")
}
