package auth

import (
	"math"
	"slices"
	"strings"
	"sync/atomic"
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
	return p.Why(u, want, now) != NotHeld
}

// Ground is by what somebody holds a permission. The zero ground is none.
type Ground int

// The grounds; the first that fits is told.
const (
	NotHeld  Ground = iota
	ByGrant         // given by name
	ByManage        // comes with the permission to manage
	ByRole          // a role of Campus One, confirmed lately
)

// Why tells by what a person holds a permission now.
func (p Policy) Why(u *db.User, want Permission, now time.Time) Ground {
	switch {
	case slices.Contains(u.Grants, string(want)):
		return ByGrant
	case want != Manage && p.Why(u, Manage, now) != NotHeld:
		return ByManage
	case p.byRole(u, want, now):
		return ByRole
	}
	return NotHeld
}

// Held are the permissions that a person holds now. The zero value is nobody's.
type Held struct{ Reports, Publish, Manage bool }

// May reports whether a permission is among them.
func (h Held) May(p Permission) bool {
	switch p {
	case Reports:
		return h.Reports
	case Publish:
		return h.Publish
	case Manage:
		return h.Manage
	}
	return false
}

// Held tells all that a person may do now, which is cheaper than to ask for
// one permission after the other.
func (p Policy) Held(u *db.User, now time.Time) Held {
	if p.May(u, Manage, now) {
		return Held{Reports: true, Publish: true, Manage: true}
	}
	own := func(want Permission) bool { return slices.Contains(u.Grants, string(want)) || p.byRole(u, want, now) }
	return Held{Reports: own(Reports), Publish: own(Publish)}
}

func (p Policy) byRole(u *db.User, want Permission, now time.Time) bool {
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

// Rules is the policy in force. It can be replaced while people are being
// asked, so that changed role lists need no restart.
type Rules struct{ policy atomic.Pointer[Policy] }

// NewRules begins with a policy.
func NewRules(p Policy) *Rules {
	r := &Rules{}
	r.Replace(p)
	return r
}

// Replace puts another policy in force, from the next question on.
func (r *Rules) Replace(p Policy) { r.policy.Store(&p) }

// May is Policy.May of the policy in force.
func (r *Rules) May(u *db.User, want Permission, now time.Time) bool {
	return r.policy.Load().May(u, want, now)
}

// Held is Policy.Held of the policy in force.
func (r *Rules) Held(u *db.User, now time.Time) Held {
	return r.policy.Load().Held(u, now)
}

// Why is Policy.Why of the policy in force.
func (r *Rules) Why(u *db.User, want Permission, now time.Time) Ground {
	return r.policy.Load().Why(u, want, now)
}

// Roles are the names of the roles that open any of these permissions.
func (r *Rules) Roles(any ...Permission) (names []string) {
	p := r.policy.Load()
	for _, want := range any {
		for _, pair := range p.Roles[want] {
			names = append(names, pair.Name)
		}
	}
	return names
}

// MayOnceConfirmed is May for somebody whose role is to be confirmed before
// it counts, however old it is.
func (r *Rules) MayOnceConfirmed(u *db.User, want Permission, now time.Time) bool {
	p := *r.policy.Load()
	p.RoleMaxAge = math.MaxInt64
	return p.May(u, want, now)
}
