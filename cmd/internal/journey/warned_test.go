package journey

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"portico/cmd/internal/sample"
	"portico/db"
)

// Whoever writes is told what their button does before they press it: that
// readers see it at once, what gives way on top of the first page, and what an
// earlier version does not bring back.
func TestWritersAreWarned(t *testing.T) {
	w := Start(t, Options{})
	p := signedIn(t, w, funke)
	t.Run("readers see changes at once", func(t *testing.T) { warnedOfReaders(t, w, p) })
	t.Run("kept on top", func(t *testing.T) { warnedOfPins(t, w, p) })
	t.Run("an earlier version", func(t *testing.T) { warnedOfLosses(t, w, p) })
}

func warnedOfReaders(t *testing.T, w *World, p *Person) {
	const warning = "Readers see this now. “Save changes” shows them at once what you have written. To go on another time, press “Keep for later”: nobody else sees that."
	for state, c := range map[string]db.Content{
		db.StateDraft: {Draft: true}, db.StateScheduled: {Publish: w.Now().Add(time.Hour)}, db.StatePublished: {}, db.StateExpired: {Until: w.Now().Add(-time.Minute)},
	} {
		c.Title = "In the state " + state
		i := w.Publish(t, db.FreePage, c)
		p.must(t, p.Visit("/admin/publish/pages/"+i.ID), http.StatusOK)
		if got := p.reads(warning); got != (state == db.StatePublished) {
			t.Errorf("%s: warned is %t: %s", state, got, p.Text())
		}
	}
}

func warnedOfPins(t *testing.T, w *World, p *Person) {
	pinned := func(title string, hours int) db.Item {
		return w.Publish(t, db.Announcement, db.Content{Title: title, Publish: w.Now().Add(-time.Duration(hours) * time.Hour), Pinned: w.Now().AddDate(0, 0, 5)})
	}
	until := w.Now().AddDate(0, 0, 3).Format(time.DateOnly)
	pinned("Pin four", 4)
	w.Turn(t, pinned("Pin withdrawn", 1), db.TurnWithdraw)
	p.must(t, p.Visit(newAnnouncement), http.StatusOK)
	p.sees(t, "Readers see at most 3 on top, the newest.", "Kept on top now: “Pin four” until ")
	if p.reads("Pin withdrawn") || p.reads("gives way") {
		t.Errorf("with one on top the form reads: %s", p.Text())
	}
	pinned("Pin three", 3)
	p.must(t, p.Visit(newAnnouncement), http.StatusOK)
	p.write(t, "publish", http.StatusOK, map[string]string{"title": "Pin zero", "to": "everybody", "pinned": until})
	p.sees(t, "Published. Readers see it now.")
	if p.reads("At most 3 are shown on top") {
		t.Errorf("the third gives way to none: %s", p.Text())
	}
	p.must(t, p.Visit(newAnnouncement), http.StatusOK)
	p.sees(t, "“Pin four” gives way to this one, unless this one is older.")
	p.write(t, "publish", http.StatusOK, map[string]string{"title": "Not pinned", "to": "everybody"})
	if p.reads("At most 3 are shown on top") {
		t.Errorf("one that is not on top takes nobody's place: %s", p.Text())
	}
	p.must(t, p.Visit(newAnnouncement), http.StatusOK)
	p.write(t, "publish", http.StatusOK, map[string]string{"title": "Pin newest", "to": "everybody", "pinned": until})
	p.sees(t, "At most 3 are shown on top, the newest. Whoever may see them all does not see “Pin four” on top any more.")
	old := w.Publish(t, db.Announcement, db.Content{Title: "Old notice", Publish: w.Now().AddDate(0, 0, -9)})
	p.must(t, p.Visit("/admin/publish/announcements/"+old.ID), http.StatusOK)
	p.write(t, "publish", http.StatusOK, map[string]string{"pinned": until})
	p.sees(t, "Others are newer, so whoever may see those does not see this one on top.")
	p.must(t, p.Visit("/"), http.StatusOK)
	if got := p.titlesOn(".pins .t"); got != "Pin newest, Pin zero, Pin three" {
		t.Errorf("on top stand %s", got)
	}
	// One that is to come takes its place when it comes.
	p.must(t, p.Visit(newAnnouncement), http.StatusOK)
	later := w.Now().In(w.Config.Portico.Timezone).Add(2 * time.Hour)
	p.write(t, "publish", http.StatusOK, map[string]string{"title": "Pin tomorrow", "to": "everybody", "publish": later.Format("2006-01-02T15:04"), "pinned": until})
	p.sees(t, "Scheduled.", "does not see “Pin three”, “Pin four”, “Old notice” on top any more.")
}

func warnedOfLosses(t *testing.T, w *World, p *Person) {
	i := w.Publish(t, db.Announcement, db.Content{Title: "Hall B", Body: "The way."})
	page := "/admin/publish/announcements/" + i.ID
	add := func(name, label string, file []byte) {
		p.must(t, p.Visit(page), http.StatusOK)
		p.attachFile(t, http.StatusOK, name, file, map[string]string{"attach_label": label})
	}
	add("a.jpg", "From the gate", sample.JPEG(300, 200, 9))
	add("b.jpg", "From the hall", sample.JPEG(400, 300, 9))
	add("list.pdf", "List", sample.PDF("List"))
	all, err := w.App.DB.AttachmentsOf(t.Context(), i.ID)
	must(t, err)
	show := "![a](/pictures/" + all[0].ID + ")\n\n![b](/pictures/" + all[1].ID + ")"
	save := func(fill map[string]string) {
		p.must(t, p.Visit(page), http.StatusOK)
		p.write(t, "publish", http.StatusOK, fill)
	}
	losses := func(version, want string) {
		t.Helper()
		p.must(t, p.Visit(page+"/history/"+version), http.StatusOK)
		got := ""
		for _, n := range p.all(".note") {
			got = textOf(n)
		}
		if !strings.HasPrefix(got, want) || (got == "") != (want == "") {
			t.Errorf("version %s says %q, want %q", version, got, want)
		}
	}
	save(map[string]string{"body": show})                                                                                        // 2
	save(map[string]string{"body": "Without.", "remove-" + all[1].ID: "yes"})                                                    // 3
	add("late.pdf", "Late", sample.PDF("Late"))                                                                                  // belongs to 3
	losses("2", "1 picture of this version was removed since and will not come back.")                                           // named in the text
	losses("3", "")                                                                                                              // the present one
	save(map[string]string{"body": "Without any.", "remove-" + all[0].ID: "yes", "remove-" + all[2].ID: "yes"})                  // 4
	losses("1", "1 file of this version was removed since and will not come back. Where the text still names it, take that out") // stood under it
	losses("2", "2 pictures and 1 file of this version were removed since and will not come back.")                              // both ways
	losses("3", "1 file of this version was removed since and will not come back.")                                              // what went with it is not counted
	p.must(t, p.Visit(page+"/history/2"), http.StatusOK)
	p.must(t, p.Click("Restore this version"), http.StatusOK)
	p.sees(t, "Restored. It is a new version now.")
}
