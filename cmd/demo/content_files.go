package main

import (
	"context"
	"fmt"
	"slices"

	"portico/cmd/internal/sample"
	"portico/db"
	"portico/handlers/intake"
)

// files give two notices what notices have: a list to print, and a picture.
func (s *seeder) files(ctx context.Context) error {
	all, err := s.db.Items(ctx, db.ItemFilter{Kind: db.Announcement, State: db.StatePublished, Now: s.now, Limit: 100})
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(i db.Item) bool { return i.Audience != audience("all") })
	if len(all) < 2 {
		return fmt.Errorf("%d notices are for everybody; files need two", len(all))
	}
	list, shown := all[0], all[1]
	if _, err := s.attach(ctx, list, "list.pdf", "To print and hang up", sample.PDF(list.Title, "Department of Computer Science", "This is a sample: the department does not exist.")); err != nil {
		return err
	}
	picture, err := s.attach(ctx, shown, "plain.jpg", "The plain behind block D in the evening", sample.JPEG(1440, 810, 16.3))
	if err != nil {
		return err
	}
	c := shown.Content
	c.Body += fmt.Sprintf("\n\n![%s](/pictures/%s)\n", picture.Label, picture.ID)
	_, err = s.db.UpdateItem(ctx, shown.ID, shown.Version, c, s.owner, s.now)
	return err
}

func (s *seeder) attach(ctx context.Context, i db.Item, name, label string, file []byte) (db.Attachment, error) {
	t, err := intake.Read(ctx, intake.NewTurn(), name, file)
	if err != nil {
		return db.Attachment{}, fmt.Errorf("the demo's %s: %w", name, err)
	}
	t.ItemID, t.Label = i.ID, label
	return s.db.AddAttachment(ctx, t.Attachment, t.Data, s.owner, s.now)
}
