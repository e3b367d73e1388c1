package journey

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/browser"
	"portico/db"
)

// hurry lets what the editor does every 20 seconds happen every 200 ms, and
// notes how often it asked for.
const hurry = `{ const every = setInterval; window.asked = []; window.setInterval = (f, ms) => { asked.push(ms); return every(f, ms / 100) } }`

// hurriedWriter is a world in which Funke is signed in, and a way to open tabs of hers
// in which drafts are kept soon.
func hurriedWriter(t *testing.T, o browser.Options) (*World, func(path string) *browser.Tab) {
	t.Helper()
	w := Start(t, Options{})
	first := browser.New(t, o)
	signIn(t, w, first, campusonetest.SubFunke, "/admin/publish")
	return w, func(path string) *browser.Tab {
		tab := first.Open()
		tab.Before(hurry)
		tab.Go(w.URL + path)
		return tab
	}
}

func bodyOf(tab *browser.Tab) string {
	return browser.Eval[string](tab, `document.getElementById("body").value`)
}

// unkept says whether leaving the page now would warn.
func unkept(tab *browser.Tab) bool {
	return browser.Eval[bool](tab, `(() => { const e = new Event("beforeunload", {cancelable: true}); dispatchEvent(e); return e.defaultPrevented })()`)
}

// A secretary pastes a table from Word, the tab dies, and nothing is lost.
func TestATabDiesAndTheTableArrives(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]browser.Options{"desk": {}, "phone dark": {Phone: true, Dark: true}} {
		t.Run(name, func(t *testing.T) {
			w, open := hurriedWriter(t, o)
			tab := open(newAnnouncement)
			if every := browser.Eval[int](tab, `asked.find((ms) => ms === 20000) || 0`); every != 20_000 {
				t.Error("drafts are not kept every 20 seconds")
			}
			if unkept(tab) {
				t.Error("leaving an untouched page would warn")
			}
			word, err := os.ReadFile("testdata/paste/word.clip.html")
			must(t, err)
			paste(t, tab, map[string]string{"text/html": string(word)})
			tab.Type("#title", "Harmattan examinations")
			browser.Eval[bool](tab, `(() => { const t = document.getElementById("body"), at = t.value.indexOf("Line one"); t.focus(); t.setSelectionRange(at, at + 8); return true })()`)
			tab.Click("Bold")
			until(t, "the draft has the bold words", func() bool { return w.keptOf(t, "body", "**Line one**") && w.keptOf(t, "title", "Harmattan") })
			tab.WaitText("Kept at ")
			if unkept(tab) {
				t.Error("leaving a page that is kept would warn")
			}
			picture(t, tab, "kept")
			tab.Close()

			again := open(newAnnouncement)
			wantText(t, again, "You have unsaved changes from today")
			picture(t, again, "offered")
			again.Click("Continue with them")
			wantText(t, again, "These are your unsaved changes from today")
			again.Click("label[for=to-everybody]")
			again.Click("button[value=preview]")
			wantText(t, again, "Nothing is saved yet")
			shown := browser.Eval[string](again, `document.querySelector(".preview .prose").innerHTML.trim()`)
			picture(t, again, "preview")
			again.Click("button[value=publish]")
			wantText(t, again, "Published. Readers see it now.")
			if left := w.drafts(t, campusonetest.SubFunke); len(left) != 0 {
				t.Errorf("drafts stay: %+v", left)
			}
			reader := browser.New(t, o)
			reader.Go(w.URL + "/announcements/harmattan-examinations")
			if n := browser.Eval[int](reader, `document.querySelectorAll(".prose table tbody tr").length`); n != 3 {
				t.Errorf("readers see %d rows", n)
			}
			if got := browser.Eval[string](reader, `document.querySelector(".prose").innerHTML.trim()`); got != shown {
				t.Errorf("readers see other than the preview showed:\n%s", difference(shown, got))
			}
			if got := browser.Eval[string](reader, `[...document.querySelectorAll(".prose strong")].map((e) => e.textContent).join()`); !strings.Contains(got, "Line one") {
				t.Errorf("bold are %s", got)
			}
			picture(t, reader, "read")
		})
	}
}

// keptOf says whether a draft of Funke's has words in a field.
func (w *World) keptOf(t *testing.T, field, words string) bool {
	for _, one := range w.drafts(t, campusonetest.SubFunke) {
		d, err := w.App.DB.Draft(t.Context(), one.UserID, one.ID)
		must(t, err)
		if strings.Contains(strings.Join(d.Fields[field], "\n"), words) {
			return true
		}
	}
	return false
}

// Whatever stands in the way, the text stays, the page says so, and keeps it as
// soon as it can.
func TestNotKeptIsSaid(t *testing.T) {
	t.Parallel()
	w, open := hurriedWriter(t, browser.Options{})
	tab := open(newAnnouncement)
	tab.Offline(true)
	tab.Type("#body", "Written on a train")
	if !unkept(tab) {
		t.Error("leaving with unkept changes would not warn")
	}
	tab.WaitText("Not kept: the portal does not answer. Your text is still here.")
	picture(t, tab, "away")
	tab.Offline(false)
	tab.WaitText("Kept at ")

	w.expire(t, campusonetest.SubFunke)
	tab.Type("#body", "Written after lunch")
	tab.WaitText("Not kept: you were signed out. Sign in again in another tab; your text is still here.")
	picture(t, tab, "signed-out")
	if got := bodyOf(tab); got != "Written after lunch" || !unkept(tab) {
		t.Errorf("the text is %q", got)
	}
	open("/auth/login?next=/dashboard")
	until(t, "the text is kept after signing in again", func() bool { return w.keptOf(t, "body", "Written after lunch") })
	tab.WaitText("Kept at ")

	funke := w.user(t, campusonetest.SubFunke)
	for range db.MostDrafts - 1 {
		_, err := w.App.DB.KeepDraft(t.Context(), db.Draft{UserID: funke.ID, Kind: db.FreePage, Saved: w.Now()})
		must(t, err)
	}
	other := open(newAnnouncement)
	other.Type("#body", "One too many")
	other.WaitText("Not kept: you have 20 texts that are not saved yet.")
}

// A draft is the form, ticks and choices included; pressed twice at once it is
// one item.
func TestATickIsKeptAndSavingWaits(t *testing.T) {
	t.Parallel()
	w, open := hurriedWriter(t, browser.Options{})
	tab := open(newAnnouncement)
	tab.Type("#title", "For some")
	tab.Click("label[for=to-groups]")
	tab.Click(".group details:nth-of-type(2) summary")
	tab.Click("label[for=group-0-level-2]")
	until(t, "the tick is kept", func() bool { return w.keptOf(t, "group-0-level", "300") && w.keptOf(t, "to", "groups") })
	until(t, "the page has heard that it is kept", func() bool { return !unkept(tab) })
	tab.Reload() // the address leads to the draft now
	wantText(t, tab, "These are your unsaved changes from today")
	if !browser.Eval[bool](tab, `document.getElementById("group-0-level-2").checked`) {
		t.Error("the tick is lost")
	}
	tab.WaitText("New announcement")
	browser.Eval[bool](tab, `(() => { const b = document.querySelector("button[value=draft]"); document.getElementById("title").value = "For few"; document.getElementById("title").dispatchEvent(new Event("input", {bubbles: true})); b.click(); b.click(); return true })()`)
	tab.WaitText("Saved as a draft")
	all, err := w.App.DB.Items(t.Context(), db.ItemFilter{})
	must(t, err)
	if len(all) != 1 || all[0].Title != "For few" || len(w.drafts(t, campusonetest.SubFunke)) != 0 {
		t.Errorf("there are %+v, and %d drafts", all, len(w.drafts(t, campusonetest.SubFunke)))
	}
}

// Two editors collide while drafts are kept: both texts are shown.
func TestTwoEditorsCollideInChromium(t *testing.T) {
	t.Parallel()
	w, open := hurriedWriter(t, browser.Options{})
	i := w.Publish(t, db.Announcement, db.Content{Title: "Lab 3", Body: "As it was."})
	page := "/admin/publish/announcements/" + i.ID
	tab := open(page)
	tab.Type("#body", "Funke wrote that.")
	tab.WaitText("Kept at ")
	grace := signedIn(t, w, campusonetest.SubGrace)
	grace.must(t, grace.Visit(page), http.StatusOK)
	grace.write(t, "publish", http.StatusOK, map[string]string{"body": "Grace wrote this."})
	tab.Click("button[value=publish]")
	wantText(t, tab, "Somebody else has saved this meanwhile")
	if theirs := browser.Eval[string](tab, `document.querySelector(".written textarea").value`); theirs != "Grace wrote this." || bodyOf(tab) != "Funke wrote that." {
		t.Errorf("theirs is %q, mine is %q", theirs, bodyOf(tab))
	}
	picture(t, tab, "collided")
	until(t, "the refused text is kept", func() bool {
		all := w.drafts(t, campusonetest.SubFunke)
		return len(all) == 1 && all[0].Version == 2 && w.keptOf(t, "body", "Funke wrote that.")
	})
	tab.Close()
	again := open(page)
	wantText(t, again, "You have unsaved changes from today")
	again.Click("Continue with them")
	again.Click("button[value=publish]")
	wantText(t, again, "Published. Readers see it now.")
	reader := w.Person(true)
	reader.must(t, reader.Visit("/announcements/lab-3"), http.StatusOK)
	reader.sees(t, "Funke wrote that.")
	if cascadia.Query(reader.doc, cascadia.MustCompile(".prose")) == nil {
		t.Error("there is no text")
	}
}

// The audience is counted as it is chosen, and says what is unknown.
func TestTheAudienceIsCountedAsItIsChosen(t *testing.T) {
	t.Parallel()
	w, open := hurriedWriter(t, browser.Options{})
	for _, sub := range []string{campusonetest.SubAmina, campusonetest.SubChidi, campusonetest.SubSani} {
		signedIn(t, w, sub)
	}
	tab := open(newAnnouncement)
	tab.Click("label[for=to-signed-in]")
	tab.WaitText("4 of the 4 people this portal has met; others see it when they sign in.")
	tab.Click("label[for=to-groups]")
	tab.Click(".group details:nth-of-type(2) summary")
	tab.Click("label[for=group-0-level-2]")
	tab.WaitText("2 of the 4 people this portal has met")
	tab.WaitText("Of 1 person Campus One has not told us enough")
	picture(t, tab, "counted")
	tab.Click("label[for=group-0-level-2]")
	tab.Click(".group details:first-of-type summary")
	tab.Click("label[for=group-0-role-0]")
	tab.WaitText("Who may see it: tick at least one thing in a group")
}

func TestTheCountForScripts(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := signedIn(t, w, campusonetest.SubFunke)
	p.must(t, p.Visit(newAnnouncement), http.StatusOK)
	form := p.fields(t, "#title")
	form.Set("do", "count")
	form.Set("to", "signed-in")
	p.Header.Set("Accept", "application/json")
	p.must(t, p.Post(newAnnouncement, form), http.StatusOK)
	if !strings.Contains(p.Body, `"count":"1 of the 1 person this portal has met; others see it when they sign in."`) {
		t.Errorf("the answer is %s", p.Body)
	}
	form.Set("to", "")
	p.must(t, p.Post(newAnnouncement, form), http.StatusUnprocessableEntity)
	if !strings.Contains(p.Body, "Choose who may see it.") {
		t.Errorf("the answer is %s", p.Body)
	}
}

// By buttons alone, with script and without: kept, listed, gone on with, thrown
// away.
func TestKeptForLaterInChromium(t *testing.T) {
	t.Parallel()
	inChromium(t, func(t *testing.T, w *World, tab *browser.Tab) {
		i := w.Publish(t, db.Announcement, db.Content{Title: "Lab 3", Body: "As readers know it."})
		page := w.URL + "/admin/publish/announcements/" + i.ID
		signIn(t, w, tab, campusonetest.SubFunke, "/admin/publish/announcements/"+i.ID)
		tab.Type("#body", "Not for readers yet.")
		tab.Click("Keep for later")
		wantText(t, tab, "Nobody else sees it.")
		picture(t, tab, "kept")
		tab.Go(page)
		wantText(t, tab, "You have unsaved changes from today")
		picture(t, tab, "offered")
		tab.Go(w.URL + "/admin/publish")
		wantText(t, tab, "Not saved yet")
		picture(t, tab, "desk")
		tab.Click("Lab 3")
		if got := bodyOf(tab); got != "Not for readers yet." {
			t.Errorf("it goes on with %q", got)
		}
		w.Revise(t, i, func(c *db.Content) { c.Body = "Saved meanwhile." })
		tab.Reload()
		wantText(t, tab, "Somebody has saved another version after you began")
		picture(t, tab, "stale")
		tab.Click("Throw away")
		wantText(t, tab, "Thrown away.")
		if got := bodyOf(tab); got != "Saved meanwhile." {
			t.Errorf("the form holds %q", got)
		}
	})
}
