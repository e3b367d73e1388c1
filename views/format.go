package views

import (
	"bytes"
	"context"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"
)

// Render draws a view into a buffer, so that a failure leaves the reader with
// an error page and never with half a page.
func Render(ctx context.Context, w *bytes.Buffer, c templ.Component) error {
	if err := c.Render(ctx, w); err != nil {
		return fmt.Errorf("drawing the page: %w", err)
	}
	return nil
}

// tab is the text of the browser's tab.
func (p Page) tab() string {
	switch {
	case p.Title == "" || p.Title == p.Site.Name:
		return p.Site.Name
	case p.Site.wordmark() == "":
		return p.Title
	}
	return p.Title + " · " + p.Site.wordmark()
}

func (s Site) wordmark() string {
	if s.Short != "" {
		return s.Short
	}
	return s.Name
}

// imprint is the footer's line: the department and its university.
func (s Site) imprint() string {
	if s.University == "" {
		return s.Name
	}
	return s.Name + " · " + s.University
}

func (p Page) signInLabel() (first, rest string) {
	if p.ConsentPending {
		return "Continue", " with Campus One"
	}
	return "Sign in", " with Campus One"
}

// current marks the menu item one is on or below, for aria-current.
func (p Page) current(href string) templ.Attributes {
	switch {
	case href == p.Path:
		return templ.Attributes{"aria-current": "page"}
	case href != "/" && strings.HasPrefix(p.Path, href+"/"):
		return templ.Attributes{"aria-current": "true"}
	}
	return nil
}

// private marks a page drawn for one person; the script reads it.
func (p Page) private() templ.Attributes {
	if p.Person == nil {
		return nil
	}
	return templ.Attributes{"data-private": true}
}

func (p Page) withoutSignIn() Page {
	p.noSignIn = true
	return p
}

func (p Page) zone() *time.Location {
	if p.Zone == nil {
		return time.UTC
	}
	return p.Zone
}

func (p Page) local(t time.Time) time.Time { return t.In(p.zone()) }

// greeting greets by the hour of the place, with the whole name if there is one.
func (p Page) greeting() string {
	words := "Good evening"
	switch h := p.local(p.Now).Hour(); {
	case h >= 4 && h < 12:
		words = "Good morning"
	case h >= 12 && h < 17:
		words = "Good afternoon"
	}
	if p.Person == nil || p.Person.Name == "" {
		return words
	}
	return words + ", " + p.Person.Name
}

// shown is how a person is named in the header.
func (p Person) shown() string {
	if p.Name != "" {
		return p.Name
	}
	return "Signed in"
}

func weekday(t time.Time) string  { return t.Format("Monday 2 January") }
func dateTime(t time.Time) string { return t.Format("Mon 2 Jan 2006, 15:04") }
func shortDay(t time.Time) string { return t.Format("Mon 2 Jan") }
func isoDay(t time.Time) string   { return t.Format(time.DateOnly) }

// capital writes a word of Campus One ("student", "harmattan") as a label.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// contactLink turns an e-mail or web address into a link; other words give "".
func contactLink(s string) string {
	if strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") {
		return s
	}
	if a, err := mail.ParseAddress(s); err == nil && a.Address == s {
		return "mailto:" + s
	}
	return ""
}

// fact is one label and its value on the dashboard.
type fact struct{ label, value string }

// facts lists what is known of a person, in the order people look for it.
func (m DashboardModel) facts() []fact {
	known := make([]fact, 0, 6)
	for _, f := range []fact{
		m.standing(),
		m.number(),
		{"Level", m.Level},
		together("Department", m.Department, "Faculty", m.Faculty),
		together("Session", m.Session, "Semester", capital(m.Semester)),
	} {
		if f.value != "" {
			known = append(known, f)
		}
	}
	return known
}

func (m DashboardModel) student() bool { return strings.EqualFold(m.Role, "student") }

// standing is what a person is here; a student is told by number.
func (m DashboardModel) standing() fact {
	if m.student() && m.StudentID != "" {
		return fact{"Student", m.StudentID}
	}
	return fact{"Role", capital(m.Role)}
}

// number is a student's number where their role does not go with it.
func (m DashboardModel) number() fact {
	if m.student() {
		return fact{}
	}
	return fact{"Student ID", m.StudentID}
}

// together is a fact with another one behind it, or the other one alone.
func together(label, value, otherLabel, other string) fact {
	switch {
	case value == "":
		return fact{otherLabel, other}
	case other == "":
		return fact{label, value}
	}
	return fact{label, value + ", " + other}
}
