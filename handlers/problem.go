package handlers

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"portico/auth"
	"portico/views"
)

// problemError is a failure with the status people are answered with. Its
// cause is for the log alone.
type problemError struct {
	status int
	cause  error
}

func (p *problemError) Error() string {
	if p.cause == nil {
		return http.StatusText(p.status)
	}
	return fmt.Sprintf("%s: %v", http.StatusText(p.status), p.cause)
}

func (p *problemError) Unwrap() error { return p.cause }

func problem(status int, cause error) error { return &problemError{status, cause} }

// fail answers an error: a page for people, a short body for programs.
func (s *Server) fail(w http.ResponseWriter, v *visit, err error) {
	status := http.StatusInternalServerError
	if p, ok := errors.AsType[*problemError](err); ok {
		status = p.status
	}
	w.Header().Set("Cache-Control", "no-store")
	e := eventOf(v.r)
	if p, ok := errors.AsType[*problemError](err); !ok || p.cause != nil {
		e.cause = err
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "60")
	}
	if !wantsPage(v.r) {
		s.failJSON(w, status, e.reference)
		return
	}
	m := messageFor(status, v)
	if again := tryAgain(status, v.r); again.Href != "" {
		m.Actions = append([]views.Action{again}, m.Actions...)
	}
	m.Reference, m.Written = e.reference, written(v)
	if status != http.StatusGone && len(v.keeps) > 0 && v.drawnFor != "" {
		m.Held = s.heldForm(v)
	}
	s.render(w, v, status, views.Message(s.page(v, m.Heading), m))
}

// wantsPage reports whether a person's browser asks.
func wantsPage(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}

func (s *Server) failJSON(w http.ResponseWriter, status int, reference string) {
	text := http.StatusText(status)
	if status == http.StatusUnauthorized {
		text = "Not signed in"
	}
	body := map[string]string{"error": text}
	if status != http.StatusUnauthorized && status != http.StatusForbidden {
		body["reference"] = reference
	}
	writeJSON(w, status, body)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	b, err := json.Marshal(body)
	if err != nil {
		http.Error(w, `{"error":"Internal Server Error"}`, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n')) // the reader went away: nothing to mend
}

var home = views.Action{Label: "Go to the first page", Href: "/"}

// tryAgain asks for the same page once more where waiting may help. What was
// posted is not sent again by a link, and an answer of Campus One counts once.
func tryAgain(status int, r *http.Request) views.Action {
	passes := status >= http.StatusInternalServerError || status == http.StatusTooManyRequests
	at := auth.OwnPath(r)
	if passes && r.Method == http.MethodGet && !strings.HasPrefix(at, "//") && !strings.HasPrefix(at, "/auth/") {
		return views.Action{Label: "Try again", Href: at, Primary: true}
	}
	return views.Action{}
}

// messageFor is what people read for a status: what happened and what to do.
func messageFor(status int, v *visit) views.MessageModel {
	m := views.MessageModel{Actions: []views.Action{home}}
	switch status {
	case http.StatusBadRequest:
		m.Heading, m.Text = "Something was missing", "Part of the address or the form did not arrive. Go back and try again."
	case http.StatusUnauthorized:
		m.Heading, m.Text = "Please sign in", "This needs you to be signed in."
		m.Actions = []views.Action{{Label: "Sign in with Campus One", Href: "/auth/login", Primary: true, Post: true, Next: "/dashboard"}, home}
	case http.StatusForbidden:
		m.Heading, m.Text = "This page is not open to you", "It is for staff who look after the portal. If you think you should see it, ask the department office."
		if v.live == nil {
			m.Heading, m.Text = "This did not come from our own page", "For your safety the request was stopped. Open the page again and repeat what you did there."
		}
	case http.StatusNotFound:
		m.Heading, m.Text = "There is no page here", "The address may be mistyped, or the page has moved."
		m.Actions = []views.Action{home, {Label: "Search the portal", Href: searchPath}}
	case http.StatusMethodNotAllowed:
		m.Heading, m.Text = "That cannot be done here", "This address does not take that kind of request. Go back and use the page's own buttons."
	case http.StatusConflict:
		m = wrongPerson(v)
	case http.StatusGone:
		m.Heading, m.Text = "That was kept for 15 minutes only", "The time is over, and nothing was sent. Open the page again and write it once more."
	case http.StatusRequestEntityTooLarge:
		m.Heading, m.Text = "That is too large", "Make it shorter or smaller and send it again."
	case http.StatusRequestURITooLong:
		m.Heading, m.Text = "This address is too long", "It was cut or made by mistake. Start from the first page."
	case http.StatusRequestHeaderFieldsTooLarge:
		m.Heading, m.Text = "Your browser sent too much", "It keeps very many cookies for this site and its neighbours. Delete the cookies of this site, then try again."
	case http.StatusMisdirectedRequest:
		m.Heading, m.Text = "Wrong address", "This portal has another address. Start from the link below."
	case http.StatusTooManyRequests:
		m.Heading, m.Text = "That was very fast", "Wait a minute, then try again."
	case http.StatusBadGateway:
		m.Heading, m.Text = "Campus One did not answer properly", "You can read public pages. Try again in a minute."
	case http.StatusServiceUnavailable:
		m.Heading, m.Text = "This page cannot be shown now", "Something the portal needs is not answering. Public pages are open; try again in a minute."
		if v.crowded {
			m.Heading, m.Text = "Too many files are on their way", "Nothing was saved. Wait a minute, then go back and send this one again."
		}
	default:
		m.Heading, m.Text = "Something went wrong on our side", "It has been noted. Try again in a minute."
	}
	return m
}

// wrongPerson answers a form that was drawn for another person, or for nobody
// we can tell any more.
func wrongPerson(v *visit) views.MessageModel {
	m := views.MessageModel{
		Heading: "This form is too old", Actions: []views.Action{home},
		Text: "Nothing was done. Open the page again and repeat what you did there.",
	}
	if v.live == nil || v.drawnFor == "" {
		return m
	}
	m.Heading = "You are now signed in as somebody else"
	if name := v.live.User.Name(); name != "" {
		m.Heading = "You are now signed in as " + name
	}
	m.Text = "This form was opened under another name, so nothing was done. Open the page again."
	if v.r.PostForm.Get(fieldHeld) != "" {
		m.Text = "What is kept on this page was written under another name, so nothing was done. Sign out in another tab, sign in as that person, then send it again from here."
	}
	return m
}
