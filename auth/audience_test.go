package auth

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"portico/db"
)

// bookOfNames knows one department and one faculty.
type bookOfNames struct{}

func (bookOfNames) Faculty(id string) string {
	return map[string]string{"fac_sci": "Faculty of Science"}[id]
}

func (bookOfNames) Department(id string) string {
	return map[string]string{"dept_cs": "Computer Science"}[id]
}

// reader is a person of whom these facts are known.
func reader(facts map[string]string) *db.User {
	u := &db.User{ID: "u1"}
	for field, value := range facts {
		u.Facts = u.Facts.With(db.Fact{Field: field, Value: value})
	}
	return u
}

func TestAudienceShown(t *testing.T) {
	amina := map[string]string{
		db.FieldRole: "student", db.FieldRoles: `["student","mentor","admin"]`, db.FieldCustomRoles: `["editor","staff"]`,
		db.FieldStudyLevel: "undergraduate", db.FieldLevel: "300", db.FieldDepartmentID: "dept_cs", db.FieldFacultyID: "fac_sci",
	}
	without := func(field string) *db.User { // one of her facts is missing
		facts := maps.Clone(amina)
		delete(facts, field)
		return reader(facts)
	}
	blocked, gone := reader(amina), reader(amina)
	blocked.Blocked, gone.Deleted = true, time.Unix(1, 0)
	groups := func(g ...Group) Audience { return Audience{To: Groups, Groups: g} }
	tests := []struct {
		name   string
		rules  Audience
		person *db.User
		shown  bool
		reason string
	}{
		{"everybody, nobody signed in", Audience{To: Everybody}, nil, true, ""},
		{"everybody, a blocked person", Audience{To: Everybody}, blocked, true, ""},
		{"signed in", Audience{To: SignedIn}, reader(nil), true, "everybody who signs in"},
		{"signed in, nobody", Audience{To: SignedIn}, nil, false, ""},
		{"signed in, blocked", Audience{To: SignedIn}, blocked, false, ""},
		{"signed in, deleted", Audience{To: SignedIn}, gone, false, ""},
		{"no rules at all", Audience{}, reader(amina), false, ""},
		{"no group", groups(), reader(amina), false, ""},
		{"a group that names nothing", groups(Group{}), reader(amina), false, ""},
		{"a fact without values", groups(Group{AboutLevel: nil}), reader(amina), false, ""},
		{"an unknown fact", groups(Group{AboutLevel: {"300"}, "shoe_size": {"42"}}), reader(amina), false, ""},
		{"level and department", groups(Group{AboutLevel: {"200", "300"}, AboutDepartment: {"dept_cs"}}), reader(amina), true, "300 level, Computer Science"},
		{"another level", groups(Group{AboutLevel: {"200"}, AboutDepartment: {"dept_cs"}}), reader(amina), false, ""},
		{"the level is missing", groups(Group{AboutLevel: {"300"}}), without(db.FieldLevel), false, ""},
		{"a missing fact is not an empty one", groups(Group{AboutLevel: {""}}), without(db.FieldLevel), false, ""},
		{"the second group", groups(Group{AboutLevel: {"100"}}, Group{AboutFaculty: {"fac_sci"}}), reader(amina), true, "Faculty of Science"},
		{"an unnamed id", groups(Group{AboutDepartment: {"dept_x"}}), reader(map[string]string{db.FieldDepartmentID: "dept_x"}), true, "a group you belong to"},
		{"the primary role", groups(Group{AboutRole: {"global:student"}}), reader(amina), true, "students"},
		{"a custom role", groups(Group{AboutRole: {"custom:editor"}}), reader(amina), true, "editor"},
		{"a custom role is not a global one", groups(Group{AboutRole: {"global:staff"}}), reader(amina), false, ""},
		{"a global role is not a custom one", groups(Group{AboutRole: {"custom:student"}}), reader(amina), false, ""},
		{"the list of roles opens nothing", groups(Group{AboutRole: {"global:admin"}}), reader(amina), false, ""},
		{"a role without its kind", groups(Group{AboutRole: {"student"}}), reader(amina), false, ""},
		{"by name", groups(Group{AboutPerson: {"u1"}}), reader(nil), true, "you by name"},
		{"another person", groups(Group{AboutPerson: {"u2"}}), reader(nil), false, ""},
		{"study level", groups(Group{AboutStudyLevel: {"undergraduate"}, AboutRole: {"global:student"}}), reader(amina), true, "undergraduate students"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			shown, reason := test.rules.Shown(test.person, bookOfNames{})
			if shown != test.shown || reason != test.reason {
				t.Errorf("shown %v because %q; want %v because %q", shown, reason, test.shown, test.reason)
			}
		})
	}
}

// anyPerson and anyGroup share few values, so that they often meet.
func anyPerson() *rapid.Generator[*db.User] {
	return rapid.Custom(func(t *rapid.T) *db.User {
		facts := map[string]string{}
		for field, values := range map[string][]string{
			db.FieldRole: {"", "student", "staff"}, db.FieldCustomRoles: {"", `["editor"]`, `["student"]`, "broken"}, db.FieldLevel: {"", "100", "300"},
			db.FieldStudyLevel: {"", "undergraduate"}, db.FieldDepartmentID: {"", "dept_cs", "dept_x"}, db.FieldFacultyID: {"", "fac_sci"},
		} {
			if v := rapid.SampledFrom(values).Draw(t, field); v != "" {
				facts[field] = v
			}
		}
		u := reader(facts)
		u.ID = rapid.SampledFrom([]string{"u1", "u2"}).Draw(t, "id")
		return u
	})
}

func anyGroup() *rapid.Generator[Group] {
	values := rapid.SliceOfN(rapid.SampledFrom([]string{"", "100", "300", "undergraduate", "dept_cs", "fac_sci", "global:student", "global:staff", "custom:editor", "custom:student", "u1"}), 0, 4)
	fact := rapid.SampledFrom(append([]AudienceFact{"shoe_size"}, audienceFacts...))
	return rapid.Custom(func(t *rapid.T) Group { return rapid.MapOfN(fact, values, 0, 3).Draw(t, "group") })
}

func anyAudience() *rapid.Generator[Audience] {
	return rapid.Custom(func(t *rapid.T) Audience {
		a := Audience{To: rapid.SampledFrom([]Circle{Everybody, SignedIn, Groups, Groups, Groups}).Draw(t, "to")}
		if a.To == Groups {
			a.Groups = rapid.SliceOfN(anyGroup(), 0, 4).Draw(t, "groups")
		}
		return a
	})
}

// belongs is the rule of the specification, told once more and simply: what a
// person is, as a list, must meet each named fact.
func belongs(g Group, u *db.User) bool {
	is := map[AudienceFact][]string{AboutPerson: {u.ID}}
	for fact, field := range map[AudienceFact]string{
		AboutLevel: db.FieldLevel, AboutStudyLevel: db.FieldStudyLevel, AboutDepartment: db.FieldDepartmentID, AboutFaculty: db.FieldFacultyID,
	} {
		if f, known := u.Facts.Find(field); known {
			is[fact] = []string{f.Value}
		}
	}
	if role := u.Role(); role != "" {
		is[AboutRole] = append(is[AboutRole], "global:"+role)
	}
	for _, role := range u.CustomRoles() {
		is[AboutRole] = append(is[AboutRole], "custom:"+role)
	}
	inside := len(g) > 0
	for fact, values := range g {
		meets := false
		for _, v := range values {
			meets = meets || slices.Contains(is[fact], v)
		}
		inside = inside && meets
	}
	return inside
}

func TestAudienceNeverOutside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, u := anyAudience().Draw(t, "audience"), anyPerson().Draw(t, "person")
		want := a.To != Groups || slices.ContainsFunc(a.Groups, func(g Group) bool { return belongs(g, u) })
		shown, reason := a.Shown(u, bookOfNames{})
		if shown != want {
			t.Fatalf("shown: %v, by the rules: %v", shown, want)
		}
		if (reason != "") != (shown && a.To != Everybody) || strings.Contains(reason, "dept_") || strings.Contains(reason, ":") {
			t.Fatalf("the reason is %q", reason)
		}
		if nobody, _ := a.Shown(nil, bookOfNames{}); nobody != (a.To == Everybody) {
			t.Fatalf("nobody sees %v: %v", a, nobody)
		}
	})
}

func TestAudienceGrowsWithGroups(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, u := anyAudience().Filter(func(a Audience) bool { return a.To == Groups }).Draw(t, "audience"), anyPerson().Draw(t, "person")
		before, _ := a.Shown(u, bookOfNames{})
		at := rapid.IntRange(0, len(a.Groups)).Draw(t, "at")
		a.Groups = slices.Insert(slices.Clone(a.Groups), at, anyGroup().Draw(t, "added"))
		if after, _ := a.Shown(u, bookOfNames{}); before && !after {
			t.Fatal("another group hid the item")
		}
	})
}

func TestAudienceMissingFact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := anyPerson().Draw(t, "person")
		g := anyGroup().Filter(func(g Group) bool { return len(g) > 0 }).Draw(t, "group")
		for fact := range g {
			gone := []string{audienceFields[fact]}
			if fact == AboutRole {
				gone = []string{db.FieldRole, db.FieldCustomRoles}
			}
			u.Facts = slices.DeleteFunc(u.Facts, func(f db.Fact) bool { return slices.Contains(gone, f.Field) })
			if fact == AboutPerson {
				u.ID = "somebody else"
			}
			if shown, _ := (Audience{To: Groups, Groups: []Group{g}}).Shown(u, bookOfNames{}); shown {
				t.Fatalf("shown although %s is missing", fact)
			}
		}
	})
}

func TestAudienceRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := anyAudience().Draw(t, "audience")
		got, err := ParseAudience(a.Text())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestAudienceRefused(t *testing.T) {
	for _, text := range []string{
		``, `null`, `{}`, `[]`, `"everybody"`, `{"to":""}`, `{"to":"Everybody"}`, `{"To":"everybody"}`, `{"to":"everybody"} {}`, `{"to":"everybody","to":"signed-in"}`,
		`{"to":"everybody","extra":1}`, `{"to":"everybody","groups":[{"level":["300"]}]}`, `{"to":"groups","groups":[{"level":["300"],"level":["100"]}]}`,
		`{"to":"groups","groups":[{"level":[300]}]}`, `{"to":"groups","groups":{"level":["300"]}}`, `{"to":"groups","groups":[{"level":"300"}]}`, "{\"to\":\"every\xffbody\"}",
	} {
		if a, err := ParseAudience(text); err == nil {
			t.Errorf("%q was taken as %v", text, a)
		}
	}
}

func FuzzAudience(f *testing.F) {
	for _, text := range []string{`{"to":"everybody"}`, `{"to":"groups","groups":[{"level":["300"],"shoe":["4"]},{}]}`, `{"to":"groups","groups":[null]}`, `{"to":"signed-in","groups":null}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseAudience(text)
		if err != nil {
			if shown, _ := a.Shown(reader(nil), bookOfNames{}); shown {
				t.Fatal("what cannot be read is shown")
			}
			return
		}
		if !json.Valid([]byte(text)) {
			t.Fatal("taken, and not JSON")
		}
		again, err := ParseAudience(a.Text())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a, again, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
		if shown, _ := a.Shown(nil, bookOfNames{}); shown && a.To != Everybody {
			t.Fatal("shown to nobody in particular")
		}
	})
}
