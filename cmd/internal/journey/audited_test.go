package journey

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/db"
	"portico/handlers"
	"portico/handlers/words"
)

// deed is what a person does by posting a form, and what the audit says of it.
type deed struct {
	route string   // the pattern that the form is posted to
	by    string   // who posts it
	do    func()   // on the pages, as they do
	lines []string // "announcement.create: Lab 3 is closed", in their order
	quiet string   // why there is no line
}

// audited is a portal in which all that can be done is done once.
type audited struct {
	*World
	t      *testing.T
	people map[string]*Person // by sub, each with one browser
	met    answeredForms
}

// answeredForms is what was answered last to a form of each pattern.
type answeredForms struct {
	mu     sync.Mutex
	mux    *http.ServeMux
	next   http.RoundTripper
	status map[string]int
}

func (a *answeredForms) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := a.next.RoundTrip(r)
	if _, pattern := a.mux.Handler(r); err == nil && r.Method == http.MethodPost {
		a.note(pattern, res.StatusCode)
	}
	return res, err
}

func (a *answeredForms) note(pattern string, status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.status[pattern] = status
}

// last is the last answer to a form of a pattern since the last question.
func (a *answeredForms) last(pattern string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	defer delete(a.status, pattern)
	return a.status[pattern]
}

// unsafeRoutes are those that may change something.
func unsafeRoutes() []string {
	return slices.DeleteFunc(handlers.Patterns(), func(pattern string) bool {
		return strings.HasPrefix(pattern, http.MethodGet+" ") || strings.HasPrefix(pattern, http.MethodHead+" ")
	})
}

func newAudited(t *testing.T) *audited {
	w := Start(t, Options{Env: notifying("CAMPUS_ONE_RATE=600")})
	a := &audited{World: w, t: t, people: map[string]*Person{}}
	a.met = answeredForms{mux: http.NewServeMux(), next: w.network, status: map[string]int{}}
	for _, pattern := range unsafeRoutes() {
		a.met.mux.HandleFunc(pattern, func(http.ResponseWriter, *http.Request) {})
	}
	w.network = &a.met
	for _, sub := range []string{amina, campusonetest.SubChidi, campusonetest.SubSani, funke, campusonetest.SubGrace} {
		a.people[sub] = signedIn(t, w, sub)
	}
	w.Provider.SetRole(campusonetest.SubChidi, "auditor") // or there is no report of roles to download
	w.settle(t)
	w.Provider.SetFault(func(f *campusonetest.Fault) { f.AppAPI.Answer = campusonetest.Busy(1800) }) // a notice is still on its way when it is stopped
	return a
}

// since are the audit's lines after a mark, the first first.
func (a *audited) since(mark int64) (all []db.AuditLine) {
	lines, err := a.App.DB.AuditLog(a.t.Context(), db.AuditFilter{Limit: 100})
	must(a.t, err)
	for _, l := range slices.Backward(lines) {
		if l.ID > mark {
			all = append(all, l)
		}
	}
	return all
}

// perform does a deed, and looks at what the audit says of it.
func (a *audited) perform(t *testing.T, d deed) {
	mark := int64(0)
	if all := a.since(0); len(all) > 0 {
		mark = all[len(all)-1].ID
	}
	a.met.last(d.route)
	d.do()
	if status := a.met.last(d.route); status < 200 || status > 399 {
		t.Fatalf("the form was answered with %d", status)
	}
	var said []string
	for _, l := range a.since(mark) {
		said = append(said, l.Action+": "+words.About(&l))
		if who := a.user(t, d.by); l.ActorID != who.ID {
			t.Errorf("%s is said of %q, and %s did it", l.Action, l.Actor, who.Name())
		}
		if told := words.Deed(l.Action); told == words.Role(strings.ReplaceAll(l.Action, ".", ": ")) {
			t.Errorf("%s has no plain words: %q", l.Action, told)
		}
	}
	if !slices.Equal(said, d.lines) {
		t.Errorf("the audit says %q, and should say %q", said, d.lines)
	}
	if (len(d.lines) == 0) == (d.quiet == "") {
		t.Error("a deed has lines in the audit, or a reason why it has none")
	}
}

// Whatever a person can change by a form stands in the audit under their name;
// what stands nowhere has a reason. A new route fails until it is in this table.
func TestEveryDeedIsAudited(t *testing.T) {
	a := newAudited(t)
	deeds := slices.Concat(a.written(), a.kept(), a.turned(), a.files(), a.imported(), a.notified(), a.erased(), a.set(), a.reported(), a.own(), a.managed(), a.delivered(), a.gates())
	left := map[string]bool{}
	for _, pattern := range unsafeRoutes() {
		left[pattern] = true
	}
	for _, d := range deeds {
		delete(left, d.route)
		t.Run(strings.TrimPrefix(d.route, "POST "), func(t *testing.T) {
			a.t = t
			a.perform(t, d)
		})
	}
	for pattern := range left {
		t.Errorf("nobody looks at what the audit says of %s: put it into the table", pattern)
	}
	a.wantTitles(t)
}

// wantTitles looks at the page: items are called by their titles, and nothing
// of what was erased.
func (a *audited) wantTitles(t *testing.T) {
	grace := a.people[campusonetest.SubGrace]
	var read strings.Builder
	for next := "/admin/audit"; next != ""; {
		grace.must(t, grace.Visit(next), http.StatusOK)
		read.WriteString(grace.Text())
		next = ""
		for _, n := range grace.all("a[rel=next]") {
			next = attr(n, "href")
		}
	}
	for _, want := range []string{"Announcement written Hall B", "Event changed Seminar", "An erased page", "Motto Before: Nothing → After: All that grows.", "Logo Before: Nothing → After: a picture of "} {
		if !strings.Contains(read.String(), want) {
			t.Errorf("the audit does not say %q: %s", want, read.String())
		}
	}
	if found := a.says(t, secretTitle); strings.Contains(read.String(), secretTitle) || len(found) > 0 {
		t.Errorf("the title of what was erased is still there: %q", found)
	}
}

const secretTitle = "Grades by name"

// form is a deed that opens a page, and posts its form to an address with some
// fields filled.
func (a *audited) form(by, page, action string, pairs ...string) func() {
	return func() {
		a.t.Helper()
		p := a.people[by]
		p.must(a.t, p.Visit(page), http.StatusOK)
		form := p.formOf(a.t, action)
		for i := 0; i < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		p.must(a.t, p.Post(action, form), http.StatusOK)
	}
}

// click is a deed that opens a page and presses what says so.
func (a *audited) click(by, page, text string) func() {
	return func() {
		a.t.Helper()
		p := a.people[by]
		p.must(a.t, p.Visit(page), http.StatusOK)
		p.must(a.t, p.Click(text), http.StatusOK)
	}
}

// editor is a deed in an item's form, with a button of it.
func (a *audited) editor(page func() string, do string, fill map[string]string) func() {
	return func() {
		a.t.Helper()
		p := a.people[funke]
		p.must(a.t, p.Visit(page()), http.StatusOK)
		p.write(a.t, do, http.StatusOK, fill)
	}
}

// itemPage is where the latest item of a title is edited.
func (a *audited) itemPage(kind db.Kind, title string) string {
	a.t.Helper()
	all, err := a.App.DB.Items(a.t.Context(), db.ItemFilter{Kind: kind})
	must(a.t, err)
	for _, i := range all {
		if i.Title == title {
			return "/admin/publish/" + map[db.Kind]string{db.Announcement: "announcements", db.EventItem: "events", db.PersonEntry: "people", db.FreePage: "pages", db.QuickLink: "links"}[kind] + "/" + i.ID
		}
	}
	a.t.Fatalf("there is no %s %q", kind, title)
	return ""
}

func (a *audited) day(days int) string { return time.Now().AddDate(0, 0, days).Format(time.DateOnly) }

// fixed is an address that is known before.
func fixed(path string) func() string { return func() string { return path } }

// tagged is a deed that posts fields to an address from a page that has other
// forms too.
func (a *audited) tagged(by, page, action string, fields url.Values) func() {
	return func() {
		a.t.Helper()
		p := a.people[by]
		p.must(a.t, p.Visit(page), http.StatusOK)
		fields.Set("tag", p.tag(a.t))
		p.must(a.t, p.Post(action, fields), http.StatusOK)
	}
}
