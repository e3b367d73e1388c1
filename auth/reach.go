package auth

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"portico/db"
)

// mostCounted bounds one count of an audience.
const mostCounted = 100_000

// Reach says how many of the people whom the portal has met are shown an item.
// Whoever has not signed in yet is not among them.
type Reach struct {
	Shown, Met int
	Lacking    int  // not shown, and might be if what is unknown of them were known
	More       bool // there are more people than one count goes through
}

// Reach asks of each person the portal has met whether they are shown an item
// of this audience. It is one pass that holds one person at a time.
func (a Audience) Reach(ctx context.Context, d *db.DB, names Names) (Reach, error) {
	var r Reach
	var err error
	r.More, err = d.EachPerson(ctx, mostCounted, func(u *db.User) {
		r.Met++
		switch shown, _ := a.Shown(u, names); {
		case shown:
			r.Shown++
		case slices.ContainsFunc(a.Groups, func(g Group) bool { return g.lacks(u) }):
			r.Lacking++
		}
	})
	return r, err
}

// lacks says whether nothing known of a person keeps them out of the group,
// but something that is not known.
func (g Group) lacks(u *db.User) (missing bool) {
	for fact, values := range g {
		if slices.ContainsFunc(values, func(v string) bool { return fact.is(u, v) }) {
			continue
		}
		if !fact.missing(u) {
			return false
		}
		missing = true
	}
	return missing
}

// missing says whether nothing is known of a person about a fact.
func (f AudienceFact) missing(u *db.User) bool {
	if f == AboutRole {
		return u.Role() == "" && len(u.CustomRoles()) == 0
	}
	field, known := audienceFields[f]
	return known && u.Get(field) == ""
}

// Words say for whom an item is: "300 level, Computer Science; staff".
func (a Audience) Words(names Names) string {
	switch a.To {
	case Everybody:
		return "Everybody"
	case SignedIn:
		return "Everybody who signs in"
	case Groups:
		var groups []string
		for _, g := range a.Groups {
			groups = append(groups, g.words(names))
		}
		return strings.Join(groups, "; ")
	}
	return "Nobody"
}

func (g Group) words(names Names) string {
	var all []string
	for _, fact := range audienceFacts {
		values := g[fact]
		switch {
		case len(values) == 0:
			continue
		case fact == AboutPerson:
			all = append(all, people(len(values)))
			continue
		case len(values) > 3:
			all = append(all, strconv.Itoa(len(values))+" "+manyOf[fact])
			continue
		}
		var words []string
		for _, value := range values {
			if word := fact.word(value, names); word != "" {
				words = append(words, word)
			}
		}
		if len(words) > 0 {
			all = append(all, strings.Join(words, " or "))
		}
	}
	return strings.Join(all, ", ")
}

// manyOf is what several values of a fact are called.
var manyOf = map[AudienceFact]string{
	AboutLevel: "levels", AboutStudyLevel: "kinds of study", AboutRole: "roles", AboutDepartment: "departments", AboutFaculty: "faculties",
}

func people(n int) string {
	if n == 1 {
		return "one person"
	}
	return fmt.Sprintf("%d people", n)
}
