package views

import (
	"strconv"
	"time"
)

// Where a line of a timetable stands before it is added.
const (
	ImportNew   = "new"
	ImportThere = "there"
	ImportBad   = "bad"
)

var importStages = map[string]stateWord{
	ImportNew:   {"Will be added", "good", ""},
	ImportThere: {"There already", "calm", ""},
	ImportBad:   {"Needs correcting", "warn", ""},
}

var eventKindWords = map[string]string{"class": "Class", "exam": "Exam", "deadline": "Deadline", "event": "Event"}

// ImportModel is the page on which a timetable is sent and looked at.
type ImportModel struct {
	Action, Sample string
	Columns        []ImportColumn
	MostRows       int
	Problems       []Problem // of the form

	Text              string // the table, as it was read
	Kinds, Audiences  []Option
	FirstDay, LastDay string
	Publish           bool

	Read            bool   // a table was read: the rest says how
	Changed         bool   // it is not what was shown before
	Seen, Once      string // names of what is shown, and of this look at it
	New, There, Bad int
	BadLines        []Problem
	MoreBad         int
	Notes           []string
	Unused          string // headings that were not understood
	Rows            []ImportRow
}

// ImportColumn explains a column of the table.
type ImportColumn struct {
	Name, Also, Text string
	Needed           bool
}

// ImportRow is one line of the table as it would become, or what is wrong
// with it.
type ImportRow struct {
	ID                       string
	Line                     int
	State                    string
	Title, Kind, When, Place string
	For, Category, Text      string
	Warnings, Wrong          []string
	Raw                      string
}

// ImportedModel says what was added.
type ImportedModel struct {
	At, Undone, Until time.Time
	By                string
	Count             int
	Rows              []ImportedRow
	UndoTo, Action    string
	Rest              string    // the lines that were not added, with their headings
	Lines             int       // how many
	Chosen            []Written // hidden fields of the form that sends them again
}

// ImportedRow is one event that was added and is still there.
type ImportedRow struct{ Href, Title, When, Place, State string }

// counted is a number of things in words.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// verdict says in a sentence what would become of a table.
func (m ImportModel) verdict() string {
	text := counted(m.New, "event can be added", "events can be added")
	if m.Bad > 0 {
		text += ", " + counted(m.Bad, "line needs correcting", "lines need correcting")
	}
	if m.There > 0 {
		text += ", " + counted(m.There, "is there already", "are there already")
	}
	return text + "."
}

// addLabel is what the button says.
func (m ImportModel) addLabel() string { return "Add " + counted(m.New, "event", "events") }

func (m ImportModel) heading() string {
	if m.Read {
		return "Look before you add"
	}
	return "Add a timetable"
}
