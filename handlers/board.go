package handlers

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"portico/auth/reading"
	"portico/views"
)

const (
	nextSlots  = 5  // what comes after today
	mostTold   = 20 // announcements on one dashboard
	mostBoards = 2_000
)

// board is what a person's dashboard shows of what is published. It is made
// of a shelf, of what was read and of the minute, and stands while these are
// the very same.
type board struct {
	shelf  *reading.Shelf
	minute time.Time
	forYou []reading.ForYou

	changed, today, next []views.Slot
	told                 []views.Told
	moreUnread           int
	links                []views.MenuItem
}

// boards keeps people's boards, so that a phone that looks again costs
// nothing but finding out that nothing is new.
type boards struct {
	mu     sync.Mutex
	byUser map[string]*board
}

func (b *boards) of(user string) *board {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.byUser[user]
}

func (b *boards) keep(user string, fresh *board) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.byUser == nil || len(b.byUser) >= mostBoards {
		b.byUser = map[string]*board{}
	}
	b.byUser[user] = fresh
}

// boardOf is the board of who asks.
func (s *Server) boardOf(v *visit) (*board, error) {
	shelf, err := s.shelf(v)
	if err != nil {
		return nil, err
	}
	forYou, err := shelf.ForYou(v.r.Context())
	if err != nil {
		return nil, problem(http.StatusServiceUnavailable, err)
	}
	minute := s.Now().Truncate(time.Minute)
	user := v.live.User.ID
	if b := s.boards.of(user); b != nil && b.shelf == shelf && b.minute.Equal(minute) && slices.Equal(b.forYou, forYou) {
		return b, nil
	}
	b := s.newBoard(shelf, minute, forYou)
	s.boards.keep(user, b)
	return b, nil
}

func (s *Server) newBoard(shelf *reading.Shelf, now time.Time, forYou []reading.ForYou) *board {
	b := &board{shelf: shelf, minute: now, forYou: forYou}
	b.day(s, shelf.Today(now, nextSlots+mostTold), now)
	for i, a := range forYou {
		if i >= mostTold {
			if !a.Read {
				b.moreUnread++
			}
			continue
		}
		b.told = append(b.told, views.Told{
			ID: a.ID, Title: a.Title, Href: pathOf(a.Kind, a.Slug), Why: a.Why, Category: shelf.Category(a.Category), At: a.Publish, Read: a.Read,
		})
	}
	for _, l := range shelf.Links() {
		b.links = append(b.links, views.MenuItem{Label: l.Title, Href: l.Link})
	}
	return b
}

// day sorts a day into what changed, what is today and what is next; what is
// news stands on top and nowhere else.
func (b *board) day(s *Server, d reading.Day, now time.Time) {
	type name struct{ id, day string }
	onTop := map[name]bool{}
	for _, o := range d.News {
		onTop[name{o.ID, o.Day}] = true
		b.changed = append(b.changed, s.slot(o, now))
	}
	for _, o := range d.Today {
		if !onTop[name{o.ID, o.Day}] {
			b.today = append(b.today, s.slot(o, now))
		}
	}
	for _, o := range d.Next {
		if !onTop[name{o.ID, o.Day}] && len(b.next) < nextSlots {
			b.next = append(b.next, s.slot(o, now))
		}
	}
}

func (s *Server) slot(o reading.Occurrence, now time.Time) views.Slot {
	return views.Slot{
		Title: o.Title, Href: pathOf(o.Kind, o.Slug), Kind: o.Event.Kind, Place: o.Place, Start: o.Start, End: o.End, AllDay: o.AllDay,
		Now: !o.Cancelled && !o.AllDay && !now.Before(o.Start) && now.Before(o.End), Cancelled: o.Cancelled, OldStart: o.OldStart, OldEnd: o.OldEnd, OldPlace: o.OldPlace,
	}
}
