// Command scale measures reports on a data set of the size they are made for:
// 20,000 people, 4.5 million sign-ins, 1.5 million reads and 200,000 webhooks
// of one year, on SQLite and, where a server is named, on PostgreSQL.
//
// A report's time says little on a shared machine. So it stands beside a plain
// "SELECT count(DISTINCT user_id) FROM sign_ins" of the same run, and the ratio
// counts. The same goes for writing: sign-ins and webhooks a second are
// measured with days being rolled up beside them and without, in turns.
//
// These are measurements, never tests: no result fails the command.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"portico/db"
	"portico/db/bulk"
)

const provider = "https://id.example"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}

// order is what the command line asks for.
type order struct {
	size     size
	postgres string
	folder   string // where the SQLite file is kept; "" for a new one that goes
	rounds   int
	writes   time.Duration
	lines    int // of the long download
}

func run(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("scale", flag.ContinueOnError)
	out := f.String("json", "scale.json", "write the results to `FILE` too")
	part := f.Float64("part", 1, "make only this part of the data set")
	o := order{}
	f.StringVar(&o.postgres, "postgres", os.Getenv("PORTICO_TEST_POSTGRES"), "`ADDRESS` of a PostgreSQL server to measure too; none leaves it out")
	f.StringVar(&o.folder, "keep", "", "keep the SQLite file in `FOLDER`, or use the one that is there")
	f.IntVar(&o.rounds, "rounds", 5, "how often each report is read")
	f.DurationVar(&o.writes, "writes", 10*time.Second, "how long each turn of writing lasts")
	f.IntVar(&o.lines, "lines", 1_000_000, "how many lines the long download has")
	engine := f.String("engine", "", "measure only `sqlite` or postgres")
	if err := f.Parse(args); err != nil {
		return err
	}
	o.size = whole.part(*part)
	r := newReport(o.size)
	for _, e := range []struct {
		engine db.Engine
		do     func(context.Context, order) (*results, error)
	}{{db.SQLite, onSQLite}, {db.Postgres, onPostgres}} {
		if *engine != "" && *engine != string(e.engine) || e.engine == db.Postgres && o.postgres == "" {
			continue
		}
		fmt.Fprintln(os.Stderr, "on", e.engine)
		measured, err := e.do(ctx, o)
		if err != nil {
			return fmt.Errorf("on %s: %w", e.engine, err)
		}
		r.Engines = append(r.Engines, measured)
	}
	r.print(os.Stdout)
	return r.save(*out)
}

func onSQLite(ctx context.Context, o order) (_ *results, err error) {
	folder := o.folder
	if folder == "" {
		if folder, err = os.MkdirTemp("", "scale-"); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	}
	file := filepath.Join(folder, "portico.db")
	_, there := os.Stat(file)
	return measureAt(ctx, o, "sqlite:"+file, there != nil)
}

func onPostgres(ctx context.Context, o order) (_ *results, err error) {
	address, drop, err := bulk.NewDatabase(ctx, o.postgres)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, drop()) }()
	return measureAt(ctx, o, address, true)
}

// measureAt makes the data set, if it is not there, and measures.
func measureAt(ctx context.Context, o order, address string, empty bool) (_ *results, err error) {
	d, err := db.Open(ctx, address, db.Options{Create: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	zone, err := time.LoadLocation("Africa/Lagos")
	if err != nil {
		return nil, err
	}
	m := &maker{size: o.size, db: d, zone: zone, now: time.Now().Truncate(time.Second)}
	if empty {
		if err := d.BindProvider(ctx, provider); err != nil {
			return nil, err
		}
		if err := m.make(ctx); err != nil {
			return nil, err
		}
	}
	return measure(ctx, o, m)
}
