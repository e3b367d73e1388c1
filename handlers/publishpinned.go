package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"portico/auth/reading"
	"portico/db"
	"portico/views"
)

// longPinned is how much of a title is said of what is kept on top.
const longPinned = 60

// pinnedBeside puts what else is kept on top now into an announcement's page.
func (s *Server) pinnedBeside(ctx context.Context, m *views.EditorModel, i *db.Item) error {
	if m.Kind != string(db.Announcement) {
		return nil
	}
	all, err := s.DB.PinnedItems(ctx, s.Now())
	if err != nil {
		return err
	}
	m.MostPinned = reading.MostPinned
	for _, one := range all {
		if i == nil || one.ID != i.ID {
			m.Pinned = append(m.Pinned, views.PinnedRow{Title: shorter(one.Title, longPinned), Until: one.Pinned})
		}
	}
	return nil
}

// pinnedWord says, of an announcement that was saved to be kept on top, what
// gives way to it or what it gives way to; "" while there is room for all.
func (s *Server) pinnedWord(ctx context.Context, i *db.Item) (string, error) {
	at := later(s.Now(), i.Publish)
	if state := i.State(at); i.Kind != db.Announcement || !at.Before(i.Pinned) || state != db.StatePublished {
		return "", nil
	}
	all, err := s.DB.PinnedItems(ctx, at)
	if err != nil || len(all) <= reading.MostPinned {
		return "", err
	}
	var titles []string
	for _, one := range all[reading.MostPinned:] {
		titles = append(titles, "“"+shorter(one.Title, longPinned)+"”")
	}
	word := fmt.Sprintf(" At most %d are shown on top, the newest. ", reading.MostPinned)
	if slices.ContainsFunc(all[reading.MostPinned:], func(one db.Item) bool { return one.ID == i.ID }) {
		return word + "Others are newer, so whoever may see those does not see this one on top.", nil
	}
	return word + "Whoever may see them all does not see " + strings.Join(titles[:min(len(titles), 3)], ", ") + " on top any more.", nil
}

// shorter is the beginning of a text that is too long.
func shorter(text string, most int) string {
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	return string(letters[:most-1]) + "…"
}
