package intake

import (
	"bytes"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/webp"

	"portico/db"
)

const (
	mostDots    = 40_000_000
	mostDecoded = 330_000_000 // bytes in memory while a picture is opened
	mostSlim    = 8           // how many times as high as wide, or as wide as high
	mostScans   = 64          // passes of one picture; programs make about ten
)

// widths are those in which a picture is kept; never more than it has.
var widths = [...]int{480, 960, 1440}

// made is a picture in its sizes, the smallest first.
type made struct {
	mediaType string
	sizes     []db.Size
	data      [][]byte
}

var brokenPicture = Refusal("This picture is broken or cut off. Open it in a picture program, save it as JPEG or PNG, and choose that file.")

// remake makes an uploaded picture anew.
func remake(file []byte, f Format) (*made, error) {
	h, err := headOf(file, f)
	if err != nil {
		return nil, err
	}
	if err := h.bearable(); err != nil {
		return nil, err
	}
	largest, err := h.open(file)
	if err != nil {
		return nil, err
	}
	return inSizes(largest)
}

// head is what a picture's first bytes say, before it is opened.
type head struct {
	wide, high int
	perDot     float64 // bytes in memory for each dot while it is opened
	scans      int     // in how many passes it comes, where each is a picture's work
	turn       orientation
	decode     func([]byte) (image.Image, error)
}

func headOf(file []byte, f Format) (head, error) {
	h := head{turn: upright}
	var config image.Config
	var err error
	r := bytes.NewReader(file)
	switch f.Type {
	case "image/jpeg":
		config, err = jpeg.DecodeConfig(r)
		h.decode = func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) }
		h.perDot, h.scans, h.turn = jpegMemory(file), jpegScans(file), jpegOrientation(file)
	case "image/png":
		config, err = png.DecodeConfig(r)
		h.decode = func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) }
		h.perDot, h.turn = pngMemory(file), chunkOrientation(file, pngChunks)
	case "image/gif":
		config, err = gif.DecodeConfig(r)
		h.decode = func(b []byte) (image.Image, error) { return gif.Decode(bytes.NewReader(b)) }
		h.perDot = 1
	default:
		config, err = webp.DecodeConfig(r)
		h.decode = func(b []byte) (image.Image, error) { return webp.Decode(bytes.NewReader(b)) }
		h.perDot, h.turn = 7, chunkOrientation(file, riffChunks) // with a mask, which is read as a picture of its own
		if bytes.Contains(file[:min(len(file), 64)], []byte("ANIM")) {
			return h, refuse("This picture moves. Save it as a still picture, JPEG or PNG, and choose that file.")
		}
	}
	if err != nil || config.Width < 1 || config.Height < 1 {
		return h, brokenPicture
	}
	h.wide, h.high = config.Width, config.Height
	return h, nil
}

// bearable says whether a picture can be opened in the memory there is, and in
// a bearable time: nothing stops a decoder that is at work.
func (h head) bearable() error {
	dots := float64(h.wide) * float64(h.high)
	switch {
	case dots > mostDots:
		return refuse("This picture has %.0f megapixels (%d by %d dots); at most %d can be read. Make it smaller, 3000 dots wide is plenty, and choose that file.", dots/1e6, h.wide, h.high, mostDots/1_000_000)
	case h.wide > mostSlim*h.high, h.high > mostSlim*h.wide:
		return refuse("This picture is %d dots wide and %d high: too long and thin to be seen. Cut it to at most %d times as long as it is thin.", h.wide, h.high, mostSlim)
	case h.scans > mostScans:
		return refuse("This picture is saved in an unusual way, in very many passes. Open it in a picture program, save it as an ordinary JPEG, and choose that file.")
	case dots*h.perDot > mostDecoded:
		return refuse("This picture is saved in a way that takes very much memory to open (%d by %d dots). Make it smaller, 3000 dots wide is plenty, and choose that file.", h.wide, h.high)
	}
	return nil
}

// open is the picture upright, in the largest of the sizes.
func (h head) open(file []byte) (*image.RGBA, error) {
	whole, err := h.decode(file)
	if err != nil {
		return nil, brokenPicture
	}
	b := whole.Bounds()
	if b.Dx() < 1 || b.Dy() < 1 || b.Dx() > h.wide || b.Dy() > h.high {
		return nil, brokenPicture // of a moving one the first part may be smaller, never larger
	}
	wide, high := h.turn.across(b.Dx(), b.Dy())
	wide, high = atWidth(wide, high, widths[len(widths)-1])
	wide, high = h.turn.across(wide, high)
	return h.turn.apply(shrink(whole, wide, high)), nil
}

// atWidth is the size of a picture that is made at most so wide.
func atWidth(wide, high, most int) (int, int) {
	if wide <= most {
		return wide, high
	}
	return most, max(1, (high*most+wide/2)/wide)
}
