package journey

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/browser"
)

func TestAccountInChromium(t *testing.T) {
	t.Parallel()
	inChromium(t, func(t *testing.T, w *World, tab *browser.Tab) {
		w.noticeFor(t)
		other := signedIn(t, w, campusonetest.SubAmina)
		signIn(t, w, tab, campusonetest.SubAmina, "/account")
		for i := range 12 {
			w.signInBefore(t, campusonetest.SubAmina, time.Duration(i+1)*7*time.Hour)
		}
		tab.Reload()
		picture(t, tab, "account")
		tab.Click("Sign out everywhere else")
		wantText(t, tab, "Signed out everywhere else.")
		if err := other.Visit("/dashboard"); err != nil || !other.reads("Sign in to go on") {
			t.Errorf("the other browser reads %s, %v", other.Text(), err)
		}
		tab.Click("This is a shared computer")
		picture(t, tab, "shared")
		tab.Click("Forget me …")
		picture(t, tab, "forget")
		tab.Click("main form button")
		wantText(t, tab, "you are signed out everywhere.")
		picture(t, tab, "forgotten")
		tab.Back()
		if text := tab.Text(); strings.Contains(text, "256240001") {
			t.Errorf("Back shows the account: %s", text)
		}
	})
}

// At 320 pixels nothing scrolls sideways but the regions made for it.
func TestAccountAtFourHundredPercent(t *testing.T) {
	t.Parallel()
	for _, dark := range []bool{false, true} {
		t.Run(fmt.Sprintf("dark=%v", dark), func(t *testing.T) {
			w := Start(t, Options{})
			signedIn(t, w, campusonetest.SubAmina)
			tab := browser.New(t, browser.Options{Width: 320, Dark: dark})
			signIn(t, w, tab, campusonetest.SubAmina, "/account")
			for _, path := range []string{"/account", "/account/forget"} {
				tab.Go(w.URL + path)
				wantNarrow(t, tab)
				picture(t, tab, strings.ReplaceAll(path[1:], "/", "-"))
			}
		})
	}
}

func wantNarrow(t *testing.T, tab *browser.Tab) {
	t.Helper()
	if over := browser.Eval[int](tab, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
		t.Errorf("%s is %d pixels too wide", tab.URL(), over)
	}
}

// wantWhole holds that at a desk no column of a table stands out of sight.
func wantWhole(t *testing.T, tab *browser.Tab) {
	t.Helper()
	const hidden = `innerWidth < 1000 ? 0 : Math.max(0, ...[...document.querySelectorAll(".scroll")].map((e) => e.scrollWidth - e.clientWidth))`
	if over := browser.Eval[int](tab, hidden); over > 0 {
		t.Errorf("%d pixels of a table on %s are out of sight: %s", over, tab.URL(), tab.Text())
	}
}

func TestAccountIsLight(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	w.noticeFor(t)
	for range 5 {
		signedIn(t, w, campusonetest.SubAmina)
	}
	for i := range 30 {
		w.signInBefore(t, campusonetest.SubAmina, time.Duration(i+1)*7*time.Hour)
	}
	tab := browser.New(t, browser.Options{Phone: true})
	signIn(t, w, tab, campusonetest.SubAmina, "/dashboard")
	wantLight(t, w, tab, "/account", "/account/forget")
}

// wantLight says that later pages weigh 6 kB at most.
func wantLight(t *testing.T, w *World, tab *browser.Tab, paths ...string) {
	t.Helper()
	for _, path := range paths {
		tab.Reset()
		tab.Go(w.URL + path)
		if n := tab.EncodedBytes(); n > 6_000 {
			t.Errorf("%s: %d bytes, at most 6000", path, n)
		} else {
			t.Logf("%s: %d bytes", path, n)
		}
	}
}
