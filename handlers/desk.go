package handlers

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"portico/auth"
	"portico/auth/reading"
	"portico/db"
	"portico/views"
)

// mostOnDesk is how many items of each sort the dashboard names; all are one
// step away.
const mostOnDesk = 5

// desk is what somebody who publishes has to finish: what they are asked to
// review, what will appear by itself, and their drafts. It is made of a shelf's
// state of the database and stands while that does: each saved change makes
// another shelf, and so does each moment at which one of these turns into
// another.
type desk struct {
	shelf *reading.Shelf
	items []views.DeskItem
	more  bool
}

// desks keeps the desks of those who publish.
type desks struct {
	mu     sync.Mutex
	byUser map[string]*desk
}

// of is the desk of a person; made new where the one from before is out of date.
func (d *desks) of(ctx context.Context, s *Server, u *db.User, shelf *reading.Shelf) (*desk, error) {
	d.mu.Lock()
	last := d.byUser[u.ID]
	d.mu.Unlock()
	if last != nil && last.shelf == shelf {
		return last, nil
	}
	fresh, err := s.newDesk(ctx, u, shelf)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.byUser == nil || len(d.byUser) >= mostBoards {
		d.byUser = map[string]*desk{}
	}
	d.byUser[u.ID] = fresh
	return fresh, nil
}

func (s *Server) newDesk(ctx context.Context, u *db.User, shelf *reading.Shelf) (*desk, error) {
	now := s.Now()
	fresh := &desk{shelf: shelf}
	for _, part := range []struct {
		state string
		ask   db.ItemFilter
		at    func(*db.Item) time.Time
	}{
		{views.DeskReview, db.ItemFilter{}, func(i *db.Item) time.Time { return i.Review }},
		{db.StateScheduled, db.ItemFilter{State: db.StateScheduled}, func(i *db.Item) time.Time { return i.Publish }},
		{db.StateDraft, db.ItemFilter{State: db.StateDraft}, func(i *db.Item) time.Time { return i.Saved }},
	} {
		part.ask.Owner, part.ask.Now, part.ask.Limit = u.ID, now, mostOnDesk+1
		items, err := s.onDesk(ctx, u, part.state, part.ask)
		if err != nil {
			return nil, err
		}
		fresh.more = fresh.more || len(items) > mostOnDesk
		items = items[:min(len(items), mostOnDesk)]
		if part.state != db.StateDraft { // which come first is what counts; of drafts, the latest
			slices.SortFunc(items, func(a, b db.Item) int { return cmp.Or(part.at(&a).Compare(part.at(&b)), cmp.Compare(a.ID, b.ID)) })
		}
		for _, i := range items {
			fresh.items = append(fresh.items, views.DeskItem{Title: i.Title, Href: writingOfKind(i.Kind).address(i.ID), State: part.state, At: part.at(&i)})
		}
	}
	return fresh, nil
}

// onDesk are the items of one sort that wait for a person.
func (s *Server) onDesk(ctx context.Context, u *db.User, state string, ask db.ItemFilter) ([]db.Item, error) {
	if state != views.DeskReview {
		return s.DB.Items(ctx, ask)
	}
	d, err := s.due(ctx, u)
	return d.asked(), err
}

// fillDesk shows those who publish what is theirs to finish.
func (s *Server) fillDesk(v *visit, shelf *reading.Shelf, m *views.DashboardModel) error {
	if !s.may(v, auth.Publish) {
		return nil
	}
	d, err := s.desks.of(v.r.Context(), s, v.live.User, shelf)
	if err != nil {
		return err
	}
	m.Desk, m.MoreOnDesk, m.DeskHref = d.items, d.more, publishPath
	return nil
}
