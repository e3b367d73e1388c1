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
	return slices.SortedFunc(maps.Values(u.Facts), func(a, b Fact) int {
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

// Merge adds what was seen to what is known: in each field the later fact
// wins, whichever arrives last; of two as old as each other, the one seen
// now. Old is left as it is. Changed names the fields whose value differs now.
func Merge(old map[string]Fact, seen []Fact) (merged map[string]Fact, changed []string) {
	merged = maps.Clone(old)
	if merged == nil {
		merged = make(map[string]Fact, len(seen))
	}
	for _, f := range seen {
		f.AsOf = f.AsOf.UTC().Truncate(time.Microsecond) // as stored, or the copy in memory would win over itself
		if have, ok := merged[f.Field]; !ok || !f.AsOf.Before(have.AsOf) {
			merged[f.Field] = f
		}
	}
	told := map[string]bool{}
	for _, f := range seen {
		have, had := old[f.Field]
		if !told[f.Field] && (!had || have.Value != merged[f.Field].Value) {
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

func encodeFacts(facts map[string]Fact) (string, error) {
	stored := make(map[string]storedFact, len(facts))
	for field, f := range facts {
		stored[field] = storedFact{f.Value, micros(f.AsOf), f.Source}
	}
	text, err := json.Marshal(stored)
	if err != nil {
		return "", fmt.Errorf("encoding facts: %w", err)
	}
	return string(text), nil
}

func decodeFacts(text string) (map[string]Fact, error) {
	var stored map[string]storedFact
	if err := json.Unmarshal([]byte(text), &stored); err != nil {
		return nil, fmt.Errorf("decoding facts: %w", err)
	}
	facts := make(map[string]Fact, len(stored))
	for field, f := range stored {
		facts[field] = Fact{field, f.Value, fromMicros(f.AsOf), f.Source}
	}
	return facts, nil
}
