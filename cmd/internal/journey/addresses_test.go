package journey

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/db"
)

// A changed address leads on for good whoever may read the item, however often
// it was changed, and tells nobody else where to.
func TestAChangedAddressLeadsOn(t *testing.T) {
	w := Start(t, Options{})
	editor, student, outside, nobody := signedIn(t, w, funke), signedIn(t, w, amina), signedIn(t, w, campusonetest.SubPeter), asFetchPage(w.Person(true))
	for _, c := range []struct {
		kind db.Kind
		dir  string
	}{{db.Announcement, "announcements"}, {db.EventItem, "events"}, {db.FreePage, "pages"}} {
		for _, open := range []bool{true, false} {
			name := fmt.Sprintf("%s-%t", c.kind, open)
			content := db.Content{Title: "Old " + name, Audience: ForStudents("300", campusonetest.DepartmentCS)}
			if open {
				content.Audience = ForEverybody()
			}
			if c.kind == db.EventItem {
				content.Event = exam()
			}
			i := w.Publish(t, c.kind, content)
			for _, next := range []string{"middle-" + name, "new-" + name} {
				editor.must(t, editor.Visit("/admin/publish/"+c.dir+"/"+i.ID), http.StatusOK)
				editor.write(t, "publish", http.StatusOK, map[string]string{"address": next})
			}
			to := "/" + c.dir + "/new-" + name
			for _, old := range []string{"/" + c.dir + "/" + i.Slug, "/" + c.dir + "/middle-" + name} {
				student.leadsOn(t, old, to)
				if open {
					nobody.leadsOn(t, old, to)
					continue
				}
				nobody.learnsNothing(t, old, "/"+c.dir+"/never-there", "new-")
				outside.learnsNothing(t, old, "/"+c.dir+"/never-there", "new-")
			}
			if c.kind == db.EventItem {
				w.eventFilesLeadOn(t, open, name, map[string]*Person{"student": student, "outside": outside, "nobody": nobody})
			}
			w.Turn(t, i, db.TurnWithdraw)
			student.learnsNothing(t, "/"+c.dir+"/middle-"+name, "/"+c.dir+"/never-there", "new-")
		}
	}
}

// leadsOn opens an old address.
func (p *Person) leadsOn(t *testing.T, old, to string) {
	t.Helper()
	must(t, p.Visit(old))
	if len(p.Hops) != 2 || p.Hops[0].Status != http.StatusMovedPermanently || p.Status != http.StatusOK || p.URL.Path != to {
		t.Errorf("%s led by %v to %s, want a lasting redirect to %s", old, p.Hops, p.URL, to)
	}
}

// learnsNothing opens an old address of what is not for this person: it is as
// one that never was.
func (p *Person) learnsNothing(t *testing.T, old, never, secret string) {
	t.Helper()
	must(t, p.Visit(old))
	hidden, hops, answer := seenBy(p, old), len(p.Hops), fmt.Sprint(p.URL, p.Answer, p.Body)
	must(t, p.Visit(never))
	if missing := seenBy(p, never); hops != len(p.Hops) || p.Status != http.StatusNotFound || hidden != missing {
		t.Errorf("%s is told from what never was:\n%s\n%s", old, hidden, missing)
	}
	if strings.Contains(answer, secret) {
		t.Errorf("%s tells the new address: %s", old, answer)
	}
}

// eventFilesLeadOn looks at the calendar files of an event and its preview.
func (w *World) eventFilesLeadOn(t *testing.T, open bool, name string, people map[string]*Person) {
	t.Helper()
	for who, p := range people {
		for dir, may := range map[string]bool{"/events/": open, "/dashboard/events/": who == "student" || who == "outside" && open} {
			if old := dir + "middle-" + name + ".ics"; may {
				p.leadsOn(t, old, dir+"new-"+name+".ics")
			} else if must(t, p.Visit(old)); p.Status < 400 || strings.Contains(fmt.Sprint(p.URL, p.Answer, p.Body), "new-") {
				t.Errorf("%s gets %s with %d at %s", who, old, p.Status, p.URL)
			}
		}
	}
	nobody := people["nobody"]
	if must(t, nobody.Visit("/preview/events/middle-"+name+"/x.png")); (nobody.Status == http.StatusOK) != open {
		t.Errorf("the preview under the old address of %s: %d", name, nobody.Status)
	}
}

// An announcement is valid for 30 days when nobody says otherwise: the last of
// them included, and not a minute longer.
func TestAnAnnouncementIsValidFor30Days(t *testing.T) {
	clock := NewClock()
	w := Start(t, Options{Clock: clock})
	clock.Advance(100 * 24 * time.Hour)
	zone := w.Config.Portico.Timezone
	last := w.Now().In(zone).AddDate(0, 0, 30)
	editor, reader := signedIn(t, w, funke), asFetchPage(w.Person(true))
	editor.must(t, editor.Visit(newAnnouncement), http.StatusOK)
	editor.holds(t, "until", last.Format(time.DateOnly))
	editor.write(t, "publish", http.StatusOK, map[string]string{"title": "Lab 3 is closed", "to": "everybody"})
	clock.Advance(time.Date(last.Year(), last.Month(), last.Day(), 23, 59, 0, 0, zone).Sub(w.Now()))
	reader.must(t, reader.Visit("/announcements"), http.StatusOK)
	reader.sees(t, "Lab 3 is closed", "until "+last.Format("Mon 2 Jan"))
	clock.Advance(time.Minute)
	reader.must(t, reader.Visit("/announcements"), http.StatusOK)
	if reader.reads("Lab 3 is closed") {
		t.Errorf("after 30 days it is still listed: %s", reader.Text())
	}
	reader.must(t, reader.Visit("/announcements/lab-3-is-closed"), http.StatusOK)
	reader.sees(t, "This notice ended on "+last.Format("Mon 2 Jan"))
	for _, kind := range []string{"events", "people", "pages", "links"} {
		editor := signedIn(t, w, funke)
		editor.must(t, editor.Visit("/admin/publish/"+kind+"/new"), http.StatusOK)
		editor.holds(t, "until", "")
	}
}
