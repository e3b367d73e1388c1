package journey

import (
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/browser"
	"portico/cmd/internal/sample"
	"portico/db"
)

// A page with a file and a picture, as its editor and its readers have it: axe
// finds nothing in either theme, nothing is too wide, and the picture is there.
func TestFilesAndPicturesInChromium(t *testing.T) {
	t.Parallel()
	inChromium(t, func(t *testing.T, w *World, tab *browser.Tab) {
		i := w.Publish(t, db.Announcement, db.Content{Title: "Lab 3 is closed", Audience: ForStudents("300", "")})
		w.Attach(t, i, "a.pdf", "Exam timetable", sample.PDF("Exam timetable"))
		a := w.Attach(t, i, "a.jpg", "The plain behind block D", sample.JPEG(1440, 810, 16))
		i = w.Revise(t, i, func(c *db.Content) { c.Body = "Use lab 1.\n\n![](/pictures/" + a.ID + ")\n" })
		signIn(t, w, tab, campusonetest.SubFunke, "/admin/publish/announcements/"+i.ID)
		wantText(t, tab, "Files and pictures")
		picture(t, tab, "editor")
		if !browser.Eval[bool](tab, `[...document.querySelectorAll("[data-insert] input[type=text]")].every((e) => e.offsetWidth > 0.9 * document.getElementById("body").offsetWidth)`) {
			t.Error("the words of a file have less room than the text")
		}
		tab.Type("#title", "Lab 3 is closed for a week")
		tab.Click("Add it")
		tab.WaitFocus(".problems")
		wantText(t, tab, "Choose a file first")
		if got := browser.Eval[string](tab, `document.querySelector("#title").value`); got != "Lab 3 is closed for a week" {
			t.Errorf("what was typed became %q", got)
		}
		tab.Click("button[value=preview]")
		wantText(t, tab, "Nothing is saved yet")
		arrives(t, tab, ".preview img", "as its editor previews it")
		picture(t, tab, "preview")
		if over := browser.Eval[int](tab, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
			t.Errorf("the editor is %d pixels too wide", over)
		}
	})
}

// arrives waits until a picture has come.
func arrives(t *testing.T, tab *browser.Tab, selector, what string) {
	t.Helper()
	browser.Eval[bool](tab, `(document.querySelector("`+selector+`").scrollIntoView(), true)`)
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if browser.Eval[bool](tab, `(() => { const i = document.querySelector("`+selector+`"); return i && i.complete && i.naturalWidth > 0 })()`) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the picture never comes, %s", what)
		}
	}
}

func TestReadersOfFilesInChromium(t *testing.T) {
	t.Parallel()
	inChromium(t, func(t *testing.T, w *World, tab *browser.Tab) {
		i := w.Publish(t, db.Announcement, db.Content{Title: "Lab 3 is closed", Audience: ForStudents("300", "")})
		w.Attach(t, i, "a.pdf", "Exam timetable", sample.PDF("Exam timetable"))
		a := w.Attach(t, i, "a.jpg", "The plain behind block D", sample.JPEG(1440, 810, 16))
		w.Revise(t, i, func(c *db.Content) { c.Body = "Use lab 1.\n\n![](/pictures/" + a.ID + ")\n" })
		tab.Go(w.URL + "/announcements/lab-3-is-closed")
		wantText(t, tab, "There is no page here")
		signIn(t, w, tab, campusonetest.SubAmina, "/dashboard")
		tab.Go(w.URL + "/announcements/lab-3-is-closed")
		wantText(t, tab, "Exam timetable (PDF, ")
		arrives(t, tab, ".prose img", "as its readers see it")
		picture(t, tab, "reader")
		if over := browser.Eval[int](tab, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
			t.Errorf("the page is %d pixels too wide", over)
		}
	})
}
