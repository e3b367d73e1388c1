package campusone

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"portico/db"
)

const (
	valueLimit = 300 // bytes of one value
	listLimit  = 64  // entries of roles and custom_roles
)

// decoder reads one claim into the text that is stored; not ok means that the
// claim says nothing: absent, null, of a wrong type, or unusable.
type decoder func(claim any) (value string, ok bool)

// field is a claim that interests us, under its exact name.
type field struct {
	name   string
	decode decoder
}

// fields are the profile claims. No protocol claim is among them, so userinfo
// can never speak for the id_token's issuer, audience or times.
func fields() []field {
	return []field{
		{db.FieldName, wholeName}, {db.FieldEmail, text}, {db.FieldEmailVerified, yesNo},
		{db.FieldPreferredUsername, text}, {db.FieldPhoneNumber, textOrNumber}, {db.FieldPicture, text},
		{db.FieldRole, roleName}, {db.FieldRoles, roleNames}, {db.FieldCustomRoles, roleNames},
		{db.FieldStudentID, textOrNumber}, {db.FieldStudyLevel, text}, {db.FieldLevel, wholeNumber},
		{db.FieldFinalYear, yesNo}, {db.FieldFacultyID, textOrNumber}, {db.FieldDepartmentID, textOrNumber},
		{db.FieldAcademicSession, text}, {db.FieldSemester, textOrNumber},
	}
}

// profile is what one answer says about a person, one fact for each field.
type profile struct {
	facts []db.Fact
}

// readProfile takes what can be read and leaves out the rest: one bad claim
// costs that claim alone.
func readProfile(claims object, at time.Time, source string) profile {
	var p profile
	for _, f := range fields() {
		if v, ok := f.decode(claims[f.name]); ok {
			p.facts = append(p.facts, db.Fact{Field: f.name, Value: v, AsOf: at, Source: source})
		}
	}
	return p
}

// sealed gives an e-mail that came without its own email_verified a
// "false": an older "true" was about another address, perhaps.
func (p profile) sealed() profile {
	email, has := p.fact(db.FieldEmail)
	if _, said := p.fact(db.FieldEmailVerified); has && !said {
		p.facts = append(p.facts, db.Fact{Field: db.FieldEmailVerified, Value: "false", AsOf: email.AsOf, Source: email.Source})
	}
	return p
}

func (p profile) fact(field string) (db.Fact, bool) {
	i := slices.IndexFunc(p.facts, func(f db.Fact) bool { return f.Field == field })
	if i < 0 {
		return db.Fact{}, false
	}
	return p.facts[i], true
}

func (p profile) roleSeen() bool {
	_, seen := p.fact(db.FieldRole)
	return seen
}

// bettered lets newer's facts stand for those of p, field by field. What p
// says of an e-mail being verified holds for its own e-mail only.
func (p profile) bettered(newer profile) profile {
	out := profile{facts: slices.Clone(newer.facts)}
	old, _ := p.fact(db.FieldEmail)
	email, has := newer.fact(db.FieldEmail)
	otherEmail := has && email.Value != old.Value
	for _, f := range p.facts {
		_, said := newer.fact(f.Field)
		if !said && !(otherEmail && f.Field == db.FieldEmailVerified) {
			out.facts = append(out.facts, f)
		}
	}
	return out
}

// text is a string that fits.
func text(claim any) (string, bool) {
	s, ok := claim.(string)
	if !ok {
		return "", false
	}
	if s = cleaned(s); len(s) > valueLimit {
		return "", false
	}
	return s, true
}

// wholeName is a name, never split; a very long one is cut.
func wholeName(claim any) (string, bool) {
	s, ok := claim.(string)
	s = cleaned(s)
	for len(s) > valueLimit {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return strings.TrimSpace(s), ok
}

// textOrNumber also takes whole numbers: some providers send ids as such.
func textOrNumber(claim any) (string, bool) {
	if n, ok := claim.(json.Number); ok {
		return n.String(), onlyDigits(n.String())
	}
	return text(claim)
}

func onlyDigits(s string) bool {
	return s != "" && len(s) <= 20 && strings.Trim(s, "0123456789") == ""
}

// yesNo is a bool, or one spelled as a string.
func yesNo(claim any) (string, bool) {
	switch v := claim.(type) {
	case bool:
		return strconv.FormatBool(v), true
	case string:
		s := strings.ToLower(strings.TrimSpace(v))
		return s, s == "true" || s == "false"
	}
	return "", false
}

// wholeNumber is a number from 0 to 9999, or one spelled as a string.
func wholeNumber(claim any) (string, bool) {
	var s string
	switch v := claim.(type) {
	case json.Number:
		s = v.String()
	case string:
		s = strings.TrimSpace(v)
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != float64(int(f)) || f < 0 || f > 9999 || strings.ContainsAny(s, "xXpP_") {
		return "", false
	}
	return strconv.Itoa(int(f)), true
}

// roleName is a role as given but for spaces around it. One with invisible
// characters says nothing: cleaned, it might become the name of another role.
func roleName(claim any) (string, bool) {
	s, ok := claim.(string)
	trimmed := strings.TrimSpace(s)
	return trimmed, ok && len(trimmed) <= valueLimit && cleaned(trimmed) == trimmed
}

// roleNames is a JSON array of role names, from an array or from one string
// that holds a JSON array, or names parted by commas, or else by spaces. Where
// commas part them a space belongs to its name: "guest editor, mentor" makes
// nobody an editor.
func roleNames(claim any) (string, bool) {
	var list []any
	switch v := claim.(type) {
	case []any:
		list = v
	case string:
		var ok bool
		if list, ok = splitNames(v); !ok {
			return "", false
		}
	default:
		return "", false
	}
	names := []string{}
	for _, e := range list {
		name, ok := roleName(e)
		if ok && name != "" && len(names) < listLimit && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	out, err := json.Marshal(names)
	return string(out), err == nil
}

func splitNames(s string) ([]any, bool) {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "[") {
		v, err := parseJSON([]byte(s))
		list, ok := v.([]any)
		return list, ok && err == nil
	}
	var list []any
	parts := strings.Fields(s)
	if strings.Contains(s, ",") {
		parts = strings.Split(s, ",")
	}
	for _, part := range parts {
		list = append(list, part)
	}
	return list, true
}

// cleaned drops what does not show or turns text around, and spaces at the
// ends.
func cleaned(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' ||
			r == '\u2028' || r == '\u2029' || r == '\u200b' || r == '\ufeff' {
			return -1
		}
		return r
	}, s))
}
