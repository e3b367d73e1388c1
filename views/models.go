package views

import (
	"strings"
	"time"
)

// Page is what every page needs around its own content.
type Page struct {
	Title          string // what the page is; the site's short name follows it in the tab
	Path           string // the address shown, to mark the menu item one is on
	Site           Site
	Person         *Person    // nil: nobody is signed in
	Menu           []MenuItem // only addresses that exist
	Tools          []MenuItem // the menu of those who look after the portal
	Footer         []MenuItem // only addresses that exist
	Search         bool       // offer the search of /search
	SignInNext     string     // where the header's sign-in form returns to
	ConsentPending bool       // Campus One knows the person but asks for consent first
	Banner         string     // one sentence for everybody, such as "Campus One is not answering."
	Flash          string     // one sentence about what was just done
	Script         bool       // include the optional script
	Now            time.Time
	Zone           *time.Location // nil: UTC
	FormTag        string         // for whom the page's forms were drawn
	Preview        *Preview       // nil: the page is not for everybody

	editing  bool // the content is the editor's form
	noSignIn bool // the content has the sign-in itself, or would be lost by it
}

// Site is the department whose portal this is.
type Site struct {
	Name       string // in full, "Department of Computer Science"
	Short      string // for the wordmark, "Computer Science"
	Motto      string // one line under the name on the first page
	University string
	URL        string // the portal's own address
	Contact    string // an e-mail address, a web address or plain words
	Accent     string // address of the stylesheet of its own colour, or ""
	Logo       Picture
}

// Person is who is signed in, as far as every page shows it.
type Person struct {
	Name                              string // whole, never split; may be empty
	Role                              string
	AccountHref                       string // "" while there is no account page
	CanReports, CanPublish, CanManage bool
}

// MenuItem is one link of a menu.
type MenuItem struct{ Label, Href string }

// HomeModel is what the public first page shows beside the site itself.
type HomeModel struct {
	Pinned []Notice    // on top, at most three
	Latest []Notice    // after those
	Next   []Happening // what takes place next
	Links  []Link
	Reach  []Reach // ways to reach a person; empty: the site's contact alone
	Lists  bool    // link to the lists of all announcements, events and people
}

// Reach is one way to reach a person.
type Reach struct {
	Label string // "Department office, block C, room 12"
	Text  string // "Monday to Friday, 9:00 to 15:00"
	Link  string // an e-mail or web address, or empty
}

// DashboardModel is a person's own page for today. Empty facts are left out.
type DashboardModel struct {
	Role, StudentID, Faculty, Department, Level, Session, Semester string

	NoRole     bool    // Campus One told no role
	External   bool    // the role is that of a guest
	CheckAgain string  // where "Check again" is posted; "" leaves the button out
	Staff      []Entry // entry points this person may use

	Changed, Today, Next []Slot // moved or cancelled lately, of this day, and after it; nothing stands twice
	Calendar, Events     string // where the personal calendar and all events are; "" while there is no such page

	ForYou     []Told // unread first
	MarkRead   string // where "Mark as read" is posted
	MoreUnread int    // how many more are unread than are shown
	AllNotices string // where all of them are; "" while there is no such page

	Desk       []DeskItem // what somebody who publishes has to finish
	MoreOnDesk bool
	DeskHref   string // where all of it is

	Links     []MenuItem // that staff chose for this person
	Attention []Concern  // for those who manage the portal
	FirstRun  []Step     // for those who manage a portal that is empty still
}

// Entry is a link with a sentence that says what is behind it.
type Entry struct{ Label, Href, Text string }

// SignedOutModel is the page after a sign-out.
type SignedOutModel struct {
	Shared         bool   // this is a shared computer
	ProviderLogout string // address that also signs out of Campus One, or ""
	Next           string // where "Sign in again" returns to
}

// MessageModel is an error or stop page.
type MessageModel struct {
	Heading   string
	Text      string
	Steps     []string // what the reader can do next, in order
	Reference string   // a short code that also stands in the log, or ""
	Mistake   bool     // say whom to ask when this is wrong
	Actions   []Action
	Written   []Written     // what the reader wrote and was not taken
	Held      HeldFormModel // a held text that waits for another person; Sealed "" is none
}

// Written is a text that a person wrote, under the label of its field.
type Written struct{ Label, Text string }

// rows is how high a field must be to show the text, up to a screen of it.
func (w Written) rows() int {
	rows := 0
	for line := range strings.Lines(w.Text) {
		rows += 1 + len(line)/60
	}
	return max(1, min(rows, 12))
}

// Action is a link, or with Post a form of one button.
type Action struct {
	Label, Href   string
	Primary, Post bool
	Next          string // hidden field "next" of a posted action, or ""
}

// HeldFormModel is a form that arrived after its session had ended.
type HeldFormModel struct {
	Action     string // the address the form was, and will be, posted to
	Sealed     string // what the person wrote, sealed; "" when it was too long to be kept
	Tag        string // for whom the form was drawn
	SignInHref string // opened in a new tab
	Written    []Written
}
