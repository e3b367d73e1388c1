package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Engine names the kind of database that is open.
type Engine string

// The two engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

var (
	// ErrNoDatabase says that the file is not there and was not to be made.
	ErrNoDatabase = errors.New("there is no database at this address")
	// ErrNewer says that a newer version of the program made the database.
	ErrNewer = errors.New("the database was made by a newer version of this program")
	// ErrNotFound says that nothing is stored under that key.
	ErrNotFound = errors.New("not found in the database")
	// ErrClosed says that the database was closed before the write.
	ErrClosed = errors.New("the database is closed")
)

// Options say how Open behaves; the zero value migrates and never creates.
type Options struct {
	Create    bool // make the SQLite file when it is missing
	NoMigrate bool // leave the schema as it is
	// BeforeMigrate is called once before the schema of a database with
	// something in it is changed; its error leaves everything as it is.
	BeforeMigrate func(ctx context.Context, d *DB, from int) error
	Log           *slog.Logger     // slog.Default when nil
	Now           func() time.Time // time.Now when nil
}

// DB is an open database. All methods may be called at the same time.
type DB struct {
	engine  Engine
	address string // what to open, without "sqlite:"
	log     *slog.Logger
	now     func() time.Time
	before  func(ctx context.Context, d *DB, from int) error // Options.BeforeMigrate

	read  *sql.DB
	wrote *sql.DB
	pool  *pgxpool.Pool // PostgreSQL only
	queue *queue        // SQLite only

	session atomic.Pointer[sql.Stmt] // SessionByToken, which every cold page view needs

	opened time.Time    // base of heard, with a monotonic clock
	heard  atomic.Int64 // when a watcher last heard the database, since opened

	listening sync.Mutex // held by who adds a listener
	listeners atomic.Pointer[[]func(Change)]
}

// Open opens the database at url, "sqlite:/path/portico.db" or "postgres://...",
// and brings its schema up to date.
func Open(ctx context.Context, url string, o Options) (*DB, error) {
	d := &DB{log: o.Log, now: o.Now, before: o.BeforeMigrate, opened: time.Now()}
	if d.log == nil {
		d.log = slog.Default()
	}
	if d.now == nil {
		d.now = time.Now
	}
	if err := d.connect(ctx, url, o.Create); err != nil {
		return nil, err
	}
	if err := d.checkSchema(ctx, !o.NoMigrate); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func (d *DB) connect(ctx context.Context, url string, create bool) error {
	switch {
	case strings.HasPrefix(url, "sqlite:"):
		d.engine = SQLite
		return d.openSQLite(ctx, strings.TrimPrefix(url, "sqlite:"), create)
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		d.engine = Postgres
		return d.openPostgres(ctx, url)
	}
	// The address is not repeated: it may hold a password.
	return errors.New("the database address must begin with sqlite: or postgres://")
}

// Close waits for the writes under way, empties SQLite's log into its file and
// closes all connections.
func (d *DB) Close() error {
	if d.engine == Postgres {
		return d.closePostgres()
	}
	return d.closeSQLite()
}

// Engine says which kind of database is open.
func (d *DB) Engine() Engine { return d.engine }

// Reader is the pool for reads. On SQLite its connections cannot write.
func (d *DB) Reader() *sql.DB { return d.read }

// Writer is the one connection that writes on SQLite, and the pool on PostgreSQL.
func (d *DB) Writer() *sql.DB { return d.wrote }

// Pool is the pgx pool on PostgreSQL and nil on SQLite.
func (d *DB) Pool() *pgxpool.Pool { return d.pool }

// Ping reads from the database, which proves more than an open connection.
func (d *DB) Ping(ctx context.Context) error {
	var version int
	if err := d.read.QueryRowContext(ctx, `SELECT max(version) FROM schema_version`).Scan(&version); err != nil {
		return fmt.Errorf("reading from the database: %w", err)
	}
	return nil
}

// newID is a random name for a row, safe in addresses.
func newID() string { return rand.Text() }

// micros is how a time is stored; the zero time is 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// moment scans a stored time.
type moment struct{ to *time.Time }

// Scan implements sql.Scanner.
func (m moment) Scan(value any) error {
	n, ok := value.(int64)
	if !ok {
		return fmt.Errorf("a stored time is a %T", value)
	}
	*m.to = fromMicros(n)
	return nil
}

// plain makes text that both engines store: UTF-8 without zero bytes, which
// PostgreSQL refuses.
func plain(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}
