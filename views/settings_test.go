package views_test

import (
	"slices"
	"testing"

	"golang.org/x/net/html"

	"portico/static"
	"portico/views"
)

func setUp() views.SettingsModel {
	return views.SettingsModel{
		Name: "Department of Computer Science", Short: "Computer Science", Motto: "Wisdom and service.", University: "Nile University of Nigeria", Contact: "cs@example.edu.ng",
		Reach: []views.Reach{{Label: "Office, block C, room 12", Text: "Monday to Friday", Link: "cs@example.edu.ng"}, {}}, Zone: "Africa/Lagos",
		Departments: views.DepartmentsModel{Known: true, Finds: true, Hidden: 31, Groups: []views.DepartmentGroup{
			{Faculty: "Faculty of Computing", Departments: []views.DepartmentBox{{ID: "dept_cs", Name: "Computer Science", Ticked: true}, {ID: "dept_se", Name: "Software Engineering"}}},
			{Departments: []views.DepartmentBox{{ID: "dept_old", Name: "A department that Campus One no longer names", Ticked: true}}},
		}},
		Categories: []views.CategoryRow{{ID: "exams", Name: "Exams", Used: 12}, {ID: "news", Name: "News"}, {ID: "one", Name: "One", Used: 1}, {}},
		Audiences:  []views.Option{{Value: "everybody", Label: "Everybody"}, {Value: "staff", Label: "Staff"}, {Label: "As it was set elsewhere"}},
		Links: []views.LinkRow{
			{ID: "l1", Version: "3", Label: "Library", Address: "https://library.example", Audience: "staff"},
			{ID: "l2", Version: "1", Label: "Lab rules", Address: "/pages/lab"}, {Audience: "everybody"},
		},
		Pages:  []views.PageRow{{ID: "p1", Version: "2", Title: "About us", InMenu: true}, {ID: "p2", Version: "1", Title: "Lab rules"}},
		Accent: views.AccentModel{Chosen: "#7a1f2b", Own: true}, Logo: views.Picture{Href: static.LogoFile([]byte("x")).Address(), Width: 60, Height: 40},
	}
}

func wronglySet() views.SettingsModel {
	m := setUp()
	m.Logo, m.Pages, m.Departments = views.Picture{}, nil, views.DepartmentsModel{}
	m.Accent = views.AccentModel{Chosen: "#ffd400", Nearest: "#846c00"}
	for _, field := range []string{"name-full", "reach-0-link", "category-1-name", "link-0-address", "link-2-audience", "accent-colour", "logo-file"} {
		m.Problems = append(m.Problems, views.Problem{Field: field, Text: "Something is wrong with " + field + "."})
	}
	return m
}

func dressed() views.Page {
	p := anonymous("", "/")
	p.Site.Accent, p.Site.Logo = static.AccentFile(static.House()).Address(), views.Picture{Href: static.LogoFile([]byte("x")).Address(), Width: 60, Height: 40}
	return p
}

func settingsPage(t *testing.T, m views.SettingsModel) *html.Node {
	return draw(t, views.Settings(manager("Settings", "/admin/settings"), m))
}

func TestSettingsShowEachProblemAtItsField(t *testing.T) {
	m := wronglySet()
	doc := settingsPage(t, m)
	for _, p := range m.Problems {
		field := one(t, doc, "#"+p.Field)
		if attr(field, "aria-invalid") != "true" || text(one(t, doc, "#"+p.Field+"-wrong")) != p.Text {
			t.Errorf("%s does not say what is wrong with it", p.Field)
		}
		if got := text(one(t, doc, `.problems a[href="#`+p.Field+`"]`)); got != p.Text {
			t.Errorf("the summary says %q of %s", got, p.Field)
		}
	}
	if got := attr(one(t, doc, "button[value='#846c00']"), "name"); got != "take" {
		t.Errorf("the nearest colour is offered as %q", got)
	}
}

func TestSettingsFormsCarryTheirPerson(t *testing.T) {
	for _, m := range []views.SettingsModel{setUp(), wronglySet(), {}} {
		for _, form := range all(settingsPage(t, m), "main form") {
			if attr(one(t, form, "input[name=tag]"), "value") != "5d1c0a" || attr(form, "method") != "post" {
				t.Errorf("the form for %s says not whose it is", attr(form, "action"))
			}
		}
	}
}

func TestUsedCategoryCannotBeTickedAway(t *testing.T) {
	doc := settingsPage(t, setUp())
	if len(all(doc, "#category-0-remove")) != 0 || len(all(doc, "#category-1-remove")) != 1 || len(all(doc, "#category-3-remove")) != 0 {
		t.Error("only a stored category without items can be removed")
	}
}

// A link whose audience is none of the presets keeps it; a new one must have one.
func TestLinkKeepsAnAudienceSetElsewhere(t *testing.T) {
	doc := settingsPage(t, setUp())
	for id, want := range map[string][]string{"link-0-audience": {"everybody", "staff"}, "link-1-audience": {"everybody", "staff", ""}, "link-2-audience": {"everybody", "staff"}} {
		var got []string
		for _, o := range all(doc, "#"+id+" option") {
			got = append(got, attr(o, "value"))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s offers %q, want %q", id, got, want)
		}
	}
}

func TestDressedPageWearsAccentAndLogo(t *testing.T) {
	p := dressed()
	doc := draw(t, views.Home(p, views.HomeModel{}))
	sheets := all(doc, "link[rel=stylesheet]")
	if len(sheets) != 2 || attr(sheets[1], "href") != p.Site.Accent {
		t.Error("the accent's stylesheet does not follow the house's own")
	}
	logo := one(t, doc, "header a.mark img.logo")
	if attr(logo, "alt") != p.Site.Name || attr(logo, "width") != "60" || attr(logo, "height") != "40" || len(all(doc, ".arch")) != 0 {
		t.Error("the logo does not stand where the arch stood, with name and size")
	}
	p.Site.Short = ""
	if got := attr(one(t, draw(t, views.Home(p, views.HomeModel{})), "img.logo"), "alt"); got != "" {
		t.Errorf("the name is read twice: %q", got)
	}
}
