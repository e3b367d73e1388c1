package dbtest

import (
	"slices"
	"strings"
	"time"

	"portico/db"
)

var deskTests = map[string]func(suite){
	"what is due, the longest overdue first": testDueItems,
	"items are put into an order":            testMoveItem,
	"what is kept on top, the newest first":  testPinnedItems,
	"who may have a permission":              testPeopleWith,
}

func testDueItems(s suite) {
	make := func(title string, change func(*db.Content)) {
		c := notice(title)
		c.Review, c.Until = after(50), time.Time{}
		change(&c)
		s.create(db.Announcement, c, after(1))
	}
	make("Due", func(*db.Content) {})
	make("Longer due", func(c *db.Content) { c.Review = after(40) })
	make("Not yet due", func(c *db.Content) { c.Review = after(70) })
	make("Never due", func(c *db.Content) { c.Review = time.Time{} })
	make("Draft", func(c *db.Content) { c.Draft = true })
	make("Scheduled", func(c *db.Content) { c.Publish = after(90) })
	make("Ended", func(c *db.Content) { c.Until = after(55) })
	put := s.create(db.Announcement, notice("Put away"), after(1))
	_, err := s.db.TurnItem(s.Context(), put.ID, db.TurnArchive, "u1", after(2))
	s.must(err)
	all, err := s.db.DueItems(s.Context(), after(60), after(60), 10)
	s.must(err)
	var titles []string
	for _, i := range all {
		titles = append(titles, i.Title)
	}
	s.equal(titles, []string{"Longer due", "Due"})
	all, err = s.db.DueItems(s.Context(), after(60), after(60), 1)
	s.must(err)
	s.equal(len(all), 1)
}

func testPinnedItems(s suite) {
	pin := func(title string, publish int, change func(*db.Content)) db.Item {
		c := notice(title)
		c.Publish, c.Pinned = after(publish), after(80)
		change(&c)
		return s.create(db.Announcement, c, after(1))
	}
	pin("Older", 2, func(*db.Content) {})
	pin("Newer", 3, func(c *db.Content) { c.Audience = "" })
	pin("Not on top", 4, func(c *db.Content) { c.Pinned = time.Time{} })
	pin("No longer", 4, func(c *db.Content) { c.Pinned = after(60) })
	pin("Draft", 4, func(c *db.Content) { c.Draft = true })
	pin("Ended", 4, func(c *db.Content) { c.Until = after(60) })
	_, err := s.db.TurnItem(s.Context(), pin("Taken back", 4, func(*db.Content) {}).ID, db.TurnWithdraw, "u1", after(5))
	s.must(err)
	pin("To come", 70, func(*db.Content) {})
	titles := func(at int) (titles []string) {
		all, err := s.db.PinnedItems(s.Context(), after(at))
		s.must(err)
		for _, i := range all {
			titles = append(titles, i.Title)
		}
		return titles
	}
	s.equal(titles(60), []string{"Newer", "Older"})
	s.equal(titles(70), []string{"To come", "Newer", "Older"})
	s.equal(titles(80), []string(nil))
}

func testMoveItem(s suite) {
	ctx := s.Context()
	entry := func(name string) db.Item {
		c := notice(name)
		c.Entry = &db.Entry{Role: "Lecturer"}
		return s.create(db.PersonEntry, c, after(1))
	}
	order := func() (names []string) {
		all, err := s.db.Ordered(ctx, db.PersonEntry)
		s.must(err)
		for _, i := range all {
			names = append(names, i.Title)
		}
		return names
	}
	chidi, amina, bola := entry("Chidi"), entry("Amina"), entry("Bola")
	s.create(db.Announcement, notice("Zero"), after(1))
	s.equal(order(), []string{"Amina", "Bola", "Chidi"})
	move := func(i db.Item, way db.Way) { s.must(s.db.MoveItem(ctx, db.PersonEntry, i.ID, way, "u2", after(5))) }
	move(chidi, db.WayUp)
	s.equal(order(), []string{"Amina", "Chidi", "Bola"})
	move(amina, db.WayDown)
	s.equal(order(), []string{"Chidi", "Amina", "Bola"})
	move(bola, db.WayFirst)
	s.equal(order(), []string{"Bola", "Chidi", "Amina"})
	move(bola, db.WayUp) // it is first already
	move(amina, db.WayDown)
	s.equal(order(), []string{"Bola", "Chidi", "Amina"})
	s.equal([]int{s.item(bola.ID).Rank, s.item(amina.ID).Rank, s.item(bola.ID).Version}, []int{1, 3, 1})
	read := s.item(bola.ID)
	s.must(s.db.MoveItem(ctx, db.PersonEntry, bola.ID, db.WayDown, "u1", after(8)))
	saved, err := s.db.UpdateItem(ctx, bola.ID, read.Version, read.Content, "u1", after(9)) // read before it was moved
	s.must(err)
	s.equal([]int{saved.Rank, s.item(bola.ID).Rank}, []int{2, 2})
	s.must(s.db.MoveItem(ctx, db.PersonEntry, bola.ID, db.WayUp, "u1", after(9)))
	s.equal(entry("Aaliyah").Rank, 4) // new ones come last, once there is an order
	_, err = s.db.TurnItem(ctx, chidi.ID, db.TurnArchive, "u1", after(6))
	s.must(err)
	s.equal(order(), []string{"Bola", "Amina", "Aaliyah"})
	s.mustBe(s.db.MoveItem(ctx, db.PersonEntry, chidi.ID, db.WayUp, "u2", after(7)), db.ErrNotFound)
	s.mustBe(s.db.MoveItem(ctx, db.FreePage, bola.ID, db.WayUp, "u2", after(7)), db.ErrNotFound)
	s.mustBe(s.db.MoveItem(ctx, db.PersonEntry, bola.ID, "sideways", "u2", after(7)), db.ErrUnfit)
	s.equal(slices.DeleteFunc(s.acts(), func(act string) bool { return !strings.HasPrefix(act, "u2 ") }), []string{"u2 person.order", "u2 person.order", "u2 person.order"})
}

func testPeopleWith(s suite) {
	s.signIn(signIn("amina", after(1), fact(db.FieldName, "Amina", after(1)), fact(db.FieldRole, "student", after(1))))
	s.signIn(signIn("grace", after(1), fact(db.FieldName, "Grace", after(1)), fact(db.FieldRole, "admin", after(1))))
	s.signIn(signIn("funke", after(1), fact(db.FieldName, "Funke", after(1)), fact(db.FieldCustomRoles, `["editor"]`, after(1))))
	s.signIn(signIn("bola", after(1), fact(db.FieldName, "Bola", after(1)), fact(db.FieldEmail, "bola@nile.example", after(1)), fact(db.FieldEmailVerified, "true", after(1))))
	s.must(s.db.Grant(s.Context(), "publish", "bola@nile.example", "u1", after(2)))
	s.signIn(signIn("bola", after(3), fact(db.FieldName, "Bola", after(3)), fact(db.FieldEmail, "bola@nile.example", after(3)), fact(db.FieldEmailVerified, "true", after(3))))
	names := func(permissions, roles []string) (names []string) {
		all, err := s.db.PeopleWith(s.Context(), permissions, roles)
		s.must(err)
		for _, u := range all {
			names = append(names, u.Name())
		}
		return names
	}
	s.equal(names([]string{"publish", "manage"}, []string{"admin", "editor"}), []string{"Bola", "Funke", "Grace"})
	s.equal(names([]string{"manage"}, []string{"editor"}), []string{"Funke"})
	s.equal(names(nil, nil), []string{})
}
