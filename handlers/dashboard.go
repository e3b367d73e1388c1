package handlers

import (
	"net/http"

	"portico/auth"
	"portico/handlers/words"
	"portico/views"
)

const readPath = "/dashboard/read"

// dashboard is a person's own page: their day, what is meant for them, and
// what Campus One told of them.
func (s *Server) dashboard(w http.ResponseWriter, v *visit) error {
	u := v.live.User
	b, err := s.boardOf(v)
	if err != nil {
		return err
	}
	m := views.DashboardModel{
		Role: roleLabel(u.Role()), StudentID: u.Get("student_id"), Level: u.Get("level"),
		Session: u.Get("academic_session"), Semester: capital(u.Get("semester")),
		Faculty: s.Catalogue.Faculty(u.Get("faculty_id")), Department: s.Catalogue.Department(u.Get("department_id")),
		NoRole: u.Role() == "", External: u.Role() == "external", CheckAgain: "/dashboard/check-role",
		Changed: b.changed, Today: b.today, Next: b.next, Calendar: calendarPath, Events: eventsPath,
		ForYou: b.told, MarkRead: readPath, MoreUnread: b.moreUnread, AllNotices: announcementsPath, Links: b.links,
		Staff: s.staffEntries(s.held(v)),
	}
	if err := s.fillDesk(v, b.shelf, &m); err != nil {
		return problem(http.StatusServiceUnavailable, err)
	}
	if s.may(v, auth.Manage) {
		m.Attention, m.FirstRun = s.attention.look(v.r.Context(), s)
	}
	renderKnown(s, w, v, views.Dashboard, (*views.DashboardModel).Same, s.page(v, "Today"), m)
	return nil
}

// markRead notes that a person has read one announcement, or all of them.
func (s *Server) markRead(w http.ResponseWriter, v *visit) error {
	shelf, err := s.shelf(v)
	if err != nil {
		return err
	}
	word, n := "Marked as read.", 0
	if v.r.PostForm.Get("all") != "" {
		word = "All announcements are marked as read."
		n, err = shelf.MarkAllRead(v.r.Context(), s.Now())
	} else {
		n, err = shelf.MarkRead(v.r.Context(), s.Now(), v.r.PostForm["id"]...)
	}
	if err != nil {
		return problem(http.StatusServiceUnavailable, err)
	}
	if n == 0 { // it ended meanwhile, or another window was quicker
		word = "Nothing was left to mark."
	}
	return s.done(w, v, "/dashboard", word)
}

// staffPages are the pages for staff and who may open them.
var staffPages = []struct {
	may auth.Permission
	views.Entry
}{
	{auth.Publish, views.Entry{Label: "Publish", Href: publishPath, Text: "Write announcements, events, people, pages and quick links."}},
	{auth.Reports, views.Entry{Label: "Reports", Href: "/admin/reports", Text: "How many people sign in, what is read, and what Campus One sent."}},
	{auth.Manage, views.Entry{Label: "Accounts", Href: managePath, Text: "Who uses the portal, and what they may do."}},
	{auth.Manage, views.Entry{Label: "Webhooks", Href: webhooksPath, Text: "What Campus One sent, and what became of it."}},
	{auth.Manage, views.Entry{Label: "Settings", Href: "/admin/settings", Text: "The department’s name, colours, menu and contact."}},
	{auth.Manage, views.Entry{Label: "Audit", Href: "/admin/audit", Text: "Who changed what, and when."}},
	{auth.Manage, views.Entry{Label: "Health", Href: healthPath, Text: "Is the portal well, and when was it backed up?"}},
}

// staffEntries are the pages for staff that this portal has and this person
// may use.
func (s *Server) staffEntries(held auth.Held) (entries []views.Entry) {
	if held == (auth.Held{}) {
		return nil
	}
	for _, e := range staffPages {
		if s.pathIf(e.Href) != "" && held.May(e.may) {
			entries = append(entries, e.Entry)
		}
	}
	return entries
}

// pathIf is a path if there is a page under it, else "": nothing points at an
// address that is not there.
func (s *Server) pathIf(path string) string {
	if s.gates["GET "+path].pattern == "" {
		return ""
	}
	return path
}

// checkRole asks Campus One once more who this is: a fresh sign-in brings the
// claims of the moment.
func (s *Server) checkRole(w http.ResponseWriter, v *visit) error {
	return s.answer(w, v, s.Flow.Begin(v.r, &v.visitor, v.live, "/dashboard"))
}

// roleLabel is a role as people read it.
func roleLabel(role string) string { return words.Role(role) }

func capital(s string) string { return words.Capital(s) }
