package journey

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/db"
)

// personPage is where a person is managed.
func (w *World) personPage(t testing.TB, sub string) string {
	return "/admin/people/" + w.user(t, sub).ID
}

func TestManagePeopleAreFound(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		amina, grace := signedIn(t, w, campusonetest.SubAmina), signedIn(t, w, campusonetest.SubGrace)
		for i := range 24 {
			at := time.Now()
			name := string(rune('a'+i)) + "bel Iroko"
			in := db.SignIn{Provider: w.Provider.URL(), Sub: "s" + name, Facts: []db.Fact{{Field: db.FieldName, Value: name, AsOf: at}}, Session: db.NewSession{TokenHash: name, StateHash: name, Began: at, Created: at, Expires: at.Add(time.Hour), Idle: time.Hour}}
			if _, _, err := w.App.DB.SignIn(t.Context(), in); err != nil {
				t.Fatal(err)
			}
		}
		grace.must(t, grace.Click("Accounts"), http.StatusOK)
		grace.sees(t, "All 26", "Blocked 0", "Given a permission 0")
		seen := grace.rowLinks()
		grace.must(t, grace.Click("Next"), http.StatusOK)
		seen = append(seen, grace.rowLinks()...)
		unlike := map[string]bool{}
		for _, href := range seen {
			unlike[href] = true
		}
		if len(seen) != 26 || len(unlike) != 26 {
			t.Errorf("the pages hold %d people, %d unlike", len(seen), len(unlike))
		}
		for query, want := range map[string]int{"q=AMINA": 1, "q=256240001": 1, "q=grace.doum@nile.example": 1, "q=nobody": 0, "q=iroko": 20, "blocked=yes": 0, "after=nobody": 20} {
			grace.must(t, grace.Visit("/admin/people?"+query), http.StatusOK)
			if got := len(grace.rowLinks()); got != want {
				t.Errorf("%s: %d people, want %d", query, got, want)
			}
		}
		grace.must(t, grace.Visit("/admin/people?blocked=yes"), http.StatusOK)
		grace.sees(t, "Nobody is blocked")
		if form := grace.formOf(t, "/admin/people"); form.Get("blocked") != "yes" {
			t.Errorf("a search among the blocked is one among %q", form)
		}
		grace.must(t, grace.Click("Given a permission 0"), http.StatusOK)
		grace.sees(t, "Nobody was given a permission by name")
		must(t, w.App.DB.Grant(t.Context(), "publish", "dean@nile.example", "command line, user root", time.Now()))
		must(t, w.App.DB.GrantPerson(t.Context(), w.user(t, campusonetest.SubAmina).ID, "reports", w.user(t, campusonetest.SubGrace).ID, time.Now()))
		grace.must(t, grace.Visit("/admin/people?granted=yes"), http.StatusOK)
		grace.sees(t, "Given a permission 1", "Amina Baobab", "dean@nile.example", "Publish, given on", " by command line, user root", "portico revoke")
		if form := grace.formOf(t, "/admin/people"); len(grace.rowLinks()) != 1 || form.Get("granted") != "yes" {
			t.Errorf("%d people hold a permission by name; a search among them is one among %q", len(grace.rowLinks()), form)
		}
		grace.must(t, grace.Visit("/admin/people?granted=yes&q=iroko"), http.StatusOK)
		grace.sees(t, "Nobody matches")
		for _, path := range []string{"/admin/people", w.personPage(t, campusonetest.SubGrace), "/admin/audit"} {
			amina.must(t, amina.Visit(path), http.StatusForbidden)
		}
		grace.must(t, grace.Visit("/admin/people/nobody"), http.StatusNotFound)
	})
}

func TestManagePersonShowsAll(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		signedIn(t, w, campusonetest.SubAmina)
		grace := signedIn(t, w, campusonetest.SubGrace)
		w.Provider.SetRole(campusonetest.SubAmina, "auditor")
		w.settle(t)
		grace.must(t, grace.Visit("/admin/people?q=amina"), http.StatusOK)
		grace.must(t, grace.Click("Amina Baobab"), http.StatusOK)
		grace.sees(t, "Student ID 256240001", "From the profile, at a sign-in", "From Campus One’s news", "Main role Auditor", "Auditor From Campus One’s news since", "Student When first met since",
			"Chrome on Android", "By the sign-in button", "They have no other permission.", campusonetest.SubAmina)
	})
}

// What is done counts at the person's next click.
func TestManagePersonDeeds(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		amina, grace := signedIn(t, w, campusonetest.SubAmina), signedIn(t, w, campusonetest.SubGrace)
		page, id := w.personPage(t, campusonetest.SubAmina), w.user(t, campusonetest.SubAmina).ID
		post := func(deed string, status int, form url.Values, sees string) {
			t.Helper()
			grace.must(t, grace.Visit(page), http.StatusOK)
			form.Set("tag", grace.tag(t))
			grace.must(t, grace.Post(page+deed, form), status)
			grace.sees(t, sees)
		}
		wants := func(path string, status int) {
			t.Helper()
			amina.must(t, amina.Visit(path), status)
		}
		wants("/admin/reports", http.StatusForbidden)
		post("/grant", http.StatusOK, url.Values{"permission": {"reports"}}, "Given. It acts at their next click.")
		grace.sees(t, "See reports Given to 256240001@nile.example")
		wants("/admin/reports", http.StatusOK)
		grace.must(t, grace.Click("Take back"), http.StatusOK)
		wants("/admin/reports", http.StatusForbidden)
		post("/grant", http.StatusBadRequest, url.Values{"permission": {"moon"}}, "Something was missing")
		post("/revoke", http.StatusOK, url.Values{"permission": {"reports"}, "email": {"256240001@nile.example"}}, "they do not hold it any more")

		post("/grant", http.StatusOK, url.Values{"permission": {"manage"}}, "Manage the portal Given to 256240001@nile.example by Grace Doum")
		post("/revoke", http.StatusUnprocessableEntity, url.Values{"permission": {"manage"}, "email": {"256240001@nile.example"}}, "Amina Baobab is the last person who may manage the portal by name.")
		post("/block", http.StatusUnprocessableEntity, url.Values{"reason": {"spam"}}, "Amina Baobab is the last person who may manage the portal by name.")
		wants("/admin/people", http.StatusOK)
		if err := w.App.DB.GrantPerson(t.Context(), w.user(t, campusonetest.SubGrace).ID, "manage", "test", time.Now()); err != nil {
			t.Fatal(err)
		}
		grace.must(t, grace.Visit(page), http.StatusOK)
		grace.must(t, grace.Click("Take back"), http.StatusOK)
		wants("/admin/people", http.StatusForbidden)

		grace.must(t, grace.Click("Sign out Chrome"), http.StatusOK)
		wants("/dashboard", http.StatusUnauthorized)
		amina.must(t, amina.Click("Sign in with Campus One"), http.StatusOK)
		post("/sessions/end", http.StatusOK, url.Values{}, "Signed out everywhere.")
		wants("/dashboard", http.StatusUnauthorized)
		time.Sleep(time.Second) // an identity of the second in which the sessions were ended makes none
		amina.must(t, amina.Click("Sign in with Campus One"), http.StatusOK)

		post("/block", http.StatusUnprocessableEntity, url.Values{"reason": {" "}}, "Write why you block them.")
		wants("/dashboard", http.StatusOK)
		post("/block", http.StatusOK, url.Values{"reason": {"Spam in  the forum"}}, "Blocked by Grace Doum since")
		grace.sees(t, "Blocked", "Spam in the forum")
		wants("/dashboard", http.StatusForbidden)
		post("/unblock", http.StatusUnprocessableEntity, url.Values{}, "Write why they are let in again.")
		post("/unblock", http.StatusOK, url.Values{"reason": {"a mistake"}}, "They may sign in again.")
		w.wantAudit(t, id, "session.end", campusonetest.SubGrace, "")
		w.wantAudit(t, id, "sessions.end", campusonetest.SubGrace, "")
		w.wantAudit(t, campusonetest.SubAmina, "block", campusonetest.SubGrace, "Spam in the forum")
		w.wantAudit(t, "manage", "revoke", campusonetest.SubGrace, "256240001@nile.example")

		grace.must(t, grace.Visit(page), http.StatusOK)
		grace.sees(t, "In the audit", "Unblocked a mistake Amina Baobab Before: Kept out → After: May sign in Grace Doum", "Permission taken back", "Signed out on one device")
		own := w.personPage(t, campusonetest.SubGrace)
		grace.must(t, grace.Post(own+"/block", url.Values{"tag": {grace.tag(t)}, "reason": {"x"}}), http.StatusUnprocessableEntity)
		grace.sees(t, "You cannot block yourself.")
		for _, deed := range []string{"/block", "/unblock", "/grant", "/revoke", "/sessions/end", "/sessions/x/end"} {
			grace.must(t, grace.Post(page+deed, url.Values{"tag": {"x"}, "reason": {"x"}, "permission": {"manage"}}), http.StatusConflict)
		}
		grace.must(t, grace.Visit(page), http.StatusOK)
		grace.must(t, grace.Post(page+"/sessions/nothing/end", url.Values{"tag": {grace.tag(t)}}), http.StatusNotFound)
	})
}

// A permission is kept under an address that Campus One has confirmed.
func TestManageGrantsNeedAnAddress(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	at := time.Now()
	in := db.SignIn{Provider: w.Provider.URL(), Sub: "s1", Facts: []db.Fact{{Field: db.FieldName, Value: "Bisi Ebony", AsOf: at}}, Session: db.NewSession{TokenHash: "s1", StateHash: "s1", Began: at, Created: at, Expires: at.Add(time.Hour), Idle: time.Hour}}
	if _, _, err := w.App.DB.SignIn(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	grace := signedIn(t, w, campusonetest.SubGrace)
	grace.must(t, grace.Visit(w.personPage(t, "s1")), http.StatusOK)
	grace.must(t, grace.Post(w.personPage(t, "s1")+"/grant", url.Values{"tag": {grace.tag(t)}, "permission": {"publish"}}), http.StatusUnprocessableEntity)
	grace.sees(t, "Campus One has not confirmed an e-mail address of theirs")
}

func TestManageErasedPerson(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	signedIn(t, w, campusonetest.SubAmina)
	grace := signedIn(t, w, campusonetest.SubGrace)
	page := w.personPage(t, campusonetest.SubAmina)
	w.Provider.Delete(campusonetest.SubAmina)
	w.settle(t)
	grace.must(t, grace.Visit(page), http.StatusOK)
	grace.sees(t, "Campus One deleted this account", "Erased")
	if grace.reads("256240001") || len(grace.all("main form")) != 0 {
		t.Errorf("the page of an erased person still says %s", grace.Text())
	}
	tag := grace.tag(t)
	grace.must(t, grace.Post(page+"/block", url.Values{"tag": {tag}, "reason": {"x"}}), http.StatusNotFound)
}

func TestAuditLogIsPagedAndFiltered(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		signedIn(t, w, campusonetest.SubAmina)
		grace := signedIn(t, w, campusonetest.SubGrace)
		u := w.user(t, campusonetest.SubAmina)
		if err := w.App.DB.Block(t.Context(), u.Provider, u.Sub, w.user(t, campusonetest.SubGrace).ID, "spam", time.Now()); err != nil {
			t.Fatal(err)
		}
		for range 24 {
			if err := w.App.DB.Audit(t.Context(), db.AuditEntry{At: time.Now(), Actor: "command line, user root", Action: "page.publish", Object: "i1", Detail: "version 2"}); err != nil {
				t.Fatal(err)
			}
		}
		grace.must(t, grace.Click("Audit"), http.StatusOK)
		grace.sees(t, "Page: publish", "Before: version 1 → After: version 2", "command line, user root")
		rows := func(want int) {
			t.Helper()
			if got := len(grace.all("tbody tr")); got != want {
				t.Errorf("%s: %d entries, want %d", grace.URL, got, want)
			}
		}
		rows(20)
		grace.must(t, grace.Click("Older"), http.StatusOK)
		rows(5)
		grace.sees(t, "Blocked spam Amina Baobab Before: May sign in → After: Kept out Grace Doum")
		today := time.Now().In(w.Config.Portico.Timezone)
		for query, want := range map[string]int{
			"q=amina": 1, "action=block": 1, "q=grace&action=block": 1, "q=peter": 0, "action=page.publish": 20, "to=" + today.AddDate(0, 0, -1).Format(time.DateOnly): 0,
			"from=" + today.Format(time.DateOnly) + "&q=amina": 1, "after=rubbish": 20, "after=9223372036854775807-5": 20, "after=1-1": 20,
		} {
			grace.must(t, grace.Visit("/admin/audit?"+query), http.StatusOK)
			rows(want)
		}
		grace.must(t, grace.Visit("/admin/audit?action=page.publish"), http.StatusOK)
		grace.must(t, grace.Click("Older"), http.StatusOK)
		rows(4)
		grace.must(t, grace.Visit("/admin/audit?from=tomorrow"), http.StatusOK)
		grace.sees(t, `Done from: "tomorrow" is not a day.`)
		if strings.Contains(grace.Body, "<tbody") {
			t.Error("a wrong filter lists something")
		}
		grace.must(t, grace.Visit("/admin/audit?from=2026-11-20&to=2026-11-10"), http.StatusOK)
		grace.sees(t, "Done until: 2026-11-10 is before the first day, 2026-11-20.")
	})
}
