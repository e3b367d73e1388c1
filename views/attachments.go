package views

// AttachModel is where an item's files and pictures are added and changed.
type AttachModel struct {
	To     string // where a file is sent; "" where there are none
	Accept string // the endings of names that can be chosen
	Rows   []AttachedRow
	Label  string // typed for the next one
	Plain  bool
	Chosen string // the name of a file that was chosen and did not come
	Said   string // what was just done
}

// AttachedRow is a file or picture that belongs to an item.
type AttachedRow struct {
	ID      string
	Picture Picture // its smallest size; of a file nothing
	Href    string
	Label   string
	Words   string // "PDF, 340 kB"
	Insert  string // what the text needs to show it, or to link to it
	Plain   bool   // it is decoration only
	Remove  bool
}

func (r AttachedRow) isPicture() bool { return r.Picture.Href != "" }

// labelLabel is what a row's label is asked by.
func (r AttachedRow) labelLabel() string {
	if r.isPicture() {
		return "What the picture shows"
	}
	return "The words of its link"
}
