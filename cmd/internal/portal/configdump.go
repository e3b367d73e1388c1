package portal

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"strings"
)

// Value is one line of the effective configuration, safe to show.
type Value struct {
	Name   string `json:"name"`
	Shown  string `json:"value"`
	Origin Origin `json:"origin"`
	Secret bool   `json:"secret,omitempty"`
	Path   string `json:"path,omitempty"` // the file it was read from, with FromFile

	sum [sha256.Size]byte // tells whether two values are equal, without keeping a secret
}

// Values lists the effective configuration in the order of the table, secrets
// and passwords redacted.
func (c *Config) Values() []Value { return append([]Value(nil), c.values...) }

func (l *loader) note(r row, text string, origin Origin) {
	shown := withoutPassword(text)
	if r.secret && text != "" {
		shown = redacted
	}
	v := Value{Name: r.name, Shown: shown, Origin: origin, Secret: r.secret, sum: sha256.Sum256([]byte(text))}
	if origin == FromFile {
		v.Path = cmp.Or(l.env[r.name+"_FILE"], l.file[r.name+"_FILE"])
	}
	l.config.values = append(l.config.values, v)
}

// Markdown is the table of the configuration as README.md shows it.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| name | default | what it does | since |\n|---|---|---|---|\n")
	for _, r := range rows() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", r.name, r.markdownDefault(), r.markdownHelp(), r.since)
	}
	return b.String()
}

func (r row) markdownDefault() string {
	switch {
	case r.required:
		return "**needed**"
	case r.def == "":
		return ""
	}
	return "`" + strings.ReplaceAll(r.def, "|", `\|`) + "`"
}

func (r row) markdownHelp() string {
	help := strings.ReplaceAll(r.help, "|", `\|`)
	if r.fromFile() {
		help += " Also as `" + r.name + "_FILE`."
	}
	return help
}
