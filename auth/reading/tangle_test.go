package reading

import (
	"strings"
	"testing"
)

// TestTangle: what would take minutes to read is told, and shown as it was
// typed; what people write is not.
func TestTangle(t *testing.T) {
	m := NewMarkdown()
	for _, part := range []string{"[a](", "[](", "[a][", "*_", ">", "> > ", "1) ", "1. ", "- + ", "\t> - "} {
		body := "Before\n" + strings.Repeat(part, 100_000/len(part))
		if Tangle(body) == "" || !strings.HasPrefix(m.bare(body), "<p>Before\n") || strings.Contains(m.bare(body), "<blockquote>") {
			t.Errorf("%q is not told, many times in a row", part)
		}
		if named := NamedIn(body); RawHTML(body) != nil || named.Files != nil || named.Foreign != nil {
			t.Errorf("%q is read all the same, many times in a row", part)
		}
	}
	for _, body := range []string{
		"", "A line\n\n" + strings.Repeat("* ", 60) + "\n\n" + strings.Repeat("-", 3000) + "\n", strings.Repeat("> ", 12) + "quoted again and again", "1. - > a\n   - > b", "2026. A year", "-5 degrees",
		"[a form](https://forms.example/" + strings.Repeat("x", 1500) + ")", strings.Repeat("A sentence of many words. ", 4000), strings.Repeat("- a\n", 20_000),
	} {
		if tangle := Tangle(body); tangle != "" {
			t.Errorf("this cannot be read: %.60q", tangle)
		}
	}
}
