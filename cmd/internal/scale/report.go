package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"text/tabwriter"
	"time"
)

// budget is the part of a plain count that a report may take.
const budget = 0.15

// report is all that was measured.
type report struct {
	At      time.Time  `json:"at"`
	Go      string     `json:"go"`
	Cores   int        `json:"cores"`
	Load    string     `json:"load"` // of the machine, before the run
	Size    size       `json:"size"`
	Engines []*results `json:"engines"`
}

func newReport(s size) *report {
	load, _ := os.ReadFile("/proc/loadavg") // "" where there is none
	return &report{At: time.Now().UTC().Truncate(time.Second), Go: runtime.Version(), Cores: runtime.NumCPU(), Load: string(load), Size: s}
}

func (r *report) print(w io.Writer) {
	fmt.Fprintf(w, "%s, %d cores, %s, load before %s", r.At.Format(time.DateTime), r.Cores, r.Go, r.Load)
	for _, e := range r.Engines {
		e.print(w)
	}
}

func (r *results) print(w io.Writer) {
	fmt.Fprintf(w, "\n%s: the plain count over %d sign-ins takes %.0f ms; a report may take %.0f ms\n", r.Engine, r.Rows["sign_ins"], r.Plain, r.Plain*budget)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "report, over the year\trows behind it\tms\tratio\tkept")
	for _, l := range r.Reports {
		kept := "yes"
		if l.Ratio > budget {
			kept = "NO"
		}
		fmt.Fprintf(t, "%s\t%d\t%.1f\t%.3f\t%s\n", l.Name, l.Behind, l.Took, l.Ratio, kept)
	}
	_ = t.Flush() // to a terminal or a file: nothing is left to do when it fails
	fmt.Fprintf(w, "rolling up %d days and items: %.1f s; today once more: %.0f ms; for whom all items are: %.0f ms\n", r.Days, r.RollUp/1000, r.Today, r.Match)
	for _, one := range r.Writes {
		fmt.Fprintf(w, "%s a second: %.0f alone, %.0f beside the roll-ups, ratio %.2f\n", one.What, one.Alone, one.Beside, one.Ratio)
	}
	fmt.Fprintf(w, "a CSV of %d rows, %d MB: %.1f s; heap in its first 8 MB %.1f MB, at most %.1f MB; resident memory + %.1f MB\n", r.Stream.Rows, r.Stream.Bytes>>20, r.Stream.Took/1000, r.Stream.Early, r.Stream.HeapMost, r.Stream.Resident)
}

func (r *report) save(path string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the results: %w", err)
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}
