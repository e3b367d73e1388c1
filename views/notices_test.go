package views_test

import (
	"time"

	"portico/views"

	"github.com/a-h/templ"
)

// noticeSamples are the pages of notices in Campus One.
func noticeSamples() map[string]templ.Component {
	p := staff("Also notify in Campus One", "/admin/publish/announcements/a1/notices")
	p.Person.CanPublish = true
	rows := []views.SendingRow{
		{Href: "/admin/publish/announcements/a1/notices/n1", Title: "Hall change", State: "running", Item: "Exam timetable", By: "Dr Musa Ibrahim", Started: now, Counts: "12 of 40 sent."},
		{Href: "/admin/publish/announcements/a1/notices/n2", Title: "Exam timetable", State: "done", Started: now.Add(-time.Hour)},
	}
	form := views.SendingFormModel{
		Item: "Exam timetable", ItemHref: "/admin/publish/announcements/a1", Action: "/admin/publish/announcements/a1/notices", Begins: now.Add(time.Hour),
		Title: "Exam timetable", Body: "The timetable is out.", Target: "https://cs.example.edu.ng/announcements/exam-timetable", MostTitle: 128, MostBody: 512,
		Types: []views.Option{{Value: "info", Label: "Information", On: true}, {Value: "warning", Label: "Warning"}},
		Reach: "Reaches 212 of 412 people.", Without: "180 have not agreed to it at Campus One, or said no to it here. 20 have not signed in for 7 days.", Takes: "Sending takes about 27 minutes.",
		Last: "n2", Before: rows, Looked: true, Problems: []views.Problem{{Field: "title", Text: "The title has 140 letters. Write at most 128."}, {Field: "type", Text: "Choose a kind from the list."}},
	}
	sending := views.SendingModel{
		Item: "Exam timetable", ItemHref: "/admin/publish/announcements/a1", Action: "/admin/publish/announcements/a1/notices/n1", State: "running",
		Title: "Exam timetable", Body: "The timetable is out.", Type: "Information", Started: now, By: "Dr Musa Ibrahim", Stop: true, Left: "About 20 minutes still.",
		Figures: []views.Term{{What: "Sent", Text: "12 of 40 people"}, {What: "Waiting", Text: "20"}, {What: "Expired", Text: "8: they have to sign in again first"}},
	}
	stopped := sending
	stopped.State, stopped.Why, stopped.Stop, stopped.Go, stopped.Ended = "stopped", "It was stopped by hand.", false, true, now.Add(time.Minute)
	account := signedIn("Your account", "/account")
	return map[string]templ.Component{
		"notice asked":        views.SendingForm(p, form),
		"notice not possible": views.SendingForm(p, views.SendingFormModel{Item: "Exam timetable", Cannot: "A notice of this is on its way already. See below how far it is.", Before: rows}),
		"notice on its way":   views.Sending(p, sending), "notice stopped": views.Sending(p, stopped),
		"account, notified":     views.Account(account, views.AccountModel{Notify: &views.ConsentModel{Granted: now, To: "/account/notices"}}),
		"account, not notified": views.Account(account, views.AccountModel{Notify: &views.ConsentModel{To: "/account/notices"}}),
		"account, said no":      views.Account(account, views.AccountModel{Notify: &views.ConsentModel{Granted: now, Declined: now, To: "/account/notices"}}),
	}
}
