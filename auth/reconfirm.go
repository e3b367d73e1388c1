package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"portico/auth/campusone"
	"portico/db"
)

// People without a permission have no refresh token kept, so their standing is
// confirmed by the browser: once a day a page view goes by Campus One with
// prompt=none. The same person renews the session, a plain "nobody is signed
// in here" ends it, and anything else changes nothing.
//
// Each try is written into the session's row before the browser leaves. That
// makes one tab of many go, in whichever process, and needs no cookie to keep
// a provider from holding somebody up at every page: after a try that changed
// nothing the person is left alone for six hours. A sign-in at Campus One
// usually lasts days, so sooner would hardly say more, and later would let a
// sign-out there go unnoticed for another day.
const (
	confirmedFor = 24 * time.Hour
	askAgain     = 6 * time.Hour

	endedUnconfirmed = "no longer signed in at Campus One"
)

// due reports whether a session is to be confirmed.
func (g *Guard) due(l *Live) bool {
	s, now := &l.Session, g.now()
	return now.Sub(s.Confirmed) > confirmedFor && now.Sub(s.Asked) > askAgain
}

// ask notes that a session is about to be confirmed; false when another tab
// is at it, or the session ended.
func (g *Guard) ask(ctx context.Context, l *Live) (bool, error) {
	now := g.now()
	return g.db.AskSession(ctx, l.Session.TokenHash, now, now.Add(-askAgain))
}

// Renew writes what a proven identity tells of the person of a living session,
// which goes on under its old token. db.ErrEnded when it ended meanwhile.
func (g *Guard) Renew(ctx context.Context, l *Live, id campusone.Identity) error {
	err := g.db.RenewSession(ctx, l.Session.TokenHash, db.Confirmation{
		UserID: l.User.ID, Provider: id.Provider, Sub: id.Sub, Facts: id.Facts, RoleSeen: id.RoleSeen, At: g.now(),
	})
	if err != nil {
		return fmt.Errorf("renewing a session: %w", err)
	}
	return nil
}

// Reconfirm sends a signed-in person by Campus One when their session is to be
// confirmed, or reports false: the page is to be served.
func (f *Flow) Reconfirm(r *http.Request, v *Visitor, live *Live) (Outcome, bool) {
	if !f.guard.due(live) {
		return Outcome{}, false
	}
	path := OwnPath(r)
	if ReturnPath(path, f.isPage) != path {
		return Outcome{}, false
	}
	if reason := f.obstacle(r, v, path); reason != "" {
		f.counts.Add("confirm", string(reason))
		return Outcome{}, false
	}
	asked, err := f.guard.ask(r.Context(), live)
	if err != nil {
		f.log.Warn("a session cannot be confirmed; it goes on and is tried again", "error", err)
	}
	if err != nil || !asked {
		return Outcome{}, false
	}
	out := f.depart(r.Context(), v, departure{path: path, silent: true, confirm: true, prompt: "none", network: shortNetwork(r.RemoteAddr)})
	return out, out.Location != ""
}

// meanwhile: the living session began in another tab after this one had left.
func (f *Flow) meanwhile(a *arrival) bool {
	return a.live != nil && !a.live.Session.Created.Before(a.t.started)
}

// renew answers a proven identity that comes to a living session instead of
// replacing it: one that was to be confirmed, or that another tab of the same
// person began meanwhile. Were each tab's session to replace the last, their
// pages would find themselves signed out. False: a session of its own is to
// begin, and it replaces that one.
func (f *Flow) renew(a *arrival, id campusone.Identity) (Outcome, bool) {
	done := Outcome{Status: http.StatusSeeOther, Location: a.t.path, Reason: "renewed", Cookies: []*http.Cookie{f.jar.drop(cookieAttempt)}}
	if id.Provider != a.live.User.Provider || id.Sub != a.live.User.Sub {
		if !a.t.confirm {
			return Outcome{}, false
		}
		f.counts.Add("confirm", "another")
		done.Reason = "another"
		return done, true
	}
	switch err := f.guard.Renew(a.r.Context(), a.live, id); {
	case errors.Is(err, db.ErrEnded), errors.Is(err, db.ErrNotFound):
		done.Reason = "ended"
	case err != nil:
		f.log.Warn("a confirmation cannot be stored; the session goes on", "error", err)
		done.Reason = "storing"
	case f.onSignIn != nil:
		f.onSignIn(a.r.Context(), id)
	}
	f.counts.Add("confirm", done.Reason)
	return done, true
}

// statelessConfirmation answers an error without state while a session lives.
// Anybody can plant one, so it counts only in a browser whose confirmation is
// on its way, and then can do no worse than ask the person to sign in again.
func (f *Flow) statelessConfirmation(a *arrival, code string) Outcome {
	p := f.open(a, func(p attempt) bool { return p.confirm })
	if p == nil {
		return Outcome{Status: http.StatusSeeOther, Location: "/", Reason: "stray"}
	}
	f.returns.backTo(shortNetwork(a.r.RemoteAddr))
	since := a.live.Session.Created.Unix() > p.left
	return f.unconfirmed(a, f.wayOf(a, p), errorName(code), !since && !f.provider.AdvertisesIssuer())
}

// unconfirmed answers a silent attempt that brought no identity while a
// session lives. Only a plain no to the confirmation of this very session ends
// it, as time would: the browser is anonymous then, not signed out by hand.
func (f *Flow) unconfirmed(a *arrival, w way, code string, heard bool) Outcome {
	out := Outcome{Status: http.StatusSeeOther, Location: w.path, Reason: code}
	if !w.confirm {
		return out
	}
	f.counts.Add("confirm", code)
	out.Cookies = []*http.Cookie{f.jar.drop(cookieAttempt)}
	if code != "login_required" || !heard {
		return out
	}
	if err := f.guard.End(a.r.Context(), a.live, endedUnconfirmed); err != nil {
		f.log.Error("a session that is over at Campus One cannot be ended; it is asked about again in six hours", "error", err)
		return out
	}
	a.v.attempts.returned(w.page, w.before, w.redirects+1, f.now())
	out.Cookies = []*http.Cookie{f.jar.drop(cookieSession), f.jar.set(CookieAnonymous, "1", anonymousFor), f.attemptCookie(a.v.attempts)}
	return out
}
