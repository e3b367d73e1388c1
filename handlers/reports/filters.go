package reports

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"portico/db"
	"portico/handlers/words"
	"portico/views"
)

// none is the value of a filter for those of whom nothing is known; everyone
// that of everybody, where the usual value is less.
const (
	none     = "none"
	everyone = "all"
)

// knownRoles are Campus One's own.
var knownRoles = []string{"student", "staff", "admin", "alumni", "external", "developer", "employer", "consultant", "therapist", "founder", "mentor", "auditor"}

func roleFilter(name, label, all string) filter {
	f := filter{name: name, label: label, options: []views.Option{option("", all)}}
	for _, r := range knownRoles {
		f.options = append(f.options, option(r, words.Role(r)))
	}
	f.options = append(f.options, option(none, "No role"))
	return f
}

func levelFilter() filter {
	f := filter{name: "level", label: "Level", options: []views.Option{option("", "All levels")}}
	for _, l := range []string{"100", "200", "300", "400", "500", "600", "700", "800", "900"} {
		f.options = append(f.options, option(l, l+" level"))
	}
	f.options = append(f.options, option(none, "Not told"))
	return f
}

// departmentFilter begins with the portal's own departments: reports are about
// them unless somebody asks for all.
func departmentFilter(ctx context.Context, d *Desk) (filter, error) {
	f := filter{name: "department", label: "Department"}
	known, err := d.DB.Catalogue(ctx)
	if err != nil {
		return f, err
	}
	own := d.Settings.Departments
	slices.SortStableFunc(known.Departments, func(a, b db.Department) int {
		return cmp.Or(cmp.Compare(rank(own, a.ID), rank(own, b.ID)), strings.Compare(a.Name, b.Name))
	})
	all := option("", "All departments")
	if len(own) > 0 {
		f.options, f.narrows, all.Value = append(f.options, option("", "Our departments")), true, everyone
	}
	f.options = append(f.options, all)
	for _, dep := range known.Departments {
		f.options = append(f.options, option(dep.ID, dep.Name))
	}
	f.options = append(f.options, option(none, "Not told"))
	return f, nil
}

// rank is where an id stands among the portal's own, which come first.
func rank(own []string, id string) int {
	if at := slices.Index(own, id); at >= 0 {
		return at
	}
	return len(own)
}

// departments are those that a filter lets through; empty is all.
func (a *ask) departments(d *Desk) []string {
	switch value := a.chosen["department"]; value {
	case "":
		return d.Settings.Departments
	case everyone:
		return nil
	default:
		return a.values("department")
	}
}

// values is what a filter lets through as the database takes it.
func (a *ask) values(name string) []string {
	switch value := a.chosen[name]; value {
	case "":
		return nil
	case none:
		return []string{""}
	default:
		return []string{value}
	}
}
