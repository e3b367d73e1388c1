package reading

import (
	"slices"
	"testing"
)

func TestRawHTML(t *testing.T) {
	for body, want := range map[string][]string{
		"a <b onclick=x>b</b> c":                         {"<b onclick=x>", "</b>"},
		"<iframe\nsrc=\"https://x.example\">\n</iframe>": {"<iframe\nsrc=\"https://x.example\">\n</iframe>"},
		"<script>\nx\n</script>\n\nafter":                {"<script>\nx\n</script>"},
		"| a |\n|---|\n| <br> |":                         {"<br>"},
		"<!-- a note -->\n\nDear <name>":                 {"<!-- a note -->", "<name>"},
		"1 < 2 > 0, \\<b>, `<b>`, <https://x.example/>, a<-b, <3, &lt;b&gt;\n\n    <b>\n\n```\n<b>\n```": nil,
	} {
		if got := RawHTML(body); !slices.Equal(got, want) {
			t.Errorf("%q\n got %q\nwant %q", body, got, want)
		}
	}
}
