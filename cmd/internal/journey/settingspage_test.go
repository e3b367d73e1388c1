package journey

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"

	"portico/auth"
	"portico/auth/campusone/campusonetest"
	"portico/auth/reading"
	"portico/cmd/internal/portal"
	"portico/db"
)

const settingsPage = "/admin/settings"

// formOf reads the form that is posted to an address, as a browser would send it.
func (p *Person) formOf(t testing.TB, action string) url.Values {
	t.Helper()
	form := cascadia.Query(p.doc, cascadia.MustCompile("form[action='"+action+"']"))
	if form == nil {
		t.Fatalf("no form is posted to %s on %s: %s", action, p.URL, p.Text())
	}
	values := url.Values{}
	for _, in := range cascadia.QueryAll(form, cascadia.MustCompile("input[name]:not([type=checkbox]):not([type=file]), input[type=checkbox][checked]")) {
		values.Add(attr(in, "name"), attr(in, "value"))
	}
	for _, in := range cascadia.QueryAll(form, cascadia.MustCompile("select[name]")) {
		o := cascadia.Query(in, cascadia.MustCompile("option[selected]"))
		if o == nil {
			o = cascadia.Query(in, cascadia.MustCompile("option"))
		}
		values.Set(attr(in, "name"), attr(o, "value"))
	}
	return values
}

// set opens the settings, writes into one of their forms and sends it.
func (p *Person) set(t testing.TB, section string, status int, pairs ...string) {
	t.Helper()
	p.must(t, p.Visit(settingsPage), http.StatusOK)
	form := p.formOf(t, settingsPage+"/"+section)
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	p.must(t, p.Post(settingsPage+"/"+section, form), status)
}

// upload sends a file as the logo.
func (p *Person) upload(t testing.TB, name string, file []byte) (status int, body string) {
	t.Helper()
	p.must(t, p.Visit(settingsPage), http.StatusOK)
	var b bytes.Buffer
	parts := multipart.NewWriter(&b)
	if err := parts.WriteField("tag", p.tag(t)); err != nil {
		t.Fatal(err)
	}
	part, err := parts.CreateFormFile("logo-file", name)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(file) // into memory
	_ = parts.Close()
	res, body := p.answerBody(t, settingsPage+"/logo", b.String(), http.Header{"Content-Type": {parts.FormDataContentType()}, "Origin": {p.world.URL}})
	return res.StatusCode, body
}

func (w *World) settings(t testing.TB) reading.Settings {
	t.Helper()
	shelf, err := w.App.Library.For(t.Context(), reading.Nobody())
	if err != nil {
		t.Fatal(err)
	}
	return *shelf.Settings()
}

func TestSettingsName(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		grace, visitor := signedIn(t, w, campusonetest.SubGrace), asFetch(w.Person(true))
		visitor.Header.Set("Accept", "text/html")
		grace.must(t, grace.Click("Settings"), http.StatusOK)
		grace.set(t, "name", http.StatusOK, "name-full", "  Department of   Botany ", "name-short", "Botany", "name-motto", "All that grows.")
		grace.sees(t, "The name is saved.", "Botany")
		visitor.must(t, visitor.Visit("/"), http.StatusOK)
		visitor.sees(t, "Department of Botany", "All that grows.", "Nile University of Nigeria")
		before := visitor.Answer.Get("ETag")
		grace.set(t, "name", http.StatusUnprocessableEntity, "name-full", " ", "name-short", strings.Repeat("ab", 30), "name-motto", "Kept as typed")
		grace.sees(t, "Write the name of the department.", "Short name: this has 60 letters. Write at most 40.")
		if form := grace.formOf(t, settingsPage+"/name"); form.Get("name-motto") != "Kept as typed" || form.Get("name-short") != strings.Repeat("ab", 30) {
			t.Errorf("what was typed is lost: %v", form)
		}
		if got := w.settings(t); got.Name != "Department of Botany" || got.Motto != "All that grows." {
			t.Errorf("a refused form was stored: %+v", got)
		}
		grace.set(t, "name", http.StatusOK, "name-motto", "All that grows, and more.")
		visitor.must(t, visitor.Visit("/"), http.StatusOK)
		if visitor.Answer.Get("ETag") == before {
			t.Error("a page a browser has kept would pass for unchanged")
		}
		w.wantAudit(t, "name", "settings.save", campusonetest.SubGrace, `nothing, then "Department of Botany"`)
		w.wantAudit(t, "motto", "settings.save", campusonetest.SubGrace, `"All that grows.", then "All that grows, and more."`)
	})
}

// What a new portal wants done is listed for those who manage it, and marked
// when it is done.
func TestFirstSteps(t *testing.T) {
	t.Parallel()
	done := func(w *World) (all []string) {
		grace := signedIn(t, w, campusonetest.SubGrace)
		for _, li := range cascadia.QueryAll(grace.doc, cascadia.MustCompile("li.done .strong")) {
			all = append(all, strings.TrimSuffix(textOf(li), " Done"))
		}
		grace.sees(t, "First steps", "Say where people ask", "Choose your departments", "Make a backup", "Publish the first announcement")
		return all
	}
	for _, c := range []struct {
		set    reading.Settings
		backup bool
		want   []string
	}{
		{reading.Settings{}, false, nil},
		{reading.Settings{Name: "Department of Botany", Contact: "botany@nile.example"}, false, []string{"Name the department", "Say where people ask"}},
		{reading.Settings{Reach: []reading.Reach{{Label: "Office"}}, Departments: []string{campusonetest.DepartmentCS}}, true, []string{"Say where people ask", "Choose your departments", "Make a backup"}},
	} {
		w := Start(t, Options{Env: []string{"PORTICO_BACKUP_DIR=off"}})
		w.SaveSettings(t, c.set)
		if c.backup {
			if err := w.App.DB.NoteBackup(t.Context(), db.BackupNote{At: w.Now()}); err != nil {
				t.Fatal(err)
			}
		}
		if got := done(w); !slices.Equal(got, c.want) {
			t.Errorf("with %+v done: %q, want %q", c.set, got, c.want)
		}
	}
}

func TestSettingsContact(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		grace := signedIn(t, w, campusonetest.SubGrace)
		for _, bad := range []struct{ field, text, want string }{
			{"contact-main", "office@", "“office@” is not a whole e-mail address"},
			{"contact-main", "https://", "is not a web address"},
			{"reach-0-link", "block C", "“block C” is neither"},
			{"reach-0-text", "Monday", "write who or where it is"},
			{"reach-0-link", "javascript://x.y/%0aalert(1)", "is not a web address"},
		} {
			grace.set(t, "contact", http.StatusUnprocessableEntity, bad.field, bad.text)
			grace.sees(t, bad.want)
			if got := grace.formOf(t, settingsPage+"/contact").Get(bad.field); got != bad.text {
				t.Errorf("%s: %q became %q", bad.field, bad.text, got)
			}
		}
		grace.set(t, "contact", http.StatusOK, "contact-main", "office@nile.example", "reach-0-label", "Office, block C", "reach-0-text", "Monday to Friday", "reach-0-link", "www.nile.example/office")
		grace.set(t, "contact", http.StatusOK, "reach-1-label", "Registry")
		want := []reading.Reach{{Label: "Office, block C", Text: "Monday to Friday", Link: "https://www.nile.example/office"}, {Label: "Registry"}}
		if got := w.settings(t); got.Contact != "office@nile.example" || !slices.Equal(got.Reach, want) {
			t.Errorf("stored: %+v", got)
		}
		grace.set(t, "contact", http.StatusOK, "reach-0-label", "", "reach-0-text", "", "reach-0-link", "")
		if got := w.settings(t).Reach; !slices.Equal(got, want[1:]) {
			t.Errorf("an emptied one stays: %+v", got)
		}
	})
}

func TestSettingsDepartments(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		grace := signedIn(t, w, campusonetest.SubGrace)
		w.Provider.TakeDown(0) // Campus One away: what it told last is there
		grace.must(t, grace.Visit(settingsPage), http.StatusOK)
		grace.sees(t, "Faculty of Computing", "Civil Engineering")
		grace.set(t, "departments", http.StatusOK, "department", campusonetest.DepartmentCS)
		if got := w.settings(t).Departments; !slices.Equal(got, []string{campusonetest.DepartmentCS}) {
			t.Errorf("stored: %q", got)
		}
		grace.set(t, "departments", http.StatusOK, "department", "dept_made_up")
		if got := w.settings(t).Departments; len(got) != 0 {
			t.Errorf("a department that nobody named is stored: %q", got)
		}
		many := []db.Department{{ID: "d_law", Name: "Droit Privé", FacultyID: "f"}}
		for r := 'a'; r <= 'z'; r++ {
			many = append(many, db.Department{ID: "d_" + string(r), Name: "Subject " + string(r), FacultyID: "f"})
		}
		if err := w.App.DB.SaveCatalogue(t.Context(), []db.Faculty{{ID: "f", Name: "Faculty of Many"}}, many, time.Now()); err != nil {
			t.Fatal(err)
		}
		w.SaveSettings(t, reading.Settings{Name: "X", Departments: []string{"d_q", "d_gone"}})
		grace.set(t, "departments", http.StatusOK, "do", "find", "departments-find", "prive")
		grace.sees(t, "Droit Privé", "Subject q", "no longer names", "25 more are not shown")
		form := grace.formOf(t, settingsPage+"/departments")
		form["department"] = []string{"d_q", "d_law"}
		grace.must(t, grace.Post(settingsPage+"/departments", form), http.StatusOK)
		if got := w.settings(t).Departments; !slices.Equal(got, []string{"d_law", "d_q"}) {
			t.Errorf("stored after a search: %q", got)
		}
	})
}

func TestSettingsCategories(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		grace := signedIn(t, w, campusonetest.SubGrace)
		want := func(what string, all ...db.Category) {
			t.Helper()
			if got, err := w.App.DB.Categories(t.Context()); err != nil || !slices.Equal(got, all) {
				t.Errorf("%s: %v, %v", what, got, err)
			}
		}
		grace.set(t, "categories", http.StatusOK, "category-0-name", "News", "category-1-name", "Exams")
		want("added", db.Category{ID: "news", Name: "News"}, db.Category{ID: "exams", Name: "Exams"})
		grace.must(t, grace.Click("Change their order"), http.StatusOK)
		if got := grace.titlesOn("h1"); got != "Order of categories" {
			t.Errorf("the page is called %q", got)
		}
		grace.must(t, grace.Click("Down : News"), http.StatusOK)
		grace.sees(t, "Moved. Readers see the new order.")
		if n := cascadia.Query(grace.doc, cascadia.MustCompile("button[autofocus]")); n == nil || textOf(n) != "Up : News" {
			t.Error("after a move one does not go on where one was")
		}
		want("ordered", db.Category{ID: "exams", Name: "Exams"}, db.Category{ID: "news", Name: "News"})
		grace.set(t, "categories", http.StatusOK, "category-0-name", "Exams and results", "category-1-name", "Notices", "category-2-name", "News")
		want("renamed, added", db.Category{ID: "exams", Name: "Exams and results"}, db.Category{ID: "news", Name: "Notices"}, db.Category{ID: "news-2", Name: "News"})
		grace.set(t, "categories", http.StatusUnprocessableEntity, "category-0-name", "", "category-1-name", "notices", "category-2-name", "Notices")
		grace.sees(t, "write its name, or tick “Remove”", "two categories called “Notices”")
		w.Publish(t, db.Announcement, db.Content{Title: "Results", Category: "exams"})
		grace.must(t, grace.Visit(settingsPage), http.StatusOK)
		grace.sees(t, "1 item is in it")
		stale := grace.formOf(t, settingsPage+"/categories")
		stale.Set("category-0-remove", "yes") // the page did not offer it
		stale.Set("category-1-remove", "yes")
		grace.must(t, grace.Post(settingsPage+"/categories", stale), http.StatusUnprocessableEntity)
		grace.sees(t, "Nothing was saved")
		grace.set(t, "categories", http.StatusOK, "category-1-remove", "yes")
		want("removed", db.Category{ID: "exams", Name: "Exams and results"}, db.Category{ID: "news-2", Name: "News"})
		stale.Del("category-0-remove")
		stale.Del("category-2-name")
		grace.must(t, grace.Post(settingsPage+"/categories", stale), http.StatusOK)
		want("an old page loses nothing", db.Category{ID: "exams", Name: "Exams and results"}, db.Category{ID: "news-2", Name: "News"})
	})
}

func TestSettingsLinksAndMenu(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		grace := signedIn(t, w, campusonetest.SubGrace)
		links := func() (all []string) {
			t.Helper()
			shelf, err := w.App.Library.For(t.Context(), reading.Nobody())
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range shelf.Links() {
				all = append(all, l.Title+" "+l.Link)
			}
			return all
		}
		grace.set(t, "links", http.StatusUnprocessableEntity, "link-0-label", "Library", "link-1-address", "ftp://x.y")
		grace.sees(t, "Link 1: write where it leads.", "Link 2: write the words people click.", "“ftp://x.y” is not an address")
		grace.set(t, "links", http.StatusOK, "link-0-label", "Library", "link-0-address", "library.nile.example", "link-1-label", "Events", "link-1-address", "/events")
		if got := links(); !slices.Equal(got, []string{"Events /events", "Library https://library.nile.example"}) {
			t.Errorf("links: %q", got)
		}
		grace.set(t, "links", http.StatusOK, "link-0-audience", "staff")
		if got := links(); !slices.Equal(got, []string{"Library https://library.nile.example"}) {
			t.Errorf("nobody in particular sees the link for staff: %q", got)
		}
		w.SaveSettings(t, reading.Settings{Name: "X", Departments: []string{campusonetest.DepartmentCS}})
		grace.set(t, "links", http.StatusOK, "link-1-audience", "students")
		amina, err := w.App.DB.UserBySub(t.Context(), w.Provider.URL(), campusonetest.SubGrace)
		if err != nil {
			t.Fatal(err)
		}
		set := w.settings(t)
		stored, err := w.App.DB.Items(t.Context(), db.ItemFilter{Kind: db.QuickLink, Owner: amina.ID})
		if err != nil || len(stored) != 2 || stored[0].Audience != set.OurStudents().Text() {
			t.Fatalf("stored: %+v, %v", stored, err)
		}
		grace.must(t, grace.Visit(settingsPage), http.StatusOK)
		stale := grace.formOf(t, settingsPage+"/links")
		w.Revise(t, stored[0], func(c *db.Content) { c.Title = "Main library"; c.Audience = auth.Audience{To: auth.SignedIn}.Text() })
		stale.Set("link-1-label", "The library")
		grace.must(t, grace.Post(settingsPage+"/links", stale), http.StatusUnprocessableEntity)
		grace.sees(t, "Somebody else has changed this meanwhile.")
		if got := grace.formOf(t, settingsPage+"/links").Get("link-1-label"); got != "The library" {
			t.Errorf("what was typed became %q", got)
		}
		grace.set(t, "links", http.StatusOK, "link-0-remove", "yes", "link-1-remove", "yes")
		if got := links(); len(got) != 0 {
			t.Errorf("links stay: %q", got)
		}

		about := w.Publish(t, db.FreePage, db.Content{Title: "About us", Rank: 1})
		w.Publish(t, db.FreePage, db.Content{Title: "Lab rules", Rank: 2})
		grace.set(t, "menu", http.StatusOK, "page-0-in", "yes", "page-1-in", "yes")
		menu := func() (all []string) {
			shelf, _ := w.App.Library.For(t.Context(), reading.Nobody())
			for _, m := range shelf.Menu() {
				all = append(all, m.Title)
			}
			return all
		}
		if got := menu(); !slices.Equal(got, []string{"About us", "Lab rules"}) {
			t.Errorf("the menu: %q", got)
		}
		again, err := w.App.DB.Item(t.Context(), about.ID)
		if err != nil {
			t.Fatal(err)
		}
		grace.set(t, "menu", http.StatusOK)
		if now, err := w.App.DB.Item(t.Context(), about.ID); err != nil || now.Version != again.Version {
			t.Errorf("saving the menu as it is makes version %d of %d", now.Version, again.Version)
		}
	})
}

// Those who may not manage are refused before a file of theirs is read.
func TestSettingsAreForManagers(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	for _, sub := range []string{campusonetest.SubAmina, campusonetest.SubIbrahim} {
		p := signedIn(t, w, sub)
		tag := p.tag(t)
		p.must(t, p.Visit(settingsPage), http.StatusForbidden)
		for _, section := range []string{"name", "contact", "departments", "categories", "links", "menu", "accent", "logo", "logo/remove"} {
			p.must(t, p.Post(settingsPage+"/"+section, url.Values{"tag": {tag}, "name-full": {"Ours"}, "accent-colour": {"#000000"}}), http.StatusForbidden)
		}
	}
	nobody := w.Person(true)
	nobody.must(t, nobody.Post(settingsPage+"/logo", url.Values{}), http.StatusUnauthorized)
	if got := w.settings(t); got.Name != "" || got.Accent != "" {
		t.Errorf("stored: %+v", got)
	}
}

// A second process on the same database shows what the first has set.
func TestSettingsReachOtherProcesses(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		other, err := portal.New(t.Context(), w.Config, slog.New(slog.DiscardHandler), portal.Options{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { defer close(done); other.Run(ctx) }()
		t.Cleanup(func() {
			stop()
			<-done
			if err := other.DB.Close(); err != nil {
				t.Error(err)
			}
		})
		there := func(path string) (*http.Response, string) {
			req := httptest.NewRequest(http.MethodGet, w.URL+path, nil)
			req.Header = http.Header{"Accept": {"text/html"}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Dest": {"empty"}}
			rec := httptest.NewRecorder()
			other.Handler.ServeHTTP(rec, req)
			body, _ := io.ReadAll(rec.Body)
			return rec.Result(), string(body)
		}
		before, _ := there("/")
		grace := signedIn(t, w, campusonetest.SubGrace)
		grace.set(t, "accent", http.StatusOK, "accent-colour", "#7a1f2b")
		grace.set(t, "name", http.StatusOK, "name-full", "Department of Botany")
		began := time.Now()
		for end := began.Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			res, body := there("/")
			sheet := accentSheet.FindStringSubmatch(body)
			if sheet != nil && strings.Contains(body, "Department of Botany") {
				t.Logf("shown by the other process after %s", time.Since(began).Round(time.Millisecond))
				if res.Header.Get("ETag") == before.Header.Get("ETag") {
					t.Error("its entity tag is as before")
				}
				if res, css := there(sheet[1]); !strings.Contains(res.Header.Get("Cache-Control"), "immutable") || !strings.Contains(css, "#7a1f2b") {
					t.Errorf("its stylesheet: %s", css)
				}
				return
			}
			if time.Now().After(end) {
				t.Fatalf("the other process still shows %s", body)
			}
		}
	})
}
