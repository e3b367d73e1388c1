package views_test

import (
	"regexp"
	"strings"
	"testing"

	"portico/static"
)

// The unlayered base colours every link and wins over the layers, so a layer
// that wants another colour for a link must hand it down as --a; "color" alone
// would draw a button's words in the colour of the button.
func TestLayersHandDownTheColourOfLinks(t *testing.T) {
	classes := map[string]bool{}
	for _, c := range samples() {
		for _, n := range all(draw(t, c), "a[class]") {
			for class := range strings.FieldsSeq(attr(n, "class")) {
				classes["."+class] = true
			}
		}
	}
	rule := regexp.MustCompile(`(?m)^\s*([^{}@/]+) \{ ([^{}]*) \}$`)
	checked := 0
	for _, name := range []string{"css/layout.css", "css/components.css"} {
		css, err := static.Source(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range rule.FindAllStringSubmatch(string(css), -1) {
			if !classes[strings.TrimSuffix(m[1], ":hover")] || !regexp.MustCompile(`(^|[ ;])color:`).MatchString(m[2]) {
				continue
			}
			checked++
			if !strings.Contains(m[2], "--a:") {
				t.Errorf("%s: %s sets color, which the base overrides on links", name, m[1])
			}
		}
	}
	if checked < 2 {
		t.Errorf("only %d rules were looked at: the test no longer reads the stylesheet", checked)
	}
}
