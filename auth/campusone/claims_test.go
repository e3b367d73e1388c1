package campusone

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"portico/db"
)

func TestClaimsAreReadLeniently(t *testing.T) {
	const nothing = "(no fact)"
	for _, c := range []struct{ field, claim, want string }{
		{"name", `"Adaeze Ngozi Okafor"`, "Adaeze Ngozi Okafor"}, {"name", `" A\u0000\nB\u202e "`, "AB"}, {"name", `5`, nothing},
		{"name", `null`, nothing}, {"name", `{}`, nothing},
		{"role", `"student"`, "student"}, {"role", `" staff "`, "staff"}, {"role", `""`, ""}, {"role", `null`, nothing},
		{"role", `["admin"]`, nothing}, {"role", `5`, nothing}, {"role", `true`, nothing}, {"role", `"ad\u0000min"`, nothing}, {"role", `"adm\u200bin"`, nothing},
		{"roles", `["student","mentor"]`, `["student","mentor"]`}, {"roles", `[]`, `[]`}, {"roles", `null`, nothing}, {"roles", `5`, nothing},
		{"roles", `"student,mentor"`, `["student","mentor"]`}, {"roles", `"student mentor"`, `["student","mentor"]`},
		{"roles", `"guest editor, mentor"`, `["guest editor","mentor"]`}, {"roles", `""`, `[]`},
		{"roles", `"[\"student\",\"mentor\"]"`, `["student","mentor"]`}, {"roles", `"[\"student\""`, nothing}, {"roles", `"[1] x"`, nothing},
		{"roles", `["a",5,null,"a",""," b ","c\u0000"]`, `["a","b"]`}, {"roles", `{"a":1}`, nothing},
		{"custom_roles", `["editor"]`, `["editor"]`}, {"custom_roles", `"editor"`, `["editor"]`}, {"custom_roles", `false`, nothing},
		{"level", `300`, "300"}, {"level", `300.0`, "300"}, {"level", `3e2`, "300"}, {"level", `"300"`, "300"}, {"level", `" 300 "`, "300"},
		{"level", `"300 level"`, nothing}, {"level", `300.5`, nothing}, {"level", `-1`, nothing}, {"level", `1e99`, nothing},
		{"level", `"NaN"`, nothing}, {"level", `"0x12C"`, nothing}, {"level", `""`, nothing}, {"level", `true`, nothing},
		{"final_year", `true`, "true"}, {"final_year", `false`, "false"}, {"final_year", `"false"`, "false"}, {"final_year", `"True"`, "true"},
		{"final_year", `"yes"`, nothing}, {"final_year", `1`, nothing}, {"email_verified", `true`, "true"}, {"email_verified", `1`, nothing},
		{"student_id", `"025624001"`, "025624001"}, {"student_id", `256240001`, "256240001"}, {"student_id", `1.5`, nothing}, {"student_id", `-1`, nothing},
		{"faculty_id", `7`, "7"}, {"department_id", `"dept_cs"`, "dept_cs"}, {"semester", `1`, "1"}, {"semester", `"First"`, "First"},
		{"study_level", `5`, nothing}, {"academic_session", `"2025/2026"`, "2025/2026"}, {"picture", `""`, ""},
		{"preferred_username", `"` + strings.Repeat("a", 301) + `"`, nothing}, {"picture", `"` + strings.Repeat("a", 300) + `"`, strings.Repeat("a", 300)},
	} {
		claims, err := parseObject(fmt.Appendf(nil, `{%q:%s}`, c.field, c.claim))
		if err != nil {
			t.Fatal(err)
		}
		p := readProfile(claims, time.Now(), "id_token")
		fact, ok := p.fact(c.field)
		if c.want == nothing && ok || c.want != nothing && (!ok || fact.Value != c.want) {
			t.Errorf("%s: %s gives %q (%v), want %q", c.field, c.claim, fact.Value, ok, c.want)
		}
		if p.roleSeen() != (c.field == "role" && c.want != nothing) {
			t.Errorf("%s: %s: role seen is %v", c.field, c.claim, p.roleSeen())
		}
	}
}

func TestLongNameIsCutBetweenLetters(t *testing.T) {
	v, ok := wholeName(strings.Repeat("ọ", 200))
	if !ok || len(v) > valueLimit || !utf8.ValidString(v) || len(v) < valueLimit-3 {
		t.Errorf("name of %d bytes, valid %v", len(v), utf8.ValidString(v))
	}
}

func TestEmailWithoutItsOwnWordIsUnverified(t *testing.T) {
	at := time.Now()
	p := readProfile(object{"email": "a@b.c"}, at, "webhook").sealed()
	if f, ok := p.fact(db.FieldEmailVerified); !ok || f.Value != "false" || f.Source != "webhook" || !f.AsOf.Equal(at) {
		t.Errorf("email_verified = %+v, %v", f, ok)
	}
	if _, ok := readProfile(object{"name": "A"}, at, "webhook").sealed().fact(db.FieldEmailVerified); ok {
		t.Error("a word on an e-mail that was not given")
	}
}

func FuzzClaims(f *testing.F) {
	for _, s := range []string{`{"role":"student","roles":["a"],"level":"300"}`, `{"roles":"[\"a\"]"}`, `{"name":"\ud800"}`, `{"a":{"a":[1,{}]}}`, `{"level":1e400}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		claims, err := parseObject(text)
		if err != nil {
			return
		}
		if !json.Valid(text) {
			t.Fatalf("took what is not JSON: %q", text)
		}
		for _, fact := range readProfile(claims, time.Unix(1, 0), "userinfo").facts {
			checkFact(t, claims, fact)
		}
	})
}

// checkFact holds what every stored value must be, whatever was sent.
func checkFact(t *testing.T, claims object, fact db.Fact) {
	t.Helper()
	if _, there := claims[fact.Field]; !there {
		t.Errorf("%s was made up", fact.Field)
	}
	if !utf8.ValidString(fact.Value) || strings.TrimSpace(fact.Value) != fact.Value {
		t.Errorf("%s = %q", fact.Field, fact.Value)
	}
	isList := fact.Field == db.FieldRoles || fact.Field == db.FieldCustomRoles
	if !isList && (len(fact.Value) > valueLimit || strings.ContainsFunc(fact.Value, func(r rune) bool { return r < ' ' })) {
		t.Errorf("%s = %q", fact.Field, fact.Value)
	}
	var names []string
	if isList && (json.Unmarshal([]byte(fact.Value), &names) != nil || names == nil || len(names) > listLimit) {
		t.Errorf("%s = %q is no list", fact.Field, fact.Value)
	}
}
