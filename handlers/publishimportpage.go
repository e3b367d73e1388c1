package handlers

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"portico/db"
	"portico/handlers/timetable"
	"portico/views"
)

// draw draws the form and, when a table was read, how it was understood.
func (i *importing) draw(w http.ResponseWriter, status int) error {
	m := &i.m
	m.Text, m.FirstDay, m.LastDay, m.Publish = i.form.Get("text"), i.form.Get("first_day"), i.form.Get("last_day"), i.form.Get("as") == "publish"
	for _, k := range eventKinds() {
		k.On = k.Value == i.form.Get("kind")
		m.Kinds = append(m.Kinds, k)
	}
	people := timetable.People{Own: i.shelf.Settings().Departments}
	for _, p := range i.presets(&people) {
		m.Audiences = append(m.Audiences, views.Option{Value: p.value, Label: p.label, On: p.value == i.form.Get("to")})
	}
	for _, c := range timetable.Columns() {
		m.Columns = append(m.Columns, views.ImportColumn{Name: string(c.Field), Also: strings.Join(c.Also, ", "), Text: c.Explain, Needed: c.Needed})
	}
	if i.sheet != nil {
		if err := i.show(); err != nil {
			return err
		}
	}
	title := "Add a timetable"
	if i.sheet != nil {
		title = "Look before you add"
	}
	i.s.render(w, i.v, status, views.Import(i.s.page(i.v, title), *m))
	return nil
}

// show puts the rows into the page, and the bad ones above them.
func (i *importing) show() (err error) {
	sheet, m := i.sheet, &i.m
	if m.Seen, err = i.seen(); err != nil {
		return err
	}
	m.Read, m.Once, m.Notes, m.Unused = true, rand.Text(), sheet.Notes, strings.Join(sheet.Unused, ", ")
	for n := range sheet.Rows {
		row := i.row(&sheet.Rows[n])
		switch row.State {
		case views.ImportNew:
			m.New++
		case views.ImportThere:
			m.There++
		default:
			m.Bad++
		}
		m.Rows = append(m.Rows, row)
		if row.State != views.ImportBad {
			continue
		}
		for _, p := range row.Wrong {
			if len(m.BadLines) < mostBad {
				m.BadLines = append(m.BadLines, views.Problem{Field: row.ID, Text: fmt.Sprintf("Line %d, %s", row.Line, p)})
			} else {
				m.MoreBad++
			}
		}
	}
	return nil
}

func (i *importing) row(r *timetable.Row) views.ImportRow {
	row := views.ImportRow{Line: r.Line, ID: fmt.Sprintf("line-%d", r.Line), Title: r.Content.Title, State: views.ImportNew, Warnings: r.Warnings}
	switch {
	case !r.Good():
		row.State, row.Raw, row.Warnings = views.ImportBad, r.Raw, nil
		for _, p := range r.Problems {
			row.Wrong = append(row.Wrong, problemText(p))
		}
		return row
	case r.There != "":
		row.State, row.Warnings = views.ImportThere, []string{r.There}
	}
	e := r.Content.Event
	row.Kind, row.Place, row.When, row.For = e.Kind, e.Place, whenText(e), i.s.forWhom(r.Content.Audience)
	row.Category, row.Text = i.shelf.Category(r.Content.Category), r.Content.Body
	return row
}

func problemText(p timetable.Problem) string {
	switch {
	case p.Heading == "":
		return "the whole of it: " + p.Text
	case p.Value == "":
		return p.Heading + ": " + p.Text
	}
	return p.Heading + ": “" + p.Value + "”: " + p.Text
}

// whenText is when an event is, in words.
func whenText(e *db.Event) string {
	text := dateText(e.Starts.Day())
	last := e.Ends.Day()
	switch {
	case e.AllDay && e.Ends != "" && last != e.Starts.Day():
		text += " to " + dateText(last)
	case e.AllDay:
		text += ", all day"
	case e.Ends != "" && last != e.Starts.Day():
		text += ", " + hands(e.Starts) + " to " + dateText(last) + ", " + hands(e.Ends)
	case e.Ends != "":
		text += ", " + hands(e.Starts) + " to " + hands(e.Ends)
	default:
		text += ", " + hands(e.Starts)
	}
	if e.RepeatTo != "" {
		text += ", every week until " + dateText(e.RepeatTo)
	}
	return text
}

// importResult says what an import added, offers to undo it, and what of its
// file is still to be corrected.
func (s *Server) importResult(w http.ResponseWriter, v *visit) error {
	one, err := s.importOf(v)
	if err != nil {
		return err
	}
	m := views.ImportedModel{
		At: one.At, Undone: one.Undone, By: s.nameOf(v.r.Context(), one.By, map[string]string{}), Count: len(one.Items),
		UndoTo: v.r.URL.Path + "/undo", Action: importPath, Until: one.At.Add(ImportKept),
	}
	for _, id := range one.Items {
		i, err := s.DB.Item(v.r.Context(), id)
		if err != nil {
			continue // erased since
		}
		m.Rows = append(m.Rows, views.ImportedRow{Href: writingOfKind(i.Kind).address(i.ID), Title: i.Title, When: whenText(i.Event), Place: i.Event.Place, State: i.State(s.Now())})
	}
	if rest, err := url.ParseQuery(one.Rest); err == nil && one.Rest != "" {
		m.Rest, m.Lines = rest.Get("text"), max(0, strings.Count(rest.Get("text"), "\n")-1)
		for _, name := range append(asked()[1:], "as") {
			m.Chosen = append(m.Chosen, views.Written{Label: name, Text: rest.Get(name)})
		}
	}
	s.render(w, v, http.StatusOK, views.Imported(s.page(v, "What was added"), m))
	return nil
}

func (s *Server) importOf(v *visit) (db.Import, error) {
	one, err := s.DB.Import(v.r.Context(), v.r.PathValue("id"))
	if errors.Is(err, db.ErrNotFound) {
		return one, problem(http.StatusNotFound, nil)
	}
	return one, err
}

// importUndo takes back what an import added.
func (s *Server) importUndo(w http.ResponseWriter, v *visit) error {
	one, err := s.importOf(v)
	if err != nil {
		return err
	}
	u, err := s.DB.UndoImport(v.r.Context(), one.ID, v.live.User.ID, s.Now())
	if err != nil {
		return err
	}
	return s.back(w, v, importDone+"/"+one.ID, undoneWord(u))
}

func undoneWord(u db.Undone) string {
	var words []string
	for _, part := range []struct {
		n    int
		word string
	}{{u.Erased, "erased"}, {u.Withdrawn, "withdrawn"}, {u.Kept, "left as they are, because somebody has worked on them since"}} {
		if part.n > 0 {
			words = append(words, many(part.n, "event", "events")+" "+part.word)
		}
	}
	if words == nil {
		return "Nothing was left to undo."
	}
	return "Undone: " + strings.Join(words, ", ") + "."
}

// lastImport leads to somebody's last import while it can be undone.
func (s *Server) lastImport(v *visit) ([]views.Entry, error) {
	one, err := s.DB.LastImport(v.r.Context(), v.live.User.ID)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case !one.Undone.IsZero() || s.Now().Sub(one.At) > ImportKept:
		return nil, nil
	}
	return []views.Entry{{Label: "Your last timetable", Href: importDone + "/" + one.ID}}, nil
}
