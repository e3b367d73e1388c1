package handlers

import (
	"net/url"
	"regexp"
	"strings"

	"portico/auth/reading"
)

// markup refuses what readers would not see, and says what to do instead.
func (r *reader) markup(body string) {
	pieces := reading.RawHTML(body)
	if len(pieces) == 0 {
		return
	}
	switch all := strings.ToLower(strings.Join(pieces, "\n")); {
	case embedTag.MatchString(all):
		r.wrong("body", "The text has the code of a video, map or form, which is not shown here. Take the code out and write a link: %s", linkOf(strings.Join(pieces, "\n")))
	case strings.Contains(all, "<img"):
		r.wrong("body", "The text has the code of a picture, which is not shown here. Take the code out, add the picture under “Files and pictures”, and put it into the text from there.")
	default:
		r.wrong("body", "“%s” is read as HTML code and is not shown. Take it out, or write \\%s to show it as it is. The buttons above the text make things bold, a heading or a table.", shortened(pieces[0]), shortened(pieces[0]))
	}
}

// unshown is the first piece of a new item's text that readers would not see;
// "" when they would see all of it.
func unshown(body string) string {
	if tangle := reading.Tangle(body); tangle != "" {
		return shortened(tangle)
	}
	if code := reading.RawHTML(body); len(code) > 0 {
		return shortened(code[0])
	}
	named := reading.NamedIn(body)
	for _, id := range named.Pictures {
		named.Foreign = append(named.Foreign, reading.PicturesPath+id) // that of another item
	}
	if len(named.Foreign) > 0 {
		return named.Foreign[0]
	}
	return ""
}

var (
	embedTag    = regexp.MustCompile(`<(iframe|embed|object|video|audio|script|blockquote class="(twitter|instagram|tiktok))`)
	embedSource = regexp.MustCompile(`(?i)<(?:iframe|embed|video|audio|source)\b[^>]*?\ssrc\s*=\s*["']?([^"'\s>]+)`)
	videoEmbed  = regexp.MustCompile(`^(?:www\.)?youtube(?:-nocookie)?\.com$`)
)

// linkOf is the link to write instead of an embedded page.
func linkOf(code string) string {
	address := "https://…"
	if found := embedSource.FindStringSubmatch(code); found != nil {
		if u, err := url.Parse(strings.ReplaceAll(found[1], "&amp;", "&")); err == nil && u.Host != "" {
			address = pageOf(u)
		}
	}
	if strings.Contains(address, "youtu") {
		return "[Watch the video](" + address + ")."
	}
	return "[What is there](" + address + ")."
}

// pageOf is the page on which people see what an address embeds.
func pageOf(u *url.URL) string {
	if id, is := strings.CutPrefix(u.Path, "/embed/"); is && videoEmbed.MatchString(u.Host) {
		return "https://www.youtube.com/watch?v=" + url.QueryEscape(id)
	}
	u.Scheme = "https"
	return u.String()
}

// shortened is the beginning of a piece of code, up to its first break.
func shortened(piece string) string {
	line, _, _ := strings.Cut(piece, "\n")
	return shorter(line, 61)
}
