package handlers

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"portico/db"
	"portico/views"
)

// What an editor has typed is kept as their own draft before it is saved: by
// the script every 20 seconds, and by the button "Keep for later". A draft is
// the form as it was posted, so what would be refused at saving is kept too.

const draftsPath = publishPath + "/drafts/"

// notKept are fields that are about the form and not what was typed into it.
var notKept = []string{fieldTag, fieldHeld, "do", "version", "draft", "draft_turn", "file"}

// typedFields are what a draft keeps of a posted form.
func typedFields(form url.Values) map[string][]string {
	fields := maps.Clone(form)
	for _, name := range notKept {
		delete(fields, name)
	}
	return fields
}

// keepDraft keeps what is in the form, without a look at whether it is fit to
// be saved.
func (s *Server) keepDraft(w http.ResponseWriter, v *visit, k writing, old *db.Item, m views.EditorModel) error {
	d := db.Draft{
		ID: m.DraftID, Turn: m.DraftTurn, UserID: v.live.User.ID, Kind: k.kind, Version: m.Version,
		Title: short(m.Form.Title), Fields: typedFields(v.r.PostForm), Saved: s.Now(),
	}
	to := k.list() + "/new"
	if old != nil {
		d.ItemID, to = old.ID, k.address(old.ID)
	}
	d, err := s.DB.KeepDraft(v.r.Context(), d)
	switch {
	case errors.Is(err, db.ErrTooManyDrafts):
		return s.notKept(w, v, m, fmt.Sprintf("Not kept: you have %d texts that are not saved yet. Save one or throw one away; the page Publish lists them.", db.MostDrafts))
	case errors.Is(err, db.ErrUnfit):
		return s.notKept(w, v, m, "Not kept: the text is too long. Make it shorter.")
	case errors.Is(err, db.ErrNotFound):
		return problem(http.StatusNotFound, err)
	case err != nil:
		return err
	}
	at := d.Saved.In(s.Zone).Format(hourMinute)
	if !wantsPage(v.r) {
		writeJSON(w, http.StatusOK, map[string]any{"draft": d.ID, "turn": d.Turn, "at": at})
		return nil
	}
	return s.back(w, v, to+"?draft="+d.ID, "Kept at "+at+". Nobody else sees it.")
}

func (s *Server) notKept(w http.ResponseWriter, v *visit, m views.EditorModel, why string) error {
	if !wantsPage(v.r) {
		writeJSON(w, http.StatusUnprocessableEntity, map[string]string{"error": why})
		return nil
	}
	m.Problems = []views.Problem{{Field: "title", Text: why}}
	return s.drawEditor(w, v, http.StatusUnprocessableEntity, m)
}

// short is a title as lists show it.
func short(title string) string {
	letters := []rune(strings.Join(strings.Fields(title), " "))
	return string(letters[:min(len(letters), longTitle)])
}

// settle removes the draft of what was saved just now. When that fails, it is
// offered once more.
func (s *Server) settle(v *visit, m *views.EditorModel) {
	if m.DraftID == "" {
		return
	}
	if err := s.DB.SettleDraft(v.r.Context(), v.live.User.ID, m.DraftID, m.DraftTurn); err != nil {
		s.Log.Error("a draft stays after its text was saved", "draft", m.DraftID, "error", err)
	}
}

// unsaved puts a person's drafts of an item, or with nil of new ones of a kind,
// into its page: the one that the address names as the form, others as offers.
func (s *Server) unsaved(v *visit, k writing, i *db.Item, m *views.EditorModel) error {
	ctx := v.r.Context()
	all, err := s.DB.DraftsOf(ctx, v.live.User.ID)
	if err != nil {
		return err
	}
	wanted := v.r.URL.Query().Get("draft")
	for _, d := range all {
		if d.Kind != k.kind || i == nil && d.ItemID != "" || i != nil && d.ItemID != i.ID {
			continue
		}
		offer := s.offer(ctx, k, &d, i)
		if d.ID != wanted {
			m.Offers = append(m.Offers, offer)
			continue
		}
		if err := s.resume(v, d.ID, m); err != nil {
			return err
		}
		m.Continued = &offer
	}
	return nil
}

// offer is a draft to go on with; i is its item, when that is at hand.
func (s *Server) offer(ctx context.Context, k writing, d *db.Draft, i *db.Item) views.DraftOffer {
	o := views.DraftOffer{Kind: k.one, Title: d.Title, At: d.Saved, DropTo: draftsPath + d.ID + "/drop", Href: k.list() + "/new?draft=" + d.ID}
	if d.ItemID != "" {
		o.Href = k.address(d.ItemID) + "?draft=" + d.ID
	}
	if i != nil && i.Version != d.Version {
		o.SavedAt, o.SavedBy, o.Stored = i.Saved, s.nameOf(ctx, i.SavedBy, map[string]string{}), k.address(i.ID)
	}
	return o
}

// resume puts a draft into the form, with the version that it began from: what
// others have saved since is told when it is saved.
func (s *Server) resume(v *visit, id string, m *views.EditorModel) error {
	d, err := s.DB.Draft(v.r.Context(), v.live.User.ID, id)
	if errors.Is(err, db.ErrNotFound) { // saved or thrown away in another window just now
		return nil
	}
	if err != nil {
		return err
	}
	m.DraftID, m.DraftTurn, m.Version = d.ID, d.Turn, d.Version
	return s.fill(v, d.Fields, m)
}

// unsavedOf lists all drafts of a person.
func (s *Server) unsavedOf(v *visit) (all []views.DraftOffer, err error) {
	drafts, err := s.DB.DraftsOf(v.r.Context(), v.live.User.ID)
	for _, d := range drafts {
		all = append(all, s.offer(v.r.Context(), writingOfKind(d.Kind), &d, nil))
	}
	return all, err
}

// dropDraft throws a draft away.
func (s *Server) dropDraft(w http.ResponseWriter, v *visit) error {
	ctx, id := v.r.Context(), v.r.PathValue("draft")
	d, err := s.DB.Draft(ctx, v.live.User.ID, id)
	if err == nil {
		err = s.DB.DropDraft(ctx, v.live.User.ID, id, s.Now())
	}
	if errors.Is(err, db.ErrNotFound) {
		return s.back(w, v, publishPath, "They are not there any more: they were saved or thrown away before.")
	}
	if err != nil {
		return err
	}
	k := writingOfKind(d.Kind)
	to := k.list() + "/new"
	switch {
	case v.r.PostForm.Get("back") == "desk":
		to = publishPath
	case d.ItemID != "":
		to = k.address(d.ItemID)
	}
	return s.back(w, v, to, "Thrown away.")
}

// draftOf reads which draft a posted form keeps.
func draftOf(form url.Values, m *views.EditorModel) {
	m.DraftID = form.Get("draft")
	if n, err := strconv.Atoi(form.Get("draft_turn")); err == nil {
		m.DraftTurn = n
	}
}
