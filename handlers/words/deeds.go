package words

import (
	"slices"
	"strings"

	"portico/db"
)

// deeds say in plain words what the audit notes.
var deeds = map[string]string{
	"grant": "Permission given", "grant.bound": "Permission took hold", "revoke": "Permission taken back", "block": "Blocked", "unblock": "Unblocked",
	"session.end": "Signed out on one device", "sessions.end": "Signed out on all devices", "forget": "Forgotten at their own wish",
	"notice.start": "Notice in Campus One started", "notice.stop": "Notice in Campus One stopped", "notice.resume": "Notice in Campus One went on", "notice.end": "Notice in Campus One was over",
	"notice.decline": "Said no to notices", "notice.allow": "Took the no to notices back",
	"calendar.create": "Calendar address made", "calendar.revoke": "Calendar address ended", "draft.keep": "Draft begun", "draft.drop": "Draft thrown away", "settings.save": "Setting changed", "categories.save": "Categories changed",
	"events.import": "Timetable added from a file", "events.import.undo": "Timetable taken back",
	"delivery.retry": "Delivery tried again", "delivery.drop": "Delivery dropped", db.ActionDrift: "Missed news found", Export: "Report downloaded", "restore": "Backup restored",
}

// Export is the action under which the audit notes a downloaded report.
const Export = "report.export"

// things and turns say what was done to an item: "Announcement changed".
var (
	things = map[string]string{"announcement": "Announcement", "event": "Event", "person": "Person’s entry", "page": "Page", "link": "Quick link"}
	turns  = map[string]string{
		"create": "written", "update": "changed", "withdraw": "withdrawn", "archive": "archived", "reinstate": "put back", "review": "found still correct", "erase": "erased",
		"order": "moved",
	}
	attached = map[string]string{
		"add_file": "file added", "add_picture": "picture added", "change_file": "file renamed", "change_picture": "picture described anew", "remove_file": "file removed", "remove_picture": "picture removed",
	}
)

// Deed is an action of the audit as people read it; one that has no words
// keeps its name in words.
func Deed(action string) string {
	if words := deeds[action]; words != "" {
		return words
	}
	thing, turn, _ := strings.Cut(action, ".")
	switch {
	case things[thing] != "" && turns[turn] != "":
		return things[thing] + " " + turns[turn]
	case things[thing] != "" && attached[turn] != "":
		return things[thing] + ": " + attached[turn]
	}
	return Role(strings.ReplaceAll(action, ".", ": "))
}

// Family is a group of deeds that belong together.
type Family struct {
	Name, Label string
	Actions     []string // those that end with "." are all that begin so
}

var families = []Family{
	{"publishing", "Publishing", []string{"announcement.", "event.", "person.", "page.", "link.", "draft.", "events.", "categories.", "notice.start", "notice.stop", "notice.resume", "notice.end"}},
	{"permissions", "Permissions", []string{"grant", "grant.", "revoke"}},
	{"access", "Blocks and sign-outs", []string{"block", "unblock", "session.", "sessions."}},
	{"exports", "Downloads of reports", []string{"report."}},
	{"settings", "Settings", []string{"settings."}},
	{"webhooks", "Webhooks by hand", []string{"delivery."}},
	{"own", "By people about themselves", []string{"forget", "calendar.", "notice.decline", "notice.allow"}},
	{"portal", "The portal’s own", []string{db.ActionDrift, "restore"}},
}

// Noted is what the audit keeps beside a deed.
func Noted(l *db.AuditLine) string {
	if l.Action != db.ActionDrift {
		return l.Detail
	}
	fields := strings.Fields(l.Detail)
	for i, field := range fields {
		fields[i] = Field(field)
	}
	return strings.Join(fields, ", ")
}

// Families are the groups of deeds, the most frequent first.
func Families() []Family { return families }

// FamilyOf is the group that an action belongs to; one that belongs to none is
// the portal's own.
func FamilyOf(action string) Family {
	for _, f := range families {
		if f.Has(action) {
			return f
		}
	}
	return families[len(families)-1]
}

// Has says whether an action belongs to the family.
func (f Family) Has(action string) bool {
	return slices.ContainsFunc(f.Actions, func(a string) bool {
		return a == action || strings.HasSuffix(a, ".") && strings.HasPrefix(action, a)
	})
}
