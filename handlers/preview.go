package handlers

import (
	"net/http"
	"strings"
	"sync"

	"portico/auth"
	"portico/auth/reading"
	"portico/db"
	"portico/views"
	"portico/views/card"
)

// previewPath is where pictures for links are. The last part of an address is
// the picture's key, so that it may be kept for ever; before it stands of which
// item it is, none for the portal as a whole.
const previewPath = "/preview"

// preview describes a page for everybody to whoever sees only a link to it.
// Programs that ask for it are never signed in, so other visitors' pages are
// spared the bytes.
func (s *Server) preview(v *visit, p *views.Page, text string) *views.Preview {
	if v.live != nil {
		return nil
	}
	title, c := p.Title, s.card(p.Site, v)
	if p.Path == "/" {
		title = p.Site.Name
	}
	return &views.Preview{
		Title: title, Text: text, URL: s.absolute(auth.OwnPath(v.r)), Site: p.Site.Name, Feed: feedPath,
		Image: s.absolute(previewPath + "/" + c.Key() + ".png"), Type: "image/png", Width: card.Width, Height: card.Height, Says: c.Title,
	}
}

// itemPreview is preview for an item's own page; what is not for everybody
// has none.
func (s *Server) itemPreview(v *visit, p *views.Page, a *reading.Article) *views.Preview {
	if v.live != nil || !a.Public {
		return nil
	}
	about := s.preview(v, p, a.Excerpt)
	c := s.itemCard(p.Site, v, a)
	about.Title, about.URL = a.Title, s.absolute(pathOf(a.Kind, a.Slug))
	about.Image, about.Says = s.absolute(previewPath+pathOf(a.Kind, a.Slug)+"/"+c.Key()+".png"), strings.TrimPrefix(c.Above+": "+c.Title, ": ")
	if p, size := a.Cover(); p != nil {
		about.Image, about.Says = s.absolute(reading.PictureAddress(p.ID, size.Width)), p.Label
		about.Type, about.Width, about.Height = p.Type, size.Width, size.Height
	}
	if about.Text == "" {
		about.Text = c.Above
	}
	if a.Kind == db.Announcement {
		about.Published = a.Publish
	}
	return about
}

// card is the picture of the portal as a whole.
func (s *Server) card(site views.Site, v *visit) card.Card {
	return card.Card{Site: site.University, Title: site.Name, Below: s.AppURL.Host, Accent: s.frame(v).Settings().Accent}
}

// itemCard is the picture of an item.
func (s *Server) itemCard(site views.Site, v *visit, a *reading.Article) card.Card {
	c := s.card(site, v)
	c.Site, c.Title, c.Above = site.Name, a.Title, ""
	switch {
	case a.Kind == db.Announcement:
		c.Above = "Announcement"
	case a.Event != nil:
		c.Above = eventLine(a.Event)
	}
	return c
}

// eventLine says in one line what sort of event it is, when and where.
func eventLine(e *db.Event) string {
	parts := []string{strings.ToUpper(e.Kind[:1]) + e.Kind[1:]}
	if !e.Cancelled.IsZero() {
		return parts[0] + " · cancelled"
	}
	starts, _ := e.Starts.Clock() // the database holds no other
	form := "Monday 2 January 2006"
	if e.RepeatTo != "" {
		form = "every Monday"
	}
	if !e.AllDay {
		form += ", 15:04"
	}
	parts = append(parts, starts.Format(form))
	if e.Place != "" {
		parts = append(parts, e.Place)
	}
	return strings.Join(parts, " · ")
}

// previewPicture is the picture of the portal as a whole.
func (s *Server) previewPicture(w http.ResponseWriter, v *visit) error {
	return s.picture(w, v, s.card(s.site(s.frame(v).Settings()), v))
}

// itemPicture is the picture of an item for everybody; of no other there is one.
func (s *Server) itemPicture(w http.ResponseWriter, v *visit) error {
	kind, ok := map[string]db.Kind{"announcements": db.Announcement, "events": db.EventItem, "pages": db.FreePage}[v.r.PathValue("kind")]
	shelf, err := s.shelf(v)
	if err != nil {
		return err
	}
	a, _, found := shelf.Find(kind, v.r.PathValue("slug"))
	if !ok || !found || !a.Public {
		return problem(http.StatusNotFound, nil)
	}
	return s.picture(w, v, s.itemCard(s.site(shelf.Settings()), v, a.Article))
}

// picture answers with a card. Under an earlier key, which a chat may have
// kept, it answers with the card of now, for a short time.
func (s *Server) picture(w http.ResponseWriter, v *visit, c card.Card) error {
	key, is := strings.CutSuffix(v.r.PathValue("file"), ".png")
	if !is {
		return problem(http.StatusNotFound, nil)
	}
	body, err := s.pictures.find(c)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", sharedBriefly)
	if key == c.Key() {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	writeFile(w, v, "image/png", body)
	return nil
}

// mostPictures bounds the memory of drawn pictures, about 30 kB each.
const mostPictures = 200

// pictures keeps what was drawn lately.
type pictures struct {
	mu   sync.Mutex
	kept map[string][]byte // by key
}

// find returns a card's picture; one is drawn at a time.
func (p *pictures) find(c card.Card) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := c.Key()
	if body, ok := p.kept[key]; ok {
		return body, nil
	}
	body, err := c.PNG()
	if err != nil {
		return nil, err
	}
	if p.kept == nil || len(p.kept) >= mostPictures {
		p.kept = map[string][]byte{}
	}
	p.kept[key] = body
	return body, nil
}
