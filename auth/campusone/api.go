package campusone

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"portico/db"
)

// catalogueLimit bounds what is taken over from one catalogue answer.
const catalogueLimit = 5000

// Catalogue asks for all faculties and departments by name. Both lists are the
// same for everybody, but only a person's access token opens them.
func (p *Provider) Catalogue(ctx context.Context, access Secret) ([]db.Faculty, []db.Department, error) {
	list, err := p.list(ctx, "faculties", access)
	if err != nil {
		return nil, nil, err
	}
	var c catalogue
	for _, f := range list {
		c.addFaculty(f)
	}
	list, err = p.list(ctx, "departments", access)
	if err != nil && len(c.departments) == 0 {
		return nil, nil, err
	}
	for _, d := range list {
		c.addDepartment(d, "")
	}
	return c.faculties, c.departments, nil
}

// list fetches one of the App API's lists.
func (p *Provider) list(ctx context.Context, name string, access Secret) ([]object, error) {
	a, err := p.callAPI(ctx, name, access)
	if err != nil {
		return nil, err
	}
	v, err := parseJSON(a.body)
	if err != nil {
		return nil, refused("api_json")
	}
	list, ok := rows(v, name)
	if !ok {
		return nil, refused("api_json")
	}
	return list, nil
}

func (p *Provider) callAPI(ctx context.Context, path string, access Secret) (answer, error) {
	base := strings.TrimSuffix(p.cfg.APIURL, "/")
	if !safeAddress(base) {
		return answer{}, refused("address")
	}
	a, err := p.get(ctx, base+"/"+path, access)
	switch {
	case err != nil:
		return a, err
	case a.status == http.StatusUnauthorized:
		return a, unauthorized("api")
	case a.status == http.StatusTooManyRequests:
		return a, busy(ReasonRateLimit)
	case a.status >= http.StatusInternalServerError:
		return a, busy("api_status")
	case !a.ok():
		return a, refused("api_status")
	}
	return a, nil
}

// rows finds the list in an answer: the answer itself, or under "data" or the
// list's own name.
func rows(v any, name string) ([]object, bool) {
	if o, ok := v.(object); ok {
		if v, ok = o["data"]; !ok {
			v = o[name]
		}
		if inner, nested := v.(object); nested {
			v = inner[name]
		}
	}
	all, ok := v.([]any)
	var list []object
	for _, e := range all[:min(len(all), catalogueLimit)] {
		if o, isObject := e.(object); isObject {
			list = append(list, o)
		}
	}
	return list, ok
}

// catalogue gathers both lists, each id once.
type catalogue struct {
	faculties   []db.Faculty
	departments []db.Department
}

func (c *catalogue) addFaculty(o object) {
	id, name, ok := named(o)
	if !ok {
		return
	}
	if !slices.ContainsFunc(c.faculties, func(f db.Faculty) bool { return f.ID == id }) {
		c.faculties = append(c.faculties, db.Faculty{ID: id, Name: name})
	}
	inner, _ := rows(o, "departments")
	for _, d := range inner {
		c.addDepartment(d, id)
	}
}

func (c *catalogue) addDepartment(o object, faculty string) {
	id, name, ok := named(o)
	if !ok || slices.ContainsFunc(c.departments, func(d db.Department) bool { return d.ID == id }) {
		return
	}
	if given, ok := text(o["facultyId"]); ok && given != "" {
		faculty = given
	}
	c.departments = append(c.departments, db.Department{ID: id, Name: name, FacultyID: faculty})
}

// named is an entry's id and name; without both it is of no use.
func named(o object) (id, name string, ok bool) {
	id, _ = textOrNumber(o["id"])
	name, _ = wholeName(o["name"])
	return id, name, id != "" && name != ""
}
