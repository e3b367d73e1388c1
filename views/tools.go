package views

// toolButton is one button above the text; do is what the script calls it.
type toolButton struct{ do, label, help, keys string }

var toolButtons = []toolButton{
	{"bold", "Bold", "Bold, or plain again (Ctrl+B)", "Control+B"},
	{"heading", "Heading", "A heading, a smaller one, or none", ""},
	{"bullets", "List", "A list with bullets, or none", ""},
	{"numbers", "Numbers", "A list with numbers, or none", ""},
	{"link", "Link", "A link (Ctrl+K)", "Control+K"},
	{"table", "Table", "A table", ""},
	{"picture", "Picture", "A picture or file of this page", ""},
}

// edits is the page with the editor's script.
func (p Page) edits() Page {
	p.editing = true
	return p
}
