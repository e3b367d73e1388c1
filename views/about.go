package views

// PrivacyModel is what the portal keeps, as its settings say.
type PrivacyModel struct {
	Silent  bool   // visitors are recognised without a click
	Sent    []Term // what Campus One tells
	Kept    []Term // what is kept, and how long
	Cookies []CookieRow
	Reach   []Reach // whom to ask; empty: the site's contact
}

// AccessibilityModel is whom to tell of a barrier.
type AccessibilityModel struct {
	Reach []Reach // empty: the site's contact
}

// Term is a word or two, and what is to be said of it.
type Term struct{ What, Text string }

// CookieRow is one cookie: its name, what it says, how long it stays.
type CookieRow struct{ Name, For, Life string }
