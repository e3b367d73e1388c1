package journey

import (
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
)

// A page that is drawn once for the same data is drawn anew when the data
// change, is never another person's, and its forms work each time.
func TestKnownPageIsNeverStale(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	amina, chidi := signedIn(t, w, campusonetest.SubAmina), signedIn(t, w, campusonetest.SubChidi)
	for range 3 {
		for p, name := range map[*Person]string{amina: "Amina Baobab", chidi: "Chidi"} {
			if err := p.Visit("/dashboard"); err != nil || !strings.Contains(p.Text(), name) {
				t.Fatalf("not the page of %s: %v, %s", name, err, p.Text())
			}
		}
	}
	if strings.Contains(amina.Text(), "Chidi") {
		t.Errorf("Amina sees %s", amina.Text())
	}
	w.Provider.SetRole(campusonetest.SubAmina, "auditor")
	w.settle(t)
	if err := amina.Visit("/dashboard"); err != nil || !strings.Contains(amina.Text(), "Auditor") {
		t.Errorf("the new role is not shown: %v, %s", err, amina.Text())
	}
	w.Provider.TakeDown(0)
	for range 2 { // the drawing of before, with a form of now
		if err := amina.Visit("/dashboard"); err != nil {
			t.Fatal(err)
		}
	}
	if err := amina.Click("Sign out"); err != nil || amina.URL.Path != "/auth/signed-out" {
		t.Errorf("signing out from a kept drawing ended at %s with %d: %v", amina.URL, amina.Status, err)
	}
}
