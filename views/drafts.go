package views

import "time"

// DraftOffer is what an editor wrote and has not saved.
type DraftOffer struct {
	Kind   string // "Announcement", where several kinds are listed
	Title  string // "" while it has none
	At     time.Time
	Href   string // goes on with it
	DropTo string // where throwing it away is posted

	// What was saved after they began, if anything was.
	SavedAt time.Time
	SavedBy string // "" when nobody knows
	Stored  string // where that is to be read
}

func (o DraftOffer) stale() bool { return !o.SavedAt.IsZero() }

func (o DraftOffer) title() string {
	if o.Title == "" {
		return "No title yet"
	}
	return o.Title
}

// named tells drafts of new items apart.
func (o DraftOffer) named() string {
	if o.Title == "" {
		return ""
	}
	return ": “" + o.Title + "”"
}

func (o DraftOffer) savedBy() string {
	if o.SavedBy == "" {
		return "Somebody"
	}
	return o.SavedBy
}

// lately is a moment of the last days as people say it.
func (p Page) lately(t time.Time) string {
	near, t := p.local(p.Now), p.local(t)
	switch age := near.Sub(t); {
	case isoDay(t) == isoDay(near):
		return "today, " + t.Format("15:04")
	case age > 0 && age < 6*24*time.Hour:
		return t.Format("Monday 15:04")
	}
	return p.minute(t, near)
}
