package journey

import (
	"flag"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"

	"pgregory.net/rapid"
)

// TestEqualRoundedCountsAreTheSamePages makes two portals whose exact figures
// differ and whose rounded counts are equal. A lecturer gets the same bytes of
// both: pages, charts, downloads.
func TestEqualRoundedCountsAreTheSamePages(t *testing.T) { // alone: setChecks is for all
	for _, engine := range engines() {
		t.Run(engine.name, func(t *testing.T) {
			setChecks(t, map[string]string{"sqlite": "3", "postgres": "1"}[engine.name])
			rapid.Check(t, func(rt *rapid.T) {
				one := drawPast(rt)
				other, changed := one.like(rt)
				clock := NewClock()
				a, b := Start(t, Options{Database: engine.fresh(t), Clock: clock, Env: kept}), Start(t, Options{Database: engine.fresh(t), Clock: clock, Env: kept})
				a.Seed(t, one)
				b.Seed(t, other)
				x, y := seenByALecturer(t, a), seenByALecturer(t, b)
				for path := range x {
					if x[path] != y[path] {
						rt.Fatalf("%s tells two pasts apart:\n%+v\n%+v\n%s", path, one, other, difference(x[path], y[path]))
					}
				}
				if exact := exactSignIns(t, a) == exactSignIns(t, b); exact && slices.ContainsFunc(changed, func(c bool) bool { return c }) {
					rt.Fatalf("whoever manages the portal sees no difference either, so nothing was tried:\n%+v\n%+v", one, other)
				}
			})
		})
	}
}

// TestFewPeopleAreNotFollowed narrows people to four: whether one of them came
// on a day makes no difference to what a lecturer gets.
func TestFewPeopleAreNotFollowed(t *testing.T) {
	t.Parallel()
	for _, engine := range engines() {
		t.Run(engine.name, func(t *testing.T) {
			clock := NewClock()
			var seen []map[string]string
			for _, silent := range []int{10, 11} { // the eleventh is of the staff
				w := Start(t, Options{Database: engine.fresh(t), Clock: clock, Env: kept})
				w.Seed(t, Past{Students: 10, Staff: 3, Silent: []int{0, 0, silent}})
				day := w.Now().In(w.Config.Portico.Timezone).AddDate(0, 0, -2).Format(time.DateOnly)
				pages := seenByALecturer(t, w, "/people?role=staff", "/people?role=staff&by=day", "/people?role=staff&from="+day+"&to="+day, "/people?by=role&from="+day+"&to="+day)
				ibrahim := signedIn(t, w, campusonetest.SubIbrahim)
				for _, by := range []string{"day", "role"} {
					ibrahim.Download(t, "people", url.Values{"role": {"staff"}, "by": {by}, "from": {day}, "to": {day}}, http.StatusOK)
					pages["few by "+by+".csv"] = ibrahim.Body
				}
				if !strings.Contains(pages["/people?role=staff&by=day"], "Fewer than five people: not shown by day.") || strings.Count(pages["few by day.csv"], "\n") != 1 {
					t.Errorf("four people are shown by day: %s", pages["few by day.csv"])
				}
				if !strings.Contains(pages["few by role.csv"], "Staff,under 5,under 5,,under 5,under 5") {
					t.Errorf("what four people did is told: %s", pages["few by role.csv"])
				}
				seen = append(seen, pages)
			}
			for path, body := range seen[0] {
				if body != seen[1][path] {
					t.Errorf("%s tells whether one of four people came:\n%s", path, difference(body, seen[1][path]))
				}
			}
		})
	}
}

// kept lets no past be cleaned away in one portal sooner than in another.
var kept = []string{"PORTICO_RETAIN_SIGNINS=3y"}

// setChecks is how many pairs are tried: each is two whole portals.
func setChecks(t *testing.T, n string) {
	t.Helper()
	f := flag.Lookup("rapid.checks")
	was := f.Value.String()
	if err := f.Value.Set(n); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Value.Set(was) })
}

// numbers are the counts of a past that may become others.
func (p *Past) numbers() (all []*int) {
	for _, list := range [][]int{p.Silent, p.Interactive, p.Failed, p.Anonymous, p.Roles, p.Processed, p.Dead, p.Deeds, p.Opened, p.Marked} {
		for i := range list {
			all = append(all, &list[i])
		}
	}
	return append(all, &p.Students, &p.Staff)
}

func (p Past) clone() Past {
	for _, list := range []*[]int{&p.Silent, &p.Interactive, &p.Failed, &p.Anonymous, &p.Roles, &p.Processed, &p.Dead, &p.Deeds, &p.Opened, &p.Marked} {
		*list = slices.Clone(*list)
	}
	return p
}

const pastDays = 6

func drawPast(t *rapid.T) Past {
	some := func(name string, most int) []int {
		return rapid.SliceOfN(rapid.OneOf(rapid.IntRange(0, 6), rapid.IntRange(0, most)), pastDays, pastDays).Draw(t, name)
	}
	return Past{
		Students: rapid.IntRange(70, 90).Draw(t, "students"), Staff: rapid.IntRange(1, 12).Draw(t, "staff"),
		Silent: some("silent", 40), Interactive: some("interactive", 20), Failed: some("failed", 15), Anonymous: some("anonymous", 50), Roles: some("roles", 12),
		Processed: some("processed", 30), Dead: some("dead", 7), Deeds: some("deeds", 15), Opened: some("opened", 60), Marked: some("marked", 30),
	}
}

// like changes as many counts as it can while every rounded count stays.
func (p Past) like(t *rapid.T) (other Past, changed []bool) {
	other = p.clone()
	want := p.shown()
	all := other.numbers()
	changed = make([]bool, len(all))
	for range 150 {
		at := rapid.IntRange(0, len(all)-1).Draw(t, "which")
		was := *all[at]
		*all[at] = max(0, was+rapid.SampledFrom([]int{-3, -2, -1, 1, 2, 3}).Draw(t, "by"))
		if !slices.Equal(other.shown(), want) {
			*all[at] = was
			continue
		}
		changed[at] = *all[at] != *p.numbers()[at]
	}
	return other, changed[:2*pastDays] // those of sign-ins
}

// shown is every count that a page shows, rounded. The lecturer who looks is
// one of the staff, and signed in today by a click.
func (p Past) shown() (all []int) {
	show := func(n int) {
		if n > 0 && n < 5 {
			n = 2
		} else {
			n = (n + 2) / 5 * 5
		}
		all = append(all, n)
	}
	var silent, interactive, failed, anonymous, most, roles, processed, dead, deeds int
	for day := range pastDays {
		clicks, people := p.Interactive[day], p.Silent[day]+p.Interactive[day]
		most = max(most, people)
		if day == 0 {
			clicks, people = clicks+1, people+1
		}
		silent, interactive, failed, anonymous = silent+p.Silent[day], interactive+clicks, failed+p.Failed[day], anonymous+p.Anonymous[day]
		roles, processed, dead, deeds = roles+p.Roles[day], processed+p.Processed[day], dead+p.Dead[day], deeds+p.Deeds[day]
		for _, n := range []int{p.Silent[day], clicks, people, p.Failed[day], p.Anonymous[day], p.Roles[day], p.Processed[day], p.Dead[day], p.Processed[day] + p.Dead[day], p.Deeds[day], p.Deeds[day] + 1} { // an announcement was written on each day but today
			show(n)
		}
	}
	students, staff := min(most, p.Students), max(0, most-p.Students)+1
	known := p.Students + p.Staff + 1
	opened, marked := 0, 0
	for i := range p.Opened {
		opened, marked = opened+p.Opened[i], marked+p.Marked[i]
		for _, n := range []int{p.Opened[i], p.Marked[i], max(p.Opened[i], p.Marked[i])} {
			show(n)
		}
	}
	for _, n := range []int{
		silent, interactive, silent + interactive, failed, failed + silent + interactive, anonymous, most + 1, students, staff, most, p.Students, p.Staff + 1, known,
		roles, processed, dead, processed + dead, deeds, deeds + len(p.Opened), opened, marked, known * len(p.Opened),
	} {
		show(n)
	}
	return all
}

var formTag = regexp.MustCompile(`name="tag" value="[^"]*"`)

// seenByALecturer is all that reports tell somebody who does not manage the
// portal, but for the seals of forms.
func seenByALecturer(t *testing.T, w *World, more ...string) map[string]string {
	t.Helper()
	ibrahim := signedIn(t, w, campusonetest.SubIbrahim)
	seen := map[string]string{}
	for _, path := range append([]string{
		"", "?period=7d", "/audit", "/audit?by=time", "/audit?what=settings&by=time&sort=n", "/sign-ins", "/sign-ins?period=7d&sort=-failed", "/sign-ins?sort=share", "/people", "/people?by=day", "/people?by=level&sort=-share",
		"/reach", "/reach?sort=-share", "/reach?sort=-opened", "/roles", "/roles?by=change", "/webhooks", "/webhooks?by=event", "/webhooks?sort=-processed",
	}, more...) {
		ibrahim.must(t, ibrahim.Visit("/admin/reports"+path), http.StatusOK)
		seen[path] = formTag.ReplaceAllString(ibrahim.Body, "")
	}
	for _, name := range []string{"audit", "sign-ins", "people", "reach", "roles", "webhooks"} { // the audit first: each download stands in it
		ibrahim.Download(t, name, url.Values{"period": {"7d"}}, http.StatusOK)
		seen[name+".csv"] = ibrahim.Body + ibrahim.Answer.Get("Content-Disposition")
	}
	for path, body := range seen {
		if strings.TrimSpace(body) == "" {
			t.Fatalf("%s is empty", path)
		}
	}
	return seen
}

// exactSignIns is what an administrator reads instead.
func exactSignIns(t *testing.T, w *World) string {
	t.Helper()
	grace := signedIn(t, w, campusonetest.SubGrace)
	grace.must(t, grace.Visit("/admin/reports/sign-ins?period=7d"), http.StatusOK)
	return grace.Text()
}
