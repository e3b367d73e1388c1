package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"portico/auth/reading"
	"portico/db"
	"portico/views"
)

// change is what a row of the settings makes of an item.
type change struct {
	field   string // where to say that somebody else was faster
	item    db.Item
	version int // that the row was drawn from
	remove  bool
}

// setLinks adds, changes and removes quick links.
func (d *settingsDesk) setLinks(w http.ResponseWriter) error {
	stored, err := d.items(db.QuickLink)
	if err != nil {
		return err
	}
	var next []change
	d.m.Links = nil
	d.rows("link", "label", func(i int, id func(string) string) {
		row := views.LinkRow{
			ID: d.typed(id("id")), Version: d.typed(id("version")), Label: d.typed(id("label")), Address: d.typed(id("address")),
			Audience: d.typed(id("audience")), Remove: d.typed(id("remove")) != "",
		}
		d.m.Links = append(d.m.Links, row)
		c := change{field: id("label"), item: itemOf(stored, row.ID), version: versionOf(row.Version), remove: row.Remove && row.ID != ""}
		label := d.line(id("label"), "Words", 80)
		if row.ID == "" && label == "" && strings.TrimSpace(row.Address) == "" {
			return
		}
		if !c.remove {
			d.checkLink(&c, i, row, label, id)
		}
		next = append(next, c)
	})
	return d.saveItems(w, db.QuickLink, next, "The quick links are saved.")
}

// checkLink reads one link into its item.
func (d *settingsDesk) checkLink(c *change, i int, row views.LinkRow, label string, id func(string) string) {
	if label == "" {
		d.wrong(id("label"), "Link %d: write the words people click.", i+1)
	}
	c.item.Title = label
	c.item.Link = d.linkAddress(id("address"), i+1)
	if audience := d.preset(row.Audience); audience != "" {
		c.item.Audience = audience
	} else if row.ID == "" || row.Audience != "" {
		d.wrong(id("audience"), "Link %d: choose for whom it is.", i+1)
	}
}

// linkAddress reads where a link leads: to a web or e-mail address, or into
// the portal.
func (d *settingsDesk) linkAddress(id string, n int) string {
	text := strings.TrimSpace(d.typed(id))
	if text == "" {
		d.wrong(id, "Link %d: write where it leads.", n)
		return ""
	}
	if strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//") && !strings.ContainsAny(text, " \\") {
		return text
	}
	whole, ok := webAddress(text)
	if !ok || len(whole) > 500 {
		d.wrong(id, "Link %d: “%s” is not an address. It begins with https://, or with / when it is a page of this portal.", n, text)
	}
	return whole
}

// setMenu takes which pages stand in the menu.
func (d *settingsDesk) setMenu(w http.ResponseWriter) error {
	stored, err := d.items(db.FreePage)
	if err != nil {
		return err
	}
	var next []change
	d.m.Pages = nil
	d.rows("page", "id", func(_ int, id func(string) string) {
		i := itemOf(stored, d.typed(id("id")))
		if i.ID == "" {
			return // put away meanwhile
		}
		row := views.PageRow{ID: i.ID, Version: d.typed(id("version")), Title: i.Title, InMenu: d.typed(id("in")) != ""}
		d.m.Pages = append(d.m.Pages, row)
		i.InMenu = row.InMenu
		next = append(next, change{field: id("in"), item: i, version: versionOf(row.Version)})
	})
	return d.saveItems(w, db.FreePage, next, "The menu is saved.")
}

func itemOf(all []db.Item, id string) db.Item {
	if at := slices.IndexFunc(all, func(i db.Item) bool { return i.ID == id && id != "" }); at >= 0 {
		return all[at]
	}
	return db.Item{}
}

func versionOf(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0 // no item has it
	}
	return n
}

// saveItems stores changed items, unless something is wrong or somebody else has
// changed one since the page was drawn. What is as it was is left alone.
func (d *settingsDesk) saveItems(w http.ResponseWriter, kind db.Kind, all []change, word string) error {
	if len(d.m.Problems) == 0 {
		for n := range all {
			if err := d.saveItem(kind, &all[n]); err != nil {
				return err
			}
		}
	}
	if len(d.m.Problems) > 0 {
		return d.draw(w, http.StatusUnprocessableEntity)
	}
	return d.saved(w, word)
}

func (d *settingsDesk) saveItem(kind db.Kind, c *change) error {
	ctx, by, now := d.v.r.Context(), d.v.live.User.ID, d.s.Now()
	var err error
	switch {
	case c.item.ID == "" && c.version > 0: // it was put away meanwhile
		err = db.ErrVersion
	case c.item.ID == "":
		c.item.Slug, c.item.Publish, c.item.Owner = reading.Slug(c.item.Title), now, by
		_, err = d.s.DB.CreateItem(ctx, kind, c.item.Content, by, now)
	case c.item.Version != c.version:
		err = db.ErrVersion
	case c.remove:
		_, err = d.s.DB.TurnItem(ctx, c.item.ID, db.TurnArchive, by, now)
	default:
		var stored db.Item
		if stored, err = d.s.DB.Item(ctx, c.item.ID); err == nil && !sameRow(stored, c.item) {
			_, err = d.s.DB.UpdateItem(ctx, c.item.ID, c.version, c.item.Content, by, now)
		}
	}
	if errors.Is(err, db.ErrVersion) || errors.Is(err, db.ErrNotFound) {
		d.wrong(c.field, "Somebody else has changed this meanwhile. Open the page again to see it; what you wrote is still here to copy.")
		return nil
	}
	return err
}

// sameRow says whether what the settings show of two items is the same.
func sameRow(a, b db.Item) bool {
	return a.Title == b.Title && a.Link == b.Link && a.Audience == b.Audience && a.InMenu == b.InMenu
}
