package handlers

import (
	"fmt"
	"net/http"
	"slices"

	"portico/auth/reading"
	"portico/db"
	"portico/views"
)

const (
	privacyPath       = "/privacy"
	accessibilityPath = "/accessibility"
)

// footer leads to what is to be said of the portal itself.
func footer() []views.MenuItem {
	return []views.MenuItem{{Label: "Privacy", Href: privacyPath}, {Label: "Accessibility", Href: accessibilityPath}}
}

// privacy says what the portal keeps, by the settings that are in force.
func (s *Server) privacy(w http.ResponseWriter, v *visit) error {
	p := s.page(v, "Privacy")
	p.Preview = s.preview(v, &p, "What the portal knows of you, how long it keeps it, and whom to ask.")
	m := views.PrivacyModel{Silent: s.Silent, Sent: sent(s.Scopes), Kept: s.kept(), Reach: reach(s.frame(v).Settings())}
	for _, c := range s.Flow.Cookies() {
		m.Cookies = append(m.Cookies, views.CookieRow{Name: c.Name, For: c.For, Life: keptFor(c.Life)})
	}
	renderKnown(s, w, v, views.Privacy, alike, p, m)
	return nil
}

// accessibility says for whom the portal works, and whom to tell.
func (s *Server) accessibility(w http.ResponseWriter, v *visit) error {
	p := s.page(v, "Accessibility")
	p.Preview = s.preview(v, &p, "How the portal is meant to work for everybody, and whom to tell where it does not.")
	renderKnown(s, w, v, views.Accessibility, alike, p, views.AccessibilityModel{Reach: reach(s.frame(v).Settings())})
	return nil
}

// reach are the ways to reach a person that staff have set.
func reach(set *reading.Settings) []views.Reach {
	var ways []views.Reach
	for _, r := range set.Reach {
		ways = append(ways, views.Reach(r))
	}
	return ways
}

// sent says what each leave that the portal asks for makes Campus One tell.
func sent(scopes []string) []views.Term {
	terms := []views.Term{{What: "Always", Text: "A name that stands for you between Campus One and this portal. It is not your student ID."}}
	for _, known := range []struct {
		scope string
		term  views.Term
	}{
		{"profile", views.Term{What: "Profile", Text: "Your name, your user name, and your picture and phone number if Campus One has them."}},
		{"email", views.Term{What: "E-mail", Text: "Your address, and whether it was checked."}},
		{"academic", views.Term{What: "Studies", Text: "Your student ID, level, final year or not, faculty, department, session and semester."}},
		{"roles", views.Term{What: "Roles", Text: "Student, staff and the like. They decide what you can open here."}},
		{"offline_access", views.Term{What: "Later on", Text: "We may ask Campus One again whether all this is still so, until you sign out there or disconnect this portal."}},
		{"notifications", views.Term{What: "Notices", Text: "We may send you notices in Campus One."}},
		{"calendar", views.Term{What: "Calendar", Text: "What stands in your Campus One calendar."}},
		{"events", views.Term{What: "Events", Text: "We may put events into Campus One."}},
	} {
		if slices.Contains(scopes, known.scope) {
			terms = append(terms, known.term)
		}
	}
	return terms
}

// kept says what is kept of a person, and how long.
func (s *Server) kept() []views.Term {
	k := s.Kept
	all := []views.Term{
		{What: "About you", Text: "What Campus One tells us, above: until Campus One deletes your account."},
		{What: "Your devices", Text: fmt.Sprintf("Browser and system, a shortened network address, and when: until you sign out, or after %s without use, and never longer than %s. What you ended yourself is listed for another %s.", keptFor(k.SessionIdle), keptFor(k.SessionMax), keptFor(db.EndedKept))},
		{What: "Your sign-ins", Text: "That you signed in, and when: " + keptFor(k.SignIns) + "."},
		{What: "What you read", Text: "Which announcements you have opened or marked as read: " + keptFor(k.Reads) + "."},
		{What: "Your drafts", Text: "For those who publish: what you wrote and have not saved yet, until you save it or throw it away, or " + keptFor(db.DraftsKept) + " after you last touched it."},
		{What: "Your timetables", Text: "For those who publish: lines of a file that were left over when you added its events: " + keptFor(ImportKept) + "."},
		{What: "Your calendar", Text: "A secret address, if you made one, in a form that opens no calendar: until you end it."},
		{What: "News of you", Text: "What Campus One reports about you, such as a new role: " + keptFor(k.Deliveries) + "."},
		{What: "Deeds of staff", Text: "Who published or changed something, or looked at personal data: " + keptFor(k.Audit) + "."},
		{What: "Server log", Text: "One line for each request, with a number for you, without your name or address: as long as the server keeps its logs."},
	}
	if s.Notices != nil && s.Notices.On {
		all = append(all,
			views.Term{What: "Notices", Text: "If you agreed to it at Campus One: a sealed permission to notify you there, used for that alone, until 7 days after it was last renewed. Your account has a switch that ends it; that you said no is remembered."},
			views.Term{What: "Whom a notice reached", Text: "Whether you were sent a notice: 7 days after it was sent to everybody. Then only the numbers stay."})
	}
	if k.Backups {
		all = append(all, views.Term{What: "Backups", Text: "A copy of all this every day. Copies older than two weeks are deleted."})
	}
	return all
}
