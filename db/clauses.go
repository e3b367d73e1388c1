package db

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// clauses gathers conditions with their arguments.
type clauses struct {
	all  []string
	args []any
}

// add takes a condition whose ? stands for the same value wherever it is.
func (c *clauses) add(condition string, value any) {
	c.all = append(c.all, strings.ReplaceAll(condition, "?", c.arg(value)))
}

// arg is how a condition names a value.
func (c *clauses) arg(value any) string {
	c.args = append(c.args, value)
	return "$" + strconv.Itoa(len(c.args))
}

// between takes rows from one moment to before another; a zero one is no bound.
func (c *clauses) between(column string, from, to time.Time) {
	if !from.IsZero() {
		c.add(column+` >= ?`, micros(from))
	}
	if !to.IsZero() {
		c.add(column+` < ?`, micros(to))
	}
}

// upTo is the end of a list whose rows go on from a mark backwards. SQLite
// enters an index at one bound alone, the first that it meets: were that the
// end of the period, each page would read all pages before it again. A mark at
// the end of all time has nothing after it.
func upTo(end, mark time.Time) time.Time {
	if mark.UnixMicro() == math.MaxInt64 {
		return end
	}
	if after := mark.Add(time.Microsecond); !mark.IsZero() && (end.IsZero() || after.Before(end)) {
		return after
	}
	return end
}

// notBefore is the start of a list whose rows go on from a mark forwards, for
// the same reason.
func notBefore(start, mark time.Time) time.Time {
	if mark.After(start) {
		return mark
	}
	return start
}

// placed takes rows that stand before (<) or after (>) a place in the order of
// some columns.
func (c *clauses) placed(columns, compare string, place ...any) {
	values := make([]string, len(place))
	for i, value := range place {
		values[i] = c.arg(value)
	}
	c.all = append(c.all, `(`+columns+`) `+compare+` (`+strings.Join(values, ", ")+`)`)
}

func (c *clauses) where() string {
	if len(c.all) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.all, " AND ")
}

// page is a query of its own for the first rows in an order. What they name in
// other tables is joined to it, and not to the table: a plan that PostgreSQL
// keeps for any limit would join all rows and sort them for each page.
func (c *clauses) page(columns, table, order string, limit int) string {
	return `(SELECT ` + columns + ` FROM ` + table + c.where() + ` ORDER BY ` + order + ` LIMIT ` + c.arg(limit) + `)`
}
