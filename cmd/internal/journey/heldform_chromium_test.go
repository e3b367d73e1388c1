package journey

import (
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/browser"
)

// A person writes, the session ends meanwhile, and what they wrote arrives
// once, when they say so.
func TestHeldFormInChromium(t *testing.T) {
	t.Parallel()
	for _, win := range windows {
		t.Run(win.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, Options{})
			tab := browser.New(t, win.o)
			signIn(t, d.World, tab, amina, "/dashboard")
			tab.Go(d.URL + "/notes")
			tab.Type("textarea", "It came twice")
			d.expire(t, amina)
			tab.Click("Post it")
			wantText(t, tab, "You were signed out")
			picture(t, tab, "held")
			tab.Click("Send again") // too early
			wantText(t, tab, "You were signed out")
			link := browser.Eval[string](tab, `document.querySelector("main a[target=_blank]").href`)
			other := tab.Open()
			other.Go(link)
			wantText(t, other, "Amina Baobab")
			d.wantTaken(t, "It came twice", 0)
			tab.Click("Send again")
			if tab.URL() != d.URL+"/notes" {
				t.Errorf("after sending again at %s: %s", tab.URL(), tab.Text())
			}
			d.wantTaken(t, "It came twice", 1)
			tab.Reload()
			d.wantTaken(t, "It came twice", 1)
		})
	}
}

func TestRefusedFormInChromium(t *testing.T) {
	t.Parallel()
	for _, win := range windows {
		t.Run(win.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, Options{})
			tab := browser.New(t, win.o)
			waiting := tab.Open()
			write := func(tab *browser.Tab, text string) {
				tab.Go(d.URL + "/notes")
				tab.Type("textarea", text)
			}
			signIn(t, d.World, tab, amina, "/dashboard")
			write(tab, "It came twice")
			write(waiting, "A secret of Amina")
			d.Provider.SetFault(func(f *campusonetest.Fault) { f.Webhook.Lose = true })
			d.Provider.SignOutCentrally(amina)
			d.expire(t, amina)
			waiting.Click("Post it")
			wantText(t, waiting, "You were signed out")
			other := tab.Open()
			other.Go(d.URL + "/auth/login?next=/dashboard")
			other.Click(nameOf(t, chidi))
			wantText(t, other, "Chidi")
			waiting.Click("Send again")
			wantText(t, waiting, "You are now signed in as "+nameOf(t, chidi))
			picture(t, waiting, "held-for-another")
			if browser.Eval[bool](waiting, `document.documentElement.outerHTML.includes("A secret of Amina")`) {
				t.Error("what Amina wrote is shown to Chidi")
			}
			tab.Click("Post it")
			wantText(t, tab, "You are now signed in as "+nameOf(t, chidi))
			picture(t, tab, "conflict")
			if got := browser.Eval[string](tab, `document.querySelector("main textarea[readonly]").value`); got != "It came twice" {
				t.Errorf("the text to copy is %q", got)
			}
			write(tab, strings.Repeat("A story too long to keep. ", 4000))
			d.expire(t, chidi)
			tab.Click("Post it")
			wantText(t, tab, "too long for this page to keep")
			picture(t, tab, "too-long")
			d.wantTaken(t, "", 0)
		})
	}
}
