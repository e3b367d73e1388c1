package journey

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"

	"portico/auth/campusone/campusonetest"
	"portico/db"
)

// finds says whether a person meets an announcement by address, in the list,
// in the search and in the feed.
func (p *Person) finds(t testing.TB, title, slug string) (found string) {
	t.Helper()
	for name, path := range map[string]string{"list": "/announcements", "search": "/search?q=closed", "feed": "/feed.xml", "address": "/announcements/" + slug} {
		if err := p.Visit(path); err != nil {
			t.Fatal(err)
		}
		if p.Status == http.StatusOK && p.reads(title) {
			found += name + " "
		}
	}
	return found
}

func TestWhatIsPublishedForSomeIsNowhereForOthers(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		funke, amina := signedIn(t, w, campusonetest.SubFunke), signedIn(t, w, campusonetest.SubAmina)
		chidi, nobody := signedIn(t, w, campusonetest.SubChidi), w.Person(true)
		sani := signedIn(t, w, campusonetest.SubSani)
		funke.must(t, funke.Visit("/admin/publish/announcements/new"), http.StatusOK)
		some := map[string]string{"title": "Lab 3 is closed", "to": "groups", "group-0-level": "300", "group-0-department": campusonetest.DepartmentCS}
		funke.write(t, "count", http.StatusOK, some)
		funke.sees(t, "1 of the 4 people this portal has met", "Of 1 person Campus One has not told us enough")
		funke.write(t, "draft", http.StatusOK, nil)
		page := funke.URL.Path
		if got := amina.finds(t, "Lab 3 is closed", "lab-3-is-closed"); got != "" {
			t.Errorf("a draft is found by %s", got)
		}
		funke.write(t, "publish", http.StatusOK, nil)
		if got := amina.finds(t, "Lab 3 is closed", "lab-3-is-closed"); !strings.Contains(got, "list") || !strings.Contains(got, "search") || !strings.Contains(got, "address") {
			t.Errorf("whom it is for finds it only by %q", got)
		}
		for name, p := range map[string]*Person{"Chidi": chidi, "nobody": nobody, "Sani": sani} {
			if got := p.finds(t, "Lab 3 is closed", "lab-3-is-closed"); got != "" {
				t.Errorf("%s finds it by %s", name, got)
			}
		}
		funke.must(t, funke.Click("Withdraw it"), http.StatusOK)
		if got := amina.finds(t, "Lab 3 is closed", "lab-3-is-closed"); got != "" {
			t.Errorf("what is withdrawn is found by %s", got)
		}
		funke.must(t, funke.Visit(page+"/erase"), http.StatusForbidden)
		grace := signedIn(t, w, campusonetest.SubGrace)
		grace.must(t, grace.Visit(page+"/erase"), http.StatusOK)
		grace.sees(t, "all 2 versions")
		grace.must(t, grace.Click("Erase it"), http.StatusOK)
		id := page[strings.LastIndex(page, "/")+1:]
		if left, err := w.App.DB.Versions(t.Context(), id); err != nil || len(left) != 0 {
			t.Errorf("%d versions are left, %v", len(left), err)
		}
		w.wantAudit(t, id, "announcement.erase", campusonetest.SubGrace, "version 2")
	})
}

func TestTwoEditorsLoseNothing(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		i := w.Publish(t, db.Announcement, db.Content{Title: "Lab 3", Body: "As it was."})
		must(t, w.App.DB.SaveCategories(t.Context(), []db.Category{{ID: "c-1", Name: "Examinations"}, {ID: "c-2", Name: "Clubs"}}, Editor, w.Now()))
		funke, grace := signedIn(t, w, campusonetest.SubFunke), signedIn(t, w, campusonetest.SubGrace)
		for _, p := range []*Person{funke, grace} {
			p.must(t, p.Visit("/admin/publish/announcements/"+i.ID), http.StatusOK)
		}
		grace.write(t, "publish", http.StatusOK, map[string]string{"body": "Grace wrote this.", "category": "c-1"})
		funke.write(t, "publish", http.StatusConflict, map[string]string{"body": "Funke wrote that."})
		funke.sees(t, "Grace Doum saved it at", "Grace wrote this.", "Funke wrote that.")
		if theirs := textOf(cascadia.Query(funke.doc, cascadia.MustCompile(".problems"))); !strings.Contains(theirs, "Examinations") || strings.Contains(theirs, "c-1") {
			t.Errorf("the category of theirs is told as: %s", theirs)
		}
		funke.write(t, "publish", http.StatusOK, nil)
		versions, err := w.App.DB.Versions(t.Context(), i.ID)
		if err != nil || len(versions) != 3 || versions[0].Body != "Funke wrote that." || versions[1].Body != "Grace wrote this." {
			t.Fatalf("the versions are %+v, %v", versions, err)
		}
		funke.must(t, funke.Visit("/admin/publish/announcements/"+i.ID+"/history/2"), http.StatusOK)
		funke.must(t, funke.Click("Restore this version"), http.StatusOK)
		if now, err := w.App.DB.Item(t.Context(), i.ID); err != nil || now.Body != "Grace wrote this." || now.Version != 4 {
			t.Errorf("restored: %+v, %v", now, err)
		}
	})
}

func TestWhatIsScheduledAppearsAndEndsByTheClock(t *testing.T) {
	t.Parallel()
	clock := NewClock()
	w := Start(t, Options{Clock: clock})
	funke := signedIn(t, w, campusonetest.SubFunke)
	funke.must(t, funke.Visit("/admin/publish/announcements/new"), http.StatusOK)
	at := clock.Now().In(w.Config.Portico.Timezone)
	funke.write(t, "publish", http.StatusUnprocessableEntity, map[string]string{"title": "", "body": "kept", "to": "", "publish": "soon", "until": at.AddDate(0, 0, -1).Format(time.DateOnly)})
	funke.sees(t, "Give it a title.", "Choose who may see it.", "is not a day and a time", "this day is over", "kept")
	funke.write(t, "publish", http.StatusOK, map[string]string{"title": "Lab 3 is closed", "to": "everybody", "publish": at.Add(2 * time.Hour).Format("2006-01-02T15:04"), "until": at.AddDate(0, 0, 2).Format(time.DateOnly)})
	funke.sees(t, "Scheduled. Readers see it from")
	reader := w.Person(true)
	if got := reader.finds(t, "Lab 3 is closed", "lab-3-is-closed"); got != "" {
		t.Errorf("what is scheduled is found by %s", got)
	}
	clock.advance(3 * time.Hour)
	if got := reader.finds(t, "Lab 3 is closed", "lab-3-is-closed"); len(strings.Fields(got)) != 4 {
		t.Errorf("what has begun is found by %s only", got)
	}
	clock.advance(72 * time.Hour)
	if got := reader.finds(t, "Lab 3 is closed", "lab-3-is-closed"); strings.Contains(got, "list") || strings.Contains(got, "feed") {
		t.Errorf("what has ended is found by %s", got)
	}
}
