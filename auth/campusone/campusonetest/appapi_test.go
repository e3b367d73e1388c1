package campusonetest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"
)

// api makes one call to the App API with a token.
func (r *rp) api(method, path, token, body string, header ...string) (*http.Response, string) {
	r.t.Helper()
	req, err := http.NewRequest(method, r.server.APIURL()+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp := r.do(req)
	return resp, text(r.t, resp)
}

func TestCatalogue(t *testing.T) {
	r := start(t, Options{})
	token := r.tokensFor(SubAmina).AccessToken
	_, body := r.api(http.MethodGet, "/faculties", token, "")
	var faculties []Faculty
	if err := json.Unmarshal([]byte(body), &faculties); err != nil || len(faculties) != 3 || faculties[0].Departments[0].Name != "Computer Science" {
		t.Errorf("faculties: %s (%v)", body, err)
	}
	_, body = r.api(http.MethodGet, "/departments", token, "")
	var all []Department
	if err := json.Unmarshal([]byte(body), &all); err != nil || len(all) != 7 || all[0].FacultyID != FacultyComputing || all[0].FacultyName == "" {
		t.Errorf("departments: %s (%v)", body, err)
	}
}

func TestAppAPIRefusals(t *testing.T) {
	r := start(t, Options{})
	if resp, body := r.api(http.MethodGet, "/faculties", "nonsense", ""); resp.StatusCode != 401 || body != `{"error":"invalid_token"}` {
		t.Errorf("no token: %d %s", resp.StatusCode, body)
	}
	token := r.tokensFor(SubAmina).AccessToken
	resp, body := r.api(http.MethodPost, "/notifications", token, `{}`)
	if resp.StatusCode != 403 || !strings.Contains(body, `"code":"FORBIDDEN"`) {
		t.Errorf("no scope: %d %s", resp.StatusCode, body)
	}
	for status, code := range map[int]string{401: "gone", 403: "no", 429: "slow", 503: "away"} {
		r.server.SetFault(func(f *Fault) { f.AppAPI.Answer = Refusal(status, code) })
		if resp, body := r.api(http.MethodGet, "/faculties", token, ""); resp.StatusCode != status || !strings.Contains(body, code) {
			t.Errorf("switched %d: %d %s", status, resp.StatusCode, body)
		}
	}
}

func TestNotifications(t *testing.T) {
	r := start(t, Options{})
	r.oauth.Scopes = []string{"openid", "notifications"}
	token := r.tokensFor(SubAmina).AccessToken
	good := `{"title":"Room moved","body":"Now in B 12","type":"info","targetUrl":"http://localhost:4000/"}`
	send := func(body, key string) (int, string) {
		resp, text := r.api(http.MethodPost, "/notifications", token, body, "Idempotency-Key", key)
		return resp.StatusCode, text
	}
	status, first := send(good, "k1")
	if _, again := send(good, "k1"); status != 200 || again != first {
		t.Errorf("the same key: %d %s, then %s", status, first, again)
	}
	if _, other := send(good, "k2"); other == first {
		t.Error("another key made no record")
	}
	list := r.server.Notifications(SubAmina)
	if len(list) != 2 || list[0].Title != "Room moved" || list[0].App != testClient || len(r.server.Notifications(SubHalima)) != 0 {
		t.Errorf("records: %+v", list)
	}
	for _, bad := range []string{`{`, `{}`, strings.Replace(good, "info", "loud", 1), strings.Replace(good, "Room", strings.Repeat("x", 129), 1)} {
		if status, body := send(bad, "k3"); status != 400 || !strings.Contains(body, `"message"`) {
			t.Errorf("%.20s: %d %s", bad, status, body)
		}
	}
}

// press posts one form of the control page and reads what came of it.
func (r *rp) press(act string, form url.Values) string {
	r.t.Helper()
	resp := r.post(r.server.URL()+"/control/"+act, form)
	if resp.StatusCode != http.StatusSeeOther {
		r.t.Fatalf("%s answers %d", act, resp.StatusCode)
	}
	return text(r.t, r.get(r.server.URL()+resp.Header.Get("Location")))
}

func TestControlPage(t *testing.T) {
	r, _ := hooked(t, http.StatusTeapot)
	token := r.tokensFor(SubAmina)
	if page := text(t, r.get(r.server.ControlURL())); !strings.Contains(page, "Sessions 1, access tokens 1.") {
		t.Error("the page does not say what Amina holds")
	}
	page := r.press("role", url.Values{"sub": {SubAmina}, "role": {"staff"}})
	if r.userinfo(token)["role"] != "staff" || !strings.Contains(page, "user.role_changed to portico-test: 418") {
		t.Errorf("the role did not change, or the answer is not shown: %s", page)
	}
	r.press("signout", url.Values{"sub": {SubAmina}})
	if _, err := r.provider.UserInfo(t.Context(), oauth2.StaticTokenSource(token)); err == nil {
		t.Error("signed out, but the token lives")
	}
	r.press("delete", url.Values{"sub": {SubAmina}})
	if _, ok := r.server.Person(SubAmina); ok {
		t.Error("deleted, but still there")
	}
}

func TestControlOfTheProvider(t *testing.T) {
	r := start(t, Options{})
	if page := r.press("down", nil); !r.server.IsDown() || !strings.Contains(page, "It is down.") {
		t.Error("not down")
	}
	if r.press("up", nil); r.server.IsDown() {
		t.Error("not up")
	}
	before := r.server.KeyID()
	if r.press("rotate", nil); r.server.KeyID() == before {
		t.Error("the keys stayed")
	}
	r.press("state", nil)
	r.press("issuer", nil)
	r.press("iss", nil)
	if q := r.server.Quirks(); !q.StateInErrors || !q.IssuerWithPath || !q.ResponseIssuer || !strings.HasSuffix(r.server.Issuer(), "/api/auth") {
		t.Errorf("quirks are %+v", q)
	}
	if page := r.press("probe", nil); !strings.Contains(page, "HEAD "+testReturn+": no answer.") {
		t.Errorf("the probe's answer is not shown: %s", page)
	}
}

func TestOtherSitesCannotPressButtons(t *testing.T) {
	r := start(t, Options{})
	for _, path := range []string{"/control/down", "/login", "/consent"} {
		req, err := http.NewRequest(http.MethodPost, r.server.URL()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		if got := r.do(req).StatusCode; got != http.StatusForbidden {
			t.Errorf("%s from another site: %d", path, got)
		}
	}
}

// An answer that gets lost was stored all the same, and the same key finds it.
func TestLostAnswerIsStored(t *testing.T) {
	r := start(t, Options{})
	access, _, _ := r.server.Tokens(SubAmina, testClient, "notifications")
	r.server.SetFault(func(f *Fault) { f.AppAPI.Lose, f.AppAPI.Times = true, 1 })
	send := func() (int, error) {
		req, err := http.NewRequest(http.MethodPost, r.server.APIURL()+"/notifications", strings.NewReader(`{"title":"a","body":"b","type":"info"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.GetBody = nil // sent once
		req.Header.Set("Authorization", "Bearer "+access)
		req.Header.Set("Idempotency-Key", "k")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return 0, err
		}
		return resp.StatusCode, resp.Body.Close()
	}
	if _, err := send(); err == nil || len(r.server.Notifications(SubAmina)) != 1 {
		t.Errorf("lost: error %v, %d stored", err, len(r.server.Notifications(SubAmina)))
	}
	if status, err := send(); status != 200 || len(r.server.Notifications("")) != 1 {
		t.Errorf("again: %d (%v), %d stored", status, err, len(r.server.Notifications("")))
	}
}

func TestEachRequestItsOwnFault(t *testing.T) {
	r := start(t, Options{})
	token := r.tokensFor(SubAmina).AccessToken
	n := 0
	r.server.SetFault(func(f *Fault) {
		f.Each = func(e Endpoint, _ *http.Request) (Answer, bool) {
			n++
			return Busy(7), e == EndpointAppAPI && n%2 == 1
		}
	})
	for i, want := range []int{429, 200, 429} {
		resp, _ := r.api(http.MethodGet, "/faculties", token, "")
		if resp.StatusCode != want || (want == 429) != (resp.Header.Get("Retry-After") == "7") {
			t.Errorf("request %d: %d, Retry-After %q", i, resp.StatusCode, resp.Header.Get("Retry-After"))
		}
	}
}

// Who allows all but notifications signs in, and gets none.
func TestConsentWithoutNotifications(t *testing.T) {
	clients := testClients()
	clients[0].Trusted = false
	r := start(t, Options{Clients: clients})
	r.oauth.Scopes = []string{"openid", "notifications"}
	r.signInAtProvider(SubAmina)
	for decision, want := range map[string]bool{"quiet": false, "allow": true} {
		a := newAttempt()
		page := r.get(r.authorizeURL(a, oauth2.SetAuthURLParam("prompt", "consent"))).Header.Get("Location")
		if body := text(t, r.get(r.server.URL()+page)); !strings.Contains(body, "Allow, but no notifications") {
			t.Fatalf("the page offers no choice: %s", body)
		}
		_, query, _ := strings.Cut(page, "?")
		next := r.post(r.server.URL()+"/consent", url.Values{"decision": {decision}, "authorize": {query}})
		q := r.arrival(r.get(r.server.URL() + next.Header.Get("Location")))
		token, err := r.exchange(t.Context(), q.Get("code"), a)
		if err != nil {
			t.Fatal(err)
		}
		scope, _ := token.Extra("scope").(string)
		if strings.Contains(scope, "notifications") != want {
			t.Errorf("%s: granted %q", decision, scope)
		}
	}
}

func TestReuseIsCounted(t *testing.T) {
	r := start(t, Options{})
	_, refresh, _ := r.server.Tokens(SubAmina, testClient, "openid", "offline_access")
	for range 2 {
		_, _ = r.refresh(refresh)
	}
	if r.server.Reused() != 1 {
		t.Errorf("%d lines ended by reuse, want 1", r.server.Reused())
	}
}

func TestNotificationsAreShown(t *testing.T) {
	r := start(t, Options{})
	access, _, _ := r.server.Tokens(SubAmina, testClient, "notifications")
	r.api(http.MethodPost, "/notifications", access, `{"title":"Room moved","body":"Now in B 12","type":"info"}`)
	if page := text(t, r.get(r.server.ControlURL())); !strings.Contains(page, "Room moved") || !strings.Contains(page, "Amina Baobab") {
		t.Error("the control page does not show what was received")
	}
	r.signInAtProvider(SubAmina)
	if page := text(t, r.get(r.server.URL()+"/")); !strings.Contains(page, "Now in B 12") {
		t.Error("the person's page does not show what they received")
	}
}
