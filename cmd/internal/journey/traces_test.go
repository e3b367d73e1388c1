package journey

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"portico/db"
)

// trail is an item by all that leads to it. On a page its address gives it
// away, and a word of its text that stands nowhere else.
type trail struct {
	kind          db.Kind
	slug, word    string
	file, picture string // addresses
}

// trailOf is the trail of an item with the pair that belongs to it.
func trailOf(p pair, word string) trail {
	return trail{p.item.Kind, p.item.Slug, word, p.file, p.picture}
}

// lists are the pages and files on which it may stand, by what they are. What
// is looked for are words of a title, a text, and the name of a file.
func (x trail) lists() map[string]string {
	return map[string]string{
		"home": "/", "today": "/dashboard", "list": "/" + folderOf(x.kind), "feed": "/feed.xml", "calendar": "/events.ics", "sitemap": "/sitemap.xml",
		"search-title": "/search?q=test", "search-text": "/search?q=laboratory", "search-file": "/search?q=list",
	}
}

// own are the addresses that are its own, with one like it that never was.
func (x trail) own() map[string][2]string {
	page := "/" + folderOf(x.kind) + "/"
	all := map[string][2]string{
		"address": {page + x.slug, page + "never-there"}, "preview": {"/preview" + page + x.slug + "/00112233445566778899.png", "/preview" + page + "never-there/00112233445566778899.png"},
	}
	if x.kind == db.EventItem {
		all["event-file"] = [2]string{page + x.slug + ".ics", page + "never-there.ics"}
		all["own-file"] = [2]string{"/dashboard" + page + x.slug + ".ics", "/dashboard" + page + "never-there.ics"}
	}
	for name, address := range map[string]string{"file": x.file, "picture": x.picture} {
		all[name] = [2]string{address, strings.Replace(address, idIn(address), "AAAAAAAAAAAAAAAAAAAAAAAAAA", 1)}
	}
	return all
}

// traces are the ways by which a person comes upon it, in order. Where an
// address of its own answers with nothing, the answer is that of an address
// that never was.
func (p *Person) traces(t testing.TB, x trail) string {
	t.Helper()
	var found []string
	for name, path := range x.lists() {
		must(t, p.Visit(path))
		if strings.Contains(p.Body, "/"+x.slug) || strings.Contains(p.Body, x.word) {
			found = append(found, name)
		}
	}
	for name, pair := range x.own() {
		must(t, p.Visit(pair[0]))
		if p.Status == http.StatusOK {
			found = append(found, name)
			continue
		}
		never := *p
		must(t, never.Visit(pair[1]))
		if a, b := p.nothing(pair[0]), never.nothing(pair[1]); a != b || p.Status != http.StatusNotFound && p.Status != http.StatusUnauthorized {
			t.Errorf("%s does not answer as what never was:\n%s", pair[0], difference(b, a))
		}
	}
	slices.Sort(found)
	return strings.Join(found, " ")
}

// eachTime is what differs in two answers to one question: the reference, and
// what forms are drawn with.
var eachTime = regexp.MustCompile(`Reference <code>[a-z2-7]{10}|name="tag" value="[^"]+"`)

// nothing is all of an answer that could give away that something is there,
// without what differs each time.
func (p *Person) nothing(address string) string {
	head := p.Answer.Clone()
	for _, name := range []string{"Date", "Content-Length", "Set-Cookie"} {
		head.Del(name)
	}
	body := strings.ReplaceAll(eachTime.ReplaceAllString(p.Body, ""), address, "ADDRESS")
	return fmt.Sprint(p.Status, head, "\n", strings.ReplaceAll(body, "><", ">\n<"))
}

// wantTraces looks for one item as several people, and says who meets it
// otherwise than is wanted.
func wantTraces(t testing.TB, x trail, people map[string]*Person, want string) {
	t.Helper()
	for who, p := range people {
		expected := want
		if who == "nobody" { // has no day, and no address that is for people alone
			expected = strings.NewReplacer(" today", "", " own-file", "").Replace(want)
		}
		if got := p.traces(t, x); got != expected {
			t.Errorf("%s meets %q by %q, want %q", who, x.slug, got, expected)
		}
	}
}
