// Package browser drives a real Chromium through journeys: it goes where a
// person goes, clicks what a person sees, and tells what the network carried.
//
// A test binary shares one Chromium process (and a second one for tabs that
// refuse cookies, since that is a setting of the whole profile). Every tab of
// New is a browser context of its own: no cookie, cache or storage is shared
// with another, except with the tabs it opens itself.
//
// Where Chromium is missing a test is skipped with one line. With
// PORTICO_TEST_ALL=1 that is a failure instead. PORTICO_TEST_CHROMIUM names
// the program, PORTICO_TEST_AXE the file axe.min.js.
//
// Every method ends the test when it cannot do what it says, and a failed test
// logs where its tabs stood.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// Options say what kind of browser a tab stands for. The zero value is a desk:
// 1280 by 900, light, with script and cookies.
type Options struct {
	Phone     bool              // 360 by 740 with touch and a phone's user agent
	Dark      bool              // the system prefers dark
	NoScript  bool              // pages run no script
	NoCookies bool              // no cookie is kept
	Slow      bool              // 400 ms and 400 kbit/s
	Width     int               // another width in CSS pixels
	Headers   map[string]string // sent with every request, such as Save-Data: on
	UserAgent string            // instead of Chromium's own

	Still      bool   // the system asks for less motion
	Forced     bool   // the system's few colours replace a page's own
	Print      bool   // pages are laid out as for paper
	Stylesheet []byte // every stylesheet is this one instead

	AnyCertificate bool // https with a certificate of an authority for tests
}

// New opens an empty tab that the end of the test closes.
func New(t testing.TB, o Options) *Tab {
	t.Helper()
	start := withCookies
	if o.NoCookies {
		start = withoutCookies
	}
	chromium, err := start()
	if errors.Is(err, errNoChromium) {
		missing(t, "Chromium is not installed")
	}
	if err != nil {
		t.Fatalf("starting Chromium: %v", err)
	}
	return open(t, chromium, o, chromedp.WithNewBrowserContext())
}

// missing ends a test for want of a tool.
func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("PORTICO_TEST_ALL") == "1" {
		t.Fatal(what)
	}
	t.Skip(what)
}

var errNoChromium = errors.New("no Chromium")

// The processes live as long as the test binary.
var (
	withCookies    = sync.OnceValues(func() (context.Context, error) { return launch("") })
	withoutCookies = sync.OnceValues(func() (context.Context, error) {
		return launch(`{"profile":{"default_content_setting_values":{"cookies":2}}}`)
	})
)

// launch starts Chromium on a fresh profile, with the given preferences where
// there are any. It ends with the test binary, whose end closes the pipe between
// the two.
func launch(preferences string) (context.Context, error) {
	path, err := program(preferences != "")
	if err != nil {
		return nil, err
	}
	profile, err := newProfile(preferences)
	if err != nil {
		return nil, fmt.Errorf("making a profile: %w", err)
	}
	allocator, _ := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.UserDataDir(profile),
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true),
		chromedp.ModifyCmdFunc(func(cmd *exec.Cmd) { removeAfter(cmd, profile) }),
	)...)
	ctx, _ := chromedp.NewContext(allocator)
	if err := chromedp.Do(ctx); err != nil {
		return nil, err
	}
	return ctx, nil
}

// removeAfter lets a shell wait for the command and remove the folder then: a
// test binary has no last word of its own to do it with.
func removeAfter(cmd *exec.Cmd, folder string) {
	cmd.Args = append([]string{"sh", "-c", `"$@"; rm -rf "$0"`, folder, cmd.Path}, cmd.Args[1:]...)
	cmd.Path = "/bin/sh"
}

func newProfile(preferences string) (string, error) {
	folder, err := os.MkdirTemp("", "portico-chromium-")
	if err != nil {
		return "", err
	}
	if err := os.Mkdir(filepath.Join(folder, "Default"), 0o700); err != nil {
		return "", err
	}
	if preferences == "" {
		return folder, nil
	}
	return folder, os.WriteFile(filepath.Join(folder, "Default", "Preferences"), []byte(preferences), 0o600)
}

// program finds Chromium: the one that is named, or one by a usual name. Only
// the whole one heeds the preferences of a profile.
func program(whole bool) (string, error) {
	names := []string{"chromium", "chromium-browser", "google-chrome"}
	if !whole { // without its windows it does the same in less time
		names = append([]string{"chromium-headless-shell"}, names...)
	}
	if named := os.Getenv("PORTICO_TEST_CHROMIUM"); named != "" {
		names = []string{named}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errNoChromium
}
