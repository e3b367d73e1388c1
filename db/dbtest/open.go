package dbtest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"portico/db"
)

// SQLite opens a new database file that the test's end closes.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	return Open(t, "sqlite:"+filepath.Join(t.TempDir(), "portico.db"))
}

// Postgres opens a new database on the test server, or skips the test.
func Postgres(t testing.TB) *db.DB {
	t.Helper()
	return Open(t, PostgresURL(t))
}

// Open opens a database, made when it is missing, that the test's end closes.
func Open(t testing.TB, address string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), address, db.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// PostgresURL makes an empty database on the server that PORTICO_TEST_POSTGRES
// names and drops it at the test's end. Without a server it skips the test,
// or fails it where PORTICO_TEST_ALL=1 says that nothing may be left out.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server := os.Getenv("PORTICO_TEST_POSTGRES")
	switch {
	case server != "":
	case os.Getenv("PORTICO_TEST_ALL") == "1":
		t.Fatal("PORTICO_TEST_POSTGRES names no PostgreSQL server")
	default:
		t.Skip("left out: PostgreSQL; set PORTICO_TEST_POSTGRES to a postgres:// address of a server to include it")
	}
	address, err := url.Parse(server)
	if err != nil {
		t.Fatal("PORTICO_TEST_POSTGRES is not an address")
	}
	name := "portico_test_" + strings.ToLower(rand.Text())
	admin(t, server, `CREATE DATABASE `+name+wordOrder)
	t.Cleanup(func() { admin(t, server, `DROP DATABASE `+name+` WITH (FORCE)`) })
	address.Path = "/" + name
	return address.String()
}

// wordOrder has a database sort texts as dictionaries do, as those of most
// servers do (en_US.utf8 of the postgres image is one): hyphens and capitals
// hardly count. What relies on another order says so in its schema.
const wordOrder = ` TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US-u-ka-shifted' LC_COLLATE 'C' LC_CTYPE 'C' ENCODING 'UTF8'`

func admin(t testing.TB, server, statement string) {
	t.Helper()
	// Not the test's context: it has ended when its clean-up runs.
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatalf("reaching the PostgreSQL of PORTICO_TEST_POSTGRES: %v", err)
	}
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Errorf("%s: %v", statement, err)
	}
	if err := conn.Close(ctx); err != nil {
		t.Error(err)
	}
}
