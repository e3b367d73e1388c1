package journey

import (
	"fmt"
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/browser"
	"portico/db"
)

func TestInboxInChromium(t *testing.T) {
	t.Parallel()
	inChromium(t, func(t *testing.T, w *World, tab *browser.Tab) {
		signIn(t, w, tab, campusonetest.SubGrace, "/admin/webhooks")
		picture(t, tab, "empty")
		w.seedInbox(t, 19)
		tab.Reload()
		picture(t, tab, "inbox")
		tab.Click("Event and dates")
		tab.Type("#q", campusonetest.SubAmina)
		tab.Click("Show")
		if got := tab.URL(); !strings.Contains(got, "q="+campusonetest.SubAmina) {
			t.Errorf("the address does not repeat the search: %s", got)
		}
		picture(t, tab, "found")
		tab.Go(w.URL + "/admin/webhooks?result=dead")
		tab.Click("Role changed")
		picture(t, tab, "dead-letter")
		tab.Click("Drop it")
		tab.WaitFocus(".problems")
		wantText(t, tab, "Write why you drop it.")
		picture(t, tab, "no-reason")
		tab.Click(".problems a")
		if got := browser.Eval[string](tab, `document.activeElement.id || location.hash`); got != "reason" && got != "#reason" {
			t.Errorf("the summary leads to %q", got)
		}
		tab.Type("#reason", "Sent by mistake.")
		tab.Click("Drop it")
		wantText(t, tab, "Dropped. Your reason is in the audit.")
		picture(t, tab, "dropped")
		tab.Click("Try again now")
		w.becomes(t, deadRole, db.StateProcessed)
		tab.Reload()
		wantText(t, tab, "There is nothing left to do.")
	})
}

// At 320 pixels, which is 400 % of a desk's window, nothing scrolls sideways
// but the regions made for it; axe finds nothing in the dark either.
func TestInboxAtFourHundredPercent(t *testing.T) {
	t.Parallel()
	for _, dark := range []bool{false, true} {
		t.Run(fmt.Sprintf("dark=%v", dark), func(t *testing.T) {
			w := Start(t, Options{})
			w.seedInbox(t, 19)
			tab := browser.New(t, browser.Options{Width: 320, Dark: dark})
			signIn(t, w, tab, campusonetest.SubGrace, "/admin/webhooks")
			for _, path := range []string{"/admin/webhooks", "/admin/webhooks?from=x", "/admin/webhooks/" + deadRole} {
				tab.Go(w.URL + path)
				if over := browser.Eval[int](tab, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
					t.Errorf("%s is %d pixels too wide", path, over)
				}
				picture(t, tab, strings.Trim(strings.NewReplacer("/", "-", "?", "-").Replace(path), "-"))
			}
		})
	}
}

func TestInboxIsLight(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	w.seedInbox(t, 40)
	tab := browser.New(t, browser.Options{Phone: true})
	signIn(t, w, tab, campusonetest.SubGrace, "/dashboard")
	for _, path := range []string{"/admin/webhooks", "/admin/webhooks/" + deadRole} {
		tab.Reset()
		tab.Go(w.URL + path)
		if n := tab.EncodedBytes(); n > 6_000 {
			t.Errorf("%s: %d bytes, at most 6000", path, n)
		} else {
			t.Logf("%s: %d bytes", path, n)
		}
	}
}
