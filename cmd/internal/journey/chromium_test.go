package journey

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/browser"
)

// window is one way to look at the portal.
type window struct {
	name string
	o    browser.Options
}

var windows = []window{
	{"phone", browser.Options{Phone: true}},
	{"phone without script", browser.Options{Phone: true, NoScript: true}},
	{"desk", browser.Options{}},
	{"desk dark without script", browser.Options{Dark: true, NoScript: true}},
}

// inChromium walks a journey in every window, each in a portal of its own.
func inChromium(t *testing.T, walk func(t *testing.T, w *World, tab *browser.Tab)) {
	t.Helper()
	for _, win := range windows {
		t.Run(win.name, func(t *testing.T) {
			t.Parallel()
			w := Start(t, Options{})
			tab := browser.New(t, win.o)
			walk(t, w, tab)
			for _, e := range tab.ConsoleErrors() {
				if !strings.Contains(e, "status of 40") { // the answer's own status, told as an error
					t.Errorf("the console says: %s", e)
				}
			}
		})
	}
}

// picture keeps a screenshot where PORTICO_TEST_PICTURES says, and has axe
// look at the page.
func picture(t *testing.T, tab *browser.Tab, name string) {
	t.Helper()
	if dir := os.Getenv("PORTICO_TEST_PICTURES"); dir != "" {
		file := strings.NewReplacer("/", "_", " ", "-").Replace(t.Name() + "_" + name)
		tab.Screenshot(filepath.Join(dir, file+".png"))
	}
	tab.Axe(t)
}

// way writes the documents a tab asked for as "303 portal /, ...".
func way(w *World, tab *browser.Tab) string {
	var all []string
	for _, h := range tab.Redirects() {
		where := "campusone"
		path := h.URL
		if u, err := url.Parse(h.URL); err == nil {
			path = u.Path
		}
		if strings.HasPrefix(h.URL, w.URL) {
			where = "portal"
		}
		all = append(all, fmt.Sprintf("%d %s %s", h.Status, where, path))
	}
	return strings.Join(all, ", ")
}

func wantWay(t *testing.T, w *World, tab *browser.Tab, want string) {
	t.Helper()
	if got := way(w, tab); got != want {
		t.Errorf("the way\n got %s\nwant %s", got, want)
	}
}

// wantText fails when a page does not show a text, not even after a while: a
// form may wait for a draft that is on its way.
func wantText(t *testing.T, tab *browser.Tab, want string) {
	t.Helper()
	if !strings.Contains(tab.Text(), want) {
		tab.WaitText(want)
	}
}

// nameOf is what the picker of the stand-in calls a seeded person.
func nameOf(t *testing.T, sub string) string {
	t.Helper()
	for _, p := range campusonetest.Seeded() {
		if p.Sub == sub {
			return p.Name
		}
	}
	t.Fatalf("nobody has the sub %s", sub)
	return ""
}

// signIn opens a page and signs in by picking a person at Campus One.
func signIn(t *testing.T, w *World, tab *browser.Tab, sub, path string) {
	t.Helper()
	tab.Go(w.URL + path)
	tab.Click(nameOf(t, sub))
}

const firstView = "303 portal /, 302 campusone /api/auth/oauth2/authorize, 303 portal /auth/callback, 200 portal /"

func TestAnonymousFirstVisit(t *testing.T) {
	t.Parallel()
	inChromium(t, func(t *testing.T, w *World, tab *browser.Tab) {
		tab.Go(w.URL + "/")
		wantWay(t, w, tab, firstView)
		picture(t, tab, "home")
		tab.Reset()
		tab.Go(w.URL + "/")
		wantWay(t, w, tab, "200 portal /")
	})
}

func TestRecognisedWithoutAClick(t *testing.T) {
	t.Parallel()
	inChromium(t, func(t *testing.T, w *World, tab *browser.Tab) {
		tab.Go(w.URL + "/") // anonymous
		signIn(t, w, tab, campusonetest.SubAmina, "/dashboard?week=48")
		if got := tab.URL(); got != w.URL+"/dashboard?week=48" {
			t.Errorf("came back to %s", got)
		}
		wantText(t, tab, "Amina Baobab")
		picture(t, tab, "dashboard")
		w.forgetSession(t, campusonetest.SubAmina)
		tab.Reset()
		tab.Go(w.URL + "/")
		wantWay(t, w, tab, firstView)
		if !browser.Eval[bool](tab, `!!document.documentElement?.textContent.includes("Amina Baobab")`) {
			t.Errorf("not recognised: %s", tab.Text())
		}
		picture(t, tab, "home-signed-in")
		tab.Reset()
		tab.Go(w.URL + "/dashboard")
		wantWay(t, w, tab, "200 portal /dashboard")
	})
}

func TestSignOutHolds(t *testing.T) {
	t.Parallel()
	inChromium(t, func(t *testing.T, w *World, tab *browser.Tab) {
		signIn(t, w, tab, campusonetest.SubAmina, "/dashboard")
		if browser.Eval[bool](tab, `document.querySelector("details.fold").checkVisibility()`) {
			tab.Click("details.fold summary")
			picture(t, tab, "menu")
		}
		tab.Click("Sign out")
		if got := tab.URL(); got != w.URL+"/auth/signed-out" {
			t.Fatalf("after signing out at %s: %s", got, tab.Text())
		}
		picture(t, tab, "signed-out")
		tab.Reset()
		tab.Go(w.URL + "/")
		wantWay(t, w, tab, "200 portal /")
		tab.Go(w.URL + "/dashboard")
		picture(t, tab, "gate")
		if strings.Contains(tab.Text(), "Amina") {
			t.Error("signed in again without being asked")
		}
		tab.Click("main form button")
		wantText(t, tab, "Amina Baobab")
	})
}

// After a sign-out the Back button shows no private page.
func TestBackAfterSignOut(t *testing.T) {
	t.Parallel()
	inChromium(t, func(t *testing.T, w *World, tab *browser.Tab) {
		signIn(t, w, tab, campusonetest.SubAmina, "/dashboard")
		tab.Go(w.URL + "/")
		tab.Go(w.URL + "/dashboard")
		if browser.Eval[bool](tab, `document.querySelector("details.fold").checkVisibility()`) {
			tab.Click("details.fold summary")
		}
		tab.Click("Sign out")
		for range 2 {
			tab.Back()
			tab.WaitText("Department") // a page is there
			if browser.Eval[bool](tab, `!!document.documentElement?.textContent.includes("Amina")`) {
				t.Errorf("Back shows %s: %s", tab.URL(), tab.Text())
			}
		}
	})
}

func TestRoleChangesAtTheNextClick(t *testing.T) {
	t.Parallel()
	inChromium(t, func(t *testing.T, w *World, tab *browser.Tab) {
		signIn(t, w, tab, campusonetest.SubAmina, "/dashboard")
		tab.Go(w.URL + "/admin/reports")
		wantText(t, tab, "This page is not open to you")
		picture(t, tab, "forbidden")
		w.Provider.SetRole(campusonetest.SubAmina, "staff")
		w.settle(t)
		tab.Go(w.URL + "/admin/reports")
		wantText(t, tab, "Sign-ins")
		w.seedReports(t)
		tab.Reload()
		picture(t, tab, "reports")
	})
}

func TestTwoTabsAtOnce(t *testing.T) {
	t.Parallel()
	inChromium(t, func(t *testing.T, w *World, tab *browser.Tab) {
		other := tab.Open()
		tab.Go(w.URL + "/dashboard?tab=1")
		other.Go(w.URL + "/dashboard?tab=2")
		name := nameOf(t, campusonetest.SubAmina)
		tab.Click(name)
		other.Click(name)
		for i, b := range []*browser.Tab{tab, other} {
			if want := fmt.Sprintf("%s/dashboard?tab=%d", w.URL, i+1); b.URL() != want {
				t.Errorf("tab %d came back to %s", i+1, b.URL())
			}
			wantText(t, b, name)
		}
	})
}

func TestCookiesOff(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	tab := browser.New(t, browser.Options{Phone: true, NoCookies: true})
	tab.Go(w.URL + "/")
	wantWay(t, w, tab, firstView)
	for range 3 {
		tab.Reset()
		tab.Click("a.mark")
		if n := len(tab.Redirects()); n > 4 {
			t.Errorf("%d documents for one click: %s", n, way(w, tab))
		}
	}
	tab.Reset()
	tab.Go(w.URL + "/")
	wantWay(t, w, tab, firstView) // nothing was kept
	tab.Reset()
	tab.Go(w.URL + "/dashboard")
	if n := len(tab.Redirects()); n > 6 {
		t.Errorf("it loops: %s", way(w, tab))
	}
}

func TestCampusOneAwayInChromium(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{Absent: true})
	tab := browser.New(t, browser.Options{Phone: true})
	tab.Go(w.URL + "/dashboard")
	wantText(t, tab, "Campus One is not answering")
	picture(t, tab, "away")
	tab.Go(w.URL + "/")
	picture(t, tab, "home-away")
	tab.Go(w.URL + "/nowhere")
	wantText(t, tab, "There is no page here")
	picture(t, tab, "not-found")
}
