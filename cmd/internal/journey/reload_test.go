package journey

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/portal"
)

// reload puts the world's configuration in force again, with changes.
func (w *World) reload(t *testing.T, env ...string) {
	t.Helper()
	if err := w.App.Reload(w.changed(t, env)); err != nil {
		t.Fatal(err)
	}
}

// restart stops the portal and starts it with changes to its configuration.
func (w *World) restart(t *testing.T, env ...string) {
	t.Helper()
	w.Config = w.changed(t, env)
	w.again(t)
}

func (w *World) changed(t *testing.T, env []string) *portal.Config {
	t.Helper()
	changed := slices.DeleteFunc(slices.Clone(w.env), func(old string) bool {
		name, _, _ := strings.Cut(old, "=")
		return slices.ContainsFunc(env, func(e string) bool { return strings.HasPrefix(e, name+"=") })
	})
	c, err := portal.Load(append(changed, env...), "")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A changed list of roles counts at the next click, in open sessions too.
func TestReloadedRolesCountAtOnce(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := signedIn(t, w, campusonetest.SubAmina)
	for _, step := range []struct {
		roles  string
		status int
	}{{"admin,staff", http.StatusForbidden}, {"admin,student", http.StatusOK}, {"none", http.StatusForbidden}} {
		w.reload(t, "PORTICO_REPORTS_ROLES="+step.roles)
		if err := p.Visit("/admin/reports"); err != nil || p.Status != step.status {
			t.Errorf("with %s: %d, %v, want %d", step.roles, p.Status, err, step.status)
		}
	}
}

// A new session secret with the old one as previous loses nobody: not who is
// signed in, nor who is on the way, nor the form in hand.
func TestReloadedSecretLosesNobody(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := signedIn(t, w, campusonetest.SubAmina)
	onTheWay := w.Person(true)
	onTheWay.Meet(w.Provider.SessionCookie(campusonetest.SubChidi))
	back := onTheWay.leave(t, "/dashboard")
	w.reload(t, "SESSION_SECRET="+rand.Text()+rand.Text(), "SESSION_SECRET_PREVIOUS="+w.Config.SessionSecret.Reveal())
	if err := onTheWay.Visit(back); err != nil || onTheWay.Status != http.StatusOK || onTheWay.URL.Path != "/dashboard" || len(onTheWay.Hops) != 2 {
		t.Errorf("on the way: %d at %s, %v, by %v", onTheWay.Status, onTheWay.URL, err, onTheWay.Hops)
	}
	if err := p.Click("Sign out"); err != nil || p.URL.Path != "/auth/signed-out" {
		t.Errorf("the form in hand: %d at %s, %v", p.Status, p.URL, err)
	}
}

// Without the old one too, who is signed in stays so: sessions are in the
// database.
func TestReloadedSecretAlone(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := signedIn(t, w, campusonetest.SubAmina)
	w.reload(t, "SESSION_SECRET="+rand.Text()+rand.Text())
	if err := p.Visit("/dashboard"); err != nil || p.Status != http.StatusOK || len(p.Hops) != 1 {
		t.Errorf("no longer signed in: %d, %v, %v", p.Status, err, p.Hops)
	}
}

// leave walks to Campus One and through it, and stops with the address that
// Campus One sends the browser back to.
func (p *Person) leave(t *testing.T, path string) string {
	t.Helper()
	u, err := p.step(http.MethodGet, at(t, p.world.URL+path), nil)
	for err == nil && u != nil && p.where(u) == "campusone" {
		u, err = p.step(http.MethodGet, u, nil)
	}
	if err != nil || u == nil {
		t.Fatalf("no way back from Campus One: %v, %d", err, p.Status)
	}
	return u.String()
}

// The client secret that the token request carries is the new one.
func TestReloadedClientSecretIsUsed(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	w.reload(t, "CAMPUS_ONE_CLIENT_SECRET=no-longer-right")
	p := w.Person(true)
	p.Meet(w.Provider.SessionCookie(campusonetest.SubAmina))
	if err := p.Visit("/dashboard"); err != nil || p.Status == http.StatusOK {
		t.Errorf("signed in with a wrong client secret: %d, %v", p.Status, err)
	}
	w.reload(t)
	signedIn(t, w, campusonetest.SubChidi)
}

func at(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
