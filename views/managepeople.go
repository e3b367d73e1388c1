package views

import "time"

// ManagePeopleModel is one page of the people whom the portal has met.
type ManagePeopleModel struct {
	Search  string
	Only    string     // "blocked" or "granted" when these alone are listed, or ""
	Waiting []GrantRow // permissions given to addresses that nobody has signed in with
	Tabs    []Tab
	Rows    []PersonRow
	Any     bool   // the portal has met somebody
	First   string // address of the first page, or ""
	Further string // address of the next page, or ""
}

// PersonRow is one person in a list.
type PersonRow struct {
	Href, Name, Role, StudentID, Email string
	LastSignIn                         time.Time
	Notes                              []Note
}

// Note is a word on a person or a thing; Shade is how it looks.
type Note struct{ Word, Shade string }

// ManagePersonModel is all that is stored about one person, and what can be done.
type ManagePersonModel struct {
	Name     string
	ID, Sub  string
	Met      time.Time
	Erased   time.Time // zero: living
	Notes    []Note
	Problems []Problem

	Facts    []FactRow
	May      []MayRow
	Grants   []GrantRow
	GrantTo  string  // where a permission is given; "" leaves the form out
	Grant    []Entry // permissions that can be given; Href is the value
	Roles    []RoleRowOf
	Devices  []DeviceRow // the newest first, ended ones too
	EndAll   string      // "" when nothing lives
	SignIns  []SignInRow
	Block    *BlockRow // nil: they may sign in
	BlockTo  string    // where a block is set or lifted; "" leaves it out
	Reason   string    // what was typed as the reason
	Audit    []AuditRow
	AuditAll string // where the rest of the audit is, or ""
}

// GrantRow is a permission that was given by name.
type GrantRow struct {
	Permission, Label, Email, By string
	At                           time.Time
	RevokeTo                     string
}

// RoleRowOf is a role of one person and since when.
type RoleRowOf struct {
	Role, From string
	Since      time.Time
}

// BlockRow is what keeps a person out.
type BlockRow struct {
	By, Reason string
	At         time.Time
}

// AuditModel is one page of the audit.
type AuditModel struct {
	Find     AuditFind
	Problems []Problem
	Actions  []Entry // what can be chosen; Href is the value
	Rows     []AuditRow
	Latest   string // address of the first page, or ""
	Older    string // address of the next page, or ""
}

// AuditFind is what the audit was asked for, as it was typed.
type AuditFind struct{ Search, Action, From, To string }

func (f AuditFind) narrowed() bool { return f != AuditFind{} }
func (f AuditFind) more() bool     { return f.Action != "" || f.From != "" || f.To != "" }

// AuditRow is one thing that was done.
type AuditRow struct {
	At             time.Time
	Who, WhoHref   string
	Did            string
	Whom, WhomHref string // whom or what it was done to, or ""
	Before, After  string // or ""
	Detail         string // a reason, or what else was noted
}
