package views

import "time"

// ReviewRow is an item whose owner is asked whether it is still correct.
type ReviewRow struct {
	Href, Title, Kind string
	Due               time.Time
	Late              bool   // readers are warned
	Owner             string // who answers for it, when that is somebody else
	TurnTo            string // where "Still correct" is posted
}

// ReviewsModel is all that is to be reviewed.
type ReviewsModel struct {
	Mine, Orphaned, Others []ReviewRow
	Manages                bool // the reader sees everybody's
}

// OrderModel is the order of the items of a kind.
type OrderModel struct {
	ListName, ListHref, Action string
	Rows                       []OrderRow
}

// OrderRow is one item in its order.
type OrderRow struct {
	ID, Href, Title, State, Note string
	First, Last                  bool
	Focus                        string // the button that was pressed last
}
