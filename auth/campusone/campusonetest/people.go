package campusonetest

import (
	"slices"
	"strings"
	"sync"
)

// Person is one account at the provider. Zero fields are left out of claims.
type Person struct {
	Sub           string
	Name          string
	Email         string
	EmailVerified bool
	Username      string
	Phone         string
	Picture       string

	Role        string   // primary role; "" is sent as an empty string
	OmitRole    bool     // no role claim of any kind is ever sent
	Roles       []string // nil means just the primary role
	CustomRoles []string

	StudentID       string
	StudyLevel      string
	Level           int
	FinalYear       bool
	FacultyID       string
	DepartmentID    string
	AcademicSession string
	Semester        string

	// NeedsInteraction makes prompt=none answer interaction_required until
	// the person has signed in once more by hand.
	NeedsInteraction bool
}

// The subs of the seeded people, for tests that need a certain kind of person.
const (
	SubAmina   = "clx8z2amina00001" // student, 300 level, Computer Science
	SubChidi   = "clx8z2chidi00002" // student, 100 level, Computer Science; student id with leading zeros
	SubHalima  = "clx8z2halima0003" // student, 400 level, Software Engineering, final year
	SubTunde   = "clx8z2tunde00004" // student, 200 level, Civil Engineering
	SubZainab  = "clx8z2zainab0005" // student, 500 level, Electrical Engineering, final year
	SubEmeka   = "clx8z2emeka00006" // student, 200 level, Economics
	SubNgozi   = "clx8z2ngozi00007" // postgraduate student, Computer Science
	SubBola    = "clx8z2bola000008" // student and mentor, 400 level, Business Administration
	SubIbrahim = "clx8z2ibrahim009" // lecturer, role staff, Computer Science
	SubFunke   = "clx8z2funke00010" // student with the custom role editor, Cybersecurity
	SubGrace   = "clx8z2grace00011" // administrator
	SubPeter   = "clx8z2peter00012" // external, another e-mail domain, no student id
	SubSani    = "clx8z2sani000013" // no role claim at all
)

// Seeded returns a fresh copy of the invented people a server starts with
// when Options.People is nil.
func Seeded() []Person {
	return append(seededStudents(), seededOthers()...)
}

func seededStudents() []Person {
	return []Person{
		student(SubAmina, "Amina Baobab", "256240001", 300, FacultyComputing, DepartmentCS),
		student(SubChidi, "Chidi Iroko", "00264017", 100, FacultyComputing, DepartmentCS),
		finalist(student(SubHalima, "Halima Tamarind", "246240003", 400, FacultyComputing, DepartmentSE)),
		student(SubTunde, "Tunde Kapok", "266240004", 200, FacultyEngineering, DepartmentCivil),
		finalist(student(SubZainab, "Zainab Moringa", "236240005", 500, FacultyEngineering, DepartmentEEE)),
		student(SubEmeka, "Emeka Raffia", "266240006", 200, FacultyManagement, DepartmentEconomics),
		postgraduate(student(SubNgozi, "Adaeze Ngozi Acacia", "256290007", 800, FacultyComputing, DepartmentCS)),
		mentor(student(SubBola, "Bola Mahogany", "246240008", 400, FacultyManagement, DepartmentBusiness)),
		editor(student(SubFunke, "Funke Neem", "256240010", 300, FacultyComputing, DepartmentCyber)),
	}
}

func seededOthers() []Person {
	return []Person{
		{
			Sub: SubIbrahim, Name: "Dr Ibrahim Obeche", Email: "ibrahim.obeche@nile.example", EmailVerified: true,
			Username: "ibrahim.obeche", Role: "staff", FacultyID: FacultyComputing, DepartmentID: DepartmentCS,
		},
		{
			Sub: SubGrace, Name: "Grace Doum", Email: "grace.doum@nile.example", EmailVerified: true,
			Username: "grace.doum", Role: "admin", Roles: []string{"admin", "staff"},
		},
		{
			Sub: SubPeter, Name: "Peter Cedar", Email: "peter@elsewhere.example", EmailVerified: true, Role: "external",
		},
		{
			Sub: SubSani, Name: "Sani", Email: "sani@nile.example", EmailVerified: true, OmitRole: true,
		},
	}
}

func student(sub, name, id string, level int, faculty, department string) Person {
	return Person{
		Sub: sub, Name: name, Email: id + "@nile.example", EmailVerified: true, Username: id,
		Role: "student", StudentID: id, StudyLevel: "undergraduate", Level: level,
		FacultyID: faculty, DepartmentID: department, AcademicSession: "2026/2027", Semester: "harmattan",
	}
}

func finalist(p Person) Person     { p.FinalYear = true; return p }
func postgraduate(p Person) Person { p.StudyLevel = "postgraduate"; return p }
func mentor(p Person) Person       { p.Roles = []string{"student", "mentor"}; return p }
func editor(p Person) Person       { p.CustomRoles = []string{"editor"}; return p }

// AllRoles is what the roles claim says: the person's global roles.
func (p Person) AllRoles() []string {
	if p.Roles != nil {
		return p.Roles
	}
	if p.Role == "" {
		return []string{}
	}
	return []string{p.Role}
}

// Kind says in a few words who this is, for the picker and the control page.
func (p Person) Kind() string {
	words := p.AllRoles()
	if len(words) == 0 {
		words = []string{"no role"}
	}
	words = append(slices.Clone(words), p.CustomRoles...)
	return strings.Join(words, ", ")
}

// directory holds the people. They keep the order in which they were added.
type directory struct {
	mu     sync.RWMutex
	people map[string]Person
	order  []string
}

func newDirectory(people []Person) *directory {
	d := &directory{people: make(map[string]Person, len(people))}
	for _, p := range people {
		d.put(p)
	}
	return d
}

func (d *directory) put(p Person) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, known := d.people[p.Sub]; !known {
		d.order = append(d.order, p.Sub)
	}
	d.people[p.Sub] = p
}

func (d *directory) find(sub string) (Person, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	p, ok := d.people[sub]
	return p, ok
}

// change applies edit to one person and returns the person before and after.
func (d *directory) change(sub string, edit func(*Person)) (before, after Person, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	before, ok = d.people[sub]
	if !ok {
		return before, before, false
	}
	after = before
	after.Roles = slices.Clone(before.Roles)
	after.CustomRoles = slices.Clone(before.CustomRoles)
	edit(&after)
	after.Sub = sub
	d.people[sub] = after
	return before, after, true
}

func (d *directory) remove(sub string) (Person, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, ok := d.people[sub]
	delete(d.people, sub)
	d.order = slices.DeleteFunc(d.order, func(s string) bool { return s == sub })
	return p, ok
}

// first returns up to n people in order, and how many there are in all.
func (d *directory) first(n int) ([]Person, int) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	list := make([]Person, 0, min(n, len(d.order)))
	for _, sub := range d.order[:min(n, len(d.order))] {
		list = append(list, d.people[sub])
	}
	return list, len(d.order)
}
