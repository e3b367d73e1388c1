package intake_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// pdf is a small PDF that readers open.
func pdf() []byte {
	return []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n" +
		"xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \n0000000105 00000 n \ntrailer<</Size 4/Root 1 0 R>>\nstartxref\n168\n%%EOF\n")
}

// parts are an archive's, by name.
type parts map[string]string

func archive(t testing.TB, all parts) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range all {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// office is a document of a main content type, with more parts.
func office(t testing.TB, main string, more parts) []byte {
	t.Helper()
	all := parts{
		"[Content_Types].xml": `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/main/document.xml" ContentType="` + main + `"/></Types>`,
		"main/document.xml":   "<document>" + strings.Repeat("Exam timetable. ", 100) + "</document>",
	}
	maps.Copy(all, more)
	return archive(t, all)
}

const (
	wordMain  = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
	excelMain = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
)

// scene is a picture on which every part can be told from every other.
func scene(wide, high int) *image.NRGBA {
	p := image.NewNRGBA(image.Rect(0, 0, wide, high))
	for y := range high {
		for x := range wide {
			c := color.NRGBA{uint8(40 + 180*x/wide), uint8(40 + 180*y/high), 60, 255}
			if x < wide/4 && y < high/2 {
				c = color.NRGBA{230, 30, 30, 255}
			}
			p.SetNRGBA(x, y, c)
		}
	}
	return p
}

// grain is a picture that hardly gets smaller by compression.
func grain(wide, high int, alpha bool) *image.NRGBA {
	r := rand.New(rand.NewPCG(1, 2))
	p := image.NewNRGBA(image.Rect(0, 0, wide, high))
	for i := range p.Pix {
		p.Pix[i] = uint8(r.Uint32())
		if i%4 == 3 && !alpha {
			p.Pix[i] = 255
		}
	}
	return p
}

func asJPEG(t testing.TB, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// moving is a GIF of two pictures, the first of which is red.
func moving(t testing.TB) []byte {
	t.Helper()
	palette := color.Palette{color.RGBA{220, 0, 0, 255}, color.RGBA{0, 0, 220, 255}}
	g := &gif.GIF{Delay: []int{10, 10}, Config: image.Config{Width: 600, Height: 300, ColorModel: palette}}
	for n := range 2 {
		p := image.NewPaletted(image.Rect(0, 0, 600, 300), palette)
		for i := range p.Pix {
			p.Pix[i] = uint8(n)
		}
		g.Image = append(g.Image, p)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exif is what a camera writes beside a picture: how it was held, and where.
func exif(held int) []byte {
	b := []byte("MM\x00*\x00\x00\x00\x08\x00\x02")
	b = append(b, 1, 0x0f, 0, 2, 0, 0, 0, 40, 0, 0, 0, 38) // Make, 40 letters at 38
	b = append(b, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, byte(held), 0, 0)
	b = append(b, 0, 0, 0, 0)
	return append(b, []byte(secretPlace)...)
}

// secretPlace must not be left in anything that is stored.
const secretPlace = "GPS 9.0765 N 7.3986 E, Camera Nr 4711    "

// withExif puts Exif into a JPEG, where cameras put it.
func withExif(file []byte, held int) []byte {
	e := append([]byte("Exif\x00\x00"), exif(held)...)
	segment := append([]byte{0xff, 0xe1, byte((len(e) + 2) >> 8), byte(len(e) + 2)}, e...)
	return append(append(append([]byte{}, file[:2]...), segment...), file[2:]...)
}

// withChunk puts a chunk into a PNG, behind its head.
func withChunk(file []byte, kind string, data []byte) []byte {
	const head = 8 + 12 + 13
	body := append([]byte(kind), data...)
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	chunk = binary.BigEndian.AppendUint32(append(chunk, body...), crc32.ChecksumIEEE(body))
	return append(append(append([]byte{}, file[:head]...), chunk...), file[head:]...)
}

// hugePNG says that it has so many dots, and holds none.
func hugePNG(wide, high uint32) []byte {
	ihdr := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), wide), high)
	ihdr = append(ihdr, 8, 2, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), ihdr...)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(ihdr))
	return append(b, 0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82)
}

// jpegHead is the head of a JPEG, with what its colours are like: only what
// the decoder would need for it is looked at.
func jpegHead(marker byte, wide, high int, fine ...byte) []byte {
	sof := []byte{8, byte(high >> 8), byte(high), byte(wide >> 8), byte(wide), byte(len(fine))}
	for n, f := range fine {
		sof = append(sof, byte(n+1), f, 0)
	}
	b := []byte{0xff, 0xd8, 0xff, marker, 0, byte(len(sof) + 2)}
	return append(append(b, sof...), 0xff, 0xda, 0, 2)
}

// between puts bytes that belong to no segment behind a JPEG's first one.
func between(file []byte, stray string) []byte {
	return slices.Concat(file[:2], []byte("\xff\xfe\x00\x02"), []byte(stray), file[2:])
}

// passes puts so many starts of a scan behind a JPEG.
func passes(file []byte, n int) []byte {
	file = bytes.TrimSuffix(file, []byte("\xff\xda\x00\x02"))
	return append(file, bytes.Repeat([]byte("\xff\xda\x00\x08\x01\x01\x00\x00\x00\x00..."), n)...)
}

// greyHead is the head of a PNG of 16 bits of grey, in passes or not.
func greyHead(wide, high uint32, inPasses byte) []byte {
	b := hugePNG(wide, high)
	b[24], b[25], b[28] = 16, 0, inPasses
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

// stored reads a sample that no program here can write.
func stored(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
