package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"portico/auth"
	"portico/db"
	"portico/handlers/words"
	"portico/views"
)

const (
	managePath   = "/admin/people"
	peopleShown  = 20
	historyShown = 10 // sign-ins, ended sessions and audit on a person's page
)

// managePeople lists whom the portal has met; the address repeats the search.
func (s *Server) managePeople(w http.ResponseWriter, v *visit) error {
	q := v.r.URL.Query()
	find := db.PeopleQuery{Search: strings.TrimSpace(q.Get("q")), Blocked: q.Get("blocked") == "yes", After: q.Get("after"), Limit: peopleShown}
	find.Granted = !find.Blocked && q.Get("granted") == "yes"
	rows, more, err := s.DB.People(v.r.Context(), find)
	if errors.Is(err, db.ErrNotFound) { // whom the list went on after is gone: begin anew
		s.redirect(w, v, auth.Outcome{Location: peopleAddress(find, ""), Reason: "mark_gone"})
		return nil
	}
	m := views.ManagePeopleModel{Search: find.Search, Only: only(find)}
	if err == nil {
		m.Tabs, m.Any, err = s.peopleTabs(v, find)
	}
	if err != nil {
		return err
	}
	if find.Granted && find.Search == "" {
		if m.Waiting, err = s.waitingGrants(v); err != nil {
			return err
		}
	}
	if find.After != "" {
		m.First = peopleAddress(find, "")
	}
	for _, l := range rows {
		m.Rows = append(m.Rows, personRow(l))
	}
	if more {
		m.Further = peopleAddress(find, rows[len(rows)-1].ID)
	}
	s.render(w, v, http.StatusOK, views.ManagePeople(s.page(v, "Accounts"), m))
	return nil
}

// only is what a list is narrowed to besides the search, as addresses say it.
func only(find db.PeopleQuery) string {
	switch {
	case find.Blocked:
		return "blocked"
	case find.Granted:
		return "granted"
	}
	return ""
}

// waitingGrants are permissions that nobody has signed in for yet.
func (s *Server) waitingGrants(v *visit) (rows []views.GrantRow, err error) {
	all, err := s.DB.Grants(v.r.Context())
	for _, g := range all {
		if g.Sub == "" {
			rows = append(rows, views.GrantRow{Permission: g.Permission, Label: mayWords[auth.Permission(g.Permission)], Email: g.Email, By: s.actorName(v, g.By), At: g.At})
		}
	}
	return rows, err
}

// peopleTabs counts all whom a search finds, and among them the blocked and
// those who were given something by name.
func (s *Server) peopleTabs(v *visit, find db.PeopleQuery) (tabs []views.Tab, someone bool, err error) {
	for _, of := range []db.PeopleQuery{{}, {Blocked: true}, {Granted: true}} {
		of.Search = find.Search
		n, err := s.DB.CountPeople(v.r.Context(), of)
		if err != nil {
			return nil, false, err
		}
		label := map[string]string{"": "All", "blocked": "Blocked", "granted": "Given a permission"}[only(of)]
		someone = someone || n > 0 || find.Search != ""
		tabs = append(tabs, views.Tab{Label: label, Href: peopleAddress(of, ""), Count: strconv.Itoa(n), Current: only(of) == only(find)})
	}
	return tabs, someone, nil
}

func peopleAddress(find db.PeopleQuery, after string) string {
	q := url.Values{}
	if find.Search != "" {
		q.Set("q", find.Search)
	}
	if name := only(find); name != "" {
		q.Set(name, "yes")
	}
	if after != "" {
		q.Set("after", after)
	}
	if len(q) == 0 {
		return managePath
	}
	return managePath + "?" + q.Encode()
}

func personRow(l db.PersonLine) views.PersonRow {
	row := views.PersonRow{
		Href: managePath + "/" + l.ID, Name: nameOf(&l.User), Role: roleLabel(l.Role()), StudentID: l.StudentID(), Email: l.Email(), LastSignIn: l.LastSignIn, Notes: personNotes(&l.User),
	}
	if l.Sessions > 0 {
		row.Notes = append(row.Notes, views.Note{Word: "Signed in", Shade: "good"})
	}
	return row
}

// nameOf is what a person is called in a list.
func nameOf(u *db.User) string {
	switch {
	case u.Name() != "":
		return u.Name()
	case u.Email() != "":
		return u.Email()
	}
	return u.Sub
}

func personNotes(u *db.User) (notes []views.Note) {
	if !u.Deleted.IsZero() {
		notes = append(notes, views.Note{Word: "Erased"})
	}
	if u.Blocked {
		notes = append(notes, views.Note{Word: "Blocked", Shade: "warn"})
	}
	for _, g := range u.Grants {
		notes = append(notes, views.Note{Word: mayWords[auth.Permission(g)], Shade: "calm"})
	}
	return notes
}

// managePerson shows one person.
func (s *Server) managePerson(w http.ResponseWriter, v *visit) error {
	return s.drawPerson(w, v, http.StatusOK, "", nil)
}

// drawPerson draws the person whom the address names, with what is wrong in a form.
func (s *Server) drawPerson(w http.ResponseWriter, v *visit, status int, reason string, problems []views.Problem) error {
	r, err := s.DB.PersonRecord(v.r.Context(), v.r.PathValue("id"), historyShown)
	if errors.Is(err, db.ErrNotFound) {
		return problem(http.StatusNotFound, nil)
	} else if err != nil {
		return err
	}
	base := managePath + "/" + r.ID
	m := views.ManagePersonModel{
		Name: nameOf(&r.User), ID: r.ID, Sub: r.Sub, Met: r.Created, Erased: r.Deleted, Notes: personNotes(&r.User), Problems: problems, Reason: reason,
		Facts: s.factRows(&r.User), SignIns: signInRows(r.SignIns), AuditAll: auditPath + "?q=" + url.QueryEscape(r.ID),
	}
	for _, step := range r.Timeline {
		role := roleLabel(step.Role)
		if role == "" {
			role = "No role"
		}
		m.Roles = append(m.Roles, views.RoleRowOf{Role: role, From: roleFrom(step.Source), Since: step.Since})
	}
	s.personSessions(&m, r.Sessions, base)
	if err := s.personAudit(v, &m, &r.User); err != nil {
		return err
	}
	if r.Deleted.IsZero() {
		s.personPowers(v, &m, &r, base)
	}
	if r.Block != nil {
		m.Block = &views.BlockRow{By: s.actorName(v, r.Block.By), Reason: r.Block.Reason, At: r.Block.At}
	}
	s.render(w, v, status, views.ManagePerson(s.page(v, m.Name), m))
	return nil
}

func roleFrom(source string) string {
	if source == "" {
		return "When first met"
	}
	return words.Source(source)
}

// personSessions lists what lives, and the last that ended.
func (s *Server) personSessions(m *views.ManagePersonModel, all []db.Session, base string) {
	ended := 0
	for i := range all {
		one := &all[i]
		d := deviceRow(one)
		switch {
		case !one.Ended.IsZero():
			d.Ended = "Signed out"
		case !s.Now().Before(one.Expires), s.Now().Sub(one.LastSeen) >= one.Idle:
			d.Ended = "Ran out"
		default:
			d.End, m.EndAll = base+"/sessions/"+one.ID+"/end", base+"/sessions/end"
		}
		if d.Ended != "" {
			if ended++; ended > historyShown {
				continue
			}
		}
		m.Devices = append(m.Devices, d)
	}
}

// personPowers is what a person may do, and what can be done about it.
func (s *Server) personPowers(v *visit, m *views.ManagePersonModel, r *db.PersonRecord, base string) {
	if r.Block == nil {
		m.May = s.mayRows(&r.User, auth.ByGrant) // those are listed one by one
	}
	m.BlockTo = base + "/block"
	if r.Block != nil {
		m.BlockTo = base + "/unblock"
	}
	held := map[string]bool{}
	for _, g := range r.Named {
		held[g.Permission] = true
		m.Grants = append(m.Grants, views.GrantRow{
			Permission: g.Permission, Label: mayWords[auth.Permission(g.Permission)], Email: g.Email, By: s.actorName(v, g.By), At: g.At, RevokeTo: base + "/revoke",
		})
	}
	for _, p := range grantable {
		if !held[string(p)] {
			m.GrantTo = base + "/grant"
			m.Grant = append(m.Grant, views.Entry{Label: mayWords[p], Href: string(p)})
		}
	}
}

// grantable are the permissions that can be given by name, the least first.
var grantable = []auth.Permission{auth.Reports, auth.Publish, auth.Manage}

func (s *Server) personAudit(v *visit, m *views.ManagePersonModel, u *db.User) error {
	lines, err := s.DB.AuditLog(v.r.Context(), db.AuditFilter{Search: u.ID, Limit: historyShown})
	for _, l := range lines {
		m.Audit = append(m.Audit, auditRow(l))
	}
	return err
}

// actorName is what the one who did something is called.
func (s *Server) actorName(v *visit, actor string) string {
	if u, err := s.DB.User(v.r.Context(), actor); err == nil && u.Name() != "" {
		return u.Name()
	}
	return actor
}
