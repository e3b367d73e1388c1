package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// document is what is read of the provider's discovery.
type document struct {
	Issuer      string   `json:"issuer"`
	Authorize   string   `json:"authorization_endpoint"`
	Token       string   `json:"token_endpoint"`
	Keys        string   `json:"jwks_uri"`
	Algorithms  []string `json:"id_token_signing_alg_values_supported"`
	Scopes      []string `json:"scopes_supported"`
	AuthMethods []string `json:"token_endpoint_auth_methods_supported"`
}

// provider checks Campus One's side, one thing after the other.
func (w *ward) provider(ctx context.Context) {
	doc, found := w.discovery(ctx)
	if !found {
		return
	}
	w.issuer(doc)
	w.algorithms(doc)
	w.keys(ctx, doc)
	w.scopes(doc)
	if w.config.AppURL == nil || w.config.CampusOne.ClientID == "" {
		return // the configuration lines have said so
	}
	w.redirect(ctx, doc)
	w.clientSecret(ctx, doc)
}

func (w *ward) discovery(ctx context.Context) (document, bool) {
	address := w.config.CampusOne.DiscoveryURL
	if address == "" {
		return document{}, false
	}
	asked := w.now()
	a, err := w.get(ctx, address, "application/json")
	if err != nil {
		w.add(failed, "discovery", address+" does not answer: "+unreachable(err), "check this machine's network, and CAMPUS_ONE_DISCOVERY_URL in "+w.place())
		return document{}, false
	}
	var doc document
	if a.status != http.StatusOK || json.Unmarshal(a.body, &doc) != nil || doc.Authorize == "" || doc.Token == "" {
		w.add(failed, "discovery", fmt.Sprintf("%s answered %d, not a description of Campus One", address, a.status),
			"remove CAMPUS_ONE_DISCOVERY_URL from "+w.place()+" (the default is Campus One's), or correct it")
		return document{}, false
	}
	w.add(ok, "discovery", fmt.Sprintf("%s answered in %d ms", address, w.now().Sub(asked).Milliseconds()), "")
	w.clock(a.date, asked)
	return doc, true
}

// issuer compares byte for byte: a slash more is another issuer.
func (w *ward) issuer(doc document) {
	allowed := w.config.CampusOne.Issuers
	if slices.Contains(allowed, doc.Issuer) {
		w.add(ok, "issuer", doc.Issuer, "")
		return
	}
	w.add(failed, "issuer", fmt.Sprintf("Campus One calls itself %q; allowed are %q", doc.Issuer, allowed),
		"if that is Campus One, "+w.set("CAMPUS_ONE_ISSUER="+doc.Issuer))
}

func (w *ward) algorithms(doc document) {
	known := []string{"EdDSA", "RS256", "ES256"}
	listed := strings.Join(doc.Algorithms, ", ")
	switch {
	case len(doc.Algorithms) == 0:
		w.add(warning, "algorithms", "Campus One lists none; EdDSA, RS256 and ES256 are accepted", "")
	case slices.ContainsFunc(doc.Algorithms, func(a string) bool { return slices.Contains(known, a) }):
		w.add(ok, "algorithms", listed, "")
	default:
		w.add(failed, "algorithms", listed+": none of EdDSA, RS256, ES256", "ask Campus One to sign with one of these")
	}
}

func (w *ward) keys(ctx context.Context, doc document) {
	a, err := w.get(ctx, doc.Keys, "application/json")
	if err != nil {
		w.add(failed, "keys", doc.Keys+" does not answer: "+unreachable(err), "try again in a minute; else tell Campus One")
		return
	}
	var set struct {
		Keys []struct {
			Type string `json:"kty"`
		} `json:"keys"`
	}
	broken := json.Unmarshal(a.body, &set) != nil
	usable := 0
	for _, k := range set.Keys {
		if slices.Contains([]string{"OKP", "RSA", "EC"}, k.Type) {
			usable++
		}
	}
	if a.status != http.StatusOK || broken || usable == 0 {
		w.add(failed, "keys", fmt.Sprintf("%s answered %d with %d usable keys", doc.Keys, a.status, usable), "try again in a minute; else tell Campus One")
		return
	}
	w.add(ok, "keys", fmt.Sprintf("%d at %s", usable, doc.Keys), "")
}

// clock compares ours with the provider's Date header, which counts whole
// seconds.
func (w *ward) clock(date string, asked time.Time) {
	theirs, err := http.ParseTime(date)
	if err != nil {
		w.add(warning, "clock", "Campus One sends no date to compare with", "")
		return
	}
	apart := asked.Sub(theirs).Round(time.Second)
	seen := fmt.Sprintf("this machine and Campus One are %s apart", apart.Abs())
	const fix = "set this machine's clock: timedatectl set-ntp true"
	switch {
	case apart.Abs() > 5*time.Minute:
		w.add(failed, "clock", seen, fix)
	case apart.Abs() > 30*time.Second:
		w.add(warning, "clock", seen, fix)
	default:
		w.add(ok, "clock", seen, "")
	}
}

func (w *ward) scopes(doc document) {
	asked := w.config.CampusOne.Scopes
	var unknown, kept []string
	for _, scope := range asked {
		if len(doc.Scopes) > 0 && !slices.Contains(doc.Scopes, scope) {
			unknown = append(unknown, scope)
			continue
		}
		kept = append(kept, scope)
	}
	if len(unknown) > 0 {
		w.add(warning, "scopes", "Campus One does not list "+strings.Join(unknown, ", "), w.set("CAMPUS_ONE_SCOPES='"+strings.Join(kept, " ")+"'"))
		return
	}
	w.add(ok, "scopes", strings.Join(asked, " ")+" (each must be granted to this app in the dashboard)", "")
}

// answer is as much of an HTTP answer as the checks need.
type answer struct {
	status   int
	body     []byte
	date     string
	location *url.URL // nil when it is no redirect
}

func (w *ward) get(ctx context.Context, address, accept string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Accept", accept)
	return w.do(req)
}

func (w *ward) do(req *http.Request) (answer, error) {
	res, err := w.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	a := answer{status: res.StatusCode, body: body, date: res.Header.Get("Date")}
	if location, err := res.Location(); err == nil {
		a.location = location
	}
	return a, err
}

// unreachable is why a request failed, in plain words and without its address,
// whose query may hold what is not to be shown.
func unreachable(err error) string {
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return "there is no such host"
	}
	if n, ok := errors.AsType[net.Error](err); ok && n.Timeout() {
		return "no answer within 5 seconds"
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		return cmp.Or(oneLine(e.Err), "no answer")
	}
	return oneLine(err)
}
