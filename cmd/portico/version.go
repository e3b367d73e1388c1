package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
)

// version shows what the program was built from.
func version(_ context.Context, s *shell, args []string) error {
	if err := s.parse(s.flags("version"), args); err != nil {
		return err
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("this program was built without build information")
	}
	fmt.Fprintf(s.stdout, "portico %s\ncommit %s\n%s\n", cmp.Or(info.Main.Version, "(unknown)"), commit(info), info.GoVersion)
	for _, d := range info.Deps {
		if d.Replace != nil {
			d = d.Replace
		}
		fmt.Fprintf(s.stdout, "  %s %s\n", d.Path, d.Version)
	}
	return nil
}

// commit is the revision the version control stamped in.
func commit(info *debug.BuildInfo) string {
	set := map[string]string{}
	for _, one := range info.Settings {
		set[one.Key] = one.Value
	}
	id := cmp.Or(set["vcs.revision"], "(unknown)")
	if set["vcs.modified"] == "true" {
		id += " with changes"
	}
	return id
}
