package auth

import "net/http"

// way is the attempt that an arrival belongs to, as far as can be told.
type way struct {
	path            string
	page            uint32       // the page's key in the record
	silent, confirm bool         // as of the transaction
	chain           *transaction // nil: no state of ours tells
	before          uint8        // departures so far
	redirects       uint8        // of ours in a row so far
}

// wayOf reads it from the state, else from an attempt of the record, else
// nothing is known but that somebody left.
func (f *Flow) wayOf(a *arrival, p *attempt) way {
	if a.known {
		return way{path: a.t.path, page: pageKey(a.t.path), silent: a.t.silent, confirm: a.t.confirm, chain: &a.t, before: a.t.departures, redirects: a.t.redirects}
	}
	redirects := a.v.attempts.redirects + 1
	if p == nil {
		return way{path: "/", page: pageKey("/"), before: 1, redirects: redirects}
	}
	w := way{path: "/", page: p.page, silent: p.silent, confirm: p.confirm, before: max(1, p.departures), redirects: redirects}
	if p.page == pageKey(a.v.attempts.path) {
		w.path = ReturnPath(a.v.attempts.path, f.isPage)
	}
	return w
}

// open is the newest attempt of the record that is still on its way and fits.
func (f *Flow) open(a *arrival, fits func(attempt) bool) *attempt {
	now := f.now()
	return a.v.attempts.newest(func(p attempt) bool { return p.onTheWay(now) && fits(p) })
}

// statelessError finds the attempt that an error without state belongs to, as
// Campus One sends it. It never closes an interactive attempt and never makes
// a session. While a session lives it can only answer a confirmation of it
// that this browser is waiting for.
func (f *Flow) statelessError(a *arrival, code string) Outcome {
	if a.live != nil {
		return f.statelessConfirmation(a, code)
	}
	home := Outcome{Status: http.StatusSeeOther, Location: "/", Reason: "stray"}
	if f.provider.AdvertisesIssuer() {
		return home
	}
	fits := func(attempt) bool { return true }
	switch {
	case anonymousCode(code):
		fits = func(p attempt) bool { return p.silent }
	case code == "access_denied", code == "invalid_scope":
		fits = func(p attempt) bool { return !p.silent }
	}
	f.returns.backTo(shortNetwork(a.r.RemoteAddr))
	p := f.open(a, fits)
	if p == nil {
		return home
	}
	w := f.wayOf(a, p)
	if p.silent {
		return f.endAnonymous(a, w, code)
	}
	return f.interactiveError(a, w, code)
}

// strayState answers a state that is unknown, expired, spent or another
// browser's: once more the same way, silently for who left silently. In a cold
// browser each of several tabs makes a key, and all but the last come here.
func (f *Flow) strayState(a *arrival) Outcome {
	w := f.wayOf(a, f.open(a, func(attempt) bool { return true }))
	switch {
	case a.live != nil && a.known:
		return Outcome{Status: http.StatusSeeOther, Location: w.path, Reason: "stray"}
	case a.live != nil:
		return Outcome{Status: http.StatusSeeOther, Location: "/dashboard", Reason: "stray"}
	case w.silent:
		return f.restartSilently(a, w)
	}
	return f.restart(a, w, "stray")
}

// restart starts a sign-in again for a person who was on the way; the loop
// guard bounds it.
func (f *Flow) restart(a *arrival, w way, reason string) Outcome {
	if a.v.SignedOut {
		return gate(a.v, w.path, reason)
	}
	f.counts.Add("interactive", "restarted")
	return f.depart(a.r.Context(), a.v, departure{path: w.path, chain: w.chain, before: w.before})
}

// restartSilently asks once more, unless something since says not to: then the
// visitor reads the page as they are.
func (f *Flow) restartSilently(a *arrival, w way) Outcome {
	if a.v.SignedOut || a.v.Shared || a.v.Anonymous || !f.cfg.Silent || f.provider.Away() {
		return f.endAnonymous(a, w, "stray")
	}
	f.counts.Add("silent", "restarted")
	out := f.depart(a.r.Context(), a.v, departure{
		path: w.path, silent: true, prompt: "none", chain: w.chain, before: w.before, network: shortNetwork(a.r.RemoteAddr),
	})
	if out.Location == "" {
		return f.endAnonymous(a, w, "stray")
	}
	return out
}
