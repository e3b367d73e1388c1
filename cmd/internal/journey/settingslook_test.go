package journey

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/auth/reading"
)

var accentSheet = regexp.MustCompile(`href="(/static/accent-[0-9a-f]{12}\.css)"`)

func TestSettingsAccent(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		grace := signedIn(t, w, campusonetest.SubGrace)
		if accentSheet.MatchString(grace.Body) {
			t.Error("the house's own colours need no second stylesheet")
		}
		grace.set(t, "accent", http.StatusUnprocessableEntity, "accent-colour", "#ffd400")
		grace.sees(t, "#ffd400 is too light", "Take #846c00, the nearest that can be read")
		if got := grace.formOf(t, settingsPage+"/accent").Get("accent-colour"); got != "#ffd400" {
			t.Errorf("the colour chosen became %s", got)
		}
		grace.must(t, grace.Click("Take #846c00"), http.StatusOK)
		first := accentSheet.FindStringSubmatch(grace.Body)
		if first == nil || w.settings(t).Accent != "#846c00" {
			t.Fatalf("the offered colour is not worn: %s", grace.Body)
		}
		css := asFetch(w.Person(true))
		css.must(t, css.Visit(first[1]), http.StatusOK)
		if got := css.Answer.Get("Cache-Control"); got != "public, max-age=31536000, immutable" || !strings.Contains(css.Body, "--link:#846c00") {
			t.Errorf("%s, %s", got, css.Body)
		}
		grace.set(t, "accent", http.StatusOK, "accent-colour", "#7a1f2b")
		second := accentSheet.FindStringSubmatch(grace.Body)
		if second == nil || second[1] == first[1] {
			t.Errorf("another colour has the same address: %v", second)
		}
		css.must(t, css.Visit(first[1]), http.StatusOK)
		if got := css.Answer.Get("Cache-Control"); got != "no-store" || !strings.Contains(css.Body, "--link:#7a1f2b") {
			t.Errorf("an old address: %s, %s", got, css.Body)
		}
		for _, bad := range []string{"red", "#12", "#1e499d;} body{display:none"} {
			grace.set(t, "accent", http.StatusUnprocessableEntity, "accent-colour", bad)
			grace.sees(t, "is not a colour")
		}
		grace.must(t, grace.Visit(settingsPage), http.StatusOK)
		grace.must(t, grace.Click("Back to the blue of Campus One"), http.StatusOK)
		if accentSheet.MatchString(grace.Body) || w.settings(t).Accent != "" {
			t.Error("the colour is still worn")
		}
		css.must(t, css.Visit(second[1]), http.StatusNotFound)
	})
}

var logoFile = regexp.MustCompile(`src="(/static/logo-[0-9a-f]{12}\.png)"`)

func TestSettingsLogo(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		w.SaveSettings(t, reading.Settings{Name: "Department of Botany", Short: "Botany"})
		grace := signedIn(t, w, campusonetest.SubGrace)
		for name, c := range map[string]struct {
			file   []byte
			status int
			want   string
		}{
			"logo.png":  {[]byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), http.StatusUnprocessableEntity, "SVG drawing"},
			"logo.jpg":  {[]byte("%PDF-1.7"), http.StatusUnprocessableEntity, "not a PNG or JPEG"},
			"empty.png": {nil, http.StatusUnprocessableEntity, "Choose a picture first"},
			"large.png": {bytes.Repeat([]byte("x"), 3<<20), http.StatusUnprocessableEntity, "This file has 3.0 MB. Choose one of up to 2 MB."},
			"huge.png":  {bytes.Repeat([]byte("x"), 5<<20), http.StatusRequestEntityTooLarge, "That is too large"},
		} {
			if status, body := grace.upload(t, name, c.file); status != c.status || !strings.Contains(body, c.want) {
				t.Errorf("%s: %d, not a word on %q: %s", name, status, c.want, body)
			}
		}
		if status, body := grace.upload(t, "whatever.svg", redLogo(t)); status != http.StatusSeeOther {
			t.Fatalf("a good logo: %d, %s", status, body)
		}
		visitor := asFetch(w.Person(true))
		visitor.Header.Set("Accept", "text/html")
		visitor.must(t, visitor.Visit("/"), http.StatusOK)
		found := logoFile.FindStringSubmatch(visitor.Body)
		if found == nil || !strings.Contains(visitor.Body, `alt="Department of Botany"`) || !strings.Contains(visitor.Body, `width="60" height="40"`) {
			t.Fatalf("the logo is not on the first page: %s", visitor.Body)
		}
		visitor.must(t, visitor.Visit(found[1]), http.StatusOK)
		if _, err := png.Decode(strings.NewReader(visitor.Body)); err != nil || len(visitor.Body) > 1500 || visitor.Answer.Get("Cache-Control") != "public, max-age=31536000, immutable" || visitor.Answer.Get("Content-Type") != "image/png" {
			t.Errorf("%d bytes, %v, %v", len(visitor.Body), visitor.Answer, err)
		}
		grace.must(t, grace.Visit(settingsPage), http.StatusOK)
		grace.must(t, grace.Click("Remove the logo"), http.StatusOK)
		if logoFile.MatchString(grace.Body) {
			t.Error("the logo stays")
		}
		visitor.must(t, visitor.Visit(found[1]), http.StatusNotFound)
	})
}

func redLogo(t testing.TB) []byte {
	t.Helper()
	p := image.NewRGBA(image.Rect(0, 0, 300, 200))
	for i := range 300 * 200 {
		p.SetRGBA(i%300, i/300, color.RGBA{uint8(150 + i%60), 20, 30, 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
