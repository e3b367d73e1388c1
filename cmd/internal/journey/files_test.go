package journey

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/sample"
	"portico/db"
)

// pair is an item with a file and a picture.
type pair struct {
	item          db.Item
	file, picture string // addresses
}

func (w *World) attachPair(t testing.TB, i db.Item) pair {
	t.Helper()
	f := w.Attach(t, i, "a.pdf", "Exam list of "+i.Slug, sample.PDF(i.Title))
	p := w.Attach(t, i, "a.jpg", "The hall", sample.JPEG(1000, 600, 9+float64(len(i.Title))/40))
	return pair{i, "/files/" + f.ID + "/exam-list-of-" + i.Slug + ".pdf", fmt.Sprintf("/pictures/%s/480", p.ID)}
}

// everyStage is a pair in each place of an item's life, for everybody and for
// some.
func (w *World) everyStage(t testing.TB) map[string]pair {
	t.Helper()
	all := map[string]pair{}
	for name, c := range map[string]db.Content{
		"public": {}, "signed-in": {Audience: ForSignedIn()}, "300 level": {Audience: ForStudents("300", "")}, "draft": {Draft: true},
		"scheduled": {Publish: w.Now().Add(time.Hour)}, "expired": {Until: w.Now().Add(-time.Minute)}, "expired for 300": {Until: w.Now().Add(-time.Minute), Audience: ForStudents("300", "")},
		"withdrawn": {}, "archived": {}, "erased": {},
	} {
		c.Title = "Notice " + name
		all[name] = w.attachPair(t, w.Publish(t, db.Announcement, c))
	}
	w.Turn(t, all["withdrawn"].item, db.TurnWithdraw)
	w.Turn(t, all["archived"].item, db.TurnArchive)
	must(t, w.App.DB.EraseItem(t.Context(), all["erased"].item.ID, Editor, w.Now()))
	return all
}

// A file and a picture are for whoever may see their item, and for those who
// publish, whatever stage it is in; for anybody else they are not there.
func TestFilesAreForWhoMaySeeTheItem(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		all := w.everyStage(t)
		readers := map[string]struct {
			p    *Person
			sees string
		}{
			"nobody":         {w.Person(true), "public, expired, "},
			"a program":      {asFetch(w.Person(false)), "public, expired, "},
			"a chat":         {w.Person(false), "public, expired, "},
			"Amina, 300":     {signedIn(t, w, campusonetest.SubAmina), "public, expired, signed-in, 300 level, expired for 300, "},
			"Chidi, 100":     {signedIn(t, w, campusonetest.SubChidi), "public, expired, signed-in, "},
			"Funke, editor":  {signedIn(t, w, campusonetest.SubFunke), "public, expired, signed-in, 300 level, expired for 300, draft, scheduled, withdrawn, archived, "},
			"Grace, manager": {signedIn(t, w, campusonetest.SubGrace), "public, expired, signed-in, 300 level, expired for 300, draft, scheduled, withdrawn, archived, "},
		}
		readers["a chat"].p.Header = http.Header{"Accept": {"*/*"}, "User-Agent": {"WhatsApp/2.23.20.0"}}
		for who, r := range readers {
			for name, one := range all {
				for _, address := range []string{one.file, one.picture} {
					want := http.StatusNotFound
					if strings.Contains(r.sees, name+", ") {
						want = http.StatusOK
					}
					if err := r.p.Visit(address); err != nil || r.p.Status != want || r.p.URL.Path != address {
						t.Errorf("%s, %s: %s ends at %s with %d, want %d (%v)", who, name, address, r.p.URL, r.p.Status, want, err)
					}
				}
			}
		}
		// What is taken back is gone for whoever read it a moment ago.
		amina := readers["Amina, 300"].p
		w.Turn(t, all["300 level"].item, db.TurnWithdraw)
		for _, address := range []string{all["300 level"].file, all["300 level"].picture} {
			amina.must(t, amina.Visit(address), http.StatusNotFound)
		}
		w.Revise(t, all["public"].item, func(c *db.Content) { c.Audience = ForStudents("100", "") })
		for _, address := range []string{all["public"].file, all["public"].picture} {
			amina.must(t, amina.Visit(address), http.StatusNotFound)
			chidi := readers["Chidi, 100"].p
			chidi.must(t, chidi.Visit(address), http.StatusOK)
		}
	})
}

// Whoever is signed in at Campus One follows a link to a file without a click;
// whoever is not reads that there is nothing, and can sign in and come back.
func TestALinkToARestrictedFileLeadsThroughSignIn(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	one := w.attachPair(t, w.Publish(t, db.Announcement, db.Content{Title: "Groups", Audience: ForStudents("300", "")}))
	amina := w.Person(true)
	amina.Meet(w.Provider.SessionCookie(campusonetest.SubAmina))
	amina.must(t, amina.Visit(one.file), http.StatusOK)
	if amina.Answer.Get("Content-Type") != "application/pdf" || len(amina.Hops) != 4 {
		t.Errorf("%v", amina.Hops)
	}
	visitor := w.Person(true)
	visitor.must(t, visitor.Visit(one.file), http.StatusNotFound)
	if next := visitor.fields(t, "form[action='/auth/login'] button").Get("next"); next != one.file {
		t.Errorf("the sign-in leads back to %q", next)
	}
	visitor.Meet(w.Provider.SessionCookie(campusonetest.SubAmina))
	visitor.must(t, visitor.Post("/auth/login", url.Values{"next": {one.file}}), http.StatusOK)
	if visitor.URL.Path != one.file || !strings.HasPrefix(visitor.Body, "%PDF-") {
		t.Errorf("it ends at %s", visitor.URL)
	}
	// A picture is a part of a page: nobody is ever sent away for it.
	stranger := w.Person(true)
	stranger.Meet(w.Provider.SessionCookie(campusonetest.SubAmina))
	stranger.must(t, stranger.Visit(one.picture), http.StatusNotFound)
	if len(stranger.Hops) != 1 {
		t.Errorf("for a picture: %v", stranger.Hops)
	}
}

func TestHowFilesAreSent(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	open := w.Publish(t, db.Announcement, db.Content{Title: "Open"})
	one, some := w.attachPair(t, open), w.attachPair(t, w.Publish(t, db.Announcement, db.Content{Title: "Some", Audience: ForSignedIn()}))
	word := w.Attach(t, open, "a.docx", "Ìwé ìdánwò / \"one\"", officeFile(t))
	large, whole := w.AttachLarge(t, open, "Handbook", 3<<20+17)
	anonymous := headed("Cookie", "c1_anon=1")
	get := func(path string, header map[string]string, status int) (*http.Response, string) {
		t.Helper()
		res, body := w.request(t, http.MethodGet, path, "", header, "")
		if res.StatusCode != status {
			t.Fatalf("%s: %d, want %d: %.200s", path, res.StatusCode, status, body)
		}
		return res, body
	}
	wants := func(res *http.Response, pairs ...string) {
		t.Helper()
		for i := 0; i < len(pairs); i += 2 {
			if got := strings.Join(res.Header.Values(pairs[i]), ", "); got != pairs[i+1] {
				t.Errorf("%s: %s is %q, want %q", res.Request.URL, pairs[i], got, pairs[i+1])
			}
		}
	}
	const policy = "sandbox"
	res, body := get(one.file, anonymous, 200)
	wants(res, "Content-Type", "application/pdf", "X-Content-Type-Options", "nosniff", "Content-Security-Policy", policy, "Cache-Control", "public, no-cache", "Vary", "",
		"Content-Disposition", `inline; filename="exam-list-of-open.pdf"; filename*=UTF-8''Exam%20list%20of%20open.pdf`, "Content-Encoding", "", "Set-Cookie", "")
	if body != string(sample.PDF("Open")) {
		t.Error("the file is another")
	}
	tag := res.Header.Get("ETag")
	res, body = get(one.file, headed("Cookie", "c1_anon=1", "If-None-Match", tag), 304)
	if wants(res, "Cache-Control", "public, no-cache"); body != "" || tag == "" {
		t.Errorf("304 with %d bytes, tag %q", len(body), tag)
	}
	res, _ = get(one.picture, headed(), 200)
	wants(res, "Content-Type", "image/jpeg", "Content-Security-Policy", policy, "Cache-Control", "public, no-cache", "X-Content-Type-Options", "nosniff", "Content-Disposition", "")
	get(one.picture, headed("If-None-Match", res.Header.Get("ETag")), 304)
	for _, bad := range []string{strings.Replace(one.picture, "/480", "/481", 1), strings.Replace(one.picture, "pictures", "files", 1), "/pictures/" + word.ID + "/0", strings.Replace(one.file, "files", "pictures", 1)} {
		get(bad, anonymous, 404)
	}
	res, _ = get("/files/"+word.ID, anonymous, 302)
	named := res.Header.Get("Location")
	wants(res, "Cache-Control", "no-store")
	if named != "/files/"+word.ID+"/iwe-idanwo-one.docx" {
		t.Errorf("it leads to %s", named)
	}
	res, _ = get("/files/"+word.ID+"/another-name.docx", anonymous, 302)
	wants(res, "Location", named)
	res, _ = get(named, anonymous, 200)
	wants(res, "Content-Disposition", `attachment; filename="iwe-idanwo-one.docx"; filename*=UTF-8''%C3%8Cw%C3%A9%20%C3%ACd%C3%A1nw%C3%B2%20-%20%22one%22.docx`, "Content-Security-Policy", policy)

	path := "/files/" + large.ID + "/handbook.pdf"
	if _, body = get(path, anonymous, 200); body != string(whole) {
		t.Error("a large file arrives changed")
	}
	res, body = get(path, headed("Cookie", "c1_anon=1", "Range", "bytes=1048570-1048600"), 206)
	wants(res, "Content-Range", fmt.Sprintf("bytes 1048570-1048600/%d", len(whole)))
	if body != string(whole[1048570:1048601]) {
		t.Error("a part of a large file arrives changed")
	}
	get(path, headed("Cookie", "c1_anon=1", "Range", "bytes=99999999-"), 416)
	if res, body := w.request(t, http.MethodHead, path, "", anonymous, ""); res.StatusCode != 405 && (body != "" || res.ContentLength != int64(len(whole))) {
		t.Errorf("HEAD: %d, %d bytes", res.StatusCode, res.ContentLength)
	}

	amina := signedIn(t, w, campusonetest.SubAmina)
	mine := "session=" + amina.Cookie("session")
	res, _ = get(some.file, headed("Cookie", mine, "Sec-Fetch-Dest", "document", "Sec-Fetch-Mode", "navigate"), 200)
	wants(res, "Cache-Control", "private, no-store")
	res, _ = get(some.picture, headed("Cookie", mine, "Accept", "image/*", "Sec-Fetch-Dest", "image", "Sec-Fetch-Mode", "no-cors"), 200)
	wants(res, "Cache-Control", "private, no-cache", "Vary", "Cookie")
	get(some.picture, headed("Cookie", mine, "Accept", "image/*", "If-None-Match", res.Header.Get("ETag")), 304)
	get(some.picture, headed("Accept", "image/*", "If-None-Match", res.Header.Get("ETag")), 404) // not told to others that they have it
	res, _ = get(some.picture, headed("Cookie", mine+"; c1_shared=1", "Accept", "image/*"), 200)
	wants(res, "Cache-Control", "private, no-store")
	res, _ = get(one.picture, headed("Cookie", mine, "Accept", "image/*"), 200)
	wants(res, "Cache-Control", "public, no-cache")
}

// officeFile is the least that is a Word file.
func officeFile(t testing.TB) []byte {
	t.Helper()
	return zipped(t, "[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`, "word/document.xml", "<document/>")
}

// Readers find files under the text, by name and weight, and in the search;
// pictures where the text has them, with room kept for them.
func TestReadersMeetFilesAndPictures(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		i := w.Publish(t, db.Announcement, db.Content{Title: "Hall B"})
		one := w.attachPair(t, i)
		id := strings.Split(one.picture, "/")[2]
		w.Revise(t, i, func(c *db.Content) {
			c.Body = "Before.\n\n![The way to *hall B*](/pictures/" + id + ")\n\nAfter, see [the list](" + one.file + ")."
		})
		p := asFetch(w.Person(false))
		p.Header.Set("Accept", "text/html")
		p.must(t, p.Visit("/announcements/hall-b"), http.StatusOK)
		p.sees(t, "Files", "Exam list of hall-b (PDF, 1 kB)")
		img := p.all(".prose img")
		if len(img) != 1 || attr(img[0], "alt") != "The way to hall B" || attr(img[0], "loading") != "lazy" || attr(img[0], "width") != "1000" || attr(img[0], "height") != "600" ||
			attr(img[0], "src") != one.picture || attr(img[0], "srcset") != fmt.Sprintf("/pictures/%[1]s/480 480w, /pictures/%[1]s/960 960w, /pictures/%[1]s/1000 1000w", id) {
			t.Fatalf("the picture: %s", p.Body)
		}
		for candidate := range strings.SplitSeq(attr(img[0], "srcset"), ", ") {
			address, _, _ := strings.Cut(candidate, " ")
			p.must(t, p.Visit(address), http.StatusOK)
		}
		p.must(t, p.Visit("/search?q=exam+list"), http.StatusOK)
		p.sees(t, "Hall B")
		p.must(t, p.Visit("/feed.xml"), http.StatusOK)
		if !strings.Contains(p.Body, "src=&#34;"+w.URL+one.picture) || strings.Contains(p.Body, "srcset") {
			t.Errorf("the feed's picture: %s", p.Body)
		}
		w.Publish(t, db.FreePage, db.Content{Title: "Other", Body: "![Taken from there](/pictures/" + id + ")"})
		p.must(t, p.Visit("/pages/other"), http.StatusOK)
		if p.sees(t, "Taken from there"); len(p.all(".prose img")) != 0 {
			t.Error("a picture of another item is shown")
		}
	})
}

// With Save-Data a page loads no picture unasked; a press shows the one. The
// same page with pictures is not taken for it.
func TestWhoSavesDataLoadsNoPictureUnasked(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	i := w.Publish(t, db.Announcement, db.Content{Title: "Hall B"})
	a, b := w.attachPair(t, i), w.Attach(t, i, "b.jpg", "The yard", sample.JPEG(500, 300, 17))
	first := strings.Split(a.picture, "/")[2]
	body := "![The hall](/pictures/" + first + ")\n\n![](/pictures/" + b.ID + ")"
	w.Revise(t, i, func(c *db.Content) { c.Body = body })
	head := w.Publish(t, db.PersonEntry, db.Content{Title: "Dr Halima Ebony", Details: db.Details{Entry: &db.Entry{Role: "Lecturer"}}})
	portrait := w.Attach(t, head, "c.jpg", "Dr Ebony at her desk", sample.JPEG(300, 300, 12))
	w.Revise(t, head, func(c *db.Content) { c.Body = "![](/pictures/" + portrait.ID + ")" })
	sparing, other := asFetch(w.Person(false)), asFetch(w.Person(false))
	for _, p := range []*Person{sparing, other} {
		p.Header.Set("Accept", "text/html")
	}
	sparing.Header.Set("Save-Data", "on")
	for range 2 { // drawn, and from what was drawn
		sparing.must(t, sparing.Visit("/announcements/hall-b"), http.StatusOK)
		if sparing.sees(t, "Show picture, ", " kB", "The hall", "The yard"); len(sparing.all(".prose img")) != 0 {
			t.Error("a picture comes unasked")
		}
		other.must(t, other.Visit("/announcements/hall-b"), http.StatusOK)
		if len(other.all(".prose img")) != 2 || other.reads("Show picture") {
			t.Error("who does not save data misses the pictures")
		}
		for _, p := range []*Person{sparing, other} {
			if vary := strings.Join(p.Answer.Values("Vary"), ", "); !strings.Contains(vary, "Save-Data") || !strings.Contains(vary, "Cookie") {
				t.Errorf("Vary: %s", vary)
			}
		}
	}
	tag := sparing.Answer.Get("ETag")
	if tag == other.Answer.Get("ETag") {
		t.Error("both pages have one entity tag")
	}
	if res, _ := w.request(t, http.MethodGet, "/announcements/hall-b", "", headed("Cookie", "c1_anon=1", "If-None-Match", tag), ""); res.StatusCode != http.StatusOK {
		t.Errorf("the page without pictures passes for the one with them: %d", res.StatusCode)
	}
	if res, _ := w.request(t, http.MethodGet, "/announcements/hall-b", "", headed("Cookie", "c1_anon=1", "Save-Data", "on", "If-None-Match", tag), ""); res.StatusCode != http.StatusNotModified {
		t.Errorf("unchanged it costs %d", res.StatusCode)
	}
	sparing.must(t, sparing.Click("Show picture, "), http.StatusOK)
	if got := sparing.all(".prose img"); len(got) != 1 || attr(got[0], "id") != "p-"+first || attr(got[0], "srcset") != "" || attr(got[0], "src") != a.picture || sparing.URL.Fragment != "p-"+first {
		t.Errorf("after one press: %s", sparing.Body)
	}
	sparing.must(t, sparing.Click("Show picture, "), http.StatusOK)
	if got := sparing.all(".prose img"); len(got) != 2 {
		t.Errorf("after two presses %d pictures", len(got))
	}
	sparing.must(t, sparing.Visit("/people"), http.StatusOK)
	if sparing.sees(t, "Show picture, ", "Dr Ebony at her desk"); len(sparing.all("img")) != 0 {
		t.Error("a portrait comes unasked")
	}
	sparing.must(t, sparing.Visit("/announcements"), http.StatusOK)
	if vary := strings.Join(sparing.Answer.Values("Vary"), ", "); strings.Contains(vary, "Save-Data") {
		t.Errorf("a page without pictures: Vary: %s", vary)
	}
}

// A link to a public item shows its first picture where that fits, the drawn
// one elsewhere; one that is not for everybody shows none.
func TestChatsShowTheFirstPicture(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	show := func(title, audience string, file []byte) (map[string]string, db.Attachment) {
		i := w.Publish(t, db.Announcement, db.Content{Title: title, Audience: audience})
		a := w.Attach(t, i, "a.jpg", "The hall", file)
		w.Revise(t, i, func(c *db.Content) { c.Body = "Text ![](/pictures/" + a.ID + ")" })
		_, text := w.request(t, http.MethodGet, "/announcements/"+i.Slug, "", chat, "")
		return told(t, text), a
	}
	tags, a := show("Fits", ForEverybody(), sample.JPEG(1100, 700, 8))
	if tags["og:image"] != fmt.Sprintf("%s/pictures/%s/1100", w.URL, a.ID) || tags["og:image:type"] != "image/jpeg" || tags["og:image:width"] != "1100" || tags["og:image:height"] != "700" || tags["og:image:alt"] != "The hall" {
		t.Errorf("%q", tags)
	}
	res, body := w.request(t, http.MethodGet, strings.TrimPrefix(tags["og:image"], w.URL), "", chat, "")
	if res.StatusCode != http.StatusOK || len(body) >= 300_000 || res.Header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("the picture: %d, %d bytes", res.StatusCode, len(body))
	}
	if tags, _ := show("Small", ForEverybody(), sample.JPEG(200, 200, 8)); !strings.HasPrefix(tags["og:image"], w.URL+"/preview/") || tags["og:image:type"] != "image/png" || tags["og:image:width"] != "1200" {
		t.Errorf("%q", tags)
	}
	if tags, _ := show("Some", ForSignedIn(), sample.JPEG(1100, 700, 10)); tags["og:image"] != "" {
		t.Errorf("%q", tags)
	}
}

// A warm page with pictures reads nothing from the database, and a small
// picture that was asked for before neither.
func TestWarmPagesAndSmallPicturesReadNothing(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	i := w.Publish(t, db.Announcement, db.Content{Title: "Hall B"})
	one := w.attachPair(t, i)
	w.Revise(t, i, func(c *db.Content) { c.Body = "![x](/pictures/" + strings.Split(one.picture, "/")[2] + ")" })
	ask := func(path string) string {
		t.Helper()
		res, body := w.request(t, http.MethodGet, path, "", headed("Cookie", "c1_anon=1"), "")
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d", path, res.StatusCode)
		}
		return body
	}
	before := ask(one.picture)
	ask("/announcements/hall-b")
	must(t, w.App.DB.Reader().Close()) // from here on every read fails
	ask("/announcements/hall-b")
	if ask(one.picture) != before {
		t.Error("the picture is another")
	}
	if res, _ := w.request(t, http.MethodGet, one.file, "", headed("Cookie", "c1_anon=1"), ""); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a file that cannot be read is answered with %d", res.StatusCode)
	}
}

// A download that somebody gives up half-way disturbs nobody.
func TestADownloadGivenUp(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	large, whole := w.AttachLarge(t, w.Publish(t, db.Announcement, db.Content{Title: "Open"}), "Handbook", 9<<20)
	for range 3 {
		req, err := http.NewRequest(http.MethodGet, w.URL+"/files/"+large.ID+"/handbook.pdf", nil)
		must(t, err)
		res, err := http.DefaultTransport.RoundTrip(req)
		must(t, err)
		_, err = io.CopyN(io.Discard, res.Body, 300_000)
		must(t, err)
		must(t, res.Body.Close())
	}
	req, err := http.NewRequest(http.MethodGet, w.URL+"/files/"+large.ID+"/handbook.pdf", nil)
	must(t, err)
	res, err := http.DefaultTransport.RoundTrip(req)
	must(t, err)
	defer res.Body.Close()
	if got, err := io.ReadAll(res.Body); err != nil || !bytes.Equal(got, whole) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}
