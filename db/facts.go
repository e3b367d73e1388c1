package db

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// The fields a fact can be about.
const (
	FieldName              = "name"
	FieldEmail             = "email"
	FieldEmailVerified     = "email_verified"
	FieldPreferredUsername = "preferred_username"
	FieldPhoneNumber       = "phone_number"
	FieldPicture           = "picture"
	FieldRole              = "role"
	FieldRoles             = "roles"
	FieldCustomRoles       = "custom_roles"
	FieldStudentID         = "student_id"
	FieldStudyLevel        = "study_level"
	FieldLevel             = "level"
	FieldFinalYear         = "final_year"
	FieldFacultyID         = "faculty_id"
	FieldDepartmentID      = "department_id"
	FieldAcademicSession   = "academic_session"
	FieldSemester          = "semester"
)

// The sources a fact can come from.
const (
	SourceIDToken      = "id_token"
	SourceUserinfo     = "userinfo"
	SourceWebhook      = "webhook"
	SourceConfirmation = "confirmation"
)

// Fact is one thing known of a person, and since when. Value is the text
// itself; of roles and custom_roles a JSON array, of final_year and
// email_verified "true" or "false".
type Fact struct {
	Field, Value string
	AsOf         time.Time
	Source       string
}

// fieldBits are the fields in the order of their bits in deliveries.fields. New
// ones go at the end.
var fieldBits = [...]string{
	FieldName, FieldEmail, FieldEmailVerified, FieldPreferredUsername, FieldPhoneNumber, FieldPicture, FieldRole, FieldRoles, FieldCustomRoles,
	FieldStudentID, FieldStudyLevel, FieldLevel, FieldFinalYear, FieldFacultyID, FieldDepartmentID, FieldAcademicSession, FieldSemester,
}

// OrderedFacts lists what is known of a person in the order in which it is
// shown; fields that this program does not know follow.
func (u *User) OrderedFacts() []Fact {
	rank := func(field string) int {
		if i := slices.Index(fieldBits[:], field); i >= 0 {
			return i
		}
		return len(fieldBits)
	}
	return slices.SortedFunc(slices.Values(u.Facts), func(a, b Fact) int {
		return cmp.Or(rank(a.Field)-rank(b.Field), strings.Compare(a.Field, b.Field))
	})
}

// maskOf is a set of fields as bits.
func maskOf(fields []string) (mask int64) {
	for i, field := range fieldBits {
		if slices.Contains(fields, field) {
			mask |= 1 << i
		}
	}
	return mask
}

func fieldsOf(mask int64) (fields []string) {
	for i, field := range fieldBits {
		if mask&(1<<i) != 0 {
			fields = append(fields, field)
		}
	}
	return fields
}

// Facts are what is known of a person: one fact for each field, in the order of
// the fields' names. Thousands of people are kept in memory, and a map of so
// few takes twice the room.
type Facts []Fact

// Of is the fact about a field; one with an empty value when nothing is known.
func (f Facts) Of(field string) Fact {
	fact, _ := f.Find(field)
	return fact
}

// Find is the fact about a field, if there is one.
func (f Facts) Find(field string) (fact Fact, known bool) {
	i, known := f.place(field)
	if !known {
		return Fact{}, false
	}
	return f[i], true
}

func (f Facts) place(field string) (i int, known bool) {
	return slices.BinarySearchFunc(f, field, func(have Fact, field string) int { return strings.Compare(have.Field, field) })
}

// With is the facts with one more, or with one in the place of that about the
// same field. It may change the list it was called on.
func (f Facts) With(fact Fact) Facts {
	i, known := f.place(fact.Field)
	if known {
		f[i] = fact
		return f
	}
	return slices.Insert(f, i, fact)
}

// Merge adds what was seen to what is known: in each field the later fact
// wins, whichever arrives last; of two as old as each other, the one seen
// now. Old is left as it is. Changed names the fields whose value differs now.
func Merge(old Facts, seen []Fact) (merged Facts, changed []string) {
	merged = slices.Clone(old)
	for _, f := range seen {
		f.AsOf = f.AsOf.UTC().Truncate(time.Microsecond) // as stored, or the copy in memory would win over itself
		if have, known := merged.Find(f.Field); !known || !f.AsOf.Before(have.AsOf) {
			merged = merged.With(f)
		}
	}
	told := map[string]bool{}
	for _, f := range seen {
		have, had := old.Find(f.Field)
		if !told[f.Field] && (!had || have.Value != merged.Of(f.Field).Value) {
			told[f.Field] = true
			changed = append(changed, f.Field)
		}
	}
	return merged, changed
}

// storedFact is a fact as users.facts holds it, under its field's name.
type storedFact struct {
	Value  string `json:"v"`
	AsOf   int64  `json:"t"`
	Source string `json:"s"`
}

func encodeFacts(facts Facts) (string, error) {
	stored := make(map[string]storedFact, len(facts))
	for _, f := range facts {
		stored[f.Field] = storedFact{f.Value, micros(f.AsOf), f.Source}
	}
	text, err := json.Marshal(stored)
	if err != nil {
		return "", fmt.Errorf("encoding facts: %w", err)
	}
	return string(text), nil
}

func decodeFacts(text string) (Facts, error) {
	var stored map[string]storedFact
	if err := json.Unmarshal([]byte(text), &stored); err != nil {
		return nil, fmt.Errorf("decoding facts: %w", err)
	}
	facts := make(Facts, 0, len(stored))
	for _, field := range slices.Sorted(maps.Keys(stored)) {
		f := stored[field]
		facts = append(facts, Fact{spelt(field, fieldBits[:]), f.Value, fromMicros(f.AsOf), spelt(f.Source, sources[:])})
	}
	return facts, nil
}

var sources = [...]string{SourceIDToken, SourceUserinfo, SourceWebhook, SourceConfirmation}

// spelt is a text as the program itself has it, if it has: a name that comes
// from the database is a copy, of which thousands of people would hold dozens.
func spelt(text string, known []string) string {
	if i := slices.Index(known, text); i >= 0 {
		return known[i]
	}
	return text
}
