package journey

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/db"
	"portico/db/dbtest"
)

// kindPages is where items of each kind stand: the list, and the page of one.
var kindPages = []struct {
	kind       db.Kind
	list, page string
}{
	{db.Announcement, "/announcements", "/announcements/"}, {db.EventItem, "/events", "/events/"}, {db.FreePage, "", "/pages/"},
	{db.PersonEntry, "/people", ""}, {db.QuickLink, "/", ""},
}

// detailsOf makes an item of a kind possible.
func detailsOf(w *World, kind db.Kind) db.Details {
	switch kind {
	case db.EventItem:
		return db.Details{Event: &db.Event{Kind: db.EventOther, Starts: db.WallAt(w.Now().Add(48*time.Hour), w.Config.Portico.Timezone)}}
	case db.PersonEntry:
		return db.Details{Entry: &db.Entry{Role: "Lecturer"}}
	case db.FreePage:
		return db.Details{InMenu: true}
	case db.QuickLink:
		return db.Details{Link: "https://nile.example/"}
	}
	return db.Details{}
}

var referenceCode = regexp.MustCompile(`<code>[a-z0-9]+</code>`)

// seenBy is what a page tells, but for what is another each time.
func seenBy(p *Person, path string) string {
	body := strings.ReplaceAll(referenceCode.ReplaceAllString(p.Body, ""), path, "")
	body = regexp.MustCompile(`name="tag" value="[^"]*"`).ReplaceAllString(body, "")
	return fmt.Sprint(p.Status, body)
}

// Two levels of two departments: each student meets their own items in every
// list, on their day's page, in their calendar's file, at its address and in
// the search, and no other's anywhere; a guest and who is not signed in meet
// none. What is not for them is answered just as what is not there, and none of
// it stands in a file for programs.
func TestReadersMeetWhatIsForThemAlone(t *testing.T) {
	t.Parallel()
	type reader struct{ sub, level, department string }
	readers := []reader{
		{campusonetest.SubAmina, "300", campusonetest.DepartmentCS}, {campusonetest.SubChidi, "100", campusonetest.DepartmentCS},
		{campusonetest.SubHalima, "300", campusonetest.DepartmentSE}, {campusonetest.SubTunde, "100", campusonetest.DepartmentSE},
	}
	for _, engine := range engines() {
		t.Run(engine.name, func(t *testing.T) {
			w := Start(t, Options{Database: engine.fresh(t), Provider: func(o *campusonetest.Options, _ *campusonetest.Client) {
				o.People = campusonetest.Seeded()
				for i := range o.People {
					for _, r := range readers {
						if o.People[i].Sub == r.sub {
							_, _ = fmt.Sscan(r.level, &o.People[i].Level)
							o.People[i].DepartmentID = r.department
						}
					}
				}
			}})
			title := func(kind db.Kind, r reader) string {
				return fmt.Sprintf("Gathering %s %s %s", kind, r.level, strings.ReplaceAll(r.department, "_", ""))
			}
			items := map[string]db.Item{}
			for _, k := range kindPages {
				for _, r := range readers {
					items[title(k.kind, r)] = w.Publish(t, k.kind, db.Content{Title: title(k.kind, r), Audience: ForStudents(r.level, r.department), Details: detailsOf(w, k.kind)})
				}
			}
			nobody, guest := asFetchPage(w.Person(true)), signedIn(t, w, campusonetest.SubPeter)
			people, calendars := map[*Person]reader{nobody: {}, guest: {}}, map[*Person]string{guest: guest.makeCalendar(t, "Make my address")}
			for _, r := range readers {
				p := signedIn(t, w, r.sub)
				people[p], calendars[p] = r, p.makeCalendar(t, "Make my address")
			}
			for p, path := range calendars {
				who := people[p]
				want := ""
				if who.sub != "" {
					want = title(db.EventItem, who)
				}
				w.wantCalendar(t, path, http.StatusOK, want)
				visit(t, p, "/dashboard", http.StatusOK)
				for _, kind := range []db.Kind{db.Announcement, db.EventItem, db.QuickLink} {
					for _, r := range readers {
						if shown := p.shows(title(kind, r)); shown != (who == r) {
							t.Errorf("%+v sees %q on the dashboard: %v", who, title(kind, r), shown)
						}
					}
				}
			}
			for _, path := range sharedFiles {
				if _, text := w.request(t, http.MethodGet, path, "", program, ""); strings.Contains(strings.ToLower(text), "gathering") {
					t.Errorf("%s tells of what is not for everybody: %s", path, text)
				}
			}
			for p, who := range people {
				for _, k := range kindPages {
					for _, r := range readers {
						meets(t, p, k.list, "/search?q=gathering", k.page, items[title(k.kind, r)], who == r)
					}
				}
			}
		})
	}
}

// asFetchPage is a visitor whom no silent check leads away.
func asFetchPage(p *Person) *Person {
	p = asFetch(p)
	p.Header.Set("Accept", "text/html")
	return p
}

// meets checks that a person does, or does not, meet an item in its list, in
// the search and at its address.
func meets(t *testing.T, p *Person, list, search, page string, i db.Item, does bool) {
	t.Helper()
	paths := []string{list, search}
	if i.Kind == db.QuickLink {
		paths = paths[:1]
	}
	for _, path := range paths {
		if path == "" {
			continue
		}
		must(t, p.Visit(path))
		if p.Status != http.StatusOK || strings.Contains(p.Text(), i.Title) != does {
			t.Errorf("%s, %d: %q there is %t, want %t", path, p.Status, i.Title, !does, does)
		}
	}
	if page == "" {
		return
	}
	must(t, p.Visit(page+i.Slug))
	if does {
		if p.Status != http.StatusOK || !strings.Contains(p.Text(), i.Title) || !strings.Contains(p.Text(), "For "+levelOf(i)+" level") {
			t.Errorf("%s: %d, %s", page+i.Slug, p.Status, p.Text())
		}
		return
	}
	hidden := seenBy(p, page+i.Slug)
	must(t, p.Visit(page+"nobody-wrote-this"))
	if missing := seenBy(p, page+"nobody-wrote-this"); p.Status != http.StatusNotFound || hidden != missing {
		t.Errorf("%s is told from what is not there:\n%s\n%s", page+i.Slug, hidden, missing)
	}
}

func levelOf(i db.Item) string { return strings.Fields(i.Title)[2] }

// An item lives in the open from its day on: an old address leads to the new
// one, an ended one says so at its address and is in no list, a withdrawn one
// is gone at once, and one that nobody has reviewed warns its readers.
func TestLifeOfAnAnnouncementInPublic(t *testing.T) {
	t.Parallel()
	clock := NewClock()
	w := Start(t, Options{Clock: clock})
	p := asFetchPage(w.Person(true))
	open := func(path string, status int, says string) {
		t.Helper()
		must(t, p.Visit(path))
		if p.Status != status || !strings.Contains(p.Text(), says) {
			t.Errorf("%s: %d, want %d and %q: %s", path, p.Status, status, says, p.Text())
		}
	}
	lists := func(title string, want bool) {
		t.Helper()
		for _, path := range []string{"/", "/announcements"} {
			must(t, p.Visit(path))
			if strings.Contains(p.Text(), title) != want {
				t.Errorf("%q is on %s: %t, want %t", title, path, !want, want)
			}
		}
	}
	until := w.Now().Add(72 * time.Hour)
	i := w.Publish(t, db.Announcement, db.Content{Title: "Fees are due", Body: "Pay at the bursary.", Publish: w.Now().Add(time.Hour), Until: until})
	open("/announcements/fees-are-due", 404, "There is no page here")
	clock.Advance(2 * time.Hour)
	open("/announcements/fees-are-due", 200, "Pay at the bursary.")
	lists("Fees are due", true)

	i = w.Revise(t, i, func(c *db.Content) { c.Slug = "fees-2026" })
	open("/announcements/fees-are-due", 200, "Pay at the bursary.")
	if p.Hops[0].Status != http.StatusMovedPermanently || p.URL.Path != "/announcements/fees-2026" {
		t.Errorf("the old address led by %v", p.Hops)
	}
	clock.Advance(80 * time.Hour)
	open("/announcements/fees-2026", 200, "This notice ended on "+until.In(w.Config.Portico.Timezone).Format("Mon 2 Jan"))
	lists("Fees are due", false)
	open("/search?q=bursary", 200, "Ended on")

	i = w.Revise(t, i, func(c *db.Content) { c.Until = time.Time{}; c.Review = w.Now() })
	lists("Fees are due", true)
	clock.Advance(31 * 24 * time.Hour)
	open("/announcements/fees-2026", 200, "Not reviewed since "+i.Reviewed.In(w.Config.Portico.Timezone).Format("Mon 2 Jan"))
	w.Turn(t, i, db.TurnWithdraw)
	open("/announcements/fees-2026", 404, "There is no page here")
	open("/announcements/fees-are-due", 404, "There is no page here")
	lists("Fees are due", false)
}

// The same page costs a 304 while nothing is published; signed in it does with
// script, which alone can keep Back from showing it after the sign-out.
func TestUnchangedPublicPagesCostNothing(t *testing.T) {
	t.Parallel()
	w := department(t, Options{})
	amina := signedIn(t, w, campusonetest.SubAmina)
	amina.Header.Set("Cookie", "c1_script=1")
	for name, p := range map[string]*Person{"anonymous": asFetchPage(w.Person(true)), "signed in": amina} {
		for _, path := range []string{"/", "/announcements", "/announcements/harmattan-examination-timetable-first-draft", "/events", "/events/project-topics-close", "/people", "/pages/courses", "/search?q=hall"} {
			p.Header.Del("If-None-Match")
			must(t, p.Visit(path))
			tag := p.Answer.Get("ETag")
			if p.Status != http.StatusOK || tag == "" || p.Answer.Get("Cache-Control") != "private, no-cache" {
				t.Errorf("%s, %s: %d, %v", name, path, p.Status, p.Answer)
			}
			p.Header.Set("If-None-Match", tag)
			must(t, p.Visit(path))
			if p.Status != http.StatusNotModified {
				t.Errorf("%s, %s again: %d", name, path, p.Status)
			}
		}
		for _, path := range []string{"/", "/announcements"} {
			p.Header.Del("If-None-Match")
			must(t, p.Visit(path))
			p.Header.Set("If-None-Match", p.Answer.Get("ETag"))
			title := "News for the " + name + " at " + strings.Trim(path, "/")
			w.Publish(t, db.Announcement, db.Content{Title: title, Publish: w.Now()})
			must(t, p.Visit(path))
			if p.Status != http.StatusOK || !strings.Contains(p.Text(), title) {
				t.Errorf("%s: %s does not show what has just been published: %d", name, path, p.Status)
			}
		}
	}
}

// Lists go on over pages, each item once; a page that is not there is 404.
func TestAnnouncementsPageByPage(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	must(t, w.App.DB.SaveCategories(t.Context(), []db.Category{{ID: "exams", Name: "Exams"}, {ID: "empty", Name: "Nothing"}}, Editor, w.Now()))
	for n := range 45 {
		c := db.Content{Title: fmt.Sprintf("Notice %02d", n), Publish: w.Now().Add(time.Duration(n-60) * time.Minute)}
		if n%2 == 0 {
			c.Category = "exams"
		}
		w.Publish(t, db.Announcement, c)
	}
	p := asFetchPage(w.Person(true))
	for first, want := range map[string]int{"/announcements": 45, "/announcements?category=exams": 23, "/search?q=notice": 45} {
		seen, links := map[string]bool{}, regexp.MustCompile(`href="/announcements/(notice-\d+)"`)
		must(t, p.Visit(first))
		for n := 0; ; n++ {
			for _, m := range links.FindAllStringSubmatch(p.Body, -1) {
				if seen[m[1]] {
					t.Errorf("%s: %s twice", p.URL, m[1])
				}
				seen[m[1]] = true
			}
			if !strings.Contains(p.Body, `rel="next"`) || n > 5 {
				break
			}
			next := "Older"
			if strings.HasPrefix(first, "/search") {
				next = "More"
			}
			must(t, p.Click(next))
		}
		if len(seen) != want {
			t.Errorf("%s leads to %d announcements, want %d", first, len(seen), want)
		}
	}
	for path, status := range map[string]int{
		"/announcements?page=4": 404, "/announcements?page=0": 404, "/announcements?page=x": 404, "/announcements?category=gone": 404, "/search?q=notice&page=9": 404,
		"/announcements?category=empty": 200, "/search?q=%ff%fe": 200, "/search?q=" + strings.Repeat("a+", 300): 200, "/events?month=2026-13": 404, "/events?month=1999-01": 404,
	} {
		if must(t, p.Visit(path)); p.Status != status {
			t.Errorf("%s: %d, want %d", path, p.Status, status)
		}
	}
}

// A public page that was open before is shown without any connection to the
// database, to anybody. The portal believes its memory only while it hears the
// database, so the whole is tried again when that took too long.
func TestWarmPublicPagesReadNothing(t *testing.T) {
	t.Parallel()
	w := department(t, Options{})
	people := map[string]*Person{"anonymous": asFetchPage(w.Person(true)), "signed in": signedIn(t, w, campusonetest.SubAmina)}
	pages := []string{"/", "/announcements", "/announcements/harmattan-examination-timetable-first-draft", "/announcements/gone", "/events", "/events/project-topics-close", "/people", "/pages/courses", "/search?q=hall"}
	round := func() string {
		for name, p := range people {
			for _, path := range pages {
				must(t, p.Visit(path))
				if wanted := map[bool]int{true: 404, false: 200}[strings.HasSuffix(path, "gone")]; p.Status != wanted || name == "signed in" && !strings.Contains(p.Text(), "Amina") {
					return fmt.Sprintf("%s as %s: %d", path, name, p.Status)
				}
			}
		}
		return ""
	}
	for try := 1; ; try++ {
		if wrong := round(); wrong != "" {
			t.Fatalf("with the database: %s", wrong)
		}
		time.Sleep(time.Second) // until the database is heard, with what was done last
		free := dbtest.Occupy(t, w.App.DB)
		began := time.Now()
		wrong := round()
		took := time.Since(began)
		free()
		if wrong == "" && took < 2*time.Second { // nothing waited for a connection
			return
		}
		if try == 5 {
			t.Fatalf("without the database, in %s: %s", took, wrong)
		}
	}
}
