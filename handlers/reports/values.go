package reports

import (
	"context"
	"time"

	"portico/db"
	"portico/handlers/sheet"
	"portico/views"
)

func text(s string) sheet.Value       { return sheet.Value{Text: s} }
func link(s, to string) sheet.Value   { return sheet.Value{Text: s, Href: to} }
func count(n int) sheet.Value         { return sheet.Value{N: n} }
func when(t time.Time) sheet.Value    { return sheet.Value{At: t} }
func option(v, l string) views.Option { return views.Option{Value: v, Label: l} }

// share is a cell that is made of two others.
var share sheet.Value

// tally adds up rows under keys, in the order in which keys are met.
type tally[T any] struct {
	keys []string
	of   map[string]*T
}

func (t *tally[T]) at(key string) *T {
	if t.of == nil {
		t.of = map[string]*T{}
	}
	if t.of[key] == nil {
		t.keys, t.of[key] = append(t.keys, key), new(T)
	}
	return t.of[key]
}

// dayOrMore is the step that shows the period at a glance, a day at least.
func (a *ask) dayOrMore() sheet.Step {
	if step := a.period.Step(); step != sheet.ByHour {
		return step
	}
	return sheet.ByDay
}

// steps has a sum for each step of the period, in the order of time.
type steps[T any] struct {
	starts []time.Time
	first  db.Day
	of     []int // the step of each day
	sums   []T
	some   bool // something was added
}

func stepsOf[T any](a *ask) *steps[T] {
	starts := a.period.Bins(a.cut.step)
	s := &steps[T]{starts: starts[:len(starts)-1], first: a.span().First}
	s.sums = make([]T, len(s.starts))
	at := 0
	for day := range a.period.Days() {
		begins := (s.first + db.Day(day)).Begin(a.now.Location())
		for at+1 < len(s.starts) && !begins.Before(s.starts[at+1]) {
			at++
		}
		s.of = append(s.of, at)
	}
	return s
}

// at is the sum of the step that a day is in. What is of no day of the period
// adds to nothing.
func (s *steps[T]) at(day db.Day) *T {
	i := int(day - s.first)
	if i < 0 || i >= len(s.of) {
		return new(T)
	}
	s.some = true
	return &s.sums[s.of[i]]
}

// rows has one for each step, or none when nothing was added.
func (s *steps[T]) rows(values func(*T) []sheet.Value) (rows []sheet.Row) {
	for i := range s.sums {
		if s.some {
			rows = append(rows, sheet.Row{Key: stepKey(s.starts[i]), Values: append([]sheet.Value{when(s.starts[i])}, values(&s.sums[i])...)})
		}
	}
	return rows
}

// stepKey is the key of a row that begins at a moment.
func stepKey(t time.Time) string { return t.Format("20060102T15") }

// overTime is the column of a step.
func overTime(step sheet.Step) sheet.Column {
	c := sheet.Column{Name: "at", Label: "Day", Kind: sheet.Day}
	switch step {
	case sheet.ByHour:
		c.Label, c.Kind = "Hour", sheet.Hour
	case sheet.ByWeek:
		c.Label = "Week from"
	case sheet.ByMonth:
		c.Label = "Month from"
	}
	return c
}

// stepCut is the cut by time of a report that counts days.
func (a *ask) stepCut(what string, counts []sheet.Column, empty views.Empty, read func(context.Context, *Desk, *ask) (counted, error)) cut {
	step := a.dayOrMore()
	return cut{
		name: "time", label: "By " + stepWords[step], title: what + " by " + stepWords[step], step: step, sparse: true,
		columns: append([]sheet.Column{overTime(step)}, counts...), order: "-at", empty: empty, read: read,
	}
}

var stepWords = map[sheet.Step]string{sheet.ByHour: "hour", sheet.ByDay: "day", sheet.ByWeek: "week", sheet.ByMonth: "month"}
