package dbtest

import (
	"fmt"
	"slices"
	"strconv"
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
	s.must(s.db.SaveSettings(ctx, map[string][]byte{"name": []byte("Computer Science"), "logo": {0xff, 0, 1}, "motto": []byte("x")}, asText, "u1", after(1)))
	s.must(s.db.SaveSettings(ctx, map[string][]byte{"motto": nil, "name": []byte("Law"), "logo": {0xff, 0, 1}}, asText, "u2", after(2)))
	got, err := s.db.Settings(ctx)
	s.must(err)
	s.equal(got, map[string][]byte{"name": []byte("Law"), "logo": {0xff, 0, 1}})
	s.equal(s.changed("settings.save"), []string{
		"u1 logo: ‹› to ‹3 bytes›", "u1 motto: ‹› to ‹x›", "u1 name: ‹› to ‹Computer Science›", "u2 motto: ‹x› to ‹›", "u2 name: ‹Computer Science› to ‹Law›",
	})
	s.must(s.db.SaveSettings(ctx, map[string][]byte{"logo": {0, 0, 1}}, asText, "u3", after(3)))
	s.equal(s.changed("settings.save")[5:], []string{"u3 logo: ‹3 bytes› to ‹3 bytes›"})
	s.must(s.db.SaveSettings(ctx, map[string][]byte{"list": []byte("a,b,c"), "motto": []byte(`say "nothing", then ‹go›`)}, asText, "u4", after(4)))
	s.must(s.db.SaveSettings(ctx, map[string][]byte{"list": []byte("c,d,a"), "silent": []byte("x")}, asText, "u4", after(5)))
	s.equal(s.changed("settings.save")[6:], []string{
		"u4 list: ‹› to ‹a›", "u4 list: ‹› to ‹b›", "u4 list: ‹› to ‹c›", `u4 motto: ‹› to ‹say "nothing", then ‹go››`,
		"u4 list: ‹b› to ‹d›", "u4 list: ‹a; c› to ‹c; a›",
	})
}

// asText is what the suite's settings hold: a list what stands between commas,
// a logo its size.
func asText(key string, value []byte) []string {
	switch {
	case len(value) == 0 || key == "silent":
		return nil
	case key == "logo":
		return []string{strconv.Itoa(len(value)) + " bytes"}
	case key == "list":
		return strings.Split(string(value), ",")
	}
	return []string{string(value)}
}

// changed are the changes that the audit tells of an action, the first first.
func (s suite) changed(action string) (all []string) {
	lines, err := s.db.AuditBetween(s.Context(), start, after(60), 100)
	s.must(err)
	for _, l := range slices.Backward(lines) {
		if c, ok := l.Change(); l.Action == action && ok {
			all = append(all, fmt.Sprintf("%s %s: ‹%s› to ‹%s›", l.Actor, l.Object, c.Before, c.After))
		}
	}
	return all
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
	for _, way := range []db.Way{db.WayUp, db.WayUp, db.WayDown, db.WayFirst} { // the second stands first already
		s.must(s.db.MoveCategory(ctx, "exams", way, "u2", after(4)))
	}
	s.mustBe(s.db.MoveCategory(ctx, "gone", db.WayUp, "u2", after(5)), db.ErrNotFound)
	s.mustBe(s.db.MoveCategory(ctx, "news", "aside", "u2", after(5)), db.ErrUnfit)
	s.must(s.db.SaveCategories(ctx, []db.Category{{ID: "exams", Name: "Exams"}, want[0]}, "u3", after(6)))
	got, err = s.db.Categories(ctx)
	s.must(err)
	s.equal(got, []db.Category{{ID: "exams", Name: "Exams"}, want[0]})
	s.equal(s.changed("categories.save"), []string{
		"u1 categories: ‹› to ‹Old›", "u1 categories: ‹Old› to ‹News›", "u1 categories: ‹› to ‹Exams and results›",
		"u2 categories: ‹News; Exams and results› to ‹Exams and results; News›", "u2 categories: ‹Exams and results; News› to ‹News; Exams and results›",
		"u2 categories: ‹News; Exams and results› to ‹Exams and results; News›", "u3 categories: ‹Exams and results› to ‹Exams›",
	})
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
	s.must(s.db.SaveSettings(ctx, map[string][]byte{"name": []byte("x")}, asText, "u1", after(5)))
	s.must(s.db.SaveSettings(ctx, map[string][]byte{"name": []byte("x")}, asText, "u1", after(5))) // no change
	s.must(s.db.SaveCategories(ctx, []db.Category{{ID: "news", Name: "News"}}, "u1", after(6)))
	content := db.Change{Kind: "content", Key: i.ID}
	s.equal(told, []db.Change{content, content, content, {Kind: "reads", Key: u.ID}, content, {Kind: "settings", Key: "saved"}, {Kind: "settings", Key: "categories"}})
	s.equal(second, len(told))
}
