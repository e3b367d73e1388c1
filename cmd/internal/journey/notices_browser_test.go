package journey

import (
	"fmt"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/browser"
)

// An editor notifies people in Campus One: on a phone and at a desk, in both
// themes, with script and without.
func TestNoticesInChromium(t *testing.T) {
	t.Parallel()
	for _, o := range []browser.Options{{Phone: true}, {Dark: true}, {Width: 320, NoScript: true}} {
		t.Run(fmt.Sprintf("phone=%v,dark=%v,noscript=%v", o.Phone, o.Dark, o.NoScript), func(t *testing.T) {
			w := Start(t, Options{Env: notifying()})
			signedIn(t, w, amina)
			w.Provider.SetFault(func(f *campusonetest.Fault) { f.AppAPI.Answer = campusonetest.Busy(600) })
			tab := browser.New(t, o)
			signIn(t, w, tab, campusonetest.SubFunke, "/admin/publish")
			_, page := announce(t, w)
			tab.Go(w.URL + page)
			picture(t, tab, "editor")
			tab.Click("Also notify in Campus One")
			wantText(t, tab, "Reaches 2 of 2 people.")
			fits(t, tab)
			picture(t, tab, "asked")
			tab.Type("#title", "Exams: look now")
			tab.Click("button[value=look]")
			wantText(t, tab, "Exams: look now")
			tab.Click("button[value=send]")
			wantText(t, tab, "The notice is on its way.")
			fits(t, tab)
			picture(t, tab, "progress")
			tab.Click("Stop")
			wantText(t, tab, "It was stopped by hand.")
			picture(t, tab, "stopped")
			tab.Click("Go on")
			wantText(t, tab, "It goes on.")
			tab.Go(w.URL + "/account")
			fits(t, tab)
			picture(t, tab, "account")
		})
	}
}

// fits says when a page scrolls sideways.
func fits(t *testing.T, tab *browser.Tab) {
	t.Helper()
	if over := browser.Eval[int](tab, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
		t.Errorf("%s is %d pixels too wide", tab.URL(), over)
	}
}
