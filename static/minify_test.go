package static

import (
	"strings"
	"testing"
)

func TestMinify(t *testing.T) {
	for in, want := range map[string]string{
		"a {\n  color : red ;\n}\n":                "a{color :red}",
		"a, b > c { x: 1px + 2px; }":               "a,b > c{x:1px + 2px}",
		"/* one */a/* two */{b:c}":                 "a{b:c}",
		".a :hover { b: calc(1rem - (2 * 3px)) }":  ".a :hover{b:calc(1rem - (2 * 3px))}",
		`a::before { content: "x  ;  } /* y */" }`: `a::before{content:"x  ;  } /* y */"}`,
		`a{b:"\"  {"; c:'  '}`:                     `a{b:"\"  {";c:'  '}`,
		"@media (min-width: 1rem) and (x) { a{} }": "@media (min-width:1rem) and (x){a{}}",
		"a{b:c;;}":    "a{b:c;}",
		"a{} /* open": "a{}",
		"":            "",
		`a{b:"never`:  `a{b:"never`,
	} {
		if got := string(minify([]byte(in))); got != want {
			t.Errorf("minify(%q) = %q, want %q", in, got, want)
		}
	}
}

// Shortening must not change what the sources say: without any space, source
// and result are the same but for comments and last semicolons.
func TestMinifyKeepsTheStylesheet(t *testing.T) {
	plain := func(css string) string {
		return strings.ReplaceAll(strings.Join(strings.Fields(css), ""), ";}", "}")
	}
	var source string
	for _, part := range []string{"reset", "tokens", "base", "layout", "components"} {
		source += string(read("css/" + part + ".css"))
	}
	for {
		start := strings.Index(source, "/*")
		if start < 0 {
			break
		}
		source = source[:start] + source[start+strings.Index(source[start:], "*/")+2:]
	}
	if plain(source) != plain(string(Stylesheet())) {
		t.Error("shortening changed the stylesheet")
	}
}

func TestBareScript(t *testing.T) {
	in := "// a comment\n(() => {\n  // another\n\n  const web = \"https://x\"; // stays\n})();\n"
	if got, want := string(bare([]byte(in))), "(() => {\nconst web = \"https://x\"; // stays\n})();\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
