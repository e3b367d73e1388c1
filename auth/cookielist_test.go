package auth

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Every cookie that the code names is told to people. The rehearsal's alone is
// not: no browser gets it.
func TestEveryCookieIsTold(t *testing.T) {
	named := regexp.MustCompile(`(?m)^\s*(?:const )?[cC]ookie[A-Z]\w+\s+= "(\w+)"`)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	f := &Flow{jar: jar{}, guard: &Guard{cfg: GuardConfig{Max: time.Hour}}}
	told := map[string]time.Duration{}
	for _, c := range f.Cookies() {
		told[c.Name] = c.Life
	}
	found := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			found++
			if told[m[1]] == 0 && m[1] != cookieRehearsal {
				t.Errorf("the cookie %s of %s is not told, or stays no time", m[1], file)
			}
		}
	}
	if found != len(told)+1 {
		t.Errorf("%d cookies are told, and %d stand in the code", len(told), found)
	}
}

// The script sets its cookie for as long as is told.
func TestScriptsCookieStaysAsToldSo(t *testing.T) {
	script, err := os.ReadFile("../static/app.js")
	if err != nil || !strings.Contains(string(script), "c1_script=1; Path=/; Max-Age=3600;") || scriptFor != time.Hour {
		t.Errorf("static/app.js no longer sets c1_script for %s: %v", scriptFor, err)
	}
}
