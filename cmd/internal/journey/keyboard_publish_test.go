package journey

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/browser"
)

// Whoever has a keyboard alone publishes with it: from the desk to the page
// that readers see, by Tab, Enter, Space and arrows. tabTo sees to it that the
// focus is seen at each stop, and that none is a trap.
func TestPublishingByKeyboardAlone(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	tab := browser.New(t, browser.Options{})
	signIn(t, w, tab, campusonetest.SubFunke, "/admin/publish")
	press := func(text, key, says string) {
		t.Helper()
		tabTo(t, tab, text)
		tab.Press(key)
		tab.WaitText(says)
	}
	press("New announcement", kb.Enter, "Who may see it")
	tabTo(t, tab, "Title")
	tab.Press("Lab 3 is closed")
	tabTo(t, tab, "Bold")
	tab.Press(kb.ArrowRight + kb.ArrowLeft)
	tab.Press(kb.Enter)
	tab.WaitFocus("#body")
	tab.Press("Until Monday" + kb.End + " noon.")
	if got := bodyOf(tab); got != "**Until Monday noon.**" && got != "**Until Monday** noon." {
		t.Errorf("the text is %q", got)
	}
	tab.Hold(kb.Shift, kb.Tab) // back, and on again: a text field is no trap
	if at := tab.Focus(); at.Text != "Bold" {
		t.Errorf("Shift and Tab lead from the text to %+v", at)
	}
	tabTo(t, tab, "Everybody, also without signing in")
	for range 2 {
		tab.Press(kb.ArrowDown)
	}
	if at := tab.Focus(); at.Text != "Only some people" || !at.Ring || at.Over != "" {
		t.Errorf("the arrows lead to %+v", at)
	}
	tabTo(t, tab, "Level")
	tab.Press(" ")
	tabTo(t, tab, "300 level")
	tab.Press(" ")
	tab.WaitText("1 of the 1 person this portal has met")
	press("Publish", kb.Enter, "Published. Readers see it now.")
	press("See it as readers do", kb.Enter, "Until Monday")
	if got := tab.URL(); got != w.URL+"/announcements/lab-3-is-closed" {
		t.Errorf("it leads to %s", got)
	}
	if bold := browser.Eval[string](tab, `document.querySelector(".prose strong")?.textContent ?? ""`); !strings.HasPrefix(bold, "Until Monday") {
		t.Errorf("bold is %q", bold)
	}
	for _, e := range tab.ConsoleErrors() {
		t.Errorf("the console says: %s", e)
	}
}
