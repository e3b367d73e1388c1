package journey

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/browser"
)

// seedAudit has something of each kind done.
func (w *World) seedAudit(t testing.TB) {
	t.Helper()
	ctx, at := t.Context(), time.Now()
	grace, chidi := w.user(t, campusonetest.SubGrace), w.user(t, campusonetest.SubChidi)
	for _, err := range []error{
		w.App.DB.GrantPerson(ctx, chidi.ID, "publish", grace.ID, at.Add(-72*time.Hour)),
		w.App.DB.Block(ctx, chidi.Provider, chidi.Sub, grace.ID, "Posted advertisements.", at.Add(-48*time.Hour)),
		w.App.DB.Unblock(ctx, chidi.Provider, chidi.Sub, grace.ID, "Promised not to do it again.", at.Add(-time.Hour)),
		w.App.DB.Grant(ctx, "reports", "dean@nile.example", "command line, user root", at),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestManageInChromium(t *testing.T) {
	t.Parallel()
	inChromium(t, func(t *testing.T, w *World, tab *browser.Tab) {
		for _, sub := range []string{campusonetest.SubAmina, campusonetest.SubChidi, campusonetest.SubIbrahim} {
			signedIn(t, w, sub)
		}
		signIn(t, w, tab, campusonetest.SubGrace, "/admin/people")
		w.seedAudit(t)
		tab.Reload()
		picture(t, tab, "people")
		tab.Type("#q", "chidi")
		tab.Click("Find")
		tab.Click("Chidi Iroko")
		picture(t, tab, "person")
		tab.Click("Give it")
		wantText(t, tab, "Given. It acts at their next click.")
		tab.Click(`form[action$="/block"] button`)
		wantText(t, tab, "Write why you block them.")
		picture(t, tab, "no-reason")
		tab.Type("#reason", "Posted advertisements again.")
		tab.Click(`form[action$="/block"] button`)
		wantText(t, tab, "Blocked, and signed out everywhere.")
		picture(t, tab, "blocked")
		tab.Go(w.URL + "/admin/audit?q=chidi&action=block")
		picture(t, tab, "found")
		tab.Go(w.URL + "/admin/audit")
		picture(t, tab, "audit")
	})
}

func TestManageAtFourHundredPercent(t *testing.T) {
	t.Parallel()
	for _, dark := range []bool{false, true} {
		t.Run(fmt.Sprintf("dark=%v", dark), func(t *testing.T) {
			w := Start(t, Options{})
			signedIn(t, w, campusonetest.SubChidi)
			tab := browser.New(t, browser.Options{Width: 320, Dark: dark})
			signIn(t, w, tab, campusonetest.SubGrace, "/admin/people")
			w.seedAudit(t)
			for i, path := range []string{"/admin/people", w.personPage(t, campusonetest.SubChidi), "/admin/audit", "/admin/audit?from=x"} {
				tab.Go(w.URL + path)
				wantNarrow(t, tab)
				picture(t, tab, fmt.Sprint(i, strings.Split(path, "/")[2][:5]))
			}
		})
	}
}

func TestManageIsLight(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	w.seedInbox(t, 40)
	for _, p := range campusonetest.Seeded() {
		signedIn(t, w, p.Sub)
	}
	for i := range 15 {
		w.signInBefore(t, campusonetest.SubChidi, time.Duration(i+1)*7*time.Hour)
	}
	w.seedAudit(t)
	tab := browser.New(t, browser.Options{Phone: true})
	signIn(t, w, tab, campusonetest.SubGrace, "/dashboard")
	wantLight(t, w, tab, "/admin/people", w.personPage(t, campusonetest.SubChidi), "/admin/audit")
}
