package journey

import (
	"context"
	"slices"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
)

// notifying switches notices in Campus One on.
func notifying(more ...string) []string {
	return append([]string{"PORTICO_NOTIFICATIONS=on", "CAMPUS_ONE_SCOPES=openid profile email academic roles offline_access notifications"}, more...)
}

// An answer that names no scopes means those that were asked for: all of them,
// or the few that are asked for when Campus One refuses one.
func TestScopesAsAskedWhenNotSaid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		scopes []string // granted to the portal; nil is the usual set
		want   bool
	}{
		"as asked": {nil, true},
		"less was asked for, since one was refused": {[]string{"openid", "profile", "email", "offline_access"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := Start(t, Options{Env: notifying("PORTICO_SILENT=off"), Provider: func(o *campusonetest.Options, c1 *campusonetest.Client) {
				c1.Scopes = c.scopes
				o.Fault.Token.Edit = func(answer map[string]any) {
					delete(answer, "scope")
					answer["refresh_token"] = "one-way-or-another"
				}
			}})
			signedIn(t, w, amina)
			consent, err := w.App.DB.Consent(context.Background(), w.user(t, amina).ID)
			if err != nil || consent.May() != c.want || w.keepsToken(t, amina) != c.want {
				t.Errorf("may be notified: %v, token kept: %v, want %v (%v)", consent.May(), w.keepsToken(t, amina), c.want, err)
			}
		})
	}
}

// Disconnecting, deletion and being forgotten take the permission to notify.
func TestNoticePermissionEnds(t *testing.T) {
	t.Parallel()
	clock := NewClock()
	w := Start(t, Options{Env: notifying(), Clock: clock})
	ends := map[string]func(sub string){
		campusonetest.SubAmina:  func(sub string) { w.Provider.Disconnect(sub, "portico-test") },
		campusonetest.SubChidi:  func(sub string) { w.Provider.Delete(sub) },
		campusonetest.SubHalima: func(sub string) { must(t, w.App.DB.Forget(context.Background(), w.user(t, sub).ID, w.Now())) },
	}
	for sub, end := range ends {
		signedIn(t, w, sub)
		u := w.user(t, sub)
		if !w.keepsToken(t, sub) {
			t.Fatalf("%s: nothing is kept after the sign-in", sub)
		}
		clock.Advance(2 * time.Second) // the event of disconnecting tells whole seconds
		end(sub)
		until(t, "ended for "+sub, func() bool {
			c, err := w.App.DB.Consent(context.Background(), u.ID)
			_, none := w.App.DB.Token(context.Background(), u.ID, "refresh")
			return err == nil && none != nil && c.Granted.IsZero()
		})
	}
	if !slices.Contains(w.Config.CampusOne.Scopes, "notifications") {
		t.Error("the scope was not asked for")
	}
}
