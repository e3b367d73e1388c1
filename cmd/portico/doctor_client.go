package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// redirect starts a silent sign-in as a browser without a session would. A
// provider sends back to a registered address only, whatever its answer.
func (w *ward) redirect(ctx context.Context, doc document) {
	ours := w.config.RedirectURL()
	a, err := w.get(ctx, withQuery(doc.Authorize, w.authorizeQuery(ours)), "text/html")
	register := "register this redirect address in Campus One's dashboard, letter for letter: " + ours
	switch {
	case err != nil:
		w.add(warning, "redirect address", "Campus One's sign-in does not answer: "+unreachable(err), "try again in a minute")
	case a.status >= 500 || a.status == http.StatusTooManyRequests:
		w.add(warning, "redirect address", fmt.Sprintf("Campus One's sign-in answered %d", a.status), "try again in a minute")
	case a.location != nil && strings.HasPrefix(a.location.String(), ours+"?"):
		w.sentBack(a.location.Query().Get("error"), ours)
	case a.location == nil && a.status >= 400:
		w.add(failed, "redirect address", fmt.Sprintf("Campus One answered %d and did not send back to %s", a.status, ours), register+"; and check CAMPUS_ONE_CLIENT_ID in "+w.place())
	default:
		w.add(warning, "redirect address", "Campus One showed a page of its own, so this cannot be told from here", register)
	}
}

// sentBack reads the answer that came to our own address.
func (w *ward) sentBack(code, ours string) {
	expected := []string{"", "login_required", "consent_required", "interaction_required", "account_selection_required"}
	w.add(ok, "redirect address", ours+" is registered", "")
	switch {
	case code == "invalid_scope":
		w.add(failed, "granted scopes", "Campus One refuses the scopes asked for; sign-in would ask for less",
			"have them granted in the dashboard, or "+w.set("CAMPUS_ONE_SCOPES='openid profile email'"))
	case slices.Contains(expected, code):
		w.add(ok, "granted scopes", "not refused", "")
	default:
		w.add(warning, "granted scopes", fmt.Sprintf("Campus One answered %q to a silent sign-in", short(code)), "check the app's state in the dashboard")
	}
}

func (w *ward) authorizeQuery(redirect string) url.Values {
	challenge := sha256.Sum256([]byte(rand.Text()))
	return url.Values{
		"response_type": {"code"}, "client_id": {w.config.CampusOne.ClientID}, "redirect_uri": {redirect},
		"scope": {strings.Join(w.config.CampusOne.Scopes, " ")}, "state": {rand.Text()}, "nonce": {rand.Text()}, "prompt": {"none"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
	}
}

func withQuery(address string, query url.Values) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	all := u.Query()
	maps.Copy(all, query)
	u.RawQuery = all.Encode()
	return u.String()
}

// clientSecret asks for tokens with a made-up code: who is let in with the
// secret is told that the code is wrong.
func (w *ward) clientSecret(ctx context.Context, doc document) {
	if w.config.CampusOne.ClientSecret == "" {
		return // the configuration lines have said so
	}
	req, err := w.tokenRequest(ctx, doc.Token)
	if err != nil {
		w.add(failed, "client secret", "the token address is not an address", "tell Campus One")
		return
	}
	a, err := w.do(req)
	if err != nil {
		w.add(failed, "client secret", doc.Token+" does not answer: "+unreachable(err), "try again in a minute")
		return
	}
	var said struct {
		Error string `json:"error"`
	}
	_ = json.Unmarshal(a.body, &said) // without JSON there is no error name, which the last case tells
	w.judgeSecret(doc, a.status, said.Error)
}

func (w *ward) judgeSecret(doc document, status int, code string) {
	method := w.config.CampusOne.AuthMethod
	switch code {
	case "invalid_grant":
		w.add(ok, "client secret", "accepted, sent by "+method, "")
	case "invalid_client", "unauthorized_client":
		w.add(failed, "client secret", fmt.Sprintf("Campus One refuses the client id and secret, sent by %s (%s)", method, code), w.secretFix(doc))
	default:
		w.add(warning, "client secret", fmt.Sprintf("cannot be told: Campus One answered %d %q to a made-up code", status, short(code)), "try again in a minute; sign-in will show it")
	}
}

// secretFix blames the method first when Campus One does not list it.
func (w *ward) secretFix(doc document) string {
	other, name := "basic", "client_secret_post"
	if w.config.CampusOne.AuthMethod == "basic" {
		other, name = "post", "client_secret_basic"
	}
	if len(doc.AuthMethods) > 0 && !slices.Contains(doc.AuthMethods, name) {
		return w.set("CAMPUS_ONE_AUTH_METHOD=" + other)
	}
	return "copy CAMPUS_ONE_CLIENT_ID and CAMPUS_ONE_CLIENT_SECRET once more from the dashboard into " + w.place()
}

func (w *ward) tokenRequest(ctx context.Context, address string) (*http.Request, error) {
	one := w.config.CampusOne
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {rand.Text()}, "redirect_uri": {w.config.RedirectURL()}, "code_verifier": {rand.Text() + rand.Text()},
	}
	if one.AuthMethod != "basic" {
		form.Set("client_id", one.ClientID)
		form.Set("client_secret", one.ClientSecret.Reveal())
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	if one.AuthMethod == "basic" {
		req.SetBasicAuth(url.QueryEscape(one.ClientID), url.QueryEscape(one.ClientSecret.Reveal()))
	}
	return req, nil
}

// short keeps a foreign text to the length of an error's name.
func short(s string) string {
	if len(s) > 40 {
		return s[:40]
	}
	return s
}
