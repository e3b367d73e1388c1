package auth

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"portico/auth/campusone"
	"portico/db"
)

// callbackTime bounds the whole callback, whatever Campus One does.
const callbackTime = 8 * time.Second

const maxCallbackQuery = 4096

// arrival is a callback with what is known of it.
type arrival struct {
	r       *http.Request
	v       *Visitor
	live    *Live
	q       url.Values
	t       transaction
	mine    bool // state opened, is of this browser and in time
	known   bool // state opened: its path may be gone back to
	expired bool
}

// Callback answers /auth/callback; the first row that fits wins (OAuth 2.0,
// RFC 6749 section 4.1.2; OIDC Core 3.1.2.5 and 3.1.2.6). live is the session
// the request already has, or nil.
func (f *Flow) Callback(r *http.Request, v *Visitor, live *Live) Outcome {
	if r.Method == http.MethodHead || r.URL.RawQuery == "" {
		return Outcome{Page: PageProbe, Status: http.StatusOK, Reason: "probe"}
	}
	ctx, cancel := context.WithTimeout(r.Context(), callbackTime)
	defer cancel()
	a := arrival{r: r.WithContext(ctx), v: v, live: live}
	var ok bool
	if a.q, ok = callbackQuery(r.URL.RawQuery); !ok {
		return badCallback("malformed")
	}
	if state := a.q.Get("state"); state != "" && state != "undefined" {
		a.t, a.known, a.expired = f.openState(state)
		a.mine = a.known && !a.expired && v.key != nil && a.t.browser == browserHash(v.key)
		if a.known {
			f.returns.back(a.t.random)
		}
	}
	if (v.key == nil || !v.recorded) && live == nil {
		if out, fits := f.withoutCookies(&a); fits {
			return out
		}
	}
	if err := f.provider.CheckResponseIssuer(ctx, a.q.Get("iss"), a.q.Has("iss")); err != nil {
		return f.failed(&a, "iss", err)
	}
	if a.q.Get("error") != "" {
		return f.callbackError(&a)
	}
	return f.callbackCode(&a)
}

// callbackQuery parses the query; false when a parameter comes twice, the
// query is over 4 kB, or code and error come together.
func callbackQuery(raw string) (url.Values, bool) {
	q, err := url.ParseQuery(raw)
	if err != nil || len(raw) > maxCallbackQuery {
		return nil, false
	}
	for _, values := range q {
		if len(values) > 1 {
			return nil, false
		}
	}
	return q, !(q.Get("code") != "" && q.Get("error") != "")
}

func badCallback(reason string) Outcome {
	return Outcome{Page: PageBadRequest, Status: http.StatusBadRequest, Next: "/", Reason: reason}
}

// withoutCookies answers a browser that sent no key cookie, or no attempt
// record: without both nothing bounds what follows. A sign-out takes both away
// on purpose.
func (f *Flow) withoutCookies(a *arrival) (Outcome, bool) {
	stateless := a.q.Get("state") == "" || a.q.Get("state") == "undefined"
	switch {
	case a.v.SignedOut && a.known && !a.t.silent:
		return gate(a.v, a.t.path, "signed_out"), true
	case a.known && a.t.silent, stateless && a.q.Get("error") != "":
		path := "/"
		if a.known {
			path = a.t.path
		}
		f.counts.Add("silent", string(ReasonNoCookies))
		return Outcome{Status: http.StatusSeeOther, Location: f.withMarker(path, markerNoCookies), Reason: string(ReasonNoCookies)}, true
	case !stateless:
		f.counts.Add("stop", "elsewhere")
		next := "/"
		if a.known {
			next = a.t.path
		}
		return stop(PageElsewhere, next, nil), true
	}
	return Outcome{}, false
}

func (f *Flow) callbackCode(a *arrival) Outcome {
	state := a.q.Get("state")
	if a.q.Get("code") == "" || state == "" || state == "undefined" {
		return badCallback("no_state")
	}
	if !a.mine {
		return f.strayState(a)
	}
	if out, held := f.held(a); held {
		return out
	}
	if a.t.silent && a.live != nil && !a.t.confirm {
		f.counts.Add("silent", "already")
		return Outcome{Status: http.StatusSeeOther, Location: a.t.path, Reason: "already"}
	}
	if !f.spent.spend(a.t.random) {
		return f.strayState(a)
	}
	from := shortNetwork(a.r.RemoteAddr)
	if err := f.junk.wait(a.r.Context(), from); err != nil {
		return f.failed(a, "rate", err)
	}
	id, err := f.provider.SignIn(a.r.Context(), a.q.Get("code"), derived(a.v.key, "pkce", state), derived(a.v.key, "nonce", state))
	f.junk.note(from, err == nil)
	if err != nil {
		return f.failed(a, "exchange", err)
	}
	if id.Scope == "" { // then it is as asked (RFC 6749, section 5.1)
		id.Scope = strings.Join(f.asked(a.t), " ")
	}
	if a.live != nil && !a.t.over {
		if out, done := f.renew(a, id); done {
			return out
		}
	}
	return f.establish(a, id, state)
}

// leastScopes are asked for when Campus One refuses what is configured.
func leastScopes() []string { return []string{"openid", "profile", "email"} }

// asked are the scopes that a transaction asked for.
func (f *Flow) asked(t transaction) []string {
	if t.narrow {
		return leastScopes()
	}
	return f.cfg.Scopes
}

// held answers a code that must not be exchanged: the person signed out while
// it was on its way, or it came unasked to a shared computer.
func (f *Flow) held(a *arrival) (Outcome, bool) {
	switch {
	case a.live != nil:
		return Outcome{}, false
	case a.t.silent && (a.v.SignedOut || a.v.Shared):
		return f.endAnonymous(a, f.wayOf(a, nil), "held"), true
	case a.v.SignedOut:
		return gate(a.v, a.t.path, "held"), true
	}
	return Outcome{}, false
}

// gate is the page after a sign-out: a button, and nothing by itself. Who was
// shut out reads why.
func gate(v *Visitor, next, reason string) Outcome {
	if v.Blocked {
		return Outcome{Page: PageBlocked, Status: http.StatusForbidden, Next: next, Reason: "blocked"}
	}
	return Outcome{Page: PageGate, Status: http.StatusUnauthorized, Next: next, Reason: reason}
}

// establish makes the session of a proven identity.
func (f *Flow) establish(a *arrival, id campusone.Identity, state string) Outcome {
	cookie, err := f.guard.Begin(a.r.Context(), Begin{
		Identity: id, Silent: a.t.silent, Shared: a.v.Shared, StateHash: hashText(state),
		Device: a.r.UserAgent(), Network: a.r.RemoteAddr, Replaces: a.live, IDToken: f.keptIDToken(id),
	})
	switch {
	case errors.Is(err, db.ErrBlocked):
		return f.blocked(a)
	case errors.Is(err, db.ErrStateUsed), errors.Is(err, db.ErrEnded) && !a.t.silent:
		return f.strayState(a)
	case err != nil:
		return f.failed(a, "storing", err)
	}
	f.counts.Add(kindOf(a.t.silent), "signed_in")
	if f.onSignIn != nil {
		f.onSignIn(a.r.Context(), id)
	}
	a.v.attempts.returned(pageKey(a.t.path), a.t.departures, maxRedirects, f.now()) // who is still unknown after that keeps no session
	a.v.attempts.path, a.v.attempts.anonymous, a.v.attempts.notBefore, a.v.attempts.consent = "", 0, 0, false
	cookies := []*http.Cookie{cookie, f.attemptCookie(a.v.attempts)}
	if a.v.Anonymous {
		cookies = append(cookies, f.jar.drop(CookieAnonymous))
	}
	return Outcome{Status: http.StatusSeeOther, Location: a.t.path, Cookies: cookies, Reason: "signed_in"}
}

func (f *Flow) blocked(a *arrival) Outcome {
	f.counts.Add(kindOf(a.t.silent), "blocked")
	if !a.t.silent {
		return Outcome{Page: PageBlocked, Status: http.StatusForbidden, Next: a.t.path, Reason: "blocked"}
	}
	out := f.endAnonymous(a, f.wayOf(a, nil), "blocked")
	out.Cookies = append(out.Cookies, f.jar.set(cookieOut, outByBlock, signedOutFor))
	return out
}

// failed answers an exchange, a verification or a storing that went wrong.
func (f *Flow) failed(a *arrival, step string, err error) Outcome {
	f.log.Warn("a sign-in failed", "step", step, "silent", a.t.silent, "error", err)
	if a.known && a.t.silent {
		return f.endAnonymous(a, f.wayOf(a, nil), step)
	}
	f.counts.Add("interactive", step)
	if errors.Is(err, campusone.ErrInvalidGrant) {
		if out := f.restart(a, f.wayOf(a, nil), "invalid_grant"); out.Page != PageLoop {
			return out
		}
	}
	out := Outcome{Page: PageRefused, Status: http.StatusBadGateway, Next: "/", Reason: step}
	if a.mine {
		out.Next, out.Cookies = a.t.path, f.forget(a.v)
	}
	if step == "storing" || errors.Is(err, campusone.ErrBusy) || errors.Is(err, context.DeadlineExceeded) {
		out.Page, out.Status, out.RetryAfter = PageBusy, http.StatusServiceUnavailable, 30
	}
	return out
}
