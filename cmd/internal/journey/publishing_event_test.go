package journey

import (
	"net/http"
	"testing"

	"portico/auth/campusone/campusonetest"
)

func TestOneDateOfAClassIsMovedAndCancelled(t *testing.T) {
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
