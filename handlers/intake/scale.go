package intake

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	stddraw "image/draw"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"

	"portico/db"
)

const (
	mostSmall   = 60_000 // bytes of the smallest size
	goodQuality = 82
	leastGood   = 46 // below it a JPEG looks bad; the smallest size takes it if it must
	leastEver   = 22
	strip       = 32 // dots high
)

// goals are what each width should weigh; only the first is a must.
var goals = [len(widths)]int{mostSmall, 180_000, 380_000}

// shrink makes a picture so large. While it is more than twice as large it is
// halved, each dot the mean of four, so that nothing of it is passed over; the
// better kernels of x/image/draw would need many times its memory.
func shrink(p image.Image, wide, high int) *image.RGBA {
	times := 0
	for b := p.Bounds(); b.Dx()>>(times+1) >= wide && b.Dy()>>(times+1) >= high; {
		times++
	}
	if times > 0 {
		p = halved(p, times)
	}
	if done, is := p.(*image.RGBA); is && done.Rect == image.Rect(0, 0, wide, high) {
		return done
	}
	return resized(p, wide, high)
}

// halved halves a picture so many times, strip by strip: the halves between do
// not have to be held as a whole. What is no full dot at its edges is left out.
func halved(p image.Image, times int) *image.RGBA {
	b := p.Bounds()
	small := image.NewRGBA(image.Rect(0, 0, b.Dx()>>times, b.Dy()>>times))
	halves := make([]*image.RGBA, times) // those between, the smallest first; the last of them is made of p itself
	for n := range halves {
		halves[n] = image.NewRGBA(image.Rect(0, 0, small.Rect.Dx()<<n, strip<<n))
	}
	for y := 0; y < small.Rect.Dy(); y += strip {
		part := image.Rect(0, y, small.Rect.Dx(), min(y+strip, small.Rect.Dy()))
		from, source := image.Rect(0, y<<times, part.Max.X<<times, part.Max.Y<<times).Add(b.Min), p
		for n := times - 1; n >= 0; n-- {
			half := image.Rect(0, 0, part.Dx()<<n, part.Dy()<<n)
			draw.ApproxBiLinear.Scale(halves[n], half, source, from, draw.Src, nil)
			source, from = halves[n], half
		}
		stddraw.Draw(small, part, halves[0], image.Point{}, stddraw.Src)
	}
	return small
}

func resized(p image.Image, wide, high int) *image.RGBA {
	small := image.NewRGBA(image.Rect(0, 0, wide, high))
	draw.ApproxBiLinear.Scale(small, small.Rect, p, p.Bounds(), draw.Src, nil)
	return small
}

// inSizes makes all sizes of a picture: PNG if it is transparent, and small
// enough so, else JPEG.
func inSizes(p *image.RGBA) (*made, error) {
	if !p.Opaque() {
		m, err := everySize(p, "image/png", asPNG)
		if !errors.Is(err, errHeavy) {
			return m, err
		}
		p = onWhite(p)
	}
	return everySize(p, "image/jpeg", asJPEG)
}

func everySize(p *image.RGBA, mediaType string, encode func(*image.RGBA, int) ([]byte, *image.RGBA, error)) (*made, error) {
	m := &made{mediaType: mediaType}
	for n, most := range widths {
		wide, high := atWidth(p.Rect.Dx(), p.Rect.Dy(), most)
		file, kept, err := encode(shrink(p, wide, high), n)
		if err != nil {
			return nil, fmt.Errorf("writing a picture: %w", err)
		}
		m.sizes = append(m.sizes, db.Size{Width: kept.Rect.Dx(), Height: kept.Rect.Dy()})
		m.data = append(m.data, file)
		if p.Rect.Dx() <= most {
			break
		}
	}
	return m, nil
}

var errHeavy = errors.New("as PNG it is too heavy")

func asPNG(p *image.RGBA, size int) ([]byte, *image.RGBA, error) {
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	err := encoder.Encode(&b, p)
	if size == 0 && b.Len() > mostSmall {
		err = errHeavy
	}
	return b.Bytes(), p, err
}

// asJPEG takes quality away until the file is as small as its size should be.
// The smallest one is made narrower besides, if need be.
func asJPEG(p *image.RGBA, size int) ([]byte, *image.RGBA, error) {
	least := leastGood
	if size == 0 {
		least = leastEver
	}
	var b bytes.Buffer
	for quality := goodQuality; ; quality -= 12 {
		b.Reset()
		if err := jpeg.Encode(&b, p, &jpeg.Options{Quality: quality}); err != nil {
			return nil, nil, err
		}
		switch {
		case b.Len() <= goals[size], size > 0 && quality-12 < least:
			return b.Bytes(), p, nil
		case quality-12 < least:
			p, quality = shrink(p, max(1, p.Rect.Dx()*3/4), max(1, p.Rect.Dy()*3/4)), leastGood+12
		}
	}
}

// onWhite is a picture without transparency.
func onWhite(p *image.RGBA) *image.RGBA {
	flat := image.NewRGBA(p.Rect)
	stddraw.Draw(flat, flat.Rect, image.White, image.Point{}, stddraw.Src)
	stddraw.Draw(flat, flat.Rect, p, p.Rect.Min, stddraw.Over)
	return flat
}
