package reading

import "strings"

// Markdown can be written so that reading it takes minutes: each opening of a
// link is looked at up to where the word ends, and each quote in a quote once
// more for all those around it. Nobody writes so, and whoever did would hold up
// everybody, for what is published is read before the next page is drawn.
const (
	longestWord = 4_000 // bytes without a space
	mostNested  = 30    // lists and quotes inside each other
)

// Tangle is the first of a body that would take too long to read; "" when all
// of it can be read. What has one is shown as it was typed, without its marks.
func Tangle(body string) string {
	for line := range strings.SplitSeq(body, "\n") {
		if nested(line) > mostNested {
			return line
		}
		for word := range strings.FieldsSeq(line) {
			if len(word) > longestWord {
				return word
			}
		}
	}
	return ""
}

// nested is how many lists and quotes a line begins.
func nested(line string) (n int) {
	if strings.Trim(line, "* \t") == "" || strings.Trim(line, "- \t") == "" {
		return 0 // a line across the page
	}
	for ; ; n++ {
		rest := strings.TrimLeft(line, " \t")
		switch mark := strings.TrimLeft(rest, "0123456789"); {
		case mark == "":
			return n
		case rest[0] == '>':
			line = rest[1:]
		case len(rest) == len(mark) && strings.ContainsRune("-+*", rune(rest[0])), len(rest) > len(mark) && strings.ContainsRune(".)", rune(mark[0])):
			if line = mark[1:]; line != "" && line[0] != ' ' && line[0] != '\t' {
				return n
			}
		default:
			return n
		}
	}
}
