package dbtest

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"portico/db"
)

var importTests = map[string]func(suite){
	"an import asked for twice is one":        testImportTwice,
	"work on an item keeps it":                testImportWorkedOn,
	"many events are added, or none":          testImportAllOrNone,
	"an import is undone as far as safe":      testImportUndone,
	"what was left over goes with its person": testImportsGoWithPerson,
	"old imports are forgotten":               testImportsForgotten,
}

func draft(title string) db.Content {
	c := class()
	c.Title, c.Draft = title, true
	return c
}

// add adds events in one go, under an id of the moment.
func (s suite) add(rest string, at int, all ...db.Content) (db.Import, error) {
	s.Helper()
	return s.db.ImportEvents(s.Context(), db.Import{ID: fmt.Sprintf("import-%d", at), At: after(at), By: "u1", Rest: rest}, all)
}

func testImportTwice(s suite) {
	var got [4]db.Import
	var all sync.WaitGroup
	for n := range got {
		all.Go(func() {
			m, err := s.add("title\n", 2, draft("CSC 301"), draft("CSC 303"))
			if err != nil {
				s.Error(err)
			}
			got[n] = m
		})
	}
	all.Wait()
	s.equal(len(got[0].Items), 2)
	for _, m := range got[1:] {
		s.equal(m, got[0])
	}
	_, err := s.db.UndoImport(s.Context(), got[0].ID, "u1", after(3))
	s.must(err)
	m, err := s.add("", 2, draft("CSC 301"))
	s.must(err)
	s.equal([]any{m.Items, m.Undone}, []any{got[0].Items, after(3)})
	left, err := s.db.Items(s.Context(), db.ItemFilter{})
	s.must(err)
	s.equal(len(left), 0)
	s.equal(s.acts(), []string{"u1 event.create", "u1 event.create", "u1 events.import", "u1 event.erase", "u1 event.erase", "u1 events.import.undo"})
}

func testImportWorkedOn(s suite) {
	people := s.crew("amina")
	m, err := s.add("", 2, draft("With a file"), draft("Half written"), class(), draft("As it was"))
	s.must(err)
	s.attach(m.Items[0], "Outline", noise(10), 3)
	half := draftOf(people[0], m.Items[1], "Half")
	half.Kind = db.EventItem
	half = s.keep(half)
	told, err := s.startNotice(m.Items[2], "", 4)
	s.must(err)
	u, err := s.db.UndoImport(s.Context(), m.ID, "u1", after(5))
	s.must(err)
	s.equal(u, db.Undone{Erased: 1, Kept: 3})
	s.equal(len(s.attachments(m.Items[0])), 1)
	s.equal(s.draft(half).Title, "Half")
	s.equal(s.noticeOf(told.ID).ItemID, m.Items[2])
	s.equal(s.item(m.Items[2]).Withdrawn, time.Time{})
}

func testImportAllOrNone(s suite) {
	ctx := s.Context()
	bad := class()
	bad.Event.Starts = "soon"
	_, err := s.add("", 1, draft("CSC 301"), class(), bad)
	s.mustBe(err, db.ErrUnfit)
	all, err := s.db.Items(ctx, db.ItemFilter{})
	s.must(err)
	s.equal(len(all), 0)
	s.equal(s.acts(), []string{})

	m, err := s.add("title,date\nCSC 303,soon\n", 2, draft("CSC 301"), class())
	s.must(err)
	got, err := s.db.Import(ctx, m.ID)
	s.must(err)
	s.equal(got, m)
	s.equal([]any{got.At, got.By, got.Rest, len(got.Items)}, []any{after(2), "u1", "title,date\nCSC 303,soon\n", 2})
	s.equal([]string{s.item(m.Items[0]).Slug, s.item(m.Items[1]).Slug}, []string{"csc-301", "csc-301-2"})
	s.equal(s.acts(), []string{"u1 event.create", "u1 event.create", "u1 events.import"})
	last, err := s.db.LastImport(ctx, "u1")
	s.must(err)
	s.equal(last, m)
	_, err = s.db.LastImport(ctx, "u2")
	s.mustBe(err, db.ErrNotFound)
}

func testImportUndone(s suite) {
	ctx := s.Context()
	m, err := s.add("", 2, draft("Draft"), class(), draft("Changed"), class(), draft("Erased"))
	s.must(err)
	changed := s.item(m.Items[2])
	changed.Body = "more"
	_, err = s.db.UpdateItem(ctx, changed.ID, 1, changed.Content, "u2", after(3))
	s.must(err)
	_, err = s.db.TurnItem(ctx, m.Items[3], db.TurnArchive, "u2", after(3))
	s.must(err)
	s.must(s.db.EraseItem(ctx, m.Items[4], "u2", after(3)))
	before := len(s.acts())

	u, err := s.db.UndoImport(ctx, m.ID, "u1", after(4))
	s.must(err)
	s.equal(u, db.Undone{Erased: 1, Withdrawn: 1, Kept: 2})
	_, err = s.db.Item(ctx, m.Items[0])
	s.mustBe(err, db.ErrNotFound)
	s.equal(s.item(m.Items[1]).Withdrawn, after(4))
	s.equal(s.item(m.Items[2]).Body, "more")
	s.equal(s.acts()[before:], []string{"u1 event.erase", "u1 event.withdraw", "u1 events.import.undo"})
	got, err := s.db.Import(ctx, m.ID)
	s.must(err)
	s.equal(got.Undone, after(4))

	_, err = s.db.TurnItem(ctx, m.Items[1], db.TurnReinstate, "u2", after(5))
	s.must(err)
	u, err = s.db.UndoImport(ctx, m.ID, "u1", after(6)) // once is enough
	s.must(err)
	s.equal(u, db.Undone{})
	s.equal(s.item(m.Items[1]).Withdrawn.IsZero(), true)
	_, err = s.db.UndoImport(ctx, "nothing", "u1", after(6))
	s.mustBe(err, db.ErrNotFound)
}

func testImportsGoWithPerson(s suite) {
	people := s.crew("amina", "obi", "funke")
	for _, id := range people {
		_, err := s.db.ImportEvents(s.Context(), db.Import{ID: "of " + id, At: after(2), By: id, Rest: "CSC 303,soon"}, []db.Content{class()})
		s.must(err)
	}
	s.must(s.db.Forget(s.Context(), people[0], after(10)))
	s.deliver(after(20), db.Effect{Sub: "obi", Delete: true})
	for n, want := range []string{"", "", "CSC 303,soon"} {
		m, err := s.db.Import(s.Context(), "of "+people[n])
		s.must(err)
		s.equal([]any{m.Rest, len(m.Items)}, []any{want, 1})
	}
	m, err := s.db.LastImport(s.Context(), people[2])
	s.must(err)
	s.equal(s.holdings(people[2]).Imports, []db.Import{m})
}

func testImportsForgotten(s suite) {
	var all []db.Import
	for n := range 3 {
		m, err := s.add("", n, class())
		s.must(err)
		all = append(all, m)
	}
	n, err := s.db.PurgeImports(s.Context(), after(2), 1)
	s.must(err)
	s.equal(n, 1)
	n, err = s.db.PurgeImports(s.Context(), after(2), 5)
	s.must(err)
	s.equal(n, 1)
	for i, m := range all {
		_, err := s.db.Import(s.Context(), m.ID)
		s.equal(errors.Is(err, db.ErrNotFound), i < 2)
		s.equal(s.item(m.Items[0]).ID, m.Items[0])
	}
}
