package journey

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
)

// rotated is what people have in hand when the session secret changes.
type rotated struct {
	*desk
	writer, manager, traveller *Person
	held, drawn                url.Values // a held form, and a form in hand
	back                       string     // where Campus One sends the traveller
}

// inHand starts a portal and stops everybody half way: a text is held, a form
// is open, a word about what was done waits for the next page, somebody is at
// Campus One, and a refresh token of staff is stored.
func inHand(t *testing.T) *rotated {
	t.Helper()
	r := &rotated{desk: newDesk(t, Options{})}
	r.seedInbox(t, 0)
	var form url.Values
	r.writer, form = r.opened(t, amina, "/notes", "written before")
	r.expire(t, amina)
	post(t, r.writer, "/notes", form, http.StatusUnauthorized)
	r.held = held(t, r.writer, "written before")
	visit(t, r.writer, "/auth/login?next=/dashboard", http.StatusOK)

	r.manager = signedIn(t, r.World, campusonetest.SubGrace)
	r.drawn = url.Values{"tag": {tagOf(t, r.manager)}, "reason": {"The change was made by hand."}}
	drop := at(t, r.URL+"/admin/webhooks/"+deadRole+"/drop")
	if next, err := r.manager.step(http.MethodPost, drop, r.drawn); err != nil || next == nil || r.manager.Cookie("c1_flash") == "" {
		t.Fatalf("no word waits: %d, %v", r.manager.Status, err)
	}
	signedIn(t, r.World, ibrahim)
	r.settle(t)
	if !r.keepsToken(t, ibrahim) {
		t.Fatal("no refresh token is stored")
	}
	r.traveller = r.Person(true)
	r.traveller.Meet(r.Provider.SessionCookie(chidi))
	r.back = r.traveller.leave(t, "/dashboard?week=2")
	return r
}

// confirms reports whether a member of staff is confirmed by the stored token.
func (r *rotated) confirms(t *testing.T, p *Person) bool {
	t.Helper()
	r.age(t, ibrahim)
	before := r.refreshes()
	visit(t, p, "/admin/reports", http.StatusOK)
	r.quiet(t)
	return r.refreshes() > before
}

func newSecret() string { return "SESSION_SECRET=" + rand.Text() + rand.Text() }

// The secret moves to SESSION_SECRET_PREVIOUS and the portal starts anew:
// nobody loses anything.
func TestSecretMoves(t *testing.T) {
	t.Parallel()
	r := inHand(t)
	staff := signedIn(t, r.World, ibrahim)
	r.restart(t, newSecret(), "SESSION_SECRET_PREVIOUS="+r.Config.SessionSecret.Reveal())
	visit(t, r.writer, "/dashboard", http.StatusOK)
	if len(r.writer.Hops) != 1 {
		t.Errorf("the session: %v", r.writer.Hops)
	}
	post(t, r.writer, "/notes", r.held, http.StatusSeeOther)
	r.wantTaken(t, "written before", 1)
	visit(t, r.manager, "/admin/webhooks", http.StatusOK)
	if !strings.Contains(r.manager.Text(), "Your reason is in the audit") {
		t.Errorf("the word about what was done is lost: %s", r.manager.Text())
	}
	post(t, r.manager, "/auth/shared", url.Values{"tag": r.drawn["tag"], "shared": {"off"}}, http.StatusSeeOther)
	if err := r.traveller.Visit(r.back); err != nil || len(r.traveller.Hops) != 2 || r.traveller.URL.RequestURI() != "/dashboard?week=2" || r.traveller.Status != http.StatusOK {
		t.Errorf("the traveller: %d at %s by %v, %v", r.traveller.Status, r.traveller.URL, r.traveller.Hops, err)
	}
	if !r.confirms(t, staff) {
		t.Error("the stored refresh token does not open")
	}
	// What was sealed again since outlives the old secret.
	r.restart(t, "SESSION_SECRET="+r.Config.SessionSecret.Reveal())
	if !r.confirms(t, staff) {
		t.Error("the refresh token is not stored under the new secret")
	}
}

// The old secret is gone: only what is sealed is, sessions are not.
func TestSecretIsGone(t *testing.T) {
	t.Parallel()
	r := inHand(t)
	staff := signedIn(t, r.World, ibrahim)
	r.restart(t, newSecret())
	for _, p := range []*Person{r.writer, r.manager, staff} {
		visit(t, p, "/dashboard", http.StatusOK)
		if len(p.Hops) != 1 {
			t.Errorf("the session: %v", p.Hops)
		}
	}
	if strings.Contains(r.manager.Text(), "Your reason is in the audit") {
		t.Error("a word sealed under another secret is shown")
	}
	post(t, r.writer, "/notes", r.held, http.StatusConflict)
	if !strings.Contains(r.writer.Text(), "This form is too old") || strings.Contains(r.writer.Text(), "Send again") {
		t.Errorf("the held form: %s", r.writer.Text())
	}
	r.wantTaken(t, "", 0)
	post(t, r.manager, "/dashboard/check-role", r.drawn, http.StatusConflict)
	visit(t, r.traveller, r.back, http.StatusBadRequest)
	if err := r.traveller.Click("Start again here"); err != nil || r.traveller.Status != http.StatusOK || r.traveller.Cookie("session") == "" {
		t.Errorf("the traveller begins anew: %d by %v, %v", r.traveller.Status, r.traveller.Hops, err)
	}
	if r.confirms(t, staff) || r.keepsToken(t, ibrahim) {
		t.Error("the refresh token opens without its secret, or is kept in vain")
	}
	visit(t, staff, "/dashboard", http.StatusOK)
}
