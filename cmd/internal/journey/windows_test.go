package journey

import (
	_ "embed"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/browser"
)

var (
	//go:embed testdata/targets.js
	targetsScript string
	//go:embed testdata/measure.js
	measureScript string
)

// forAllPages opens every page that people read, first as nobody and then as a
// student.
func forAllPages(t *testing.T, o browser.Options, look func(tab *browser.Tab)) {
	t.Helper()
	w := department(t, Options{Clock: noon(t)})
	w.fullDay(t)
	tab := browser.New(t, o)
	open := func(path string) {
		t.Helper()
		tab.Go(w.URL + path)
		look(tab)
	}
	for _, path := range append(publicPages, "/no-such-page", "/auth/signed-out") {
		open(path)
	}
	signIn(t, w, tab, campusonetest.SubAmina, "/dashboard")
	for _, path := range append(personalPages, "/search?q=hall", "/admin/reports") {
		open(path)
	}
}

// On every page what can be touched is 44 pixels large or more, unless it is a
// link inside a sentence, and at 320 pixels nothing has to be pushed sideways.
// At a desk no line of text is too long to find the next one from its end.
func TestTargetsAreLarge(t *testing.T) {
	t.Parallel()
	for _, win := range []window{{"narrow", browser.Options{Phone: true, Width: 320}}, {"desk", browser.Options{}}} {
		t.Run(win.name, func(t *testing.T) {
			forAllPages(t, win.o, func(tab *browser.Tab) {
				for _, problem := range browser.Eval[[]string](tab, "("+targetsScript+")()") {
					t.Errorf("%s: %s", tab.URL(), problem)
				}
				if win.o.Width > 0 {
					return
				}
				for _, problem := range browser.Eval[[]string](tab, "("+measureScript+")()") {
					t.Errorf("%s: %s", tab.URL(), problem)
				}
			})
		})
	}
}

const movesScript = `[...document.querySelectorAll("*")].filter((e) => {
	const s = getComputedStyle(e);
	return s.animationName !== "none" || parseFloat(s.transitionDuration) > 0 || s.scrollBehavior === "smooth";
}).map((e) => e.outerHTML.slice(0, 80))`

// Whoever asks their system for less motion meets none.
func TestNothingMovesForWhoAskedForLessMotion(t *testing.T) {
	t.Parallel()
	forAllPages(t, browser.Options{Phone: true, Still: true}, func(tab *browser.Tab) {
		for _, e := range browser.Eval[[]string](tab, movesScript) {
			t.Errorf("%s: this moves: %s", tab.URL(), e)
		}
	})
}

// With the system's few colours what is told by colour is still seen: marks,
// buttons, the focus.
func TestForcedColours(t *testing.T) {
	t.Parallel()
	w := department(t, Options{Clock: noon(t)})
	w.fullDay(t)
	tab := browser.New(t, browser.Options{Phone: true, Forced: true})
	signIn(t, w, tab, campusonetest.SubAmina, "/dashboard")
	picture(t, tab, "dashboard")
	for what, expression := range map[string]string{
		"the mark of what is unread": `(() => { const s = getComputedStyle(document.querySelector(".unread .t"), "::before");
			return s.forcedColorAdjust === "none" && s.backgroundColor !== getComputedStyle(document.body).backgroundColor })()`,
		"a button's edge": `(() => { const s = getComputedStyle(document.querySelector("main .btn")); return parseFloat(s.borderTopWidth) >= 1 && s.borderTopStyle !== "none" })()`,
		"the focus":       `(() => { const b = document.querySelector("main .btn"); b.focus({ focusVisible: true }); const s = getComputedStyle(b); return parseFloat(s.outlineWidth) >= 2 && s.outlineStyle !== "none" })()`,
		"what was moved":  `!document.querySelector(".slots s") || getComputedStyle(document.querySelector(".slots s")).textDecorationLine === "line-through"`,
	} {
		if !browser.Eval[bool](tab, expression) {
			t.Errorf("%s is not seen", what)
		}
	}
}

// On paper stands what people read, and nothing that only a screen can do.
func TestPrintedPages(t *testing.T) {
	t.Parallel()
	forAllPages(t, browser.Options{Print: true}, func(tab *browser.Tab) {
		const screenOnly = `[...document.querySelectorAll("button, input, header nav, .skip, .fold")].filter((e) => e.checkVisibility()).map((e) => e.outerHTML.slice(0, 80))`
		for _, e := range browser.Eval[[]string](tab, screenOnly) {
			t.Errorf("%s prints %s", tab.URL(), e)
		}
		const lost = `[...document.querySelectorAll("main .list li")].filter((e) => !e.checkVisibility()).map((e) => e.textContent.slice(0, 80))`
		for _, e := range browser.Eval[[]string](tab, lost) {
			t.Errorf("%s does not print %s", tab.URL(), e)
		}
		if !browser.Eval[bool](tab, `document.querySelector("h1").checkVisibility() && document.querySelector("main").innerText.length > 20`) {
			t.Errorf("%s prints nothing to read: %s", tab.URL(), tab.Text())
		}
	})
}
