package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"time"

	"portico/auth"
	"portico/auth/reading"
	"portico/db"
	"portico/db/bulk"
	"portico/handlers/reports"
	"portico/views"
)

// tables are counted, so that each report can say how many rows are behind it.
var tables = []string{"sign_ins", "reads", "deliveries", "counts", "audit", "role_changes", "users", "items"}

// nameless names no faculties and departments.
type nameless struct{}

// Faculty implements auth.Names.
func (nameless) Faculty(id string) string { return id }

// Department implements auth.Names.
func (nameless) Department(id string) string { return id }

// results are what was measured on one engine.
type results struct {
	Engine  db.Engine      `json:"engine"`
	Rows    map[string]int `json:"rows"`
	Plain   float64        `json:"plain_ms"` // of the plain count, the middle of all rounds
	RollUp  float64        `json:"roll_up_ms"`
	Days    int            `json:"days"` // rolled up in that time
	Today   float64        `json:"roll_up_today_ms"`
	Match   float64        `json:"match_ms"`
	Reports []line         `json:"reports"`
	Writes  []writing      `json:"writes"`
	Stream  streaming      `json:"stream"`
}

// line is one report.
type line struct {
	Name   string  `json:"name"`
	Behind int     `json:"rows_behind"`
	Took   float64 `json:"ms"`
	Ratio  float64 `json:"ratio"`
	took   []float64
}

// asking reads one report; behind are the tables its figures are counted from.
type asking struct {
	name   string
	behind []string
	read   func(context.Context) error
}

func measure(ctx context.Context, o order, m *maker) (*results, error) {
	r := &results{Engine: m.db.Engine(), Rows: map[string]int{}}
	var err error
	for _, t := range tables {
		if r.Rows[t], err = bulk.Rows(ctx, m.db, t); err != nil {
			return nil, err
		}
	}
	if err := r.rollUp(ctx, m); err != nil {
		return nil, err
	}
	if err := r.read(ctx, o, m); err != nil {
		return nil, err
	}
	if r.Writes, err = writes(ctx, o, m); err != nil {
		return nil, err
	}
	r.Stream, err = stream(ctx, o, m)
	return r, err
}

// rollUp counts all days, and then today once more.
func (r *results) rollUp(ctx context.Context, m *maker) error {
	rest := func(ctx context.Context) error { r.Days++; return ctx.Err() }
	var err error
	if r.RollUp, err = timed(func() error { return m.db.RollUp(ctx, m.zone, m.now, rest) }); err != nil {
		return err
	}
	if r.Today, err = timed(func() error { return m.db.RollUp(ctx, m.zone, time.Now(), func(context.Context) error { return nil }) }); err != nil {
		return err
	}
	if r.Match, err = timed(func() error { return auth.MatchAll(ctx, m.db, nameless{}, m.now) }); err != nil {
		return err
	}
	return bulk.Settle(ctx, m.db)
}

func timed(do func() error) (ms float64, err error) {
	began := time.Now()
	err = do()
	return float64(time.Since(began).Microseconds()) / 1000, err
}

// read takes turns: the plain count, then every report, and again.
func (r *results) read(ctx context.Context, o order, m *maker) error {
	all := askings(m)
	lines := make([]line, len(all))
	var plain []float64
	for range o.rounds {
		took, err := timed(func() error { _, err := bulk.DistinctPeople(ctx, m.db); return err })
		if err != nil {
			return err
		}
		plain = append(plain, took)
		fmt.Fprintf(os.Stderr, "  plain count: %.0f ms\n", took)
		for i, a := range all {
			took, err := timed(func() error { return a.read(ctx) })
			if err != nil {
				return fmt.Errorf("%s: %w", a.name, err)
			}
			lines[i].took = append(lines[i].took, took)
		}
	}
	r.Plain = middle(plain)
	for i, a := range all {
		lines[i].Name, lines[i].Took = a.name, middle(lines[i].took)
		lines[i].Ratio = lines[i].Took / r.Plain
		for _, t := range a.behind {
			lines[i].Behind += r.Rows[t]
		}
	}
	r.Reports = lines
	return nil
}

func middle(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// askings are the queries behind all reports and the pages made of them, over
// the year.
func askings(m *maker) []asking {
	d, year := m.db, db.Span{First: db.DayOf(m.start(), m.zone), Last: db.DayOf(m.now, m.zone), Zone: m.zone}
	month := db.Span{First: year.Last - 30, Last: year.Last, Zone: m.zone}
	all := []asking{
		{"overview", tables, func(ctx context.Context) error { _, err := d.Overview(ctx, year, db.PeopleFilter{}); return err }},
		{"sign-ins by day", []string{"sign_ins", "counts"}, func(ctx context.Context) error { _, err := d.SignInsReport(ctx, year); return err }},
		{"sign-ins by hour, 31 days", []string{"sign_ins", "counts"}, func(ctx context.Context) error { _, _, err := d.SignInHours(ctx, month); return err }},
		{"people", []string{"sign_ins", "users"}, func(ctx context.Context) error { _, err := d.PeopleReport(ctx, year, db.PeopleFilter{}); return err }},
		{"reach", []string{"reads", "items"}, func(ctx context.Context) error {
			_, err := d.ReachReport(ctx, year, time.Now(), db.Announcement, db.EventItem)
			return err
		}},
		{"roles", []string{"role_changes", "audit", "counts"}, func(ctx context.Context) error { _, err := d.RolesReport(ctx, year); return err }},
		{"single changes of roles, a page", []string{"role_changes"}, func(ctx context.Context) error {
			_, _, err := d.RoleLines(ctx, year, db.RoleFilter{Limit: 20})
			return err
		}},
		{"webhooks", []string{"deliveries", "counts", "audit"}, func(ctx context.Context) error { _, err := d.WebhooksReport(ctx, year); return err }},
		{"audit", []string{"audit"}, func(ctx context.Context) error { _, _, err := d.AuditReport(ctx, year); return err }},
		{"audit by actor", []string{"audit"}, func(ctx context.Context) error { _, err := d.AuditActors(ctx, year); return err }},
	}
	for _, by := range []string{db.ByName, db.ByDays, db.ByLast, db.ByRole} {
		all = append(all, asking{"persons by " + by + ", a page", []string{"sign_ins", "users"}, func(ctx context.Context) error {
			_, _, err := d.ActivePeople(ctx, year, db.PeopleFilter{}, db.PersonOrder{By: by, Limit: 20})
			return err
		}})
	}
	return append(all, pages(m, year)...)
}

func noSettings() *reading.Settings { return new(reading.Settings) }

// pages are the pages that staff open, drawn and written, for whoever sees
// exact figures.
func pages(m *maker, year db.Span) []asking {
	desk := func() *reports.Desk {
		return &reports.Desk{DB: m.db, Names: nameless{}, Settings: noSettings(), Now: time.Now().In(m.zone), Exact: true}
	}
	period := "period=custom&from=" + year.First.String() + "&to=" + year.Last.String()
	all := []asking{{"page: overview", tables, func(ctx context.Context) error {
		q, _ := url.ParseQuery(period)
		model, err := desk().Overview(ctx, q)
		if err != nil {
			return err
		}
		return views.Reports(views.Page{}, model).Render(ctx, io.Discard)
	}}}
	for _, p := range []struct {
		name, query string
		behind      []string
	}{
		{"sign-ins", "", []string{"sign_ins", "counts"}}, {"people", "", []string{"sign_ins", "users"}}, {"people", "&by=person&sort=name", []string{"sign_ins", "users"}}, {"reach", "", []string{"reads", "items"}},
		{"roles", "", []string{"role_changes", "audit", "counts"}}, {"webhooks", "", []string{"deliveries", "counts", "audit"}}, {"audit", "", []string{"audit"}}, {"audit", "&by=entry", []string{"audit"}},
	} {
		all = append(all, asking{"page: " + p.name + p.query, p.behind, func(ctx context.Context) error {
			q, err := url.ParseQuery(period + p.query)
			if err != nil {
				return err
			}
			model, err := desk().Page(ctx, p.name, q)
			if err != nil {
				return err
			}
			return views.Report(views.Page{}, model).Render(ctx, io.Discard)
		}})
	}
	return all
}
