package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

//go:embed migrations
var migrationFiles embed.FS

// migrationLock is the PostgreSQL advisory lock that lets one process at a
// time change the schema.
const migrationLock = 0x706f727469636f

// Migration is one numbered step of the schema.
type Migration struct {
	Version int
	Name    string
	Applied bool
	text    string
}

// migrations are the engine's steps in order: NNNN_name.sql from 0001 on.
func (d *DB) migrations() ([]Migration, error) {
	names, err := fs.Glob(migrationFiles, path.Join("migrations", string(d.engine), "*.sql"))
	if err != nil {
		return nil, err
	}
	steps := make([]Migration, 0, len(names))
	for i, name := range names {
		number, rest, _ := strings.Cut(strings.TrimSuffix(path.Base(name), ".sql"), "_")
		version, err := strconv.Atoi(number)
		if err != nil || version != i+1 {
			return nil, fmt.Errorf("migration %s is out of order", name)
		}
		text, err := migrationFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		steps = append(steps, Migration{Version: version, Name: rest, text: string(text)})
	}
	return steps, nil
}

// Migrations lists all steps and says which are done.
func (d *DB) Migrations(ctx context.Context) ([]Migration, error) {
	steps, err := d.migrations()
	if err != nil {
		return nil, err
	}
	version, err := d.schemaVersion(ctx, d.read)
	if err != nil {
		return nil, err
	}
	for i := range steps {
		steps[i].Applied = steps[i].Version <= version
	}
	return steps, nil
}

// Migrate brings the schema up to date, one transaction a step.
func (d *DB) Migrate(ctx context.Context) error { return d.checkSchema(ctx, true) }

// checkSchema refuses a newer schema and, if it may, applies what is missing.
func (d *DB) checkSchema(ctx context.Context, apply bool) error {
	steps, err := d.migrations()
	if err != nil {
		return err
	}
	version, err := d.schemaVersion(ctx, d.wrote)
	if err != nil {
		return err
	}
	if version > len(steps) {
		return fmt.Errorf("%w: its schema is %d, this program knows %d", ErrNewer, version, len(steps))
	}
	if !apply {
		return nil
	}
	if d.before != nil && version > 0 && version < len(steps) {
		if err := d.before(ctx, d, version); err != nil {
			return fmt.Errorf("before changing the schema: %w", err)
		}
	}
	for _, step := range steps[version:] {
		if err := d.apply(ctx, step); err != nil {
			return fmt.Errorf("migration %04d %s: %w", step.Version, step.Name, err)
		}
	}
	return nil
}

// schemaVersion is the last step done; 0 in an empty database.
func (d *DB) schemaVersion(ctx context.Context, r reader) (int, error) {
	there := `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'`
	if d.engine == Postgres {
		there = `SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'schema_version'`
	}
	var n int
	if err := r.QueryRowContext(ctx, there).Scan(&n); err != nil {
		return 0, fmt.Errorf("reading the schema's version: %w", err)
	}
	if n == 0 {
		return 0, nil
	}
	if err := r.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM schema_version`).Scan(&n); err != nil {
		return 0, fmt.Errorf("reading the schema's version: %w", err)
	}
	return n, nil
}

// apply does one step, unless another process has done it meanwhile.
func (d *DB) apply(ctx context.Context, step Migration) (err error) {
	tx, err := d.wrote.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if e := tx.Rollback(); e != nil && !errors.Is(e, sql.ErrTxDone) {
			err = errors.Join(err, e)
		}
	}()
	if d.engine == Postgres {
		if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(migrationLock)); err != nil {
			return err
		}
	}
	version, err := d.schemaVersion(ctx, tx)
	if err != nil || version >= step.Version {
		return err
	}
	if _, err := tx.ExecContext(ctx, step.text); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO schema_version (version, applied) VALUES ($1, $2)`, step.Version, micros(d.now())); err != nil {
		return err
	}
	return tx.Commit()
}
