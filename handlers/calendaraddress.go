package handlers

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"portico/auth/reading"
	"portico/views"
)

const (
	calendarPath  = "/dashboard/calendar"
	calendarFiles = "/calendar/" // then the secret and ".ics"
)

// calendar is where a person gets and ends the address of their own calendar.
func (s *Server) calendar(w http.ResponseWriter, v *visit) error {
	user := v.live.User.ID
	made, err := s.Calendars.Made(v.r.Context(), user)
	if err != nil {
		return problem(http.StatusServiceUnavailable, err)
	}
	m := views.CalendarModel{Made: made, Make: calendarPath, End: calendarPath + "/end"}
	secret, taken := s.Flow.TakeOnce(v.r, user)
	if taken != nil {
		http.SetCookie(w, taken)
	}
	if secret != "" && !made.IsZero() {
		u := s.AppURL.JoinPath(calendarFiles, secret.Reveal()+fileEnding)
		m.Address = u.String()
		u.Scheme = "webcal"
		m.Subscribe = u.String()
	}
	s.render(w, v, http.StatusOK, views.Calendar(s.page(v, "Your calendar"), m))
	return nil
}

// calendarMake gives a person a new address, which the next page shows once.
func (s *Server) calendarMake(w http.ResponseWriter, v *visit) error {
	user := v.live.User.ID
	secret, err := s.Calendars.Make(v.r.Context(), user)
	if err != nil {
		return problem(http.StatusServiceUnavailable, err)
	}
	http.SetCookie(w, s.Flow.Once(user, secret))
	return s.done(w, v, calendarPath, "Your calendar address is ready.")
}

// calendarEnd ends the address for good.
func (s *Server) calendarEnd(w http.ResponseWriter, v *visit) error {
	if err := s.Calendars.Revoke(v.r.Context(), v.live.User.ID); err != nil {
		return problem(http.StatusServiceUnavailable, err)
	}
	return s.done(w, v, calendarPath, "Your calendar address does not work any more.")
}

// calendarOf is the calendar that a phone asks for: what the person of the
// address may see, and nothing else. An address that was ended is not there.
func (s *Server) calendarOf(w http.ResponseWriter, v *visit) error {
	secret := strings.TrimSuffix(v.r.PathValue("secret"), fileEnding)
	ctx, cancel := context.WithTimeout(v.r.Context(), privateWaits)
	defer cancel()
	user, err := s.Calendars.Person(ctx, secret)
	if err != nil {
		return problem(http.StatusServiceUnavailable, err)
	}
	if user == nil {
		return problem(http.StatusNotFound, nil)
	}
	shelf, err := s.Library.For(ctx, reading.Person(user))
	if err != nil {
		return problem(http.StatusServiceUnavailable, err)
	}
	site := s.site(shelf.Settings())
	body, err := s.calendarFile(cmp.Or(site.Short, site.Name), shelf.Events())
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "private, no-cache")
	writeFile(w, v, calendarType, body)
	return nil
}
