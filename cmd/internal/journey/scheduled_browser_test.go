package journey

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/browser"
	"portico/db"
)

// pick gives a field a day or a time, as the browser's own picker does.
func pick(tab *browser.Tab, selector, value string) {
	field, _ := json.Marshal(selector) // texts always have a JSON form
	quoted, _ := json.Marshal(value)
	browser.Eval[bool](tab, `(() => { const f = document.querySelector(`+string(field)+`); f.value = `+string(quoted)+`; f.dispatchEvent(new Event("input", {bubbles: true})); return f.value !== "" })()`)
}

// shelfOf tells of an announcement where a reader in Chromium and a feed reader
// meet it now, and what its own page says first.
func shelfOf(t *testing.T, w *World, tab *browser.Tab, title, slug string) (found, page string) {
	t.Helper()
	var at []string
	look := func(place string, there bool) {
		if there {
			at = append(at, place)
		}
	}
	for place, path := range map[string]string{"home": "/", "list": "/announcements", "search": "/search?q=" + strings.Fields(title)[0]} {
		tab.Go(w.URL + path)
		text := tab.Text()
		look(place, strings.Contains(text, title))
		look(place+"-ended", strings.Contains(text, "Ended on"))
		if !strings.Contains(text, "Lab 1 is open") {
			t.Errorf("%s does not even have what is always there: %s", path, text)
		}
	}
	_, feed := w.request(t, http.MethodGet, "/feed.xml", "", program, "")
	look("feed", strings.Contains(feed, title))
	if !strings.Contains(feed, "Lab 1 is open") {
		t.Errorf("the feed does not even have what is always there: %s", feed)
	}
	tab.Go(w.URL + "/announcements/" + slug)
	slices.Sort(at)
	return strings.Join(at, " "), tab.Text()
}

// What is scheduled in the editor appears at its minute and not before, and is
// gone from lists, search results' top and feed when its last day is over; its
// page then says when it ended.
func TestScheduledInChromium(t *testing.T) {
	t.Parallel()
	clock := noon(t)
	w := Start(t, Options{Clock: clock, Env: []string{"PORTICO_SESSION_IDLE=4d"}})
	w.Publish(t, db.Announcement, db.Content{Title: "Lab 1 is open"})
	tab := browser.New(t, browser.Options{})
	signIn(t, w, tab, campusonetest.SubFunke, newAnnouncement)
	from, until := w.wall(0, "14:30"), w.wall(1, "00:00")
	tab.Type("#title", "Lab 3 is closed")
	tab.Type("#body", "Use lab 1.")
	pick(tab, "#publish", string(from))
	pick(tab, "#until", until.Day())
	tab.Click("button[value=publish]")
	appears, ends := from.In(w.Config.Portico.Timezone), until.Add(24*time.Hour).In(w.Config.Portico.Timezone)
	wantText(t, tab, "Scheduled. Readers see it from "+appears.Format("Mon 2 Jan, 15:04")+".")
	wantText(t, tab, "Readers see it when its time has come.")
	picture(t, tab, "scheduled")
	tab.Go(w.URL + "/admin/publish")
	wantText(t, tab, "Scheduled")
	for _, step := range []struct {
		name, found, page string
		at                time.Time
	}{
		{"at once", "", "There is no page here", clock.Now()},
		{"a second before", "", "There is no page here", appears.Add(-time.Second)},
		{"at its minute", "feed home list search", "Use lab 1.", appears},
		{"in its last second", "feed home list search", "Use lab 1.", ends.Add(-time.Second)},
		{"when its last day is over", "search search-ended", "This notice ended on " + ends.Add(-time.Second).Format("Mon 2 Jan"), ends},
	} {
		clock.Advance(step.at.Sub(clock.Now()))
		found, page := shelfOf(t, w, tab, "Lab 3 is closed", "lab-3-is-closed")
		if found != step.found || !strings.Contains(page, step.page) {
			t.Errorf("%s it is found by %q, want %q; its page says, and should say %q:\n%s", step.name, found, step.found, step.page, page)
		}
	}
	picture(t, tab, "ended")
	tab.Go(w.URL + "/admin/publish")
	wantText(t, tab, "Ended")
}

// An editor moves one date of a class in the browser; whose class it is reads
// it at the top of their day, with the old time struck through.
func TestAMoveInTheEditorReachesToday(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{Clock: noon(t)})
	starts := w.wall(1, "14:00")
	class := w.class(t, "CSC 301", db.Event{Place: "Hall B", Starts: starts, Ends: starts.Add(2 * time.Hour), RepeatTo: w.wall(60, "00:00").Day()}, ForStudents("300", campusonetest.DepartmentCS))
	tab := browser.New(t, browser.Options{})
	signIn(t, w, tab, campusonetest.SubFunke, "/admin/publish/events/"+class.ID)
	if chosen := browser.Eval[string](tab, `document.querySelector("[name=change]:checked").value`); chosen != "move" {
		t.Errorf("by a slip one date is to %s", chosen)
	}
	pick(tab, "#new_day", w.wall(2, "00:00").Day())
	pick(tab, "#new_starts", "09:00")
	pick(tab, "#new_ends", "11:00")
	tab.Type("#new_place", "ICT annexe")
	tab.Click("Change this date")
	wantText(t, tab, "Moved to ")
	picture(t, tab, "moved")
	p := signedIn(t, w, amina)
	if top := p.lines(".slots li"); len(top) == 0 || !strings.Contains(top[0], "CSC 301 Moved") || !strings.Contains(top[0], "ICT annexe") {
		t.Errorf("on top of the day stands %q", top)
	}
	if struck := strings.Join(p.lines(".slots li:first-child s"), " | "); !strings.Contains(struck, "Hall B") || !strings.Contains(struck, "14:00 to 16:00") {
		t.Errorf("struck through is %q", struck)
	}
}
