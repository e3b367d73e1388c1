package browser

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// axeRun asks for all rules that axe has on by itself, and the size of targets.
const axeRun = `axe.run(document, {
	resultTypes: ["violations"],
	rules: {"target-size": {enabled: true}},
}).then((r) => JSON.stringify(r.violations.flatMap((v) => v.nodes.map((n) =>
	v.id + ": " + v.help + " (" + v.impact + "): " + n.target.join(" ") + ": " + n.html.slice(0, 200)))))`

// Axe fails the test, as a subtest of its own, for each thing that axe-core
// finds wrong with the page for people who see, hear or move differently.
func (b *Tab) Axe(t *testing.T) {
	t.Helper()
	t.Run("axe", func(t *testing.T) {
		source := axeSource(t)
		for _, violation := range b.axe(t, source) {
			t.Errorf("%s: %s", b.URL(), violation)
		}
	})
}

// AxeCount is how many things axe-core finds, for a table; Axe tells them.
func (b *Tab) AxeCount(t testing.TB) int {
	t.Helper()
	return len(b.axe(t, axeSource(t)))
}

// axe runs in a world of its own beside the page's scripts: the page's content
// policy does not reach there and nothing of the page changes.
func (b *Tab) axe(t testing.TB, source string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 4*patience)
	defer cancel()
	if b.options.NoScript {
		if err := setScript(ctx, true); err != nil {
			t.Fatalf("letting axe run: %v", err)
		}
		defer func() { _ = setScript(ctx, false) }() // a lost tab shows in the next step
	}
	world, err := chromedp.Call(ctx, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{
		FrameID: cdp.FrameID(chromedp.FromContext(b.ctx).Target.TargetID), WorldName: "axe",
	})
	if err != nil {
		t.Fatalf("making room for axe: %v", err)
	}
	inWorld := func(p *runtime.EvaluateParams) { p.ContextID = world.ExecutionContextID }
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](source, inWorld)); err != nil {
		t.Fatalf("loading axe: %v", err)
	}
	found, err := chromedp.Run(ctx, chromedp.Evaluate[string](axeRun, inWorld, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("running axe: %v", err)
	}
	var violations []string
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		t.Fatalf("reading what axe found: %v", err)
	}
	return violations
}

// axeSource reads axe.min.js from where PORTICO_TEST_AXE says, or from where
// .ci/run puts it.
func axeSource(t testing.TB) string {
	t.Helper()
	path := os.Getenv("PORTICO_TEST_AXE")
	if path == "" {
		path = filepath.Join(moduleRoot(t), ".tools", "node_modules", "axe-core", "axe.min.js")
	}
	source, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		missing(t, "axe-core is not installed")
	}
	if err != nil {
		t.Fatalf("reading axe-core: %v", err)
	}
	if !strings.Contains(string(source[:min(len(source), 200)]), "axe") {
		t.Fatalf("%s is not axe-core", path)
	}
	return string(source)
}

// moduleRoot is the folder with go.mod above the test's own.
func moduleRoot(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		if folder == filepath.Dir(folder) {
			t.Fatal("no go.mod above the test")
		}
		folder = filepath.Dir(folder)
	}
}
