package static

import (
	"fmt"
	"maps"
)

// An accent is one colour that a department chooses. In the light theme it is
// the colour of links, buttons and bars as it stands; in the dark one lighter
// shades of it are, made here. So a colour is fit unless it is too light to be
// read on paper or to carry white words.

// House is the accent of a department that has chosen none.
func House() Colour {
	c, _ := Themes()[Light].Colour("go") // a token: the tests read it
	return c
}

// comfort is how far links stand out in the dark; 4.5 would do.
const comfort = 6

// accent are the tokens that an accent sets, by theme.
func (c Colour) accent() map[string]Tokens {
	dark := Themes()[Dark]
	white := Colour{255, 255, 255}
	least := func(ratio float64, grounds ...string) Colour {
		return c.towards(white, func(shade Colour) bool { return dark.apart(shade, ratio, grounds...) })
	}
	over := least(3, "paper", "panel")
	link := least(comfort, "paper", "panel", "success-tint", "warning-tint", "info-tint").String()
	on, _ := dark.Colour("on-go")
	fill := over
	for step := range 256 { // as light as white words on it allow
		shade := c.mix(white, step)
		if Contrast(on, shade) < 4.5 {
			break
		}
		fill = shade
	}
	return map[string]Tokens{
		Light: {"link": c.String(), "go": c.String(), "go-over": c.mix(Colour{}, 70).String(), "bar": c.String()},
		Dark:  {"link": link, "go": fill.String(), "go-over": over.String(), "bar": link},
	}
}

// apart says whether a colour stands out from grounds.
func (t Tokens) apart(c Colour, ratio float64, grounds ...string) bool {
	for _, name := range grounds {
		if ground, ok := t.Colour(name); !ok || Contrast(c, ground) < ratio {
			return false
		}
	}
	return true
}

// mix is the colour with so many 255th parts of another.
func (c Colour) mix(other Colour, parts int) Colour {
	part := func(a, b uint8) uint8 { return uint8((int(a)*(255-parts) + int(b)*parts + 127) / 255) }
	return Colour{part(c.R, other.R), part(c.G, other.G), part(c.B, other.B)}
}

// towards is the first mix with another colour that is good.
func (c Colour) towards(other Colour, good func(Colour) bool) Colour {
	for step := range 255 {
		if shade := c.mix(other, step); good(shade) {
			return shade
		}
	}
	return other
}

// Unfit says in words what an accent would make hard to read, nothing when it
// is fit: every pair of tokens in both themes is measured.
func (c Colour) Unfit() []string {
	var bad []string
	for name, tokens := range c.accent() {
		whole := maps.Clone(Themes()[name])
		maps.Copy(whole, tokens)
		for _, why := range whole.TooClose() {
			bad = append(bad, name+": "+why)
		}
	}
	return bad
}

// Nearest is the colour itself when it is fit, else the same hue, darker by no
// more than it must be. Black is fit, so there always is one.
func (c Colour) Nearest() Colour {
	if len(c.Unfit()) == 0 {
		return c
	}
	const steps = 2048
	low, high := 0, steps // low is fit, high is not
	for high-low > 1 {
		if middle := (low + high) / 2; len(c.dimmed(float64(middle)/steps).Unfit()) == 0 {
			low = middle
		} else {
			high = middle
		}
	}
	return c.dimmed(float64(low) / steps)
}

// dimmed is the colour with a part of its light.
func (c Colour) dimmed(part float64) Colour {
	dim := func(n uint8) uint8 { return delinear(linear(n) * part) }
	return Colour{dim(c.R), dim(c.G), dim(c.B)}
}

// AccentFile is the stylesheet of an accent. It stands in the tokens' layer,
// after the house's own; a person's forced colours still win.
func AccentFile(c Colour) *File {
	set := func(t Tokens) string {
		return fmt.Sprintf(":root{--link:%s;--go:%s;--go-over:%s;--bar:%s}", t["link"], t["go"], t["go-over"], t["bar"])
	}
	shades := c.accent()
	css := "@layer tokens{" + set(shades[Light]) + "@media (prefers-color-scheme:dark){" + set(shades[Dark]) +
		"}@media (forced-colors:active){:root{--bar:CanvasText;--go:LinkText}}}"
	return build("accent.css", "text/css; charset=utf-8", []byte(css))
}

// LogoFile is a department's logo, a PNG.
func LogoFile(png []byte) *File { return build("logo.png", "image/png", png) }
