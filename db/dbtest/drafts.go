package dbtest

import (
	"strings"
	"sync"

	"portico/db"
)

var draftTests = map[string]func(suite){
	"a draft is kept and kept again":        testDraftKept,
	"two windows lose nothing":              testDraftWindows,
	"nobody else's":                         testDraftOwn,
	"settled only as it was saved":          testDraftSettled,
	"bounded in number and size":            testDraftBounds,
	"of what is gone none is kept":          testDraftOfNothing,
	"untouched ones go":                     testDraftPurge,
	"they go with their person":             testDraftsGoWithPerson,
	"no item is made or changed by a draft": testDraftIsNoItem,
}

func draftOf(userID, itemID, title string) db.Draft {
	return db.Draft{
		UserID: userID, Kind: db.Announcement, ItemID: itemID, Title: title, Saved: after(2),
		Fields: map[string][]string{"title": {title}, "body": {"Ọbi \x00 <b>\n"}, "group-0-level": {"300", "400"}},
	}
}

func (s suite) keep(d db.Draft) db.Draft {
	s.Helper()
	kept, err := s.db.KeepDraft(s.Context(), d)
	s.must(err)
	return kept
}

func (s suite) draft(d db.Draft) db.Draft {
	s.Helper()
	got, err := s.db.Draft(s.Context(), d.UserID, d.ID)
	s.must(err)
	return got
}

// drafts are the titles of a person's, the latest first.
func (s suite) drafts(userID string) (titles []string) {
	s.Helper()
	all, err := s.db.DraftsOf(s.Context(), userID)
	s.must(err)
	for _, d := range all {
		titles = append(titles, d.Title)
	}
	return titles
}

func testDraftKept(s suite) {
	u, _ := s.signIn(signIn("amina", after(1)))
	i := s.create(db.Announcement, notice("Hall change"), after(1))
	first := s.keep(draftOf(u.ID, i.ID, "One"))
	s.equal([]any{first.Turn, len(first.ID) > 20}, []any{1, true})
	s.equal(s.draft(first), first)
	next := first
	next.Title, next.Saved, next.Version, next.Fields = "Two", after(9), 4, map[string][]string{"title": {"Two"}}
	second := s.keep(next)
	next.Turn = 2
	s.equal(second, next)
	s.equal(s.draft(first), next)
	s.equal(s.acts(), []string{"u1 announcement.create", u.ID + " draft.keep"})
	s.must(s.db.DropDraft(s.Context(), u.ID, first.ID, after(10)))
	s.mustBe(s.db.DropDraft(s.Context(), u.ID, first.ID, after(10)), db.ErrNotFound)
	_, err := s.db.Draft(s.Context(), u.ID, first.ID)
	s.mustBe(err, db.ErrNotFound)
	s.equal(s.acts(), []string{"u1 announcement.create", u.ID + " draft.keep", u.ID + " draft.drop"})
}

// testDraftWindows: whoever did not keep a draft last gets one of their own.
func testDraftWindows(s suite) {
	u, _ := s.signIn(signIn("amina", after(1)))
	first := s.keep(draftOf(u.ID, "", "First"))
	ahead := first
	ahead.Title, ahead.Saved = "Ahead", after(3)
	s.keep(ahead)
	behind := first
	behind.Title, behind.Saved = "Behind", after(4)
	other := s.keep(behind)
	s.equal([]any{other.ID == first.ID, other.Turn}, []any{false, 1})
	s.equal(s.drafts(u.ID), []string{"Behind", "Ahead"})
	moved := other
	moved.Kind, moved.Title, moved.Saved = db.FreePage, "Page", after(5)
	s.equal(s.keep(moved).ID == other.ID, false)
	s.must(s.db.DropDraft(s.Context(), u.ID, other.ID, after(6)))
	other.Title, other.Saved = "Thrown away elsewhere", after(7)
	s.keep(other)
	s.equal(s.drafts(u.ID), []string{"Thrown away elsewhere", "Page", "Ahead"})
}

func testDraftOwn(s suite) {
	ctx := s.Context()
	u, _ := s.signIn(signIn("amina", after(1)))
	other, _ := s.signIn(signIn("obi", after(1)))
	mine := s.keep(draftOf(u.ID, "", "Mine"))
	_, err := s.db.Draft(ctx, other.ID, mine.ID)
	s.mustBe(err, db.ErrNotFound)
	s.mustBe(s.db.DropDraft(ctx, other.ID, mine.ID, after(3)), db.ErrNotFound)
	s.must(s.db.SettleDraft(ctx, other.ID, mine.ID, mine.Turn))
	theirs := mine
	theirs.UserID, theirs.Title = other.ID, "Theirs"
	s.equal(s.keep(theirs).ID == mine.ID, false)
	s.equal(s.draft(mine), mine)
	s.equal([][]string{s.drafts(u.ID), s.drafts(other.ID)}, [][]string{{"Mine"}, {"Theirs"}})
}

func testDraftSettled(s suite) {
	u, _ := s.signIn(signIn("amina", after(1)))
	first := s.keep(draftOf(u.ID, "", "First"))
	second := s.keep(first)
	s.must(s.db.SettleDraft(s.Context(), u.ID, first.ID, first.Turn))
	s.equal(s.draft(second), second)
	s.must(s.db.SettleDraft(s.Context(), u.ID, second.ID, second.Turn))
	s.equal(len(s.drafts(u.ID)), 0)
}

func testDraftBounds(s suite) {
	u, _ := s.signIn(signIn("amina", after(1)))
	var wg sync.WaitGroup
	refused := make(chan error, db.MostDrafts+4)
	for range cap(refused) {
		wg.Go(func() {
			_, err := s.db.KeepDraft(s.Context(), draftOf(u.ID, "", "One of many"))
			refused <- err
		})
	}
	wg.Wait()
	close(refused)
	n := 0
	for err := range refused {
		if err != nil {
			s.mustBe(err, db.ErrTooManyDrafts)
			n++
		}
	}
	s.equal([]int{n, len(s.drafts(u.ID))}, []int{4, db.MostDrafts})
	all, err := s.db.DraftsOf(s.Context(), u.ID)
	s.must(err)
	all[0].Fields = map[string][]string{"body": {"kept again"}}
	s.equal(s.draft(s.keep(all[0])).Fields["body"], []string{"kept again"})
	all[1].Fields = map[string][]string{"body": {strings.Repeat("a", 1<<20)}}
	_, err = s.db.KeepDraft(s.Context(), all[1])
	s.mustBe(err, db.ErrUnfit)
}

func testDraftOfNothing(s suite) {
	ctx := s.Context()
	u, _ := s.signIn(signIn("amina", after(1)))
	_, err := s.db.KeepDraft(ctx, draftOf(u.ID, "nothing", "Lost"))
	s.mustBe(err, db.ErrNotFound)
	s.deliver(after(5), db.Effect{Sub: "amina", Delete: true})
	_, err = s.db.KeepDraft(ctx, draftOf(u.ID, "", "Late"))
	s.mustBe(err, db.ErrNotFound)
	s.equal(len(s.drafts(u.ID)), 0)
}

func testDraftPurge(s suite) {
	u, _ := s.signIn(signIn("amina", after(1)))
	for at := range 5 {
		d := draftOf(u.ID, "", numbered("d", at))
		d.Saved = after(at)
		s.keep(d)
	}
	purge := func() int {
		n, err := s.db.PurgeDrafts(s.Context(), after(3), 2)
		s.must(err)
		return n
	}
	s.equal([]int{purge(), purge(), purge()}, []int{2, 1, 0})
	s.equal(s.drafts(u.ID), []string{"d4", "d3"})
}

func testDraftsGoWithPerson(s suite) {
	ctx := s.Context()
	u, _ := s.signIn(signIn("amina", after(1)))
	other, _ := s.signIn(signIn("obi", after(1)))
	mine := s.keep(draftOf(u.ID, "", "Mine"))
	s.keep(draftOf(other.ID, "", "Theirs"))
	s.equal(s.holdings(u.ID).Drafts, []db.Draft{mine})
	s.must(s.db.Forget(ctx, u.ID, after(10)))
	s.equal([]int{len(s.holdings(u.ID).Drafts), len(s.drafts(other.ID))}, []int{0, 1})
	s.deliver(after(20), db.Effect{Sub: "obi", Delete: true})
	s.equal(len(s.drafts(other.ID)), 0)
}

func testDraftIsNoItem(s suite) {
	u, _ := s.signIn(signIn("amina", after(1)))
	i := s.create(db.Announcement, notice("Hall change"), after(1))
	s.keep(s.keep(draftOf(u.ID, i.ID, "Not yet")))
	s.keep(draftOf(u.ID, "", "Not yet"))
	s.equal(s.item(i.ID), i)
	versions, err := s.db.Versions(s.Context(), i.ID)
	s.must(err)
	all, err := s.db.Items(s.Context(), db.ItemFilter{})
	s.must(err)
	s.equal([]int{len(versions), len(all)}, []int{1, 1})
}
