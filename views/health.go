package views

import (
	"cmp"
	"slices"
)

// HealthModel is how the portal is, part by part.
type HealthModel struct{ Checks []HealthCheck }

// HealthCheck is one part of the portal: how it is, what was seen, and what to
// do about it.
type HealthCheck struct {
	Part  string
	Level HealthLevel
	Seen  []string // sentences
	File  string   // the file that it is about
	Do    string   // a sentence, when there is something to do
	Href  string   // where to do it, when that is a page
}

// HealthLevel is how good or bad a part is.
type HealthLevel int

// The levels, from good to bad.
const (
	HealthGood HealthLevel = iota
	HealthLook
	HealthBad
)

func (l HealthLevel) word() string  { return [...]string{"Good", "Look at this", "Not well"}[l] }
func (l HealthLevel) shade() string { return [...]string{"good", "warn", "bad"}[l] }

// verdict is the page's first sentence.
func (m HealthModel) verdict() string {
	look, bad := 0, 0
	for _, c := range m.Checks {
		switch c.Level {
		case HealthLook:
			look++
		case HealthBad:
			bad++
		}
	}
	switch {
	case bad > 0:
		return "Something is not well. What to do stands beside it."
	case look > 0:
		return "The portal works. Some of it needs a look before it becomes trouble."
	}
	return "All is well. There is nothing to do."
}

// worstFirst are the checks, with what needs somebody before the rest.
func (m HealthModel) worstFirst() []HealthCheck {
	return slices.SortedStableFunc(slices.Values(m.Checks), func(a, b HealthCheck) int { return cmp.Compare(b.Level, a.Level) })
}
