package journey

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/db"
	"portico/db/dbtest"
)

// Whoever publishes is told on their day's page what is theirs to finish: what
// to review, what appears by itself, and drafts. It follows what is saved and
// what time does, and a page that is looked at again reads nothing.
func TestDashboardShowsWhatIsToBeFinished(t *testing.T) {
	t.Parallel()
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			clock := noon(t)
			w := Start(t, Options{Database: e.fresh(t), Clock: clock, Env: []string{"PORTICO_PUBLISH_ROLES=staff"}})
			ibrahim, amina := signedIn(t, w, campusonetest.SubIbrahim), signedIn(t, w, campusonetest.SubAmina)
			mine := w.user(t, campusonetest.SubIbrahim).ID
			look := func(want ...string) {
				t.Helper()
				visit(t, ibrahim, "/dashboard", http.StatusOK)
				if got := ibrahim.lines("section[aria-labelledby=desk] li"); !slices.Equal(got, want) {
					t.Errorf("to be finished\n got %q\nwant %q", got, want)
				}
			}
			day := func(at time.Time) string { return at.In(w.Config.Portico.Timezone).Format("Mon 2 Jan") }
			today, soon := day(w.Now()), w.Now().Add(time.Hour)
			look()
			draft := w.Publish(t, db.Announcement, db.Content{Title: "Half written", Owner: mine, Draft: true})
			w.Publish(t, db.Announcement, db.Content{Title: "Somebody else’s", Owner: w.user(t, campusonetest.SubAmina).ID, Draft: true})
			look("Half written Draft saved on " + today)
			w.Publish(t, db.FreePage, db.Content{Title: "Opening hours", Owner: mine, Review: soon})
			w.class(t, "Open day", db.Event{Starts: w.wall(3, "09:00")}, "")
			later := w.Publish(t, db.Announcement, db.Content{Title: "Results are out", Owner: mine, Publish: soon})
			look("Results are out Scheduled appears on "+day(soon)+", 13:00", "Half written Draft saved on "+today)
			clock.Advance(time.Hour)
			look("Opening hours To review since "+today, "Half written Draft saved on "+today)
			must(t, ibrahim.Click("Opening hours"))
			if ibrahim.Status != http.StatusOK || !ibrahim.reads("Still correct") {
				t.Errorf("the item leads to %d: %s", ibrahim.Status, ibrahim.Text())
			}
			must(t, ibrahim.Click("Still correct"))
			w.Turn(t, draft, db.TurnArchive)
			w.Turn(t, later, db.TurnWithdraw)
			look()
			w.Publish(t, db.Announcement, db.Content{Title: "New draft", Owner: mine, Draft: true})
			w.echoes(t)
			look("New draft Draft saved on " + today)
			if visit(t, amina, "/dashboard", http.StatusOK); amina.reads("Yours to finish") {
				t.Errorf("a student has something to finish: %s", amina.Text())
			}
			dbtest.Occupy(t, w.App.DB, w.App.DB.Reader())
			look("New draft Draft saved on " + today)
		})
	}
}
