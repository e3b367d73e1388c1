package portal

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ParseEnvFile reads lines of NAME=value. It takes what systemd, docker and a
// shell understand alike, and reports what they understand differently: a bare
// backslash, and a quote that does not end. Problems name the line, never the
// value.
func ParseEnvFile(r io.Reader) (vars map[string]string, problems []string) {
	vars = map[string]string{}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		name, value, err := envLine(lines.Text())
		switch {
		case err != nil:
			problems = append(problems, fmt.Sprintf("line %d: %s", n, err))
		case name == "":
		case hasKey(vars, name):
			problems = append(problems, fmt.Sprintf("line %d: %s stands there twice; keep one", n, name))
		default:
			vars[name] = value
		}
	}
	if err := lines.Err(); err != nil {
		problems = append(problems, "reading stopped: "+err.Error())
	}
	return vars, problems
}

func hasKey(m map[string]string, key string) bool {
	_, ok := m[key]
	return ok
}

// envLine reads one line; name is empty for a comment or a blank line.
func envLine(line string) (name, value string, err error) {
	line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
	if line == "" || line[0] == '#' || line[0] == ';' {
		return "", "", nil
	}
	name, value, ok := strings.Cut(strings.TrimPrefix(line, "export "), "=")
	name = strings.TrimSpace(name)
	if !ok || !validName(name) {
		return "", "", errors.New("write NAME=value, or begin the line with #")
	}
	value, err = unquote(strings.TrimSpace(value))
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", name, err)
	}
	return name, value, nil
}

func validName(s string) bool {
	for i, r := range s {
		letter := r == '_' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}

func unquote(s string) (string, error) {
	if s == "" || s[0] != '\'' && s[0] != '"' {
		if strings.ContainsRune(s, '\\') {
			return "", errors.New("put a value with a backslash in single quotes")
		}
		return s, nil
	}
	quote := s[:1]
	inner, ended := strings.CutSuffix(s[1:], quote)
	switch {
	case !ended || strings.Contains(inner, quote):
		return "", errors.New("the quotes do not end where the line ends")
	case quote == `"` && strings.ContainsAny(inner, "\\$`"):
		return "", errors.New("use single quotes for a value with a backslash, $ or `")
	}
	return inner, nil
}

// EnvLine writes a line that ParseEnvFile, systemd and a shell read alike. It
// fails for a value that no such line can hold.
func EnvLine(name, value string) (string, error) {
	if strings.ContainsAny(value, "\n\r'") {
		return "", fmt.Errorf("%s holds a quote or a line break: put it into a file and set %s_FILE", name, name)
	}
	if strings.ContainsAny(value, " \t\\\"$`#;&|<>()*?[]~!") {
		value = "'" + value + "'"
	}
	return name + "=" + value + "\n", nil
}
