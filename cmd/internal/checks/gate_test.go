package checks

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// ungated are the ways to what people read that do not pass auth/reading.
var ungated = regexp.MustCompile(`\.(LiveItems|ItemBySlug|OldSlugs)\(|[aA]udience[)\w]*\.Shown\(`)

// TestOneGate: what readers see comes from auth/reading alone.
func TestOneGate(t *testing.T) {
	top := root(t)
	found := 0
	err := filepath.WalkDir(top, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		name, err := filepath.Rel(top, path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil || !ungated.Match(text) {
			return err
		}
		found++
		if dir := filepath.ToSlash(filepath.Dir(name)); dir != "auth/reading" && !within(dir, "db") {
			t.Errorf("%s goes past the gate of auth/reading: %s", name, ungated.Find(text))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found == 0 {
		t.Error("nothing goes through the gate; this test looks for names that are gone")
	}
}
