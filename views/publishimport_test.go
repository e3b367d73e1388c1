package views_test

import (
	"github.com/a-h/templ"

	"portico/views"
)

// importSamples are the pages of a timetable on its way in.
func importSamples() map[string]templ.Component {
	path := "/admin/publish/events/import"
	asked := views.ImportModel{
		Action: path, Sample: path + "/timetable-sample.csv", MostRows: 1000,
		Columns:   []views.ImportColumn{{Name: "title", Also: "course, event", Text: "What it is called.", Needed: true}, {Name: "place", Also: "venue", Text: "Where it is."}},
		Kinds:     []views.Option{{Value: "class", Label: "Class", On: true}, {Value: "exam", Label: "Exam"}},
		Audiences: []views.Option{{Value: "ours", Label: "Our students", On: true}, {Value: "everybody", Label: "Everybody"}},
	}
	wrong := asked
	wrong.Problems = []views.Problem{{Field: "file", Text: "This is a PDF."}, {Field: "text", Text: "It is empty."}, {Field: "first_day", Text: "Write a day."}, {Field: "kind", Text: "Choose."}, {Field: "to", Text: "Choose."}}
	read := asked
	read.Read, read.Seen, read.New, read.There, read.Bad, read.Text, read.FirstDay = true, "5d1c0a", 1, 1, 1, "title,date\nCSC 301,soon", "2026-11-23"
	read.Notes, read.Unused, read.MoreBad = []string{"Dates are read with the day first."}, "S/N", 3
	read.BadLines = []views.Problem{{Field: "line-4", Text: "Line 4, date: “soon”: this is not a date."}}
	read.Rows = []views.ImportRow{
		{ID: "line-2", Line: 2, State: views.ImportNew, Title: "CSC 301 Algorithms", Kind: "class", When: "Mon 23 Nov 2026, 08:00 to 10:00", Place: "Hall B", For: "300 level, Computer Science", Category: "Exams", Text: "Bring a laptop.", Warnings: []string{"Hall B is taken."}},
		{ID: "line-3", Line: 3, State: views.ImportThere, Title: "CSC 303 Databases", Kind: "class", When: "Tue 24 Nov 2026", Warnings: []string{"It is there already."}},
		{ID: "line-4", Line: 4, State: views.ImportBad, Wrong: []string{"date: “soon”: this is not a date."}},
	}
	changed, nothing := read, read
	changed.Changed, changed.Publish = true, true
	nothing.New, nothing.Bad, nothing.BadLines, nothing.MoreBad = 0, 0, nil, 0
	done := views.ImportedModel{
		At: now, Until: now.AddDate(0, 0, 30), By: "Funke Neem", Count: 42, UndoTo: path + "/done/1/undo", Action: path, Rest: "title,date\nCSC 301,soon\n", Lines: 1,
		Rows:   []views.ImportedRow{{Href: "/admin/publish/events/1", Title: "CSC 301 Algorithms", When: "Mon 23 Nov 2026, 08:00", Place: "Hall B", State: "draft"}},
		Chosen: []views.Written{{Label: "kind", Text: "class"}, {Label: "to", Text: "ours"}},
	}
	return map[string]templ.Component{
		"import":          views.Import(editor("Add a timetable", path), asked),
		"import, wrong":   views.Import(editor("Add a timetable", path), wrong),
		"import, read":    views.Import(editor("Look before you add", path), read),
		"import, changed": views.Import(editor("Look before you add", path), changed),
		"import, nothing": views.Import(editor("Look before you add", path), nothing),
		"imported":        views.Imported(editor("What was added", path), done),
		"import undone":   views.Imported(editor("What was added", path), views.ImportedModel{At: now, Undone: now, Count: 1, UndoTo: path, Action: path}),
	}
}
