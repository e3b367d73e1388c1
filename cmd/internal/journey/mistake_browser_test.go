package journey

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/browser"
	"portico/cmd/internal/sample"
	"portico/db"
)

// secretName stands in a list that was posted by mistake.
const secretName = "Quillon-Abernathy"

// rowsWith names the tables of an SQLite database that hold a text anywhere.
func (w *World) rowsWith(t *testing.T, text string) (tables []string) {
	t.Helper()
	d, ctx := w.App.DB.Reader(), context.Background()
	names, err := d.QueryContext(ctx, `SELECT name FROM sqlite_master WHERE type = 'table'`)
	must(t, err)
	var all []string
	for names.Next() {
		var name string
		must(t, names.Scan(&name))
		all = append(all, name)
	}
	must(t, names.Err())
	must(t, names.Close())
	for _, name := range all {
		if holds(t, w, name, text) {
			tables = append(tables, name)
		}
	}
	slices.Sort(tables)
	return tables
}

// holds says whether a table has a text in any column.
func holds(t *testing.T, w *World, table, text string) (found bool) {
	t.Helper()
	rows, err := w.App.DB.Reader().QueryContext(context.Background(), `SELECT * FROM `+table)
	must(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	must(t, err)
	for rows.Next() {
		values := make([]any, len(columns))
		for n := range values {
			values[n] = new(any)
		}
		must(t, rows.Scan(values...))
		for _, v := range values {
			value := *v.(*any)
			if b, ok := value.([]byte); ok {
				value = string(b)
			}
			found = found || strings.Contains(fmt.Sprint(value), text)
		}
	}
	must(t, rows.Err())
	return found
}

// onDisk says in how many of the database's files a text stands, deleted or
// not.
func onDisk(t *testing.T, file, text string) (n int) {
	t.Helper()
	for _, ending := range []string{"", "-wal"} {
		all, err := os.ReadFile(file + ending)
		if err == nil && bytes.Contains(all, []byte(text)) {
			n++
		}
	}
	return n
}

// A list was posted by mistake. Whoever publishes withdraws it, and no reader
// finds it any more; whoever manages the portal erases it, with its versions,
// its files, and what somebody was still typing. Then it is nowhere: at no
// address, in no row, and after a stop in no byte of the database's file.
func TestAListPostedByMistakeIsErased(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "portico.db")
	w := Start(t, Options{Database: "sqlite:" + file})
	twin := trailOf(w.attachPair(t, w.Publish(t, db.Announcement, db.Content{Title: "Test list", Body: "In the Kano laboratory."})), "Kano")
	i := w.Publish(t, db.Announcement, db.Content{Title: "Test results", Body: "First in the laboratory: " + secretName + "."})
	one := pair{item: i, file: "/files/" + w.Attach(t, i, "a.pdf", "Result list", sample.PDF("Results", secretName)).ID + "/result-list.pdf",
		picture: "/pictures/" + w.Attach(t, i, "a.jpg", "The list", sample.JPEG(1000, 600, 11)).ID + "/480"}
	w.Revise(t, i, func(c *db.Content) { c.Body += "\n\nCorrected." })
	reader, funke := signedIn(t, w, amina), signedIn(t, w, campusonetest.SubFunke)
	x, people := trailOf(one, secretName), map[string]*Person{"Amina": reader, "nobody": asFetchPage(w.Person(true))}
	const everywhere = "address feed file home list picture preview search-file search-text search-title sitemap today"
	wantTraces(t, x, people, everywhere)
	page := "/admin/publish/announcements/" + i.ID
	funke.must(t, funke.Visit(page), http.StatusOK)
	funke.keep(t, page, funke.fields(t, "#title"), http.StatusOK)

	tab := browser.New(t, browser.Options{})
	signIn(t, w, tab, campusonetest.SubFunke, page)
	tab.Click("Withdraw it")
	wantText(t, tab, "Withdrawn. No reader sees it any more.")
	if text := tab.Text(); strings.Contains(text, "Erase it for good") {
		t.Error("who may not erase is offered to")
	}
	wantTraces(t, x, people, "")
	wantTraces(t, twin, people, everywhere)

	grace := browser.New(t, browser.Options{})
	signIn(t, w, grace, campusonetest.SubGrace, page)
	if got := w.rowsWith(t, secretName); fmt.Sprint(got) != "[attachment_data drafts item_versions items]" || onDisk(t, file, secretName) == 0 {
		t.Errorf("before it is erased it stands in %v", got)
	}
	grace.Click("Erase it for good")
	wantText(t, grace, "all 2 versions")
	wantText(t, grace, "Also its files and pictures: 2.")
	wantText(t, grace, "backups made before keep")
	picture(t, grace, "asked")
	grace.Click("Erase it")
	wantText(t, grace, "Erased, with all its versions.")
	picture(t, grace, "erased")

	wantTraces(t, x, people, "")
	wantTraces(t, twin, people, everywhere)
	for _, path := range []string{page, page + "/history", page + "/history/1", one.file, one.picture} {
		grace.Go(w.URL + path)
		wantText(t, grace, "There is no page here")
		funke.must(t, funke.Visit(path), http.StatusNotFound)
	}
	if got := w.rowsWith(t, secretName); len(got) > 0 {
		t.Errorf("it still stands in %v", got)
	}
	w.again(t)
	if onDisk(t, file, secretName) > 0 {
		t.Error("its bytes are still in the database's file")
	}
}
