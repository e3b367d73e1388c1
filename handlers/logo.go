package handlers

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"portico/static"
)

const (
	maxLogoFile = 2 << 20 // bytes
	maxLogoDots = 6 << 20 // 48 MB while it is read, at the worst
	maxLogoSlim = 5       // how many times as wide as high, or as high as wide
	maxLogo     = 720     // bytes of what pages show: a first visit has 14 kB for all
)

// logoMaker reads one uploaded picture at a time, so that several do not take
// the memory of all.
type logoMaker struct{ one sync.Mutex }

// poorPicture says to people what is wrong with an uploaded picture.
type poorPicture string

func (p poorPicture) Error() string { return string(p) }

// logo makes the small PNG that stands on pages of an uploaded file. Nothing
// of the file itself is kept but what it looks like on white.
func (p *logoMaker) logo(file []byte) ([]byte, error) {
	if err := logoFit(file); err != nil {
		return nil, err
	}
	p.one.Lock()
	defer p.one.Unlock()
	picture, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, poorPicture("This picture is broken. Open it in a picture program, save it again, and choose that file.")
	}
	flat := onWhite(picture)
	if !seen(flat) {
		return nil, poorPicture("On white this picture cannot be seen. Choose one with darker parts.")
	}
	return smallLogo(flat)
}

// logoFit looks at a file before it is decoded: a few bytes can hold more
// pixels than there is memory.
func logoFit(file []byte) error {
	switch {
	case len(file) == 0:
		return poorPicture("Choose a picture first.")
	case len(file) > maxLogoFile:
		return poorPicture(fmt.Sprintf("This file has %.1f MB. Choose one of up to %d MB.", float64(len(file))/(1<<20), maxLogoFile>>20))
	}
	var read func([]byte) (image.Config, error)
	switch kind := http.DetectContentType(file); {
	case kind == "image/png":
		read = func(b []byte) (image.Config, error) { return png.DecodeConfig(bytes.NewReader(b)) }
	case kind == "image/jpeg":
		read = func(b []byte) (image.Config, error) { return jpeg.DecodeConfig(bytes.NewReader(b)) }
	case looksLikeSVG(file):
		return poorPicture("This is an SVG drawing, which can hold programs. Save it as PNG and choose that file.")
	default:
		return poorPicture("This is not a PNG or JPEG, whatever its name says. Save the logo as PNG and choose that file.")
	}
	c, err := read(file)
	switch {
	case err != nil || c.Width < 1 || c.Height < 1:
		return poorPicture("This picture is broken. Open it in a picture program, save it again, and choose that file.")
	case c.Width > maxLogoDots/c.Height:
		return poorPicture(fmt.Sprintf("This picture is %d dots wide and %d high. Make it smaller: 1000 each way is plenty.", c.Width, c.Height))
	case c.Width > maxLogoSlim*c.Height || c.Height > maxLogoSlim*c.Width:
		return poorPicture(fmt.Sprintf("This picture is %d dots wide and %d high: too long and thin to be seen. Cut it to at most %d times as long as it is thin.", c.Width, c.Height, maxLogoSlim))
	}
	return nil
}

func looksLikeSVG(file []byte) bool {
	return strings.Contains(strings.ToLower(string(file[:min(len(file), 1024)])), "<svg")
}

// onWhite is a picture without transparency.
func onWhite(p image.Image) *image.RGBA {
	flat := image.NewRGBA(image.Rect(0, 0, p.Bounds().Dx(), p.Bounds().Dy()))
	draw.Draw(flat, flat.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(flat, flat.Rect, p, p.Bounds().Min, draw.Over)
	return flat
}

// seen says whether anything of a picture stands out from white.
func seen(p *image.RGBA) bool {
	white := static.Colour{R: 255, G: 255, B: 255}
	for i := 0; i < len(p.Pix); i += 4 {
		if static.Contrast(static.Colour{R: p.Pix[i], G: p.Pix[i+1], B: p.Pix[i+2]}, white) >= 1.5 {
			return true
		}
	}
	return false
}

// smallLogo tries sizes and numbers of colours, the finest first, until the
// file is small enough for every page.
func smallLogo(p *image.RGBA) ([]byte, error) {
	for _, high := range []int{80, 60, 40, 28, 20, 12} {
		for _, fine := range []struct{ bits, colours int }{{8, 256}, {5, 256}, {5, 16}, {4, 16}} {
			file, err := encodeLogo(coarse(scaled(p, high), fine.bits), fine.colours)
			if err != nil || len(file) <= maxLogo {
				return file, err
			}
		}
	}
	return nil, errors.New("no size of this picture is small enough")
}

// scaled is a picture made so high, never larger, each dot the mean of those
// it stands for.
func scaled(p *image.RGBA, high int) *image.RGBA {
	w, h := p.Rect.Dx(), p.Rect.Dy()
	high = min(high, h)
	wide := max(1, (w*high+h/2)/h)
	small := image.NewRGBA(image.Rect(0, 0, wide, high))
	for y := range high {
		for x := range wide {
			small.SetRGBA(x, y, mean(p, image.Rect(x*w/wide, y*h/high, max(x*w/wide+1, (x+1)*w/wide), max(y*h/high+1, (y+1)*h/high))))
		}
	}
	return small
}

func mean(p *image.RGBA, part image.Rectangle) color.RGBA {
	var sum [3]int
	for y := part.Min.Y; y < part.Max.Y; y++ {
		row := p.Pix[p.PixOffset(part.Min.X, y):p.PixOffset(part.Max.X, y)]
		for i := 0; i < len(row); i += 4 {
			sum[0], sum[1], sum[2] = sum[0]+int(row[i]), sum[1]+int(row[i+1]), sum[2]+int(row[i+2])
		}
	}
	n := part.Dx() * part.Dy()
	return color.RGBA{uint8(sum[0] / n), uint8(sum[1] / n), uint8(sum[2] / n), 255}
}

// coarse keeps so many bits of each colour, white white and black black.
func coarse(p *image.RGBA, bits int) *image.RGBA {
	most := 1<<bits - 1
	for i := range p.Pix {
		p.Pix[i] = uint8((int(p.Pix[i])*most + 127) / 255 * 255 / most)
	}
	return p
}

// encodeLogo writes a picture as PNG with at most so many colours: those that
// are met most, which stand for the others that are nearest to them.
func encodeLogo(p *image.RGBA, colours int) ([]byte, error) {
	met := map[color.RGBA]int{}
	for i := 0; i < len(p.Pix); i += 4 {
		met[color.RGBA{p.Pix[i], p.Pix[i+1], p.Pix[i+2], 255}]++
	}
	most := slices.SortedFunc(maps.Keys(met), func(a, b color.RGBA) int {
		return cmp.Or(met[b]-met[a], int(b.R)-int(a.R), int(b.G)-int(a.G), int(b.B)-int(a.B))
	})
	var palette color.Palette
	for _, c := range most[:min(len(most), colours)] {
		palette = append(palette, c)
	}
	picture := image.NewPaletted(p.Rect, palette)
	draw.Draw(picture, p.Rect, p, image.Point{}, draw.Src)
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&b, picture); err != nil {
		return nil, fmt.Errorf("encoding the logo: %w", err)
	}
	return b.Bytes(), nil
}
