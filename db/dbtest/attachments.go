package dbtest

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"portico/db"
)

var attachmentTests = map[string]func(suite){
	"a file and a picture are kept whole":      testAttachmentsKept,
	"bytes are read from any place":            testAttachmentData,
	"what cannot belong to an item":            testAttachmentsUnfit,
	"an item holds so much and no more":        testAttachmentsLimits,
	"the same file is not added twice":         testAttachmentTwice,
	"labels change, files go":                  testAttachmentsChanged,
	"files that were removed since":            testFilesRemoved,
	"files of what is published":               testAttachmentsLive,
	"erasing an item erases its files":         testAttachmentsErased,
	"what is done to a file is told to others": testAttachmentsTold,
}

// noise is so many bytes that do not repeat.
func noise(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*i>>8 ^ i*7)
	}
	return b
}

func (s suite) attach(item, label string, data []byte, at int) db.Attachment {
	s.Helper()
	a, err := s.db.AddAttachment(s.Context(), db.Attachment{ItemID: item, Label: label, Type: "application/pdf", Sizes: make([]db.Size, 1), Sum: fmt.Sprintf("%x", label)}, [][]byte{data}, "u1", after(at))
	s.must(err)
	return a
}

func (s suite) attachments(item string) []db.Attachment {
	s.Helper()
	all, err := s.db.AttachmentsOf(s.Context(), item)
	s.must(err)
	return all
}

func testAttachmentsKept(s suite) {
	i := s.create(db.Announcement, notice("One"), after(1))
	file := s.attach(i.ID, "Exam \x00timetable", noise(600_000), 2)
	s.equal([]any{len(file.ID), file.Label, file.Sizes, file.Bytes(), file.Added, file.AddedBy}, []any{26, "Exam timetable", []db.Size{{Bytes: 600_000}}, 600_000, after(2), "u1"})
	picture, err := s.db.AddAttachment(s.Context(), db.Attachment{
		ItemID: i.ID, Picture: true, Label: "Hall B", Type: "image/jpeg", Sum: "2", Sizes: []db.Size{{Width: 480, Height: 360}, {Width: 960, Height: 720}},
	}, [][]byte{noise(400), noise(700_000)}, "u2", after(3))
	s.must(err)
	s.equal(s.attachments(i.ID), []db.Attachment{file, picture})
	got, err := s.db.Attachment(s.Context(), picture.ID)
	s.must(err)
	s.equal(got, picture)
	for n, want := range [][]byte{noise(400), noise(700_000)} {
		data, err := io.ReadAll(s.db.OpenAttachment(s.Context(), picture.ID, picture.Sizes[n]))
		s.must(err)
		s.equal(bytes.Equal(data, want), true)
	}
	_, err = s.db.Attachment(s.Context(), "nothing")
	s.mustBe(err, db.ErrNotFound)
	s.equal(s.acts(), []string{"u1 announcement.create", "u1 announcement.add_file", "u2 announcement.add_picture"})
}

func testAttachmentData(s suite) {
	i := s.create(db.Announcement, notice("One"), after(1))
	whole := noise(3<<18 + 5) // three parts and a little
	a := s.attach(i.ID, "x", whole, 2)
	r := s.db.OpenAttachment(s.Context(), a.ID, a.Sizes[0])
	for _, place := range [][2]int{{0, 10}, {1<<18 - 3, 9}, {1 << 18, 1 << 18}, {len(whole) - 4, 4}, {5, 3 << 18}} {
		_, err := r.Seek(int64(place[0]), io.SeekStart)
		s.must(err)
		got := make([]byte, place[1])
		_, err = io.ReadFull(r, got)
		s.must(err)
		s.equal(bytes.Equal(got, whole[place[0]:place[0]+place[1]]), true)
	}
	end, err := r.Seek(0, io.SeekEnd)
	s.must(err)
	s.equal(end, int64(len(whole)))
	_, err = r.Read(make([]byte, 1))
	s.mustBe(err, io.EOF)
	back, err := r.Seek(-2, io.SeekCurrent)
	s.must(err)
	s.equal(back, int64(len(whole)-2))
	if _, err := r.Seek(-1, io.SeekStart); err == nil {
		s.Error("it seeks to before the beginning")
	}
	_, err = s.db.OpenAttachment(s.Context(), "nothing", db.Size{Bytes: 1}).Read(make([]byte, 1))
	s.mustBe(err, db.ErrNotFound)
	_, err = io.ReadAll(s.db.OpenAttachment(s.Context(), a.ID, db.Size{Bytes: len(whole) + 1}))
	s.mustBe(err, io.ErrUnexpectedEOF)
}

func testAttachmentsUnfit(s suite) {
	link := notice("Library")
	link.Link = "https://library.example/"
	i := s.create(db.QuickLink, link, after(1))
	file := db.Attachment{ItemID: i.ID, Label: "x", Type: "application/pdf", Sizes: make([]db.Size, 1), Sum: "x"}
	_, err := s.db.AddAttachment(s.Context(), file, [][]byte{{1}}, "u1", after(2))
	s.mustBe(err, db.ErrUnfit)
	file.ItemID = "nothing"
	_, err = s.db.AddAttachment(s.Context(), file, [][]byte{{1}}, "u1", after(2))
	s.mustBe(err, db.ErrNotFound)
	_, err = s.db.AddAttachment(s.Context(), file, nil, "u1", after(2))
	s.mustBe(err, db.ErrUnfit)
	s.equal(s.acts(), []string{"u1 link.create"})
}

func testAttachmentsLimits(s suite) {
	many, heavy := s.create(db.Announcement, notice("Many"), after(1)), s.create(db.Announcement, notice("Heavy"), after(1))
	add := func(item string, n int, data []byte) error {
		_, err := s.db.AddAttachment(s.Context(), db.Attachment{ItemID: item, Type: "application/pdf", Sizes: make([]db.Size, 1), Sum: fmt.Sprint(n)}, [][]byte{data}, "u1", after(2))
		return err
	}
	for n := range db.MostAttachments {
		s.must(add(many.ID, n, []byte{1}))
	}
	s.mustBe(add(many.ID, 99, []byte{1}), db.ErrTooMuch)
	s.must(add(heavy.ID, 1, make([]byte, db.MostAttached-10)))
	s.mustBe(add(heavy.ID, 2, make([]byte, 11)), db.ErrTooMuch)
	s.must(add(heavy.ID, 2, make([]byte, 10)))
}

func testAttachmentTwice(s suite) {
	one, other := s.create(db.Announcement, notice("One"), after(1)), s.create(db.Announcement, notice("Other"), after(1))
	first := s.attach(one.ID, "x", noise(10), 2)
	again, err := s.db.AddAttachment(s.Context(), db.Attachment{ItemID: one.ID, Label: "y", Type: "application/pdf", Sizes: make([]db.Size, 1), Sum: first.Sum}, [][]byte{noise(10)}, "u2", after(3))
	s.mustBe(err, db.ErrAlready)
	s.equal(again, first)
	s.equal(s.attachments(one.ID), []db.Attachment{first})
	s.attach(other.ID, "x", noise(10), 3) // another item may have it too
}

func testAttachmentsChanged(s suite) {
	ctx := s.Context()
	i, other := s.create(db.Announcement, notice("One"), after(1)), s.create(db.Announcement, notice("Other"), after(1))
	a, b, foreign := s.attach(i.ID, "a", noise(10), 2), s.attach(i.ID, "b", noise(300_000), 3), s.attach(other.ID, "c", noise(10), 4)
	s.must(s.db.ChangeAttachments(ctx, i.ID, []db.AttachmentChange{
		{ID: a.ID, Label: "Named \x00anew"}, {ID: b.ID, Remove: true}, {ID: foreign.ID, Remove: true}, {ID: "nothing", Remove: true},
	}, "u2", after(5)))
	a.Label = "Named anew"
	s.equal(s.attachments(i.ID), []db.Attachment{a})
	s.equal(s.attachments(other.ID), []db.Attachment{foreign})
	_, err := s.db.OpenAttachment(ctx, b.ID, b.Sizes[0]).Read(make([]byte, 1))
	s.mustBe(err, db.ErrNotFound)
	s.must(s.db.ChangeAttachments(ctx, i.ID, []db.AttachmentChange{{ID: a.ID, Label: "Named anew"}}, "u2", after(6)))
	s.mustBe(s.db.ChangeAttachments(ctx, "nothing", []db.AttachmentChange{{ID: a.ID}}, "u2", after(6)), db.ErrNotFound)
	acts := s.acts()
	slices.Sort(acts)
	s.equal(acts, []string{
		"u1 announcement.add_file", "u1 announcement.add_file", "u1 announcement.add_file", "u1 announcement.create", "u1 announcement.create",
		"u2 announcement.change_file", "u2 announcement.remove_file",
	})
	s.traceless("Named")
	s.equal(s.item(i.ID).Version, 1)
}

func testFilesRemoved(s suite) {
	i := s.create(db.Announcement, notice("One"), after(1))
	early, stays, late := s.attach(i.ID, "Early", noise(10), 2), s.attach(i.ID, "Stays", noise(11), 3), s.attach(i.ID, "Late", noise(12), 20)
	remove := func(a db.Attachment, at int) {
		s.must(s.db.ChangeAttachments(s.Context(), i.ID, []db.AttachmentChange{{ID: a.ID, Label: a.Label, Remove: a.ID != stays.ID}}, "u1", after(at)))
	}
	remove(early, 10)
	remove(stays, 10)
	remove(late, 30)
	for since, want := range map[int][]string{1: nil, 5: {early.ID}, 10: {early.ID}, 11: nil, 25: {late.ID}, 40: nil} {
		got, err := s.db.FilesRemoved(s.Context(), &i, after(since))
		s.must(err)
		if !slices.Equal(got, want) {
			s.Errorf("removed since %d: %q, want %q", since, got, want)
		}
	}
}

func testAttachmentsLive(s suite) {
	seen, draft := s.create(db.Announcement, notice("Seen"), after(1)), notice("Draft")
	draft.Draft = true
	hidden, gone := s.create(db.Announcement, draft, after(1)), s.create(db.Announcement, notice("Gone"), after(1))
	a, b := s.attach(seen.ID, "a", noise(10), 3), s.attach(seen.ID, "b", noise(10), 2)
	s.attach(hidden.ID, "c", noise(10), 2)
	s.attach(gone.ID, "d", noise(10), 2)
	_, err := s.db.TurnItem(s.Context(), gone.ID, db.TurnWithdraw, "u1", after(3))
	s.must(err)
	live, err := s.db.LiveAttachments(s.Context())
	s.must(err)
	s.equal(live, map[string][]db.Attachment{seen.ID: {b, a}})
}

func testAttachmentsErased(s suite) {
	ctx := s.Context()
	i, other := s.create(db.Announcement, notice("Results by name"), after(1)), s.create(db.Announcement, notice("Other"), after(1))
	a := s.attach(i.ID, "Marks by name", noise(300_000), 2)
	left := s.attach(other.ID, "x", noise(10), 2)
	s.must(s.db.EraseItem(ctx, i.ID, "u9", after(3)))
	_, err := s.db.Attachment(ctx, a.ID)
	s.mustBe(err, db.ErrNotFound)
	s.equal(s.attachments(other.ID), []db.Attachment{left})
	for table, want := range map[string]int{"attachments": 1, "attachment_data": 1} {
		var n int
		s.must(s.db.Reader().QueryRowContext(ctx, `SELECT count(*) FROM `+table).Scan(&n))
		s.equal([]any{table, n}, []any{table, want})
	}
	audit, err := s.db.AuditBetween(ctx, after(3), after(4), 10)
	s.must(err)
	s.equal(audit[0], db.AuditEntry{At: after(3), Actor: "u9", Action: "announcement.erase", Object: i.ID, Detail: "version 1, 1 file or picture"})
	s.traceless("Marks by name")
}

func testAttachmentsTold(s suite) {
	i := s.create(db.Announcement, notice("One"), after(1))
	var told []db.Change
	s.db.OnChange(func(c db.Change) { told = append(told, c) })
	a := s.attach(i.ID, "a", noise(10), 2)
	s.must(s.db.ChangeAttachments(s.Context(), i.ID, []db.AttachmentChange{{ID: a.ID, Label: "b"}}, "u1", after(3)))
	s.must(s.db.ChangeAttachments(s.Context(), i.ID, []db.AttachmentChange{{ID: a.ID, Remove: true}}, "u1", after(4)))
	content := db.Change{Kind: "content", Key: i.ID}
	s.equal(told, []db.Change{content, content, content})
}
