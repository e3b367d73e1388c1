package intake

import (
	"bytes"
	"encoding/binary"
	"iter"
)

// Pictures are files of parts. These readers go over them without opening the
// picture, for what the standard decoders do not tell: how it was held, and how
// much memory it takes.

// part is one part of a picture's file.
type part struct {
	kind string
	data []byte
}

// jpegParts are a JPEG's segments before its dots (ITU-T T.81, B.1).
func jpegParts(file []byte) iter.Seq[part] {
	return func(yield func(part) bool) {
		for b := file[2:]; len(b) >= 4 && b[0] == 0xff; {
			marker := b[1]
			switch {
			case marker == 0xff: // a filler
				b = b[1:]
				continue
			case marker == 0x01, marker >= 0xd0 && marker <= 0xd8: // without data
				b = b[2:]
				continue
			}
			size := int(binary.BigEndian.Uint16(b[2:]))
			if size < 2 || size+2 > len(b) || marker == 0xda || !yield(part{string([]byte{marker}), b[4 : size+2]}) {
				return
			}
			b = b[size+2:]
		}
	}
}

// pngChunks are a PNG's chunks (W3C PNG, 5.3).
func pngChunks(file []byte) iter.Seq[part] {
	return func(yield func(part) bool) {
		for b := file[min(8, len(file)):]; len(b) >= 12; {
			size := uint64(binary.BigEndian.Uint32(b))
			if size+12 > uint64(len(b)) || !yield(part{string(b[4:8]), b[8 : 8+size]}) {
				return
			}
			b = b[size+12:]
		}
	}
}

// riffChunks are a WebP's chunks (RFC 9649, section 2.3).
func riffChunks(file []byte) iter.Seq[part] {
	return func(yield func(part) bool) {
		for b := file[min(12, len(file)):]; len(b) >= 8; {
			size := uint64(binary.LittleEndian.Uint32(b[4:]))
			if size+8 > uint64(len(b)) || !yield(part{string(b[:4]), b[8 : 8+size]}) {
				return
			}
			b = b[min(size+size%2+8, uint64(len(b))):]
		}
	}
}

var exifMark = []byte("Exif\x00\x00")

// jpegOrientation is how a JPEG was held.
func jpegOrientation(file []byte) orientation {
	for p := range jpegParts(file) {
		if exif, is := bytes.CutPrefix(p.data, exifMark); is && p.kind == "\xe1" {
			return exifOrientation(exif)
		}
	}
	return upright
}

// chunkOrientation is how a PNG or WebP was held.
func chunkOrientation(file []byte, chunks func([]byte) iter.Seq[part]) orientation {
	for p := range chunks(file) {
		if p.kind == "eXIf" || p.kind == "EXIF" {
			return exifOrientation(bytes.TrimPrefix(p.data, exifMark))
		}
	}
	return upright
}

// jpegMemory is how many bytes the decoder takes for each dot: one for each
// colour, as finely as it is kept; five for each of those when the picture
// comes in several passes, all of which are held; and four more where it may be
// of four colours or of RGB, for these are copied.
func jpegMemory(file []byte) float64 {
	for p := range jpegParts(file) {
		if p.kind < "\xc0" || p.kind > "\xc2" || len(p.data) < 6 {
			continue
		}
		colours := min(int(p.data[5]), (len(p.data)-6)/3)
		most, sum := 1, 0
		for n := range colours {
			fine := int(p.data[7+3*n]>>4) * int(p.data[7+3*n]&15)
			most, sum = max(most, fine), sum+fine
		}
		each, copied := float64(sum)/float64(most), 0.0
		if each >= 3 {
			copied = 4
		}
		if p.kind == "\xc2" {
			each *= 5
		}
		return each + copied
	}
	return 8
}

// pngMemory is how many bytes the decoder takes for each dot: one for each
// colour of eight bits, four where there are several, twice that of sixteen
// bits, and twice it all when the picture comes in passes.
func pngMemory(file []byte) float64 {
	for p := range pngChunks(file) {
		if p.kind != "IHDR" || len(p.data) < 13 {
			break
		}
		each := 1.0
		if colour := p.data[9]; colour == 2 || colour == 4 || colour == 6 {
			each = 4
		}
		if p.data[8] == 16 {
			each *= 2
		}
		if p.data[12] == 1 {
			each *= 2
		}
		return each
	}
	return 16
}
