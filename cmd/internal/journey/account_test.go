package journey

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/auth"
	"portico/auth/campusone/campusonetest"
	"portico/db"
)

// noticeFor publishes an announcement that Amina is shown for her level.
func (w *World) noticeFor(t testing.TB) db.Item {
	t.Helper()
	who := auth.Audience{To: auth.Groups, Groups: []auth.Group{{auth.AboutLevel: {"300"}, auth.AboutRole: {"global:student"}}}}
	i, err := w.App.DB.CreateItem(t.Context(), db.Announcement, db.Content{Slug: "hall-change", Title: "Hall change", Body: "LT2", Audience: who.Text(), Publish: time.Now().Add(-time.Hour)}, "u1", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestAccountIsAGlassBox(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		w.noticeFor(t)
		p := signedIn(t, w, campusonetest.SubAmina)
		p.must(t, p.Click("Amina Baobab"), http.StatusOK)
		if p.URL.Path != "/account" {
			t.Fatalf("the header's name leads to %s", p.URL)
		}
		p.sees(t, "Student ID 256240001", "Address verified Yes", "Final year No", "Department Computer Science", "Faculty Faculty of Computing", "From the profile, at a sign-in, ", // facts
			"Chrome on Android This device", "127.0.0.x", "in use now", "By the sign-in button", // devices and sign-ins
			"This is what the portal goes by: 300 level, undergraduate, student, Computer Science and Faculty of Computing", "300 level", "1 item is shown to you for this reason", "You have no other permission.", // why
			"Sign-ins For 180 days.", "Audit What was done about you, and by whom: for 2 years.", "What you have read For 1 year.") // until when
		for _, id := range []string{campusonetest.FacultyComputing, campusonetest.DepartmentCS} {
			if p.reads(id) {
				t.Errorf("an id of Campus One's is shown: %s", id)
			}
		}
		if p.reads("Sign out everywhere else") {
			t.Error("there is nowhere else to sign out")
		}
		grace := signedIn(t, w, campusonetest.SubGrace)
		grace.must(t, grace.Visit("/account"), http.StatusOK)
		grace.sees(t, "Manage the portal By role at Campus One, confirmed lately", "Publish Comes with managing the portal")
	})
}

// What is kept is told as it was configured.
func TestAccountTellsWhatIsConfigured(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{Env: []string{"PORTICO_RETAIN_SIGNINS=1d", "PORTICO_RETAIN_AUDIT=3y", "PORTICO_RETAIN_READS=45d", "PORTICO_RETAIN_DELIVERIES=31d"}})
	p := signedIn(t, w, campusonetest.SubAmina)
	p.must(t, p.Visit("/account"), http.StatusOK)
	p.sees(t, "Sign-ins For 1 day.", "What you have read For 45 days.", "as it came: for 31 days.", "by whom: for 3 years.")
	p.must(t, p.Visit("/account/forget"), http.StatusOK)
	p.sees(t, "for 31 days", "for 3 years")
}

// A device signed out from another one is out at its next click, and nobody
// signs it in again unasked though Campus One would.
func TestAccountEndsADeviceElsewhere(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		here, there, third := signedIn(t, w, campusonetest.SubAmina), signedIn(t, w, campusonetest.SubAmina), signedIn(t, w, campusonetest.SubAmina)
		chidi := signedIn(t, w, campusonetest.SubChidi)
		wantOut := func(p *Person) {
			t.Helper()
			p.must(t, p.Visit("/"), http.StatusOK)
			if len(p.Hops) != 1 || p.reads("Amina") || p.Cookie("session") != "" {
				t.Errorf("by %v the browser reads %s", p.Hops, p.Text())
			}
			p.must(t, p.Visit("/dashboard"), http.StatusUnauthorized)
			p.sees(t, "Sign in to go on")
		}
		here.must(t, here.Visit("/account"), http.StatusOK)
		path := w.sessionPath(t, there)
		chidi.must(t, chidi.Visit("/account"), http.StatusOK)
		chidi.must(t, chidi.Post(path, url.Values{"tag": {chidi.tag(t)}}), http.StatusNotFound) // not one of his
		there.must(t, there.Visit("/dashboard"), http.StatusOK)
		here.must(t, here.Post(path, url.Values{"tag": {"x"}}), http.StatusConflict)
		here.must(t, here.Visit("/account"), http.StatusOK)
		here.must(t, here.Post(path, url.Values{"tag": {here.tag(t)}}), http.StatusOK)
		here.sees(t, "Signed out there.")
		wantOut(there)
		third.must(t, third.Visit("/dashboard"), http.StatusOK)
		here.must(t, here.Click("Sign out everywhere else"), http.StatusOK)
		here.sees(t, "Signed out everywhere else.", "Amina Baobab")
		wantOut(third)
		id := w.user(t, campusonetest.SubAmina).ID
		w.wantAudit(t, id, "session.end", campusonetest.SubAmina, "")
		w.wantAudit(t, id, "sessions.end", campusonetest.SubAmina, "")
	})
}

// sessionPath is where the session of somebody's browser is ended.
func (w *World) sessionPath(t *testing.T, p *Person) string {
	t.Helper()
	p.must(t, p.Visit("/account/download"), http.StatusOK)
	p.must(t, p.Visit("/account"), http.StatusOK)
	sub := campusonetest.SubAmina
	mine := map[string]bool{}
	for _, n := range p.all("form[action^='/account/devices/']") {
		mine[attr(n, "action")] = true
	}
	sessions, err := w.App.DB.SessionsOf(t.Context(), w.user(t, sub).ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sessions {
		path := "/account/devices/" + s.ID + "/end"
		if !mine[path] { // one's own has no such form
			return path
		}
	}
	t.Fatal("every session can be ended from here")
	return ""
}

func TestAccountSignInsArePaged(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		p := signedIn(t, w, campusonetest.SubAmina)
		for i := range 24 {
			w.signInBefore(t, campusonetest.SubAmina, time.Duration(i+1)*time.Hour)
		}
		p.must(t, p.Visit("/account"), http.StatusOK)
		var seen []string
		for _, rows := range []int{10, 10, 5} {
			page := p.all("section:has(#sign-ins) li time")
			if len(page) != rows {
				t.Fatalf("%d sign-ins at %s, want %d", len(page), p.URL, rows)
			}
			for _, n := range page {
				seen = append(seen, attr(n, "datetime"))
			}
			if rows == 10 {
				p.must(t, p.Click("Earlier"), http.StatusOK)
			}
		}
		if !slices.IsSortedFunc(seen, func(a, b string) int { return strings.Compare(b, a) }) || len(slices.Compact(slices.Clone(seen))) != 25 {
			t.Errorf("the pages repeat or miss some: %q", seen)
		}
		p.must(t, p.Click("Latest"), http.StatusOK)
		p.must(t, p.Visit("/account?before=rubbish"), http.StatusOK)
	})
}

// signInBefore notes a sign-in of a while ago.
func (w *World) signInBefore(t testing.TB, sub string, ago time.Duration) {
	t.Helper()
	at := time.Now().Add(-ago)
	in := db.SignIn{Provider: w.Provider.URL(), Sub: sub, Session: db.NewSession{
		TokenHash: sub + at.String(), StateHash: sub + at.String(), Began: at, Created: at, Expires: at.Add(time.Minute), Idle: time.Minute, Silent: true,
	}}
	if _, _, err := w.App.DB.SignIn(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

func TestAccountDownload(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		item := w.noticeFor(t)
		p := signedIn(t, w, campusonetest.SubAmina)
		u := w.user(t, campusonetest.SubAmina)
		if err := w.App.DB.SaveReads(t.Context(), []db.Read{{UserID: u.ID, ItemID: item.ID, Opened: time.Now()}}); err != nil {
			t.Fatal(err)
		}
		w.store(t, db.Delivery{Key: "d1", Event: "user.updated", State: db.StateIgnored, User: u.Sub, Occurred: time.Now(), Received: time.Now(), Body: []byte(`{"id":"d1"}`)})
		w.store(t, db.Delivery{Key: "d2", Event: "user.updated", State: db.StateUnreadable, User: u.Sub, Occurred: time.Now(), Received: time.Now(), Body: []byte("\xff")})
		w.store(t, db.Delivery{Key: "d3", Event: "user.updated", State: db.StateIgnored, User: campusonetest.SubChidi, Occurred: time.Now(), Received: time.Now(), Body: []byte(`{}`)})
		if err := w.App.DB.EndOthers(t.Context(), u.ID, w.live(t, u.ID).TokenHash, db.Ending{By: "the office", Reason: "Chidi said so", At: time.Now()}); err != nil {
			t.Fatal(err)
		}
		p.must(t, p.Visit("/account"), http.StatusOK)
		p.must(t, p.Click("Download my data"), http.StatusOK)
		today := time.Now().In(w.Config.Portico.Timezone).Format(time.DateOnly)
		if got := p.Answer.Get("Content-Disposition"); got != `attachment; filename="account_`+today+`.json"` || p.Answer.Get("Content-Type") != "application/json" || p.Answer.Get("Cache-Control") != "no-store" {
			t.Errorf("the file comes with %v", p.Answer)
		}
		var got map[string]any
		if err := json.Unmarshal([]byte(p.Body), &got); err != nil {
			t.Fatal(err)
		}
		count := map[string]int{}
		for name, value := range got {
			if list, ok := value.([]any); ok {
				count[name] = len(list)
			}
		}
		for name, want := range map[string]int{"devices": 1, "sign_ins": 1, "reads": 1, "news_from_campus_one": 2, "audit": 1, "roles": 1, "calendar_addresses": 0, "looked_after": 0, "permissions_by_name": 0} {
			if n, there := count[name]; !there || n != want {
				t.Errorf("%d %s, want %d", n, name, want)
			}
		}
		for _, word := range []string{"Amina Baobab", "256240001", `"id": "d1"`, item.ID, `"actor": "the office"`, `"action": "sessions.end"`} {
			if !strings.Contains(p.Body, word) {
				t.Errorf("the file lacks %s", word)
			}
		}
		for _, word := range []string{"Chidi", "d3", p.Cookie("session"), w.live(t, u.ID).TokenHash} {
			if strings.Contains(p.Body, word) {
				t.Errorf("the file has %s", word)
			}
		}
		visitor := asFetch(w.Person(true))
		visitor.must(t, visitor.Visit("/account/download"), http.StatusUnauthorized)
	})
}

// live is the one living session of a person.
func (w *World) live(t *testing.T, userID string) db.Session {
	t.Helper()
	all, _, err := w.App.DB.LiveSessions(t.Context(), db.SessionQuery{UserID: userID, Limit: 2})
	if err != nil || len(all) != 1 {
		t.Fatalf("%d living sessions, %v", len(all), err)
	}
	return all[0].Session
}

func TestForgetMe(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		item := w.noticeFor(t)
		p, other := signedIn(t, w, campusonetest.SubAmina), signedIn(t, w, campusonetest.SubAmina)
		chidi := signedIn(t, w, campusonetest.SubChidi)
		u := w.user(t, campusonetest.SubAmina)
		if err := w.App.DB.SaveReads(t.Context(), []db.Read{{UserID: u.ID, ItemID: item.ID, Marked: time.Now()}}); err != nil {
			t.Fatal(err)
		}
		if err := w.App.DB.NewCalendarAddress(t.Context(), u.ID, "hash", time.Now()); err != nil {
			t.Fatal(err)
		}
		p.must(t, p.Visit("/account"), http.StatusOK)
		p.must(t, p.Click("Forget me"), http.StatusOK)
		p.sees(t, "This cannot be undone.", "would send them again at your next sign-in")
		h, err := w.App.DB.Holdings(t.Context(), u.ID)
		if err != nil || len(h.Reads) != 1 {
			t.Fatalf("asking erased something: %v, %v", h.Reads, err)
		}
		chidi.must(t, chidi.Post("/account/forget", url.Values{"tag": {p.tag(t)}}), http.StatusConflict)
		p.must(t, p.Click("Forget me"), http.StatusOK)
		p.sees(t, "You are signed out", "Your reads, sign-ins, devices, calendar address and drafts are erased")
		for _, browser := range []*Person{p, other} {
			browser.must(t, browser.Visit("/"), http.StatusOK)
			if browser.reads("Amina") || browser.Cookie("session") != "" || len(browser.Hops) != 1 {
				t.Errorf("by %v: %s", browser.Hops, browser.Text())
			}
		}
		h, err = w.App.DB.Holdings(t.Context(), u.ID)
		if err != nil || len(h.Reads)+len(h.SignIns)+len(h.Calendar) != 0 {
			t.Errorf("kept: %v %v %v, %v", h.Reads, h.SignIns, h.Calendar, err)
		}
		for _, s := range h.Sessions {
			if s.Device+s.Network != "" || s.Ended.IsZero() {
				t.Errorf("a device is left: %+v", s)
			}
		}
		w.wantAudit(t, u.ID, "forget", campusonetest.SubAmina, "")
		chidi.must(t, chidi.Visit("/dashboard"), http.StatusOK)
		time.Sleep(time.Second) // an identity of the second in which the sessions were ended makes none
		p.must(t, p.Visit("/account"), http.StatusUnauthorized)
		p.must(t, p.Click("Sign in with Campus One"), http.StatusOK)
		p.sees(t, "Amina Baobab", "Student ID 256240001")
	})
}

// The switch counts for the session that is open, and for the browser.
func TestAccountSharedComputer(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		p := signedIn(t, w, campusonetest.SubAmina)
		id := w.user(t, campusonetest.SubAmina).ID
		p.must(t, p.Visit("/account"), http.StatusOK)
		if s := w.live(t, id); s.Shared || s.Idle != 12*time.Hour {
			t.Fatalf("before: %+v", s)
		}
		p.must(t, p.Click("This is a shared computer"), http.StatusOK)
		p.sees(t, "You are signed out here after 20 minutes without use.", "Amina Baobab", "Shared computer")
		if s := w.live(t, id); !s.Shared || s.Idle != 20*time.Minute || time.Until(s.Expires) > 4*time.Hour {
			t.Errorf("the session lives on as before: %+v", s)
		}
		if p.Cookie("c1_shared") != "1" {
			t.Error("the browser does not remember it")
		}
		p.must(t, p.Click("This is my own computer"), http.StatusOK)
		p.sees(t, "That counts from your next sign-in on.")
		if s := w.live(t, id); !s.Shared || p.Cookie("c1_shared") != "" {
			t.Errorf("%+v, cookie %q", s, p.Cookie("c1_shared"))
		}
	})
}
