package timetable

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"portico/auth"
	"portico/db"
)

// People are those for whom a line of the table can be.
type People struct {
	Departments []db.Department // of Campus One's catalogue
	Own         []string        // ids of the portal's own departments
	OwnNames    []string        // what the portal itself is called
	Default     auth.Audience   // of a line that says nothing
}

var student = auth.RolePair{Name: "student"}.String()

// audience reads for whom a line is.
func (p *People) audience(r *reader) auth.Audience {
	said, levels, departments := r.cell(FieldAudience), r.levels(), p.departments(r)
	if said != "" {
		a, known := p.named(said)
		switch {
		case !known:
			r.wrong(FieldAudience, "nobody is called so here. Write everybody, signed in, our students or staff; or leave it empty.")
		case len(levels)+len(departments) > 0:
			r.wrong(FieldAudience, "the line also names a level or a department. Leave one of them empty.")
		}
		return a
	}
	if len(levels)+len(departments) == 0 {
		return p.Default
	}
	g := auth.Group{auth.AboutRole: {student}}
	if len(levels) > 0 {
		g[auth.AboutLevel] = levels
	}
	if len(departments) == 0 {
		departments = p.Own
	}
	if len(departments) > 0 {
		g[auth.AboutDepartment] = departments
	}
	return auth.Audience{To: auth.Groups, Groups: []auth.Group{g}}
}

// OurStudents are those of the portal's own departments, or all of them where
// it has none.
func (p *People) OurStudents() auth.Audience {
	g := auth.Group{auth.AboutRole: {student}}
	if len(p.Own) > 0 {
		g[auth.AboutDepartment] = p.Own
	}
	return auth.Audience{To: auth.Groups, Groups: []auth.Group{g}}
}

func (p *People) named(said string) (a auth.Audience, known bool) {
	switch strings.TrimPrefix(db.Fold(said), "for ") {
	case "everybody", "everyone", "all", "public", "anybody", "anyone":
		return auth.Audience{To: auth.Everybody}, true
	case "signed in", "everybody who signs in", "everyone who signs in", "members":
		return auth.Audience{To: auth.SignedIn}, true
	case "our students", "students", "all students", "all our students", "student":
		return p.OurStudents(), true
	case "staff", "lecturers", "all staff":
		return auth.Audience{To: auth.Groups, Groups: []auth.Group{{auth.AboutRole: {auth.RolePair{Name: "staff"}.String()}}}}, true
	}
	return auth.Audience{}, false
}

var levelForm = regexp.MustCompile(`^(?:l|lvl|level|year)?\s*([1-9])00\s*(?:l|lvl|level|levels)?$`)

// levels are the levels that a line names.
func (r *reader) levels() (all []string) {
	text := r.cell(FieldLevel)
	if text == "" || slices.Contains([]string{"all", "all levels", "every level"}, db.Fold(text)) {
		return nil
	}
	parts := strings.FieldsFunc(strings.NewReplacer(" and ", ",", "&", ",").Replace(strings.ToLower(text)), func(c rune) bool { return strings.ContainsRune(",;/|+", c) })
	for _, part := range parts {
		m := levelForm.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			r.wrong(FieldLevel, "this is not a level. Write 300, or 300/400 for two.")
			return nil
		}
		if level := m[1] + "00"; !slices.Contains(all, level) {
			all = append(all, level)
		}
	}
	slices.SortFunc(all, func(a, b string) int {
		x, _ := strconv.Atoi(a) // both are three digits
		y, _ := strconv.Atoi(b)
		return x - y
	})
	return all
}

// departments are the ids of those that a line names.
func (p *People) departments(r *reader) (all []string) {
	text := r.cell(FieldDepartment)
	if text == "" || slices.Contains([]string{"all", "all departments", "every department"}, db.Fold(text)) {
		return nil
	}
	if ids := p.department(text); ids != nil {
		return ids
	}
	for part := range strings.FieldsFuncSeq(text, func(c rune) bool { return strings.ContainsRune(";/|", c) }) {
		ids := p.department(part)
		if ids == nil {
			r.wrongValue(FieldDepartment, strings.TrimSpace(part), "Campus One names no such department. Write its name as it stands there, or leave it empty for your own.")
			return nil
		}
		all = append(all, ids...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// department is the department of a name or an id; the portal's own name is
// all of its own departments.
func (p *People) department(text string) []string {
	text = strings.TrimSpace(text)
	bare := func(name string) string { return strings.TrimPrefix(db.Fold(name), "department of ") }
	if bare(text) == "" {
		return nil
	}
	for _, d := range p.Departments {
		if d.ID == text || bare(d.Name) == bare(text) {
			return []string{d.ID}
		}
	}
	if slices.Contains(p.Own, text) {
		return []string{text}
	}
	ours := append([]string{"ours", "our own", "own"}, p.OwnNames...)
	if len(p.Own) > 0 && slices.ContainsFunc(ours, func(name string) bool { return bare(name) == bare(text) }) {
		return slices.Clone(p.Own)
	}
	return nil
}
