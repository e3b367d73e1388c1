package campusonetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRoleClaimsAppearWhereTheQuirkSays(t *testing.T) {
	r := start(t, Options{})
	for _, c := range []struct {
		where    Placement
		id, info bool
	}{{InBoth, true, true}, {InIDToken, true, false}, {InUserinfo, false, true}, {Nowhere, false, false}} {
		r.server.SetQuirks(func(q *Quirks) { q.RoleClaims = c.where })
		id, info := r.claims(SubIbrahim)
		if (id["role"] == "staff") != c.id || (info["role"] == "staff") != c.info {
			t.Errorf("placement %d: id_token %v, userinfo %v", c.where, id["role"], info["role"])
		}
	}
}

func TestRoleListsAreWrittenAsTheQuirkSays(t *testing.T) {
	r := start(t, Options{})
	for form, want := range map[ListForm]any{
		AsArray: []any{"student", "mentor"}, AsCommaList: "student,mentor", AsJSONText: `["student","mentor"]`,
		AsEmptyArray: []any{}, AsNull: nil,
	} {
		r.server.SetQuirks(func(q *Quirks) { q.RoleLists = form })
		_, info := r.claims(SubBola)
		got, there := info["roles"]
		if diff := cmp.Diff(want, got); diff != "" || !there {
			t.Errorf("form %d: %s", form, diff)
		}
	}
	r.server.SetQuirks(func(q *Quirks) { q.RoleLists = Absent })
	if _, info := r.claims(SubBola); info["role"] != "student" {
		t.Error("the primary role went with the lists")
	} else if _, there := info["roles"]; there {
		t.Error("absent lists are there")
	}
}

func TestSeededPeopleCoverEachKind(t *testing.T) {
	r := start(t, Options{})
	kinds := map[string]string{
		SubAmina: "student", SubIbrahim: "staff", SubFunke: "student, editor", SubGrace: "admin, staff",
		SubPeter: "external", SubSani: "no role", SubBola: "student, mentor",
	}
	for sub, want := range kinds {
		if p, ok := r.server.Person(sub); !ok || p.Kind() != want {
			t.Errorf("%s is %q, want %q", sub, p.Kind(), want)
		}
	}
	if _, info := r.claims(SubSani); info["role"] != nil || info["roles"] != nil {
		t.Errorf("Sani has role claims: %v", info)
	}
	if _, info := r.claims(SubPeter); info["student_id"] != nil || info["level"] != nil {
		t.Errorf("Peter is an external, but %v", info)
	}
	if _, info := r.claims(SubChidi); info["student_id"] != "00264017" {
		t.Errorf("leading zeros are lost: %v", info["student_id"])
	}
}

func TestClaimsFollowTheScopes(t *testing.T) {
	r := start(t, Options{})
	r.oauth.Scopes = []string{"openid", "email"}
	_, info := r.claims(SubAmina)
	want := map[string]any{"sub": SubAmina, "email": "256240001@nile.example", "email_verified": true}
	if diff := cmp.Diff(want, info); diff != "" {
		t.Error(diff)
	}
}

func TestUserinfoIsLiveAndIDTokensAreNot(t *testing.T) {
	r := start(t, Options{})
	token := r.tokensFor(SubAmina)
	r.server.SetRole(SubAmina, "alumni")
	id, err := r.verify(token)
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := id.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	if got := r.userinfo(token)["role"]; got != "alumni" || claims["role"] != "student" {
		t.Errorf("userinfo says %v, the id_token %v", got, claims["role"])
	}
	r.server.SetRole(SubAmina, "")
	if got := r.userinfo(token)["role"]; got != "" {
		t.Errorf("a role taken away is %v", got)
	}
}

func TestSmallerQuirks(t *testing.T) {
	r := start(t, Options{})
	r.server.SetQuirks(func(q *Quirks) {
		q.SparseIDToken, q.AuthTimeMillis, q.NoATHash, q.BasicAllowed, q.NewEndSession, q.ResponseIssuer = true, true, true, true, true, true
	})
	again := party(t, r.server)
	again.oauth.Endpoint.AuthStyle = 2 // Basic
	id, _ := again.claims(SubAmina)
	if id["name"] != nil || id["at_hash"] != nil {
		t.Errorf("the sparse id_token says %v", id)
	}
	if at, _ := id["auth_time"].(float64); at < float64(time.Now().UnixMilli())/2 {
		t.Errorf("auth_time is %v", id["auth_time"])
	}
	if iss := again.silently(newAttempt()).Get("iss"); iss != r.server.Issuer() {
		t.Errorf("iss on the callback is %q", iss)
	}
	delete(again.jar, sessionCookie)
	if iss := again.silently(newAttempt()).Get("iss"); iss != r.server.Issuer() {
		t.Errorf("iss on an error is %q", iss)
	}
	var doc struct {
		EndSession string `json:"end_session_endpoint"`
		Iss        bool   `json:"authorization_response_iss_parameter_supported"`
	}
	if err := again.provider.Claims(&doc); err != nil || !doc.Iss || doc.EndSession != r.server.URL()+newEndSessionPath {
		t.Errorf("discovery says %+v (%v)", doc, err)
	}
}

func TestSomeProvidersShowAPageAtPromptNone(t *testing.T) {
	r := start(t, Options{})
	r.server.SetQuirks(func(q *Quirks) { q.PageAtNone = true })
	target := r.authorizeURL(newAttempt()) + "&prompt=none"
	if got := r.get(target).Header.Get("Location"); len(got) < 7 || got[:7] != "/login?" {
		t.Errorf("prompt=none went to %q", got)
	}
}

func TestCentralSignOutEndsEverythingThePersonHolds(t *testing.T) {
	r := start(t, Options{})
	mine, other := r.tokensFor(SubAmina), r.tokensFor(SubHalima)
	r.signInAtProvider(SubAmina)
	r.server.SignOutCentrally(SubAmina)
	if q := r.silently(newAttempt()); q.Get("error") != "login_required" {
		t.Errorf("the session lives: %v", q)
	}
	if _, err := r.refresh(mine.RefreshToken); err == nil {
		t.Error("the refresh token lives")
	}
	if _, err := r.provider.UserInfo(t.Context(), tokenSource(mine)); err == nil {
		t.Error("the access token lives")
	}
	r.userinfo(other)
}

func TestDeletedPeopleAreGone(t *testing.T) {
	r := start(t, Options{})
	r.signInAtProvider(SubAmina)
	a := newAttempt()
	code := r.silently(a).Get("code")
	r.server.Delete(SubAmina)
	if _, err := r.exchange(t.Context(), code, a); refusal(t, err) != "invalid_grant" {
		t.Errorf("the code of a deleted person: %v", err)
	}
	if _, ok := r.server.Person(SubAmina); ok {
		t.Error("still there")
	}
}
