package reading

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"portico/auth"
	"portico/db"
)

const (
	mostArticles = 10_000
	mostShelves  = 2_000
	staleAfter   = 2 * time.Second // while the database's changes cannot be heard
	pause        = 250 * time.Millisecond
	mostWait     = 2 * time.Second // of a reader, for a database that is stuck
)

// Library holds all that is published in memory and hands each reader what is
// theirs.
type Library struct {
	db    *db.DB
	zone  *time.Location
	names auth.Names
	text  *Markdown
	log   *slog.Logger
	now   func() time.Time
	marks *marks
	name  string // of this process's tags
	wake  chan struct{}

	latest atomic.Pointer[snapshot]
	told   atomic.Uint64 // how many changes were heard of

	reading chan struct{} // holds one while somebody reads from the database
	mu      sync.Mutex    // guards news
	news    news

	shelves shelves
}

// news is what has changed since the last snapshot.
type news struct {
	all      bool
	settings bool
	items    map[string]bool
}

// snapshot is what is published, at one state of the database.
type snapshot struct {
	told       uint64    // the changes it has in it
	read       time.Time // when
	tag        string
	number     uint64
	names      auth.Names
	articles   map[string]*Article
	ordered    []*Article
	bySlug     map[slugKey]*Article
	attached   map[string]*Article // by the ids of what belongs to them
	boundaries []time.Time
	settings   Settings
	categories []db.Category
	owners     map[string]string // names of those who answer for items, by id
}

type slugKey struct {
	kind db.Kind
	slug string
}

// New reads what is published. Run must be running for reads to be written
// and for what changes to be read off the requests' path.
func New(ctx context.Context, d *db.DB, zone *time.Location, names auth.Names, log *slog.Logger, now func() time.Time) (*Library, error) {
	l := &Library{
		db: d, zone: zone, names: names, text: NewMarkdown(), log: log, now: now, marks: newMarks(d, log), name: rand.Text()[:8],
		wake: make(chan struct{}, 1), reading: make(chan struct{}, 1), news: news{all: true}, shelves: shelves{byID: map[string]*Shelf{}},
	}
	l.told.Store(1)
	d.OnChange(l.hear)
	return l, l.refresh(ctx)
}

// hear notes what a change makes out of date.
func (l *Library) hear(c db.Change) {
	l.mu.Lock()
	switch c.Kind {
	case "content":
		if l.news.items == nil {
			l.news.items = map[string]bool{}
		}
		l.news.items[c.Key] = true
	case "settings":
		l.news.settings = true
	case "all":
		l.news.all = true
		l.marks.forgetAll()
	case "user":
		if !l.answers(c.Key) {
			l.mu.Unlock()
			return
		}
	case "reads":
		l.marks.forget(c.Key)
		fallthrough
	default:
		l.mu.Unlock()
		return
	}
	l.told.Add(1)
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// answers says whether a person answers for an item, and so is named with it.
func (l *Library) answers(user string) bool {
	s := l.latest.Load()
	if s == nil {
		return false
	}
	_, is := s.owners[user]
	return is
}

// For is what a reader may see now. What this process has changed counts at
// once. When the database cannot be read, nobody in particular still sees what
// was published for everybody; a person gets the error.
func (l *Library) For(ctx context.Context, r Reader) (*Shelf, error) {
	s := l.latest.Load()
	if s.told != l.told.Load() || !l.db.Trusted() && time.Since(s.read) > staleAfter {
		ctx, cancel := context.WithTimeout(ctx, mostWait)
		defer cancel()
		if err := l.refresh(ctx); err != nil && r.user != nil {
			return nil, err
		}
		s = l.latest.Load()
	}
	return l.shelves.get(r, l.now(), s, l), nil
}

// refresh brings the snapshot up to date; whoever else needs it waits, each as
// long as its context lets it.
func (l *Library) refresh(ctx context.Context) error {
	select {
	case l.reading <- struct{}{}:
		defer func() { <-l.reading }()
	case <-ctx.Done():
		return fmt.Errorf("waiting for what is published: %w", ctx.Err())
	}
	l.mu.Lock()
	told, fresh := l.told.Load(), l.news
	l.news = news{}
	l.mu.Unlock()
	old := l.latest.Load()
	switch {
	case old == nil:
		fresh.all = true
	case old.told == told && (l.db.Trusted() || time.Since(old.read) <= staleAfter):
		return nil // somebody else has just done it
	case !l.db.Trusted():
		fresh.all = true
	}
	next, err := l.read(ctx, old, fresh, time.Now())
	if err != nil {
		l.putBack(fresh)
		return fmt.Errorf("reading what is published: %w", err)
	}
	next.told = told
	l.latest.Store(next)
	return nil
}

func (l *Library) putBack(n news) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.news.all = l.news.all || n.all
	l.news.settings = l.news.settings || n.settings
	if l.news.items == nil {
		l.news.items = n.items
	} else {
		maps.Copy(l.news.items, n.items)
	}
}

// read makes a new snapshot of an old one and what has changed.
func (l *Library) read(ctx context.Context, old *snapshot, n news, at time.Time) (*snapshot, error) {
	if old == nil {
		old = &snapshot{}
	}
	next := &snapshot{read: at, number: old.number + 1, names: l.names, settings: old.settings, categories: old.categories}
	next.tag = l.name + strconv.FormatUint(next.number, 36)
	var err error
	if next.articles, err = l.articles(ctx, old.articles, n); err != nil {
		return nil, err
	}
	if n.all || n.settings {
		if err := l.readSettings(ctx, next); err != nil {
			return nil, err
		}
	}
	if next.owners, err = l.db.Owners(ctx); err != nil {
		return nil, err
	}
	moved, err := l.db.OldSlugs(ctx)
	if err != nil {
		return nil, err
	}
	next.arrange(moved)
	return next, nil
}

func (l *Library) readSettings(ctx context.Context, next *snapshot) error {
	stored, err := l.db.Settings(ctx)
	if err != nil {
		return err
	}
	next.settings = decodeSettings(stored, l.log)
	next.categories, err = l.db.Categories(ctx)
	return err
}

// articles makes ready what is new and keeps what is not.
func (l *Library) articles(ctx context.Context, old map[string]*Article, n news) (map[string]*Article, error) {
	if n.all {
		items, err := l.db.LiveItems(ctx, mostArticles)
		if err != nil {
			return nil, err
		}
		attached, err := l.db.LiveAttachments(ctx)
		if err != nil {
			return nil, err
		}
		all := make(map[string]*Article, len(items))
		for _, i := range items {
			all[i.ID] = l.article(old[i.ID], i, attached[i.ID])
		}
		return all, nil
	}
	if len(n.items) == 0 {
		return old, nil
	}
	all := maps.Clone(old)
	for id := range n.items {
		i, attached, err := l.item(ctx, id)
		switch {
		case errors.Is(err, db.ErrNotFound), err == nil && !live(&i):
			delete(all, id)
		case err != nil:
			return nil, err
		default:
			all[id] = l.article(old[id], i, attached)
		}
	}
	return all, nil
}

// item reads an item with what belongs to it.
func (l *Library) item(ctx context.Context, id string) (i db.Item, attached Attached, err error) {
	if i, err = l.db.Item(ctx, id); err == nil && live(&i) {
		attached, err = l.db.AttachmentsOf(ctx, id)
	}
	return i, attached, err
}

// live says whether time alone decides about an item.
func live(i *db.Item) bool { return !i.Draft && i.Withdrawn.IsZero() && i.Archived.IsZero() }

func (l *Library) article(have *Article, i db.Item, attached Attached) *Article {
	if have != nil && have.Version == i.Version && have.Attached.same(attached) {
		return have.renewed(i)
	}
	a, err := newArticle(i, attached, l.text)
	if err != nil {
		l.log.Error("an item is shown to nobody, for nobody can tell for whom it is; save its audience again", "item", i.ID, "error", err)
	}
	return a
}

// arrange sorts the articles and files them by address.
func (s *snapshot) arrange(moved map[db.Kind]map[string]string) {
	s.ordered = slices.SortedFunc(maps.Values(s.articles), order)
	s.bySlug = make(map[slugKey]*Article, len(s.articles))
	for kind, slugs := range moved {
		for slug, id := range slugs {
			if a := s.articles[id]; a != nil {
				s.bySlug[slugKey{kind, slug}] = a
			}
		}
	}
	s.attached = map[string]*Article{}
	for _, a := range s.ordered {
		s.bySlug[slugKey{a.Kind, a.Slug}] = a
		for n := range a.Attached {
			s.attached[a.Attached[n].ID] = a
		}
		s.boundaries = append(s.boundaries, a.boundaries()...)
	}
	slices.SortFunc(s.boundaries, time.Time.Compare)
	s.boundaries = slices.CompactFunc(s.boundaries, time.Time.Equal)
}

// Render draws the body of an item to which that belongs as readers would see
// it, for previews.
func (l *Library) Render(body string, attached Attached) string { return l.text.HTML(body, attached) }

// Run reads what changes and writes what people have read, until ctx ends;
// what is still to be written then, is.
func (l *Library) Run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { l.marks.run(ctx) })
	wg.Go(func() { l.follow(ctx) })
	wg.Wait()
}

func (l *Library) follow(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		}
		if err := l.refresh(ctx); err != nil && ctx.Err() == nil {
			l.log.Error("what was published last cannot be read; it is tried again with the next page", "error", err)
		}
		select { // what comes in a row is read together, unless a page needs it sooner
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// shelves keeps readers' shelves, bounded.
type shelves struct {
	mu   sync.RWMutex
	byID map[string]*Shelf
}

func (k *shelves) get(r Reader, now time.Time, s *snapshot, l *Library) *Shelf {
	if !r.known {
		return newShelf(r, now, s, l)
	}
	k.mu.RLock()
	shelf := k.byID[r.id()]
	k.mu.RUnlock()
	if shelf != nil && shelf.holds(r, now, s) {
		return shelf
	}
	shelf = newShelf(r, now, s, l)
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, there := k.byID[r.id()]; !there && len(k.byID) >= mostShelves {
		for id := range k.byID { // any one: the order of a map is random
			delete(k.byID, id)
			break
		}
	}
	k.byID[r.id()] = shelf
	return shelf
}
