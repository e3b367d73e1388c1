package db_test

import (
	"testing"

	"portico/db"
	"portico/db/dbtest"
)

func TestSQLite(t *testing.T) {
	dbtest.Run(t, func(t *testing.T) *db.DB { return dbtest.SQLite(t) })
}

func TestPostgres(t *testing.T) {
	dbtest.Postgres(t) // one line when there is no server, not one a test
	dbtest.Run(t, func(t *testing.T) *db.DB { return dbtest.Postgres(t) })
}
