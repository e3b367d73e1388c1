package intake_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"strings"
	"testing"

	"portico/handlers/intake"
)

// take reads one upload as the portal does.
func take(t testing.TB, name string, file []byte) (*intake.Taken, error) {
	t.Helper()
	return intake.Read(t.Context(), intake.NewTurn(), name, file)
}

// hostile are uploads that are refused, or taken as something else than their
// name says, each with a part of what people are told.
func hostile(t *testing.T) map[string]struct {
	name string
	file []byte
	says string // "" when it is taken
	kind string // as what
} {
	whole := asPNG(t, scene(240, 160))
	jpg := asJPEG(t, scene(240, 160))
	word := office(t, wordMain, nil)
	type upload = struct {
		name string
		file []byte
		says string
		kind string
	}
	return map[string]upload{
		"empty":                          {"a.pdf", nil, "This file is empty.", ""},
		"a PDF":                          {"a.pdf", pdf(), "", "application/pdf"},
		"a PDF cut off":                  {"a.pdf", pdf()[:200], "This PDF is broken or cut off.", ""},
		"HTML before a PDF":              {"a.pdf", append([]byte("<html><script>alert(1)</script>"), pdf()...), "something in front of it", ""},
		"HTML within a PDF":              {"a.pdf", bytes.Replace(pdf(), []byte("xref\n0 4"), []byte("<html><script>alert(1)</script>xref\n0 4"), 1), "", "application/pdf"},
		"HTML by the name of PDF":        {"a.pdf", []byte("<!doctype html><script>alert(1)</script>"), "Files of this kind are not taken", ""},
		"a PDF by the name of Word":      {"a.docx", pdf(), "", "application/pdf"},
		"11 MB of PDF":                   {"a.pdf", append([]byte("%PDF-1.4\n"), make([]byte, 11<<20)...), "This file has 11.0 MB. A PDF may have up to 10 MB", ""},
		"21 MB of picture":               {"a.png", append(bytes.Clone(whole), make([]byte, 21<<20)...), "A picture may have up to 20 MB", ""},
		"a Word file":                    {"a.docx", word, "", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		"an Excel file":                  {"a.xlsx", office(t, excelMain, nil), "", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		"an Excel file by another name":  {"a.docx", office(t, excelMain, nil), "", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		"a Word file cut off":            {"a.docx", word[:len(word)/2], "broken or cut off", ""},
		"a Word file with a broken part": {"a.docx", broken(word), "broken or cut off", ""},
		"macros by their type":           {"a.docm", office(t, "application/vnd.ms-word.document.macroEnabled.main+xml", nil), "holds macros", ""},
		"macros by their part":           {"a.docx", office(t, wordMain, parts{"word/vbaProject.bin": "x"}), "holds macros", ""},
		"macros of Excel":                {"a.xlsx", office(t, "application/vnd.ms-excel.sheet.macroEnabled.main+xml", nil), "holds macros", ""},
		"slides":                         {"a.pptx", office(t, "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml", nil), "neither a Word document", ""},
		"a type without its part":        {"a.docx", archive(t, parts{"[Content_Types].xml": `<Types><Override PartName="/gone.xml" ContentType="` + wordMain + `"/></Types>`}), "neither a Word document", ""},
		"a list that is no XML":          {"a.docx", archive(t, parts{"[Content_Types].xml": "<Types><"}), "broken or cut off", ""},
		"an archive":                     {"a.docx", archive(t, parts{"a.txt": "x"}), "This is an archive", ""},
		"an archive that explodes":       {"a.docx", office(t, wordMain, parts{"word/bomb.xml": strings.Repeat("\x00", 250<<20)}), "unpacks to far more", ""},
		"an archive of very many parts":  {"a.docx", office(t, wordMain, many(5000)), "unpacks to far more", ""},
		"a part with a long name":        {"a.docx", office(t, wordMain, parts{"word/" + strings.Repeat("x", 251): "x"}), "a very long name", ""},
		"an archive with a password":     {"a.docx", locked(word), "protected by a password", ""},
		"a Word file with a password":    {"a.docx", append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "....E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00...."...), "protected by a password", ""},
		"an old Word file":               {"a.doc", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...."), "old Office program", ""},
		"a program":                      {"timetable.pdf", []byte("MZ\x90\x00\x03"), "Files of this kind are not taken", ""},
		"SVG with a script":              {"a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "SVG drawing, which can hold programs", ""},
		"SVG by the name of JPEG":        {"a.jpg", []byte(`<?xml version="1.0"?><SVG onload="alert(1)"/>`), "SVG drawing, which can hold programs", ""},
		"HEIC":                           {"a.heic", stored(t, "phone.heic"), "This is a HEIC", ""},
		"HEIC by the name of JPEG":       {"a.jpg", stored(t, "phone.heic"), "This is a HEIC", ""},
		"AVIF":                           {"a.avif", stored(t, "phone.avif"), "This is a HEIC or AVIF", ""},
		"BMP":                            {"a.bmp", []byte("BM....................."), "browsers do not show", ""},
		"TIFF":                           {"a.tif", []byte("II*\x00............"), "browsers do not show", ""},
		"a JPEG":                         {"a.jpg", jpg, "", "image/jpeg"},
		"a JPEG cut off":                 {"a.jpg", jpg[:len(jpg)/2], "broken or cut off", ""},
		"a JPEG's head alone":            {"a.jpg", jpg[:20], "broken or cut off", ""},
		"a PNG cut off":                  {"a.png", whole[:len(whole)/2], "broken or cut off", ""},
		"a PNG by the name of JPEG":      {"a.jpg", whole, "", "image/jpeg"},
		"a picture behind HTML":          {"a.jpg", append([]byte("<html>"), jpg...), "Files of this kind are not taken", ""},
		"a picture before HTML":          {"a.jpg", append(bytes.Clone(jpg), "<script>alert(1)</script>"...), "", "image/jpeg"},
		"a PNG of 4,000 megapixels":      {"a.png", hugePNG(65000, 65000), "has 4225 megapixels (65000 by 65000 dots); at most 40", ""},
		"a PNG that explodes":            {"a.png", bomb(t), "has 64 megapixels", ""},
		"a JPEG of 41 megapixels":        {"a.jpg", jpegHead(0xc0, 8200, 5000, 0x22, 0x11, 0x11), "has 41 megapixels", ""},
		"a JPEG of 40 in many passes":    {"a.jpg", jpegHead(0xc2, 8000, 5000, 0x11, 0x11, 0x11), "takes very much memory", ""},
		"a JPEG of 36 in four colours":   {"a.jpg", jpegHead(0xc2, 6000, 6000, 0x11, 0x11, 0x11, 0x11), "takes very much memory", ""},
		"a JPEG with bytes between":      {"a.jpg", between(jpegHead(0xc2, 6000, 6000, 0x11, 0x11, 0x11, 0x11), "x"), "takes very much memory", ""},
		"a JPEG with half a marker":      {"a.jpg", between(jpegHead(0xc2, 6000, 6000, 0x11, 0x11, 0x11, 0x11), "\xff\x00\x00\x10"), "takes very much memory", ""},
		"a JPEG in 65 passes":            {"a.jpg", passes(jpegHead(0xc2, 3000, 2000, 0x11), 65), "saved in an unusual way", ""},
		"a JPEG in 64 passes":            {"a.jpg", passes(jpegHead(0xc2, 3000, 2000, 0x11), 64), "broken or cut off", ""}, // it was tried
		"a JPEG with a film behind it":   {"a.jpg", passes(bytes.Clone(jpg), 200), "", "image/jpeg"},
		"a grey PNG of 16 bits, in rows": {"a.png", greyHead(6400, 6200, 1), "takes very much memory", ""},
		"a grey PNG of 16 bits":          {"a.png", greyHead(6400, 6200, 0), "broken or cut off", ""}, // it was tried
		"a line":                         {"a.png", asPNG(t, scene(900, 100)), "too long and thin", ""},
		"a picture without dots":         {"a.png", hugePNG(0, 10), "broken or cut off", ""},
		"a moving GIF":                   {"a.gif", moving(t), "", "image/jpeg"},
		"a WebP":                         {"a.webp", stored(t, "lossy.webp"), "", "image/jpeg"},
		"a transparent WebP":             {"a.webp", stored(t, "transparent.webp"), "", "image/png"},
		"a moving WebP":                  {"a.webp", []byte("RIFF\x30\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x3f\x00\x00\x2f\x00\x00ANIM\x06\x00\x00\x00\xff\xff\xff\xff\x00\x00"), "This picture moves", ""},
		"a JPEG of four colours":         {"a.jpg", stored(t, "four-colours.jpg"), "", "image/jpeg"},
		"a JPEG in passes":               {"a.jpg", stored(t, "passes.jpg"), "", "image/jpeg"},
		"a PNG of 16 bits":               {"a.png", asPNG(t, deep(240, 160)), "", "image/jpeg"},
		"a grey PNG":                     {"a.png", asPNG(t, image.NewGray(image.Rect(0, 0, 50, 50))), "", "image/jpeg"},
	}
}

func TestUploads(t *testing.T) {
	for what, u := range hostile(t) {
		t.Run(what, func(t *testing.T) {
			got, err := take(t, u.name, u.file)
			if u.says != "" {
				refusal, is := err.(intake.Refusal)
				if !is || !strings.Contains(string(refusal), u.says) || got != nil {
					t.Fatalf("got %v, %v; want a refusal that says %q", got, err, u.says)
				}
				return
			}
			if err != nil || got.Type != u.kind {
				t.Fatalf("got %+v, %v; want it taken as %s", got, err, u.kind)
			}
			if !got.Picture && !bytes.Equal(got.Data[0], u.file) {
				t.Error("a document is not kept as it came")
			}
		})
	}
}

// Many parts and a long list of content types are each gone over once, not each
// for each: that would be two million names made small.
func TestTheNamesOfPartsAreReadOnce(t *testing.T) {
	all := parts{}
	for i := range 1000 {
		all[fmt.Sprintf("WORD/PART%d.XML", i)] = ""
	}
	one := `<Override PartName="/gone.xml" ContentType="` + wordMain + `"/>`
	all["[Content_Types].xml"] = "<Types>" + strings.Repeat(one, 2000) + "</Types>"
	file := archive(t, all)
	made := testing.AllocsPerRun(1, func() {
		if _, err := take(t, "a.docx", file); err == nil || !strings.Contains(err.Error(), "neither a Word document") {
			t.Error(err)
		}
	})
	if t.Logf("%.0f allocations", made); made > 300_000 {
		t.Errorf("%.0f allocations", made)
	}
}

// A name that says another kind than the bytes is told.
func TestAFalseNameIsTold(t *testing.T) {
	for name, note := range map[string]string{"a.docx": "Its name ends in .docx, but it is a PDF file. Readers get it as .pdf.", "a.pdf": "", "A.PDF": "", "a": ""} {
		if got, err := take(t, name, pdf()); err != nil || got.Note != note {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestLabels(t *testing.T) {
	for name, want := range map[string]string{
		"Exam_timetable final.pdf": "Exam timetable final", `C:\Users\f\list.docx`: "list", "../../etc/passwd": "passwd", "no ending": "no ending",
		"fdp.\u202emirror.pdf": "fdp.mirror", "a\x00b\nc.pdf": "ab c", "...pdf": "", "Ọ̀nà \xff.xlsx": "Ọ̀nà", "v1.2 list.pdf": "v1.2 list",
		strings.Repeat("ọ", 300) + ".pdf": strings.Repeat("ọ", 200),
	} {
		got, err := take(t, name, pdf())
		if err != nil || got.Label != want {
			t.Errorf("%q: label %q, want %q (%v)", name, got.Label, want, err)
		}
	}
}

// broken changes one bit of what an archive holds.
func broken(file []byte) []byte {
	b := bytes.Clone(file)
	at := bytes.Index(b, []byte("document.xml"))
	b[at+20] ^= 1
	return b
}

// locked says of an archive's parts that they have a password.
func locked(file []byte) []byte {
	b := bytes.Clone(file)
	for at := 0; ; {
		next := bytes.Index(b[at:], []byte("PK\x01\x02"))
		if next < 0 {
			return b
		}
		at += next + 4
		b[at+4] |= 1
	}
}

func many(n int) parts {
	all := parts{}
	for i := range n {
		all[strings.Repeat("x", i%50)+string(rune('a'+i%26))+strings.Repeat("y", i/50)] = ""
	}
	return all
}

// bomb is a PNG of a few kilobytes that opens to 256 MB.
func bomb(t testing.TB) []byte {
	t.Helper()
	return asPNG(t, image.NewPaletted(image.Rect(0, 0, 8000, 8000), color.Palette{color.Black, color.White}))
}

// deep is a picture of 16 bits a colour.
func deep(wide, high int) image.Image {
	p := image.NewNRGBA64(image.Rect(0, 0, wide, high))
	for y := range high {
		for x := range wide {
			p.SetNRGBA64(x, y, color.NRGBA64{uint16(x * 100), uint16(y * 100), 0x8000, 0xffff})
		}
	}
	return p
}

// What opens is never more than what was looked at: the first picture of a GIF
// is the one that is shown.
func TestOfAMovingPictureTheFirstIsKept(t *testing.T) {
	got, err := take(t, "a.gif", moving(t))
	if err != nil {
		t.Fatal(err)
	}
	if r, _, b, _ := decoded(t, got.Data[0]).At(100, 100).RGBA(); r>>8 < 200 || b>>8 > 40 {
		t.Errorf("it is %d red and %d blue", r>>8, b>>8)
	}
	if _, err := gif.Decode(bytes.NewReader(got.Data[0])); err == nil {
		t.Error("it is a GIF still")
	}
}
