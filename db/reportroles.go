package db

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"
)

// RoleChangeCount counts the changes of a day from one role to another.
type RoleChangeCount struct {
	Day              Day
	From, To, Source string // "" is no role; Source as in RoleChange
	N                int
}

// DriftCount counts the repairs of a day by how they were found.
type DriftCount struct {
	Day    Day
	Source string // SourceSignIn or SourceConfirmation
	N      int
}

// DriftField counts the repairs of a field on a day.
type DriftField struct {
	Day   Day
	Field string
	N     int
}

// RolesReport is how roles changed and what no webhook had told.
type RolesReport struct {
	Cover
	Changes []RoleChangeCount
	Drift   []DriftCount
	Fields  []DriftField
}

// RolesReport counts changes and repairs by day.
func (d *DB) RolesReport(ctx context.Context, s Span) (report RolesReport, err error) {
	err = d.readSpan(ctx, s, func(f *spanReader) error {
		report.Cover = f.cover()
		changes, err := f.totals(ctx, familyRoles, nil)
		if err != nil {
			return err
		}
		for _, t := range changes {
			report.Changes = append(report.Changes, RoleChangeCount{t.day, t.a, t.b, t.c, t.n})
		}
		if report.Drift, err = f.drift(ctx); err != nil {
			return err
		}
		fields, err := f.attempts(ctx, func(kind string) bool { return kind == kindDrift })
		for _, a := range fields {
			report.Fields = append(report.Fields, DriftField{a.Day, a.Reason, a.N})
		}
		return err
	})
	return report, err
}

func (f *spanReader) drift(ctx context.Context) ([]DriftCount, error) {
	all, err := f.totals(ctx, familyDrift, nil)
	if err != nil {
		return nil, err
	}
	var out []DriftCount
	for _, t := range all {
		out = append(out, DriftCount{t.day, t.a, t.n})
	}
	return out, nil
}

// RoleLine is one change with the person whose role it is.
type RoleLine struct {
	RoleChange
	Name string
}

// RoleFilter chooses changes; empty fields match all.
type RoleFilter struct {
	From, To     string
	NoFrom, NoTo bool   // only from, or to, no role
	Source       string // SourceSignIn is both sources of a sign-in
	After        string // the mark of the last change of the page before
	Limit        int
}

// Mark is the change's place in the list.
func (l *RoleLine) Mark() string {
	return strings.Join([]string{strconv.FormatInt(micros(l.At), 10), l.UserID, l.New}, " ")
}

// after reads the mark; one that is none begins anew.
func (f *RoleFilter) after() (at time.Time, user, role string, some bool) {
	first, rest, _ := strings.Cut(f.After, " ")
	n, err := strconv.ParseInt(first, 10, 64)
	if err != nil {
		return time.Time{}, "", "", false
	}
	user, role, _ = strings.Cut(rest, " ")
	return time.UnixMicro(n), user, role, true
}

func (f *RoleFilter) clauses(s Span) *clauses {
	c := new(clauses)
	at, user, role, some := f.after()
	c.between(`c.at`, s.Begin(), upTo(s.End(), at))
	if some {
		c.placed(`c.at, c.user_id, c.new_role`, "<", micros(at), plain(user), plain(role))
	}
	if f.From != "" || f.NoFrom {
		c.add(`c.old_role = ?`, plain(f.From))
	}
	if f.To != "" || f.NoTo {
		c.add(`c.new_role = ?`, plain(f.To))
	}
	switch f.Source {
	case "":
	case SourceSignIn:
		c.add(`c.source IN (?, '`+SourceUserinfo+`')`, SourceIDToken)
	default:
		c.add(`c.source = ?`, plain(f.Source))
	}
	return c
}

// RoleLines lists single changes, the latest first. More says that another
// page follows.
func (d *DB) RoleLines(ctx context.Context, s Span, f RoleFilter) (page []RoleLine, more bool, err error) {
	const order = `c.at DESC, c.user_id DESC, c.new_role DESC`
	c := f.clauses(s)
	rows := c.page(`c.user_id, c.at, c.old_role, c.new_role, c.source`, `role_changes c`, order, f.Limit+1)
	scan := func(row scanner) (l RoleLine, err error) {
		err = row.Scan(&l.UserID, moment{&l.At}, &l.Old, &l.New, &l.Source, &l.Name)
		return l, err
	}
	all, err := collect(ctx, d.read, scan, `SELECT c.user_id, c.at, c.old_role, c.new_role, c.source, users.name
		FROM `+rows+` c JOIN users ON users.id = c.user_id ORDER BY `+order, c.args...)
	if err != nil {
		return nil, false, fmt.Errorf("reading changes of roles: %w", err)
	}
	return all[:min(len(all), f.Limit)], len(all) > f.Limit, nil
}

// EachRoleLine goes through all changes; After and Limit count for nothing.
func (d *DB) EachRoleLine(ctx context.Context, s Span, f RoleFilter) iter.Seq2[RoleLine, error] {
	f.After, f.Limit = "", pageOfAll
	return pages(func() ([]RoleLine, bool, error) {
		page, more, err := d.RoleLines(ctx, s, f)
		if len(page) > 0 {
			f.After = page[len(page)-1].Mark()
		}
		return page, more, err
	})
}

// pageOfAll is how many rows are held while going through all of them.
const pageOfAll = 1000

// pages goes through all rows page by page: no query stays open while whoever
// takes them is slow, and few rows are held.
func pages[T any](next func() (page []T, more bool, err error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for more := true; more; {
			var page []T
			var err error
			if page, more, err = next(); err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, one := range page {
				if !yield(one, nil) {
					return
				}
			}
		}
	}
}
