package main

import (
	"context"
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"portico/cmd/internal/portal"
)

// config shows the effective configuration, also when it is not right yet.
func config(_ context.Context, s *shell, args []string) error {
	f := s.flags("config")
	file := envFile(f)
	asJSON := f.Bool("json", false, "print JSON")
	markdown := f.Bool("markdown", false, "print the table of all names for README.md")
	if err := s.parse(f, args); err != nil {
		return err
	}
	if *markdown {
		_, err := fmt.Fprint(s.stdout, portal.Markdown())
		return err
	}
	c, problems := portal.Load(s.environ, *file)
	if err := s.printConfig(c, *asJSON); err != nil {
		return err
	}
	if problems != nil {
		return s.hintEnvFile(problems, *file)
	}
	return nil
}

func (s *shell) printConfig(c *portal.Config, asJSON bool) error {
	if asJSON {
		return s.json(c.Values())
	}
	w := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
	for _, v := range c.Values() {
		fmt.Fprintf(w, "%s\t%s\t%s\n", v.Name, v.Origin, v.Shown)
	}
	return w.Flush()
}

// json prints a value for other programs.
func (s *shell) json(v any) error {
	e := json.NewEncoder(s.stdout)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
