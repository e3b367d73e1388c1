package journey

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/sample"
	"portico/db"
)

// attachFile fills the editor's form, chooses a file and presses "Add it".
func (p *Person) attachFile(t testing.TB, status int, name string, file []byte, fill map[string]string) {
	t.Helper()
	form := p.fields(t, "#title")
	for key, text := range fill {
		form.Set(key, text)
	}
	button := p.all("button[formaction]")
	if len(button) != 1 || attr(button[0], "formenctype") != "multipart/form-data" {
		t.Fatalf("no way to add a file on %s: %s", p.URL, p.Text())
	}
	body, kind := withFile(t, form, name, file)
	to := attr(button[0], "formaction")
	res, text := p.answerBody(t, to, body, http.Header{"Content-Type": {kind}, "Origin": {p.world.URL}})
	p.Status, p.URL, p.Body = res.StatusCode, mustURL(p.world.URL+strings.TrimSuffix(to, "/files")), text // where its main form is posted to
	doc, err := html.Parse(strings.NewReader(text))
	must(t, err)
	p.doc = doc
	if res.StatusCode == http.StatusSeeOther {
		must(t, p.Visit(res.Header.Get("Location")))
	}
	p.must(t, nil, status)
}

// withFile is a form with its file in the middle, as browsers send it.
func withFile(t testing.TB, form url.Values, name string, file []byte) (body, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	put := func(late bool) {
		for key, values := range form {
			for _, value := range values {
				if key != "file" && (key == "until") == late {
					must(t, w.WriteField(key, value))
				}
			}
		}
	}
	put(false)
	part, err := w.CreateFormFile("file", name)
	must(t, err)
	_, err = part.Write(file)
	must(t, err)
	put(true)
	must(t, w.Close())
	return b.String(), w.FormDataContentType()
}

func idIn(address string) string { return strings.Split(address, "/")[2] }

func TestAnEditorAddsAFileAndAPicture(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, w *World) {
		p := signedIn(t, w, campusonetest.SubFunke)
		p.must(t, p.Visit("/admin/publish/announcements/new"), http.StatusOK)
		p.attachFile(t, http.StatusUnprocessableEntity, "Exam_list.pdf", sample.PDF("Exam list"), map[string]string{"body": "Typed and kept.", "to": "everybody"})
		p.sees(t, "Give it a title.", "choose it again when the rest is right", "Typed and kept.")
		p.attachFile(t, http.StatusOK, "Exam_list.pdf", sample.PDF("Exam list"), map[string]string{"title": "Hall B"})
		p.sees(t, "Saved as a draft. No reader sees it yet.", "The file is added.", "Exam list", "PDF, 1 kB", "Typed and kept.")
		page := p.URL.Path

		p.attachFile(t, http.StatusUnprocessableEntity, "hall.jpg", sample.JPEG(1000, 600, 9), map[string]string{"body": "Typed again."})
		p.sees(t, "Say what the picture shows", "Typed again.")
		p.attachFile(t, http.StatusOK, "hall.jpg", sample.JPEG(1000, 600, 9), map[string]string{"attach_label": "The way to hall B", "body": "Typed again."})
		p.sees(t, "The picture is added.", "Typed again.")
		p.attachFile(t, http.StatusOK, "hall2.jpg", sample.JPEG(1000, 600, 9), map[string]string{"attach_label": "Another name"})
		p.sees(t, "This file is there already.")
		rows := p.all("li[data-insert]")
		if len(rows) != 2 || !strings.HasPrefix(attr(rows[0], "data-insert"), "[Exam list (PDF, 1 kB)](/files/") || !strings.HasPrefix(attr(rows[1], "data-insert"), "![The way to hall B](/pictures/") {
			t.Fatalf("the lines are %d: %s", len(rows), p.Body)
		}
		show := attr(rows[1], "data-insert")
		file, err := w.App.DB.AttachmentsOf(t.Context(), page[strings.LastIndex(page, "/")+1:])
		must(t, err)
		p.write(t, "preview", http.StatusOK, map[string]string{"body": "Before.\n\n" + show + "\n\n" + attr(rows[0], "data-insert")})
		if len(p.all(".preview img")) != 1 || len(p.all(".preview a[href^='/files/']")) != 1 {
			t.Errorf("the preview: %s", p.Body)
		}
		p.write(t, "publish", http.StatusOK, nil)
		reader := asFetch(w.Person(false))
		reader.Header.Set("Accept", "text/html")
		reader.must(t, reader.Visit("/announcements/hall-b"), http.StatusOK)
		reader.sees(t, "Files", "Exam list (PDF, 1 kB)")
		if img := reader.all(".prose img"); len(img) != 1 || attr(img[0], "alt") != "The way to hall B" {
			t.Errorf("readers see: %s", reader.Body)
		}

		// Labels and removals count with the text they go with.
		p.must(t, p.Visit(page), http.StatusOK)
		p.write(t, "publish", http.StatusUnprocessableEntity, map[string]string{"remove-" + file[1].ID: "yes", "label-" + file[0].ID: " "})
		p.sees(t, "The text still names a picture that you remove", "Write the words of its link")
		p.write(t, "publish", http.StatusOK, map[string]string{"body": "Without it.", "label-" + file[0].ID: "Final list"})
		reader.must(t, reader.Visit("/announcements/hall-b"), http.StatusOK)
		if reader.sees(t, "Final list (PDF, 1 kB)"); len(reader.all(".prose img")) != 0 {
			t.Error("the picture is still shown")
		}
		reader.must(t, reader.Visit("/pictures/"+file[1].ID+"/480"), http.StatusNotFound)
		id := file[0].ItemID
		for _, a := range file {
			kind := map[bool]string{true: "picture", false: "file"}[a.Picture]
			w.wantAudit(t, id, "announcement.add_"+kind, campusonetest.SubFunke, fmt.Sprintf("%s, %s, %d bytes", a.ID, a.Type, a.Bytes()))
		}
		w.wantAudit(t, id, "announcement.change_file", campusonetest.SubFunke, fmt.Sprintf("%s, application/pdf, %d bytes", file[0].ID, file[0].Bytes()))
		w.wantAudit(t, id, "announcement.remove_picture", campusonetest.SubFunke, fmt.Sprintf("%s, image/jpeg, %d bytes", file[1].ID, file[1].Bytes()))
	})
}

// What a text shows must belong to its item.
func TestAPictureOfAnotherItemIsRefused(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	other := w.attachPair(t, w.Publish(t, db.Announcement, db.Content{Title: "Other"}))
	p := signedIn(t, w, campusonetest.SubFunke)
	for body, says := range map[string]string{
		"![x](/pictures/" + idIn(other.picture) + ")":       "names a picture that does not belong to this item",
		"![x](/pictures/" + strings.Repeat("B", 26) + ")":   "names a picture that does not belong to this item",
		"[x](" + other.file + ")":                           "names a file that does not belong to this item",
		"![x](https://elsewhere.example/x.png)":             "is on another site and would not be shown",
		"![x](" + other.picture + ")":                       "is on another site and would not be shown",
		"[![x](//elsewhere.example/x.png)](https://a.test)": "is on another site and would not be shown",
	} {
		p.must(t, p.Visit("/admin/publish/pages/new"), http.StatusOK)
		p.write(t, "draft", http.StatusUnprocessableEntity, map[string]string{"title": "Mine", "to": "everybody", "body": body})
		p.sees(t, says)
	}
	// A file that was chosen and not sent is not forgotten silently.
	p.must(t, p.Visit("/admin/publish/pages/new"), http.StatusOK)
	p.write(t, "publish", http.StatusUnprocessableEntity, map[string]string{"title": "Mine", "to": "everybody", "file": "list.pdf"})
	p.sees(t, "“list.pdf” is chosen and not added yet.")
	p.write(t, "count", http.StatusOK, map[string]string{"file": "list.pdf"})
	p.sees(t, "“list.pdf” is not added yet.")
	p.write(t, "publish", http.StatusOK, nil)
	p.must(t, p.Visit("/admin/publish/links/new"), http.StatusOK)
	if len(p.all("#file")) != 0 {
		t.Error("a link takes files")
	}
}

// hostileUploads are what the portal must not take, by name, with what it says.
func hostileUploads(t testing.TB) map[string][]byte {
	heic, err := os.ReadFile("../../../handlers/intake/testdata/phone.heic")
	must(t, err)
	const types = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>`
	pdf := sample.PDF("Cut off")
	return map[string][]byte{
		"empty.pdf|This file is empty":                         {},
		"cut.pdf|This PDF is broken or cut off":                pdf[:len(pdf)/2],
		"polyglot.pdf|something in front of it":                append([]byte("<html><script>alert(1)</script>"), pdf...),
		"page.pdf|Files of this kind are not taken":            []byte("<!doctype html><script>alert(1)</script>"),
		"eleven.pdf|This file has 11.0 MB":                     append([]byte("%PDF-1.4\n"), make([]byte, 11<<20)...),
		"film.jpg|has more than 20 MB":                         make([]byte, 24<<20),
		"macro.docx|holds macros":                              zipped(t, "[Content_Types].xml", types, "word/document.xml", "<document/>"),
		"bomb.docx|unpacks to far more":                        zipped(t, "[Content_Types].xml", strings.Replace(types, "vnd.ms-word.document.macroEnabled.main", "vnd.openxmlformats-officedocument.wordprocessingml.document.main", 1), "word/document.xml", strings.Repeat("\x00", 210<<20)),
		"drawing.svg|SVG drawing, which can hold programs":     []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`),
		"phone.heic|This is a HEIC":                            heic,
		"half.jpg|This picture is broken or cut off":           sample.JPEG(600, 400, 9)[:4000],
		"huge.png|has 4225 megapixels (65000 by 65000 dots)":   pngHead(65000, 65000),
		"program.pdf|Files of this kind are not taken":         []byte("MZ\x90\x00\x03\x00\x00\x00"),
		"old.doc|old Office program":                           []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...."),
		"../../\u202efdp.exe|Files of this kind are not taken": []byte("#!/bin/sh\n"),
		"slides.pptx|neither a Word document nor":              zipped(t, "[Content_Types].xml", strings.Replace(types, "vnd.ms-word.document.macroEnabled.main", "vnd.openxmlformats-officedocument.presentationml.presentation.main", 1), "word/document.xml", "x"),
		"archive.zip|This is an archive":                       zipped(t, "a.txt", "x"),
	}
}

// Each is refused in words, with what was typed before and behind the file kept,
// and nothing of it stored.
func TestHostileUploads(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	i := w.Publish(t, db.Announcement, db.Content{Title: "Open"})
	p := signedIn(t, w, campusonetest.SubFunke)
	page := "/admin/publish/announcements/" + i.ID
	for what, file := range hostileUploads(t) {
		name, says, _ := strings.Cut(what, "|")
		p.must(t, p.Visit(page), http.StatusOK)
		p.attachFile(t, http.StatusUnprocessableEntity, name, file, map[string]string{"body": "Typed before.", "until": "2031-03-03", "attach_label": "x"})
		p.sees(t, says, "Typed before.")
		if got := p.fields(t, "#title").Get("until"); got != "2031-03-03" {
			t.Errorf("%s: what was typed behind the file became %q", name, got)
		}
	}
	// So much is not even read; what came before it is shown, to be copied.
	p.must(t, p.Visit(page), http.StatusOK)
	p.attachFile(t, http.StatusRequestEntityTooLarge, "film.mp4", make([]byte, 40<<20), map[string]string{"body": "Typed before."})
	p.sees(t, "That is too large", "Typed before.")
	if left, err := w.App.DB.AttachmentsOf(t.Context(), i.ID); err != nil || len(left) != 0 {
		t.Errorf("stored: %+v, %v", left, err)
	}
	// Whoever may not publish has nothing read.
	amina := signedIn(t, w, campusonetest.SubAmina)
	body, kind := withFile(t, url.Values{"tag": {amina.tag(t)}}, "a.pdf", sample.PDF("x"))
	if res, _ := amina.answerBody(t, page+"/files", body, http.Header{"Content-Type": {kind}, "Origin": {w.URL}}); res.StatusCode != http.StatusForbidden {
		t.Errorf("a student's file is answered with %d", res.StatusCode)
	}
}
