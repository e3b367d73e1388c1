package handlers

import (
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"portico/auth"
	"portico/views"
)

// dashboard greets a person and shows what Campus One told of them.
func (s *Server) dashboard(w http.ResponseWriter, v *visit) error {
	u := v.live.User
	m := views.DashboardModel{
		Role: roleLabel(u.Role()), StudentID: u.Get("student_id"), Level: u.Get("level"),
		Session: u.Get("academic_session"), Semester: capital(u.Get("semester")),
		Faculty: s.Catalogue.Faculty(u.Get("faculty_id")), Department: s.Catalogue.Department(u.Get("department_id")),
		NoRole: u.Role() == "", CheckAgain: "/dashboard/check-role",
	}
	if s.Policy.May(u, auth.Publish, s.Now()) {
		m.Staff = append(m.Staff, views.Entry{Label: "Publish", Href: publishPath, Text: "Write announcements, events, people, pages and quick links."})
	}
	if s.Policy.May(u, auth.Reports, s.Now()) {
		m.Staff = append(m.Staff, views.Entry{Label: "Reports", Href: "/admin/reports", Text: "How many people sign in, and who they are."})
	}
	if s.Policy.May(u, auth.Manage, s.Now()) {
		m.Staff = append(m.Staff, views.Entry{Label: "Webhooks", Href: webhooksPath, Text: "What Campus One sent, and what became of it."},
			views.Entry{Label: "Health", Href: healthPath, Text: "Is the portal well, and when was it backed up?"})
	}
	renderKnown(s, w, v, views.Dashboard, s.page(v, "Today"), m)
	return nil
}

// checkRole asks Campus One once more who this is: a fresh sign-in brings the
// claims of the moment.
func (s *Server) checkRole(w http.ResponseWriter, v *visit) error {
	return s.answer(w, v, s.Flow.Begin(v.r, &v.visitor, v.live, "/dashboard"))
}

// roleLabel is a role as people read it.
func roleLabel(role string) string {
	return capital(strings.ReplaceAll(role, "_", " "))
}

func capital(s string) string {
	if s == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}
