package journey

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/auth/reading"
	"portico/cmd/internal/browser"
)

// writer is a tab in which Funke writes something new.
func writer(t *testing.T, o browser.Options) (*World, *browser.Tab) {
	t.Helper()
	w := Start(t, Options{})
	tab := browser.New(t, o)
	signIn(t, w, tab, campusonetest.SubFunke, newAnnouncement)
	tab.WaitText("New announcement")
	return w, tab
}

const pasteScript = `((clip) => {
	const text = document.getElementById("body"), data = new DataTransfer();
	for (const [kind, value] of Object.entries(clip)) data.setData(kind, value);
	text.focus();
	const took = !text.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
	return JSON.stringify({took, value: text.value, said: document.getElementById("said").textContent});
})`

// pasted is what came of a paste.
type pasted struct {
	Took        bool // the script did it, and not the browser
	Value, Said string
}

// paste pastes into the text what an application put on the clipboard.
func paste(t *testing.T, tab *browser.Tab, clip map[string]string) (p pasted) {
	t.Helper()
	arg, err := json.Marshal(clip)
	must(t, err)
	must(t, json.Unmarshal([]byte(browser.Eval[string](tab, pasteScript+"("+string(arg)+")")), &p))
	return p
}

func setText(tab *browser.Tab, text string) {
	quoted, _ := json.Marshal(text) // a string always has a JSON form
	browser.Eval[bool](tab, `(() => { const t = document.getElementById("body"); t.value = `+string(quoted)+`; t.setSelectionRange(t.value.length, t.value.length); return true })()`)
}

// Each testdata/paste/NAME.clip.html is what an application puts on the
// clipboard; NAME.md is what it becomes, and NAME.html what readers see of it.
// With -update the last is written anew: look at it.
func TestPasteBecomesMarkdown(t *testing.T) {
	t.Parallel()
	_, tab := writer(t, browser.Options{})
	files, err := filepath.Glob("testdata/paste/*.clip.html")
	if err != nil || len(files) < 8 {
		t.Fatalf("the clips are %v, %v", files, err)
	}
	said := map[string]string{
		"word": "1 picture was left out; add it under “Files and pictures”.", "googledocs": "1 picture was left out; add it under “Files and pictures”.",
		"webpage": "1 picture was left out; add it under “Files and pictures”.", "wordonline": "2 pictures were left out; add them under “Files and pictures”.",
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".clip.html")
		t.Run(name, func(t *testing.T) {
			read := func(ending string) string {
				b, err := os.ReadFile("testdata/paste/" + name + ending)
				must(t, err)
				return string(b)
			}
			setText(tab, "")
			got := paste(t, tab, map[string]string{"text/html": read(".clip.html"), "text/plain": "plain"})
			if want := strings.TrimSuffix(read(".md"), "\n"); got.Value != want {
				t.Errorf("it becomes:\n%s\nwant:\n%s\n%s", got.Value, want, difference(want, got.Value))
			}
			if got.Said != said[name] {
				t.Errorf("it says %q, want %q", got.Said, said[name])
			}
			shown := reading.NewMarkdown().HTML(got.Value, reading.Attached{})
			if *update {
				must(t, os.WriteFile("testdata/paste/"+name+".html", []byte(shown), 0o644))
			}
			if want := read(".html"); shown != want {
				t.Errorf("readers see other than testdata/paste/%s.html:\n%s", name, difference(want, shown))
			}
		})
	}
	for _, e := range tab.ConsoleErrors() {
		t.Errorf("the console says: %s", e)
	}
}

// Words go into the sentence, blocks between its parts; what comes as plain
// text, as with Ctrl+Shift+V, is left to the browser.
func TestPasteIntoAText(t *testing.T) {
	t.Parallel()
	_, tab := writer(t, browser.Options{})
	for _, one := range []struct{ html, before, after, said string }{
		{"<meta charset='utf-8'><span><b>Hall B</b></span><br class=\"Apple-interchange-newline\">", "Come to «» at noon", "Come to **Hall B**«» at noon", ""},
		{"<p>one</p><p>two</p>", "a «old» b", "a \n\none\n\ntwo«»\n\n b", ""},
		{"<ul><li>pens</li></ul>", "Bring:\n«»", "Bring:\n\n- pens«»", ""},
		{"<p><img src=\"file:///C:/a.png\"></p>", "a«»", "a«»", "1 picture was left out; add it under “Files and pictures”."},
		{"<p><img src=\"/pictures/AB12/480\" alt=\"The [new] hall\"> there</p>", "«»", "![The new hall](/pictures/AB12) there«»", ""},
	} {
		mark(t, tab, one.before)
		got := paste(t, tab, map[string]string{"text/html": one.html, "text/plain": "plain"})
		if shown := marked(tab); !got.Took || shown != one.after || got.Said != one.said {
			t.Errorf("%s into %q\n got %q, %q\nwant %q, %q", one.html, one.before, shown, got.Said, one.after, one.said)
		}
		browser.Eval[bool](tab, `document.execCommand("undo")`)
		if got, want := strings.NewReplacer("«", "", "»", "").Replace(marked(tab)), strings.NewReplacer("«", "", "»", "").Replace(one.before); got != want {
			t.Errorf("undone: %q, want %q", got, want)
		}
	}
	if got := paste(t, tab, map[string]string{"text/plain": "**plain**"}); got.Took {
		t.Errorf("plain text is not left to the browser: %+v", got)
	}
}
