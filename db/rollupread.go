package db

import (
	"context"
	"fmt"
	"time"
)

// spanReader reads the figures of a span from one state of the database: of days
// that are rolled up from the roll-ups, of all others from their rows. So they
// are right at any time, and slow only while many days are still to be counted.
type spanReader struct {
	Span
	r      reader
	rolled map[Day]rolledDay
	gone   horizons
	from   Day // days before and after have nothing to count
	to     Day
	since  Day // PeopleSince
}

// readSpan runs a report on one state of the database.
func (d *DB) readSpan(ctx context.Context, s Span, work func(*spanReader) error) error {
	return d.snapshot(ctx, func(r reader) error {
		f, err := newSpanReader(ctx, r, s)
		if err != nil {
			return err
		}
		return work(f)
	})
}

func newSpanReader(ctx context.Context, r reader, s Span) (f *spanReader, err error) {
	f = &spanReader{Span: s, r: r}
	if f.gone, err = readHorizons(ctx, r); err != nil {
		return nil, err
	}
	if f.rolled, err = rolledDays(ctx, r, s.First, s.Last); err != nil {
		return nil, err
	}
	first, last, err := bounds(ctx, r)
	if err != nil {
		return nil, err
	}
	f.from, f.to = s.First, s.Last
	if f.from = max(f.from, DayOf(first, s.Zone)); !last.IsZero() {
		f.to = min(f.to, DayOf(last, s.Zone))
	}
	f.since = f.peopleSince()
	return f, nil
}

// peopleSince is the first day whose people are known: on those before it
// sign-ins were removed.
func (f *spanReader) peopleSince() Day {
	gone, some := f.gone[fromSignIns]
	if !some {
		return f.First
	}
	since := DayOf(gone, f.Zone)
	if since.Begin(f.Zone).Before(gone) {
		since++
	}
	return since
}

// usable is what is stored of a day, if figures from that table may be taken
// from it: whose rows are gone, or what was counted by the same time zone.
func (f *spanReader) usable(day Day, source string) (rolledDay, bool) {
	r, made := f.rolled[day]
	return r, made && (r.zone == madeBy(f.Zone) || f.gone.frozen(source, r.began))
}

// cover says what the figures stand on.
func (f *spanReader) cover() Cover { return Cover{PeopleSince: f.since} }

// daySignIns is a day's sign-ins and who they were of.
type daySignIns struct {
	silent, interactive int
	people              int // of a day whose people are no longer known
	who                 bitset
}

func (d *daySignIns) count() int { return max(d.people, d.who.count()) }

// signIns is a span's sign-ins, by day from First on.
type signIns struct {
	days      []daySignIns
	base      int            // numbers from here on are strangers'
	strangers map[string]int // who has no number yet, by id
}

func (f *spanReader) signIns(ctx context.Context) (*signIns, error) {
	s := &signIns{days: make([]daySignIns, f.Days()), strangers: map[string]int{}}
	if err := f.r.QueryRowContext(ctx, `SELECT coalesce(max(number), 0) + 1 FROM rollup_numbers`).Scan(&s.base); err != nil {
		return nil, fmt.Errorf("reading people's numbers: %w", err)
	}
	if err := f.storedPeople(ctx, s); err != nil {
		return nil, err
	}
	for i := range s.days { // a number that was given up stands in a day's bits until that is counted anew
		s.base = max(s.base, s.days[i].who.above())
	}
	for _, gap := range f.gaps(s) {
		err := eachSignIn(ctx, f.r, gap[0], gap[1], func(row signInRow) { s.add(row, DayOf(row.at, f.Zone), f) })
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *signIns) add(row signInRow, day Day, f *spanReader) {
	d := &s.days[day-f.First]
	if row.silent {
		d.silent++
	} else {
		d.interactive++
	}
	switch {
	case !row.living || day < f.since:
	case row.number > 0:
		d.who.add(row.number)
	default:
		n, met := s.strangers[row.userID]
		if !met {
			n = s.base + len(s.strangers)
			s.strangers[row.userID] = n
		}
		d.who.add(n)
	}
}

// storedPeople reads who signed in on the days that are rolled up.
func (f *spanReader) storedPeople(ctx context.Context, s *signIns) error {
	type one struct {
		day  Day
		bits []byte
	}
	scan := func(row scanner) (o one, err error) { return o, row.Scan(&o.day, &o.bits) }
	all, err := collect(ctx, f.r, scan, `SELECT day, bits FROM rollup_people WHERE day >= $1 AND day <= $2`, int(f.First), int(f.Last))
	if err != nil {
		return fmt.Errorf("reading who signed in: %w", err)
	}
	for _, o := range all {
		if _, ok := f.usable(o.day, fromSignIns); ok {
			s.days[o.day-f.First].who = decodeBits(o.bits)
		}
	}
	return nil
}

// gaps fills in what is stored of the days, and returns from when to when the
// rest has to be counted from its rows.
func (f *spanReader) gaps(s *signIns) (gaps [][2]time.Time) {
	for day := f.First; day <= f.Last; day++ {
		from, to := day.Begin(f.Zone), (day + 1).Begin(f.Zone)
		if r, ok := f.usable(day, fromSignIns); ok {
			d := &s.days[day-f.First]
			d.silent, d.interactive, from = r.Silent, r.Interactive, later(from, r.upto)
			if f.gone.frozen(fromSignIns, r.began) {
				d.people = r.People
			}
			if r.closed {
				continue
			}
		}
		if day < f.from || day > f.to || !from.Before(to) {
			continue
		}
		if n := len(gaps); n > 0 && gaps[n-1][1].Equal(from) {
			gaps[n-1][1] = to
		} else {
			gaps = append(gaps, [2]time.Time{from, to})
		}
	}
	return gaps
}

// everybody is who signed in on some day of the span.
func (s *signIns) everybody() (who bitset) {
	for i := range s.days {
		who.join(s.days[i].who)
	}
	return who
}
