package campusonetest

import (
	"encoding/json"
	"strings"
)

// profileClaims are the claims the scopes ask for, from the person as now.
func profileClaims(p Person, g grant, q Quirks, withRoles bool) map[string]any {
	claims := map[string]any{}
	if g.has("profile") {
		addProfile(claims, p)
	}
	if g.has("email") && p.Email != "" {
		claims["email"], claims["email_verified"] = p.Email, p.EmailVerified
	}
	if g.has("academic") {
		addAcademic(claims, p)
	}
	if g.has("roles") && withRoles && !p.OmitRole {
		claims["role"] = p.Role
		addList(claims, "roles", p.AllRoles(), q.RoleLists)
		addList(claims, "custom_roles", p.CustomRoles, q.RoleLists)
	}
	return claims
}

func addProfile(claims map[string]any, p Person) {
	addText(claims, "name", p.Name)
	addText(claims, "preferred_username", p.Username)
	addText(claims, "phone_number", p.Phone)
	addText(claims, "picture", p.Picture)
	// Better Auth cuts names at the first space, which is often wrong.
	given, family, _ := strings.Cut(p.Name, " ")
	addText(claims, "given_name", given)
	addText(claims, "family_name", family)
}

func addAcademic(claims map[string]any, p Person) {
	addText(claims, "student_id", p.StudentID)
	addText(claims, "study_level", p.StudyLevel)
	if p.Level != 0 {
		claims["level"], claims["final_year"] = p.Level, p.FinalYear
	}
	addText(claims, "faculty_id", p.FacultyID)
	addText(claims, "department_id", p.DepartmentID)
	addText(claims, "academic_session", p.AcademicSession)
	addText(claims, "semester", p.Semester)
}

func addText(claims map[string]any, name, value string) {
	if value != "" {
		claims[name] = value
	}
}

func addList(claims map[string]any, name string, list []string, form ListForm) {
	switch form {
	case Absent:
	case AsNull:
		claims[name] = nil
	case AsEmptyArray:
		claims[name] = []string{}
	case AsCommaList:
		claims[name] = strings.Join(list, ",")
	case AsJSONText:
		text, _ := json.Marshal(notNil(list)) // strings always encode
		claims[name] = string(text)
	default:
		claims[name] = notNil(list)
	}
}

func notNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
