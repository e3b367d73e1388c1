package views

import (
	"strconv"
	"strings"
	"time"
)

// PublishModel is a list of items for those who write them: one's own desk, or
// all of one kind.
type PublishModel struct {
	Desk         bool // what is mine to do; else all of a kind
	Heading      string
	Lead         string
	New          []Entry // what can be written anew
	Beside       []Entry // other ways to begin
	Kinds        []Entry // the lists by kind
	Unsaved      []DraftOffer
	Review       []ReviewRow // to be looked at again, the longest overdue first
	MoreReview   int         // how many more there are
	ReviewsHref  string      // where all of them are
	Find, FindTo string      // what is looked for, and where it is sent
	Show         string      // the tab that is open
	Tabs         []Tab
	Rows         []ItemRow
	Newer, Older string
	Notices      []SendingRow // on their way, stopped, or over since yesterday
	Any          bool         // there is something, whatever the tab hides
}

// ItemRow is one item in a list of those who write.
type ItemRow struct {
	Href, Title, Kind, State string
	When                     string // of an event, which tells one of two classes from the other
	For                      string // whom it is for, in words
	Publish, Until           time.Time
	Saved                    time.Time
	By                       string // who saved it last
}

var stages = map[string]stateWord{
	"draft":     {"Draft", "", "Nobody but those who write here sees it."},
	"scheduled": {"Scheduled", "calm", "Readers see it when its time has come."},
	"published": {"Published", "good", "Readers see it."},
	"expired":   {"Ended", "", "Its time is over. It is in no list any more; its address says when it ended."},
	"withdrawn": {"Withdrawn", "warn", "It was taken back. No reader sees it."},
	"archived":  {"Archived", "", "It was put away. No reader sees it."},
}

// StageOrder is the order in which an item's life is told.
func StageOrder() []string {
	return []string{"draft", "scheduled", "published", "expired", "withdrawn", "archived"}
}

// StageWord is where an item is in its life, as people read it.
func StageWord(state string) string { return stages[state].word }

// ItemForm is what an editor typed, as it was typed.
type ItemForm struct {
	Title, Body, Address, Category  string
	Publish, Until, Pinned, Review  string
	To                              string
	Groups                          []GroupForm
	EventKind, Place, Day, Starts   string
	Ends, LastDay, RepeatTo         string
	AllDay, InMenu                  bool
	Role, Room, Hours, Email, Phone string
	Contact, Owner, Link            string
}

// GroupForm is one group of an audience: facts, each with what can be chosen.
type GroupForm []FactForm

// FactForm is one fact of a group. Hidden ones are kept as they are.
type FactForm struct {
	Name, Label string
	Options     []Option
	Hidden      bool
}

// Option is one of several to choose from.
type Option struct {
	Value, Label string
	On           bool
}

// chosen tells what is ticked, for a summary that is closed.
func (f FactForm) chosen() string {
	n, one := 0, ""
	for _, o := range f.Options {
		if o.On {
			n, one = n+1, o.Label
		}
	}
	switch n {
	case 0:
		return "any"
	case 1:
		return one
	}
	return strconv.Itoa(n) + " chosen"
}

// EditorModel is the page on which an item is written.
type EditorModel struct {
	New                bool
	KindName, ListName string // "Announcement", "Announcements"
	ListHref, Action   string
	Kind               string
	State              string
	Version            int
	Form               ItemForm
	Problems           []Problem
	Categories         []Option
	EventKinds         []Option
	Ours               bool // "our students" can be chosen
	Count              string
	Lacking            string
	Preview            *PreviewModel
	Conflict           *ConflictModel
	Deeds              []Deed
	ReaderHref         string // where readers find it, or ""
	ReaderMine         bool   // and so does whoever writes it
	HistoryHref        string
	OrderHref          string   // where its kind is put into order, or ""
	Owners             []Option // who can answer for it
	EraseHref          string
	NotifyHref         string       // "Also notify in Campus One"; "" where that is not offered
	Notices            []SendingRow // those of this item, the latest first
	SavedAt            time.Time
	SavedBy            string
	Overdue            time.Time // the review date that is past
	Occurrence         *OccurrenceModel
	Attached           AttachModel
	Pinned             []PinnedRow // other announcements that are kept on top now, the newest first
	MostPinned         int         // how many of them readers see on top

	DraftID   string // the draft that the form keeps, "" while it keeps none
	DraftTurn int
	Unkept    bool         // the form is not what is stored or kept
	Continued *DraftOffer  // the form is this draft
	Offers    []DraftOffer // others of the same item, the latest first
}

// PinnedRow is an announcement that is kept on top.
type PinnedRow struct {
	Title string
	Until time.Time
}

// PreviewModel is an item as its readers would see it. HTML is safe.
type PreviewModel struct{ Title, HTML, For string }

// ConflictModel is what somebody else saved while one was writing.
type ConflictModel struct {
	By     string
	At     time.Time
	Theirs []Written // what differs, as they have it
	Same   bool      // nothing that a reader sees differs
	Href   string    // leaves one's own and opens theirs
}

// Deed is something to be done with an item by one button.
type Deed struct{ Turn, Label, Help string }

// OccurrenceModel changes one date of an event, or cancels the whole.
type OccurrenceModel struct {
	Action                                            string
	Days                                              []Option // of a weekly event
	Cancelled                                         bool     // of an event of one date
	Changes                                           []OccurrenceRow
	Day, Change, NewDay, NewStarts, NewEnds, NewPlace string
}

// OccurrenceRow is a date that was moved or cancelled.
type OccurrenceRow struct{ Was, Now string }

// HistoryModel lists the versions of an item.
type HistoryModel struct {
	Title, Href, ListName, ListHref string
	Versions                        []VersionRow
}

// VersionRow is one saved version.
type VersionRow struct {
	Number  int
	Href    string
	Title   string
	By      string
	Saved   time.Time
	Current bool
}

// VersionModel is one earlier version, to be read and restored.
type VersionModel struct {
	VersionRow
	HistoryHref string
	Preview     PreviewModel
	RestoreTo   string // "" for the present one
	Now         int    // the version it would follow
	Pictures    int    // that it had and that were removed since
	Files       int
}

// gone says what a version had that does not come back with it.
func (m VersionModel) gone() string {
	var what []string
	if m.Pictures > 0 {
		what = append(what, counted(m.Pictures, "picture", "pictures"))
	}
	if m.Files > 0 {
		what = append(what, counted(m.Files, "file", "files"))
	}
	if what == nil {
		return ""
	}
	were, them := " were", "them"
	if m.Pictures+m.Files == 1 {
		were, them = " was", "it"
	}
	return strings.Join(what, " and ") + " of this version" + were + " removed since and will not come back. Where the text still names " + them + ", take that out after you have brought the version back."
}

// EraseModel asks once more before an item is erased for good.
type EraseModel struct {
	Title, Href, Action string
	State               string
	Versions            int
	Files               int // and pictures
}

// save is what the main button says.
func (m EditorModel) save() string {
	if m.New || m.State == "draft" {
		return "Publish"
	}
	return "Save changes"
}

// live says whether what is saved is read at once.
func (m EditorModel) live() bool { return !m.New && m.State == "published" }

// pinnedHelp says how many are kept on top, and what another one does to them.
func (m EditorModel) pinnedHelp() string {
	text := "Empty: not kept on top. Readers see at most " + number(m.MostPinned) + " on top, the newest."
	if m.MostPinned == 0 || len(m.Pinned) < m.MostPinned {
		return text
	}
	return text + " “" + m.Pinned[m.MostPinned-1].Title + "” gives way to this one, unless this one is older."
}

// onTop names what is on top now, beside this one.
func (m EditorModel) onTop(p Page) string {
	var all []string
	for _, one := range m.Pinned[:min(len(m.Pinned), m.MostPinned)] {
		all = append(all, "“"+one.Title+"” until "+p.lastDay(one.Until))
	}
	return strings.Join(all, ", ")
}

func (m EditorModel) draft() bool { return m.New || m.State == "draft" }

func (m EditorModel) heading() string {
	if m.New {
		return "New " + lower(m.KindName)
	}
	return m.Form.Title
}

func lower(s string) string {
	if s == "" {
		return s
	}
	return string(s[0]|0x20) + s[1:]
}

func (m EditorModel) titleLabel() string {
	switch m.Kind {
	case "person":
		return "Name"
	case "link":
		return "What the link says"
	}
	return "Title"
}

func (m EditorModel) hasAddress() bool { return m.Kind != "person" && m.Kind != "link" }

func number(n int) string { return strconv.Itoa(n) }

// shortDate is a date people read at a glance.
func (p Page) shortDate(t time.Time) string {
	t = p.local(t)
	if t.Year() == p.local(p.Now).Year() {
		return t.Format("Mon 2 Jan")
	}
	return t.Format("Mon 2 Jan 2006")
}

// lastDay is the last day before a moment: what ends at midnight was there
// until the day before.
func (p Page) lastDay(t time.Time) string { return p.shortDate(t.Add(-time.Second)) }
