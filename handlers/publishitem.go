package handlers

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"portico/auth"
	"portico/auth/reading"
	"portico/db"
	"portico/handlers/intake"
	"portico/views"
)

// publishNew is an empty form of a kind.
func (s *Server) publishNew(w http.ResponseWriter, v *visit) error {
	k, err := writingOf(v)
	if err != nil {
		return err
	}
	m, err := s.editor(v, k, nil)
	if err != nil {
		return err
	}
	options, err := s.factOptions(v.r.Context())
	if err != nil {
		return err
	}
	set := s.frame(v).Settings()
	start := auth.Audience{To: auth.Everybody}
	if k.kind == db.Announcement && hasOurs(set) {
		start = set.OurStudents()
	}
	m.Form = s.newForm(k.kind)
	audienceForm(&m.Form, start, set, options)
	if err := s.unsaved(v, k, nil, &m); err != nil {
		return err
	}
	return s.drawEditor(w, v, http.StatusOK, m)
}

// publishItem is an item's form with what is stored.
func (s *Server) publishItem(w http.ResponseWriter, v *visit) error {
	k, i, err := s.itemOf(v)
	if err != nil {
		return err
	}
	return s.drawStored(w, v, http.StatusOK, k, &i, func(m *views.EditorModel) error { return s.unsaved(v, k, &i, m) })
}

// drawStored draws an item's form with what is stored; change may add to it.
func (s *Server) drawStored(w http.ResponseWriter, v *visit, status int, k writing, i *db.Item, change func(*views.EditorModel) error) error {
	m, err := s.editor(v, k, i)
	if err != nil {
		return err
	}
	options, err := s.factOptions(v.r.Context())
	if err != nil {
		return err
	}
	m.Form = s.formOf(&i.Content)
	audienceForm(&m.Form, currentAudience(i), s.frame(v).Settings(), options)
	if err := change(&m); err != nil {
		return err
	}
	return s.drawEditor(w, v, status, m)
}

func (s *Server) drawEditor(w http.ResponseWriter, v *visit, status int, m views.EditorModel) error {
	for _, c := range s.frame(v).Categories() {
		m.Categories = append(m.Categories, views.Option{Value: c.ID, Label: c.Name, On: c.ID == m.Form.Category})
	}
	for _, kind := range eventKinds() {
		kind.On = kind.Value == m.Form.EventKind
		m.EventKinds = append(m.EventKinds, kind)
	}
	var err error
	if m.Owners, err = s.owners(v.r.Context(), cmp.Or(m.Form.Owner, v.live.User.ID)); err != nil {
		return err
	}
	title := "New " + m.KindName
	if !m.New {
		title = m.Form.Title
	}
	s.render(w, v, status, views.Editor(s.page(v, title), m))
	return nil
}

// editor is what stands around the form: of an item, or with nil of a new one.
func (s *Server) editor(v *visit, k writing, i *db.Item) (m views.EditorModel, err error) {
	m = views.EditorModel{
		New: i == nil, KindName: k.one, ListName: k.many, ListHref: k.list(), Kind: string(k.kind), Action: k.list() + "/new",
		Ours: hasOurs(s.frame(v).Settings()), State: db.StateDraft,
	}
	if k.kind != db.QuickLink {
		m.Attached.To, m.Attached.Accept = m.Action+attachTo, intake.Endings()
	}
	if err := s.pinnedBeside(v.r.Context(), &m, i); err != nil {
		return m, err
	}
	if i == nil {
		return m, nil
	}
	m.Action, m.State, m.Version, m.SavedAt = k.address(i.ID), i.State(s.Now()), i.Version, i.Saved
	m.SavedBy = s.nameOf(v.r.Context(), i.SavedBy, map[string]string{})
	m.HistoryHref, m.OrderHref, m.Deeds = m.Action+"/history", k.order(), s.deedsFor(i)
	if s.may(v, auth.Manage) {
		m.EraseHref = m.Action + "/erase"
	}
	if s.mayNotify(k, i) {
		m.NotifyHref = m.Action + "/notices"
	}
	if m.Notices, err = s.noticeRows(v, i); err != nil {
		return m, err
	}
	readable := m.State == db.StatePublished || m.State == db.StateExpired
	if k.readers != "" && readable && s.gates["GET "+k.readers+"{slug}"].gate != nobody {
		m.ReaderHref = k.readers + i.Slug
		_, _, m.ReaderMine = s.frame(v).Find(k.kind, i.Slug)
	}
	if i.Event != nil {
		m.Occurrence = s.occurrences(m.Action, i.Event)
	}
	if m.Attached.To != "" {
		m.Attached.To = m.Action + attachTo
	}
	return m, s.belongings(v.r.Context(), &m, i)
}

// deedsFor is what can be done with an item where it is in its life.
func (s *Server) deedsFor(i *db.Item) (all []views.Deed) {
	state := i.State(s.Now())
	if !i.Review.IsZero() && state != db.StateWithdrawn && state != db.StateArchived && state != db.StateDraft {
		all = append(all, views.Deed{Turn: string(db.TurnReviewed), Label: "Still correct", Help: "You have read it again. You are asked again in 6 months."})
	}
	if state == db.StateWithdrawn || state == db.StateArchived {
		return append(all, views.Deed{Turn: string(db.TurnReinstate), Label: "Put it back", Help: "Readers see it again, as its dates say."})
	}
	if state != db.StateDraft {
		all = append(all, views.Deed{Turn: string(db.TurnWithdraw), Label: "Withdraw it", Help: "At once and everywhere. You can put it back."})
	}
	return append(all, views.Deed{Turn: string(db.TurnArchive), Label: "Archive it", Help: "Put it away. It stays here, and no reader sees it."})
}

// publishCreate takes the form of a new item.
func (s *Server) publishCreate(w http.ResponseWriter, v *visit) error {
	k, err := writingOf(v)
	if err != nil {
		return err
	}
	return s.takeItem(w, v, k, nil)
}

// publishSave takes the form of an item that is there already.
func (s *Server) publishSave(w http.ResponseWriter, v *visit) error {
	k, i, err := s.itemOf(v)
	if err != nil {
		return err
	}
	return s.takeItem(w, v, k, &i)
}

// takeItem does what the pressed button says: save, or only look.
func (s *Server) takeItem(w http.ResponseWriter, v *visit, k writing, old *db.Item) error {
	form, set := v.r.PostForm, s.frame(v).Settings()
	m, err := s.editor(v, k, old)
	if err != nil {
		return err
	}
	if err := s.typed(v, &m); err != nil {
		return err
	}
	if old != nil && !form.Has("category") { // not asked: this portal has none, or this kind
		m.Form.Category = old.Category
	}
	if form.Get("do") == "keep" {
		return s.keepDraft(w, v, k, old, m)
	}
	m.Unkept = true
	r := &reader{s: s, f: &m.Form, old: old, publish: form.Get("do") == "publish"}
	a, wrong := postedAudience(form, set)
	switch form.Get("do") {
	case "group":
		return s.drawEditor(w, v, http.StatusOK, m)
	case "count":
		return s.countIt(w, v, m, a, wrong)
	}
	c, changes := r.content(k.kind, v.live.User.ID), r.belongings(&m, form.Get("do") != "preview")
	if err := r.owner(v.r.Context(), &c); err != nil {
		return err
	}
	if c.Audience = a.Text(); wrong != "" {
		r.wrong("to-everybody", "%s", wrong)
	}
	if m.Problems = r.problems; len(r.problems) > 0 {
		return s.drawEditor(w, v, http.StatusUnprocessableEntity, m)
	}
	if form.Get("do") == "preview" {
		text, err := s.rendered(v.r.Context(), old, c.Body)
		if err != nil {
			return err
		}
		m.Preview = &views.PreviewModel{Title: c.Title, HTML: text, For: s.forWhom(c.Audience)}
		return s.drawEditor(w, v, http.StatusOK, m)
	}
	return s.storeItem(w, v, k, old, m, c, changes)
}

// typed puts what was posted into the page, and another group if it was asked
// for.
func (s *Server) typed(v *visit, m *views.EditorModel) error {
	form := v.r.PostForm
	if n, err := strconv.Atoi(form.Get("version")); err == nil {
		m.Version = n
	}
	draftOf(form, m)
	if v.file == nil {
		m.Attached.Chosen = form.Get("file") // a form without files has its name alone
	}
	return s.fill(v, form, m)
}

// fill puts a form as it was typed into the page.
func (s *Server) fill(v *visit, form url.Values, m *views.EditorModel) error {
	options, err := s.factOptions(v.r.Context())
	if err != nil {
		return err
	}
	groups := postedGroups(form)
	if form.Get("do") == "group" && len(groups) < mostGroups {
		groups = append(groups, firstGroup(s.frame(v).Settings()))
	}
	m.Form = postedForm(form)
	typedBelongings(m, form)
	if form.Get("do") == "group" {
		m.Form.To = string(auth.Groups)
	}
	for at, g := range groups {
		m.Form.Groups = append(m.Form.Groups, options.group(at, g))
	}
	return nil
}

// storeItem saves; what stands against it is told with all that was typed.
func (s *Server) storeItem(w http.ResponseWriter, v *visit, k writing, old *db.Item, m views.EditorModel, c db.Content, changes []db.AttachmentChange) error {
	var i db.Item
	var err error
	if old == nil {
		i, err = s.createOnce(v, k, c)
	} else {
		i, err = s.DB.UpdateItem(v.r.Context(), old.ID, m.Version, c, v.live.User.ID, s.Now())
	}
	switch {
	case errors.Is(err, db.ErrVersion):
		m.Conflict, m.Version = s.conflict(v, k, &i, &c), i.Version
		return s.drawEditor(w, v, http.StatusConflict, m)
	case errors.Is(err, db.ErrSlugTaken):
		m.Problems = []views.Problem{{Field: "address", Text: "Another item has this address, or had it once. Choose another."}}
		return s.drawEditor(w, v, http.StatusUnprocessableEntity, m)
	case errors.Is(err, db.ErrUnfit):
		m.Problems = []views.Problem{{Field: "title", Text: "It cannot be stored like this. Look at each field again."}}
		return s.drawEditor(w, v, http.StatusUnprocessableEntity, m)
	case errors.Is(err, db.ErrNotFound):
		return problem(http.StatusNotFound, err)
	case err != nil:
		return err
	}
	if err := s.saveBelongings(v, &i, changes); err != nil {
		return err
	}
	s.settle(v, &m)
	pinned, err := s.pinnedWord(v.r.Context(), &i)
	if err != nil {
		return err
	}
	return s.back(w, v, k.address(i.ID), s.savedAs(&i)+pinned)
}

// createOnce makes a new item of a form; of one that is sent again, as it was,
// nothing more. The tag is sealed anew for each page, so it names the form.
func (s *Server) createOnce(v *visit, k writing, c db.Content) (db.Item, error) {
	i, err := s.DB.CreateItemOnce(v.r.Context(), v.r.PostForm.Get(fieldTag), k.kind, c, v.live.User.ID, s.Now())
	if errors.Is(err, db.ErrMade) {
		err = nil
	}
	return i, err
}

// back leads to a page with a word on what was done.
func (s *Server) back(w http.ResponseWriter, v *visit, to, done string) error {
	http.SetCookie(w, s.Flow.Flash(done))
	s.redirect(w, v, auth.Outcome{Location: to, Reason: "publish"})
	return nil
}

// savedAs says what a saved item is now.
func (s *Server) savedAs(i *db.Item) string {
	switch i.State(s.Now()) {
	case db.StateDraft:
		return "Saved as a draft. No reader sees it yet."
	case db.StateScheduled:
		return "Scheduled. Readers see it from " + i.Publish.In(s.Zone).Format("Mon 2 Jan, 15:04") + "."
	case db.StatePublished:
		return "Published. Readers see it now."
	}
	return "Saved."
}

// conflict shows what somebody else has saved meanwhile, as far as it differs.
func (s *Server) conflict(v *visit, k writing, theirs *db.Item, mine *db.Content) *views.ConflictModel {
	m := &views.ConflictModel{
		By: s.nameOf(v.r.Context(), theirs.SavedBy, map[string]string{}), At: theirs.Saved, Href: k.address(theirs.ID),
	}
	shelf := s.frame(v)
	a, b := s.spoken(v, shelf, &theirs.Content), s.spoken(v, shelf, mine)
	for n := range a {
		if a[n] != b[n] {
			m.Theirs = append(m.Theirs, a[n])
		}
	}
	m.Same = len(m.Theirs) == 0
	return m
}

// spoken is content as people read it, part by part, always in this order.
func (s *Server) spoken(v *visit, shelf *reading.Shelf, c *db.Content) []views.Written {
	f := s.formOf(c)
	return []views.Written{
		{Label: "title", Text: f.Title}, {Label: "text", Text: f.Body}, {Label: "who may see it", Text: s.forWhom(c.Audience)}, {Label: "category", Text: shelf.Category(f.Category)},
		{Label: "shown from", Text: f.Publish}, {Label: "valid until", Text: f.Until}, {Label: "kept on top until", Text: f.Pinned}, {Label: "review", Text: f.Review},
		{Label: "address", Text: f.Address}, {Label: "kind", Text: f.EventKind}, {Label: "place", Text: f.Place}, {Label: "day", Text: f.Day}, {Label: "from", Text: f.Starts},
		{Label: "to", Text: f.Ends}, {Label: "last day", Text: f.LastDay}, {Label: "every week until", Text: f.RepeatTo}, {Label: "what they do here", Text: f.Role},
		{Label: "room", Text: f.Room}, {Label: "office hours", Text: f.Hours}, {Label: "e-mail", Text: f.Email}, {Label: "phone", Text: f.Phone},
		{Label: "any other way", Text: f.Contact}, {Label: "who answers for it", Text: s.nameOf(v.r.Context(), f.Owner, map[string]string{})}, {Label: "link", Text: f.Link},
	}
}

// publishTurn takes an item through a turn of its life.
func (s *Server) publishTurn(w http.ResponseWriter, v *visit) error {
	k, i, err := s.itemOf(v)
	if err != nil {
		return err
	}
	turn := db.Turn(v.r.PostForm.Get("turn"))
	done := map[db.Turn]string{
		db.TurnWithdraw: "Withdrawn. No reader sees it any more.", db.TurnArchive: "Archived. No reader sees it any more.",
		db.TurnReinstate: "Put back.", db.TurnReviewed: "Thank you. You are asked again in 6 months.",
	}[turn]
	if done == "" {
		return problem(http.StatusBadRequest, nil)
	}
	if _, err := s.DB.TurnItem(v.r.Context(), i.ID, turn, v.live.User.ID, s.Now()); err != nil {
		return err
	}
	to := k.address(i.ID)
	switch v.r.PostForm.Get("back") {
	case "desk":
		to = publishPath
	case "reviews":
		to = reviewsPath
	}
	return s.back(w, v, to, done)
}
