package journey

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"portico/auth/campusone/campusonetest"
)

const crowd = 200

// TestCrowd: a whole year signs in at the same moment, every tenth person in
// three tabs of the page at once, every fiftieth in ten. Nobody fails, and
// nobody becomes anybody else.
func TestCrowd(t *testing.T) {
	t.Parallel()
	for _, engine := range engines() {
		t.Run(engine.name, func(t *testing.T) {
			w := Start(t, Options{
				Database: engine.fresh(t),
				Provider: func(o *campusonetest.Options, _ *campusonetest.Client) { o.People = crowdOf(crowd) },
			})
			start := make(chan struct{})
			var wg sync.WaitGroup
			for i := range crowd {
				wg.Go(func() {
					<-start
					if err := w.arrive(i); err != nil {
						t.Errorf("person %d: %v", i, err)
					}
				})
			}
			close(start)
			wg.Wait()
		})
	}
}

func crowdOf(n int) []campusonetest.Person {
	var all []campusonetest.Person
	for i := range n {
		all = append(all, campusonetest.Person{
			Sub: crowdSub(i), Name: fmt.Sprintf("Person %03d", i), Email: fmt.Sprintf("person%03d@nile.example", i), EmailVerified: true,
			Role: "student", StudentID: fmt.Sprintf("2562%05d", i), StudyLevel: "undergraduate", Level: 100,
		})
	}
	return all
}

func crowdSub(i int) string { return fmt.Sprintf("crowd%03d", i) }

// arrive signs a person in, in each of their tabs at the same time, and asks
// who they are.
func (w *World) arrive(i int) error {
	p := w.Person(true)
	p.Meet(w.Provider.SessionCookie(crowdSub(i)))
	n := 1
	switch {
	case i%50 == 0:
		n = 10
	case i%10 == 0:
		n = 3
	}
	tabs, err := p.tabs(same("/dashboard", n)...)
	if err != nil {
		return err
	}
	for _, tab := range tabs {
		if err := tab.arrived("/dashboard"); err != nil {
			return err
		}
	}
	return p.is(crowdSub(i))
}

// is asks the portal who this browser is.
func (p *Person) is(sub string) error {
	if err := p.Visit("/auth/me"); err != nil {
		return err
	}
	var me struct{ Sub string }
	if err := json.NewDecoder(strings.NewReader(p.Body)).Decode(&me); err != nil || me.Sub != sub {
		return fmt.Errorf("%s is %q (%d): %s", sub, me.Sub, p.Status, p.Body)
	}
	return nil
}
