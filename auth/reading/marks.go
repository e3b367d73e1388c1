package reading

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"portico/db"
)

const (
	flushEvery = 2 * time.Second
	mostPeople = 4_000
	mostQueued = 100_000 // reads that wait while the database is away
	lastFlush  = 2 * time.Second
)

// have is what one person has read, by item: true when they opened it, false
// when they only marked it. It never changes.
type have map[string]bool

// marks knows what people have read. Opening a page costs no write on its
// path: reads wait in a queue and are written together. What waits counts as
// read already.
type marks struct {
	db  *db.DB
	log *slog.Logger

	mu         sync.Mutex
	known      map[string]have
	generation uint64 // rises with each thing to forget
	queue      map[readKey]db.Read
	writing    map[readKey]db.Read // taken from the queue, not yet in the database
}

type readKey struct{ user, item string }

func newMarks(d *db.DB, log *slog.Logger) *marks {
	return &marks{db: d, log: log, known: map[string]have{}, queue: map[readKey]db.Read{}}
}

func (m *marks) forget(user string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.generation++
	delete(m.known, user)
}

func (m *marks) forgetAll() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.generation++
	clear(m.known)
}

// of is what a person has read.
func (m *marks) of(ctx context.Context, user string) (have, error) {
	m.mu.Lock()
	h, ok := m.known[user]
	generation := m.generation
	m.mu.Unlock()
	if ok && m.db.Trusted() {
		return h, nil
	}
	stored, err := m.db.ReadsOf(ctx, user)
	if err != nil {
		return nil, err
	}
	h = make(have, len(stored))
	for _, r := range stored {
		h[r.ItemID] = !r.Opened.IsZero()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, waiting := range []map[readKey]db.Read{m.queue, m.writing} {
		for key := range waiting {
			if key.user == user {
				h[key.item] = true
			}
		}
	}
	if generation == m.generation {
		m.keep(user, h)
	}
	return h, nil
}

// keep remembers what a person has read, in place of another when there are
// too many.
func (m *marks) keep(user string, h have) {
	if _, there := m.known[user]; !there && len(m.known) >= mostPeople {
		for other := range m.known { // any one: the order of a map is random
			delete(m.known, other)
			break
		}
	}
	m.known[user] = h
}

// opened queues that a person has opened an item.
func (m *marks) opened(user, item string, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h, known := m.known[user]
	if h[item] || len(m.queue) >= mostQueued {
		return // nothing new: the first time counts
	}
	key := readKey{user, item}
	if _, waits := m.queue[key]; !waits {
		m.queue[key] = db.Read{UserID: user, ItemID: item, Opened: at}
	}
	if known {
		h = maps.Clone(h)
		h[item] = true
		m.known[user] = h
	}
}

func (m *marks) run(ctx context.Context) {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastFlush)
			defer cancel()
			m.flush(last)
			return
		case <-tick.C:
			m.flush(ctx)
		}
	}
}

// flush writes what waits. What cannot be written waits on.
func (m *marks) flush(ctx context.Context) {
	m.mu.Lock()
	taken := m.queue
	m.queue, m.writing = map[readKey]db.Read{}, taken
	m.mu.Unlock()
	var err error
	if len(taken) > 0 {
		err = m.db.SaveReads(ctx, slices.Collect(maps.Values(taken)))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writing = nil
	if err == nil {
		return
	}
	m.log.Error("what people have read cannot be written; it is tried again in two seconds", "reads", len(taken), "error", err)
	for key, r := range taken {
		if len(m.queue) < mostQueued {
			m.queue[key] = r
		}
	}
}

// Opened notes that the shelf's reader has loaded an article's own page. It
// is written within five seconds. Of nobody nothing is noted.
func (s *Shelf) Opened(a Shown, now time.Time) {
	if user := s.reader.id(); user != "" {
		s.marks.opened(user, a.ID, now)
	}
}

// MarkRead marks those of the named items that are on the reader's shelf, and
// says how many those are. It is stored when it returns.
func (s *Shelf) MarkRead(ctx context.Context, now time.Time, ids ...string) (int, error) {
	user := s.reader.id()
	if user == "" {
		return 0, nil
	}
	var reads []db.Read
	for _, a := range s.announcements {
		if slices.Contains(ids, a.ID) {
			reads = append(reads, db.Read{UserID: user, ItemID: a.ID, Marked: now})
		}
	}
	return len(reads), s.saveReads(ctx, reads)
}

// MarkAllRead marks all announcements on the reader's shelf that were unread.
func (s *Shelf) MarkAllRead(ctx context.Context, now time.Time) (int, error) {
	all, err := s.ForYou(ctx)
	if err != nil {
		return 0, err
	}
	var reads []db.Read
	for _, a := range all {
		if !a.Read {
			reads = append(reads, db.Read{UserID: s.reader.id(), ItemID: a.ID, Marked: now})
		}
	}
	return len(reads), s.saveReads(ctx, reads)
}

func (s *Shelf) saveReads(ctx context.Context, reads []db.Read) error {
	if len(reads) == 0 {
		return nil
	}
	if err := s.marks.db.SaveReads(ctx, reads); err != nil {
		return fmt.Errorf("marking as read: %w", err)
	}
	return nil
}

// ForYou is an announcement for a person, and whether they have read it.
type ForYou struct {
	Shown
	Read bool
}

// ForYou are the announcements for the shelf's reader, unread first, each in
// the order of Announcements. For nobody there are none.
func (s *Shelf) ForYou(ctx context.Context) ([]ForYou, error) {
	if s.reader.user == nil {
		return nil, nil
	}
	h, err := s.marks.of(ctx, s.reader.id())
	if err != nil {
		return nil, err
	}
	all := make([]ForYou, 0, len(s.announcements))
	for _, read := range []bool{false, true} {
		for _, a := range s.announcements {
			if _, have := h[a.ID]; have == read {
				all = append(all, ForYou{a, read})
			}
		}
	}
	return all, nil
}
