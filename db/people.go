package db

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// PeopleQuery chooses people and a page of them.
type PeopleQuery struct {
	Search  string // beginnings of words of name, e-mail address and student id; all must be met
	Blocked bool   // only those who are kept out
	Granted bool   // only those who hold a permission that was given by name
	Newest  bool   // by when they were first met, the latest first, not by name
	After   string // the id of the last person of the page before
	Limit   int
}

// PersonLine is one person in a list.
type PersonLine struct {
	User
	LastSignIn time.Time // zero when none is kept
	Sessions   int       // that live now
}

// People lists living people. More says that another page follows, after the
// last one listed. ErrNotFound when the person of After is gone: begin anew.
func (d *DB) People(ctx context.Context, q PeopleQuery) (page []PersonLine, more bool, err error) {
	where, args, some := q.where()
	if !some {
		return nil, false, nil
	}
	order, compare, column := ` ORDER BY users.search, users.id`, `>`, `search`
	if q.Newest {
		order, compare, column = ` ORDER BY users.created DESC, users.id DESC`, `<`, `created`
	}
	if q.After != "" {
		var mark any
		if mark, err = d.personMark(ctx, column, q.After); err != nil {
			return nil, false, err
		}
		args = append(args, mark, q.After)
		where += fmt.Sprintf(` AND (users.%s, users.id) %s ($%d, $%d)`, column, compare, len(args)-1, len(args))
	}
	now := micros(d.now())
	args = append(args, now, q.Limit+1)
	all, err := collect(ctx, d.read, scanPersonLine, `SELECT `+userColumns+`,
		coalesce((SELECT max(sign_ins.at) FROM sign_ins WHERE sign_ins.user_id = users.id), 0),
		(SELECT count(*) FROM user_sessions WHERE user_sessions.user_id = users.id AND `+liveAt(len(args)-1)+`)
		FROM users WHERE `+where+order+fmt.Sprintf(` LIMIT $%d`, len(args)), args...)
	if err != nil {
		return nil, false, fmt.Errorf("listing people: %w", err)
	}
	return all[:min(len(all), q.Limit)], len(all) > q.Limit, nil
}

// CountPeople says how many people a query chooses, on all its pages.
func (d *DB) CountPeople(ctx context.Context, q PeopleQuery) (n int, err error) {
	where, args, some := q.where()
	if !some {
		return 0, nil
	}
	if err = d.read.QueryRowContext(ctx, `SELECT count(*) FROM users WHERE `+where, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("counting people: %w", err)
	}
	return n, nil
}

// where is the condition of a query; false when nobody can meet it.
func (q *PeopleQuery) where() (where string, args []any, some bool) {
	words := searchWords(q.Search)
	if len(words) == 0 && strings.TrimSpace(q.Search) != "" {
		return "", nil, false
	}
	where = `users.deleted = 0`
	for _, w := range words {
		args = append(args, "% "+w+"%") // a word has no sign that LIKE reads
		where += ` AND users.search LIKE $` + strconv.Itoa(len(args))
	}
	if q.Blocked {
		where += ` AND EXISTS (SELECT 1 FROM blocks WHERE blocks.provider = users.provider AND blocks.sub = users.sub)`
	}
	if q.Granted {
		where += ` AND (users.provider, users.sub) IN (SELECT grants.provider, grants.sub FROM grants)`
	}
	return where, args, true
}

// personMark is where a person stands in the order of a list.
func (d *DB) personMark(ctx context.Context, column, id string) (mark any, err error) {
	if column == "search" {
		mark = new(string)
	} else {
		mark = new(int64)
	}
	err = d.read.QueryRowContext(ctx, `SELECT `+column+` FROM users WHERE id = $1 AND deleted = 0`, id).Scan(mark)
	return mark, missing(err, "finding where the list goes on")
}

func scanPersonLine(row scanner) (PersonLine, error) {
	var l PersonLine
	var u userRow
	if err := row.Scan(append(u.fields(), moment{&l.LastSignIn}, &l.Sessions)...); err != nil {
		return l, err
	}
	var err error
	l.User, err = u.user()
	return l, err
}

// EachPerson hands living people who are not kept out to a function, one by
// one and in no order, at most so many. More says that some were left out.
func (d *DB) EachPerson(ctx context.Context, most int, see func(*User)) (more bool, err error) {
	rows, err := d.read.QueryContext(ctx, `SELECT `+userColumns+` FROM users WHERE users.deleted = 0
		AND NOT EXISTS (SELECT 1 FROM blocks WHERE blocks.provider = users.provider AND blocks.sub = users.sub) LIMIT $1`, most+1)
	if err != nil {
		return false, fmt.Errorf("going through all people: %w", err)
	}
	defer func() { _ = rows.Close() }() // rows.Err says all there is to say
	for n := 0; rows.Next(); n++ {
		if n == most {
			return true, nil
		}
		u, err := scanUser(rows)
		if err != nil {
			return false, err
		}
		see(&u)
	}
	if err := rows.Err(); err != nil {
		return false, fmt.Errorf("going through all people: %w", err)
	}
	return false, nil
}

// FindPerson finds people by id, sub or e-mail address, letter for letter but
// for the address's case. Only an address can name several. Of a sub's people
// the living one is found, or else the tombstone left last. ErrNotFound when
// there is nobody.
func (d *DB) FindPerson(ctx context.Context, key string) ([]User, error) {
	for _, condition := range []string{`users.id = $1`, `users.sub = $1`} {
		u, err := scanUser(d.read.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users WHERE `+condition+` ORDER BY CASE users.deleted WHEN 0 THEN 0 ELSE 1 END, users.deleted DESC LIMIT 1`, plain(key)))
		if err := missing(err, "looking for a person"); !errors.Is(err, ErrNotFound) {
			return []User{u}, err
		}
	}
	found, err := d.withEmail(ctx, key)
	if err == nil && len(found) == 0 {
		err = missing(ErrNotFound, "looking for a person")
	}
	return found, err
}

// withEmail lists the living people with an e-mail address.
func (d *DB) withEmail(ctx context.Context, email string) ([]User, error) {
	q := PeopleQuery{Search: email}
	where, args, some := q.where()
	if !some || len(args) == 0 {
		return nil, nil
	}
	near, err := collect(ctx, d.read, scanUser, `SELECT `+userColumns+` FROM users WHERE `+where+` ORDER BY users.search, users.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("looking for an e-mail address: %w", err)
	}
	var found []User
	for _, u := range near {
		if foldEmail(u.Email()) == foldEmail(email) {
			found = append(found, u)
		}
	}
	return found, nil
}

// Provider is whose people the database holds; ErrNotFound before the first start.
func (d *DB) Provider(ctx context.Context) (string, error) { return meta(ctx, d.read, metaProvider) }

// PersonRecord is all that is stored about one person.
type PersonRecord struct {
	User
	Block    *BlockedPerson // nil when they may sign in
	Named    []Grant        // permissions given by name
	Timeline []RoleStep     // the present role first
	Sessions []Session      // the newest first, ended ones too
	SignIns  []PastSignIn   // the latest first
	Audit    []AuditEntry   // what was done about them, the latest first
}

// RoleStep is a role that a person has or had, and since when.
type RoleStep struct {
	Role   string // "" is none
	Since  time.Time
	Source string // "" as they were first met
}

// PersonRecord reads all about a person, also about an erased one; of
// sign-ins and audit limit lines at most. ErrNotFound when there never was one.
func (d *DB) PersonRecord(ctx context.Context, id string, limit int) (PersonRecord, error) {
	u, err := d.User(ctx, id)
	if err != nil {
		return PersonRecord{}, err
	}
	p := PersonRecord{User: u}
	steps := []func() error{
		func() (err error) { p.Block, err = d.BlockOf(ctx, u.Provider, u.Sub); return err },
		func() (err error) { p.Named, err = d.GrantsOf(ctx, u.Provider, u.Sub); return err },
		func() (err error) { p.Timeline, err = d.roleTimeline(ctx, &u); return err },
		func() (err error) { p.Sessions, err = d.SessionsOf(ctx, u.ID); return err },
		func() (err error) { p.SignIns, err = d.SignInsOf(ctx, u.ID, time.Time{}, limit); return err },
		func() (err error) { p.Audit, err = d.AuditAbout(ctx, &u, limit); return err },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return PersonRecord{}, err
		}
	}
	return p, nil
}

// roleTimeline tells a person's roles backwards from the present one.
func (d *DB) roleTimeline(ctx context.Context, u *User) ([]RoleStep, error) {
	if !u.Deleted.IsZero() {
		return nil, nil
	}
	changes, err := d.RoleChanges(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	first := RoleStep{Role: u.Role(), Since: u.Created}
	if len(changes) > 0 {
		first.Role = changes[0].Old
	}
	steps := []RoleStep{first}
	for _, c := range changes {
		steps = append([]RoleStep{{Role: c.New, Since: c.At, Source: c.Source}}, steps...)
	}
	return steps, nil
}
