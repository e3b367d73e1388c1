package handlers

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"portico/auth"
	"portico/auth/reading"
	"portico/db"
	"portico/views"
)

const (
	fewDepartments = 15 // are shown without a search
	mostRows       = 200
	emptyRows      = 2
)

// fillDepartments lists Campus One's departments as they were told last, so
// that Campus One may be away; those that are the portal's own are ticked.
func (d *settingsDesk) fillDepartments() error {
	c, err := d.s.DB.Catalogue(d.v.r.Context())
	if err != nil {
		return err
	}
	d.m.Departments = departmentsModel(c, d.set.Departments, "")
	return nil
}

func departmentsModel(c db.Catalogue, ticked []string, find string) views.DepartmentsModel {
	m := views.DepartmentsModel{Known: !c.At.IsZero(), Finds: len(c.Departments) > fewDepartments, Find: find}
	shown := func(name string) bool {
		return !m.Finds || find != "" && strings.Contains(db.Fold(name), db.Fold(strings.TrimSpace(find)))
	}
	groups := map[string][]views.DepartmentBox{}
	known := map[string]bool{}
	for _, p := range c.Departments {
		known[p.ID] = true
		box := views.DepartmentBox{ID: p.ID, Name: p.Name, Ticked: slices.Contains(ticked, p.ID)}
		if box.Ticked || shown(p.Name) {
			groups[p.FacultyID] = append(groups[p.FacultyID], box)
		} else {
			m.Hidden++
		}
	}
	for _, f := range c.Faculties {
		if boxes := groups[f.ID]; boxes != nil {
			m.Groups = append(m.Groups, views.DepartmentGroup{Faculty: f.Name, Departments: boxes})
			delete(groups, f.ID)
		}
	}
	var rest []views.DepartmentBox
	for _, boxes := range groups {
		rest = append(rest, boxes...)
	}
	slices.SortFunc(rest, func(a, b views.DepartmentBox) int { return cmp.Compare(a.Name, b.Name) })
	for _, id := range ticked {
		if !known[id] {
			rest = append(rest, views.DepartmentBox{ID: id, Name: "A department that Campus One no longer names", Ticked: true})
		}
	}
	if rest != nil {
		m.Groups = append(m.Groups, views.DepartmentGroup{Departments: rest})
	}
	return m
}

// setDepartments takes the portal's own departments, or looks for some.
func (d *settingsDesk) setDepartments(w http.ResponseWriter) error {
	c, err := d.s.DB.Catalogue(d.v.r.Context())
	if err != nil {
		return err
	}
	before, ticked := d.set.Departments, slices.Clone(d.v.r.PostForm["department"])
	ticked = slices.DeleteFunc(ticked, func(id string) bool {
		return !slices.Contains(before, id) && !slices.ContainsFunc(c.Departments, func(p db.Department) bool { return p.ID == id })
	})
	slices.Sort(ticked)
	d.set.Departments = slices.Compact(ticked)
	if d.typed("do") == "find" {
		d.m.Departments = departmentsModel(c, d.set.Departments, d.typed("departments-find"))
		return d.draw(w, http.StatusOK)
	}
	return d.done(w, "Your departments are saved.", "departments")
}

func (d *settingsDesk) fillCategories(shelf *reading.Shelf) error {
	use, err := d.s.DB.CategoryUse(d.v.r.Context())
	if err != nil {
		return err
	}
	for _, c := range shelf.Categories() {
		d.m.Categories = append(d.m.Categories, views.CategoryRow{ID: c.ID, Name: c.Name, Used: use[c.ID]})
	}
	d.m.Categories = append(d.m.Categories, make([]views.CategoryRow, emptyRows)...)
	return nil
}

// rows calls do for each row of a list that was sent, with the ids of its
// fields.
func (d *settingsDesk) rows(list, field string, do func(i int, id func(string) string)) {
	for i := range mostRows {
		id := func(name string) string { return fmt.Sprintf("%s-%d-%s", list, i, name) }
		if _, sent := d.v.r.PostForm[id(field)]; !sent {
			return
		}
		do(i, id)
	}
}

// setCategories renames and removes categories, and adds new ones behind them.
// One that somebody else has added meanwhile stays.
func (d *settingsDesk) setCategories(w http.ResponseWriter) error {
	var next []db.Category
	for _, c := range d.m.Categories {
		if c.ID != "" {
			next = append(next, db.Category{ID: c.ID, Name: c.Name})
		}
	}
	stored, names := d.m.Categories, map[string]bool{}
	d.m.Categories = nil
	d.rows("category", "name", func(i int, id func(string) string) {
		row := views.CategoryRow{ID: d.typed(id("id")), Name: d.typed(id("name")), Remove: d.typed(id("remove")) != ""}
		was := slices.IndexFunc(stored, func(c views.CategoryRow) bool { return c.ID != "" && c.ID == row.ID })
		if row.ID != "" && was < 0 {
			return // somebody else has removed it meanwhile
		}
		if was >= 0 {
			row.Used = stored[was].Used
		}
		d.m.Categories = append(d.m.Categories, row)
		name := d.categoryName(i, id("name"), row, names)
		switch at := slices.IndexFunc(next, func(c db.Category) bool { return c.ID == row.ID }); {
		case row.ID != "" && row.Remove:
			next = slices.Delete(next, at, at+1)
		case row.ID != "":
			next[at].Name = name
		case name != "":
			next = append(next, db.Category{Name: name})
		}
	})
	if len(d.m.Problems) == 0 {
		err := d.saveCategories(next)
		if err == nil {
			return d.saved(w, "The categories are saved.")
		}
		if !errors.Is(err, db.ErrCategoryUsed) {
			return err
		}
		d.wrong("category-0-name", "A category that was to go has items meanwhile. Nothing was saved; look at the numbers and save again.")
	}
	return d.draw(w, http.StatusUnprocessableEntity)
}

// categoryName reads the name of one category; names are those of the others.
func (d *settingsDesk) categoryName(i int, field string, row views.CategoryRow, names map[string]bool) string {
	name := d.line(field, "Name", 60)
	switch folded := db.Fold(name); {
	case row.ID != "" && row.Remove, row.ID == "" && name == "":
	case name == "":
		d.wrong(field, "Category %d: write its name, or tick “Remove”.", i+1)
	case names[folded]:
		d.wrong(field, "There are two categories called “%s”. Give one another name.", name)
	default:
		names[folded] = true
	}
	return name
}

// saveCategories gives new ones an id of their name: it stays when the name
// changes.
func (d *settingsDesk) saveCategories(all []db.Category) error {
	taken := map[string]bool{}
	for _, c := range all {
		taken[c.ID] = true
	}
	for i, c := range all {
		if c.ID != "" {
			continue
		}
		id := reading.Slug(c.Name)
		for n := 2; taken[id]; n++ {
			id = reading.Slug(c.Name) + "-" + strconv.Itoa(n)
		}
		all[i].ID, taken[id] = id, true
	}
	return d.s.DB.SaveCategories(d.v.r.Context(), all, d.v.live.User.ID, d.s.Now())
}

// items are those of a kind that are not put away, in their order.
func (d *settingsDesk) items(kind db.Kind) ([]db.Item, error) {
	all, err := d.s.DB.Items(d.v.r.Context(), db.ItemFilter{Kind: kind, Limit: mostRows - emptyRows, Now: d.s.Now()})
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(i db.Item) bool { return !i.Archived.IsZero() || !i.Withdrawn.IsZero() })
	slices.SortFunc(all, func(a, b db.Item) int {
		return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.Title, b.Title), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

// audiences are the presets for whom a link can be; "" keeps another one.
func (d *settingsDesk) audiences() []views.Option {
	all := []views.Option{{Value: "everybody", Label: "Everybody"}, {Value: "signed-in", Label: "Everybody who is signed in"}, {Value: "staff", Label: "Staff"}}
	if len(d.set.Departments) > 0 {
		all = append(all, views.Option{Value: "students", Label: "Our students"})
	}
	return append(all, views.Option{Label: "As it was set elsewhere"})
}

// preset is the audience of one of the presets, "" for none.
func (d *settingsDesk) preset(name string) string {
	switch {
	case name == "everybody":
		return auth.Audience{To: auth.Everybody}.Text()
	case name == "signed-in":
		return auth.Audience{To: auth.SignedIn}.Text()
	case name == "staff":
		return auth.Audience{To: auth.Groups, Groups: []auth.Group{{auth.AboutRole: {auth.RolePair{Name: "staff"}.String()}}}}.Text()
	case name == "students" && len(d.set.Departments) > 0:
		return d.set.OurStudents().Text()
	}
	return ""
}

func (d *settingsDesk) fillLinks() error {
	links, err := d.items(db.QuickLink)
	if err != nil {
		return err
	}
	d.m.Audiences = d.audiences()
	for _, l := range links {
		row := views.LinkRow{ID: l.ID, Version: strconv.Itoa(l.Version), Label: l.Title, Address: l.Link}
		for _, o := range d.m.Audiences {
			if o.Value != "" && d.preset(o.Value) == l.Audience {
				row.Audience = o.Value
			}
		}
		d.m.Links = append(d.m.Links, row)
	}
	for range emptyRows {
		d.m.Links = append(d.m.Links, views.LinkRow{Audience: "everybody"})
	}
	return nil
}

func (d *settingsDesk) fillMenu() error {
	pages, err := d.items(db.FreePage)
	for _, p := range pages {
		d.m.Pages = append(d.m.Pages, views.PageRow{ID: p.ID, Version: strconv.Itoa(p.Version), Title: p.Title, InMenu: p.InMenu})
	}
	return err
}
