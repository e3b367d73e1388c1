package db

import (
	"errors"
	"path/filepath"
	"testing"
	"time"
)

// Whom a notice reached after the backup was made, nobody knows: restored, it
// does not go on. A backup from before there were notices is restored too.
func TestRestoreAbandonsNotices(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	target, file, older := filepath.Join(dir, "portico.db"), filepath.Join(dir, "copy.db"), filepath.Join(dir, "older.db")
	d, err := Open(t.Context(), "sqlite:"+target, Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	u, _, err := d.SignIn(t.Context(), SignIn{Provider: "https://id.example", Sub: "amina", Session: NewSession{
		TokenHash: "hash", StateHash: "state", Began: now, Created: now, Expires: now.Add(time.Hour), Idle: time.Hour,
	}})
	i, e1 := d.CreateItem(t.Context(), Announcement, Content{Slug: "hall", Title: "Hall", Publish: now}, "editor", now)
	n, e2 := d.StartNotice(t.Context(), Notice{ItemID: i.ID, Title: "Hall", Body: "B 12", Type: "info", By: "editor"}, "", now)
	err = errors.Join(err, e1, e2, d.EnrolPeople(t.Context(), n.ID, []NoticePerson{{UserID: u.ID, State: SendWaiting}}, now), d.BeginNotice(t.Context(), n.ID, now))
	_, e3 := d.Backup(t.Context(), file, false)
	for _, drop := range []string{`DROP TABLE notice_people`, `DROP TABLE notices`} {
		_, e := d.Writer().ExecContext(t.Context(), drop)
		err = errors.Join(err, e)
	}
	_, e4 := d.Backup(t.Context(), older, false)
	if err := errors.Join(err, e3, e4, d.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), older, target, "me", now); err != nil {
		t.Errorf("a backup without notices: %v", err)
	}
	if _, err := Restore(t.Context(), file, target, "me", now); err != nil {
		t.Fatal(err)
	}
	if d, err = Open(t.Context(), "sqlite:"+target, Options{}); err != nil {
		t.Fatal(err)
	}
	got, err := d.Notice(t.Context(), n.ID)
	open, e5 := d.OpenNotices(t.Context())
	if err := errors.Join(err, e5, d.Close()); err != nil || got.State != NoticeDone || got.Counts != (NoticeCounts{Stopped: 1}) || len(open) > 0 {
		t.Errorf("restored: %+v, %d on their way (%v)", got, len(open), err)
	}
}
