package crash

import (
	"maps"
	"slices"
	"time"
)

// truth is what must be known of a person once everything was heard.
type truth struct {
	living      bool
	facts       map[string]string
	endedBefore time.Time
	roles       map[int64]string // every role told of the living person, by its microsecond
	changes     []*delivery      // those of them that tell of nothing else
}

// truths is the model: in each field the latest event after the last deletion
// wins, in whatever order they came.
func (a *author) truths() map[string]*truth {
	of := map[string][]*delivery{}
	for _, d := range a.all {
		if !d.forged && d.event != "moon.rose" {
			of[d.sub] = append(of[d.sub], d)
		}
	}
	all := map[string]*truth{}
	for sub, list := range of {
		slices.SortFunc(list, func(x, y *delivery) int { return x.at.Compare(y.at) })
		w := newTruth()
		for _, d := range list {
			w = w.after(d)
		}
		all[sub] = w
	}
	return all
}

func newTruth() *truth { return &truth{facts: map[string]string{}, roles: map[int64]string{}} }

// after is the truth once one more thing has happened.
func (w *truth) after(d *delivery) *truth {
	if d.deletes {
		return newTruth()
	}
	w.living = true
	maps.Copy(w.facts, d.facts)
	if role, ok := d.facts["role"]; ok {
		w.roles[d.at.UnixMicro()] = role
	}
	if d.event == "user.role_changed" {
		w.changes = append(w.changes, d)
	}
	if d.ends || d.event == "user.disconnected" {
		w.endedBefore = d.at
	}
	return w
}

// ended says whether a session that began at a moment was ended by an event.
func (a *author) ended(sub string, began time.Time) bool {
	return slices.ContainsFunc(a.all, func(d *delivery) bool {
		return d.sub == sub && (d.ends || d.deletes) && !began.After(d.at)
	})
}
