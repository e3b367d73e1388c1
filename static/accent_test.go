package static_test

import (
	"io"
	"maps"
	"math"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"portico/static"
)

func anyColour() *rapid.Generator[static.Colour] {
	return rapid.Custom(func(t *rapid.T) static.Colour {
		part := rapid.Uint8()
		return static.Colour{R: part.Draw(t, "red"), G: part.Draw(t, "green"), B: part.Draw(t, "blue")}
	})
}

// served is what the stylesheet of an accent says, as it is served, theme by
// theme on top of the house's own tokens.
func served(c static.Colour) map[string]static.Tokens {
	f := static.AccentFile(c)
	w := httptest.NewRecorder()
	static.HandlerWith(func(string) *static.File { return f }).ServeHTTP(w, httptest.NewRequest("GET", f.Address(), nil))
	css, _ := io.ReadAll(w.Body)
	light, rest, _ := strings.Cut(string(css), "@media (prefers-color-scheme:dark)")
	dark, _, _ := strings.Cut(rest, "@media")
	themes := map[string]static.Tokens{}
	for name, text := range map[string]string{static.Light: light, static.Dark: light + dark} {
		themes[name] = maps.Clone(static.Themes()[name])
		for _, m := range regexp.MustCompile(`--([a-z-]+):([^;}]+)`).FindAllStringSubmatch(text, -1) {
			themes[name][m[1]] = m[2]
		}
	}
	return themes
}

// Whatever is chosen: what is accepted can be read everywhere, and what is
// offered instead is accepted.
func TestAccentsCanBeRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyColour().Draw(t, "colour")
		n := c.Nearest()
		if fit := len(c.Unfit()) == 0; fit != (n == c) {
			t.Fatalf("%s is fit: %t, and %s is offered", c, fit, n)
		}
		if why := n.Unfit(); len(why) > 0 {
			t.Fatalf("%s is offered for %s, and refused: %v", n, c, why)
		}
		for name, tokens := range served(n) {
			if why := tokens.TooClose(); len(why) > 0 {
				t.Fatalf("%s for %s, %s: %v", n, c, name, why)
			}
			if name == static.Light && tokens["link"] != n.String() {
				t.Fatalf("links are %s, the accent is %s", tokens["link"], n)
			}
		}
	})
}

// What is offered is of the hue asked for, and a little lighter is refused.
func TestNearestAccentIsNear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyColour().Draw(t, "colour")
		n := c.Nearest()
		if n == c {
			return
		}
		if a, b := light(c), light(n); slant(a, b) > 0.06 {
			t.Fatalf("%s is offered for %s: another hue", n, c)
		}
		lighter := func(part uint8) uint8 { return uint8(min(255, math.Ceil(float64(part)*1.03)+1)) }
		if more := (static.Colour{R: lighter(n.R), G: lighter(n.G), B: lighter(n.B)}); len(more.Unfit()) == 0 {
			t.Fatalf("%s is offered for %s, and %s would do", n, c, more)
		}
	})
}

// light is a colour's light by channel.
func light(c static.Colour) [3]float64 {
	var l [3]float64
	for i, n := range []uint8{c.R, c.G, c.B} {
		l[i] = math.Pow(float64(n)/255, 2.2)
	}
	return l
}

// slant is the sine of the angle between two colours' light.
func slant(a, b [3]float64) float64 {
	dot, x, y := 0.0, 0.0, 0.0
	for i := range a {
		dot, x, y = dot+a[i]*b[i], x+a[i]*a[i], y+b[i]*b[i]
	}
	return math.Sqrt(max(0, 1-dot*dot/(x*y)))
}

func TestAccentsThatPeopleChoose(t *testing.T) {
	for _, c := range []struct{ chosen, offered string }{
		{"#1e499d", "#1e499d"}, {"#000000", "#000000"}, {"#7a1f2b", "#7a1f2b"}, {"#0b6e4f", "#0b6e4f"},
		{"#ffd400", "#846c00"}, {"#ffffff", "#6e6e6e"}, {"#ff8800", "#aa5900"},
	} {
		chosen, ok := static.ParseColour(c.chosen)
		if got := chosen.Nearest().String(); !ok || got != c.offered {
			t.Errorf("for %s the portal offers %s, want %s", c.chosen, got, c.offered)
		}
	}
	if got := static.House().String(); got != "#1e499d" {
		t.Errorf("the house's own accent is %s", got)
	}
}

func TestColoursAreRead(t *testing.T) {
	for text, want := range map[string]string{"#ABC": "#aabbcc", "#1e499d": "#1e499d"} {
		if c, ok := static.ParseColour(text); !ok || c.String() != want {
			t.Errorf("%q is read as %s, %t", text, c, ok)
		}
	}
	for _, text := range []string{"", "1e499d", "#1e499", "#1e499dd", "#ggg", "red", "#+1e499"} {
		if c, ok := static.ParseColour(text); ok {
			t.Errorf("%q is read as %s", text, c)
		}
	}
}

// A file made while the program runs is kept for good under its own hash only.
func TestMadeFilesAreServed(t *testing.T) {
	f := static.AccentFile(static.Colour{R: 122, G: 31, B: 43})
	h := static.HandlerWith(func(name string) *static.File {
		if name == "accent.css" {
			return f
		}
		return nil
	})
	for path, want := range map[string]string{f.Address(): "public, max-age=31536000, immutable", "/static/accent-0.css": "no-store", "/static/logo-0.png": "no-store"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if got := w.Header().Get("Cache-Control"); got != want || (w.Code == 200) == strings.Contains(path, "logo") {
			t.Errorf("%s: %d, %s", path, w.Code, got)
		}
	}
}
