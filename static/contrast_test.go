package static_test

import (
	"fmt"
	"regexp"
	"testing"

	"portico/static"
)

func TestContrastInBothThemes(t *testing.T) {
	for name, tokens := range static.Themes() {
		for _, why := range tokens.TooClose() {
			t.Errorf("%s: %s", name, why)
		}
	}
}

func TestContrastIsMeasuredRight(t *testing.T) {
	tokens := static.Tokens{"a": "#fff", "b": "#000000", "c": "#767676", "d": "var(--c)"}
	for _, c := range []struct {
		over, under string
		want        string
	}{{"a", "b", "21.00"}, {"c", "a", "4.54"}, {"a", "d", "4.54"}} {
		if got := fmt.Sprintf("%.2f", static.Contrast(colour(t, tokens, c.over), colour(t, tokens, c.under))); got != c.want {
			t.Errorf("%s on %s: %s, want %s", c.over, c.under, got, c.want)
		}
	}
}

func TestBrandIsNileBlue(t *testing.T) {
	tokens := static.Themes()[static.Light]
	if tokens["brand-500"] != "#1e499d" {
		t.Errorf("the brand is %q", tokens["brand-500"])
	}
	black, lighter := static.Colour{}, 21.0
	for _, shade := range []string{"50", "100", "200", "300", "400", "500", "600", "700", "800", "900"} {
		l := static.Contrast(colour(t, tokens, "brand-"+shade), black)
		if l >= lighter {
			t.Errorf("shade %s is not darker than the one before it", shade)
		}
		lighter = l
	}
}

// The fallbacks of base.css are the light theme, or an old browser would show
// other colours than a test can vouch for.
func TestBaseFallsBackToTheLightTheme(t *testing.T) {
	tokens := static.Themes()[static.Light]
	found := regexp.MustCompile(`var\(--([a-z0-9-]+), (#[0-9a-f]{3,6})\)`).FindAllStringSubmatch(source(t, "base"), -1)
	if len(found) < 4 {
		t.Fatalf("only %d fallbacks found", len(found))
	}
	for _, m := range found {
		if want, ok := static.ParseColour(m[2]); !ok || want != colour(t, tokens, m[1]) {
			t.Errorf("--%s falls back to %s, the theme says %s", m[1], m[2], colour(t, tokens, m[1]))
		}
	}
}

// Only the tokens name colours, so that no colour escapes this test.
func TestColoursAreTokens(t *testing.T) {
	colour := regexp.MustCompile(`#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(|oklch\(`)
	for _, name := range []string{"reset", "layout", "components"} {
		if found := colour.FindString(source(t, name)); found != "" {
			t.Errorf("%s.css names the colour %s", name, found)
		}
	}
}

func source(t *testing.T, name string) string {
	t.Helper()
	b, err := static.Source("css/" + name + ".css")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// colour is a token's colour.
func colour(t *testing.T, tokens static.Tokens, name string) static.Colour {
	t.Helper()
	c, ok := tokens.Colour(name)
	if !ok {
		t.Fatalf("--%s is %q, not a colour this test can read", name, tokens[name])
	}
	return c
}
