package journey

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"

	"portico/auth"
	"portico/auth/campusone/campusonetest"
	"portico/auth/reading"
	"portico/db"
)

// lagosAt is a wall time some days and hours from a world's now, as an event
// holds it.
func (w *World) wall(days int, clock string) db.Wall {
	day := w.Now().In(w.Config.Portico.Timezone).AddDate(0, 0, days)
	return db.Wall(day.Format("2006-01-02") + "T" + clock)
}

// noon is a clock at noon of a working day, so that nothing a test plans for
// today falls on tomorrow.
func noon(t *testing.T) *Clock {
	t.Helper()
	c := NewClock()
	zone, err := time.LoadLocation("Africa/Lagos")
	if err != nil {
		t.Fatal(err)
	}
	now := c.Now().In(zone)
	c.Advance(time.Date(now.Year(), now.Month(), now.Day()+1, 12, 0, 0, 0, zone).Sub(now))
	return c
}

func (w *World) class(t testing.TB, title string, e db.Event, audience string) db.Item {
	t.Helper()
	if e.Kind == "" {
		e.Kind = db.EventClass
	}
	return w.Publish(t, db.EventItem, db.Content{Title: title, Audience: audience, Details: db.Details{Event: &e}})
}

// lines are the texts of all elements that a selector fits.
func (p *Person) lines(selector string) (all []string) {
	for _, n := range cascadia.QueryAll(p.doc, cascadia.MustCompile(selector)) {
		all = append(all, textOf(n))
	}
	return all
}

// Everybody sees on their dashboard what is for them, why, and nothing else.
func TestDashboardFitsThePerson(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	staff := auth.Audience{To: auth.Groups, Groups: []auth.Group{{auth.AboutRole: {auth.RolePair{Name: "staff"}.String()}}}}.Text()
	audiences := map[string]string{
		"everybody": "", "signed in": ForSignedIn(), "300 CS": ForStudents("300", campusonetest.DepartmentCS), "100 CS": ForStudents("100", campusonetest.DepartmentCS),
		"200 civil": ForStudents("200", campusonetest.DepartmentCivil), "200 economics": ForStudents("200", campusonetest.DepartmentEconomics), "staff": staff,
	}
	for name, audience := range audiences {
		w.Publish(t, db.Announcement, db.Content{Title: "Notice " + name, Body: "Text.\n", Audience: audience})
		w.class(t, "Class "+name, db.Event{Place: "Hall B", Starts: w.wall(1, "08:00"), Ends: w.wall(1, "10:00")}, audience)
		w.Publish(t, db.QuickLink, db.Content{Title: "Link " + name, Audience: audience, Details: db.Details{Link: "https://library.example/" + url.PathEscape(name)}})
	}
	settleLibrary(t, w)
	for sub, want := range map[string][]string{
		campusonetest.SubAmina:   {"everybody", "signed in", "300 CS"},
		campusonetest.SubChidi:   {"everybody", "signed in", "100 CS"},
		campusonetest.SubTunde:   {"everybody", "signed in", "200 civil"},
		campusonetest.SubEmeka:   {"everybody", "signed in", "200 economics"},
		campusonetest.SubIbrahim: {"everybody", "signed in", "staff"},
		campusonetest.SubPeter:   {"everybody", "signed in"},
		campusonetest.SubSani:    {"everybody", "signed in"},
	} {
		p := signedIn(t, w, sub)
		for name := range audiences {
			for _, what := range []string{"Notice ", "Class ", "Link "} {
				if shown := p.shows(what + name); shown != slices.Contains(want, name) {
					t.Errorf("%s sees %q: %v", nameOf(t, sub), what+name, shown)
				}
			}
		}
	}
	amina := signedIn(t, w, campusonetest.SubAmina)
	for _, why := range []string{"For everybody", "For everybody who signs in", "For 300 level, Computer Science"} {
		if n := strings.Count(strings.Join(amina.lines("#foryou"), "")+amina.Text(), why); n == 0 {
			t.Errorf("Amina is not told why: %q is missing: %s", why, amina.Text())
		}
	}
	for sub, note := range map[string]string{campusonetest.SubPeter: "Campus One told us no role but “External”", campusonetest.SubSani: "Campus One told us no role"} {
		p := signedIn(t, w, sub)
		if !p.reads(note) || !p.reads("Check again") {
			t.Errorf("%s is not told %q: %s", nameOf(t, sub), note, p.Text())
		}
	}
	if amina.reads("Check again") || amina.reads("For staff") || amina.reads("Needs attention") {
		t.Errorf("a student sees what is not theirs: %s", amina.Text())
	}
}

// shows looks for an element of the page's content with just this text.
func (p *Person) shows(text string) bool {
	return slices.ContainsFunc(p.lines("main a, main .strong, main span.t"), func(line string) bool { return strings.TrimPrefix(line, "Unread: ") == text })
}

func settleLibrary(t *testing.T, w *World) {
	t.Helper()
	if _, err := w.App.Library.For(t.Context(), reading.Nobody()); err != nil {
		t.Fatal(err)
	}
}

// What is read here is read everywhere; unread comes first.
func TestMarkAsRead(t *testing.T) {
	t.Parallel()
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			w := Start(t, Options{Database: e.fresh(t)})
			for _, title := range []string{"First notice", "Second notice", "Third notice", "Fourth notice"} {
				w.Publish(t, db.Announcement, db.Content{Title: title, Body: "Text.\n"})
			}
			phone, desk := signedIn(t, w, campusonetest.SubAmina), signedIn(t, w, campusonetest.SubAmina)
			other := signedIn(t, w, campusonetest.SubChidi)
			if !phone.reads("4 unread") {
				t.Fatalf("not all are unread: %s", phone.Text())
			}
			first := strings.TrimPrefix(phone.lines("li .t")[0], "Unread: ")
			if err := phone.Click("Mark as read: " + first); err != nil || !phone.reads("Marked as read.") || !phone.reads("3 unread") {
				t.Fatalf("after marking %q: %v, %s", first, err, phone.Text())
			}
			visit(t, desk, "/dashboard", http.StatusOK)
			titles := desk.lines("li .t")
			if !desk.reads("3 unread") || titles[3] != first || !strings.HasPrefix(titles[0], "Unread: ") {
				t.Errorf("the other device shows %q", titles)
			}
			if err := desk.Click("Mark all as read"); err != nil || !desk.reads("All announcements are marked as read.") || desk.reads("unread") {
				t.Errorf("after marking all: %v, %s", err, desk.Text())
			}
			visit(t, phone, "/dashboard", http.StatusOK)
			visit(t, other, "/dashboard", http.StatusOK)
			if phone.reads("unread") || !other.reads("4 unread") {
				t.Errorf("the first device: %s\nanother person: %s", phone.Text(), other.Text())
			}
			form := url.Values{"tag": {tagOf(t, phone)}, "id": {"no-such-item"}}
			if err := phone.Post("/dashboard/read", form); err != nil || !phone.reads("Nothing was left to mark.") {
				t.Errorf("an item that is not there: %v, %s", err, phone.Text())
			}
		})
	}
}

// What is not for a person cannot be marked by them, whatever their form says.
func TestMarkOnlyWhatIsYours(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	secret := w.Publish(t, db.Announcement, db.Content{Title: "For civil engineers", Body: "Text.\n", Audience: ForStudents("200", campusonetest.DepartmentCivil)})
	p := signedIn(t, w, campusonetest.SubAmina)
	if err := p.Post("/dashboard/read", url.Values{"tag": {tagOf(t, p)}, "id": {secret.ID}}); err != nil || !p.reads("Nothing was left to mark.") {
		t.Errorf("%v, %s", err, p.Text())
	}
	reads, err := w.App.DB.ReadsOf(t.Context(), w.user(t, campusonetest.SubAmina).ID)
	if err != nil || len(reads) != 0 {
		t.Errorf("stored: %+v, %v", reads, err)
	}
}

// A moved class tops the list with its old time struck through for 48 hours.
func TestTodayTellsWhatChanged(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{Clock: noon(t)})
	class := w.class(t, "CSC 301", db.Event{Place: "Hall B", Starts: w.wall(0, "14:00"), Ends: w.wall(0, "16:00")}, "")
	w.class(t, "CSC 305", db.Event{Place: "Hall A", Starts: w.wall(0, "11:00"), Ends: w.wall(0, "13:00")}, "")
	lab := w.class(t, "Lab report", db.Event{Kind: db.EventDeadline, Starts: w.wall(0, "17:00")}, "")
	p := signedIn(t, w, campusonetest.SubAmina)
	first := p.lines(".slots li")
	if len(first) != 3 || !strings.HasPrefix(first[0], "11:00 CSC 305") || !strings.Contains(first[0], "Now Hall A · until 13:00") || !strings.HasPrefix(first[1], "14:00 CSC 301 Hall B · until 16:00") || !strings.HasPrefix(first[2], "17:00 Lab report Deadline") {
		t.Fatalf("the day is %q", first)
	}
	w.Revise(t, class, func(c *db.Content) {
		e := *c.Event
		e.Starts, e.Ends, e.Place = w.wall(1, "09:00"), w.wall(1, "11:00"), "ICT annexe 3"
		c.Event = &e
	})
	w.Revise(t, lab, func(c *db.Content) {
		e := *c.Event
		e.Cancelled = w.Now()
		c.Event = &e
	})
	visit(t, p, "/dashboard", http.StatusOK)
	struck := p.lines(".slots s")
	all := p.lines(".slots li")
	if len(all) != 3 || !strings.Contains(all[0], "Lab report Cancelled") || !strings.Contains(all[1], "CSC 301 Moved") || !strings.HasPrefix(all[2], "11:00 CSC 305") {
		t.Errorf("after the changes the day is %q", all)
	}
	for _, old := range []string{"17:00", "Hall B", "Before: Today, 14:00 to 16:00"} {
		if !slices.Contains(struck, old) {
			t.Errorf("%q is not struck through: %q", old, struck)
		}
	}
	if !p.reads("ICT annexe 3 · until 11:00") {
		t.Errorf("the new place and time are not told: %q", all)
	}
}

// A manager is told what needs attention, with the next step; nobody else is.
func TestNeedsAttention(t *testing.T) {
	t.Parallel()
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			clock := noon(t)
			w := Start(t, Options{Database: e.fresh(t), Clock: clock})
			clock.Ready()
			grace := signedIn(t, w, campusonetest.SubGrace)
			if grace.reads("Needs attention") || !grace.reads("First steps") || !grace.reads("Publish the first announcement") {
				t.Errorf("a new portal: %s", grace.Text())
			}
			for _, path := range grace.lines("#firstrun ~ ol a") {
				if err := grace.Click(path); err != nil || grace.Status != http.StatusOK {
					t.Errorf("the first step %q leads to %d (%v)", path, grace.Status, err)
				}
				visit(t, grace, "/dashboard", http.StatusOK)
			}
			w.seedInbox(t, 0)
			late := w.Publish(t, db.Announcement, db.Content{Title: "Old notice", Body: "Text.\n", Review: w.Now().AddDate(0, 0, -31)})
			w.class(t, "CSC 301", db.Event{Starts: w.wall(1, "09:00")}, "")
			w.App.Counts.Add("silent", "invalid_scope")
			w.App.Counts.Flush(t.Context())
			if _, err := w.App.DB.Writer().Exec(`UPDATE deliveries SET received = $1`, w.Now().Add(5*time.Minute).AddDate(0, 0, -7).UnixMicro()); err != nil {
				t.Fatal(err)
			}
			if _, err := w.App.DB.Writer().Exec(`UPDATE schema_version SET applied = $1`, w.Now().AddDate(0, 0, -30).UnixMicro()); err != nil {
				t.Fatal(err)
			}
			clock.Advance(20 * time.Second)
			visit(t, grace, "/dashboard", http.StatusOK)
			if never := grace.reads("There was never a backup."); never != (e.name == "sqlite") { // PostgreSQL looks after its own
				t.Errorf("of no backup at all: %s", grace.Text())
			}
			must(t, w.App.DB.NoteBackup(t.Context(), db.BackupNote{At: w.Now().Add(5*time.Minute).AddDate(0, 0, -2), File: "/backups/portico.db"}))
			clock.Advance(20 * time.Second)
			visit(t, grace, "/dashboard", http.StatusOK)
			if grace.reads("No webhook has come") || grace.reads("The last backup") {
				t.Errorf("a week and two days are not over: %s", grace.Text())
			}
			clock.Advance(5 * time.Minute)
			clock.Advance(20 * time.Second)
			visit(t, grace, "/dashboard", http.StatusOK)
			for _, told := range []string{"Needs attention", "could not be applied", "No webhook has come for 7 days.", w.URL + "/webhooks/campus-one", "refused a scope", "An item has not been reviewed for over 30 days."} {
				if !grace.reads(told) {
					t.Errorf("%q is not told: %s", told, grace.Text())
				}
			}
			if old := grace.reads("The last backup is 2 days old."); old != (e.name == "sqlite") { // PostgreSQL looks after its own
				t.Errorf("of the backup: %s", grace.Text())
			}
			if grace.reads("First steps") {
				t.Error("the first steps are still shown")
			}
			if err := grace.Click("Webhooks that failed"); err != nil || grace.Status != http.StatusOK || !grace.reads("Failed") {
				t.Errorf("the link leads to %d (%v): %s", grace.Status, err, grace.Text())
			}
			w.Turn(t, late, db.TurnReviewed)
			clock.Advance(20 * time.Second)
			visit(t, grace, "/dashboard", http.StatusOK)
			if grace.reads("not been reviewed") {
				t.Error("what was reviewed still needs attention")
			}
			if p := signedIn(t, w, campusonetest.SubIbrahim); p.reads("Needs attention") {
				t.Error("staff without the permission see it")
			}
			if grace.reads("Whoever is signed in stays so") {
				t.Error("Campus One is told to be away while it is there")
			}
			w.Provider.TakeDown(time.Hour)
			for tries := 0; !w.App.Provider.Away() && tries < 300; tries++ {
				clock.Advance(time.Second)
			}
			visit(t, grace, "/dashboard", http.StatusOK)
			if !grace.reads("Campus One is not answering. Whoever is signed in stays so") {
				t.Errorf("Campus One is away: %s", grace.Text())
			}
		})
	}
}
