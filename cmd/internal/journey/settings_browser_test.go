package journey

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/auth/reading"
	"portico/cmd/internal/browser"
	"portico/db"
)

// setUp gives a portal what a settled department has.
func (w *World) setUp(t testing.TB) {
	t.Helper()
	set := reading.Settings{
		Name: "Department of Computer Science", Short: "Computer Science", Motto: "Wisdom and service.", Contact: "cs@nile.example", Departments: []string{campusonetest.DepartmentCS},
		Reach: []reading.Reach{{Label: "Department office, block C, room 12", Text: "Monday to Friday, 9:00 to 15:00", Link: "office@nile.example"}},
	}
	w.SaveSettings(t, set)
	if err := w.App.DB.SaveCategories(t.Context(), []db.Category{{ID: "exams", Name: "Exams and results"}, {ID: "news", Name: "News"}}, Editor, w.Now()); err != nil {
		t.Fatal(err)
	}
	w.Publish(t, db.Announcement, db.Content{Title: "Results are out", Category: "exams"})
	w.Publish(t, db.FreePage, db.Content{Title: "About us", Details: db.Details{InMenu: true}})
	w.Publish(t, db.FreePage, db.Content{Title: "Rules of the laboratories", Rank: 1})
	w.Publish(t, db.QuickLink, db.Content{Title: "Library", Details: db.Details{Link: "https://library.nile.example/catalogue"}})
}

// colourOf is what a property of the page's root says in the theme in force.
func colourOf(tab *browser.Tab, name string) string {
	return browser.Eval[string](tab, `getComputedStyle(document.documentElement).getPropertyValue("--`+name+`")`)
}

func TestSettingsInChromium(t *testing.T) {
	t.Parallel()
	inChromium(t, func(t *testing.T, w *World, tab *browser.Tab) {
		signIn(t, w, tab, campusonetest.SubGrace, settingsPage)
		picture(t, tab, "new")
		w.setUp(t)
		tab.Reload()
		picture(t, tab, "settled")
		tab.Type("#name-full", "")
		tab.Type("#name-motto", "Typed and not lost")
		tab.Click("form[action='/admin/settings/name'] .go")
		tab.WaitFocus(".problems")
		picture(t, tab, "no-name")
		tab.Click(".problems a")
		if got := browser.Eval[string](tab, `document.activeElement.id || location.hash`); got != "name-full" && got != "#name-full" {
			t.Errorf("the summary leads to %q", got)
		}
		if got := browser.Eval[string](tab, `document.querySelector("#name-motto").value`); got != "Typed and not lost" {
			t.Errorf("the motto became %q", got)
		}
		tab.Type("#name-full", "Department of Botany")
		tab.Click("form[action='/admin/settings/name'] .go")
		wantText(t, tab, "The name is saved.")

		house := colourOf(tab, "link")
		browser.Eval[bool](tab, `(document.querySelector("#accent-colour").value = "#ffd400") != ""`)
		tab.Click("form[action='/admin/settings/accent'] .go")
		wantText(t, tab, "#ffd400 is too light")
		picture(t, tab, "too-light")
		tab.Click("Take #846c00, the nearest that can be read")
		wantText(t, tab, "The colour is saved.")
		if got := colourOf(tab, "link"); got == house || !strings.HasPrefix(got, "#") {
			t.Errorf("links were %s and are %s", house, got)
		}
		tab.Go(w.URL + "/")
		picture(t, tab, "home-in-the-colour")
	})
}

// grain is a picture that cannot be made smaller than the most a logo may have.
func grain(t testing.TB) []byte {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	p := image.NewRGBA(image.Rect(0, 0, 600, 300))
	for i := range 600 * 300 {
		p.SetRGBA(i%600, i/600, color.RGBA{uint8(r.Uint32()), uint8(r.Uint32()), uint8(r.Uint32()), 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A portal in a colour and with a logo of its own: nothing for axe to find, and
// the first visit still fits into its weight.
func TestDressedPortalInChromium(t *testing.T) {
	t.Parallel()
	for _, dark := range []bool{false, true} {
		t.Run(fmt.Sprintf("dark=%v", dark), func(t *testing.T) {
			w := Start(t, Options{})
			w.setUp(t)
			grace := signedIn(t, w, campusonetest.SubGrace)
			grace.set(t, "accent", 200, "accent-colour", "#7a1f2b")
			grace.upload(t, "logo.png", grain(t))
			for _, width := range []int{320, 1280} {
				tab := browser.New(t, browser.Options{Width: width, Dark: dark})
				tab.Go(w.URL + "/")
				if n := tab.EncodedBytes(); n > 14_000 {
					t.Errorf("the first visit costs %d bytes", n)
				} else {
					t.Logf("first visit with colour and logo: %d bytes", n)
				}
				if !browser.Eval[bool](tab, `[...document.images].some((i) => i.className == "logo" && i.complete && i.naturalWidth > 0)`) {
					t.Error("the logo is not drawn")
				}
				if browser.Eval[bool](tab, `document.querySelector(".mark span").getBoundingClientRect().right > document.querySelector("header .who").getBoundingClientRect().left`) {
					t.Errorf("at %d the logo pushes the name under the button", width)
				}
				picture(t, tab, fmt.Sprint("home-", width))
				signIn(t, w, tab, campusonetest.SubGrace, settingsPage)
				tab.Reset()
				for _, path := range []string{settingsPage, "/dashboard", "/nowhere"} {
					tab.Go(w.URL + path)
					if over := browser.Eval[int](tab, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
						t.Errorf("%s is %d pixels too wide at %d", path, over, width)
					}
				}
				tab.Reset()
				tab.Go(w.URL + settingsPage)
				if n := tab.EncodedBytes(); n > 6_000 {
					t.Errorf("the settings cost %d bytes", n)
				} else {
					t.Logf("settings: %d bytes", n)
				}
				picture(t, tab, fmt.Sprint("settings-", width))
			}
		})
	}
}
