package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"portico/cmd/internal/process"
)

const wide, high = 7296, 5472 // 39.9 megapixels

func TestWantsAPicture(t *testing.T) {
	for _, args := range [][]string{nil, {"no such file"}, {"main.go"}} {
		if err := run(args); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
}

// A picture of 40 megapixels is opened within a bound, however it is stored.
// The bounds are what the standard decoder needs, and a third of it on top.
func TestPeakMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("left out: the peak memory of a picture; Linux alone tells a process's peak")
	}
	program, err := process.Build(t.Context(), t.TempDir(), "portico/cmd/internal/weigh")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file  []byte
		bound int64 // MB
	}{
		"JPEG, as cameras write it":   {ordinary(t), 115},
		"JPEG in passes":              {inPasses(t), 360},
		"PNG":                         {encoded(t, image.NewPaletted(image.Rect(0, 0, wide, high), color.Palette{color.White, color.Black})), 95},
		"PNG of 16 bits, transparent": {encoded(t, flat{}), 380},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "picture")
			if err := os.WriteFile(file, c.file, 0o600); err != nil {
				t.Fatal(err)
			}
			said, err := exec.CommandContext(t.Context(), program, file).CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, said)
			}
			var peak, before int64
			if _, err := fmt.Sscanf(string(said), "peak_kb=%d before_kb=%d", &peak, &before); err != nil || peak == 0 {
				t.Fatalf("%v: %s", err, said)
			}
			t.Logf("%s", said)
			if peak>>10 > c.bound {
				t.Errorf("it took %d MB, more than %d", peak>>10, c.bound)
			}
		})
	}
}

// ordinary is a baseline JPEG with half of the colours' dots.
func ordinary(t *testing.T) []byte {
	t.Helper()
	p := image.NewYCbCr(image.Rect(0, 0, wide, high), image.YCbCrSubsampleRatio420)
	for i := range p.Y {
		p.Y[i] = uint8(i%wide/40 + i/wide/40)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// inPasses is a progressive JPEG, which no program here can write.
func inPasses(t *testing.T) []byte {
	t.Helper()
	f, err := os.Open("../../../handlers/intake/testdata/passes-40.jpg.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func encoded(t *testing.T, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// flat is a large picture that takes no memory itself.
type flat struct{}

func (flat) ColorModel() color.Model { return color.NRGBA64Model }
func (flat) Bounds() image.Rectangle { return image.Rect(0, 0, wide, high) }
func (flat) At(x, y int) color.Color { return color.NRGBA64{0x1000, 0x8000, 0x2000, 0xf000} }
