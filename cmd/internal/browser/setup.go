package browser

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/security"
	"github.com/chromedp/chromedp"
)

// open makes a tab under a browser's or another tab's context and gives it the
// options before it goes anywhere.
func open(t testing.TB, parent context.Context, o Options, more ...chromedp.ContextOption) *Tab {
	t.Helper()
	tab := &Tab{t: t, options: o, seen: &recorder{}}
	ctx, cancel := chromedp.NewContext(parent, append(more, chromedp.WithListener(tab.seen.on), chromedp.WithListener(tab.restyle))...)
	t.Cleanup(cancel)
	tab.ctx, tab.close = ctx, cancel
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("opening a tab: %v", err)
	}
	tab.seen.setMain(cdp.FrameID(chromedp.FromContext(ctx).Target.TargetID))
	for _, step := range []func(context.Context, Options) error{focused, window, media, identity, link, trust, restyled} {
		if err := step(ctx, o); err != nil {
			t.Fatalf("setting up a tab: %v", err)
		}
	}
	t.Cleanup(tab.logFailure)
	return tab
}

// focused lets a tab think that it is in front, whatever other tabs do.
func focused(ctx context.Context, _ Options) error {
	_, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	return err
}

// window sets the size and whether fingers touch it.
func window(ctx context.Context, o Options) error {
	size := emulation.SetDeviceMetricsOverrideParams{Width: 1280, Height: 900, DeviceScaleFactor: 1}
	if o.Phone {
		size = emulation.SetDeviceMetricsOverrideParams{Width: 360, Height: 740, DeviceScaleFactor: 2, Mobile: true}
	}
	if o.Width > 0 {
		size.Width = int64(o.Width)
	}
	if _, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, size); err != nil {
		return err
	}
	touch := emulation.SetTouchEmulationEnabledParams{Enabled: o.Phone}
	_, err := chromedp.Call(ctx, emulation.SetTouchEmulationEnabled, touch)
	return err
}

// media sets the theme and whether pages run script.
func media(ctx context.Context, o Options) error {
	scheme := "light"
	if o.Dark {
		scheme = "dark"
	}
	seen := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	if o.Still {
		seen.Features = append(seen.Features, &emulation.MediaFeature{Name: "prefers-reduced-motion", Value: "reduce"})
	}
	if o.Forced {
		seen.Features = append(seen.Features, &emulation.MediaFeature{Name: "forced-colors", Value: "active"})
	}
	if o.Print {
		seen.Media = "print"
	}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, seen); err != nil {
		return err
	}
	return setScript(ctx, !o.NoScript)
}

func setScript(ctx context.Context, on bool) error {
	_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled,
		emulation.SetScriptExecutionDisabledParams{Value: !on})
	return err
}

// identity sets the user agent: without the word Headless, which a site may
// take for a crawler.
func identity(ctx context.Context, o Options) error {
	agent := o.UserAgent
	if agent == "" {
		version, err := chromedp.CallBrowser(ctx, browser.GetVersion, cdp.Empty{})
		if err != nil {
			return err
		}
		agent = strings.Replace(version.UserAgent, "Headless", "", 1)
		if o.Phone {
			agent = strings.Replace(agent, "X11; Linux x86_64", "Linux; Android 10; K", 1)
			agent = strings.Replace(agent, " Safari/", " Mobile Safari/", 1)
		}
	}
	_, err := chromedp.Call(ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent})
	return err
}

// link sets the extra headers and the speed of the network.
func link(ctx context.Context, o Options) error {
	if len(o.Headers) > 0 {
		headers := network.Headers{}
		for name, value := range o.Headers {
			headers[name] = value
		}
		_, err := chromedp.Call(ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: headers})
		if err != nil {
			return err
		}
	}
	if !o.Slow {
		return nil
	}
	const bytesPerSecond = 400_000 / 8
	_, err := chromedp.Call(ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{
			Latency: 400, DownloadThroughput: bytesPerSecond, UploadThroughput: bytesPerSecond,
		}},
	})
	return err
}

// restyled has the tab's stylesheets stopped on their way, for restyle.
func restyled(ctx context.Context, o Options) error {
	if o.Stylesheet == nil {
		return nil
	}
	_, err := chromedp.Call(ctx, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: "*", ResourceType: network.ResourceTypeStylesheet}}})
	return err
}

// restyle answers for a stylesheet. The tab's reading loop calls it, so the
// answer is given from elsewhere.
func (b *Tab) restyle(event any) {
	paused, is := event.(*fetch.EventRequestPaused)
	if !is {
		return
	}
	go func() {
		_, err := chromedp.Call(b.ctx, fetch.FulfillRequest, fetch.FulfillRequestParams{
			RequestID: paused.RequestID, ResponseCode: http.StatusOK, Body: b.options.Stylesheet,
			ResponseHeaders: []*fetch.HeaderEntry{{Name: "Content-Type", Value: "text/css; charset=utf-8"}},
		})
		if err != nil && b.ctx.Err() == nil {
			b.seen.fault("a stylesheet was not replaced: " + err.Error())
		}
	}()
}

// trust lets the tab take a certificate from anybody.
func trust(ctx context.Context, o Options) error {
	if !o.AnyCertificate {
		return nil
	}
	_, err := chromedp.Call(ctx, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true})
	return err
}
