package journey

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/db"
)

const funke = campusonetest.SubFunke // an editor

// announce publishes for whoever is signed in.
func announce(t testing.TB, w *World) (item db.Item, page string) {
	t.Helper()
	item = w.Publish(t, db.Announcement, db.Content{Title: "Exam timetable", Body: "The **timetable** is out.\n\nHall B.", Audience: ForSignedIn()})
	return item, "/admin/publish/announcements/" + item.ID
}

func TestNoticeFromTheEditorToThePerson(t *testing.T) {
	t.Parallel()
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			w := Start(t, Options{Database: e.fresh(t), Env: notifying("CAMPUS_ONE_RATE=600")})
			w.Provider.Refuse(campusonetest.SubChidi, "portico-test", "notifications")
			signedIn(t, w, amina)
			signedIn(t, w, campusonetest.SubChidi)
			editor := signedIn(t, w, funke)
			_, page := announce(t, w)
			visit(t, editor, page, http.StatusOK)
			if err := editor.Click("Also notify in Campus One"); err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"Reaches 2 of 3 people.", "1 has not agreed to it", "0 have not signed in for 7 days", "about 1 minute", "The timetable is out. Hall B."} {
				if !editor.reads(want) {
					t.Errorf("the question does not say %q: %s", want, editor.Text())
				}
			}
			tag := attr(editor.all("form.editor input[name=tag]")[0], "value")
			post := func(title, body, kind, last string, status int, says string) {
				t.Helper()
				form := url.Values{"tag": {tag}, "title": {title}, "body": {body}, "type": {kind}, "last": {last}, "do": {"send"}}
				if err := editor.Post(page+"/notices", form); err != nil || editor.Status != status || !editor.reads(says) {
					t.Errorf("status %d, want %d with %q (%v): %s", editor.Status, status, says, err, editor.Text())
				}
			}
			post(strings.Repeat("x", 129), "", "loud", "", http.StatusUnprocessableEntity, "The title has 129 letters. Write at most 128.")
			if !editor.reads("Write a sentence or two.") || !editor.reads("Choose a kind from the list.") {
				t.Errorf("not all that is wrong is said at once: %s", editor.Text())
			}
			post("Timetable", "Look now.", "warning", "", http.StatusOK, "The notice is on its way.")
			progress := editor.URL.Path
			until(t, "over", func() bool {
				return editor.Visit(progress) == nil && editor.reads("Everybody it could reach was notified.")
			})
			if !editor.reads("2 of 3 people") || !editor.reads("1: they have not agreed to it at Campus One") {
				t.Errorf("in the end the page says: %s", editor.Text())
			}
			got := w.Provider.Notifications(amina)
			if len(got) != 1 || got[0].Title != "Timetable" || got[0].Body != "Look now." || got[0].Type != "warning" || got[0].TargetURL != w.URL+"/announcements/exam-timetable" {
				t.Errorf("Amina received %+v", got)
			}
			post("Timetable", "Look now.", "info", "", http.StatusConflict, "Another notice of this was sent while you were here")
			visit(t, editor, page+"/notices", http.StatusOK)
			if !editor.reads("Whoever got that notice gets this one as well") {
				t.Errorf("a second notice is not asked about: %s", editor.Text())
			}
			visit(t, editor, "/admin/publish", http.StatusOK)
			if !editor.reads("2 of 3 sent.") {
				t.Errorf("the desk does not show it: %s", editor.Text())
			}
		})
	}
}

func TestNoticeStopAndGoOnPage(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{Env: notifying("CAMPUS_ONE_RATE=600")})
	signedIn(t, w, amina)
	editor := signedIn(t, w, funke)
	w.Provider.SetFault(func(f *campusonetest.Fault) { f.AppAPI.Answer = campusonetest.Busy(1800) })
	_, page := announce(t, w)
	visit(t, editor, page+"/notices", http.StatusOK)
	form := url.Values{"title": {"T"}, "body": {"B"}, "type": {"info"}, "do": {"send"}, "tag": {attr(editor.all("form.editor input[name=tag]")[0], "value")}}
	if err := editor.Post(page+"/notices", form); err != nil {
		t.Fatal(err)
	}
	progress := editor.URL.Path
	until(t, "told to wait", func() bool {
		return editor.Visit(progress) == nil && editor.reads("Campus One asks to send more slowly. It goes on at")
	})
	visit(t, editor, page+"/notices", http.StatusOK)
	if !editor.reads("on its way already") || len(editor.all("form.editor")) > 0 {
		t.Errorf("a second one is offered: %s", editor.Text())
	}
	visit(t, editor, progress, http.StatusOK)
	if err := editor.Click("Stop"); err != nil || !editor.reads("It was stopped by hand.") || !editor.reads("their turn had not come") {
		t.Errorf("stopped (%v): %s", err, editor.Text())
	}
	if err := editor.Click("Go on"); err != nil || !editor.reads("Look again") {
		t.Errorf("went on (%v): %s", err, editor.Text())
	}
}

// Nothing is offered where nobody can be notified, and nobody but an editor
// may ask.
func TestNoticesNotOffered(t *testing.T) {
	t.Parallel()
	for name, env := range map[string][]string{
		"switched off": {"CAMPUS_ONE_SCOPES=openid profile email academic roles offline_access notifications"}, "without the scope": {"PORTICO_NOTIFICATIONS=on"},
	} {
		t.Run(name, func(t *testing.T) {
			w := Start(t, Options{Env: env})
			editor := signedIn(t, w, funke)
			_, page := announce(t, w)
			visit(t, editor, page, http.StatusOK)
			if editor.reads("Also notify") {
				t.Error("offered")
			}
			visit(t, editor, page+"/notices", http.StatusOK)
			if !editor.reads("switched off") || len(editor.all("form.editor")) > 0 {
				t.Errorf("%s", editor.Text())
			}
			visit(t, editor, "/account", http.StatusOK)
			if editor.reads("Notices in Campus One") {
				t.Error("the account speaks of notices")
			}
			visit(t, signedIn(t, w, amina), page+"/notices", http.StatusForbidden)
		})
	}
}

func TestPersonDeclinesNotices(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{Env: notifying()})
	p := signedIn(t, w, amina)
	visit(t, p, "/account", http.StatusOK)
	if !p.reads("this portal may send you notices in Campus One") || !w.keepsToken(t, amina) {
		t.Errorf("before: %s", p.Text())
	}
	if err := p.Click("Do not notify me in Campus One"); err != nil || !p.reads("you get no notices") || w.keepsToken(t, amina) {
		t.Errorf("declined (%v): %s", err, p.Text())
	}
	if signedIn(t, w, amina); w.keepsToken(t, amina) {
		t.Error("the next sign-in forgets that she said no")
	}
	if err := p.Click("Notify me again"); err != nil || !p.reads("this portal may send you notices") {
		t.Errorf("allowed again (%v): %s", err, p.Text())
	}
	if signedIn(t, w, amina); !w.keepsToken(t, amina) {
		t.Error("after she allowed it again nothing is kept")
	}
	visit(t, p, "/privacy", http.StatusOK)
	if !p.reads("a sealed permission to notify you there") {
		t.Error("the privacy page does not tell of it")
	}
}
