package journey

import (
	"fmt"
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/auth/reading"
	"portico/cmd/internal/browser"
	"portico/db"
)

// fullDay publishes a day with everything on it, and returns a class of it.
func (w *World) fullDay(t *testing.T) db.Item {
	t.Helper()
	w.SaveSettings(t, reading.Settings{Name: "Department of Computer Science", Short: "Computer Science"})
	ours := ForStudents("300", campusonetest.DepartmentCS)
	w.class(t, "CSC 305 Operating systems", db.Event{Place: "Lecture hall A", Starts: w.wall(0, "11:00"), Ends: w.wall(0, "13:00")}, ours)
	class := w.class(t, "CSC 301 Algorithms", db.Event{Place: "Lecture hall B", Starts: w.wall(0, "14:00"), Ends: w.wall(0, "16:00"), RepeatTo: w.wall(60, "00:00").Day()}, ours)
	w.class(t, "Lab report 4", db.Event{Kind: db.EventDeadline, Place: "Lab office", Starts: w.wall(0, "17:00")}, ours)
	w.class(t, "Mid-semester test", db.Event{Kind: db.EventExam, Place: "ICT annexe 3", Starts: w.wall(2, "09:00"), Ends: w.wall(2, "11:00")}, "")
	w.class(t, "Open days", db.Event{Kind: db.EventOther, Starts: w.wall(3, "00:00"), Ends: w.wall(4, "00:00"), AllDay: true}, "")
	for i, title := range []string{"CSC 301: tutorial groups", "Industrial training letters are ready", "Harmattan examination timetable, first draft"} {
		w.Publish(t, db.Announcement, db.Content{Title: title, Body: "Text.\n", Audience: []string{ours, ForStudents("300", ""), ""}[i]})
	}
	for _, title := range []string{"Course registration", "Library"} {
		w.Publish(t, db.QuickLink, db.Content{Title: title, Details: db.Details{Link: "https://library.example/"}})
	}
	return class
}

// A student reads one announcement, marks another, and puts the calendar into
// their phone.
func TestDashboardInChromium(t *testing.T) {
	t.Parallel()
	inChromium(t, func(t *testing.T, w *World, tab *browser.Tab) {
		w.fullDay(t)
		signIn(t, w, tab, campusonetest.SubAmina, "/dashboard")
		wantText(t, tab, "3 unread")
		picture(t, tab, "dashboard")
		tab.Click("CSC 301: tutorial groups")
		tab.Go(w.URL + "/dashboard")
		wantText(t, tab, "2 unread")
		tab.Click(".unread button")
		wantText(t, tab, "1 unread")
		wantText(t, tab, "Marked as read.")
		picture(t, tab, "marked")
		tab.Click("Put this in my phone’s calendar")
		picture(t, tab, "calendar")
		tab.Click("Make my address")
		wantText(t, tab, "shown only this once")
		picture(t, tab, "address")
		if script := browser.Eval[bool](tab, `!document.querySelector("[data-copy]").hidden`); script == strings.Contains(t.Name(), "without_script") {
			t.Errorf("the button to copy is shown: %v", script)
		}
		tab.Reload()
		wantText(t, tab, "You have a calendar address")
		picture(t, tab, "made")
	})
}

// A class is moved: the next look at the day shows it, old time struck through.
func TestMovedClassInChromium(t *testing.T) {
	t.Parallel()
	for _, win := range append(windows, window{"phone dark", browser.Options{Phone: true, Dark: true}}) {
		t.Run(win.name, func(t *testing.T) {
			w := Start(t, Options{Clock: noon(t)})
			class := w.fullDay(t)
			tab := browser.New(t, win.o)
			signIn(t, w, tab, campusonetest.SubAmina, "/dashboard")
			wantText(t, tab, "Lecture hall B")
			w.Revise(t, class, func(c *db.Content) {
				e := *c.Event
				e.Exceptions = []db.Exception{{Day: e.Starts.Day(), Starts: w.wall(1, "09:00"), Ends: w.wall(1, "11:00"), Place: "ICT annexe 3"}, {Day: e.Starts.Add(db.Week).Day(), Cancelled: true}}
				c.Event = &e
			})
			tab.Reload()
			top := browser.Eval[string](tab, `document.querySelector(".slots li").textContent`)
			struck := browser.Eval[string](tab, `[...document.querySelectorAll(".slots li:first-child s")].map(s => getComputedStyle(s).textDecorationLine + " " + s.textContent).join("|")`)
			if !strings.Contains(top, "CSC 301") || !strings.Contains(struck, "line-through Lecture hall B") || !strings.Contains(struck, "Today, 14:00 to 16:00") {
				t.Errorf("on top stands %q, struck through %q", top, struck)
			}
			picture(t, tab, "moved")
		})
	}
}

// Whoever manages a new portal is told the first steps.
func TestFirstStepsInChromium(t *testing.T) {
	t.Parallel()
	inChromium(t, func(t *testing.T, w *World, tab *browser.Tab) {
		signIn(t, w, tab, campusonetest.SubGrace, "/dashboard")
		wantText(t, tab, "First steps")
		picture(t, tab, "first-steps")
	})
}

// Whoever manages the portal sees what needs attention.
func TestAttentionInChromium(t *testing.T) {
	t.Parallel()
	inChromium(t, func(t *testing.T, w *World, tab *browser.Tab) {
		w.fullDay(t)
		w.seedInbox(t, 0)
		signIn(t, w, tab, campusonetest.SubGrace, "/dashboard")
		wantText(t, tab, "Webhooks that failed")
		picture(t, tab, "attention")
	})
}

// Twenty items on a dashboard weigh at most 6 kB.
func TestFullDashboardIsLight(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	for i := range 15 {
		w.Publish(t, db.Announcement, db.Content{Title: fmt.Sprintf("CSC %d: results of test %d are on the board", 300+i, i), Body: "Text.\n", Audience: ForStudents("300", campusonetest.DepartmentCS)})
	}
	for i := range 5 {
		w.class(t, fmt.Sprintf("CSC %d Operating systems", 300+i), db.Event{Place: fmt.Sprintf("Lecture hall %d", i), Starts: w.wall(1+i, "08:00"), Ends: w.wall(1+i, "10:00")}, "")
	}
	tab := browser.New(t, browser.Options{Phone: true})
	signIn(t, w, tab, campusonetest.SubAmina, "/dashboard")
	tab.Reset()
	tab.Go(w.URL + "/dashboard")
	if n := tab.EncodedBytes(); n > 6000 {
		t.Errorf("%d bytes, at most 6000", n)
	} else {
		t.Logf("%d bytes", n)
	}
}
