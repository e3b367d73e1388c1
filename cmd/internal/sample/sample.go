// Package sample makes the files and pictures that the demo and the journeys
// attach to what a department publishes: small, whole, and made by code.
package sample

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"strings"
)

// PDF is one page of lines, the first of them large (ISO 32000-1, annex H.2).
// It takes letters of ASCII.
func PDF(lines ...string) []byte {
	var text strings.Builder
	for n, line := range lines {
		size, down := 12, 20
		if n == 0 {
			size, down = 22, 0
		}
		fmt.Fprintf(&text, "/F %d Tf 0 %d Td (%s) Tj\n", size, -down, strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(line))
	}
	stream := "BT 60 770 Td\n" + text.String() + "ET"
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
		fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(stream), stream), "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var table strings.Builder
	table.WriteString(fmt.Sprintf("xref\n0 %d\n0000000000 65535 f \n", len(objects)+1))
	for n, object := range objects {
		table.WriteString(fmt.Sprintf("%010d 00000 n \n", b.Len()))
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", n+1, object)
	}
	fmt.Fprintf(&b, "%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", table.String(), len(objects)+1, b.Len())
	return b.Bytes()
}

// JPEG is a picture of a plain at an hour of the day, 6 to 18: sky, sun and
// hills. Another hour is another picture.
func JPEG(wide, high int, hour float64) []byte {
	p := image.NewRGBA(image.Rect(0, 0, wide, high))
	day := math.Sin((hour - 6) / 12 * math.Pi)
	sun := image.Pt(int(float64(wide)*(hour-6)/12), high-int(float64(high)*(0.35+0.5*day)))
	for y := range high {
		for x := range wide {
			p.SetRGBA(x, y, dot(x, y, wide, high, day, sun))
		}
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, p, &jpeg.Options{Quality: 90}) // a buffer takes all
	return b.Bytes()
}

func dot(x, y, wide, high int, day float64, sun image.Point) color.RGBA {
	shade := func(r, g, b float64) color.RGBA {
		light := 0.55 + 0.45*day
		return color.RGBA{uint8(r * light), uint8(g * light), uint8(b * light), 255}
	}
	for n := range 3 { // the nearest hill first
		far := float64(n)
		if line := 0.82 - 0.11*far + 0.05*math.Sin(float64(x)/float64(wide)*(5+3*far)+2*far); float64(y) > line*float64(high) {
			return shade(70+25*far, 112+22*far, 62+38*far)
		}
	}
	if d := math.Hypot(float64(x-sun.X), float64(y-sun.Y)); d < float64(high)/14 {
		return color.RGBA{255, 226, 140, 255}
	}
	up := 1 - float64(y)/float64(high)
	return shade(236-130*up, 222-60*up, 196+50*up)
}
