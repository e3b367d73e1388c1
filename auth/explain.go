package auth

import (
	"net/http"
	"time"
)

// Explanation is what the silent check would do with a request, and why.
type Explanation struct {
	Reason  Reason `json:"reason"`
	Words   string `json:"words"`
	Page    bool   `json:"page"`    // the address is a page of the portal
	Session bool   `json:"session"` // a well-formed session cookie came; the database says whether it lives
	Waits   string `json:"waits"`   // until when a pause holds, or ""
}

// sentences say each reason in words for the operator.
var sentences = map[Reason]string{
	ReasonCheck:        "the visitor is sent to Campus One with prompt=none and comes back recognised or anonymous",
	ReasonOff:          "served as it is: PORTICO_SILENT is off",
	ReasonBot:          "served as it is: the User-Agent is a crawler's or a chat previewer's",
	ReasonPrefetch:     "served as it is: the browser only looks ahead",
	ReasonNotDocument:  "served as it is: not a page that a browser shows to a person (GET, Accept with text/html, Sec-Fetch-Mode navigate)",
	ReasonSignedOut:    "served as it is: this browser signed out by hand; only its Sign in button lifts that",
	ReasonShared:       "served as it is: a shared computer",
	ReasonProviderDown: "served as it is: Campus One does not answer",
	ReasonUnanswered:   "served as it is: few come back from Campus One to this network",
	ReasonNoCookies:    "served as it is: this browser keeps no cookies",
	ReasonAttemptOpen:  "served as it is: this page's attempt left under five minutes ago and has not come back",
	ReasonAnonymous:    "served as it is: Campus One knew nobody here within the last five minutes (c1_anon)",
	ReasonBudget:       "served as it is: anonymous three times in a row, so the next check waits",
}

// Explain judges a request as the middleware would, without a database and
// without asking Campus One: away says whether it is to be taken as away.
func Explain(cfg FlowConfig, seal *Sealer, isPage PageRoute, r *http.Request, away bool, now func() time.Time) Explanation {
	f := NewFlow(cfg, seal, assumed{away: away}, nil, nil, isPage, nil, now)
	v := f.Visitor(r)
	path := ReturnPath(OwnPath(r), isPage)
	e := Explanation{Reason: f.ShouldCheck(r, &v, path), Page: isPage(r), Session: wellFormed(f.jar.get(r, cookieSession))}
	e.Words = sentences[e.Reason]
	if e.Reason == ReasonBudget {
		e.Waits = time.Unix(v.attempts.notBefore, 0).UTC().Format(time.RFC3339)
	}
	return e
}

// assumed is a provider of which only one thing is asked: whether it is away.
type assumed struct {
	Provider
	away bool
}

func (a assumed) Away() bool { return a.away }
