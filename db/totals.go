package db

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// total counts what a, b and c of its family say.
type total struct {
	day     Day
	a, b, c string
	n       int
}

// family is a kind of totals: where they are counted from, and how. The query
// counts from $1 to before $2.
type family struct {
	name, source, query string
}

// The families of totals.
const (
	familyAttempts   = "attempts"
	familyRoles      = "roles"
	familyDeliveries = "deliveries"
	familyDelays     = "delays"
	familyActions    = "actions"
	familyDrift      = "drift"
)

var families = [...]family{
	// An hour of UTC belongs to the day in which it begins.
	{familyAttempts, fromCounts, `SELECT kind, reason, '', CAST(sum(n) AS BIGINT) FROM counts WHERE hour >= $1 AND hour < $2 GROUP BY kind, reason`},
	{familyRoles, fromRoles, `SELECT old_role, new_role, source, count(*) FROM role_changes WHERE at >= $1 AND at < $2 GROUP BY old_role, new_role, source`},
	{familyDeliveries, fromDeliveries, `SELECT event, state, '', count(*) FROM deliveries WHERE received >= $1 AND received < $2 GROUP BY event, state`},
	// The deliveries are read once for both delays.
	{familyDelays, fromDeliveries, `WITH delayed AS MATERIALIZED (SELECT CASE WHEN occurred > 0 THEN ` + bucketOf(`received - occurred`) + ` ELSE '' END AS arrival, CASE WHEN applied > 0 THEN ` + bucketOf(`applied - received`) + ` ELSE '' END AS applied, count(*) AS n
			FROM deliveries WHERE received >= $1 AND received < $2 GROUP BY 1, 2)
		SELECT '` + DelayArrival + `', arrival, '', CAST(sum(n) AS BIGINT) FROM delayed WHERE arrival <> '' GROUP BY arrival
		UNION ALL SELECT '` + DelayApplied + `', applied, '', CAST(sum(n) AS BIGINT) FROM delayed WHERE applied <> '' GROUP BY applied`},
	{familyActions, fromAudit, `SELECT action, CASE WHEN actor LIKE 'command line%' THEN '` + ByCommandLine + `' WHEN EXISTS (SELECT 1 FROM users WHERE users.id = audit.actor) THEN '` + ByPerson + `' ELSE '` + ByPortal + `' END AS actors, '', count(*)
		FROM audit WHERE at >= $1 AND at < $2 GROUP BY action, actors`},
	{familyDrift, fromAudit, `SELECT actor, '', '', count(*) FROM audit WHERE action = '` + ActionDrift + `' AND at >= $1 AND at < $2 GROUP BY actor`},
}

// bucketOf is the bucket of a delay in microseconds, as text.
func bucketOf(delay string) string {
	var text strings.Builder
	text.WriteString(`CASE`)
	for i, bound := range DelayBounds {
		fmt.Fprintf(&text, ` WHEN %s < %d THEN '%d'`, delay, bound.Microseconds(), i)
	}
	fmt.Fprintf(&text, ` ELSE '%d' END`, len(DelayBounds))
	return text.String()
}

func familyNamed(name string) family {
	i := slices.IndexFunc(families[:], func(f family) bool { return f.name == name })
	return families[i]
}

// count counts a family from one moment to before another.
func (f family) count(ctx context.Context, r reader, day Day, from, to time.Time) ([]total, error) {
	scan := func(row scanner) (t total, err error) {
		t.day = day
		return t, row.Scan(&t.a, &t.b, &t.c, &t.n)
	}
	all, err := collect(ctx, r, scan, f.query, micros(from), micros(to))
	if err != nil {
		return nil, fmt.Errorf("counting %s: %w", f.name, err)
	}
	return all, nil
}

func sorted(all []total) []total { return slices.SortedFunc(slices.Values(all), compareTotals) }

func compareTotals(a, b total) int {
	return cmp.Or(cmp.Compare(a.day, b.day), strings.Compare(a.a, b.a), strings.Compare(a.b, b.b), strings.Compare(a.c, b.c))
}

// encodeTotals is a day's totals of a family as they are stored.
func encodeTotals(all []total) []byte {
	var p packed
	for _, t := range sorted(all) {
		p.text(t.a)
		p.text(t.b)
		p.text(t.c)
		p.number(t.n)
	}
	return p.body
}

// decodeTotals reads what encodeTotals wrote, but for those that wanted leaves out.
func decodeTotals(p *packed, day Day, wanted func(a string) bool, into []total) ([]total, error) {
	for len(p.body) > 0 {
		t := total{day, p.nextText(), p.nextText(), p.nextText(), p.nextNumber()}
		if wanted == nil || wanted(t.a) {
			into = append(into, t)
		}
	}
	return into, p.err()
}

// totals are a family's totals by day, in the order of day, a, b, c; of all
// that wanted does not leave out by a.
func (f *spanReader) totals(ctx context.Context, name string, wanted func(a string) bool) ([]total, error) {
	type one struct {
		day  Day
		body []byte
	}
	family := familyNamed(name)
	scan := func(row scanner) (o one, err error) { return o, row.Scan(&o.day, &o.body) }
	rows, err := collect(ctx, f.r, scan, `SELECT day, body FROM rollup_totals WHERE family = $1 AND day >= $2 AND day <= $3 ORDER BY day`, name, int(f.First), int(f.Last))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	stored := map[Day][]byte{}
	for _, o := range rows {
		if r, ok := f.usable(o.day, family.source); ok && r.closed {
			stored[o.day] = o.body
		}
	}
	var all []total
	texts := map[string]string{}
	for day := f.First; day <= f.Last; day++ {
		body, closed := stored[day]
		if closed {
			if all, err = decodeTotals(&packed{body: body, texts: texts}, day, wanted, all); err != nil {
				return nil, fmt.Errorf("reading %s: %w", name, err)
			}
			continue
		}
		if day < f.from || day > f.to {
			continue
		}
		live, err := family.count(ctx, f.r, day, day.Begin(f.Zone), (day + 1).Begin(f.Zone))
		if err != nil {
			return nil, err
		}
		for _, t := range sorted(live) {
			if wanted == nil || wanted(t.a) {
				all = append(all, t)
			}
		}
	}
	return all, nil
}
