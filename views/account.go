package views

import (
	"strings"
	"time"
)

// AccountModel is what a person reads about themselves.
type AccountModel struct {
	Facts            []FactRow
	Kept             []KeptRow
	Devices          []DeviceRow // the newest first
	EndOthers        string      // where "Sign out everywhere else" is posted; "" when there is nowhere else
	SignIns          []SignInRow // one page, the latest first
	Later, Earlier   string      // addresses of the pages beside it, or ""
	May              []MayRow
	Groups           []string    // facts by which items may be meant for this person, in words
	Reasons          []ReasonRow // why items are shown just now
	Public           int         // how many are shown because everybody sees them
	Shared           bool        // this is a shared computer
	Download, Forget string
	Notify           *ConsentModel // nil: nobody is notified
}

// FactRow is one thing known of a person.
type FactRow struct {
	Label, Value string
	From         string // who told it: "From your profile, at sign-in"
	At           time.Time
}

// sourced are facts that came from one source at one time.
type sourced struct {
	from  string
	at    time.Time
	facts []FactRow
}

// bySource gathers facts that came together, in the order of the first of each.
func (p Page) bySource(facts []FactRow) (all []*sourced) {
	met := map[string]*sourced{}
	for _, f := range facts {
		key := f.From + p.minute(f.At, time.Time{})
		if met[key] == nil {
			met[key] = &sourced{from: f.From, at: f.At}
			all = append(all, met[key])
		}
		met[key].facts = append(met[key].facts, f)
	}
	return all
}

// KeptRow says until when something is kept.
type KeptRow struct{ What, Until string }

// DeviceRow is a browser where a person is or was signed in.
type DeviceRow struct {
	ID            string
	Name, Network string
	First, Last   time.Time
	This, Shared  bool
	Ended         string // how it ended, in words; "" while it lives
	End           string // where "Sign out" is posted; "" leaves it out
}

// SignInRow is one sign-in.
type SignInRow struct {
	At     time.Time
	Silent bool // without a click
}

func (r SignInRow) how() string {
	if r.Silent {
		return "Recognised without a click"
	}
	return "By the sign-in button"
}

// MayRow is something a person may do besides reading.
type MayRow struct{ What, Why string }

// ReasonRow says how many items are shown for one reason.
type ReasonRow struct {
	Why   string
	Items int
}

// ForgetModel is the question before a person is forgotten.
type ForgetModel struct {
	To, Back, Download string
	Audit, Deliveries  string // for how long they are kept: "2 years"
}

// inWords joins words as a sentence does: "a, b and c".
func inWords(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return strings.Join(words, "")
}
