package views_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"portico/views"

	"golang.org/x/net/html"
)

// texts reads every element a selector fits.
func texts(doc *html.Node, selector string) []string {
	var found []string
	for _, n := range all(doc, selector) {
		found = append(found, text(n))
	}
	return found
}

func TestHeaderOffersSignInToVisitors(t *testing.T) {
	p := anonymous("", "/")
	p.SignInNext = "/?q=1"
	doc := draw(t, views.Home(p, views.HomeModel{}))
	form := one(t, doc, `header form[method=post][action="/auth/login"]`)
	if got := attr(one(t, form, "input[name=next]"), "value"); got != "/?q=1" {
		t.Errorf("the form returns to %q", got)
	}
	if got := text(one(t, form, "button")); got != "Sign in with Campus One" {
		t.Errorf("the button says %q", got)
	}
	if n := len(all(doc, `form[action="/auth/logout"], .name`)); n != 0 {
		t.Error("a visitor is offered what only a signed-in person has")
	}
	p.ConsentPending = true
	doc = draw(t, views.Home(p, views.HomeModel{}))
	if got := text(one(t, doc, "header .who button")); got != "Continue with Campus One" {
		t.Errorf("with consent pending the button says %q", got)
	}
}

func TestHeaderNamesThePerson(t *testing.T) {
	doc := draw(t, views.Dashboard(staff("Today", "/dashboard"), lecturer()))
	if n := len(all(doc, `form[action="/auth/login"]`)); n != 0 {
		t.Error("a signed-in person is offered to sign in")
	}
	for _, place := range []string{"header .who", "header details"} {
		part := one(t, doc, place)
		if got := text(one(t, part, `a.name[href="/account"]`)); !strings.HasPrefix(got, "Dr Musa Ibrahim") {
			t.Errorf("%s names %q", place, got)
		}
		form := one(t, part, `form[method=post][action="/auth/logout"]`)
		if got := attr(one(t, form, "input[name=tag]"), "value"); got != "5d1c0a" {
			t.Errorf("%s: sign-out carries the tag %q", place, got)
		}
	}
	for _, nav := range []string{"header nav.main", "header details nav"} {
		if got := text(one(t, one(t, doc, nav), `[aria-current="page"]`)); got != "Today" {
			t.Errorf("%s marks %q as the page one is on", nav, got)
		}
	}
	if attr(one(t, doc, "html[data-private]"), "lang") == "" || len(all(draw(t, views.Home(anonymous("", "/"), views.HomeModel{})), "[data-private]")) != 0 {
		t.Error("only a signed-in person's page is private")
	}
}

func TestBannerAndFlashAreAnnounced(t *testing.T) {
	p := anonymous("", "/")
	p.Banner, p.Flash = "Campus One is not answering.", "Saved."
	doc := draw(t, views.Home(p, views.HomeModel{}))
	if got := texts(doc, "[role=status]"); !slices.Equal(got, []string{p.Banner, p.Flash}) {
		t.Errorf("announced: %q", got)
	}
}

func TestScriptIsOptional(t *testing.T) {
	p := anonymous("", "/")
	one(t, draw(t, views.Home(p, views.HomeModel{})), "script[src][defer]")
	p.Script = false
	if n := len(all(draw(t, views.Home(p, views.HomeModel{})), "script")); n != 0 {
		t.Error("a page without script has a script")
	}
}

func TestGreetingFollowsTheHourOfThePlace(t *testing.T) {
	for _, c := range []struct {
		utc  int // Lagos is one hour ahead
		name string
		want string
	}{
		{2, "Amina Yusuf", "Good evening, Amina Yusuf"},
		{3, "Amina Yusuf", "Good morning, Amina Yusuf"},
		{10, "Ọbi van der Berg-Ade", "Good morning, Ọbi van der Berg-Ade"},
		{11, "Amina Yusuf", "Good afternoon, Amina Yusuf"},
		{16, "", "Good evening"},
	} {
		p := signedIn("Today", "/dashboard")
		p.Now = time.Date(2026, 11, 23, c.utc, 0, 0, 0, time.UTC)
		p.Person.Name = c.name
		if got := text(one(t, draw(t, views.Dashboard(p, student())), "h1")); got != c.want {
			t.Errorf("at %d UTC: %q, want %q", c.utc, got, c.want)
		}
	}
}

func TestTodayIsTheDayOfThePlace(t *testing.T) {
	p := signedIn("Today", "/dashboard")
	p.Now = time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC)
	today := one(t, draw(t, views.Dashboard(p, student())), "time")
	if got := text(today); got != "Tuesday 24 November" || attr(today, "datetime") != "2026-11-24" {
		t.Errorf("today is %q, %q", got, attr(today, "datetime"))
	}
}

func TestDashboardLeavesOutWhatIsMissing(t *testing.T) {
	doc := draw(t, views.Dashboard(signedIn("Today", "/dashboard"), views.DashboardModel{Role: "student", Level: "300", Semester: "rain"}))
	if got := texts(doc, ".facts div"); !slices.Equal(got, []string{"Role Student", "Level 300", "Semester Rain"}) {
		t.Errorf("facts: %q", got)
	}
	doc = draw(t, views.Dashboard(signedIn("Today", "/dashboard"), views.DashboardModel{}))
	if n := len(all(doc, ".facts, .note, #staff")); n != 0 {
		t.Errorf("%d parts are drawn for nothing", n)
	}
}

func TestNoRoleOffersToCheckAgain(t *testing.T) {
	doc := draw(t, views.Dashboard(signedIn("Today", "/dashboard"), views.DashboardModel{NoRole: true, CheckAgain: "/auth/check"}))
	note := one(t, doc, "section.note")
	if got := text(one(t, note, "h2")); got != "Campus One told us no role" {
		t.Errorf("the note says %q", got)
	}
	form := one(t, note, `form[method=post][action="/auth/check"]`)
	if attr(one(t, form, "input[name=tag]"), "value") != "5d1c0a" || attr(one(t, form, "input[name=next]"), "value") != "/dashboard" {
		t.Error("the form does not say for whom it was drawn or where it returns")
	}
}

func TestSharedComputerSignsOutOfCampusOneFirst(t *testing.T) {
	for _, shared := range []bool{false, true} {
		m := views.SignedOutModel{Shared: shared, ProviderLogout: "/auth/logout/campus-one", Next: "/dashboard"}
		doc := draw(t, views.SignedOut(anonymous("Signed out", "/auth/signed-out"), m))
		buttons := all(doc, ".actions .btn")
		first := buttons[0]
		if leads := attr(first, "href") == m.ProviderLogout; leads != shared {
			t.Errorf("shared %v: the first button is %q", shared, text(first))
		}
		if link := one(t, doc, `.actions a[target="_blank"]`); attr(link, "rel") != "noopener" {
			t.Error("the new tab can reach back")
		}
		if got := attr(one(t, doc, ".actions form[action='/auth/login'] input[name=next]"), "value"); got != "/dashboard" {
			t.Errorf("signing in again returns to %q", got)
		}
		want := map[bool]string{false: "on", true: "off"}[shared]
		if got := attr(one(t, doc, "form[action='/auth/shared'] input[name=shared]"), "value"); got != want {
			t.Errorf("shared %v: the switch sends %q", shared, got)
		}
	}
}

func TestGateHasOneButton(t *testing.T) {
	doc := draw(t, views.SignInGate(anonymous("Sign in", "/auth/login"), "/dashboard?week=2"))
	button := one(t, doc, "main button")
	if got := text(button); got != "Sign in with Campus One" {
		t.Errorf("the button says %q", got)
	}
	if got := attr(one(t, doc, "form[method=post][action='/auth/login'] input[name=next]"), "value"); got != "/dashboard?week=2" {
		t.Errorf("it returns to %q", got)
	}
}

func TestHeldFormKeepsWhatWasWritten(t *testing.T) {
	m := views.HeldFormModel{Action: "/notes/7", Sealed: "c2Vh", Tag: "5d1c0a", SignInHref: "/auth/login?next=%2F"}
	doc := draw(t, views.HeldForm(anonymous("Signed out", "/notes/7"), m))
	form := one(t, doc, "main form")
	if attr(form, "method") != "post" || attr(form, "action") != m.Action || attr(one(t, form, "input[name=held]"), "value") != m.Sealed || attr(one(t, form, "input[name=tag]"), "value") != m.Tag {
		t.Error("the form does not carry what was written to where it was going")
	}
	link := one(t, doc, "main a")
	if attr(link, "target") != "_blank" || attr(link, "href") != m.SignInHref {
		t.Error("signing in would leave the page that holds the text")
	}
}

func TestHeldFormTooLongShowsTheText(t *testing.T) {
	doc := draw(t, views.HeldForm(anonymous("Signed out", "/notes"), views.HeldFormModel{Action: "/notes", SignInHref: "/auth/login", Written: notes()}))
	areas := all(doc, "label + textarea[readonly]")
	if len(areas) != 2 || areas[1].FirstChild.Data != notes()[1].Text {
		t.Errorf("the text to copy: %q", texts(doc, "textarea"))
	}
	if got := all(doc, "main form"); len(got) != 0 {
		t.Error("there is a button that would send nothing")
	}
}

func TestMessageTellsTheNextStep(t *testing.T) {
	doc := draw(t, views.Message(anonymous("Busy", "/auth/callback"), trouble()))
	if got := texts(doc, ".steps li"); len(got) != 2 {
		t.Errorf("steps: %q", got)
	}
	form := one(t, doc, "main form[method=post][action='/auth/login']")
	if attr(one(t, form, "input[name=next]"), "value") != "/dashboard" || attr(one(t, form, "button"), "class") != "btn go" {
		t.Error("the first action is not the form it should be")
	}
	if got := texts(doc, "main a.btn"); !slices.Equal(got, []string{"Continue without signing in"}) {
		t.Errorf("links: %q", got)
	}
	if got := text(one(t, doc, "code")); got != "K7QMZT2A" {
		t.Errorf("the reference is %q", got)
	}
	one(t, doc, ".ref a[href='mailto:cs@example.edu.ng']")
}
