package views

import "strconv"

// SettingsModel is the page on which the portal is set up. What stands in its
// fields is what is stored or, in a form that was refused, what was typed.
type SettingsModel struct {
	Problems []Problem

	Name, Short, Motto, University string
	Contact                        string
	Reach                          []Reach // with empty ones to write in
	Zone                           string  // "Africa/Lagos"

	Departments DepartmentsModel
	Categories  []CategoryRow // with empty ones to write in
	Links       []LinkRow     // with empty ones to write in
	Audiences   []Option      // for whom a link can be
	Pages       []PageRow
	Accent      AccentModel
	Logo        Picture // the stored one; its Href is "" when there is none
}

// DepartmentsModel are the departments to choose the portal's own from.
type DepartmentsModel struct {
	Groups []DepartmentGroup
	Find   string // what was looked for
	Finds  bool   // there are too many to show them all
	Hidden int    // how many are not shown
	Known  bool   // Campus One has told its departments once
}

// DepartmentGroup is a faculty with departments.
type DepartmentGroup struct {
	Faculty     string // "" where it is not known
	Departments []DepartmentBox
}

// DepartmentBox is a department to tick.
type DepartmentBox struct {
	ID, Name string
	Ticked   bool
}

// CategoryRow is a category as it is edited.
type CategoryRow struct {
	ID, Name string
	Used     int // how many items are in it
	Remove   bool
}

// LinkRow is a quick link as it is edited.
type LinkRow struct {
	ID, Version, Label, Address, Audience string
	Remove                                bool
}

// PageRow is a free page that may stand in the menu.
type PageRow struct {
	ID, Version, Title string
	InMenu             bool
}

// AccentModel is the colour of the department.
type AccentModel struct {
	Chosen  string // "#7a1f2b"
	Nearest string // a colour that can be read, when the chosen one cannot
	Own     bool   // the department has chosen one
}

// Picture is a picture with its size in CSS pixels.
type Picture struct {
	Href          string
	Width, Height int
}

// at is the name of a field in a row: "reach-2-label".
func at(list string, row int, field string) string {
	return list + "-" + strconv.Itoa(row) + "-" + field
}

// logoAlt is what a logo says to who does not see it, nothing where the words
// beside it say it already.
func (s Site) logoAlt() string {
	if s.Name == s.wordmark() {
		return ""
	}
	return s.Name
}

// used says how many items a category has.
func (c CategoryRow) used() string {
	if c.Used == 1 {
		return "1 item is in it"
	}
	return number(c.Used) + " items are in it"
}

func logoLabel(stored Picture) string {
	if stored.Href != "" {
		return "Another picture"
	}
	return "Picture"
}

func (m SettingsModel) orderOfCategories() string {
	return severally("/admin/settings/categories/order", m.Categories, func(c CategoryRow) bool { return c.ID != "" })
}

func (m SettingsModel) orderOfLinks() string {
	return severally("/admin/publish/links/order", m.Links, func(l LinkRow) bool { return l.ID != "" })
}

func (m SettingsModel) orderOfPages() string {
	return severally("/admin/publish/pages/order", m.Pages, func(PageRow) bool { return true })
}

// severally is an address where several rows are stored, "" elsewhere.
func severally[Row any](href string, all []Row, stored func(Row) bool) string {
	n := 0
	for _, row := range all {
		if stored(row) {
			n++
		}
	}
	if n < 2 {
		return ""
	}
	return href
}
