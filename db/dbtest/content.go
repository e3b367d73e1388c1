package dbtest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"portico/db"
)

var contentTests = map[string]func(suite){
	"an item is kept whole":                 testItemKept,
	"what cannot be shown is refused":       testItemUnfit,
	"two editors lose nothing":              testItemVersions,
	"a new version may not take an address": testSlugTaken,
	"addresses lead on for ever":            testSlugs,
	"the same title at the same time":       testSlugRace,
	"a form that is sent twice":             testCreateOnce,
	"the turns of an item":                  testTurns,
	"lists for staff, page by page":         testItemList,
	"what is to be reviewed":                testItemReview,
	"erasing leaves nothing":                testErase,
	"a changed event says so":               testEventRevised,
}

const everybody = `{"to":"everybody"}`

func notice(title string) db.Content {
	return db.Content{
		Slug: strings.ReplaceAll(strings.ToLower(title), " ", "-"), Title: title, Body: "Body of *" + title + "*.\n", Category: "exams",
		Audience: everybody, Owner: "u1", Publish: after(0), Until: after(1000),
	}
}

func class() db.Content {
	c := notice("CSC 301")
	c.Event = &db.Event{Kind: db.EventClass, Place: "Hall B", Starts: "2026-09-14T08:00", Ends: "2026-09-14T10:00", RepeatTo: "2026-12-18"}
	return c
}

func (s suite) create(kind db.Kind, c db.Content, at time.Time) db.Item {
	s.Helper()
	i, err := s.db.CreateItem(s.Context(), kind, c, "u1", at)
	s.must(err)
	return i
}

func (s suite) item(id string) db.Item {
	s.Helper()
	i, err := s.db.Item(s.Context(), id)
	s.must(err)
	return i
}

// acts lists the audit, oldest first, as "actor action".
func (s suite) acts() (acts []string) {
	s.Helper()
	audit, err := s.db.AuditBetween(s.Context(), start, after(100000), 100)
	s.must(err)
	for _, e := range slices.Backward(audit) {
		acts = append(acts, e.Actor+" "+e.Action)
	}
	return acts
}

func testItemKept(s suite) {
	c := notice("Odd \x00 title")
	c.Slug, c.Body, c.Rank, c.Draft = "odd-title", "Ọbi \xff\n", 7, true
	c.Pinned, c.Review, c.Publish = after(50), after(60), after(1).Add(1234*time.Nanosecond)
	i := s.create(db.Announcement, c, after(10).Add(7*time.Nanosecond))
	s.equal(s.item(i.ID), i)
	s.equal([]any{i.Title, i.Body, i.Version, i.Created, i.Saved, i.SavedBy}, []any{"Odd  title", "Ọbi \uFFFD\n", 1, after(10), after(10), "u1"})
	for kind, details := range map[db.Kind]db.Details{
		db.EventItem:   {Event: class().Event},
		db.PersonEntry: {Entry: &db.Entry{Role: "Head of department", Room: "C 12", Hours: "Mon 9 to 11", Email: "head@nile.example", Phone: "0800", Contact: "Knock"}},
		db.FreePage:    {InMenu: true},
		db.QuickLink:   {Link: "https://library.example/"},
	} {
		c := notice("Thing")
		c.Details = details
		i := s.create(kind, c, after(20))
		s.equal(s.item(i.ID), i)
		s.equal(i.Details, details)
	}
}

func testItemUnfit(s suite) {
	bad := map[string]func(*db.Content){
		"no title":          func(c *db.Content) { c.Title = " " },
		"no address":        func(c *db.Content) { c.Slug = "" },
		"odd address":       func(c *db.Content) { c.Slug = "A b" },
		"no event":          func(c *db.Content) { c.Event = nil },
		"a link too":        func(c *db.Content) { c.Link = "https://x.example" },
		"no start":          func(c *db.Content) { c.Event.Starts = "soon" },
		"no kind":           func(c *db.Content) { c.Event.Kind = "party" },
		"ends before":       func(c *db.Content) { c.Event.Ends = "2026-09-14T07:59" },
		"repeats to before": func(c *db.Content) { c.Event.RepeatTo = "2026-09-13" },
		"repeats for ever":  func(c *db.Content) { c.Event.RepeatTo = "2126-09-13" },
		"no such week":      func(c *db.Content) { c.Event.Exceptions = []db.Exception{{Day: "2026-09-15", Cancelled: true}} },
		"after the last":    func(c *db.Content) { c.Event.Exceptions = []db.Exception{{Day: "2026-12-21", Cancelled: true}} },
		"moved nowhere":     func(c *db.Content) { c.Event.Exceptions = []db.Exception{{Day: "2026-09-21"}} },
		"twice": func(c *db.Content) {
			c.Event.Exceptions = []db.Exception{{Day: "2026-09-21", Cancelled: true}, {Day: "2026-09-21", Cancelled: true}}
		},
	}
	good := s.create(db.EventItem, class(), after(1))
	for name, spoil := range bad {
		s.Log(name)
		c := class()
		spoil(&c)
		_, err := s.db.CreateItem(s.Context(), db.EventItem, c, "u1", after(2))
		s.mustBe(err, db.ErrUnfit)
		_, err = s.db.UpdateItem(s.Context(), good.ID, 1, c, "u1", after(2))
		s.mustBe(err, db.ErrUnfit)
	}
	s.equal(s.item(good.ID), good)
	s.equal(s.acts(), []string{"u1 event.create"})
}

func testItemVersions(s suite) {
	ctx := s.Context()
	first := s.create(db.Announcement, notice("First"), after(1))
	c := first.Content
	c.Body = "second text"
	second, err := s.db.UpdateItem(ctx, first.ID, 1, c, "u2", after(2))
	s.must(err)
	s.equal([]any{second.Version, second.SavedBy, second.Created, second.Saved}, []any{2, "u2", after(1), after(2)})
	s.equal(s.item(first.ID), second)

	c.Body = "the other editor's"
	now, err := s.db.UpdateItem(ctx, first.ID, 1, c, "u3", after(3))
	s.mustBe(err, db.ErrVersion)
	s.equal(now, second)
	_, err = s.db.UpdateItem(ctx, "nothing", 1, c, "u3", after(3))
	s.mustBe(err, db.ErrNotFound)

	versions, err := s.db.Versions(ctx, first.ID)
	s.must(err)
	s.equal(versions, []db.Version{{Number: 2, Saved: after(2), By: "u2", Content: second.Content}, {Number: 1, Saved: after(1), By: "u1", Content: first.Content}})
	restored, err := s.db.UpdateItem(ctx, first.ID, 2, versions[1].Content, "u2", after(4))
	s.must(err)
	s.equal([]any{restored.Version, restored.Body}, []any{3, first.Body})
	s.equal(s.acts(), []string{"u1 announcement.create", "u2 announcement.update", "u2 announcement.update"})
}

func testSlugTaken(s suite) {
	one, other := s.create(db.Announcement, notice("One"), after(1)), s.create(db.Announcement, notice("Other"), after(1))
	c := other.Content
	c.Slug = one.Slug
	_, err := s.db.UpdateItem(s.Context(), other.ID, 1, c, "u1", after(2))
	s.mustBe(err, db.ErrSlugTaken)
	s.equal(s.item(other.ID), other)
}

func testSlugs(s suite) {
	ctx := s.Context()
	one := s.create(db.Announcement, notice("Exam list"), after(1))
	two := s.create(db.Announcement, notice("Exam list"), after(2))
	page := s.create(db.FreePage, notice("Exam list"), after(2))
	s.equal([]string{one.Slug, two.Slug, page.Slug}, []string{"exam-list", "exam-list-2", "exam-list"})

	c := one.Content
	c.Slug = "exam-list-final"
	moved, err := s.db.UpdateItem(ctx, one.ID, 1, c, "u1", after(3))
	s.must(err)
	for _, slug := range []string{"exam-list", "exam-list-final"} {
		got, err := s.db.ItemBySlug(ctx, db.Announcement, slug)
		s.must(err)
		s.equal(got, moved)
	}
	s.equal(s.create(db.Announcement, notice("Exam list"), after(4)).Slug, "exam-list-3")
	old, err := s.db.OldSlugs(ctx)
	s.must(err)
	s.equal(old, map[db.Kind]map[string]string{db.Announcement: {"exam-list": one.ID}})

	c.Slug = "exam-list" // back to its own
	_, err = s.db.UpdateItem(ctx, one.ID, 2, c, "u1", after(5))
	s.must(err)
	_, err = s.db.ItemBySlug(ctx, db.EventItem, "exam-list")
	s.mustBe(err, db.ErrNotFound)
	long := notice("Long")
	long.Slug = strings.Repeat("a", 100)
	s.create(db.Announcement, long, after(6))
	s.equal(len(s.create(db.Announcement, long, after(6)).Slug), 97)
}

func testSlugRace(s suite) {
	slugs := make(chan string, 6)
	var wg sync.WaitGroup
	for range cap(slugs) {
		wg.Go(func() {
			i, err := s.db.CreateItem(s.Context(), db.Announcement, notice("Exam list"), "u1", after(1))
			if err != nil {
				s.Error(err)
			}
			slugs <- i.Slug
		})
	}
	wg.Wait()
	close(slugs)
	met := map[string]bool{}
	for slug := range slugs {
		met[slug] = true
	}
	s.equal(len(met), 6)
}

// testCreateOnce: of a form that comes several times at once, one item is made.
// Other words make another, and so does the form of somebody else, or one whose
// item has changed.
func testCreateOnce(s suite) {
	ctx := s.Context()
	create := func(once, by, title string, at int) (db.Item, error) {
		c := notice(title)
		c.Publish = after(at)
		return s.db.CreateItemOnce(ctx, once, db.Announcement, c, by, after(at))
	}
	ids := make(chan string, 6)
	var wg sync.WaitGroup
	for n := range cap(ids) {
		wg.Go(func() {
			i, err := create("form", "u1", "Exam list", n)
			if err != nil && !errors.Is(err, db.ErrMade) {
				s.Error(err)
			}
			ids <- i.ID
		})
	}
	wg.Wait()
	close(ids)
	met := map[string]bool{}
	for id := range ids {
		met[id] = true
	}
	s.equal(len(met), 1)
	for _, other := range [][3]string{{"form", "u1", "Another list"}, {"form", "u2", "Exam list"}, {"form 2", "u1", "Exam list"}} {
		i, err := create(other[0], other[1], other[2], 9)
		s.must(err)
		met[i.ID] = true
	}
	s.equal(len(met), 4)
	first, err := create("form", "u1", "Exam list", 10)
	s.mustBe(err, db.ErrMade)
	_, err = s.db.UpdateItem(ctx, first.ID, 1, notice("Exam list mended"), "u1", after(11))
	s.must(err)
	again, err := create("form", "u1", "Exam list", 12)
	s.must(err)
	s.equal(met[again.ID], false)
	s.equal(len(s.acts()), 6)
}

func testTurns(s suite) {
	ctx := s.Context()
	i := s.create(db.Announcement, notice("One"), after(1))
	turn := func(turn db.Turn, at int) string {
		got, err := s.db.TurnItem(ctx, i.ID, turn, "u2", after(at))
		s.must(err)
		s.equal(s.item(i.ID), got)
		s.equal([]any{got.Version, got.Content.Body}, []any{1, i.Body})
		return got.State(after(at))
	}
	s.equal(turn(db.TurnWithdraw, 10), db.StateWithdrawn)
	s.equal(turn(db.TurnArchive, 11), db.StateArchived)
	// Saving an item does not bring it back.
	saved, err := s.db.UpdateItem(ctx, i.ID, 1, i.Content, "u1", after(12))
	s.must(err)
	s.equal(saved.State(after(12)), db.StateArchived)
	live, err := s.db.LiveItems(ctx, 10)
	s.must(err)
	s.equal(len(live), 0)
	got, err := s.db.TurnItem(ctx, i.ID, db.TurnReinstate, "u2", after(13))
	s.must(err)
	s.equal(got.State(after(13)), db.StatePublished)
	got, err = s.db.TurnItem(ctx, i.ID, db.TurnReviewed, "u2", after(14))
	s.must(err)
	s.equal([]time.Time{got.Reviewed, got.Review}, []time.Time{after(14), after(14).Add(db.ReviewAfter)})
	_, err = s.db.TurnItem(ctx, i.ID, "twirl", "u2", after(15))
	s.mustBe(err, db.ErrUnfit)
	_, err = s.db.TurnItem(ctx, "nothing", db.TurnArchive, "u2", after(15))
	s.mustBe(err, db.ErrNotFound)
	s.equal(s.acts(), []string{"u1 announcement.create", "u2 announcement.withdraw", "u2 announcement.archive", "u1 announcement.update", "u2 announcement.reinstate", "u2 announcement.review"})
}

func testItemList(s suite) {
	ctx := s.Context()
	for n := range 12 {
		c := notice(fmt.Sprint("Notice ", n))
		switch n {
		case 9:
			c.Draft = true
		case 10:
			c.Publish = after(500)
		case 11:
			c.Until = after(50)
		}
		s.create(db.Announcement, c, after(n/2)) // two saved at each moment
	}
	s.create(db.FreePage, notice("Page"), after(100))
	titles := func(f db.ItemFilter) (titles []string) {
		f.Now = after(100)
		for {
			page, err := s.db.Items(ctx, f)
			s.must(err)
			for _, i := range page {
				titles = append(titles, i.Title)
			}
			if len(page) == 0 {
				return titles
			}
			f.After = db.Place{Saved: page[len(page)-1].Saved, ID: page[len(page)-1].ID}
		}
	}
	whole := titles(db.ItemFilter{Kind: db.Announcement})
	s.equal(len(whole), 12)
	s.equal(titles(db.ItemFilter{Kind: db.Announcement, Limit: 5}), whole)
	s.equal(titles(db.ItemFilter{State: db.StateDraft}), []string{"Notice 9"})
	s.equal(titles(db.ItemFilter{State: db.StateScheduled}), []string{"Notice 10"})
	s.equal(titles(db.ItemFilter{State: db.StateExpired}), []string{"Notice 11"})
	s.equal(len(titles(db.ItemFilter{State: db.StatePublished})), 10)
	s.equal(titles(db.ItemFilter{State: "unheard of"}), []string(nil))
	s.equal(len(titles(db.ItemFilter{Owner: "u1"})), 13)
	s.equal(titles(db.ItemFilter{Owner: "u2"}), []string(nil))
	counts := func(f db.ItemFilter) map[string]int {
		f.Now = after(100)
		counts, err := s.db.ItemCounts(ctx, f)
		s.must(err)
		return counts
	}
	states := map[string]int{db.StateDraft: 1, db.StateScheduled: 1, db.StateExpired: 1, db.StatePublished: 9}
	s.equal(counts(db.ItemFilter{Kind: db.Announcement}), states)
	states[db.StatePublished]++ // the page
	s.equal(counts(db.ItemFilter{Owner: "u1"}), states)
	s.equal(counts(db.ItemFilter{Owner: "u2"}), map[string]int{})
	live, err := s.db.LiveItems(ctx, 100)
	s.must(err)
	s.equal(len(live), 12) // scheduled and expired too, the draft not
	live, err = s.db.LiveItems(ctx, 1)
	s.must(err)
	s.equal(live[0].Title, "Notice 10")
}

func testItemReview(s suite) {
	c := notice("Due")
	c.Review = after(50)
	due := s.create(db.FreePage, c, after(1))
	s.create(db.FreePage, notice("Never"), after(1))
	c.Title, c.Draft = "Draft", true
	s.create(db.FreePage, c, after(1))
	list := func(at int, owner string) int {
		all, err := s.db.Items(s.Context(), db.ItemFilter{Owner: owner, Review: after(at)})
		s.must(err)
		return len(all)
	}
	s.equal([]int{list(49, "u1"), list(50, "u1"), list(50, "u2")}, []int{0, 1, 0})
	_, err := s.db.TurnItem(s.Context(), due.ID, db.TurnReviewed, "u1", after(50))
	s.must(err)
	s.equal(list(51, "u1"), 0)
}

func testErase(s suite) {
	ctx := s.Context()
	u, _ := s.signIn(signIn("amina", after(1)))
	i := s.create(db.Announcement, notice("Results by name"), after(1))
	s.must(s.db.SaveReads(ctx, []db.Read{{UserID: u.ID, ItemID: i.ID, Opened: after(2)}}))
	for _, id := range []string{i.ID, ""} {
		_, err := s.db.KeepDraft(ctx, draftOf(u.ID, id, "Results by name"))
		s.must(err)
	}
	s.must(s.db.EraseItem(ctx, i.ID, "u9", after(3)))
	left, err := s.db.DraftsOf(ctx, u.ID)
	s.must(err)
	s.equal([]any{len(left), left[0].ItemID}, []any{1, ""})
	s.must(s.db.DropDraft(ctx, u.ID, left[0].ID, after(3)))
	_, err = s.db.Item(ctx, i.ID)
	s.mustBe(err, db.ErrNotFound)
	s.mustBe(s.db.EraseItem(ctx, i.ID, "u9", after(3)), db.ErrNotFound)
	for _, table := range []string{"items", "slugs", "item_versions", "reads"} {
		var n int
		s.must(s.db.Reader().QueryRowContext(ctx, `SELECT count(*) FROM `+table).Scan(&n))
		s.equal([]any{table, n}, []any{table, 0})
	}
	audit, err := s.db.AuditBetween(ctx, start, after(60), 10)
	s.must(err)
	s.equal(audit[1], db.AuditEntry{At: after(3), Actor: "u9", Action: "announcement.erase", Object: i.ID, Detail: "version 1"})
	s.traceless("Results by name", "results-by-name")
}

func testEventRevised(s suite) {
	ctx := s.Context()
	i := s.create(db.EventItem, class(), after(1))
	at := 10
	save := func(change func(*db.Event)) *db.Event {
		s.Helper()
		at++
		c := i.Content
		e := *i.Event
		e.Sequence, e.Was, e.Exceptions = 99, nil, slices.Clone(e.Exceptions) // an editor's form does not have them
		change(&e)
		c.Event = &e
		var err error
		i, err = s.db.UpdateItem(ctx, i.ID, i.Version, c, "u1", after(at))
		s.must(err)
		s.equal(s.item(i.ID), i)
		return i.Event
	}
	s.equal(save(func(e *db.Event) {}).Sequence, 0)
	e := save(func(e *db.Event) { e.Place = "Hall C"; e.Starts = "2026-09-14T09:00" })
	s.equal([]any{e.Sequence, *e.Was}, []any{1, db.Was{Starts: "2026-09-14T08:00", Ends: "2026-09-14T10:00", Place: "Hall B", Changed: after(at)}})
	e = save(func(e *db.Event) {
		e.Exceptions = append(e.Exceptions, db.Exception{Day: "2026-09-21", Starts: "2026-09-22T10:00", Ends: "2026-09-22T12:00"})
	})
	moved := after(at)
	s.equal([]any{e.Sequence, e.Exceptions[0].Changed, e.Was != nil}, []any{2, moved, true})
	e = save(func(e *db.Event) {
		e.Exceptions[0].Changed = time.Time{} // not the editor's to say
		e.Exceptions = append(e.Exceptions, db.Exception{Day: "2026-09-28", Cancelled: true})
	})
	s.equal([]any{e.Sequence, e.Exceptions[0].Changed, e.Exceptions[1].Changed}, []any{3, moved, after(at)})
	e = save(func(e *db.Event) { e.Cancelled = after(at) })
	cancelled := after(at)
	s.equal([]any{e.Sequence, e.Cancelled}, []any{4, cancelled})
	e = save(func(e *db.Event) { e.Cancelled = after(1000) })
	s.equal([]any{e.Sequence, e.Cancelled}, []any{4, cancelled})

	hidden := class()
	hidden.Draft = true
	draft := s.create(db.EventItem, hidden, after(1))
	hidden.Slug, hidden.Event.Starts = draft.Slug, "2026-09-14T09:00"
	draft, err := s.db.UpdateItem(ctx, draft.ID, 1, hidden, "u1", after(2))
	s.must(err)
	s.equal([]any{draft.Event.Was, draft.Event.Sequence}, []any{(*db.Was)(nil), 0})
}
