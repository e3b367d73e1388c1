package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// User is a person the portal has met, or the tombstone of one.
type User struct {
	ID, Provider, Sub string
	Facts             Facts
	Created           time.Time
	EndedBefore       time.Time // no session that began then or earlier lives
	RoleConfirmed     time.Time // when a claim or webhook last named the role
	Deleted           time.Time
	Blocked           bool
	Grants            []string // permissions granted by name
}

// Get is the value of a field, "" when nothing is known.
func (u *User) Get(field string) string { return u.Facts.Of(field).Value }

// Name is the name claim, whole.
func (u *User) Name() string { return u.Get(FieldName) }

// Email is the e-mail address, verified or not.
func (u *User) Email() string { return u.Get(FieldEmail) }

// Role is the primary role, "" for none.
func (u *User) Role() string { return u.Get(FieldRole) }

// StudentID is the student id as Campus One writes it, leading zeros included.
func (u *User) StudentID() string { return u.Get(FieldStudentID) }

// Roles are the roles of the claim of that name, which grant nothing.
func (u *User) Roles() []string { return u.list(FieldRoles) }

// CustomRoles are the roles this portal's app has given.
func (u *User) CustomRoles() []string { return u.list(FieldCustomRoles) }

func (u *User) list(field string) []string {
	text := u.Get(field)
	switch text { // most people's, and asked for at every request
	case "":
		return nil
	case "[]":
		return []string{}
	}
	var values []string
	if err := json.Unmarshal([]byte(text), &values); err != nil {
		return nil // nothing known, or nothing usable
	}
	return values
}

// Level is the level as a number; false when it is unknown or not a number.
func (u *User) Level() (int, bool) {
	n, err := strconv.Atoi(u.Get(FieldLevel))
	return n, err == nil
}

// FinalYear says whether this is the final year; false when unknown.
func (u *User) FinalYear() (final, known bool) {
	final, err := strconv.ParseBool(u.Get(FieldFinalYear))
	return final, err == nil
}

// userColumns is a person with what other tables say of them.
const userColumns = `users.id, users.provider, users.sub, users.facts, users.created, users.ended_before, users.role_confirmed, users.deleted,
	EXISTS (SELECT 1 FROM blocks WHERE blocks.provider = users.provider AND blocks.sub = users.sub),
	coalesce((SELECT string_agg(grants.permission, ' ') FROM grants WHERE grants.provider = users.provider AND grants.sub = users.sub), '')`

// userRow scans userColumns.
type userRow struct {
	User
	facts, grants string
}

func (r *userRow) fields() []any {
	return []any{&r.ID, &r.Provider, &r.Sub, &r.facts, moment{&r.Created}, moment{&r.EndedBefore}, moment{&r.RoleConfirmed}, moment{&r.Deleted}, &r.Blocked, &r.grants}
}

func (r *userRow) user() (User, error) {
	var err error
	r.Grants = unique(strings.Fields(r.grants))
	if r.Facts, err = decodeFacts(r.facts); err != nil {
		return User{}, fmt.Errorf("reading user %s: %w", r.ID, err)
	}
	return r.User, nil
}

func scanUser(row scanner) (User, error) {
	var r userRow
	if err := row.Scan(r.fields()...); err != nil {
		return User{}, err
	}
	return r.user()
}

// User reads a person by id; ErrNotFound when there never was one.
func (d *DB) User(ctx context.Context, id string) (User, error) {
	u, err := scanUser(d.read.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users WHERE users.id = $1`, id))
	return u, missing(err, "reading user %s", id)
}

// UserBySub reads the living person of a provider's sub.
func (d *DB) UserBySub(ctx context.Context, provider, sub string) (User, error) {
	u, err := scanUser(d.read.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users WHERE users.provider = $1 AND users.sub = $2 AND users.deleted = 0`, provider, sub))
	return u, missing(err, "reading the user of a sub")
}

// missing turns "no rows" into ErrNotFound and says what was being done.
func missing(err error, doing string, args ...any) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return fmt.Errorf(doing+": %w", append(args, err)...)
}

// unique drops repeated words: one person may hold a grant under two addresses.
func unique(words []string) []string {
	var out []string
	met := map[string]bool{}
	for _, w := range words {
		if !met[w] {
			met[w] = true
			out = append(out, w)
		}
	}
	return out
}

// person is all that is stored under one (provider, sub).
type person struct {
	User                 // the living one; without ID when there is none
	buried     time.Time // when the latest predecessor was deleted
	endedAfter time.Time // sessions that began then or before are refused
}

func (p *person) known() bool { return p.ID != "" }

// person reads and locks a (provider, sub).
func (t *Tx) person(ctx context.Context, provider, sub string) (person, error) {
	if err := t.lockPerson(ctx, provider, sub); err != nil {
		return person{}, err
	}
	rows, err := collect(ctx, t, scanUser, `SELECT `+userColumns+` FROM users WHERE users.provider = $1 AND users.sub = $2`+t.forUpdate(), provider, sub)
	if err != nil {
		return person{}, fmt.Errorf("reading a person: %w", err)
	}
	var p person
	for _, u := range rows {
		if u.Deleted.IsZero() {
			p.User = u
		}
		p.buried = later(p.buried, u.Deleted)
		p.endedAfter = later(p.endedAfter, u.EndedBefore)
	}
	if !p.known() {
		p.User = User{Provider: provider, Sub: sub}
		p.Blocked, err = t.blocked(ctx, provider, sub)
	}
	return p, err
}

// lockPerson makes PostgreSQL do one thing at a time for a (provider, sub)
// that may have no row yet to lock.
func (t *Tx) lockPerson(ctx context.Context, provider, sub string) error {
	return t.lockName(ctx, provider+" "+sub)
}

// lockName makes PostgreSQL do one thing at a time under a name, until the
// transaction ends. SQLite does so anyway.
func (t *Tx) lockName(ctx context.Context, name string) error {
	if t.engine != Postgres {
		return nil
	}
	if _, err := t.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, name); err != nil {
		return fmt.Errorf("locking a name: %w", err)
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// putUser writes a person's row, new or not.
func (t *Tx) putUser(ctx context.Context, u *User) error {
	facts, err := encodeFacts(u.Facts)
	if err != nil {
		return err
	}
	level, _ := u.Level()
	text := func(field string) string { return plain(u.Get(field)) }
	args := []any{u.ID, u.Provider, u.Sub, facts, text(FieldName), text(FieldEmail), text(FieldStudentID), text(FieldRole), text(FieldStudyLevel), level,
		text(FieldFacultyID), text(FieldDepartmentID), micros(u.Created), micros(u.EndedBefore), micros(u.RoleConfirmed), micros(u.Deleted), plain(searchText(u))}
	_, err = t.ExecContext(ctx, `INSERT INTO users (id, provider, sub, facts, name, email, student_id, role, study_level, level, faculty_id, department_id, created, ended_before, role_confirmed, deleted, search)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
		ON CONFLICT (id) DO UPDATE SET facts = excluded.facts, name = excluded.name, email = excluded.email, student_id = excluded.student_id, role = excluded.role,
			study_level = excluded.study_level, level = excluded.level, faculty_id = excluded.faculty_id, department_id = excluded.department_id,
			created = excluded.created, ended_before = excluded.ended_before, role_confirmed = excluded.role_confirmed, deleted = excluded.deleted, search = excluded.search`, args...)
	if err != nil {
		return fmt.Errorf("writing user %s: %w", u.ID, err)
	}
	return nil
}

// RoleChange is one step of a person's role timeline.
type RoleChange struct {
	UserID           string
	At               time.Time
	Old, New, Source string
}

// RoleChanges is a person's role timeline, oldest first.
func (d *DB) RoleChanges(ctx context.Context, userID string) ([]RoleChange, error) {
	scan := func(row scanner) (c RoleChange, err error) {
		err = row.Scan(&c.UserID, moment{&c.At}, &c.Old, &c.New, &c.Source)
		return c, err
	}
	all, err := collect(ctx, d.read, scan, `SELECT user_id, at, old_role, new_role, source FROM role_changes WHERE user_id = $1 ORDER BY at`, userID)
	if err != nil {
		return nil, fmt.Errorf("reading the roles of user %s: %w", userID, err)
	}
	return all, nil
}

// learn merges facts into a person, notes what webhooks had not told or told
// otherwise, and a changed role in the timeline. The row itself is the
// caller's to write.
func (t *Tx) learn(ctx context.Context, u *User, facts []Fact) (changed []string, err error) {
	old := u.Facts
	u.Facts, changed = Merge(old, facts)
	if err := t.noteDrift(ctx, u, old, changed); err != nil {
		return nil, err
	}
	if u.ID == "" || u.Role() == old.Of(FieldRole).Value {
		return changed, nil
	}
	return changed, t.noteRole(ctx, u, old.Of(FieldRole).Value)
}

// noteRole writes a step of a person's role timeline; who was demoted must
// stay so.
func (t *Tx) noteRole(ctx context.Context, u *User, old string) error {
	role := u.Facts.Of(FieldRole)
	_, err := t.ExecContext(ctx, `INSERT INTO role_changes (user_id, at, old_role, new_role, source) VALUES ($1, $2, $3, $4, $5)`,
		u.ID, micros(role.AsOf), plain(old), plain(role.Value), role.Source)
	if err != nil {
		return fmt.Errorf("noting the new role of user %s: %w", u.ID, err)
	}
	if err := t.late(ctx, role.AsOf); err != nil {
		return err
	}
	return t.mustLast(ctx)
}
