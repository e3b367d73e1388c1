package journey

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"portico/auth"
	"portico/auth/campusone/campusonetest"
	"portico/auth/reading"
	"portico/db"
	"portico/handlers"
)

// sharedFiles are the addresses at which programs read what is for everybody.
var sharedFiles = []string{"/feed.xml", "/events.ics", "/sitemap.xml", "/robots.txt"}

// program is how a feed reader asks: without cookies, for anything.
var program = map[string]string{"Accept": "*/*", "User-Agent": "FeedReader/1"}

// exam is an event of one afternoon.
func exam() *db.Event {
	return &db.Event{Kind: db.EventExam, Place: "Hall <A>, & B", Starts: "2031-03-03T14:00", Ends: "2031-03-03T16:00"}
}

// Nothing that is not for everybody, or not now, is in any file for programs:
// every kind, with every audience, in every state, for whoever asks.
func TestFilesForProgramsHoldOnlyWhatIsForEverybody(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	public := map[string]db.Item{}
	all := map[string]db.Item{}
	for _, kind := range []db.Kind{db.Announcement, db.EventItem, db.FreePage} {
		for name, audience := range audiences() {
			for state, put := range statesOfItems(w) {
				marker := fmt.Sprintf("marker%03d", len(all)+100)
				c := db.Content{Title: "About " + marker, Body: "Text of " + marker + ".", Audience: audience}
				if kind == db.EventItem {
					c.Event = exam()
					c.Event.Place = "Room " + marker
				}
				all[marker] = put(t, kind, c)
				if name == "everybody" && state == db.StatePublished {
					public[marker] = all[marker]
				}
			}
		}
	}
	cookies := []string{"", "c1_anon=1", "session=" + signedIn(t, w, campusonetest.SubAmina).Cookie("session"), "session=" + signedIn(t, w, campusonetest.SubGrace).Cookie("session")}
	for _, cookie := range cookies {
		var texts strings.Builder
		for _, path := range sharedFiles {
			res, text := w.request(t, http.MethodGet, path, "", headed("Cookie", cookie), "")
			if res.StatusCode != http.StatusOK {
				t.Fatalf("%s: %d", path, res.StatusCode)
			}
			texts.WriteString(text)
		}
		for marker, item := range all {
			_, shown := public[marker]
			listed := slices.Contains(handlers.Patterns(), "GET /"+folderOf(item.Kind)+"/{slug}")
			if got := strings.Contains(texts.String(), marker); got != shown && (!shown || listed || item.Kind != db.FreePage) {
				t.Errorf("with cookie %.12q: %s for %q in its files is %v, want %v", cookie, item.Kind, item.Audience, got, shown)
			}
			if item.Kind != db.EventItem {
				continue
			}
			want := map[bool]int{true: http.StatusOK, false: http.StatusNotFound}[shown]
			if res, text := w.request(t, http.MethodGet, "/events/"+item.Slug+".ics", "", headed("Cookie", cookie), ""); res.StatusCode != want || !shown && strings.Contains(text, " "+marker) {
				t.Errorf("with cookie %.12q: the file of an event for %q answers %d, want %d", cookie, item.Audience, res.StatusCode, want)
			}
		}
	}
	if len(public) != 3 {
		t.Errorf("%d items are for everybody: this test shows nothing", len(public))
	}
}

func folderOf(kind db.Kind) string {
	return map[db.Kind]string{db.Announcement: "announcements", db.EventItem: "events", db.FreePage: "pages"}[kind]
}

// audiences are one of each sort; what cannot be read is for nobody.
func audiences() map[string]string {
	return map[string]string{
		"everybody": ForEverybody(), "signed in": ForSignedIn(), "level": ForStudents("300", ""), "department": ForStudents("", "dept_cs"),
		"staff":      auth.Audience{To: auth.Groups, Groups: []auth.Group{{auth.AboutRole: {"global:staff"}}, {auth.AboutRole: {"global:admin"}}}}.Text(),
		"no group":   auth.Audience{To: auth.Groups}.Text(),
		"unreadable": `{"to":"everybody","To":"signed-in"}`,
	}
}

// statesOfItems put an item into each state of its life.
func statesOfItems(w *World) map[string]func(testing.TB, db.Kind, db.Content) db.Item {
	turned := func(turn db.Turn) func(testing.TB, db.Kind, db.Content) db.Item {
		return func(t testing.TB, k db.Kind, c db.Content) db.Item { return w.Turn(t, w.Publish(t, k, c), turn) }
	}
	changed := func(change func(*db.Content)) func(testing.TB, db.Kind, db.Content) db.Item {
		return func(t testing.TB, k db.Kind, c db.Content) db.Item {
			change(&c)
			return w.Publish(t, k, c)
		}
	}
	return map[string]func(testing.TB, db.Kind, db.Content) db.Item{
		db.StatePublished: changed(func(*db.Content) {}),
		db.StateDraft:     changed(func(c *db.Content) { c.Draft = true }),
		db.StateScheduled: changed(func(c *db.Content) { c.Publish = w.Now().Add(time.Hour) }),
		db.StateExpired:   changed(func(c *db.Content) { c.Until = w.Now().Add(-time.Minute) }),
		db.StateWithdrawn: turned(db.TurnWithdraw),
		db.StateArchived:  turned(db.TurnArchive),
	}
}

// The feed keeps the rules of RFC 4287, full and empty, whatever is in it.
func TestFeedIsAtom(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	_, empty := w.request(t, http.MethodGet, "/feed.xml", "", program, "")
	if wrong := atomProblems(empty); len(wrong) > 0 {
		t.Errorf("the empty feed: %q\n%s", wrong, empty)
	}
	w.SaveSettings(t, reading.Settings{Name: "Faculty of <Arts> & Ọbị's \"friends\""})
	w.Publish(t, db.Announcement, db.Content{Title: "Plain", Body: ""})
	odd := w.Publish(t, db.Announcement, db.Content{Title: "Odd <b>&amp;</b> ]]> \"ẹ\" 😀\u0001\ufffe", Body: "See [the page](/pages/fees), [there](https://nile.example/?a=1&b=2).\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<script>alert(1)</script> \u0008"})
	for range 60 {
		w.Publish(t, db.Announcement, db.Content{Title: "One of many", Publish: w.Now().Add(-2 * time.Hour)})
	}
	res, text := w.request(t, http.MethodGet, "/feed.xml", "", program, "")
	if wrong := atomProblems(text); len(wrong) > 0 {
		t.Errorf("%q\n%s", wrong, text)
	}
	if got := res.Header.Get("Content-Type"); got != "application/atom+xml; charset=utf-8" {
		t.Errorf("it is said to be %s", got)
	}
	f := parsed(t, text)
	entries := f.all("entry")
	if len(entries) != 50 {
		t.Errorf("%d entries, want the newest 50", len(entries))
	}
	if !strings.Contains(text, w.URL+"/pages/fees") || strings.Contains(text, "href=&#34;/") || strings.Contains(text, "<script") {
		t.Errorf("links do not lead to the portal from elsewhere: %s", text)
	}
	if id := entries[0].one("id"); !strings.HasSuffix(id, odd.ID) {
		t.Errorf("the newest is %s, want %s", id, odd.ID)
	}
	for _, link := range f.all("link") {
		if link.attr("rel") == "self" && link.attr("href") != w.URL+"/feed.xml" {
			t.Errorf("it says it is at %s", link.attr("href"))
		}
	}
}

// An entry keeps its id when its title, address and text change; only then
// its time does. What was scheduled is new when it appears.
func TestFeedEntriesAreStable(t *testing.T) {
	t.Parallel()
	clock := NewClock()
	w := Start(t, Options{Clock: clock})
	item := w.Publish(t, db.Announcement, db.Content{Title: "Hall change"})
	w.Publish(t, db.Announcement, db.Content{Title: "Later", Publish: w.Now().Add(time.Hour)})
	read := func() (node, string) {
		_, text := w.request(t, http.MethodGet, "/feed.xml", "", program, "")
		return parsed(t, text), text
	}
	before, text := read()
	if _, again := read(); again != text {
		t.Errorf("nothing changed, and the feed did:\n%s\n%s", text, again)
	}
	clock.Advance(10 * time.Minute)
	w.Revise(t, item, func(c *db.Content) { c.Title, c.Slug, c.Body = "Another hall", "another-hall", "New." })
	after, _ := read()
	one, two := before.all("entry")[0], after.all("entry")[0]
	if one.one("id") != two.one("id") || one.one("published") != two.one("published") {
		t.Errorf("the entry became another: %s, %s", one.one("id"), two.one("id"))
	}
	if one.one("updated") >= two.one("updated") || after.one("updated") != two.one("updated") || two.all("link")[0].attr("href") != w.URL+"/announcements/another-hall" {
		t.Errorf("the change is not told: %+v", two)
	}
	clock.Advance(time.Hour)
	late, _ := read()
	if got := late.all("entry"); len(got) != 2 || got[0].one("title") != "Later" || late.one("updated") != got[0].one("published") {
		t.Errorf("what was scheduled is not the news: %+v", got)
	}
}

// The calendar files are iCalendar that a reader of its own understands, and
// lead to the same event.
func TestCalendarFiles(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	item := w.Publish(t, db.EventItem, db.Content{Title: "Exam; CSC 301, part \\1", Body: "Bring a pen.", Details: db.Details{Event: exam()}})
	w.Publish(t, db.EventItem, db.Content{Title: "Another", Details: db.Details{Event: exam()}})
	uids := map[string]bool{}
	for path, events := range map[string]int{"/events.ics": 2, "/events/" + item.Slug + ".ics": 1} {
		res, text := w.request(t, http.MethodGet, path, "", program, "")
		cal, err := ical.NewDecoder(strings.NewReader(text)).Decode()
		if err != nil || res.Header.Get("Content-Type") != "text/calendar; charset=utf-8" || len(cal.Events()) != events {
			t.Fatalf("%s: %v, %s, %s", path, err, res.Header.Get("Content-Type"), text)
		}
		for _, e := range cal.Events() {
			uids[e.Props.Get(ical.PropUID).Value] = true
			if address := e.Props.Get(ical.PropURL).Value; !strings.HasPrefix(address, w.URL+"/events/") {
				t.Errorf("%s leads to %s", path, address)
			}
		}
		for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
			if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
				t.Errorf("%s: a line of %d bytes: %q", path, len(line), line)
			}
		}
	}
	if len(uids) != 2 {
		t.Errorf("the event has another name in its own file: %v", uids)
	}
	w.Revise(t, item, func(c *db.Content) { c.Slug = "csc-301" })
	res, _ := w.request(t, http.MethodGet, "/events/"+item.Slug+".ics", "", program, "")
	if got := res.Header.Get("Location"); res.StatusCode != http.StatusMovedPermanently || got != "/events/csc-301.ics" {
		t.Errorf("the earlier address answers %d, %s", res.StatusCode, got)
	}
	if res, _ := w.request(t, http.MethodGet, "/events/csc-301", "", program, ""); strings.HasPrefix(res.Header.Get("Content-Type"), "text/calendar") {
		t.Error("the event's page is a file")
	}
}

// Caches may share every file for a short time, programs ask for less when
// they have it, and nothing of it starts a sign-in or sets a cookie.
func TestFilesForProgramsAreCheap(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	item := w.Publish(t, db.EventItem, db.Content{Title: "Exam", Details: db.Details{Event: exam()}})
	w.Publish(t, db.Announcement, db.Content{Title: "Notice"})
	asked := func() (n int) { // for a person; discovery and keys are read when the portal starts
		for endpoint, times := range w.Provider.Requests() {
			if endpoint != "discovery" && endpoint != "jwks" {
				n += times
			}
		}
		return n
	}
	before := asked()
	for _, path := range append(sharedFiles, "/events/"+item.Slug+".ics") {
		res, text := w.request(t, http.MethodGet, path, "", page, "") // as a browser that opens it
		tag := res.Header.Get("ETag")
		want := "public, max-age=60"
		if path == "/robots.txt" {
			want = "public, max-age=86400"
		}
		if res.StatusCode != http.StatusOK || tag == "" || res.Header.Get("Cache-Control") != want || len(res.Cookies()) > 0 || strings.Contains(res.Header.Get("Vary"), "Cookie") {
			t.Errorf("%s: %d, %v", path, res.StatusCode, res.Header)
		}
		if res, body := w.request(t, http.MethodHead, path, "", program, ""); res.StatusCode != http.StatusOK || body != "" || res.ContentLength != int64(len(text)) || res.Header.Get("ETag") != tag {
			t.Errorf("HEAD %s: %d, %d bytes, %v; GET has %d", path, res.StatusCode, res.ContentLength, res.Header, len(text))
		}
		if res, body := w.request(t, http.MethodGet, path, "", map[string]string{"If-None-Match": tag}, ""); res.StatusCode != http.StatusNotModified || body != "" {
			t.Errorf("%s: unchanged, it answers %d", path, res.StatusCode)
		}
	}
	if after := asked(); before != after {
		t.Errorf("Campus One was asked %d times, then %d", before, after)
	}
	_, listed := w.request(t, http.MethodGet, "/events.ics", "", program, "")
	w.Turn(t, item, db.TurnWithdraw)
	if _, text := w.request(t, http.MethodGet, "/events.ics", "", program, ""); text == listed || strings.Contains(text, item.ID) {
		t.Errorf("what was withdrawn is still there: %s", text)
	}
}

// The sitemap keeps the protocol of sitemaps.org; a crawler gets every page
// it lists at once, and may ask for each.
func TestSitemap(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	w.Publish(t, db.Announcement, db.Content{Title: "Notice"})
	w.Publish(t, db.EventItem, db.Content{Title: "Exam", Details: db.Details{Event: exam()}})
	w.Publish(t, db.FreePage, db.Content{Title: "Fees"})
	_, text := w.request(t, http.MethodGet, "/sitemap.xml", "", program, "")
	_, rules := w.request(t, http.MethodGet, "/robots.txt", "", program, "")
	set := parsed(t, text)
	if set.XMLName != (xml.Name{Space: "http://www.sitemaps.org/schemas/sitemap/0.9", Local: "urlset"}) || len(set.all("url")) != len(set.Nodes) {
		t.Errorf("this is no sitemap: %s", text)
	}
	met := map[string]bool{}
	for _, entry := range set.all("url") {
		loc := entry.one("loc")
		path, ours := strings.CutPrefix(loc, w.URL)
		if !ours || len(loc) > 2048 || met[loc] || strings.Count(fmt.Sprint(entry.Nodes), "lastmod") > 1 {
			t.Errorf("%s is no line of it", loc)
		}
		met[loc] = true
		if at := entry.one("lastmod"); at != "" {
			if _, err := time.Parse(time.RFC3339, at); err != nil {
				t.Errorf("%s: %v", loc, err)
			}
		}
		for line := range strings.Lines(rules) {
			if shut, ok := strings.CutPrefix(strings.TrimSpace(line), "Disallow: "); ok && strings.HasPrefix(path, shut) {
				t.Errorf("%s is listed, and closed by %q", path, shut)
			}
		}
		if res, _ := w.request(t, http.MethodGet, path, "", headed("User-Agent", "Googlebot/2.1"), ""); res.StatusCode != http.StatusOK {
			t.Errorf("a crawler gets %d for %s", res.StatusCode, path)
		}
	}
	for _, rt := range handlers.Patterns() {
		path := strings.TrimSuffix(strings.TrimPrefix(rt, "GET "), "{$}")
		if slices.Contains([]string{"/", "/announcements", "/events", "/people", "/privacy", "/accessibility"}, path) && !met[w.URL+path] {
			t.Errorf("%s is not listed", path)
		}
		if kind, is := strings.CutSuffix(path, "/{slug}"); is && strings.HasPrefix(path, "/") && strings.Count(text, w.URL+kind+"/") != 1 {
			t.Errorf("what is under %s is not listed", kind)
		}
	}
}

// Crawlers are kept from what is for people, and told of the sitemap.
func TestRobots(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	_, text := w.request(t, http.MethodGet, "/robots.txt", "", program, "")
	for _, line := range []string{"User-agent: *", "Disallow: /auth/", "Disallow: /admin/", "Disallow: /dashboard", "Disallow: /account", "Disallow: /calendar/", "Disallow: /webhooks/", "Sitemap: " + w.URL + "/sitemap.xml"} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("%q is missing: %s", line, text)
		}
	}
}

// node is any element of XML.
type node struct {
	XMLName xml.Name
	Attr    []xml.Attr `xml:",any,attr"`
	Nodes   []node     `xml:",any"`
	Text    string     `xml:",chardata"`
}

func parsed(t *testing.T, text string) (n node) {
	t.Helper()
	if err := xml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatalf("this is not XML: %v: %s", err, text)
	}
	return n
}

func (n node) all(name string) (found []node) {
	for _, c := range n.Nodes {
		if c.XMLName.Local == name && c.XMLName.Space == n.XMLName.Space {
			found = append(found, c)
		}
	}
	return found
}

func (n node) one(name string) string {
	if all := n.all(name); len(all) == 1 {
		return all[0].Text
	}
	return ""
}

func (n node) attr(name string) string {
	for _, a := range n.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// atomProblems are the breaches of RFC 4287's musts in a feed (sections 3, 4
// and the schema of appendix B).
func atomProblems(text string) (wrong []string) {
	var feed node
	if err := xml.Unmarshal([]byte(text), &feed); err != nil {
		return []string{err.Error()}
	}
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if feed.XMLName != (xml.Name{Space: "http://www.w3.org/2005/Atom", Local: "feed"}) {
		say("the root is %v", feed.XMLName)
	}
	known := []string{"author", "category", "contributor", "generator", "icon", "id", "link", "logo", "rights", "subtitle", "title", "updated", "entry"}
	checkAtom(feed, known, say)
	ids := map[string]bool{}
	for _, e := range feed.all("entry") {
		checkAtom(e, []string{"author", "category", "content", "contributor", "id", "link", "published", "rights", "source", "summary", "title", "updated"}, say)
		if ids[e.one("id")] {
			say("the id %s stands twice", e.one("id"))
		}
		ids[e.one("id")] = true
		if len(e.all("author"))+len(feed.all("author")) == 0 {
			say("nobody wrote %s", e.one("id"))
		}
		if len(e.all("content")) == 0 && !slices.ContainsFunc(e.all("link"), func(n node) bool { return n.attr("rel") == "alternate" }) {
			say("%s leads nowhere", e.one("id"))
		}
	}
	return wrong
}

// checkAtom checks what feed and entry have in common.
func checkAtom(n node, known []string, say func(string, ...any)) {
	count, links := map[string]int{}, map[string]bool{}
	for _, c := range n.Nodes {
		name := c.XMLName.Local
		count[name]++
		if c.XMLName.Space != n.XMLName.Space || !slices.Contains(known, name) {
			say("<%s> may not stand in <%s>", name, n.XMLName.Local)
		}
		switch name {
		case "id":
			if u, err := url.Parse(c.Text); err != nil || !u.IsAbs() {
				say("the id %q is no IRI", c.Text)
			}
		case "updated", "published":
			if _, err := time.Parse(time.RFC3339, c.Text); err != nil {
				say("<%s>: %v", name, err)
			}
		case "title", "summary", "content":
			if !slices.Contains([]string{"", "text", "html"}, c.attr("type")) || len(c.Nodes) > 0 {
				say("<%s> is of type %q with %d elements in it", name, c.attr("type"), len(c.Nodes))
			}
		case "author":
			if c.one("name") == "" {
				say("an author without a name")
			}
		case "link":
			key := c.attr("rel") + c.attr("type") + c.attr("hreflang")
			if u, err := url.Parse(c.attr("href")); err != nil || !u.IsAbs() || links[key] {
				say("the link %v", c.Attr)
			}
			links[key] = true
		}
	}
	for _, must := range []string{"id", "title", "updated"} {
		if count[must] != 1 {
			say("<%s> has %d of <%s>", n.XMLName.Local, count[must], must)
		}
	}
	for _, once := range []string{"published", "content", "summary", "subtitle", "generator", "rights"} {
		if count[once] > 1 {
			say("<%s> has %d of <%s>", n.XMLName.Local, count[once], once)
		}
	}
}
