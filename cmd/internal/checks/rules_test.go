package checks

import (
	"strings"
	"testing"
)

func TestBrokenNamesEachRule(t *testing.T) {
	tests := []struct {
		name string
		p    Package
		want string // part of the one sentence; "" when nothing is wrong
	}{
		{"views draw from static", Package{ImportPath: "portico/views", Imports: []string{"portico/static", "fmt"}}, ""},
		{"views know no storage", Package{ImportPath: "portico/views", Imports: []string{"portico/db"}}, "views must not know db"},
		{"views know no sign-in", Package{ImportPath: "portico/views/parts", Imports: []string{"portico/auth/campusone"}}, "views must not know auth"},
		{"db stands alone", Package{ImportPath: "portico/db", Imports: []string{"portico/auth"}}, "db must not know auth"},
		{"auth serves handlers", Package{ImportPath: "portico/auth", Imports: []string{"portico/handlers"}}, "auth must not know handlers"},
		{"nobody imports a program", Package{ImportPath: "portico/handlers", Imports: []string{"portico/cmd/internal/portal"}}, "handlers must not know cmd"},
		{"a folder of its own", Package{ImportPath: "portico/util"}, "no place in the order"},
		{"db knows SQL", Package{ImportPath: "portico/db", Imports: []string{"database/sql", "github.com/jackc/pgx/v5/pgxpool"}}, ""},
		{"handlers know no SQL", Package{ImportPath: "portico/handlers", Imports: []string{"database/sql"}}, "only db knows SQL"},
		{"auth knows no driver", Package{ImportPath: "portico/auth", Imports: []string{"modernc.org/sqlite"}}, "only db knows the drivers"},
		{"handlers know no oidc", Package{ImportPath: "portico/handlers", Imports: []string{"github.com/coreos/go-oidc/v3/oidc"}}, "only auth knows go-oidc"},
		{"cmd knows no scs", Package{ImportPath: "portico/cmd/portico", Imports: []string{"github.com/alexedwards/scs/v2"}}, "only auth knows scs"},
		{"the server has no stand-in", Package{ImportPath: "portico/cmd/portico", Name: "main", Deps: []string{"portico/auth/campusone/campusonetest"}}, "for tests and the demo alone"},
		{"the server has no test flags", Package{ImportPath: "portico/cmd/portico", Name: "main", Deps: []string{"testing"}}, "contains testing"},
		{"the demo has the stand-in", Package{ImportPath: "portico/cmd/demo", Name: "main", Deps: []string{"portico/auth/campusone/campusonetest"}}, ""},
		{"other modules are free", Package{ImportPath: "example.org/x", Imports: []string{"database/sql"}}, ""},
		{"a like-named library is not it", Package{ImportPath: "portico/handlers", Imports: []string{"database/sqlx"}}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			broken := Broken([]Package{test.p})
			if test.want == "" && len(broken) > 0 {
				t.Errorf("broken: %q; want none", broken)
			}
			if test.want != "" && (len(broken) != 1 || !strings.Contains(broken[0], test.want)) {
				t.Errorf("broken: %q; want one sentence with %q", broken, test.want)
			}
		})
	}
}
