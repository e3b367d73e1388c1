package handlers

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	feeds "golang.org/x/tools/blog/atom"

	"portico/auth/reading"
)

const (
	feedType    = "application/atom+xml; charset=utf-8"
	feedPath    = "/feed.xml"
	feedEntries = 50 // the newest; a reader asks more often than so many appear
)

// feed is the announcements for everybody as an Atom feed (RFC 4287).
func (s *Server) feed(w http.ResponseWriter, v *visit) error {
	return s.share(w, v, feedType, func(shelf *reading.Shelf) ([]byte, error) {
		body, err := xml.Marshal(s.atomFeed(shelf))
		if err != nil {
			return nil, fmt.Errorf("writing the feed: %w", err)
		}
		return append([]byte(xml.Header), body...), nil
	})
}

func (s *Server) atomFeed(shelf *reading.Shelf) *feeds.Feed {
	site := s.site(shelf.Settings())
	f := &feeds.Feed{
		Title: "Announcements · " + site.Name, ID: s.absolute(feedPath), Author: &feeds.Person{Name: site.Name, URI: s.absolute("/")},
		Link: []feeds.Link{
			{Rel: "self", Href: s.absolute(feedPath), Type: "application/atom+xml"},
			{Rel: "alternate", Href: s.absolute(announcementsPath), Type: "text/html"},
		},
	}
	updated := time.Unix(0, 0) // of a feed in which nothing ever was
	all := shelf.Announcements("")
	for _, a := range all[:min(feedEntries, len(all))] {
		f.Entry = append(f.Entry, s.atomEntry(a))
		if at := lastChanged(a.Article); at.After(updated) {
			updated = at
		}
	}
	f.Updated = feeds.Time(updated.UTC())
	return f
}

// atomEntry is one announcement. Its id stays whatever becomes of its title
// and address (RFC 4287, section 4.2.6).
func (s *Server) atomEntry(a reading.Shown) *feeds.Entry {
	address := s.absolute(pathOf(a.Kind, a.Slug))
	return &feeds.Entry{
		Title: a.Title, ID: s.tagURI(a.Article), Link: []feeds.Link{{Rel: "alternate", Href: address, Type: "text/html"}},
		Published: feeds.Time(a.Publish.UTC()), Updated: feeds.Time(lastChanged(a.Article).UTC()),
		Summary: &feeds.Text{Type: "text", Body: a.Excerpt}, Content: &feeds.Text{Type: "html", Body: s.elsewhere(a.HTML)},
	}
}

// tagURI names an item for good (RFC 4151).
func (s *Server) tagURI(a *reading.Article) string {
	return fmt.Sprintf("tag:%s,%s:%s/%s", s.AppURL.Hostname(), a.Created.UTC().Format(time.DateOnly), a.Kind, a.ID)
}

// lastChanged is when readers last got something new: when it was saved, or
// later, when it appeared.
func lastChanged(a *reading.Article) time.Time {
	if a.Saved.Before(a.Publish) {
		return a.Publish
	}
	return a.Saved
}

// elsewhere makes an item's HTML fit to be shown far from the portal: its
// links and pictures lead here in full.
func (s *Server) elsewhere(safe string) string {
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(safe), body)
	if err != nil { // a string does not fail to be read, and any text is HTML
		return ""
	}
	var b strings.Builder
	for _, n := range nodes {
		s.lengthen(n)
		for d := range n.Descendants() {
			s.lengthen(d)
		}
		_ = html.Render(&b, n) // a strings.Builder takes all
	}
	return b.String()
}

// lengthen makes the addresses in one element full ones; a srcset, which
// would only offer the same picture in other sizes, goes.
func (s *Server) lengthen(n *html.Node) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "srcset" || a.Key == "sizes" })
	for i, a := range n.Attr {
		if a.Key == "href" || a.Key == "src" {
			if to, err := s.AppURL.Parse(a.Val); err == nil {
				n.Attr[i].Val = to.String()
			}
		}
	}
}
