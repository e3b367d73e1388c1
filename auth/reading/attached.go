package reading

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"portico/db"
)

// Attached is what belongs to an item, in the order in which it was added.
// Nobody holds its bytes; those who read them ask package db, after a shelf
// has said that they may.
type Attached []db.Attachment

// Files are those that are listed under the item.
func (all Attached) Files() Attached { return all.those(false) }

// Pictures are those that its text can show.
func (all Attached) Pictures() Attached { return all.those(true) }

func (all Attached) those(pictures bool) (some Attached) {
	for _, a := range all {
		if a.Picture == pictures {
			some = append(some, a)
		}
	}
	return some
}

// Find finds one by its id; nil when it is not among them.
func (all Attached) Find(id string) *db.Attachment {
	for n := range all {
		if all[n].ID == id {
			return &all[n]
		}
	}
	return nil
}

// same says whether nothing of what pages show of them has changed.
func (all Attached) same(others Attached) bool {
	return slices.EqualFunc(all, others, func(a, b db.Attachment) bool { return a.ID == b.ID && a.Label == b.Label })
}

// The addresses of what belongs to items begin so.
const (
	PicturesPath = "/pictures/"
	FilesPath    = "/files/"
)

// PictureAddress is where a picture is, so many dots wide.
func PictureAddress(id string, wide int) string {
	return PicturesPath + id + "/" + strconv.Itoa(wide)
}

// Weight is a number of bytes as people read it: "45 kB", "1.2 MB".
func Weight(bytes int) string {
	if kilo := (bytes + 999) / 1000; kilo < 1000 {
		return strconv.Itoa(kilo) + " kB"
	}
	return strconv.FormatFloat(float64(bytes)/1e6, 'f', 1, 64) + " MB"
}

// idLetters are how ids look that package db makes.
const idLetters = `[A-Z2-7]{26}`

var (
	ownPicture = regexp.MustCompile(`^` + PicturesPath + `(` + idLetters + `)$`)
	ownFile    = regexp.MustCompile(`^` + FilesPath + `([^/?#]*)`)

	// pictureTag finds the pictures in sanitized HTML, where each attribute is
	// written in one way only.
	pictureTag = regexp.MustCompile(`<img src="` + PicturesPath + `(` + idLetters + `)" alt="([^"]*)"/?>`)
)

// draw puts pictures into HTML that names them. What is not among them is
// replaced by what was written about it.
func (all Attached) draw(bare string, picture func(p *db.Attachment, alt string) string) string {
	return pictureTag.ReplaceAllStringFunc(bare, func(tag string) string {
		found := pictureTag.FindStringSubmatch(tag)
		p := all.Find(found[1])
		if p == nil || !p.Picture || len(p.Sizes) == 0 {
			return found[2] // escaped as an attribute, and so as text, too
		}
		alt := found[2]
		if alt == "" {
			alt = html.EscapeString(p.Label)
		}
		return picture(p, alt)
	})
}

// inFull offers a picture in all its sizes (HTML, 4.8.4.3). It keeps its place
// before it is there.
func inFull(p *db.Attachment, alt string) string {
	var sizes []string
	for _, s := range p.Sizes {
		sizes = append(sizes, PictureAddress(p.ID, s.Width)+" "+strconv.Itoa(s.Width)+"w")
	}
	choice, last := "", p.Sizes[len(p.Sizes)-1]
	if len(sizes) > 1 {
		choice = ` srcset="` + strings.Join(sizes, ", ") + `" sizes="(min-width: 40rem) 36rem, 92vw"`
	}
	return fmt.Sprintf(`<img%s src="%s"%s width="%d" height="%d" loading="lazy" alt="%s"/>`, ground(p), PictureAddress(p.ID, p.Sizes[0].Width), choice, last.Width, last.Height, alt)
}

// ground gives a picture that lets through what is behind it a light ground:
// dark lines are made for white paper, and would be lost in the dark theme.
func ground(p *db.Attachment) string {
	if p.Type == "image/png" { // package intake makes one only of what is not opaque
		return ` class="clear"`
	}
	return ""
}

// onDemand stands for a picture where people pay for what they load: a link
// that opens the same page with it. Those in shown are there already.
func onDemand(shown []string) func(p *db.Attachment, alt string) string {
	return func(p *db.Attachment, alt string) string {
		small := p.Sizes[0]
		if slices.Contains(shown, p.ID) {
			return fmt.Sprintf(`<img%s id="p-%s" src="%s" width="%d" height="%d" alt="%s"/>`, ground(p), p.ID, PictureAddress(p.ID, small.Width), small.Width, small.Height, alt)
		}
		q := url.Values{ShowPicture: append(slices.Clip(shown), p.ID)}
		if alt != "" {
			alt = `<br/><span class="meta">` + alt + `</span>`
		}
		return fmt.Sprintf(`<a class="btn" href="?%s#p-%s">Show picture, %s</a>%s`, html.EscapeString(q.Encode()), p.ID, Weight(small.Bytes), alt)
	}
}

// ShowPicture is the field of an address that names pictures to be shown to
// somebody who saves data.
const ShowPicture = "picture"

// mostShown bounds how many pictures an address can name.
const mostShown = db.MostAttachments

// Sparing is the article's HTML for somebody who saves data: each picture waits
// for a press, but for those that are asked for.
func (a *Article) Sparing(asked []string) string {
	if a.bare == "" {
		return a.HTML
	}
	var shown []string
	for _, id := range asked[:min(len(asked), mostShown)] {
		if a.Attached.Find(id) != nil && !slices.Contains(shown, id) {
			shown = append(shown, id)
		}
	}
	return a.Attached.draw(a.bare, onDemand(shown))
}

// ShowsPictures says whether there are pictures in the article's text.
func (a *Article) ShowsPictures() bool { return a.bare != "" }

// The picture that a link to an article is shown with: chats want it so wide
// and high, and not heavier.
const (
	leastCover = 300
	mostCover  = 300_000
)

// Cover is the first picture in the text of an article, and the size in which
// it can stand for it where only a link is seen; nil when there is none.
func (a *Article) Cover() (*db.Attachment, db.Size) {
	found := pictureTag.FindStringSubmatch(a.bare)
	if found == nil {
		return nil, db.Size{}
	}
	p := a.Attached.Find(found[1])
	if p == nil {
		return nil, db.Size{}
	}
	for _, s := range slices.Backward(p.Sizes) {
		if s.Width >= leastCover && s.Height >= leastCover && s.Bytes < mostCover {
			return p, s
		}
	}
	return nil, db.Size{}
}

// Named is what a body names of what belongs to items.
type Named struct {
	Pictures, Files []string // ids, or what stands in their place
	Foreign         []string // addresses of pictures that the portal does not hold
}

// Attachment finds what belongs to an article that the reader may see. What
// they may not see is not found, like what is not there.
func (s *Shelf) Attachment(id string) (found Shown, a *db.Attachment) {
	of := s.from.attached[id]
	if of == nil {
		return Shown{}, nil
	}
	found, _, ok := s.Find(of.Kind, of.Slug)
	if !ok || found.Article != of {
		return Shown{}, nil
	}
	return found, of.Attached.Find(id)
}
