package handlers

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"portico/auth/reading"
	"portico/db"
	"portico/views"
)

// versions are an item's, the latest first.
func (s *Server) versions(v *visit, k writing, i *db.Item) ([]db.Version, []views.VersionRow, error) {
	all, err := s.DB.Versions(v.r.Context(), i.ID)
	if err != nil {
		return nil, nil, err
	}
	names := map[string]string{}
	var rows []views.VersionRow
	for _, one := range all {
		rows = append(rows, views.VersionRow{
			Number: one.Number, Href: k.address(i.ID) + "/history/" + strconv.Itoa(one.Number), Title: one.Title,
			By: s.nameOf(v.r.Context(), one.By, names), Saved: one.Saved, Current: one.Number == i.Version,
		})
	}
	return all, rows, nil
}

// publishHistory lists the versions of an item.
func (s *Server) publishHistory(w http.ResponseWriter, v *visit) error {
	k, i, err := s.itemOf(v)
	if err != nil {
		return err
	}
	_, rows, err := s.versions(v, k, &i)
	if err != nil {
		return err
	}
	m := views.HistoryModel{Title: i.Title, Href: k.address(i.ID), ListName: k.many, ListHref: k.list(), Versions: rows}
	s.render(w, v, http.StatusOK, views.History(s.page(v, "History"), m))
	return nil
}

// versionOf is the version that an address names, and when the one after it was
// saved.
func (s *Server) versionOf(v *visit, k writing, i *db.Item) (one db.Version, row views.VersionRow, next time.Time, err error) {
	all, rows, err := s.versions(v, k, i)
	if err != nil {
		return one, row, next, err
	}
	for n := range all {
		if strconv.Itoa(all[n].Number) == v.r.PathValue("version") {
			return all[n], rows[n], next, nil
		}
		next = all[n].Saved
	}
	return one, row, next, problem(http.StatusNotFound, nil)
}

// publishVersion is one version, to be read.
func (s *Server) publishVersion(w http.ResponseWriter, v *visit) error {
	k, i, err := s.itemOf(v)
	if err != nil {
		return err
	}
	one, row, next, err := s.versionOf(v, k, &i)
	if err != nil {
		return err
	}
	attached, err := s.DB.AttachmentsOf(v.r.Context(), i.ID)
	if err != nil {
		return err
	}
	m := views.VersionModel{
		VersionRow: row, HistoryHref: k.address(i.ID) + "/history", Now: i.Version,
		Preview: views.PreviewModel{Title: one.Title, HTML: s.Library.Render(one.Body, attached), For: s.forWhom(one.Audience)},
	}
	if !row.Current {
		m.RestoreTo = row.Href
		if m.Pictures, m.Files, err = s.lost(v.r.Context(), &i, &one, next, attached); err != nil {
			return err
		}
	}
	s.render(w, v, http.StatusOK, views.Version(s.page(v, "Version "+strconv.Itoa(one.Number)), m))
	return nil
}

// lost counts what a version showed or had under it, and what is not there any
// more; next is when it was followed by another.
func (s *Server) lost(ctx context.Context, i *db.Item, one *db.Version, next time.Time, attached []db.Attachment) (pictures, files int, err error) {
	under, err := s.DB.FilesRemoved(ctx, i, next)
	if err != nil {
		return 0, 0, err
	}
	there := map[string]bool{}
	for _, a := range attached {
		there[a.ID] = true
	}
	missing := func(ids []string) (n int) {
		for _, id := range ids {
			if !there[id] {
				n, there[id] = n+1, true
			}
		}
		return n
	}
	named := reading.NamedIn(one.Body)
	return missing(named.Pictures), missing(append(under, named.Files...)), nil
}

// publishRestore saves what an earlier version said as a new one. When it is
// shown stays as it is.
func (s *Server) publishRestore(w http.ResponseWriter, v *visit) error {
	k, i, err := s.itemOf(v)
	if err != nil {
		return err
	}
	one, _, _, err := s.versionOf(v, k, &i)
	if err != nil {
		return err
	}
	c := i.Content
	c.Title, c.Body, c.Category, c.Audience, c.Details = one.Title, one.Body, one.Category, one.Audience, one.Details
	version, _ := strconv.Atoi(v.r.PostForm.Get("version")) // what is no number is no version
	_, err = s.DB.UpdateItem(v.r.Context(), i.ID, version, c, v.live.User.ID, s.Now())
	switch {
	case errors.Is(err, db.ErrVersion):
		return s.back(w, v, k.address(i.ID)+"/history", "Nothing was restored: somebody else has saved it meanwhile. Look at the history again.")
	case errors.Is(err, db.ErrUnfit):
		return s.back(w, v, k.address(i.ID)+"/history", "This version cannot be restored: its details do not fit any more.")
	case err != nil:
		return err
	}
	return s.back(w, v, k.address(i.ID), "Restored. It is a new version now.")
}

// publishErase asks once more.
func (s *Server) publishErase(w http.ResponseWriter, v *visit) error {
	k, i, err := s.itemOf(v)
	if err != nil {
		return err
	}
	attached, err := s.DB.AttachmentsOf(v.r.Context(), i.ID)
	if err != nil {
		return err
	}
	m := views.EraseModel{Files: len(attached), Title: i.Title, Href: k.address(i.ID), Action: k.address(i.ID) + "/erase", State: i.State(s.Now()), Versions: i.Version}
	s.render(w, v, http.StatusOK, views.Erase(s.page(v, "Erase it for good?"), m))
	return nil
}

// publishErased erases an item with its versions and reads.
func (s *Server) publishErased(w http.ResponseWriter, v *visit) error {
	k, i, err := s.itemOf(v)
	if err != nil {
		return err
	}
	if err := s.DB.EraseItem(v.r.Context(), i.ID, v.live.User.ID, s.Now()); err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	return s.back(w, v, k.list(), "Erased, with all its versions.")
}
