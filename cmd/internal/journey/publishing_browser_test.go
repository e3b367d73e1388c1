package journey

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/auth/reading"
	"portico/cmd/internal/browser"
	"portico/db"
)

func TestASecretaryPublishesInChromium(t *testing.T) {
	t.Parallel()
	inChromium(t, func(t *testing.T, w *World, tab *browser.Tab) {
		w.SaveSettings(t, reading.Settings{Departments: []string{campusonetest.DepartmentCS}})
		signIn(t, w, tab, campusonetest.SubFunke, "/admin/publish")
		picture(t, tab, "desk-empty")
		tab.Click("New announcement")
		picture(t, tab, "new")
		tab.Type("#body", "Until **Monday**.")
		tab.Click("button[value=publish]")
		tab.WaitFocus(".problems")
		wantText(t, tab, "Give it a title.")
		picture(t, tab, "no-title")
		tab.Type("#title", "Lab 3 is closed")
		tab.Click("label[for=to-groups]")
		tab.Click(".group details:nth-of-type(2) summary")
		tab.Click("label[for=group-0-level-2]")
		tab.Click("button[value=count]")
		wantText(t, tab, "0 of the 1 person this portal has met")
		picture(t, tab, "counted")
		tab.Click("button[value=preview]")
		wantText(t, tab, "Nothing is saved yet")
		picture(t, tab, "preview")
		tab.Click("button[value=draft]")
		wantText(t, tab, "Saved as a draft")
		tab.Click("button[value=publish]")
		wantText(t, tab, "Published. Readers see it now.")
		picture(t, tab, "published")
		tab.Click("Withdraw it")
		wantText(t, tab, "Withdrawn. No reader sees it any more.")
		tab.Click("History")
		picture(t, tab, "history")
		w.Publish(t, db.EventItem, db.Content{Title: "Colloquium: " + strings.Repeat("how a long title gives way to what stands beside it, ", 3), Details: db.Details{Event: &db.Event{Kind: db.EventOther, Starts: "2031-03-03T14:00", Ends: "2031-03-03T16:00"}}})
		tab.Go(w.URL + "/admin/publish/events")
		wantText(t, tab, "Mon 3 Mar 2031, 14:00 to 16:00")
		wantWhole(t, tab)
	})
}

// At 320 pixels, which is 400 % of a desk's window, nothing scrolls sideways.
func TestPublishingAtFourHundredPercent(t *testing.T) {
	t.Parallel()
	for _, dark := range []bool{false, true} {
		t.Run(fmt.Sprintf("dark=%v", dark), func(t *testing.T) {
			w := Start(t, Options{})
			i := w.seedDesk(t)
			tab := browser.New(t, browser.Options{Width: 320, Dark: dark})
			signIn(t, w, tab, campusonetest.SubGrace, "/admin/publish")
			page := "/admin/publish/events/" + i.ID
			for _, path := range []string{"/admin/publish", "/admin/publish/events", "/admin/publish/announcements/new", "/admin/publish/people/new", page, page + "/history", page + "/history/1", page + "/erase"} {
				tab.Go(w.URL + path)
				if over := browser.Eval[int](tab, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
					t.Errorf("%s is %d pixels too wide", path, over)
				}
				picture(t, tab, strings.Trim(strings.ReplaceAll(path, "/", "-"), "-"))
			}
		})
	}
}

// seedDesk gives Grace something in each stage of its life, and returns a
// weekly class of which one date was moved.
func (w *World) seedDesk(t testing.TB) db.Item {
	t.Helper()
	signedIn(t.(*testing.T), w, campusonetest.SubGrace)
	owner := w.user(t, campusonetest.SubGrace).ID
	for _, n := range []struct {
		title string
		from  time.Duration
		c     db.Content
	}{
		{"Registration for the rain semester ends on Friday", -time.Hour, db.Content{Until: w.Now().Add(240 * time.Hour)}},
		{"Past questions are in the library", -900 * time.Hour, db.Content{Review: w.Now().Add(-24 * time.Hour)}},
		{"Results of CSC 301", 48 * time.Hour, db.Content{Audience: ForStudents("300", campusonetest.DepartmentCS)}},
		{"Power cut on Saturday", 0, db.Content{Draft: true, Publish: w.Now()}},
		{"Lab 2 closed for cleaning", -500 * time.Hour, db.Content{Until: w.Now().Add(-time.Hour)}},
	} {
		c := n.c
		c.Title, c.Owner, c.Body, c.Publish = n.title, owner, "Text of the notice.\n", w.Now().Add(n.from)
		w.Publish(t, db.Announcement, c)
	}
	start := db.WallAt(w.Now().AddDate(0, 0, 1), w.Config.Portico.Timezone)
	e := &db.Event{Kind: db.EventClass, Place: "Hall B", Starts: db.Wall(start.Day() + "T08:00"), Ends: db.Wall(start.Day() + "T10:00"), RepeatTo: start.Add(4 * db.Week).Day()}
	e.Exceptions = []db.Exception{{Day: start.Day(), Starts: db.Wall(start.Day() + "T14:00"), Ends: db.Wall(start.Day() + "T16:00"), Place: "Hall C"}}
	return w.Publish(t, db.EventItem, db.Content{Title: "CSC 301 Compilers", Owner: owner, Body: "Bring your laptop.\n", Details: db.Details{Event: e}})
}
