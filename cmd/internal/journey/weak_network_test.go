package journey

import (
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/browser"
)

// On a weak network the first page shows itself in 1.5 s, and in 3 s when
// Campus One is asked on the way; nothing that is shown moves afterwards.
//
// What is measured is the time the network takes, which Chromium itself makes:
// 400 ms for each answer and 400 kbit/s. A busy machine adds to that and never
// takes from it, so one try within the budget shows that the page can, and no
// number of slow ones shows that it cannot. Five tries are enough: a page that
// needs one answer too many is late in each.
func TestWeakNetwork(t *testing.T) {
	const tries = 5
	for _, visit := range []struct {
		name           string
		known          bool // c1_anon is there: Campus One is not asked
		answers        int  // that a first view waits for, at 400 ms each
		budget         time.Duration
		phone, dressed bool
	}{
		{"known to be nobody", true, 2, 1500 * time.Millisecond, true, false},
		{"with the silent check", false, 5, 3 * time.Second, true, false},
		{"known to be nobody, in a department's own colours, at a desk", true, 2, 1500 * time.Millisecond, false, true},
	} {
		t.Run(visit.name, func(t *testing.T) {
			w := department(t, Options{})
			if visit.dressed {
				w.dress(t)
			}
			var best time.Duration
			for range tries {
				tab := browser.New(t, browser.Options{Phone: visit.phone, Slow: true})
				tab.Go(w.URL + "/")
				if visit.known { // with the cookie, and without anything kept from before
					tab.ForgetCache()
					tab.Go(w.URL + "/")
				}
				took := tab.FirstPaint()
				if least := time.Duration(visit.answers) * 400 * time.Millisecond; took < least {
					t.Fatalf("it is there in %s: the network is not weak, %d answers take %s", took, visit.answers, least)
				}
				if moved := tab.Shift(); moved != 0 {
					t.Errorf("the page has moved by %v", moved)
				}
				if best == 0 || took < best {
					best = took
				}
				if best <= visit.budget {
					break
				}
			}
			t.Logf("first contentful paint in %s, at most %s", best.Round(time.Millisecond), visit.budget)
			if best > visit.budget {
				t.Errorf("first contentful paint in %s at the best of %d tries, at most %s", best, tries, visit.budget)
			}
		})
	}
}

// Nothing that is shown moves by itself, on any page that people read.
func TestNothingMovesByItself(t *testing.T) {
	t.Parallel()
	for _, win := range []window{{"phone", browser.Options{Phone: true}}, {"desk", browser.Options{}}} {
		t.Run(win.name, func(t *testing.T) {
			w := department(t, Options{})
			w.dress(t)
			tab := browser.New(t, win.o)
			look := func(path string) {
				t.Helper()
				tab.Go(w.URL + path)
				if moved := tab.Shift(); moved != 0 {
					t.Errorf("%s has moved by %v", path, moved)
				}
			}
			for _, path := range publicPages {
				look(path)
			}
			signIn(t, w, tab, campusonetest.SubAmina, "/dashboard")
			for _, path := range personalPages {
				look(path)
			}
		})
	}
}

// dress gives the department a colour and a logo of its own.
func (w *World) dress(t testing.TB) {
	t.Helper()
	s := departmentSettings()
	s.Accent, s.Logo, s.LogoType = "#2f7a4d", redLogo(t), "image/png"
	w.SaveSettings(t, s)
}
