package db

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Term is a semester as Campus One names it, and since when the portal has
// seen it in anybody's facts.
type Term struct {
	Session, Semester string
	First             time.Time
	People            int // who have it now
}

// Terms lists the terms seen, the latest first.
func (d *DB) Terms(ctx context.Context) ([]Term, error) {
	scan := func(row scanner) (t Term, err error) {
		return t, row.Scan(&t.Session, &t.Semester, moment{&t.First}, &t.People)
	}
	all, err := collect(ctx, d.read, scan, `SELECT session, semester, first, people FROM rollup_terms ORDER BY first DESC, session DESC, semester DESC`)
	if err != nil {
		return nil, fmt.Errorf("reading the semesters: %w", err)
	}
	return all, nil
}

// SaveTerms remembers who has which term now. That a term was seen once is
// kept, with the earliest moment; a sign-in renews the as-of times of facts,
// so nothing else would tell when it began.
func (d *DB) SaveTerms(ctx context.Context, terms []Term) error {
	terms = slices.SortedFunc(slices.Values(terms), func(a, b Term) int { return strings.Compare(a.Session+" "+a.Semester, b.Session+" "+b.Semester) })
	return d.write(ctx, Relaxed, func(t *Tx) error {
		if _, err := t.ExecContext(ctx, `UPDATE rollup_terms SET people = 0`); err != nil {
			return fmt.Errorf("storing the semesters: %w", err)
		}
		for _, one := range terms {
			_, err := t.ExecContext(ctx, `INSERT INTO rollup_terms (session, semester, first, people) VALUES ($1, $2, $3, $4)
				ON CONFLICT (session, semester) DO UPDATE SET people = excluded.people, first = CASE WHEN excluded.first < rollup_terms.first THEN excluded.first ELSE rollup_terms.first END`,
				plain(one.Session), plain(one.Semester), micros(one.First), one.People)
			if err != nil {
				return fmt.Errorf("storing the semesters: %w", err)
			}
		}
		return nil
	})
}
