package views

import "time"

// DeskItem is something that waits for the person who wrote it.
type DeskItem struct {
	Title, Href string
	State       string    // "draft", "scheduled" or DeskReview
	At          time.Time // when it was saved, appears, or was to be reviewed
}

// DeskReview is the state of what its owner is asked to read again.
const DeskReview = "review"

func (i DeskItem) state() stateWord {
	if i.State == DeskReview {
		return stateWord{word: "To review", shade: "warn"}
	}
	return stages[i.State]
}

func (i DeskItem) since() string {
	switch i.State {
	case DeskReview:
		return "since"
	case "scheduled":
		return "appears on"
	}
	return "saved on"
}

// deskTime is a day; of what appears by itself, the time too.
func (p Page) deskTime(i DeskItem) string {
	if i.State == "scheduled" {
		return p.shortDate(i.At) + ", " + p.local(i.At).Format("15:04")
	}
	return p.shortDate(i.At)
}
