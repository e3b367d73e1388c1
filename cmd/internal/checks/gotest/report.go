package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// event is one line of `go test -json` (see `go doc test2json`).
type event struct {
	Action, Package, ImportPath, Test, Output string
}

// report gathers events by package until the package ends, then prints it.
type report struct {
	out      io.Writer
	strict   bool
	packages map[string]*tests
	builds   map[string]*strings.Builder // compiler output by import path
	skipped  map[string]int              // number of tests by the reason they gave
	failed   bool
}

// tests is one package while its tests run: the output and the fate of each.
type tests struct {
	output  map[string]*strings.Builder // by test name; "" is the package's own
	failed  []string
	skipped []string
}

func newReport(out io.Writer, strict bool) *report {
	return &report{
		out: out, strict: strict,
		packages: map[string]*tests{},
		builds:   map[string]*strings.Builder{},
		skipped:  map[string]int{},
	}
}

// Read takes events until their end. A line that is no event is passed on.
func (r *report) Read(events io.Reader) error {
	lines := bufio.NewReader(events)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			r.line(line)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (r *report) line(line []byte) {
	var e event
	if !bytes.HasPrefix(line, []byte("{")) || json.Unmarshal(line, &e) != nil {
		r.printf("%s", line)
		return
	}
	switch e.Action {
	case "build-output":
		text(r.builds, e.ImportPath).WriteString(e.Output)
	case "build-fail":
		r.printf("%s", text(r.builds, e.ImportPath).String())
	default:
		r.test(e)
	}
}

func (r *report) test(e event) {
	p := r.packages[e.Package]
	if p == nil {
		p = &tests{output: map[string]*strings.Builder{}}
		r.packages[e.Package] = p
	}
	switch e.Action {
	case "output":
		text(p.output, e.Test).WriteString(e.Output)
	case "fail", "skip", "pass":
		r.ended(e, p)
	}
}

func (r *report) ended(e event, p *tests) {
	switch {
	case e.Test == "":
		r.packageEnded(e, p)
	case e.Action == "fail":
		p.failed = append(p.failed, e.Test)
	case e.Action == "skip":
		p.skipped = append(p.skipped, e.Test)
	default:
		delete(p.output, e.Test)
	}
}

// packageEnded prints what failed or, where that counts, was skipped, and last
// the line with which go test closed the package. A package without tests
// "skips"; that is no skipped test.
func (r *report) packageEnded(e event, p *tests) {
	closing := closingLine(p.output[""])
	for _, name := range p.skipped {
		r.skipped[reason(p.output[name])]++
	}
	if e.Action == "fail" {
		r.failed = true
		r.printTests(p, p.failed)
		r.printUnended(p)
		r.printf("%s", text(p.output, "").String())
	}
	if r.strict && len(p.skipped) > 0 {
		r.failed = true
		r.printTests(p, p.skipped)
		closing = fmt.Sprintf("FAIL\t%s\t%d skipped, and nothing may be left out here\n", e.Package, len(p.skipped))
	} else if e.Action == "fail" {
		closing = ""
	}
	if e.Action != "skip" {
		r.printf("%s", closing)
	}
	delete(r.packages, e.Package)
}

func (r *report) printTests(p *tests, names []string) {
	for _, name := range names {
		r.printf("%s", text(p.output, name).String())
		delete(p.output, name)
	}
}

// printUnended prints the tests that a crash or a time-out cut off.
func (r *report) printUnended(p *tests) {
	for _, name := range slices.Sorted(maps.Keys(p.output)) {
		if name != "" && !slices.Contains(p.skipped, name) {
			r.printf("%s", p.output[name].String())
		}
	}
}

// Close prints the last line and returns the exit code.
func (r *report) Close(ok bool) int {
	if r.failed || !ok {
		r.printf("FAIL\n")
		return 1
	}
	if len(r.skipped) > 0 {
		r.printf("%s\n", r.leftOut())
	}
	return 0
}

func (r *report) leftOut() string {
	var parts []string
	for _, why := range slices.Sorted(maps.Keys(r.skipped)) {
		parts = append(parts, fmt.Sprintf("%d (%s)", r.skipped[why], why))
	}
	return "Left out: " + strings.Join(parts, ", ") +
		". To include them, run .ci/run as root on Debian; it installs what is missing."
}

func (r *report) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(r.out, format, args...) // a closed terminal must not stop the tests
}

func text(in map[string]*strings.Builder, name string) *strings.Builder {
	if in[name] == nil {
		in[name] = &strings.Builder{}
	}
	return in[name]
}

// closingLine is the last line of a package's own output: "ok  	path	0.1s".
func closingLine(output *strings.Builder) string {
	if output == nil {
		return ""
	}
	lines := strings.SplitAfter(strings.TrimRight(output.String(), "\n")+"\n", "\n")
	return lines[len(lines)-2]
}

var logged = regexp.MustCompile(`(?m)^\s+\S+\.go:\d+: (.*)$`)

// reason is what a skipped test gave as its cause.
func reason(output *strings.Builder) string {
	if output == nil {
		return "no reason given"
	}
	all := logged.FindAllStringSubmatch(output.String(), -1)
	if len(all) == 0 {
		return "no reason given"
	}
	return all[len(all)-1][1]
}
