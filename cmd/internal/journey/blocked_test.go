package journey

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"portico/cmd/internal/browser"
	"portico/cmd/internal/portal"
	"portico/views"
)

const officeMail = "office@cs.example.edu.ng"

// blockedWorld is a world in which Amina is blocked.
func blockedWorld(t *testing.T, contact string) *World {
	t.Helper()
	return Start(t, Options{Portal: portal.Options{Site: &views.Site{Name: "Department of Computer Science", Short: "Computer Science", Contact: contact}}})
}

func (w *World) block(t *testing.T, sub string) {
	t.Helper()
	if err := w.App.DB.Block(context.Background(), w.Provider.URL(), sub, "the office", "a test", time.Now()); err != nil {
		t.Fatal(err)
	}
}

// wantShutOut says that a protected page tells a blocked person why and whom to
// ask, after so many hops.
func wantShutOut(t *testing.T, p *Person, ask string, hops int) {
	t.Helper()
	visit(t, p, "/dashboard", http.StatusForbidden)
	text := p.Text()
	if len(p.Hops) != hops || !strings.Contains(text, "You cannot sign in here") || !strings.Contains(text, "Is this a mistake? Ask "+ask) || p.Cookie("session") != "" {
		t.Errorf("by %v, session %q, the page says %s", p.Hops, p.Cookie("session"), text)
	}
}

// wantPublic says that the first page is open and asks Campus One so often.
func wantPublic(t *testing.T, p *Person, hops int) {
	t.Helper()
	visit(t, p, "/", http.StatusOK)
	if len(p.Hops) != hops || p.Cookie("session") != "" || strings.Contains(p.Text(), "Amina") {
		t.Errorf("by %v, session %q, the page says %s", p.Hops, p.Cookie("session"), p.Text())
	}
}

// Blocked while signed in: out at the next request, and told why from then on.
func TestBlockedWhileSignedIn(t *testing.T) {
	t.Parallel()
	for _, ask := range []string{officeMail, "the department office"} {
		t.Run(ask, func(t *testing.T) {
			w := blockedWorld(t, strings.TrimPrefix(ask, "the department office"))
			p := signedIn(t, w, amina)
			w.block(t, amina)
			wantShutOut(t, p, ask, 1)
			wantPublic(t, p, 1)
			wantShutOut(t, p, ask, 1)
			visit(t, asFetch(p), "/auth/me", http.StatusUnauthorized)
			p.Header.Set("Accept", "text/html")
			wantPublic(t, p, 1)
		})
	}
}

// Not signed in here: the silent check ends anonymous and holds, a protected
// page tells why, and so does signing in by hand.
func TestBlockedSilentlyAndByHand(t *testing.T) {
	t.Parallel()
	w := blockedWorld(t, officeMail)
	signedIn(t, w, amina)
	w.block(t, amina)
	p := w.Person(true)
	p.Meet(w.Provider.SessionCookie(amina))
	wantPublic(t, p, 4)
	if p.Cookie("c1_out") == "" {
		t.Error("the browser is not marked as signed out")
	}
	wantPublic(t, p, 1)
	wantShutOut(t, p, officeMail, 1)
	if err := p.Click("Try again"); err != nil || p.Status != http.StatusForbidden || !strings.Contains(p.Text(), officeMail) || p.Cookie("session") != "" {
		t.Errorf("trying again: %d by %v, %v: %s", p.Status, p.Hops, err, p.Text())
	}
	direct := w.Person(true)
	direct.Meet(w.Provider.SessionCookie(amina))
	wantShutOut(t, direct, officeMail, 3)
	sessions, err := w.App.DB.SessionsOf(context.Background(), w.user(t, amina).ID)
	if err != nil || len(sessions) != 1 || sessions[0].Ended.IsZero() {
		t.Errorf("sessions of a blocked person: %+v, %v", sessions, err)
	}
	if err := w.App.DB.Unblock(context.Background(), w.Provider.URL(), amina, "the office", "a mistake", time.Now()); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second) // an identity of the second in which the sessions were ended makes none
	if err := direct.Click("Try again"); err != nil || direct.Status != http.StatusOK || direct.URL.Path != "/dashboard" {
		t.Errorf("after the block: %d at %s, %v", direct.Status, direct.URL, err)
	}
}

// A form posted by a person who was blocked meanwhile does nothing and is not
// held.
func TestBlockedWithAForm(t *testing.T) {
	t.Parallel()
	d := newDesk(t, Options{})
	p, form := d.opened(t, amina, "/notes", "x")
	d.block(t, amina)
	post(t, p, "/notes", form, http.StatusForbidden)
	if value(t, p, "held") != "" || !strings.Contains(p.Text(), "You cannot sign in here") {
		t.Errorf("the page says %s", p.Text())
	}
	d.wantTaken(t, "", 0)
}

func TestBlockedInChromium(t *testing.T) {
	t.Parallel()
	for _, win := range windows {
		t.Run(win.name, func(t *testing.T) {
			t.Parallel()
			w := blockedWorld(t, officeMail)
			tab := browser.New(t, win.o)
			signIn(t, w, tab, amina, "/dashboard")
			w.block(t, amina)
			tab.Go(w.URL + "/dashboard")
			wantText(t, tab, "You cannot sign in here")
			if link := browser.Eval[string](tab, `document.querySelector("main a[href^='mailto:']").href`); link != "mailto:"+officeMail {
				t.Errorf("whom to ask: %q", link)
			}
			picture(t, tab, "blocked")
			tab.Click("Try again")
			wantText(t, tab, "You cannot sign in here")
			if !strings.Contains(tab.URL(), "/auth/callback") {
				t.Errorf("at %s", tab.URL())
			}
			tab.Go(w.URL + "/")
			wantText(t, tab, "Sign in")
		})
	}
}
