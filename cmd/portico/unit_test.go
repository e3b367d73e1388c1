package main

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// init writes the very unit that is shipped in deploy.
func TestUnit(t *testing.T) {
	got, err := unitText("/usr/local/bin/portico", systemFolder+"/"+envFileName)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("../../deploy/portico.service")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the unit differs from deploy/portico.service (-want +got):\n%s", diff)
	}
}

func TestUnitRefusesPaths(t *testing.T) {
	for _, path := range []string{"/opt/my portico", "/opt/%h/portico", "/opt/x\nExecStartPre=/bin/sh"} {
		if text, err := unitText(path, "/etc/portico.env"); err == nil {
			t.Errorf("%q gave %s", path, text)
		}
	}
}

// TestShown keeps what comes from elsewhere from moving a terminal's cursor
// or breaking a table.
func TestShown(t *testing.T) {
	for text, want := range map[string]string{
		"Amina Yusuf":               "Amina Yusuf",
		"Ọbí":                       "Ọbí",
		"":                          "-",
		" \n":                       "-",
		"a\tb\nc\r":                 "a b c",
		"\x1b[2Jgone":               "\uFFFD[2Jgone",
		"abc\u202Edcba":             "abc\uFFFDdcba",
		"\u009b31mred":              "\uFFFD31mred",
		"nul\x00":                   "nul\uFFFD",
		"\xff":                      "\uFFFD",
		"line\u2028break\u00a0wide": "line break wide",
	} {
		if got := shown(text); got != want {
			t.Errorf("%q is printed as %q, want %q", text, got, want)
		}
	}
}
