package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"portico/auth/reading"
	"portico/db"
	"portico/handlers/intake"
	"portico/views"
)

// Files and pictures are added by a button of the item's own form, which sends
// all of it: what was typed comes back with the page. They are there at once;
// labels and removals count when the item is saved, together with its text.

// mostUpload is how much such a form may send. A file that is too large is read
// to its end up to here, so that the text behind it arrives, too.
const mostUpload = 32 << 20

// attachTo is where a form of an item sends a file.
const attachTo = "/files"

// belongings puts what belongs to an item into its page, as the form has it.
func (s *Server) belongings(ctx context.Context, m *views.EditorModel, i *db.Item) error {
	if m.Attached.To == "" {
		return nil
	}
	all, err := s.DB.AttachmentsOf(ctx, i.ID)
	if err != nil {
		return err
	}
	m.Attached.Rows = nil
	for n := range all {
		m.Attached.Rows = append(m.Attached.Rows, belongingRow(&all[n]))
	}
	return nil
}

func belongingRow(a *db.Attachment) views.AttachedRow {
	row := views.AttachedRow{ID: a.ID, Label: a.Label, Words: fileWords(a), Href: fileAddress(a)}
	if a.Picture {
		small := a.Sizes[0]
		row.Picture = views.Picture{Href: reading.PictureAddress(a.ID, small.Width), Width: small.Width, Height: small.Height}
		row.Plain, row.Href = a.Label == "", reading.PictureAddress(a.ID, a.Sizes[len(a.Sizes)-1].Width)
		row.Words = fmt.Sprintf("%d by %d dots", a.Sizes[len(a.Sizes)-1].Width, a.Sizes[len(a.Sizes)-1].Height)
	}
	row.Insert = insertion(a)
	return row
}

// insertion is what a text needs to show a picture, or to link to a file.
func insertion(a *db.Attachment) string {
	plain := strings.NewReplacer("[", "(", "]", ")", `\`, "").Replace(a.Label)
	if a.Picture {
		return "![" + plain + "](" + reading.PicturesPath + a.ID + ")"
	}
	return "[" + plain + " (" + fileWords(a) + ")](" + fileAddress(a) + ")"
}

// typedBelongings puts what was typed about them over what is stored. A form
// that does not have one leaves it as it is.
func typedBelongings(m *views.EditorModel, form url.Values) {
	m.Attached.Label, m.Attached.Plain = form.Get("attach_label"), form.Get("attach_plain") != ""
	for n := range m.Attached.Rows {
		row := &m.Attached.Rows[n]
		if !form.Has("label-" + row.ID) {
			continue
		}
		row.Label, row.Plain, row.Remove = form.Get("label-"+row.ID), form.Get("plain-"+row.ID) != "", form.Get("remove-"+row.ID) != ""
	}
}

// belongings reads what is to become of them, and says what is wrong with it.
func (r *reader) belongings(m *views.EditorModel, saves bool) (changes []db.AttachmentChange) {
	if name := m.Attached.Chosen; name != "" && saves {
		r.wrong("file", "“%s” is chosen and not added yet. Choose it again and press “Add it”, or save once more without it.", name)
	}
	stays := map[string]bool{}
	for _, row := range m.Attached.Rows {
		stays[row.ID] = !row.Remove
		change := db.AttachmentChange{ID: row.ID, Label: intake.Label(row.Label), Remove: row.Remove}
		switch picture := row.Picture.Href != ""; {
		case row.Remove:
		case picture && row.Plain:
			change.Label = ""
		case picture && change.Label == "":
			r.wrong("label-"+row.ID, "Say what the picture shows, for people who cannot see it, or tick “Decoration only”.")
		case change.Label == "":
			r.wrong("label-"+row.ID, "Write the words of its link, such as “Exam timetable”.")
		}
		changes = append(changes, change)
	}
	r.named(stays)
	return changes
}

// named says of what the text shows or links to, but should not.
func (r *reader) named(stays map[string]bool) {
	named := reading.NamedIn(r.f.Body)
	if len(named.Foreign) > 0 {
		r.wrong("body", "The picture %q is on another site and would not be shown. Add it under “Files and pictures” and put it into the text from there, or write a link to it.", named.Foreign[0])
	}
	met := map[string]bool{}
	check := func(what, id string) {
		there, known := stays[id]
		switch {
		case met[id] || there:
		case !known:
			r.wrong("body", "The text names a %s that does not belong to this item: /%ss/%s. Add it under “Files and pictures”, or take it out of the text.", what, what, id)
		default:
			r.wrong("body", "The text still names a %s that you remove: /%ss/%s. Take it out of the text, or keep the %s.", what, what, id, what)
		}
		met[id] = true
	}
	for _, id := range named.Pictures {
		check("picture", id)
	}
	for _, id := range named.Files {
		check("file", id)
	}
}

// attach gives an item the file that came with its form.
func (s *Server) attach(w http.ResponseWriter, v *visit) error {
	k, i, err := s.itemOf(v)
	if err != nil {
		return err
	}
	m, err := s.editor(v, k, &i)
	if err != nil {
		return err
	}
	if m.Attached.To == "" { // a link has no files
		return problem(http.StatusNotFound, nil)
	}
	if err := s.typed(v, &m); err != nil {
		return err
	}
	m.Unkept = true
	taken, err := s.takeFile(v, &m)
	if err != nil {
		return err
	}
	if taken == nil {
		return s.refuseFile(w, v, m)
	}
	said, err := s.addTo(v, i.ID, taken)
	if err != nil {
		return err
	}
	if err := s.belongings(v.r.Context(), &m, &i); err != nil {
		return err
	}
	typedBelongings(&m, v.r.PostForm)
	m.Attached.Label, m.Attached.Plain, m.Attached.Said = "", false, said
	return s.drawEditor(w, v, http.StatusOK, m)
}

// attachNew saves a new item as a draft, with its file.
func (s *Server) attachNew(w http.ResponseWriter, v *visit) error {
	k, err := writingOf(v)
	if err != nil {
		return err
	}
	m, err := s.editor(v, k, nil)
	if err != nil {
		return err
	}
	if m.Attached.To == "" {
		return problem(http.StatusNotFound, nil)
	}
	if err := s.typed(v, &m); err != nil {
		return err
	}
	m.Unkept = true
	r := &reader{s: s, f: &m.Form}
	c := r.content(k.kind, v.live.User.ID)
	if err := r.owner(v.r.Context(), &c); err != nil {
		return err
	}
	a, wrong := postedAudience(v.r.PostForm, s.frame(v).Settings())
	if c.Audience = a.Text(); wrong != "" {
		r.wrong("to-everybody", "%s", wrong)
	}
	r.belongings(&m, true)
	taken, err := s.takeFile(v, &m)
	if err != nil {
		return err
	}
	if m.Problems = append(r.problems, m.Problems...); len(m.Problems) > 0 {
		if taken != nil {
			m.Problems = append(m.Problems, views.Problem{Field: "file", Text: "The file is not added yet: choose it again when the rest is right."})
		}
		return s.refuseFile(w, v, m)
	}
	i, err := s.createOnce(v, k, c)
	if err != nil {
		return err
	}
	said, err := s.addTo(v, i.ID, taken)
	if err != nil {
		return err
	}
	s.settle(v, &m)
	return s.back(w, v, k.address(i.ID), "Saved as a draft. No reader sees it yet. "+said)
}

// refuseFile shows the form again, with all that was typed and what is wrong.
func (s *Server) refuseFile(w http.ResponseWriter, v *visit, m views.EditorModel) error {
	if v.crowded {
		w.Header().Set("Retry-After", "60")
		return s.drawEditor(w, v, http.StatusServiceUnavailable, m)
	}
	return s.drawEditor(w, v, http.StatusUnprocessableEntity, m)
}

// takeFile looks at the file that came with a form and makes it fit to be
// stored; nil with a problem in the page when it is not.
func (s *Server) takeFile(v *visit, m *views.EditorModel) (*intake.Taken, error) {
	wrong := func(field, text string) (*intake.Taken, error) {
		m.Problems = append(m.Problems, views.Problem{Field: field, Text: text})
		return nil, nil
	}
	if v.crowded {
		return wrong("file", "The file is not added: another one of yours is still on its way, or several people are sending files just now. Wait a minute, then choose it again.")
	}
	if v.file == nil {
		return wrong("file", "Choose a file first, then press “Add it”.")
	}
	if v.file.tooLarge {
		return wrong("file", fmt.Sprintf("“%s” has more than %d MB. A file may have up to %d MB, a picture up to %d MB: make it smaller, or part it.", v.file.name, intake.MostPicture>>20, intake.MostFile>>20, intake.MostPicture>>20))
	}
	taken, err := intake.Read(v.r.Context(), s.turn, v.file.name, v.file.data)
	if refusal, is := errors.AsType[intake.Refusal](err); is {
		return wrong("file", fmt.Sprintf("“%s”: %s", v.file.name, refusal))
	}
	if err != nil {
		return nil, problem(http.StatusServiceUnavailable, err)
	}
	label := intake.Label(m.Attached.Label)
	switch {
	case taken.Picture && m.Attached.Plain:
		taken.Label = ""
	case taken.Picture && label == "":
		return wrong("attach_label", "Say what the picture shows, for people who cannot see it, or tick that it is decoration only. Then choose the picture again.")
	case label != "":
		taken.Label = label
	case taken.Label == "":
		return wrong("attach_label", "Write the words of its link, such as “Exam timetable”. Then choose the file again.")
	}
	return taken, nil
}

// addTo stores what came and says so.
func (s *Server) addTo(v *visit, item string, taken *intake.Taken) (string, error) {
	taken.ItemID = item
	a, err := s.DB.AddAttachment(v.r.Context(), taken.Attachment, taken.Data, v.live.User.ID, s.Now())
	switch {
	case errors.Is(err, db.ErrAlready):
		return "This file is there already.", nil
	case errors.Is(err, db.ErrTooMuch):
		return fmt.Sprintf("Not added: an item holds up to %d files and pictures, %d MB in all. Remove one first.", db.MostAttachments, db.MostAttached>>20), nil
	case errors.Is(err, db.ErrNotFound):
		return "", problem(http.StatusNotFound, err)
	case err != nil:
		return "", err
	case a.Picture:
		return "The picture is added. Now put it into the text: readers see it only there.", nil
	}
	return strings.TrimSpace("The file is added. Readers find it under the text. " + taken.Note), nil
}

// saveBelongings does what was asked for when the item itself is saved.
func (s *Server) saveBelongings(v *visit, i *db.Item, changes []db.AttachmentChange) error {
	if err := s.DB.ChangeAttachments(v.r.Context(), i.ID, changes, v.live.User.ID, s.Now()); err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	return nil
}

// rendered is how readers would see a text with what belongs to its item.
func (s *Server) rendered(ctx context.Context, i *db.Item, body string) (string, error) {
	if i == nil {
		return s.Library.Render(body, nil), nil
	}
	attached, err := s.DB.AttachmentsOf(ctx, i.ID)
	return s.Library.Render(body, attached), err
}
