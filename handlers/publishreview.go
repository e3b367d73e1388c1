package handlers

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"portico/auth"
	"portico/db"
	"portico/views"
)

const (
	reviewsPath    = publishPath + "/reviews"
	mostReviews    = 500
	publishersKept = 10 * time.Second
)

// publishers are those who may publish, by name. They are looked up again when
// somebody has changed, or after ten seconds.
type publishers struct {
	mu   sync.Mutex
	news int // how many changes were heard of
	kept publisherList
}

// publisherList is who published at a moment, after so many changes.
type publisherList struct {
	at   time.Time
	news int
	all  []db.User
}

// hear notes that somebody has changed.
func (p *publishers) hear(c db.Change) {
	if c.Kind == "user" || c.Kind == "all" {
		p.mu.Lock()
		p.news++
		p.mu.Unlock()
	}
}

func (p *publishers) list(ctx context.Context, s *Server) ([]db.User, error) {
	now := s.Now()
	p.mu.Lock()
	kept, news := p.kept, p.news
	p.mu.Unlock()
	if since := now.Sub(kept.at); kept.news == news && since >= 0 && since < publishersKept {
		return kept.all, nil
	}
	permissions := []string{string(auth.Publish), string(auth.Manage)}
	all, err := s.DB.PeopleWith(ctx, permissions, s.Policy.Roles(auth.Publish, auth.Manage))
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(u db.User) bool { return !s.answersFor(&u) })
	p.mu.Lock()
	p.kept = publisherList{now, news, all}
	p.mu.Unlock()
	return all, nil
}

// answersFor says whether somebody can answer for items: who publishes, also
// while their role waits to be confirmed.
func (s *Server) answersFor(u *db.User) bool {
	return u.Deleted.IsZero() && !u.Blocked && s.Policy.MayOnceConfirmed(u, auth.Publish, s.Now())
}

// publishersWith are those who publish. Whoever is asked about is looked up: the
// list may be older than their first sign-in.
func (s *Server) publishersWith(ctx context.Context, id string) ([]db.User, error) {
	all, err := s.publishers.list(ctx, s)
	if err != nil || slices.ContainsFunc(all, func(u db.User) bool { return u.ID == id }) {
		return all, err
	}
	u, err := s.DB.User(ctx, id)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return all, nil
	case err != nil:
		return nil, err
	case s.answersFor(&u):
		all = append(slices.Clone(all), u)
	}
	return all, nil
}

// owners are who can be chosen to answer for an item; whoever does so now is
// among them, though they may have left.
func (s *Server) owners(ctx context.Context, owner string) ([]views.Option, error) {
	all, err := s.publishersWith(ctx, owner)
	if err != nil {
		return nil, err
	}
	var options []views.Option
	found := false
	for _, u := range all {
		found = found || u.ID == owner
		options = append(options, views.Option{Value: u.ID, Label: cmp.Or(u.Name(), u.Email(), "Somebody without a name"), On: u.ID == owner})
	}
	if !found {
		name := s.nameOf(ctx, owner, map[string]string{})
		options = append([]views.Option{{Value: owner, Label: cmp.Or(name, "Nobody who is known here") + " (no longer publishes)", On: true}}, options...)
	}
	return options, nil
}

// due is what is to be reviewed now, as somebody is asked.
type due struct {
	mine     []db.Item // they answer for it
	orphaned []db.Item // nobody who publishes does: those who manage are asked
	others   []db.Item // somebody else is asked; those who manage see it too
}

func (s *Server) due(ctx context.Context, u *db.User) (d due, err error) {
	now := s.Now()
	all, err := s.DB.DueItems(ctx, now, now, mostReviews)
	if err != nil || len(all) == 0 {
		return d, err
	}
	who, err := s.publishers.list(ctx, s)
	if err != nil {
		return d, err
	}
	manages := s.Policy.May(u, auth.Manage, now)
	for _, i := range all {
		switch {
		case i.Owner == u.ID:
			d.mine = append(d.mine, i)
		case !manages:
		case slices.ContainsFunc(who, func(u db.User) bool { return u.ID == i.Owner }):
			d.others = append(d.others, i)
		default:
			d.orphaned = append(d.orphaned, i)
		}
	}
	return d, nil
}

// asked are the items that a person is asked about.
func (d *due) asked() []db.Item {
	all := slices.Concat(d.mine, d.orphaned)
	slices.SortStableFunc(all, func(a, b db.Item) int { return a.Review.Compare(b.Review) })
	return all
}

// reviewRow is an item to be looked at again.
func (s *Server) reviewRow(ctx context.Context, i db.Item, me string, names map[string]string) views.ReviewRow {
	k := writingOfKind(i.Kind)
	r := views.ReviewRow{
		Href: k.address(i.ID), Title: i.Title, Kind: k.one, Due: i.Review, TurnTo: k.address(i.ID) + "/turn",
		Late: !s.Now().Before(i.Review.Add(reviewLate)),
	}
	if i.Owner != me {
		r.Owner = s.nameOf(ctx, i.Owner, names)
	}
	return r
}

func (s *Server) reviewRows(ctx context.Context, all []db.Item, me string) (rows []views.ReviewRow) {
	names := map[string]string{}
	for _, i := range all {
		rows = append(rows, s.reviewRow(ctx, i, me, names))
	}
	return rows
}

// reviews is all that is to be reviewed.
func (s *Server) reviews(w http.ResponseWriter, v *visit) error {
	ctx, me := v.r.Context(), v.live.User
	d, err := s.due(ctx, me)
	if err != nil {
		return err
	}
	m := views.ReviewsModel{
		Mine: s.reviewRows(ctx, d.mine, me.ID), Orphaned: s.reviewRows(ctx, d.orphaned, me.ID), Others: s.reviewRows(ctx, d.others, me.ID),
		Manages: s.Policy.May(me, auth.Manage, s.Now()),
	}
	s.render(w, v, http.StatusOK, views.Reviews(s.page(v, "To review"), m))
	return nil
}

// owner reads who is chosen to answer for an item. Who has left can only stay.
func (r *reader) owner(ctx context.Context, c *db.Content) error {
	chosen := strings.TrimSpace(r.f.Owner)
	if chosen == "" || chosen == c.Owner {
		return nil
	}
	all, err := r.s.publishersWith(ctx, chosen)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(u db.User) bool { return u.ID == chosen }) {
		r.wrong("owner", "Who answers for it: this person does not publish any more. Choose another.")
		return nil
	}
	c.Owner = chosen
	return nil
}
