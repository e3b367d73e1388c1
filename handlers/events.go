package handlers

import (
	"cmp"
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"portico/auth/reading"
	"portico/db"
	"portico/views"
)

const (
	nextWithin  = 60 * 24 * time.Hour // how far the first page looks ahead
	fewEvents   = 12                  // a calendar page takes months until it has so many
	mostMonths  = 6                   // and never more than these
	eventsAhead = 2                   // years that the calendar can be leafed through, either way
	timesOfOne  = 6                   // times of a repeat on its own page
	ever        = 1000                // years: no event is further away
)

// next is what takes place next, each repeat once.
func (s *Server) next(shelf *reading.Shelf, most int) []views.Happening {
	now := s.Now()
	all := repeatsOnce(shelf.Occurrences(now, now.Add(nextWithin)))
	return happenings(all[:min(most, len(all))], s.Zone)
}

// repeatsOnce leaves of each weekly event its first time alone, and every time
// that is not as the others.
func repeatsOnce(all []reading.Occurrence) []reading.Occurrence {
	var some []reading.Occurrence
	met := map[string]bool{}
	for _, o := range all {
		if regular(&o) {
			if met[o.ID] {
				continue
			}
			met[o.ID] = true
		}
		some = append(some, o)
	}
	return some
}

// regular says whether a time of a weekly event is as planned.
func regular(o *reading.Occurrence) bool {
	return o.Event.RepeatTo != "" && !o.Cancelled && o.OldStart.IsZero() && o.OldPlace == ""
}

func happenings(all []reading.Occurrence, zone *time.Location) []views.Happening {
	rows := make([]views.Happening, len(all))
	for i, o := range all {
		rows[i] = happening(&o, zone)
	}
	return rows
}

func happening(o *reading.Occurrence, zone *time.Location) views.Happening {
	h := views.Happening{
		Href: pathOf(o.Kind, o.Slug), Title: o.Title, Kind: o.Event.Kind, Place: o.Place, Start: o.Start, End: o.End, AllDay: o.AllDay,
		Cancelled: o.Cancelled, OldStart: o.OldStart, OldEnd: o.OldEnd, OldPlace: o.OldPlace, Why: o.Why,
	}
	if regular(o) && o.Day < o.Event.RepeatTo {
		h.Weekly = db.Wall(o.Event.RepeatTo + "T00:00").In(zone)
	}
	return h
}

// events is the calendar: what is to come, or the months from a given one on.
func (s *Server) events(w http.ResponseWriter, v *visit) error {
	shelf, err := s.shelf(v)
	if err != nil {
		return err
	}
	window, err := s.windowOf(v.r.URL.Query().Get("month"))
	if err != nil {
		return err
	}
	renderShelf(s, w, v, shelf, "Events", func(p views.Page) templ.Component { return views.Events(p, s.calendarPage(shelf, window)) })
	return nil
}

// window is what a page of the calendar begins with.
type window struct {
	month time.Time // the first day of its first month
	from  time.Time // in the present month, now
	asked bool      // a month was asked for
}

// windowOf reads a month, "2026-11". One too far away, or none at all, is 404.
func (s *Server) windowOf(text string) (window, error) {
	now := s.Now().In(s.Zone)
	present := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, s.Zone)
	if text == "" {
		return window{month: present, from: now}, nil
	}
	month, err := time.ParseInLocation("2006-01", text, s.Zone)
	if err != nil || month.Before(present.AddDate(-eventsAhead, 0, 0)) || month.After(present.AddDate(eventsAhead, 0, 0)) {
		return window{}, problem(http.StatusNotFound, nil)
	}
	return window{month, month, true}, nil
}

func (s *Server) calendarPage(shelf *reading.Shelf, at window) views.EventsModel {
	m := views.EventsModel{File: eventsFile}
	if at.asked {
		m.From = at.month
	}
	next, rows := at.month, 0
	for n := 0; n < mostMonths && rows < fewEvents; n++ {
		from := next
		if n == 0 {
			from = at.from
		}
		next = next.AddDate(0, 1, 0)
		all := happenings(repeatsOnce(shelf.Occurrences(from, next)), s.Zone)
		if len(all) > 0 {
			m.Months = append(m.Months, views.Month{First: next.AddDate(0, -1, 0), Rows: all})
		}
		rows += len(all)
	}
	if len(shelf.Occurrences(next, next.AddDate(1, 0, 0))) > 0 {
		m.Later = monthAddress(next)
	}
	if before := at.month.AddDate(0, -1, 0); len(shelf.Occurrences(before.AddDate(-1, 0, 0), at.month)) > 0 {
		m.Earlier = monthAddress(before)
	}
	return m
}

func monthAddress(month time.Time) string {
	return eventsPath + "?" + url.Values{"month": {month.Format("2006-01")}}.Encode()
}

// event is one event: its next time, or its last one.
func (s *Server) event(w http.ResponseWriter, v *visit) error {
	shelf, a, err := s.find(w, v, db.EventItem)
	if a == nil || err != nil {
		return err
	}
	renderShelf(s, w, v, shelf, a.Title, func(p views.Page) templ.Component {
		p.Preview = s.itemPreview(v, &p, a.Article)
		return views.EventPage(p, s.eventModel(shelf, a))
	})
	return nil
}

func (s *Server) eventModel(shelf *reading.Shelf, a *found) views.EventModel {
	now := s.Now()
	m := views.EventModel{About: s.about(shelf, a), Google: s.googleCalendar(a.Shown), File: eventFile(a)}
	all := shelf.OccurrencesOf(a.Shown, now, now.AddDate(ever, 0, 0))
	if len(all) == 0 {
		m.Past = true
		all = shelf.OccurrencesOf(a.Shown, now.AddDate(-ever, 0, 0), now)
		all = all[max(0, len(all)-1):]
	}
	if len(all) == 0 {
		return m
	}
	m.Happening = happening(&all[0], s.Zone)
	m.More = happenings(all[1:min(len(all), timesOfOne)], s.Zone)
	return m
}

// googleCalendar is the address at which Google offers to add an event to a
// calendar. Android opens few calendar files.
func (s *Server) googleCalendar(a reading.Shown) string {
	e := a.Event
	starts, ends := googleTime(e.Starts, e.AllDay, 0), googleTime(cmp.Or(e.Ends, e.Starts), e.AllDay, 1)
	q := url.Values{
		"action": {"TEMPLATE"}, "text": {a.Title}, "dates": {starts + "/" + ends}, "ctz": {s.Zone.String()},
		"details": {s.AppURL.JoinPath(pathOf(a.Kind, a.Slug)).String()},
	}
	if e.Place != "" {
		q.Set("location", e.Place)
	}
	if e.RepeatTo != "" {
		q.Set("recur", "RRULE:FREQ=WEEKLY;UNTIL="+db.Wall(e.RepeatTo+"T23:59").In(s.Zone).UTC().Format("20060102T150405Z"))
	}
	return "https://calendar.google.com/calendar/render?" + q.Encode()
}

// googleTime is a time on the wall; of all-day events the day alone, or the
// one so many days after it.
func googleTime(w db.Wall, allDay bool, later int) string {
	t, ok := w.Clock()
	switch {
	case !ok:
		return ""
	case allDay:
		return t.AddDate(0, 0, later).Format("20060102")
	}
	return t.Format("20060102T150405")
}
