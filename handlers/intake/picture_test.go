package intake_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"slices"
	"testing"

	"portico/db"
	"portico/handlers/intake"
)

func decoded(t testing.TB, file []byte) image.Image {
	t.Helper()
	p, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Never larger than it was, the shape kept, the smallest at most 60 kB.
func TestSizes(t *testing.T) {
	for _, c := range []struct {
		wide, high int
		want       []db.Size
	}{
		{300, 200, []db.Size{{Width: 300, Height: 200}}},
		{480, 640, []db.Size{{Width: 480, Height: 640}}},
		{700, 350, []db.Size{{Width: 480, Height: 240}, {Width: 700, Height: 350}}},
		{1200, 900, []db.Size{{Width: 480, Height: 360}, {Width: 960, Height: 720}, {Width: 1200, Height: 900}}},
		{3000, 1500, []db.Size{{Width: 480, Height: 240}, {Width: 960, Height: 480}, {Width: 1440, Height: 720}}},
		{1, 1, []db.Size{{Width: 1, Height: 1}}},
		{300, 2399, []db.Size{{Width: 300, Height: 2399}}},
	} {
		got, err := take(t, "a.jpg", asJPEG(t, scene(c.wide, c.high)))
		if err != nil || !slices.Equal(got.Sizes, c.want) {
			t.Errorf("%d by %d: %+v, %v", c.wide, c.high, got, err)
			continue
		}
		for n, file := range got.Data {
			if b := decoded(t, file).Bounds(); b.Dx() != c.want[n].Width || b.Dy() != c.want[n].Height {
				t.Errorf("%d by %d: a file of %v", c.wide, c.high, b)
			}
		}
		if n := len(got.Data[0]); n > 60_000 {
			t.Errorf("%d by %d: the smallest has %d bytes", c.wide, c.high, n)
		}
	}
}

// Whatever is in it, the smallest size is light; what is transparent becomes
// white only where it would weigh too much.
func TestTheSmallestIsLight(t *testing.T) {
	hole := scene(800, 600)
	draw.Draw(hole, image.Rect(200, 150, 400, 300), image.Transparent, image.Point{}, draw.Src)
	for what, c := range map[string]struct {
		p    image.Image
		kind string
	}{
		"grain": {grain(1000, 600, false), "image/jpeg"}, "tall grain": {grain(480, 2500, false), "image/jpeg"},
		"transparent grain": {grain(600, 400, true), "image/jpeg"}, "a hole": {hole, "image/png"},
	} {
		got, err := take(t, "a.png", asPNG(t, c.p))
		if err != nil || got.Type != c.kind || len(got.Data[0]) > 60_000 {
			t.Errorf("%s: %v, %v, %d bytes", what, got, err, len(got.Data[0]))
			continue
		}
		for n, file := range got.Data {
			t.Logf("%s: %d wide, %d bytes", what, got.Sizes[n].Width, len(file))
		}
		if what != "a hole" {
			continue
		}
		small := decoded(t, got.Data[0])
		if _, _, _, a := small.At(480*300/800, 360*225/600).RGBA(); a != 0 {
			t.Error("the hole is filled")
		}
	}
}

// held is the picture as a camera stores it that was held so: the eight cases
// of Exif, each put together of mirroring and exchanging.
func held(up *image.NRGBA, how int) *image.NRGBA {
	mirror := func(p *image.NRGBA) *image.NRGBA {
		return moved(p, false, func(x, y, w, _ int) (int, int) { return w - 1 - x, y })
	}
	flip := func(p *image.NRGBA) *image.NRGBA {
		return moved(p, false, func(x, y, _, h int) (int, int) { return x, h - 1 - y })
	}
	exchange := func(p *image.NRGBA) *image.NRGBA {
		return moved(p, true, func(x, y, _, _ int) (int, int) { return y, x })
	}
	switch how {
	case 2:
		return mirror(up)
	case 3:
		return flip(mirror(up))
	case 4:
		return flip(up)
	case 5:
		return exchange(up)
	case 6:
		return flip(exchange(up)) // it is shown turned a quarter clockwise
	case 7:
		return flip(mirror(exchange(up)))
	case 8:
		return mirror(exchange(up)) // and so a quarter the other way
	}
	return up
}

func moved(p *image.NRGBA, across bool, from func(x, y, w, h int) (int, int)) *image.NRGBA {
	w, h := p.Rect.Dx(), p.Rect.Dy()
	to := image.NewNRGBA(image.Rect(0, 0, w, h))
	if across {
		to = image.NewNRGBA(image.Rect(0, 0, h, w))
	}
	for y := range to.Rect.Dy() {
		for x := range to.Rect.Dx() {
			to.Set(x, y, p.At(from(x, y, to.Rect.Dx(), to.Rect.Dy())))
		}
	}
	return to
}

// Each way to hold a camera shows the same picture in the end, dot by dot as
// far as JPEG keeps dots; and nothing of what the camera wrote is left.
func TestOrientation(t *testing.T) {
	up := scene(320, 200)
	for how := 1; how <= 8; how++ {
		stored := held(up, how)
		for kind, file := range map[string][]byte{
			"JPEG": withExif(asJPEG(t, stored), how), "JPEG with bytes between": between(withExif(asJPEG(t, stored), how), "x"), "PNG": withChunk(asPNG(t, stored), "eXIf", exif(how)),
		} {
			t.Run(fmt.Sprint(kind, " ", how), func(t *testing.T) {
				if !bytes.Contains(file, []byte(secretPlace)) {
					t.Fatal("the sample holds no place")
				}
				got, err := take(t, "a.jpg", file)
				if err != nil {
					t.Fatal(err)
				}
				largest := got.Data[len(got.Data)-1]
				if diff := difference(decoded(t, largest), up); diff > 12 {
					t.Errorf("it is up to %d off", diff)
				}
				for _, data := range got.Data {
					if bytes.Contains(data, []byte("GPS")) || bytes.Contains(data, []byte("Exif")) || bytes.Contains(data, []byte("eXIf")) {
						t.Error("what the camera wrote is left")
					}
				}
			})
		}
	}
}

// difference is by how much the means of small squares of two pictures differ
// at most.
func difference(a, b image.Image) (most int) {
	if a.Bounds().Size() != b.Bounds().Size() {
		return 999
	}
	for y := 4; y+12 < b.Bounds().Dy(); y += 8 {
		for x := 4; x+12 < b.Bounds().Dx(); x += 8 {
			p, q := mean(a, x, y), mean(b, x, y)
			for n := range p {
				most = max(most, p[n]-q[n], q[n]-p[n])
			}
		}
	}
	return most
}

func mean(p image.Image, x, y int) (sum [3]int) {
	for i := range 64 {
		c := color.NRGBAModel.Convert(p.At(x+i%8, y+i/8)).(color.NRGBA)
		sum[0], sum[1], sum[2] = sum[0]+int(c.R), sum[1]+int(c.G), sum[2]+int(c.B)
	}
	return [3]int{sum[0] / 64, sum[1] / 64, sum[2] / 64}
}

// Colours arrive as they are, by whatever way they were stored.
func TestColours(t *testing.T) {
	for _, name := range []string{"four-colours.jpg", "passes.jpg", "lossy.webp"} {
		got, err := take(t, name, stored(t, name))
		if err != nil {
			t.Fatal(err)
		}
		p := decoded(t, got.Data[0])
		top, bottom := mean(p, 100, 2), mean(p, 100, p.Bounds().Dy()-12)
		if top[0] < 190 || top[2] > 70 || bottom[2] < 190 || bottom[0] > 70 {
			t.Errorf("%s: from %v to %v, want from red to blue", name, top, bottom)
		}
	}
}

// FuzzRead: whatever is uploaded, there is an answer; what is taken as a
// picture can be opened, and a document is as it came.
func FuzzRead(f *testing.F) {
	for _, seed := range [][]byte{
		pdf(), office(f, wordMain, nil), asJPEG(f, scene(20, 20)), withExif(asJPEG(f, scene(20, 20)), 6), asPNG(f, scene(20, 20)), moving(f),
		stored(f, "transparent.webp"), hugePNG(9, 9), jpegHead(0xc2, 8, 8, 0x11, 0x11, 0x11), locked(office(f, excelMain, nil)),
	} {
		f.Add("a.pdf", seed)
	}
	f.Fuzz(func(t *testing.T, name string, file []byte) {
		got, err := take(t, name, file)
		if err != nil {
			if _, is := err.(intake.Refusal); !is {
				t.Errorf("not in words: %v", err)
			}
			return
		}
		if intake.FormatOf(got.Type).Word == "File" || len(got.Data) != len(got.Sizes) || len([]rune(got.Label)) > 200 {
			t.Errorf("taken as %+v", got.Attachment)
		}
		for _, data := range got.Data {
			if got.Picture {
				decoded(t, data)
			} else if !bytes.Equal(data, file) {
				t.Error("a document was changed")
			}
		}
	})
}
