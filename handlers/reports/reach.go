package reports

import (
	"context"
	"time"

	"portico/auth"
	"portico/db"
	"portico/handlers/sheet"
	"portico/handlers/words"
	"portico/views"
)

// reach tells whether announcements are read.
func reach() report {
	return report{
		name: "reach", title: "Reach",
		lead: "Do announcements reach those they are meant for? Where few have opened one that matters, give it a plainer title, pin it, or tell people another way.",
		text: "For each announcement how many it was meant for, and how many opened it.",
		filters: func(_ context.Context, d *Desk) ([]filter, error) {
			f := filter{name: "category", label: "Category", options: []views.Option{option("", "All categories")}}
			for _, c := range d.Categories {
				f.options = append(f.options, option(c.ID, c.Name))
			}
			return []filter{f}, nil
		},
		cuts: func(*ask) []cut {
			empty := views.Empty{What: "No announcement in this period", Then: "Here are those that readers could see on some day of it. Choose other dates or another category."}
			return []cut{{name: "announcement", label: "By announcement", title: "Announcements", columns: reachColumns, order: "-at", empty: empty, read: readReach}}
		},
	}
}

var reachColumns = []sheet.Column{
	{Name: "title", Label: "Announcement", Kind: sheet.Text},
	{Name: "at", Label: "Published", Kind: sheet.Day},
	{Name: "category", Label: "Category", Kind: sheet.Text},
	{Name: "for", Label: "For", Kind: sheet.Text},
	{Name: "matching", Label: "Matching", Kind: sheet.Count, Meaning: "People known to the portal for whom it is meant, by what Campus One told of them. Counted in the background; empty until that was done. Others who fit will see it when they first sign in."},
	{Name: "opened", Label: "Opened", Kind: sheet.Count, Among: "matching", Meaning: "Different signed-in people who loaded the announcement’s own page, up to now. Visitors who are not signed in are not counted."},
	{Name: "share", Label: "Opened %", Kind: sheet.Share, Part: "opened", Whole: "matching", Bar: true, Meaning: "Those who opened it in per cent of those matching. Above 100 when some who opened it are no longer among them."},
	{Name: "marked", Label: "Marked", Kind: sheet.Count, Among: "matching", Meaning: "Different people who marked it as read without having to open it."},
	{Name: "read", Label: "Read", Kind: sheet.Count, Among: "matching", Meaning: "Different people who did either."},
}

func readReach(ctx context.Context, d *Desk, a *ask) (counted, error) {
	items, err := d.DB.ReachReport(ctx, a.span(), a.now, db.Announcement)
	if err != nil {
		return counted{}, err
	}
	var c counted
	var matched time.Time
	matching, opened, marked, readers := 0, 0, 0, 0
	for _, i := range items {
		if !a.is("category", i.Category) {
			continue
		}
		c.rows = append(c.rows, d.reachRow(a, &i))
		if !i.MatchedAt.IsZero() && (matched.IsZero() || i.MatchedAt.Before(matched)) {
			matched = i.MatchedAt
		}
		matching, opened, marked = matching+i.Matching, opened+i.Opened, marked+i.Marked
		if i.MatchedAt.IsZero() {
			readers = sheet.Unknown
		}
	}
	if readers != sheet.Unknown {
		readers = matching
	}
	if !matched.IsZero() {
		c.note = "Matching people were counted on " + matched.In(a.now.Location()).Format("Monday 2 January, 15:04") + "."
	}
	c.kpis = []headline{
		{label: "announcements", n: len(c.rows), note: "visible in the period", meaning: "Announcements that readers could see on some day of the period."},
		{label: "opened share", share: true, n: opened, of: matching, note: "of those they are meant for", meaning: "All openings in per cent of all matching people, added up over the announcements."},
		{label: "openings", n: opened, among: readers, meaning: "Openings of all these announcements. Who opened three counts three times."},
		{label: "marked as read", n: marked, among: readers, meaning: "Marks of all these announcements. Who marked three counts three times."},
	}
	return c, nil
}

func (d *Desk) reachRow(a *ask, i *db.ReachItem) sheet.Row {
	audience, err := auth.ParseAudience(i.Audience)
	if err != nil {
		audience = auth.Audience{} // nobody is shown what cannot be read
	}
	matching := count(i.Matching)
	if i.MatchedAt.IsZero() {
		matching.N = sheet.Unknown
	}
	title := text(i.Title)
	switch {
	case d.Exact:
		title.Href = "/admin/publish/announcements/" + i.ID
	case audience.To == auth.Everybody, audience.To == auth.SignedIn:
		title.Href = "/announcements/" + i.Slug
	}
	return sheet.Row{Key: i.ID, Values: []sheet.Value{
		title, when(i.Publish.In(a.now.Location())), text(d.category(i.Category)), text(words.Capital(audience.Words(d.Names))), matching, count(i.Opened), share, count(i.Marked), count(i.Readers),
	}}
}

func (d *Desk) category(id string) string {
	for _, c := range d.Categories {
		if c.ID == id {
			return c.Name
		}
	}
	return ""
}
