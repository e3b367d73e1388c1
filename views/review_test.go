package views_test

import (
	"github.com/a-h/templ"

	"portico/views"
)

func dueSamples() []views.ReviewRow {
	return []views.ReviewRow{
		{Href: "/admin/publish/pages/1", Title: "Handbook", Kind: "Page", Due: now.AddDate(0, 0, -1), TurnTo: "/admin/publish/pages/1/turn"},
		{Href: "/admin/publish/pages/2", Title: "How to find us", Kind: "Page", Due: now.AddDate(0, -2, 0), TurnTo: "/admin/publish/pages/2/turn", Late: true, Owner: "Dr Musa Ibrahim"},
	}
}

// reviewSamples are what is to be reviewed, and the order of things.
func reviewSamples() map[string]templ.Component {
	order := views.OrderModel{ListName: "People", ListHref: "/admin/publish/people", Action: "/admin/publish/people/order", Rows: []views.OrderRow{
		{ID: "1", Href: "/admin/publish/people/1", Title: "Dr Musa Ibrahim", State: "published", First: true},
		{ID: "2", Href: "/admin/publish/people/2", Title: "Funke Neem", State: "draft", Note: "Not in the menu", Last: true, Focus: "up"},
	}}
	path := "/admin/publish/reviews"
	return map[string]templ.Component{
		"reviews":         views.Reviews(editor("To review", path), views.ReviewsModel{Mine: dueSamples(), Orphaned: dueSamples()[:1], Others: dueSamples()[1:], Manages: true}),
		"reviews, none":   views.Reviews(editor("To review", path), views.ReviewsModel{}),
		"order of people": views.Order(editor("Order of people", "/admin/publish/people/order"), order),
		"order of none":   views.Order(editor("Order of people", "/admin/publish/people/order"), views.OrderModel{ListName: "People", ListHref: "/admin/publish/people", Action: "/admin/publish/people/order"}),
	}
}
