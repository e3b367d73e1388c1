package auth

import (
	"slices"
	"strings"
	"time"

	"portico/db"
)

// Permission is what a person may do besides reading. The zero value is
// nobody's.
type Permission string

// The permissions. Manage includes the other two.
const (
	Reports Permission = "reports"
	Publish Permission = "publish"
	Manage  Permission = "manage"
)

// RolePair names a role of Campus One with its kind, so that a custom role
// called admin is never the global one.
type RolePair struct {
	Custom bool
	Name   string
}

// Policy says which roles open what, and for how long an unconfirmed role
// counts.
type Policy struct {
	Roles      map[Permission][]RolePair
	RoleMaxAge time.Duration
}

// May reports whether the person holds a permission now: by role, when the
// role was confirmed lately, or by a named grant.
func (p Policy) May(u *db.User, want Permission, now time.Time) bool {
	return p.holds(u, want, now) || want != Manage && p.holds(u, Manage, now)
}

func (p Policy) holds(u *db.User, want Permission, now time.Time) bool {
	if slices.Contains(u.Grants, string(want)) {
		return true
	}
	if now.Sub(u.RoleConfirmed) > p.RoleMaxAge {
		return false
	}
	return slices.ContainsFunc(p.Roles[want], func(r RolePair) bool { return matches(u, r) })
}

// matches compares exactly. The claim roles grants nothing: it means
// different things in different answers of Campus One.
func matches(u *db.User, r RolePair) bool {
	if r.Name == "" || strings.ContainsAny(r.Name, ": ") {
		return false
	}
	if r.Custom {
		return slices.Contains(u.CustomRoles(), r.Name)
	}
	return u.Role() == r.Name
}
