package db

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// traits are what people are counted by. Everything is as it is known now.
type traits struct {
	Role, StudyLevel, Level, FacultyID, DepartmentID string // "" is unknown
}

// member is one person, who has a number but no name here.
type member struct {
	group int   // in crowd.groups
	met   int64 // when the portal first knew them, Unix seconds
	rank  int   // where they stand in the order of names
}

// crowd is all living people as counts need them: twenty thousand of them are
// read in one row of 120 kB, since reading as many rows would take longer than
// everything else about a report.
type crowd struct {
	at       time.Time
	groups   []traits
	numbered []member // by number; a group of -1 is nobody
	others   []member // of whom no sign-in is kept
	index    map[traits]int
}

func (c *crowd) groupOf(t traits) int {
	if c.index == nil {
		c.index = map[traits]int{}
		for i, g := range c.groups {
			c.index[g] = i
		}
	}
	i, known := c.index[t]
	if !known {
		i = len(c.groups)
		c.groups = append(c.groups, t)
		c.index[t] = i
	}
	return i
}

// place puts a person at their number; 0 is none.
func (c *crowd) place(number int, t traits, met time.Time, rank int) {
	m := member{c.groupOf(t), met.Unix(), rank}
	if number == 0 {
		c.others = append(c.others, m)
		return
	}
	for number >= len(c.numbered) {
		c.numbered = append(c.numbered, member{group: -1})
	}
	c.numbered[number] = m
}

// at a number; false when nobody is known there.
func (c *crowd) member(number int) (member, bool) {
	if number >= len(c.numbered) || c.numbered[number].group < 0 {
		return member{}, false
	}
	return c.numbered[number], true
}

const traitColumns = `users.role, users.study_level, users.level, users.faculty_id, users.department_id, users.created`

// traitRow is somebody with their number, 0 for none.
type traitRow struct {
	id     string
	number int
	traits
	met time.Time
}

func scanTraits(row scanner) (r traitRow, err error) {
	var level int
	err = row.Scan(&r.id, &r.number, &r.Role, &r.StudyLevel, &level, &r.FacultyID, &r.DepartmentID, moment{&r.met})
	if level != 0 {
		r.Level = strconv.Itoa(level)
	}
	return r, err
}

// gather reads everybody. Who has no number and was met in the very second of
// at, or after it, is left out: census counts them as they come, and nobody is
// counted twice.
func gather(ctx context.Context, r reader, at time.Time) (*crowd, error) {
	rows, err := r.QueryContext(ctx, `SELECT '', coalesce(n.number, 0), `+traitColumns+` FROM users LEFT JOIN rollup_numbers n ON n.user_id = users.id WHERE users.deleted = 0 ORDER BY users.search, users.id`)
	if err != nil {
		return nil, fmt.Errorf("reading who there is: %w", err)
	}
	defer func() { _ = rows.Close() }() // rows.Err says all there is to say
	c := &crowd{at: at}
	for rank := 0; rows.Next(); rank++ {
		p, err := scanTraits(rows)
		if err != nil {
			return nil, fmt.Errorf("reading who there is: %w", err)
		}
		if p.number == 0 && p.met.Unix() >= at.Unix() {
			continue
		}
		c.place(p.number, p.traits, p.met, rank)
	}
	return c, rows.Err()
}

// encode is the crowd as it is stored.
func (c *crowd) encode() []byte {
	var p packed
	p.number(crowdFormat)
	p.number(len(c.groups))
	for _, g := range c.groups {
		for _, text := range []string{g.Role, g.StudyLevel, g.Level, g.FacultyID, g.DepartmentID} {
			p.text(text)
		}
	}
	for _, all := range [][]member{c.numbered, c.others} {
		p.number(len(all))
		for _, m := range all {
			p.number(m.group + 1)
			p.number(int(m.met))
			p.number(m.rank)
		}
	}
	return p.body
}

// decodeCrowd reads what encode wrote; errPacked when another version of the
// program wrote it.
func decodeCrowd(body []byte, at time.Time) (*crowd, error) {
	p, c := packed{body: body}, &crowd{at: at}
	if p.nextNumber() != crowdFormat {
		return nil, errPacked
	}
	for n := p.nextNumber(); n > 0 && !p.broken; n-- {
		c.groups = append(c.groups, traits{p.nextText(), p.nextText(), p.nextText(), p.nextText(), p.nextText()})
	}
	for _, all := range []*[]member{&c.numbered, &c.others} {
		n := p.nextNumber()
		*all = slices.Grow(*all, min(n, len(p.body)))
		for ; n > 0 && !p.broken; n-- {
			*all = append(*all, member{p.nextNumber() - 1, int64(p.nextNumber()), p.nextNumber()})
		}
	}
	return c, p.err()
}

// crowdFormat changes whenever encode does.
const crowdFormat = 1

// storedCrowd is the crowd as it was stored last, or, where that cannot be
// read, read anew.
func storedCrowd(ctx context.Context, r reader, now time.Time) (*crowd, error) {
	var at time.Time
	var body []byte
	err := r.QueryRowContext(ctx, `SELECT at, body FROM rollup_crowd WHERE id = 1`).Scan(moment{&at}, &body)
	if err := missing(err, "reading people's numbers"); errors.Is(err, ErrNotFound) {
		return gather(ctx, r, now.Add(time.Second))
	} else if err != nil {
		return nil, err
	}
	c, err := decodeCrowd(body, at)
	if err != nil {
		return gather(ctx, r, now.Add(time.Second)) // everybody is in it
	}
	return c, nil
}

// RollUpCrowd stores who there is, for reports to count.
func (d *DB) RollUpCrowd(ctx context.Context, now time.Time) error {
	var body, old []byte
	err := d.snapshot(ctx, func(r reader) error {
		c, err := gather(ctx, r, now)
		if err != nil {
			return err
		}
		body = c.encode()
		err = r.QueryRowContext(ctx, `SELECT body FROM rollup_crowd WHERE id = 1`).Scan(&old)
		if err := missing(err, "reading people's numbers"); !errors.Is(err, ErrNotFound) {
			return err
		}
		return nil
	})
	if err != nil || bytes.Equal(body, old) {
		return err
	}
	return d.write(ctx, Relaxed, func(t *Tx) error {
		_, err := t.ExecContext(ctx, `INSERT INTO rollup_crowd (id, at, body) VALUES (1, $1, $2) ON CONFLICT (id) DO UPDATE SET at = excluded.at, body = excluded.body`, micros(now), body)
		if err != nil {
			return fmt.Errorf("storing people's numbers: %w", err)
		}
		return nil
	})
}
