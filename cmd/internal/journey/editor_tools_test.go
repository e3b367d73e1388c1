package journey

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/browser"
	"portico/db"
)

// mark puts a text with its selection between « and » into the field.
func mark(t *testing.T, tab *browser.Tab, marked string) {
	t.Helper()
	from := strings.Index(marked, "«")
	text := strings.Replace(marked, "«", "", 1)
	to := strings.Index(text, "»")
	text = strings.Replace(text, "»", "", 1)
	quoted, err := json.Marshal(text)
	must(t, err)
	browser.Eval[bool](tab, fmt.Sprintf(`(() => { const t = document.getElementById("body"); t.value = %s; t.focus(); t.setSelectionRange(%d, %d); return true })()`, quoted, len([]rune(text[:from])), len([]rune(text[:to]))))
}

// marked is what the field holds, with the selection between « and ».
func marked(tab *browser.Tab) string {
	return browser.Eval[string](tab, `(() => { const t = document.getElementById("body"), v = t.value; return v.slice(0, t.selectionStart) + "«" + v.slice(t.selectionStart, t.selectionEnd) + "»" + v.slice(t.selectionEnd) })()`)
}

func TestTheToolbarShapesTheText(t *testing.T) {
	t.Parallel()
	_, tab := writer(t, browser.Options{})
	for _, step := range []struct{ button, before, after string }{
		{"Bold", "Until «Monday» noon", "Until «**Monday**» noon"},
		{"Bold", "Until «**Monday**» noon", "Until «Monday» noon"},
		{"Bold", "Until **«Monday»** noon", "Until «Monday» noon"},
		{"Bold", "Until« Monday »noon", "Until «**Monday**» noon"},
		{"Bold", "Until Ọ̀«»bí noon", "Until «**Ọ̀bí**» noon"},
		{"Bold", "a «»", "a **«»**"},
		{"Bold", "a **«»**", "a «»"},
		{"Bold", "«- one\n- two **x**\n\nthree»", "«- **one**\n- **two x**\n\n**three**»"},
		{"Bold", "«- **one**\n- **two**»", "«- one\n- two»"},
		{"Heading", "a\nWhat «»to bring\nb", "a\n## What to bring«»\nb"},
		{"Heading", "## What «»to bring", "### What to bring«»"},
		{"Heading", "### What «»to bring", "What to bring«»"},
		{"List", "«one\ntwo\n\nthree\n»", "«- one\n- two\n\n- three»\n"},
		{"List", "«- one\n- two»", "«one\ntwo»"},
		{"List", "«1. one\n2. two»", "«- one\n- two»"},
		{"List", "Bring:\n«pens\nID»\nThen come.", "Bring:\n«- pens\n- ID»\n\nThen come."},
		{"List", "«»", "- «»"},
		{"Numbers", "«one\n  two»", "«1. one\n  2. two»"},
		{"Numbers", "«- one\n- two»", "«1. one\n2. two»"},
		{"Numbers", "«1. one\n2. two»", "«one\ntwo»"},
		{"Table", "a«»b", "a\n\n| «Heading» | Heading |\n|---|---|\n|  |  |\n|  |  |\n\nb"},
		{"Table", "x\n\n«Day\tCourse\nMonday\tCSC | 301\nTuesday»", "x\n\n| Day | Course |\n|---|---|\n| Monday | CSC \\| 301 |\n| Tuesday |  |«»"},
	} {
		mark(t, tab, step.before)
		browser.Eval[bool](tab, `[...document.querySelectorAll("#tools button")].find((b) => b.innerText === "`+step.button+`").click() || true`)
		if got := marked(tab); got != step.after {
			t.Errorf("%s on %q\n got %q\nwant %q", step.button, step.before, got, step.after)
		}
		browser.Eval[bool](tab, `document.execCommand("undo")`)
		if got, want := strings.NewReplacer("«", "", "»", "").Replace(marked(tab)), strings.NewReplacer("«", "", "»", "").Replace(step.before); got != want {
			t.Errorf("undone after %s on %q: %q", step.button, step.before, got)
		}
	}
}

func TestLinksAreAskedForInPlace(t *testing.T) {
	t.Parallel()
	_, tab := writer(t, browser.Options{})
	for _, step := range []struct{ before, words, address, after string }{
		{"See the «timetable» now", "", "nile.example/exams", "See the [timetable](https://nile.example/exams)«» now"},
		{"See «»", "Ask [us]", "office@nile.example", "See [Ask \\[us\\]](mailto:office@nile.example)«»"},
		{"See [the ti«»metable](https://nile.example/old) now", "", "/pages/exams", "See [the timetable](/pages/exams)«» now"},
		{"See [the ti«»metable](https://nile.example/old) now", "", "", "See the timetable«» now"},
		{"See «https://nile.example/x y»", "x", "https://nile.example/x y(1)", "See [x](https://nile.example/x%20y%281%29)«»"},
	} {
		mark(t, tab, step.before)
		tab.Hold(kb.Control, "k")
		tab.WaitFocus("#linking input")
		if step.words != "" {
			tab.Type("#link-words", step.words)
		}
		tab.Type("#link-to", step.address)
		tab.Press(kb.Enter)
		if got := marked(tab); got != step.after {
			t.Errorf("%q with %q\n got %q\nwant %q", step.before, step.address, got, step.after)
		}
		if browser.Eval[bool](tab, `document.getElementById("linking").checkVisibility()`) || !strings.Contains(tab.URL(), "/new") {
			t.Errorf("the small form stays, or the large one was sent: %s", tab.URL())
		}
	}
	mark(t, tab, "a «b» c")
	tab.Click("Link")
	tab.Type("#link-to", "nile.example")
	tab.Press(kb.Escape)
	if got := marked(tab); got != "a «b» c" {
		t.Errorf("after Escape: %q", got)
	}
	tab.WaitFocus("#body")
}

func TestEnterGoesOnWithAList(t *testing.T) {
	t.Parallel()
	_, tab := writer(t, browser.Options{})
	mark(t, tab, "- one«»")
	for _, key := range []string{kb.Enter, "two", kb.Enter, kb.Enter, "end"} {
		tab.Press(key)
	}
	if got := marked(tab); got != "- one\n- two\nend«»" {
		t.Errorf("bullets: %q", got)
	}
	mark(t, tab, "  9. nine«»")
	tab.Press(kb.Enter + "ten")
	if got := marked(tab); got != "  9. nine\n  10. ten«»" {
		t.Errorf("numbers: %q", got)
	}
}

// The toolbar is one stop of the Tab key; arrows move within it.
func TestTheToolbarByKeyboard(t *testing.T) {
	t.Parallel()
	_, tab := writer(t, browser.Options{})
	mark(t, tab, "«Monday»")
	browser.Eval[bool](tab, `document.getElementById("title").focus() || true`)
	for _, step := range []struct{ key, on string }{
		{kb.Tab, "Bold"}, {kb.ArrowRight, "Heading"}, {kb.ArrowRight, "List"}, {kb.ArrowLeft, "Heading"}, {kb.End, "Picture"}, {kb.ArrowRight, "Bold"}, {kb.ArrowLeft, "Picture"}, {kb.Home, "Bold"},
		{kb.Tab, "Monday"}, {kb.Shift + kb.Tab, "Bold"},
	} {
		if key, shifted := strings.CutPrefix(step.key, kb.Shift); shifted {
			tab.Hold(kb.Shift, key)
		} else {
			tab.Press(step.key)
		}
		if got := tab.Focused(); got != step.on {
			t.Fatalf("the focus is on %q, want %q", got, step.on)
		}
	}
	tab.Press(kb.Enter)
	if got := marked(tab); got != "«**Monday**»" {
		t.Errorf("bold by keyboard: %q", got)
	}
	tab.Hold(kb.Control, "b")
	if got := marked(tab); got != "«Monday»" {
		t.Errorf("Ctrl+B: %q", got)
	}
	for _, want := range []string{"**Monday**", "Monday"} {
		tab.Hold(kb.Control, "z")
		if got := strings.NewReplacer("«", "", "»", "").Replace(marked(tab)); got != want {
			t.Errorf("Ctrl+Z leads to %q, want %q", got, want)
		}
	}
}

// What the files section of the page offers is put into the text by a button;
// without any, the toolbar says what to do.
func TestPicturesArePutIntoTheText(t *testing.T) {
	t.Parallel()
	w, tab := writer(t, browser.Options{})
	i := w.Publish(t, db.Announcement, db.Content{Title: "Lab 3", Body: "Come."})
	p := w.attachPair(t, i)
	tab.Go(w.URL + "/admin/publish/announcements/" + i.ID)
	mark(t, tab, "Come«».")
	tab.Click("Picture")
	tab.WaitFocus("[data-insert] button")
	browser.Eval[bool](tab, `[...document.querySelectorAll("[data-put]")].find((b) => b.getAttribute("aria-label") === "Put into text: The hall").focus() || true`)
	tab.Press(kb.Enter)
	if got, want := marked(tab), "Come\n\n![The hall]("+strings.TrimSuffix(p.picture, "/480")+")«»\n\n."; got != want {
		t.Errorf("the picture: %q, want %q", got, want)
	}
	mark(t, tab, "See «» now")
	browser.Eval[bool](tab, `[...document.querySelectorAll("[data-put]")].find((b) => b.getAttribute("aria-label").includes("Exam list")).click() || true`)
	if got := marked(tab); !strings.HasPrefix(got, "See [Exam list of lab-3 (PDF, ") || !strings.HasSuffix(got, "]("+p.file+")«» now") {
		t.Errorf("the file: %q", got)
	}
	picture(t, tab, "files")
	tab.Click("button[value=preview]")
	if n := browser.Eval[int](tab, `document.querySelectorAll(".preview .prose a").length`); n != 1 {
		t.Errorf("the preview shows %d links to files", n)
	}
}

func TestTheEditorInEveryWindow(t *testing.T) {
	t.Parallel()
	for _, o := range []browser.Options{{}, {Dark: true}, {Phone: true, Width: 320}, {Phone: true, Width: 320, Dark: true}} {
		t.Run(fmt.Sprintf("%d dark=%v", o.Width, o.Dark), func(t *testing.T) {
			w, tab := writer(t, o)
			tab.Before(`window.shifts = 0; new PerformanceObserver((list) => list.getEntries().forEach((e) => shifts += e.value)).observe({type: "layout-shift", buffered: true})`)
			tab.Go(w.URL + newAnnouncement)
			if shift := browser.Eval[float64](tab, `shifts`); shift > 0 {
				t.Errorf("the page moves by %v while it opens", shift)
			}
			mark(t, tab, "See the «timetable».")
			tab.Click("Link")
			tab.WaitFocus("#link-to")
			wantNarrow(t, tab)
			picture(t, tab, "editor")
			small := browser.Eval[string](tab, `[...document.querySelectorAll("#tools button, #linking button, #linking input")].filter((b) => b.getBoundingClientRect().height < 44 || b.getBoundingClientRect().width < 44).map((b) => b.value || b.id).join()`)
			if small != "" {
				t.Errorf("smaller than 44 pixels: %s", small)
			}
			for _, e := range tab.ConsoleErrors() {
				t.Errorf("the console says: %s", e)
			}
		})
	}
}

// Without script there are no buttons that would do nothing.
func TestNoToolbarWithoutScript(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	tab := browser.New(t, browser.Options{NoScript: true})
	signIn(t, w, tab, campusonetest.SubFunke, newAnnouncement)
	for _, part := range []string{"tools", "linking"} {
		if browser.Eval[bool](tab, `document.getElementById("`+part+`").checkVisibility()`) {
			t.Errorf("%s is shown", part)
		}
	}
	wantText(t, tab, "**bold**, ## before a heading")
}
