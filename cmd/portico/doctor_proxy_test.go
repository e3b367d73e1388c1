package main

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"portico/cmd/internal/portal"
	"portico/handlers"
)

func TestDoctorProxyHeaders(t *testing.T) {
	const host = "portal.example.edu"
	for name, tt := range map[string]struct {
		echo handlers.Echo
		want string
	}{
		"well": {handlers.Echo{Host: host, Peer: "127.0.0.1", PeerTrusted: true, Client: "198.51.100.7", ForwardedFor: "198.51.100.7", Scheme: "https"},
			"ok proxy: host: portal.example.edu -> \nok proxy: address: this machine is seen as 198.51.100.7 -> \nok proxy: scheme: https -> "},
		"own https": {handlers.Echo{Host: host, Peer: "198.51.100.7", Client: "198.51.100.7", ForwardedFor: forged, TLS: true},
			"ok proxy: host: portal.example.edu -> \nok proxy: address: this machine is seen as 198.51.100.7 -> "},
		"other host":      {handlers.Echo{Host: "127.0.0.1:4000", TLS: true}, `failed proxy: host: the portal is asked for "127.0.0.1:4000"`},
		"nobody trusted":  {handlers.Echo{Host: host, Peer: "10.1.2.3", ForwardedFor: forged + ", 198.51.100.7"}, "in my.env set PORTICO_TRUSTED_PROXIES=10.1.2.3/32"},
		"the same, IPv6":  {handlers.Echo{Host: host, Peer: "2001:db8::1", ForwardedFor: "198.51.100.7"}, "in my.env set PORTICO_TRUSTED_PROXIES=2001:db8::1/128"},
		"silent":          {handlers.Echo{Host: host, Peer: "127.0.0.1", PeerTrusted: true}, "warning proxy: address: the proxy at 127.0.0.1 does not say who came"},
		"silent, strange": {handlers.Echo{Host: host, Peer: "127.0.0.1"}, "warning proxy: address: everybody seems to come from 127.0.0.1, which does not say"},
		"forged":          {handlers.Echo{Host: host, Peer: "127.0.0.1", PeerTrusted: true, ForwardedFor: forged}, "failed proxy: address: a visitor may pretend"},
		"http":            {handlers.Echo{Host: host, Peer: "127.0.0.1", PeerTrusted: true, ForwardedFor: "198.51.100.7", Scheme: "http"}, "failed proxy: scheme: the proxy says that people come by http"},
		"no scheme":       {handlers.Echo{Host: host, Peer: "127.0.0.1", PeerTrusted: true, ForwardedFor: "198.51.100.7"}, "warning proxy: scheme: the proxy does not say"},
	} {
		w, _ := newWard(t, says(200, ""))
		w.judgeHost(tt.echo)
		w.judgeForwarded(tt.echo)
		w.judgeScheme(tt.echo)
		if got := w.saw(); !strings.Contains(got, tt.want) || strings.HasPrefix(tt.want, "ok") && got != tt.want {
			t.Errorf("%s: got %s\nwant %s", name, got, tt.want)
		}
	}
}

// The real portal behind proxies that do what proxies do wrong.
func TestDoctorBehindAProxy(t *testing.T) {
	for name, tt := range map[string]struct {
		proxy   func(*httputil.ProxyRequest)
		answer  func(*http.Response) error
		trusted bool
		want    []string
	}{
		"well":             {forwards, nil, true, []string{"ok proxy: host", "ok proxy: address: this machine is seen as 127.0.0.1", "ok cookies: c1_doctor came back"}},
		"not trusted":      {forwards, nil, false, []string{"warning proxy: address: everybody seems to come from 127.0.0.1: a proxy that is not trusted"}},
		"another host":     {func(r *httputil.ProxyRequest) { forwards(r); r.Out.Host = "inside.example" }, nil, true, []string{`failed proxy: host: the portal is asked for "inside.example"`}},
		"keeps cookies":    {func(r *httputil.ProxyRequest) { forwards(r); r.Out.Header.Del("Cookie") }, nil, true, []string{"failed cookies: c1_doctor did not come back"}},
		"keeps set-cookie": {forwards, func(r *http.Response) error { r.Header.Del("Set-Cookie"); return nil }, true, []string{"failed cookies: the portal set one cookie, 0 arrived"}},
		"changes cookies":  {forwards, func(r *http.Response) error { r.Header.Set("Set-Cookie", "c1_doctor=1; Path=/portal"); return nil }, true, []string{"failed cookies: the cookie was changed"}},
		"keeps headers":    {func(r *httputil.ProxyRequest) { forwards(r); r.Out.Header.Del("X-Portico-Rehearsal") }, nil, true, []string{"warning proxy headers: the running portal answered 404"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := behindProxy(t, tt.proxy, tt.answer, tt.trusted)
			w.proxies(t.Context())
			for _, want := range tt.want {
				if !strings.Contains(w.saw(), want) {
					t.Errorf("got %s\nwant %s", w.saw(), want)
				}
			}
		})
	}
}

func forwards(r *httputil.ProxyRequest) {
	r.Out.Host = r.In.Host
	r.SetXForwarded()
}

// behindProxy is a rehearsal of a real portal that is reached by a proxy.
func behindProxy(t *testing.T, rewrite func(*httputil.ProxyRequest), answer func(*http.Response) error, trusted bool) *ward {
	t.Helper()
	var inside *httptest.Server
	front := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			to, _ := url.Parse(inside.URL)
			r.SetURL(to)
			rewrite(r)
		},
		ModifyResponse: answer,
	})
	t.Cleanup(front.Close)
	env := []string{
		"APP_URL=" + front.URL, "DATABASE_URL=sqlite:" + t.TempDir() + "/portico.db", "SESSION_SECRET=0123456789abcdef0123456789abcdef", "CAMPUS_ONE_CLIENT_ID=app",
		"CAMPUS_ONE_CLIENT_SECRET=s", "CAMPUS_ONE_DISCOVERY_URL=http://127.0.0.1:1/d", "CAMPUS_ONE_ISSUER=http://127.0.0.1:1",
	}
	if trusted {
		env = append(env, "PORTICO_TRUSTED_PROXIES="+netip.MustParsePrefix("127.0.0.0/8").String())
	}
	c, err := portal.Load(env, "")
	if err != nil {
		t.Fatal(err)
	}
	app, err := portal.New(t.Context(), c, c.Log(t.Output(), nil), portal.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := app.DB.Close(); err != nil {
			t.Error(err)
		}
	})
	inside = httptest.NewServer(app.Handler)
	t.Cleanup(inside.Close)
	w, _ := newWard(t, says(200, ""))
	w.config = c
	return w
}

// Without the session secret nobody is told how the proxies are set up.
func TestEchoIsForDoctorAlone(t *testing.T) {
	w := behindProxy(t, forwards, nil, true)
	for _, word := range []string{"", "guessed", strings.Repeat("A", 60)} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.config.AppURL.String()+"/healthz/echo", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Portico-Rehearsal", word)
		a, err := w.do(req)
		if err != nil || a.status != http.StatusNotFound || strings.Contains(string(a.body), "127.0.0.1") {
			t.Errorf("%q: %d %s, %v", word, a.status, a.body, err)
		}
	}
}
