package db

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ActivePerson is somebody who signed in on some day of the span.
type ActivePerson struct {
	User
	Days  int  // of the span, on which they signed in
	Last  Day  // the last of them
	Fresh bool // first known in the span
}

// The columns that people are sorted by, ties by an id of their own.
const (
	ByName       = "name"
	ByDays       = "days"
	ByLast       = "last"
	ByRole       = "role"
	ByStudyLevel = "study_level"
	ByLevel      = "level"
	ByDepartment = "department" // by its id
)

// PersonOrder says how people are sorted and which page of them is wanted.
type PersonOrder struct {
	By    string // ByName when empty
	Desc  bool
	After string // the id of the last person of the page before
	Limit int
}

// ActivePeople lists who signed in. More says that another page follows.
// ErrNotFound when the person of After is not among them: begin anew.
func (d *DB) ActivePeople(ctx context.Context, s Span, f PeopleFilter, o PersonOrder) (page []ActivePerson, more bool, err error) {
	err = d.readSpan(ctx, s, func(r *spanReader) error {
		list, err := r.roll(ctx, f, o, d.now())
		if err != nil {
			return err
		}
		more = o.Limit > 0 && len(list.order) > o.Limit
		if more {
			list.order = list.order[:o.Limit]
		}
		page, err = list.fetch(ctx, r.r, list.order)
		return err
	})
	return page, more, err
}

// EachActivePerson goes through all who signed in, After and Limit count for
// nothing. It holds a few hundred people at a time.
func (d *DB) EachActivePerson(ctx context.Context, s Span, f PeopleFilter, o PersonOrder) iter.Seq2[ActivePerson, error] {
	return func(yield func(ActivePerson, error) bool) {
		o.After, o.Limit = "", 0
		var list *rollCall
		err := d.readSpan(ctx, s, func(r *spanReader) (err error) {
			list, err = r.roll(ctx, f, o, d.now())
			return err
		})
		for err == nil && len(list.order) > 0 {
			some := list.order[:min(len(list.order), idsInQuery)]
			list.order = list.order[len(some):]
			var people []ActivePerson
			if people, err = list.fetch(ctx, d.read, some); err != nil {
				break
			}
			for _, p := range people {
				if !yield(p, nil) {
					return
				}
			}
		}
		if err != nil {
			yield(ActivePerson{}, err)
		}
	}
}

// rollCall is who signed in, in order, with no more of each than what they
// are sorted by.
type rollCall struct {
	*census
	order []int        // numbers
	days  []personDays // by number
}

type personDays struct {
	days int
	last Day
}

func (r *spanReader) roll(ctx context.Context, f PeopleFilter, o PersonOrder, now time.Time) (*rollCall, error) {
	c, err := r.census(ctx, f, now)
	if err != nil {
		return nil, err
	}
	l := &rollCall{census: c, days: make([]personDays, c.signIns.base+len(c.signIns.strangers))}
	for i := range c.signIns.days {
		for n := range c.signIns.days[i].who.all() {
			if n < len(l.days) { // or the number was given up since
				l.days[n].days++
				l.days[n].last = c.First + Day(i)
			}
		}
	}
	for n, d := range l.days {
		if _, ok := c.member(n); ok && d.days > 0 {
			l.order = append(l.order, n)
		}
	}
	if err := l.sort(ctx, o); err != nil {
		return nil, err
	}
	return l, l.goOn(ctx, o.After)
}

// sort puts the numbers in order, ties by the number.
func (l *rollCall) sort(ctx context.Context, o PersonOrder) error {
	compare, err := l.comparing(ctx, o.By)
	if err != nil {
		return err
	}
	slices.SortFunc(l.order, func(a, b int) int {
		c := cmp.Or(compare(a, b), cmp.Compare(a, b))
		if o.Desc {
			return -c
		}
		return c
	})
	return nil
}

// comparing is how two people's numbers compare by a column.
func (l *rollCall) comparing(ctx context.Context, by string) (func(a, b int) int, error) {
	trait := func(of func(traits) string) func(a, b int) int {
		get := func(n int) string {
			m, _ := l.member(n)
			return of(l.groups[m.group])
		}
		return func(a, b int) int { return strings.Compare(get(a), get(b)) }
	}
	switch by {
	case ByDays:
		return func(a, b int) int { return cmp.Compare(l.days[a].days, l.days[b].days) }, nil
	case ByLast:
		return func(a, b int) int { return cmp.Compare(l.days[a].last, l.days[b].last) }, nil
	case ByRole:
		return trait(func(t traits) string { return t.Role }), nil
	case ByStudyLevel:
		return trait(func(t traits) string { return t.StudyLevel }), nil
	case ByLevel:
		return trait(func(t traits) string { return fmt.Sprintf("%6s", t.Level) }), nil
	case ByDepartment:
		return trait(func(t traits) string { return t.DepartmentID }), nil
	case ByName, "":
		if len(l.fresh) == 0 {
			return func(a, b int) int { return cmp.Compare(l.numbered[a].rank, l.numbered[b].rank) }, nil
		}
		names, err := l.names(ctx)
		return func(a, b int) int { return strings.Compare(names[a], names[b]) }, err
	}
	return nil, fmt.Errorf("people cannot be sorted by %q", by)
}

// names are what people are sorted by, as in all lists.
func (l *rollCall) names(ctx context.Context) (map[int]string, error) {
	type one struct {
		id     string
		number int
		name   string
	}
	scan := func(row scanner) (o one, err error) { return o, row.Scan(&o.id, &o.number, &o.name) }
	all, err := collect(ctx, l.r, scan, `SELECT users.id, coalesce(n.number, 0), users.search FROM users LEFT JOIN rollup_numbers n ON n.user_id = users.id WHERE users.deleted = 0`)
	if err != nil {
		return nil, fmt.Errorf("reading names: %w", err)
	}
	names := make(map[int]string, len(all))
	for _, o := range all {
		n := o.number
		if n == 0 {
			n = l.signIns.strangers[o.id]
		}
		names[n] = o.name
	}
	return names, nil
}

// goOn leaves out everybody up to a person.
func (l *rollCall) goOn(ctx context.Context, after string) error {
	if after == "" {
		return nil
	}
	n, stranger := l.signIns.strangers[after]
	if !stranger {
		err := l.r.QueryRowContext(ctx, `SELECT number FROM rollup_numbers WHERE user_id = $1`, after).Scan(&n)
		if err != nil {
			return missing(err, "finding where the list goes on")
		}
	}
	i := slices.Index(l.order, n)
	if i < 0 {
		return missing(ErrNotFound, "finding where the list goes on")
	}
	l.order = l.order[i+1:]
	return nil
}

// idsInQuery is how many ids one query asks for at most.
const idsInQuery = 500

// listed makes a list of parameters.
func listed[T any](values []T) (list string, args []any) {
	marks := make([]string, len(values))
	for i, v := range values {
		marks[i] = "$" + strconv.Itoa(i+1)
		args = append(args, v)
	}
	return strings.Join(marks, ", "), args
}

// fetch reads the people with some numbers, in their order. Who is gone
// meanwhile is left out.
func (l *rollCall) fetch(ctx context.Context, r reader, numbers []int) ([]ActivePerson, error) {
	people := map[int]User{}
	for some := range slices.Chunk(numbers, idsInQuery) {
		if err := l.fetchSome(ctx, r, some, people); err != nil {
			return nil, fmt.Errorf("reading who signed in: %w", err)
		}
	}
	var page []ActivePerson
	for _, n := range numbers {
		if u, there := people[n]; there {
			m, _ := l.member(n)
			page = append(page, ActivePerson{User: u, Days: l.days[n].days, Last: l.days[n].last, Fresh: l.isNew(m)})
		}
	}
	return page, nil
}

func (l *rollCall) fetchSome(ctx context.Context, r reader, numbers []int, into map[int]User) error {
	var stored []int
	ids, byID := []string{}, map[string]int{}
	for _, n := range numbers {
		if id, fresh := l.ids[n]; fresh {
			ids, byID[id] = append(ids, id), n
		} else {
			stored = append(stored, n)
		}
	}
	if len(ids) > 0 {
		list, args := listed(ids)
		users, err := collect(ctx, r, scanUser, `SELECT `+userColumns+` FROM users WHERE users.deleted = 0 AND users.id IN (`+list+`)`, args...)
		if err != nil {
			return err
		}
		for _, u := range users {
			into[byID[u.ID]] = u
		}
	}
	if len(stored) == 0 {
		return nil
	}
	type one struct {
		userRow
		number int
	}
	list, args := listed(stored)
	scan := func(row scanner) (o one, err error) {
		err = row.Scan(append(o.fields(), &o.number)...)
		return o, err
	}
	rows, err := collect(ctx, r, scan, `SELECT `+userColumns+`, n.number FROM rollup_numbers n JOIN users ON users.id = n.user_id WHERE users.deleted = 0 AND n.number IN (`+list+`)`, args...)
	if err != nil {
		return err
	}
	for _, o := range rows {
		if into[o.number], err = o.user(); err != nil {
			return err
		}
	}
	return nil
}
