package browser

import (
	_ "embed"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Focus is where the keyboard is, as a person sees it.
type Focus struct {
	Text string // what is written there; of a field its label; "" when nothing has the focus
	Tag  string
	Ring bool   // an outline of two pixels or more is drawn around it
	Over string // what lies over its middle, or where else it cannot be seen; "" when it can
}

//go:embed focus.js
var focusedSpot string

// Focus tells where the keyboard's focus is.
func (b *Tab) Focus() Focus {
	b.t.Helper()
	return Eval[Focus](b, "("+focusedSpot+")()")
}

// Next presses Tab, which leads to no other page, and tells where the focus is
// then.
func (b *Tab) Next() Focus {
	b.t.Helper()
	if err := b.do(chromedp.KeyEvent(kb.Tab, asPressed)); err != nil {
		b.t.Fatalf("pressing Tab: %v", err)
	}
	return b.Focus()
}
