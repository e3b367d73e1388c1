package journey

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
)

// oddity is a provider that does as it may, though not as one expects. The
// two who come to it, an editor silently and a mentor by hand, are signed in.
type oddity struct {
	name  string
	rule  string
	what  string
	alg   campusonetest.Alg
	quirk campusonetest.Quirks
	fault func(scene, *fault)
	env   []string
	first func(*testing.T, *World)

	roles  string // the mentor's role and roles as /auth/me tells them; "" is as they are
	custom string // the editor's custom roles; "" is as they are
	sub    string // "" is as they are
	slow   bool
}

const (
	mentorRoles  = "student: student, mentor"
	editorCustom = "editor"
	unsaid       = "-" // nothing was said of it
)

// TestOdd signs people in at every odd provider.
func TestOdd(t *testing.T) {
	t.Parallel()
	odd := slices.Concat(protocolOddities(), tokenOddities(), claimOddities(), userinfoOddities())
	table := &outcomes{}
	t.Run("oddities", func(t *testing.T) {
		for _, o := range odd {
			t.Run(o.name, func(t *testing.T) {
				t.Parallel()
				o.welcome(t, table)
			})
		}
	})
	t.Logf("%d oddities\n%s", len(odd), table)
}

func (o oddity) welcome(t *testing.T, table *outcomes) {
	s := newStage(t, o.alg, o.quirk, o.fault, o.env...)
	if o.first != nil {
		o.first(t, s.world)
	}
	silent, interactive := s.suspect(t, campusonetest.SubFunke), s.suspect(t, campusonetest.SubBola)
	var both sync.WaitGroup
	both.Go(func() { silent.visit("/") })
	if !o.slow {
		both.Wait()
	}
	both.Go(func() { interactive.visit("/dashboard") })
	both.Wait()
	table.add(o.name, o.rule, o.what, silent.story(), interactive.story())
	for _, p := range []*suspect{silent, interactive} {
		p.decent()
		if p.Status != http.StatusOK || p.Cookie("session") == "" {
			t.Fatalf("not signed in: %s: %s", p.story(), p.Text())
		}
	}
	who := interactive.whoami()
	if want := or(o.sub, campusonetest.SubBola); who.Sub != want {
		t.Errorf("the sub is %q, want %q", who.Sub, want)
	}
	if got, want := who.roles(), or(o.roles, mentorRoles); got != want {
		t.Errorf("the roles are %q, want %q", got, want)
	}
	if got, want := silent.customRoles(), or(o.custom, editorCustom); got != want {
		t.Errorf("the custom roles are %q, want %q", got, want)
	}
	s.quiet(t)
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// identity is what /auth/me tells.
type identity struct {
	Sub   string   `json:"sub"`
	Role  *string  `json:"role"`
	Roles []string `json:"roles"`
}

func (i identity) roles() string {
	role := unsaid
	if i.Role != nil {
		role = *i.Role
	}
	return role + ": " + or(strings.Join(i.Roles, ", "), unsaid)
}

func (s *suspect) whoami() identity {
	s.t.Helper()
	var who identity
	_, body := s.me()
	if err := json.Unmarshal([]byte(body), &who); err != nil {
		s.t.Fatal(err)
	}
	return who
}

// customRoles are the person's as the portal has stored them.
func (s *suspect) customRoles() string {
	s.t.Helper()
	u, err := s.stage.world.App.DB.UserBySub(context.Background(), s.stage.world.Provider.URL(), s.whoami().Sub)
	if err != nil {
		s.t.Fatal(err)
	}
	return or(strings.Join(u.CustomRoles(), ", "), unsaid)
}

// protocolOddities are other providers of the same kind, as they are met.
func protocolOddities() []oddity {
	const plan = "OIDF RP basic"
	q := func(edit func(*campusonetest.Quirks)) (q campusonetest.Quirks) { edit(&q); return q }
	return []oddity{
		{name: "honest", rule: plan, what: "everything as documented"},
		{name: "RS256", rule: plan, what: "signs with RS256", alg: campusonetest.RS256},
		{name: "ES256", rule: "OIDC Core 15.1", what: "signs with ES256", alg: campusonetest.ES256},
		{name: "issuer with a path", rule: "OIDC Discovery 4.3", what: "the issuer ends in /api/auth", quirk: q(func(q *campusonetest.Quirks) { q.IssuerWithPath = true })},
		{name: "issuer moves", rule: "OIDC Discovery 4.3", what: "the issuer gets a path between two sign-ins", first: issuerMoves},
		{name: "iss in answers", rule: "RFC 9207 2", what: "advertises iss and sends it", quirk: q(func(q *campusonetest.Quirks) { q.ResponseIssuer = true })},
		{name: "client_secret_basic", rule: plan, what: "takes the secret by HTTP Basic", env: []string{"CAMPUS_ONE_AUTH_METHOD=basic"}, quirk: q(func(q *campusonetest.Quirks) { q.BasicAllowed = true })},
		{name: "no refresh token", rule: "OIDC Core 11", what: "offline_access without a refresh token", quirk: q(func(q *campusonetest.Quirks) { q.NoRefreshToken = true })},
		{name: "auth_time in ms", rule: "OIDC Core 2", what: "auth_time in milliseconds", quirk: q(func(q *campusonetest.Quirks) { q.AuthTimeMillis = true })},
		{name: "state with errors", rule: "RFC 6749 4.1.2.1", what: "errors carry the state", quirk: q(func(q *campusonetest.Quirks) { q.StateInErrors = true })},
		{name: "more parameters", rule: "RFC 6749 4.1.2", what: "session_state and scope beside the code", fault: adding(param{Name: "session_state", Value: "x.y"}, param{Name: "scope", Value: "openid roles"})},
		{name: "discovery says more", rule: "OIDC Discovery 3", what: "members nobody knows", fault: document(func(_ scene, d claims) { d["x"], d["mtls_endpoint_aliases"] = canary, claims{} })},
		{name: "discovery lists RS256 only", rule: "OIDC Discovery 3", what: "signs with EdDSA, lists RS256", fault: document(func(_ scene, d claims) { d["id_token_signing_alg_values_supported"] = []string{"RS256"} })},
		{name: "discovery without userinfo", rule: "OIDC Discovery 3", what: "no userinfo, no end_session", fault: document(func(_ scene, d claims) { delete(d, "userinfo_endpoint"); delete(d, "end_session_endpoint") })},
		{name: "discovery charset", rule: "RFC 8259 8.1", what: "a charset behind application/json", fault: discovery(answer{Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}})},
	}
}

func issuerMoves(t *testing.T, w *World) {
	signedIn(t, w, campusonetest.SubChidi)
	w.Provider.SetQuirks(func(q *campusonetest.Quirks) { q.IssuerWithPath = true })
}

// rotation signs somebody in and makes a new key.
func rotation(t *testing.T, w *World) {
	signedIn(t, w, campusonetest.SubChidi)
	if err := w.Provider.RotateKeys(); err != nil {
		t.Fatal(err)
	}
}

func twoKeys(t *testing.T, w *World) {
	if err := w.Provider.RotateKeys(); err != nil {
		t.Fatal(err)
	}
}

// tokenOddities are odd keys, and tokens and their answers that are odd but good.
func tokenOddities() []oddity {
	const plan, core = "OIDF RP config", "OIDC Core 3.1.3.7"
	return []oddity{
		{name: "key rotation", rule: plan, what: "a new key between two sign-ins", first: rotation},
		{name: "key rotation, old key gone", rule: plan, what: "only the new key is published", first: rotation, fault: keySet(func(s claims) { s["keys"] = s["keys"].([]any)[:1] })},
		{name: "no kid, one key", rule: "OIDF RP basic", what: "the token names no key", fault: signs(campusonetest.SignNoKid)},
		{name: "no kid, two keys", rule: "OIDF RP basic", what: "the token names no key, two are published", fault: signs(campusonetest.SignNoKid), first: twoKeys},
		{name: "keys of other kinds", rule: "RFC 7517 5", what: "keys nobody knows beside the true one", fault: keySet(func(s claims) {
			s["keys"] = append([]any{7, claims{"kty": "XYZ"}, claims{"kty": "oct", "k": "AAAA"}, claims{"kty": "OKP", "crv": "X25519", "x": "AAAA"}}, s["keys"].([]any)...)
		})},
		{name: "typ at will", rule: "RFC 7519 5.1", what: "no typ, and x5t in the header", fault: header(func(_ scene, h claims) { delete(h, "typ"); h["x5t"] = "AAAA" })},
		{name: "aud a list of one", rule: core + " (3)", what: "aud is a list", fault: set("aud", []string{"portico-test"})},
		{name: "aud list with azp", rule: core + " (5)", what: "two audiences, azp is ours", fault: claim(func(_ scene, c claims) { c["aud"], c["azp"] = []string{"portico-test", "other"}, "portico-test" })},
		{name: "exp just past", rule: core + " (9)", what: "expired 30 s ago, within the leeway", fault: timed("exp", -30*time.Second)},
		{name: "nbf just ahead", rule: "RFC 7519 4.1.5", what: "valid in 30 s, within the leeway", fault: timed("nbf", 30*time.Second)},
		{name: "iat ahead", rule: core + " (10)", what: "the clock is four minutes ahead", fault: timed("iat", 4*time.Minute)},
		{name: "iat an hour behind", rule: core + " (10)", what: "the nonce, not the clock, proves freshness", fault: timed("iat", -time.Hour)},
		{name: "times with fractions", rule: "RFC 7519 2 (NumericDate)", what: "exp is 1.5 s past a whole one", fault: claim(func(_ scene, c claims) { c["exp"] = float64(time.Now().Unix()) + 600.5 })},
		{name: "no at_hash", rule: "OIDC Core 3.1.3.6", what: "at_hash is left out", quirk: campusonetest.Quirks{NoATHash: true}},
		{name: "sparse id_token", rule: "OIDC Core 5.4", what: "protocol claims alone", quirk: campusonetest.Quirks{SparseIDToken: true}},
		{name: "bearer", rule: "RFC 6749 5.1", what: "token_type is bearer", fault: tokenEdit(func(a claims) { a["token_type"] = "bearer" })},
		{name: "no scope, no expires_in", rule: "RFC 6749 5.1", what: "both are left out", fault: tokenEdit(func(a claims) { delete(a, "scope"); delete(a, "expires_in") })},
		{name: "expires_in a string", rule: "RFC 6749 5.1", what: `expires_in is "3600", with expires_at`, fault: tokenEdit(func(a claims) { a["expires_in"], a["expires_at"] = "3600", "2027-01-01T00:00:00Z" })},
		{name: "id_token on refresh too", rule: "OIDC Core 12.2", what: "a refresh gives an id_token", quirk: campusonetest.Quirks{RefreshWithIDToken: true}},
	}
}

// everywhere sets claims in the id_token and in userinfo.
func everywhere(edit func(claims)) func(scene, *fault) {
	return func(_ scene, f *fault) {
		f.IDToken.Claims = func(c map[string]any) { edit(c) }
		f.Userinfo.Claims = func(c map[string]any) { edit(c) }
	}
}

// claimOddities are the forms in which integrators have met profile claims.
func claimOddities() []oddity {
	const core, met = "OIDC Core 5.1", "as met"
	in := func(p campusonetest.Placement) campusonetest.Quirks { return campusonetest.Quirks{RoleClaims: p} }
	as := func(f campusonetest.ListForm) campusonetest.Quirks { return campusonetest.Quirks{RoleLists: f} }
	return []oddity{
		{name: "roles in userinfo alone", rule: "OIDF RP basic", what: "the id_token has no role claims", quirk: in(campusonetest.InUserinfo)},
		{name: "roles in the id_token alone", rule: "OIDC Core 5.4", what: "userinfo has no role claims", quirk: in(campusonetest.InIDToken)},
		{name: "roles nowhere", rule: "OIDC Core 5.4", what: "no role claims at all", quirk: in(campusonetest.Nowhere), roles: "-: -", custom: unsaid},
		{name: "roles by commas", rule: met, what: "student,mentor", quirk: as(campusonetest.AsCommaList)},
		{name: "roles as JSON text", rule: met, what: `"[\"student\"]"`, quirk: as(campusonetest.AsJSONText)},
		{name: "roles by spaces", rule: met, what: "student mentor", fault: everywhere(joinRoles)},
		{name: "roles an empty list", rule: met, what: "[]", quirk: as(campusonetest.AsEmptyArray), roles: "student: -", custom: unsaid},
		{name: "roles null", rule: met, what: "null", quirk: as(campusonetest.AsNull), roles: "student: -", custom: unsaid},
		{name: "roles absent", rule: met, what: "role, but no lists", quirk: as(campusonetest.Absent), roles: "student: -", custom: unsaid},
		{name: "role a list", rule: met, what: "role has the wrong type", fault: everywhere(func(c claims) { c["role"] = []string{"admin"} }), roles: "-: student, mentor"},
		{name: "role null", rule: met, what: "role is null", fault: everywhere(func(c claims) { c["role"] = nil }), roles: "-: student, mentor"},
		{name: "ROLE beside role", rule: "RFC 7519 10.1.1", what: "the shadow says admin", fault: everywhere(func(c claims) { c["ROLE"], c["Role"], c["rOLES"] = "admin", "admin", []string{"admin"} })},
		{name: "ROLE alone", rule: "RFC 7519 10.1.1", what: "there is no role, only its shadow", fault: everywhere(func(c claims) { c["ROLE"] = "admin"; delete(c, "role") }), roles: "-: student, mentor"},
		{name: "role looks like admin", rule: met, what: "admin with an invisible letter", fault: everywhere(func(c claims) { c["role"] = "admin\u200b" }), roles: "-: student, mentor"},
		{name: "role padded", rule: met, what: "spaces around the role", fault: everywhere(func(c claims) { c["role"] = " student " })},
		{name: "profile of other types", rule: core, what: "numbers for texts and texts for numbers", fault: everywhere(otherTypes)},
		{name: "profile all wrong", rule: core, what: "no optional claim is of its type", fault: everywhere(wrongTypes)},
		{name: "name of 100 kB", rule: core, what: "a very long name", fault: func(_ scene, f *fault) {
			f.Userinfo.Claims = func(c map[string]any) { c["name"] = strings.Repeat("Ọ̀", 25_000) }
		}},
		{name: "sub of 255 bytes", rule: "OIDC Core 2", what: "the longest sub", fault: everywhere(func(c claims) { c["sub"] = longSub(c["sub"]) }), sub: longSub(campusonetest.SubBola)},
	}
}

func joinRoles(c claims) {
	for _, name := range []string{"roles", "custom_roles"} {
		if list, ok := c[name].([]string); ok {
			c[name] = strings.Join(list, " ")
		}
	}
}

func otherTypes(c claims) {
	c["level"], c["final_year"], c["semester"], c["updated_at"] = "400", "false", 1, "2026-01-01T00:00:00Z"
	c["faculty_id"], c["student_id"], c["email_verified"] = 7, 246240008, "true"
}

func wrongTypes(c claims) {
	for _, name := range []string{"name", "email", "email_verified", "picture", "student_id", "level", "final_year", "faculty_id", "semester"} {
		c[name] = map[string]any{"x": []any{nil}}
	}
}

func longSub(sub any) string {
	s, _ := sub.(string)
	return s + strings.Repeat("s", 255-len(s))
}

// userinfoOddities are failures of userinfo, which is asked but not needed.
func userinfoOddities() []oddity {
	const core = "OIDC Core 5.3.2"
	info := func(a answer) func(scene, *fault) { return func(_ scene, f *fault) { f.Userinfo.Answer = a } }
	edit := func(do func(claims)) func(scene, *fault) {
		return func(_ scene, f *fault) { f.Userinfo.Claims = func(c map[string]any) { do(c) } }
	}
	return []oddity{
		{name: "userinfo 500", rule: core, what: "500", fault: info(htmlPage(500))},
		{name: "userinfo 429", rule: "RFC 6585 4", what: "429", fault: info(htmlPage(429))},
		{name: "userinfo 401", rule: "RFC 6750 3.1", what: "401", fault: info(htmlPage(401))},
		{name: "userinfo HTML", rule: core, what: "an HTML page with 200", fault: info(htmlPage(200))},
		{name: "userinfo a JWT", rule: core, what: "signed claims, unasked", fault: info(answer{Header: http.Header{"Content-Type": {"application/jwt"}}, Body: []byte("e30.e30." + canary)})},
		{name: "userinfo cut short", rule: core, what: "half of the claims", fault: info(answer{Truncate: 40})},
		{name: "userinfo closed", rule: core, what: "no byte", fault: info(answer{Drop: true})},
		{name: "userinfo hangs", rule: core, what: "no answer", fault: info(answer{Hang: true}), slow: true},
		{name: "userinfo huge", rule: core, what: "8 MB of spaces", fault: info(answer{Pad: 8 << 20})},
		{name: "userinfo elsewhere", rule: "RFC 6750 5.3", what: "302 to another host", fault: func(s scene, f *fault) { f.Userinfo.RedirectTo = s.trap + "/me" }},
		{name: "userinfo nested deep", rule: "RFC 8259 9", what: "a hundred thousand lists", fault: info(jsonAnswer(200, strings.Repeat("[", 100_000)))},
		{name: "userinfo without sub", rule: core, what: "claims of nobody, role admin", fault: edit(func(c claims) { delete(c, "sub"); c["role"] = "admin" })},
		{name: "userinfo sub a number", rule: core, what: "sub is a number, role admin", fault: edit(func(c claims) { c["sub"], c["role"] = 7, "admin" })},
		{name: "userinfo speaks of iss", rule: core, what: "protocol claims in userinfo are not heard", fault: edit(func(c claims) { c["iss"], c["aud"], c["exp"], c["nonce"] = canary, canary, 1, canary })},
	}
}
