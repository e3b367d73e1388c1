package db

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
)

// Who acts.
const (
	ByPerson      = "person"
	ByCommandLine = "command line"
	ByPortal      = "portal" // the portal itself, or Campus One
)

// AuditCount counts the actions of a day.
type AuditCount struct {
	Day        Day
	Action, By string // By is ByPerson, ByCommandLine or ByPortal
	N          int
}

// AuditActor counts what one actor did in the span.
type AuditActor struct {
	Actor, PersonID, Name string // PersonID is empty where no person did it
	Action                string
	N                     int
	Last                  time.Time
}

// AuditReport counts what was done by day, action and kind of actor.
func (d *DB) AuditReport(ctx context.Context, s Span) (counts []AuditCount, cover Cover, err error) {
	err = d.readSpan(ctx, s, func(f *spanReader) error {
		cover = f.cover()
		counts, err = f.actions(ctx)
		return err
	})
	return counts, cover, err
}

func (f *spanReader) actions(ctx context.Context) ([]AuditCount, error) {
	all, err := f.totals(ctx, familyActions, nil)
	if err != nil {
		return nil, err
	}
	var out []AuditCount
	for _, t := range all {
		out = append(out, AuditCount{t.day, t.a, t.b, t.n})
	}
	return out, nil
}

// AuditActors counts what was done by actor and action, from the audit
// itself: roll-ups name nobody.
func (d *DB) AuditActors(ctx context.Context, s Span) ([]AuditActor, error) {
	scan := func(row scanner) (a AuditActor, err error) {
		err = row.Scan(&a.Actor, &a.PersonID, &a.Name, &a.Action, &a.N, moment{&a.Last})
		return a, err
	}
	at := "at"
	if s.Days() > 60 {
		at = "at + 0" // most lines are asked for: their index by actor, read whole, is faster than the one by time
	}
	all, err := collect(ctx, d.read, scan, `SELECT a.actor, coalesce(users.id, ''), coalesce(users.name, ''), a.action, a.n, a.last
		FROM (SELECT actor, action, count(*) AS n, max(at) AS last FROM audit WHERE `+at+` >= $1 AND `+at+` < $2 GROUP BY actor, action) a
		LEFT JOIN users ON users.id = a.actor`, micros(s.Begin()), micros(s.End()))
	if err != nil {
		return nil, fmt.Errorf("counting who did what: %w", err)
	}
	slices.SortFunc(all, func(a, b AuditActor) int {
		return cmp.Or(strings.Compare(a.Actor, b.Actor), strings.Compare(a.Action, b.Action))
	})
	return all, nil
}

// EachAuditLine goes through the audit, the latest first. After and Limit
// count for nothing.
func (d *DB) EachAuditLine(ctx context.Context, f AuditFilter) iter.Seq2[AuditLine, error] {
	f.After, f.Limit = AuditMark{}, pageOfAll
	return pages(func() ([]AuditLine, bool, error) {
		page, err := d.AuditLog(ctx, f)
		if len(page) > 0 {
			f.After = page[len(page)-1].Mark()
		}
		return page, len(page) == pageOfAll, err
	})
}

// by is true of entries by a kind of actor.
var by = map[string]string{
	ByPerson:      `EXISTS (SELECT 1 FROM users WHERE users.id = a.actor)`,
	ByCommandLine: `a.actor LIKE 'command line%'`,
	ByPortal:      `a.actor NOT LIKE 'command line%' AND NOT EXISTS (SELECT 1 FROM users WHERE users.id = a.actor)`,
}

// anyAction takes entries of these actions; one that ends in a dot is all
// that begin so.
func (c *clauses) anyAction(actions []string) {
	var either []string
	for _, action := range actions {
		this := c.arg(plain(action))
		if strings.HasSuffix(action, ".") {
			either = append(either, `substr(a.action, 1, `+c.arg(len(action))+`) = `+this)
		} else {
			either = append(either, `a.action = `+this)
		}
	}
	c.all = append(c.all, `(`+strings.Join(either, ` OR `)+`)`)
}
