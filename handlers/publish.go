package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"portico/auth"
	"portico/db"
	"portico/views"
)

const (
	publishPath = "/admin/publish"
	publishRows = 20
	reviewRows  = 10
)

// writing is one kind of item as those who write see it.
type writing struct {
	kind      db.Kind
	path      string // below publishPath
	one, many string
	text      string
	readers   string // the pattern of its own page, "" when it has none
}

func writings() []writing {
	return []writing{
		{db.Announcement, "announcements", "Announcement", "Announcements", "News that is valid for a time.", "/announcements/"},
		{db.EventItem, "events", "Event", "Events", "Classes, exams, deadlines and all else with a date.", "/events/"},
		{db.PersonEntry, "people", "Person", "People", "Who works here, and how to reach them.", ""},
		{db.FreePage, "pages", "Page", "Pages", "What stays: handbooks, rules, how to find us.", "/pages/"},
		{db.QuickLink, "links", "Quick link", "Quick links", "Addresses people need often.", ""},
	}
}

func (k writing) list() string             { return publishPath + "/" + k.path }
func (k writing) address(id string) string { return k.list() + "/" + id }

// writingOf is the kind that an address names.
func writingOf(v *visit) (writing, error) {
	for _, k := range writings() {
		if k.path == v.r.PathValue("kind") {
			return k, nil
		}
	}
	return writing{}, problem(http.StatusNotFound, nil)
}

func writingOfKind(kind db.Kind) writing {
	for _, k := range writings() {
		if k.kind == kind {
			return k
		}
	}
	return writing{}
}

// ItemAddress says where readers find an item of a kind, as a whole address;
// "" when it has no page of its own.
func ItemAddress(portal *url.URL) func(kind db.Kind, slug string) string {
	return func(kind db.Kind, slug string) string {
		if k := writingOfKind(kind); k.readers != "" {
			return portal.JoinPath(k.readers, slug).String()
		}
		return ""
	}
}

// itemOf is the item that an address names.
func (s *Server) itemOf(v *visit) (writing, db.Item, error) {
	k, err := writingOf(v)
	if err != nil {
		return k, db.Item{}, err
	}
	i, err := s.DB.Item(v.r.Context(), v.r.PathValue("id"))
	if errors.Is(err, db.ErrNotFound) || err == nil && i.Kind != k.kind {
		return k, i, problem(http.StatusNotFound, nil)
	}
	return k, i, err
}

// publishDesk is what is mine to do.
func (s *Server) publishDesk(w http.ResponseWriter, v *visit) error {
	ctx := v.r.Context()
	m := views.PublishModel{Desk: true, Heading: "Publish", Lead: "What the department tells its people. Nothing is seen before you publish it."}
	for _, k := range writings() {
		m.New = append(m.New, views.Entry{Label: "New " + strings.ToLower(k.one), Href: k.list() + "/new"})
		m.Kinds = append(m.Kinds, views.Entry{Label: k.many, Href: k.list(), Text: k.text})
	}
	var err error
	if m.Unsaved, err = s.unsavedOf(v); err != nil {
		return err
	}
	if m.Notices, err = s.latestNotices(v); err != nil {
		return err
	}
	d, err := s.due(ctx, v.live.User)
	if err != nil {
		return err
	}
	asked := d.asked()
	m.Review, m.MoreReview, m.ReviewsHref = s.reviewRows(ctx, asked[:min(len(asked), reviewRows)], v.live.User.ID), max(0, len(asked)-reviewRows), reviewsPath
	return s.drawList(w, v, &m, db.ItemFilter{Owner: v.live.User.ID}, publishPath)
}

// publishKind is all items of one kind.
func (s *Server) publishKind(w http.ResponseWriter, v *visit) error {
	k, err := writingOf(v)
	if err != nil {
		return err
	}
	m := views.PublishModel{Heading: k.many, Lead: k.text, New: []views.Entry{{Label: "New " + strings.ToLower(k.one), Href: k.list() + "/new"}}}
	if order := k.order(); order != "" {
		m.Beside = append(m.Beside, views.Entry{Label: "Change their order", Href: order})
	}
	if k.kind == db.EventItem {
		last, err := s.lastImport(v)
		if err != nil {
			return err
		}
		m.Beside = append([]views.Entry{{Label: "Add a timetable from a file", Href: importPath}}, last...)
	}
	return s.drawList(w, v, &m, db.ItemFilter{Kind: k.kind}, k.list())
}

func (s *Server) itemRow(ctx context.Context, i db.Item, names map[string]string) views.ItemRow {
	k := writingOfKind(i.Kind)
	row := views.ItemRow{
		Href: k.address(i.ID), Title: i.Title, Kind: k.one, State: i.State(s.Now()), For: s.forWhom(i.Audience),
		Publish: i.Publish, Until: i.Until, Saved: i.Saved, By: s.nameOf(ctx, i.SavedBy, names),
	}
	if i.Event != nil {
		row.When = whenText(i.Event)
	}
	return row
}

// nameOf is what a person is called, "" when nobody knows; names remembers.
func (s *Server) nameOf(ctx context.Context, id string, names map[string]string) string {
	if name, met := names[id]; met {
		return name
	}
	u, err := s.DB.User(ctx, id)
	if err == nil {
		names[id] = u.Name()
	} else {
		names[id] = ""
	}
	return names[id]
}

// forWhom says an audience in words.
func (s *Server) forWhom(text string) string {
	a, err := auth.ParseAudience(text)
	if err != nil {
		return "Nobody"
	}
	return capital(a.Words(s.Catalogue))
}

// itemPlace reads a place in a list; what is none is the beginning.
func itemPlace(text string) db.Place {
	digits, id, _ := strings.Cut(text, "-")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || id == "" {
		return db.Place{}
	}
	return db.Place{Saved: time.UnixMicro(n), ID: id}
}
