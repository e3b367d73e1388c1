package db

import (
	"slices"
	"strconv"
	"strings"
)

// AuditChange is what something was and what it is, in words; "" is nothing.
type AuditChange struct{ Before, After string }

const (
	changeThen    = ", then "
	changeNothing = "nothing"
)

// detail is a change as a line of the audit keeps it.
func (c AuditChange) detail() string {
	return changeWords(c.Before) + changeThen + changeWords(c.After)
}

func changeWords(text string) string {
	if text == "" {
		return changeNothing
	}
	return strconv.Quote(text)
}

// Change is what a line says of before and after, if it was written as a change.
func (e *AuditEntry) Change() (c AuditChange, ok bool) {
	before, rest, ok1 := changeRead(e.Detail)
	rest, ok2 := strings.CutPrefix(rest, changeThen)
	after, rest, ok3 := changeRead(rest)
	if !ok1 || !ok2 || !ok3 || rest != "" {
		return AuditChange{}, false
	}
	return AuditChange{before, after}, true
}

func changeRead(text string) (words, rest string, ok bool) {
	if rest, ok := strings.CutPrefix(text, changeNothing); ok {
		return "", rest, true
	}
	quoted, err := strconv.QuotedPrefix(text)
	if err != nil {
		return "", text, false
	}
	words, err = strconv.Unquote(quoted)
	return words, text[len(quoted):], err == nil
}

// changesOf says what became of a list: what went beside what came, in their
// order, and of what only changed places the whole of it, in short.
func changesOf(before, after []string) (all []AuditChange) {
	went, stayed := parted(before, after)
	came, staying := parted(after, before)
	for n := range max(len(went), len(came)) {
		var c AuditChange
		if n < len(went) {
			c.Before = went[n]
		}
		if n < len(came) {
			c.After = came[n]
		}
		all = append(all, c)
	}
	if !slices.Equal(stayed, staying) {
		all = append(all, AuditChange{inShort(stayed), inShort(staying)})
	}
	return all
}

// parted parts what others lack from what they have, too.
func parted(all, others []string) (lacking, shared []string) {
	left := map[string]int{}
	for _, o := range others {
		left[o]++
	}
	for _, one := range all {
		if left[one] > 0 {
			left[one]--
			shared = append(shared, one)
		} else {
			lacking = append(lacking, one)
		}
	}
	return lacking, shared
}

// inShort is a list in one line, of each part its beginning.
func inShort(all []string) string {
	const most = 40
	short := make([]string, len(all))
	for n, one := range all {
		short[n] = one
		if letters := []rune(one); len(letters) > most {
			short[n] = string(letters[:most]) + "…"
		}
	}
	return strings.Join(short, "; ")
}
