package journey

import (
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/browser"
	"portico/db"
	"portico/db/bulk"
)

// The health page tells each part's trouble, and what to do about it.
func TestHealth(t *testing.T) {
	t.Parallel()
	for _, engine := range engines() {
		t.Run(engine.name, func(t *testing.T) {
			clock := NewClock()
			env := "PORTICO_BACKUP_DIR=" + filepath.Join(t.TempDir(), "backups")
			w := Start(t, Options{Database: engine.fresh(t), Clock: clock, Env: []string{env}})
			grace := signedIn(t, w, campusonetest.SubGrace)
			visit := func() string {
				t.Helper()
				if err := grace.Visit("/admin/health"); err != nil || grace.Status != http.StatusOK {
					t.Fatalf("status %d, %v: %s", grace.Status, err, grace.Text())
				}
				return strings.Join(strings.Fields(grace.Text()), " ")
			}
			wants := func(what string, sentences ...string) {
				t.Helper()
				text := visit()
				for _, s := range sentences {
					if !strings.Contains(text, s) {
						t.Errorf("%s: %q is not on the page:\n%s", what, s, text)
					}
				}
			}
			sqlite := w.App.DB.Engine() == db.SQLite
			backup := func(words string) string {
				if sqlite {
					return words
				}
				return "PostgreSQL makes its own. Have pg_dump run every day."
			}
			wants("new", "Some of it needs a look", "It answers. It described itself last on", "1 key, read on", " apart from that of Campus One.", "None has come yet.",
				"no sign-in found anything that Campus One had not told", backup("None was made yet."), "It has not run since the start.", "They have not been counted yet.", "confirmed at Campus One as they should be", "This is Portico ")
			w.App.Keeper.Round(t.Context())
			if err := w.App.Rollups.CatchUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.store(t, db.Delivery{Key: "k", Event: "test", Occurred: clock.Now(), Received: clock.Now(), Body: []byte("{}"), State: db.StateProcessed})
			wants("well", "All is well. There is nothing to do.", "The last one came on", backup("read again and found whole."), "It ran last on", "All days are counted, the last on")
			w.store(t, db.Delivery{Key: "dead", Event: "test", Occurred: clock.Now(), Received: clock.Now(), Body: []byte("{}"), State: db.StateDead})
			wants("dead letter", "Something is not well.", "1 failed for good.", "See what failed, and try it again.")
			drift := func(n int) {
				t.Helper()
				lines := slices.Repeat([]db.AuditEntry{{At: clock.Now(), Actor: db.SourceSignIn, Action: db.ActionDrift, Object: "x", Detail: db.FieldLevel}}, n)
				must(t, bulk.Audit(t.Context(), w.App.DB, slices.Values(lines)))
			}
			drift(20)
			wants("twenty lost", "In the last 7 days sign-ins found 20 changes that Campus One had not told, and put it right.")
			drift(1)
			wants("more lost", "In the last 7 days sign-ins found more than 20 changes", "Webhooks get lost.")
			clock.Advance(20 * time.Second) // Campus One tells the true time
			grace = signedIn(t, w, campusonetest.SubGrace)
			if text := visit(); strings.Contains(text, "Sign-ins may fail") {
				t.Errorf("half a minute apart: %s", text)
			}
			clock.Advance(70 * time.Second)
			grace = signedIn(t, w, campusonetest.SubGrace)
			wants("more than half a minute apart", "seconds ahead of that of Campus One. Sign-ins may fail.")
			clock.Advance(8 * day)
			grace = signedIn(t, w, campusonetest.SubGrace)
			wants("a week later", "days ahead of that of Campus One. Sign-ins may fail.", "8 days ago", "Reports are right all the same, and slower.", backup("On the server run “portico backup FILE” now"))
			w.Provider.Close()
			for !w.App.Provider.Away() {
				clock.advance(30 * time.Second)
				time.Sleep(20 * time.Millisecond) // the probe goes over the network
			}
			wants("Campus One away", "It does not answer. Nobody can sign in", "The last trouble with it was on")
		})
	}
}

func TestHealthInChromium(t *testing.T) {
	t.Parallel()
	for _, win := range append([]window{{"360", browser.Options{Phone: true, Width: 360}}, {"360 dark", browser.Options{Phone: true, Width: 360, Dark: true}}, {"320", browser.Options{Width: 320}}}, windows[2:]...) {
		t.Run(win.name, func(t *testing.T) {
			w := Start(t, Options{Env: []string{"PORTICO_BACKUP_DIR=" + filepath.Join(t.TempDir(), "backups")}})
			tab := browser.New(t, win.o)
			signIn(t, w, tab, campusonetest.SubGrace, "/admin/health")
			wantText(t, tab, "None has come yet.")
			picture(t, tab, "new")
			w.App.Keeper.Round(t.Context())
			w.seedInbox(t, 3)
			tab.Reload()
			wantText(t, tab, "Something is not well.")
			picture(t, tab, "bad")
			if over := browser.Eval[int](tab, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
				t.Errorf("the page is %d pixels too wide", over)
			}
			tab.Reset()
			tab.Reload()
			if n := tab.EncodedBytes(); n > 6_000 {
				t.Errorf("%d bytes, at most 6000", n)
			}
			tab.Click("See what failed, and try it again.")
			if got := tab.URL(); !strings.HasSuffix(got, "/admin/webhooks?result=dead") {
				t.Errorf("it leads to %s", got)
			}
		})
	}
}
