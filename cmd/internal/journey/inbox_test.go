package journey

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"

	"portico/auth/campusone/campusonetest"
	"portico/db"
)

const deadRole = "00000000-dead-4bad-8bad-000000000001"

// seedInbox fills the inbox with n ordinary deliveries and one that failed for
// good: it would make Amina a member of staff.
func (w *World) seedInbox(t testing.TB, n int) {
	t.Helper()
	now := time.Now().Truncate(time.Second)
	kinds := []struct{ event, state, data string }{
		{"user.updated", db.StateProcessed, `"name":"Amina Baobab"`}, {"session.signed_out", db.StateProcessed, `"reason":"user"`},
		{"user.role_changed", db.StateSuperseded, `"old_role":"staff","new_role":"student"`}, {"session.signed_in", db.StateIgnored, `"method":"password"`},
		{"user.created", db.StateProcessed, `"name":"Chidi Okafor"`}, {"user.updated", db.StatePending, `"level":"300"`},
	}
	people := []string{campusonetest.SubAmina, campusonetest.SubIbrahim, campusonetest.SubSani, "usr_not_met_yet"}
	for i := range n {
		k, at := kinds[i%len(kinds)], now.Add(-time.Duration(i)*37*time.Minute)
		v := db.Delivery{Key: fmt.Sprintf("%08d-5eed-4bad-8bad-000000000000", i), Event: k.event, State: k.state, User: people[i%len(people)], Occurred: at.Add(-time.Second), Received: at, Attempts: 1}
		v.Body = fmt.Appendf(nil, `{"id":%q,"event":%q,"occurredAt":%q,"data":{"user_id":%q,%s}}`, v.Key, v.Event, v.Occurred.UTC().Format(time.RFC3339), v.User, k.data)
		if v.State == db.StatePending {
			v.Attempts, v.NextTry, v.Error = 3, now.Add(time.Hour), "applying user.updated: reading a person: database is locked"
		}
		w.store(t, v)
	}
	at := now.Add(-90 * time.Minute)
	w.store(t, db.Delivery{
		Key: deadRole, Event: "user.role_changed", State: db.StateDead, User: campusonetest.SubAmina, Occurred: at.Add(-5 * time.Minute), Received: at, Attempts: 10, NextTry: at.Add(time.Hour),
		Error: "applying user.role_changed: writing to the database: disk I/O error", Notes: "the headers differ from the signed body",
		Body: fmt.Appendf(nil, `{"id":%q,"event":"user.role_changed","occurredAt":%q,"data":{"user_id":%q,"old_role":"student","new_role":"staff"}}`, deadRole, at.Add(-5*time.Minute).UTC().Format(time.RFC3339), campusonetest.SubAmina),
	})
}

func (w *World) store(t testing.TB, v db.Delivery) {
	t.Helper()
	if _, err := w.App.DB.StoreDelivery(context.Background(), v); err != nil {
		t.Fatal(err)
	}
}

func (w *World) delivery(t testing.TB, key string) db.InboxRow {
	t.Helper()
	r, err := w.App.DB.InboxDelivery(context.Background(), key)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// becomes waits until a delivery has this result.
func (w *World) becomes(t testing.TB, key, state string) {
	t.Helper()
	end := time.Now().Add(30 * time.Second)
	for w.delivery(t, key).State != state {
		if time.Now().After(end) {
			t.Fatalf("%s stays %s, want %s", key, w.delivery(t, key).State, state)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (p *Person) must(t testing.TB, err error, status int) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if p.Status != status {
		t.Fatalf("status %d at %s, want %d: %s", p.Status, p.URL, status, p.Text())
	}
}

func (p *Person) sees(t testing.TB, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(p.Text(), w) {
			t.Errorf("%q is not on %s: %s", w, p.URL, p.Text())
		}
	}
}

// tag is what the forms of the page are drawn with.
func (p *Person) tag(t testing.TB) string {
	t.Helper()
	n := cascadia.Query(p.doc, cascadia.MustCompile("input[name=tag]"))
	if n == nil {
		t.Fatalf("no form on %s", p.URL)
	}
	return attr(n, "value")
}

// onEngines runs a journey on a database of each engine.
func onEngines(t *testing.T, walk func(t *testing.T, w *World)) {
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) { walk(t, Start(t, Options{Database: e.fresh(t)})) })
	}
}

// onEnginesAtNoon is the same on a day that does not end meanwhile.
func onEnginesAtNoon(t *testing.T, walk func(t *testing.T, w *World, clock *Clock)) {
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			clock := noon(t)
			walk(t, Start(t, Options{Database: e.fresh(t), Clock: clock}), clock)
		})
	}
}

func TestInboxRetryAppliesADeadLetter(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		amina := fmt.Sprintf(`{"id":"first","event":"user.created","occurredAt":%q,"data":{"user_id":%q,"name":"Amina Baobab","role":"student"}}`,
			time.Now().Add(-3*time.Hour).UTC().Format(time.RFC3339), campusonetest.SubAmina)
		w.deliver(t, amina, w.sign(amina))
		w.becomes(t, "first", db.StateProcessed)
		w.seedInbox(t, 6)
		grace := signedIn(t, w, campusonetest.SubGrace)
		grace.must(t, grace.Click("Webhooks"), http.StatusOK)
		grace.must(t, grace.Click("Failed"), http.StatusOK)
		if got := grace.URL.RequestURI(); got != "/admin/webhooks?result=dead" {
			t.Errorf("the failed ones are at %s", got)
		}
		grace.must(t, grace.Click("Role changed"), http.StatusOK)
		grace.sees(t, "Failed", "Amina Baobab", "10 times", "5 minutes later", "The database did not answer", `"new_role": "staff"`, "Its headers name another event")
		grace.must(t, grace.Click("Try again now"), http.StatusOK)
		grace.sees(t, "It is tried again now.", "Tried again by "+nameOf(t, campusonetest.SubGrace))
		w.becomes(t, deadRole, db.StateProcessed)
		u, err := w.App.DB.UserBySub(t.Context(), w.Provider.URL(), campusonetest.SubAmina)
		if err != nil || u.Role() != "staff" {
			t.Errorf("Amina's role is %q, %v", u.Role(), err)
		}
		grace.must(t, grace.Visit("/admin/webhooks/"+deadRole), http.StatusOK)
		grace.sees(t, "Applied", "There is nothing left to do.")
		w.wantAudit(t, deadRole, db.ActionRetry, campusonetest.SubGrace, "About "+campusonetest.SubAmina+": dead after 10 tries, then pending after 0.")
	})
}

// wantAudit looks for one entry about an object.
func (w *World) wantAudit(t testing.TB, object, action, sub, detail string) {
	t.Helper()
	ctx := context.Background()
	u, err := w.App.DB.UserBySub(ctx, w.Provider.URL(), sub)
	if err != nil {
		t.Fatal(err)
	}
	all, err := w.App.DB.AuditBetween(ctx, time.Now().Add(-time.Hour), time.Now().Add(time.Hour), 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if e.Object == object && e.Action == action && e.Actor == u.ID && e.Detail == detail {
			return
		}
	}
	t.Errorf("the audit has no %s of %s by %s with %q: %v", action, object, u.ID, detail, all)
}

func TestInboxDropNeedsAReason(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		w.seedInbox(t, 0)
		grace := signedIn(t, w, campusonetest.SubGrace)
		page := "/admin/webhooks/" + deadRole
		grace.must(t, grace.Visit(page), http.StatusOK)
		tag, long := grace.tag(t), strings.Repeat("na ", 200)
		for reason, says := range map[string]string{"": "Write why you drop it.", " \n ": "Write why you drop it.", long: "The reason has 599 letters. Write at most 500."} {
			grace.must(t, grace.Post(page+"/drop", url.Values{"tag": {tag}, "reason": {reason}}), http.StatusUnprocessableEntity)
			summary := cascadia.Query(grace.doc, cascadia.MustCompile(`.problems[tabindex="-1"][autofocus] a[href="#reason"]`))
			field := cascadia.Query(grace.doc, cascadia.MustCompile(`textarea#reason[aria-invalid="true"][aria-describedby^="reason-wrong"]`))
			if summary == nil || field == nil || textOf(summary) != says || textOf(field) != strings.TrimSpace(reason) {
				t.Errorf("%.9q: no summary that leads to the field, or the text is lost: %s", reason, grace.Body)
			}
		}
		if got := w.delivery(t, deadRole); got.State != db.StateDead {
			t.Fatalf("without a reason it is %s", got.State)
		}
		grace.must(t, grace.Post(page+"/drop", url.Values{"tag": {tag}, "reason": {" Sent by\n mistake. "}}), http.StatusOK)
		grace.sees(t, "Dropped. Your reason is in the audit.", "Dropped by "+nameOf(t, campusonetest.SubGrace), "Sent by mistake.")
		w.wantAudit(t, deadRole, db.ActionDrop, campusonetest.SubGrace, "About "+campusonetest.SubAmina+": dead after 10 tries, then dropped after 10. Reason: Sent by mistake.")
		grace.must(t, grace.Post(page+"/drop", url.Values{"tag": {tag}, "reason": {"again"}}), http.StatusOK)
		grace.sees(t, "Nothing was done: it stands as “Dropped” by now.")
		grace.must(t, grace.Click("Try again now"), http.StatusOK) // a drop can be taken back
		w.becomes(t, deadRole, db.StateProcessed)
	})
}

func TestInboxFormsAreOfOnePersonAndThisSite(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	w.seedInbox(t, 0)
	other := signedIn(t, w, campusonetest.SubIbrahim)
	grace := signedIn(t, w, campusonetest.SubGrace)
	grace.must(t, grace.Visit("/admin/webhooks/"+deadRole), http.StatusOK)
	tag := grace.tag(t)
	for _, deed := range []string{"/retry", "/drop"} {
		path := "/admin/webhooks/" + deadRole + deed
		for _, foreign := range []string{"", "x", other.tag(t)} {
			grace.must(t, grace.Post(path, url.Values{"tag": {foreign}, "reason": {"why"}}), http.StatusConflict)
		}
		other.must(t, other.Post(path, url.Values{"tag": {other.tag(t)}, "reason": {"why"}}), http.StatusForbidden)
		if err := other.Visit("/dashboard"); err != nil {
			t.Fatal(err)
		}
		grace.Header.Set("Sec-Fetch-Site", "cross-site")
		grace.must(t, grace.Post(path, url.Values{"tag": {tag}, "reason": {"why"}}), http.StatusForbidden)
		grace.Header.Del("Sec-Fetch-Site")
	}
	if got := w.delivery(t, deadRole); got.State != db.StateDead {
		t.Errorf("a foreign form made it %s", got.State)
	}
	grace.must(t, grace.Post("/admin/webhooks/nowhere/retry", url.Values{"tag": {tag}}), http.StatusNotFound)
}

func TestInboxIsPagedAndFiltered(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		amina := signedIn(t, w, campusonetest.SubAmina)
		w.seedInbox(t, 45)
		grace := signedIn(t, w, campusonetest.SubGrace)
		grace.must(t, grace.Visit("/admin/webhooks"), http.StatusOK)
		var seen []string
		for _, step := range []struct {
			click string
			rows  int
		}{{"", 20}, {"Older", 20}, {"Older", 6}, {"Newer", 20}, {"Newer", 20}} {
			if step.click != "" {
				grace.must(t, grace.Click(step.click), http.StatusOK)
			}
			rows := grace.rowLinks()
			if len(rows) != step.rows {
				t.Fatalf("%d rows after %q, want %d", len(rows), step.click, step.rows)
			}
			seen = append(seen, rows...)
		}
		unlike := map[string]bool{}
		for _, r := range seen[:46] {
			unlike[r] = true
		}
		if len(unlike) != 46 || strings.Join(seen[66:], " ") != strings.Join(seen[:20], " ") || strings.Join(seen[46:66], " ") != strings.Join(seen[20:40], " ") {
			t.Errorf("the pages miss or repeat rows: %q", seen)
		}
		today := time.Now().In(w.Config.Portico.Timezone)
		for query, want := range map[string]int{
			"q=" + deadRole: 1, "q=" + campusonetest.SubAmina + "&event=user.role_changed": 1 + rowsLike(45, 2), "result=pending": 7,
			"q=nobody": 0, "from=" + today.AddDate(0, 0, 1).Format(time.DateOnly): 0, "to=" + today.AddDate(0, 0, -9).Format(time.DateOnly): 0,
			"result=moon&event=moon.rose": 0, "after=rubbish": 20, "after=9223372036854775807-x": 20, "after=1-x": 20, "from=" + today.AddDate(0, 0, -1).Format(time.DateOnly) + "&to=" + today.Format(time.DateOnly): 20,
		} {
			grace.must(t, grace.Visit("/admin/webhooks?"+query), http.StatusOK)
			if got := len(grace.rowLinks()); got != want {
				t.Errorf("%s: %d rows, want %d", query, got, want)
			}
			if want == 0 {
				grace.sees(t, "Nothing matches")
			}
		}
		grace.must(t, grace.Visit("/admin/webhooks?from=tomorrow&q=x"), http.StatusOK)
		grace.sees(t, `"tomorrow" is not a day`)
		amina.must(t, amina.Visit("/admin/webhooks"), http.StatusForbidden)
		amina.must(t, amina.Visit("/admin/webhooks/"+deadRole), http.StatusForbidden)
	})
}

// rowsLike counts the seeded rows of one kind that are about Amina.
func rowsLike(n, kind int) (rows int) {
	for i := range n {
		if i%6 == kind && i%4 == 0 {
			rows++
		}
	}
	return rows
}

func (p *Person) rowLinks() (all []string) {
	for _, n := range cascadia.QueryAll(p.doc, cascadia.MustCompile("tbody th a")) {
		all = append(all, attr(n, "href"))
	}
	return all
}

// What carries a good signature is kept, however odd its id; so its page must open.
func TestInboxOpensWhateverCame(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	grace := signedIn(t, w, campusonetest.SubGrace)
	grace.must(t, grace.Visit("/admin/webhooks"), http.StatusOK)
	grace.sees(t, "Nothing has come yet")
	for _, id := range []string{"a/../b//c d?e=#f%2e", "..", "~", "ünï·<script>", strings.Repeat("x", 200)} {
		body := fmt.Sprintf(`{"id":%q,"event":"moon.rose","data":{}}`, id)
		if status, text := w.deliver(t, body, w.sign(body)); status != http.StatusOK {
			t.Fatal(status, text)
		}
		grace.must(t, grace.Visit("/admin/webhooks?q="+url.QueryEscape(id)), http.StatusOK)
		grace.must(t, grace.Click("moon.rose"), http.StatusOK)
		grace.sees(t, "Nothing to do", id)
	}
	w.deliver(t, "hello \xff", w.sign("hello \xff"))
	grace.must(t, grace.Visit("/admin/webhooks?result=unreadable"), http.StatusOK)
	grace.must(t, grace.Click("Without a name"), http.StatusOK)
	grace.sees(t, "Unreadable", "hello \uFFFD")
}
