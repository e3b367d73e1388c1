package db

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// AuditLine is an entry of the audit with the people and the item it names, as
// far as the portal knows them. Subject is whom it is about; "" is nobody.
type AuditLine struct {
	AuditEntry
	ID                     int64
	ActorID, ActorName     string // ActorID is empty where no person did it
	SubjectID, SubjectName string
	ItemKind               Kind   // "" when it is about no item, or about one that was erased
	ItemTitle              string // as it is now: a line keeps no words of an item
}

// AuditMark is a place in the audit: that of one entry.
type AuditMark struct {
	At time.Time
	ID int64
}

// Mark is the line's place.
func (l *AuditLine) Mark() AuditMark { return AuditMark{l.At, l.ID} }

// AuditFilter picks entries; empty fields match all.
type AuditFilter struct {
	Search   string // a person who did it or whom it is about, as People finds them; or an actor, object or address letter for letter
	Action   string
	Actions  []string  // any of them; one that ends in a dot is all that begin so
	By       string    // ByPerson, ByCommandLine or ByPortal
	From, To time.Time // from one moment to before another
	After    AuditMark // only what was done before this one
	Limit    int
}

func (f *AuditFilter) clauses() *clauses {
	c := new(clauses)
	if f.Search != "" {
		c.inAudit(f.Search)
	}
	if f.Action != "" {
		c.add(`a.action = ?`, plain(f.Action))
	}
	if len(f.Actions) > 0 {
		c.anyAction(f.Actions)
	}
	if condition, known := by[f.By]; known {
		c.all = append(c.all, condition)
	}
	c.between(`a.at`, f.From, upTo(f.To, f.After.At))
	if f.After.ID != 0 {
		c.placed(`a.at, a.id`, "<", micros(f.After.At), f.After.ID)
	}
	return c
}

// inAudit takes entries that name this text, or people whom its words find.
func (c *clauses) inAudit(text string) {
	this, email := c.arg(plain(text)), c.arg(foldEmail(text))
	either := []string{`a.actor = ` + this, `a.object = ` + this, `a.detail = ` + email}
	found := ` FROM users WHERE users.deleted = 0 AND (users.id = ` + this
	if words := searchWords(text); len(words) > 0 {
		var all []string
		for _, w := range words {
			all = append(all, `users.search LIKE `+c.arg("% "+w+"%")) // a word has no sign that LIKE reads
		}
		found += ` OR ` + strings.Join(all, ` AND `)
	}
	found += `)`
	either = append(either, `a.actor IN (SELECT id`+found+`)`, `a.object IN (SELECT id`+found+` UNION SELECT sub`+found+`)`,
		`a.detail IN (SELECT id`+found+` UNION SELECT lower(email)`+found+` AND users.email <> '')`)
	c.all = append(c.all, `(`+strings.Join(either, ` OR `)+`)`)
}

// AuditLog lists what was done, the latest first. Of a permission that took
// hold, whom it is about stands in the detail, elsewhere in the object.
func (d *DB) AuditLog(ctx context.Context, f AuditFilter) ([]AuditLine, error) {
	const order = `a.at DESC, a.id DESC`
	c := f.clauses()
	page := c.page(`a.id, a.at, a.actor, a.action, a.object, a.detail`, `audit a`, order, f.Limit)
	scan := func(row scanner) (l AuditLine, err error) {
		err = row.Scan(&l.ID, moment{&l.At}, &l.Actor, &l.Action, &l.Object, &l.Detail, &l.ActorID, &l.ActorName, &l.SubjectID, &l.SubjectName, &l.ItemKind, &l.ItemTitle)
		return l, err
	}
	all, err := collect(ctx, d.read, scan, `SELECT a.id, a.at, a.actor, a.action, a.object, a.detail, coalesce(w.id, ''), coalesce(w.name, ''), coalesce(u.id, ''), coalesce(u.name, ''), coalesce(i.kind, ''), coalesce(i.title, '')
		FROM `+page+` a LEFT JOIN items i ON i.id = a.object LEFT JOIN users w ON w.id = a.actor LEFT JOIN users u ON u.id = coalesce(
			(SELECT one.id FROM users one WHERE one.id = CASE WHEN a.action = 'grant.bound' THEN a.detail ELSE a.object END),
			(SELECT one.id FROM users one WHERE one.provider = (SELECT value FROM meta WHERE key = '`+metaProvider+`') AND one.sub = a.object AND one.deleted = 0))
		ORDER BY `+order, c.args...)
	if err != nil {
		return nil, fmt.Errorf("reading the audit: %w", err)
	}
	return all, nil
}

// AuditActions lists what the audit has entries of.
func (d *DB) AuditActions(ctx context.Context) ([]string, error) {
	scan := func(row scanner) (action string, err error) { return action, row.Scan(&action) }
	all, err := collect(ctx, d.read, scan, `SELECT DISTINCT action FROM audit ORDER BY action`)
	if err != nil {
		return nil, fmt.Errorf("reading what the audit has: %w", err)
	}
	return all, nil
}
