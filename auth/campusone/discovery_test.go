package campusone

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestDiscoveryThatIsRefused(t *testing.T) {
	const home = "https://auth.campusone.com.ng"
	good := map[string]any{
		"issuer": home, "authorization_endpoint": home + "/a", "token_endpoint": home + ":443/t",
		"jwks_uri": "https://AUTH.campusone.com.ng/k", "userinfo_endpoint": "https://id.campusone.com.ng/u",
	}
	for name, c := range map[string]struct {
		change map[string]any
		reason string // "" for accepted
	}{
		"good":                     {nil, ""},
		"second allowed issuer":    {map[string]any{"issuer": home + "/api/auth"}, ""},
		"no userinfo":              {map[string]any{"userinfo_endpoint": gone}, ""},
		"issuer not listed":        {map[string]any{"issuer": home + "/other"}, "issuer"},
		"issuer with slash":        {map[string]any{"issuer": home + "/"}, "issuer"},
		"issuer in other case":     {map[string]any{"issuer": "https://AUTH.campusone.com.ng"}, "issuer"},
		"no issuer":                {map[string]any{"issuer": gone}, "issuer"},
		"no token endpoint":        {map[string]any{"token_endpoint": gone}, "endpoint_host"},
		"token elsewhere":          {map[string]any{"token_endpoint": "https://evil.example/t"}, "endpoint_host"},
		"token on another port":    {map[string]any{"token_endpoint": home + ":8443/t"}, "endpoint_host"},
		"token on a subdomain":     {map[string]any{"token_endpoint": "https://x.auth.campusone.com.ng/t"}, "endpoint_host"},
		"token with user":          {map[string]any{"token_endpoint": "https://a@auth.campusone.com.ng/t"}, "endpoint_host"},
		"token over http":          {map[string]any{"token_endpoint": "http://auth.campusone.com.ng/t"}, "endpoint_host"},
		"token over ftp":           {map[string]any{"token_endpoint": "ftp://auth.campusone.com.ng/t"}, "endpoint_host"},
		"token without a host":     {map[string]any{"token_endpoint": "/t"}, "endpoint_host"},
		"keys elsewhere":           {map[string]any{"jwks_uri": "https://evil.example/k"}, "endpoint_host"},
		"authorize elsewhere":      {map[string]any{"authorization_endpoint": "https://evil.example/a"}, "endpoint_host"},
		"userinfo elsewhere":       {map[string]any{"userinfo_endpoint": "https://evil.example/u"}, "endpoint_host"},
		"end session elsewhere":    {map[string]any{"end_session_endpoint": "https://evil.example/e"}, "endpoint_host"},
		"loopback is another host": {map[string]any{"token_endpoint": "http://127.0.0.1/t"}, "endpoint_host"},
	} {
		body, _ := json.Marshal(with(good, c.change))
		m, err := parseMetadata(body, "https://id.campusone.com.ng/d", []string{home, home + "/api/auth"})
		if c.reason == "" && (err != nil || m.Keys == "") {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
		if c.reason != "" {
			wantFailure(t, err, ErrRefused, c.reason)
		}
	}
}

func TestDiscoveryThatIsNoDocument(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		kind   error
		reason string
	}{
		"404":       {404, `<html>`, ErrRefused, "discovery_status"},
		"500":       {500, `boom`, ErrBusy, "discovery_status"},
		"429":       {429, ``, ErrBusy, "discovery_status"},
		"html":      {200, `<html>`, ErrRefused, "discovery_json"},
		"truncated": {200, `{"issuer":`, ErrRefused, "discovery_json"},
		"repeated":  {200, `{"issuer":"a","issuer":"b"}`, ErrRefused, "discovery_json"},
		"empty":     {200, `{}`, ErrRefused, "issuer"},
		"huge":      {200, strings.Repeat(" ", answerLimit+1), ErrRefused, "size"},
	} {
		f := newFake(t)
		f.answer("/discovery", c.status, c.body)
		p := f.provider(nil)
		_, err := p.Metadata(t.Context())
		wantFailure(t, err, c.kind, c.reason)
		if s := p.Status(); !p.Away() || s.Known || s.LastTrouble.Reason != c.reason {
			t.Errorf("%s: away %v, status %+v", name, p.Away(), s)
		}
	}
}

func TestNewAsksNobody(t *testing.T) {
	f := newFake(t)
	p := f.provider(newShelf())
	if p.Away() || p.AdvertisesIssuer() || p.Status().Known {
		t.Error("something is known of a provider never asked")
	}
	if _, ok := p.EndSessionURL(t.Context(), "hint", "", ""); ok {
		t.Error("an address of a provider never asked")
	}
	if n := f.count("/discovery"); n != 0 {
		t.Errorf("asked %d times", n)
	}
}

func TestFailedDiscoveryBacksOff(t *testing.T) {
	f := newFake(t)
	f.answer("/discovery", 500, ``)
	p := f.provider(nil)
	for range 5 {
		if _, err := p.Metadata(t.Context()); err == nil {
			t.Fatal("no error")
		}
	}
	if n := f.count("/discovery"); n != 1 {
		t.Errorf("asked %d times within a second", n)
	}
	f.advance(time.Second)
	f.replace("/discovery", nil)
	if _, err := p.Metadata(t.Context()); err != nil || p.Away() {
		t.Errorf("after the pause: %v, away %v", err, p.Away())
	}
	if backoff(1) != time.Second || backoff(3) != 4*time.Second || backoff(60) != longestBackoff {
		t.Error("pauses do not grow from a second to their limit")
	}
}

func TestConcurrentDiscoveryIsOneRequest(t *testing.T) {
	f := newFake(t)
	document := f.document
	f.replace("/discovery", func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(100 * time.Millisecond)
		writeJSON(w, 200, document)
	})
	p := f.provider(nil)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := p.Metadata(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := f.count("/discovery"); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestImpatientCallerLeavesTheFetchToOthers(t *testing.T) {
	f := newFake(t)
	document := f.document
	f.replace("/discovery", func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(100 * time.Millisecond)
		writeJSON(w, 200, document)
	})
	p := f.provider(nil)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := p.Metadata(ctx)
	wantFailure(t, err, ErrBusy, "timeout")
	if _, err := p.Metadata(t.Context()); err != nil || f.count("/discovery") != 1 {
		t.Errorf("the next caller: %v, %d requests", err, f.count("/discovery"))
	}
}

func TestLastGoodAnswersOutliveTheProvider(t *testing.T) {
	f, s := newFake(t), newShelf()
	if _, err := f.provider(s).SignIn(t.Context(), testCode, "v", testNonce); err != nil {
		t.Fatal(err)
	}
	learned := f.clock()
	f.advance(30 * time.Minute)
	f.answer("/discovery", 500, ``)
	f.answer("/jwks", 500, ``)
	p := f.provider(s)
	if _, err := p.SignIn(t.Context(), testCode, "v", testNonce); err != nil {
		t.Fatalf("with both endpoints down: %v", err)
	}
	if st := p.Status(); !st.DiscoveryAt.Equal(learned) || !st.KeysAt.Equal(learned) || st.Keys != 1 || st.Away {
		t.Errorf("status = %+v", st)
	}
}

func TestCachedDiscoveryOfAnIssuerNoLongerAllowed(t *testing.T) {
	f, s := newFake(t), newShelf()
	if _, err := f.provider(s).Metadata(t.Context()); err != nil {
		t.Fatal(err)
	}
	cfg := f.config()
	cfg.Issuers = []string{"https://elsewhere.example"}
	_, err := New(cfg, Options{Now: f.clock, Cache: s}).Metadata(t.Context())
	wantFailure(t, err, ErrRefused, "issuer")
}

func TestResponseIssuer(t *testing.T) {
	f := newFake(t)
	p := f.provider(nil)
	for _, c := range []struct {
		iss     string
		present bool
		reason  string
	}{
		{f.URL, true, ""}, {"", false, ""}, {"", true, "iss"}, {f.URL + "/", true, "iss"}, {"https://evil.example", true, "iss"},
	} {
		err := p.CheckResponseIssuer(t.Context(), c.iss, c.present)
		if c.reason == "" && err != nil || c.reason != "" && Reason(err) != c.reason {
			t.Errorf("iss %q, present %v: %v", c.iss, c.present, err)
		}
	}
	f.document["authorization_response_iss_parameter_supported"] = true
	p = f.provider(nil)
	wantFailure(t, p.CheckResponseIssuer(t.Context(), "", false), ErrRefused, "iss")
	if !p.AdvertisesIssuer() {
		t.Error("the promise of iss was not seen")
	}
}

func TestAllowedOtherIssuerCausesOneReread(t *testing.T) {
	f := newFake(t)
	p := f.provider(nil)
	moved := f.URL + "/api/auth"
	check := func() error { return p.CheckResponseIssuer(t.Context(), moved, true) }
	for range 3 {
		wantFailure(t, check(), ErrRefused, "iss")
	}
	if n := f.count("/discovery"); n != 2 {
		t.Errorf("discovery was read %d times, want the first and one re-read", n)
	}
	f.mu.Lock()
	f.document = maps.Clone(f.document)
	f.document["issuer"] = moved
	f.mu.Unlock()
	wantFailure(t, check(), ErrRefused, "iss")
	f.advance(surpriseEvery)
	if err := check(); err != nil {
		t.Errorf("after the move, a minute later: %v", err)
	}
	wantFailure(t, p.CheckResponseIssuer(t.Context(), f.URL, true), ErrRefused, "iss")
}

func TestSignInAfterTheIssuerMoved(t *testing.T) {
	f := newFake(t)
	p := f.provider(nil)
	if _, err := p.Metadata(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.document["issuer"] = f.URL + "/api/auth"
	f.claims["iss"] = f.URL + "/api/auth"
	id, err := p.SignIn(t.Context(), testCode, "v", testNonce)
	if err != nil || id.Issuer != f.URL+"/api/auth" || id.Provider != f.URL {
		t.Errorf("identity %+v, error %v", id, err)
	}
}

func TestAuthorizeURL(t *testing.T) {
	f := newFake(t)
	f.document["authorization_endpoint"] = f.URL + "/authorize?tenant=nile"
	p := f.provider(nil)
	address, err := p.AuthorizeURL(t.Context(), AuthorizeRequest{State: "s&s", Nonce: "n", Challenge: "c", Prompt: "none"})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{
		"tenant": {"nile"}, "response_type": {"code"}, "client_id": {"portal"}, "redirect_uri": {"http://localhost:4000/auth/callback"},
		"scope": {"openid profile"}, "state": {"s&s"}, "nonce": {"n"}, "code_challenge": {"c"}, "code_challenge_method": {"S256"}, "prompt": {"none"},
	}
	if u.Query().Encode() != want.Encode() {
		t.Errorf("query = %v\nwant    %v", u.Query(), want)
	}
	address, _ = p.AuthorizeURL(t.Context(), AuthorizeRequest{State: "s", Scopes: []string{"openid"}})
	if u, _ = url.Parse(address); u.Query().Get("scope") != "openid" || u.Query().Has("prompt") {
		t.Errorf("address = %s", address)
	}
}

func TestEndSessionURL(t *testing.T) {
	f := newFake(t)
	p := f.provider(nil)
	if _, err := p.Metadata(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, ok := p.EndSessionURL(t.Context(), "hint", "https://portal.example/auth/signed-out", "st")
	want := f.URL + "/end?client_id=portal&id_token_hint=hint&post_logout_redirect_uri=https%3A%2F%2Fportal.example%2Fauth%2Fsigned-out&state=st"
	if !ok || got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	delete(f.document, "end_session_endpoint")
	p = f.provider(nil)
	if _, err := p.Metadata(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, ok := p.EndSessionURL(t.Context(), "hint", "", ""); ok {
		t.Errorf("without an endpoint: %q", got)
	}
}

func TestRedirectOfAGet(t *testing.T) {
	other := newFake(t)
	f := newFake(t)
	f.replace("/discovery", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/moved", http.StatusFound) })
	body, _ := json.Marshal(f.document)
	f.answer("/moved", 200, string(body))
	if _, err := f.provider(nil).Metadata(t.Context()); err != nil {
		t.Errorf("on the same host: %v", err)
	}
	f.replace("/discovery", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/discovery", http.StatusFound)
	})
	_, err := f.provider(nil).Metadata(t.Context())
	wantFailure(t, err, ErrRefused, "redirect")
	if other.count("/discovery") != 0 {
		t.Error("the other host was asked")
	}
	f.replace("/discovery", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/discovery", http.StatusFound) })
	_, err = f.provider(nil).Metadata(t.Context())
	wantFailure(t, err, ErrRefused, "redirect")
}

func TestUnreachable(t *testing.T) {
	f := newFake(t)
	p := f.provider(nil)
	f.Close()
	_, err := p.Metadata(t.Context())
	wantFailure(t, err, ErrBusy, "network")
	if !p.Away() {
		t.Error("not away though nothing is known and nobody answers")
	}
}

func TestClockDifference(t *testing.T) {
	f := newFake(t)
	theirs := f.clock()
	p := New(f.config(), Options{Now: func() time.Time { return theirs.Add(-90 * time.Second) }})
	if _, err := p.Metadata(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := p.Status(); !s.ClockKnown || (s.ClockOff-90*time.Second).Abs() > time.Second {
		t.Errorf("clock off by %s, known %v", s.ClockOff, s.ClockKnown)
	}
}
