package card

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// letters is what the department's people write.
const letters = "ỌọẸẹṢṣÀàÉéÍíÒòÚúǸǹŃńƁɓƊɗƘƙƳƴỊịỤụṄṅ₦–—’“”…·"

func samples() map[string]Card {
	return map[string]Card{
		"plain":   {Site: "Department of Computer Science", Above: "Announcement", Title: "Harmattan examination timetable, first draft", Below: "portal.example.edu.ng"},
		"letters": {Site: "Ẹ̀ka Ìmọ̀ Kọ̀m̀pútà", Above: "Exam · Hall Ọbafẹmi", Title: "Ọjọ́ ìdánwò: ɓarna ɗan ƙasa ƴanci ₦5,000 😀 مرحبا", Below: "portal.example.edu.ng", Accent: "#f2c14e"},
		"long":    {Site: strings.Repeat("Department of Everything ", 9), Above: strings.Repeat("Announcement ", 20), Title: strings.Repeat("a title without an end ", 60), Below: strings.Repeat("portal.", 90), Accent: "#7a1f3d"},
		"word":    {Site: "Physics", Title: strings.Repeat("Pneumonoultramicroscopicẹ̀", 30), Below: "localhost:4000", Accent: "#2f7a4d"},
		"empty":   {},
	}
}

// Every card is a picture that a chat takes: large enough, light, the same
// each time, and with nothing written over its edge.
func TestPicturesAreFitForChats(t *testing.T) {
	for name, c := range samples() {
		body, err := c.PNG()
		if err != nil {
			t.Fatal(err)
		}
		if dir := os.Getenv("PORTICO_TEST_PICTURES"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, "card-"+name+".png"), body, 0o600); err != nil {
				t.Error(err)
			}
		}
		again, _ := c.PNG()
		if !bytes.Equal(body, again) {
			t.Errorf("%s: drawn twice, it is two pictures", name)
		}
		if len(body) >= 300_000 {
			t.Errorf("%s: %d bytes", name, len(body))
		}
		picture, err := png.Decode(bytes.NewReader(body))
		if err != nil || picture.Bounds() != image.Rect(0, 0, 1200, 630) {
			t.Fatalf("%s: %v, %v", name, err, picture.Bounds())
		}
		ground := parse(c.Accent)
		for x := range Width {
			for y := range Height {
				if edge := x < margin-8 || x >= Width-margin+8 || y < 40 || y >= Height-40; edge && picture.At(x, y) != color.Color(ground) {
					t.Fatalf("%s: something is written at %d, %d", name, x, y)
				}
			}
		}
	}
}

// Cards that say something else have another name.
func TestKeysTellCardsApart(t *testing.T) {
	keys := map[string]Card{}
	for _, c := range []Card{{}, {Site: "a"}, {Above: "a"}, {Title: "a"}, {Below: "a"}, {Accent: "a"}, {Site: "a", Above: "b"}, {Site: "ab"}, {Site: `a" "b`}} {
		if other, taken := keys[c.Key()]; taken {
			t.Errorf("%+v and %+v have one key", c, other)
		}
		keys[c.Key()] = c
	}
}

// The fonts have the letters of the country, and leave out what they lack.
func TestFontsHaveTheLetters(t *testing.T) {
	p, err := newPen()
	if err != nil {
		t.Fatal(err)
	}
	bold, err := sized(p.bold, 50)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]*face{"bold": bold, "small": p.small, "serif": p.serif} {
		if got := f.clean(letters); got != letters {
			t.Errorf("%s lacks letters: %q of %q", name, got, letters)
		}
		if got := f.clean("  a\u0000b\n 😀 \u202ec "); got != "ab c" {
			t.Errorf("%s: %q is left", name, got)
		}
	}
}

// No line is wider than it may be, and breaking loses and reorders nothing.
func TestLinesFit(t *testing.T) {
	p, err := newPen()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.StringOfN(rapid.SampledFrom([]rune("abWi, "+letters+"\u0301\u0323")), 0, 120, -1)
		text := p.small.clean(words.Draw(t, "text"))
		width := rapid.IntRange(80, 600).Draw(t, "width")
		lines := p.small.wrap(text, width)
		for _, line := range lines {
			if w := p.small.wide(line); w > width {
				t.Errorf("%q is %d wide, at most %d", line, w, width)
			}
			if r := []rune(line)[0]; len(line) > 0 && unicode.Is(unicode.Mn, r) && !strings.Contains(" "+text, " "+string(r)) { // unless its word does
				t.Errorf("a mark begins the line %q", line)
			}
		}
		bare := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if got := bare(strings.Join(lines, "")); got != bare(text) {
			t.Errorf("%q became %q", text, got)
		}
		if cut := p.small.cut(text, width); p.small.wide(cut) > width || !strings.HasPrefix(norm.NFC.String(text), strings.TrimSuffix(cut, "…")) {
			t.Errorf("%q was cut to %q", text, cut)
		}
	})
}

// Text can be read on any colour that staff may choose (WCAG 2.2, 1.4.3).
func TestTextStandsOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		accent := rapid.StringMatching(`#[0-9a-f]{6}`).Draw(t, "accent")
		all := shades(accent)
		of := func(i int) float64 { return luminance(all[i].(color.RGBA)) + .05 }
		ratio := func(a, b float64) float64 { return max(a/b, b/a) }
		if r := ratio(of(0), of(255)); r < 4.5 {
			t.Errorf("%s: the title stands out by %.2f", accent, r)
		}
		if r := ratio(of(0), of(faint)); r < 3 { // large text
			t.Errorf("%s: the rest stands out by %.2f", accent, r)
		}
	})
}

func TestAccentIsReadOrTheHousesOwn(t *testing.T) {
	for accent, want := range map[string]color.RGBA{
		"#010203": {1, 2, 3, 255}, "#ABCDEF": {0xab, 0xcd, 0xef, 255}, "": house, "red": house, "#12345": house, "#1234567": house, "#+12345": house, "123456": house,
	} {
		if got := parse(accent); got != want {
			t.Errorf("%q is %v, want %v", accent, got, want)
		}
	}
}
