package timetable

import (
	"slices"
	"strings"

	"portico/db"
)

// Field is what a column means.
type Field string

// The fields that a table may have.
const (
	FieldTitle      Field = "title"
	FieldCode       Field = "code"
	FieldKind       Field = "kind"
	FieldDate       Field = "date"
	FieldDay        Field = "day"
	FieldFrom       Field = "from"
	FieldTo         Field = "to"
	FieldLastDay    Field = "last day"
	FieldWeekly     Field = "weekly until"
	FieldFirstDay   Field = "first day"
	FieldPlace      Field = "place"
	FieldCategory   Field = "category"
	FieldAudience   Field = "audience"
	FieldLevel      Field = "level"
	FieldDepartment Field = "department"
	FieldText       Field = "text"
	FieldLecturer   Field = "lecturer"
)

// Column tells people about a column: its name and what else it may be called.
type Column struct {
	Field   Field
	Also    []string
	Explain string
	Needed  bool
}

// Columns are all that are understood, in the order of the sample.
func Columns() []Column {
	return []Column{
		{FieldTitle, []string{"event", "course", "course title", "subject", "name", "activity"}, "What it is called, such as CSC 301 Algorithms. A column “code” or “course code” is put before it.", true},
		{FieldKind, []string{"type"}, "class, exam, deadline or event. Lecture, lab and tutorial are classes, test and quiz are exams.", false},
		{FieldDate, []string{"start date", "on"}, "The day, or the first day of a weekly class: 2026-09-14 or 14/09/2026, the day first.", true},
		{FieldDay, []string{"weekday", "day of week"}, "Monday, Tue, … It may stand instead of the date: then say above when classes begin and end. Beside a date it must fit it.", false},
		{FieldFrom, []string{"start", "starts", "start time", "begins", "time"}, "8:00, 08.00, 8am or 2pm. “8:00-10:00” says both. Empty: all day.", false},
		{FieldTo, []string{"end", "ends", "end time"}, "When it ends, written in the same way.", false},
		{FieldLastDay, []string{"end date", "to date"}, "Only for what lasts several days.", false},
		{FieldWeekly, []string{"every week until", "repeat until", "until"}, "The last day of a weekly class, or “14 weeks”. Empty: once.", false},
		{FieldPlace, []string{"venue", "room", "hall", "location", "where"}, "Where it is.", false},
		{FieldLevel, []string{"levels", "year"}, "For whom: 300, 300L, or several as 300/400. Empty: every level, or whoever you choose above.", false},
		{FieldDepartment, []string{"departments", "dept", "programme"}, "For whom: the department's name as Campus One writes it. Several with a semicolon or a stroke between them.", false},
		{FieldAudience, []string{"for", "for whom", "who"}, "everybody, signed in, our students, or staff, in place of level and department.", false},
		{FieldCategory, []string{"group"}, "One of the categories of the settings.", false},
		{FieldText, []string{"notes", "note", "description", "remarks", "details"}, "What else people should know.", false},
	}
}

// synonyms are further headings, beside those that people are told of.
var synonyms = map[Field][]string{
	FieldTitle:      {"event name", "event title", "what", "courses", "module", "paper"},
	FieldCode:       {"code", "course code", "course no", "course number", "subject code"},
	FieldKind:       {"event type", "class type", "mode"},
	FieldDate:       {"dates", "event date", "exam date", "first date", "when"},
	FieldDay:        {"days", "week day"},
	FieldFrom:       {"begin", "from time", "time from", "period", "times", "duration", "hours"},
	FieldTo:         {"finish", "finishes", "time to", "to time", "stop", "end at"},
	FieldLastDay:    {"last date", "ends on"},
	FieldWeekly:     {"repeats until", "weekly to", "repeat", "repeats", "recurs until", "until date", "last week"},
	FieldFirstDay:   {"first day", "first week", "from date", "from week", "week of", "first day of classes", "classes begin"},
	FieldPlace:      {"classroom", "lecture room", "lecture hall", "class room", "halls", "rooms", "venues"},
	FieldLevel:      {"class level", "student level", "for level"},
	FieldDepartment: {"program", "for department", "department name"},
	FieldAudience:   {"audience", "visible to", "seen by"},
	FieldText:       {"comment", "comments", "info", "information", "body"},
	FieldLecturer:   {"lecturer", "lecturers", "instructor", "taught by", "teacher", "course lecturer", "invigilator", "invigilators"},
}

var byHeading = headings()

// headings is every heading as it is compared, with what it means.
func headings() map[string]Field {
	all := map[string]Field{}
	for _, c := range Columns() {
		for _, name := range append([]string{string(c.Field)}, c.Also...) {
			all[db.Fold(name)] = c.Field
		}
	}
	for field, names := range synonyms {
		for _, name := range append([]string{string(field)}, names...) {
			all[db.Fold(name)] = field
		}
	}
	return all
}

// column is where a field stands in this table.
type column struct {
	at      int
	field   Field
	heading string
}

// findColumns reads a line as headings. Of two columns with the same meaning
// the first counts.
func findColumns(cells []string) (all []column) {
	for i, cell := range cells {
		name, _, _ := strings.Cut(cell, "(")
		field, known := byHeading[db.Fold(name)]
		if known && !slices.ContainsFunc(all, func(c column) bool { return c.field == field }) {
			all = append(all, column{i, field, strings.TrimSpace(cell)})
		}
	}
	return all
}

// isHead says whether columns are enough to make events of.
func isHead(columns []column) bool {
	has := func(fields ...Field) bool {
		return slices.ContainsFunc(columns, func(c column) bool { return slices.Contains(fields, c.field) })
	}
	return has(FieldTitle, FieldCode) && has(FieldDate, FieldDay)
}
