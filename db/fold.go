package db

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// plainLetters are those that no decomposition makes plain. The hooked ones
// are Hausa's, often typed without their hooks.
var plainLetters = strings.NewReplacer(
	"ɓ", "b", "ɗ", "d", "ƙ", "k", "ƴ", "y", "ŋ", "n", "ə", "e", "ǝ", "e",
	"ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "đ", "d", "ð", "d", "þ", "th", "ł", "l", "ı", "i",
)

// apostrophes join what they stand between: O'Brien is searched as obrien.
const apostrophes = "'’‘ʼʻ`´"

// Fold is text as it is searched: plain small letters and digits, one space
// between words. "Ọbí" and "obi" are the same, in both engines, because it is
// done here.
func Fold(s string) string { return strings.Join(folded(s), " ") }

func folded(s string) []string {
	joined := strings.Map(func(r rune) rune {
		if strings.ContainsRune(apostrophes, r) {
			return -1
		}
		return r
	}, s)
	bare := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.M, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(joined))
	return strings.FieldsFunc(plainLetters.Replace(bare), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}

// searchText is what a person is found by and sorted by: the name, the e-mail
// address and the student id, each word after a space. A student id such as
// NU/2023/7 is found with and without its strokes.
func searchText(u *User) string {
	words := folded(u.Name())
	words = append(words, folded(u.Email())...)
	if id := folded(u.StudentID()); len(id) > 1 {
		words = append(append(words, id...), strings.Join(id, ""))
	} else {
		words = append(words, id...)
	}
	var b strings.Builder
	for _, w := range words {
		b.WriteString(" " + w)
	}
	return b.String()
}

// mostWords bounds what one search asks of the database.
const mostWords = 8

// searchWords are the beginnings of words to look for; none when the text
// holds neither letter nor digit.
func searchWords(s string) []string {
	words := unique(folded(s))
	return slices.Clone(words[:min(len(words), mostWords)])
}
