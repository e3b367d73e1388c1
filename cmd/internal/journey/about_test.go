package journey

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/auth/reading"
	"portico/cmd/internal/browser"
)

// /privacy tells the settings in force, and no others.
func TestPrivacyTellsTheSettings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		env, says, not []string
	}{
		{[]string{"PORTICO_BACKUP_DIR=" + t.TempDir()}, []string{"180 days", "90 days", "2 years", "1 year", "12 hours", "7 days", "Your student ID", "asks Campus One once", "Backups", "left over when you added its events: 30 days."}, []string{"send you notices"}},
		{
			[]string{
				"PORTICO_RETAIN_SIGNINS=30d", "PORTICO_RETAIN_DELIVERIES=31d", "PORTICO_RETAIN_AUDIT=3y", "PORTICO_RETAIN_READS=1d", "PORTICO_SESSION_IDLE=90m",
				"PORTICO_SESSION_MAX=1d", "PORTICO_SILENT=off", "PORTICO_BACKUP_DIR=off", "CAMPUS_ONE_SCOPES=openid email notifications",
			},
			[]string{"30 days", "31 days", "3 years", "as read: 1 day.", "90 minutes", "never longer than 1 day", "send you notices"},
			[]string{"180 days", "12 hours", "Your student ID", "asks Campus One once", "Backups"},
		},
	} {
		w := Start(t, Options{Env: c.env})
		w.SaveSettings(t, reading.Settings{Name: "Botany", Contact: "botany@nile.example"})
		p := asFetch(w.Person(true))
		p.Header.Set("Accept", "text/html")
		if err := p.Visit("/privacy"); err != nil || p.Status != http.StatusOK {
			t.Fatal(p.Status, err)
		}
		for _, text := range append(c.says, "botany@nile.example") {
			if !strings.Contains(p.Text(), text) {
				t.Errorf("with %q it does not say %q: %s", c.env, text, p.Text())
			}
		}
		for _, text := range c.not {
			if strings.Contains(p.Text(), text) {
				t.Errorf("with %q it says %q", c.env, text)
			}
		}
	}
}

// Every cookie that a browser gets from the portal, whatever happens there,
// stands on /privacy under its name, and stays no longer than it says.
func TestPrivacyNamesEveryCookie(t *testing.T) {
	t.Parallel()
	for _, scheme := range []Scheme{HTTP, Proxied} {
		w := Start(t, Options{Scheme: scheme})
		p := w.Person(true)
		var met []*http.Cookie
		p.client.Transport = hearing{p.client.Transport, func(res *http.Response) {
			if strings.HasPrefix(w.URL, res.Request.URL.Scheme+"://"+res.Request.URL.Host) {
				met = append(met, res.Cookies()...)
			}
		}}
		p.Meet(w.Provider.SessionCookie(campusonetest.SubGrace))
		for _, step := range []func() error{
			func() error { return p.Visit("/dashboard") },
			func() error { return p.Click("Sign out") },
			func() error { return p.Click("This is a shared computer") },
			func() error { return w.Person(true).Visit("/") },
		} {
			if err := step(); err != nil {
				t.Fatal(err)
			}
		}
		stranger := w.Person(true)
		stranger.client.Transport = p.client.Transport
		if err := stranger.Visit("/privacy"); err != nil {
			t.Fatal(err)
		}
		names := map[string]bool{}
		for _, c := range met {
			names[c.Name] = true
			if !strings.Contains(stranger.Body, "<code>"+c.Name+"</code>") {
				t.Errorf("%s is not named", c.Name)
			}
		}
		if len(names) < 5 {
			t.Errorf("only %v were met: this test shows little", slices.Sorted(maps.Keys(names)))
		}
	}
}

// hearing tells of every answer.
type hearing struct {
	http.RoundTripper
	tell func(*http.Response)
}

func (h hearing) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := h.RoundTripper.RoundTrip(r)
	if err == nil {
		h.tell(res)
	}
	return res, err
}

// Every page leads to both, and both are there for whoever comes.
func TestFooterLeadsToPrivacyAndAccessibility(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	for _, p := range []*Person{w.Person(true), signedIn(t, w, campusonetest.SubAmina)} {
		for _, path := range []string{"/", "/nowhere"} {
			for _, link := range []string{"Privacy", "Accessibility"} {
				if err := p.Visit(path); err != nil {
					t.Fatal(err)
				}
				if err := p.Click(link); err != nil || p.Status != http.StatusOK || p.URL.Path != "/"+strings.ToLower(link) {
					t.Errorf("%s on %s leads to %s: %d, %v", link, path, p.URL, p.Status, err)
				}
			}
		}
	}
}

// Both pages can be read on a phone and at a desk, in light and dark, by
// everybody, without moving them sideways.
func TestAboutPagesInChromium(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	w.SaveSettings(t, reading.Settings{
		Name: "Department of Computer Science", Short: "Computer Science", Contact: "cs@nile.example",
		Reach: []reading.Reach{{Label: "Department office, block C, room 12", Text: "Monday to Friday, 9:00 to 15:00", Link: "cs@nile.example"}},
	})
	for name, o := range map[string]browser.Options{"phone": {Phone: true}, "phone-dark": {Phone: true, Dark: true}, "desk": {}, "desk-dark": {Dark: true}} {
		tab := browser.New(t, o)
		for _, path := range []string{"/privacy", "/accessibility"} {
			tab.Go(w.URL + path)
			if dir := os.Getenv("PORTICO_TEST_PICTURES"); dir != "" {
				tab.Screenshot(filepath.Join(dir, strings.TrimPrefix(path, "/")+"-"+name+".png"))
			}
			tab.Axe(t)
			if wide := browser.Eval[bool](tab, `document.documentElement.scrollWidth > innerWidth`); wide {
				t.Errorf("%s: %s is wider than the window", name, path)
			}
		}
	}
}
