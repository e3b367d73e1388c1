package handlers

import (
	"net/http"
	"strings"
	"sync"

	"portico/auth"
	"portico/auth/reading"
	"portico/handlers/intake"
	"portico/handlers/reports"
)

// gate is who may open a route. The zero gate is nobody.
type gate int

const (
	nobody   gate = iota
	machine       // programs: no cookie is read, no session looked up
	open          // everybody, whether signed in or not
	public        // everybody; a page that recognises people silently
	signedIn      // whoever is signed in
	mayReport
	mayPublish
	mayManage
)

// permission is what a gate asks besides being signed in.
func (g gate) permission() auth.Permission {
	switch g {
	case mayReport:
		return auth.Reports
	case mayPublish:
		return auth.Publish
	case mayManage:
		return auth.Manage
	}
	return ""
}

// route is one address with its gate.
type route struct {
	pattern string // as http.ServeMux reads it
	gate    gate
	page    bool // people read it by GET: it may start a sign-in and be returned to
	do      func(*Server, http.ResponseWriter, *visit) error

	// keeps names the fields of a form that people write text in. Such a form
	// is not lost when its session ended by time (heldform.go). Forms that
	// delete, block, change settings or upload keep nothing; the text beside
	// an upload is shown again when that is refused.
	keeps []string

	upload int64 // how many bytes of a form with a file it takes; 0: as much as of any form
	file   int64 // how many of these the file itself may have; one that has more is told so, with the rest of the form
}

// routes is every address of the portal. Nothing answers that is not here.
func routes() []route {
	return []route{
		{pattern: "GET /{$}", gate: public, page: true, do: (*Server).home},
		{pattern: "GET " + announcementsPath, gate: public, page: true, do: (*Server).announcements},
		{pattern: "GET " + announcementsPath + "/{slug}", gate: public, page: true, do: (*Server).announcement},
		{pattern: "GET " + eventsPath, gate: public, page: true, do: (*Server).events},
		{pattern: "GET " + eventsPath + "/{slug}", gate: public, page: true, do: (*Server).event},
		{pattern: "GET " + peoplePath, gate: public, page: true, do: (*Server).people},
		{pattern: "GET " + pagesPath + "/{slug}", gate: public, page: true, do: (*Server).freePage},
		{pattern: "GET " + reading.FilesPath + "{id}", gate: public, page: true, do: (*Server).file},
		{pattern: "GET " + reading.FilesPath + "{id}/{name}", gate: public, page: true, do: (*Server).file},
		{pattern: "GET " + reading.PicturesPath + "{id}/{width}", gate: open, do: (*Server).pictureFile}, // pages show it: it starts no sign-in
		{pattern: "GET " + searchPath, gate: public, page: true, do: (*Server).search},
		{pattern: "GET " + privacyPath, gate: public, page: true, do: (*Server).privacy},
		{pattern: "GET " + accessibilityPath, gate: public, page: true, do: (*Server).accessibility},

		{pattern: "GET /dashboard", gate: signedIn, page: true, do: (*Server).dashboard},
		{pattern: "POST /dashboard/check-role", gate: signedIn, do: (*Server).checkRole},
		{pattern: "GET " + accountPath, gate: signedIn, page: true, do: (*Server).account},
		{pattern: "GET " + accountPath + "/download", gate: signedIn, do: (*Server).accountDownload},
		{pattern: "GET " + accountPath + "/forget", gate: signedIn, page: true, do: (*Server).forgetPage},
		{pattern: "POST " + accountPath + "/forget", gate: signedIn, do: (*Server).forgetMe},
		{pattern: "POST " + accountPath + "/notices", gate: signedIn, do: (*Server).chooseNotices},
		{pattern: "POST " + accountPath + "/devices/end", gate: signedIn, do: (*Server).endOthers},
		{pattern: "POST " + accountPath + "/devices/{id}/end", gate: signedIn, do: (*Server).endDevice},
		{pattern: "POST " + readPath, gate: signedIn, do: (*Server).markRead},
		{pattern: "GET " + ownEvents + "{slug}" + fileEnding, gate: signedIn, do: (*Server).ownEventCalendar},
		{pattern: "GET " + calendarPath, gate: signedIn, page: true, do: (*Server).calendar},
		{pattern: "POST " + calendarPath, gate: signedIn, do: (*Server).calendarMake},
		{pattern: "POST " + calendarPath + "/end", gate: signedIn, do: (*Server).calendarEnd},
		{pattern: "GET " + reports.Path, gate: mayReport, page: true, do: (*Server).reportsPage},
		{pattern: "GET " + reports.Path + "/sign-ins", gate: mayReport, page: true, do: reportPage("sign-ins")},
		{pattern: "POST " + reports.Path + "/sign-ins/csv", gate: mayReport, do: reportDownload("sign-ins")},
		{pattern: "GET " + reports.Path + "/people", gate: mayReport, page: true, do: reportPage("people")},
		{pattern: "POST " + reports.Path + "/people/csv", gate: mayReport, do: reportDownload("people")},
		{pattern: "GET " + reports.Path + "/reach", gate: mayReport, page: true, do: reportPage("reach")},
		{pattern: "POST " + reports.Path + "/reach/csv", gate: mayReport, do: reportDownload("reach")},
		{pattern: "GET " + reports.Path + "/roles", gate: mayReport, page: true, do: reportPage("roles")},
		{pattern: "POST " + reports.Path + "/roles/csv", gate: mayReport, do: reportDownload("roles")},
		{pattern: "GET " + reports.Path + "/webhooks", gate: mayReport, page: true, do: reportPage("webhooks")},
		{pattern: "POST " + reports.Path + "/webhooks/csv", gate: mayReport, do: reportDownload("webhooks")},
		{pattern: "GET " + reports.Path + "/audit", gate: mayReport, page: true, do: reportPage("audit")},
		{pattern: "POST " + reports.Path + "/audit/csv", gate: mayReport, do: reportDownload("audit")},
		{pattern: "GET " + healthPath, gate: mayManage, page: true, do: (*Server).health},
		{pattern: "GET " + managePath, gate: mayManage, page: true, do: (*Server).managePeople},
		{pattern: "GET " + managePath + "/{id}", gate: mayManage, page: true, do: (*Server).managePerson},
		{pattern: "POST " + managePath + "/{id}/sessions/end", gate: mayManage, do: (*Server).endSessions},
		{pattern: "POST " + managePath + "/{id}/sessions/{session}/end", gate: mayManage, do: (*Server).endSession},
		{pattern: "POST " + managePath + "/{id}/block", gate: mayManage, do: (*Server).blockPerson},
		{pattern: "POST " + managePath + "/{id}/unblock", gate: mayManage, do: (*Server).unblockPerson},
		{pattern: "POST " + managePath + "/{id}/grant", gate: mayManage, do: (*Server).grantPerson},
		{pattern: "POST " + managePath + "/{id}/revoke", gate: mayManage, do: (*Server).revokePerson},
		{pattern: "GET " + auditPath, gate: mayManage, page: true, do: (*Server).auditLog},
		{pattern: "GET " + webhooksPath, gate: mayManage, page: true, do: (*Server).webhooks},
		{pattern: "GET " + webhooksPath + "/{id}", gate: mayManage, page: true, do: (*Server).webhookShow},
		{pattern: "POST " + webhooksPath + "/{id}/retry", gate: mayManage, do: (*Server).webhookRetry},
		{pattern: "POST " + webhooksPath + "/{id}/drop", gate: mayManage, do: (*Server).webhookDrop, keeps: []string{"reason"}},
		{pattern: "GET " + settingsPath, gate: mayManage, page: true, do: (*Server).settings},
		{pattern: "POST " + settingsPath + "/name", gate: mayManage, do: posted((*settingsDesk).setName)},
		{pattern: "POST " + settingsPath + "/contact", gate: mayManage, do: posted((*settingsDesk).setContact)},
		{pattern: "POST " + settingsPath + "/departments", gate: mayManage, do: posted((*settingsDesk).setDepartments)},
		{pattern: "POST " + settingsPath + "/categories", gate: mayManage, do: posted((*settingsDesk).setCategories)},
		{pattern: "GET " + categoryOrderPath, gate: mayManage, page: true, do: (*Server).categoryOrder},
		{pattern: "POST " + categoryOrderPath, gate: mayManage, do: (*Server).categoryMove},
		{pattern: "POST " + settingsPath + "/links", gate: mayManage, do: posted((*settingsDesk).setLinks)},
		{pattern: "POST " + settingsPath + "/menu", gate: mayManage, do: posted((*settingsDesk).setMenu)},
		{pattern: "POST " + settingsPath + "/accent", gate: mayManage, do: posted((*settingsDesk).setAccent)},
		{pattern: "POST " + settingsPath + "/logo", gate: mayManage, do: posted((*settingsDesk).setLogo), upload: maxLogoFile * 2},
		{pattern: "POST " + settingsPath + "/logo/remove", gate: mayManage, do: posted((*settingsDesk).removeLogo)},

		{pattern: "GET " + publishPath, gate: mayPublish, page: true, do: (*Server).publishDesk},
		{pattern: "GET " + importPath, gate: mayPublish, page: true, do: (*Server).importPage},
		{pattern: "POST " + importPath, gate: mayPublish, do: (*Server).importLook, upload: maxImport},
		{pattern: "GET " + importFile, gate: mayPublish, do: (*Server).importSample},
		{pattern: "GET " + importDone + "/{id}", gate: mayPublish, page: true, do: (*Server).importResult},
		{pattern: "POST " + importDone + "/{id}/undo", gate: mayPublish, do: (*Server).importUndo},
		{pattern: "GET " + reviewsPath, gate: mayPublish, page: true, do: (*Server).reviews},
		{pattern: "GET " + publishPath + "/{kind}/order", gate: mayPublish, page: true, do: (*Server).publishOrder},
		{pattern: "POST " + publishPath + "/{kind}/order", gate: mayPublish, do: (*Server).publishMove},
		{pattern: "GET " + publishPath + "/{kind}", gate: mayPublish, page: true, do: (*Server).publishKind},
		{pattern: "GET " + publishPath + "/{kind}/new", gate: mayPublish, page: true, do: (*Server).publishNew},
		{pattern: "POST " + publishPath + "/{kind}/new", gate: mayPublish, do: (*Server).publishCreate, keeps: kept()},
		{pattern: "GET " + publishPath + "/{kind}/{id}", gate: mayPublish, page: true, do: (*Server).publishItem},
		{pattern: "POST " + publishPath + "/{kind}/{id}", gate: mayPublish, do: (*Server).publishSave, keeps: kept()},
		{pattern: "POST " + draftsPath + "{draft}/drop", gate: mayPublish, do: (*Server).dropDraft},
		{pattern: "POST " + publishPath + "/{kind}/new" + attachTo, gate: mayPublish, do: (*Server).attachNew, keeps: kept(), upload: mostUpload, file: intake.MostPicture},
		{pattern: "POST " + publishPath + "/{kind}/{id}" + attachTo, gate: mayPublish, do: (*Server).attach, keeps: kept(), upload: mostUpload, file: intake.MostPicture},
		{pattern: "POST " + publishPath + "/{kind}/{id}/turn", gate: mayPublish, do: (*Server).publishTurn},
		{pattern: "POST " + publishPath + "/{kind}/{id}/occurrence", gate: mayPublish, do: (*Server).publishOccurrence, keeps: []string{"new_place"}},
		{pattern: "GET " + publishPath + "/{kind}/{id}/history", gate: mayPublish, page: true, do: (*Server).publishHistory},
		{pattern: "GET " + publishPath + "/{kind}/{id}/history/{version}", gate: mayPublish, page: true, do: (*Server).publishVersion},
		{pattern: "POST " + publishPath + "/{kind}/{id}/history/{version}", gate: mayPublish, do: (*Server).publishRestore},
		{pattern: "GET " + publishPath + "/{kind}/{id}/notices", gate: mayPublish, page: true, do: (*Server).noticeForm},
		{pattern: "POST " + publishPath + "/{kind}/{id}/notices", gate: mayPublish, do: (*Server).noticeStart, keeps: []string{"title", "body"}},
		{pattern: "GET " + publishPath + "/{kind}/{id}/notices/{notice}", gate: mayPublish, page: true, do: (*Server).noticeShow},
		{pattern: "POST " + publishPath + "/{kind}/{id}/notices/{notice}", gate: mayPublish, do: (*Server).noticeTurn},
		{pattern: "GET " + publishPath + "/{kind}/{id}/erase", gate: mayManage, page: true, do: (*Server).publishErase},
		{pattern: "POST " + publishPath + "/{kind}/{id}/erase", gate: mayManage, do: (*Server).publishErased},

		{pattern: "GET /auth/login", gate: open, do: (*Server).login},
		{pattern: "POST /auth/login", gate: open, do: (*Server).begin},
		{pattern: "GET /auth/callback", gate: open, do: (*Server).callback},
		{pattern: "GET /auth/me", gate: open, do: (*Server).me},
		{pattern: "POST /auth/logout", gate: open, do: (*Server).logout},
		{pattern: "GET /auth/logout/campus-one", gate: open, do: (*Server).leaveProvider},
		{pattern: "GET /auth/signed-out", gate: open, do: (*Server).signedOut},
		{pattern: "POST /auth/shared", gate: open, do: (*Server).shared},

		{pattern: "GET " + calendarFiles + "{secret}" + fileEnding, gate: machine, do: (*Server).calendarOf},
		{pattern: "POST " + webhookPath, gate: machine, do: (*Server).webhook},
		{pattern: "GET /healthz", gate: machine, do: (*Server).healthz},
		{pattern: "GET /healthz/echo", gate: machine, do: (*Server).echo},
		{pattern: "GET /readyz", gate: machine, do: (*Server).readyz},

		{pattern: "GET " + feedPath, gate: machine, do: (*Server).feed},
		{pattern: "GET " + eventsFile, gate: machine, do: (*Server).eventsCalendar},
		{pattern: "GET " + eventsPath + "/{slug}" + fileEnding, gate: machine, do: (*Server).eventCalendar},
		{pattern: "GET " + sitemapPath, gate: machine, do: (*Server).sitemap},
		{pattern: "GET " + previewPath + "/{file}", gate: machine, do: (*Server).previewPicture},
		{pattern: "GET " + previewPath + "/{kind}/{slug}/{file}", gate: machine, do: (*Server).itemPicture},
		{pattern: "GET /robots.txt", gate: machine, do: (*Server).robots},
	}
}

const (
	webhookPath  = "/webhooks/campus-one"
	callbackPath = "/auth/callback"
)

// PageRoute is the route table's judgement of return paths: it asks a router
// of the same patterns, so that it reads a path just as the real one does.
func PageRoute() auth.PageRoute { return pageRoute() }

var pageRoute = sync.OnceValue(func() auth.PageRoute {
	mux, pages := newMux(routes()), map[string]bool{}
	for _, rt := range routes() {
		pages[rt.pattern] = rt.page
	}
	return func(r *http.Request) bool { return pages[routed(mux, r)] }
})

// fileEnding may end a route's address after a value, "/events/{slug}.ics".
const fileEnding = ".ics"

// newMux is a router of all routes' patterns; it finds, and answers nothing.
// It does not know an ending after a value: routed tells it apart.
func newMux(all []route) *http.ServeMux {
	mux, known := http.NewServeMux(), map[string]bool{}
	for _, rt := range all {
		pattern := rt.pattern
		if strings.HasSuffix(pattern, "}"+fileEnding) {
			pattern = strings.TrimSuffix(pattern, fileEnding)
		}
		if !known[pattern] {
			known[pattern] = true
			mux.Handle(pattern, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		}
	}
	return mux
}

// routed is the pattern of the route that a request is for, if there is one.
func routed(mux *http.ServeMux, r *http.Request) string {
	_, pattern := mux.Handler(r)
	if strings.HasSuffix(pattern, "}") && strings.HasSuffix(r.URL.Path, fileEnding) {
		return pattern + fileEnding
	}
	return pattern
}

// Patterns lists every route as the router reads it.
func Patterns() []string {
	var all []string
	for _, rt := range routes() {
		all = append(all, rt.pattern)
	}
	return all
}
