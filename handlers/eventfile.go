package handlers

import (
	"net/http"
	"strings"

	"portico/auth/reading"
	"portico/db"
)

const (
	eventsFile   = eventsPath + fileEnding
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
	slug := strings.TrimSuffix(v.r.PathValue("slug"), fileEnding)
	shelf, err := s.Library.For(v.r.Context(), reading.Nobody())
	if err != nil {
		return problem(http.StatusServiceUnavailable, err)
	}
	event, ended, ok := shelf.Find(db.EventItem, slug)
	switch {
	case !ok || !ended.IsZero():
		return problem(http.StatusNotFound, nil)
	case event.Slug != slug:
		w.Header().Set("Location", pathOf(event.Kind, event.Slug)+fileEnding)
		w.WriteHeader(http.StatusSeeOther)
		return nil
	}
	w.Header().Set("Content-Disposition", `attachment; filename="`+event.Slug+`.ics"`)
	return s.shareOf(shelf, w, v, calendarType, func(*reading.Shelf) ([]byte, error) {
		return s.calendarFile(event.Title, []reading.Shown{event})
	})
}
