package journey

import (
	"path/filepath"
	"testing"

	"portico/db/dbtest"
)

// engine is a database engine that journeys run on.
type engine struct {
	name  string
	fresh func(testing.TB) string // the address of a new, empty database; may skip
}

func engines() []engine {
	return []engine{
		{"sqlite", func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "portico.db") }},
		{"postgres", dbtest.PostgresURL},
	}
}
