package auth

import (
	"testing"
	"time"

	"portico/db"
)

func TestRolesOpenExactlyWhatTheyShould(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	policy := Policy{RoleMaxAge: 7 * 24 * time.Hour, Roles: map[Permission][]RolePair{
		Reports: {{Name: "admin"}, {Name: "staff"}}, Publish: {{Custom: true, Name: "editor"}}, Manage: {{Name: "admin"}},
	}}
	person := func(role, roles, custom string, grants ...string) *db.User {
		facts := db.Facts{{Field: "custom_roles", Value: custom}, {Field: "role", Value: role}, {Field: "roles", Value: roles}}
		return &db.User{Facts: facts, RoleConfirmed: now, Grants: grants}
	}
	stale := person("admin", "", "")
	stale.RoleConfirmed = now.Add(-8 * 24 * time.Hour)
	granted := person("student", "", "", "manage")
	granted.RoleConfirmed = time.Time{}
	for _, c := range []struct {
		name                     string
		u                        *db.User
		reports, publish, manage bool
	}{
		{"student", person("student", "", ""), false, false, false},
		{"staff", person("staff", "", ""), true, false, false},
		{"admin", person("admin", "", ""), true, true, true},
		{"admin only among roles", person("student", `["admin","staff"]`, ""), false, false, false},
		{"custom role called admin", person("student", "", `["admin"]`), false, false, false},
		{"custom editor", person("student", "", `["editor"]`), false, true, false},
		{"global role called editor", person("editor", "", ""), false, false, false},
		{"another case", person("Admin", "", ""), false, false, false},
		{"with a blank", person("admin ", "", ""), false, false, false},
		{"no role", person("", "", ""), false, false, false},
		{"admin not confirmed for eight days", stale, false, false, false},
		{"granted by name, role never confirmed", granted, true, true, true},
		{"granted reports", person("student", "", "", "reports"), true, false, false},
	} {
		for want, p := range map[Permission]bool{Reports: c.reports, Publish: c.publish, Manage: c.manage} {
			if got := policy.May(c.u, want, now); got != p {
				t.Errorf("%s may %s: %v, want %v", c.name, want, got, p)
			}
			if got := policy.Held(c.u, now).May(want); got != p {
				t.Errorf("of all that %s holds, %s is %v, want %v", c.name, want, got, p)
			}
		}
	}
	odd := Policy{RoleMaxAge: time.Hour, Roles: map[Permission][]RolePair{Manage: {{Name: "custom:admin"}, {Name: ""}, {Name: "a b"}}}}
	for _, role := range []string{"custom:admin", "", "a b"} {
		if odd.May(person(role, "", ""), Manage, now) {
			t.Errorf("the role %q opened manage", role)
		}
	}
}
