package handlers

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"portico/auth"
	"portico/auth/reading"
	"portico/db"
	"portico/views"
)

const mostGroups = 12

// What the editor can choose besides auth's own circles.
const toOurs = "ours"

// audienceForm writes an audience into the form. Where it names no groups,
// the first one is prepared with what editors ask for most.
func audienceForm(f *views.ItemForm, a auth.Audience, set *reading.Settings, options factOptions) {
	f.To = string(a.To)
	if hasOurs(set) && a.Text() == set.OurStudents().Text() {
		f.To = toOurs
	}
	groups := a.Groups
	if len(groups) == 0 || f.To == toOurs {
		groups = []auth.Group{firstGroup(set)}
	}
	f.Groups = nil
	for i, g := range groups {
		f.Groups = append(f.Groups, options.group(i, g))
	}
}

func hasOurs(set *reading.Settings) bool { return len(set.Departments) > 0 }

func firstGroup(set *reading.Settings) auth.Group {
	g := auth.Group{auth.AboutRole: {"global:student"}}
	if hasOurs(set) {
		g = set.OurStudents().Groups[0]
	}
	return g
}

// postedGroups reads the groups of a form as they were ticked.
func postedGroups(form url.Values) []auth.Group {
	n, _ := strconv.Atoi(form.Get("groups")) // what is no number is none
	groups := make([]auth.Group, min(max(n, 0), mostGroups))
	for name, values := range form {
		number, fact, ok := strings.Cut(strings.TrimPrefix(name, "group-"), "-")
		at, err := strconv.Atoi(number)
		if !ok || !strings.HasPrefix(name, "group-") || err != nil || at < 0 || at >= len(groups) || fact == "" {
			continue
		}
		if groups[at] == nil {
			groups[at] = auth.Group{}
		}
		groups[at][auth.AudienceFact(fact)] = values
	}
	return groups
}

// postedAudience is the audience a form asks for; what is wrong with it is
// said in words.
func postedAudience(form url.Values, set *reading.Settings) (auth.Audience, string) {
	switch to := form.Get("to"); {
	case to == string(auth.Everybody), to == string(auth.SignedIn):
		return auth.Audience{To: auth.Circle(to)}, ""
	case to == toOurs && hasOurs(set):
		return set.OurStudents(), ""
	case to == string(auth.Groups):
		groups := slices.DeleteFunc(postedGroups(form), func(g auth.Group) bool { return len(g) == 0 })
		if len(groups) == 0 {
			return auth.Audience{}, "Who may see it: tick at least one thing in a group, or choose everybody."
		}
		return auth.Audience{To: auth.Groups, Groups: groups}, ""
	}
	return auth.Audience{}, "Choose who may see it."
}

// factOptions is what can be ticked for each fact.
type factOptions struct {
	faculties, departments []views.Option
	name                   func(id string) string // of a person
}

func (s *Server) factOptions(ctx context.Context) (factOptions, error) {
	c, err := s.DB.Catalogue(ctx)
	if err != nil {
		return factOptions{}, err
	}
	names := map[string]string{}
	o := factOptions{name: func(id string) string { return s.nameOf(ctx, id, names) }}
	for _, f := range c.Faculties {
		o.faculties = append(o.faculties, views.Option{Value: f.ID, Label: f.Name})
	}
	for _, d := range c.Departments {
		o.departments = append(o.departments, views.Option{Value: d.ID, Label: d.Name})
	}
	return o, nil
}

var (
	roleOptions = []views.Option{
		{Value: "global:student", Label: "Students"}, {Value: "global:staff", Label: "Staff"}, {Value: "global:admin", Label: "Administrators"},
		{Value: "global:alumni", Label: "Alumni"}, {Value: "global:applicant", Label: "Applicants"}, {Value: "global:external", Label: "External people"},
	}
	levelOptions = []views.Option{
		{Value: "100", Label: "100 level"}, {Value: "200", Label: "200 level"}, {Value: "300", Label: "300 level"},
		{Value: "400", Label: "400 level"}, {Value: "500", Label: "500 level"}, {Value: "600", Label: "600 level"},
		{Value: "700", Label: "700 level"}, {Value: "800", Label: "800 level"}, {Value: "900", Label: "900 level"},
	}
	studyOptions = []views.Option{{Value: "undergraduate", Label: "Undergraduate"}, {Value: "postgraduate", Label: "Postgraduate"}}
)

// group writes a group into the form. A fact this page cannot ask for stays
// as it is.
func (o factOptions) group(at int, g auth.Group) views.GroupForm {
	var form views.GroupForm
	add := func(fact auth.AudienceFact, label string, all []views.Option) {
		if f := tickedFact(at, fact, label, all, g[fact]); len(f.Options) > 0 {
			form = append(form, f)
		}
	}
	add(auth.AboutRole, "Role", roleOptions)
	add(auth.AboutLevel, "Level", levelOptions)
	add(auth.AboutDepartment, "Department", o.departments)
	add(auth.AboutFaculty, "Faculty", o.faculties)
	add(auth.AboutStudyLevel, "Study", studyOptions)
	var people []views.Option
	for _, id := range g[auth.AboutPerson] {
		people = append(people, views.Option{Value: id, Label: cmp.Or(o.name(id), "A person we know no name of")})
	}
	add(auth.AboutPerson, "People by name", people)
	asked := []auth.AudienceFact{auth.AboutRole, auth.AboutLevel, auth.AboutDepartment, auth.AboutFaculty, auth.AboutStudyLevel, auth.AboutPerson}
	for _, fact := range slices.Sorted(maps.Keys(g)) {
		if !slices.Contains(asked, fact) {
			f := tickedFact(at, fact, "", nil, g[fact])
			f.Hidden = true
			form = append(form, f)
		}
	}
	return form
}

// tickedFact is a fact with all that can be ticked, and what is ticked.
func tickedFact(at int, fact auth.AudienceFact, label string, all []views.Option, on []string) views.FactForm {
	f := views.FactForm{Name: fmt.Sprintf("group-%d-%s", at, fact), Label: label}
	known := map[string]bool{}
	for _, o := range all {
		known[o.Value] = true
		o.On = slices.Contains(on, o.Value)
		f.Options = append(f.Options, o)
	}
	for _, value := range on {
		if !known[value] {
			_, plain, _ := strings.Cut(":"+value, ":")
			f.Options = append(f.Options, views.Option{Value: value, Label: unknownLabel(fact, plain), On: true})
		}
	}
	return f
}

// unknownLabel names a value that is in no list: an id is never shown.
func unknownLabel(fact auth.AudienceFact, value string) string {
	switch fact {
	case auth.AboutDepartment:
		return "A department we know no name of"
	case auth.AboutFaculty:
		return "A faculty we know no name of"
	}
	_, name, custom := strings.Cut(value, ":")
	if custom {
		value = name
	}
	return capital(strings.ReplaceAll(value, "_", " "))
}

// countIt answers how many people an audience reaches: the button with the
// page, the script in a word.
func (s *Server) countIt(w http.ResponseWriter, v *visit, m views.EditorModel, a auth.Audience, wrong string) error {
	status := http.StatusOK
	if wrong != "" {
		status = http.StatusUnprocessableEntity
		m.Problems = []views.Problem{{Field: "to-everybody", Text: wrong}}
	} else if err := s.countAudience(v.r.Context(), &m, a); err != nil {
		return err
	}
	if wantsPage(v.r) {
		return s.drawEditor(w, v, status, m)
	}
	writeJSON(w, status, map[string]string{"count": m.Count, "lacking": m.Lacking, "error": wrong})
	return nil
}

// reach counts one audience at a time: each is a walk through all people.
func (s *Server) reach(ctx context.Context, a auth.Audience) (auth.Reach, error) {
	select {
	case s.counting <- struct{}{}:
		defer func() { <-s.counting }()
		return a.Reach(ctx, s.DB, s.Catalogue)
	case <-ctx.Done(): // chosen anew, or gone
		return auth.Reach{}, problem(http.StatusServiceUnavailable, ctx.Err())
	}
}

// countAudience tells how many people an audience reaches.
func (s *Server) countAudience(ctx context.Context, m *views.EditorModel, a auth.Audience) error {
	r, err := s.reach(ctx, a)
	if err != nil {
		return err
	}
	switch {
	case a.To == auth.Everybody:
		m.Count = fmt.Sprintf("Everybody, also those who do not sign in. This portal has met %s.", people(r.Met))
	case r.More:
		m.Count = fmt.Sprintf("%s of the first %s this portal has met; others see it when they sign in.", thousands(r.Shown), people(r.Met))
	default:
		m.Count = fmt.Sprintf("%s of the %s this portal has met; others see it when they sign in.", thousands(r.Shown), people(r.Met))
	}
	if r.Lacking > 0 {
		m.Lacking = fmt.Sprintf("Of %s Campus One has not told us enough. They may belong here, and will not see it.", people(r.Lacking))
	}
	return nil
}

func people(n int) string {
	if n == 1 {
		return "1 person"
	}
	return thousands(n) + " people"
}

// currentAudience is an item's; of one that cannot be read nobody's.
func currentAudience(i *db.Item) auth.Audience {
	a, err := auth.ParseAudience(i.Audience)
	if err != nil {
		return auth.Audience{}
	}
	return a
}
