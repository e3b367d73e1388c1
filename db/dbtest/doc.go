// Package dbtest holds the suite that every engine of package db must pass,
// and opens real databases for tests: a SQLite file in the test's folder, or a
// PostgreSQL database of the test's own on the server that
// PORTICO_TEST_POSTGRES names, dropped afterwards.
package dbtest
