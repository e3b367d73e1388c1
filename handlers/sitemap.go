package handlers

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"portico/auth/reading"
)

const sitemapPath = "/sitemap.xml"

// mostAddresses is what one file may list (sitemaps.org, "Protocol").
const mostAddresses = 50_000

// sitemapFile is the form of sitemaps.org.
type sitemapFile struct {
	XMLName xml.Name       `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	URLs    []sitemapEntry `xml:"url"`
}

type sitemapEntry struct {
	Loc     string `xml:"loc"`
	LastMod string `xml:"lastmod,omitempty"` // W3C date and time
}

// sitemap lists every page that everybody may read.
func (s *Server) sitemap(w http.ResponseWriter, v *visit) error {
	return s.share(w, v, "application/xml; charset=utf-8", func(shelf *reading.Shelf) ([]byte, error) {
		body, err := xml.Marshal(s.siteMap(shelf))
		if err != nil {
			return nil, fmt.Errorf("writing the sitemap: %w", err)
		}
		return append([]byte(xml.Header), body...), nil
	})
}

func (s *Server) siteMap(shelf *reading.Shelf) sitemapFile {
	var all sitemapFile
	for _, path := range []string{"/", announcementsPath, eventsPath, peoplePath, privacyPath, accessibilityPath} {
		all.URLs = append(all.URLs, sitemapEntry{Loc: s.absolute(path)})
	}
	for _, a := range slices.Concat(shelf.Pages(), shelf.Announcements(""), shelf.Events()) {
		if len(all.URLs) < mostAddresses {
			all.URLs = append(all.URLs, sitemapEntry{s.absolute(pathOf(a.Kind, a.Slug)), lastChanged(a.Article).UTC().Format(time.RFC3339)})
		}
	}
	return all
}

// closed are the addresses that are for people alone, not for crawlers.
var closed = []string{"/auth/", "/admin/", "/dashboard", accountPath, "/calendar/", "/webhooks/", searchPath}

// robots tells crawlers what to leave alone (RFC 9309).
func (s *Server) robots(w http.ResponseWriter, v *visit) error {
	var b strings.Builder
	b.WriteString("User-agent: *\n")
	for _, path := range closed {
		b.WriteString("Disallow: " + path + "\n")
	}
	b.WriteString("\nSitemap: " + s.absolute(sitemapPath) + "\n")
	w.Header().Set("Cache-Control", "public, max-age=86400")
	writeFile(w, v, "text/plain; charset=utf-8", []byte(b.String()))
	return nil
}
