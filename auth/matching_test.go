package auth

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"portico/db"
	"portico/db/dbtest"
)

// TestMatchAll: one pass over all people finds for each item what a pass for
// that item alone finds, whatever it is for and whoever there is.
func TestMatchAll(t *testing.T) {
	for engine, open := range map[string]func(testing.TB) *db.DB{"SQLite": dbtest.SQLite, "PostgreSQL": dbtest.Postgres} {
		t.Run(engine, func(t *testing.T) {
			d, at := open(t), time.Date(2026, 9, 14, 8, 0, 0, 0, time.UTC)
			setFlag(t, "rapid.checks", 6)
			round := 0
			rapid.Check(t, func(rt *rapid.T) {
				round++
				var people []string
				for i := range rapid.IntRange(1, 8).Draw(rt, "people") {
					u, _, err := d.SignIn(t.Context(), db.SignIn{Provider: "https://id.example", Sub: fmt.Sprint(round, "-", i), Facts: drawReader(rt, at), Session: db.NewSession{
						TokenHash: fmt.Sprint("t", round, "-", i), StateHash: fmt.Sprint("s", round, "-", i), Began: at, Created: at, Expires: at.Add(time.Hour), Idle: time.Hour,
					}})
					if err != nil {
						rt.Fatal(err)
					}
					people = append(people, u.ID)
					if rapid.IntRange(0, 5).Draw(rt, "blocked") == 0 {
						if err := d.Block(t.Context(), u.Provider, u.Sub, "u1", "spam", at); err != nil {
							rt.Fatal(err)
						}
					}
				}
				want := map[string]int{}
				for i := range 4 {
					a := drawAudience(rt, people)
					item, err := d.CreateItem(t.Context(), db.Announcement, db.Content{
						Slug: fmt.Sprint("item-", round, "-", i), Title: "Title", Category: "exams", Audience: a.Text(), Owner: people[0], Publish: at,
					}, people[0], at)
					if err != nil {
						rt.Fatal(err)
					}
					reach, err := a.Reach(t.Context(), d, bookOfNames{})
					if err != nil {
						rt.Fatal(err)
					}
					want[item.ID] = reach.Shown
				}
				if err := MatchAll(t.Context(), d, bookOfNames{}, at); err != nil {
					rt.Fatal(err)
				}
				report, err := d.ReachReport(t.Context(), db.Span{First: db.DayOf(at, time.UTC), Last: db.DayOf(at, time.UTC), Zone: time.UTC}, at, db.Announcement)
				if err != nil {
					rt.Fatal(err)
				}
				for _, i := range report {
					if n, drawn := want[i.ID]; drawn && (i.Matching != n || !i.MatchedAt.Equal(at)) {
						rt.Errorf("%s is for %d people as of %s, want %d", i.Audience, i.Matching, i.MatchedAt, n)
					}
				}
				if n, err := d.Unmatched(t.Context()); err != nil || n != 0 {
					rt.Errorf("%d items are unmatched: %v", n, err)
				}
			})
			wantTerm(t, d, at)
		})
	}
}

// wantTerm: the semester that somebody had first is told since then, though
// each sign-in renews what is known of everybody.
func wantTerm(t *testing.T, d *db.DB, at time.Time) {
	t.Helper()
	later := at.Add(48 * time.Hour)
	u, err := d.UserBySub(t.Context(), "https://id.example", "1-0")
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = d.SignIn(t.Context(), db.SignIn{Provider: u.Provider, Sub: "another", Facts: []db.Fact{{Field: db.FieldSemester, Value: "first", AsOf: later, Source: db.SourceIDToken}}, Session: db.NewSession{
		TokenHash: "later", StateHash: "later", Began: later, Created: later, Expires: later.Add(time.Hour), Idle: time.Hour,
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := MatchAll(t.Context(), d, bookOfNames{}, later); err != nil {
		t.Fatal(err)
	}
	terms, err := d.Terms(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, term := range terms {
		if term.Semester == "first" && term.First.After(at) && term.Session != "" {
			t.Errorf("the term %+v began at %s", term, at)
		}
	}
	if len(terms) == 0 {
		t.Error("no term was seen")
	}
}

func drawReader(t *rapid.T, at time.Time) []db.Fact {
	var facts []db.Fact
	values := map[string][]string{
		db.FieldRole: {"", "student", "staff"}, db.FieldCustomRoles: {"", `["editor"]`}, db.FieldLevel: {"", "100", "300"}, db.FieldDepartmentID: {"", "dept_cs", "dept_ee"}, db.FieldFacultyID: {"", "fac_sci"},
		db.FieldStudyLevel: {"", "undergraduate"}, db.FieldAcademicSession: {"2026/2027"}, db.FieldSemester: {"first"},
	}
	for _, field := range slices.Sorted(maps.Keys(values)) {
		if v := rapid.SampledFrom(values[field]).Draw(t, field); v != "" {
			facts = append(facts, db.Fact{Field: field, Value: v, AsOf: at, Source: db.SourceIDToken})
		}
	}
	return facts
}

func drawAudience(t *rapid.T, people []string) Audience {
	to := rapid.SampledFrom([]Circle{Everybody, SignedIn, Groups, Groups, Groups}).Draw(t, "to")
	if to != Groups {
		return Audience{To: to}
	}
	values := map[AudienceFact][]string{
		AboutRole: {"global:student", "global:staff", "custom:editor"}, AboutLevel: {"100", "300"}, AboutDepartment: {"dept_cs", "dept_ee"}, AboutFaculty: {"fac_sci"}, AboutStudyLevel: {"undergraduate"}, AboutPerson: people,
	}
	a := Audience{To: Groups}
	for range rapid.IntRange(1, 3).Draw(t, "groups") {
		g := Group{}
		for range rapid.IntRange(1, 2).Draw(t, "facts") {
			fact := rapid.SampledFrom(audienceFacts).Draw(t, "fact")
			g[fact] = append(g[fact], rapid.SampledFrom(values[fact]).Draw(t, "value"))
		}
		a.Groups = append(a.Groups, g)
	}
	return a
}
