// Command gotest runs `go test` with the arguments it is given and says what
// matters: the closing line of each package, the whole output of what failed,
// and, in one line at the end, what was left out and how to include it.
//
// With PORTICO_TEST_ALL=1 nothing may be left out: a skipped test turns its
// package's closing line into FAIL.
package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
)

func main() { os.Exit(run(os.Args[1:], os.Getenv, os.Stdout, os.Stderr)) }

func run(args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	report := newReport(stdout, getenv("PORTICO_TEST_ALL") == "1")
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = stderr
	events, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return fail(stderr, fmt.Errorf("starting go test: %w", err))
	}
	readErr := report.Read(events)
	waitErr := cmd.Wait()
	if readErr != nil {
		return fail(stderr, fmt.Errorf("reading what go test says: %w", readErr))
	}
	return report.Close(waitErr == nil)
}

func fail(stderr io.Writer, err error) int {
	_, _ = fmt.Fprintln(stderr, "gotest:", err) // nothing is left to tell a broken stderr to
	return 1
}
