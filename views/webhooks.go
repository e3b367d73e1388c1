package views

import (
	"strconv"
	"strings"
	"time"
)

// WebhooksModel is one page of the inbox of webhooks.
type WebhooksModel struct {
	Find         WebhooksFind
	Problems     []Problem
	Tabs         []Tab // by what became of them; "all" first
	Events       []string
	Rows         []WebhookRow
	Newer, Older string // addresses of the pages beside this one, or ""
	Any          bool   // the inbox holds something, whatever the filters hide
}

// WebhooksFind is what the inbox was asked for, as it was typed.
type WebhooksFind struct {
	State, Event, Search, From, To string
}

func (f WebhooksFind) narrowed() bool { return f != WebhooksFind{} }

// more says whether one of the fields is filled that are folded away.
func (f WebhooksFind) more() bool { return f.Event != "" || f.From != "" || f.To != "" }

// WebhookRow is one delivery in the inbox.
type WebhookRow struct {
	Href, Event, State string
	Person, PersonHref string // a name, or the id where none is known
	Happened, Came     time.Time
	Tries              int
	Error              string // in plain words, or ""
}

// WebhookModel is one delivery with all that is known of it.
type WebhookModel struct {
	WebhookRow
	ID, Body, Exact, Notes string // Exact is the error as the log has it
	NextTry, Applied       time.Time
	HeldBy                 string // the address of an earlier delivery that it waits for, or ""
	RetryTo, DropTo        string // where the forms are posted; "" leaves one out
	Problems               []Problem
	Reason                 string // what was typed as the reason for dropping
	Hands                  []HandRow
}

// HandRow is something done to a delivery by hand.
type HandRow struct {
	At              time.Time
	By, Did, Reason string
}

// outcomes are by the name the database gives them; "again" is "pending" after
// a first failure.
var outcomes = map[string]stateWord{
	"pending":    {"Waiting", "calm", "It came and is applied in a moment, or after an earlier one about the same person."},
	"again":      {"Trying again", "warn", "It failed. It is tried again, after growing pauses."},
	"processed":  {"Applied", "good", "The portal did what it says."},
	"ignored":    {"Nothing to do", "", "A test, or an event that changes nothing here."},
	"superseded": {"Overtaken", "", "Something later was known already, so nothing was changed."},
	"dead":       {"Failed", "bad", "It failed ten times and waits for you."},
	"dropped":    {"Dropped", "", "Somebody gave it up by hand and said why."},
	"stale":      {"Too old", "", "It was more than 30 days old when it came, so nothing was changed."},
	"unreadable": {"Unreadable", "warn", "It was signed, but its body is not what Campus One writes."},
}

// OutcomeOrder is the order in which outcomes are listed: what needs somebody first.
func OutcomeOrder() []string {
	return []string{"dead", "pending", "processed", "superseded", "ignored", "dropped", "stale", "unreadable"}
}

// OutcomeWord is an outcome as people read it.
func OutcomeWord(state string) string { return outcomes[state].word }

func (r WebhookRow) outcome() stateWord {
	if r.State == "pending" && r.Tries > 0 {
		return outcomes["again"]
	}
	return outcomes[r.State]
}

// outcomes are those met on this page, in their order.
func (m WebhooksModel) outcomes() (all []stateWord) {
	met := map[stateWord]bool{}
	for _, r := range m.Rows {
		met[r.outcome()] = true
	}
	for _, name := range []string{"dead", "again", "pending", "processed", "superseded", "ignored", "dropped", "stale", "unreadable"} {
		if met[outcomes[name]] {
			all = append(all, outcomes[name])
		}
	}
	return all
}

var eventWords = map[string]string{
	"user.role_changed":  "Role changed",
	"user.updated":       "Person changed",
	"user.created":       "Person added",
	"user.deleted":       "Person deleted",
	"session.signed_in":  "Signed in",
	"session.signed_out": "Signed out",
	"user.disconnected":  "Disconnected",
	"portico.test":       "Sample",
	"portico.doctor":     "Rehearsal",
}

// EventWord is an event in plain words; one that nobody told us of keeps its name.
func EventWord(event string) string {
	if event == "" {
		return "Without a name"
	}
	if words := eventWords[event]; words != "" {
		return words
	}
	return event
}

// moment is a time people read at a glance; the year is left out while it is this one.
func (p Page) moment(t time.Time) string {
	t = p.local(t)
	if t.Year() == p.local(p.Now).Year() {
		return t.Format("Mon 2 Jan, 15:04:05")
	}
	return t.Format("Mon 2 Jan 2006, 15:04:05")
}

// minute is moment without seconds; of the same day as another it is the time alone.
func (p Page) minute(t, near time.Time) string {
	t, near = p.local(t), p.local(near)
	switch {
	case isoDay(t) == isoDay(near):
		return t.Format("15:04")
	case t.Year() == p.local(p.Now).Year():
		return t.Format("Mon 2 Jan, 15:04")
	}
	return t.Format("Mon 2 Jan 2006, 15:04")
}

func (p Page) machine(t time.Time) string { return p.local(t).Format(time.RFC3339) }

// delay says how long a delivery was on its way, when that is worth a word.
func (r WebhookRow) delay() string {
	switch d := r.Came.Sub(r.Happened).Round(time.Second); {
	case r.Happened.IsZero() || d < 2*time.Second:
		return ""
	case d < 2*time.Minute:
		return strconv.Itoa(int(d.Seconds())) + " seconds later"
	case d < 2*time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " minutes later"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d.Hours())) + " hours later"
	default:
		return strconv.Itoa(int(d.Hours()/24)) + " days later"
	}
}

// times writes how often something was tried.
func times(n int) string {
	switch n {
	case 0:
		return "Not tried yet"
	case 1:
		return "Once"
	case 2:
		return "Twice"
	}
	return strconv.Itoa(n) + " times"
}

// noteWords begin the notes of a delivery; each has a sentence.
var noteWords = []struct{ begins, sentence string }{
	{"future", "It says that it happened in the future. The time at which it came counts in its place."},
	{"no time given", "It does not say when it happened. The time at which it came counts in its place."},
	{"the headers differ", "Its headers name another event or another id than its signed body. The headers are not signed, so the body counts."},
	{"emptied", "Its body was erased, because the person was deleted."},
}

// remarks are the notes of a delivery as sentences.
func (m WebhookModel) remarks() (all []string) {
	for note := range strings.SplitSeq(m.Notes, "; ") {
		if older, ok := strings.CutPrefix(note, "older than what is known: "); ok {
			note = "The portal knew something later about this, so it was not applied: " + strings.ReplaceAll(older, "_", " ") + "."
		}
		for _, n := range noteWords {
			if strings.HasPrefix(note, n.begins) {
				note = n.sentence
			}
		}
		if note != "" {
			all = append(all, capital(note))
		}
	}
	return all
}

// closed says why nothing can be done with a delivery by hand.
func (m WebhookModel) closed() string {
	switch m.State {
	case "processed":
		return "It was applied. There is nothing left to do."
	case "stale":
		return "It stays as it is: an old delivery may be one that somebody sends once more."
	case "superseded":
		return "The portal knew something later already. There is nothing left to do."
	}
	return "It changes nothing here. There is nothing to do."
}
