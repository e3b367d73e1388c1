package auth

import "net/http"

// anonymousCodes are the four answers by which prompt=none says "nobody is
// signed in here" (OIDC Core 3.1.2.6).
func anonymousCode(code string) bool {
	switch code {
	case "login_required", "interaction_required", "consent_required", "account_selection_required":
		return true
	}
	return false
}

// errorName is a provider's error code under a fixed name: never its text.
func errorName(code string) string {
	switch code {
	case "login_required", "interaction_required", "consent_required", "account_selection_required", "access_denied",
		"invalid_scope", "invalid_request", "unauthorized_client", "unsupported_response_type", "server_error", "temporarily_unavailable":
		return code
	}
	return "other"
}

func (f *Flow) callbackError(a *arrival) Outcome {
	code := a.q.Get("error")
	switch {
	case a.known && a.t.silent:
		return f.endAnonymous(a, f.wayOf(a, nil), code)
	case a.mine:
		out := f.interactiveError(a, f.wayOf(a, nil), code)
		if out.Location == "" && out.Page != PageLoop {
			out.Cookies = append(out.Cookies, f.forget(a.v)...)
		}
		return out
	case a.q.Get("state") == "" || a.q.Get("state") == "undefined":
		return f.statelessError(a, code)
	}
	return f.strayState(a)
}

// endAnonymous ends a silent attempt: the person stays a visitor and never
// sees an error page, whatever Campus One said. A session that lives goes on.
func (f *Flow) endAnonymous(a *arrival, w way, code string) Outcome {
	name := errorName(code)
	f.counts.Add("silent", name)
	if !anonymousCode(code) {
		f.log.Warn("a silent check ended in an error", "reason", name)
	}
	if a.live != nil {
		return f.unconfirmed(a, w, name, a.mine && !f.meanwhile(a))
	}
	a.v.attempts.returned(w.page, w.before, w.redirects+1, f.now())
	a.v.attempts.answeredAnonymous(f.now(), a.r.Header.Get("Save-Data") == "on")
	a.v.attempts.consent = code == "consent_required"
	return Outcome{
		Status: http.StatusSeeOther, Location: w.path, Reason: name,
		Cookies: []*http.Cookie{f.jar.set(CookieAnonymous, "1", anonymousFor), f.attemptCookie(a.v.attempts)},
	}
}

func (f *Flow) interactiveError(a *arrival, w way, code string) Outcome {
	name := errorName(code)
	f.counts.Add("interactive", name)
	f.log.Info("Campus One answered a sign-in with an error", "reason", name)
	out := Outcome{Status: http.StatusUnauthorized, Page: PageRefused, Next: w.path, Reason: name}
	switch name {
	case "access_denied":
		out.Page, out.Status = PageCancelled, http.StatusOK
	case "invalid_scope":
		f.log.Error("Campus One refused a scope; signing in with openid profile email only", "scopes", f.cfg.Scopes)
		return f.depart(a.r.Context(), a.v, departure{path: w.path, chain: w.chain, before: w.before, scopes: leastScopes()})
	case "server_error":
		out.Status = http.StatusBadGateway
	case "temporarily_unavailable":
		out.Page, out.Status, out.RetryAfter = PageBusy, http.StatusServiceUnavailable, 60
	}
	return out
}
