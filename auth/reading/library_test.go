package reading

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"portico/auth"
	"portico/db"
	"portico/db/dbtest"
)

func (w *world) equal(got, want any) {
	w.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		w.Fatalf("-want +got\n%s", diff)
	}
}

func TestAForgottenReaderSeesNothing(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.create(db.Announcement, content("One"))
	s := w.shelf(Reader{})
	if _, _, ok := s.Find(db.Announcement, "one"); ok || len(s.Announcements("")) > 0 || s.Search("one", 5, 0).Total > 0 {
		t.Error("the zero reader sees something")
	}
	w.equal(titles(w.shelf(Nobody()).Announcements("")), []string{"One"})
	w.equal(titles(w.shelf(Person(nil)).Announcements("")), []string{"One"})
}

func TestLibraryByAudience(t *testing.T) {
	onBothEngines(t, func(w *world) {
		for title, rules := range map[string]auth.Audience{
			"All": {To: auth.Everybody}, "Members": {To: auth.SignedIn},
			"Third": {To: auth.Groups, Groups: []auth.Group{{auth.AboutLevel: {"300"}, auth.AboutDepartment: {"dept_cs"}}}},
		} {
			for _, kind := range []db.Kind{db.Announcement, db.EventItem, db.PersonEntry, db.FreePage, db.QuickLink} {
				c := content(title)
				c.Audience = rules.Text()
				w.create(kind, detailed(kind, c))
			}
		}
		broken := content("Broken")
		broken.Audience = `{"to":"everybody","too":1}`
		w.create(db.Announcement, broken)

		amina, chidi := w.student("amina", "300"), w.student("chidi", "100")
		for name, r := range map[string]Reader{"": Nobody(), "100": Person(chidi), "300": Person(amina)} {
			want := map[string]int{"": 1, "100": 2, "300": 3}[name]
			s := w.shelf(r)
			got := []int{
				len(s.Announcements("")), len(s.Events()), len(s.People()), len(s.Pages()), len(s.Links()), len(s.Menu()),
				len(s.Occurrences(began, began.Add(time.Hour))), len(s.Today(began, 9).Today), s.Search("all", 99, 0).Total + s.Search("members", 99, 0).Total + s.Search("third", 99, 0).Total,
			}
			w.equal(got, []int{want, want, want, want, want, want, want, want, 4 * want})
			_, _, ok := s.Find(db.Announcement, "third")
			w.equal(ok, name == "300")
		}
		third, _, _ := w.shelf(Person(amina)).Find(db.FreePage, "third")
		w.equal([]any{third.Why, third.Public}, []any{"300 level, Computer Science", false})
		all, _, _ := w.shelf(Nobody()).Find(db.FreePage, "all")
		w.equal([]any{all.Why, all.Public}, []any{"", true})
	})
}

func detailed(kind db.Kind, c db.Content) db.Content {
	switch kind {
	case db.EventItem:
		c.Event = &db.Event{Kind: db.EventOther, Starts: "2026-09-14T08:00"}
	case db.PersonEntry:
		c.Entry = &db.Entry{Role: "Lecturer"}
	case db.FreePage:
		c.InMenu = true
	case db.QuickLink:
		c.Link = "https://nile.example/"
	}
	return c
}

// TestLibraryByTime: items appear and end without a write.
func TestLibraryByTime(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	c := content("Notice")
	c.Publish, c.Until, c.Review = began.Add(time.Hour), began.Add(2*time.Hour), began
	w.create(db.Announcement, c)
	w.create(db.Announcement, content("Newest"))
	pinned := content("Pinned")
	pinned.Publish, pinned.Pinned = began.Add(-time.Hour), began.Add(90*time.Minute)
	w.create(db.Announcement, pinned)
	writes := 0
	w.db.OnChange(func(db.Change) { writes++ })
	tags := map[string]bool{}
	for _, step := range []struct {
		at     time.Duration
		titles string
		pinned int
		ended  bool
		there  bool
	}{
		{0, "Newest Pinned", 1, false, false},
		{time.Hour - 1, "Newest Pinned", 1, false, false},
		{time.Hour, "Notice Newest Pinned", 1, false, true},
		{90 * time.Minute, "Notice Newest Pinned", 0, false, true},
		{2 * time.Hour, "Newest Pinned", 0, true, true},
	} {
		w.now = began.Add(step.at)
		s := w.shelf(Nobody())
		notice, ended, ok := s.Find(db.Announcement, "notice")
		pinned, _ := s.Foremost()
		w.equal([]any{strings.Join(titles(s.Announcements("")), " "), len(pinned), !ended.IsZero(), ok}, []any{step.titles, step.pinned, step.ended, step.there})
		if ok && (!notice.NotReviewedSince(w.now).IsZero() || notice.NotReviewedSince(began.Add(30*24*time.Hour)) != began) {
			t.Errorf("not reviewed since %v", notice.NotReviewedSince(w.now))
		}
		tags[s.Tag()] = true
	}
	w.equal([]int{len(tags), writes}, []int{4, 0})
	if s := w.shelf(Nobody()); s != w.shelf(Nobody()) {
		t.Error("the same shelf is made twice")
	}
}

// TestLibraryFollows: what is written counts at once here, and soon in
// another process.
func TestLibraryFollows(t *testing.T) {
	onBothEngines(t, func(w *world) {
		w.watch()
		other := w.another()
		seen := func() string {
			s, err := other.For(w.Context(), Nobody())
			w.must(err)
			return strings.Join(titles(s.Announcements("")), " ")
		}
		step := func(want string) {
			w.Helper()
			w.equal(strings.Join(titles(w.shelf(Nobody()).Announcements("")), " "), want)
			eventually(w, "seen by the other: "+want, func() bool { return seen() == want })
		}
		i := w.create(db.Announcement, content("First"))
		step("First")
		tag := w.shelf(Nobody()).Tag()
		c := i.Content
		c.Title, c.Slug, c.Body = "Second", "second", "New **words**."
		i, err := w.db.UpdateItem(w.Context(), i.ID, 1, c, "editor", w.now)
		w.must(err)
		step("Second")
		found, _, ok := w.shelf(Nobody()).Find(db.Announcement, "first")
		w.equal([]any{ok, found.Slug, found.HTML, found.Excerpt, w.shelf(Nobody()).Tag() == tag}, []any{true, "second", "<p>New <strong>words</strong>.</p>\n", "New words.", false})
		turn := func(turn db.Turn) {
			_, err := w.db.TurnItem(w.Context(), i.ID, turn, "editor", w.now)
			w.must(err)
		}
		turn(db.TurnWithdraw)
		step("")
		_, _, ok = w.shelf(Nobody()).Find(db.Announcement, "second")
		w.equal(ok, false)
		turn(db.TurnReinstate)
		step("Second")
		turn(db.TurnArchive)
		step("")
		turn(db.TurnReinstate)
		step("Second")
		w.must(w.db.EraseItem(w.Context(), i.ID, "editor", w.now))
		step("")
		w.must(w.db.SaveCategories(w.Context(), []db.Category{{ID: "exams", Name: "Exams"}}, "editor", w.now))
		w.must(w.db.SaveSettings(w.Context(), Settings{Name: "Law", Departments: []string{"dept_cs"}}.Rows(), SettingWords(names{}.Department), "editor", w.now))
		s := w.shelf(Nobody())
		w.equal([]any{s.Settings().Name, s.Category("exams"), s.Category("gone"), len(s.Categories())}, []any{"Law", "Exams", "", 1})
	})
}

// TestLibraryWithoutDatabase: public pages stay, a person is told.
func TestLibraryWithoutDatabase(t *testing.T) {
	d, err := db.Open(t.Context(), "sqlite:"+t.TempDir()+"/portico.db", db.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, d)
	w.create(db.Announcement, content("One"))
	w.shelf(Nobody())
	w.lib.hear(db.Change{Kind: "content", Key: "something"})
	w.must(d.Close())
	w.equal(titles(w.shelf(Nobody()).Announcements("")), []string{"One"})
	if _, err := w.lib.For(t.Context(), Person(&db.User{ID: "u"})); err == nil {
		t.Error("a person is shown what may be out of date")
	}
}

func TestSettingsRows(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	want := Settings{Name: "Computer Science", Motto: "x", Contact: "y", Accent: "#123456", Logo: []byte{1, 0, 2}, LogoType: "image/png", Departments: []string{"dept_cs"}, Reach: []Reach{{Label: "Office", Text: "9 to 3", Link: "a@b.example"}}}
	w.must(w.db.SaveSettings(t.Context(), want.Rows(), SettingWords(names{}.Department), "editor", began))
	w.equal(*w.shelf(Nobody()).Settings(), want)
	words := map[string][]string{}
	for key, value := range want.Rows() {
		words[key] = SettingWords(names{}.Department)(key, value)
	}
	w.equal(words, map[string][]string{
		"name": {"Computer Science"}, "short": nil, "motto": {"x"}, "university": nil, "contact": {"y"}, "accent": {"#123456"},
		"logo": {"a picture of 3 bytes"}, "logo_type": nil, "departments": {"Computer Science"}, "reach": {"Office, 9 to 3, a@b.example"},
	})
	shown, why := want.OurStudents().Shown(w.student("amina", "300"), names{})
	w.equal([]any{shown, why}, []any{true, "students, Computer Science"})
	none := Settings{}
	if shown, _ := none.OurStudents().Shown(w.student("obi", "300"), names{}); shown {
		t.Error("without own departments everybody's students are ours")
	}
	w.must(w.db.SaveSettings(t.Context(), none.Rows(), SettingWords(names{}.Department), "editor", began))
	stored, err := w.db.Settings(t.Context())
	w.must(err)
	w.equal(len(stored), 0)
}

func TestToday(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	for title, e := range map[string]db.Event{
		"Class":     {Starts: "2026-09-07T10:00", Ends: "2026-09-07T12:00", RepeatTo: "2026-12-01"},
		"Exam":      {Starts: "2026-09-20T09:00"},
		"Yesterday": {Starts: "2026-09-13T23:59"},
		"Moved": {Starts: "2026-09-07T16:00", RepeatTo: "2026-12-01", Exceptions: []db.Exception{
			{Day: "2026-09-14", Starts: "2026-09-15T16:00", Changed: began.Add(-time.Hour)}, {Day: "2026-09-21", Cancelled: true, Changed: began.Add(-49 * time.Hour)}}},
	} {
		c := content(title)
		e.Kind = db.EventClass
		c.Event = &e
		w.create(db.EventItem, c)
	}
	d := w.shelf(Nobody()).Today(began, 3)
	w.equal(lines(d.News, time.UTC), []string{"Tue 15 Sep 16:00-16:00  was Mon 14 Sep 16:00"})
	w.equal(lines(d.Today, time.UTC), []string{"Mon 14 Sep 10:00-12:00 ", "Tue 15 Sep 16:00-16:00  was Mon 14 Sep 16:00"})
	w.equal(lines(d.Next, time.UTC), []string{"Sun 20 Sep 09:00-09:00 ", "Mon 21 Sep 10:00-12:00 ", "Mon 21 Sep 16:00-16:00  cancelled"})
}

func TestReads(t *testing.T) {
	onBothEngines(t, func(w *world) {
		w.watch()
		ctx, stop := context.WithCancel(w.Context())
		done := make(chan struct{})
		go func() { defer close(done); w.lib.Run(ctx) }()
		var ids []string
		for _, title := range []string{"A", "B", "C"} {
			w.now = w.now.Add(time.Minute)
			c := content(title)
			c.Publish = w.now
			ids = append(ids, w.create(db.Announcement, c).ID)
		}
		hidden := content("Hidden")
		hidden.Audience = auth.Audience{To: auth.Groups}.Text()
		hiddenID := w.create(db.Announcement, hidden).ID
		u := w.student("amina", "300")
		list := func() string {
			all, err := w.shelf(Person(u)).ForYou(w.Context())
			w.must(err)
			var s []string
			for _, a := range all {
				s = append(s, a.Title+map[bool]string{true: "+", false: ""}[a.Read])
			}
			return strings.Join(s, " ")
		}
		w.equal(list(), "C B A")
		c, _, _ := w.shelf(Person(u)).Find(db.Announcement, "c")
		w.shelf(Person(u)).Opened(c, w.now)
		w.shelf(Nobody()).Opened(c, w.now)
		w.equal(list(), "B A C+") // before it is written
		w.lib.marks.forget(u.ID)
		w.equal(list(), "B A C+") // also when all is read anew
		stored := func() (n int) {
			reads, err := w.db.ReadsOf(w.Context(), u.ID)
			w.must(err)
			return len(reads)
		}
		eventually(w, "written", func() bool { return stored() == 1 })
		w.equal(list(), "B A C+")
		n, err := w.shelf(Person(u)).MarkRead(w.Context(), w.now, ids[0], hiddenID, "nonsense")
		w.must(err)
		w.equal([]any{n, list(), stored()}, []any{1, "B C+ A+", 2})
		n, err = w.shelf(Person(u)).MarkAllRead(w.Context(), w.now)
		w.must(err)
		w.equal([]any{n, list(), stored()}, []any{1, "C+ B+ A+", 3})

		b, _, _ := w.shelf(Person(u)).Find(db.Announcement, "b") // marked, and opened only now
		w.shelf(Person(u)).Opened(b, w.now)
		w.shelf(Person(u)).Opened(c, w.now.Add(time.Hour))
		stop()
		<-done // what waited is written
		reads, err := w.db.ReadsOf(w.Context(), u.ID)
		w.must(err)
		opened := 0
		for _, r := range reads {
			if r.Opened.Equal(w.now) {
				opened++
			}
		}
		w.equal(opened, 2)
	})
}

// TestWarmPageReadsNothing: once a person's shelf and reads are in memory, a
// page asks the database nothing.
func TestWarmPageReadsNothing(t *testing.T) {
	d, err := db.Open(t.Context(), "sqlite:"+t.TempDir()+"/portico.db", db.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, d)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.Watch(ctx, func(db.Change) {}) }()
	eventually(t, "trusted", d.Trusted)
	w.create(db.Announcement, content("One"))
	u := w.student("amina", "300")
	page := func() {
		s := w.shelf(Person(u))
		all, err := s.ForYou(t.Context())
		w.must(err)
		w.equal(len(all), 1)
		s.Today(w.now, 5)
	}
	eventually(t, "quiet", func() bool { page(); return w.lib.latest.Load().told == w.lib.told.Load() })
	w.must(d.Reader().Close()) // from here on a read fails
	for range 10 {
		page()
	}
	if n := testing.AllocsPerRun(100, func() { w.shelf(Person(u)) }); n > 0 {
		t.Errorf("a warm shelf costs %v allocations", n)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	_ = d.Close() // its reading half is closed already
}

// Those who answer for items are named, and by their new name once it changed.
func TestOwnersAreNamed(t *testing.T) {
	onBothEngines(t, func(w *world) {
		musa := w.named("musa", "Musa Ibrahim")
		c := content("One")
		c.Owner = musa.ID
		w.create(db.Announcement, c)
		c = content("Two")
		c.Owner = "an id of nobody"
		w.create(db.Announcement, c)
		owners := func() (names []string) {
			s := w.shelf(Nobody())
			for _, a := range s.Announcements("") {
				names = append(names, a.Title+" "+s.Owner(a))
			}
			slices.Sort(names)
			return names
		}
		w.equal(owners(), []string{"One Musa Ibrahim", "Two "})
		w.now = w.now.Add(time.Hour)
		w.named("musa", "Professor Musa Ibrahim")
		w.equal(owners(), []string{"One Professor Musa Ibrahim", "Two "})
	})
}

// named signs somebody in under a name.
func (w *world) named(sub, name string) db.User {
	w.Helper()
	u, _, err := w.db.SignIn(w.Context(), db.SignIn{
		Provider: "https://id.example", Sub: sub, Facts: []db.Fact{{Field: db.FieldName, Value: name, AsOf: w.now, Source: db.SourceIDToken}},
		Session: db.NewSession{TokenHash: name, StateHash: name, Began: w.now, Created: w.now, Expires: w.now.Add(time.Hour), Idle: time.Hour},
	})
	w.must(err)
	return u
}
