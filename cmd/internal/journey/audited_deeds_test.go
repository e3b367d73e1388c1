package journey

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/sample"
	"portico/db"
)

const (
	newItem  = "POST /admin/publish/{kind}/new"
	saveItem = "POST /admin/publish/{kind}/{id}"
)

const grace = campusonetest.SubGrace

func said(lines ...string) []string { return lines }

// written is the first thing of each kind, and what an editor's buttons do that
// saves nothing.
func (a *audited) written() []deed {
	hall := map[string]string{"title": "Hall B", "body": "From **Monday** on.", "to": "everybody"}
	to := func(kind, do string, fill map[string]string) func() {
		return a.editor(fixed("/admin/publish/"+kind+"/new"), do, fill)
	}
	return []deed{
		{newItem, funke, to("announcements", "preview", hall), nil, "a preview stores nothing"},
		{newItem, funke, to("announcements", "count", hall), nil, "a count stores nothing"},
		{newItem, funke, to("announcements", "group", hall), nil, "another group of an audience is only typed"},
		{newItem, funke, to("announcements", "publish", hall), said("announcement.create: Hall B"), ""},
		{newItem, funke, to("events", "publish", map[string]string{"title": "Seminar", "to": "everybody", "day": a.day(3), "starts": "10:00", "repeat_to": a.day(24)}), said("event.create: Seminar"), ""},
		{newItem, funke, to("people", "draft", map[string]string{"title": "Ada Teak", "to": "everybody", "role": "Lecturer"}), said("person.create: Ada Teak"), ""},
		{newItem, funke, to("pages", "publish", map[string]string{"title": "Lab rules", "to": "everybody"}), said("page.create: Lab rules"), ""},
		{newItem, funke, to("links", "publish", map[string]string{"title": "Library", "to": "everybody", "link": "https://library.nile.example"}), said("link.create: Library"), ""},
		{newItem, funke, to("links", "publish", map[string]string{"title": "Museum", "to": "everybody", "link": "https://museum.nile.example"}), said("link.create: Museum"), ""},
		{saveItem, funke, a.editor(func() string { return a.itemPage(db.Announcement, "Hall B") }, "publish", map[string]string{"body": "From Tuesday on."}), said("announcement.update: Hall B"), ""},
		{"POST /admin/publish/{kind}/order", funke, a.click(funke, "/admin/publish/links/order", "Up : Museum"), said("link.order: Museum"), ""},
	}
}

// kept is a text that is not saved: begun, gone on with, thrown away.
func (a *audited) kept() []deed {
	draft := func() db.Draft { return a.drafts(a.t, funke)[0] }
	return []deed{
		{newItem, funke, a.editor(fixed(newAnnouncement), "keep", map[string]string{"body": "Half of it."}), said("draft.keep: An unsaved text"), ""},
		{newItem, funke, func() {
			a.editor(fixed(newAnnouncement+"?draft="+draft().ID), "keep", map[string]string{"body": "More of it."})()
		}, nil, "of a draft its beginning is noted, not each of the keepings every 20 seconds"},
		{"POST /admin/publish/drafts/{draft}/drop", funke, func() {
			a.tagged(funke, newAnnouncement, "/admin/publish/drafts/"+draft().ID+"/drop", url.Values{})()
		}, said("draft.drop: An unsaved text"), ""},
	}
}

// turned is an item's life after it was written.
func (a *audited) turned() []deed {
	hall := func() string { return a.itemPage(db.Announcement, "Hall B") }
	turn := func(turn string) func() {
		return func() { a.tagged(funke, hall(), hall()+"/turn", url.Values{"turn": {turn}})() }
	}
	const route = saveItem + "/turn"
	return []deed{
		{saveItem, funke, a.editor(hall, "publish", map[string]string{"review": a.day(1)}), said("announcement.update: Hall B"), ""},
		{route, funke, turn("review"), said("announcement.review: Hall B"), ""},
		{route, funke, turn("withdraw"), said("announcement.withdraw: Hall B"), ""},
		{route, funke, turn("archive"), said("announcement.archive: Hall B"), ""},
		{route, funke, turn("reinstate"), said("announcement.reinstate: Hall B"), ""},
		{saveItem + "/occurrence", funke, func() { a.click(funke, a.itemPage(db.EventItem, "Seminar"), "Cancel every date")() }, said("event.update: Seminar"), ""},
		{saveItem + "/history/{version}", funke, func() { a.click(funke, hall()+"/history/1", "Restore this version")() }, said("announcement.update: Hall B"), ""},
	}
}

// files are added, renamed and removed.
func (a *audited) files() []deed {
	hall := func() string { return a.itemPage(db.Announcement, "Hall B") }
	add := func(to func() string, name string, file []byte, fill map[string]string) func() {
		return func() {
			p := a.people[funke]
			p.must(a.t, p.Visit(to()), http.StatusOK)
			p.attachFile(a.t, http.StatusOK, name, file, fill)
		}
	}
	change := func(field, value string) func() {
		return func() {
			all, err := a.App.DB.AttachmentsOf(a.t.Context(), idOf(hall()))
			must(a.t, err)
			a.editor(hall, "publish", map[string]string{field + all[0].ID: value})()
		}
	}
	return []deed{
		{newItem + "/files", funke, add(fixed("/admin/publish/pages/new"), "plan.pdf", sample.PDF("Plan"), map[string]string{"title": "Plan", "to": "everybody"}), said("page.create: Plan", "page.add_file: Plan"), ""},
		{saveItem + "/files", funke, add(hall, "list.pdf", sample.PDF("List"), nil), said("announcement.add_file: Hall B"), ""},
		{saveItem + "/files", funke, add(hall, "hall.jpg", sample.JPEG(300, 200, 9), map[string]string{"attach_label": "The hall"}), said("announcement.add_picture: Hall B"), ""},
		{saveItem, funke, change("label-", "Final list"), said("announcement.update: Hall B", "announcement.change_file: Hall B"), ""},
		{saveItem, funke, change("remove-", "yes"), said("announcement.update: Hall B", "announcement.remove_file: Hall B"), ""},
	}
}

func idOf(address string) string { return address[strings.LastIndex(address, "/")+1:] }

// imported is a timetable of two events, added and taken back.
func (a *audited) imported() []deed {
	table := "Title,Date,Start,End,Room\nCSC 305," + a.day(2) + ",10:00,12:00,Hall A\nCSC 307," + a.day(3) + ",10:00,12:00,Hall A\n"
	look := func() {
		p := a.people[funke]
		p.must(a.t, p.Visit(importPage), http.StatusOK)
		p.press(a.t, "look", http.StatusOK, map[string]string{"text": table, "to": "everybody"})
	}
	return []deed{
		{"POST " + importPage, funke, look, nil, "a look at a timetable stores nothing"},
		{"POST " + importPage, funke, func() { look(); a.people[funke].press(a.t, "add", http.StatusOK, nil) }, said("event.create: CSC 305", "event.create: CSC 307", "events.import: A timetable"), ""},
		{"POST " + importPage + "/done/{id}/undo", funke, func() {
			one, err := a.App.DB.LastImport(a.t.Context(), a.user(a.t, funke).ID)
			must(a.t, err)
			a.click(funke, importPage+"/done/"+one.ID, "Take all of them back")()
		}, said("event.erase: An erased event", "event.erase: An erased event", "events.import.undo: A timetable"), ""},
	}
}

// notified is a notice in Campus One, stopped while it is on its way.
func (a *audited) notified() []deed {
	to := func() string { return a.itemPage(db.Announcement, "Hall B") + "/notices" }
	progress := ""
	return []deed{
		{saveItem + "/notices", funke, func() {
			a.form(funke, to(), to(), "title", "Hall B", "body", "Look.", "type", "info", "do", "look")()
		}, nil, "how a notice will look is shown before anything is sent"},
		{saveItem + "/notices", funke, func() {
			a.form(funke, to(), to(), "title", "Hall B", "body", "Look.", "type", "info", "do", "send")()
			progress = a.people[funke].URL.Path
		}, said("notice.start: Hall B"), ""},
		{saveItem + "/notices/{notice}", funke, func() { a.click(funke, progress, "Stop")() }, said("notice.stop: Hall B"), ""},
		{saveItem + "/notices/{notice}", funke, func() { a.click(funke, progress, "Go on")() }, said("notice.resume: Hall B"), ""},
		{saveItem + "/notices/{notice}", funke, func() { a.click(funke, progress, "Stop")() }, said("notice.stop: Hall B"), ""},
	}
}

// erased is a page that was posted by mistake, with its mistake in the title.
func (a *audited) erased() []deed {
	mistake := func() string { return a.itemPage(db.FreePage, secretTitle) }
	return []deed{
		{newItem, funke, a.editor(fixed("/admin/publish/pages/new"), "publish", map[string]string{"title": secretTitle, "to": "everybody"}), said("page.create: " + secretTitle), ""},
		{saveItem, funke, a.editor(func() string { return mistake() }, "publish", map[string]string{"body": "All of them."}), said("page.update: " + secretTitle), ""},
		{saveItem + "/erase", grace, func() { a.click(grace, mistake()+"/erase", "Erase it")() }, said("page.erase: An erased page"), ""},
	}
}

// set is each of the settings.
func (a *audited) set() []deed {
	setting := func(section string, pairs ...string) func() {
		return func() { a.people[grace].set(a.t, section, http.StatusOK, pairs...) }
	}
	logo := func() {
		if status, body := a.people[grace].upload(a.t, "logo.png", redLogo(a.t)); status != http.StatusSeeOther {
			a.t.Fatalf("a good logo: %d, %s", status, body)
		}
	}
	const to = "POST " + settingsPage
	return []deed{
		{to + "/name", grace, setting("name", "name-full", "Department of Botany", "name-motto", "All that grows."), said("settings.save: Motto", "settings.save: Name of the department"), ""},
		{to + "/name", grace, setting("name", "name-full", "Department of Botany"), nil, "what is saved as it was is no change"},
		{to + "/contact", grace, setting("contact", "contact-main", "botany@nile.example", "reach-0-label", "Office"), said("settings.save: Where people ask", "settings.save: Ways to reach a person"), ""},
		{to + "/departments", grace, setting("departments", "do", "find", "departments-find", "computer"), nil, "looking for a department stores nothing"},
		{to + "/departments", grace, setting("departments", "department", campusonetest.DepartmentCS), said("settings.save: Your departments"), ""},
		{to + "/categories", grace, setting("categories", "category-0-name", "News", "category-1-name", "Exams"), said("categories.save: Categories", "categories.save: Categories"), ""},
		{to + "/categories/order", grace, a.click(grace, settingsPage+"/categories/order", "Up : Exams"), said("categories.save: Categories"), ""},
		{to + "/links", grace, setting("links", "link-0-remove", "yes", "link-2-label", "Forum", "link-2-address", "/events"), said("link.archive: Museum", "link.create: Forum"), ""},
		{to + "/menu", grace, setting("menu", "page-0-in", "yes"), said("page.update: Lab rules"), ""},
		{to + "/accent", grace, setting("accent", "accent-colour", "#7a1f2b"), said("settings.save: Colour"), ""},
		{to + "/logo", grace, logo, said("settings.save: Logo"), ""},
		{to + "/logo/remove", grace, a.click(grace, settingsPage, "Remove the logo"), said("settings.save: Logo"), ""},
	}
}

// reported is each report, downloaded.
func (a *audited) reported() (all []deed) {
	for _, name := range []string{"sign-ins", "people", "reach", "roles", "webhooks", "audit"} {
		path := "/admin/reports/" + name
		all = append(all, deed{"POST " + path + "/csv", grace, a.form(grace, path, path+"/csv"), said("report.export: " + name), ""})
	}
	return all
}

// own is what people do about themselves.
func (a *audited) own() []deed {
	name := nameOf(a.t, amina)
	other := func() string { return a.sessionPath(a.t, signedIn(a.t, a.World, amina)) }
	return []deed{
		{"POST /dashboard/check-role", campusonetest.SubSani, a.click(campusonetest.SubSani, "/dashboard", "Check again"), nil, "it asks Campus One; what it did not tell in time is noted as drift, as at any sign-in"},
		{"POST /dashboard/read", amina, a.click(amina, "/dashboard", "Mark as read"), nil, "reading is no deed: what was read is kept apart, and forgotten on its own"},
		{"POST /dashboard/calendar", amina, a.click(amina, "/dashboard/calendar", "Make my address"), said("calendar.create: " + name), ""},
		{"POST /dashboard/calendar/end", amina, a.click(amina, "/dashboard/calendar", "End my address"), said("calendar.revoke: " + name), ""},
		{"POST /account/notices", amina, a.click(amina, "/account", "Do not notify me"), said("notice.decline: " + name), ""},
		{"POST /account/notices", amina, a.click(amina, "/account", "Notify me again"), said("notice.allow: " + name), ""},
		{"POST /account/devices/{id}/end", amina, func() { a.tagged(amina, "/account", other(), url.Values{})() }, said("session.end: " + name), ""},
		{"POST /account/devices/end", amina, func() { other(); a.click(amina, "/account", "Sign out everywhere else")() }, said("sessions.end: " + name), ""},
		{"POST /account/forget", amina, a.click(amina, "/account/forget", "Forget me"), said("forget: " + name), ""},
	}
}

// managed is what is done about Chidi.
func (a *audited) managed() []deed {
	name, chidi := nameOf(a.t, campusonetest.SubChidi), a.personPage(a.t, campusonetest.SubChidi)
	post := func(to string, fields url.Values) func() { return a.tagged(grace, chidi, chidi+to, fields) }
	const to = "POST /admin/people/{id}"
	return []deed{
		{to + "/grant", grace, post("/grant", url.Values{"permission": {"reports"}}), said("grant: reports", "grant.bound: "+name), ""},
		{to + "/revoke", grace, a.click(grace, chidi, "Take back"), said("revoke: reports"), ""},
		{to + "/sessions/{session}/end", grace, a.click(grace, chidi, "Sign out Chrome"), said("session.end: " + name), ""},
		{to + "/sessions/end", grace, post("/sessions/end", url.Values{}), said("sessions.end: " + name), ""},
		{to + "/block", grace, post("/block", url.Values{"reason": {"Spam."}}), said("block: " + name), ""},
		{to + "/unblock", grace, post("/unblock", url.Values{"reason": {"A mistake."}}), said("unblock: " + name), ""},
	}
}

// delivered is what is done to webhooks by hand.
func (a *audited) delivered() []deed {
	a.seedInbox(a.t, 0)
	const to, path = "POST /admin/webhooks/{id}", "/admin/webhooks/" + deadRole
	return []deed{
		{to + "/drop", grace, a.tagged(grace, path, path+"/drop", url.Values{"reason": {"Too old."}}), said("delivery.drop: " + deadRole), ""},
		{to + "/retry", grace, a.tagged(grace, path, path+"/retry", url.Values{}), said("delivery.retry: " + deadRole), ""},
	}
}

// gates are the forms around signing in, and what Campus One sends.
func (a *audited) gates() []deed {
	sani := a.people[campusonetest.SubSani]
	return []deed{
		{"POST /auth/shared", campusonetest.SubSani, func() {
			sani.must(a.t, sani.Visit("/dashboard"), http.StatusOK)
			sani.must(a.t, sani.Post("/auth/shared", url.Values{"tag": {sani.tag(a.t)}, "shared": {"on"}}), http.StatusOK)
		}, nil, "it is a cookie of one's own browser"},
		{"POST /auth/logout", campusonetest.SubSani, a.click(campusonetest.SubSani, "/dashboard", "Sign out"), nil, "the session says itself that it was ended by signing out"},
		{"POST /auth/login", campusonetest.SubSani, a.click(campusonetest.SubSani, "/auth/signed-out", "Sign in"), nil, "sign-ins are a list of their own, kept for a shorter time"},
		{"POST /webhooks/campus-one", campusonetest.SubSani, func() {
			body, err := json.Marshal(map[string]any{"id": "audited", "event": "user.updated", "occurredAt": time.Now().UTC(), "data": map[string]any{"user_id": campusonetest.SubSani, "name": "Sani Palm"}})
			must(a.t, err)
			status, _ := a.deliver(a.t, string(body), a.sign(string(body)))
			a.met.note("POST /webhooks/campus-one", status)
		}, nil, "the delivery is kept itself, with what became of it"},
	}
}
