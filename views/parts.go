package views

import (
	"strings"

	"github.com/a-h/templ"
)

// Tab is one of several views of the same list.
type Tab struct {
	Label, Href, Count string
	Current            bool
}

// Problem is something wrong in a form; Field is the id of the field it is about.
type Problem struct{ Field, Text string }

// problemOf is what is wrong with a field, or "".
func problemOf(all []Problem, field string) string {
	for _, p := range all {
		if p.Field == field {
			return p.Text
		}
	}
	return ""
}

// stateWord is where something stands, in a word people understand.
type stateWord struct{ word, shade, meaning string }

// leaf is a link to a page beside this one; one without an address is left out.
type leaf struct{ word, href, relation string }

func (l leaf) rel() templ.Attributes {
	if l.relation == "" {
		return nil
	}
	return templ.Attributes{"rel": l.relation}
}

func anywhere(all []leaf) bool {
	for _, l := range all {
		if l.href != "" {
			return true
		}
	}
	return false
}

// current marks the one of several links that leads to what is shown.
func current(yes bool) templ.Attributes {
	if !yes {
		return nil
	}
	return templ.Attributes{"aria-current": "true"}
}

// wrong ties a field to its help and to what is wrong with it.
func wrong(id, problem, help string) templ.Attributes {
	a := templ.Attributes{}
	if problem != "" {
		a["aria-invalid"] = "true"
		help = strings.TrimSpace(id + "-wrong " + help)
	}
	if help != "" {
		a["aria-describedby"] = help
	}
	return a
}

// dateType is that of a field for a date. What was typed and is none would be
// dropped by a field for dates, so it stays in one for text.
func dateType(problem string) string {
	if problem != "" {
		return "text"
	}
	return "date"
}
