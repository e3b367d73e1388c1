package auth

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"portico/db"
)

// alike are people of whom everything is the same that an audience can name,
// but for who they are: they are shown the same items, unless by name.
type alike struct {
	one db.User // without an id, so that nothing names them
	n   int
}

// matching counts, in one pass over all people, for how many each item is.
type matching struct {
	names     Names
	audiences []Audience
	counts    []int
	naming    map[string][]int // by the id of a person: which items name them
	kinds     map[string]*alike
	terms     map[db.Term]db.Term // by session and semester
}

// MatchAll counts for how many people each announcement and event is, and who
// has which semester, and stores both. It is one pass over all people, whom it
// tells apart only as far as audiences do, so it takes about as long as
// reading them. It belongs off every path that somebody waits on.
func MatchAll(ctx context.Context, d *db.DB, names Names, now time.Time) error {
	items, err := d.Audiences(ctx)
	if err != nil {
		return err
	}
	m := newMatching(items, names)
	if _, err := d.EachPerson(ctx, math.MaxInt32-1, m.see); err != nil {
		return err
	}
	m.countKinds()
	matched := make([]db.Matched, len(items))
	for i, item := range items {
		matched[i] = db.Matched{ItemID: item.ItemID, Version: item.Version, Matching: m.counts[i]}
	}
	if err := d.SaveMatched(ctx, matched, now); err != nil {
		return err
	}
	if err := d.SaveTerms(ctx, slices.Collect(maps.Values(m.terms))); err != nil {
		return fmt.Errorf("noting the semesters: %w", err)
	}
	return nil
}

func newMatching(items []db.ItemAudience, names Names) *matching {
	m := &matching{names: names, counts: make([]int, len(items)), naming: map[string][]int{}, kinds: map[string]*alike{}, terms: map[db.Term]db.Term{}}
	for i, item := range items {
		a, err := ParseAudience(item.Audience)
		if err != nil {
			a = Audience{} // an item is shown to nobody while its audience cannot be read
		}
		m.audiences = append(m.audiences, a)
		for _, g := range a.Groups {
			for _, id := range g[AboutPerson] {
				m.naming[id] = append(m.naming[id], i)
			}
		}
	}
	return m
}

func (m *matching) see(u *db.User) {
	kind := m.kindOf(u)
	kind.n++
	items := slices.Clone(m.naming[u.ID])
	slices.Sort(items)
	for _, i := range slices.Compact(items) {
		byName, _ := m.audiences[i].Shown(u, m.names)
		anyway, _ := m.audiences[i].Shown(&kind.one, m.names)
		if byName && !anyway {
			m.counts[i]++
		}
	}
	m.seeTerm(u)
}

// kindOf finds those who are alike.
func (m *matching) kindOf(u *db.User) *alike {
	fields := []string{db.FieldRole, db.FieldCustomRoles, db.FieldStudyLevel, db.FieldLevel, db.FieldFacultyID, db.FieldDepartmentID}
	var key strings.Builder
	for _, field := range fields {
		key.WriteString(u.Get(field) + "\x00")
	}
	kind, known := m.kinds[key.String()]
	if !known {
		kind = &alike{}
		for _, field := range fields {
			if f, has := u.Facts.Find(field); has {
				kind.one.Facts = kind.one.Facts.With(f)
			}
		}
		m.kinds[key.String()] = kind
	}
	return kind
}

func (m *matching) countKinds() {
	for _, kind := range m.kinds {
		for i, a := range m.audiences {
			if shown, _ := a.Shown(&kind.one, m.names); shown {
				m.counts[i] += kind.n
			}
		}
	}
}

// seeTerm notes a person's semester, and since when some fact names it.
func (m *matching) seeTerm(u *db.User) {
	session, semester := u.Facts.Of(db.FieldAcademicSession), u.Facts.Of(db.FieldSemester)
	if session.Value == "" && semester.Value == "" {
		return
	}
	since := session.AsOf
	if semester.AsOf.After(since) {
		since = semester.AsOf
	}
	key := db.Term{Session: session.Value, Semester: semester.Value}
	t, known := m.terms[key]
	if !known || since.Before(t.First) {
		t.First = since
	}
	m.terms[key] = db.Term{Session: key.Session, Semester: key.Semester, First: t.First, People: t.People + 1}
}
