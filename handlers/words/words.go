// Package words says in plain words what the portal's own names stand for:
// roles, facts, sources, deeds, events and reasons. Pages of all kinds take
// them from here, so that one thing has one name.
package words

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"portico/db"
)

// Capital begins a text with a capital letter.
func Capital(s string) string {
	if s == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// Role is a role, or another single word of Campus One, as people read it.
func Role(role string) string { return Capital(strings.ReplaceAll(role, "_", " ")) }

// RoleOrNone is Role, and says so where there is none.
func RoleOrNone(role string) string {
	if role == "" {
		return "No role"
	}
	return Role(role)
}

var sources = map[string]string{
	db.SourceIDToken: "From a sign-in", db.SourceUserinfo: "From the profile, at a sign-in", db.SourceWebhook: "From Campus One’s news", db.SourceConfirmation: "From a confirmation by Campus One", "": "From Campus One",
}

// Source says who told a fact; "" for what is no source.
func Source(source string) string { return sources[source] }

var doers = map[string]string{
	db.SourceSignIn: "a sign-in", db.SourceIDToken: "a sign-in", db.SourceUserinfo: "a sign-in", db.SourceWebhook: "Campus One’s news", db.SourceConfirmation: "a confirmation by Campus One", "": "Campus One",
}

// Doer is what had the portal do something of its own accord; "" for a person
// or a command.
func Doer(actor string) string { return doers[actor] }

var fields = map[string]string{
	db.FieldEmail: "E-mail address", db.FieldEmailVerified: "Address verified", db.FieldPreferredUsername: "User name", db.FieldRole: "Main role", db.FieldRoles: "All roles",
	db.FieldCustomRoles: "Roles in this portal", db.FieldStudentID: "Student ID", db.FieldFacultyID: "Faculty", db.FieldDepartmentID: "Department",
}

// Field is what a fact is about.
func Field(field string) string {
	if label := fields[field]; label != "" {
		return label
	}
	return Role(field)
}

// Thousands writes a figure for the eye: 12480 as 12,480. What is no whole
// number stays.
func Thousands(text string) string {
	if _, err := strconv.Atoi(text); err != nil {
		return text
	}
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
