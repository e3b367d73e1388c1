package journey

import (
	"net/http"
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/browser"
)

// A signed-in person's public page may be kept by the browser. After the
// sign-out Back must not show it as it was left (the back-forward cache):
// with script it checks itself, without script it was never to be kept.
func TestBackToAPublicPage(t *testing.T) {
	t.Parallel()
	inChromium(t, func(t *testing.T, w *World, tab *browser.Tab) {
		w.seenSignedIn(t, tab)
		tab.Click("Sign out")
		tab.Back()
		tab.WaitText("Sign in")
		wantNoName(t, tab)
	})
}

// notAsLeft keeps Chromium from restoring the page as it was left, on a desk:
// going back then looks it up in the cache of answers, which asks nobody
// whether a no-cache answer is still good.
const notAsLeft = `(addEventListener("unload", () => {}), true)`

// cameBy is how the page in the tab was come by, and what of it was fetched.
const cameBy = `(({type, transferSize}) => type + (transferSize ? ", fetched" : ", from the cache"))(performance.getEntriesByType("navigation")[0])`

// Nor from that cache: Vary: Cookie makes it ask after the sign-out. The first
// half shows that without a sign-out it does not ask, else this shows nothing.
func TestBackToACachedPage(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	tab := browser.New(t, browser.Options{})
	w.seenSignedIn(t, tab)
	browser.Eval[bool](tab, notAsLeft)
	tab.Go(w.URL + "/nowhere")
	tab.Back()
	if got := browser.Eval[string](tab, cameBy); got != "back_forward, from the cache" || !showsName(tab) {
		t.Fatalf("Back to a kept page: %s; this test shows nothing", got)
	}
	browser.Eval[bool](tab, notAsLeft)
	tab.Click("Sign out")
	tab.Back()
	if got := browser.Eval[string](tab, cameBy); got != "back_forward, fetched" {
		t.Errorf("Back after the sign-out: %s", got)
	}
	wantNoName(t, tab)
}

// seenSignedIn has a person look at the first page often enough that the
// browser keeps it where it may, and leaves the tab there.
func (w *World) seenSignedIn(t *testing.T, tab *browser.Tab) {
	t.Helper()
	signIn(t, w, tab, campusonetest.SubAmina, "/dashboard")
	for range 3 {
		tab.Go(w.URL + "/")
	}
	if !showsName(tab) {
		t.Fatalf("not signed in: %s", tab.Text())
	}
	if browser.Eval[bool](tab, `document.querySelector("details.fold").checkVisibility()`) {
		tab.Click("details.fold summary")
	}
}

func showsName(tab *browser.Tab) bool {
	return browser.Eval[bool](tab, `!!document.documentElement?.textContent.includes("Amina")`)
}

func wantNoName(t *testing.T, tab *browser.Tab) {
	t.Helper()
	if showsName(tab) {
		t.Errorf("Back shows %s: %s", tab.URL(), tab.Text())
	}
}

// inlineScript tells whether the page lets an inline script run.
const inlineScript = `(() => {
	const s = document.createElement("script");
	s.textContent = "window.ranInline = true";
	document.head.append(s);
	return window.ranInline === true;
})()`

// A 304 carries no policy: the stored page's own stays in force. And it is
// light: under 600 bytes, signed in as well as not.
func TestPolicyHoldsAfterA304(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	tab := browser.New(t, browser.Options{Phone: true})
	w.seenSignedIn(t, tab)
	tab.Reset()
	tab.Go(w.URL + "/")
	if n := tab.EncodedBytes(); n == 0 || n >= 600 {
		t.Errorf("an unchanged page cost %d bytes: %v", n, tab.Requests())
	}
	if browser.Eval[bool](tab, inlineScript) {
		t.Error("an inline script ran")
	}
	if e := tab.ConsoleErrors(); len(e) != 1 || !strings.Contains(e[0], "Content Security Policy") {
		t.Errorf("the console says %q", e)
	}
}

// Chromium applies form-action to redirects that answer a form, of a GET form
// too: one whose answer is our redirect to Campus One must not die by it.
func TestFormWhoseAnswerIsARedirect(t *testing.T) {
	t.Parallel()
	inChromium(t, func(t *testing.T, w *World, tab *browser.Tab) {
		tab.Go(w.URL + "/")
		tab.Reset()
		w.sendForm(tab, http.MethodGet, "/dashboard")
		tab.WaitText(nameOf(t, campusonetest.SubAmina)) // Campus One's page, where one picks who to be
		if got := way(w, tab); !strings.HasPrefix(got, "303 portal /dashboard, 302 campusone") {
			t.Errorf("the way: %s", got)
		}
	})
}

// sendForm submits a form of the portal's page as its button would.
func (w *World) sendForm(tab *browser.Tab, method, action string) {
	browser.Eval[bool](tab, `(() => {
		const f = document.createElement("form"), b = document.createElement("button");
		f.method = "`+method+`"; f.action = "`+action+`"; f.id = "sent-by-test";
		b.textContent = "Send this form"; b.style.cssText = "";
		f.append(b);
		document.querySelector("main").prepend(f);
		return true;
	})()`)
	tab.Click("Send this form")
}

// https all the way in Chromium: the cookies with the prefix are kept, signing
// in and out works, and the script's own cookie too.
func TestChromiumOverHTTPS(t *testing.T) {
	t.Parallel()
	for _, scheme := range []Scheme{HTTPS, Proxied} {
		w := Start(t, Options{Scheme: scheme})
		tab := browser.New(t, browser.Options{AnyCertificate: true})
		w.seenSignedIn(t, tab)
		if got := browser.Eval[string](tab, `document.cookie`); got != "__Host-c1_script=1" {
			t.Errorf("a script sees the cookies %q", got)
		}
		tab.Click("Sign out")
		if got := tab.URL(); got != w.URL+"/auth/signed-out" {
			t.Errorf("after signing out at %s: %s", got, tab.Text())
		}
		tab.Back()
		tab.WaitText("Sign in")
		wantNoName(t, tab)
		for _, e := range tab.ConsoleErrors() {
			t.Errorf("the console says: %s", e)
		}
	}
}
