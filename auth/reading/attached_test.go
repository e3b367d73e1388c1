package reading

import (
	"slices"
	"strings"
	"testing"
	"time"

	"portico/auth"
	"portico/db"
)

func TestNamedIn(t *testing.T) {
	got := NamedIn("![a](/pictures/" + hall.ID + ") [x](/files/" + list.ID + "/exam-list.pdf) [![b](/pictures/" + line.ID + ")](/files/" + list.ID + ")\n\n![c](//x/y.png) ![d](/pictures/zzz) [e](/files/) [f](https://x/files/Y)\n\n`![g](/pictures/" + hall.ID + ")`")
	want := Named{Pictures: []string{hall.ID, line.ID}, Files: []string{list.ID, list.ID, ""}, Foreign: []string{"//x/y.png", "/pictures/zzz"}}
	if !slices.Equal(got.Pictures, want.Pictures) || !slices.Equal(got.Files, want.Files) || !slices.Equal(got.Foreign, want.Foreign) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestWeight(t *testing.T) {
	for n, want := range map[int]string{0: "0 kB", 1: "1 kB", 44_001: "45 kB", 999_000: "999 kB", 999_001: "1.0 MB", 1_240_000: "1.2 MB"} {
		if got := Weight(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

// Whoever saves data gets a link for each picture, and no picture but those
// that were asked for.
func TestSparing(t *testing.T) {
	a, err := newArticle(db.Item{Content: db.Content{Body: "One ![the \"map\"](/pictures/" + hall.ID + ") two ![](/pictures/" + line.ID + ") ![gone](/pictures/" + strings.Repeat("B", 26) + ").", Audience: auth.Audience{To: auth.Everybody}.Text()}}, attached, NewMarkdown())
	if err != nil || !a.ShowsPictures() {
		t.Fatalf("%+v, %v", a, err)
	}
	link := func(id, query, weight string) string {
		return `<a class="btn" href="?` + query + `#p-` + id + `">Show picture, ` + weight + `</a>`
	}
	map1 := `<br/><span class="meta">the &#34;map&#34;</span>`
	for asked, want := range map[string]string{
		"":      "<p>One " + link(hall.ID, "picture="+hall.ID, "45 kB") + map1 + " two " + link(line.ID, "picture="+line.ID, "1 kB") + " gone.</p>\n",
		hall.ID: `<p>One <img id="p-` + hall.ID + `" src="/pictures/` + hall.ID + `/480" width="480" height="360" alt="the &#34;map&#34;"/> two ` + link(line.ID, "picture="+hall.ID+"&amp;picture="+line.ID, "1 kB") + " gone.</p>\n",
		"x":     "<p>One " + link(hall.ID, "picture="+hall.ID, "45 kB") + map1 + " two " + link(line.ID, "picture="+line.ID, "1 kB") + " gone.</p>\n",
	} {
		if got := a.Sparing([]string{asked, asked}); got != want {
			t.Errorf("%q:\n got %q\nwant %q", asked, got, want)
		}
	}
	plain, err := newArticle(db.Item{Content: db.Content{Body: "No picture. ![x](/pictures/" + list.ID + ")", Audience: auth.Audience{To: auth.Everybody}.Text()}}, attached, NewMarkdown())
	if err != nil || plain.ShowsPictures() && plain.Sparing(nil) != plain.HTML {
		t.Errorf("%q, %v", plain.Sparing(nil), err)
	}
}

func TestCover(t *testing.T) {
	for name, c := range map[string]struct {
		body  string
		sizes []db.Size
		want  int
	}{
		"the largest that is light": {"![a](/pictures/" + hall.ID + ")", []db.Size{{Width: 480, Height: 360, Bytes: 50_000}, {Width: 960, Height: 720, Bytes: 299_999}, {Width: 1440, Height: 1080, Bytes: 300_000}}, 960},
		"too small":                 {"![a](/pictures/" + hall.ID + ")", []db.Size{{Width: 299, Height: 400, Bytes: 50_000}}, 0},
		"too flat":                  {"![a](/pictures/" + hall.ID + ")", []db.Size{{Width: 480, Height: 200, Bytes: 50_000}}, 0},
		"not in the text":           {"a", []db.Size{{Width: 480, Height: 360, Bytes: 50_000}}, 0},
	} {
		p := hall
		p.Sizes = c.sizes
		a, err := newArticle(db.Item{Content: db.Content{Body: c.body, Audience: auth.Audience{To: auth.Everybody}.Text()}}, Attached{p}, NewMarkdown())
		if err != nil {
			t.Fatal(err)
		}
		if _, size := a.Cover(); size.Width != c.want {
			t.Errorf("%s: %d wide, want %d", name, size.Width, c.want)
		}
	}
}

// A file is where its item is, and nowhere else: not before it appears, not
// for others, not when it was taken back. What is new shows at once, in this
// process and in others.
func TestAttachmentsAreWhereTheirItemIs(t *testing.T) {
	onBothEngines(t, func(w *world) {
		w.watch()
		all, some, draft, later := content("All"), content("Some"), content("Draft"), content("Later")
		some.Audience = auth.Audience{To: auth.Groups, Groups: []auth.Group{{auth.AboutLevel: {"300"}}}}.Text()
		draft.Draft, later.Publish = true, began.Add(time.Hour)
		all.Until = began.Add(2 * time.Hour)
		ids, items := map[string]string{}, map[string]db.Item{}
		for name, c := range map[string]db.Content{"all": all, "some": some, "draft": draft, "later": later} {
			items[name] = w.create(db.Announcement, c)
			a, err := w.db.AddAttachment(w.Context(), db.Attachment{ItemID: items[name].ID, Label: "List of zebras", Type: "application/pdf", Sizes: make([]db.Size, 1), Sum: name}, [][]byte{{1}}, "editor", w.now)
			w.must(err)
			ids[name] = a.ID
		}
		other := w.another()
		sees := func(r Reader, want ...string) {
			w.Helper()
			for _, lib := range []*Library{w.lib, other} {
				shelf, err := lib.For(w.Context(), r)
				w.must(err)
				var got []string
				for name, id := range ids {
					if found, a := shelf.Attachment(id); a != nil && found.ID == items[name].ID && a.ID == id {
						got = append(got, name)
					}
				}
				slices.Sort(got)
				if !slices.Equal(got, want) {
					w.Errorf("seen: %v, want %v", got, want)
				}
			}
		}
		amina, chidi := Person(w.student("amina", "300")), Person(w.student("chidi", "400"))
		sees(Nobody(), "all")
		sees(amina, "all", "some")
		sees(chidi, "all")
		sees(Reader{})
		if hits := w.shelf(amina).Search("zebra", 10, 0).Hits; len(hits) != 2 {
			w.Errorf("by the name of their file %d are found", len(hits))
		}
		w.now = began.Add(90 * time.Minute)
		sees(Nobody(), "all", "later")
		w.now = began.Add(3 * time.Hour)
		sees(Nobody(), "all", "later") // it ended, and can be read at its address
		_, err := w.db.TurnItem(w.Context(), items["later"].ID, db.TurnWithdraw, "editor", w.now)
		w.must(err)
		sees(Nobody(), "all")
		w.must(w.db.ChangeAttachments(w.Context(), items["all"].ID, []db.AttachmentChange{{ID: ids["all"], Remove: true}}, "editor", w.now))
		sees(Nobody())
		sees(amina, "some")
		w.must(w.db.ChangeAttachments(w.Context(), items["some"].ID, []db.AttachmentChange{{ID: ids["some"], Label: "Another name"}}, "editor", w.now))
		if _, a := w.shelf(amina).Attachment(ids["some"]); a == nil || a.Label != "Another name" {
			w.Errorf("the new label does not show: %+v", a)
		}
	})
}
