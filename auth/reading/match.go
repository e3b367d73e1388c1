package reading

// Finds says whether texts hold all that somebody looks for, as Search would:
// every word, the last one as a beginning. What names no word is in all.
func Finds(text string, in ...string) bool {
	q := parseQuery(text)
	return q.last == "" || q.in(vocabulary(in...))
}
