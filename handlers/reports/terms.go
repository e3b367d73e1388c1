package reports

import (
	"context"

	"portico/handlers/sheet"
	"portico/handlers/words"
)

// enough is how many people must have been told of a term, so that one wrong
// fact begins none.
const enough = 5

// terms are the semester and the session under way: the latest that Campus One
// told of enough people, and where there is none, or it is long over, those of
// the usual calendar.
func (d *Desk) terms(ctx context.Context) (sheet.Terms, error) {
	terms := sheet.Usual(d.Now)
	seen, err := d.DB.Terms(ctx)
	if err != nil {
		return terms, err
	}
	for _, t := range seen { // the latest first
		if t.People < enough || t.Session == "" || t.First.Before(d.Now.AddDate(-1, 0, 0)) {
			continue
		}
		if !terms.Semester.Told && t.Semester != "" {
			terms.Semester = sheet.Term{Name: words.Role(t.Semester) + " " + t.Session, Began: t.First, Told: true}
		}
		if !terms.Session.Told || terms.Session.Name == t.Session && t.First.Before(terms.Session.Began) {
			terms.Session = sheet.Term{Name: t.Session, Began: t.First, Told: true}
		}
	}
	return terms, nil
}
