package handlers

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"portico/auth/reading"
	"portico/db"
	"portico/views"
)

// mostFound is how many items a search of a list looks at, the latest saved.
const mostFound = 5_000

// listView is what of a list somebody looks at.
type listView struct {
	path, find, state string
}

// at is the address of a view, from a place on when there is one.
func (l listView) at(after db.Place) string {
	q := url.Values{}
	if l.find != "" {
		q.Set("q", l.find)
	}
	if l.state != "" {
		q.Set("show", l.state)
	}
	if after.ID != "" {
		q.Set("after", strconv.FormatInt(after.Saved.UnixMicro(), 10)+"-"+after.ID)
	}
	if len(q) == 0 {
		return l.path
	}
	return l.path + "?" + q.Encode()
}

func (l listView) tabs(counts map[string]int) []views.Tab {
	all := 0
	for _, n := range counts {
		all += n
	}
	to := func(state string) string { return listView{l.path, l.find, state}.at(db.Place{}) }
	tabs := []views.Tab{{Label: "All", Href: to(""), Count: thousands(all), Current: l.state == ""}}
	for _, state := range views.StageOrder() {
		if n := counts[state]; n > 0 || state == l.state {
			tabs = append(tabs, views.Tab{Label: views.StageWord(state), Href: to(state), Count: thousands(n), Current: state == l.state})
		}
	}
	return tabs
}

// drawList draws one page of a list, by where its items are in their lives
// and by what is looked for.
func (s *Server) drawList(w http.ResponseWriter, v *visit, m *views.PublishModel, f db.ItemFilter, path string) error {
	ctx, q := v.r.Context(), v.r.URL.Query()
	l := listView{path, strings.TrimSpace(q.Get("q")), q.Get("show")}
	f.Now, f.State, f.After, f.Limit = s.Now(), l.state, itemPlace(q.Get("after")), publishRows+1
	page := s.pageOf
	if l.find != "" {
		page = func(ctx context.Context, f db.ItemFilter) ([]db.Item, map[string]int, error) {
			return s.foundIn(ctx, l.find, f)
		}
	}
	items, counts, err := page(ctx, f)
	if err != nil {
		return err
	}
	m.Tabs, m.Any, m.Find, m.FindTo, m.Show = l.tabs(counts), len(counts) > 0 || l.find != "", l.find, path, l.state
	if !f.After.Saved.IsZero() {
		m.Newer = l.at(db.Place{})
	}
	if len(items) > publishRows {
		items = items[:publishRows]
		last := items[publishRows-1]
		m.Older = l.at(db.Place{Saved: last.Saved, ID: last.ID})
	}
	names := map[string]string{}
	for _, i := range items {
		m.Rows = append(m.Rows, s.itemRow(ctx, i, names))
	}
	s.render(w, v, http.StatusOK, views.Publish(s.page(v, m.Heading), *m))
	return nil
}

// pageOf is a page of all items that a filter asks for, and how many there
// are in each state.
func (s *Server) pageOf(ctx context.Context, f db.ItemFilter) ([]db.Item, map[string]int, error) {
	counts, err := s.DB.ItemCounts(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	items, err := s.DB.Items(ctx, f)
	return items, counts, err
}

// foundIn is pageOf for those items alone that hold all words looked for.
func (s *Server) foundIn(ctx context.Context, find string, f db.ItemFilter) ([]db.Item, map[string]int, error) {
	all, err := s.DB.Items(ctx, db.ItemFilter{Kind: f.Kind, Owner: f.Owner, Now: f.Now, Limit: mostFound})
	if err != nil {
		return nil, nil, err
	}
	counts := map[string]int{}
	all = slices.DeleteFunc(all, func(i db.Item) bool {
		if !reading.Finds(find, searched(&i)...) {
			return true
		}
		state := i.State(f.Now)
		counts[state]++
		return f.State != "" && state != f.State || !f.After.Saved.IsZero() && !comesAfter(&i, f.After)
	})
	return all[:min(len(all), f.Limit)], counts, nil
}

// comesAfter says whether an item comes after a place, the latest saved first.
func comesAfter(i *db.Item, p db.Place) bool {
	return i.Saved.Before(p.Saved) || i.Saved.Equal(p.Saved) && i.ID < p.ID
}

// searched is what of an item is looked through.
func searched(i *db.Item) []string {
	texts := []string{i.Title, i.Body}
	switch {
	case i.Event != nil:
		texts = append(texts, i.Event.Place, i.Event.Kind)
	case i.Entry != nil:
		texts = append(texts, i.Entry.Role, i.Entry.Room, i.Entry.Email)
	}
	return append(texts, i.Link)
}
