package journey

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/db"
)

// keep sends a form as the editor's script does, and returns the answer.
func (p *Person) keep(t testing.TB, path string, form url.Values, status int) (answer struct {
	Draft, At, Error string
	Turn             int
}) {
	t.Helper()
	was, page, at, seen := p.Header, p.doc, p.URL, p.Status
	p.Header = http.Header{"Accept": {"application/json"}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Dest": {"empty"}}
	form.Set("do", "keep")
	p.must(t, p.Post(path, form), status)
	if err := json.Unmarshal([]byte(p.Body), &answer); err != nil {
		t.Fatalf("the answer is no JSON: %s", p.Body)
	}
	p.Header, p.doc, p.URL, p.Status = was, page, at, seen // it is still the same page
	return answer
}

// holds says what a field of the editor's form holds.
func (p *Person) holds(t testing.TB, field, want string) {
	t.Helper()
	if got := p.fields(t, "#title").Get(field); got != want {
		t.Errorf("%s holds %q, want %q", field, got, want)
	}
}

func (w *World) drafts(t testing.TB, sub string) []db.Draft {
	t.Helper()
	all, err := w.App.DB.DraftsOf(t.Context(), w.user(t, sub).ID)
	must(t, err)
	return all
}

const newAnnouncement = "/admin/publish/announcements/new"

func TestKeptForLaterChangesNothingForReaders(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		i := w.Publish(t, db.Announcement, db.Content{Title: "Lab 3", Body: "As readers know it."})
		page := "/admin/publish/announcements/" + i.ID
		funke, grace, reader := signedIn(t, w, campusonetest.SubFunke), signedIn(t, w, campusonetest.SubGrace), w.Person(true)
		funke.must(t, funke.Visit(page), http.StatusOK)
		funke.write(t, "keep", http.StatusOK, map[string]string{"title": "", "body": "Not for readers yet.", "to": "groups", "groups": "1", "group-0-level": "300|400", "until": "soon"})
		funke.sees(t, "Kept at ", "These are your unsaved changes from today", "Nobody else sees them.")
		for field, want := range map[string]string{"title": "", "body": "Not for readers yet.", "to": "groups", "group-0-level": "300", "until": "soon"} {
			funke.holds(t, field, want)
		}
		if now, err := w.App.DB.Item(t.Context(), i.ID); err != nil || now.Version != 1 || now.Body != i.Body {
			t.Errorf("the item is %+v, %v", now, err)
		}
		reader.must(t, reader.Visit("/announcements/lab-3"), http.StatusOK)
		reader.sees(t, "As readers know it.")
		grace.must(t, grace.Visit(page), http.StatusOK)
		if grace.reads("unsaved changes") {
			t.Errorf("another editor reads: %s", grace.Text())
		}

		funke.must(t, funke.Visit(page), http.StatusOK)
		funke.holds(t, "body", "As readers know it.")
		funke.sees(t, "You have unsaved changes from today")
		funke.must(t, funke.Click("Continue with them"), http.StatusOK)
		funke.holds(t, "body", "Not for readers yet.")
		funke.write(t, "publish", http.StatusUnprocessableEntity, nil)
		funke.sees(t, "Give it a title.")
		funke.write(t, "publish", http.StatusOK, map[string]string{"title": "Lab 3", "until": ""})
		if funke.reads("unsaved changes") || len(w.drafts(t, campusonetest.SubFunke)) != 0 {
			t.Errorf("a draft stays after it was saved: %s", funke.Text())
		}
	})
}

func TestADraftOfSomethingNew(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		p := signedIn(t, w, campusonetest.SubFunke)
		p.must(t, p.Visit(newAnnouncement), http.StatusOK)
		form := p.fields(t, "#title")
		form.Set("body", "Begun.")
		first := p.keep(t, newAnnouncement, form, http.StatusOK)
		if _, err := time.Parse("15:04", first.At); err != nil || first.Turn != 1 {
			t.Errorf("the answer is %+v", first)
		}
		form.Set("draft", first.Draft)
		form.Set("draft_turn", "1")
		form.Set("title", "  Power   cut ")
		second := p.keep(t, newAnnouncement, form, http.StatusOK)
		if second.Draft != first.Draft || second.Turn != 2 {
			t.Errorf("kept again as %+v after %+v", second, first)
		}
		form.Set("body", "What an old window had.") // and still says that it is at the first turn
		if old := p.keep(t, newAnnouncement, form, http.StatusOK); old.Draft == first.Draft || old.Turn != 1 {
			t.Errorf("an old window overwrites the new text: %+v", old)
		}
		p.must(t, p.Visit("/admin/publish"), http.StatusOK)
		p.sees(t, "Not saved yet", "Power cut", "Announcement, kept today", "Nothing written yet")
		p.must(t, p.Visit("/admin/publish/pages/new"), http.StatusOK)
		if p.reads("unsaved changes") {
			t.Error("the draft of an announcement is offered for a page")
		}
		p.must(t, p.Visit(newAnnouncement+"?draft="+first.Draft), http.StatusOK)
		p.sees(t, "These are your unsaved changes", "You have unsaved changes from today")
		p.holds(t, "body", "Begun.")
		p.write(t, "draft", http.StatusOK, nil)
		p.sees(t, "Saved as a draft")
		left := w.drafts(t, campusonetest.SubFunke)
		if len(left) != 1 || left[0].ID == first.Draft {
			t.Fatalf("left are %+v", left)
		}
		p.must(t, p.Visit(newAnnouncement), http.StatusOK)
		p.must(t, p.Click("Throw away"), http.StatusOK)
		p.sees(t, "Thrown away.", "New announcement")
		if left := w.drafts(t, campusonetest.SubFunke); len(left) != 0 {
			t.Errorf("left are %+v", left)
		}
		w.wantAudit(t, left[0].ID, "draft.drop", campusonetest.SubFunke, "")
		p.must(t, p.Visit(newAnnouncement+"?draft="+left[0].ID), http.StatusOK) // an old tab
		p.holds(t, "body", "")
	})
}

// What others save while a draft waits is told, and neither text is lost.
func TestADraftMeetsWhatOthersSaved(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		i := w.Publish(t, db.Announcement, db.Content{Title: "Lab 3", Body: "As it was."})
		page := "/admin/publish/announcements/" + i.ID
		funke, grace := signedIn(t, w, campusonetest.SubFunke), signedIn(t, w, campusonetest.SubGrace)
		funke.must(t, funke.Visit(page), http.StatusOK)
		funke.write(t, "keep", http.StatusOK, map[string]string{"body": "Funke wrote that."})
		grace.must(t, grace.Visit(page), http.StatusOK)
		grace.write(t, "publish", http.StatusOK, map[string]string{"body": "Grace wrote this."})
		funke.must(t, funke.Visit(page), http.StatusOK)
		funke.sees(t, "Grace Doum has saved another version after you began")
		funke.holds(t, "body", "Grace wrote this.")
		funke.must(t, funke.Click("Continue with them"), http.StatusOK)
		funke.sees(t, "Grace Doum has saved another version after you began")
		funke.write(t, "publish", http.StatusConflict, nil)
		funke.sees(t, "Somebody else has saved this meanwhile", "Grace wrote this.", "Funke wrote that.")
		if n := len(w.drafts(t, campusonetest.SubFunke)); n != 1 {
			t.Errorf("after a refusal %d drafts are left", n)
		}

		// An old version comes back meanwhile: that is one more that others saved.
		grace.must(t, grace.Visit(page+"/history/1"), http.StatusOK)
		grace.must(t, grace.Click("Restore this version"), http.StatusOK)
		funke.write(t, "publish", http.StatusConflict, nil)
		funke.sees(t, "As it was.", "Funke wrote that.")
		funke.write(t, "publish", http.StatusOK, nil)
		versions, err := w.App.DB.Versions(t.Context(), i.ID)
		must(t, err)
		var bodies []string
		for _, one := range versions {
			bodies = append(bodies, one.Body)
		}
		if got := strings.Join(bodies, " "); got != "Funke wrote that. As it was. Grace wrote this. As it was." {
			t.Errorf("the versions are %s", got)
		}
		if n := len(w.drafts(t, campusonetest.SubFunke)); n != 0 {
			t.Errorf("%d drafts stay after they were saved", n)
		}
	})
}

// A form is kept for the person it was drawn for, while they are signed in,
// and for nobody else.
func TestWhoseDraftItIs(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	funke, grace := signedIn(t, w, campusonetest.SubFunke), signedIn(t, w, campusonetest.SubGrace)
	funke.must(t, funke.Visit(newAnnouncement), http.StatusOK)
	form := funke.fields(t, "#title")
	form.Set("title", "Only Funke's")
	kept := funke.keep(t, newAnnouncement, form, http.StatusOK)
	if got := grace.keep(t, newAnnouncement, form, http.StatusConflict); got.Error != "Conflict" {
		t.Errorf("a form of Funke's sent by Grace: %+v", got)
	}
	grace.must(t, grace.Visit(newAnnouncement+"?draft="+kept.Draft), http.StatusOK)
	grace.holds(t, "title", "")
	drop := "/admin/publish/drafts/" + kept.Draft + "/drop"
	grace.must(t, grace.Post(drop, url.Values{"tag": {grace.tag(t)}}), http.StatusOK)
	grace.sees(t, "They are not there any more")
	if n := len(w.drafts(t, campusonetest.SubFunke)); n != 1 {
		t.Errorf("Grace threw away what is Funke's: %d left", n)
	}
	w.expire(t, campusonetest.SubFunke)
	if got := funke.keep(t, newAnnouncement, form, http.StatusUnauthorized); got.Error != "Not signed in" {
		t.Errorf("after the session ended: %+v", got)
	}
	if n := len(w.drafts(t, campusonetest.SubFunke)) + len(w.drafts(t, campusonetest.SubGrace)); n != 1 {
		t.Errorf("%d drafts are kept", n)
	}
}

func TestDraftsAreBounded(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := signedIn(t, w, campusonetest.SubFunke)
	p.must(t, p.Visit(newAnnouncement), http.StatusOK)
	form := p.fields(t, "#title")
	for range db.MostDrafts {
		p.keep(t, newAnnouncement, form, http.StatusOK)
	}
	if got := p.keep(t, newAnnouncement, form, http.StatusUnprocessableEntity); !strings.Contains(got.Error, "you have 20 texts that are not saved yet") {
		t.Errorf("the answer is %+v", got)
	}
	p.write(t, "keep", http.StatusUnprocessableEntity, map[string]string{"body": "One too many."})
	p.sees(t, "you have 20 texts", "One too many.")
	form.Set("body", strings.Repeat("a", 600<<10))
	p.keep(t, newAnnouncement, form, http.StatusRequestEntityTooLarge)
}

// The draft of a text as long as a text may be is kept.
func TestALongTextIsKept(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := signedIn(t, w, campusonetest.SubFunke)
	p.must(t, p.Visit(newAnnouncement), http.StatusOK)
	form := p.fields(t, "#title")
	body := strings.Repeat("Exams & <results>.\n", 5_263) // 100,000 letters
	form.Set("body", body)
	kept := p.keep(t, newAnnouncement, form, http.StatusOK)
	p.must(t, p.Visit(newAnnouncement+"?draft="+kept.Draft), http.StatusOK)
	p.holds(t, "body", body)
}
