package journey

import (
	"net/http"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/db"
)

func TestOneDateOfAClassIsMovedAndCancelled(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	i := w.seedDesk(t)
	p := signedIn(t, w, campusonetest.SubFunke)
	page := "/admin/publish/events/" + i.ID
	p.must(t, p.Visit(page), http.StatusOK)
	form := p.fields(t, "#occurrence")
	first := i.Event.Exceptions[0].Day
	form.Set("occurrence", first)
	form.Set("change", "move")
	p.must(t, p.Post(page+"/occurrence", form), http.StatusUnprocessableEntity)
	p.sees(t, "Say to which day it is moved.", "Say at what time it begins then.")
	form.Set("change", "cancel")
	p.must(t, p.Post(page+"/occurrence", form), http.StatusOK)
	now, err := w.App.DB.Item(t.Context(), i.ID)
	if err != nil || len(now.Event.Exceptions) != 1 || now.Event.Exceptions[0].Day != first || !now.Event.Exceptions[0].Cancelled {
		t.Fatalf("the class is %+v, %v", now.Event, err)
	}
	p.must(t, p.Post(page+"/occurrence", form), http.StatusOK)
	p.sees(t, "Nothing was changed: somebody else has saved it meanwhile.")
}

// A class that does not take place at all is called off with all its dates, in
// the editor, on the pages and in calendars; and it may take place after all.
func TestAWeeklyClassIsCalledOffAsAWhole(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	i := w.seedDesk(t)
	p := signedIn(t, w, campusonetest.SubFunke)
	page := "/admin/publish/events/" + i.ID
	call := func(button, said string, cancelled bool) {
		t.Helper()
		p.must(t, p.Visit(page), http.StatusOK)
		p.sees(t, button)
		form := p.fields(t, `input[name="occurrence"][value="all"]`)
		p.must(t, p.Post(page+"/occurrence", form), http.StatusOK)
		p.sees(t, said)
		now, err := w.App.DB.Item(t.Context(), i.ID)
		if err != nil || now.Event.Cancelled.IsZero() == cancelled || len(now.Event.Exceptions) != len(i.Event.Exceptions) || now.Event.Sequence <= i.Event.Sequence {
			t.Fatalf("the class is %+v, %v", now.Event, err)
		}
		i = now
	}
	call("Cancel every date", "Cancelled. Readers see it struck through.", true)
	form := p.fields(t, `input[name="occurrence"][value="all"]`)
	form.Set("change", "move")
	p.must(t, p.Post(page+"/occurrence", form), http.StatusBadRequest)
	call("It takes place after all", "It takes place after all.", false)
}

// The category that an event came with is still there after it was saved in
// the editor.
func TestAnEventKeepsItsCategory(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	i := w.seedDesk(t)
	i = w.Revise(t, i, func(c *db.Content) { c.Category = "academic" })
	p := signedIn(t, w, campusonetest.SubFunke)
	page := "/admin/publish/events/" + i.ID
	p.must(t, p.Visit(page), http.StatusOK)
	form := p.fields(t, "#title")
	form.Set("title", "CSC 301 Operating systems, group A")
	form.Set("do", "publish")
	p.must(t, p.Post(page, form), http.StatusOK)
	now, err := w.App.DB.Item(t.Context(), i.ID)
	if err != nil || now.Title != "CSC 301 Operating systems, group A" || now.Category != "academic" {
		t.Fatalf("it is %q in %q, %v", now.Title, now.Category, err)
	}
}
