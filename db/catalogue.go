package db

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Faculty is a faculty of Campus One's catalogue.
type Faculty struct{ ID, Name string }

// Department is a department of Campus One's catalogue.
type Department struct{ ID, Name, FacultyID string }

// Catalogue is what ids in facts are called.
type Catalogue struct {
	Faculties   []Faculty
	Departments []Department
	At          time.Time // when it was read; zero when it never was
}

const metaCatalogue = "catalogue_at"

// SaveCatalogue replaces the catalogue.
func (d *DB) SaveCatalogue(ctx context.Context, faculties []Faculty, departments []Department, at time.Time) error {
	return d.write(ctx, Relaxed, func(t *Tx) error {
		// First of all the one row that two savers both need: the second waits here.
		if err := t.setMeta(ctx, metaCatalogue, strconv.FormatInt(micros(at), 10)); err != nil {
			return err
		}
		if err := t.replaceCatalogue(ctx, faculties, departments); err != nil {
			return fmt.Errorf("storing the catalogue: %w", err)
		}
		return t.changed(ctx, "settings", "catalogue", at)
	})
}

func (t *Tx) replaceCatalogue(ctx context.Context, faculties []Faculty, departments []Department) error {
	for _, clear := range []string{`DELETE FROM faculties`, `DELETE FROM departments`} {
		if _, err := t.ExecContext(ctx, clear); err != nil {
			return err
		}
	}
	for _, f := range faculties {
		_, err := t.ExecContext(ctx, `INSERT INTO faculties (id, name) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET name = excluded.name`, plain(f.ID), plain(f.Name))
		if err != nil {
			return err
		}
	}
	for _, p := range departments {
		_, err := t.ExecContext(ctx, `INSERT INTO departments (id, name, faculty_id) VALUES ($1, $2, $3)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, faculty_id = excluded.faculty_id`, plain(p.ID), plain(p.Name), plain(p.FacultyID))
		if err != nil {
			return err
		}
	}
	return nil
}

// Catalogue reads the catalogue, by name; an empty one when none was stored.
func (d *DB) Catalogue(ctx context.Context) (Catalogue, error) {
	var c Catalogue
	at, err := meta(ctx, d.read, metaCatalogue)
	if errors.Is(err, ErrNotFound) {
		return c, nil
	} else if err != nil {
		return c, err
	}
	n, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return c, fmt.Errorf("reading the catalogue's age: %w", err)
	}
	c.At = fromMicros(n)
	faculty := func(row scanner) (f Faculty, err error) { return f, row.Scan(&f.ID, &f.Name) }
	if c.Faculties, err = collect(ctx, d.read, faculty, `SELECT id, name FROM faculties ORDER BY name, id`); err != nil {
		return c, fmt.Errorf("reading faculties: %w", err)
	}
	department := func(row scanner) (p Department, err error) { return p, row.Scan(&p.ID, &p.Name, &p.FacultyID) }
	if c.Departments, err = collect(ctx, d.read, department, `SELECT id, name, faculty_id FROM departments ORDER BY name, id`); err != nil {
		return c, fmt.Errorf("reading departments: %w", err)
	}
	return c, nil
}
