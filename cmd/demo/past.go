package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/db"
	"portico/db/bulk"
)

// past is what the demo's department did in this semester and the last, so
// that reports have something to tell. It is the same each time, but for the
// day it ends on.
type past struct {
	*seeder
	provider string
	random   *rand.Rand
	people   []regular
}

// regular is somebody of the past.
type regular struct {
	id, sub, role, level string
	met                  time.Time
	zeal                 float64 // how likely they come on a working day
}

// past makes it, unless somebody but the lecturer was met already.
func (s *seeder) past(ctx context.Context, provider string) error {
	known, err := s.db.CountPeople(ctx, db.PeopleQuery{})
	if err != nil || known > 1 {
		return err
	}
	p := &past{seeder: s, provider: provider, random: rand.New(rand.NewPCG(4, 20))}
	for _, step := range []func(context.Context) error{p.met, p.signedIn, p.counted, p.read, p.delivered, p.changed, p.done} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("making the demo's past: %w", err)
		}
	}
	return nil
}

// kinds are how many people of a kind there are.
var kinds = []struct {
	role, level, department string
	n                       int
}{
	{"student", "100", campusonetest.DepartmentCS, 96}, {"student", "200", campusonetest.DepartmentCS, 84}, {"student", "300", campusonetest.DepartmentCS, 77}, {"student", "400", campusonetest.DepartmentCS, 61},
	{"student", "800", campusonetest.DepartmentCS, 8}, {"student", "200", campusonetest.DepartmentCyber, 13}, {"student", "300", campusonetest.DepartmentSE, 11}, {"student", "200", campusonetest.DepartmentEEE, 4},
	{"staff", "", campusonetest.DepartmentCS, 19}, {"staff", "", "", 3}, {"alumni", "", "", 9}, {"external", "", "", 3}, {"", "", "", 2},
}

var (
	given = []string{"Amaka", "Bashir", "Chinwe", "Danladi", "Ebere", "Fatima", "Gbenga", "Hauwa", "Ifeoma", "Jibril", "Kemi", "Lami", "Mairo", "Nnamdi", "Ọlá", "Rukayya", "Sade", "Tari", "Uche", "Yemi"}
	trees = []string{"Acacia", "Afara", "Agba", "Baobab", "Bombax", "Cashew", "Cypress", "Ebony", "Gmelina", "Iroko", "Kapok", "Mahogany", "Mangrove", "Moringa", "Neem", "Obeche", "Opepe", "Palm", "Raffia", "Tamarind", "Teak"}
)

// met has everybody sign in for the first time: first-year students, and a few
// others, in this semester, everybody else in the last.
func (p *past) met(ctx context.Context) error {
	n := 0
	for _, k := range kinds {
		for range k.n {
			m := regular{sub: fmt.Sprintf("demo_%04d", n), role: k.role, level: k.level, zeal: p.zeal(k.role)}
			first := p.monday(lastSemester)
			if k.level == "100" || p.random.IntN(14) == 0 {
				first = p.monday(semesterBegan)
			}
			m.met = first.Add(time.Duration(p.random.IntN(9*24)+8)*time.Hour + time.Duration(n)*time.Second)
			if err := p.meet(ctx, &m, k.department, n); err != nil {
				return err
			}
			p.people = append(p.people, m)
			n++
		}
	}
	return nil
}

// zeal is that of one more person: some hardly ever come, a few every day.
func (p *past) zeal(role string) float64 {
	r := p.random.Float64()
	if role == "alumni" || role == "external" || p.random.IntN(7) == 0 {
		return 0.02 * r
	}
	return 0.04 + 0.8*r*r
}

// meet signs somebody in; who was here last semester signs in for this one too.
func (p *past) meet(ctx context.Context, m *regular, department string, n int) error {
	now, before := p.termNames()
	times := []struct {
		at   time.Time
		term [2]string
	}{{m.met, before}}
	if began := p.monday(semesterBegan); m.met.Before(began) {
		times = append(times, times[0])
		times[1].at, times[1].term = began.Add(time.Duration(p.random.IntN(12*24)+9)*time.Hour+time.Duration(n)*time.Second), now
	} else {
		times[0].term = now
	}
	for _, t := range times {
		if t.at.After(p.now) {
			continue
		}
		u, _, err := p.db.SignIn(ctx, db.SignIn{Provider: p.provider, Sub: m.sub, Facts: facts(m, department, n, t.term, t.at), RoleSeen: m.role != "", Session: session(fmt.Sprintf("%s %d", m.sub, t.at.Unix()), t.at)})
		if err != nil {
			return err
		}
		m.id = u.ID
	}
	return nil
}

func session(secret string, at time.Time) db.NewSession {
	sum := sha256.Sum256([]byte(secret))
	return db.NewSession{
		TokenHash: hex.EncodeToString(sum[:]), StateHash: hex.EncodeToString(sum[:]), Began: at, Created: at, Expires: at.Add(12 * time.Hour), Idle: 12 * time.Hour, Silent: true,
		Device: "Mozilla/5.0 (Linux; Android 13) Chrome/130 Mobile", Network: "10.20.0.0/24",
	}
}

// termNames are this semester and the last, by the usual calendar.
func (p *past) termNames() (now, before [2]string) {
	began := p.monday(semesterBegan)
	year := began.Year()
	if began.Month() < time.August {
		year--
	}
	session := func(year int) string { return fmt.Sprintf("%d/%d", year, year+1) }
	if m := began.Month(); m >= time.August || m == time.January {
		return [2]string{session(year), "harmattan"}, [2]string{session(year - 1), "rain"}
	}
	return [2]string{session(year), "rain"}, [2]string{session(year), "harmattan"}
}

func facts(m *regular, department string, n int, term [2]string, at time.Time) (all []db.Fact) {
	add := func(field, value string) {
		if value != "" {
			all = append(all, db.Fact{Field: field, Value: value, AsOf: at, Source: db.SourceIDToken})
		}
	}
	id := fmt.Sprintf("25624%04d", 1000+n)
	add(db.FieldName, given[n%len(given)]+" "+trees[n/len(given)%len(trees)])
	add(db.FieldEmail, id+"@nile.example")
	add(db.FieldEmailVerified, "true")
	add(db.FieldRole, m.role)
	add(db.FieldDepartmentID, department)
	if m.role == "student" {
		add(db.FieldStudentID, id)
		add(db.FieldLevel, m.level)
		add(db.FieldStudyLevel, map[bool]string{true: "postgraduate", false: "undergraduate"}[m.level == "800"])
		add(db.FieldFacultyID, campusonetest.FacultyComputing)
		add(db.FieldAcademicSession, term[0])
		add(db.FieldSemester, term[1])
	}
	return all
}

// busy is how much of an ordinary day's coming a day sees.
func (p *past) busy(day time.Time) float64 {
	teaching := func(began int) bool {
		first := p.monday(began)
		return !day.Before(first) && day.Before(first.AddDate(0, 0, 7*(semesterEnds-semesterBegan+1)))
	}
	b := 1.0
	switch day.Weekday() {
	case time.Saturday:
		b = 0.35
	case time.Sunday:
		b = 0.25
	case time.Monday:
		b = 1.15
	}
	if !teaching(lastSemester) && !teaching(semesterBegan) {
		b *= 0.12
	}
	return b
}

// hours are how busy the hours of a day are.
var hours = [24]int{1, 0, 0, 0, 0, 1, 3, 9, 14, 11, 8, 7, 9, 8, 7, 6, 6, 5, 4, 5, 6, 5, 3, 2}

func (p *past) hour() int {
	sum := 0
	for _, w := range hours {
		sum += w
	}
	at := p.random.IntN(sum)
	for h, w := range hours {
		if at -= w; at < 0 {
			return h
		}
	}
	return 12
}

// days are all days from the first of last semester to today.
func (p *past) days(yield func(time.Time) bool) {
	for d := p.monday(lastSemester); !d.After(p.now); d = d.AddDate(0, 0, 1) {
		if !yield(d) {
			return
		}
	}
}

// outage is the day on which Campus One did not answer for some hours.
func (p *past) outage() time.Time { return p.day(-12) }

func (p *past) signedIn(ctx context.Context) error {
	var all []bulk.SignIn
	for day := range p.days {
		b := p.busy(day)
		for i, m := range p.people {
			if m.id == "" || m.met.After(day) || p.random.Float64() > m.zeal*b {
				continue
			}
			for range 1 + p.random.IntN(3) {
				h := p.hour()
				at := day.Add(time.Duration(h)*time.Hour + time.Duration(p.random.IntN(3600))*time.Second + time.Duration(i)*time.Millisecond)
				if at.After(p.now) || day.Equal(p.outage()) && h >= 9 && h < 13 {
					continue
				}
				all = append(all, bulk.SignIn{At: at, UserID: m.id, Silent: p.random.Float64() < 0.93})
			}
		}
	}
	return bulk.SignIns(ctx, p.db, slices.Values(all))
}

// counted are the attempts that name nobody.
func (p *past) counted(ctx context.Context) error {
	var all []db.Count
	add := func(hour time.Time, kind, reason string, n float64) {
		if whole := int(n*(0.7+0.6*p.random.Float64()) + p.random.Float64()); whole > 0 {
			all = append(all, db.Count{Hour: hour, Kind: kind, Reason: reason, N: whole})
		}
	}
	for day := range p.days {
		for h, weight := range hours {
			hour := day.Add(time.Duration(h) * time.Hour)
			if hour.After(p.now.Add(-time.Hour)) {
				break
			}
			b := p.busy(day) * float64(weight)
			add(hour, "silent", "login_required", 3*b)
			add(hour, "silent", "consent_required", 0.1*b)
			add(hour, "skipped", "bot", 0.8*b+1)
			add(hour, "skipped", "anonymous", 1.5*b)
			add(hour, "skipped", "prefetch", 0.3*b)
			add(hour, "skipped", "no_cookies", 0.05*b)
			add(hour, "interactive", "access_denied", 0.03*b)
			add(hour, "interactive", "exchange", 0.012*b)
			add(hour, "webhook", "duplicate", 0.02*b)
			if day.Equal(p.outage()) && h >= 9 && h < 13 {
				add(hour, "interactive", "temporarily_unavailable", 2*b)
				add(hour, "skipped", "provider_down", 6*b)
			}
		}
	}
	return bulk.Counts(ctx, p.db, slices.Values(all))
}
