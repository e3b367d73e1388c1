package dbtest

import (
	"errors"

	"portico/db"
)

var importTests = map[string]func(suite){
	"many events are added, or none":     testImportAllOrNone,
	"an import is undone as far as safe": testImportUndone,
	"old imports are forgotten":          testImportsForgotten,
}

func draft(title string) db.Content {
	c := class()
	c.Title, c.Draft = title, true
	return c
}

func testImportAllOrNone(s suite) {
	ctx := s.Context()
	bad := class()
	bad.Event.Starts = "soon"
	_, err := s.db.ImportEvents(ctx, []db.Content{draft("CSC 301"), class(), bad}, "", "u1", after(1))
	s.mustBe(err, db.ErrUnfit)
	all, err := s.db.Items(ctx, db.ItemFilter{})
	s.must(err)
	s.equal(len(all), 0)
	s.equal(s.acts(), []string{})

	m, err := s.db.ImportEvents(ctx, []db.Content{draft("CSC 301"), class()}, "title,date\nCSC 303,soon\n", "u1", after(2))
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
	m, err := s.db.ImportEvents(ctx, []db.Content{draft("Draft"), class(), draft("Changed"), class(), draft("Erased")}, "", "u1", after(2))
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

func testImportsForgotten(s suite) {
	var all []db.Import
	for n := range 3 {
		m, err := s.db.ImportEvents(s.Context(), []db.Content{class()}, "", "u1", after(n))
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
