package journey

import (
	"strings"
	"testing"

	"portico/auth/reading"
)

// What staff set about the portal stands on the very next page, an error page
// too; what they take back falls back to what the portal was started with.
func TestSettingsNameThePortal(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := asFetch(w.Person(true))
	p.Header.Set("Accept", "text/html")
	set := reading.Settings{Name: "Department of Botany", Short: "Botany", Motto: "All that grows.", University: "Baobab University", Contact: "botany@nile.example"}
	for _, c := range []struct {
		set  reading.Settings
		want []string
	}{
		{reading.Settings{}, []string{"Department portal", "Nile University of Nigeria"}},
		{set, []string{set.Name, set.Motto, set.University, set.Contact}},
		{reading.Settings{Name: set.Name}, []string{set.Name, "Nile University of Nigeria"}},
	} {
		w.SaveSettings(t, c.set)
		if err := p.Visit("/"); err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if !strings.Contains(p.Text(), want) {
				t.Errorf("with %+v the page does not say %q: %s", c.set, want, p.Text())
			}
		}
		if err := p.Visit("/nowhere"); err != nil || !strings.Contains(p.Text(), c.want[0]) {
			t.Errorf("the page for what is not there does not say %q: %v, %s", c.want[0], err, p.Text())
		}
	}
}
