package auth

import "net/http"

// PageKind names a page that a sign-in may end on instead of a redirect.
type PageKind int

// The pages a sign-in may end on.
const (
	PageNone       PageKind = iota
	PageProbe               // the bare callback address: a line and a link home
	PageBadRequest          // a callback no browser of ours sends
	PageElsewhere           // begun in another app or browser, or cookies are blocked
	PageLoop                // too many departures
	PageUnderWay            // signing in is under way, it seems in another tab
	PageCancelled           // the person pressed Cancel at Campus One
	PageRefused             // Campus One refused, or what it sent did not verify
	PageBusy                // Campus One or we are busy; try again
	PageAway                // Campus One does not answer
	PageBlocked             // this person is blocked here
	PageGate                // signed out by hand: a button, nothing by itself
)

// Outcome is what a step of a sign-in answers: a redirect when Location is
// set, else a page; the cookies belong to either.
type Outcome struct {
	Status     int
	Location   string
	Page       PageKind
	Cookies    []*http.Cookie
	Next       string // where the page's button leads back to
	Reason     string // fixed name for the log and the counts; never the provider's words
	RetryAfter int    // seconds; 0 says nothing
	Refresh    int    // seconds after which the page leads on to Next by itself; 0 never
}

func stop(why PageKind, next string, cookies []*http.Cookie) Outcome {
	return Outcome{Page: why, Status: http.StatusBadRequest, Next: next, Cookies: cookies, Reason: "stop"}
}
