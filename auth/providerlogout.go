package auth

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"portico/auth/campusone"
)

// parkedFor is how long an id_token waits, sealed, for the link "Sign out of
// Campus One too". It lies in the database under a random name that only the
// signed-out marker of this browser holds; no page ever carries it.
const parkedFor = 5 * time.Minute

const keyIDToken = "id_token"

// ParkIDToken puts the id_token of the request's session aside and returns the
// name it waits under, or "" when there is none to wait. Nothing depends on it.
func (f *Flow) ParkIDToken(r *http.Request, live *Live) string {
	if !f.cfg.ProviderLogout {
		return ""
	}
	hint, err := f.seal.Open(purposeStored, keyIDToken+live.User.Sub, f.guard.idToken(r))
	if err != nil {
		return ""
	}
	name := strings.ToLower(rand.Text()[:20])
	now := f.now()
	if err := f.guard.db.Park(r.Context(), live.User.ID, name, []byte(f.seal.Seal(purposeStored, name, parkedFor, hint)), now, now.Add(-parkedFor)); err != nil {
		f.log.Warn("the sign-out of Campus One cannot be prepared; signing out here is not touched by it", "error", err)
		return ""
	}
	return name
}

// LeaveProvider is where the browser signs out of Campus One too
// (OIDC RP-Initiated Logout 1.0, section 2), or false when there is no way:
// the id_token has gone, or Campus One has no such page.
func (f *Flow) LeaveProvider(ctx context.Context, v *Visitor) (string, bool) {
	if !f.cfg.ProviderLogout || !f.CanLeaveProvider(v) {
		return "", false
	}
	sealed, err := f.guard.db.TakeParked(ctx, v.parked, f.now().Add(-parkedFor))
	if err != nil {
		return "", false
	}
	hint, err := f.seal.Open(purposeStored, v.parked, string(sealed))
	if err != nil {
		return "", false
	}
	return f.provider.EndSessionURL(ctx, campusone.Secret(hint), f.cfg.Origin+"/auth/signed-out", rand.Text())
}

// CanLeaveProvider reports whether an id_token may still wait for this browser.
func (f *Flow) CanLeaveProvider(v *Visitor) bool { return v.parked != "" }

// keptIDToken is the id_token as the session keeps it: sealed, and only where
// signing out of Campus One is switched on.
func (f *Flow) keptIDToken(id campusone.Identity) string {
	if !f.cfg.ProviderLogout || id.IDToken == "" {
		return ""
	}
	return f.seal.Seal(purposeStored, keyIDToken+id.Sub, f.guard.cfg.Max+parkedFor, []byte(id.IDToken.Reveal()))
}

// idToken is the sealed id_token that a request's session keeps, or "".
func (g *Guard) idToken(r *http.Request) string {
	token := g.jar.get(r, cookieSession)
	if !wellFormed(token) {
		return ""
	}
	ctx, err := g.scs.Load(r.Context(), token)
	if err != nil {
		return ""
	}
	return g.scs.GetString(ctx, keyIDToken)
}
