package views

import "time"

// SendingRow is one notice in Campus One in a list of those who write.
type SendingRow struct {
	Href, Title, State string
	Item               string // what it is about, where that is not plain
	By                 string
	Started            time.Time
	Counts             string // "12 of 40 sent"
}

// rest is what stands after the time.
func (r SendingRow) rest() string {
	if r.By == "" {
		return ". " + r.Counts
	}
	return " by " + r.By + ". " + r.Counts
}

// SendingFormModel is the question before people are notified in Campus One.
type SendingFormModel struct {
	Item, ItemHref, Action string
	Cannot                 string    // why it cannot be sent now; "" when it can
	Begins                 time.Time // when it will be; zero: at once
	Title, Body, Target    string
	Types                  []Option
	MostTitle, MostBody    int
	Reach, Without, Takes  string // whom it reaches, whom it does not, how long
	Last                   string // id of the latest notice, or ""
	Before                 []SendingRow
	Problems               []Problem
	Looked                 bool // "as it arrives" was asked for
}

// SendingModel is a notice on its way, or what came of it.
type SendingModel struct {
	Item, ItemHref, Action string
	State, Why             string // why it stands still, in a sentence
	Title, Body, Type      string
	Started, Ended         time.Time
	By                     string
	Figures                []Term
	Left                   string // how long still
	Stop, Go               bool   // which can be done
}

var noticeStages = map[string]stateWord{
	"preparing": {"Getting ready", "calm", "It is about to begin."},
	"running":   {"On its way", "calm", "People are notified one after the other."},
	"stopped":   {"Stopped", "warn", "Nobody more is notified."},
	"done":      {"Done", "good", "Everybody it could reach was notified."},
}

// typeWord is what a kind of message is called.
func (m SendingFormModel) typeWord() string {
	for _, o := range m.Types {
		if o.On {
			return o.Label
		}
	}
	return ""
}

// ConsentModel is whether a person is notified in Campus One.
type ConsentModel struct {
	Granted, Declined time.Time
	To                string // where the choice is posted
}
