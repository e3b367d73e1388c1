package words

import (
	"cmp"
	"strings"

	"portico/db"
)

// settings are what can be set, as people call it.
var settings = map[string]string{
	"name": "Name of the department", "short": "Short name", "motto": "Motto", "university": "University", "contact": "Where people ask", "reach": "Ways to reach a person",
	"departments": "Your departments", "accent": "Colour", "logo": "Logo", "categories": "Categories",
}

// Setting is what can be set as people call it.
func Setting(key string) string {
	if words := settings[key]; words != "" {
		return words
	}
	return Role(key)
}

// erased is what is left of an item that is gone.
var erased = map[string]string{
	"announcement": "An erased announcement", "event": "An erased event", "person": "An erased entry of a person", "page": "An erased page", "link": "An erased quick link", "notice": "Something erased",
}

// About is whom or what a line of the audit is about, as people read it. An
// item is called by its present title. Of one that was erased no title is left
// anywhere, since the title may have been the mistake.
func About(l *db.AuditLine) string {
	thing, _, _ := strings.Cut(l.Action, ".")
	switch {
	case l.SubjectID != "":
		return cmp.Or(l.SubjectName, l.Object)
	case l.ItemTitle != "":
		return l.ItemTitle
	case thing == "settings" || thing == "categories":
		return Setting(l.Object)
	case thing == "draft":
		return "An unsaved text"
	case thing == "events":
		return "A timetable"
	}
	return cmp.Or(Erased(l), l.Object)
}

// Erased says what is left of the item that a line is about; "" when it is
// about none, or about one that is there.
func Erased(l *db.AuditLine) string {
	thing, _, _ := strings.Cut(l.Action, ".")
	if l.Object == "" || l.ItemKind != "" || l.SubjectID != "" {
		return ""
	}
	return erased[thing]
}
