package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// project writes a module of its own and makes it the working directory.
func project(t *testing.T, tests string) {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{
		"go.mod":          "module example\n\ngo 1.26.0\n",
		"example_test.go": "package example\n\nimport \"testing\"\n\n" + tests,
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

func gotest(t *testing.T, tests string, all bool) (int, string) {
	t.Helper()
	project(t, tests)
	getenv := func(string) string { return map[bool]string{true: "1"}[all] }
	var out, errs bytes.Buffer
	code := run([]string{"./..."}, getenv, &out, &errs)
	return code, out.String() + errs.String()
}

const (
	passing  = "func TestGood(t *testing.T) { t.Log(\"quiet\") }\n"
	failing  = "func TestBad(t *testing.T) { t.Error(\"the sky fell\") }\n"
	skipping = "func TestAway(t *testing.T) { t.Skip(\"no sky here\") }\n"
	crashing = "func TestCrash(t *testing.T) { panic(\"the floor opened\") }\n"
	broken   = "func TestBroken(t *testing.T) { undefinedName() }\n"
)

func TestRun(t *testing.T) {
	tests := []struct {
		name, tests string
		all         bool
		code        int
		want        []string
	}{
		{"good", passing, false, 0, []string{"ok  \texample\t"}},
		{"bad", passing + failing, false, 1, []string{"the sky fell", "FAIL\texample\t", "\nFAIL\n"}},
		{"crash", crashing, false, 1, []string{"the floor opened", "FAIL\texample\t"}},
		{"does not compile", broken, false, 1, []string{"undefined: undefinedName", "FAIL\texample [build failed]"}},
		{"left out", passing + skipping, false, 0, []string{"ok  \texample\t", "Left out: 1 (no sky here). To include them"}},
		{"nothing may be left out", passing + skipping, true, 1, []string{"no sky here", "FAIL\texample\t1 skipped"}},
		{"nothing was left out", passing, true, 0, []string{"ok  \texample\t"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			code, out := gotest(t, test.tests, test.all)
			if code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			for _, want := range test.want {
				if !strings.Contains(out, want) {
					t.Errorf("the output lacks %q:\n%s", want, out)
				}
			}
			if strings.Contains(out, "quiet") {
				t.Errorf("the output of a passed test is shown:\n%s", out)
			}
		})
	}
}
