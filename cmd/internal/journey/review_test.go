package journey

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/db"
)

// A review date asks the owner, "Still correct" puts it off for 6 months, and
// after 30 days readers and those who manage are told.
func TestAReviewDateAsksTheOwner(t *testing.T) {
	t.Parallel()
	clock := NewClock()
	w := Start(t, Options{Clock: clock})
	funke := signedIn(t, w, campusonetest.SubFunke)
	funke.must(t, funke.Visit("/admin/publish/pages/new"), http.StatusOK)
	funke.write(t, "publish", http.StatusOK, map[string]string{"title": "Lab rules", "to": "everybody", "review": clock.Now().Add(10 * day).Format(time.DateOnly)})
	page := funke.URL.Path
	quiet := func(when string) {
		t.Helper()
		for _, path := range []string{"/dashboard", "/admin/publish", "/admin/publish/reviews"} {
			funke.must(t, funke.Visit(path), http.StatusOK)
			if strings.Contains(funke.Text(), "Still correct : Lab rules") || path == "/dashboard" && funke.reads("Lab rules") {
				t.Errorf("%s %s asks for a review: %s", when, path, funke.Text())
			}
		}
	}
	quiet("before its day")
	clock.advance(11 * day)
	funke = signedIn(t, w, campusonetest.SubFunke)
	funke.must(t, funke.Visit("/dashboard"), http.StatusOK)
	funke.sees(t, "Yours to finish", "To review", "Lab rules")
	funke.must(t, funke.Visit("/admin/publish"), http.StatusOK)
	funke.sees(t, "Still correct : Lab rules")
	w.Person(true).notWarned(t, "/pages/lab-rules")
	grace := signedIn(t, w, campusonetest.SubGrace)
	grace.must(t, grace.Visit("/admin/publish"), http.StatusOK)
	if grace.reads("Still correct : Lab rules") {
		t.Error("who does not answer for it is asked")
	}
	grace.must(t, grace.Visit("/admin/publish/reviews"), http.StatusOK)
	grace.sees(t, "Others answer for these", "by Funke Neem")

	clock.advance(30 * day)
	reader := w.Person(true)
	reader.must(t, reader.Visit("/pages/lab-rules"), http.StatusOK)
	reader.sees(t, "Not reviewed since")
	grace = signedIn(t, w, campusonetest.SubGrace)
	grace.must(t, grace.Visit("/dashboard"), http.StatusOK)
	grace.sees(t, "An item has not been reviewed for over 30 days.")
	grace.must(t, grace.Click("To review"), http.StatusOK)
	grace.sees(t, "Lab rules", "Readers are warned")

	funke = signedIn(t, w, campusonetest.SubFunke)
	funke.must(t, funke.Visit("/admin/publish/reviews"), http.StatusOK)
	funke.must(t, funke.Click("Still correct : Lab rules"), http.StatusOK)
	funke.sees(t, "You are asked again in 6 months.", "Nothing is due")
	quiet("after the answer")
	w.Person(true).notWarned(t, "/pages/lab-rules")
	i, err := w.App.DB.Item(t.Context(), page[strings.LastIndex(page, "/")+1:])
	if err != nil || !i.Review.Equal(i.Reviewed.Add(db.ReviewAfter)) || i.Version != 1 {
		t.Errorf("renewed to %v, reviewed %v, version %d, %v", i.Review, i.Reviewed, i.Version, err)
	}
	clock.advance(20 * time.Second) // what needs attention is looked up again
	grace = signedIn(t, w, campusonetest.SubGrace)
	if grace.reads("has not been reviewed") {
		t.Error("what was reviewed needs attention still")
	}
}

func (p *Person) notWarned(t *testing.T, path string) {
	t.Helper()
	p.must(t, p.Visit(path), http.StatusOK)
	if p.reads("Not reviewed") {
		t.Errorf("readers are warned: %s", p.Text())
	}
}

// What nobody who publishes answers for reaches those who manage the portal,
// whyever its owner has left, and they can give it to somebody else.
func TestWhatNobodyAnswersForReachesThoseWhoManage(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(t *testing.T, w *World, owner db.User){
		"deleted": func(t *testing.T, w *World, owner db.User) {
			w.Provider.Delete(owner.Sub)
			w.settle(t)
		},
		"blocked": func(t *testing.T, w *World, owner db.User) {
			if err := w.App.DB.Block(t.Context(), owner.Provider, owner.Sub, "journey", "left", w.Now()); err != nil {
				t.Fatal(err)
			}
		},
		"no editor any more": func(t *testing.T, w *World, owner db.User) {
			w.Provider.Update(owner.Sub, func(p *campusonetest.Person) { p.CustomRoles = nil })
			signedIn(t, w, owner.Sub)
		},
	} {
		t.Run(name, func(t *testing.T) {
			clock := NewClock()
			w := Start(t, Options{Clock: clock})
			funke := signedIn(t, w, campusonetest.SubFunke)
			funke.must(t, funke.Visit("/admin/publish/pages/new"), http.StatusOK)
			funke.write(t, "publish", http.StatusOK, map[string]string{"title": "Lab rules", "to": "everybody", "review": clock.Now().Add(day).Format(time.DateOnly)})
			page := funke.URL.Path
			leave(t, w, w.user(t, campusonetest.SubFunke))
			clock.advance(3 * day)
			grace := signedIn(t, w, campusonetest.SubGrace)
			grace.sees(t, "To review", "Lab rules")
			grace.must(t, grace.Visit("/admin/publish/reviews"), http.StatusOK)
			grace.sees(t, "Nobody answers for these")
			grace.must(t, grace.Visit(page), http.StatusOK)
			grace.sees(t, "(no longer publishes)")
			grace.write(t, "publish", http.StatusUnprocessableEntity, map[string]string{"owner": w.user(t, campusonetest.SubGrace).ID + "x"})
			grace.sees(t, "this person does not publish any more")
			grace.write(t, "publish", http.StatusOK, map[string]string{"owner": w.user(t, campusonetest.SubGrace).ID})
			grace.must(t, grace.Visit("/admin/publish/reviews"), http.StatusOK)
			grace.sees(t, "You answer for these", "Lab rules")
		})
	}
}

// The list of who can answer for an item is those who publish.
func TestWhoAnswersForAnItemIsChosenAmongThoseWhoPublish(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		funke, grace := signedIn(t, w, campusonetest.SubFunke), w.user(t, campusonetest.SubFunke)
		signedIn(t, w, campusonetest.SubGrace)
		signedIn(t, w, campusonetest.SubAmina)
		i := w.Publish(t, db.Announcement, db.Content{Title: "Lab 3", Owner: grace.ID})
		funke.must(t, funke.Visit("/admin/publish/announcements/"+i.ID), http.StatusOK)
		var names []string
		for _, o := range funke.all("#owner option") {
			names = append(names, textOf(o))
		}
		if got := strings.Join(names, ", "); got != "Funke Neem, Grace Doum" {
			t.Errorf("to choose from: %s", got)
		}
		funke.write(t, "publish", http.StatusOK, map[string]string{"owner": w.user(t, campusonetest.SubGrace).ID})
		now, err := w.App.DB.Item(t.Context(), i.ID)
		if err != nil || now.Owner != w.user(t, campusonetest.SubGrace).ID {
			t.Errorf("its owner is %q, %v", now.Owner, err)
		}
		funke.must(t, funke.Visit("/announcements/lab-3"), http.StatusOK)
		funke.sees(t, "Grace Doum")
	})
}
