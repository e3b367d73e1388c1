package intake

import (
	"encoding/binary"
	"image"
)

// orientation is how a camera was held, as Exif counts it (CIPA DC-008, tag
// 274): 1 is upright, 2 to 4 keep width and height, 5 to 8 exchange them.
type orientation int

const upright orientation = 1

// across exchanges width and height where the picture lies on its side.
func (o orientation) across(wide, high int) (int, int) {
	if o >= 5 {
		return high, wide
	}
	return wide, high
}

// apply turns a picture upright.
func (o orientation) apply(p *image.RGBA) *image.RGBA {
	if o == upright {
		return p
	}
	w, h := p.Rect.Dx(), p.Rect.Dy()
	wide, high := o.across(w, h)
	up := image.NewRGBA(image.Rect(0, 0, wide, high))
	for y := range high {
		for x := range wide {
			fx, fy := o.from(x, y, w, h)
			copy(up.Pix[up.PixOffset(x, y):][:4], p.Pix[p.PixOffset(fx, fy):][:4])
		}
	}
	return up
}

// from is where the dot of the upright picture is found in the stored one of w
// by h dots.
func (o orientation) from(x, y, w, h int) (int, int) {
	switch o {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	case 8:
		return w - 1 - y, x
	}
	return x, y
}

// exifOrientation reads the one tag that matters of Exif, which is a small
// TIFF file. Whatever is odd counts as upright.
func exifOrientation(b []byte) orientation {
	if len(b) < 8 {
		return upright
	}
	var order binary.ByteOrder = binary.BigEndian
	if b[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(b[4:]))
	if at+2 > int64(len(b)) {
		return upright
	}
	entries := b[at+2:]
	for n := int(order.Uint16(b[at:])); n > 0 && len(entries) >= 12; n-- {
		if order.Uint16(entries) == 274 && order.Uint16(entries[2:]) == 3 {
			if o := orientation(order.Uint16(entries[8:])); o >= 1 && o <= 8 {
				return o
			}
			return upright
		}
		entries = entries[12:]
	}
	return upright
}
