package journey

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
)

// The day's page names a person whole and says of them what Campus One told:
// faculty and department by their names, and what it did not tell, or named
// nowhere, not at all.
func TestDashboardSaysWhatIsKnown(t *testing.T) {
	t.Parallel()
	const gone = "dept_was_closed"
	w := Start(t, Options{Clock: noon(t), Provider: func(o *campusonetest.Options, _ *campusonetest.Client) {
		o.People = campusonetest.Seeded()
		for i := range o.People {
			switch o.People[i].Sub {
			case campusonetest.SubChidi:
				o.People[i].Name, o.People[i].DepartmentID, o.People[i].FacultyID, o.People[i].Level = "Chidi van der Merwe Okonkwo", gone, "fac_was_closed", 0
			case campusonetest.SubTunde:
				o.People[i].Name = ""
			}
		}
	}})
	facts := func(sub string) (*Person, string) {
		t.Helper()
		p := signedIn(t, w, sub)
		for _, never := range []string{gone, "fac_was_closed", "null", "nil>", "undefined", campusonetest.DepartmentCS, campusonetest.FacultyComputing, "0 level"} {
			if strings.Contains(strings.ToLower(p.Text()), never) {
				t.Errorf("%s reads %q: %s", sub, never, p.Text())
			}
		}
		return p, strings.Join(p.lines("main dl.facts div"), " | ")
	}
	p, told := facts(campusonetest.SubAmina)
	for _, fact := range []string{"Student 256240001", "Level 300", "Department Computer Science, Faculty of Computing", "Session 20"} {
		if !strings.Contains(told, fact) {
			t.Errorf("Amina is not told %q: %s", fact, told)
		}
	}
	if got := p.lines("h1"); !slices.Equal(got, []string{"Good afternoon, Amina Baobab"}) {
		t.Errorf("the greeting is %q", got)
	}
	p, told = facts(campusonetest.SubChidi)
	if got := p.lines("h1"); !slices.Equal(got, []string{"Good afternoon, Chidi van der Merwe Okonkwo"}) {
		t.Errorf("the greeting is %q", got)
	}
	for _, label := range []string{"Department", "Faculty", "Level"} {
		if strings.Contains(told, label) {
			t.Errorf("what is not known is told: %s", told)
		}
	}
	p, _ = facts(campusonetest.SubTunde)
	if got := p.lines("h1"); !slices.Equal(got, []string{"Good afternoon"}) {
		t.Errorf("without a name the greeting is %q", got)
	}
	if visit(t, p, "/account", http.StatusOK); !p.reads("Signed in") {
		t.Errorf("the header calls nobody anything: %s", p.Text())
	}
}
