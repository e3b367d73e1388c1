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
		many := t.People >= enough
		if t.Session == "" || t.First.Before(d.Now.AddDate(-1, 0, 0)) {
			continue
		}
		if many && !terms.Semester.Told && t.Semester != "" {
			terms.Semester = sheet.Term{Name: words.Role(t.Semester) + " " + t.Session, Began: t.First, Told: true}
		}
		// In the second semester nobody is told of the first any more, in which the session began.
		if many && !terms.Session.Told || terms.Session.Told && terms.Session.Name == t.Session {
			terms.Session = sheet.Term{Name: t.Session, Began: t.First, Told: true}
		}
	}
	return terms, nil
}
