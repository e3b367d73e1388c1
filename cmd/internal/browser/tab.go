package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const (
	patience  = 15 * time.Second       // for one step of a journey
	interval  = 20 * time.Millisecond  // between two looks at the page
	hesitates = 150 * time.Millisecond // a navigation follows its click within this
)

// Tab is one page of a browser, as one person uses it.
type Tab struct {
	t       testing.TB
	ctx     context.Context
	options Options
	seen    *recorder
	close   func()
}

// Open makes another tab of the same person: it shares this one's cookies.
func (b *Tab) Open() *Tab {
	b.t.Helper()
	return open(b.t, b.ctx, b.options)
}

// Close closes the tab, without a question to its page.
func (b *Tab) Close() { b.close() }

// Before has a script run in each page from now on, before the page's own.
func (b *Tab) Before(script string) {
	b.t.Helper()
	err := b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return err
	}))
	if err != nil {
		b.t.Fatalf("preparing a script: %v", err)
	}
}

// Go enters an address and waits until the page has loaded.
func (b *Tab) Go(url string) {
	b.t.Helper()
	if err := b.do(chromedp.Navigate(url)); err != nil {
		b.t.Fatalf("going to %s: %v", url, err)
	}
	b.settle()
}

// Reload does what the browser's button does.
func (b *Tab) Reload() {
	b.t.Helper()
	if err := b.do(chromedp.Reload()); err != nil {
		b.t.Fatalf("reloading: %v", err)
	}
	b.settle()
}

// Back does what the browser's button does. Chromium may show the page as it
// was left, without asking the site for it.
func (b *Tab) Back() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	history, err := chromedp.Run(ctx, chromedp.NavigationEntries())
	if err != nil {
		b.t.Fatalf("reading the tab's history: %v", err)
	}
	if history.CurrentIndex < 1 {
		b.t.Fatal("there is no page to go back to")
	}
	entry := history.Entries[history.CurrentIndex-1].ID
	b.act("going back", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: entry})
		return err
	}))
}

//go:embed find.js
var findScript string

// spot is where find.js says an element can be hit.
type spot struct {
	X, Y    float64
	Problem string
}

// Click clicks (on a phone: taps) the first visible element that a CSS selector
// names, or else the link or button with that text, where a person would hit
// it; an element under another one fails. It waits for the page that follows.
func (b *Tab) Click(target string) {
	b.t.Helper()
	var at spot
	b.until("clicking "+target, func() (bool, string) {
		at = Eval[spot](b, call(findScript, target))
		return at.Problem == "", at.Problem
	})
	hit := chromedp.MouseClickXY(at.X, at.Y)
	if b.options.Phone {
		hit = chromedp.TapXY(at.X, at.Y)
	}
	b.act("clicking "+target, hit)
}

const focusScript = `(selector) => {
	const field = document.querySelector(selector);
	if (!field) return false;
	field.focus();
	if (field.select) field.select();
	return document.activeElement === field;
}`

// Type replaces what a field holds by a text.
func (b *Tab) Type(selector, text string) {
	b.t.Helper()
	b.until("typing into "+selector, func() (bool, string) {
		return Eval[bool](b, call(focusScript, selector)), "no such field takes the focus"
	})
	b.act("typing into "+selector, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: text})
		return err
	}))
}

// Press presses keys one after the other, such as kb.Tab, and waits for the
// page that may follow.
func (b *Tab) Press(keys string) {
	b.t.Helper()
	b.act("pressing keys", chromedp.KeyEvent(keys, asPressed))
}

// Hold presses a key while another one, such as kb.Control, is held.
func (b *Tab) Hold(held, key string) {
	b.t.Helper()
	modifier := map[string]chromedp.Modifier{kb.Control: chromedp.ModifierCtrl, kb.Shift: chromedp.ModifierShift}[held]
	b.act("pressing keys", chromedp.KeyEvent(key, asPressed, chromedp.KeyModifiers(modifier)))
}

// asPressed makes a key event what a keyboard's is: a page that takes the key
// for itself then gets no letter of it.
func asPressed(p *input.DispatchKeyEventParams) {
	if p.Type == kb.KeyDown {
		p.Type = input.DispatchKeyEventTypeRawKeyDown
	}
}

// Text is what a person can read on the page.
func (b *Tab) Text() string {
	b.t.Helper()
	return Eval[string](b, `document.body ? document.body.innerText : ""`)
}

// URL is the address of the page.
func (b *Tab) URL() string {
	b.t.Helper()
	return Eval[string](b, `location.href`)
}

// Forget drops a cookie of the page's site, as its end of life would.
func (b *Tab) Forget(cookie string) {
	b.t.Helper()
	url := b.URL()
	err := b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.DeleteCookies, network.DeleteCookiesParams{Name: cookie, URL: url})
		return err
	}))
	if err != nil {
		b.t.Fatalf("forgetting the cookie %s: %v", cookie, err)
	}
}

const focusedScript = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body) return "";
	return (e.innerText || e.value || e.getAttribute("aria-label") || e.name || e.id || e.tagName).trim();
})()`

// Focused is the text of the element that has the keyboard's focus, or its
// value, label, name, id or tag; "" when none has.
func (b *Tab) Focused() string {
	b.t.Helper()
	return Eval[string](b, focusedScript)
}

// WaitFocus waits until the focus is on the element of a selector: Chromium
// moves it there by itself only when the page has been drawn.
func (b *Tab) WaitFocus(selector string) {
	b.t.Helper()
	b.until("the focus on "+selector, func() (bool, string) {
		on := Eval[string](b, `document.activeElement.outerHTML.slice(0, 80)`)
		return Eval[bool](b, fmt.Sprintf(`document.activeElement.matches(%q)`, selector)), on
	})
}

// WaitText waits until the page shows a text, over as many pages as it takes.
func (b *Tab) WaitText(text string) {
	b.t.Helper()
	b.until(fmt.Sprintf("waiting for %q", text), func() (bool, string) {
		shown := b.Text()
		return strings.Contains(shown, text), "the page says: " + shown
	})
	b.settle()
}

// Screenshot writes the whole page as a PNG file.
func (b *Tab) Screenshot(path string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = os.WriteFile(path, png, 0o644)
	}
	if err != nil {
		b.t.Fatalf("taking a picture for %s: %v", path, err)
	}
}

// Reset forgets the requests and the console's errors so far.
func (b *Tab) Reset() { b.seen.reset() }

// Redirects lists the documents that the tab asked for since the last reset,
// each hop with its status.
func (b *Tab) Redirects() []Hop { return b.seen.hops() }

// Requests lists all that the tab asked for since the last reset.
func (b *Tab) Requests() []Request { return b.seen.list() }

// EncodedBytes is what came over the wire since the last reset: headers and
// encoded bodies, redirects included.
func (b *Tab) EncodedBytes() int {
	total := 0
	for _, request := range b.seen.list() {
		total += request.Bytes
	}
	return total
}

// ConsoleErrors lists the errors of the console since the last reset, such as
// an exception, a violated content policy or a picture that is not there.
func (b *Tab) ConsoleErrors() []string { return b.seen.consoleErrors() }

// Eval runs an expression in the page, also where the page itself may run no
// script, and decodes its value. It tries again when the page goes away under it.
func Eval[T any](b *Tab, expression string) T {
	b.t.Helper()
	var value T
	b.until("asking the page", func() (bool, string) {
		ctx, cancel := context.WithTimeout(b.ctx, patience)
		defer cancel()
		var err error
		value, err = chromedp.Run(ctx, chromedp.Evaluate[T](expression))
		if thrown, ok := errors.AsType[*chromedp.ExceptionError](err); ok {
			b.t.Fatalf("asking the page: %v", thrown)
		}
		return err == nil, fmt.Sprint(err)
	})
	return value
}

// call is an expression that calls a function with a text.
func call(function, argument string) string {
	quoted, err := json.Marshal(argument)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	return "(" + function + ")(" + string(quoted) + ")"
}

func (b *Tab) do(step chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Do(ctx, step)
}

// act does what may lead to another page, and waits for that page.
func (b *Tab) act(what string, step chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	_, before := b.seen.state()
	if err := b.do(step); err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
	for end := time.Now().Add(hesitates); time.Now().Before(end); time.Sleep(interval) {
		if _, began := b.seen.state(); began != before {
			break
		}
	}
	b.settle()
}

// settle waits until the tab is not on its way to another page. One that never
// arrives shows in what the journey asks next.
func (b *Tab) settle() {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(interval) {
		if loading, _ := b.seen.state(); !loading {
			return
		}
	}
}

// until repeats a look until it is good, and ends the test with what it last
// saw when it never is.
func (b *Tab) until(what string, look func() (bool, string)) {
	b.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(interval) {
		good, saw := look()
		if good {
			return
		}
		if time.Now().After(end) {
			b.t.Fatalf("%s: %s", what, saw)
		}
	}
}

// logFailure tells where the tab stood when its test failed.
func (b *Tab) logFailure() {
	if b.t.Failed() {
		b.t.Logf("the tab asked for %v; console: %q", b.Redirects(), b.ConsoleErrors())
	}
}
