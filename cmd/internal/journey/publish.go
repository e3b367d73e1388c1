package journey

import (
	"testing"
	"time"

	"portico/auth"
	"portico/auth/reading"
	"portico/db"
)

// Editor is whom the harness names as the editor of what it publishes.
const Editor = "journey"

// Publish puts an item into the portal, as its editors do, and returns it as
// it is stored. What is left empty is made up: an address of the title,
// everybody as the audience, published an hour ago.
func (w *World) Publish(t testing.TB, kind db.Kind, c db.Content) db.Item {
	t.Helper()
	if c.Slug == "" {
		c.Slug = reading.Slug(c.Title)
	}
	if c.Audience == "" {
		c.Audience = ForEverybody()
	}
	if c.Publish.IsZero() {
		c.Publish = w.Now().Add(-time.Hour)
	}
	i, err := w.App.DB.CreateItem(t.Context(), kind, c, Editor, w.Now())
	if err != nil {
		t.Fatalf("publishing %q: %v", c.Title, err)
	}
	return i
}

// Revise saves a new version of an item.
func (w *World) Revise(t testing.TB, i db.Item, change func(*db.Content)) db.Item {
	t.Helper()
	c := i.Content
	change(&c)
	next, err := w.App.DB.UpdateItem(t.Context(), i.ID, i.Version, c, Editor, w.Now())
	if err != nil {
		t.Fatalf("saving %q again: %v", i.Title, err)
	}
	return next
}

// Turn takes an item through a turn of its life.
func (w *World) Turn(t testing.TB, i db.Item, turn db.Turn) db.Item {
	t.Helper()
	next, err := w.App.DB.TurnItem(t.Context(), i.ID, turn, Editor, w.Now())
	if err != nil {
		t.Fatalf("%s of %q: %v", turn, i.Title, err)
	}
	return next
}

// settingWords tells departments by their ids.
var settingWords = reading.SettingWords(func(id string) string { return id })

// SaveSettings stores settings of the portal; what is left empty is removed.
func (w *World) SaveSettings(t testing.TB, s reading.Settings) {
	t.Helper()
	if err := w.App.DB.SaveSettings(t.Context(), s.Rows(), settingWords, Editor, w.Now()); err != nil {
		t.Fatalf("saving settings: %v", err)
	}
}

// ForEverybody is the audience of whoever comes.
func ForEverybody() string { return auth.Audience{To: auth.Everybody}.Text() }

// ForSignedIn is the audience of whoever is signed in.
func ForSignedIn() string { return auth.Audience{To: auth.SignedIn}.Text() }

// ForStudents is the audience of one level of one department; "" does not
// matter.
func ForStudents(level, department string) string {
	g := auth.Group{}
	for fact, value := range map[auth.AudienceFact]string{auth.AboutLevel: level, auth.AboutDepartment: department} {
		if value != "" {
			g[fact] = []string{value}
		}
	}
	return auth.Audience{To: auth.Groups, Groups: []auth.Group{g}}.Text()
}
