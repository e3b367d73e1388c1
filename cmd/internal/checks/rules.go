// Package checks holds the shape of this repository: which package may import
// which, who may know which library, what may be linked into the server, and
// what stands at the top level.
//
// The direction is cmd -> handlers -> {auth -> db, views -> static}. It keeps
// SQL, the sign-in libraries and the look each in one place, so that one of
// them can change without the others noticing.
package checks

import (
	"fmt"
	"slices"
	"strings"
)

// Module is the path of this module, and the first part of all its packages.
const Module = "portico"

// Package is the part of `go list -json` that the rules are about.
type Package struct {
	ImportPath string
	Name       string
	Imports    []string // what its own files import, tests apart
	Deps       []string // everything that is linked with it
}

// layers lists, for each folder of the top level, the folders it may import
// besides itself.
var layers = map[string][]string{
	"static":   {},
	"views":    {"static"},
	"db":       {},
	"auth":     {"db"},
	"handlers": {"auth", "db", "views", "static"},
	"cmd":      {"handlers", "auth", "db", "views", "static"},
}

// owner says who alone may import a library.
type owner struct {
	library string
	folder  string
	why     string
}

var owners = []owner{
	{"database/sql", "db", "only db knows SQL"},
	{"modernc.org/sqlite", "db", "only db knows the drivers"},
	{"github.com/jackc/pgx/v5", "db", "only db knows the drivers"},
	{"github.com/coreos/go-oidc/v3", "auth", "only auth knows go-oidc"},
	{"golang.org/x/oauth2", "auth", "only auth knows oauth2"},
	{"github.com/alexedwards/scs", "auth", "only auth knows scs"},
	{"github.com/chromedp", "cmd/internal/browser", "only the browser harness knows chromedp"},
}

// testOnly are packages that no program but those in demos may contain.
var testOnly = []string{
	Module + "/auth/campusone/campusonetest",
	Module + "/cmd/internal/browser",
	Module + "/cmd/internal/checks",
	Module + "/cmd/internal/crash",
	Module + "/cmd/internal/journey",
	Module + "/cmd/internal/process",
	Module + "/db/bulk",
	"github.com/chromedp",
	"testing",
	"pgregory.net/rapid",
}

// demo is the one program that may contain the stand-in for Campus One.
const demo = Module + "/cmd/demo"

// Broken returns a sentence for every rule that the packages break.
func Broken(packages []Package) []string {
	var broken []string
	for _, p := range packages {
		if !within(p.ImportPath, Module) {
			continue
		}
		broken = append(broken, wrongLayers(p)...)
		broken = append(broken, wrongOwners(p)...)
		broken = append(broken, wrongLinks(p)...)
	}
	slices.Sort(broken)
	return broken
}

func wrongLayers(p Package) []string {
	from := folder(p.ImportPath)
	allowed, known := layers[from]
	if !known {
		return []string{fmt.Sprintf("%s is in the folder %q, which has no place in the order of layers", p.ImportPath, from)}
	}
	var broken []string
	for _, path := range p.Imports {
		to := folder(path)
		if within(path, Module) && to != from && !slices.Contains(allowed, to) {
			broken = append(broken, fmt.Sprintf("%s imports %s: %s must not know %s", p.ImportPath, path, from, to))
		}
	}
	return broken
}

func wrongOwners(p Package) []string {
	var broken []string
	for _, path := range p.Imports {
		for _, o := range owners {
			if within(path, o.library) && !within(p.ImportPath, Module+"/"+o.folder) {
				broken = append(broken, fmt.Sprintf("%s imports %s: %s", p.ImportPath, path, o.why))
			}
		}
	}
	return broken
}

// wrongLinks looks into whole programs, where an import of an import counts.
func wrongLinks(p Package) []string {
	if p.Name != "main" || within(p.ImportPath, demo) || within(p.ImportPath, Module+"/cmd/internal") {
		return nil
	}
	var broken []string
	for _, path := range p.Deps {
		for _, banned := range testOnly {
			if within(path, banned) {
				broken = append(broken, fmt.Sprintf("the program %s contains %s, which is for tests and the demo alone", p.ImportPath, path))
			}
		}
	}
	return broken
}

// folder is the first folder of a path in this module: "auth" of
// "portico/auth/campusone".
func folder(path string) string {
	rest, _ := strings.CutPrefix(path, Module+"/")
	first, _, _ := strings.Cut(rest, "/")
	return first
}

// within says whether a path is the given one or below it.
func within(path, root string) bool {
	rest, ok := strings.CutPrefix(path, root)
	return ok && (rest == "" || rest[0] == '/')
}
