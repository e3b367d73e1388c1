package campusonetest

// The ids of the seeded faculties and departments.
const (
	FacultyComputing   = "fac_computing"
	FacultyEngineering = "fac_eng"
	FacultyManagement  = "fac_mgt"

	DepartmentCS        = "dept_cs"
	DepartmentSE        = "dept_se"
	DepartmentCyber     = "dept_cyber"
	DepartmentCivil     = "dept_civil"
	DepartmentEEE       = "dept_eee"
	DepartmentEconomics = "dept_econ"
	DepartmentBusiness  = "dept_bus"
)

// Faculty is one faculty with its departments, as the App API lists it.
type Faculty struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	Departments []Department `json:"departments"`
}

// Department is one department, as the App API lists it.
type Department struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	FacultyID   string `json:"facultyId"`
	FacultyName string `json:"facultyName"`
}

// Catalogue returns the seeded faculties with their departments.
func Catalogue() []Faculty {
	return []Faculty{
		faculty(FacultyComputing, "Faculty of Computing",
			Department{ID: DepartmentCS, Name: "Computer Science"},
			Department{ID: DepartmentSE, Name: "Software Engineering"},
			Department{ID: DepartmentCyber, Name: "Cybersecurity"}),
		faculty(FacultyEngineering, "Faculty of Engineering",
			Department{ID: DepartmentCivil, Name: "Civil Engineering"},
			Department{ID: DepartmentEEE, Name: "Electrical and Electronics Engineering"}),
		faculty(FacultyManagement, "Faculty of Management Sciences",
			Department{ID: DepartmentEconomics, Name: "Economics"},
			Department{ID: DepartmentBusiness, Name: "Business Administration"}),
	}
}

func faculty(id, name string, departments ...Department) Faculty {
	for i := range departments {
		departments[i].FacultyID, departments[i].FacultyName = id, name
	}
	return Faculty{ID: id, Name: name, Departments: departments}
}

func departments() []Department {
	var all []Department
	for _, f := range Catalogue() {
		all = append(all, f.Departments...)
	}
	return all
}
