package browser

import (
	"context"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// FirstPaint is how long after its navigation began, redirects included, the
// page first showed something (the first contentful paint).
func (b *Tab) FirstPaint() time.Duration {
	b.t.Helper()
	var ms float64
	b.until("the first paint", func() (bool, string) {
		ms = Eval[float64](b, `performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0`)
		return ms > 0, "nothing is shown"
	})
	return time.Duration(ms * float64(time.Millisecond))
}

// shiftScript starts to listen at its first call, and gives the sum when all
// that happened before was told: -1 until then.
const shiftScript = `(() => {
	if (!window.shifts) {
		window.shifts = { sum: 0, told: false };
		new PerformanceObserver((list) => {
			for (const entry of list.getEntries()) window.shifts.sum += entry.value;
		}).observe({ type: "layout-shift", buffered: true });
		requestAnimationFrame(() => setTimeout(() => { window.shifts.told = true }, 50));
	}
	return window.shifts.told ? window.shifts.sum : -1;
})()`

// Shift is how much of the page has moved by itself since it was opened: the
// sum of Chromium's layout shifts. The page must run script.
func (b *Tab) Shift() float64 {
	b.t.Helper()
	var sum float64
	b.until("what has moved", func() (bool, string) {
		sum = Eval[float64](b, shiftScript)
		return sum >= 0, "the page does not say"
	})
	return sum
}

// ForgetCache drops what the browser keeps of pages and files; cookies stay.
func (b *Tab) ForgetCache() {
	b.t.Helper()
	err := b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.ClearBrowserCache, cdp.Empty{})
		return err
	}))
	if err != nil {
		b.t.Fatalf("forgetting the cache: %v", err)
	}
}
