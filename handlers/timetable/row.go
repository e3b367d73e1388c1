package timetable

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"portico/db"
)

const (
	mostTitle  = 200 // letters
	mostPlace  = 200
	mostText   = 5000
	monthFirst = "the month stands before the day."
)

// reader reads one record into a row.
type reader struct {
	s     *Sheet
	o     *Options
	cells map[Field]string
	row   Row
}

func (s *Sheet) row(rec record, o *Options) Row {
	r := &reader{s: s, o: o, cells: map[Field]string{}, row: Row{Line: rec.line, Raw: rec.raw}}
	for _, c := range s.columns {
		if c.at < len(rec.cells) {
			r.cells[c.field] = tidy(rec.cells[c.at])
		}
	}
	if rec.broken {
		r.row.Problems = []Problem{{"", "", "The quotation marks of this line do not fit together. Take them out, or write the line again."}}
		r.row.Content.Title = r.cell(FieldTitle)
		return r.row
	}
	c := &r.row.Content
	r.title(c)
	c.Event = r.event()
	c.Audience = o.People.audience(r).Text()
	r.category(c)
	r.text(c)
	return r.row
}

// tidy is a cell without what Excel puts around it.
func tidy(cell string) string {
	cell = strings.TrimSpace(strings.ReplaceAll(cell, "\u00a0", " "))
	if cell == "-" || cell == "–" || cell == "—" || strings.EqualFold(cell, "n/a") {
		return ""
	}
	return cell
}

func (r *reader) cell(f Field) string { return r.cells[f] }

func (r *reader) wrong(f Field, text string) { r.wrongValue(f, r.cell(f), text) }

func (r *reader) wrongValue(f Field, value, text string) {
	r.row.Problems = append(r.row.Problems, Problem{r.s.heading(f), value, text})
}

func (r *reader) warn(format string, args ...any) {
	r.row.Warnings = append(r.row.Warnings, fmt.Sprintf(format, args...))
}

func (r *reader) title(c *db.Content) {
	title, code := oneLine(r.cell(FieldTitle)), oneLine(r.cell(FieldCode))
	if code != "" && !strings.HasPrefix(db.Fold(title), db.Fold(code)) {
		title = strings.TrimSpace(code + " " + title)
	}
	if n := utf8.RuneCountInString(title); n == 0 {
		r.wrong(FieldTitle, "it has no title. Write what it is.")
	} else if n > mostTitle {
		r.wrong(FieldTitle, fmt.Sprintf("the title has %d letters. Write at most %d.", n, mostTitle))
	}
	c.Title, c.Slug = title, r.o.Slug(title)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// kinds are the words for each kind of event.
var kinds = map[string][]string{
	db.EventClass:    {"class", "lecture", "lect", "lec", "tutorial", "lab", "laboratory", "practical", "seminar", "workshop", "course"},
	db.EventExam:     {"exam", "examination", "test", "quiz", "ca", "mid semester", "midterm", "mid semester test", "mid term test", "semester exam", "semester examination"},
	db.EventDeadline: {"deadline", "due", "due date", "submission", "closing date"},
	db.EventOther:    {"event", "other", "meeting", "talk", "ceremony", "orientation", "holiday", "break", "public holiday", "registration"},
}

func (r *reader) kind() string {
	said := db.Fold(r.cell(FieldKind))
	if said == "" {
		return r.o.Kind
	}
	for kind, words := range kinds {
		for _, w := range words {
			if said == w || said == w+"s" || said == w+"es" {
				return kind
			}
		}
	}
	r.wrong(FieldKind, "this kind is not known. Write class, exam, deadline or event.")
	return r.o.Kind
}

// event reads when and where.
func (r *reader) event() *db.Event {
	e := &db.Event{Kind: r.kind(), Place: oneLine(r.cell(FieldPlace))}
	if n := utf8.RuneCountInString(e.Place); n > mostPlace {
		r.wrong(FieldPlace, fmt.Sprintf("the place has %d letters. Write at most %d.", n, mostPlace))
	}
	first, ok := r.firstDay()
	from, to := r.times()
	last, several := r.lastDay(first, ok)
	until := r.until(first, ok)
	if !ok || len(r.row.Problems) > 0 {
		return e
	}
	e.Starts, e.RepeatTo, e.AllDay = db.Wall(first.Format(time.DateOnly)+"T00:00"), until, from == nil
	switch {
	case from == nil && several:
		e.Ends = db.Wall(last.Format(time.DateOnly) + "T00:00")
	case from != nil:
		e.Starts = db.Wall(first.Format(time.DateOnly) + "T" + from.String())
		if to != nil {
			e.Ends = db.Wall(last.Format(time.DateOnly) + "T" + to.String())
		} else if several {
			r.wrong(FieldTo, "say at what time it ends on its last day.")
		}
	}
	r.possible(e, from, to)
	return e
}

// possible says what no event can be, and what few are.
func (r *reader) possible(e *db.Event, from, to *clock) {
	switch {
	case e.Ends != "" && e.Ends < e.Starts && to != nil && to.atNight():
		r.wrong(FieldTo, fmt.Sprintf("it would end before it begins. If you mean the afternoon, write %s.", *to+12*60))
	case e.Ends != "" && e.Ends < e.Starts:
		r.wrong(FieldTo, "it would end before it begins. Look at both times.")
	case e.Check() != nil:
		r.wrong(FieldWeekly, "it would repeat for more than three years. Write an earlier last day.")
	}
	if len(r.row.Problems) > 0 {
		return
	}
	if over := max(e.Starts.Day(), e.Ends.Day(), e.RepeatTo); over < r.o.Today {
		r.warn("This is over already.")
	}
	if from != nil && from.atNight() {
		r.warn("%s is in the night. If you mean the afternoon, write %s.", *from, *from+12*60)
	}
	if e.AllDay && (e.Kind == db.EventClass || e.Kind == db.EventExam) {
		r.warn("No time is given, so it stands for the whole day.")
	}
}

// firstDay reads the date, or finds it by the weekday.
func (r *reader) firstDay() (time.Time, bool) {
	dated, named := r.dateCells()
	weekday := time.Weekday(-1)
	if named != "" {
		w, ok := weekdayOf(r.cell(named))
		switch {
		case severalDays(r.cell(named)):
			r.wrong(named, "these are several days. Give each a line of its own.")
			return time.Time{}, false
		case !ok:
			r.wrong(named, "this is neither a date nor a day of the week. Write 2026-09-14, 14/09/2026 or Monday.")
			return time.Time{}, false
		}
		weekday = w
	}
	if dated == "" {
		return r.byWeekday(weekday)
	}
	d, err := parseDay(r.cell(dated))
	if err != nil {
		r.wrong(dated, err.Error())
		return time.Time{}, false
	}
	if weekday < 0 {
		weekday = d.weekday
	}
	return d.t, r.agrees(dated, &d, weekday)
}

// dated notes a date that was read.
func (r *reader) dated(f Field, d day) {
	r.row.days = append(r.row.days, dated{r.s.heading(f), r.cell(f), d})
}

// date reads the date in a cell and notes it.
func (r *reader) date(f Field) (time.Time, error) {
	d, err := parseDay(r.cell(f))
	if err == nil {
		r.dated(f, d)
	}
	return d.t, err
}

// dateCells are the fields that hold a date and a weekday. Either may stand
// under the heading of the other.
func (r *reader) dateCells() (dated, named Field) {
	for _, f := range []Field{FieldDate, FieldDay} {
		text := r.cell(f)
		switch hasDigit := strings.ContainsAny(text, "0123456789"); {
		case text == "":
		case hasDigit && dated == "":
			dated = f
		case !hasDigit && named == "":
			named = f
		}
	}
	return dated, named
}

// agrees compares a date with the weekday beside it, which also tells which
// of two ways to read the date is meant.
func (r *reader) agrees(f Field, d *day, weekday time.Weekday) bool {
	if weekday >= 0 && d.t.Weekday() != weekday {
		hint := "Look at both."
		if d.twoWays() && d.other.Weekday() == weekday {
			hint = "With the month first it would be one; write " + d.other.Format(time.DateOnly) + " if you mean that."
		}
		r.wrong(f, fmt.Sprintf("%s is a %s, and the line says %s. %s", d.t.Format("2 January 2006"), d.t.Weekday(), weekday, hint))
		return false
	}
	if weekday >= 0 {
		d.other = time.Time{}
	}
	r.dated(f, *d)
	return true
}

// byWeekday is the first such weekday of the classes.
func (r *reader) byWeekday(weekday time.Weekday) (time.Time, bool) {
	if weekday < 0 {
		r.wrong(r.emptyDate(), "the date is missing. "+writeDay)
		return time.Time{}, false
	}
	first, err := time.Parse(time.DateOnly, r.o.FirstDay)
	if r.cell(FieldFirstDay) != "" {
		if first, err = r.date(FieldFirstDay); err != nil {
			r.wrong(FieldFirstDay, err.Error())
			return time.Time{}, false
		}
	}
	if err != nil {
		r.wrong(FieldDay, "a weekday alone does not say when it begins. Say above on which day classes begin, or write a date.")
		return time.Time{}, false
	}
	return first.AddDate(0, 0, (int(weekday)-int(first.Weekday())+7)%7), true
}

func (r *reader) emptyDate() Field {
	for _, c := range r.s.columns {
		if c.field == FieldDate {
			return FieldDate
		}
	}
	return FieldDay
}

// times reads from when to when, from two cells or out of one.
func (r *reader) times() (from, to *clock) {
	begins, ends := r.cell(FieldFrom), r.cell(FieldTo)
	if begins == "" && len(r.row.days) > 0 {
		begins = r.row.days[0].clock // it stood behind the date
	}
	half := ""
	if a, b, is := span(begins); is && ends == "" {
		begins, ends, half = a, b, halfOf(a, b)
	}
	if begins != "" {
		from = r.clock(FieldFrom, begins, half)
	} else if ends != "" {
		r.wrong(FieldFrom, "it ends at "+ends+", and nothing says when it begins. "+writeClock)
	}
	if ends != "" {
		field := FieldTo
		if r.cell(FieldTo) == "" {
			field = FieldFrom
		}
		to = r.clock(field, ends, "")
	}
	return from, to
}

func (r *reader) clock(f Field, text, half string) *clock {
	c, err := parseClock(text, half)
	if err != nil {
		r.wrongValue(f, text, err.Error())
		return nil
	}
	return &c
}

// lastDay is the last of several days, or the first one again.
func (r *reader) lastDay(first time.Time, ok bool) (last time.Time, several bool) {
	text := r.cell(FieldLastDay)
	if text == "" || !ok {
		return first, false
	}
	last, err := r.date(FieldLastDay)
	switch {
	case err != nil:
		r.wrong(FieldLastDay, err.Error())
		return first, false
	case last.Before(first):
		r.wrong(FieldLastDay, "this is before its first day, "+first.Format("2 January 2006")+". Look at both.")
		return first, false
	}
	return last, last.After(first)
}

var weeks = regexp.MustCompile(`^(\d{1,2})\s*(?:weeks?|wks?|times?|x)$`)

// until is the last day of a repeat, "" for none.
func (r *reader) until(first time.Time, ok bool) string {
	text := r.cell(FieldWeekly)
	dated, _ := r.dateCells()
	switch folded := db.Fold(text); {
	case !ok:
		return ""
	case text == "" && dated != "", folded == "no", folded == "once", folded == "never":
		return ""
	case text == "" && r.o.LastDay == "":
		r.wrong(FieldWeekly, "nothing says until when it is held every week. Say above which is the last day of classes, or write “once”.")
		return ""
	}
	last, err := time.Parse(time.DateOnly, r.o.LastDay)
	if text != "" {
		last, err = r.lastOf(first, text)
	}
	var wrong wrongDay
	switch {
	case err != nil && (errors.As(err, &wrong) || text != ""):
		r.wrong(FieldWeekly, err.Error())
		return ""
	case last.Before(first):
		r.wrong(FieldWeekly, "this is before its first day, "+first.Format("2 January 2006")+". Look at both.")
		return ""
	}
	return last.Format(time.DateOnly)
}

// lastOf reads the last day of a repeat, or how many weeks it lasts.
func (r *reader) lastOf(first time.Time, text string) (time.Time, error) {
	if m := weeks.FindStringSubmatch(strings.ToLower(text)); m != nil {
		n, _ := strconv.Atoi(m[1]) // two digits
		return first.AddDate(0, 0, 7*(max(n, 1)-1)), nil
	}
	return r.date(FieldWeekly)
}

func (r *reader) category(c *db.Content) {
	text := r.cell(FieldCategory)
	if text == "" {
		return
	}
	id, known := r.o.Category(text)
	if !known {
		r.wrong(FieldCategory, "there is no such category in the settings. Write one that is there, or leave it empty.")
	}
	c.Category = id
}

func (r *reader) text(c *db.Content) {
	c.Body = r.cell(FieldText)
	if who := oneLine(r.cell(FieldLecturer)); who != "" {
		c.Body = strings.TrimSpace(r.s.heading(FieldLecturer) + ": " + who + "\n\n" + c.Body)
	}
	if n := utf8.RuneCountInString(c.Body); n > mostText {
		r.wrong(FieldText, fmt.Sprintf("the text has %d letters. Write at most %d.", n, mostText))
	}
	if lost := r.o.Unshown(c.Body); lost != "" {
		r.wrongValue(FieldText, lost, "this is a picture or code, which readers would not see. Take it out; a picture can be added to the event afterwards.")
	}
}
