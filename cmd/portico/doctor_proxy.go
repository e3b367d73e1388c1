package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"portico/auth"
	"portico/handlers"
)

// forged is an address of documentation (RFC 5737) that doctor claims to come
// from, as anybody may.
const forged = "192.0.2.1"

// proxies has the running portal tell what arrives of a request to its public
// address, and whether a cookie that it sets comes back.
func (w *ward) proxies(ctx context.Context) {
	first, cookies, ok := w.echo(ctx, nil)
	if !ok {
		return
	}
	w.judgeHost(first)
	w.judgeForwarded(first)
	w.judgeScheme(first)
	w.cookies(ctx, cookies)
}

// echo asks the portal what it saw.
func (w *ward) echo(ctx context.Context, cookies []*http.Cookie) (e handlers.Echo, set []*http.Cookie, ok bool) {
	seal, err := auth.NewSealer(time.Now, revealed(w.config.SessionSecret)...)
	if err != nil {
		return e, nil, false // the configuration lines have said so
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.config.AppURL.JoinPath("healthz", "echo").String(), nil)
	if err != nil {
		return e, nil, false
	}
	req.Header.Set(auth.RehearsalHeader, auth.RehearsalWord(seal))
	req.Header.Set("X-Forwarded-For", forged)
	for _, c := range cookies {
		req.AddCookie(c)
	}
	res, err := w.client.Do(req)
	if err != nil {
		w.add(warning, "proxy headers", "the portal does not tell what arrives: "+unreachable(err), "try again in a minute")
		return e, nil, false
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&e); err != nil || res.StatusCode != http.StatusOK {
		w.add(warning, "proxy headers", fmt.Sprintf("the running portal answered %d and does not tell what arrives: it has another SESSION_SECRET, is of another version, or a proxy keeps headers back", res.StatusCode), "restart the portal; let the proxy pass all headers on")
		return e, nil, false
	}
	return e, res.Cookies(), true
}

func (w *ward) judgeHost(e handlers.Echo) {
	if want := w.config.AppURL.Host; e.Host != want {
		w.add(failed, "proxy: host", fmt.Sprintf("the portal is asked for %q instead of %q, and answers with a redirect", e.Host, want),
			"let the proxy pass the host on; in nginx: proxy_set_header Host $host;")
		return
	}
	w.add(ok, "proxy: host", e.Host, "")
}

// judgeForwarded looks at who the portal takes visitors for.
func (w *ward) judgeForwarded(e handlers.Echo) {
	const check, tell = "proxy: address", "let the proxy say who came; in nginx: proxy_set_header X-Forwarded-For $remote_addr;"
	silent := e.ForwardedFor == "" || e.ForwardedFor == forged
	behind := !silent || w.config.Secure() && !e.TLS
	switch {
	case e.PeerTrusted && e.ForwardedFor == forged && behind:
		w.add(failed, check, "a visitor may pretend to come from anywhere: the proxy passes on what they write into X-Forwarded-For", tell)
	case e.PeerTrusted && silent && behind:
		w.add(warning, check, "the proxy at "+e.Peer+" does not say who came: everybody seems to come from there", tell)
	case behind && !e.PeerTrusted && silent:
		w.add(warning, check, "everybody seems to come from "+e.Peer+", which does not say who came", tell+" and "+w.set("PORTICO_TRUSTED_PROXIES="+network(e.Peer)))
	case behind && !e.PeerTrusted:
		w.add(warning, check, "everybody seems to come from "+e.Peer+": a proxy that is not trusted", w.set("PORTICO_TRUSTED_PROXIES="+network(e.Peer)))
	default:
		w.add(ok, check, "this machine is seen as "+e.Client, "")
	}
}

// network writes one address as the configuration does.
func network(address string) string {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	return netip.PrefixFrom(addr, addr.BitLen()).String()
}

// judgeScheme looks at whether http leads to https.
func (w *ward) judgeScheme(e handlers.Echo) {
	const check, tell = "proxy: scheme", "let the proxy say over what; in nginx: proxy_set_header X-Forwarded-Proto $scheme;"
	scheme, _, _ := strings.Cut(e.Scheme, ",")
	switch {
	case !w.config.Secure() || e.TLS || !e.PeerTrusted:
		return // there is no proxy whose word counts
	case strings.EqualFold(scheme, "http"):
		w.add(failed, check, "the proxy says that people come by http although they come by https: old browsers are redirected for ever", tell)
	case scheme == "":
		w.add(warning, check, "the proxy does not say whether people come by http or https", tell)
	default:
		w.add(ok, check, scheme, "")
	}
}

// cookies sends back what the portal set, as a browser would.
func (w *ward) cookies(ctx context.Context, set []*http.Cookie) {
	const check, fix = "cookies", "let the proxy pass Set-Cookie and Cookie on as they are"
	if len(set) != 1 {
		w.add(failed, check, fmt.Sprintf("the portal set one cookie, %d arrived: nobody can sign in", len(set)), fix)
		return
	}
	c := set[0]
	if c.Path != "/" || c.Domain != "" || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure != w.config.Secure() {
		w.add(failed, check, "the cookie was changed on its way and browsers may refuse it: "+c.Raw, fix)
		return
	}
	e, _, answered := w.echo(ctx, set)
	switch {
	case !answered:
	case !e.Cookie:
		w.add(failed, check, c.Name+" did not come back: nobody can sign in", fix)
	default:
		w.add(ok, check, c.Name+" came back", "")
	}
}
