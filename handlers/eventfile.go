package handlers

import (
	"net/http"
	"path"
	"strings"

	"portico/auth/reading"
	"portico/db"
)

const (
	eventsFile   = eventsPath + fileEnding
	ownEvents    = "/dashboard/events/"           // then an event's name and ".ics"
	calendarType = "text/calendar; charset=utf-8" // RFC 5545, section 8.1
)

// eventsCalendar is all events for everybody, to subscribe to.
func (s *Server) eventsCalendar(w http.ResponseWriter, v *visit) error {
	return s.share(w, v, calendarType, func(shelf *reading.Shelf) ([]byte, error) {
		return s.calendarFile(s.site(shelf.Settings()).Name, shelf.Events())
	})
}

// eventCalendar is one event for everybody, to put into a calendar. What is
// not for everybody is not there, like what is over: the page says so.
func (s *Server) eventCalendar(w http.ResponseWriter, v *visit) error {
	shelf, err := s.Library.For(v.r.Context(), reading.Nobody())
	if err != nil {
		return problem(http.StatusServiceUnavailable, err)
	}
	event, err := s.eventToKeep(shelf, w, v)
	if event == nil || err != nil {
		return err
	}
	return s.shareOf(shelf, w, v, calendarType, func(*reading.Shelf) ([]byte, error) {
		return s.calendarFile(event.Title, []reading.Shown{*event})
	})
}

// ownEventCalendar is the same for an event that is meant for this person.
func (s *Server) ownEventCalendar(w http.ResponseWriter, v *visit) error {
	shelf, err := s.shelf(v)
	if err != nil {
		return err
	}
	event, err := s.eventToKeep(shelf, w, v)
	if event == nil || err != nil {
		return err
	}
	body, err := s.calendarFile(event.Title, []reading.Shown{*event})
	if err != nil {
		return err
	}
	writeFile(w, v, calendarType, body)
	return nil
}

// eventToKeep finds the event of an address on a shelf. An earlier address
// leads to the present one; then it is nil.
func (s *Server) eventToKeep(shelf *reading.Shelf, w http.ResponseWriter, v *visit) (*reading.Shown, error) {
	slug := strings.TrimSuffix(v.r.PathValue("slug"), fileEnding)
	event, ended, ok := shelf.Find(db.EventItem, slug)
	switch {
	case !ok || !ended.IsZero():
		return nil, problem(http.StatusNotFound, nil)
	case event.Slug != slug:
		w.Header().Set("Location", path.Dir(v.r.URL.Path)+"/"+event.Slug+fileEnding)
		w.WriteHeader(http.StatusMovedPermanently)
		return nil, nil
	}
	w.Header().Set("Content-Disposition", `attachment; filename="`+event.Slug+`.ics"`)
	return &event, nil
}

// eventFile is where an event's file is; "" of one that is over.
func eventFile(a *found) string {
	switch {
	case !a.ended.IsZero():
		return ""
	case a.Public:
		return pathOf(a.Kind, a.Slug) + fileEnding
	}
	return ownEvents + a.Slug + fileEnding
}
