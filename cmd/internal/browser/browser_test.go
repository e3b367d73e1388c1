package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

const strict = "default-src 'none'; script-src 'self'; img-src 'self'; style-src 'self'; form-action 'self'"

// pages are the bodies of the tiny site, by path.
var pages = map[string]string{
	"/{$}": `<h1>Home</h1><a href="/hop">Go there</a> <a href="/slow">Slow page</a>
		<p id="script">no script</p><script src="/app.js"></script>`,
	"/there":   `<h1>There</h1><p>You arrived.</p><a href="/">Home</a>`,
	"/slow":    `<h1>Slow</h1>`,
	"/form":    `<h1>Form</h1><form action="/said"><label>Word <input name="word" value="old"></label><button>Send</button></form>`,
	"/covered": `<h1>Covered</h1><button>Under</button><div class="veil">over</div>`,
	"/bad":     `<h1>Bad</h1><img src="/logo.png"><input name="nameless">`,
	"/throws":  `<h1>Throws</h1><script src="/throw.js"></script>`,
	"/shift":   `<h1>Shift</h1><p>This line moves.</p><script src="/shift.js"></script>`,
	"/keys":    `<h1>Keys</h1><a href="/">Plain</a><p class="bare"><a href="/">Bare</a></p><p class="under"><a href="/">Hidden</a></p><div class="strip">over</div>`,
	"/inline":  `<h1>Inline</h1><script>document.title = "broken policy"</script>`,
}

func site(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	for path, body := range pages {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) { answer(w, body) })
	}
	mux.HandleFunc("GET /app.js", script(`document.getElementById("script").textContent = "script ran"`))
	mux.HandleFunc("GET /throw.js", script(`throw new Error("the wheel came off")`))
	mux.HandleFunc("GET /shift.js", script(`onload = () => setTimeout(() => { const e = document.createElement("div"); e.className = "tall"; document.querySelector("h1").before(e) }, 100)`))
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /style.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css")
		fmt.Fprint(w, `:root{color-scheme:light dark} .veil{position:fixed;inset:0} .tall{height:200px} :focus-visible{outline:3px solid}
			.bare :focus-visible{outline:0} .strip{position:absolute;inset:0;top:150px} .under{position:absolute;top:200px}`)
	})
	mux.HandleFunc("GET /hop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/hop2", http.StatusSeeOther) })
	mux.HandleFunc("GET /hop2", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Heavy", strings.Repeat("x", 3000))
		http.Redirect(w, r, "/there", http.StatusFound)
	})
	mux.HandleFunc("GET /said", func(w http.ResponseWriter, r *http.Request) { answer(w, "<h1>Said "+r.FormValue("word")+"</h1>") })
	mux.HandleFunc("GET /count", count)
	mux.HandleFunc("GET /agent", func(w http.ResponseWriter, r *http.Request) {
		answer(w, "<h1>Agent</h1>"+r.UserAgent()+" Save-Data="+r.Header.Get("Save-Data"))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func answer(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", strict)
	fmt.Fprintf(w, `<!doctype html><html lang="en"><head><title>Tiny</title>
		<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/style.css"></head>
		<body><main>%s</main></body></html>`, body)
}

func script(source string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, source)
	}
}

// count counts the views of one browser in a cookie.
func count(w http.ResponseWriter, r *http.Request) {
	seen := "first"
	if _, err := r.Cookie("seen"); err == nil {
		seen = "again"
	}
	http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1", Path: "/", HttpOnly: true})
	answer(w, "<h1>Count</h1>"+seen)
}

func TestJourney(t *testing.T) {
	for name, options := range map[string]Options{
		"desk": {}, "phone": {Phone: true}, "no script": {NoScript: true}, "no cookies": {NoCookies: true},
	} {
		t.Run(name, func(t *testing.T) {
			home := site(t)
			tab := New(t, options)
			tab.Go(home)
			tab.Reset()
			tab.Click("Go there")
			tab.WaitText("You arrived.")
			want := []Hop{{home + "/hop", 303}, {home + "/hop2", 302}, {home + "/there", 200}}
			if got := tab.Redirects(); !slices.Equal(got, want) {
				t.Errorf("redirects %v, want %v", got, want)
			}
			if tab.URL() != home+"/there" {
				t.Errorf("at %s", tab.URL())
			}
			if bytes := tab.EncodedBytes(); bytes < 3500 || bytes > 6000 {
				t.Errorf("%d bytes; the heavy redirect alone has 3000", bytes)
			}
			tab.Back()
			tab.WaitText("Home")
			if errors := tab.ConsoleErrors(); len(errors) > 0 {
				t.Errorf("console: %q", errors)
			}
		})
	}
}

func TestScript(t *testing.T) {
	home := site(t)
	on, off := New(t, Options{}), New(t, Options{NoScript: true})
	on.Go(home)
	off.Go(home)
	on.WaitText("script ran")
	off.WaitText("no script")
}

func TestCookies(t *testing.T) {
	home := site(t)
	tab, other, without := New(t, Options{}), New(t, Options{}), New(t, Options{NoCookies: true})
	views := []struct {
		name string
		tab  *Tab
		want string
	}{
		{"a new tab", tab, "first"},
		{"the same tab", tab, "again"},
		{"its second tab", tab.Open(), "again"},
		{"another person", other, "first"},
		{"without cookies", without, "first"},
		{"without cookies, later", without, "first"},
	}
	for _, view := range views {
		view.tab.Go(home + "/count")
		if text := view.tab.Text(); !strings.Contains(text, view.want) {
			t.Errorf("%s: %q, want %s", view.name, text, view.want)
		}
	}
}

func TestWindow(t *testing.T) {
	home := site(t)
	tests := []struct {
		name    string
		options Options
		want    string
	}{
		{"desk", Options{}, "1280 900 light 0"},
		{"phone", Options{Phone: true}, "360 740 light 1"},
		{"dark", Options{Dark: true}, "1280 900 dark 0"},
		{"narrow", Options{Width: 320}, "320 900 light 0"},
	}
	const look = `[innerWidth, innerHeight, matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light",
		matchMedia("(pointer: coarse)").matches ? 1 : 0].join(" ")`
	for _, test := range tests {
		tab := New(t, test.options)
		tab.Go(home)
		if got := Eval[string](tab, look); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestIdentity(t *testing.T) {
	home := site(t)
	tests := []struct {
		options Options
		want    string
		not     string
	}{
		{Options{}, "X11", "Headless"},
		{Options{Phone: true}, "Mobile Safari", "Headless"},
		{Options{UserAgent: "WhatsApp/2.0"}, "WhatsApp/2.0", "Chrome"},
		{Options{Headers: map[string]string{"Save-Data": "on"}}, "Save-Data=on", "Headless"},
	}
	for _, test := range tests {
		tab := New(t, test.options)
		tab.Go(home + "/agent")
		text := tab.Text()
		if !strings.Contains(text, test.want) || strings.Contains(text, test.not) {
			t.Errorf("%q; want %s, not %s", text, test.want, test.not)
		}
	}
}

func TestSlow(t *testing.T) {
	home := site(t)
	tab := New(t, Options{Slow: true})
	began := time.Now()
	tab.Go(home)
	if took := time.Since(began); took < 800*time.Millisecond {
		t.Errorf("page and stylesheet came in %v, want 400 ms each", took)
	}
}

func TestFirstPaint(t *testing.T) {
	home := site(t)
	tab := New(t, Options{Slow: true})
	tab.Go(home + "/hop")
	if took := tab.FirstPaint(); took < 1600*time.Millisecond {
		t.Errorf("two redirects, the page and its stylesheet were there in %v, want 400 ms each", took)
	}
	tab.ForgetCache()
	tab.Reset()
	tab.Go(home)
	for _, request := range tab.Requests() {
		if request.Cached {
			t.Errorf("%s was not forgotten", request.URL)
		}
	}
}

func TestShift(t *testing.T) {
	home := site(t)
	tab := New(t, Options{})
	tab.Go(home + "/there")
	if moved := tab.Shift(); moved != 0 {
		t.Errorf("a page that stands still has moved by %v", moved)
	}
	tab.Go(home + "/shift")
	tab.until("moved", func() (bool, string) { return Eval[bool](tab, `!!document.querySelector(".tall")`), "not yet" })
	if moved := tab.Shift(); moved == 0 {
		t.Error("a line that was pushed down has not moved")
	}
}

func TestFocus(t *testing.T) {
	tab := New(t, Options{})
	tab.Go(site(t) + "/keys")
	if got := tab.Focus(); got.Text != "" {
		t.Errorf("at first the focus is on %+v", got)
	}
	for _, want := range []Focus{{Text: "Plain", Tag: "a", Ring: true}, {Text: "Bare", Tag: "a"}, {Text: "Hidden", Tag: "a", Ring: true, Over: `<div class="strip">over</div>`}} {
		tab.Press(kb.Tab)
		if got := tab.Focus(); got != want {
			t.Errorf("the focus is %+v, want %+v", got, want)
		}
	}
}

func TestSystemsWishes(t *testing.T) {
	home := site(t)
	for name, look := range map[string]struct {
		options Options
		query   string
	}{
		"still": {Options{Still: true}, "(prefers-reduced-motion: reduce)"}, "forced": {Options{Forced: true}, "(forced-colors: active)"}, "print": {Options{Print: true}, "print"},
	} {
		for is, options := range map[bool]Options{true: look.options, false: {}} {
			tab := New(t, options)
			tab.Go(home)
			if got := Eval[bool](tab, `matchMedia("`+look.query+`").matches`); got != is {
				t.Errorf("%s is %v, want %v", name, got, is)
			}
		}
	}
}

func TestOtherStylesheet(t *testing.T) {
	home := site(t)
	for want, sheet := range map[string][]byte{"rgb(1, 2, 3)": []byte("h1{color:#010203}"), "rgb(0, 0, 0)": nil} {
		tab := New(t, Options{Stylesheet: sheet, NoScript: true})
		tab.Go(home)
		if got := Eval[string](tab, `getComputedStyle(document.querySelector("h1")).color`); got != want {
			t.Errorf("with %q the heading is %s, want %s", sheet, got, want)
		}
		if errors := tab.ConsoleErrors(); len(errors) > 0 {
			t.Errorf("console: %q", errors)
		}
	}
}

func TestForm(t *testing.T) {
	for name, options := range map[string]Options{"script": {}, "no script": {NoScript: true}} {
		t.Run(name, func(t *testing.T) {
			tab := New(t, options)
			tab.Go(site(t) + "/form")
			tab.Type("[name=word]", "new")
			tab.Press(kb.Tab)
			if tab.Focused() != "Send" {
				t.Errorf("the focus is on %q, want Send", tab.Focused())
			}
			tab.Press(kb.Enter)
			tab.WaitText("Said new")
		})
	}
}

func TestFindSaysWhatIsWrong(t *testing.T) {
	tab := New(t, Options{})
	tab.Go(site(t) + "/covered")
	for target, want := range map[string]string{
		"Under":   "covered by <div",
		"Nowhere": "not on the page",
		"title":   "not visible",
	} {
		if at := Eval[spot](tab, call(findScript, target)); !strings.Contains(at.Problem, want) {
			t.Errorf("%s: %q, want %q", target, at.Problem, want)
		}
	}
}

func TestConsoleErrors(t *testing.T) {
	home := site(t)
	for path, want := range map[string]string{
		"/throws":    "the wheel came off",
		"/inline":    "Content Security Policy",
		"/bad":       "404",
		"/":          "",
		"/not-there": "", // an error page is no error of the console
	} {
		tab := New(t, Options{})
		tab.Go(home + path)
		got := strings.Join(tab.ConsoleErrors(), "\n")
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestRequests(t *testing.T) {
	home := site(t)
	tab := New(t, Options{})
	tab.Go(home)
	for _, request := range tab.Requests() {
		if request.URL == home+"/style.css" && request.Type == "Stylesheet" && request.Status == 200 && request.Bytes > 50 {
			return
		}
	}
	t.Errorf("no stylesheet among %+v", tab.Requests())
}

func TestAxe(t *testing.T) {
	source := axeSource(t)
	home := site(t)
	for name, options := range map[string]Options{"script": {}, "no script": {NoScript: true}, "phone": {Phone: true}} {
		tab := New(t, options)
		tab.Go(home + "/there")
		tab.Axe(t)
		tab.Go(home + "/bad")
		found := strings.Join(tab.axe(t, source), "\n")
		for _, want := range []string{"image-alt: ", "label: "} {
			if !strings.Contains(found, want) {
				t.Errorf("%s: axe missed %s; it found %s", name, want, found)
			}
		}
	}
}

func TestScreenshot(t *testing.T) {
	tab := New(t, Options{Phone: true})
	tab.Go(site(t))
	path := filepath.Join(t.TempDir(), "deep", "home.png")
	tab.Screenshot(path)
	png, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(png), "\x89PNG") {
		t.Errorf("%d bytes that are no PNG", len(png))
	}
}
