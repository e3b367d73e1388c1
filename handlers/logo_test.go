package handlers

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"
)

func drawnAs(t *testing.T, w, h int, at func(x, y int) color.Color) []byte {
	t.Helper()
	p := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			p.Set(x, y, at(x, y))
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// crest is a logo as departments have them: flat colours, soft edges, no ground.
func crest(t *testing.T, side int) []byte {
	t.Helper()
	return drawnAs(t, side, side, func(x, y int) color.Color {
		dx, dy := float64(2*x-side)/float64(side), float64(2*y-side)/float64(side)
		switch r := dx*dx + dy*dy; {
		case r > 1:
			return color.NRGBA{}
		case r > 0.8:
			return color.NRGBA{30, 73, 157, uint8(255 * (1 - r) / 0.2)}
		case dx > 0 != (dy > 0):
			return color.NRGBA{200, 30, 40, 255}
		}
		return color.NRGBA{250, 210, 60, 255}
	})
}

func noise(t *testing.T, w, h int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	return drawnAs(t, w, h, func(int, int) color.Color {
		return color.NRGBA{uint8(r.Uint32()), uint8(r.Uint32()), uint8(r.Uint32()), 255}
	})
}

// header is a PNG that says it is so large, and has nothing in it.
func header(w, h uint32) []byte {
	chunk := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)...)
	chunk = append(chunk, 8, 6, 0, 0, 0)
	file := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), chunk...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(chunk))
}

func TestLogoIsMadeSmall(t *testing.T) {
	var asJPEG bytes.Buffer
	picture, err := png.Decode(bytes.NewReader(noise(t, 300, 200)))
	if err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&asJPEG, picture, nil); err != nil {
		t.Fatal(err)
	}
	var p logoMaker
	for name, c := range map[string]struct {
		file       []byte
		wide, high int
	}{
		"crest": {crest(t, 800), 1, 1}, "small crest": {crest(t, 24), 1, 1}, "noise": {noise(t, 400, 400), 1, 1},
		"wide noise": {noise(t, 1000, 200), 5, 1}, "high noise": {noise(t, 200, 1000), 1, 5}, "jpeg": {asJPEG.Bytes(), 3, 2},
	} {
		small, err := p.logo(c.file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := png.DecodeConfig(bytes.NewReader(small))
		if err != nil || len(small) > maxLogo || got.Height > 80 {
			t.Errorf("%s: %d bytes, %d by %d, %v", name, len(small), got.Width, got.Height, err)
		}
		if off := got.Width*c.high - got.Height*c.wide; off > c.high || off < -c.high {
			t.Errorf("%s: %d by %d is out of shape", name, got.Width, got.Height)
		}
		t.Logf("%s: %d by %d, %d bytes", name, got.Width, got.Height, len(small))
	}
}

// What is transparent is white in the logo; colours are those of the file.
func TestLogoLooksLikeItsFile(t *testing.T) {
	var p logoMaker
	small, err := p.logo(crest(t, 800))
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(small))
	if err != nil {
		t.Fatal(err)
	}
	side := picture.Bounds().Dx()
	if side < 60 {
		t.Errorf("a flat logo is only %d dots wide", side)
	}
	for _, c := range []struct {
		x, y int
		want color.RGBA
	}{{0, 0, color.RGBA{255, 255, 255, 255}}, {side * 5 / 8, side * 3 / 8, color.RGBA{200, 30, 40, 255}}, {side * 3 / 8, side * 3 / 8, color.RGBA{250, 210, 60, 255}}} {
		r, g, b, _ := picture.At(c.x, c.y).RGBA()
		for i, got := range []uint32{r >> 8, g >> 8, b >> 8} {
			want := []uint8{c.want.R, c.want.G, c.want.B}[i]
			if d := int(got) - int(want); d > 20 || d < -20 {
				t.Errorf("at %d, %d it is %d %d %d, want %v", c.x, c.y, r>>8, g>>8, b>>8, c.want)
			}
		}
	}
}

func TestHostileLogosAreRefusedInWords(t *testing.T) {
	white := func(int, int) color.Color { return color.NRGBA{250, 250, 250, 255} }
	var p logoMaker
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"nothing":         {nil, "Choose a picture first"},
		"svg":             {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "SVG drawing"},
		"svg after xml":   {[]byte("<?xml version=\"1.0\"?>\n<!-- x -->\n<SVG/>"), "SVG drawing"},
		"html":            {[]byte("<!DOCTYPE html><p>x"), "not a PNG or JPEG"},
		"program":         {[]byte("MZ\x90\x00"), "not a PNG or JPEG"},
		"gif":             {[]byte("GIF89a\x01\x00\x01\x00"), "not a PNG or JPEG"},
		"cut short":       {crest(t, 200)[:900], "broken"},
		"only a header":   {header(100, 100), "broken"},
		"only a name":     {[]byte("\x89PNG\r\n\x1a\n"), "broken"},
		"jpeg of nothing": {[]byte("\xff\xd8\xff\xe0junk"), "broken"},
		"bomb":            {header(50_000, 50_000), "50000 dots wide"},
		"wide bomb":       {header(2_000_000_000, 1), "2000000000 dots wide"},
		"no size":         {header(0, 10), "broken"},
		"long and thin":   {drawnAs(t, 601, 100, white), "too long and thin"},
		"white":           {drawnAs(t, 100, 100, white), "cannot be seen"},
		"huge":            {bytes.Repeat([]byte{1}, maxLogoFile+1), "2.0 MB"},
	} {
		small, err := p.logo(c.file)
		poor, is := errors.AsType[poorPicture](err)
		if !is || small != nil || !strings.Contains(poor.Error(), c.want) {
			t.Errorf("%s: %d bytes, %v, want a word on %q", name, len(small), err, c.want)
		}
	}
}
