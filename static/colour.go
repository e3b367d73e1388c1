package static

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Colour is an opaque sRGB colour.
type Colour struct{ R, G, B uint8 }

// ParseColour reads "#1e499d" or "#abc".
func ParseColour(text string) (Colour, bool) {
	v, ok := strings.CutPrefix(text, "#")
	if len(v) == 3 {
		v = string([]byte{v[0], v[0], v[1], v[1], v[2], v[2]})
	}
	n, err := strconv.ParseUint(v, 16, 32)
	if !ok || err != nil || len(v) != 6 {
		return Colour{}, false
	}
	return Colour{uint8(n >> 16), uint8(n >> 8), uint8(n)}, true
}

// String is the colour as a stylesheet writes it: "#1e499d".
func (c Colour) String() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// luminance is the relative luminance of WCAG 2.2.
func (c Colour) luminance() float64 {
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

func linear(n uint8) float64 {
	c := float64(n) / 255
	if c <= 0.04045 {
		return c / 12.92
	}
	return math.Pow((c+0.055)/1.055, 2.4)
}

// delinear is the other way round.
func delinear(l float64) uint8 {
	c := 12.92 * l
	if l > 0.0031308 {
		c = 1.055*math.Pow(l, 1/2.4) - 0.055
	}
	return uint8(math.Round(255 * min(max(c, 0), 1)))
}

// Contrast is the contrast ratio of two colours (WCAG 2.2, 1.4.3), 1 to 21.
func Contrast(a, b Colour) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// Pair is two tokens that stand on one another, and how far apart they must
// be: 4.5 for text, 3 for what only has to be seen (WCAG 2.2, 1.4.3 and 1.4.11).
type Pair struct {
	Over, Under string
	Least       float64
}

// Pairs lists all that stand on one another in the stylesheet.
func Pairs() []Pair {
	var p []Pair
	for _, ground := range []string{"paper", "panel"} {
		for _, text := range []string{"ink", "ink-2", "ink-3", "link", "success-text", "warning-text", "info-text"} {
			p = append(p, Pair{text, ground, 4.5})
		}
		for _, control := range []string{"edge", "go", "go-over", "bar", "success", "warning", "info"} {
			p = append(p, Pair{control, ground, 3})
		}
	}
	for _, kind := range []string{"success", "warning", "info"} {
		tint := kind + "-tint"
		p = append(p, Pair{"ink", tint, 4.5}, Pair{"link", tint, 4.5}, Pair{kind + "-text", tint, 4.5}, Pair{kind, tint, 3})
	}
	return append(p, Pair{"on-go", "go", 4.5}, Pair{"on-go", "go-over", 4.5}, Pair{"edge", "warning-tint", 3})
}

// Tokens are the names of a theme with their values.
type Tokens map[string]string

// Colour is a token's colour; false when it has none.
func (t Tokens) Colour(name string) (Colour, bool) {
	v := t[name]
	for strings.HasPrefix(v, "var(--") {
		v = t[strings.TrimSuffix(strings.TrimPrefix(v, "var(--"), ")")]
	}
	return ParseColour(v)
}

// TooClose lists the pairs that are not far enough apart, in words.
func (t Tokens) TooClose() []string {
	var bad []string
	for _, p := range Pairs() {
		over, ok := t.Colour(p.Over)
		under, too := t.Colour(p.Under)
		if !ok || !too {
			bad = append(bad, fmt.Sprintf("--%s is %q, --%s is %q: not two colours", p.Over, t[p.Over], p.Under, t[p.Under]))
		} else if got := Contrast(over, under); got < p.Least {
			bad = append(bad, fmt.Sprintf("--%s on --%s has %.2f to 1, needs %.1f", p.Over, p.Under, got, p.Least))
		}
	}
	return bad
}

// The names of the themes.
const (
	Light = "light"
	Dark  = "dark"
)

// Themes are the tokens as the light and the dark theme resolve them. They are
// shared: do not change them.
var Themes = sync.OnceValue(func() map[string]Tokens {
	light, rest, _ := strings.Cut(string(read("css/tokens.css")), "@media (prefers-color-scheme: dark)")
	dark, _, _ := strings.Cut(rest, "@media")
	return map[string]Tokens{Light: declarations(light), Dark: declarations(light + dark)}
})

func declarations(css string) Tokens {
	tokens := Tokens{}
	for _, m := range regexp.MustCompile(`--([a-z0-9-]+):\s*([^;}]+)`).FindAllStringSubmatch(css, -1) {
		tokens[m[1]] = strings.TrimSpace(m[2])
	}
	return tokens
}
