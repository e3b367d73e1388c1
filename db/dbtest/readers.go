package dbtest

import (
	"fmt"
	"slices"
	"strings"

	"portico/db"
)

// readerTests are about what stands around items: who has read them, calendar
// addresses, settings and categories.
var readerTests = map[string]func(suite){
	"reads":                         testReads,
	"reads are forgotten":           testReadsForgotten,
	"calendar addresses":            testCalendar,
	"who answers for items":         testOwners,
	"settings":                      testSettings,
	"categories":                    testCategories,
	"a category with items stays":   testUsedCategory,
	"content changes are announced": testContentAnnounced,
}

func testReads(s suite) {
	ctx := s.Context()
	u, _ := s.signIn(signIn("amina", after(1)))
	one, two := s.create(db.Announcement, notice("One"), after(1)), s.create(db.Announcement, notice("Two"), after(1))
	s.must(s.db.SaveReads(ctx, nil))
	s.must(s.db.SaveReads(ctx, []db.Read{
		{UserID: u.ID, ItemID: one.ID, Opened: after(10)}, {UserID: u.ID, ItemID: two.ID, Marked: after(11)},
		{UserID: "nobody", ItemID: one.ID, Opened: after(10)}, {UserID: u.ID, ItemID: "nothing", Opened: after(10)},
	}))
	s.must(s.db.SaveReads(ctx, []db.Read{{UserID: u.ID, ItemID: one.ID, Opened: after(20), Marked: after(21)}}))
	got, err := s.db.ReadsOf(ctx, u.ID)
	s.must(err)
	want := []db.Read{{UserID: u.ID, ItemID: one.ID, Opened: after(10), Marked: after(21)}, {UserID: u.ID, ItemID: two.ID, Marked: after(11)}}
	slices.SortFunc(want, func(a, b db.Read) int { return strings.Compare(a.ItemID, b.ItemID) })
	s.equal(got, want)
	purge := func() int {
		n, err := s.db.PurgeReads(ctx, after(11), 10)
		s.must(err)
		return n
	}
	s.equal([]int{purge(), purge()}, []int{1, 0})
}

func testReadsForgotten(s suite) {
	ctx := s.Context()
	u, _ := s.signIn(signIn("amina", after(10)))
	i := s.create(db.Announcement, notice("One"), after(1))
	s.must(s.db.SaveReads(ctx, []db.Read{{UserID: u.ID, ItemID: i.ID, Opened: after(10)}}))
	s.must(s.db.NewCalendarAddress(ctx, u.ID, "hash", after(10)))
	s.deliver(after(20), db.Effect{Sub: "amina", Delete: true})
	s.must(s.db.SaveReads(ctx, []db.Read{{UserID: u.ID, ItemID: i.ID, Opened: after(19)}})) // was in the queue
	got, err := s.db.ReadsOf(ctx, u.ID)
	s.must(err)
	s.equal(len(got), 0)
	_, err = s.db.CalendarPerson(ctx, "hash")
	s.mustBe(err, db.ErrNotFound)
}

func testCalendar(s suite) {
	ctx := s.Context()
	u, _ := s.signIn(signIn("amina", after(1)))
	_, err := s.db.CalendarAddressOf(ctx, u.ID)
	s.mustBe(err, db.ErrNotFound)
	whose := func(hash string) string {
		u, err := s.db.CalendarPerson(ctx, hash)
		if err != nil {
			s.mustBe(err, db.ErrNotFound)
		}
		return u.ID
	}
	var told []db.Change
	s.db.OnChange(func(c db.Change) { told = append(told, c) })
	s.must(s.db.NewCalendarAddress(ctx, u.ID, "first", after(10)))
	s.equal(told, []db.Change{{Kind: "user", Key: u.ID}})
	s.equal([]string{whose("first"), whose("guess")}, []string{u.ID, ""})
	s.must(s.db.NewCalendarAddress(ctx, u.ID, "second", after(20)))
	s.equal([]string{whose("first"), whose("second")}, []string{"", u.ID})
	a, err := s.db.CalendarAddressOf(ctx, u.ID)
	s.must(err)
	s.equal(a, db.CalendarAddress{UserID: u.ID, Created: after(20)})
	s.must(s.db.Block(ctx, provider, "amina", "admin", "", after(30)))
	s.equal(whose("second"), "")
	s.must(s.db.Unblock(ctx, provider, "amina", "admin", "", after(31)))
	told = nil
	s.must(s.db.RevokeCalendarAddress(ctx, u.ID, u.ID, after(40)))
	s.equal(told, []db.Change{{Kind: "user", Key: u.ID}})
	s.must(s.db.RevokeCalendarAddress(ctx, u.ID, u.ID, after(41)))
	s.equal(whose("second"), "")
}

// testOwners: those who answer for items are named; who was deleted is not,
// and neither is anybody else.
func testOwners(s suite) {
	musa, other := s.met("musa", "Dr Musa Ibrahim", "", "", 0), s.met("other", "Nobody's owner", "", "", 0)
	gone := s.met("gone", "Gone Long Ago", "", "", 0)
	for i, id := range []string{musa.ID, musa.ID, gone.ID, "an id of nobody"} {
		c := notice(fmt.Sprint("Notice ", i))
		c.Owner = id
		s.create(db.Announcement, c, after(1))
	}
	s.equal(s.deliver(after(20), db.Effect{Sub: "gone", Delete: true}), db.StateProcessed)
	owners, err := s.db.Owners(s.Context())
	s.must(err)
	s.equal(owners, map[string]string{musa.ID: "Dr Musa Ibrahim"})
	s.equal(owners[other.ID], "")
}

func testSettings(s suite) {
	ctx := s.Context()
	s.must(s.db.SaveSettings(ctx, map[string][]byte{"name": []byte("Computer Science"), "logo": {0xff, 0, 1}, "motto": []byte("x")}, "u1", after(1)))
	s.must(s.db.SaveSettings(ctx, map[string][]byte{"motto": nil, "name": []byte("Law")}, "u2", after(2)))
	got, err := s.db.Settings(ctx)
	s.must(err)
	s.equal(got, map[string][]byte{"name": []byte("Law"), "logo": {0xff, 0, 1}})
	audit, err := s.db.AuditBetween(ctx, start, after(60), 10)
	s.must(err)
	s.equal(audit[0], db.AuditEntry{At: after(2), Actor: "u2", Action: "settings.save", Detail: "motto name"})
	s.equal(len(audit), 2)
}

func testCategories(s suite) {
	ctx := s.Context()
	want := []db.Category{{ID: "news", Name: "News"}, {ID: "exams", Name: "Exams and results"}}
	s.must(s.db.SaveCategories(ctx, []db.Category{{ID: "old", Name: "Old"}}, "u1", after(1)))
	s.must(s.db.SaveCategories(ctx, want, "u1", after(2)))
	for _, bad := range []db.Category{{ID: "", Name: "x"}, {ID: "x", Name: " "}} {
		s.mustBe(s.db.SaveCategories(ctx, []db.Category{bad}, "u1", after(3)), db.ErrUnfit)
	}
	got, err := s.db.Categories(ctx)
	s.must(err)
	s.equal(got, want)
	s.equal(s.acts(), []string{"u1 categories.save", "u1 categories.save"})
}

func testUsedCategory(s suite) {
	ctx := s.Context()
	news, exams := db.Category{ID: "news", Name: "News"}, db.Category{ID: "exams", Name: "Exams"}
	s.must(s.db.SaveCategories(ctx, []db.Category{news, exams}, "u1", after(1)))
	i := s.create(db.Announcement, notice("Results"), after(2))
	use, err := s.db.CategoryUse(ctx)
	s.must(err)
	s.equal(use, map[string]int{"exams": 1})
	s.mustBe(s.db.SaveCategories(ctx, []db.Category{news}, "u1", after(3)), db.ErrCategoryUsed)
	s.must(s.db.SaveCategories(ctx, []db.Category{{ID: "exams", Name: "Exams and results"}}, "u1", after(4)))
	s.must(s.db.EraseItem(ctx, i.ID, "u1", after(5)))
	s.must(s.db.SaveCategories(ctx, nil, "u1", after(6)))
	got, err := s.db.Categories(ctx)
	s.must(err)
	s.equal(len(got), 0)
}

func testContentAnnounced(s suite) {
	ctx := s.Context()
	u, _ := s.signIn(signIn("amina", after(1)))
	var told []db.Change
	s.db.OnChange(func(c db.Change) { told = append(told, c) })
	var second int
	s.db.OnChange(func(db.Change) { second++ })
	i := s.create(db.Announcement, notice("One"), after(1))
	_, err := s.db.UpdateItem(ctx, i.ID, 1, i.Content, "u1", after(2))
	s.must(err)
	_, err = s.db.UpdateItem(ctx, i.ID, 1, i.Content, "u1", after(2))
	s.mustBe(err, db.ErrVersion)
	_, err = s.db.TurnItem(ctx, i.ID, db.TurnWithdraw, "u1", after(3))
	s.must(err)
	s.must(s.db.SaveReads(ctx, []db.Read{{UserID: u.ID, ItemID: i.ID, Opened: after(2)}, {UserID: u.ID, ItemID: "x", Opened: after(2)}}))
	s.must(s.db.EraseItem(ctx, i.ID, "u1", after(4)))
	s.must(s.db.SaveSettings(ctx, map[string][]byte{"name": []byte("x")}, "u1", after(5)))
	s.must(s.db.SaveCategories(ctx, nil, "u1", after(6)))
	content := db.Change{Kind: "content", Key: i.ID}
	s.equal(told, []db.Change{content, content, content, {Kind: "reads", Key: u.ID}, content, {Kind: "settings", Key: "saved"}, {Kind: "settings", Key: "categories"}})
	s.equal(second, len(told))
}
