package db

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// PeopleFilter chooses people by what is known of them now. An empty list is
// everybody; "" in a list is those of whom nothing is known.
type PeopleFilter struct {
	Roles, StudyLevels, Levels, Departments []string
}

// PeopleGroup counts the people who have the same facts now.
type PeopleGroup struct {
	Role, StudyLevel, Level, FacultyID, DepartmentID string // "" is unknown
	Met                                              int    // known to the portal at the span's end
	Active                                           int    // signed in on some day of the span
	New                                              int    // active, and first known in the span
	Returning                                        int    // active, and known before
}

// PeopleDay counts the people of one day.
type PeopleDay struct {
	Day         Day
	Active, New int
}

// PeopleReport is who uses the portal. Nobody is counted twice: the groups'
// figures add up to the totals.
type PeopleReport struct {
	Cover
	Met, Active, New, Returning int
	Groups                      []PeopleGroup
	Days                        []PeopleDay // every day of the span, oldest first
}

// PeopleReport counts people by what is known of them now.
func (d *DB) PeopleReport(ctx context.Context, s Span, f PeopleFilter) (report PeopleReport, err error) {
	err = d.readSpan(ctx, s, func(r *spanReader) error {
		c, err := r.census(ctx, f, d.now())
		if err != nil {
			return err
		}
		report = c.report()
		return nil
	})
	return report, err
}

// meets says whether a filter chooses people of whom this is known.
func (f *PeopleFilter) meets(t traits) bool {
	in := func(list []string, value string) bool { return len(list) == 0 || slices.Contains(list, value) }
	return in(f.Roles, t.Role) && in(f.StudyLevels, t.StudyLevel) && in(f.Levels, t.Level) && in(f.Departments, t.DepartmentID)
}

// census is a span's sign-ins with what is known of people.
type census struct {
	*spanReader
	*crowd
	signIns *signIns
	chosen  []bool         // by group
	fresh   map[int]member // who signed in and is not in the stored crowd, by number
	ids     map[int]string // their ids
}

func (r *spanReader) census(ctx context.Context, f PeopleFilter, now time.Time) (*census, error) {
	signIns, err := r.signIns(ctx)
	if err != nil {
		return nil, err
	}
	crowd, err := storedCrowd(ctx, r.r, now)
	if err != nil {
		return nil, err
	}
	c := &census{spanReader: r, crowd: crowd, signIns: signIns, fresh: map[int]member{}, ids: map[int]string{}}
	if err := c.meetFresh(ctx); err != nil {
		return nil, err
	}
	for _, t := range c.groups {
		c.chosen = append(c.chosen, f.meets(t))
	}
	return c, nil
}

// meetFresh reads what is known of those who signed in and have no number
// yet, or one given since the crowd was stored.
func (c *census) meetFresh(ctx context.Context) error {
	rows, err := collect(ctx, c.r, scanTraits, `SELECT users.id, n.number, `+traitColumns+` FROM rollup_numbers n JOIN users ON users.id = n.user_id
		WHERE n.number >= $1 AND users.deleted = 0 ORDER BY n.number`, len(c.numbered))
	if err != nil {
		return fmt.Errorf("reading who is new: %w", err)
	}
	for ids := slices.Sorted(maps.Keys(c.signIns.strangers)); len(ids) > 0; {
		some := ids[:min(len(ids), idsInQuery)]
		ids = ids[len(some):]
		list, args := listed(some)
		more, err := collect(ctx, c.r, scanTraits, `SELECT users.id, 0, `+traitColumns+` FROM users WHERE users.deleted = 0 AND users.id IN (`+list+`)`, args...)
		if err != nil {
			return fmt.Errorf("reading who is new: %w", err)
		}
		for _, r := range more {
			r.number = c.signIns.strangers[r.id]
			rows = append(rows, r)
		}
	}
	for _, r := range rows {
		c.fresh[r.number] = member{group: c.groupOf(r.traits), met: r.met.Unix()}
		c.ids[r.number] = r.id
	}
	return nil
}

// member is who has a number, if the filter chooses them.
func (c *census) member(number int) (member, bool) {
	m, known := c.fresh[number]
	if !known {
		m, known = c.crowd.member(number)
	}
	return m, known && c.chosen[m.group]
}

// isNew says whether somebody was first known in the span.
func (c *census) isNew(m member) bool { return m.met >= c.Begin().Unix() }

func (c *census) report() PeopleReport {
	report := PeopleReport{Cover: c.cover()}
	groups := make([]PeopleGroup, len(c.groups))
	c.countMet(groups)
	active := c.signIns.everybody()
	var chosen bitset
	arrived := make([][]int, c.Days()) // who was first known on which day
	for n := range active.all() {
		m, ok := c.member(n)
		if !ok {
			continue
		}
		chosen.add(n)
		groups[m.group].Active++
		if !c.isNew(m) {
			groups[m.group].Returning++
			continue
		}
		groups[m.group].New++
		if day := DayOf(time.Unix(m.met, 0), c.Zone); day <= c.Last {
			arrived[day-c.First] = append(arrived[day-c.First], n)
		}
	}
	for i := range c.signIns.days {
		who := c.signIns.days[i].who
		day := PeopleDay{Day: c.First + Day(i), Active: who.common(chosen)}
		for _, n := range arrived[i] {
			if who.has(n) {
				day.New++
			}
		}
		report.Days = append(report.Days, day)
	}
	report.sum(c.groups, groups)
	return report
}

// countMet counts who was known at the span's end.
func (c *census) countMet(groups []PeopleGroup) {
	end := c.End().Unix()
	see := func(m member) {
		if m.group >= 0 && m.met < end && c.chosen[m.group] {
			groups[m.group].Met++
		}
	}
	for _, all := range [][]member{c.numbered, c.others} {
		for _, m := range all {
			see(m)
		}
	}
	for _, m := range c.fresh {
		if m.met >= c.at.Unix() { // those met before are among the others
			see(m)
		}
	}
}

// sum keeps the groups that have anybody, and adds them up.
func (p *PeopleReport) sum(of []traits, groups []PeopleGroup) {
	for i, g := range groups {
		if g.Met == 0 && g.Active == 0 {
			continue
		}
		t := of[i]
		g.Role, g.StudyLevel, g.Level, g.FacultyID, g.DepartmentID = t.Role, t.StudyLevel, t.Level, t.FacultyID, t.DepartmentID
		p.Groups = append(p.Groups, g)
		p.Met, p.Active, p.New, p.Returning = p.Met+g.Met, p.Active+g.Active, p.New+g.New, p.Returning+g.Returning
	}
	slices.SortFunc(p.Groups, func(a, b PeopleGroup) int {
		return cmp.Or(strings.Compare(a.Role, b.Role), strings.Compare(a.StudyLevel, b.StudyLevel), strings.Compare(a.Level, b.Level), strings.Compare(a.FacultyID, b.FacultyID), strings.Compare(a.DepartmentID, b.DepartmentID))
	})
}
