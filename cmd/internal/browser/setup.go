package browser

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/security"
	"github.com/chromedp/chromedp"
)

// open makes a tab under a browser's or another tab's context and gives it the
// options before it goes anywhere.
func open(t testing.TB, parent context.Context, o Options, more ...chromedp.ContextOption) *Tab {
	t.Helper()
	tab := &Tab{t: t, options: o, seen: &recorder{}}
	ctx, cancel := chromedp.NewContext(parent, append(more, chromedp.WithListener(tab.seen.on))...)
	t.Cleanup(cancel)
	tab.ctx = ctx
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("opening a tab: %v", err)
	}
	tab.seen.setMain(cdp.FrameID(chromedp.FromContext(ctx).Target.TargetID))
	for _, step := range []func(context.Context, Options) error{window, media, identity, link, trust} {
		if err := step(ctx, o); err != nil {
			t.Fatalf("setting up a tab: %v", err)
		}
	}
	t.Cleanup(tab.logFailure)
	return tab
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
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	if err != nil {
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

// trust lets the tab take a certificate from anybody.
func trust(ctx context.Context, o Options) error {
	if !o.AnyCertificate {
		return nil
	}
	_, err := chromedp.Call(ctx, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true})
	return err
}
