package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"portico/db"
)

// Circle is how wide an audience is. The zero circle is nobody.
type Circle string

// The circles.
const (
	Everybody Circle = "everybody"
	SignedIn  Circle = "signed-in"
	Groups    Circle = "groups"
)

// Audience says for whom an item is: everybody, whoever is signed in, or
// those in at least one of the groups. The zero audience is nobody.
type Audience struct {
	To     Circle  `json:"to"`
	Groups []Group `json:"groups,omitempty"`
}

// Group is the people for whom every named fact has one of its values. A fact
// that is not named does not matter; one that is named and missing, or named
// without values, or unknown to this program, keeps everybody out, and so
// does a group that names nothing.
type Group map[AudienceFact][]string

// AudienceFact is what a group asks about a person.
type AudienceFact string

// The facts a group can name, in the order in which a reason tells them.
const (
	AboutLevel      AudienceFact = "level"
	AboutStudyLevel AudienceFact = "study_level"
	AboutRole       AudienceFact = "role" // RolePair.String
	AboutDepartment AudienceFact = "department"
	AboutFaculty    AudienceFact = "faculty"
	AboutPerson     AudienceFact = "person" // id of a person
)

var audienceFacts = []AudienceFact{AboutLevel, AboutStudyLevel, AboutRole, AboutDepartment, AboutFaculty, AboutPerson}

// String is how a role is written in an audience: "global:staff", "custom:editor".
func (r RolePair) String() string {
	if r.Custom {
		return "custom:" + r.Name
	}
	return "global:" + r.Name
}

// parseRole reads what String writes; the zero pair matches nobody.
func parseRole(s string) RolePair {
	kind, name, _ := strings.Cut(s, ":")
	switch kind {
	case "global":
		return RolePair{Name: name}
	case "custom":
		return RolePair{Custom: true, Name: name}
	}
	return RolePair{}
}

var errAudience = errors.New("these are not the rules of an audience")

const maxAudience = 64 << 10

// ParseAudience reads the stored form. Whoever cannot read an item's audience
// shows the item to nobody. A fact with an unknown name is kept, because a
// later version may know it, and matches nobody.
func ParseAudience(text string) (Audience, error) {
	if len(text) > maxAudience || !utf8.ValidString(text) {
		return Audience{}, fmt.Errorf("%w: too long, or not UTF-8", errAudience)
	}
	if err := strictJSON(text); err != nil {
		return Audience{}, fmt.Errorf("%w: %w", errAudience, err)
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	var a Audience
	if err := d.Decode(&a); err != nil {
		return Audience{}, fmt.Errorf("%w: %w", errAudience, err)
	}
	if err := a.check(); err != nil {
		return Audience{}, err
	}
	return a, nil
}

// check refuses what would be read in two ways.
func (a Audience) check() error {
	switch {
	case !slices.Contains([]Circle{Everybody, SignedIn, Groups}, a.To):
		return fmt.Errorf("%w: to %q", errAudience, a.To)
	case a.To != Groups && len(a.Groups) > 0:
		return fmt.Errorf("%w: groups beside %q", errAudience, a.To)
	}
	return nil
}

// strictJSON refuses names that come twice or in another case, which the
// decoder would take for the same.
func strictJSON(text string) error {
	d := json.NewDecoder(strings.NewReader(text))
	if err := strictValue(d, 0); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows it")
	}
	return nil
}

func strictValue(d *json.Decoder, depth int) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	open, nested := token.(json.Delim)
	if !nested {
		return nil
	}
	if depth++; depth > 8 {
		return errors.New("nested too deep")
	}
	met := map[string]bool{}
	for d.More() {
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return err
			}
			text, _ := name.(string)
			if met[text] || depth == 1 && text != "to" && text != "groups" {
				return fmt.Errorf("the name %q is unknown or comes twice", text)
			}
			met[text] = true
		}
		if err := strictValue(d, depth); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

// Text is the stored form.
func (a Audience) Text() string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(a); err != nil {
		panic(err) // strings and maps of strings always encode
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Names is what ids of Campus One are called; *Catalogue is it. An unknown id
// has the name "".
type Names interface {
	Faculty(id string) string
	Department(id string) string
}

// Shown decides whether an item is for this person, nil being nobody who is
// signed in, and why. It depends on nothing else: not on the time, which is
// the item's own matter, nor on what the person may do. Everything that shows
// items asks it, through auth/reading.
//
// The reason is empty for everybody's items. A role counts as it is stored,
// however long ago it was confirmed: a notice opens nothing.
func (a Audience) Shown(u *db.User, names Names) (shown bool, reason string) {
	if a.To == Everybody {
		return true, ""
	}
	if u == nil || u.Blocked || !u.Deleted.IsZero() {
		return false, ""
	}
	switch a.To {
	case SignedIn:
		return true, "everybody who signs in"
	case Groups:
		for _, g := range a.Groups {
			if g.has(u) {
				return true, g.reason(u, names)
			}
		}
	}
	return false, ""
}

// has says whether a person is in the group.
func (g Group) has(u *db.User) bool {
	for fact, values := range g {
		if !slices.ContainsFunc(values, func(v string) bool { return fact.is(u, v) }) {
			return false
		}
	}
	return len(g) > 0
}

// is says whether a value is true of a person. Nothing is true of what is
// missing.
func (f AudienceFact) is(u *db.User, value string) bool {
	if f == AboutRole {
		return matches(u, parseRole(value))
	}
	field, known := audienceFields[f]
	switch {
	case value == "":
		return false
	case f == AboutPerson:
		return u.ID == value
	}
	return known && u.Get(field) == value
}

// AudienceWords are the facts of a person that an audience can name, in words
// and in the order of a reason: "300 level", "Computer Science".
func AudienceWords(u *db.User, names Names) []string {
	var words []string
	add := func(fact AudienceFact, value string) {
		if word := fact.word(value, names); value != "" && word != "" {
			words = append(words, word)
		}
	}
	for _, fact := range audienceFacts {
		if field, known := audienceFields[fact]; known {
			add(fact, u.Get(field))
		}
		if fact == AboutRole {
			for _, r := range roles(u) {
				add(fact, r.String())
			}
		}
	}
	return words
}

// roles are a person's roles that an audience can name.
func roles(u *db.User) (all []RolePair) {
	if u.Role() != "" {
		all = append(all, RolePair{Name: u.Role()})
	}
	for _, name := range u.CustomRoles() {
		all = append(all, RolePair{Custom: true, Name: name})
	}
	return all
}

var audienceFields = map[AudienceFact]string{
	AboutLevel: db.FieldLevel, AboutStudyLevel: db.FieldStudyLevel, AboutDepartment: db.FieldDepartmentID, AboutFaculty: db.FieldFacultyID,
}

// reason says in plain words what made a person of the group see the item:
// "300 level, Computer Science".
func (g Group) reason(u *db.User, names Names) string {
	var words []string
	for _, fact := range audienceFacts {
		for _, value := range g[fact] {
			if !fact.is(u, value) {
				continue
			}
			if word := fact.group(value, names); word != "" && (word != students || len(words) == 0) {
				words = append(words, word)
			}
			break
		}
	}
	if len(words) == 0 {
		return "a group you belong to"
	}
	return strings.Join(words, ", ")
}

// students are left out of a reason that names their level already.
const students = "students"

// group is what those are called for whom a value is true.
func (f AudienceFact) group(value string, names Names) string {
	switch {
	case f == AboutStudyLevel:
		return value + " " + students
	case f == AboutRole && value == "global:student":
		return students
	case f == AboutRole && value == "global:external":
		return "guests"
	case f == AboutRole && value == "global:admin":
		return "administrators"
	}
	return f.word(value, names)
}

// word is a value as people say it; "" when it has no name.
func (f AudienceFact) word(value string, names Names) string {
	switch f {
	case AboutLevel:
		return value + " level"
	case AboutRole:
		return strings.ReplaceAll(parseRole(value).Name, "_", " ")
	case AboutDepartment:
		return names.Department(value)
	case AboutFaculty:
		return names.Faculty(value)
	case AboutPerson:
		return "you by name"
	}
	return value
}
