package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

const (
	// rollupRules changes whenever days are to be counted by other rules:
	// then all whose rows are still there are counted anew.
	rollupRules = "1 "

	rollupLock  = "rollups"       // held by who forgets a person and by who writes what was counted
	closesAfter = 2 * time.Minute // a day goes on for so long: rows of its last moments may come late
	lateAfter   = time.Minute     // what is older than this when it is written may belong to a closed day
	mostDays    = 20 * 366        // how far back days are counted
	numberStep  = 200             // people who get a number in one step
)

// The tables that days are counted from, as rollup_horizons names them.
const (
	fromSignIns    = "sign_ins"
	fromCounts     = "counts"
	fromRoles      = "role_changes"
	fromDeliveries = "deliveries"
	fromAudit      = "audit"
)

// rolledDay is what is stored of a day's sign-ins and of how it stands.
type rolledDay struct {
	Day                         Day
	zone                        string
	began, ended, upto          time.Time
	closed                      bool
	asked, counted              int
	checked                     time.Time
	Silent, Interactive, People int
}

const rolledColumns = `day, zone, began, ended, upto, closed, asked, counted, checked, silent, interactive, people`

func scanRolled(row scanner) (d rolledDay, err error) {
	var closed int
	err = row.Scan(&d.Day, &d.zone, moment{&d.began}, moment{&d.ended}, moment{&d.upto}, &closed, &d.asked, &d.counted, moment{&d.checked}, &d.Silent, &d.Interactive, &d.People)
	d.closed = closed == 1
	return d, err
}

// rolledDays reads what is stored of the days from one to another.
func rolledDays(ctx context.Context, r reader, first, last Day) (map[Day]rolledDay, error) {
	all, err := collect(ctx, r, scanRolled, `SELECT `+rolledColumns+` FROM rollup_days WHERE day >= $1 AND day <= $2`, int(first), int(last))
	if err != nil {
		return nil, fmt.Errorf("reading the roll-ups: %w", err)
	}
	days := make(map[Day]rolledDay, len(all))
	for _, d := range all {
		days[d.Day] = d
	}
	return days, nil
}

// horizons says of each table before when its rows were removed.
type horizons map[string]time.Time

func readHorizons(ctx context.Context, r reader) (horizons, error) {
	type one struct {
		source string
		before time.Time
	}
	scan := func(row scanner) (o one, err error) { return o, row.Scan(&o.source, moment{&o.before}) }
	all, err := collect(ctx, r, scan, `SELECT source, before FROM rollup_horizons`)
	if err != nil {
		return nil, fmt.Errorf("reading what was removed: %w", err)
	}
	h := horizons{}
	for _, o := range all {
		h[o.source] = o.before
	}
	return h, nil
}

// frozen says whether rows of a day that began then may be gone already.
func (h horizons) frozen(source string, began time.Time) bool { return began.Before(h[source]) }

// horizon notes that rows from before a moment are removed. Who signed in on
// those days is forgotten with them; totals stay.
func (t *Tx) horizon(ctx context.Context, source string, before time.Time) error {
	_, err := t.ExecContext(ctx, `INSERT INTO rollup_horizons (source, before) VALUES ($1, $2)
		ON CONFLICT (source) DO UPDATE SET before = CASE WHEN excluded.before > rollup_horizons.before THEN excluded.before ELSE rollup_horizons.before END`, source, micros(before))
	if err == nil && source == fromSignIns {
		_, err = t.ExecContext(ctx, `DELETE FROM rollup_people WHERE day IN (SELECT day FROM rollup_days WHERE began < $1)`, micros(before))
	}
	if err != nil {
		return fmt.Errorf("noting what was removed: %w", err)
	}
	return nil
}

// late asks for a day to be counted anew when something of it is written only
// now. What is written in time finds its day still open.
func (t *Tx) late(ctx context.Context, at time.Time) error {
	if t.now().Sub(at) < lateAfter {
		return nil
	}
	_, err := t.ExecContext(ctx, `UPDATE rollup_days SET asked = asked + 1 WHERE day = (SELECT day FROM rollup_days WHERE began <= $1 ORDER BY began DESC LIMIT 1)`, micros(at))
	if err != nil {
		return fmt.Errorf("asking for a day to be counted anew: %w", err)
	}
	return nil
}

// recountDaysOf asks for all days to be counted anew that rows of a table fall
// on: those that the condition on $1 chooses.
func (t *Tx) recountDaysOf(ctx context.Context, table, at, condition string, arg any) error {
	_, err := t.ExecContext(ctx, `UPDATE rollup_days SET asked = asked + 1 WHERE EXISTS (SELECT 1 FROM `+table+` WHERE `+condition+` AND `+at+` >= rollup_days.began AND `+at+` < rollup_days.ended)`, arg)
	if err != nil {
		return fmt.Errorf("asking for days to be counted anew: %w", err)
	}
	return nil
}

// forgetRollups leaves nothing in the roll-ups that leads to a person. It
// comes before the person's own rows go: the days and items they are on are
// counted anew, without them.
func (t *Tx) forgetRollups(ctx context.Context, userID string) error {
	if err := t.lockName(ctx, rollupLock); err != nil {
		return err
	}
	if err := t.recountDaysOf(ctx, "sign_ins", "sign_ins.at", "sign_ins.user_id = $1", userID); err != nil {
		return err
	}
	for _, query := range []string{
		`DELETE FROM rollup_numbers WHERE user_id = $1`,
		`UPDATE rollup_reach SET asked = asked + 1 WHERE item_id IN (SELECT item_id FROM reads WHERE user_id = $1)`,
	} {
		if _, err := t.ExecContext(ctx, query, userID); err != nil {
			return fmt.Errorf("forgetting user %s in the roll-ups: %w", userID, err)
		}
	}
	return nil
}

// snapshot reads from one state of the database, whatever is written meanwhile.
func (d *DB) snapshot(ctx context.Context, read func(reader) error) error {
	var o *sql.TxOptions
	if d.engine == Postgres {
		o = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	tx, err := d.read.BeginTx(ctx, o)
	if err != nil {
		return fmt.Errorf("beginning to read: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // it only read
	return read(tx)
}

// bounds are the first and the last moment of anything that days are counted
// from; zero when there is nothing.
func bounds(ctx context.Context, r reader) (first, last time.Time, err error) {
	ends := func(end string) string {
		return `SELECT ` + end + `(at) AS at FROM sign_ins UNION ALL SELECT ` + end + `(hour) FROM counts UNION ALL SELECT ` + end + `(at) FROM role_changes
			UNION ALL SELECT ` + end + `(received) FROM deliveries UNION ALL SELECT ` + end + `(at) FROM audit`
	}
	err = r.QueryRowContext(ctx, `SELECT coalesce((SELECT min(at) FROM (`+ends("min")+`) AS firsts), 0), coalesce((SELECT max(at) FROM (`+ends("max")+`) AS lasts), 0)`).Scan(moment{&first}, moment{&last})
	if err != nil {
		return first, last, fmt.Errorf("reading how far back there is something: %w", err)
	}
	return first, last, nil
}

// madeBy is the zone and the rules that a day is counted by.
func madeBy(zone *time.Location) string { return rollupRules + zone.String() }

// due says whether a past day has to be counted, or counted anew. What was
// counted by another time zone stays when its rows are gone.
func (r *rolledDay) due(zone *time.Location, h horizons) bool {
	return !r.closed || r.asked > r.counted || r.zone != madeBy(zone) && !h.frozen(fromSignIns, r.began)
}

// RollupDue lists the days that have to be counted now: today, and before it
// each that is not counted, the latest first.
func (d *DB) RollupDue(ctx context.Context, zone *time.Location, now time.Time) (due []Day, err error) {
	err = d.snapshot(ctx, func(r reader) error {
		first, _, err := bounds(ctx, r)
		if err != nil {
			return err
		}
		h, err := readHorizons(ctx, r)
		if err != nil {
			return err
		}
		today := DayOf(now, zone)
		due = append(due, today)
		if first.IsZero() {
			return nil
		}
		oldest := max(DayOf(first, zone), today-mostDays)
		have, err := rolledDays(ctx, r, oldest, today)
		if err != nil {
			return err
		}
		for day := today - 1; day >= oldest; day-- {
			if r, made := have[day]; !made || r.due(zone, h) {
				due = append(due, day)
			}
		}
		return nil
	})
	return due, err
}

// RollUp counts everything that is to be counted, in small steps with a rest
// after each: days, today first, then who there is, then readers of items. It
// ends when nothing is left or rest gives an error.
func (d *DB) RollUp(ctx context.Context, zone *time.Location, now time.Time, rest func(context.Context) error) error {
	due, err := d.RollupDue(ctx, zone, now)
	if err != nil {
		return err
	}
	for i, day := range due {
		if err := d.RollUpDay(ctx, day, zone, now); err != nil {
			return err
		}
		if i == 0 { // who is new today is known at once
			err = d.RollUpCrowd(ctx, now)
		}
		if err = errors.Join(err, rest(ctx)); err != nil {
			return err
		}
	}
	if len(due) > 1 {
		if err := d.RollUpCrowd(ctx, now); err != nil {
			return err
		}
	}
	items, err := d.ReachDue(ctx)
	if err != nil {
		return err
	}
	for _, id := range items {
		if err := errors.Join(d.RollUpReaders(ctx, id, now), rest(ctx)); err != nil {
			return err
		}
	}
	return nil
}

// RollUpDay counts a day from its rows and stores what it counted. It may be
// done at any time, any number of times, and stopped anywhere.
func (d *DB) RollUpDay(ctx context.Context, day Day, zone *time.Location, now time.Time) error {
	c := newDayCount(day, zone, now)
	if err := d.snapshot(ctx, func(r reader) error { return c.count(ctx, r) }); err != nil {
		return fmt.Errorf("counting %s: %w", day, err)
	}
	if len(c.strangers) > 0 {
		if err := d.numberPeople(ctx, c); err != nil {
			return err
		}
	}
	if err := d.write(ctx, Relaxed, func(t *Tx) error { return t.storeDay(ctx, c, now) }); err != nil {
		return fmt.Errorf("storing what was counted of %s: %w", day, err)
	}
	return nil
}

// numberPeople gives numbers to people met for the first time, and counts
// them. Who was forgotten meanwhile gets none.
func (d *DB) numberPeople(ctx context.Context, c *dayCount) error {
	ids := c.strangerIDs()
	for len(ids) > 0 {
		some := ids[:min(numberStep, len(ids))]
		ids = ids[len(some):]
		err := d.write(ctx, Relaxed, func(t *Tx) error {
			if err := t.lockName(ctx, rollupLock); err != nil {
				return err
			}
			for _, id := range some {
				n, err := t.number(ctx, id)
				if err != nil {
					return fmt.Errorf("giving a number to user %s: %w", id, err)
				}
				if n > 0 {
					c.who.add(n)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// number is a living person's number, a new one if need be; 0 for nobody.
func (t *Tx) number(ctx context.Context, userID string) (n int, err error) {
	err = t.QueryRowContext(ctx, `SELECT number FROM rollup_numbers WHERE user_id = $1`, userID).Scan(&n)
	if !errors.Is(err, sql.ErrNoRows) {
		return n, err
	}
	err = t.QueryRowContext(ctx, `INSERT INTO rollup_numbers (user_id) SELECT id FROM users WHERE id = $1 AND deleted = 0
		AND EXISTS (SELECT 1 FROM sign_ins WHERE sign_ins.user_id = $1) RETURNING number`, userID).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

// storeDay writes a day's figures, but for those whose rows are going.
func (t *Tx) storeDay(ctx context.Context, c *dayCount, now time.Time) error {
	if err := t.lockName(ctx, rollupLock); err != nil {
		return err
	}
	h, err := readHorizons(ctx, t)
	if err != nil {
		return err
	}
	if err := t.storeSignIns(ctx, c, h.frozen(fromSignIns, c.began), now); err != nil || !c.closed {
		return err
	}
	for _, f := range families {
		if h.frozen(f.source, c.began) {
			continue
		}
		if err := t.storeTotals(ctx, f.name, c); err != nil {
			return err
		}
	}
	return nil
}

// storeSignIns writes the row of a day; of one that is frozen only how it stands.
func (t *Tx) storeSignIns(ctx context.Context, c *dayCount, frozen bool, now time.Time) error {
	hours, err := json.Marshal(c.hours)
	if err != nil {
		return err
	}
	shut := 0
	if c.closed {
		shut = 1
	}
	update := `zone = excluded.zone, began = excluded.began, ended = excluded.ended, upto = excluded.upto, closed = excluded.closed, made = excluded.made,
		counted = excluded.counted, silent = excluded.silent, interactive = excluded.interactive, people = excluded.people, hours = excluded.hours`
	if frozen {
		update = `closed = excluded.closed, upto = excluded.upto, counted = excluded.counted`
	}
	_, err = t.ExecContext(ctx, `INSERT INTO rollup_days (day, zone, began, ended, upto, closed, asked, counted, made, checked, silent, interactive, people, hours)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, 0, $9, $10, $11, $12) ON CONFLICT (day) DO UPDATE SET `+update,
		int(c.day), madeBy(c.zone), micros(c.began), micros(c.ended), micros(c.upto), shut, c.asked, micros(now), c.silent, c.interactive, c.who.count(), string(hours))
	if err != nil || frozen {
		return err
	}
	_, err = t.ExecContext(ctx, `INSERT INTO rollup_people (day, bits) VALUES ($1, $2) ON CONFLICT (day) DO UPDATE SET bits = excluded.bits`, int(c.day), c.who.encode())
	return err
}

func (t *Tx) storeTotals(ctx context.Context, family string, c *dayCount) error {
	body := encodeTotals(c.totals[family])
	if body == nil {
		body = []byte{} // a nil slice would be NULL
	}
	_, err := t.ExecContext(ctx, `INSERT INTO rollup_totals (family, day, body) VALUES ($1, $2, $3) ON CONFLICT (family, day) DO UPDATE SET body = excluded.body`, family, int(c.day), body)
	return err
}

// PurgeNumbers takes the numbers from people of whom no sign-in is kept, limit
// at most, and says from how many.
func (d *DB) PurgeNumbers(ctx context.Context, limit int) (n int, err error) {
	const idle = `NOT EXISTS (SELECT 1 FROM sign_ins WHERE sign_ins.user_id = rollup_numbers.user_id)`
	scan := func(row scanner) (number int, err error) { return number, row.Scan(&number) }
	numbers, err := collect(ctx, d.read, scan, `SELECT number FROM rollup_numbers WHERE `+idle+` LIMIT $1`, limit)
	if err != nil || len(numbers) == 0 {
		return 0, err
	}
	err = d.write(ctx, Relaxed, func(t *Tx) error {
		if err := t.lockName(ctx, rollupLock); err != nil {
			return err
		}
		list, args := listed(numbers)
		n, err = t.exec(ctx, `DELETE FROM rollup_numbers WHERE number IN (`+list+`) AND `+idle, args...)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("taking back people's numbers: %w", err)
	}
	return n, nil
}
