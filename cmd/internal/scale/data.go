package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"time"

	"portico/db"
	"portico/db/bulk"
)

// size is how much there is in a data set.
type size struct {
	People, SignIns, Reads, Deliveries, Items, Audit, RoleChanges int
}

// whole is the data set that the budget is about.
var whole = size{People: 20_000, SignIns: 4_500_000, Reads: 1_500_000, Deliveries: 200_000, Items: 500, Audit: 60_000, RoleChanges: 20_000}

// part is a fraction of it.
func (s size) part(f float64) size {
	of := func(n int) int { return max(10, int(float64(n)*f)) }
	return size{of(s.People), of(s.SignIns), of(s.Reads), of(s.Deliveries), of(s.Items), of(s.Audit), of(s.RoleChanges)}
}

const yearDays = 365

// maker makes a data set: the same one each time, but for where the year ends.
type maker struct {
	size
	db     *db.DB
	zone   *time.Location
	now    time.Time
	people []personMade // by when they came
	items  []db.Item
}

type personMade struct {
	id, sub string
	created time.Time
}

// random is a source of its own for each part.
func random(part uint64) *rand.Rand { return rand.New(rand.NewPCG(20260914, part)) }

// start is the first day of the year.
func (m *maker) start() time.Time { return m.day(0) }

func (m *maker) day(n int) time.Time {
	y, mo, d := m.now.In(m.zone).Date()
	return time.Date(y, mo, d-yearDays+1+n, 0, 0, 0, 0, m.zone)
}

// make writes all of it.
func (m *maker) make(ctx context.Context) error {
	steps := []struct {
		what string
		do   func(context.Context) error
	}{
		{"people", m.makePeople},
		{"sign-ins", func(ctx context.Context) error { return bulk.SignIns(ctx, m.db, m.signIns()) }},
		{"items", m.makeItems},
		{"reads", func(ctx context.Context) error { return bulk.Reads(ctx, m.db, m.reads()) }},
		{"deliveries", func(ctx context.Context) error { return bulk.Deliveries(ctx, m.db, m.deliveries()) }},
		{"counts", func(ctx context.Context) error { return bulk.Counts(ctx, m.db, m.counts()) }},
		{"role changes", func(ctx context.Context) error { return bulk.RoleChanges(ctx, m.db, m.roleChanges()) }},
		{"audit", func(ctx context.Context) error { return bulk.Audit(ctx, m.db, m.audit()) }},
		{"settling", func(ctx context.Context) error { return bulk.Settle(ctx, m.db) }},
	}
	for _, s := range steps {
		began := time.Now()
		if err := s.do(ctx); err != nil {
			return fmt.Errorf("making %s: %w", s.what, err)
		}
		fmt.Fprintf(os.Stderr, "  %s: %.1f s\n", s.what, time.Since(began).Seconds())
	}
	return nil
}

var (
	givenNames  = []string{"Amina", "Obi", "Grace", "Musa", "Ngozi", "Tunde", "Zainab", "Chidi", "Halima", "Femi", "Ibrahim", "Ada", "Yusuf", "Kemi", "Sani", "Uche"}
	familyNames = []string{"Yusuf", "Eze", "Doum", "Bello", "Okafor", "Adeyemi", "Garba", "Nwosu", "Lawal", "Ojo", "Danjuma", "Balogun"}
)

// facts are what a sign-in tells of person n.
func facts(n int, at time.Time) []db.Fact {
	r := random(uint64(1000 + n))
	role, level := "student", fmt.Sprint(100*(1+r.IntN(5)))
	switch {
	case n%17 == 0:
		role, level = "staff", ""
	case n%101 == 0:
		role, level = "external", ""
	}
	department := r.IntN(30)
	all := map[string]string{
		db.FieldName: givenNames[r.IntN(len(givenNames))] + " " + familyNames[r.IntN(len(familyNames))] + fmt.Sprintf(" %d", n), db.FieldEmail: fmt.Sprintf("p%d@scale.example", n),
		db.FieldEmailVerified: "true", db.FieldRole: role, db.FieldStudentID: fmt.Sprintf("25%07d", n), db.FieldStudyLevel: []string{"undergraduate", "postgraduate"}[r.IntN(8)/7],
		db.FieldLevel: level, db.FieldFacultyID: fmt.Sprintf("faculty-%d", department/5), db.FieldDepartmentID: fmt.Sprintf("department-%d", department),
		db.FieldAcademicSession: "2026/2027", db.FieldSemester: "first",
	}
	var facts []db.Fact
	for field, value := range all {
		if value != "" {
			facts = append(facts, db.Fact{Field: field, Value: value, AsOf: at, Source: db.SourceIDToken})
		}
	}
	slices.SortFunc(facts, func(a, b db.Fact) int { return compare(a.Field, b.Field) })
	return facts
}

// makePeople signs everybody in once, as the portal does.
func (m *maker) makePeople(ctx context.Context) error {
	m.people = make([]personMade, m.People)
	work := make(chan int)
	errs := make(chan error, 64)
	var wg sync.WaitGroup
	for range cap(errs) {
		wg.Go(func() {
			var failed error
			for n := range work {
				if failed == nil {
					failed = m.meet(ctx, n)
				}
			}
			errs <- failed
		})
	}
	for n := range m.people {
		work <- n
	}
	close(work)
	wg.Wait()
	close(errs)
	var all []error
	for err := range errs {
		all = append(all, err)
	}
	return errors.Join(all...)
}

// meet makes person n: two thirds come in the first month, the others later.
func (m *maker) meet(ctx context.Context, n int) error {
	day := n * 30 * 3 / 2 / max(1, m.People)
	if day >= 30 {
		day = 30 + (n-m.People*2/3)*(yearDays-30)/max(1, m.People/3)
	}
	at := m.day(min(day, yearDays-1)).Add(time.Duration(n%600) * time.Second)
	hash := sha256.Sum256(fmt.Append(nil, n))
	u, _, err := m.db.SignIn(ctx, db.SignIn{Provider: provider, Sub: fmt.Sprintf("sub-%d", n), Facts: facts(n, at), RoleSeen: true, Session: db.NewSession{
		TokenHash: hex.EncodeToString(hash[:]), StateHash: hex.EncodeToString(hash[:]), Began: at, Created: at, Expires: at.Add(time.Hour), Idle: time.Hour,
		Device: "Chrome on Android", Network: "10.0.0.0/24",
	}})
	m.people[n] = personMade{u.ID, u.Sub, at}
	return err
}

// somebody who was known at a moment; some come far more often than others.
func (m *maker) somebody(r *rand.Rand, at time.Time) personMade {
	known, _ := slices.BinarySearchFunc(m.people, at, func(p personMade, at time.Time) int { return p.created.Compare(at) })
	f := r.Float64()
	return m.people[min(len(m.people)-1, int(f*f*float64(max(1, known))))]
}

// weights are how busy the days and hours are.
func (m *maker) dayWeight(n int) float64 {
	w := map[time.Weekday]float64{time.Saturday: 0.5, time.Sunday: 0.35}[m.day(n).Weekday()]
	if w == 0 {
		w = 1.3
	}
	if n%180 > 120 { // a break
		w *= 0.3
	}
	return w
}

var hourWeights = [24]float64{1, 0.5, 0.3, 0.2, 0.3, 1, 2, 5, 9, 9, 8, 7, 7, 6, 7, 7, 6, 5, 4, 4, 4, 4, 3, 2}

// moments spreads n of them over the year, the earliest first, no two alike.
func (m *maker) moments(r *rand.Rand, n int) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		sum, hourSum := 0.0, 0.0
		for d := range yearDays {
			sum += m.dayWeight(d)
		}
		for _, w := range hourWeights {
			hourSum += w
		}
		carry, last := 0.0, int64(0)
		for d := range yearDays {
			carry += float64(n) * m.dayWeight(d) / sum
			of := int(carry)
			carry -= float64(of)
			at := make([]int64, of)
			for i := range at {
				at[i] = m.day(d).Add(moment(r, hourSum)).UnixMicro()
			}
			slices.Sort(at)
			for _, micros := range at {
				last = max(last+1, micros)
				if t := time.UnixMicro(last); t.Before(m.now) && !yield(t) {
					return
				}
			}
		}
	}
}

// moment is one of a day, at an hour as they are busy.
func moment(r *rand.Rand, sum float64) time.Duration {
	f := r.Float64() * sum
	for hour, w := range hourWeights {
		if f -= w; f < 0 {
			return time.Duration(hour)*time.Hour + time.Duration(r.Int64N(int64(time.Hour)))
		}
	}
	return 0
}

func (m *maker) signIns() iter.Seq[bulk.SignIn] {
	return func(yield func(bulk.SignIn) bool) {
		r := random(1)
		for at := range m.moments(random(2), m.SignIns-m.People) {
			if !yield(bulk.SignIn{At: at, UserID: m.somebody(r, at).id, Silent: r.IntN(5) > 0}) {
				return
			}
		}
	}
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
