package portal

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	_ "time/tzdata" // the time zones, for machines and containers without them
)

// Origin says where a value came from.
type Origin string

// The places a value can come from.
const (
	FromDefault     Origin = "default"
	FromEnvironment Origin = "environment"
	FromFile        Origin = "file"     // the file that NAME_FILE names
	FromEnvFile     Origin = "env-file" // the file that --env-file names
)

// Problem is one thing that is wrong with the configuration.
type Problem struct {
	Name string // the variable, or "" when it is about a whole file
	Text string // what is wrong, and what to do
}

// Problems are all things wrong with the configuration.
type Problems []Problem

// Error lists the problems, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// String is the problem in one line.
func (p Problem) String() string {
	if p.Name == "" {
		return p.Text
	}
	return p.Name + " " + p.Text
}

// About keeps the problems that concern the named variables or a whole file.
func (ps Problems) About(names ...string) Problems {
	var kept Problems
	for _, p := range ps {
		if p.Name == "" || slices.Contains(names, p.Name) {
			kept = append(kept, p)
		}
	}
	return kept
}

// Load reads the configuration from an environment ("NAME=value" each) and,
// unless envFile is empty, an env file. The error, if any, is Problems. The
// Config then still holds whatever could be read.
func Load(environ []string, envFile string) (*Config, error) {
	l := &loader{config: &Config{}, env: environPairs(environ)}
	l.readEnvFile(envFile)
	l.unknownNames()
	for _, r := range rows() {
		l.row(r)
	}
	l.together()
	if len(l.problems) > 0 {
		return l.config, l.problems
	}
	return l.config, nil
}

// loader holds what is known while one configuration is read.
type loader struct {
	config   *Config
	env      map[string]string
	file     map[string]string
	filePath string
	problems Problems
}

func (l *loader) problem(name, format string, args ...any) {
	l.problems = append(l.problems, Problem{name, fmt.Sprintf(format, args...)})
}

func environPairs(environ []string) map[string]string {
	m := map[string]string{}
	for _, e := range environ {
		if name, value, ok := strings.Cut(e, "="); ok {
			m[name] = value
		}
	}
	return m
}

func (l *loader) readEnvFile(name string) {
	if name == "" {
		return
	}
	l.filePath = name
	f, err := os.Open(name)
	if err != nil {
		l.problem("", "the env file %s cannot be read: %s", name, plain(err))
		return
	}
	defer f.Close()
	vars, problems := ParseEnvFile(f)
	l.file = vars
	for _, p := range problems {
		l.problem("", "%s: %s", name, p)
	}
}

// plain gives the cause of a file's error in a few words.
func plain(err error) string {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "there is no such file"
	case errors.Is(err, os.ErrPermission):
		return "this user may not read it"
	}
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		return pe.Err.Error()
	}
	return err.Error()
}

// row reads one row's value, or its default.
func (l *loader) row(r row) {
	text, origin, ok := l.find(r)
	if !ok {
		l.note(r, "", origin)
		return
	}
	if text == "" {
		text, origin = l.expand(r.def), FromDefault
	}
	l.note(r, text, origin)
	if text == "" {
		if r.required {
			l.problem(r.name, "is missing. %s", r.help)
		}
		return
	}
	if err := r.parse(l.config, text); err != nil {
		l.problem(r.name, "%s%s", err, l.seen(r, text))
	}
}

// Check reports what is wrong with one value, in words that follow its name.
func Check(name, text string) error {
	for _, r := range rows() {
		if r.name == name {
			return r.parse(&Config{}, text)
		}
	}
	return errors.New("is not a name the portal knows")
}

// seen shows the value that a problem is about, unless it is secret.
func (l *loader) seen(r row, text string) string {
	if r.secret {
		return ""
	}
	return fmt.Sprintf(" (it is %q)", withoutPassword(text))
}

// find looks in the environment and then in the env file. An empty value is no
// value. It reports false after a problem.
func (l *loader) find(r row) (string, Origin, bool) {
	for _, source := range []struct {
		vars   map[string]string
		origin Origin
	}{{l.env, FromEnvironment}, {l.file, FromEnvFile}} {
		text := strings.TrimSpace(source.vars[r.name])
		name := source.vars[r.name+"_FILE"]
		switch {
		case !r.fromFile() || name == "":
			if text != "" {
				return text, source.origin, true
			}
		case text != "":
			l.problem(r.name, "is given twice: remove %s or %s_FILE", r.name, r.name)
			return "", source.origin, false
		default:
			return l.readFile(r, name)
		}
	}
	return "", FromDefault, true
}

func (l *loader) readFile(r row, name string) (string, Origin, bool) {
	body, err := os.ReadFile(name)
	if err != nil {
		l.problem(r.name+"_FILE", "names %s, which cannot be read: %s", name, plain(err))
		return "", FromFile, false
	}
	text := strings.TrimSpace(string(body))
	if text == "" {
		l.problem(r.name+"_FILE", "names %s, which is empty", name)
		return "", FromFile, false
	}
	return text, FromFile, true
}

// expand puts the state directory into a default.
func (l *loader) expand(def string) string {
	dir := StateDirectory(l.env["STATE_DIRECTORY"])
	return strings.Replace(def, stateDir, dir, 1)
}

// StateDirectory is the first of systemd's state directories, else the working
// directory.
func StateDirectory(variable string) string {
	first, _, _ := strings.Cut(variable, ":")
	if first != "" {
		return first
	}
	if dir, err := os.Getwd(); err == nil {
		return dir
	}
	return "."
}

// together checks what no row can see alone.
func (l *loader) together() {
	c := l.config
	if c.SessionSecret != "" && c.SessionSecret == c.SessionSecretPrevious {
		l.problem("SESSION_SECRET_PREVIOUS", "is the same as SESSION_SECRET: remove it, or make a new SESSION_SECRET")
	}
	if c.Portico.SessionMax != 0 && c.Portico.SessionIdle > c.Portico.SessionMax {
		l.problem("PORTICO_SESSION_IDLE", "is longer than PORTICO_SESSION_MAX: make it shorter")
	}
	if c.Portico.MetricsListen != "" && c.Portico.MetricsListen == c.Listen && !strings.HasSuffix(c.Listen, ":0") {
		l.problem("PORTICO_METRICS_LISTEN", "is the same as LISTEN: give it another port")
	}
	if c.AppURL != nil && c.Portico.TLS.Mode != TLSOff && !c.Secure() {
		l.problem("PORTICO_TLS", "is set although APP_URL begins with http://: write https:// there, or PORTICO_TLS=off")
	}
	if c.AppURL != nil && c.Portico.TLS.Mode == TLSAuto && loopback(c.AppURL.Hostname()) {
		l.problem("PORTICO_TLS", "cannot be auto for an address on this machine alone: use certificate.pem,key.pem or off")
	}
}

// withoutPassword hides the password of an address.
func withoutPassword(s string) string {
	u, err := url.Parse(s)
	if err == nil {
		return u.Redacted()
	}
	if scheme, rest, ok := strings.Cut(s, "://"); ok {
		if _, host, ok := cutLast(rest, "@"); ok {
			return scheme + "://xxxxx@" + host
		}
	}
	return s
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
