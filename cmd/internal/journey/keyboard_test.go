package journey

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/browser"
)

// mostStops is how often a person presses Tab before they give up.
const mostStops = 60

// tabTo presses Tab until the focus is on something with this text. At every
// stop on the way the focus must be seen.
func tabTo(t *testing.T, tab *browser.Tab, text string) {
	t.Helper()
	for range mostStops {
		at := tab.Next()
		for patience := time.Now().Add(time.Second); at.Text != "" && (!at.Ring || at.Over != "") && time.Now().Before(patience); {
			at = tab.Focus() // it may still be scrolled to
		}
		if at.Text != "" && (!at.Ring || at.Over != "") {
			t.Errorf("on %s the focus on <%s> %q cannot be seen: ring %v, over it %q", tab.URL(), at.Tag, at.Text, at.Ring, at.Over)
		}
		if strings.HasPrefix(at.Text, text) {
			return
		}
	}
	t.Fatalf("%d times Tab do not lead to %q on %s: %s", mostStops, text, tab.URL(), tab.Text())
}

// Whoever has a keyboard alone does all that people do: the skip link comes
// first, the focus is always seen and never covered, the narrow window's menu
// opens by Enter and by Space.
func TestKeyboardAlone(t *testing.T) {
	t.Parallel()
	for _, win := range []window{
		{"phone", browser.Options{Phone: true}}, {"desk without script", browser.Options{NoScript: true}},
	} {
		t.Run(win.name, func(t *testing.T) {
			w := department(t, Options{Clock: noon(t)})
			w.fullDay(t)
			tab := browser.New(t, win.o)
			press := func(text, says string) {
				t.Helper()
				tabTo(t, tab, text)
				tab.Press(kb.Enter)
				tab.WaitText(says)
			}
			menu := func() {
				if win.o.Phone {
					tabTo(t, tab, "Menu")
					tab.Press(kb.Enter)
				}
			}
			tab.Go(w.URL + "/")
			tab.Press(kb.Tab)
			if at := tab.Focus(); at.Text != "Skip to content" || !at.Ring || at.Over != "" {
				t.Errorf("first comes %+v", at)
			}
			tab.Press(kb.Enter)
			tab.WaitFocus("main")
			press("Lecture hall B is closed", "meet in the ICT annexe")
			if win.o.Phone {
				opened := func() bool { return browser.Eval[bool](tab, `document.querySelector("details.fold").open`) }
				tabTo(t, tab, "Menu")
				for _, key := range []string{" ", " ", kb.Enter} {
					before := opened()
					tab.Press(key)
					if opened() == before {
						t.Errorf("the menu does not heed %q", key)
					}
				}
				tabTo(t, tab, "Words to look for")
				tab.Press(kb.Escape)
				if opened() || !browser.Eval[bool](tab, `document.activeElement.matches("details.fold > summary")`) {
					t.Errorf("Escape leaves the menu open: %v, and the focus on %q", opened(), tab.Focused())
				}
				tab.Press(kb.Enter)
			}
			tabTo(t, tab, "Words to look for")
			tab.Press("csc301" + kb.Enter)
			tab.WaitText("CSC 301 Operating systems")
			press("CSC 301 Operating systems", "Every week until")
			press("Sign in with Campus One", "Amina Baobab")
			pickByKeys(t, tab, nameOf(t, campusonetest.SubAmina))
			tab.WaitText("CSC 301 Operating systems")
			menu()
			press("Today", "Good afternoon, Amina Baobab")
			press("Mark as read", "Marked as read.")
			press("Mark all as read", "All announcements are marked as read.")
			menu()
			press("Sign out", "You are signed out")
			for _, e := range tab.ConsoleErrors() {
				t.Errorf("the console says: %s", e)
			}
		})
	}
}

// pickByKeys picks a person at the stand-in for Campus One, whose looks are not
// ours.
func pickByKeys(t *testing.T, tab *browser.Tab, name string) {
	t.Helper()
	for range mostStops {
		tab.Press(kb.Tab)
		if strings.Contains(tab.Focused(), name) {
			tab.Press(kb.Enter)
			return
		}
	}
	t.Fatalf("nobody is called %q: %s", name, tab.Text())
}
