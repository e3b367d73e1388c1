package journey

import (
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/handlers"
)

// formRoutes is the path of every unsafe route that people use, with its
// parts filled in. A webhook is proven by its signature instead.
func formRoutes() []string {
	var all []string
	for _, pattern := range handlers.Patterns() {
		method, path, _ := strings.Cut(pattern, " ")
		if method != http.MethodGet && method != http.MethodHead && path != "/webhooks/campus-one" {
			all = append(all, regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(path, deadRole))
		}
	}
	return all
}

// answer posts a form with just these headers besides the cookies.
func (p *Person) answer(t testing.TB, path string, form url.Values, header http.Header) (*http.Response, string) {
	t.Helper()
	header = header.Clone()
	header.Set("Content-Type", "application/x-www-form-urlencoded")
	return p.answerBody(t, path, form.Encode(), header)
}

func (p *Person) answerBody(t testing.TB, path, body string, header http.Header) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, p.world.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = p.Header.Clone()
	maps.Copy(req.Header, header)
	res, err := p.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(text)
}

func tagOf(t testing.TB, p *Person) string {
	t.Helper()
	visit(t, p, "/dashboard", http.StatusOK)
	m := regexp.MustCompile(`name="tag" value="([^"]+)"`).FindStringSubmatch(p.Body)
	if m == nil {
		t.Fatalf("no form on the page has a tag: %s", p.Text())
	}
	return m[1]
}

const notOurPage = "This did not come from our own page"

// Every form of the route table refuses what another site sends, whoever is
// signed in, and does nothing.
func TestFormsOfOtherSites(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	w.seedInbox(t, 0)
	grace, nobody := signedIn(t, w, campusonetest.SubGrace), w.Person(true)
	form := url.Values{"tag": {tagOf(t, grace)}, "reason": {"a good reason to drop it"}, "shared": {"on"}}
	sibling := strings.Replace(w.URL, "http://", "http://sibling.", 1)
	refused := map[string]http.Header{
		"cross-site":                    {"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}},
		"same-site sibling":             {"Sec-Fetch-Site": {"same-site"}, "Origin": {sibling}},
		"a sibling, without metadata":   {"Origin": {sibling}},
		"another port":                  {"Origin": {"http://localhost:1"}},
		"another site, without either":  {"Origin": {"https://evil.example"}},
		"Origin null":                   {"Origin": {"null"}},
		"Origin null, cross-site":       {"Sec-Fetch-Site": {"cross-site"}, "Origin": {"null"}},
		"our Origin but cross-site":     {"Sec-Fetch-Site": {"cross-site"}, "Origin": {w.URL}},
		"cross-site without any Origin": {"Sec-Fetch-Site": {"cross-site"}},
	}
	for _, path := range formRoutes() {
		for name, header := range refused {
			for who, p := range map[string]*Person{"grace": grace, "nobody": nobody} {
				res, body := p.answer(t, path, form, header)
				if res.StatusCode != http.StatusForbidden || !strings.Contains(body, notOurPage) || len(res.Cookies()) != 0 || strings.Contains(body, form.Get("reason")) {
					t.Errorf("%s of %s, %s: %d, cookies %v", path, who, name, res.StatusCode, res.Cookies())
				}
			}
		}
	}
	visit(t, grace, "/dashboard", http.StatusOK)
	if r := w.delivery(t, deadRole); !r.CanDrop() {
		t.Errorf("the delivery is %+v", r)
	}
	// Our own page, and a program that sends neither header, get as far as the tag.
	for name, header := range map[string]http.Header{
		"our page":   {"Sec-Fetch-Site": {"same-origin"}, "Origin": {w.URL}},
		"our Origin": {"Origin": {w.URL}}, "a program": {},
	} {
		for _, path := range formRoutes() {
			if res, body := nobody.answer(t, path, form, header); strings.Contains(body, notOurPage) {
				t.Errorf("%s, %s: %d", path, name, res.StatusCode)
			}
		}
	}
}

// A form drawn for Amina does nothing in Grace's session, and one without a
// tag only what is open to everybody.
func TestEveryFormIsOfOnePerson(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	w.seedInbox(t, 0)
	foreign := tagOf(t, signedIn(t, w, amina))
	grace := signedIn(t, w, campusonetest.SubGrace)
	own := http.Header{"Origin": {w.URL}}
	openToAll := []string{"/auth/login", "/auth/logout", "/auth/shared"}
	for _, path := range formRoutes() {
		form := url.Values{"tag": {foreign}, "reason": {"a good reason to drop it"}, "shared": {"on"}}
		res, body := grace.answer(t, path, form, own)
		if res.StatusCode != http.StatusConflict || !strings.Contains(body, "You are now signed in as "+nameOf(t, campusonetest.SubGrace)) || len(res.Cookies()) != 0 {
			t.Errorf("%s with Amina's tag: %d", path, res.StatusCode)
		}
		if slices.Contains(openToAll, path) {
			continue
		}
		for _, tag := range []string{"", "x", foreign + "x"} {
			form.Set("tag", tag)
			if res, body := grace.answer(t, path, form, own); res.StatusCode != http.StatusConflict || !strings.Contains(body, "This form is too old") {
				t.Errorf("%s with the tag %q: %d", path, tag, res.StatusCode)
			}
		}
	}
	visit(t, grace, "/dashboard", http.StatusOK)
	if r := w.delivery(t, deadRole); !r.CanDrop() {
		t.Errorf("the delivery is %+v", r)
	}
}

// heldForms are the addresses whose forms people write text in: a reason, an
// item, one date of an event, a notice. A file's form is not, nor is one of
// buttons alone.
var (
	heldForms  = regexp.MustCompile(`^/admin/(webhooks/[^/]+/drop|publish/[^/]+/[^/]+(/occurrence|/notices)?)$`)
	otherForms = regexp.MustCompile(`^/admin/publish/(events/import|[^/]+/order)$`)
)

// A page from before the session died: its forms do nothing but ask to sign
// in, and only those that keep their text hold it.
func TestEveryFormAfterItsSession(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	w.seedInbox(t, 0)
	grace := signedIn(t, w, campusonetest.SubGrace)
	form := url.Values{"tag": {tagOf(t, grace)}, "reason": {"a good reason to drop it"}}
	w.expire(t, campusonetest.SubGrace)
	keep := 0
	for _, path := range formRoutes() {
		if strings.HasPrefix(path, "/auth/") {
			continue // open to everybody
		}
		res, body := grace.answer(t, path, form, http.Header{"Origin": {w.URL}})
		holds := strings.Contains(body, `name="held"`)
		if holds {
			keep++
		}
		if res.StatusCode != http.StatusUnauthorized || holds != (heldForms.MatchString(path) && !otherForms.MatchString(path)) || strings.Contains(body, form.Get("reason")) {
			t.Errorf("%s: %d, held: %v", path, res.StatusCode, holds)
		}
	}
	if keep == 0 {
		t.Error("no form is held")
	}
	if r := w.delivery(t, deadRole); !r.CanDrop() {
		t.Errorf("the delivery is %+v", r)
	}
}

// The same on a real page of today: the reason for dropping a delivery.
func TestReasonOutlivesItsSession(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	w.seedInbox(t, 0)
	grace := signedIn(t, w, campusonetest.SubGrace)
	form := url.Values{"tag": {tagOf(t, grace)}, "reason": {"The change was made by hand."}}
	path := "/admin/webhooks/" + deadRole + "/drop"
	w.expire(t, campusonetest.SubGrace)
	post(t, grace, path, form, http.StatusUnauthorized)
	again := held(t, grace, "made by hand")
	visit(t, grace, "/auth/login?next=/dashboard", http.StatusOK)
	if r := w.delivery(t, deadRole); !r.CanDrop() {
		t.Fatalf("the delivery is %+v", r)
	}
	post(t, grace, path, again, http.StatusSeeOther)
	if r := w.delivery(t, deadRole); r.CanDrop() {
		t.Errorf("it is not dropped: %+v", r)
	}
	audit, err := w.App.DB.AuditBetween(t.Context(), time.Now().Add(-time.Hour), time.Now().Add(time.Hour), 10)
	if err != nil || len(audit) != 1 || !strings.Contains(audit[0].Detail, "The change was made by hand.") {
		t.Errorf("the audit: %v, %v", audit, err)
	}
}
