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

// jpegParts are a JPEG's segments up to its end (ITU-T T.81, B.1). They are
// found as the standard decoder finds them, over bytes that belong to none:
// else a file could show one thing here and another there.
func jpegParts(file []byte) iter.Seq[part] {
	return func(yield func(part) bool) {
		for b := file[min(2, len(file)):]; ; {
			marker, rest, found := nextMarker(b)
			if !found || marker == 0xd9 || len(rest) < 2 {
				return
			}
			size := int(binary.BigEndian.Uint16(rest))
			if size < 2 || size > len(rest) || !yield(part{string([]byte{marker}), rest[2:size]}) {
				return
			}
			b = rest[size:]
		}
	}
}

// nextMarker is the next marker that a segment follows, or the end of the
// picture, and what is behind it. What is no marker, like the dots, is passed.
func nextMarker(b []byte) (marker byte, rest []byte, found bool) {
	for {
		at := bytes.IndexByte(b, 0xff)
		if at < 0 || at+1 >= len(b) {
			return 0, nil, false
		}
		marker, b = b[at+1], b[at+2:]
		if marker == 0 {
			continue
		}
		for marker == 0xff { // a filler
			if len(b) == 0 {
				return 0, nil, false
			}
			marker, b = b[0], b[1:]
		}
		if marker < 0xd0 || marker > 0xd7 { // those are without data
			return marker, b, true
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

// startOfScan marks a JPEG's part that dots follow.
const startOfScan = "\xda"

// jpegScans is in how many passes a JPEG comes. Each may have few bytes and
// still take a look at every dot.
func jpegScans(file []byte) (n int) {
	for p := range jpegParts(file) {
		if p.kind == startOfScan {
			n++
		}
	}
	return n
}

var exifMark = []byte("Exif\x00\x00")

// jpegOrientation is how a JPEG was held.
func jpegOrientation(file []byte) orientation {
	for p := range jpegParts(file) {
		if p.kind == startOfScan {
			break
		}
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
// What cannot be told is taken for the worst.
func jpegMemory(file []byte) float64 {
	for p := range jpegParts(file) {
		if p.kind == startOfScan {
			break
		}
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
	return 4*5 + 4
}

// pngMemory is how many bytes the decoder takes for each dot: one where dots
// are numbers in a list of colours, else four, for grey may have a transparent
// shade; twice that of sixteen bits, and twice it all when the picture comes in
// passes.
func pngMemory(file []byte) float64 {
	const listed = 3 // colour type, W3C PNG, 11.2.1
	for p := range pngChunks(file) {
		if p.kind != "IHDR" || len(p.data) < 13 {
			break
		}
		each := 4.0
		if p.data[9] == listed {
			each = 1
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
