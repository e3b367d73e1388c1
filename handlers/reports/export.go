package reports

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net/url"
	"strings"

	"portico/handlers/sheet"
	"portico/views"
)

// Download is a report that is about to be sent.
type Download struct {
	Name   string // of the file
	Report string
	Filter string // as the audit notes it
	Rows   int
	desk   *Desk
	ask    *ask
	lines  []sheet.Line // of a cut that is read whole
}

// Download prepares the CSV of a report. Where a filter is wrong, the error is
// ErrFilter and the page says which.
func (d *Desk) Download(ctx context.Context, name string, q url.Values) (*Download, views.ReportModel, error) {
	a, err := d.asked(ctx, find(name), q)
	if err != nil {
		return nil, views.ReportModel{}, err
	}
	if len(a.problems) > 0 {
		return nil, a.frame(), ErrFilter
	}
	a.after, a.whole = "", true
	down := &Download{Report: name, Filter: a.told(), Name: a.file(), desk: d, ask: a}
	return down, views.ReportModel{}, down.prepare(ctx)
}

// prepare reads what is bounded, and counts what is not: the audit has to know
// how many rows leave before the first one does.
func (d *Download) prepare(ctx context.Context) error {
	a := d.ask
	if a.cut.paged() {
		for _, err := range a.cut.each(ctx, d.desk, a) {
			if err != nil {
				return err
			}
			d.Rows++
		}
		return nil
	}
	found, err := a.cut.read(ctx, d.desk, a)
	d.lines = a.lines(found.rows)
	d.Rows = len(d.lines)
	return err
}

// Write sends all rows. After an error what was sent is not whole.
func (d *Download) Write(ctx context.Context, w io.Writer, send func() error) error {
	out, err := sheet.NewCSV(w, d.ask.cut.columns, send)
	if err != nil {
		return err
	}
	for line, err := range d.all(ctx) {
		if err == nil {
			err = out.Write(line)
		}
		if err != nil {
			return fmt.Errorf("sending the report %s: %w", d.Report, err)
		}
	}
	return out.Flush()
}

// all goes through the lines to send.
func (d *Download) all(ctx context.Context) iter.Seq2[sheet.Line, error] {
	return func(yield func(sheet.Line, error) bool) {
		if !d.ask.cut.paged() {
			for _, l := range d.lines {
				if !yield(l, nil) {
					return
				}
			}
			return
		}
		for r, err := range d.ask.cut.each(ctx, d.desk, d.ask) {
			if err != nil {
				yield(sheet.Line{}, err)
				return
			}
			if !yield(d.ask.eye.Line(d.ask.cut.columns, r), nil) {
				return
			}
		}
	}
}

// file is what the download is called.
func (a *ask) file() string {
	const day = "2006-01-02"
	return a.report.name + "_" + a.period.First().Format(day) + "_" + a.period.Last().Format(day) + "_asof-" + a.now.Format("20060102T1504") + ".csv"
}

// told is what was asked for, as the audit keeps it: days and filters.
func (a *ask) told() string {
	const day = "2006-01-02"
	parts := []string{a.period.First().Format(day) + " to " + a.period.Last().Format(day)}
	for _, f := range a.filters {
		for _, o := range f.options {
			if o.On && o.Value != "" {
				parts = append(parts, strings.ToLower(f.label)+": "+o.Label)
			}
		}
	}
	return strings.Join(parts, ", ")
}
