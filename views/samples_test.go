package views_test

import (
	"maps"
	"time"

	"portico/views"

	"github.com/a-h/templ"
)

// The samples are every page with the data of an ordinary day, and with the
// least data a page can be drawn with.

var lagos = time.FixedZone("WAT", 3600)

var now = time.Date(2026, time.November, 23, 8, 15, 0, 0, time.UTC)

func anonymous(title, path string) views.Page {
	return views.Page{
		Title: title, Path: path, Now: now, Zone: lagos, SignInNext: path, Script: true,
		Site: views.Site{
			Name: "Department of Computer Science", Short: "Computer Science",
			Motto:      "Notices, timetables and people of the department, in one place. Sign in to see what is meant for you.",
			University: "Nile University of Nigeria", URL: "https://cs.example.edu.ng", Contact: "cs@example.edu.ng",
		},
		Menu: []views.MenuItem{{Label: "Home", Href: "/"}}, Search: true,
	}
}

func signedIn(title, path string) views.Page {
	p := anonymous(title, path)
	p.Person = &views.Person{Name: "Amina Yusuf", Role: "student"}
	p.FormTag = "5d1c0a"
	p.Menu = []views.MenuItem{{Label: "Home", Href: "/"}, {Label: "Today", Href: "/dashboard"}}
	return p
}

func staff(title, path string) views.Page {
	p := signedIn(title, path)
	p.Person = &views.Person{Name: "Dr Musa Ibrahim", Role: "staff", AccountHref: "/account", CanReports: true}
	p.Menu = append(p.Menu, views.MenuItem{Label: "Reports", Href: "/admin/reports"})
	p.Footer = []views.MenuItem{{Label: "Privacy", Href: "/privacy"}}
	return p
}

func manager(title, path string) views.Page {
	p := staff(title, path)
	p.Person = &views.Person{Name: "Grace Okoro", Role: "admin", CanReports: true, CanManage: true}
	p.Menu = append(p.Menu, views.MenuItem{Label: "Webhooks", Href: "/admin/webhooks"})
	return p
}

// bare is a page of which only the department's name is known.
func bare(path string) views.Page {
	return views.Page{Path: path, Site: views.Site{Name: "Physics"}, Now: now}
}

func samples() map[string]templ.Component {
	consent := anonymous("", "/")
	consent.ConsentPending = true
	consent.Banner = "Campus One is not answering. You can read public pages; try again in a minute."
	flash := signedIn("Today", "/dashboard")
	flash.Flash = "You are signed in."
	nameless := bare("/dashboard")
	nameless.Person = &views.Person{}
	all := map[string]templ.Component{
		"home":             views.Home(anonymous("", "/"), views.HomeModel{}),
		"home-reach":       views.Home(consent, views.HomeModel{Reach: reach()}),
		"home-bare":        views.Home(bare("/"), views.HomeModel{}),
		"dashboard":        views.Dashboard(signedIn("Today", "/dashboard"), student()),
		"dashboard-staff":  views.Dashboard(staff("Today", "/dashboard"), lecturer()),
		"dashboard-norole": views.Dashboard(flash, views.DashboardModel{NoRole: true, CheckAgain: "/auth/check"}),
		"dashboard-bare":   views.Dashboard(nameless, views.DashboardModel{}),
		"dashboard-full":   views.Dashboard(manager("Today", "/dashboard"), busy()),
		"dashboard-guest":  views.Dashboard(flash, views.DashboardModel{Role: "external", External: true, CheckAgain: "/auth/check", Next: busy().Next}),
		"calendar":         views.Calendar(signedIn("Your calendar", "/dashboard/calendar"), views.CalendarModel{Make: "/dashboard/calendar", End: "/dashboard/calendar/end"}),
		"calendar-new":     views.Calendar(signedIn("Your calendar", "/dashboard/calendar"), views.CalendarModel{Made: now, Address: "https://cs.example.edu.ng/calendar/ABC.ics", Subscribe: "webcal://cs.example.edu.ng/calendar/ABC.ics", Make: "/dashboard/calendar", End: "/dashboard/calendar/end"}),
		"calendar-made":    views.Calendar(signedIn("Your calendar", "/dashboard/calendar"), views.CalendarModel{Made: now, Make: "/dashboard/calendar", End: "/dashboard/calendar/end"}),
		"reports":          views.Reports(staff("Reports", "/admin/reports"), reports()),
		"reports-bare":     views.Reports(nameless, views.ReportsModel{ReportModel: views.ReportModel{Title: "Reports"}}),
		"report":           views.Report(staff("Sign-ins", "/admin/reports/sign-ins"), report(30)),
		"report-one":       views.Report(staff("Sign-ins", "/admin/reports/sign-ins"), report(1)),
		"report-wrong":     views.Report(staff("Reach", "/admin/reports/reach"), wrongReport()),
		"report-bare":      views.Report(nameless, views.ReportModel{Title: "Reach", Empty: views.Empty{What: "Nothing", Then: "Choose other dates."}}),
		"settings":         views.Settings(manager("Settings", "/admin/settings"), setUp()),
		"settings-bare":    views.Settings(nameless, views.SettingsModel{}),
		"settings-wrong":   views.Settings(manager("Settings", "/admin/settings"), wronglySet()),
		"home-dressed":     views.Home(dressed(), views.HomeModel{}),
		"webhooks":         views.Webhooks(manager("Webhooks", "/admin/webhooks"), webhooks()),
		"health":           views.Health(manager("Health", "/admin/health"), health()),
		"health-bare":      views.Health(nameless, views.HealthModel{Checks: []views.HealthCheck{{Part: "Version"}}}),
		"webhooks-none":    views.Webhooks(manager("Webhooks", "/admin/webhooks"), views.WebhooksModel{}),
		"webhooks-bare":    views.Webhooks(nameless, views.WebhooksModel{Any: true, Rows: []views.WebhookRow{{Href: "/admin/webhooks/k", State: "ignored"}}}),
		"webhooks-misfit":  views.Webhooks(manager("Webhooks", "/admin/webhooks"), misfit()),
		"webhook":          views.Webhook(manager("Webhook", "/admin/webhooks/k1"), deadLetter()),
		"webhook-refused":  views.Webhook(manager("Webhook", "/admin/webhooks/k1"), refusedDrop()),
		"webhook-bare":     views.Webhook(nameless, views.WebhookModel{WebhookRow: views.WebhookRow{State: "processed"}, ID: "k", Body: "[]"}),
		"account":          views.Account(staff("Your account", "/account"), account()),
		"account-bare":     views.Account(nameless, views.AccountModel{}),
		"forget":           views.Forget(staff("Forget me", "/account/forget"), views.ForgetModel{To: "/account/forget", Back: "/account", Download: "/account/download", Audit: "2 years", Deliveries: "90 days"}),
		"accounts":         views.ManagePeople(manager("People", "/admin/people"), managed()),
		"accounts-none":    views.ManagePeople(nameless, views.ManagePeopleModel{}),
		"accounts-granted": views.ManagePeople(manager("People", "/admin/people"), views.ManagePeopleModel{Any: true, Only: "granted", Waiting: []views.GrantRow{{Label: "Publish", Email: "dean@nile.example", By: "command line (root)", At: now}}}),
		"accounts-misfit":  views.ManagePeople(manager("People", "/admin/people"), views.ManagePeopleModel{Any: true, Search: "x"}),
		"account-managed":  views.ManagePerson(manager("Amina Yusuf", "/admin/people/u1"), managedPerson()),
		"account-blocked":  views.ManagePerson(manager("Amina Yusuf", "/admin/people/u1"), blockedPerson()),
		"account-erased":   views.ManagePerson(nameless, views.ManagePersonModel{Name: "usr_1", ID: "u1", Sub: "usr_1", Met: now, Erased: now}),
		"audit":            views.AuditLog(manager("Audit", "/admin/audit"), views.AuditModel{Find: views.AuditFind{Action: "block"}, Actions: []views.Entry{{Label: "Blocked", Href: "block"}}, Rows: managedPerson().Audit, Latest: "/admin/audit", Older: "/admin/audit?after=1-1"}),
		"audit-none":       views.AuditLog(nameless, views.AuditModel{}),
		"audit-misfit":     views.AuditLog(nameless, views.AuditModel{Find: views.AuditFind{From: "x"}, Problems: []views.Problem{{Field: "from", Text: "This is not a day."}}}),
		"audit-nothing":    views.AuditLog(nameless, views.AuditModel{Find: views.AuditFind{Search: "x"}}),
		"signedout":        views.SignedOut(anonymous("Signed out", "/auth/signed-out"), views.SignedOutModel{ProviderLogout: "/auth/logout/campus-one", Next: "/dashboard"}),
		"signedout-shared": views.SignedOut(anonymous("Signed out", "/auth/signed-out"), views.SignedOutModel{Shared: true, ProviderLogout: "/auth/logout/campus-one"}),
		"gate":             views.SignInGate(anonymous("Sign in", "/auth/login"), "/dashboard?week=2"),
		"message":          views.Message(anonymous("Busy", "/auth/callback"), trouble()),
		"message-bare":     views.Message(bare("/x"), views.MessageModel{Heading: "This page does not exist"}),
		"message-person":   views.Message(staff("Not allowed", "/admin/people"), forbidden()),
		"held":             views.HeldForm(anonymous("Signed out", "/notes"), views.HeldFormModel{Action: "/notes", Sealed: "c2VhbGVk", SignInHref: "/auth/login?next=%2F"}),
		"held-too-long":    views.HeldForm(anonymous("Signed out", "/notes"), views.HeldFormModel{Action: "/notes", SignInHref: "/auth/login?next=%2F", Written: notes()}),
		"blocked":          views.Message(anonymous("Blocked", "/dashboard"), views.MessageModel{Heading: "You cannot sign in here", Mistake: true, Reference: "a1"}),
		"blocked-bare":     views.Message(bare("/dashboard"), views.MessageModel{Heading: "You cannot sign in here", Mistake: true}),
		"conflict":         views.Message(staff("Signed in as another", "/notes"), views.MessageModel{Heading: "You are now signed in as Ngozi", Written: notes(), Held: views.HeldFormModel{Action: "/notes", Sealed: "c2VhbGVk", Tag: "5d1c0b"}}),
		"privacy":          views.Privacy(previewed("Privacy", "/privacy"), privacy()),
		"privacy-person":   views.Privacy(staff("Privacy", "/privacy"), privacy()),
		"privacy-bare":     views.Privacy(bare("/privacy"), views.PrivacyModel{Sent: privacy().Sent, Kept: privacy().Kept, Cookies: privacy().Cookies}),
		"accessibility":    views.Accessibility(previewed("Accessibility", "/accessibility"), views.AccessibilityModel{}),
		"access-reach":     views.Accessibility(bare("/accessibility"), views.AccessibilityModel{Reach: reach()}),
		"home-full":        views.Home(signedIn("", "/"), homeFull()),
		"home-pinned":      views.Home(anonymous("", "/"), views.HomeModel{Pinned: notices()[:1], Lists: true}),
		"notices":          views.Notices(anonymous("Announcements", "/announcements"), views.NoticesModel{Rows: notices(), Tabs: []views.Tab{{Label: "All", Href: "/announcements", Count: "2", Current: true}}, Older: "/announcements?page=2"}),
		"notices-none":     views.Notices(bare("/announcements"), views.NoticesModel{}),
		"notices-category": views.Notices(bare("/announcements"), views.NoticesModel{Category: "Exams"}),
		"notice":           views.NoticePage(anonymous("Hall B", "/announcements/hall-b"), noticeModel()),
		"notice-ended":     views.NoticePage(anonymous("Hall B", "/announcements/hall-b"), views.NoticeModel{About: views.About{Title: "Hall B", Ended: now, NotReviewed: now}, At: now, Until: now}),
		"events":           views.Events(anonymous("Events", "/events"), views.EventsModel{Months: []views.Month{{First: now, Rows: happenings()}}, Later: "/events?month=2026-12", Earlier: "/events?month=2026-10"}),
		"events-none":      views.Events(bare("/events"), views.EventsModel{}),
		"events-month":     views.Events(bare("/events"), views.EventsModel{From: now, Earlier: "/events"}),
		"event":            views.EventPage(anonymous("Forum", "/events/forum"), eventModel()),
		"event-over":       views.EventPage(bare("/events/forum"), views.EventModel{About: views.About{Title: "Forum"}, Happening: views.Happening{Kind: "event", Start: now, End: now}, Past: true}),
		"people":           views.People(anonymous("People", "/people"), people()),
		"people-none":      views.People(bare("/people"), views.PeopleModel{}),
		"freepage":         views.FreePage(anonymous("Courses", "/pages/courses"), noticeModel().About),
		"search":           views.Search(anonymous("Search", "/search"), searchModel()),
		"search-nothing":   views.Search(anonymous("Search", "/search"), views.SearchModel{Query: "zzz"}),
		"search-blank":     views.Search(bare("/search"), views.SearchModel{}),
		"probe":            views.Probe(bare("/auth/callback")),
	}
	maps.Copy(all, publishSamples())
	maps.Copy(all, importSamples())
	maps.Copy(all, reviewSamples())
	maps.Copy(all, noticeSamples())
	return all
}

// previewed is a page for everybody.
func previewed(title, path string) views.Page {
	p := anonymous(title, path)
	p.Preview = &views.Preview{
		Title: title, Text: `What "we" know & keep.`, URL: "https://cs.example.edu.ng" + path, Site: p.Site.Name, Feed: "/feed.xml",
		Image: "https://cs.example.edu.ng/preview/0a.png", Type: "image/png", Width: 1200, Height: 630, Says: p.Site.Name,
	}
	return p
}

func privacy() views.PrivacyModel {
	return views.PrivacyModel{
		Silent:  true,
		Sent:    []views.Term{{What: "Profile", Text: "Your name."}, {What: "E-mail", Text: "Your address, and whether it was checked."}},
		Kept:    []views.Term{{What: "Your sign-ins", Text: "That you signed in, and when: 180 days."}},
		Cookies: []views.CookieRow{{Name: "__Host-session", For: "who is signed in here.", Life: "7 days"}},
	}
}

func notes() []views.Written {
	return []views.Written{{Label: "Title", Text: "Hall change"}, {Label: "Text", Text: "\n  CSC 301 meets in <LT2>.\n\nBring your cards."}}
}

func reach() []views.Reach {
	return []views.Reach{
		{Label: "Department office, block C, room 12", Text: "Monday to Friday, 9:00 to 15:00", Link: "cs@example.edu.ng"},
		{Label: "Head of department", Text: "By appointment"},
	}
}

func student() views.DashboardModel {
	return views.DashboardModel{
		Role: "student", StudentID: "256240001", Level: "300", Session: "2026/2027", Semester: "harmattan",
		Department: "Computer Science", Faculty: "Faculty of Computing",
	}
}

// busy is a dashboard on which there is everything.
func busy() views.DashboardModel {
	at := func(day, hour int) time.Time { return time.Date(2026, time.November, day, hour-1, 0, 0, 0, time.UTC) }
	m := student()
	m.Changed = []views.Slot{
		{Title: "CSC 301 Algorithms", Href: "/events/csc-301", Kind: "class", Place: "ICT annexe 3", OldPlace: "Hall B", Start: at(24, 14), End: at(24, 16), OldStart: at(23, 10), OldEnd: at(23, 12)},
		{Title: "CSC 305", Href: "/events/csc-305", Kind: "class", Place: "Hall A", Start: at(23, 13), End: at(23, 15), Cancelled: true},
	}
	m.Today = []views.Slot{{Title: "CSC 311", Href: "/events/csc-311", Kind: "class", Place: "Hall A", Start: at(23, 9), End: at(23, 11), Now: true}, {Title: "Lab report 4", Href: "/events/lab-report-4", Kind: "deadline", Start: at(23, 17), End: at(23, 17)}}
	m.Next = []views.Slot{{Title: "Open days", Href: "/events/open-days", Kind: "event", Start: at(25, 0), End: at(27, 0), AllDay: true}, {Title: "Exam", Href: "/events/exam", Kind: "exam", Start: at(26, 22), End: at(27, 1)}}
	m.Calendar, m.Events, m.MarkRead, m.AllNotices = "/dashboard/calendar", "/events", "/dashboard/read", "/announcements"
	m.ForYou = []views.Told{
		{ID: "a1", Title: "Tutorial groups", Href: "/announcements/tutorial-groups", Why: "300 level, Computer Science", Category: "Academic", At: at(22, 9)},
		{ID: "a2", Title: "Letters are ready", Href: "/announcements/letters", Why: "300 level", At: at(20, 9)},
		{ID: "a3", Title: "Examination timetable", Href: "/announcements/timetable", At: at(17, 9), Read: true},
	}
	m.Links = []views.MenuItem{{Label: "Library", Href: "https://library.example.edu.ng/"}}
	m.Staff = lecturer().Staff
	m.Attention = []views.Concern{{Text: "3 webhooks could not be applied.", Next: "Open each.", Link: views.MenuItem{Label: "Webhooks that failed", Href: "/admin/webhooks?result=dead"}}, {Text: "The disk has 4 % left.", Next: "Make room."}}
	m.FirstRun = []views.Step{{Done: true, Text: "Name the department", Help: "In the settings."}, {Text: "Publish the first announcement", Help: "It appears at once.", Link: views.MenuItem{Label: "Publish", Href: "/publish"}}}
	return m
}

func lecturer() views.DashboardModel {
	return views.DashboardModel{
		Role: "staff", Department: "Computer Science", Staff: []views.Entry{{Label: "Reports", Href: "/admin/reports", Text: "Who signs in, and how"}},
		Desk: []views.DeskItem{
			{Title: "Opening hours", Href: "/admin/publish/pages/1", State: views.DeskReview, At: now.AddDate(-1, 0, 0)},
			{Title: "Results are out", Href: "/admin/publish/announcements/2", State: "scheduled", At: now.Add(time.Hour)},
			{Title: "Staff meeting", Href: "/admin/publish/announcements/3", State: "draft", At: now.Add(-time.Hour)},
		},
		MoreOnDesk: true, DeskHref: "/admin/publish",
	}
}

func account() views.AccountModel {
	profile, news := "From the profile, at a sign-in", "From Campus One’s news"
	return views.AccountModel{
		Facts: []views.FactRow{
			{Label: "Name", Value: "Amina Yusuf", From: profile, At: now}, {Label: "Main role", Value: "Student", From: news, At: now.Add(-time.Hour)}, {Label: "Level", Value: "300", From: profile, At: now.Add(20 * time.Second)},
		},
		Kept: []views.KeptRow{{What: "Sign-ins", Until: "For 180 days."}},
		Devices: []views.DeviceRow{
			{ID: "s1", Name: "Chrome on Android", Network: "10.0.0.x", First: now, Last: now, This: true, Shared: true},
			{ID: "s2", Name: "Firefox on Linux", First: now.Add(-time.Hour), Last: now, End: "/account/devices/s2/end"},
			{ID: "s3", Name: "Device not known", First: now, Last: now, Ended: "Signed out"},
		},
		EndOthers: "/account/devices/end", SignIns: []views.SignInRow{{At: now, Silent: true}, {At: now}}, Later: "/account#sign-ins", Earlier: "/account?before=1#sign-ins",
		May: []views.MayRow{{What: "See reports", Why: "given by name"}}, Groups: []string{"300 level", "student", "Computer Science"},
		Reasons: []views.ReasonRow{{Why: "300 level", Items: 1}}, Public: 2, Download: "/account/download", Forget: "/account/forget",
	}
}

func managed() views.ManagePeopleModel {
	return views.ManagePeopleModel{
		Any: true, Search: "amina", First: "/admin/people?q=amina", Further: "/admin/people?q=amina&after=u1",
		Tabs: []views.Tab{{Label: "All", Href: "/admin/people", Count: "2", Current: true}},
		Rows: []views.PersonRow{
			{Href: "/admin/people/u1", Name: "Amina Yusuf", Role: "Student", StudentID: "256240001", Email: "a@example.edu.ng", LastSignIn: now, Notes: []views.Note{{Word: "Blocked", Shade: "warn"}}},
			{Href: "/admin/people/u2", Name: "usr_2"},
		},
	}
}

func managedPerson() views.ManagePersonModel {
	a := account()
	return views.ManagePersonModel{
		Name: "Amina Yusuf", ID: "u1", Sub: "usr_1", Met: now, Notes: []views.Note{{Word: "Publish", Shade: "calm"}}, Facts: a.Facts, May: a.May, SignIns: a.SignIns, Devices: a.Devices[1:], EndAll: "/admin/people/u1/sessions/end",
		Grants:  []views.GrantRow{{Permission: "publish", Label: "Publish", Email: "a@example.edu.ng", By: "Grace Okoro", At: now, RevokeTo: "/admin/people/u1/revoke"}},
		GrantTo: "/admin/people/u1/grant", Grant: []views.Entry{{Label: "Manage the portal", Href: "manage"}}, BlockTo: "/admin/people/u1/block",
		Roles: []views.RoleRowOf{{Role: "Student", From: "When first met", Since: now}},
		Audit: []views.AuditRow{
			{At: now, Who: "Grace Okoro", WhoHref: "/admin/people/u9", Did: "Unblocked", Whom: "Amina Yusuf", WhomHref: "/admin/people/u1", Before: "Kept out", After: "May sign in", Detail: "A mistake."},
			{At: now, Who: "command line", Did: "Setting changed", Whom: "Motto", WhomHref: "/admin/settings", Before: "All that grows.", After: "Nothing"},
			{At: now, Who: "u2", Did: "Page changed", Whom: "Lab rules", WhomHref: "/admin/publish/pages/i1", Before: "version 1", After: "version 2"},
			{At: now, Who: "u2", Did: "Announcement erased", Whom: "An erased announcement", WhomHref: "/admin/audit?q=i2", Detail: "version 2, 1 file or picture"},
		},
		AuditAll: "/admin/audit?q=u1",
	}
}

func blockedPerson() views.ManagePersonModel {
	m := managedPerson()
	m.May, m.Grants, m.GrantTo, m.EndAll = nil, nil, "", ""
	m.Block, m.BlockTo, m.Reason = &views.BlockRow{By: "Grace Okoro", Reason: "Spam.", At: now}, "/admin/people/u1/unblock", "  "
	m.Problems = []views.Problem{{Field: "reason", Text: "Write why they are let in again."}, {Field: "permission", Text: "Somebody else holds it."}}
	m.GrantTo, m.Grant = "/admin/people/u1/grant", []views.Entry{{Label: "Publish", Href: "publish"}}
	return m
}

func trouble() views.MessageModel {
	return views.MessageModel{
		Heading:   "Campus One is busy",
		Text:      "Campus One did not answer in time, so you are not signed in.",
		Steps:     []string{"Wait a minute.", "Try again. You come back to the page you wanted."},
		Reference: "K7QMZT2A",
		Actions: []views.Action{
			{Label: "Try again", Href: "/auth/login", Primary: true, Post: true, Next: "/dashboard"},
			{Label: "Continue without signing in", Href: "/"},
		},
	}
}

func forbidden() views.MessageModel {
	return views.MessageModel{
		Heading: "This page is for other people", Text: "Your role does not open it.", Reference: "K7QMZT2B",
		Actions: []views.Action{{Label: "Go to your page for today", Href: "/dashboard", Primary: true}},
	}
}

// report is a report over so many days, as somebody sees it who is shown
// rounded counts.
func report(days int) views.ReportModel {
	m := views.ReportModel{
		Title: "Sign-ins", Lead: "Are people recognised without doing anything?", AsOf: now, Period: "Sunday 25 October to Monday 23 November 2026", Note: "The usual calendar counts.",
		Spans: []views.Tab{{Label: "Today", Href: "/admin/reports/sign-ins?period=today"}, {Label: "30 days", Href: "/admin/reports/sign-ins", Current: true}},
		Find: views.ReportFind{
			Action: "/admin/reports/sign-ins", Hidden: []views.Field{{Name: "period", Value: "7d"}}, From: "2026-10-25", To: "2026-11-23", Open: true, Reset: "/admin/reports/sign-ins",
			Choices: []views.Choice{{Name: "by", Label: "Rows", Options: []views.Option{{Value: "day", Label: "By day", On: true}, {Value: "hour", Label: "By hour"}}}},
		},
		KPIs: []views.KPI{
			{Value: "12,480", Label: "sign-ins", Note: "1,905 people", Meaning: "Every time somebody was signed in, silently or by a button."},
			{Value: "94 %", Label: "silent share", Note: "no click at all", Meaning: "The share of sign-ins that needed no click."},
			{Value: "no figure", Label: "failed", Meaning: "Sign-ins that began and ended in an error."},
		},
		Table: views.ReportTable{ID: "rows", Title: "Sign-ins by day", Heads: []views.Head{
			{Label: "Day", Href: "/admin/reports/sign-ins?sort=at", Sorted: "descending"}, {Label: "Silent", Href: "/admin/reports/sign-ins?sort=-silent", Number: true},
			{Label: "Interactive", Href: "/admin/reports/sign-ins?sort=-interactive", Number: true}, {Label: "Silent %", Number: true},
		}},
		First: "/admin/reports/sign-ins", Next: "/admin/reports/sign-ins?after=20261104T00",
		Beside: []views.ReportTable{{ID: "beside1", Title: "How attempts ended", Heads: []views.Head{{Label: "Reason"}, {Label: "Attempts", Number: true}}, Rows: [][]views.ReportCell{
			{{Text: "Cancelled at Campus One", Href: "/admin/reports", Bar: -1}, {Text: "under 5", Number: true, Bar: -1}},
		}}},
		Download: views.ReportDownload{To: "/admin/reports/sign-ins/csv", Fields: []views.Field{{Name: "by", Value: "day"}}},
		Meanings: []views.Term{{What: "Silent", Text: "The person did nothing."}, {What: "Interactive", Text: "The person pressed a button."}, {What: "Silent %", Text: "The silent part."}, {What: "Attempts", Text: "How many."}, {What: "Silent", Text: "Said once."}},
	}
	chart := views.Chart{ID: "chart1", Caption: "Sign-ins by day", Parts: []string{"Silent", "Interactive"}, Table: "the table below"}
	for i := range days {
		bar := day(i)
		chart.Bars = append(chart.Bars, bar)
		m.Table.Rows = append(m.Table.Rows, []views.ReportCell{
			{Text: bar.Label, Machine: now.In(lagos).AddDate(0, 0, i-29).Format(time.DateOnly), Bar: -1}, {Text: bar.Texts[0], Number: true, Bar: -1}, {Text: bar.Texts[1], Number: true, Bar: -1}, {Text: "94", Number: true, Bar: 94},
		})
	}
	m.Charts = []views.Chart{chart}
	return m
}

func day(i int) views.ChartBar {
	d := now.In(lagos).AddDate(0, 0, i-29)
	n := 500 + 15*(i%11)
	if d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
		n = 130 + 5*(i%4)
	}
	b := views.ChartBar{Label: d.Format("Mon 2 Jan 2006"), Short: d.Format("2 Jan"), Values: [2]int{n, 2}, Texts: [2]string{itoa(n), "under 5"}}
	if i%7 != 0 {
		b.Values[1], b.Texts[1] = 40, "40"
	}
	return b
}

// wrongReport has filters that are wrong.
func wrongReport() views.ReportModel {
	m := views.ReportModel{
		Title: "Reach", Lead: "Do announcements reach people?", AsOf: now, Problems: []views.Problem{{Field: "from", Text: "First day: \"x\" is not a day."}, {Field: "category", Text: "Category: there is none called \"y\"."}},
		Find: views.ReportFind{Action: "/admin/reports/reach", From: "x", Open: true, Reset: "/admin/reports/reach", Choices: []views.Choice{{Name: "category", Label: "Category", Options: []views.Option{{Label: "All"}, {Value: "y", Label: "y", On: true}}}}},
	}
	return m
}

func reports() views.ReportsModel {
	m := views.ReportsModel{ReportModel: report(30)}
	m.Ways = []views.Way{{Label: "Sign-ins", Href: "/admin/reports/sign-ins", Text: "Whether people are recognised.", Figure: "12,480", Means: "sign-ins"}, {Label: "Reach", Href: "/admin/reports/reach", Text: "Who reads."}}
	return m
}

func health() views.HealthModel {
	return views.HealthModel{Checks: []views.HealthCheck{
		{Part: "Campus One", Seen: []string{"It answers.", "The last trouble with it was on Sunday."}, File: "/var/lib/portico/backups/portico-2026-11-22.db"},
		{Part: "Webhooks", Level: views.HealthBad, Seen: []string{"3 failed for good."}, Do: "See what failed.", Href: "/admin/webhooks?result=dead"},
		{Part: "Backup", Level: views.HealthLook, Seen: []string{"None was made yet."}, Do: "Run “portico backup FILE”."},
	}}
}

func webhooks() views.WebhooksModel {
	m := views.WebhooksModel{
		Any: true, Find: views.WebhooksFind{State: "dead", Event: "user.updated"}, Events: []string{"user.updated", "moon.rose"}, Newer: "/admin/webhooks?before=1-k", Older: "/admin/webhooks?after=1-k",
		Tabs: []views.Tab{{Label: "All", Href: "/admin/webhooks", Count: "1,204"}, {Label: "Failed", Href: "/admin/webhooks?result=dead", Count: "3", Current: true}},
	}
	for _, state := range []string{"pending", "processed", "ignored", "superseded", "dead", "dropped", "stale", "unreadable"} {
		m.Rows = append(m.Rows, views.WebhookRow{Href: "/admin/webhooks/" + state, Event: "user.updated", State: state, Person: "Amina Yusuf", PersonHref: "/admin/people/1", Happened: now, Came: now.Add(time.Second), Tries: 1})
	}
	m.Rows = append(m.Rows, deadLetter().WebhookRow)
	return m
}

func misfit() views.WebhooksModel {
	return views.WebhooksModel{Any: true, Find: views.WebhooksFind{From: "tomorrow", Search: "nobody"}, Problems: []views.Problem{{Field: "from", Text: "This is not a day."}}}
}

func deadLetter() views.WebhookModel {
	return views.WebhookModel{
		WebhookRow: views.WebhookRow{Href: "/admin/webhooks/k1", Event: "user.role_changed", State: "dead", Person: "usr_9", Happened: now.Add(-time.Hour), Came: now, Tries: 10, Error: "The database did not answer."},
		ID:         "k1", Body: "[\n  1\n]", Exact: "writing: disk full", Notes: "future: said to be of 2031; the headers differ; older than what is known: role, level; moon", HeldBy: "/admin/webhooks/k0", Applied: now, RetryTo: "/admin/webhooks/k1/retry", DropTo: "/admin/webhooks/k1/drop",
		Hands: []views.HandRow{{At: now, By: "Grace Okoro", Did: "Tried again"}, {At: now, By: "command line", Did: "Dropped", Reason: "A test."}},
	}
}

func refusedDrop() views.WebhookModel {
	m := deadLetter()
	m.Problems, m.Reason = []views.Problem{{Field: "reason", Text: "Write why you drop it."}}, "  "
	return m
}
