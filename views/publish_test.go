package views_test

import (
	"time"

	"github.com/a-h/templ"

	"portico/views"
)

func editor(title, path string) views.Page {
	p := staff(title, path)
	p.Person = &views.Person{Name: "Funke Neem", Role: "staff", AccountHref: "/account", CanPublish: true}
	p.Menu = append(p.Menu, views.MenuItem{Label: "Publish", Href: "/admin/publish"})
	return p
}

// written is the editor with what an item of a kind can hold.
func written(kind, name string) views.EditorModel {
	return views.EditorModel{
		Kind: kind, KindName: name, ListName: name + "s", ListHref: "/admin/publish/list", Action: "/admin/publish/list/1", State: "published", Version: 3,
		Form: views.ItemForm{
			Title: "CSC 301 Algorithms", Body: "Bring your **student ID**.", Address: "csc-301", Publish: "2026-11-20T08:00", Until: "2026-12-20", To: "groups",
			Groups: []views.GroupForm{{
				{Name: "role", Label: "Role", Options: []views.Option{{Value: "student", Label: "Students", On: true}, {Value: "staff", Label: "Staff"}}},
				{Name: "level", Label: "Level", Options: []views.Option{{Value: "300", Label: "300 level", On: true}, {Value: "400", Label: "400 level", On: true}}},
				{Name: "person", Label: "Person", Hidden: true, Options: []views.Option{{Value: "1", On: true}}},
			}},
			EventKind: "class", Place: "Hall B", Day: "2026-11-24", Starts: "08:00", Ends: "10:00", RepeatTo: "2027-01-02",
			Role: "Lecturer", Room: "C 12", Hours: "Monday, 10:00 to 12:00", Email: "funke@example.edu.ng", Phone: "0800 000 0000", Link: "https://library.example",
		},
		Categories: []views.Option{{Label: "None"}, {Value: "exams", Label: "Exams", On: true}},
		EventKinds: []views.Option{{Value: "class", Label: "Class", On: true}, {Value: "exam", Label: "Exam"}},
		Ours:       true, Count: "37 of the 412 people this portal has met; others see it when they sign in.", Lacking: "12 people have no level.",
		Deeds:      []views.Deed{{Turn: "withdraw", Label: "Take it back", Help: "No reader sees it from now on."}},
		ReaderHref: "/announcements/csc-301", ReaderMine: kind == "event", HistoryHref: "/admin/publish/list/1/history", EraseHref: "/admin/publish/list/1/erase",
		Pinned: []views.PinnedRow{{Title: "Fees are due", Until: now.AddDate(0, 0, 4)}}, MostPinned: 1,
		SavedAt: now.Add(-time.Hour), SavedBy: "Funke Neem", Overdue: now.AddDate(0, -1, 0),
		Attached: views.AttachModel{To: "/admin/publish/list/1/files", Accept: ".pdf,.jpg", Said: "The file is added.", Chosen: "list.pdf", Rows: []views.AttachedRow{
			{ID: "F", Label: "Exam timetable", Words: "PDF, 340 kB", Href: "/files/F/exam-timetable.pdf", Insert: "[Exam timetable (PDF, 340 kB)](/files/F/exam-timetable.pdf)", Remove: true},
			{ID: "P", Label: "Hall B", Words: "1000 by 600 dots", Href: "/pictures/P/1000", Insert: "![Hall B](/pictures/P)", Picture: views.Picture{Href: "/pictures/P/480", Width: 480, Height: 288}},
			{ID: "Q", Words: "90 by 30 dots", Href: "/pictures/Q/90", Insert: "![](/pictures/Q)", Picture: views.Picture{Href: "/pictures/Q/90", Width: 90, Height: 30}, Plain: true},
		}},
	}
}

// publishSamples are the pages of those who write, among the samples.
func publishSamples() map[string]templ.Component {
	path := "/admin/publish"
	row := views.ItemRow{
		Href: "/admin/publish/list/1", Title: "Lab 3 is closed", Kind: "Announcement", State: "published", For: "300 level, Computer Science",
		Publish: now.AddDate(0, 0, -2), Until: now.AddDate(0, 0, 5), Saved: now.Add(-time.Hour), By: "Funke Neem",
	}
	list := views.PublishModel{
		Heading: "Announcements", Lead: "The latest first.", New: []views.Entry{{Label: "New announcement", Href: "/admin/publish/list/new"}},
		Tabs: []views.Tab{{Label: "All", Href: "/admin/publish/list", Count: "12", Current: true}}, Older: "/admin/publish/list?after=1", Any: true,
	}
	for _, state := range views.StageOrder() {
		r := row
		r.State = state
		list.Rows = append(list.Rows, r)
	}
	desk := views.PublishModel{Desk: true, Heading: "Publish", Lead: "What the department tells its people.", Kinds: []views.Entry{{Label: "Announcements", Href: "/admin/publish/list", Text: "The latest first."}}, Review: dueSamples(), MoreReview: 2, ReviewsHref: "/admin/publish/reviews", Any: true, FindTo: "/admin/publish", Find: "lab"}
	wrong, clash, fresh := written("announcement", "Announcement"), written("announcement", "Announcement"), views.EditorModel{New: true, Kind: "announcement", KindName: "Announcement", ListName: "Announcements", ListHref: "/admin/publish/list", Action: "/admin/publish/list/new"}
	wrong.Problems = []views.Problem{{Field: "title", Text: "Write a title."}, {Field: "until", Text: "Choose a day after the first."}}
	clash.Conflict = &views.ConflictModel{By: "Dr Musa Ibrahim", At: now, Theirs: []views.Written{{Label: "Title", Text: "Lab 3 opens again"}}, Href: "/admin/publish/list/1"}
	clash.Preview = &views.PreviewModel{Title: "Lab 3 is closed", HTML: "<p>Until Monday.</p>", For: "Everybody"}
	offer := views.DraftOffer{Kind: "Announcement", Title: "Lab 3 is closed", At: now.Add(-time.Hour), Href: "/admin/publish/list/1?draft=d1", DropTo: "/admin/publish/drafts/d1/drop"}
	stale := offer
	stale.At, stale.SavedAt, stale.SavedBy, stale.Stored = now.AddDate(0, 0, -3), now, "Dr Musa Ibrahim", "/admin/publish/list/1"
	desk.Unsaved = []views.DraftOffer{offer, {Kind: "Page", At: now.AddDate(0, -1, 0), Href: path, DropTo: path}}
	fresh.Offers = []views.DraftOffer{offer, stale}
	drafted := written("announcement", "Announcement")
	drafted.Continued, drafted.DraftID, drafted.DraftTurn = &stale, "d1", 2
	event := written("event", "Event")
	event.Occurrence = &views.OccurrenceModel{Action: "/admin/publish/list/1/occurrence", Days: []views.Option{{Value: "2026-11-24", Label: "Tue 24 Nov"}}, Changes: []views.OccurrenceRow{{Was: "Tue 17 Nov, 08:00", Now: "cancelled"}}}
	old := views.VersionRow{Number: 2, Href: "/admin/publish/list/1/history/2", Title: "Lab 3 is closed", By: "Funke Neem", Saved: now.Add(-time.Hour)}
	return map[string]templ.Component{
		"publish desk":    views.Publish(editor("Publish", path), desk),
		"publish list":    views.Publish(editor("Announcements", path), list),
		"publish nothing": views.Publish(editor("Publish", path), views.PublishModel{Desk: true, Heading: "Publish", Lead: "What the department tells its people."}),
		"editor new":      views.Editor(editor("New announcement", path), fresh),
		"editor":          views.Editor(editor("Announcement", path), written("announcement", "Announcement")),
		"editor, wrong":   views.Editor(editor("Announcement", path), wrong),
		"editor, clash":   views.Editor(editor("Announcement", path), clash),
		"editor, draft":   views.Editor(editor("Announcement", path), drafted),
		"editor, event":   views.Editor(editor("Event", path), event),
		"editor, person":  views.Editor(editor("Person", path), written("person", "Person")),
		"editor, page":    views.Editor(editor("Page", path), written("page", "Page")),
		"editor, link":    views.Editor(editor("Quick link", path), written("link", "Quick link")),
		"item's history":  views.History(editor("History", path), views.HistoryModel{Title: "Lab 3 is closed", Href: path, ListName: "Announcements", ListHref: path, Versions: []views.VersionRow{{Number: 3, Title: "Lab 3 is closed", By: "Funke Neem", Saved: now, Current: true}, old}}),
		"item's version":  views.Version(editor("Version 2", path), views.VersionModel{VersionRow: old, HistoryHref: path, Preview: views.PreviewModel{Title: "Lab 3 is closed", HTML: "<p>Until Monday.</p>", For: "Everybody"}, RestoreTo: path, Now: 4, Pictures: 2, Files: 1}),
		"erase an item":   views.Erase(editor("Erase", path), views.EraseModel{Title: "Lab 3 is closed", Href: path, Action: path, State: "published", Versions: 3}),
	}
}
