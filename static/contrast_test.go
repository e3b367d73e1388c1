package static_test

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"portico/static"
)

// A pair of tokens that stand on one another, and how far apart they must be:
// 4.5 for text, 3 for what only has to be seen (WCAG 2.2, 1.4.3 and 1.4.11).
type pair struct {
	over, under string
	least       float64
}

func pairs() []pair {
	var p []pair
	for _, ground := range []string{"paper", "panel"} {
		for _, text := range []string{"ink", "ink-2", "ink-3", "link", "success-text", "warning-text", "info-text"} {
			p = append(p, pair{text, ground, 4.5})
		}
		for _, control := range []string{"edge", "go", "go-over", "bar", "success", "warning", "info"} {
			p = append(p, pair{control, ground, 3})
		}
	}
	for _, kind := range []string{"success", "warning", "info"} {
		tint := kind + "-tint"
		p = append(p, pair{"ink", tint, 4.5}, pair{"link", tint, 4.5}, pair{kind + "-text", tint, 4.5}, pair{kind, tint, 3})
	}
	return append(p, pair{"on-go", "go", 4.5}, pair{"on-go", "go-over", 4.5}, pair{"edge", "warning-tint", 3})
}

func TestContrastInBothThemes(t *testing.T) {
	for name, tokens := range themes(t) {
		for _, p := range pairs() {
			got := contrast(luminance(t, tokens, p.over), luminance(t, tokens, p.under))
			if got < p.least {
				t.Errorf("%s: --%s on --%s has %.2f to 1, needs %.1f", name, p.over, p.under, got, p.least)
			}
		}
	}
}

func TestContrastIsMeasuredRight(t *testing.T) {
	tokens := map[string]string{"a": "#fff", "b": "#000000", "c": "#767676", "d": "var(--c)"}
	for _, c := range []struct {
		over, under string
		want        string
	}{{"a", "b", "21.00"}, {"c", "a", "4.54"}, {"a", "d", "4.54"}} {
		if got := fmt.Sprintf("%.2f", contrast(luminance(t, tokens, c.over), luminance(t, tokens, c.under))); got != c.want {
			t.Errorf("%s on %s: %s, want %s", c.over, c.under, got, c.want)
		}
	}
}

func TestBrandIsNileBlue(t *testing.T) {
	tokens := themes(t)["light"]
	if tokens["brand-500"] != "#1e499d" {
		t.Errorf("the brand is %q", tokens["brand-500"])
	}
	lighter := 1.0
	for _, shade := range []string{"50", "100", "200", "300", "400", "500", "600", "700", "800", "900"} {
		l := luminance(t, tokens, "brand-"+shade)
		if l >= lighter {
			t.Errorf("shade %s is not darker than the one before it", shade)
		}
		lighter = l
	}
}

// The fallbacks of base.css are the light theme, or an old browser would show
// other colours than a test can vouch for.
func TestBaseFallsBackToTheLightTheme(t *testing.T) {
	tokens := themes(t)["light"]
	found := regexp.MustCompile(`var\(--([a-z0-9-]+), (#[0-9a-f]{3,6})\)`).FindAllStringSubmatch(source(t, "base"), -1)
	if len(found) < 4 {
		t.Fatalf("only %d fallbacks found", len(found))
	}
	for _, m := range found {
		if want := resolve(tokens, m[1]); m[2] != want {
			t.Errorf("--%s falls back to %s, the theme says %s", m[1], m[2], want)
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

// themes reads the tokens as the light and the dark theme resolve them.
func themes(t *testing.T) map[string]map[string]string {
	t.Helper()
	light, rest, ok := strings.Cut(source(t, "tokens"), "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("tokens.css has no dark theme")
	}
	dark, _, ok := strings.Cut(rest, "@media")
	if !ok {
		t.Fatal("tokens.css has nothing for forced colours")
	}
	return map[string]map[string]string{"light": declarations(light), "dark": declarations(light + dark)}
}

func declarations(css string) map[string]string {
	tokens := map[string]string{}
	for _, m := range regexp.MustCompile(`--([a-z0-9-]+):\s*([^;]+);`).FindAllStringSubmatch(css, -1) {
		tokens[m[1]] = m[2]
	}
	return tokens
}

func resolve(tokens map[string]string, name string) string {
	v := tokens[name]
	for strings.HasPrefix(v, "var(--") {
		v = tokens[strings.TrimSuffix(strings.TrimPrefix(v, "var(--"), ")")]
	}
	return v
}

// luminance is the relative luminance of a token's colour.
func luminance(t *testing.T, tokens map[string]string, name string) float64 {
	t.Helper()
	v := strings.TrimPrefix(resolve(tokens, name), "#")
	if len(v) == 3 {
		v = string([]byte{v[0], v[0], v[1], v[1], v[2], v[2]})
	}
	n, err := strconv.ParseUint(v, 16, 32)
	if err != nil || len(v) != 6 {
		t.Fatalf("--%s is %q, not a colour this test can read", name, v)
	}
	return 0.2126*linear(n>>16) + 0.7152*linear(n>>8) + 0.0722*linear(n)
}

func linear(n uint64) float64 {
	c := float64(n&0xff) / 255
	if c <= 0.04045 {
		return c / 12.92
	}
	return math.Pow((c+0.055)/1.055, 2.4)
}

func contrast(a, b float64) float64 {
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}
