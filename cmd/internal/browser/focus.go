package browser

import _ "embed"

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
