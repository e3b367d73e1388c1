package handlers

import (
	"fmt"
	"strings"
	"time"

	"portico/db"
	"portico/handlers/words"
	"portico/views"
)

// factRows is what is known of a person, in plain words.
func (s *Server) factRows(u *db.User) (rows []views.FactRow) {
	for _, f := range u.OrderedFacts() {
		rows = append(rows, views.FactRow{Label: words.Field(f.Field), Value: s.factValue(u, f), From: words.Source(f.Source), At: f.AsOf})
	}
	return rows
}

// factValue is a fact as people write it.
func (s *Server) factValue(u *db.User, f db.Fact) string {
	value := f.Value
	switch f.Field {
	case db.FieldFacultyID:
		value = named(s.Catalogue.Faculty(f.Value))
	case db.FieldDepartmentID:
		value = named(s.Catalogue.Department(f.Value))
	case db.FieldRole, db.FieldSemester, db.FieldStudyLevel:
		value = roleLabel(f.Value)
	case db.FieldRoles:
		value = listed(u.Roles())
	case db.FieldCustomRoles:
		value = listed(u.CustomRoles())
	case db.FieldEmailVerified, db.FieldFinalYear:
		value = map[string]string{"true": "Yes", "false": "No"}[f.Value]
	}
	if value == "" {
		return "None"
	}
	return value
}

// named is the name of an id; the id itself says nothing to anybody.
func named(name string) string {
	if name == "" {
		return "One whose name Campus One did not tell"
	}
	return name
}

func listed(roles []string) string {
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = roleLabel(r)
	}
	return strings.Join(words, ", ")
}

// rows says what is kept until when.
func (k Kept) rows() []views.KeptRow {
	return []views.KeptRow{
		{What: "What Campus One told us", Until: "Until Campus One deletes your account. It changes when Campus One says so."},
		{What: "Devices", Until: "Until " + endedSessions + "."},
		{What: "Sign-ins", Until: "For " + keptFor(k.SignIns) + "."},
		{What: "What you have read", Until: "For " + keptFor(k.Reads) + "."},
		{What: "Drafts", Until: "What you wrote and did not save: for " + keptFor(db.DraftsKept) + " after you last touched it."},
		{What: "Calendar address", Until: "Until you end it or have yourself forgotten. What is kept of it opens no calendar."},
		{What: "Leave to ask Campus One again", Until: "Until you sign out there, disconnect this portal, or have yourself forgotten."},
		{What: "News from Campus One", Until: "What it sent about you, as it came: for " + keptFor(k.Deliveries) + "."},
		{What: "What you wrote, and permissions", Until: "Until staff remove them."},
		{What: "Audit", Until: "What was done about you, and by whom: for " + keptFor(k.Audit) + "."},
	}
}

// keptFor writes a time of keeping: "2 years", "180 days", "90 minutes".
func keptFor(d time.Duration) string {
	const day = 24 * time.Hour
	for _, unit := range []struct {
		length time.Duration
		noun   string
	}{{365 * day, "year"}, {day, "day"}, {time.Hour, "hour"}} {
		if d >= unit.length && d%unit.length == 0 {
			return counted(int(d/unit.length), unit.noun)
		}
	}
	return counted(int(d/time.Minute), "minute")
}

// counted writes a number with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
