// Package card draws the picture that a chat shows beside a link to a page:
// the department's name, what the page is, in the department's colour.
//
// A picture is one grey plane whose shades stand between the colour of the
// ground and that of the text, so it needs no colours to be sought and stays
// small. The same card is always the same bytes. The fonts are Liberation
// Sans and Serif, which, unlike Go's own, have the letters of Yoruba, Hausa
// and Igbo and the naira sign; what they lack, such as emoji, is left out.
package card

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"github.com/go-fonts/liberation/liberationserifregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
	"golang.org/x/text/unicode/norm"
)

// The size of every picture, customary for link previews.
const (
	Width  = 1200
	Height = 630
)

const (
	form   = "1" // of all cards: raised when they are drawn in another way
	margin = 72
	inner  = Width - 2*margin
	faint  = 215 // the shade of what is not the title; 255 is the text's own
)

// Card is what a picture says.
type Card struct {
	Site   string // the department
	Above  string // a few words over the title: what it is, when
	Title  string
	Below  string // the portal's address
	Accent string // "#1e499d"; anything else is the house's own
}

// Key names the picture: cards that look different have different keys.
func (c Card) Key() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %q", form, []string{c.Site, c.Above, c.Title, c.Below, c.Accent}))
	return hex.EncodeToString(sum[:10])
}

// PNG draws the card.
func (c Card) PNG() ([]byte, error) {
	p, err := newPen()
	if err != nil {
		return nil, err
	}
	p.arch(margin, 64)
	p.line(p.serif, p.fit(p.serif, c.Site, inner-60), margin+60, 108, 255)
	bottom := Height - 64
	p.line(p.small, p.fit(p.small, c.Below, inner), margin, bottom, faint)
	p.rule(bottom - 58)
	if above := p.fit(p.small, c.Above, inner); above != "" {
		p.line(p.small, above, margin, 196, faint)
	}
	if err := p.title(c.Title, 218, bottom-58-30); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	picture := image.Paletted{Pix: p.on.Pix, Stride: p.on.Stride, Rect: p.on.Rect, Palette: shades(c.Accent)}
	if err := (&png.Encoder{CompressionLevel: png.DefaultCompression}).Encode(&b, &picture); err != nil {
		return nil, fmt.Errorf("writing a preview: %w", err)
	}
	return b.Bytes(), nil
}

// house is the brand's own colour.
var house = color.RGBA{0x1e, 0x49, 0x9d, 0xff}

// shades lead from the ground to the text, which is white or black, whichever
// is told apart better: at least 4.5 to 1 on any ground.
func shades(accent string) color.Palette {
	ground := parse(accent)
	text := color.RGBA{0xff, 0xff, 0xff, 0xff}
	if luminance(ground) > .179 { // where both are told apart equally well (WCAG 2.2, contrast ratio)
		text = color.RGBA{A: 0xff}
	}
	mix := func(a, b uint8, i int) uint8 { return uint8((int(a)*(255-i) + int(b)*i) / 255) }
	all := make(color.Palette, 256)
	for i := range all {
		all[i] = color.RGBA{mix(ground.R, text.R, i), mix(ground.G, text.G, i), mix(ground.B, text.B, i), 0xff}
	}
	return all
}

// parse reads "#1e499d".
func parse(accent string) color.RGBA {
	digits, ok := strings.CutPrefix(accent, "#")
	n, err := strconv.ParseUint(digits, 16, 24)
	if !ok || err != nil || len(digits) != 6 {
		return house
	}
	return color.RGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 0xff}
}

// luminance is how bright a colour is (WCAG 2.2, relative luminance).
func luminance(c color.RGBA) float64 {
	part := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= .04045 {
			return s / 12.92
		}
		return math.Pow((s+.055)/1.055, 2.4)
	}
	return .2126*part(c.R) + .7152*part(c.G) + .0722*part(c.B)
}

// pen writes on one grey plane.
type pen struct {
	on           *image.Gray
	bold         *sfnt.Font
	small, serif *face
}

// face is a font at a size.
type face struct {
	font.Face
	of *sfnt.Font
}

func newPen() (*pen, error) {
	p := &pen{on: image.NewGray(image.Rect(0, 0, Width, Height))}
	var err error
	if p.bold, err = sfnt.Parse(liberationsansbold.TTF); err != nil {
		return nil, fmt.Errorf("reading the font of titles: %w", err)
	}
	if p.small, err = parsed(liberationsansregular.TTF, 32); err != nil {
		return nil, err
	}
	p.serif, err = parsed(liberationserifregular.TTF, 46)
	return p, err
}

func parsed(ttf []byte, size float64) (*face, error) {
	f, err := sfnt.Parse(ttf)
	if err != nil {
		return nil, fmt.Errorf("reading a font: %w", err)
	}
	return sized(f, size)
}

func sized(f *sfnt.Font, size float64) (*face, error) {
	at, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return nil, fmt.Errorf("taking a font at %g: %w", size, err)
	}
	return &face{at, f}, nil
}

// line writes a line with its base at y.
func (p *pen) line(f *face, text string, x, y int, shade uint8) {
	d := font.Drawer{Dst: p.on, Src: image.NewUniform(color.Gray{Y: shade}), Face: f, Dot: fixed.P(x, y)}
	d.DrawString(text)
}

// title writes a text as large as it fits between two heights, and cuts it
// when even the smallest size is too large.
func (p *pen) title(text string, top, bottom int) error {
	for _, size := range []int{88, 76, 66, 58, 50} {
		f, err := sized(p.bold, float64(size))
		if err != nil {
			return err
		}
		step := size * 6 / 5
		lines, most := f.wrap(f.clean(text), inner), (bottom-top)/step
		if len(lines) > most && size > 50 {
			continue
		}
		if len(lines) > most {
			lines = lines[:most]
			lines[most-1] = f.cut(lines[most-1]+"…", inner)
		}
		for i, line := range lines {
			p.line(f, line, margin, top+size+i*step, 255)
		}
		break
	}
	return nil
}

// fit is a text in one line.
func (p *pen) fit(f *face, text string, width int) string { return f.cut(f.clean(text), width) }

// clean leaves what the font can write, in one line.
func (f *face) clean(text string) string {
	var buf sfnt.Buffer
	kept := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if g, err := f.of.GlyphIndex(&buf, r); err != nil || g == 0 || !unicode.IsGraphic(r) {
			return -1
		}
		return r
	}, norm.NFC.String(text))
	return strings.Join(strings.Fields(kept), " ")
}

func (f *face) wide(text string) int { return font.MeasureString(f, text).Ceil() }

// wrap breaks a text into lines; a word wider than a line breaks anywhere.
func (f *face) wrap(text string, width int) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		if joined := strings.TrimSpace(line + " " + word); f.wide(joined) <= width {
			line = joined
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for f.wide(word) > width {
			part := f.prefix(word, width)
			lines, word = append(lines, part), word[len(part):]
		}
		line = word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// prefix is as much of a word as a line holds, one letter at least; a letter
// keeps the marks that follow it.
func (f *face) prefix(word string, width int) string {
	end := 0
	for at := 0; at < len(word); {
		at += max(1, norm.NFC.NextBoundaryInString(word[at:], true))
		if end > 0 && f.wide(word[:at]) > width {
			break
		}
		end = at
	}
	return word[:end]
}

// cut shortens a line until it fits, with dots where it was cut.
func (f *face) cut(line string, width int) string {
	if f.wide(line) <= width {
		return line
	}
	line = strings.TrimSuffix(line, "…")
	return strings.TrimRight(f.prefix(line, width-f.wide("…")), " ,.;:") + "…"
}

// rule draws a thin line across.
func (p *pen) rule(y int) {
	draw.Draw(p.on, image.Rect(margin, y, Width-margin, y+2), image.NewUniform(color.Gray{Y: 110}), image.Point{}, draw.Src)
}

// arch draws the portal's mark, 36 by 48.
func (p *pen) arch(x, y int) {
	const round = .5523 // a quarter of a circle as a cubic curve
	z := vector.NewRasterizer(36, 48)
	at := func(x, y float32) (float32, float32) { return 2 * x, 2 * y }
	move := func(x, y float32) { z.MoveTo(at(x, y)) }
	line := func(x, y float32) { z.LineTo(at(x, y)) }
	curve := func(ax, ay, bx, by, x, y float32) {
		ax, ay = at(ax, ay)
		bx, by = at(bx, by)
		x, y = at(x, y)
		z.CubeTo(ax, ay, bx, by, x, y)
	}
	move(0, 24)
	line(0, 9)
	curve(0, 9-9*round, 9-9*round, 0, 9, 0)
	curve(9+9*round, 0, 18, 9-9*round, 18, 9)
	line(18, 24)
	line(13, 24)
	line(13, 9)
	curve(13, 9-4*round, 9+4*round, 5, 9, 5)
	curve(9-4*round, 5, 5, 9-4*round, 5, 9)
	line(5, 24)
	z.ClosePath()
	z.Draw(p.on, image.Rect(x, y, x+36, y+48), image.White, image.Point{})
}
