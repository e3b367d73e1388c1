package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"portico/db"
	"portico/views"
)

// mostDates is how many dates of a weekly event can be chosen from.
const mostDates = 60

const (
	changeCancel  = "cancel"
	changeMove    = "move"
	changePlanned = "planned"

	everyDate = "all" // what stands for a date when the whole event is meant
)

// occurrences is what can be changed about single dates of an event.
func (s *Server) occurrences(action string, e *db.Event) *views.OccurrenceModel {
	o := &views.OccurrenceModel{Action: action + "/occurrence", Cancelled: !e.Cancelled.IsZero(), Change: changeMove} // what cancels nothing by a slip
	for _, x := range e.Exceptions {
		now := "Cancelled"
		if !x.Cancelled {
			now = strings.TrimSuffix("Moved to "+wallText(x.Starts)+", "+x.Place, ", ")
		}
		o.Changes = append(o.Changes, views.OccurrenceRow{Was: dateText(x.Day), Now: now})
	}
	if e.RepeatTo == "" {
		return o
	}
	from := s.Now().In(s.Zone).AddDate(0, 0, -7).Format(time.DateOnly)
	for at := e.Starts; at.Day() <= e.RepeatTo && len(o.Days) < mostDates; at = at.Add(db.Week) {
		if _, ok := at.Clock(); !ok {
			break
		}
		if at.Day() >= from || changedOn(e, at.Day()) >= 0 {
			o.Days = append(o.Days, views.Option{Value: at.Day(), Label: dateText(at.Day())})
		}
	}
	if len(o.Days) > 0 {
		return o
	}
	return nil
}

func changedOn(e *db.Event, day string) int {
	return slices.IndexFunc(e.Exceptions, func(x db.Exception) bool { return x.Day == day })
}

func dateText(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.Format("Mon 2 Jan 2006")
}

func wallText(w db.Wall) string {
	t, ok := w.Clock()
	if !ok {
		return string(w)
	}
	return t.Format("Mon 2 Jan 2006, 15:04")
}

// publishOccurrence moves or cancels one date of an event, or cancels the whole
// of it, and takes that back.
func (s *Server) publishOccurrence(w http.ResponseWriter, v *visit) error {
	k, i, err := s.itemOf(v)
	if err != nil {
		return err
	}
	form := v.r.PostForm
	change := form.Get("change")
	known := change == changeCancel || change == changePlanned || change == changeMove && form.Get("occurrence") != everyDate
	if i.Event == nil || !known {
		return problem(http.StatusBadRequest, nil)
	}
	c, e := i.Content, *i.Event
	e.Exceptions = slices.Clone(e.Exceptions)
	c.Event = &e
	done, problems := "", []views.Problem(nil)
	if e.RepeatTo == "" || form.Get("occurrence") == everyDate {
		done = callOff(&e, change == changeCancel, s.Now())
	} else {
		done, problems = changeDate(&e, form.Get("occurrence"), change, moved{form.Get("new_day"), form.Get("new_starts"), form.Get("new_ends"), strings.TrimSpace(form.Get("new_place"))}, s.Now())
	}
	if len(problems) > 0 {
		return s.drawStored(w, v, http.StatusUnprocessableEntity, k, &i, func(m *views.EditorModel) error {
			m.Problems = problems
			o := m.Occurrence
			o.Change, o.NewDay, o.NewStarts, o.NewEnds, o.NewPlace = change, form.Get("new_day"), form.Get("new_starts"), form.Get("new_ends"), form.Get("new_place")
			for n := range o.Days {
				o.Days[n].On = o.Days[n].Value == form.Get("occurrence")
			}
			return nil
		})
	}
	version, _ := strconv.Atoi(form.Get("version")) // what is no number is no version
	_, err = s.DB.UpdateItem(v.r.Context(), i.ID, version, c, v.live.User.ID, s.Now())
	if errors.Is(err, db.ErrVersion) {
		return s.back(w, v, k.address(i.ID), "Nothing was changed: somebody else has saved it meanwhile. Look at it again.")
	}
	if err != nil {
		return err
	}
	return s.back(w, v, k.address(i.ID), done)
}

// callOff cancels a whole event, or takes that back.
func callOff(e *db.Event, off bool, now time.Time) string {
	if off {
		e.Cancelled = now
		return "Cancelled. Readers see it struck through."
	}
	e.Cancelled = time.Time{}
	return "It takes place after all."
}

// moved is where one date is moved to, as it was typed.
type moved struct{ day, starts, ends, place string }

// changeDate changes one date of a weekly event, known by the date it had.
func changeDate(e *db.Event, day, change string, to moved, now time.Time) (done string, problems []views.Problem) {
	if at := changedOn(e, day); at >= 0 {
		e.Exceptions = slices.Delete(e.Exceptions, at, at+1)
	}
	x := db.Exception{Day: day, Changed: now}
	switch change {
	case changePlanned:
		return dateText(day) + " takes place as planned.", nil
	case changeCancel:
		x.Cancelled, done = true, dateText(day)+" is cancelled. Readers see it struck through."
	case changeMove:
		if x.Starts, x.Ends, problems = to.walls(e); len(problems) > 0 {
			return "", problems
		}
		x.Place, done = to.place, dateText(day)+" is moved to "+wallText(x.Starts)+"."
	}
	e.Exceptions = append(e.Exceptions, x)
	if e.Check() != nil {
		return "", []views.Problem{{Field: "occurrence", Text: "It does not take place on the date you chose. Choose one of the list."}}
	}
	return done, nil
}

// walls reads where a date is moved to.
func (m moved) walls(e *db.Event) (starts, ends db.Wall, problems []views.Problem) {
	wrong := func(field, text string) { problems = append(problems, views.Problem{Field: field, Text: text}) }
	if _, err := time.Parse(time.DateOnly, m.day); err != nil {
		wrong("new_day", "Say to which day it is moved.")
	}
	if e.AllDay {
		starts = db.Wall(m.day + "T00:00")
		return starts, lasting(e, starts), problems
	}
	if _, err := time.Parse(hourMinute, m.starts); err != nil {
		wrong("new_starts", "Say at what time it begins then.")
	}
	starts = db.Wall(m.day + "T" + m.starts)
	if m.ends == "" {
		return starts, lasting(e, starts), problems
	}
	ends = db.Wall(m.day + "T" + m.ends)
	if _, ok := ends.Clock(); len(problems) == 0 && (!ok || ends < starts) {
		wrong("new_ends", "It would end before it begins.")
	}
	return starts, ends, problems
}

// lasting is the end of what begins then and takes as long as it always does.
func lasting(e *db.Event, starts db.Wall) db.Wall {
	from, _ := e.Starts.Clock()
	to, ok := e.Ends.Clock()
	if !ok {
		return ""
	}
	return starts.Add(to.Sub(from))
}
