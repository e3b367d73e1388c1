package journey

import (
	"net/http"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/db"
)

// A notice that has not come further for an hour stands under "Needs attention"
// and on the health page, until somebody has seen to it.
func TestANoticeThatStandsStillIsSeen(t *testing.T) {
	t.Parallel()
	clock := NewClock()
	w := Start(t, Options{Env: notifying(), Clock: clock})
	signedIn(t, w, amina)
	grace := signedIn(t, w, campusonetest.SubGrace)
	w.Provider.SetFault(func(f *campusonetest.Fault) { f.AppAPI.Answer = campusonetest.Busy(600) })
	i, _ := announce(t, w)
	n, err := w.App.DB.StartNotice(t.Context(), db.Notice{ItemID: i.ID, Title: "Look now", Body: "Hall B.", Type: "info", By: w.user(t, campusonetest.SubGrace).ID}, "", w.Now())
	must(t, err)
	shown := func(when string, want bool) {
		t.Helper()
		clock.advance(20 * time.Second) // what needs attention is looked up again
		for path, words := range map[string]string{"/dashboard": "The notice “Look now” in Campus One stands still.", "/admin/health": "“Look now” has not come further since"} {
			visit(t, grace, path, http.StatusOK)
			if got := grace.reads(words); got != want {
				t.Errorf("%s %s says that it stands still: %v, want %v: %s", when, path, got, want, grace.Text())
			}
		}
	}
	until(t, "in trouble", func() bool {
		clock.advance(time.Second)
		n, err = w.App.DB.Notice(t.Context(), n.ID)
		return err == nil && n.Trouble != ""
	})
	shown("at first", false)
	clock.advance(n.Moved.Add(time.Hour - time.Minute).Sub(clock.Now()))
	shown("after 59 minutes", false)
	clock.advance(time.Minute)
	shown("after an hour", true)
	must(t, w.App.DB.StopNotice(t.Context(), n.ID, db.StoppedByHand, n.By, w.Now()))
	shown("when somebody has stopped it", false)
}
