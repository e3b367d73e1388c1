package journey

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/auth/reading"
	"portico/db"
)

// toldIn is where the download tells what a table holds of a person. What is
// left out says why.
var toldIn = map[string]string{
	"users": "facts", "role_changes": "roles", "user_sessions": "devices", "sign_ins": "sign_ins", "reads": "reads", "calendar_addresses": "calendar_addresses",
	"grants": "permissions_by_name", "tokens": "secrets_kept", "deliveries": "news_from_campus_one", "audit": "audit",
	"items": "looked_after", "item_versions": "written_by_you", "settings": "settings_saved_by_you", "drafts": "drafts", "imports": "added_from_files",

	"sessions":        "- what a browser's session needs, sealed: the list of devices tells of it",
	"changes":         "- a mark for other processes to forget what they know, gone within a day",
	"cache":           "- sealed proof for signing out of Campus One too, gone within minutes",
	"rollup_numbers":  "- the number that stands for them in counts of reports",
	"notice_consents": "- one value and no list: notices_in_campus_one tells it",
	"notice_people":   "- notified tells of it, and the tests of notices fill it",
	"notices":         "- who started one: done_by_you tells of it",
	"attachments":     "- who added a file: done_by_you tells of it",
	"blocks":          "- who is blocked cannot sign in to download anything; the audit keeps it",
}

// nameColumns are names of columns that hold a person.
var nameColumns = regexp.MustCompile(`^(user_id|by_user|sub|owner|actor|email|student_id|[a-z]+_by)$`)

// What a person can download is all that any table holds of them: of a person
// of whom everything is kept that can be, every table that names them is told
// of, and no table that could name people is forgotten here.
func TestDownloadHoldsAllThatIsKept(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		p := w.livelyPerson(t)
		u := w.user(t, campusonetest.SubGrace)
		visit(t, p, "/account/download", http.StatusOK)
		var got map[string]any
		if err := json.Unmarshal([]byte(p.Body), &got); err != nil {
			t.Fatal(err)
		}
		naming := map[string]bool{}
		for _, where := range w.says(t, u.ID, u.Sub, u.Email()) {
			table, _, _ := strings.Cut(where, ".")
			naming[table] = true
		}
		for table := range naming {
			key, known := toldIn[table]
			list, _ := got[key].([]any)
			if !known || !strings.HasPrefix(key, "- ") && len(list) == 0 {
				t.Errorf("the table %s names the person, and the download has %d %q", table, len(list), key)
			}
		}
		for table, key := range toldIn {
			if !strings.HasPrefix(key, "- ") && !naming[table] {
				t.Errorf("the table %s does not name the person: this test shows nothing of it", table)
			}
		}
		if !strings.Contains(p.Body, "CSC 301,soon") {
			t.Error("the download does not hold the lines left over from a timetable")
		}
		for _, key := range []string{"done_by_you", "permissions_given_by_you"} {
			if list, _ := got[key].([]any); len(list) == 0 {
				t.Errorf("the download has no %q", key)
			}
		}
		for _, table := range w.tables(t) {
			named := slices.IndexFunc(w.columnsOf(t, table), nameColumns.MatchString) >= 0
			if _, known := toldIn[table]; named && !known {
				t.Errorf("the table %s holds people: say in toldIn where the download tells of it", table)
			}
		}
	})
}

// livelyPerson is somebody of whom everything is kept that can be.
func (w *World) livelyPerson(t *testing.T) *Person {
	t.Helper()
	ctx := t.Context()
	signedIn(t, w, campusonetest.SubGrace)
	u := w.user(t, campusonetest.SubGrace)
	must(t, w.App.DB.Grant(ctx, "publish", u.Email(), "the office", time.Now()))
	p := signedIn(t, w, campusonetest.SubGrace)
	w.Provider.SetRole(campusonetest.SubGrace, "staff")
	w.settle(t)
	w.Provider.SetRole(campusonetest.SubGrace, "admin")
	w.settle(t)
	must(t, w.App.DB.Grant(ctx, "reports", "somebody@nile.example", u.ID, time.Now()))
	item := w.Publish(t, db.Announcement, db.Content{Title: "Hall change", Owner: u.ID})
	_, err := w.App.DB.UpdateItem(ctx, item.ID, item.Version, item.Content, u.ID, time.Now())
	must(t, err)
	_, err = w.App.DB.KeepDraft(ctx, db.Draft{UserID: u.ID, Kind: db.Announcement, Title: "Half written", Saved: time.Now()})
	must(t, err)
	_, err = w.App.DB.ImportEvents(ctx, db.Import{ID: "semester", At: time.Now(), By: u.ID, Rest: "text=CSC+301%2Csoon"}, nil)
	must(t, err)
	must(t, w.App.DB.SaveSettings(ctx, reading.Settings{Motto: "All that grows."}.Rows(), settingWords, u.ID, time.Now()))
	p.makeCalendar(t, "Make my address")
	visit(t, p, "/announcements/hall-change", http.StatusOK)
	until(t, "read", func() bool {
		all, err := w.App.DB.ReadsOf(ctx, u.ID)
		return err == nil && len(all) == 1
	})
	return p
}
