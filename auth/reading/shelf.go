package reading

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"portico/auth"
	"portico/db"
)

// Shown is an article on a reader's shelf, and why it is there: "300 level,
// Computer Science". Why is empty for what everybody sees.
type Shown struct {
	*Article
	Why string
}

// Shelf is all that one reader may see at one moment. It never changes.
type Shelf struct {
	reader Reader
	at     time.Time
	until  time.Time // when something appears or ends; zero: nothing is to come
	turn   int       // how many such moments have passed
	zone   *time.Location
	from   *snapshot
	marks  *marks

	announcements []Shown // the newest first
	events        []Shown // by title
	people        []Shown // in the order staff gave
	pages         []Shown
	links         []Shown
	ended         []Shown // expired, the latest first
}

// newShelf passes every article through the gate, once.
func newShelf(r Reader, now time.Time, s *snapshot, l *Library) *Shelf {
	shelf := &Shelf{reader: r, at: now, zone: l.zone, from: s, marks: l.marks}
	shelf.turn = passed(s.boundaries, now)
	if shelf.turn < len(s.boundaries) {
		shelf.until = s.boundaries[shelf.turn]
	}
	for _, a := range s.ordered {
		why, ok := r.may(a, l.names)
		if !ok {
			continue
		}
		switch a.State(now) {
		case db.StatePublished:
			list := shelf.of(a.Kind)
			*list = append(*list, Shown{a, why})
		case db.StateExpired:
			shelf.ended = append(shelf.ended, Shown{a, why})
		}
	}
	return shelf
}

func (s *Shelf) of(kind db.Kind) *[]Shown {
	switch kind {
	case db.EventItem:
		return &s.events
	case db.PersonEntry:
		return &s.people
	case db.FreePage:
		return &s.pages
	case db.QuickLink:
		return &s.links
	}
	return &s.announcements
}

// passed counts the moments that are not after now.
func passed(sorted []time.Time, now time.Time) int {
	at, found := slices.BinarySearchFunc(sorted, now, time.Time.Compare)
	if found {
		at++
	}
	return at
}

// holds says whether the shelf is still right for a reader at a moment.
func (s *Shelf) holds(r Reader, now time.Time, latest *snapshot) bool {
	return s.from == latest && s.reader == r && !now.Before(s.at) && (s.until.IsZero() || now.Before(s.until))
}

// PinnedAt says whether an announcement is on top at a moment.
func (a *Article) PinnedAt(now time.Time) bool { return now.Before(a.Pinned) }

// Tag is different whenever what the reader would see is: for ETags and for
// keeping drawn pages. The tags of two readers are not to be compared.
func (s *Shelf) Tag() string { return s.from.tag + "." + strconv.Itoa(s.turn) }

// Settings are the portal's.
func (s *Shelf) Settings() *Settings { return &s.from.settings }

// Categories are in the order that staff gave them.
func (s *Shelf) Categories() []db.Category { return s.from.categories }

// Category is the name of a category; "" for one that is gone.
func (s *Shelf) Category(id string) string {
	for _, c := range s.from.categories {
		if c.ID == id {
			return c.Name
		}
	}
	return ""
}

// Owner is the name of the person who answers for an article; "" when there is
// nobody any more.
func (s *Shelf) Owner(a Shown) string { return s.from.owners[a.Owner] }

// Announcements are the current ones of a category, or of all when it is "",
// the newest first.
func (s *Shelf) Announcements(category string) []Shown {
	if category == "" {
		return slices.Clip(s.announcements)
	}
	var some []Shown
	for _, a := range s.announcements {
		if a.Category == category {
			some = append(some, a)
		}
	}
	return some
}

// Foremost parts the announcements into those that are kept on top now, of
// which there are three at most, and all others; both the newest first.
func (s *Shelf) Foremost() (pinned, others []Shown) {
	others = make([]Shown, 0, len(s.announcements))
	for _, a := range s.announcements {
		if len(pinned) < MostPinned && a.PinnedAt(s.at) {
			pinned = append(pinned, a)
		} else {
			others = append(others, a)
		}
	}
	return pinned, others
}

// MostPinned bounds what is kept on top: where all is on top, nothing is.
const MostPinned = 3

// People are the department's, in the order that staff gave them.
func (s *Shelf) People() []Shown { return slices.Clip(s.people) }

// Pages are all free pages, in the menu's order.
func (s *Shelf) Pages() []Shown { return slices.Clip(s.pages) }

// Menu is those of the pages that stand in the menu.
func (s *Shelf) Menu() []Shown {
	var menu []Shown
	for _, p := range s.pages {
		if p.InMenu {
			menu = append(menu, p)
		}
	}
	return menu
}

// Links are the quick links for this reader.
func (s *Shelf) Links() []Shown { return slices.Clip(s.links) }

// Find finds an article by its address or by an earlier one. When the
// article's Slug is not the one asked for, the reader is to be sent there.
// An expired one is found, with its end in ended. What the reader may not see
// is not found, like what is not there.
func (s *Shelf) Find(kind db.Kind, slug string) (found Shown, ended time.Time, ok bool) {
	a := s.from.bySlug[slugKey{kind, slug}]
	if a == nil {
		return Shown{}, time.Time{}, false
	}
	why, may := s.reader.may(a, s.from.names)
	state := a.State(s.at)
	if !may || state != db.StatePublished && state != db.StateExpired {
		return Shown{}, time.Time{}, false
	}
	if state == db.StateExpired {
		ended = a.Until
	}
	return Shown{a, why}, ended, true
}

// Events are all current events as they were entered, for calendar files.
func (s *Shelf) Events() []Shown { return slices.Clip(s.events) }

// Occurrences lists what takes place between two moments, in order. What was
// moved out of that time or into it, and what was cancelled, is among it.
func (s *Shelf) Occurrences(from, to time.Time) []Occurrence {
	var all []Occurrence
	for _, e := range s.events {
		all = append(all, s.calendar(e).between(from, to)...)
	}
	return inOrder(all)
}

// OccurrencesOf lists the occurrences of one event of this shelf.
func (s *Shelf) OccurrencesOf(event Shown, from, to time.Time) []Occurrence {
	if event.Event == nil {
		return nil
	}
	return inOrder(s.calendar(event).between(from, to))
}

func (s *Shelf) calendar(e Shown) calendar {
	return calendar{Shown: e, event: e.Event, zone: s.zone, now: s.at}
}

// Day is what a person has.
type Day struct {
	News  []Occurrence // moved or cancelled within 48 hours, and not over: on top
	Today []Occurrence // all of today, in order; what News has, too
	Next  []Occurrence // after today
}

// newsAhead is how far ahead a change is news, and Next looks.
const newsAhead = 28 * 24 * time.Hour

// Today is the reader's day, with at most so many things that come after it.
func (s *Shelf) Today(now time.Time, next int) Day {
	local := now.In(s.zone)
	begin := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, s.zone)
	end := time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, s.zone)
	var d Day
	for _, o := range s.Occurrences(begin, begin.Add(newsAhead)) {
		if o.Fresh(now) {
			d.News = append(d.News, o)
		}
		switch {
		case o.touches(begin, end):
			d.Today = append(d.Today, o)
		case !o.Start.Before(end) && len(d.Next) < next:
			d.Next = append(d.Next, o)
		}
	}
	return d
}

// order is the order of all shelves: by kind, then as each kind is listed.
func order(a, b *Article) int {
	switch by := cmp.Compare(a.Kind, b.Kind); {
	case by != 0:
		return by
	case a.Kind == db.Announcement:
		return cmp.Or(b.Publish.Compare(a.Publish), cmp.Compare(b.ID, a.ID))
	}
	return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.Title, b.Title), cmp.Compare(a.ID, b.ID))
}

var _ auth.Names = (*auth.Catalogue)(nil)
