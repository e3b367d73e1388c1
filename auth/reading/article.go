package reading

import (
	"bytes"
	"html"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"portico/auth"
	"portico/db"
)

// Article is an item made ready to be read. It is shared by all readers and
// never changes.
type Article struct {
	db.Item
	Attached Attached // its files and pictures
	HTML     string   // the body, safe to be put into a page as it is
	Text     string   // the body without any mark-up, in one line
	Excerpt  string   // its beginning, for lists and previews
	Public   bool     // for everybody: may be indexed, previewed and passed on

	bare     string // HTML before its pictures were put in; "" when it has none
	audience auth.Audience
	index    index
}

const excerptLength = 200

// newArticle makes an item ready. One whose audience cannot be read is for
// nobody.
func newArticle(i db.Item, attached Attached, m *Markdown) (*Article, error) {
	a := &Article{Item: i, Attached: attached, bare: m.bare(i.Body)}
	a.HTML = attached.draw(a.bare, inFull)
	if !pictureTag.MatchString(a.bare) || len(attached.Pictures()) == 0 {
		a.bare = ""
	}
	a.Text = plainText(a.HTML)
	a.Excerpt = shorten(a.Text, excerptLength)
	a.index = newIndex(a)
	audience, err := auth.ParseAudience(i.Audience)
	a.audience, a.Public = audience, err == nil && audience.To == auth.Everybody
	return a, err
}

// renewed is the same article for an item whose content has not changed.
func (a *Article) renewed(i db.Item) *Article {
	b := *a
	b.Item = i
	return &b
}

// boundaries are the moments at which what is shown of an article changes.
func (a *Article) boundaries() []time.Time {
	return slices.DeleteFunc([]time.Time{a.Publish, a.Until, a.Pinned, a.Review, a.overdue()}, time.Time.IsZero)
}

// overdueAfter is how long past its review date an item may go unreviewed
// before readers are told.
const overdueAfter = 30 * 24 * time.Hour

func (a *Article) overdue() time.Time {
	if a.Review.IsZero() {
		return time.Time{}
	}
	return a.Review.Add(overdueAfter)
}

// NotReviewedSince says since when nobody has confirmed the article, when
// that is long enough for readers to be told; zero otherwise.
func (a *Article) NotReviewedSince(now time.Time) time.Time {
	if late := a.overdue(); late.IsZero() || now.Before(late) {
		return time.Time{}
	}
	return a.Reviewed
}

// Plain is a text without its marks, in one line, cut at a word.
func (l *Library) Plain(body string, most int) string {
	return shorten(plainText(l.text.bare(body)), most-1)
}

// pauses are the marks that tell apart, in one line, what stood apart on a page.
var pauses = map[string]byte{
	"/td": ',', "/th": ',', "/tr": ';', "/table": '.', "/li": ';', "/ul": '.', "/ol": '.',
	"/h1": ':', "/h2": ':', "/h3": ':', "/h4": ':', "/h5": ':', "/h6": ':',
}

// plainText is what remains of safe HTML without its tags, in one line.
func plainText(safe string) string {
	var b []byte
	for safe != "" {
		text, rest, more := strings.Cut(safe, "<")
		b = append(b, html.UnescapeString(text)...)
		if !more {
			break
		}
		tag, after, _ := strings.Cut(rest, ">") // a safe attribute has no ">" of its own
		if mark, ends := pauses[tag]; ends {
			b = endWith(mark, b)
		}
		if !inline(tag) {
			b = append(b, ' ')
		}
		safe = after
	}
	return strings.Join(strings.Fields(string(b)), " ")
}

// endWith puts a mark behind a text that has none yet, or a lesser one.
func endWith(mark byte, text []byte) []byte {
	text = bytes.TrimRight(text, ",; \n")
	if len(text) == 0 || bytes.IndexByte([]byte(".!?:"), text[len(text)-1]) >= 0 {
		return text
	}
	return append(text, mark)
}

// inline says whether a tag stands inside a word or a sentence.
func inline(tag string) bool {
	name, _, _ := strings.Cut(strings.Trim(tag, "/"), " ")
	return slices.Contains([]string{"a", "em", "strong", "code", "del"}, name)
}

// shorten cuts a text at a word.
func shorten(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	cut := text[:most]
	if at := strings.LastIndexByte(cut, ' '); at > most/2 {
		cut = cut[:at]
	}
	return strings.TrimRight(cut, " ,.;:") + "…"
}
