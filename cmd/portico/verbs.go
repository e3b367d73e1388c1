package main

import (
	"context"
	"fmt"
	"strings"
)

// verb is the second word of a command, such as `list` in `portico people list`.
type verb struct {
	name, args, help string
	run              func(ctx context.Context, s *shell, args []string) error
}

// verbs runs the verb that the arguments name, or lists all of them.
func (s *shell) verbs(ctx context.Context, group string, all []verb, args []string) error {
	if len(args) > 0 && isHelp(args[0]) {
		return s.verbHelp(group, all)
	}
	if len(args) > 0 {
		for _, v := range all {
			if v.name == args[0] {
				return v.run(ctx, s, args[1:])
			}
		}
		return misuse{fmt.Sprintf("there is no `portico %s %s`; see `portico %s --help`", group, args[0], group)}
	}
	var names []string
	for _, v := range all {
		names = append(names, v.name)
	}
	return misuse{fmt.Sprintf("write `portico %s %s`; see `portico %s --help`", group, strings.Join(names, "|"), group)}
}

func (s *shell) verbHelp(group string, all []verb) error {
	fmt.Fprintf(s.stdout, "Usage: portico %s VERB [flags]\n\n", group)
	for _, v := range all {
		fmt.Fprintf(s.stdout, "  %-28s %s\n", strings.TrimSpace(v.name+" "+v.args), v.help)
	}
	_, err := fmt.Fprintf(s.stdout, "\n`portico %s VERB --help` lists a verb's flags.\n", group)
	return err
}
