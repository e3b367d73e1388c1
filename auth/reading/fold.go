package reading

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"portico/db"
)

// word is one word of a text as search sees it, and where it stands.
type word struct {
	text       string
	start, end int
}

// words takes a text apart. A change between letters and digits ends a word,
// so that CSC301 and CSC 301 are the same two words.
func words(s string) []word {
	var all []word
	start, digits := -1, false
	finish := func(end int) {
		if start < 0 {
			return
		}
		if text := foldWord(s[start:end]); text != "" {
			all = append(all, word{text, start, end})
		}
		start = -1
	}
	for at, r := range s {
		switch {
		case unicode.Is(unicode.M, r):
			continue // belongs to the letter before it
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			finish(at)
			continue
		case unicode.IsDigit(r) != digits:
			finish(at)
		}
		if start < 0 {
			start, digits = at, unicode.IsDigit(r)
		}
	}
	finish(len(s))
	return all
}

// foldWord is db.Fold of one word, quicker for most.
func foldWord(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return strings.ReplaceAll(db.Fold(s), " ", "")
		}
	}
	return strings.ToLower(s)
}

const slugLength = 60

// Slug makes the address of a new item of its title; "item" when nothing of
// the title can stand in an address.
func Slug(title string) string {
	var b strings.Builder
	for part := range strings.FieldsSeq(db.Fold(title)) {
		part = onlyASCII(part)
		if part == "" || b.Len()+len(part) >= slugLength {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('-')
		}
		b.WriteString(part)
	}
	if b.Len() == 0 {
		return "item"
	}
	return b.String()
}

func onlyASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf {
			return -1
		}
		return r
	}, s)
}
