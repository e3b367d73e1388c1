package journey

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/auth"
	"portico/auth/campusone/campusonetest"
	"portico/auth/reading"
	"portico/db"

	"github.com/andybalholm/cascadia"
)

var sixReports = []string{"sign-ins", "people", "reach", "roles", "webhooks", "audit"}

// month is a past that every report tells something of.
func month() Past {
	p := Past{Students: 37, Staff: 3, Opened: []int{31, 12, 3, 0}, Marked: []int{2, 7, 0, 0}}
	for day := range 30 {
		p.Silent, p.Interactive = append(p.Silent, 21+day), append(p.Interactive, day%4)
		p.Failed, p.Anonymous = append(p.Failed, day%3), append(p.Anonymous, 40+day)
		p.Roles, p.Deeds = append(p.Roles, day%2), append(p.Deeds, day%5)
		p.Processed, p.Dead = append(p.Processed, 11+day%9), append(p.Dead, day/29)
	}
	return p
}

// cells are the rows of a table as a reader sees them, heads first; a time is
// what it is for programs.
func (p *Person) cells(table string) (rows [][]string) {
	for _, tr := range p.all("section[aria-labelledby=" + table + "] tr") {
		var row []string
		for _, cell := range cascadia.QueryAll(tr, cascadia.MustCompile("th, td")) {
			text := textOf(cell)
			if at := cascadia.Query(cell, cascadia.MustCompile("time")); at != nil {
				text = strings.Replace(attr(at, "datetime"), "T", " ", 1)
			}
			row = append(row, text)
		}
		rows = append(rows, row)
	}
	return rows
}

// Whoever may see reports sees each, and its rows; a page without manage
// names nobody.
func TestReports(t *testing.T) {
	t.Parallel()
	onEnginesAtNoon(t, func(t *testing.T, w *World, clock *Clock) {
		w.Seed(t, month())
		grace, ibrahim := signedIn(t, w, campusonetest.SubGrace), signedIn(t, w, campusonetest.SubIbrahim)
		for _, who := range []*Person{grace, ibrahim} {
			who.must(t, who.Click("Reports"), http.StatusOK)
			who.sees(t, "As of ", "Figures of the chart")
			var ways []string
			for _, a := range who.all("section[aria-labelledby=ways] a") {
				ways = append(ways, strings.TrimPrefix(attr(a, "href"), "/admin/reports/"))
			}
			if !slices.Equal(ways, sixReports) {
				t.Errorf("the overview leads to %q", ways)
			}
			for _, report := range sixReports {
				who.must(t, who.Visit("/admin/reports/"+report), http.StatusOK)
				who.sees(t, "As of ", "What the numbers mean", "Download CSV")
				if lead := textOf(who.all(".lead")[0]); !strings.Contains(lead, "?") || !strings.HasSuffix(strings.TrimSpace(lead), ".") {
					t.Errorf("%s: %q does not say what it is to decide and how to read it", report, lead)
				}
			}
		}
		t.Run("every number is defined", func(t *testing.T) { definesAll(t, grace, ibrahim) })
		t.Run("rounded without names", func(t *testing.T) { roundedWithoutNames(t, w, grace, ibrahim) })
		t.Run("the CSV is the page", func(t *testing.T) { csvIsThePage(t, clock, grace, ibrahim) })
		t.Run("downloads are in the audit", func(t *testing.T) { downloadsAreNoted(t, w, ibrahim) })
		t.Run("a link repeats the report", func(t *testing.T) { linkRepeats(t, grace) })
		t.Run("terms are those that were told", func(t *testing.T) { termsAreTold(t, w, grace) })
		t.Run("wrong filters", func(t *testing.T) { wrongFilters(t, grace) })
		t.Run("what is scheduled is not told", func(t *testing.T) { scheduledIsNotTold(t, w, grace, ibrahim) })
		t.Run("what one person read is not told", func(t *testing.T) { oneReaderIsNotTold(t, w, grace, ibrahim) })
		t.Run("others are refused", func(t *testing.T) { othersAreRefused(t, w) })
		t.Run("the overview agrees with the reports", func(t *testing.T) { overviewAgrees(t, w, grace, ibrahim) })
	})
}

func definesAll(t *testing.T, all ...*Person) {
	for _, who := range all {
		for _, path := range append([]string{"", "/people?by=day", "/audit?by=time", "/webhooks?by=event", "/roles?by=change"}, "/sign-ins", "/people", "/reach", "/roles", "/webhooks", "/audit") {
			who.must(t, who.Visit("/admin/reports"+path), http.StatusOK)
			var terms []string
			for _, n := range who.all(".terms dt") {
				terms = append(terms, strings.ToLower(textOf(n)))
			}
			for _, n := range who.all(".kpi dt, thead th.n") {
				label := strings.ToLower(strings.TrimSpace(textOf(n)))
				if !slices.ContainsFunc(terms, func(term string) bool { return term == label || slices.Contains(strings.Split(term, ", "), label) }) {
					t.Errorf("%s: %q is not defined, only %q", path, label, terms)
				}
			}
		}
	}
}

// overviewAgrees: a figure of the overview stands on the report that it leads
// to, which begins with the portal's own departments.
func overviewAgrees(t *testing.T, w *World, all ...*Person) {
	must(t, w.App.DB.SaveSettings(t.Context(), reading.Settings{Name: "Law", Departments: []string{campusonetest.DepartmentCS}}.Rows(), reading.SettingWords(func(id string) string { return id }), "", w.Now()))
	for _, who := range all {
		who.must(t, who.Visit("/admin/reports"), http.StatusOK)
		active, ways := textOf(who.all(".kpi > div")[0]), map[string]string{}
		for _, li := range who.all("section[aria-labelledby=ways] li") {
			if n := cascadia.Query(li, cascadia.MustCompile(".strong")); n != nil {
				ways[attr(cascadia.Query(li, cascadia.MustCompile("a")), "href")] = textOf(n)
			}
		}
		who.sees(t, "our departments")
		for report, label := range map[string]string{"sign-ins": "sign-ins", "people": "new", "roles": "changes", "webhooks": "received", "audit": "deeds"} {
			who.must(t, who.Visit("/admin/reports/"+report), http.StatusOK)
			for _, k := range who.all(".kpi > div") {
				if value := textOf(cascadia.Query(k, cascadia.MustCompile(".figure"))); textOf(cascadia.Query(k, cascadia.MustCompile("dt"))) == label && value != ways["/admin/reports/"+report] {
					t.Errorf("%s: the overview says %q, the report %q", report, ways["/admin/reports/"+report], value)
				}
			}
			if report == "people" && !strings.HasPrefix(active, strings.TrimSpace(textOf(who.all(".kpi > div")[0]))) {
				t.Errorf("the overview counts %q, the report %q", active, textOf(who.all(".kpi > div")[0]))
			}
		}
	}
	yesterday := w.Now().In(w.Config.Portico.Timezone).AddDate(0, 0, -1).Format(time.DateOnly)
	all[0].must(t, all[0].Visit("/admin/reports?from="+yesterday+"&to="+yesterday), http.StatusOK)
	all[0].sees(t, "1 change of roles")
}

func roundedWithoutNames(t *testing.T, w *World, grace, ibrahim *Person) {
	name := "Person 0001"
	for _, path := range []string{"people?by=person", "roles?by=person", "webhooks?by=delivery", "audit?by=entry", "audit?by=person"} {
		grace.must(t, grace.Visit("/admin/reports/"+path), http.StatusOK)
		if len(grace.cells("rows")) < 2 {
			t.Errorf("%s: nothing is listed for whoever manages the portal", path)
		}
		ibrahim.must(t, ibrahim.Visit("/admin/reports/"+path), http.StatusForbidden)
		report, by, _ := strings.Cut(path, "?by=")
		ibrahim.Download(t, report, url.Values{"by": {by}}, http.StatusForbidden)
	}
	for _, report := range sixReports {
		ibrahim.must(t, ibrahim.Visit("/admin/reports/"+report), http.StatusOK)
		if strings.Contains(ibrahim.Body, name) || strings.Contains(ibrahim.Body, "/admin/people/") {
			t.Errorf("%s names somebody", report)
		}
		if strings.Contains(ibrahim.Text(), "By person") || strings.Contains(ibrahim.Text(), "One by one") {
			t.Errorf("%s offers rows that name people", report)
		}
		for _, row := range ibrahim.cells("rows")[1:] {
			for i, cell := range row[1:] {
				if n := strings.ReplaceAll(cell, ",", ""); len(n) > 0 && strings.Trim(n, "0123456789") == "" && n[len(n)-1] != '0' && n[len(n)-1] != '5' && !strings.HasSuffix(ibrahim.cells("rows")[0][i+1], "%") {
					t.Errorf("%s shows %q exactly", report, row)
				}
			}
		}
	}
	grace.must(t, grace.Visit("/admin/reports/sign-ins"), http.StatusOK)
	if got := grace.cells("rows")[1][:5]; !slices.Equal(got[1:], []string{"23", "21", "2", "91"}) { // and her own and his sign-in of today
		t.Errorf("today is %q", got)
	}
}

// csvIsThePage compares all pages of a report with its CSV, cell by cell.
func csvIsThePage(t *testing.T, clock *Clock, grace, ibrahim *Person) {
	for _, who := range []*Person{grace, ibrahim} {
		for report, filters := range map[string][]string{
			"sign-ins": {"", "by=week", "sort=-failed", "period=today"}, "people": {"", "by=day", "by=level"}, "reach": {"", "sort=share"}, "roles": {"", "by=change"}, "webhooks": {"", "by=event"}, "audit": {"", "by=time"},
		} {
			if who == grace {
				filters = append(filters, map[string][]string{"people": {"by=person", "by=person&sort=-days"}, "roles": {"by=person"}, "webhooks": {"by=delivery"}, "audit": {"by=entry", "by=person"}}[report]...)
			}
			for _, filter := range filters {
				clock.Advance(time.Second) // what was done in the very moment of a download is not in it
				sameAsPage(t, who, report, filter)
			}
		}
	}
}

func sameAsPage(t *testing.T, who *Person, report, filter string) {
	t.Helper()
	who.must(t, who.Visit("/admin/reports/"+report+"?"+filter), http.StatusOK)
	page := who.cells("rows")
	for len(who.all(`.pager a[rel=next]`)) > 0 {
		who.must(t, who.Click("Next"), http.StatusOK)
		page = append(page, who.cells("rows")[1:]...)
	}
	q, err := url.ParseQuery(filter)
	if err != nil {
		t.Fatal(err)
	}
	q.Set("after", who.URL.Query().Get("after")) // all pages leave, whichever is looked at
	file := who.Download(t, report, q, http.StatusOK)
	if len(page) != len(file) || len(file) < 2 {
		t.Fatalf("%s?%s: %d rows on the page, %d in the file", report, filter, len(page), len(file))
	}
	for i := range page {
		for j := range page[i] {
			if !sameCell(page[i][j], file[i][j]) {
				t.Errorf("%s?%s, row %d: the page has %q, the file %q", report, filter, i, page[i], file[i])
				return
			}
		}
	}
}

// sameCell compares a cell of a page with one of a file, which writes numbers
// without commas, times without a zone, and no formula.
func sameCell(page, file string) bool {
	if page == file || strings.ReplaceAll(page, ",", "") == file || strings.HasPrefix(file, "'") && page == file[1:] {
		return true
	}
	return len(page) > 16 && len(file) >= 16 && strings.HasPrefix(page, file[:16])
}

func downloadsAreNoted(t *testing.T, w *World, ibrahim *Person) {
	rows := ibrahim.Download(t, "reach", url.Values{"period": {"7d"}}, http.StatusOK)
	today := w.Now().In(w.Config.Portico.Timezone)
	want := fmt.Sprintf(`attachment; filename="reach_%s_%s_asof-%s`, today.AddDate(0, 0, -6).Format(time.DateOnly), today.Format(time.DateOnly), today.Format("20060102T15"))
	if got := ibrahim.Answer.Get("Content-Disposition"); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, `.csv"`) {
		t.Errorf("the file is called %s, want %s...", got, want)
	}
	if !strings.HasPrefix(ibrahim.Body, "\uFEFFAnnouncement,") || !strings.Contains(ibrahim.Body, "\r\n") || ibrahim.Answer.Get("Content-Type") != "text/csv; charset=utf-8; header=present" {
		t.Errorf("the file begins with %q, %s", ibrahim.Body[:20], ibrahim.Answer.Get("Content-Type"))
	}
	for _, e := range w.auditOf(t, "report.export") {
		if e.Object == "reach" && e.Actor == w.user(t, campusonetest.SubIbrahim).ID && strings.HasSuffix(e.Detail, fmt.Sprintf(": %d rows", len(rows)-1)) && strings.HasPrefix(e.Detail, today.AddDate(0, 0, -6).Format(time.DateOnly)) {
			return
		}
	}
	t.Errorf("the download is not in the audit: %+v", w.auditOf(t, "report.export"))
}

func (w *World) auditOf(t *testing.T, action string) []db.AuditLine {
	t.Helper()
	lines, err := w.App.DB.AuditLog(t.Context(), db.AuditFilter{Action: action, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// linkRepeats: what a page was narrowed to stays through order and pages.
func linkRepeats(t *testing.T, grace *Person) {
	today := grace.world.Now().In(grace.world.Config.Portico.Timezone)
	first, last := today.AddDate(0, 0, -24).Format(time.DateOnly), today.AddDate(0, 0, -1).Format(time.DateOnly)
	grace.must(t, grace.Visit("/admin/reports/sign-ins?from="+first+"&to="+last), http.StatusOK)
	rows := grace.cells("rows")
	if rows[1][0] != last || len(rows) != 21 {
		t.Errorf("the first of %d rows is %q", len(rows)-1, rows[1])
	}
	grace.must(t, grace.Click("Interactive"), http.StatusOK)
	if got := attr(grace.all("th[aria-sort=descending]")[0], "class"); got != "n" {
		t.Error("the column pressed is not the one sorted by")
	}
	grace.must(t, grace.Click("Next"), http.StatusOK)
	q := grace.URL.Query()
	if q.Get("from") != first || q.Get("to") != last || q.Get("sort") != "-interactive" || len(grace.cells("rows")) != 5 {
		t.Errorf("the second page is %s with %d rows", grace.URL, len(grace.cells("rows"))-1)
	}
	for _, lost := range []string{"roles?by=person&after=1+a+b", "webhooks?by=delivery&after=1-x", "audit?by=entry&after=1-1", "people?by=person&after=nobody", "sign-ins?after=nothing"} {
		visit(t, grace, "/admin/reports/"+lost, http.StatusOK)
		if len(grace.cells("rows")) < 2 {
			t.Errorf("%s: a place that is gone shows %q", lost, grace.Text())
		}
		if len(grace.all(".pager a:not([rel])")) != 0 {
			t.Errorf("%s: the first page leads to the first page", lost)
		}
	}
	grace.must(t, grace.Visit("/admin/reports/sign-ins?from="+first+"&to="+last+"&sort=-interactive"), http.StatusOK)
	grace.must(t, grace.Click("7 days"), http.StatusOK)
	if got := grace.URL.RawQuery; got != "period=7d&sort=-interactive" {
		t.Errorf("the preset leads to %s", got)
	}
	grace.must(t, grace.Visit("/admin/reports/sign-ins?period=semester"), http.StatusOK)
	grace.sees(t, "the usual calendar counts: from ")
}

// termsAreTold: the semester and the session under way are those that Campus
// One told of enough people. A session goes on when its second semester begins.
func termsAreTold(t *testing.T, w *World, grace *Person) {
	began := w.Now().In(w.Config.Portico.Timezone).AddDate(0, 0, -40)
	harmattan, rain := db.Term{Session: "2026/2027", Semester: "harmattan", First: began.AddDate(0, 0, -150), People: 4}, db.Term{Session: "2026/2027", Semester: "rain", First: began}
	says := func(period, words string, first time.Time) {
		t.Helper()
		visit(t, grace, "/admin/reports/sign-ins?period="+period, http.StatusOK)
		grace.sees(t, words)
		if !first.IsZero() {
			grace.sees(t, first.Format("Monday 2 January 2006")+", when Campus One first told it of people here.")
		}
	}
	must(t, w.App.DB.SaveTerms(t.Context(), []db.Term{harmattan, {Session: "2024/2025", Semester: "rain", First: began.AddDate(-1, 0, 0), People: 9}}))
	says("semester", "the usual calendar counts", time.Time{}) // four may be wrong, and what is of last year is over
	harmattan.People = 5
	must(t, w.App.DB.SaveTerms(t.Context(), []db.Term{harmattan}))
	says("semester", "This semester is Harmattan 2026/2027.", harmattan.First)
	rain.People = 5
	must(t, w.App.DB.SaveTerms(t.Context(), []db.Term{rain})) // nobody has Harmattan now
	says("semester", "This semester is Rain 2026/2027.", rain.First)
	says("session", "This session is 2026/2027.", harmattan.First)
}

func wrongFilters(t *testing.T, grace *Person) {
	for query, says := range map[string]string{
		"from=2026-13-01": `First day: "2026-13-01" is not a day.`, "to=2026-01-01": "First day: write with which day to begin", "from=2026-02-01&to=2026-01-01": "is before the first day", "from=2026-02-01&to=2999-01-01": "Last day: 2999-01-01 is after today",
		"from=2001-01-01&to=2026-01-01": "Choose 800 at most", "period=moon": `Period: there is none called "moon"`, "by=moon": `Rows: there is none called "moon"`, "sort=moon": `cannot be sorted by "moon"`, "event=moon": `Event: there is none called "moon"`,
	} {
		grace.must(t, grace.Visit("/admin/reports/webhooks?"+query+"&x=1"), http.StatusOK)
		grace.sees(t, says, "Figures are shown when the filters are right.")
		if len(grace.all("main table, .kpi, .chart")) != 0 {
			t.Errorf("%s: figures are shown all the same", query)
		}
		q, _ := url.ParseQuery(query)
		grace.Download(t, "webhooks", q, http.StatusUnprocessableEntity)
		grace.sees(t, says)
	}
	for _, page := range []string{"", "/sign-ins", "/people"} {
		for query, says := range map[string]string{"from=soon&to=2026-01-01": `First day: "soon" is not a day.`, "from=1999-12-31&to=2026-01-01": "First day: 1999-12-31 is too long ago. Begin with 2000-01-01 at the earliest."} {
			grace.must(t, grace.Visit("/admin/reports"+page+"?"+query), http.StatusOK)
			grace.sees(t, says)
			if at := grace.all(`main a[href="#from"]`); len(at) != 1 || len(grace.all("input#from")) != 1 {
				t.Errorf("%s: the summary leads to no field to mend: %s", page, grace.Text())
			}
		}
	}
	today := grace.world.Now().In(grace.world.Config.Portico.Timezone).Format(time.DateOnly)
	grace.must(t, grace.Visit("/admin/reports?from="+today+"&to="+today), http.StatusOK)
	if got := attr(grace.all("section[aria-labelledby=ways] a")[0], "href"); got != "/admin/reports/sign-ins?from="+today+"&to="+today || attr(grace.all("#to")[0], "value") != today {
		t.Errorf("the overview of a day leads to %s", got)
	}
	grace.must(t, grace.Visit("/admin/reports/webhooks?from=soon&event=user.updated"), http.StatusOK)
	if from, event := grace.all("#from")[0], grace.all("#event option[selected]")[0]; attr(from, "value") != "soon" || attr(from, "type") != "text" || attr(event, "value") != "user.updated" {
		t.Error("what was typed or chosen beside a wrong day is lost")
	}
}

// scheduledIsNotTold: what is published later today stands on no page and in
// no file, and days to come cannot be asked for.
func scheduledIsNotTold(t *testing.T, w *World, all ...*Person) {
	const title = "Moved exams"
	_, err := w.App.DB.CreateItem(t.Context(), db.Announcement, db.Content{
		Slug: "moved-exams", Title: title, Body: "x", Audience: auth.Audience{To: auth.Everybody}.Text(), Publish: w.Now().Add(15 * time.Minute),
	}, "", w.Now())
	must(t, err)
	today := w.Now().In(w.Config.Portico.Timezone).Format(time.DateOnly)
	for _, who := range all {
		for _, q := range []url.Values{{"period": {"today"}}, {"period": {"7d"}}, {"from": {today}, "to": {today}}, {"from": {today}, "to": {"2999-01-01"}}} {
			who.must(t, who.Visit("/admin/reports/reach?"+q.Encode()), http.StatusOK)
			if strings.Contains(who.Body, title) {
				t.Errorf("the page of %v tells what is scheduled", q)
			}
			status := http.StatusOK
			if q.Get("to") > today {
				who.sees(t, "Last day: 2999-01-01 is after today")
				status = http.StatusUnprocessableEntity
			}
			who.Download(t, "reach", q, status)
			if strings.Contains(who.Body, title) {
				t.Errorf("the file of %v tells what is scheduled", q)
			}
		}
	}
}

// oneReaderIsNotTold: whether the one person whom an announcement is for has
// opened it is told to those alone who manage the portal. They come from its row
// to the announcement itself.
func oneReaderIsNotTold(t *testing.T, w *World, grace, ibrahim *Person) {
	signedIn(t, w, campusonetest.SubAmina)
	reader := w.user(t, campusonetest.SubAmina).ID
	amina := auth.Audience{To: auth.Groups, Groups: []auth.Group{{auth.AboutPerson: {reader}}}}
	row := func(who *Person, title string) []string {
		t.Helper()
		for _, row := range who.Download(t, "reach", url.Values{"period": {"today"}}, http.StatusOK) {
			if row[0] == title {
				return row[4:]
			}
		}
		t.Fatalf("%q is not in the report", title)
		return nil
	}
	for _, title := range []string{"Counted", "Not counted yet"} {
		i, err := w.App.DB.CreateItem(t.Context(), db.Announcement, db.Content{Slug: "for-one", Title: title, Body: "x", Audience: amina.Text(), Publish: w.Now()}, "", w.Now())
		must(t, err)
		want := []string{"under 5", "", "under 5", "under 5"}
		for _, opened := range []time.Time{{}, w.Now()} {
			if !opened.IsZero() {
				must(t, w.App.DB.SaveReads(t.Context(), []db.Read{{UserID: reader, ItemID: i.ID, Opened: opened}}))
			}
			if title == "Counted" {
				must(t, w.App.Rollups.CatchUp(t.Context()))
			}
			if got := row(ibrahim, title)[1:]; !slices.Equal(got, want) {
				t.Errorf("%s, opened at %v: %q, want %q", title, opened, got, want)
			}
		}
		if got := row(grace, title)[1:]; got[0] != "1" || got[2] != "0" || got[3] != "1" {
			t.Errorf("%s: whoever manages the portal reads %q", title, got)
		}
	}
	grace.must(t, grace.Visit("/admin/reports/reach?period=today"), http.StatusOK)
	grace.must(t, grace.Click("Not counted yet"), http.StatusOK)
	grace.sees(t, "Not counted yet", "Withdraw it")
}

// othersAreRefused: no address of a report says anything to a student.
func othersAreRefused(t *testing.T, w *World) {
	amina := signedIn(t, w, campusonetest.SubAmina)
	program := signedIn(t, w, campusonetest.SubAmina)
	program.Header.Set("Accept", "application/json")
	nobody := func(p *Person, what string) {
		t.Helper()
		if strings.Contains(p.Body, "Person 0") || len(p.all("table, .kpi, .chart")) != 0 || p.Answer.Get("Content-Disposition") != "" || strings.Contains(p.Body, "Silent,") {
			t.Errorf("%s says %s", what, p.Body)
		}
	}
	paths := []string{""}
	for _, r := range sixReports {
		paths = append(paths, "/"+r, "/"+r+"?by=person", "/"+r+"?from=x")
	}
	for _, path := range paths {
		amina.must(t, amina.Visit("/admin/reports"+path), http.StatusForbidden)
		nobody(amina, path)
		program.must(t, program.Visit("/admin/reports"+path), http.StatusForbidden)
		if program.Body != `{"error":"Forbidden"}`+"\n" && program.Body != `{"error":"Forbidden"}` {
			t.Errorf("%s tells a program %q", path, program.Body)
		}
	}
	for _, r := range sixReports {
		amina.Download(t, r, nil, http.StatusForbidden)
		nobody(amina, r+"/csv")
		if err := amina.Visit("/admin/reports/" + r + "/csv"); err != nil || amina.Status != http.StatusMethodNotAllowed {
			t.Errorf("a download by a link: %d, %v", amina.Status, err)
		}
	}
	if n := len(slices.DeleteFunc(w.auditOf(t, "report.export"), func(l db.AuditLine) bool { return l.ActorID != w.user(t, campusonetest.SubAmina).ID })); n != 0 {
		t.Errorf("%d downloads of somebody who may not", n)
	}
}
