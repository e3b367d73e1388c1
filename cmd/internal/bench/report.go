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

// line is one result beside its budget.
type line struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Budget string  `json:"budget"`
	Kept   *bool   `json:"kept"` // nil: there is no budget for it
	Detail string  `json:"detail"`
}

// report is all that was measured.
type report struct {
	At    time.Time `json:"at"`
	Go    string    `json:"go"`
	Cores int       `json:"cores"`
	Load  string    `json:"load"` // of the machine, before the run
	Lines []line    `json:"lines"`
}

func newReport() *report {
	load, _ := os.ReadFile("/proc/loadavg") // "" where there is none
	return &report{At: time.Now().UTC().Truncate(time.Second), Go: runtime.Version(), Cores: runtime.NumCPU(), Load: string(load)}
}

func (r *report) atLeast(name string, value, budget float64, unit, detail string) {
	r.add(line{Name: name, Value: value, Unit: unit, Budget: fmt.Sprintf("at least %g", budget), Detail: detail}, value >= budget)
}

func (r *report) atMost(name string, value, budget float64, unit, detail string) {
	r.add(line{Name: name, Value: value, Unit: unit, Budget: fmt.Sprintf("at most %g", budget), Detail: detail}, value <= budget)
}

func (r *report) add(l line, kept bool) {
	l.Kept = &kept
	r.Lines = append(r.Lines, l)
}

func (r *report) print(w io.Writer) {
	fmt.Fprintf(w, "%s, %d cores, %s, load before %s\n", r.At.Format(time.DateTime), r.Cores, r.Go, r.Load)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "what\tmeasured\tbudget\tkept\tdetail")
	for _, l := range r.Lines {
		kept := "yes"
		if !*l.Kept {
			kept = "NO"
		}
		fmt.Fprintf(t, "%s\t%.2f %s\t%s\t%s\t%s\n", l.Name, l.Value, l.Unit, l.Budget, kept, l.Detail)
	}
	_ = t.Flush() // to a terminal or a file: nothing is left to do when it fails
}

func (r *report) save(path string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the results: %w", err)
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}
