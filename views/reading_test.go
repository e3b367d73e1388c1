package views_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"portico/views"
)

func notices() []views.Notice {
	return []views.Notice{
		{Href: "/announcements/hall-b", Title: "Hall B is closed", Excerpt: "CSC 301 meets in the annexe.", Category: "Exams", Owner: "Dr Musa Ibrahim", At: now, Until: now.AddDate(0, 1, 0), Why: "300 level, Computer Science"},
		{Href: "/announcements/old", Title: "From another year", At: now.AddDate(-1, 0, 0)},
	}
}

func noticeModel() views.NoticeModel {
	return views.NoticeModel{
		About:    views.About{Title: "Hall B is closed", HTML: "<p>It is <strong>wet</strong>.</p>", Files: []views.Link{{Label: "Exam timetable (PDF, 340 kB)", Href: "/files/F/exam-timetable.pdf"}}, Owner: "Dr Musa Ibrahim", Why: "you by name", NotReviewed: now.AddDate(-1, 0, 0), Share: "https://wa.me/?text=Hall"},
		Category: "Exams", CategoryHref: "/announcements?category=exams", At: now, Until: now.AddDate(0, 1, 0),
	}
}

// happenings are events of each shape: an hour, a moment, whole days, moved,
// cancelled, weekly, over midnight.
func happenings() []views.Happening {
	at := func(h int) time.Time { return now.Add(time.Duration(h) * time.Hour) }
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, lagos)
	return []views.Happening{
		{Href: "/events/a", Title: "Class", Kind: "class", Place: "Hall B", Start: at(0), End: at(2), Weekly: at(24 * 30), Why: "300 level"},
		{Href: "/events/b", Title: "Due", Kind: "deadline", Start: at(1), End: at(1)},
		{Href: "/events/c", Title: "Exams", Kind: "exam", Start: day, End: day.AddDate(0, 0, 3), AllDay: true},
		{Href: "/events/d", Title: "Fair", Kind: "event", Start: day, End: day.AddDate(0, 0, 1), AllDay: true},
		{Href: "/events/e", Title: "Forum", Kind: "event", Place: "Hall A", Start: at(50), End: at(52), OldStart: at(26), OldEnd: at(28), OldPlace: "Hall B"},
		{Href: "/events/f", Title: "Match", Kind: "event", Start: at(3), End: at(5), Cancelled: true},
		{Href: "/events/g", Title: "Night", Kind: "event", Start: at(10), End: at(20)},
	}
}

func homeFull() views.HomeModel {
	return views.HomeModel{Pinned: notices()[:1], Latest: notices(), Next: happenings(), Links: []views.Link{{Label: "Register", Href: "https://register.example/"}}, Reach: reach(), Lists: true}
}

func eventModel() views.EventModel {
	return views.EventModel{About: noticeModel().About, Happening: happenings()[4], More: happenings()[5:], Google: "https://calendar.google.com/", File: "/events/forum.ics"}
}

func people() views.PeopleModel {
	return views.PeopleModel{People: []views.Contact{
		{ID: "a", Name: "Dr Musa Ibrahim", Role: "Lecturer", Room: "7", Hours: "Monday", Email: "musa@nile.example", Phone: "+234 (0) 800", Other: "Ask at the desk", HTML: "<p>Hello.</p>", Files: []views.Link{{Label: "CV (PDF, 40 kB)", Href: "/files/G/cv.pdf"}}},
		{ID: "b", Name: "Grace Doum"},
	}}
}

func searchModel() views.SearchModel {
	return views.SearchModel{Query: "hall", Total: 2, More: "/search?page=2&q=hall", Before: "/search?q=hall", Hits: []views.Hit{
		{Href: "/announcements/hall-b", Kind: "Announcement", Title: []views.Piece{{Text: "Hall", Marked: true}, {Text: ", B & C"}}, Snippet: []views.Piece{{Text: "the "}, {Text: "<hall>", Marked: true}, {Text: "."}}},
		{Href: "/events/old", Kind: "Event", Title: []views.Piece{{Text: "Old"}}, Ended: now.AddDate(0, -1, 0), Why: "300 level"},
	}}
}

func TestEventTimesReadAtAGlance(t *testing.T) {
	doc := draw(t, views.Events(anonymous("Events", "/events"), views.EventsModel{Months: []views.Month{{First: now, Rows: happenings()}}}))
	var got []string
	for _, n := range all(doc, ".ev") {
		got = append(got, text(n))
	}
	want := []string{
		"Mon 23 Nov Class 09:15 to 11:15 · Hall B · Class Every week until Wed 23 Dec For 300 level",
		"Mon 23 Nov Due 10:15 · Deadline",
		"Tue 24 Nov Exams All day, until Thu 26 Nov · Exam",
		"Tue 24 Nov Fair All day · Event",
		"Wed 25 Nov Forum Moved 11:15 to 13:15 · Hall A · Event It was on Tue 24 Nov, 11:15 to 13:15 It was in Hall B",
		"Mon 23 Nov Match Cancelled 12:15 to 14:15 · Event",
		"Mon 23 Nov Night 19:15 to Tue 24 Nov, 05:15 · Event",
	}
	for i, w := range want {
		if i >= len(got) || got[i] != w {
			t.Errorf("event %d reads\n %q, want\n %q", i, got[min(i, len(got)-1)], w)
		}
	}
	struck := texts(doc, ".ev s")
	if !slices.Equal(struck, []string{"Tue 24 Nov, 11:15 to 13:15", "Hall B", "12:15 to 14:15"}) {
		t.Errorf("struck through: %q", struck)
	}
	if got := attr(one(t, doc, "#m2026-11"), "id"); got == "" || text(one(t, doc, "h2")) != "November 2026" {
		t.Error("the month has no head")
	}
}

func TestFoundWordsAreMarkedAndTextStaysText(t *testing.T) {
	doc := draw(t, views.Search(anonymous("Search", "/search"), searchModel()))
	if got := texts(doc, "mark"); !slices.Equal(got, []string{"Hall", "<hall>"}) {
		t.Errorf("marked: %q", got)
	}
	var raw strings.Builder
	for n := range all(doc, ".list .t")[0].Descendants() {
		raw.WriteString(n.Data + "|")
	}
	if !strings.Contains(raw.String(), "|, B & C|") {
		t.Errorf("a space came between a marked word and what follows: %s", raw.String())
	}
	if got := text(all(doc, ".list li")[1]); !strings.Contains(got, "Ended on Fri 23 Oct") {
		t.Errorf("what has ended is not labelled: %s", got)
	}
}

func TestDatesOfAnotherYearSayTheYear(t *testing.T) {
	doc := draw(t, views.Notices(anonymous("Announcements", "/announcements"), views.NoticesModel{Rows: notices()}))
	if got := texts(doc, "time"); !slices.Equal(got, []string{"Mon 23 Nov", "Wed 23 Dec", "Sun 23 Nov 2025"}) {
		t.Errorf("dates: %q", got)
	}
}

func TestMenuMarksTheSectionOneIsIn(t *testing.T) {
	p := anonymous("Hall B", "/announcements/hall-b")
	p.Menu = append(p.Menu, views.MenuItem{Label: "Announcements", Href: "/announcements"})
	doc := draw(t, views.NoticePage(p, noticeModel()))
	if got := texts(doc, "header nav.main [aria-current=true]"); !slices.Equal(got, []string{"Announcements"}) {
		t.Errorf("marked: %q", got)
	}
}

// A list of events shows the date once for each day; whoever hears the page
// still hears it with each event.
func TestADayIsShownOnce(t *testing.T) {
	doc := draw(t, views.Events(anonymous("Events", "/events"), views.EventsModel{Months: []views.Month{{First: now, Rows: happenings()[:3]}}}))
	var hidden []bool
	for _, n := range all(doc, ".ev .day > span") {
		hidden = append(hidden, attr(n, "class") == "sr")
	}
	if !slices.Equal(hidden, []bool{false, true, false}) {
		t.Errorf("the days out of sight: %v", hidden)
	}
}
