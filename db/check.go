package db

import (
	"context"
	"errors"
	"fmt"
)

// ErrDamaged says that the database file is not whole.
var ErrDamaged = errors.New("the database is damaged: restore a backup")

// Check asks the engine whether the database is whole: all of the file's pages
// on SQLite; PostgreSQL looks after its own, so there it only has to answer.
func (d *DB) Check(ctx context.Context) error {
	if d.engine == Postgres {
		return d.Ping(ctx)
	}
	var said string
	if err := d.read.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&said); err != nil {
		return fmt.Errorf("%w (%w)", ErrDamaged, err)
	}
	if said != "ok" {
		return fmt.Errorf("%w (%s)", ErrDamaged, said)
	}
	return nil
}
