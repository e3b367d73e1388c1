package auth

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/auth/campusone"
)

// testFlow is a flow without a database, on a clock of its own.
type testFlow struct {
	*Flow
	at  time.Time
	jar map[string]*http.Cookie
}

func newTestFlow(t *testing.T) *testFlow {
	t.Helper()
	f := &testFlow{at: time.Unix(1_800_000_000, 0), jar: map[string]*http.Cookie{}}
	now := func() time.Time { return f.at }
	cfg := FlowConfig{Origin: "https://portal.example", Silent: true, ProviderOrigins: []string{"https://campus.example"}}
	isPage := func(r *http.Request) bool { return !strings.HasPrefix(r.URL.Path, "/auth/") }
	f.Flow = NewFlow(cfg, sealer(t, &f.at, secretA), echo{}, nil, NewCounts(nil, nil, now), isPage, slog.New(slog.DiscardHandler), now)
	return f
}

// echo is a provider whose authorize address says what was asked.
type echo struct{ standing }

func (echo) AuthorizeURL(_ context.Context, a campusone.AuthorizeRequest) (string, error) {
	return "https://campus.example/authorize?" + url.Values{"state": {a.State}, "prompt": {a.Prompt}}.Encode(), nil
}

// request is a navigation with the browser's cookies.
func (f *testFlow) request(target string, header map[string]string) (*http.Request, *Visitor) {
	r := navigation(target, header)
	for _, c := range f.jar {
		r.AddCookie(c)
	}
	v := f.Visitor(r)
	return r, &v
}

func (f *testFlow) take(out Outcome) Outcome {
	for _, c := range out.Cookies {
		if f.jar[c.Name] = c; c.MaxAge < 0 {
			delete(f.jar, c.Name)
		}
	}
	return out
}

// view opens a public page; true says that it left silently.
func (f *testFlow) view(target string, header map[string]string) bool {
	r, v := f.request(target, header)
	out, gone := f.CheckSilently(r, v)
	if gone {
		f.take(out)
		return true
	}
	f.take(Outcome{Cookies: f.Served(r, v, false)})
	return false
}

// back opens the callback.
func (f *testFlow) back(query string, header map[string]string) Outcome {
	r, v := f.request("/auth/callback?"+query, header)
	return f.take(f.Callback(r, v, nil))
}

func (f *testFlow) counted(kind, reason string) (n int) {
	f.counts.mu.Lock()
	defer f.counts.mu.Unlock()
	for k, m := range f.counts.n {
		if k.kind == kind && k.reason == reason {
			n += m
		}
	}
	return n
}

func TestAnonymousCookie(t *testing.T) {
	f := newTestFlow(t)
	f.view("/", nil)
	f.back("error=login_required", nil)
	c := f.jar[CookieAnonymous]
	if c == nil || c.Value != "1" || c.MaxAge != 300 || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
		t.Fatalf("c1_anon is %+v", c)
	}
	for name, c := range f.jar {
		if name != CookieAnonymous && (!strings.HasPrefix(name, "__Host-") || !c.Secure || !c.HttpOnly) {
			t.Errorf("%s is set as %+v", name, c)
		}
	}
	if f.view("/", nil) || f.counted("skipped", "anonymous") != 1 {
		t.Error("checked again, or not counted")
	}
}

// Three anonymous answers in a row make the checks rest, longer for who saves
// data, and c1_anon has no say in it.
func TestBudgetRests(t *testing.T) {
	for saving, rest := range map[string]time.Duration{"": 15 * time.Minute, "on": time.Hour} {
		f := newTestFlow(t)
		for i := range 3 {
			if !f.view("/", nil) {
				t.Fatalf("view %d did not ask", i+1)
			}
			f.back("error=login_required", map[string]string{"Save-Data": saving})
			f.view("/", nil) // the page is served
			f.at = f.at.Add(5*time.Minute + time.Second)
			delete(f.jar, CookieAnonymous)
		}
		f.at = f.at.Add(rest - 5*time.Minute - 2*time.Second)
		if f.view("/", nil) || f.counted("skipped", "budget") != 1 {
			t.Errorf("Save-Data %q: asked a second before %v were over", saving, rest)
		}
		f.at = f.at.Add(2 * time.Second)
		if !f.view("/", nil) {
			t.Errorf("Save-Data %q: not asked after %v", saving, rest)
		}
	}
}

// Who comes from Campus One is checked in spite of c1_anon and the budget, but
// redirects keep the Referer: not within 30 s of the last attempt.
func TestFromCampusOneAtMostEveryHalfMinute(t *testing.T) {
	f := newTestFlow(t)
	from := map[string]string{"Referer": "https://campus.example/apps"}
	for range 4 {
		if !f.view("/", from) {
			t.Fatal("not checked")
		}
		f.back("error=login_required", from)
		if f.view("/", from) {
			t.Fatal("checked in a circle")
		}
		f.at = f.at.Add(29 * time.Second)
		if f.view("/", from) {
			t.Fatal("checked after 29 s")
		}
		f.at = f.at.Add(2 * time.Second)
	}
}

func TestAttemptHoldsItsOwnPageForFiveMinutes(t *testing.T) {
	f := newTestFlow(t)
	if !f.view("/?a=1", nil) || f.view("/?a=1", nil) || !f.view("/?a=2", nil) {
		t.Error("want the page held and another one not")
	}
	f.at = f.at.Add(5*time.Minute - time.Second)
	if f.view("/?a=1", nil) {
		t.Error("asked again before five minutes were over")
	}
	f.at = f.at.Add(2 * time.Second)
	if !f.view("/?a=1", nil) {
		t.Error("held for more than five minutes")
	}
	if n := f.counted("skipped", "attempt_open"); n != 2 {
		t.Errorf("counted %d times", n)
	}
}

// A page that waits for another tab goes on looking, though the record, which
// the tabs share, says that its own attempt is still open. A person who comes
// back and presses Reload is not bothered.
func TestAPageThatWaitsGoesOnLooking(t *testing.T) {
	f := newTestFlow(t)
	look := func(target string) *Visitor {
		r, v := f.request(target, nil)
		if _, gone := f.CheckSilently(r, v); gone {
			t.Fatal("left though its attempt is open")
		}
		return v
	}
	f.view("/?a=1", nil)
	if look("/?a=1").LookAgain {
		t.Error("a page opened by a person opens itself again")
	}
	f.at = f.at.Add(59 * time.Second)
	if v := look(f.LookAgainAt("/?a=1")); !v.LookAgain || !v.looks {
		t.Error("gave up before the minute was over")
	}
	if v := look(f.withMarker("/?a=1", markerNoCookies)); v.LookAgain {
		t.Error("a browser without cookies waits for another tab")
	}
	f.jar[CookieAnonymous] = &http.Cookie{Name: CookieAnonymous, Value: "1"}
	if look(f.LookAgainAt("/?a=1")).LookAgain {
		t.Error("goes on though Campus One knew nobody")
	}
	delete(f.jar, CookieAnonymous)
	f.at = f.at.Add(time.Second)
	if look(f.LookAgainAt("/?a=1")).LookAgain {
		t.Error("looks for more than a minute")
	}
	if !f.view(f.LookAgainAt("/?a=2"), nil) {
		t.Error("a look at a page whose attempt is not open does not ask")
	}
}

// The marker of a browser without cookies lives 60 s and only skips a check.
func TestNoCookiesMarker(t *testing.T) {
	f := newTestFlow(t)
	f.view("/?a=1", nil)
	state := f.stateOf(t, "/?b=2")
	clear(f.jar) // nothing is kept
	for query, path := range map[string]string{"code=x&state=" + state: "/?b=2", "error=login_required": "/"} {
		out := f.back(query, nil)
		u, err := url.Parse(out.Location)
		if err != nil || out.Status != http.StatusSeeOther || OwnPath(&http.Request{URL: u}) != path || u.Query().Get(MarkerParam) == "" || len(out.Cookies) > 0 {
			t.Fatalf("%.30s: %+v", query, out)
		}
		if f.view(out.Location, nil) {
			t.Error("checked in spite of the marker")
		}
		f.at = f.at.Add(61 * time.Second)
		if !f.view(out.Location, nil) {
			t.Error("the marker is good for more than 60 s")
		}
		clear(f.jar)
	}
}

// stateOf leaves silently for a page and returns the state.
func (f *testFlow) stateOf(t *testing.T, target string) string {
	t.Helper()
	r, v := f.request(target, nil)
	out, gone := f.CheckSilently(r, v)
	if !gone {
		t.Fatal("did not leave")
	}
	u, err := url.Parse(f.take(out).Location)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("state")
}

// A transaction lives ten minutes; later its state tells only where to go.
func TestTransactionLivesTenMinutes(t *testing.T) {
	f := newTestFlow(t)
	state := f.stateOf(t, "/?a=1")
	if tr, known, expired := f.openState(state); !known || expired || tr.path != "/?a=1" || !tr.silent || tr.departures != 1 {
		t.Fatalf("%+v, known %v, expired %v", tr, known, expired)
	}
	f.at = f.at.Add(10*time.Minute + time.Second)
	if tr, known, expired := f.openState(state); !known || !expired || tr.path != "/?a=1" {
		t.Errorf("after ten minutes: %+v, known %v, expired %v", tr, known, expired)
	}
	// It is asked once more, silently, and then the page is served.
	out := f.back("code=x&state="+state, nil)
	if !strings.HasPrefix(out.Location, "https://campus.example/") || f.counted("silent", "restarted") != 1 {
		t.Errorf("an expired silent attempt: %+v", out)
	}
	f.at = f.at.Add(25 * time.Hour)
	if _, known, _ := f.openState(state); known {
		t.Error("known for ever")
	}
}

// What left yesterday and never came back is no circle.
func TestOldDeparturesDoNotCount(t *testing.T) {
	f := newTestFlow(t)
	leave := func() Outcome {
		r, v := f.request("/dashboard", nil)
		return f.take(f.Require(r, v))
	}
	first, second, third := leave(), leave(), leave()
	if first.Location == "" || second.Location == "" || third.Page != PageUnderWay || third.Refresh == 0 || third.Next != "/dashboard" {
		t.Errorf("%+v, %+v, %+v", first, second, third)
	}
	f.at = f.at.Add(2 * time.Minute)
	if out := leave(); out.Page != PageUnderWay || out.Refresh != 0 {
		t.Errorf("two minutes later: %+v", out)
	}
	f.at = f.at.Add(9 * time.Minute)
	if out := leave(); out.Location == "" {
		t.Errorf("eleven minutes later: %+v", out)
	}
}

// The row of redirects is bounded however the page changes on the way.
func TestRowOfRedirects(t *testing.T) {
	var f Flow
	for redirects, want := range map[uint8]bool{0: true, 2: true, 3: false, 4: false, maxRedirects: false} {
		if got := (departure{}).room(tally{redirects: redirects}); got != want {
			t.Errorf("a person after %d redirects: %v", redirects, got)
		}
	}
	v := &Visitor{attempts: attempts{redirects: 2}}
	f.now = time.Now
	if n := f.tally(v, departure{path: "/", before: 1}); n.redirects != 3 {
		t.Errorf("the departure whose state was lost is not counted: %+v", n)
	}
}

// A silent visitor is never sent to the login page, whatever became of the
// state: asked once more silently, then served.
func TestSilentVisitorWithUnknownState(t *testing.T) {
	f := newTestFlow(t)
	f.view("/?a=1", nil)
	first, second := f.back("code=x&state=AAAA", nil), f.back("code=x&state=AAAA", nil)
	if u, err := url.Parse(first.Location); err != nil || u.Host != "campus.example" || u.Query().Get("prompt") != "none" {
		t.Errorf("first: %+v", first)
	}
	if second.Location != "/?a=1" || second.Page != PageNone || f.jar[CookieAnonymous] == nil {
		t.Errorf("second: %+v", second)
	}
	if f.view("/?a=1", nil) {
		t.Error("not served")
	}
	for name, set := range map[string]func(){
		"signed out meanwhile": func() { f.jar["__Host-c1_out"] = &http.Cookie{Name: "__Host-c1_out", Value: "1"} },
		"on a shared computer": func() { f.jar["__Host-c1_shared"] = &http.Cookie{Name: "__Host-c1_shared", Value: "1"} },
		"lately anonymous":     func() { f.jar[CookieAnonymous] = &http.Cookie{Name: CookieAnonymous, Value: "1"} },
	} {
		f = newTestFlow(t)
		f.view("/?a=1", nil)
		set()
		if out := f.back("code=x&state=AAAA", nil); out.Location != "/?a=1" {
			t.Errorf("%s: %+v", name, out)
		}
	}
}

// An error without state that fits no open attempt is ignored: to the first
// page, nothing set, and the visitor reads it.
func TestErrorThatFitsNoAttempt(t *testing.T) {
	for _, path := range []string{"/", "/?a=1"} {
		for _, code := range []string{"access_denied", "invalid_scope"} {
			f := newTestFlow(t)
			f.view(path, nil)
			redirects := 0
			for redirects < 10 {
				out := f.back("error="+code, nil)
				if out.Status != http.StatusSeeOther || out.Location != "/" || len(out.Cookies) > 0 {
					t.Fatalf("%s: %+v", code, out)
				}
				redirects += 2
				if !f.view("/", nil) {
					break
				}
			}
			if redirects > 4 {
				t.Errorf("%s after %s: %d redirects", code, path, redirects)
			}
		}
	}
}

// What arrives at the callback in no possible way is refused before anything
// is looked at.
func TestCallbackQuery(t *testing.T) {
	for query, want := range map[string]bool{
		"code=a&state=b": true, "error=a": true, "code=a&code=b": false, "state=a&state=b": false, "x=1&x=2": false,
		"code=a&error=b": false, "code=%zz": false, "error=a&iss=b&iss=b": false,
		"code=" + strings.Repeat("a", maxCallbackQuery-5): true, "code=" + strings.Repeat("a", maxCallbackQuery-4): false,
	} {
		if _, ok := callbackQuery(query); ok != want {
			t.Errorf("%.40s: taken %v, want %v", query, ok, want)
		}
	}
	f := newTestFlow(t)
	for _, r := range []*http.Request{
		httptest.NewRequest(http.MethodHead, "/auth/callback?code=a&state=b", nil), httptest.NewRequest(http.MethodGet, "/auth/callback", nil),
	} {
		v := f.Visitor(r)
		if out := f.Callback(r, &v, nil); out.Page != PageProbe || out.Status != http.StatusOK || len(out.Cookies) > 0 {
			t.Errorf("%s %s: %+v", r.Method, r.URL, out)
		}
	}
}

// A state is spent once, for as long as it lives, and the memory is bounded.
func TestSpentStates(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	s := newSpentStates(func() time.Time { return now })
	if !s.spend([16]byte{1}) || s.spend([16]byte{1}) {
		t.Error("want spent once")
	}
	for range 9 {
		now = now.Add(time.Minute + 6*time.Second)
		s.spend([16]byte{2})
		if s.spend([16]byte{1}) {
			t.Fatal("forgotten within ten minutes")
		}
	}
	for i := range 3 * maxSpent / 2 {
		s.spend([16]byte{3, byte(i), byte(i >> 8), byte(i >> 16)})
	}
	if n := len(s.new) + len(s.old); n > 2*maxSpent {
		t.Errorf("%d states are remembered", n)
	}
}
