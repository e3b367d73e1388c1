package journey

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/browser"
	"portico/cmd/internal/sample"
	"portico/db"
)

const rahila = "clx8z2rahila0014" // a secretary, who publishes

// visitors makes people and signs them in, each with a browser of their own.
func (w *World) visitors(t *testing.T, people ...campusonetest.Person) map[string]*Person {
	t.Helper()
	in := map[string]*Person{}
	for _, p := range people {
		p.Email, p.EmailVerified = p.Sub+"@nile.example", true
		w.Provider.Create(p)
		in[p.Name] = signedIn(t, w, p.Sub)
	}
	w.settle(t)
	return in
}

func studentOf(name, department string, level int) campusonetest.Person {
	return campusonetest.Person{Sub: strings.ToLower(strings.Fields(name)[0]) + "00000000014", Name: name, Role: "student", Level: level, StudyLevel: "undergraduate", FacultyID: campusonetest.FacultyComputing, DepartmentID: department}
}

// everybodysTwins are published for everybody with the same words, a file and a
// picture: who does not find them looks at empty pages.
func (w *World) everybodysTwins(t *testing.T) (notice, event trail) {
	t.Helper()
	one := w.attachPair(t, w.Publish(t, db.Announcement, db.Content{Title: "Test rooms for visitors", Body: "In the Kano laboratory."}))
	return trailOf(one, "Kano"), w.testOf(t, "visitors", "Jos", "")
}

// testOf is the trail of a test that takes place tomorrow.
func (w *World) testOf(t *testing.T, who, where, audience string) trail {
	t.Helper()
	e := &db.Event{Kind: db.EventExam, Place: "Hall B", Starts: w.wall(1, "09:00"), Ends: w.wall(1, "11:00")}
	i := w.Publish(t, db.EventItem, db.Content{Title: "Test of " + who, Body: "In the " + where + " laboratory.", Audience: audience, Details: db.Details{Event: e}})
	return trailOf(w.attachPair(t, i), where)
}

// A secretary writes to one class, at a desk: a table from Word, a PDF, a
// picture, an audience that is counted as it is chosen. That class finds all of
// it everywhere. Whoever is not of it finds it nowhere, on pages that are not
// empty, and cannot tell its addresses from such as never were.
func TestASecretaryWritesToOneClass(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	notice, event := w.everybodysTwins(t)
	class := map[string]*Person{"Amina": signedIn(t, w, amina)}
	others := w.visitors(t, studentOf("Kemi Cashew", campusonetest.DepartmentCS, 200), studentOf("Dayo Agba", campusonetest.DepartmentSE, 300))
	others["Peter, external"], others["Sani, without a role"], others["nobody"] = signedIn(t, w, campusonetest.SubPeter), signedIn(t, w, campusonetest.SubSani), asFetchPage(w.Person(true))
	w.visitors(t, campusonetest.Person{Sub: rahila, Name: "Rahila Shea", Role: "staff", CustomRoles: []string{"editor"}})

	tab := browser.New(t, browser.Options{})
	tab.Go(w.URL + "/admin/publish")
	tab.Click("Rahila Shea")
	tab.Click("New announcement")
	list := sample.PDF("Seats of CSC 301")
	writesWithFiles(t, tab, list)
	choosesOneClass(t, tab)
	restricted := looksAndPublishes(t, w, tab)
	for _, e := range tab.ConsoleErrors() {
		t.Errorf("the console says: %s", e)
	}

	test := w.testOf(t, "one class", "Lokoja", ForStudents("300", campusonetest.DepartmentCS))
	for _, people := range []map[string]*Person{class, others} {
		wantTraces(t, notice, people, "address feed file home list picture preview search-file search-text search-title sitemap today")
		wantTraces(t, event, people, "address calendar event-file file home list own-file picture preview search-file search-text search-title sitemap today")
	}
	wantTraces(t, restricted, class, "address file home list picture search-file search-text search-title today")
	wantTraces(t, test, class, "address file home list own-file picture search-file search-text search-title today")
	for _, hidden := range []trail{restricted, test} {
		wantTraces(t, hidden, others, "")
	}

	reader := class["Amina"]
	reader.must(t, reader.Visit("/announcements"), http.StatusOK)
	reader.sees(t, "For 300 level, Computer Science")
	reader.must(t, reader.Click("Test rooms for CSC 301"), http.StatusOK)
	reader.sees(t, "Zuma laboratory", "Rahila Shea")
	reader.must(t, reader.Click("Seating list (PDF, "), http.StatusOK)
	if reader.Body != string(list) || reader.Answer.Get("Content-Type") != "application/pdf" {
		t.Errorf("the list arrives as %s, %d bytes", reader.Answer.Get("Content-Type"), len(reader.Body))
	}
}

// writesWithFiles writes a title and a text with a table from Word, and adds a
// file and a picture of the machine.
func writesWithFiles(t *testing.T, tab *browser.Tab, list []byte) {
	t.Helper()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "seats.pdf"), list, 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "way.jpg"), sample.JPEG(1000, 600, 10), 0o600))
	tab.Type("#title", "Test rooms for CSC 301")
	tab.Type("#body", "Find your room.")
	clip, err := os.ReadFile("testdata/paste/wordtable.clip.html")
	must(t, err)
	const table = "| Surnames | Room | Seats |\n|---|---|--:|\n| A to I | Zuma laboratory | 40 |"
	if got := paste(t, tab, map[string]string{"text/html": string(clip), "text/plain": "Surnames\tRoom\tSeats"}); !got.Took || !strings.HasPrefix(got.Value, "Find your room.\n\n"+table) {
		t.Fatalf("the table becomes %q", got.Value)
	}
	tab.Choose("#file", filepath.Join(dir, "seats.pdf"))
	tab.Type("#attach_label", "Seating list")
	tab.Click("Add it")
	wantText(t, tab, "The file is added.")
	wantText(t, tab, "Nobody but those who write here sees it.")
	picture(t, tab, "with-file")
	tab.Choose("#file", filepath.Join(dir, "way.jpg"))
	tab.Type("#attach_label", "The way to the laboratory")
	tab.Click("Add it")
	wantText(t, tab, "The picture is added.")
	tab.Click(`[aria-label="Put into text: The way to the laboratory"]`)
	if got := bodyOf(tab); !strings.Contains(got, "![The way to the laboratory](/pictures/") || !strings.Contains(got, table) {
		t.Errorf("the text is now %q", got)
	}
}

// choosesOneClass ticks 300 level and Computer Science, and is told each time
// how many that are.
func choosesOneClass(t *testing.T, tab *browser.Tab) {
	t.Helper()
	tab.Click("label[for=to-groups]")
	tab.WaitText("3 of the 6 people this portal has met") // the first group begins with students
	tab.Click(".group details:nth-of-type(2) summary")
	tab.Click("300 level")
	tab.WaitText("2 of the 6 people this portal has met")
	tab.Click(".group details:nth-of-type(3) summary")
	tab.Click("Computer Science")
	tab.WaitText("1 of the 6 people this portal has met; others see it when they sign in.")
	wantText(t, tab, "Of 1 person Campus One has not told us enough.")
	picture(t, tab, "audience")
}

// looksAndPublishes previews what was written, publishes it, and follows its
// trail.
func looksAndPublishes(t *testing.T, w *World, tab *browser.Tab) trail {
	t.Helper()
	tab.Click("button[value=preview]")
	wantText(t, tab, "For: 300 level, student, Computer Science")
	if cells := browser.Eval[string](tab, `[...document.querySelectorAll(".preview tbody tr")].map((r) => r.innerText.replace(/\s+/g, " ").trim()).join("; ")`); cells != "A to I Zuma laboratory 40; J to Z Hall B 120" {
		t.Errorf("the preview's table reads %q", cells)
	}
	if side := browser.Eval[string](tab, `getComputedStyle(document.querySelector(".preview tbody td:last-child")).textAlign`); !strings.Contains(side, "right") {
		t.Errorf("numbers stand at the side %q", side)
	}
	arrives(t, tab, ".preview .prose img", "in the preview")
	picture(t, tab, "preview")
	tab.Click("button[value=publish]")
	wantText(t, tab, "Published. Readers see it now.")
	wantText(t, tab, "Its page is /announcements/test-rooms-for-csc-301") // she is not of that class, and would be led to nothing
	picture(t, tab, "published")
	address := func(selector string) string {
		return browser.Eval[string](tab, `new URL(document.querySelector("`+selector+`")?.getAttribute("href") ?? "none", location).pathname`)
	}
	_, at, _ := strings.Cut(address(`[data-insert] a[href^='/pictures/']`), "/pictures/")
	id, _, _ := strings.Cut(at, "/")
	return trail{db.Announcement, "test-rooms-for-csc-301", "Zuma", address(`[data-insert] a[href^='/files/']`), "/pictures/" + id + "/480"}
}
