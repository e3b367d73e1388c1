package handlers

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"portico/auth"
	"portico/auth/reading"
	"portico/db"
	"portico/handlers/timetable"
	"portico/views"
)

const (
	importPath = publishPath + "/events/import"
	importFile = importPath + "/timetable-sample.csv"
	importDone = importPath + "/done"
	maxImport  = 4 * timetable.MostBytes // a file and a pasted table, as a browser writes them
	mostEvents = 20_000                  // that an import is compared with
	mostBad    = 12                      // bad lines above the table

	// ImportKept is how long an import can be undone as a whole, and what of
	// its file was not added is kept.
	ImportKept = 30 * 24 * time.Hour
)

// importPage asks for a timetable.
func (s *Server) importPage(w http.ResponseWriter, v *visit) error {
	return s.newImport(v, url.Values{"kind": {db.EventClass}, "as": {"draft"}}).draw(w, http.StatusOK)
}

// importSample is a file to start from.
func (s *Server) importSample(w http.ResponseWriter, v *visit) error {
	day := s.Now().In(s.Zone)
	monday := day.AddDate(0, 0, (int(time.Monday)-int(day.Weekday())+7)%7+7)
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="timetable-sample.csv"`)
	_, _ = w.Write(timetable.Sample(monday)) // the reader went away: nothing to mend
	return nil
}

// importing is one look at a timetable.
type importing struct {
	s     *Server
	v     *visit
	shelf *reading.Shelf
	form  url.Values // what was chosen; "text" is the table
	once  string     // names the look at which "Add" was pressed
	sheet *timetable.Sheet
	m     views.ImportModel
}

func (s *Server) newImport(v *visit, form url.Values) *importing {
	return &importing{s: s, v: v, shelf: s.frame(v), form: form, m: views.ImportModel{Action: importPath, Sample: importFile, MostRows: timetable.MostRows}}
}

// importLook reads what was sent; the button says whether to show it or to
// add it. What is added is what was shown: anything else is shown first.
func (s *Server) importLook(w http.ResponseWriter, v *visit) error {
	i := s.newImport(v, chosen(v.r.PostForm))
	i.once = v.r.PostForm.Get("once")
	if err := i.readInTurn(); err != nil {
		return err
	}
	if len(i.m.Problems) > 0 || i.sheet == nil {
		return i.draw(w, http.StatusUnprocessableEntity)
	}
	if v.r.PostForm.Get("do") != "add" {
		return i.draw(w, http.StatusOK)
	}
	if one, err := s.DB.Import(v.r.Context(), i.id()); !errors.Is(err, db.ErrNotFound) {
		return i.added(w, one, err) // pressed before
	}
	seen, err := i.seen()
	if err != nil {
		return err
	}
	if i.once == "" || v.r.PostForm.Get("seen") != seen {
		i.m.Changed = true
		return i.draw(w, http.StatusConflict)
	}
	return i.add(w)
}

// asked are the fields that decide how a table is read.
func asked() []string { return []string{"text", "kind", "to", "first_day", "last_day"} }

// chosen is what of a form stays until the events are added.
func chosen(form url.Values) url.Values {
	kept := url.Values{"as": {form.Get("as")}}
	for _, name := range asked() {
		kept.Set(name, form.Get(name))
	}
	return kept
}

// readInTurn reads when nobody else does: a comparison with all there is takes
// memory, and one at a time is what a small machine can bear.
func (i *importing) readInTurn() (err error) {
	if waited := i.s.looking.Do(i.v.r.Context(), func() { err = i.read() }); waited != nil {
		return problem(http.StatusServiceUnavailable, waited)
	}
	return err
}

// read reads the file, or else the pasted table, and compares it with what is
// there.
func (i *importing) read() error {
	file, err := uploaded(i.v.r, "file")
	if err != nil {
		return err
	}
	field := "text"
	if len(file) == 0 {
		file = []byte(i.form.Get("text"))
	} else {
		field = "file"
	}
	text, err := timetable.Text(file)
	if err == nil {
		i.form.Set("text", text)
		var o timetable.Options
		if o, err = i.options(); err == nil && len(i.m.Problems) == 0 {
			i.sheet, err = timetable.Read(text, o)
		}
	}
	if poor, is := errors.AsType[timetable.Unreadable](err); is {
		i.wrong(field, string(poor))
		return nil
	}
	if err != nil || i.sheet == nil {
		return err
	}
	there, err := i.s.DB.Items(i.v.r.Context(), db.ItemFilter{Kind: db.EventItem, Limit: mostEvents})
	if err != nil {
		return err
	}
	i.sheet.Mark(slices.DeleteFunc(there, func(one db.Item) bool { return !one.Withdrawn.IsZero() || !one.Archived.IsZero() }))
	return nil
}

func (i *importing) wrong(field, text string) {
	i.m.Problems = append(i.m.Problems, views.Problem{Field: field, Text: text})
}

// options are what the file leaves open, as it was chosen.
func (i *importing) options() (timetable.Options, error) {
	c, err := i.s.DB.Catalogue(i.v.r.Context())
	set := i.shelf.Settings()
	o := timetable.Options{
		Kind: i.form.Get("kind"), FirstDay: i.day("first_day", "Classes begin on"), LastDay: i.day("last_day", "Last day of classes"),
		Today: i.s.Now().In(i.s.Zone).Format(time.DateOnly), Slug: reading.Slug, Category: i.category, Unshown: unshown,
		People: timetable.People{Departments: c.Departments, Own: set.Departments, OwnNames: []string{set.Name, set.Short}},
	}
	if o.FirstDay != "" && o.LastDay != "" && o.LastDay < o.FirstDay {
		i.wrong("last_day", "Last day of classes: it is before the day on which they begin.")
	}
	if !slices.ContainsFunc(eventKinds(), func(k views.Option) bool { return k.Value == o.Kind }) {
		i.wrong("kind", "Choose what the events are where the table does not say.")
	}
	preset := slices.IndexFunc(i.presets(&o.People), func(p preset) bool { return p.value == i.form.Get("to") })
	if preset < 0 {
		i.wrong("to", "Choose who may see events of which the table does not say it.")
	} else {
		o.People.Default = i.presets(&o.People)[preset].audience
	}
	return o, err
}

func (i *importing) day(field, what string) string {
	text := strings.TrimSpace(i.form.Get(field))
	if text == "" {
		return ""
	}
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		i.wrong(field, fmt.Sprintf("%s: “%s” is not a day. Write it as %s.", what, text, i.s.Now().In(i.s.Zone).Format(time.DateOnly)))
		return ""
	}
	return text
}

// category finds a category by its name or its id.
func (i *importing) category(name string) (string, bool) {
	for _, c := range i.shelf.Categories() {
		if c.ID == name || db.Fold(c.Name) == db.Fold(name) {
			return c.ID, true
		}
	}
	return "", false
}

// preset is somebody for whom all lines can be that do not say it.
type preset struct {
	value, label string
	audience     auth.Audience
}

func (i *importing) presets(p *timetable.People) (all []preset) {
	if len(p.Own) > 0 {
		all = append(all, preset{toOurs, "Our students", p.OurStudents()})
	}
	return append(all, preset{string(auth.SignedIn), "Everybody who signs in", auth.Audience{To: auth.SignedIn}},
		preset{string(auth.Everybody), "Everybody, also without signing in", auth.Audience{To: auth.Everybody}})
}

// seen is a name for exactly what a page shows: the table, how it was asked
// to be read, and what would come of it.
func (i *importing) seen() (string, error) {
	sum := sha256.New()
	i.sumAsked(sum)
	for n := range i.sheet.Rows {
		if r := &i.sheet.Rows[n]; r.New() {
			text, err := json.Marshal(&r.Content)
			if err != nil {
				return "", fmt.Errorf("naming line %d: %w", r.Line, err)
			}
			fmt.Fprintf(sum, "%d %q\n", r.Line, text)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:12]), nil
}

func (i *importing) sumAsked(sum io.Writer) {
	for _, name := range asked() {
		fmt.Fprintf(sum, "%q\n", i.form.Get(name))
	}
}

// id is the import's: the same for one person, one look and one choice, so
// that pressing "Add" twice adds once.
func (i *importing) id() string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q %q %q\n", i.v.live.User.ID, i.once, i.form.Get("as"))
	i.sumAsked(sum)
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum.Sum(nil)[:16])
}

// add stores the new rows together.
func (i *importing) add(w http.ResponseWriter) error {
	publish, now, by := i.form.Get("as") == "publish", i.s.Now(), i.v.live.User.ID
	var all []db.Content
	for n := range i.sheet.Rows {
		if r := &i.sheet.Rows[n]; r.New() {
			c := r.Content
			c.Owner, c.Draft = by, !publish
			if publish {
				c.Publish = now
			}
			all = append(all, c)
		}
	}
	if len(all) == 0 {
		i.wrong("text", "There is nothing to add: each line is wrong or there already.")
		return i.draw(w, http.StatusUnprocessableEntity)
	}
	// Before the text becomes that of the rest: it is part of the id.
	ask := db.Import{ID: i.id(), At: now, By: by}
	if text := i.sheet.Rest(); text != "" {
		i.form.Set("text", text)
		ask.Rest = i.form.Encode()
	}
	one, err := i.s.DB.ImportEvents(i.v.r.Context(), ask, all)
	return i.added(w, one, err)
}

// added leads to what an import added, now or when it was asked for before.
func (i *importing) added(w http.ResponseWriter, one db.Import, err error) error {
	if err != nil {
		return err
	}
	word := addedWord(len(one.Items), i.form.Get("as") == "publish")
	if !one.Undone.IsZero() {
		word = "These events were added before, and taken back since. To add them again, send the table again."
	}
	return i.s.back(w, i.v, importDone+"/"+one.ID, word)
}

func addedWord(n int, publish bool) string {
	word := "Added " + many(n, "event", "events")
	if publish {
		return word + ". Readers see them now."
	}
	return word + " as drafts. No reader sees them yet."
}

func eventKinds() []views.Option {
	return []views.Option{{Value: db.EventClass, Label: "Class"}, {Value: db.EventExam, Label: "Exam"}, {Value: db.EventDeadline, Label: "Deadline"}, {Value: db.EventOther, Label: "Event"}}
}
