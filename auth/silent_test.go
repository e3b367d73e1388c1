package auth

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"portico/auth/campusone"
)

// standing is a provider that only says whether it is there.
type standing struct{ away bool }

func (s standing) Away() bool { return s.away }
func (s standing) AuthorizeURL(context.Context, campusone.AuthorizeRequest) (string, error) {
	return "https://campus.example/authorize", nil
}
func (s standing) CheckResponseIssuer(context.Context, string, bool) error { return nil }
func (s standing) SignIn(context.Context, string, string, string) (campusone.Identity, error) {
	return campusone.Identity{}, campusone.ErrBusy
}
func (s standing) AdvertisesIssuer() bool { return false }
func (s standing) EndSessionURL(context.Context, campusone.Secret, string, string) (string, bool) {
	return "", false
}

func navigation(path string, header map[string]string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept", "text/html")
	r.Header.Set("User-Agent", "Mozilla/5.0 (Linux; Android 13)")
	for k, v := range header {
		r.Header.Set(k, v)
	}
	return r
}

func TestReasonsToSkipTheSilentCheck(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	left := func(path string, ago time.Duration, open bool) attempts {
		var a attempts
		a.depart(path, silentAt(now.Add(-ago)))
		if !open {
			a.returned(pageKey(path), 1, 2, now)
		}
		return a
	}
	fromCampusOne := map[string]string{"Referer": "https://campus.example/apps"}
	for _, c := range []struct {
		name   string
		header map[string]string
		v      Visitor
		off    bool
		away   bool
		want   Reason
	}{
		{name: "a first visit", want: ReasonCheck},
		{name: "switched off", off: true, want: ReasonOff},
		{name: "a phone whose name ends like a crawler's", header: map[string]string{"User-Agent": "Mozilla/5.0 (Linux; Android 13; CUBOT NOTE 40 Build/TP1A) Chrome/120.0 Mobile Safari/537.36"}, want: ReasonCheck},
		{name: "a crawler on such a phone", header: map[string]string{"User-Agent": "Mozilla/5.0 (Linux; Android 13; CUBOT X18) (compatible; Googlebot/2.1)"}, want: ReasonBot},
		{name: "a chat previewer", header: map[string]string{"User-Agent": "WhatsApp/2.23"}, want: ReasonBot},
		{name: "a crawler", header: map[string]string{"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, want: ReasonBot},
		{name: "looked at ahead", header: map[string]string{"Sec-Purpose": "prefetch;prerender"}, want: ReasonPrefetch},
		{name: "old prefetch", header: map[string]string{"X-Moz": "prefetch"}, want: ReasonPrefetch},
		{name: "a script's fetch", header: map[string]string{"Sec-Fetch-Mode": "cors"}, want: ReasonNotDocument},
		{name: "in a frame", header: map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, want: ReasonNotDocument},
		{name: "not for a person", header: map[string]string{"Accept": "application/json"}, want: ReasonNotDocument},
		{name: "signed out by hand", v: Visitor{SignedOut: true, keeps: true}, want: ReasonSignedOut},
		{name: "a shared computer", v: Visitor{Shared: true, keeps: true}, want: ReasonShared},
		{name: "Campus One is away", away: true, want: ReasonProviderDown},
		{name: "marker of a browser without cookies", v: Visitor{skipCheck: true}, want: ReasonNoCookies},
		{name: "our own link, yet no cookie", header: map[string]string{"Sec-Fetch-Site": "same-origin"}, want: ReasonNoCookies},
		{name: "our own link, with cookies", header: map[string]string{"Sec-Fetch-Site": "same-origin"}, v: Visitor{keeps: true}, want: ReasonCheck},
		{name: "this page left and never came back", v: Visitor{attempts: left("/", time.Minute, true), keeps: true}, want: ReasonAttemptOpen},
		{name: "another page left", v: Visitor{attempts: left("/dashboard", time.Minute, true), keeps: true}, want: ReasonCheck},
		{name: "it left over five minutes ago", v: Visitor{attempts: left("/", 6*time.Minute, true), keeps: true}, want: ReasonCheck},
		{name: "lately anonymous", v: Visitor{Anonymous: true, keeps: true}, want: ReasonAnonymous},
		{name: "anonymous three times", v: Visitor{attempts: attempts{notBefore: now.Unix() + 60}, keeps: true}, want: ReasonBudget},
		{name: "the pause is over", v: Visitor{attempts: attempts{notBefore: now.Unix() - 1}, keeps: true}, want: ReasonCheck},
		{name: "from Campus One in spite of c1_anon", header: fromCampusOne, v: Visitor{Anonymous: true, keeps: true}, want: ReasonCheck},
		{name: "from Campus One in spite of the pause", header: fromCampusOne, v: Visitor{attempts: attempts{notBefore: now.Unix() + 60}, keeps: true}, want: ReasonCheck},
		{name: "from Campus One, but just tried", header: fromCampusOne, v: Visitor{Anonymous: true, attempts: left("/", 10*time.Second, false), keeps: true}, want: ReasonAnonymous},
		{name: "from somewhere else", header: map[string]string{"Referer": "https://search.example/"}, v: Visitor{Anonymous: true, keeps: true}, want: ReasonAnonymous},
		{name: "from ourselves", header: map[string]string{"Referer": "https://portal.example/"}, v: Visitor{Anonymous: true, keeps: true}, want: ReasonAnonymous},
	} {
		f := &Flow{
			cfg:      FlowConfig{Origin: "https://portal.example", Silent: !c.off, ProviderOrigins: []string{"https://campus.example", "https://portal.example"}},
			provider: standing{away: c.away}, returns: newReturns(func() time.Time { return now }), now: func() time.Time { return now },
			isPage: func(*http.Request) bool { return true },
		}
		if got := f.ShouldCheck(navigation("/", c.header), &c.v, "/"); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestOwnPathDropsTheMarkerAlone(t *testing.T) {
	for in, want := range map[string]string{
		"/": "/", "/?a=1": "/?a=1", "/?" + MarkerParam + "=x": "/", "/dashboard?a=1&" + MarkerParam + "=x&b=2": "/dashboard?a=1&b=2",
	} {
		if got := OwnPath(navigation(in, nil)); got != want {
			t.Errorf("OwnPath(%q) = %q, want %q", in, got, want)
		}
	}
}
